"""What it does
    Writes what JSON does not know as what it does: the value of an enumeration's member, the fields of a data class,
    the table that an object's own method gives.

Example
    ``json.dumps({"status": status})`` of an enumeration's member

Use instead
    ``json.dumps({"status": status.value})``

When it stays silent
    The class that the message names is not in the workspace, or it is none of these.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from ..fault import Fault
from ..imports import with_import
from ..origins import Site, arguments_of, callee, field_of, mendable, walk
from ..repair import Context, Draft, Repair
from .unhashable_class import classes

_KIND = re.compile(
    r"^Object of type (\w+) is not JSON serializable|^keys must be str, int, float, bool or None, not (\w+)"
)
_TABLES = ("to_dict", "as_dict", "asdict", "to_json", "serialize", "serialise", "model_dump")


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    match = _KIND.match(fault.message)
    if fault.exception != "TypeError" or match is None:
        return
    kind = match[1] or match[2]
    for home, owner in classes(context, kind):
        way, statement = _way(home, owner)
        if not way:
            continue
        for site in mendable(context)[:2]:
            yield from _values(site, kind, way, statement)
            if match[1]:
                yield from _default(site, way, statement)


def _way(home: Site, owner: Node) -> tuple[str, str]:
    """How an object is turned into what JSON knows, and the import that takes."""
    bases = field_of(owner, "superclasses")
    if bases is not None and re.search(r"\b\w*(?:Enum|Flag)\b", home.code(bases)):
        return "{}.value", ""
    said = home.code(owner)
    own = next((each for each in _TABLES if re.search(rf"\bdef {each}\(self\)", said)), "")
    if own:
        return f"{{}}.{own}()", ""
    above = owner.parent
    if (
        above is not None
        and above.type == "decorated_definition"
        and re.search(r"@(?:dataclasses\.)?dataclass\b", home.code(above))
    ):
        return "asdict({})", "from dataclasses import asdict"
    return ("{}._asdict()", "") if bases is not None and "NamedTuple" in home.code(bases) else ("", "")


def _values(site: Site, kind: str, way: str, statement: str) -> Iterator[Draft]:
    """The items, entries and arguments of the function that may be such an object."""
    words = re.findall(r"[a-z]+", kind.lower())
    for node in walk(site.function):
        parent = node.parent
        if node.type not in {"identifier", "attribute", "subscript"} or parent is None:
            continue
        entry = parent.type == "pair" and field_of(parent, "value") == node
        keyed = parent.type == "pair" and field_of(parent, "key") == node
        item = parent.type in {"list", "tuple", "list_comprehension"} and parent.named_children[0] == node
        given = (
            parent.type == "argument_list" and parent.parent is not None and callee(parent.parent) in {"dumps", "dump"}
        )
        known = site.kind(node)
        if not (entry or keyed or item or given) or (known is not None and known != kind):
            continue
        text = site.code(node)
        alike = any(word in text.lower() for word in words)
        prior = 0.7 + 0.2 * (known == kind) + 0.16 * (alike and known is None) - 0.05 * site.away
        edits = with_import(site.text, [(*site.span(node), way.format(text))], statement)
        yield site.edit(f"Write `{way.format(text)[:40]}`", edits, prior)


def _default(site: Site, way: str, statement: str) -> Iterator[Draft]:
    for call in site.nodes("call"):
        arguments = field_of(call, "arguments")
        if callee(call) not in {"dump", "dumps"} or arguments is None or "default=" in site.code(arguments):
            continue
        given = arguments_of(call)
        if given:
            end = site.span(given[-1])[1]
            function = "asdict" if way == "asdict({})" else f"lambda each: {way.format('each')}"
            edits = with_import(site.text, [(end, end, f", default={function}")], statement)
            yield site.edit("Say how to write such objects", edits, 0.8)


REPAIR = Repair("json-value", "Write an object as what JSON knows", propose)
