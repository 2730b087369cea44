"""Move a part of a function that has a purpose of its own into a private function next to it.

What it does: chooses, from the data flow, a run of statements that can be called instead: few values go in, at most
two come out, and no jump leaves it that a call cannot make. Of those that can, it takes the one that lowers the flagged
metric most and has a name: from the comment above it, from what it computes, or from what it loops over.

Before::

    def report(orders, out):
        total = 0
        for order in orders:
            if order.active:
                for line in order.lines:
                    if line.price:
                        total += line.price * line.count
        out.write(f"total {total}")

After::

    def report(orders, out):
        total = _compute_total(orders)
        out.write(f"total {total}")

    def _compute_total(orders):
        total = 0
        for order in orders:
            ...
        return total

Safe because: what goes in is surely bound, what comes out is all that is read later, nested functions share no
variable with the part, nothing in it looks at its own frame or lives only by its variable; and both versions gave the
same results on fuzzed inputs or passed the module's tests over the moved lines.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import libcst as cst

from ...analyzers.findings import Finding
from ...analyzers.syntax import Unit
from ..refactoring.blocks import MAX_INPUTS, Block, blocks
from ..refactoring.flow import Flow, flow_of
from ..refactoring.functions import Place, is_plain, line_limit, place_of, replaced, snippet, unit_at, units
from ..refactoring.helpers import Helper, extracted
from ..refactoring.measuring import Metrics, flatter, measure
from ..refactoring.naming import free_name, names_for
from ..refactoring.proof import prove_refactoring
from ..refactoring.reads import inside
from . import Improvement, Rewrite

#: A part of fewer statements is not worth a name, and one that leaves fewer moves the problem.
LEAST = 4
#: Parts that are written out and measured, of those that can be moved.
MEASURED = 24
#: How much of the flagged metric the larger of the two functions may keep.
KEEPS = 0.85
OFFERED = 3


class Scored(NamedTuple):
    score: float
    helper: Helper
    before: Metrics
    caller: Metrics
    called: Metrics


#: The metrics that each rule flags.
_FLAGGED: dict[str, tuple[str, ...]] = {
    "long-function": ("statements", "branches"),
    "complex-function": ("effort", "branches"),
    "deep-nesting": ("nesting", "effort"),
}


def rewrite(text: str, finding: Finding) -> Iterator[Rewrite]:
    unit = unit_at(text, finding)
    place = place_of(text, unit.name) if unit is not None else None
    if unit is None or place is None or not is_plain(place.function):
        return
    for scored in candidates(text, unit, place, finding.rule)[:OFFERED]:
        helper = scored.helper
        new = replaced(place, helper.caller, helper.definition)
        told = _told(finding.rule, scored)
        title = f"Extract {helper.name}() from {place.function.name.value}() ({told})"
        yield Rewrite(title, new, (place.name,))


def candidates(text: str, unit: Unit, place: Place, rule: str) -> list[Scored]:
    """The parts worth extracting, the best first; overlapping ones are alternatives, so only the best of them."""
    flow = flow_of(place.function)
    possible = sorted(_possible(flow, place), key=lambda each: -_weight(each, rule))[:MEASURED]
    before = measure(unit)
    limit = line_limit(text)
    found: list[Scored] = []
    for block in possible:
        name = free_name(list(names_for(block, place.function.name.value)), place.function.name.value, text)
        if name is None:
            continue
        helper = extracted(place, flow, block, name.text, limit)
        scored = _score(place, helper, block, before, rule, name.quality) if helper is not None else None
        if scored is not None:
            found.append(scored)
    found.sort(key=lambda each: -each.score)
    return _apart(found)


def _possible(flow: Flow, place: Place) -> Iterator[Block]:
    if place.owner is None or (place.owner != "module" and _is_rebound(flow, place.first)):
        return
    for block in blocks(flow):
        given = [each for each in block.inputs if place.owner == "module" or each != place.first]
        if len(given) <= MAX_INPUTS:
            yield block


def _is_rebound(flow: Flow, name: str | None) -> bool:
    return any(name in step.writes or name in step.unbinds for step in flow.steps)


def _weight(block: Block, rule: str) -> float:
    """A cheap guess of what a block is worth, to choose which to write out."""
    kinds = (cst.If, cst.For, cst.While, cst.Try, cst.ExceptHandler, cst.BooleanOperation, cst.With, cst.Match)
    branches = sum(1 for each in block.statements for _ in inside(each, *kinds))
    statements = sum(1 for each in block.statements for _ in inside(each, cst.BaseSmallStatement, *kinds))
    cost = 1.5 * len(block.inputs) + 2 * len(block.outputs) + 3 * (block.form in ("value", "flag"))
    return (statements if rule == "long-function" else 3 * branches + 0.3 * statements) - 2 * cost


def _score(place: Place, helper: Helper, block: Block, before: Metrics, rule: str, quality: float) -> Scored | None:
    measured = {unit.name: measure(unit) for unit in units(snippet(place, helper.caller, helper.definition))}
    caller = measured.get(place.name)
    called = measured.get(".".join([*(each.name.value for each in place.classes), helper.name]))
    if caller is None or called is None or called.statements < LEAST or caller.statements < LEAST:
        return None
    flagged = _FLAGGED.get(rule, _FLAGGED["complex-function"])
    shares = [_share(before, caller, called, metric) for metric in flagged]
    if shares[0] > KEEPS or any(share > 1 for share in shares):
        return None
    if rule == "deep-nesting" and not flatter(before.nesting, max(caller.nesting, called.nesting)):
        return None
    score = 1 - sum(shares) / len(shares)
    given = len(block.inputs) - (place.first in block.inputs and place.owner != "module")
    if given > 3 and called.statements < 3 * given - 5:
        return None  # more to pass than to do
    updated = set(block.outputs) & set(block.inputs)
    score -= 0.06 * max(0, given - 2) + 0.05 * len(block.outputs) + 0.1 * len(updated)
    score -= {"plain": 0.0, "return": 0.08, "value": 0.12, "flag": 0.12}[block.form]
    score += 0.5 * quality * (0.7 if _holds_paragraphs(block) else 1.0)
    score += 0.1 if _is_paragraph(block) else -0.3 * _holds_paragraphs(block)
    return Scored(score, helper, before, caller, called)


def _is_paragraph(block: Block) -> bool:
    """Do empty lines or the suite's ends stand on both sides?"""
    body = block.suite.body
    opens = block.start == 0 or bool(getattr(body[block.start], "leading_lines", ()))
    closes = block.stop == len(body) or bool(getattr(body[block.stop], "leading_lines", ()))
    return opens and closes


def _holds_paragraphs(block: Block) -> bool:
    """Does a new paragraph begin inside?"""
    return any(getattr(each, "leading_lines", ()) for each in block.statements[1:])


def _share(before: Metrics, caller: Metrics, called: Metrics, metric: str) -> float:
    old = getattr(before, metric)
    return max(getattr(caller, metric), getattr(called, metric)) / max(old, 1)


def _apart(found: Sequence[Scored]) -> list[Scored]:
    """The best of each suite's overlapping parts."""
    kept: list[Scored] = []
    for each in found:
        block = each.helper.block
        if not any(
            other.helper.block.suite is block.suite
            and other.helper.block.start < block.stop
            and block.start < other.helper.block.stop
            for other in kept
        ):
            kept.append(each)
    return kept


def _told(rule: str, scored: Scored) -> str:
    metric = _FLAGGED.get(rule, _FLAGGED["complex-function"])[0]
    word = {"statements": "statements", "effort": "complexity", "nesting": "nesting"}[metric]
    return f"{word} {getattr(scored.before, metric)} → {getattr(scored.caller, metric)}"


IMPROVEMENT = Improvement(
    name="extract-function",
    rules=("long-function", "complex-function", "deep-nesting"),
    summary="Move a part with a purpose of its own into a private function",
    rewrite=rewrite,
    speeds_up=False,
    prove=prove_refactoring,
)
