"""What it does
    Takes the attribute that is meant where the object that has it cannot be used: beside text or numbers, as what is
    sorted or added up, in JSON, and where its attributes were to be unpacked.

Example
    ``"in the " + self.room`` with a ``Room`` that has a ``name``; ``sum(self.bag)`` of objects with a ``weight``

Use instead
    ``"in the " + self.room.name``; ``sum(each.weight for each in self.bag)``

When it stays silent
    The class of the object is not in the workspace, or keeps nothing of the type that is asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from ..fault import Fault
from ..grammar import splice
from ..origins import Site, arguments_of, callee, field_of, mendable, walk
from ..repair import Context, Draft, Repair
from .unhashable_class import classes

_TYPES = re.compile(r"'([\w.]+)'|\"([\w.]+)\"|(?:type|instance,|not) (\w+)|non-iterable (\w+)")
_SPOKEN = re.compile(
    r"can only concatenate|unsupported operand|not supported between|expected str instance|JSON serializable|"
    r"must be real number|is required, not|must be a string|argument must be|cannot unpack non-iterable|must be str|"
    r"can't multiply|expected string|unhashable type"
)
_TEXT = re.compile(r"\bstr\b|sequence item|expected string|JSON|unhashable")
_NUMBER = re.compile(r"\b(?:int|float)\b|real number|must be real|for \+")
_NAMES_OF_TEXT = re.compile(r"name|title|label|text|path|key|code|id$|sku|owner|kind|word|isbn|email|url|slug")


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    if fault.exception != "TypeError" or not _SPOKEN.search(fault.message):
        return
    told = {part.rpartition(".")[2] for found in _TYPES.findall(fault.message) for part in found if part}
    for kind in sorted(told):
        for home, node in classes(context, kind):
            ranked = _attributes(home, node, fault.message)
            for site in mendable(context)[:2]:
                if "cannot unpack" in fault.message:
                    yield from _unpacked(site, {name for name, _ in ranked})
                    continue
                for name, prior in ranked[:5]:
                    yield from _taken(site, kind, name, prior - 0.05 * site.away)


def _attributes(home: Site, node: Node, message: str) -> list[tuple[str, float]]:
    """What objects of a class keep, with how likely it is what was meant."""
    said = home.code(node)
    fields = dict(re.findall(r"^    (\w+)\s*:\s*([\w.]+)", said, re.MULTILINE))
    kept = dict(re.findall(r"self\.(\w+)\s*(?::[^=\n]+)?=(?!=)\s*([^\n]*)", said))
    read = re.findall(r"@property\s+def (\w+)\([^)]*\)(?:\s*->\s*(\w+))?", said)
    found: list[tuple[str, float]] = []
    for name, value in {**kept, **fields, **dict(read)}.items():
        if name.startswith("_"):
            continue
        kind = fields.get(name) or _kind_of(value)
        prior = 0.6
        if _TEXT.search(message) and not _NUMBER.search(message):
            prior += 0.16 * (kind == "str" or bool(_NAMES_OF_TEXT.search(name))) - 0.2 * (
                kind in {"int", "list", "dict"}
            )
        elif _NUMBER.search(message):
            prior += 0.16 * (kind in {"int", "float"}) - 0.2 * (kind in {"str", "list", "dict"} or name == "name")
        uses = len(re.findall(rf"\.{name}\b", home.text)) - len(re.findall(rf"self\.{name}\s*=", said))
        found.append((name, prior + 0.01 * min(uses, 6)))
    return sorted(found, key=lambda item: -item[1])


def _kind_of(value: str) -> str:
    """The type of an expression that is set, where its text tells."""
    if value[:1] in {'"', "'"} or value.startswith(("str(", 'f"')):
        return "str"
    return "int" if re.match(r"\d", value) else "list" if value[:1] == "[" else ""


def _taken(site: Site, kind: str, name: str, prior: float) -> Iterator[Draft]:
    for call in site.nodes("call"):
        given = arguments_of(call)
        if callee(call) in {"sum", "sorted", "max", "min", "join", "set", "Counter"} and given:
            source = given[0]
            if source.type in {"identifier", "attribute", "subscript", "call"}:
                lone = len(given) == 1
                new = f"each.{name} for each in {site.code(source)}"
                yield site.put(f"Take the `{name}` of each", source, new if lone else f"({new})", prior + 0.06)
    for node in site.nodes("identifier", "attribute", "subscript"):
        parent = node.parent
        if parent is None or site.code(node) in {"self", "cls"} or site.kind(node) not in {None, kind}:
            continue
        if parent.type in {"attribute", "keyword_argument", "parameters", "pattern_list", "lambda_parameters"} or (
            parent.type in {"for_in_clause", "for_statement", "assignment"}
            or (parent.type == "call" and field_of(parent, "function") == node)
            or (parent.type == "subscript" and field_of(parent, "value") == node)
        ):
            continue
        key = field_of(parent, "key") if parent.type == "pair" else None
        named = key is not None and site.code(key).strip("'\"") == name
        sure = 0.08 if site.kind(node) == kind else 0.0
        title = f"Take the `{name}` of `{site.code(node)[:30]}`"
        yield site.put(title, node, f"{site.code(node)}.{name}", prior + sure + (0.1 if named else 0.0))


def _unpacked(site: Site, names: set[str]) -> Iterator[Draft]:
    """``for name, weight in items`` of objects that have a ``name`` and a ``weight``."""
    for around in site.nodes("for_statement", "list_comprehension", "generator_expression", "set_comprehension",
                             "dictionary_comprehension"):  # fmt: skip
        clause = around if around.type == "for_statement" else next(
            (each for each in around.named_children if each.type == "for_in_clause"), None)  # fmt: skip
        left = field_of(clause, "left") if clause is not None else None
        if clause is None or left is None or left.type not in {"pattern_list", "tuple_pattern"}:
            continue
        targets = {site.code(each) for each in left.named_children}
        if not targets <= names | {"_"}:
            continue
        base = site.span(around)[0]
        edits = [(site.span(left)[0] - base, site.span(left)[1] - base, "each")]
        for node in walk(around):
            if (
                node.type == "identifier"
                and site.code(node) in targets
                and not left.start_byte <= node.start_byte < left.end_byte
            ):
                parent = node.parent
                if parent is not None and parent.type == "attribute" and field_of(parent, "attribute") == node:
                    continue
                edits.append((site.span(node)[0] - base, site.span(node)[1] - base, f"each.{site.code(node)}"))
        yield site.put("Take the attributes of each", around, splice(site.code(around), sorted(edits)), 0.9)


REPAIR = Repair("object-for-attribute", "Take the attribute where its object cannot be used", propose)
