"""What the operations of CPython's built-in types cost, in elements: the table that the meter looks costs up in.

Source: https://wiki.python.org/moin/TimeComplexity (list, deque, set, dict), and for text and bytes the number of
characters that are read or copied. Sorting is counted as n·log2(n) comparisons, the bound of its worst case.
An operation that is missing here costs the same whatever the size of its operands, or is not known.
"""

from __future__ import annotations

import bisect
import builtins
import copy
import functools
import heapq
import math
import operator
import re
from collections import OrderedDict, defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Before = Callable[[Any, tuple[Any, ...]], int]
After = Callable[[Any, tuple[Any, ...], Any], int]


@dataclass(frozen=True, slots=True)
class Cost:
    """What a call costs, as its receiver and arguments are ``before`` it, plus ``after`` it with its result.

    ``kind``: the kind of problem it is if it costs too much. ``drains``: it goes through its last argument, and the
    steps of an iterator are counted as it does."""

    kind: str
    before: Before | None = None
    after: After | None = None
    drains: bool = False
    kind_of: Callable[[Any, tuple[Any, ...]], str] | None = None


def _size(value: Any) -> int:
    try:
        return len(value)
    except TypeError:
        return 0


def _own(owner: Any, _args: tuple[Any, ...]) -> int:
    return len(owner)


def _argument(_owner: Any, args: tuple[Any, ...]) -> int:
    return _size(args[0]) if args else 0


def _last(_owner: Any, args: tuple[Any, ...]) -> int:
    return _size(args[-1]) if args else 0


def _both(owner: Any, args: tuple[Any, ...]) -> int:
    return len(owner) + sum(map(_size, args))


def _result(_owner: Any, _args: tuple[Any, ...], result: Any) -> int:
    return _size(result)


def _text_read(owner: Any, _args: tuple[Any, ...], result: Any) -> int:
    return max(len(owner), _size(result) if isinstance(result, str | bytes) else 0)


def _place_found(owner: Any, _args: tuple[Any, ...], result: Any) -> int:
    return result + 1 if isinstance(result, int) and result >= 0 else len(owner)


def _moved_by_pop(owner: Any, args: tuple[Any, ...]) -> int:
    if not args or not isinstance(args[0], int):
        return 0
    place = args[0]
    return max(len(owner) - 1 - place, 0) if place >= 0 else max(-place - 1, 0)


def _moved_by_insert(owner: Any, args: tuple[Any, ...]) -> int:
    if not args or not isinstance(args[0], int):
        return 0
    place = args[0]
    return max(len(owner) - place, 0) if place >= 0 else min(-place, len(owner))


def _rotated(_owner: Any, args: tuple[Any, ...]) -> int:
    return abs(args[0]) if args and isinstance(args[0], int) else 1


def _sorted(size: int) -> int:
    return int(size * max(1.0, math.log2(size))) if size else 0


def _sorting(_owner: Any, _args: tuple[Any, ...], result: Any) -> int:
    return _sorted(_size(result))


def _sorting_own(owner: Any, _args: tuple[Any, ...]) -> int:
    return _sorted(len(owner))


def _smaller(owner: Any, args: tuple[Any, ...]) -> int:
    return min([len(owner), *[_size(each) for each in args if hasattr(each, "__len__")]])


def _summed(_owner: Any, args: tuple[Any, ...]) -> int:
    """Adding up lists copies what is there at each step."""
    items = args[0] if args else ()
    if len(args) > 1 and isinstance(args[1], list | tuple) and isinstance(items, list | tuple):
        total = steps = 0
        for each in items:  # pyright: ignore[reportUnknownVariableType]
            total += _size(each)
            steps += total
        return steps
    return _size(items)


def _sum_kind(_owner: Any, args: tuple[Any, ...]) -> str:
    return "list_concat" if len(args) > 1 and isinstance(args[1], list | tuple) else "recompute"


def _until(wanted: bool) -> After:
    """``any`` ends at the first true element, ``all`` at the first false one."""

    def looked_through(_owner: Any, args: tuple[Any, ...], _result: Any) -> int:
        items = args[0] if args else ()
        if not isinstance(items, list | tuple):
            return _size(items)
        places = enumerate(items, 1)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
        return next((place for place, each in places if bool(each) == wanted), len(items))  # pyright: ignore[reportUnknownArgumentType]

    return looked_through


def _inserted(_owner: Any, args: tuple[Any, ...]) -> int:
    return int(math.log2(_size(args[0]) + 1)) if args else 0


METHODS: dict[tuple[type[Any], str], Cost] = {
    (list, "pop"): Cost("list_shift", _moved_by_pop),
    (list, "insert"): Cost("list_shift", _moved_by_insert),
    (list, "remove"): Cost("linear_search", _own),
    (list, "index"): Cost("linear_search", None, _place_found),
    (list, "count"): Cost("linear_search", _own),
    (list, "copy"): Cost("copy", _own),
    (list, "reverse"): Cost("copy", _own),
    (list, "sort"): Cost("sort", _sorting_own),
    (list, "extend"): Cost("extend", _argument, drains=True),
    (tuple, "index"): Cost("linear_search", None, _place_found),
    (tuple, "count"): Cost("linear_search", _own),
    (deque, "index"): Cost("linear_search", None, _place_found),
    (deque, "count"): Cost("linear_search", _own),
    (deque, "remove"): Cost("linear_search", _own),
    (deque, "insert"): Cost("list_shift", _own),
    (deque, "copy"): Cost("copy", _own),
    (deque, "rotate"): Cost("list_shift", _rotated),
    (deque, "extend"): Cost("extend", _argument, drains=True),
    (deque, "extendleft"): Cost("extend", _argument, drains=True),
    (dict, "copy"): Cost("copy", _own),
    (dict, "update"): Cost("extend", _argument, drains=True),
    (set, "copy"): Cost("copy", _own),
    (set, "update"): Cost("extend", _argument, drains=True),
    (bytearray, "extend"): Cost("extend", _argument, drains=True),
    (bytearray, "insert"): Cost("list_shift", _moved_by_insert),
    (bytearray, "pop"): Cost("list_shift", _moved_by_pop),
    (str, "join"): Cost("join", None, _result),
    (bytes, "join"): Cost("join", None, _result),
    (str, "format"): Cost("text", None, _result),
}
for _kind in (set, frozenset):
    METHODS.update(
        {
            (_kind, "union"): Cost("copy", _both),
            (_kind, "difference"): Cost("copy", _own),
            (_kind, "intersection"): Cost("copy", _smaller),
            (_kind, "symmetric_difference"): Cost("copy", _both),
            (_kind, "issubset"): Cost("recompute", _own),
            (_kind, "issuperset"): Cost("recompute", _argument),
            (_kind, "isdisjoint"): Cost("recompute", _smaller),
        }
    )
for _kind in (str, bytes, bytearray):
    METHODS.update(
        {
            (_kind, "find"): Cost("linear_search", None, _place_found),
            (_kind, "index"): Cost("linear_search", None, _place_found),
            (_kind, "count"): Cost("linear_search", _own),
        }
    )
    for _name in (
        *("split", "rsplit", "splitlines", "replace", "lower", "upper", "casefold", "title", "capitalize", "swapcase"),
        *("translate", "encode", "decode", "expandtabs", "partition", "rpartition", "isdigit", "isalpha", "isalnum"),
    ):
        METHODS[_kind, _name] = Cost("text", None, _text_read)
for _name in ("search", "match", "fullmatch", "findall", "finditer", "split"):
    METHODS[re.Pattern, _name] = Cost("regex", _argument)
for _name in ("sub", "subn"):
    METHODS[re.Pattern, _name] = Cost("regex", lambda _owner, args: _size(args[1]) if len(args) > 1 else 0)

#: Functions by what they are.
CALLED: dict[Any, Cost] = {
    builtins.sorted: Cost("sort", None, _sorting, drains=True),
    builtins.sum: Cost("recompute", _summed, drains=True, kind_of=_sum_kind),
    builtins.min: Cost("recompute", _argument, drains=True),
    builtins.max: Cost("recompute", _argument, drains=True),
    builtins.any: Cost("recompute", None, _until(True), drains=True),
    builtins.all: Cost("recompute", None, _until(False), drains=True),
    copy.copy: Cost("copy", _argument),
    functools.reduce: Cost("recompute", lambda _owner, args: _size(args[1]) if len(args) > 1 else 0),
    heapq.heapify: Cost("sort", _argument),
    heapq.heappush: Cost("heap", _inserted),
    heapq.heappop: Cost("heap", _inserted),
    bisect.bisect_left: Cost("heap", _inserted),
    bisect.bisect_right: Cost("heap", _inserted),
    bisect.insort_left: Cost("insort", _argument),
    bisect.insort_right: Cost("insort", _argument),
    math.fsum: Cost("recompute", _argument, drains=True),
    math.prod: Cost("recompute", _argument, drains=True),
    operator.countOf: Cost("linear_search", _argument),
    operator.indexOf: Cost("linear_search", _argument),
    re.sub: Cost("regex", lambda _owner, args: _size(args[2]) if len(args) > 2 else 0),
    re.search: Cost("regex", _last),
    re.match: Cost("regex", _last),
    re.fullmatch: Cost("regex", _last),
    re.findall: Cost("regex", _last),
    re.finditer: Cost("regex", _last),
    re.split: Cost("regex", _last),
    re.compile: Cost("regex"),
}

#: Types by what making one of them from something costs.
CONSTRUCTED: dict[type[Any], Cost] = {
    each: Cost("copy", None, _result, drains=True)
    for each in (list, tuple, set, frozenset, dict, deque, bytes, bytearray, OrderedDict, defaultdict)
}
CONSTRUCTED[str] = Cost("text", None, _result)
