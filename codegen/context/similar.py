"""Functions of the workspace that do something similar, by the words of their names, docstrings and parameters.

Ranked by BM25 (Robertson and Zaragoza, 2009, k1 = 1.2, b = 0.4) with the words of a name counted three times; a
function near the file that is written is worth a little more, a test or the function itself nothing.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence

from .index import Function, Index, terms
from .pieces import Piece

#: How many are shown, and how much of the best possible score one must have.
MOST = 3
_LEAST = 0.22
_K1, _B = 1.2, 0.4


def similar_functions(index: Index, name: str, prose: str, path: str) -> list[tuple[Function, float]]:
    """The functions that say most of what ``name`` and ``prose`` say, best first, with their share from 0 to 1."""
    wanted = Counter(terms(prose))
    wanted.update(dict.fromkeys(terms(name), 2))
    last = name.rpartition(".")[2]
    pool = [
        each
        for each in index.functions
        if each.text and not each.is_test and not (each.path == path and each.last_name == last)
    ]
    if not wanted or not pool:
        return []
    frequency = Counter(word for each in pool for word in each.words)
    rarity = {word: math.log(1 + len(pool) / (0.5 + frequency[word])) for word in wanted}
    most = sum(min(count, 3) * rarity[word] for word, count in wanted.items()) or 1.0
    length = sum(sum(each.words.values()) for each in pool) / len(pool)
    scored: list[tuple[Function, float]] = []
    for each in pool:
        shared = [word for word in wanted if word in each.words]
        if len(shared) < min(2, len(wanted)):
            continue
        norm = _K1 * (1 - _B + _B * sum(each.words.values()) / length)
        score = sum(
            min(wanted[word], 3) * rarity[word] * each.words[word] * (_K1 + 1) / (each.words[word] + norm)
            for word in shared
        ) / (most * (_K1 + 1))
        near = 1.15 if each.path == path else 1.05 if _folder(each.path) == _folder(path) else 1.0
        scored.append((each, min(score * near * 1.6, 1.0)))
    scored.sort(key=lambda pair: (-pair[1], pair[0].path, pair[0].line))
    return [pair for pair in scored if pair[1] >= _LEAST]


def similar_pieces(index: Index, name: str, prose: str, path: str) -> Iterator[Piece]:
    for function, share in similar_functions(index, name, prose, path)[:MOST]:
        yield piece_of(function, "similar", 0.35 + 0.4 * share)


def calling_pieces(index: Index, calls: Sequence[str], path: str, most: int = 2) -> Iterator[Piece]:
    """Functions that call something whose dotted name ends with one of ``calls``: how this workspace does it."""
    endings = tuple(f".{each}" for each in calls)
    found = [
        each
        for each in index.functions
        if each.text and not each.is_test and any(f".{call}".endswith(endings) for call in each.calls)
    ]
    found.sort(key=lambda each: (each.path != path, _folder(each.path) != _folder(path), len(each.text), each.path))
    for number, each in enumerate(found[:most]):
        yield piece_of(each, "strategy", 0.66 - 0.06 * number)


def piece_of(function: Function, kind: str, worth: float) -> Piece:
    return Piece(kind, f"# {function.path}:{function.line}\n{function.text}", worth, function.path)


def _folder(path: str) -> str:
    return path.rpartition("/")[0]
