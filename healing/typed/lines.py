"""Statements that the crash and the rest of the program suggest: a question that is asked first, another order.

A question (``if not rows: return 0``) answers what its function answers elsewhere. It is the least likely of what is
tried: most often the value should not have been so. A statement is moved over the ones beside it where the failing one
needs what they make, or the other way round.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from ..logic.tree import Mutation, statement_of
from ..origins import field_of, walk
from .look import ZERO, Look

_SIMPLE = ("expression_statement", "return_statement", "assert_statement", "raise_statement", "delete_statement")
_LOOPS = ("for_statement", "while_statement")
#: How far a statement is moved.
FAR = 3


def line_changes(look: Look) -> Iterator[Mutation]:
    """Changes of the statement that holds a node."""
    holder = statement_of(look.node)
    if holder.parent is None:
        return
    if look.place.failed and look.node.type in ("identifier", "attribute", "subscript", "call"):
        yield from _asked_first(look, holder)
    if holder.type in _SIMPLE and look.function.alone(holder):
        yield from _moved(look, holder)


def _asked_first(look: Look, holder: Node) -> Iterator[Mutation]:
    kind = look.fault.exception.rpartition(".")[2]
    text = look.text
    tests: dict[str, float] = {}
    if "NoneType" in look.fault.message and look.kind in (None, "NoneType"):
        tests = {f"{text} is None": 0.3}
    elif kind in ("IndexError", "ValueError", "ZeroDivisionError", "StatisticsError", "StopIteration"):
        tests = {f"not {text}": 0.3}
        if look.node.type == "subscript" and (table := field_of(look.node, "value")) is not None:
            base = look.place.site.code(table)
            tests = {f"not {base}": 0.3}
            if (index := field_of(look.node, "subscript")) is not None and index.type in ("integer", "identifier"):
                key = look.place.site.code(index)
                tests[f"{key} >= len({base})" if not key.isdigit() else f"len({base}) < {int(key) + 1}"] = 0.2
    elif kind == "KeyError" and look.node.type == "subscript":
        table, index = field_of(look.node, "value"), field_of(look.node, "subscript")
        if table is not None and index is not None:
            tests = {f"{look.place.site.code(index)} not in {look.place.site.code(table)}": 0.3}
    elif kind in ("RecursionError",):
        tests = {f"not {each}": 0.2 for each in look.function.parameters if each not in ("self", "cls")}
    if not tests or look.function.node.type != "function_definition":
        return
    function, line = look.function, holder.start_point[0]
    at, indent = function.line_start(holder), function.indent(holder)
    if function.data[at : holder.start_byte].strip():
        return
    answers = _answers(look, holder)
    for test, share in tests.items():
        for answer, prior in answers:
            new = f"{indent}if {test}:\n{indent}{function.unit}{answer}\n"
            yield Mutation(f"Add if {test}: {answer}", ((at, at, new),), line, share * prior, "guard")


def _answers(look: Look, holder: Node) -> list[tuple[str, float]]:
    """What is done elsewhere in the function where there is nothing to do; the zero of what it gives at its end."""
    function = look.function
    found: dict[str, float] = {}
    loop = holder.parent
    while loop is not None and loop.type not in (*_LOOPS, "function_definition"):
        loop = loop.parent
    if loop is not None and loop.type in _LOOPS:
        found["continue"] = 0.9
    returns = [each for each in walk(function.body, nested=False) if each.type == "return_statement"]
    for each in returns:
        value = each.named_children[0] if each.named_children else None
        if value is None:
            found.setdefault("return", 1.0)
        elif value.type in ("none", "true", "false", "integer", "float", "string", "list", "dictionary", "tuple"):
            text = function.text(value)
            if each.start_byte != holder.start_byte and len(text) < 40:
                found.setdefault(f"return {text}", 1.0)
    told = _annotated(look)
    if told:
        found.setdefault(f"return {told}", 1.0)
    for zero, prior in (("None", 0.5), ("0", 0.5), ("[]", 0.4), ('""', 0.4), ("0.0", 0.3), ("False", 0.3), ("{}", 0.2)):
        if any(each.named_children for each in returns):
            found.setdefault(f"return {zero}", prior)
    if not returns:
        found.setdefault("return", 0.8)
    return list(found.items())


def _annotated(look: Look) -> str:
    """The nothing of the type that the function says to return."""
    told = look.function.node.child_by_field_name("return_type")
    text = look.function.text(told) if told is not None else ""
    if "None" in text or "Optional" in text:
        return "None"
    return ZERO.get(re.split(r"\W", text, maxsplit=1)[0].lower(), "")


def _moved(look: Look, holder: Node) -> Iterator[Mutation]:
    """The statement above the ones before it, or below the ones behind it."""
    function = look.function
    text = function.data[function.line_start(holder) : function.line_end(holder)].decode("utf-8", "replace")
    start, end, line = function.line_start(holder), function.line_end(holder), holder.start_point[0]
    if not text.endswith("\n"):
        return
    short = " ".join(text.split())[:48]
    other = holder
    for far in range(FAR):
        step = other.prev_named_sibling
        if step is None or step.type in ("comment", "import_statement", "function_definition", "class_definition"):
            break
        other = step
        if function.data[function.line_start(other) : other.start_byte].strip():
            break
        at = function.line_start(other)
        yield Mutation(f"Move {short} up", ((at, at, text), (start, end, "")), line, 0.3 * 0.7**far, "move")
    other = holder
    for far in range(FAR):
        step = other.next_named_sibling
        if step is None or step.type in ("comment", "function_definition", "class_definition"):
            break
        other = step
        at = function.line_end(other)
        if at == len(function.data) and not function.data.endswith(b"\n"):
            break
        yield Mutation(f"Move {short} down", ((start, end, ""), (at, at, text)), line, 0.25 * 0.7**far, "move")
