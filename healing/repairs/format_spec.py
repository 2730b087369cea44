"""What it does
    Makes a format and the values that it is given agree: doubles a percent sign that is meant as such, reads a number
    from text that is shown as one, shows as text what is none.

Example
    ``f"{price:.2f}"`` with the text ``"2.5"``, ``"%d%" % share``

Use instead
    ``f"{float(price):.2f}"``, ``"%d%%" % share``

When it stays silent
    The message is not about a format.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from ..fault import Fault
from ..origins import Site, arguments_of, callee, field_of, mendable, walk
from ..repair import Context, Draft, Repair

_PERCENT = re.compile(r"^(?:incomplete format|unsupported format character|not enough arguments for format string)")
_CODE = re.compile(r"^Unknown format code '(?P<code>\w)' for object of type '(?P<kind>\w+)'")
_NONE = re.compile(r"^unsupported format string passed to (?P<kind>\w+)\.__format__")
_REAL = re.compile(r"^%(?P<code>\w) format: (?:a (?:real )?number|an integer) is required, not (?P<kind>\w+)|"
                   r"^must be real number, not (?P<other>\w+)")  # fmt: skip
#: A conversion of the percent format, or a percent sign that begins none.
_FIELD = re.compile(r"%(?:\(\w+\))?[#0\- +]*(?:\*|\d+)?(?:\.(?:\*|\d+))?[hlL]?[diouxXeEfFgGcrsa%]|%")


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    kind = fault.exception.rpartition(".")[2]
    if kind not in {"ValueError", "TypeError"}:
        return
    code, none, real = _CODE.match(fault.message), _NONE.match(fault.message), _REAL.match(fault.message)
    for site in mendable(context)[:2]:
        malus = 0.05 * site.away
        if _PERCENT.match(fault.message):
            yield from _doubled(site, fault.message, malus)
        if code is not None:
            yield from _shown(site, code["code"], code["kind"], malus)
        if none is not None:
            yield from _as_text(site, none["kind"], malus)
        if real is not None:
            yield from _percent_text(site, real["kind"] or real["other"], malus)


def _doubled(site: Site, message: str, malus: float) -> Iterator[Draft]:
    """A percent sign that stands for itself: one that begins no conversion, or stands behind one, or before a blank."""
    for node in site.nodes("binary_operator"):
        operator, left = field_of(node, "operator"), field_of(node, "left")
        if operator is None or operator.type != "%" or left is None or left.type != "string":
            continue
        begin, text = site.span(left)[0], site.code(left)
        fields = list(_FIELD.finditer(text))
        for before, match in zip([None, *fields], fields, strict=False):
            alone = match[0] == "%"
            behind = before is not None and before.end() == match.start()
            if alone or match[0].startswith("% ") or (behind and "not enough" in message and match[0] != "%%"):
                place = begin + match.start()
                yield site.edit("Double the percent sign", [(place, place, "%")], (0.93 if alone else 0.8) - malus)


def _interpolations(site: Site) -> Iterator[tuple[Node, str]]:
    """(value, format) of the fields of the formatted texts on a line."""
    for text in site.nodes("string"):
        for each in walk(text):
            if each.type == "interpolation" and each.named_children:
                spec = next((child for child in each.named_children if child.type == "format_specifier"), None)
                if spec is not None:
                    yield each.named_children[0], site.code(spec)
    for call in site.nodes("call"):
        given = arguments_of(call)
        if callee(call) == "format" and len(given) == 2 and field_of(call, "function") is not None:
            yield given[0], site.code(given[1]).strip("'\"")


def _shown(site: Site, code: str, kind: str, malus: float) -> Iterator[Draft]:
    for value, spec in _interpolations(site):
        known = site.kind(value)
        if not spec.rstrip("'\"").endswith(code) or (known is not None and known != kind):
            continue
        text = site.code(value)
        if kind == "str":
            ways = [("float", 0.9), ("int", 0.5)] if code in "fFeEgGn%" else [("int", 0.9)]
        elif kind in {"float", "Decimal"}:
            ways = [("int", 0.8), ("round", 0.84)] if code in "dxXobc" else []
        else:
            ways = [("str", 0.86)] if code == "s" else []
        for way, prior in ways:
            yield site.put(f"Convert `{text[:30]}` with `{way}`", value, f"{way}({text})", prior - malus)


def _as_text(site: Site, kind: str, malus: float) -> Iterator[Draft]:
    """A value that takes no format is shown as text first."""
    if kind == "NoneType":
        return  # what to show for nothing is not known
    for value, _ in _interpolations(site):
        known = site.kind(value)
        if known is None or known == kind:
            text = site.code(value)
            prior = 0.86 if known == kind else 0.6
            if value.type == "identifier" and value.end_byte < len(site.tree.data):
                end = site.span(value)[1]
                if site.text[end] == ":":
                    yield site.edit(f"Show `{text[:30]}` as text", [(end, end, "!s")], prior - malus)
                    continue
            yield site.put(f"Convert `{text[:30]}` with `str`", value, f"str({text})", prior - malus)


def _percent_text(site: Site, kind: str, malus: float) -> Iterator[Draft]:
    """``"%d" % text``: the text is read as a number, or shown as it is."""
    for node in site.nodes("binary_operator"):
        operator, left, right = (field_of(node, each) for each in ("operator", "left", "right"))
        if operator is None or operator.type != "%" or left is None or right is None or left.type != "string":
            continue
        fields = [match for match in _FIELD.finditer(site.code(left)) if match[0] != "%%"]
        values = list(right.named_children) if right.type == "tuple" else [right]
        if len(fields) != len(values):
            continue
        begin = site.span(left)[0]
        for match, value in zip(fields, values, strict=True):
            known = site.kind(value)
            if match[0][-1] not in "diouxXeEfFgG" or (known is not None and known != kind):
                continue
            sure = 0.0 if known == kind else -0.1
            place = begin + match.end() - 1
            yield site.edit("Show it as text", [(place, place + 1, "s")], 0.8 + sure - malus)
            if kind == "str":
                way = "int" if match[0][-1] in "diouxX" else "float"
                text = site.code(value)
                yield site.put(f"Convert `{text[:30]}` with `{way}`", value, f"{way}({text})", 0.76 + sure - malus)


REPAIR = Repair("format-spec", "Make a format and its values agree", propose)
