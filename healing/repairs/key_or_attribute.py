"""What it does
    Takes an entry of a dictionary by its key where it was asked for as an attribute, and an attribute by its name where
    it was asked for as a key.

Example
    ``offer.price`` of a dictionary, ``point["x"]`` of an object or a named tuple

Use instead
    ``offer["price"]``, ``point.x``

When it stays silent
    The message is about something else, or the key is not a name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..fault import Fault
from ..origins import Site, field_of, mendable
from ..repair import Context, Draft, Repair

_ATTRIBUTE = re.compile(
    r"^'(?:collections\.)?(?:dict|defaultdict|Counter|OrderedDict|mappingproxy|ChainMap)' object has no attribute "
    r"'(?P<name>\w+)'"
)
_TUPLE = re.compile(r"^'tuple' object has no attribute '(?P<name>\w+)'")
_KEY = re.compile(
    r"^(?:'(?!NoneType|function|method|builtin_function_or_method|set|int|float)[\w.]+' object (?:is not subscriptable|"
    r"does not support item assignment)|tuple indices must be integers or slices, not str)"
)


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    if fault.exception == "AttributeError" and (match := _ATTRIBUTE.match(fault.message)):
        for site in mendable(context)[:1]:
            yield from _as_key(site, match["name"])
    elif fault.exception == "AttributeError" and (match := _TUPLE.match(fault.message)):
        for site in mendable(context)[:1]:
            yield from _as_place(site, match["name"])
    elif fault.exception == "TypeError" and _KEY.match(fault.message):
        for site in mendable(context)[:1]:
            yield from _as_attribute(site)


def _as_place(site: Site, name: str) -> Iterator[Draft]:
    """``item.value`` of the pairs that a table's ``items()`` gives."""
    place = 1 if name in {"value", "values", "val", "count", "amount", "score", "second"} else 0 if name in {
        "key", "keys", "name", "id", "first"} else -1  # fmt: skip
    for node in site.nodes("attribute"):
        owner, label = field_of(node, "object"), field_of(node, "attribute")
        if owner is not None and label is not None and site.code(label) == name:
            for index in (0, 1):
                prior = 0.86 if index == place else 0.5 if place < 0 else 0.3
                yield site.put(
                    f"Take place {index} of `{site.code(owner)}`", node, f"{site.code(owner)}[{index}]", prior
                )


def _as_key(site: Site, name: str) -> Iterator[Draft]:
    quote = "'" if site.text.count("'") > site.text.count('"') else '"'
    known = re.search(rf"(['\"]){re.escape(name)}\1|\b{re.escape(name)}=", site.text) is not None
    for node in site.nodes("attribute"):
        owner, label = field_of(node, "object"), field_of(node, "attribute")
        called = node.parent is not None and node.parent.type == "call" and field_of(node.parent, "function") == node
        if owner is None or label is None or site.code(label) != name or called:
            continue
        text = site.code(owner)
        yield site.put(f"Take `{name}` by its key", node, f"{text}[{quote}{name}{quote}]", 0.9 if known else 0.6)


def _as_attribute(site: Site) -> Iterator[Draft]:
    for node in site.nodes("subscript"):
        owner, keys = field_of(node, "value"), node.children_by_field_name("subscript")
        if owner is None or len(keys) != 1 or keys[0].type != "string":
            continue
        name = site.code(keys[0]).strip("'\"")
        if not name.isidentifier():
            continue
        known = re.search(
            rf"\.{re.escape(name)}\b|^\s+{re.escape(name)}\s*[:=]|def {re.escape(name)}\b", site.text, re.M
        )
        yield site.put(f"Take `{name}` as an attribute", node, f"{site.code(owner)}.{name}", 0.9 if known else 0.66)


REPAIR = Repair("key-or-attribute", "Take an entry by its key, an attribute by its name", propose)
