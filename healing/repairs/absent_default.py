"""What it does
    Puts the empty value of the right kind where None arrived: a second argument of ``get``, or ``or {}`` behind the
    value, here or where the name was assigned. The kind is what the use asks for: a table for ``.items()``, a list for
    a loop, text for ``.split()``, a number for ``int(…)``. A parameter that may be left out gets another one's value.

Example
    ``order.get("customer").get("city")``; ``rest = match["rest"]`` and then ``rest.split()``

Use instead
    ``order.get("customer", {}).get("city")``; ``rest = match["rest"] or ""``

When it stays silent
    The fault is not about None, or the use does not tell a kind.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from ...analyzers.syntax import enclosing
from ..fault import Fault
from ..origins import Site, arguments_of, assignments, callee, field_of, mendable, origins, parameters_of
from ..repair import Context, Draft, Repair
from .missing_key import FRESH, is_factor

_LACKS = re.compile(r"'NoneType' object has no attribute '(\w+)'")
_COMPARED = re.compile(r"^'[<>]=?' not supported between instances of '([\w.]+)' and '([\w.]+)'")
_NONE = re.compile(r"'?NoneType'?")
#: Methods that text has, and nothing else that is usual.
_TEXT = frozenset(name for name in dir(str) if not name.startswith("_") and not hasattr(list, name))
#: Functions that take many of something.
_MANY = frozenset(
    {"len", "sorted", "sum", "list", "tuple", "set", "min", "max", "any", "all", "enumerate", "map", "reversed"}
)
_VALUES = ("identifier", "attribute", "subscript", "call")


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    if fault.exception not in {"TypeError", "AttributeError"} or not _NONE.search(fault.message):
        return
    lacks = _LACKS.search(fault.message)
    every = mendable(context)
    if match := _COMPARED.match(fault.message):
        for site in every[:2]:
            yield from _keys(site, next(iter({match[1], match[2]} - {"NoneType"}), "str"), 0.05 * site.away)
    for site in every[:2]:
        seen: set[tuple[str, int, int]] = set()
        for rank, (node, empty) in enumerate(_uses(site, lacks[1] if lacks else "")):
            if site.kind(node) not in {None, "NoneType"}:
                continue
            malus = 0.05 * site.away + 0.03 * min(rank, 4)
            key = (site.file, node.start_byte, node.end_byte)
            if key in seen:
                continue
            seen.add(key)
            yield from _given(site, node, empty, malus)
            for place, value, steps in origins(every, site, node, steps=2):
                key = (place.file, value.start_byte, value.end_byte)
                if key not in seen and value.type in _VALUES:
                    seen.add(key)
                    yield from _assigned(place, value, empty, malus + 0.03 * steps)
            yield from _parameter(site, node, malus)


def _keys(site: Site, kind: str, malus: float) -> Iterator[Draft]:
    """What is sorted by something that may be None: the empty value comes first."""
    empty = {"str": '""', "int": "0", "float": "0.0", "tuple": "()", "list": "[]"}.get(kind.rpartition(".")[2], "")
    for call in site.nodes("call"):
        if callee(call) not in {"sorted", "sort", "min", "max", "nsmallest", "nlargest"} or not empty:
            continue
        for each in arguments_of(call):
            function = field_of(each, "value") if each.type == "keyword_argument" else None
            body = field_of(function, "body") if function is not None and function.type == "lambda" else None
            parts = body.named_children if body is not None and body.type == "tuple" else [body]
            for rank, part in enumerate(parts):
                if part is not None and part.type in _VALUES:
                    yield _or(site, part, empty, 0.88 - 0.03 * rank - malus)


def _uses(site: Site, attribute: str) -> Iterator[tuple[Node, str]]:
    """The expressions of a line that may be None, with the empty value that their use asks for."""
    if attribute:
        empty = '""' if attribute in _TEXT else FRESH.get(attribute, "")
        for node in site.nodes("attribute"):
            owner, label = field_of(node, "object"), field_of(node, "attribute")
            if empty and owner is not None and label is not None and site.code(label) == attribute:
                yield owner, empty
        return
    for node in site.nodes(
        "for_statement",
        "for_in_clause",
        "comparison_operator",
        "call",
        "binary_operator",
        "list_splat",
        "dictionary_splat",
    ):
        if node.type in {"for_statement", "for_in_clause"}:
            found = [(field_of(node, "right"), "[]")]
        elif node.type == "comparison_operator":
            sides = node.named_children
            inside = any(child.type in {"in", "not in"} for child in node.children)
            found = [(sides[-1], "[]")] if inside else [(side, "0") for side in sides]
        elif node.type == "call":
            name = callee(node)
            empty = "[]" if name in _MANY else "0" if name in {"int", "float", "round", "abs"} else ""
            found = [(each, empty) for each in arguments_of(node)[:1] if empty]
        elif node.type.endswith("_splat"):
            found = [
                (node.named_children[0] if node.named_children else None, "[]" if node.type == "list_splat" else "{}")
            ]
        else:
            sides = [field_of(node, "left"), field_of(node, "right")]
            text = any(side is not None and side.type in {"string", "concatenated_string"} for side in sides)
            found = [(side, '""' if text else "0") for side in sides]
        for each, empty in found:
            if each is not None and each.type in _VALUES:
                yield each, empty


def _given(site: Site, node: Node, empty: str, malus: float) -> Iterator[Draft]:
    """The value on the line itself."""
    if node.type == "call" and (edit := _second(site, node, empty)) is not None:
        yield site.edit(f"Look up with the default `{empty}`", [edit], 0.84 - malus)
        if empty == "0":
            prior = 0.86 if is_factor(node) else 0.5  # what is left out of a product counts once
            yield site.edit("Look up with the default `1`", [(edit[0], edit[1], ", 1")], prior - malus)
    if node.type != "identifier":
        yield _or(site, node, empty, 0.76 - malus)
    else:
        yield _or(site, node, empty, 0.6 - malus)


def _assigned(place: Site, value: Node, empty: str, malus: float) -> Iterator[Draft]:
    """The value where the name got it."""
    if value.type == "call" and (edit := _second(place, value, empty)) is not None:
        yield place.edit(f"Look up with the default `{empty}`", [edit], 0.8 - malus)
    lookup = value.type == "subscript" or (value.type == "call" and callee(value) in {"get", "group", "getenv", "pop"})
    yield _or(place, value, empty, (0.84 if lookup else 0.6) - malus)


def _second(site: Site, call: Node, empty: str) -> tuple[int, int, str] | None:
    """The edit that gives ``table.get(key)`` a default."""
    arguments = field_of(call, "arguments")
    if callee(call) not in {"get", "getenv"} or arguments is None or len(arguments_of(call)) != 1:
        return None
    end = site.span(arguments_of(call)[0])[1]
    return (end, end, f", {empty}")


def _or(site: Site, node: Node, empty: str, prior: float) -> Draft:
    text = site.code(node)
    parent = node.parent
    alone = parent is not None and (
        parent.type
        in {
            "assignment",
            "return_statement",
            "tuple",
            "lambda",
            "argument_list",
            "keyword_argument",
            "parenthesized_expression",
        }
        or (parent.type in {"for_statement"} and field_of(parent, "right") == node)
    )
    new = f"{text} or {empty}" if alone else f"({text} or {empty})"
    return site.put(f"Take `{empty}` where `{text[:30]}` is None", node, new, prior)


def _parameter(site: Site, node: Node, malus: float) -> Iterator[Draft]:
    """``self.height = height`` with ``height=None``: another parameter's value."""
    text = site.code(node)
    if node.type != "attribute" or not text.startswith("self."):
        return
    owner = enclosing(node, "class_definition")
    if owner is None:
        return
    for statement, value in assignments(owner, text, site.text, nested=True):
        name = site.code(value)
        function = enclosing(statement, "function_definition")
        if function is None or value.type != "identifier":
            continue
        head = site.code(field_of(function, "parameters") or function)
        if not re.search(rf"\b{re.escape(name)}\b[^,=]*=\s*None\b", head):
            continue
        others = [each for each in parameters_of(function) if each not in {"self", "cls", name}]
        for rank, other in enumerate([*reversed(others), "0", "[]", '""']):
            new = f"{other} if {name} is None else {name}"
            yield site.put(f"Take `{other}` where `{name}` is None", value, new, 0.56 - 0.03 * rank - malus)


REPAIR = Repair("absent-default", "Take an empty value of the right kind where None arrived", propose)
