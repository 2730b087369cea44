"""The first process of a sandbox that runs one command: sets the view up, starts the command, reports how it ended.

Invariant: it runs no code of the workspace itself. As the first process of its PID namespace it cannot be killed or
stopped by the job, and when it ends the kernel kills whatever is left.
"""

from __future__ import annotations

import os
import sys

from . import coded, confine, groups, view, warmth, wire

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any


def main(config: Mapping[str, Any], status: int) -> None:
    """Run the configured job, and end."""
    os._exit(0 if play(config, status) else 1)


def play(config: Mapping[str, Any], status: int) -> bool:
    """Run the configured job; frames on ``status`` say that it began, what it left, and how it ended."""
    os.set_inheritable(status, False)
    try:
        confine.guard()
        kind = view.build(config["view"])
        root = config["view"]["root"]
        for name, content in _files(config):
            view.put(root, name, content)
        added = warmth.build(config.get("cache"))
        child = _start(config, status)
    except OSError as error:
        wire.write(status, wire.pack(wire.FAILED, f"{error}".encode("utf-8", "replace")))
        return False
    wire.write(status, wire.pack(wire.READY, kind.encode()))
    silence()
    state = _reap(child)
    confine.end_everything()
    limit = int(config["limits"]["file_mb"]) << 20
    for name, content in view.keep(root, config["keep"], limit).items():
        wire.write(status, wire.pack_file(wire.KEPT, name, content))
    if added is not None and config["cache"]["keep"]:
        for name, about, content in warmth.told(added, int(config["cache"]["keep"])):
            wire.write(status, wire.pack_file(wire.CACHED, name, coded.plain(about) + b"\n" + content))
    wire.write(status, wire.pack(wire.STATUS, coded.plain({**ended(state), **groups.exceeded()})))
    return True


def ended(state: int) -> dict[str, Any]:
    if os.WIFSIGNALED(state):
        return {"signal": os.WTERMSIG(state)}
    return {"exit": os.WEXITSTATUS(state)}


def silence() -> None:
    """Let go of the job's standard streams, so that they end when the job ends."""
    null = os.open(os.devnull, os.O_RDWR)
    for each in (0, 1, 2):
        os.dup2(null, each)
    os.close(null)


def _files(config: Mapping[str, Any]) -> list[tuple[str, bytes]]:
    import binascii

    return [(name, binascii.a2b_base64(content)) for name, content in config["files"].items()]


def _start(config: Mapping[str, Any], status: int) -> int:
    """Fork the job. A failed exec is told apart from the program's own exit by a pipe that exec closes."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(reader)
            os.close(status)
            os.setsid()
            os.chdir(os.path.join(str(config["view"]["root"]), str(config["cwd"])))
            os.umask(0o022)
            confine.default_signals()
            confine.confine(config["limits"], config["view"])
            os.execvpe(config["argv"][0], config["argv"], config["env"])
        except BaseException as error:  # noqa: BLE001 - whatever it is, the forked child must not go on as its parent
            os.write(writer, f"{config['argv'][0]}: {error}".encode("utf-8", "replace"))
        finally:
            os._exit(127)
    os.close(writer)
    confine.remember_group(child)
    with os.fdopen(reader, "rb") as file:
        problem = file.read()
    if problem:
        os.waitpid(child, 0)
        raise OSError(problem.decode("utf-8", "replace"))
    return child


def _reap(child: int) -> int:
    """Wait for the job, reaping orphans on the way."""
    while True:
        pid, state = os.waitpid(-1, 0)
        if pid == child:
            return state


def entry() -> None:
    """Called by a backend that has already made the walls: descriptors of configuration and status in argv."""
    configuration, status = int(sys.argv[1]), int(sys.argv[2])
    if configuration == 0:  # in a container
        from . import piped

        text, frames = piped.configuration()
        confine.guard()
        piped.serve(coded.loads(text), frames)
    with os.fdopen(configuration, "rb") as file:
        config = coded.loads(file.read())
    confine.die_with_parent()
    main(config, status)
