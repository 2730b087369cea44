# ruff: noqa: E501
"""What it does
    Makes a span of time of a number beside a date, in the unit that the number's name says (days, if it says none), and
    a number of a span of time beside a number. Compares a moment with a date by its date, and a moment without a zone
    with one in UTC as if it were in UTC.

Example
    ``today + self.days``; ``max(today - due, 0)``

Use instead
    ``today + timedelta(days=self.days)``; ``max((today - due).days, 0)``

When it stays silent
    The message does not speak of dates and numbers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from ..fault import Fault
from ..grammar import Splice
from ..imports import import_splice
from ..origins import Site, arguments_of, callee, field_of, mendable
from ..repair import Context, Draft, Repair

_ADD = re.compile(r"^unsupported operand type\(s\) for [-+]=?: '(?P<left>[\w.]+)' and '(?P<right>[\w.]+)'")
_NUMBER = re.compile(r"^(?:'\S+' not supported between instances of |int\(\) argument must be |'datetime\.timedelta' object cannot be interpreted|"
                     r"type datetime\.timedelta|unsupported operand type\(s\) for ).*'datetime\.timedelta'|^'datetime\.timedelta' object cannot")  # fmt: skip
_ZONES = re.compile(r"offset-naive and offset-aware")
_MIXED = re.compile(
    r"can't compare datetime\.datetime to datetime\.date|unsupported operand type\(s\) for -: 'datetime\.(?:date|datetime)' and 'datetime\.(?:date|datetime)'"
)
_UNITS = ("days", "weeks", "hours", "minutes", "seconds", "milliseconds")
_MOMENTS = frozenset({"date", "datetime", "timedelta", "Timestamp"})


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    if fault.exception != "TypeError":
        return
    added = _ADD.match(fault.message)
    for site in mendable(context)[:2]:
        malus = 0.05 * site.away
        if added and {added["left"], added["right"]} & {"int", "float"}:
            kinds = {added["left"].rpartition(".")[2], added["right"].rpartition(".")[2]}
            if kinds & _MOMENTS:
                yield from _spans(site, added["left"] in {"int", "float"}, kinds, malus)
        if _NUMBER.search(fault.message):
            yield from _numbers(site, malus)
        if _ZONES.search(fault.message):
            yield from _zones(site, malus)
        elif _MIXED.search(fault.message):
            yield from _dates(site, malus)


def _spans(site: Site, left: bool, kinds: set[str], malus: float) -> Iterator[Draft]:
    for rank, node in enumerate(site.nodes("binary_operator", "augmented_assignment")):
        number = field_of(node, "left" if left else "right")
        if number is None or (left and node.type == "augmented_assignment"):
            continue
        text = site.code(number)
        inner = text[1:-1] if number.type == "parenthesized_expression" else text
        name, needed = _class(site, "timedelta")
        said = next(
            (unit for unit in _UNITS if re.search(rf"(?i){unit[:-1]}s?\b|{unit[:-1]}s?_|_{unit[:-1]}", text)), ""
        )
        for place, unit in enumerate(dict.fromkeys([*([said] if said else []), "days", "hours", "minutes", "seconds"])):
            if kinds & {"date"} and unit in {"hours", "minutes", "seconds"}:
                continue
            prior = 0.9 if unit == said else 0.8 if kinds & {"date"} else 0.6
            edits = [*needed, (*site.span(number), f"{name}({unit}={inner})")]
            yield site.edit(f"Make `{text[:30]}` a span of {unit}", edits, prior - 0.04 * place - 0.05 * rank - malus)


def _class(site: Site, name: str) -> tuple[str, list[Splice]]:
    """How a class of ``datetime`` is written in a file, and the import that it needs."""
    if re.search(rf"^from datetime import [^\n]*\b{name}\b", site.text, re.MULTILINE):
        return name, []
    if match := re.search(r"^import datetime(?: as (\w+))?[ \t]*$", site.text, re.MULTILINE):
        return f"{match[1] or 'datetime'}.{name}", []
    return name, [import_splice(site.text, f"from datetime import {name}")]


def _numbers(site: Site, malus: float) -> Iterator[Draft]:
    """Differences beside numbers, and what may be one."""
    found: list[Node] = []
    for node in site.nodes("comparison_operator", "call", "binary_operator"):
        if node.type == "call":
            if callee(node) in {"max", "min", "int", "float", "round", "abs", "sum", "range"}:
                found += arguments_of(node)
        else:
            found += [child for child in node.named_children if child.type != "comment"]
    seen: set[tuple[int, int]] = set()
    for node in found:
        text, span = site.code(node), (node.start_byte, node.end_byte)
        known = site.kind(node)
        if span in seen or node.type in {"integer", "float", "string"} or known not in {None, "timedelta"}:
            continue
        seen.add(span)
        operator = field_of(node, "operator")
        difference = operator is not None and operator.type == "-"
        if node.type not in {
            "identifier",
            "attribute",
            "call",
            "subscript",
            "parenthesized_expression",
            "binary_operator",
        }:
            continue
        base = 0.86 if difference or known else 0.62
        whole = f"({text})" if node.type == "binary_operator" else text
        yield site.put(f"Count the days of `{text[:30]}`", node, f"{whole}.days", base - malus)
        yield site.put(f"Count the seconds of `{text[:30]}`", node, f"{whole}.total_seconds()", base - 0.1 - malus)


def _zones(site: Site, malus: float) -> Iterator[Draft]:
    name, needed = _class(site, "timezone")
    for side, node in _sides(site):
        text = site.code(node)
        title = f"Take `{text[:30]}` as UTC"
        new = f"{text}.replace(tzinfo={name}.utc)"
        yield site.edit(title, [*needed, (*site.span(node), new)], 0.72 - 0.04 * side - malus)


def _dates(site: Site, malus: float) -> Iterator[Draft]:
    for side, node in _sides(site):
        known = site.kind(node)
        if known in {None, "datetime"}:
            text = site.code(node)
            prior = (0.88 if known else 0.66) - 0.03 * side - malus
            yield site.put(f"Compare the date of `{text[:30]}`", node, f"{text}.date()", prior)


def _sides(site: Site) -> Iterator[tuple[int, Node]]:
    for node in site.nodes("comparison_operator", "binary_operator"):
        for side, child in enumerate(node.named_children):
            if child.type in {"identifier", "attribute", "call", "subscript"}:
                yield side, child


REPAIR = Repair("time-unit", "Make a span of time of a number, or a number of a span", propose)
