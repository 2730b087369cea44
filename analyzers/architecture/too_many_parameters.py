"""More parameters than a caller can get right.

What it does: reports a function with more than seven required positional parameters, or more than fifteen positional
ones in all. Keyword-only parameters, ``self``, overloads, tests (their parameters are fixtures), commands
(their parameters are options of a command line), and constructors that only keep their arguments are left alone.

Why is this bad: callers mix up the order, and values that belong together travel separately.

Example::

    def draw(canvas, x, y, width, height, colour, border, style): ...

Use instead::

    def draw(canvas: Canvas, box: Box, *, style: Style): ...

References: Martin, "Clean Code", ch. 3; Fowler, "Refactoring", Introduce Parameter Object
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from tree_sitter import Node

from ..findings import Finding
from ..places import is_test_code
from ..rules import Rule
from ..syntax import Unit
from .metrics import counted, heading

_WORD = re.compile(r"[a-z]+")

REQUIRED = 7
ALL = 15


def check(unit: Unit) -> Iterator[Finding]:
    if unit.kind != "function" or is_test_code(unit.path):
        return
    parameters = unit.node.child_by_field_name("parameters")
    if parameters is None or parameters.named_child_count <= REQUIRED:
        return
    required, optional = _positional(unit, parameters)
    if required <= REQUIRED and required + optional <= ALL:
        return
    name = unit.name.rpartition(".")[2]
    if (
        name.startswith("test")
        or _is_filled_in(unit)
        or _has_no_body(unit)
        or (name in ("__init__", "__new__") and _only_keeps(unit))
    ):
        return
    value, threshold = (required, REQUIRED) if required > REQUIRED else (required + optional, ALL)
    what = "required positional parameters" if required > REQUIRED else "positional parameters"
    yield unit.finding(
        RULE,
        heading(unit),
        f"'{unit.name}' takes {value} {what}",
        confidence=min(0.85, (0.5 if required > REQUIRED else 0.4) + 0.05 * (value - threshold)),
        suggestion=_advice([unit.text(each) for each in _given(unit, parameters)], required, optional),
        evidence=(counted(what, value, threshold),),
    )


def _positional(unit: Unit, parameters: Node) -> tuple[int, int]:
    """(required, with a default): parameters that can be given by position, without self."""
    kinds = [each.type for each in _given(unit, parameters)]
    required = sum(kind in ("identifier", "typed_parameter") for kind in kinds)
    return required, sum(kind in ("default_parameter", "typed_default_parameter") for kind in kinds)


def _given(unit: Unit, parameters: Node) -> Iterator[Node]:
    """The parameters that can be given by position, without self."""
    for position, each in enumerate(parameters.named_children):
        kind = each.type
        if kind in ("keyword_separator", "list_splat_pattern", "dictionary_splat_pattern"):
            return
        if kind == "typed_parameter" and each.named_children[0].type.endswith("splat_pattern"):
            return
        if position == 0 and unit.text(each).partition(":")[0] in ("self", "cls", "mcs"):
            continue
        yield each


#: So many parameters with the same first word are values of one thing. (The last word often is a unit.)
_FAMILY = 3
#: First words that say something of a value rather than what it belongs to.
_EMPTY = frozenset({"is", "has", "no", "in", "of", "to", "with", "by", "for", "per", "max", "min", "num", "use"})


def _advice(parameters: Sequence[str], required: int, optional: int) -> str:
    """What could be done about these parameters: those with the same first word are named as one value."""
    names = [re.split(r"[:=\s]", each, maxsplit=1)[0] for each in parameters]
    members: dict[str, list[str]] = {}
    for name in names:
        word, _, rest = name.strip("_").partition("_")
        if rest and len(word) > 1 and word not in _EMPTY:
            members.setdefault(word, []).append(name)
    members = {word: family for word, family in members.items() if _FAMILY <= len(family) < len(names)}
    if members:
        first, second, *more = max(members.values(), key=lambda family: (len(family), family))
        whole = "and " + (more[0] if len(more) == 1 else f"{len(more)} more")
        advice = f"make one value of {first}, {second} {whole}"
        return f"{advice}; make the options keyword-only" if optional else advice
    if required > REQUIRED:
        return "group values that belong together" + (", or make the options keyword-only" if optional else "")
    return "put a * in front of the options: nobody counts to the right one"


def _is_filled_in(unit: Unit) -> bool:
    """Does a decorator give the arguments (options of a command, fixtures)?"""
    around = unit.node.parent
    if around is None or around.type != "decorated_definition":
        return False
    words = {word for each in around.children if each.type == "decorator" for word in _WORD.findall(unit.text(each))}
    return bool(words & {"command", "option", "argument", "group", "fixture", "parametrize", "given"})


def _statements(unit: Unit) -> list[Node]:
    body = unit.node.child_by_field_name("body")
    found = [each for each in body.named_children if each.type != "comment"] if body is not None else []
    is_doc = bool(found) and found[0].type == "expression_statement" and found[0].children[0].type == "string"
    return found[1:] if is_doc else found


def _has_no_body(unit: Unit) -> bool:
    """An overload, an abstract method or a protocol: the parameters are decided elsewhere."""
    return all(
        each.type in ("pass_statement", "raise_statement") or unit.text(each) == "..." for each in _statements(unit)
    )


def _only_keeps(unit: Unit) -> bool:
    """A constructor whose work is mostly to keep its arguments describes a record."""
    found = _statements(unit)
    kept = sum(
        1
        for each in found
        if each.type == "expression_statement"
        and each.children[0].type == "assignment"
        and (left := each.children[0].child_by_field_name("left")) is not None
        and left.type == "attribute"
    )
    return kept >= 0.6 * len(found)


RULE = Rule(
    name="too-many-parameters",
    reviewer="architecture",
    kind="too_many_params",
    summary="A function takes more positional parameters than a caller can get right",
    severity="low",
    check=check,
)
