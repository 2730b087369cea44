"""File descriptors that a call leaves open.

The target is called three times more, its results dropped and the garbage collected: only what grows each time is a
leak (a log or a cache that is opened once is none). Where ``/proc`` is missing nothing is said.
"""

from __future__ import annotations

import ast
import contextlib
import gc
import os

from .verdict import Facts, Oracle, Trial, Verdict

_OPENERS = frozenset(
    (
        *("open", "fdopen", "dup", "dup2", "pipe", "pipe2", "mkstemp", "memfd_create", "eventfd", "openpty", "socket"),
        *("socketpair", "create_connection", "TemporaryFile", "NamedTemporaryFile", "SpooledTemporaryFile", "Popen"),
        *("mmap", "scandir", "epoll", "popen", "fopen", "ZipFile", "connect", "open_code", "read_text", "inotify_init"),
    )
)
_TIMES = 3
#: Garbage collections per target; each takes up to a tenth of a second.
_COLLECTIONS = 60


def prepare(facts: Facts) -> Oracle | None:
    if not os.path.isdir("/proc/self/fd"):
        return None
    if not opens_files(facts.tree):
        return None

    left = _COLLECTIONS

    def judge(trial: Trial) -> Verdict | None:
        nonlocal left
        counts = [_open()]
        for _ in range(_TIMES):
            args, kwargs = trial.build()
            result = trial.call(facts.function, args, kwargs)
            if result.hung or (result.error is None and _holds(result.value)):
                return None
            del result, args, kwargs
            if _open() == counts[-1]:
                return None
            left -= 1
            if left < 0:
                return None
            gc.collect()
            counts.append(_open())
            if counts[-1] <= counts[-2]:
                return None
        each = (counts[-1] - counts[0]) // _TIMES
        message = f"leaves {each} file descriptor{'s' if each > 1 else ''} open in each call"
        return Verdict("property", "DescriptorLeak", message, trial.case.line, 0.85)

    return judge


def sweep(kept: frozenset[str]) -> None:
    """Closes what calls have left open, all but ``kept``, before the process runs out of descriptors."""
    gc.collect()
    for name in set(os.listdir("/proc/self/fd")) - kept:
        with contextlib.suppress(OSError):
            os.close(int(name))


def descriptors() -> frozenset[str]:
    """The numbers of what is open now; empty where that is not known."""
    return frozenset(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else frozenset()


def opens_files(tree: ast.AST) -> bool:
    """Whether a module mentions anything that opens a descriptor."""
    mentioned = {each.id for each in ast.walk(tree) if isinstance(each, ast.Name)}
    mentioned |= {each.attr for each in ast.walk(tree) if isinstance(each, ast.Attribute)}
    return bool(mentioned & _OPENERS)


def _open() -> int:
    return len(os.listdir("/proc/self/fd"))


def _holds(value: object) -> bool:
    """Whether a result is the open file itself, or carries one (or its number) to the caller."""
    if isinstance(value, list | tuple | set | frozenset):
        return any(map(_holds, value))  # pyright: ignore[reportUnknownArgumentType]
    if isinstance(value, dict):
        return any(map(_holds, value.values()))  # pyright: ignore[reportUnknownArgumentType]
    if isinstance(value, int) and not isinstance(value, bool) and value > 2:
        return os.path.exists(f"/proc/self/fd/{value}")
    return not isinstance(value, bool | int | float | str | bytes | type(None))
