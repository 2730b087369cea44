"""Shared memory between the process that calls the target and the one that watches it.

Before each call the child leaves the input here ("about to try"), so that an input that ends the process, or never
comes back from C code, is known to the watcher. The input is written in a form that is quick to write; the watcher,
which needs one of millions, does the work of printing it.

Invariant: what stands here is hearsay: the target shares the memory. It becomes a candidate, which is replayed.
"""

from __future__ import annotations

import marshal
import mmap
import struct
from typing import Any

from .plans import Made, Plan
from .subject import render_input

_HEADER = struct.Struct("<QIIIBB")  # executions, position, length of the input, branches, stage, in a call
_CALLING = _HEADER.size - 1
_ROOM = 1 << 16
STAGES = ("import", "first", "boundary", "generation", "symbolic", "shrink", "replay")


def encode(plan: Plan) -> bytes:
    """A short name of an input; equal inputs, and only they, have equal names. Its first byte says how to read it."""
    try:
        if type(plan) is Made:
            return b"\x01" + marshal.dumps((plan.args, plan.kwargs), 2)
        return b"\x01" + marshal.dumps([(each.callee, each.args, each.kwargs) for each in plan], 2)
    except ValueError:  # it holds an object: its expression
        return b"\x02" + "\0".join(render_input(plan)).encode("utf-8", "surrogatepass")


def decode(name: bytes) -> tuple[str, str] | None:
    """The (args, kwargs) expressions of an encoded input; None if it was cut short."""
    try:
        if name[:1] == b"\x02":
            args, _, kwargs = name[1:].decode("utf-8", "surrogatepass").partition("\0")
            return (args, kwargs) if kwargs else None
        held: Any = marshal.loads(name[1:])
        if isinstance(held, tuple):
            return render_input(Made("", *held))  # pyright: ignore[reportUnknownArgumentType]
        return render_input([Made(*each) for each in held])
    except (ValueError, TypeError, EOFError):
        return None


class Board:
    """The memory itself, from both sides."""

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, _ROOM)
        self.executions = 0
        self.position = 0
        self.branches = 0
        self.stage = 0

    def enter(self, stage: str) -> None:
        self.stage = STAGES.index(stage)

    def about_to_try(self, name: bytes) -> None:
        """``name`` is an encoded input."""
        self.executions += 1
        size = len(name)
        if size > _ROOM - _HEADER.size:
            name = name[: _ROOM - _HEADER.size]
            size = len(name)
        memory = self._memory
        memory[_HEADER.size : _HEADER.size + size] = name
        memory[: _HEADER.size] = _HEADER.pack(self.executions, self.position, size, self.branches, self.stage, 1)

    def idle(self) -> None:
        self._memory[_CALLING] = 0

    def read(self) -> Seen:
        executions, position, size, branches, number, calling = _HEADER.unpack(self._memory[: _HEADER.size])
        stage = STAGES[int(number) % len(STAGES)]
        return Seen(self._memory, executions, position, branches, stage, bool(calling), size)


class Seen:
    """What the watcher sees at one moment; the input is read only when it is asked for."""

    def __init__(
        self, memory: mmap.mmap, executions: int, position: int, branches: int, stage: str, calling: bool, size: int
    ) -> None:
        self._memory, self._size = memory, size
        self.executions, self.position, self.branches = executions, position, branches
        self.stage, self.calling = stage, calling

    def tried(self) -> tuple[str, str] | None:
        return decode(self._memory[_HEADER.size : _HEADER.size + self._size])
