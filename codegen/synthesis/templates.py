"""Texts put together: constants and small programs, one after the other, as in ``f"{first[0]}. {last}"``.

Aligning the outputs finds such a program directly, where a search over concatenations would take very long
(Gulwani, "Automating string processing in spreadsheets using input-output examples", POPL 2011).
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from itertools import count

from .components import Expr, constant, uses
from .enumerate import ERROR, Node

_MOST_PIECES = 400
_MOST_STATES = 4_000
_MOST_PARTS = 9


def templates(pieces: Sequence[Node], wanted: Sequence[object], names: Sequence[str], width: int) -> Iterator[Node]:
    """Concatenations that give ``wanted`` (texts) on the examples, cheapest first, at most three.

    ``pieces`` are programs with text or integer values; ``names`` are the parameters, all of which must be used."""
    outputs = [each for each in wanted if isinstance(each, str)]
    if len(outputs) < 2 or len(outputs) < len(wanted):
        return
    total = len(outputs)
    usable: list[tuple[list[str], Node]] = []
    for node in sorted(pieces, key=lambda each: each.cost):
        texts = [str(value) for value in node.values[:total]]
        if all(texts) and all(text in output for text, output in zip(texts, outputs, strict=True)):
            usable.append((texts, node))
        if len(usable) >= _MOST_PIECES:
            break
    order = count()
    start = (0,) * total
    queue: list[tuple[int, int, tuple[int, ...], tuple[Node | str, ...]]] = [(0, next(order), start, ())]
    seen: dict[tuple[int, ...], int] = {}
    states = found = 0
    while queue and states < _MOST_STATES and found < 3:
        cost, _, places, parts = heapq.heappop(queue)
        states += 1
        if all(place == len(output) for place, output in zip(places, outputs, strict=True)):
            node = _joined(parts, cost, width)
            if len(parts) > 1 and all(uses(node.expr, name) for name in names):
                found += 1
                yield node
            continue
        if seen.get(places, cost) < cost or len(parts) >= _MOST_PARTS:
            continue
        seen[places] = cost
        for texts, node in usable:
            if all(output.startswith(text, place) for text, output, place in zip(texts, outputs, places, strict=True)):
                after = tuple(place + len(text) for place, text in zip(places, texts, strict=True))
                heapq.heappush(queue, (cost + node.cost + 1, next(order), after, (*parts, node)))
        shared = _shared([output[place:] for output, place in zip(outputs, places, strict=True)])
        if parts and isinstance(parts[-1], str):
            continue
        for length in range(1, min(len(shared), 24) + 1):
            text = shared[:length]
            price = 2 + sum(char.isalnum() for char in text)  # letters that outputs share are likelier than by chance
            after = tuple(place + length for place in places)
            heapq.heappush(queue, (cost + min(price, 4), next(order), after, (*parts, text)))


def _shared(texts: Sequence[str]) -> str:
    """The longest common start."""
    shortest = min(texts, key=len)
    for place, char in enumerate(shortest):
        if any(text[place] != char for text in texts):
            return shortest[:place]
    return shortest


def _joined(parts: Sequence[Node | str], cost: int, width: int) -> Node:
    values: list[object] = []
    for place in range(width):
        row = [each if isinstance(each, str) else each.values[place] for each in parts]
        values.append(ERROR if any(value is ERROR for value in row) else "".join(map(str, row)))
    args = tuple(constant(each) if isinstance(each, str) else each.expr for each in parts)
    return Node(Expr("template", args=args), "str", cost, tuple(values), ERROR in values)
