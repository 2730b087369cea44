"""What a docstring says of a parameter's type, where the code itself says nothing.

Read are the field lists of Sphinx and Epydoc (``:type rows: list``, ``:param list rows:``, ``@type rows: C{list}``),
and the sections of Google's and NumPy's style (``rows (list): ...``, ``rows : list of str``). A type with alternatives
says nothing, except for ``None``.

Invariant: the result depends on the function's own text only.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from tree_sitter import Node

if TYPE_CHECKING:
    from .syntax import Unit

Told = Literal["list", "tuple", "set", "dict", "str", "bytes", ""]

_KINDS: dict[str, Told] = {
    "list": "list",
    "set": "set",
    "frozenset": "set",
    "dict": "dict",
    "str": "str",
    "string": "str",
    "bytes": "bytes",
}
_CHOICE = re.compile(r"\bor\b(?!\s+None\b)|\||/|\bUnion\b")
_KIND = re.compile(r"\W*(?:an?\s+)?(?:C\{)?`*(?:typing\.)?([A-Za-z]+)")


def documented(unit: Unit, parameter: Node, name: str) -> Told:
    """The kind of value that the docstring of the parameter's function gives it; empty if it gives none."""
    text = _docstring(unit, parameter)
    if name not in text:
        return ""
    word = re.escape(name)
    found = re.search(
        rf"[:@]type\s+{word}\s*:(?P<field>[^\n]*)"
        rf"|[:@]param\s+(?P<param>[\w.]+(?:\[[^\]\n]*\]|\([^)\n]*\))?)\s+{word}\s*:"
        rf"|^[ \t]*{word}[ \t]*\((?P<google>[^)\n]*)\)[ \t]*:"
        rf"|^[ \t]*{word}[ \t]+:[ \t]*(?P<numpy>[^\n]*)$",
        text,
        re.MULTILINE,
    )
    if found is None:
        return ""
    said = next(each for each in found.groups() if each is not None)
    kind = _KIND.match(said)
    if kind is None or _CHOICE.search(re.sub(r"[\[(].*[\])]", "", said)):
        return ""
    return _KINDS.get(kind[1].lower(), "")


def _docstring(unit: Unit, parameter: Node) -> str:
    current: Node | None = parameter
    while current is not None and current.type != "function_definition":
        current = current.parent
    body = current.child_by_field_name("body") if current is not None else None
    first = body.named_children[0] if body is not None and body.named_children else None
    if first is None or first.type != "expression_statement" or first.children[0].type != "string":
        return ""
    return unit.text(first)
