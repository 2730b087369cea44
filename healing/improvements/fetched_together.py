"""Rows that belong to the rows of a loop are fetched with them, not one after the other.

What it does: adds ``prefetch_related("lines")`` to the queryset of a loop over Django's models whose body asks for
``order.lines.all()`` (or ``count()``, ``exists()``); where it asks ``Customer.objects.get(pk=order.customer_id)``,
reads ``order.customer`` instead and adds ``select_related("customer")``; and adds that alone where it reads
``order.customer`` already.

Before::

    def lines_of(day):
        listed = []
        for order in Order.objects.filter(day=day):
            for line in order.lines.all():
                listed.append((order.number, line.product))
        return listed

After::

    def lines_of(day):
        listed = []
        for order in Order.objects.filter(day=day).prefetch_related("lines"):
            for line in order.lines.all():
                listed.append((order.number, line.product))
        return listed

Safe because: the function was called before and after on databases that were made for it, of several sizes, with the
models of the workspace in SQLite: it gave the same results and left the same rows, and asked fewer questions. Where
Django is not installed, or the models cannot be loaded, nothing is offered.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import libcst as cst

from ...analyzers.findings import Finding, Replacement
from ..database_proof import prove_queries
from ..rewriting import Place, node_at, place_of
from . import Improvement, Rewrite

#: Questions that are answered by what was fetched before.
_ANSWERED = frozenset({"all", "count", "exists"})
_KEYS = frozenset({"pk", "id"})
#: Behind these a queryset gives no instances, or forgets what was fetched with them.
_ENDS = re.compile(r"\.(?:values|values_list|iterator|raw|union|dates|datetimes|aggregate|in_bulk)\(")


def rewrite(text: str, finding: Finding) -> Iterator[Rewrite]:
    place = place_of(text, finding)
    call = _asking(place, finding) if place is not None else None
    function = place.function(call) if place is not None and call is not None else None
    if place is None or call is None or function is None or place.outer_name(call) != function.name.value:
        return  # a method's instance cannot be made here
    for around in place.above(call):
        if isinstance(around, cst.FunctionDef):
            return
        loop = around.for_in if isinstance(around, cst.BaseComp) else around
        if not isinstance(loop, cst.For | cst.CompFor) or not isinstance(loop.target, cst.Name):
            continue
        item = loop.target.value
        if isinstance(call, cst.Attribute):
            found = _followed(call, item)
        else:
            found = _prefetched(call, item) or _selected(place, call, item)
        if found is None:
            continue
        method, name, instead = found
        added = _with(place, loop.iter, f'.{method}("{name}")')
        if added is not None:
            changes = [added, place.replace(call, instead)] if instead else [added]
            yield from place.rewrite(f"Fetch '{name}' with the rows of the loop ({method})", call, changes)
        return


def _asking(place: Place, finding: Finding) -> cst.Call | cst.Attribute | None:
    """What asks the database in each pass: a relation that is read, or a call."""
    return node_at(place, finding, cst.Attribute if finding.rule == "relation-in-loop" else cst.Call)


def _followed(relation: cst.Attribute, item: str) -> tuple[str, str, str] | None:
    """``item.customer``"""
    owner = relation.value
    if not isinstance(owner, cst.Name) or owner.value != item:
        return None
    return "select_related", relation.attr.value, ""


def _prefetched(call: cst.Call, item: str) -> tuple[str, str, str] | None:
    """``item.lines.all()``"""
    asked = call.func
    if call.args or not isinstance(asked, cst.Attribute) or asked.attr.value not in _ANSWERED:
        return None
    manager = asked.value
    if not isinstance(manager, cst.Attribute) or not isinstance(manager.value, cst.Name) or manager.value.value != item:
        return None
    return "prefetch_related", manager.attr.value, ""


def _selected(place: Place, call: cst.Call, item: str) -> tuple[str, str, str] | None:
    """``Customer.objects.get(pk=item.customer_id)``"""
    if len(call.args) != 1 or not re.fullmatch(r"[\w.]+\.objects\.get", place.code(call.func)):
        return None
    argument = call.args[0]
    if argument.keyword is None or argument.keyword.value not in _KEYS:
        return None
    known = re.fullmatch(rf"{re.escape(item)}\.(\w+)_id", place.code(argument.value))
    return ("select_related", known[1], f"{item}.{known[1]}") if known is not None else None


def _with(place: Place, rows: cst.BaseExpression, more: str) -> Replacement | None:
    """``more`` behind a queryset that is written here; None for anything else."""
    text = place.code(rows)
    if not isinstance(rows, cst.Call) or ".objects." not in text or _ENDS.search(text) or more in text:
        return None
    end = place.span(rows)[1]
    return Replacement(end, end, more)


IMPROVEMENT = Improvement(
    name="fetched-together",
    rules=("n_plus_1",),
    summary="Rows that belong to the rows of a loop are fetched with them",
    rewrite=rewrite,
    speeds_up=True,
    prove=prove_queries,
)
