"""What it does
    Passes a function itself where it was called on the way, and gives a function that is called for each item the one
    parameter that it gets.

Example
    ``LINK.sub(self.anchor(), text)``, ``sorted(table.items(), key=lambda name, count: (count, name))``

Use instead
    ``LINK.sub(self.anchor, text)``, ``key=lambda pair: (pair[1], pair[0])``

When it stays silent
    Nothing that is passed is a call without arguments, or a ``lambda`` of several parameters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from ..fault import Fault
from ..grammar import splice
from ..origins import Site, arguments_of, callee, field_of, mendable, walk
from ..repair import Context, Draft, Repair

_MISSING = re.compile(r"^(?P<name>[\w.<>]+)\(\) missing \d+ required positional arguments?")
_UNCALLABLE = re.compile(r"object is not callable|must be callable|not callable$|first argument must be callable")
_NOTHING = re.compile(r"<lambda>\(\) takes 0 positional arguments but (?P<given>\d+) ")
_TAKERS = frozenset(
    {"key", "target", "default_factory", "callback", "function", "func", "factory", "on_change", "type"}
)


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    if fault.exception not in {"TypeError", "ValueError"}:
        return
    missing = _MISSING.match(fault.message)
    called = missing["name"].rpartition(".")[2] if missing else ""
    for site in mendable(context)[:2]:
        malus = 0.04 * site.away
        if missing or _UNCALLABLE.search(fault.message):
            for node in site.nodes("call"):
                yield from _itself(site, node, called, malus)
        if called == "<lambda>":
            for node in site.nodes("lambda"):
                yield from _one(site, node, malus)
        if match := _NOTHING.search(fault.message):
            for node in site.nodes("lambda"):
                yield from _some(site, node, int(match["given"]), malus)


def _itself(site: Site, node: Node, called: str, malus: float) -> Iterator[Draft]:
    """A call without arguments that is an argument."""
    function, parent = field_of(node, "function"), node.parent
    if function is None or parent is None or arguments_of(node) or (called and callee(node) != called):
        return
    label = field_of(parent, "name") if parent.type == "keyword_argument" else None
    if parent.type in {"pair", "list", "tuple"} and called and _beside_others(parent):
        text = site.code(function)
        yield site.put(f"Keep `{text}` itself", node, text, 0.92 - malus)
    if parent.type not in {"argument_list", "keyword_argument"} or function.type not in {"identifier", "attribute"}:
        return
    taker = label is not None and site.code(label) in _TAKERS
    if called or taker:
        text = site.code(function)
        yield site.put(f"Pass `{text}` itself", node, text, (0.93 if called else 0.88) - malus)


def _beside_others(row: Node) -> bool:
    """Whether functions that are not called stand beside."""
    rows = row.parent.named_children if row.type == "pair" and row.parent is not None else row.named_children
    values = [field_of(each, "value") or each for each in rows]
    return any(each.type in {"identifier", "attribute"} for each in values)


def _one(site: Site, node: Node, malus: float) -> Iterator[Draft]:
    """``lambda a, b: …`` for items that are pairs."""
    parameters, body = field_of(node, "parameters"), field_of(node, "body")
    names = parameters.named_children if parameters is not None else []
    if body is None or parameters is None or len(names) < 2 or any(each.type != "identifier" for each in names):
        return
    places = {site.code(each): index for index, each in enumerate(names)}
    said = site.code(body)
    single = next(each for each in ("pair", "row", "item", "each", "entry") if not re.search(rf"\b{each}\b", said))
    base = site.span(body)[0]
    edits = [
        (site.span(each)[0] - base, site.span(each)[1] - base, f"{single}[{places[site.code(each)]}]")
        for each in [body, *walk(body)]
        if each.type == "identifier" and site.code(each) in places and not _is_label(each)
    ]
    new = f"lambda {single}: {splice(said, edits)}"
    yield site.put(f"Take one `{single}`", node, new, 0.9 - malus)


def _is_label(node: Node) -> bool:
    parent = node.parent
    return parent is not None and (
        (parent.type == "attribute" and field_of(parent, "attribute") == node)
        or (parent.type == "keyword_argument" and field_of(parent, "name") == node)
    )


def _some(site: Site, node: Node, given: int, malus: float) -> Iterator[Draft]:
    """``lambda: 0`` where something is passed."""
    body = field_of(node, "body")
    if field_of(node, "parameters") is None and body is not None:
        names = "_" if given == 1 else "*_"
        yield site.put("Take what is passed", node, f"lambda {names}: {site.code(body)}", 0.86 - malus)


REPAIR = Repair("passed-function", "Pass a function itself, one that takes what it gets", propose)
