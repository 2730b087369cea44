"""Conditionals: programs that each satisfy a part of the examples, and conditions that tell the parts apart.

A conditional can memorise anything, so one counts only if it predicts: leaving an example out must lead to the same
result for at least half of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ..valuetypes import same
from .components import Expr, uses
from .enumerate import ERROR, Node

#: Conditions looked at, the cheapest of each truth table.
_CONDITIONS = 80
_DEPTH = 3


@dataclass(slots=True)
class Parts:
    """What the search has found so far, by the examples (a bit each) that it satisfies or is true for."""

    wanted: tuple[object, ...]
    names: tuple[str, ...]
    by_mask: dict[int, Node] = field(default_factory=dict[int, Node])
    conditions: dict[int, Node] = field(default_factory=dict[int, Node])

    @property
    def full(self) -> int:
        return (1 << len(self.wanted)) - 1

    def mask_of(self, values: tuple[object, ...]) -> int:
        return sum(1 << place for place, wanted in enumerate(self.wanted) if same(values[place], wanted))

    def note(self, node: Node, mask: int) -> None:
        if mask and (mask not in self.by_mask or self.by_mask[mask].cost > node.cost):
            self.by_mask[mask] = node
        if node.kind == "bool":
            truth = sum(1 << place for place in range(len(self.wanted)) if node.values[place] is True)
            self.conditions.setdefault(truth, node)

    def cheapest(self, mask: int) -> Node | None:
        """The cheapest program that satisfies at least the examples in ``mask``."""
        fitting = (node for each, node in self.by_mask.items() if each & mask == mask)
        return min(fitting, key=lambda node: node.cost, default=None)


def conditional(parts: Parts, wanted: int, budget: int) -> Node | None:
    """The cheapest ``a if condition else b`` that satisfies the examples in ``wanted``, nested up to three deep and
    at most as dear as ``budget``: a dearer one waits until straight programs of that cost have had their turn."""
    if len(parts.wanted) < 3:
        return None
    conditions = sorted(parts.conditions.items(), key=lambda item: item[1].cost)[:_CONDITIONS]
    straight: dict[int, Node | None] = {}
    memo: dict[tuple[int, int], Node | None] = {}

    def cover(mask: int) -> Node | None:
        if mask not in straight:
            straight[mask] = parts.cheapest(mask)
        return straight[mask]

    def split(mask: int, depth: int) -> Node | None:
        key = (mask, depth)
        if key not in memo:
            memo[key] = None
            best: Node | None = None
            for truth, condition in conditions:
                yes, no = truth & mask, mask & ~truth
                left = cover(yes) if yes and no else None
                if left is None:
                    continue
                right = cover(no) or (split(no, depth + 1) if depth + 1 < _DEPTH else None)
                if right is None:
                    continue
                cost = condition.cost + left.cost + right.cost + 1
                if best is None or cost < best.cost:
                    expr = Expr("if", args=(condition.expr, left.expr, right.expr))
                    best = Node(expr, "", cost, _switched(condition, left, right))
            memo[key] = best
        return memo[key]

    found = split(wanted, 0)
    if found is None or found.cost > budget:
        return None
    return found if all(uses(found.expr, name) for name in parts.names) else None


def predicts(parts: Parts, budget: int) -> bool:
    """Leave-one-out: for at least half of the examples the others alone lead to the same result."""
    total = len(parts.wanted)
    good = tried = 0
    for place in range(total):
        rest = parts.full & ~(1 << place)
        found = conditional(parts, rest, budget) or parts.cheapest(rest)
        if found is not None:
            tried += 1
            good += same(found.values[place], parts.wanted[place])
    return tried > 0 and good * 2 >= total


def _switched(condition: Node, yes: Node, no: Node) -> tuple[object, ...]:
    return tuple(
        ERROR if c is ERROR else (a if c is True else b)
        for c, a, b in zip(condition.values, yes.values, no.values, strict=True)
    )
