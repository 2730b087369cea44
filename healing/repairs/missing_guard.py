# ruff: noqa: E501
"""What it does
    Leaves a function early, or skips a round of a loop, where a value cannot be used: None, an empty sequence, a zero
    divisor. What is returned is what the function returns elsewhere in such a case, what the failing check expects if
    that is a plain value, or the zero of its kind. A parameter that is None by default gets the value that its use asks for.

Example
    ``return sum(values) / len(values)`` for an empty list

Use instead
    ``if not values: return 0`` above it

When it stays silent
    The value is not a plain name, attribute or ``len`` of one, or nothing of it is in a function.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from tree_sitter import Node

from ...analyzers.syntax import enclosing
from ..fault import Fault
from ..origins import Site, arguments_of, callee, expected, field_of, mendable, parameters_of, statement, walk
from ..repair import Context, Draft, Repair
from .missing_key import FRESH

_NONE = re.compile(r"'?NoneType'?")
_EMPTY = re.compile(r"arg is an empty sequence|iterable argument is empty|(?:index|pop) out of range|pop from (?:an )?empty|"
                    r"Cannot choose from an empty|no (?:mode|median) for empty|requires at least one data point")  # fmt: skip
_DIVISION = re.compile(r"division by zero|modulo by zero|division or modulo")
#: What a guard may return without a sign that it is meant, most usual first.
_ZEROS = ("None", "0", "[]", '""', "0.0", "False", "{}")
_TRIVIAL = re.compile(r"None|True|False|-?[01](?:\.0)?|''|\"\"|\[\]|\(\)|\{\}|set\(\)")


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    kind = fault.exception.rpartition(".")[2]
    if _NONE.search(fault.message) and kind in {"TypeError", "AttributeError"}:
        test, types = "{} is None", ("attribute", "subscript", "call", "for_statement", "binary_operator", "assignment",
                                     "comparison_operator", "for_in_clause", "argument_list")  # fmt: skip
    elif kind == "ZeroDivisionError" or _DIVISION.search(fault.message):
        test, types = "not {}", ("binary_operator", "augmented_assignment", "call")
    elif kind in {"IndexError", "ValueError", "StatisticsError"} and _EMPTY.search(fault.message):
        test, types = "not {}", ("subscript", "call")
    elif kind == "KeyError" and fault.message == "None":
        test, types = "{} is None", ("subscript", "call")
    else:
        return
    for site in mendable(context)[:3]:
        malus = 0.05 * site.away
        seen: set[str] = set()
        for node in site.nodes(*types):
            for value in _values(site, node, "called" if "not callable" in fault.message else kind):
                text = site.code(value)
                if text in seen:
                    continue
                seen.add(text)
                known = site.kind(value)
                if test.endswith("None") and known not in {None, "NoneType"}:
                    continue
                yield from _default(site, value, text, malus)
                yield from _asked_first(site, value, text, test.endswith("None"), malus)
                yield from _guards(context, site, node, text, test, malus)
        if kind == "ZeroDivisionError":
            yield from _choice(site, malus)


def _values(site: Site, node: Node, kind: str) -> Iterator[Node]:
    """The names that a node cannot work with."""
    if node.type == "attribute":
        found = [field_of(node, "object")]
    elif node.type == "subscript":
        found = [field_of(node, "subscript" if kind == "KeyError" else "value")]
    elif node.type in {"for_statement", "for_in_clause", "assignment"}:
        found = [field_of(node, "right")]
    elif node.type in {"binary_operator", "augmented_assignment"}:
        right = field_of(node, "right")
        found = [right] if kind == "ZeroDivisionError" else [right, field_of(node, "left")]
        if right is not None and kind == "ZeroDivisionError" and right.type == "parenthesized_expression":
            found += right.named_children
    elif node.type == "call":
        found = arguments_of(node)
        function = field_of(node, "function")
        if kind == "called" and function is not None:
            found.append(function)
        if kind == "IndexError" and function is not None and function.type == "attribute":
            found = [field_of(function, "object")]
    else:
        found = list(node.named_children)
    for each in found:
        if each is None:
            continue
        if each.type == "call" and callee(each) in {"len", "sum"} and len(arguments_of(each)) == 1:
            each = arguments_of(each)[0]
        if each.type in {"identifier", "attribute"} and site.code(each) not in {"self", "cls"}:
            yield each


def _default(site: Site, value: Node, text: str, malus: float) -> Iterator[Draft]:
    """``def f(rates=None)`` and then ``rates.get(…)``: the parameter gets its value at the start."""
    parameters = field_of(site.function, "parameters")
    called = value.parent is not None and value.parent.type == "call" and field_of(value.parent, "function") == value
    if parameters is None or value.type != "identifier" or called:
        return
    optional = any(
        (field_of(each, "name") or each).text == value.text and (field_of(each, "value") or each).text == b"None"
        for each in parameters.named_children
        if each.type in {"default_parameter", "typed_default_parameter"}
    )
    if not optional:
        return
    parent = value.parent
    name = field_of(parent, "attribute") if parent is not None and parent.type == "attribute" else None
    fresh = [FRESH.get(site.code(name), "")] if name is not None else ["[]", "{}", "0", '""']
    for rank, each in enumerate(filter(None, fresh)):
        yield guarded(
            site, first_statement(site.function), f"if {text} is None:", f"{text} = {each}", 0.86 - 0.1 * rank - malus
        )


def _asked_first(site: Site, value: Node, text: str, none: bool, malus: float) -> Iterator[Draft]:
    """A condition that uses the value asks first whether it is there. What is set where the condition holds was not
    there in the first round: there it is the absence that lets in."""
    node = value
    while node.parent is not None and field_of(node.parent, "condition") != node and node.parent.type != "if_clause":
        if node.type in {"block", "lambda"} or node.type.endswith(("_statement", "_definition", "_comprehension")):
            return
        node = node.parent
    owner = node.parent
    if owner is None or owner.type not in {"if_statement", "elif_clause", "while_statement", "if_clause"}:
        return
    condition = site.code(node)
    loose = node.type in {"lambda", "conditional_expression", "named_expression"}
    plain = f"({condition})" if loose else condition
    either = f"({condition})" if loose or node.type == "boolean_operator" else condition
    body = field_of(owner, "consequence") or field_of(owner, "body")
    optional = re.search(rf"\b{re.escape(text)}\s*(?::[^,=]+)?=\s*None\s*[,)]", site.code(site.function)) is not None
    sets = owner.type == "if_clause" and optional
    sets = sets or (
        body is not None and re.search(rf"(?<![\w.]){re.escape(text)}\s*=[^=]", site.code(body)) is not None
    )
    there, absent = (f"{text} is not None", f"{text} is None") if none else (text, f"not {text}")
    yield site.put(f"Ask `{absent}` first", node, f"{absent} or {either}", (0.84 if sets else 0.4) - malus)
    both = f"({condition})" if loose or " or " in condition else plain
    yield site.put(f"Ask `{there}` first", node, f"{there} and {both}", (0.44 if sets else 0.64) - malus)


def _guards(context: Context, site: Site, node: Node, text: str, test: str, malus: float) -> Iterator[Draft]:
    place = statement(node)
    loop = enclosing(place, "for_statement", "while_statement")
    function = site.function
    if function.type != "function_definition":
        return
    condition = f"if {test.format(text)}:"
    if place.type in {"elif_clause", "else_clause"} or place.parent is None:
        return
    if loop is not None and loop.start_byte > function.start_byte and loop.type == "for_statement" and loop != place:
        yield guarded(site, place, condition, "continue", 0.5 - malus)
    returned = _returned(site, function)
    if test == "not {}" and (less := re.search(rf"[/%] *\(?len\({re.escape(text)}\) - (\d)\b", site.code(function))):
        condition = f"if len({text}) < {int(less[1]) + 1}:"  # so few that another divisor is zero
    wanted = [each for each in expected(context) if len(each) <= 24 and re.fullmatch(r"[\w.'\"\[\](){} -]+", each)]
    usual = [each for each in wanted if _TRIVIAL.fullmatch(each)]
    given = [
        each for each in parameters_of(function) if re.fullmatch(r"(?:default|fallback|otherwise|missing)\w*", each)
    ]
    options = dict.fromkeys([*given, *usual, *returned, *_ZEROS, *(wanted if test.endswith("None") else [])])
    # A table that the function itself made is empty because it was made too small: a way out hides that.
    hides = test == "not {}" and _is_table(site, function, text)
    awaited = not returned and _asked_after(site, function)
    computes = not returned and _computes(function)
    for rank, value in enumerate(options):
        prior = 0.45 - 0.02 * rank
        if value in given:
            prior = 0.88
        elif value == "None" and awaited:
            prior = 0.82
        elif value in usual:
            prior = 0.8
        elif value in returned:
            prior = 0.7 if value in wanted else 0.55
        elif value in wanted:
            prior = 0.6
        elif value == "None" and computes:
            prior = 0.36
        line = "return" if value == "None" and not returned and not computes else f"return {value}"
        yield replace(guarded(site, place, condition, line, (0.5 if hides else 1.0) * (prior - malus)), guess=hides)


def _is_table(site: Site, function: Node, name: str) -> bool:
    """Whether a function makes a list of this name with as many items as a number says."""
    for node in walk(function, nested=False):
        left, right = field_of(node, "left"), field_of(node, "right")
        if node.type != "assignment" or left is None or right is None or site.code(left) != name:
            continue
        if right.type == "list_comprehension" and not any(each.type == "if_clause" for each in right.named_children):
            clause = next((each for each in right.named_children if each.type == "for_in_clause"), right)
            source = field_of(clause, "right")
            return source is not None and source.type == "call" and callee(source) == "range"
        if right.type == "binary_operator":
            return site.code(right).startswith("[") and "*" in site.code(right)
    return False


def _computes(function: Node) -> bool:
    """Whether a function returns values: then nobody waits for None, as far as is known."""
    return any(each.type == "return_statement" and each.named_children for each in walk(function, nested=False))


def _asked_after(site: Site, function: Node) -> bool:
    """Whether what a function returned is asked for None elsewhere in the file."""
    label = field_of(function, "name")
    if label is None:
        return False
    name = re.escape(site.code(label))
    if re.search(rf"\b{name}\([^()\n]*\) is (?:not )?None|(?:if|not|or|and) (?:[\w.]+\.)?{name}\(", site.text):
        return True
    kept = re.findall(rf"^[ \t]*([\w.]+) *(?::[^=\n]+)?= *(?:await )?(?:[\w.]+\.)?{name}\(", site.text, re.MULTILINE)
    kept += re.findall(rf"\(([\w]+) := (?:[\w.]+\.)?{name}\(", site.text)
    return any(re.search(rf"(?<![\w.]){re.escape(each)} is (?:not )?None\b|\b(?:if|not|while) {re.escape(each)}(?:\b(?!\.)|$)", site.text)
               for each in kept)  # fmt: skip


def _returned(site: Site, function: Node) -> list[str]:
    """The constants that the function returns elsewhere."""
    found = [
        site.code(child.named_children[0])
        for child in walk(function, nested=False)
        if child.type == "return_statement" and child.named_children
    ]
    return list(
        dict.fromkeys(each for each in found if _TRIVIAL.fullmatch(each) or re.fullmatch(r"-?\d+|\"\w*\"", each))
    )


def _choice(site: Site, malus: float) -> Iterator[Draft]:
    for node in site.nodes("binary_operator"):
        operator, right = field_of(node, "operator"), field_of(node, "right")
        if operator is None or right is None or operator.type not in {"/", "//", "%"}:
            continue
        divisor = site.code(right)
        if right.type == "parenthesized_expression" or re.fullmatch(r"[\w.()\[\]]+", divisor):
            new = f"({site.code(node)} if {divisor} else 0)"
            yield site.put(f"Take 0 where `{divisor}` is 0", node, new, 0.42 - malus)


def first_statement(function: Node) -> Node:
    """The first statement of a function after its docstring."""
    body = field_of(function, "body")
    assert body is not None
    items = [child for child in body.named_children if child.type != "comment"]
    first = items[0]
    if first.type == "expression_statement" and first.named_children and first.named_children[0].type == "string":
        return items[1] if len(items) > 1 else first
    return first


def guarded(site: Site, before: Node, condition: str, line: str, prior: float) -> Draft:
    """Two lines above a statement, in the indentation and with the line ends of the file."""
    start = site.span(before)[0]
    begin = site.text.rfind("\n", 0, start) + 1
    indent = re.match(r"[ \t]*", site.text[begin:start])
    blank = indent[0] if indent else ""
    unit = "\t" if "\t" in blank else "    " if len(blank) % 4 == 0 else blank or "    "
    newline = "\r\n" if "\r\n" in site.text else "\n"
    new = f"{condition}{newline}{blank}{unit}{line}{newline}{blank}"
    return site.edit(f"Insert `{condition} {line}`", [(start, start, new)], prior)


REPAIR = Repair("missing-guard", "Guard against None, an empty sequence or a zero divisor", propose)
