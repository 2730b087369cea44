"""What it does
    Exchanges an operator that the types of its operands do not have for the one that they do have: ``+`` joins text
    and lists, ``|`` unites sets and dictionaries, ``/`` goes down a path, ``%`` formats.

Example
    ``first & second`` of two strings, ``seen + more`` of two sets, ``folder + "name"`` of a path

Use instead
    ``first + second``, ``seen | more``, ``folder / "name"``

When it stays silent
    The message does not tell both types, or no operator takes them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..expressions import Tree, candidates
from ..fault import Fault
from ..repair import Context, Draft, Repair

_OPERAND = re.compile(r"^unsupported operand type\(s\) for (?P<op>\S+?):? '(?P<left>[\w.]+)' and '(?P<right>[\w.]+)'")
_CONCAT = re.compile(r'^can only concatenate (?P<left>\w+) \(not "(?P<right>[\w.]+)"\) to')
_NUMBERS = frozenset({"int", "float", "complex", "bool", "Decimal", "Fraction"})
#: Of two values of the same type, the operators that make one of them, most usual first.
_SAME: dict[str, tuple[str, ...]] = {
    "str": ("+", "%"), "bytes": ("+", "%"), "list": ("+",), "tuple": ("+",), "set": ("|", "-", "&"),
    "frozenset": ("|", "-", "&"), "dict": ("|",), "float": ("*", "/", "+", "-", "//"), "Decimal": ("*", "/", "+", "-"),
    "Fraction": ("*", "/", "+", "-"), "datetime": ("-",), "date": ("-",), "timedelta": ("+", "-", "/"),
    "Counter": ("+", "-"), "dict_keys": ("|", "&", "-"),
}  # fmt: skip


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    match = _OPERAND.match(fault.message) or _CONCAT.match(fault.message)
    if fault.exception != "TypeError" or match is None:
        return
    left, right = (match[side].rpartition(".")[2] for side in ("left", "right"))
    wrong = match.groupdict().get("op") or "+"
    tree = Tree(context.text)
    for rank, each in enumerate(candidates(context, "binary_operator", "augmented_assignment")[:4]):
        node = each.field("operator")
        if node is None or node.type.rstrip("=") != wrong.rstrip("="):
            continue
        place = tree.expression(node)
        suffix = "=" if each.type == "augmented_assignment" else ""
        for order, new in enumerate(_fitting(left, right)):
            if new != wrong.rstrip("="):
                prior = 0.8 - 0.06 * order - (0.0 if each.marked else 0.05 * rank)
                title = f"Use `{new}{suffix}` instead of `{place.text}`"
                yield context.edit(title, [(place.start, place.end, f"{new}{suffix}")], prior)


def _fitting(left: str, right: str) -> tuple[str, ...]:
    """Operators that take a value of the one type on the left and one of the other on the right."""
    if left == right:
        return _SAME.get(left, ())
    if left.endswith("Path") and (right == "str" or right.endswith("Path")):
        return ("/",)
    if {left, right} <= {"set", "frozenset", "dict_keys"}:
        return ("|", "-", "&")
    if left in _NUMBERS and right in _NUMBERS:
        return ("*", "/", "+", "-")
    if left == "timedelta" and right in {"int", "float"}:
        return ("*", "/")
    if left in {"datetime", "date"} and right == "timedelta":
        return ("+", "-")
    if left in {"str", "list", "tuple"} and right == "int":
        return ("*",) if left != "str" else ("%", "*")
    if left == "str" and right in {"tuple", "dict"}:
        return ("%",)
    return ()


REPAIR = Repair("operand-operator", "Use the operator that the operands have", propose)
