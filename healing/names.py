"""What a fault says about names: the one that was not found, and where it is in the text.

Shared by the repairs of names; the words are those of CPython 3.9 to 3.14 and of Suture's own findings.
"""

from __future__ import annotations

import re
from functools import lru_cache

from ..analyzers.syntax import named_nodes, parse
from .fault import Fault
from .lexer import Token, lex
from .repair import Context

_UNDEFINED = re.compile(
    r"(?:free variable|local variable|global name|cannot access local variable|cannot access free variable|name|"
    r"undefined name) ['\"`]?(?P<name>[^\W\d]\w*)['\"`]?|^[`'\"](?P<quoted>[^\W\d]\w*)[`'\"]"
)
_ATTRIBUTE = re.compile(
    r"(?:module '(?P<module>[\w.]+)'(?: \(.*?\))?|type object '(?P<class>[\w.]+)'|'(?P<type>[\w.<>]+)' object)"
    r" has no attribute '(?P<name>\w+)'"
)
_PARTIAL_MODULE = re.compile(r"(?:partially initialized )module '(?P<module>[\w.]+)' has no attribute '(?P<name>\w+)'")
_IMPORT = re.compile(r"cannot import name '(?P<name>\w+)' from (?:partially initialized module )?'(?P<module>[\w.]+)'")
_NO_MODULE = re.compile(r"No module named '?(?P<module>[\w.]+)'?")
_FORMATTED = re.compile(r"(?i:f|rf|fr)['\"][^{]*\{")
_HINT = re.compile(r"Did you mean:? '?(?P<name>[\w.]+)'?\?")


def undefined_name(fault: Fault) -> str:
    """The name of a NameError or UnboundLocalError, or of an undefined-name finding; empty for anything else."""
    if fault.exception not in {"NameError", "UnboundLocalError"}:
        return ""
    match = _UNDEFINED.search(fault.message)
    return (match["name"] or match["quoted"]) if match else ""


def missing_attribute(fault: Fault) -> tuple[str, str, str] | None:
    """(kind of owner, owner, attribute) of an AttributeError; kind is ``module``, ``class`` or ``type``."""
    if fault.exception != "AttributeError":
        return None
    match = _ATTRIBUTE.search(fault.message)
    if match is None:
        return None
    for kind in ("module", "class", "type"):
        if match[kind]:
            return kind, match[kind], match["name"]
    return None


def missing_import_name(fault: Fault) -> tuple[str, str] | None:
    """(module, name) of ``cannot import name``."""
    match = _IMPORT.search(fault.message) if fault.exception == "ImportError" else None
    return (match["module"], match["name"]) if match else None


def missing_module(fault: Fault) -> str:
    match = _NO_MODULE.search(fault.message) if fault.exception in {"ModuleNotFoundError", "ImportError"} else None
    return match["module"] if match else ""


def hint(fault: Fault) -> str:
    """The interpreter's own suggestion."""
    match = _HINT.search(fault.message)
    return match["name"] if match else ""


def uses(context: Context, name: str) -> list[Token]:
    """The tokens of ``name`` in the file of the fault, those in the fields of f-strings among them."""
    return list(_by_name(context.text).get(name, ()))


@lru_cache(maxsize=4)
def _by_name(text: str) -> dict[str, list[Token]]:
    found: dict[str, list[Token]] = {}
    for token in lex(text):
        if token.kind == "name":
            found.setdefault(token.text, []).append(token)
        elif token.kind == "string" and _FORMATTED.match(token.text):
            for inner in _in_fields(token):
                found.setdefault(inner.text, []).append(inner)
    return found


def _in_fields(string: Token) -> list[Token]:
    """The names in the replacement fields of an f-string, in their order."""
    data = string.text.encode("utf-8", "surrogatepass")
    fields = [each for each in named_nodes(parse(data).root_node) if each.type == "interpolation"]
    names = {each.start_byte: each for field in fields for each in named_nodes(field) if each.type == "identifier"}
    found: list[Token] = []
    for _, node in sorted(names.items()):
        start = string.start + len(data[: node.start_byte].decode("utf-8", "surrogatepass"))
        name = data[node.start_byte : node.end_byte].decode("utf-8", "surrogatepass")
        found.append(Token("name", name, start, start + len(name)))
    return found


def here(context: Context, name: str, attribute: bool = False) -> list[Token]:
    """The tokens of ``name`` on the line of the fault, the marked one first; ``attribute``: only those after a dot."""
    lines = context.lines
    last = context.fault.line
    # A call that spans lines is reported at its first one.
    found = [
        token
        for token in uses(context, name)
        if last <= lines.position(token.start)[0] <= last + 12 and _is_attribute(context.text, token) == attribute
    ]
    on_line = [token for token in found if lines.position(token.start)[0] == last]
    if context.fault.column >= 0:
        start = lines.offset(last, context.fault.column)
        end = lines.offset(last, max(context.fault.end_column, context.fault.column + 1))
        marked = [token for token in on_line if start <= token.start < end]
        # An attribute's mark covers its owner too: the attribute is at the end of it.
        marked.sort(key=lambda token: abs(token.end - end) if attribute else abs(token.start - start))
        return marked + [token for token in on_line if token not in marked]
    return on_line or found[:1]


def _is_attribute(text: str, token: Token) -> bool:
    return text[: token.start].rstrip(" \t").endswith(".")


def attribute_chain(text: str, token: Token) -> str:
    """What follows a name directly: the attribute of ``name.attribute``, or empty."""
    match = re.compile(r"[ \t]*\.[ \t]*([^\W\d]\w*)").match(text, token.end)
    return match[1] if match else ""


def is_called(text: str, token: Token) -> bool:
    return text[token.end :].lstrip(" \t").startswith("(")
