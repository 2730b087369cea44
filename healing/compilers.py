"""How a compiler's command is run so that it tells more, works offline, and is warm from the second run on.

``rustc`` and ``cargo`` are asked for their messages as JSON, which holds the text for people too, and ``go test`` for
its events, which name every test; nothing else of a command is changed. Go finds its standard library compiled
already, and each workspace what a run before compiled.

Invariant: what one workspace's code compiled is seen by that workspace only, and thrown away when this process ends.
What workspaces share (Go's compiled standard library) is made by a run in which no code of any workspace takes part.
"""

from __future__ import annotations

import atexit
import contextlib
import hashlib
import os
import re
import shlex
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache as memoised
from pathlib import Path, PurePath

from ..analyzers.sandbox import toolchains
from ..analyzers.sandbox.caches import layer
from ..analyzers.sandbox.interface import CACHE, Cache, CancelCheck, Job, Limits, Sandbox
from ..analyzers.store import cache_folder
from .workspace import Workspace

#: What compiling and linking may use: files of programs with debug information, and many threads.
MEMORY_MB, FILE_MB, PROCESSES = 2048, 256, 256
#: What one run may add to its workspace's cache.
KEEP_MB = 512
#: Compiling the standard library once (seconds); what nearly every program imports.
SEED_S = 180.0
SEED = ("bufio", "bytes", "context", "encoding/json", "errors", "fmt", "io", "math", "os", "reflect", "regexp", "sort",
        "strconv", "strings", "sync", "testing", "time", "unicode/utf8")  # fmt: skip
#: Files that are looked through for what they import.
MOST_FILES = 500

_IMPORT = re.compile(r'^\s*(?:import\s+)?(?:[\w.]+\s+)?"([a-z][\w/]*)"\s*(?://.*)?$', re.MULTILINE)
_JSON = ("build", "b", "check", "c", "run", "r", "test", "t", "rustc", "clippy", "bench", "fix", "doc")


def tool_of(command: Sequence[str]) -> str:
    """``rust``, ``go`` or an empty string: whose command it is, also inside of ``sh -c``, ``make`` not looked into."""
    words = _words(command)
    for word in words:
        name = PurePath(word).name
        if name in toolchains.RUST:
            return "rust"
        if name in toolchains.GO:
            return "go"
    return ""


def _words(command: Sequence[str]) -> list[str]:
    if command and PurePath(command[0]).name in {"sh", "bash", "dash", "env", "timeout", "nice"}:
        with contextlib.suppress(ValueError):
            return [word for each in command for word in shlex.split(each)]
    return list(command[:1])


def for_compiler(
    job: Job,
    workspace: Workspace,
    command: Sequence[str],
    *,
    sandbox: Sandbox,
    cancel: CancelCheck | None = None,
) -> Job:
    """The job as a compiler needs it; any other job as it is. The first Go command on a machine compiles the standard
    library, which takes a while."""
    tool = tool_of(command)
    if not tool:
        return job
    names = (PurePath(word).name for word in _words(command))
    named = tuple(dict.fromkeys(name for name in names if name in toolchains.RUST | toolchains.GO))
    job = replace(job, limits=_wide(job.limits), tools=named)
    top = _own_layer(workspace.root, tool)
    if tool == "go":
        seed = _go_seed(workspace, sandbox, cancel)
        layers = (top, seed) if seed is not None else (top,)
        job = replace(job, argv=_telling(command))
        return replace(job, env={**job.env, "GOCACHE": f"{CACHE}/go"}, cache=Cache(layers, KEEP_MB))
    job = replace(job, argv=_telling(command))
    if "cargo" not in named or (workspace.root / "target").is_dir():
        return job
    # Cargo trusts the times of files: only what the files on the disk gave may be kept for a later run.
    keep = 0 if workspace.files else KEEP_MB
    return replace(job, env={**job.env, "CARGO_TARGET_DIR": f"{CACHE}/target"}, cache=Cache((top,), keep))


def _wide(limits: Limits) -> Limits:
    return Limits(
        wall_s=limits.wall_s,
        cpu_s=4 * limits.cpu_s,
        memory_mb=max(limits.memory_mb, MEMORY_MB),
        processes=max(limits.processes, PROCESSES),
        file_mb=max(limits.file_mb, FILE_MB),
        output_kb=4 * limits.output_kb,
    )


def _telling(command: Sequence[str]) -> tuple[str, ...]:
    """The command with JSON messages, unless it says itself how they shall look."""
    name = PurePath(command[0]).name
    if any(word.startswith(("--error-format", "--message-format")) for word in command):
        return tuple(command)
    if name == "rustc":
        return (*command[:1], "--error-format=json", *command[1:])
    if name == "go" and list(command[1:2]) == ["test"] and not {"-json", "-c", "-exec"} & set(command):
        return (*command[:2], "-json", *command[2:])
    if name == "cargo":
        for position, word in enumerate(command[1:], 1):
            if word in _JSON:
                return (*command[: position + 1], "--message-format=json", *command[position + 1 :])
    return tuple(command)


@memoised
def _process_folder() -> Path:
    """Where this process keeps what workspaces compiled; folders of processes that ended without a word are removed."""
    base = cache_folder() / "compiled"
    base.mkdir(mode=0o700, parents=True, exist_ok=True)
    for each in base.glob("of-*"):
        number = each.name.split("-")[1]
        if number.isdigit() and not _alive(int(number)):
            shutil.rmtree(each, ignore_errors=True)
    own = Path(tempfile.mkdtemp(prefix=f"of-{os.getpid()}-", dir=base))
    atexit.register(_remove, own, os.getpid())
    return own


def _remove(folder: Path, owner: int) -> None:
    if os.getpid() == owner:
        shutil.rmtree(folder, ignore_errors=True)


def _alive(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _own_layer(root: Path, tool: str) -> Path:
    key = hashlib.sha256(f"{tool}:{root}".encode()).hexdigest()[:16]
    return layer(_process_folder() / key)


# -- Go's standard library -------------------------------------------------------------------------------------------


def _go_seed(workspace: Workspace, sandbox: Sandbox, cancel: CancelCheck | None) -> Path | None:
    """The layer that holds the standard library's packages that this workspace imports, compiled."""
    root = toolchains.go_root()
    if root is None:
        return None
    info = (root / "bin" / "go").stat()
    key = hashlib.sha256(f"{root}:{info.st_mtime_ns}:{info.st_size}".encode()).hexdigest()[:16]
    folder = layer(cache_folder() / "compiled" / f"go-{key}")
    record = folder / "packages.txt"
    have = frozenset(record.read_text("utf-8").split()) if record.exists() else frozenset[str]()
    wanted = {each for each in {*SEED, *_imports(workspace)} if _public(root, each)}
    if wanted <= have:
        return folder
    with tempfile.TemporaryDirectory(prefix="suture-go-") as name:
        place = Path(name)
        imports = "".join(f'\t_ "{each}"\n' for each in sorted((wanted | have) - {"main"}))
        place.joinpath("go.mod").write_text("module seed\n", "utf-8")
        place.joinpath("main.go").write_text(f"package main\n\nimport (\n{imports})\n\nfunc main() {{}}\n", "utf-8")
        place.joinpath("main_test.go").write_text('package main\n\nimport _ "testing"\n', "utf-8")
        job = Job(
            argv=("sh", "-c", "go build -o /tmp/seed . ; go vet . ; go test ."),
            root=place,
            env={"GOCACHE": f"{CACHE}/go"},
            limits=Limits(SEED_S, 4 * SEED_S, MEMORY_MB, PROCESSES, FILE_MB),
            cache=Cache((folder,), KEEP_MB),
            tools=("go",),
        )
        outcome = sandbox.run(job, cancel)
    if outcome.reason == "exit":  # what did not compile now would not the next time; what did not end may
        record.write_text("\n".join(sorted(wanted | have)) + "\n", "utf-8")
    return folder


def _public(root: Path, package: str) -> bool:
    return "internal" not in package.split("/") and any((root / "src" / package).glob("*.go"))


def _imports(workspace: Workspace) -> Iterator[str]:
    """Standard packages that the Go files of a workspace import, at a glance."""
    count = 0
    for folder, folders, names in os.walk(workspace.root):
        folders[:] = [each for each in folders if not each.startswith(".") and each not in ("node_modules", "vendor")]
        for name in names:
            if name.endswith(".go"):
                count += 1
                if count > MOST_FILES:
                    return
                relative = (Path(folder) / name).relative_to(workspace.root).as_posix()
                yield from _IMPORT.findall(workspace.text(relative) or "")
