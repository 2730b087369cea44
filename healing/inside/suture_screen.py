# pyright: basic
# ruff: noqa: BLE001
"""``python suture_screen.py SPEC``: runs pytest many times in one job, each time over other texts of some files.

pytest and its installed plug-ins are imported once; each candidate is a forked child that begins pytest from the start,
with its texts in place of the files when modules are imported. SPEC is JSON (``argv``, ``cwd_first``, ``candidates``,
``limit_s``, ``budget_s``, ``jobs``); the answer, JSON in ``SUTURE_SCREEN_OUT``, has for each candidate how its pytest
ended and what it reported; None for one that did not run, or whose tests saw the files as they are: they opened one of
them, or started a process, which knows nothing of the texts here.

Invariant: nothing of the workspace is imported before the fork.
"""

import base64
import gc
import json
import os
import sys
import time

from suture_children import LATE, Pool
from suture_exchange import override

ROOT = os.path.realpath(os.environ.get("SUTURE_ROOT", "."))
#: What the interpreter tells when a program is started, and modules that start an interpreter anew.
STARTS = {"subprocess.Popen", "os.system", "os.posix_spawn", "os.exec", "os.spawn", "pty.spawn"}
ANEW = {"multiprocessing.popen_spawn_posix", "multiprocessing.popen_forkserver"}


def warm():
    """pytest and those of its plug-ins that are installed outside of the workspace."""
    import importlib.metadata
    import importlib.util

    import pytest  # noqa: F401

    if os.environ.get("PYTEST_DISABLE_PLUGIN_AUTOLOAD"):
        return
    found = importlib.metadata.entry_points()
    group = found.select(group="pytest11") if hasattr(found, "select") else found.get("pytest11", ())
    for each in group:
        try:
            name = each.value.partition(":")[0].strip()
            spec = importlib.util.find_spec(name.partition(".")[0])
            if spec is not None and spec.origin and not os.path.realpath(spec.origin).startswith(ROOT + os.sep):
                importlib.import_module(name)
        except Exception:  # pytest itself will say what is wrong with it
            continue


def laid(texts):
    """What an import, a traceback and :mod:`inspect` see from now on."""
    import linecache

    for name, data in texts.items():
        path, source = os.path.join(ROOT, name), base64.b64decode(data)
        override(path, source)
        lines = source.decode("utf-8", "replace").splitlines(True)
        linecache.cache[path] = (len(source), None, lines, path)


def watched(texts):
    """A list that gets an entry for each look at one of the files that does not see its text here."""
    own = {os.path.realpath(os.path.join(ROOT, name)) for name in texts}
    names = {os.path.basename(path) for path in own}
    seen = []

    def hook(event, given):
        if event in STARTS or (event == "import" and given[0] in ANEW):
            seen.append(event)
        elif event == "open" and given[2] and isinstance(given[0], (str, bytes)):
            # without flags it is the interpreter that shows the line of a syntax error
            path = os.fsdecode(given[0])
            if os.path.basename(path) in names and os.path.realpath(path) in own:
                seen.append(event)

    sys.addaudithook(hook)
    return seen


def body(spec, number):
    def run():
        report = os.environ["SUTURE_REPORT"] = "%s.%d" % (os.environ["SUTURE_REPORT"], number)  # noqa: UP031
        texts = spec["candidates"][number]
        laid(texts)
        outside = watched(texts)
        gc.enable()
        import pytest

        code = int(pytest.main(list(spec["argv"])))
        if outside:
            return None
        with open(report, encoding="utf-8") as stream:
            return {"exit": code, "report": stream.read()}

    return run


def main():
    with open(sys.argv[1], encoding="utf-8") as stream:
        spec = json.load(stream)
    out = os.environ.pop("SUTURE_SCREEN_OUT")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nowhere, number)
    owner, end = os.getpid(), time.monotonic() + spec["budget_s"]
    answers = {}
    sys.argv[:] = ["pytest"]
    sys.path[:1] = [os.getcwd()] if spec["cwd_first"] else []

    def done(number, answer, seconds):
        if answer == LATE:
            answers[number] = {"late": True, "seconds": seconds}
        elif isinstance(answer, dict) and "report" in answer:
            answers[number] = dict(answer, seconds=seconds)

    try:
        warm()
        gc.collect()
        gc.freeze()
        gc.disable()
        pool = Pool(spec["jobs"], done)
        for number in range(len(spec["candidates"])):
            if time.monotonic() > end:
                break
            pool.add(number, spec["limit_s"], body(spec, number))
            if not number:
                pool.finish()  # the first leaves the tests' bytecode to the others
        pool.finish()
    finally:
        if os.getpid() == owner:
            with open(out, "w", encoding="utf-8") as stream:
                json.dump([answers.get(number) for number in range(len(spec["candidates"]))], stream)
    os._exit(0)


if __name__ == "__main__":
    main()
