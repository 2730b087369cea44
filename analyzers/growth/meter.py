"""Counts, while rewritten code runs, what its operations cost on the operands at hand.

The unit is one step that CPython does for one element: a comparison, a copied or moved reference, a character. Costs
are those of CPython's own table (https://wiki.python.org/moin/TimeComplexity) and, for text, of its implementation:
``+=`` on a local text that nobody else refers to appends in place, everything else copies.
Moving references after ``pop(0)`` or ``insert(0, …)`` is counted as a step each, though one such step is quick.

Invariant: an operation gives exactly what it gives without a meter, exceptions included.
It does not see inside functions written in C beyond the table in :mod:`.costs`; of Python functions of other modules it
counts the lines that they execute.
"""

from __future__ import annotations

import operator
import sys
from collections import deque
from collections.abc import Iterable, Iterator
from types import BuiltinMethodType, FrameType, FunctionType, GeneratorType, MethodType, ModuleType
from typing import Any

from ..fuzzing.plans import kind_of
from .costs import CALLED, CONSTRUCTED, METHODS, Cost

_OPERATORS: dict[str, Any] = {
    "Add": operator.add,
    "Sub": operator.sub,
    "Mult": operator.mul,
    "Mod": operator.mod,
    "BitOr": operator.or_,  # pyright: ignore[reportUnknownMemberType]
    "BitAnd": operator.and_,  # pyright: ignore[reportUnknownMemberType]
    "BitXor": operator.xor,  # pyright: ignore[reportUnknownMemberType]
    "IAdd": operator.iadd,  # pyright: ignore[reportUnknownMemberType]
    "ISub": operator.isub,  # pyright: ignore[reportUnknownMemberType]
    "IBitOr": operator.ior,  # pyright: ignore[reportUnknownMemberType]
    "IBitAnd": operator.iand,  # pyright: ignore[reportUnknownMemberType]
    "IBitXor": operator.ixor,  # pyright: ignore[reportUnknownMemberType]
}
_NUMBERS = frozenset({int, float, bool, complex})
_TEXTS = frozenset({str, bytes, bytearray})
_LISTS = frozenset({list, tuple})
_SETS = frozenset({set, frozenset, dict})


class Meter:
    """``runs``: how often each site was reached; ``costs``: what that cost beyond; ``kinds``: of which kind;
    ``lengths``: how many elements the longest thing had that was searched, moved, copied or gone through there, -1 if
    that is not known."""

    slice = slice

    def __init__(self, sites: int) -> None:
        self.runs = [0] * sites
        self.costs = [0] * sites
        self.lengths = [-1] * sites
        self.kinds: list[str] = [""] * sites
        self.space: dict[str, Any] = {}  # the globals of the rewritten module
        self._tracing = 0
        self._lone = _references_of_a_local(self)

    def reset(self) -> None:
        for counts in (self.runs, self.costs):
            counts[:] = [0] * len(counts)
        self.lengths[:] = [-1] * len(self.lengths)

    def charge(self, site: int, kind: str, cost: int) -> None:
        self.costs[site] += cost
        if cost > 1 or not self.kinds[site]:
            self.kinds[site] = kind

    def seen(self, site: int, value: Any) -> None:
        """Notes how long the thing is that the operation is about."""
        length = _length(value)
        if length > self.lengths[site]:
            self.lengths[site] = length

    # -- loops ------------------------------------------------------------------------------------------------------

    def enter(self, site: int, iterable: Any) -> Any:
        self.runs[site] += 1
        self.seen(site, iterable)
        return iterable

    def tick(self, site: int) -> bool:
        self.costs[site] += 1
        return True

    # -- operators --------------------------------------------------------------------------------------------------

    def contains(self, site: int, item: Any, container: Any) -> Any:
        self.runs[site] += 1
        self.seen(site, container)
        kind = kind_of(container)
        if kind in _LISTS or kind is deque:
            try:
                place = container.index(item)
            except ValueError:
                self.charge(site, "membership", len(container))
                return False
            self.charge(site, "membership", place + 1)
            return True
        if kind is str:
            place = container.find(item) if type(item) is str else -2
            if place == -2:
                return item in container
            self.charge(site, "linear_search", len(container) if place < 0 else place + 1)
            return place >= 0
        if isinstance(container, _VALUES):
            steps = 0
            for each in container:
                steps += 1
                if each is item or each == item:
                    self.charge(site, "membership", steps)
                    return True
            self.charge(site, "membership", steps)
            return False
        return item in container

    def binary(self, site: int, name: str, left: Any, right: Any) -> Any:
        self.runs[site] += 1
        result = _OPERATORS[name](left, right)
        kind = kind_of(result)
        if kind not in _NUMBERS:
            self.seen(site, result)
            self._combined(site, kind, name, left, right, result)
        return result

    def _combined(self, site: int, kind: Any, name: str, left: Any, right: Any, result: Any) -> None:
        if kind in _TEXTS:
            self.charge(site, "str_concat" if name == "Add" else "text", len(result))
        elif kind in _LISTS:
            self.charge(site, "list_concat" if name == "Add" else "copy", len(result))
        elif kind in _SETS:
            cost = (
                len(left)
                if name == "Sub"
                else len(left) + len(right)
                if name != "BitAnd"
                else min(len(left), len(right))
            )
            self.charge(site, "copy", cost)

    def extended(self, site: int, name: str, old: Any, more: Any, fast: bool) -> Any:
        """``old += more``, or ``old = old + more``; ``fast``: ``old`` is a local variable of its function."""
        self.runs[site] += 1
        kind = kind_of(old)
        if kind in _NUMBERS:
            return _OPERATORS[name](old, more)
        if kind is str:
            alone = fast and sys.getrefcount(old) <= self._lone
            result = _OPERATORS[name](old, more)
            self.seen(site, result)
            self.charge(site, "str_concat", len(more) if alone else len(result))
            return result
        result = _OPERATORS[name](old, more)
        self.seen(site, result)
        in_place = result is old
        if kind is bytes or (kind in _LISTS and not in_place):
            self.charge(site, "str_concat" if kind is bytes else "list_concat", len(result))
        elif in_place and hasattr(more, "__len__"):
            self.charge(site, "extend", len(more))
        elif not in_place and kind in _SETS:
            self._combined(site, kind, name.removeprefix("I"), old, more, result)
        return result

    # -- parts ------------------------------------------------------------------------------------------------------

    def sliced(self, site: int, container: Any, part: Any) -> Any:
        self.runs[site] += 1
        result = container[part]
        self.seen(site, container)
        if type(result) in _LISTS or type(result) in _TEXTS:
            self.charge(site, "slice", len(result))
        return result

    def stored(self, site: int, container: Any, part: Any, value: Any) -> None:
        self.runs[site] += 1
        if isinstance(container, list | bytearray):
            self.seen(site, container)
            size: int = len(container)  # pyright: ignore[reportUnknownArgumentType]
            container[part] = value  # pyright: ignore[reportUnknownArgumentType]
            moved = size - part.indices(size)[0] if len(container) != size else 0  # pyright: ignore[reportUnknownArgumentType]
            self.charge(site, "list_shift", max(moved, 0) + (len(value) if hasattr(value, "__len__") else 1))
        else:
            container[part] = value

    def deleted(self, site: int, container: Any, place: Any) -> None:
        self.runs[site] += 1
        if isinstance(container, list | bytearray | deque):
            self.seen(site, container)
            size: int = len(container)  # pyright: ignore[reportUnknownArgumentType]
            del container[place]
            start = place.indices(size)[0] if isinstance(place, slice) else place
            if isinstance(start, int):
                self.charge(site, "list_shift", size - start if start >= 0 else -start)
        else:
            del container[place]

    def made(self, site: int, value: Any) -> Any:
        self.runs[site] += 1
        self.seen(site, value)
        self.charge(site, "str_concat" if type(value) is str else "copy", len(value))
        return value

    # -- calls ------------------------------------------------------------------------------------------------------

    def callee(self, site: int, function: Any) -> Any:
        """What to call in the place of ``function``: itself, or something that counts what it costs and calls it."""
        self.runs[site] += 1
        kind = kind_of(function)
        if kind is FunctionType or kind is MethodType:
            inner: Any = function.__func__ if kind is MethodType else function
            cost = CALLED.get(function) if kind is FunctionType else None
            if cost is not None:
                return self._counted(site, function, None, cost)
            return function if getattr(inner, "__globals__", None) is self.space else self._traced(site, function)
        if kind is BuiltinMethodType:
            owner = function.__self__
            cost = METHODS.get((kind_of(owner), function.__name__)) or CALLED.get(function)
            if cost is not None:
                return self._counted(site, function, owner, cost)
            for base in kind_of(owner).__mro__[1:-1]:
                cost = METHODS.get((base, function.__name__))
                if cost is not None:
                    return self._counted(site, function, owner, cost)
            return function
        if isinstance(function, type):
            cost = CONSTRUCTED.get(function)
            if cost is not None:
                return self._counted(site, function, None, cost)
            home = sys.modules.get(function.__module__)
            if getattr(home, "__dict__", None) is not self.space and function.__module__ not in ("builtins",):
                return self._traced(site, function)
        return function

    def _counted(self, site: int, function: Any, owner: Any, cost: Cost) -> Any:
        def call(*args: Any, **kwargs: Any) -> Any:
            before = cost.before(owner, args) if cost.before is not None else 0
            if args and cost.drains and _is_drained(args[-1]):
                args = (*args[:-1], self._draining(site, cost.kind, args[-1]))
            self.seen(site, owner)
            result = function(*args, **kwargs)
            if cost.kind not in _OWN or isinstance(owner, ModuleType):
                for each in (*args, result):
                    self.seen(site, each)
            steps = before + (cost.after(owner, args, result) if cost.after is not None else 0)
            self.charge(site, cost.kind_of(owner, args) if cost.kind_of is not None else cost.kind, steps)
            return result

        return call

    def _draining(self, site: int, kind: str, items: Iterable[Any]) -> Iterator[Any]:
        for each in items:
            self.costs[site] += 1
            yield each

    def _traced(self, site: int, function: Any) -> Any:
        """Calls a Python function of another module and counts the lines that run there."""
        if self._tracing:
            return function

        def call(*args: Any, **kwargs: Any) -> Any:
            lines = 0

            def line(_frame: FrameType, event: str, _arg: Any) -> Any:
                nonlocal lines
                lines += event == "line"
                return line

            def entered(frame: FrameType, _event: str, _arg: Any) -> Any:
                return None if frame.f_globals is self.space else line

            for each in args:
                self.seen(site, each)
            before = sys.gettrace()
            self._tracing += 1
            sys.settrace(entered)
            try:
                return function(*args, **kwargs)
            finally:
                sys.settrace(before)
                self._tracing -= 1
                self.charge(site, "library", lines)

        return call


#: Kinds of operations that are about the object whose method is called, whatever else is given.
_OWN = frozenset({"linear_search", "list_shift"})
_VIEWS: tuple[Any, ...] = (kind_of({}.keys()), kind_of({}.values()), kind_of({}.items()))
_SIZED: frozenset[Any] = frozenset((*_LISTS, *_TEXTS, *_SETS, deque, range, *_VIEWS))


def _length(value: Any) -> int:
    """Of what the interpreter knows the length of; -1 of everything else: no code of the workspace is asked."""
    kind = kind_of(value)
    if kind in _SIZED:
        return len(value)
    base: Any = next((each for each in kind.__mro__ if each in _SIZED), None)
    return base.__len__(value) if base is not None else -1


_VALUES = _VIEWS[1:]  # those of a mapping that are searched one by one


def _is_drained(value: Any) -> bool:
    """Whether it is an iterator of the interpreter's own, whose steps nobody else counts."""
    kind = kind_of(value)
    if kind is GeneratorType or not hasattr(kind, "__next__"):
        return False
    return kind.__module__ in ("builtins", "itertools")


def _references_of_a_local(meter: Meter) -> int:
    """What :func:`sys.getrefcount` says in :meth:`Meter.extended` of a text that only one local variable refers to."""
    seen: list[int] = []

    class Probe:
        def extended(self, _site: int, _name: str, old: Any, _more: Any, _fast: bool) -> Any:
            seen.append(sys.getrefcount(old))
            return old

    _suture_meter = Probe()
    text = "".join(("a", "bc"))
    text = _suture_meter.extended(0, "IAdd", text, "d", True)
    return seen[0]
