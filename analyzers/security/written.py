"""What a definition says in so many words, for rules about configuration: constants, arguments, keys, names around.

Invariant: a value is only given where exactly one assignment or literal says it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Any

from tree_sitter import Node

from ..findings import Evidence, Finding
from ..flow import arguments_of, flow_of, keyword_of
from ..rules import Rule
from ..syntax import Unit
from .credentials import masked

#: The absence of a constant.
UNKNOWN: Any = object()

_NUMBERS = {"+": int.__add__, "*": int.__mul__, "|": int.__or__, "-": int.__sub__, "<<": int.__lshift__}
_STAT = {
    "S_IRWXU": 0o700, "S_IRUSR": 0o400, "S_IWUSR": 0o200, "S_IXUSR": 0o100, "S_IRWXG": 0o070, "S_IRGRP": 0o040,
    "S_IWGRP": 0o020, "S_IXGRP": 0o010, "S_IRWXO": 0o007, "S_IROTH": 0o004, "S_IWOTH": 0o002, "S_IXOTH": 0o001,
}  # fmt: skip


def constant(unit: Unit, node: Node | None, depth: int = 0) -> Any:
    """The constant that an expression is, through one assignment, a default, or a module's constant."""
    if node is None or depth > 5:
        return UNKNOWN
    kind = node.type
    if kind in ("true", "false", "none"):
        return {"true": True, "false": False, "none": None}[kind]
    if kind in ("integer", "float", "string", "concatenated_string"):
        if any(each.type == "interpolation" for each in node.named_children):
            return UNKNOWN
        return _literal(unit.text(node))
    if kind == "parenthesized_expression" and node.named_children:
        return constant(unit, node.named_children[0], depth + 1)
    if kind == "identifier":
        return _named(unit, unit.text(node), depth)
    if kind == "attribute":
        return _STAT.get(unit.dotted(node).removeprefix("stat."), UNKNOWN) if "S_I" in unit.text(node) else UNKNOWN
    if kind == "binary_operator":
        sign = node.child_by_field_name("operator")
        left = constant(unit, node.child_by_field_name("left"), depth + 1)
        right = constant(unit, node.child_by_field_name("right"), depth + 1)
        operation = _NUMBERS.get(unit.text(sign) if sign is not None else "")
        if operation is not None and type(left) is int and type(right) is int and abs(right) < 4096:
            return operation(left, right)
    return UNKNOWN


def _literal(text: str) -> Any:
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError):
        return UNKNOWN


def _named(unit: Unit, name: str, depth: int) -> Any:
    bound = flow_of(unit).bindings.get(name, ())
    if not bound:
        literal = unit.facts.literals.get(name)
        return UNKNOWN if literal is None else _literal(literal)
    last = bound[-1]
    values = {repr(constant(unit, each.value, depth + 1)) for each in bound if each.how == "assign"}
    if all(each.how == "assign" for each in bound) and (len(values) == 1 or _straight(bound)):
        return constant(unit, last.value, depth + 1)
    if len(bound) == 1 and last.how == "parameter":
        return constant(unit, last.node.child_by_field_name("value"), depth + 1)
    return UNKNOWN


def behind_name(unit: Unit, node: Node) -> Node:
    """The expression that a local name stands for, if only one assignment can have given it; else what it is."""
    bound = flow_of(unit).reaching(node) if node.type == "identifier" and unit.kind == "function" else ()
    value = bound[0].value if len(bound) == 1 and bound[0].how == "assign" else None
    return node if value is None else value


def _straight(bound: Any) -> bool:
    """Do assignments follow each other in one block, so that the last one counts?"""
    parents = {
        each.node.parent.parent.id if each.node.parent is not None and each.node.parent.parent is not None else 0
        for each in bound
    }
    return len(parents) == 1


def argument(unit: Unit, call: Node, position: int, *names: str) -> Node | None:
    """An argument by keyword or position."""
    for name in names:
        found = keyword_of(unit, call, name)
        if found is not None:
            return found
    listed = arguments_of(call)
    return listed[position] if 0 <= position < len(listed) else None


def spread(call: Node) -> bool:
    """Are there arguments that a star hides?"""
    listed = call.child_by_field_name("arguments")
    return listed is not None and any(each.type in ("dictionary_splat", "list_splat") for each in listed.named_children)


def method_name(unit: Unit, call: Node) -> str:
    function = call.child_by_field_name("function")
    name = function.child_by_field_name("attribute") if function is not None and function.type == "attribute" else None
    return unit.text(name) if name is not None else ""


def settings(unit: Unit) -> Iterator[tuple[str, Node, Node]]:
    """(name, value, statement) of ``NAME = …``, ``app.config["NAME"] = …``, ``app.attribute = …`` and of
    ``config.update(NAME=…)`` or ``config.update({"NAME": …})``."""
    for node in unit.index.get("assignment", ()):
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if left is None or right is None:
            continue
        if left.type == "identifier":
            yield unit.text(left), right, node
        elif left.type == "attribute":
            name = left.child_by_field_name("attribute")
            yield unit.text(name) if name is not None else "", right, node
        elif left.type == "subscript":
            owner, key = left.child_by_field_name("value"), left.child_by_field_name("subscript")
            if owner is not None and key is not None and "config" in unit.text(owner).lower():
                value = constant(unit, key)
                if isinstance(value, str):
                    yield value, right, node
    for call in unit.index.get("call", ()):
        if method_name(unit, call) in ("update", "from_mapping"):
            listed = call.child_by_field_name("arguments")
            for each in listed.named_children if listed is not None else ():
                name, value = each.child_by_field_name("name"), each.child_by_field_name("value")
                if (
                    each.type == "keyword_argument"
                    and name is not None
                    and value is not None
                    and unit.text(name).isupper()
                ):
                    yield unit.text(name), value, each
                elif each.type == "dictionary" and "config" in unit.text(call.child_by_field_name("function") or call):
                    for pair in each.named_children:
                        key, value = pair.child_by_field_name("key"), pair.child_by_field_name("value")
                        said = constant(unit, key) if key is not None and value is not None else None
                        if isinstance(said, str) and value is not None:
                            yield said, value, pair


def around(unit: Unit, node: Node) -> str:
    """Names that say what a value is for: of the function, of what it is assigned or passed to."""
    words = [unit.name.rpartition(".")[2]]
    current: Node | None = node
    while current is not None and current.id != unit.node.id:
        if current.type in ("assignment", "augmented_assignment"):
            left = current.child_by_field_name("left")
            words.append(unit.text(left) if left is not None else "")
        elif current.type == "keyword_argument":
            name = current.child_by_field_name("name")
            words.append(unit.text(name) if name is not None else "")
        elif current.type == "pair":
            key = current.child_by_field_name("key")
            words.append(unit.text(key) if key is not None else "")
        current = current.parent
    return " ".join(words)


def function_name(node: Node, unit: Unit) -> str:
    """The name of the innermost function around a node."""
    current: Node | None = node
    while current is not None:
        if current.type == "function_definition":
            name = current.child_by_field_name("name")
            return unit.text(name) if name is not None else ""
        current = current.parent
    return ""


def label(unit: Unit, node: Node) -> str:
    text = masked(unit.text(node).partition("\n")[0].strip())
    return text if len(text) <= 60 else text[:59] + "…"


def evidence(unit: Unit, node: Node) -> Evidence:
    """Where something is written."""
    place = unit.range(node)
    step = {"path": unit.path, "line": place.line + 1, "column": place.column + 1, "text": label(unit, node)}
    return Evidence("traced", f"written so in the source: {label(unit, node)}", {"path": [step], "origin": "safe"})


def report(unit: Unit, rule: Rule, node: Node, message: str, confidence: float, suggestion: str) -> Finding:
    """A finding about what is written."""
    return unit.finding(
        rule, node, message, confidence=confidence, suggestion=suggestion, evidence=(evidence(unit, node),)
    )


#: Names of what must not be guessed.
GUESSED = re.compile(
    r"passw|passwd|pwd|passphrase|secret|token|otp|nonce|salt|session_?id|\bsid\b|csrf|api_?key|auth|credential|invite|coupon|voucher"
    r"|reset|verif\w*_?code|confirm\w*_?code|activation|\bpin\b|_pin\b|private|signature|captcha|cookie_?id|(?:^|_)key$|(?<!to)_code\b|magic_link",
    re.IGNORECASE,
)

__all__ = ["GUESSED", "UNKNOWN", "argument", "around", "constant", "evidence", "report", "settings", "spread"]
