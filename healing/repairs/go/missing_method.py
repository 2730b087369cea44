"""What it does
    Lets a type satisfy an interface: the method that is there under a name of other case is renamed with its uses,
    a value whose pointer has the method is given by its address.

Example
    ``func (s square) area() float64`` where the interface wants ``Area``.

Use instead
    ``func (s square) Area() float64``

When it stays silent
    The type has no such method; what it should do cannot be known.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...compiled import go
from ...compiled.syntax import find, up
from ...fault import Fault
from ...grammar import Splice
from ...repair import Context, Draft, Repair

_POINTER = re.compile(r"^cannot use (?P<value>.+?) \(.*method \w+ has pointer receiver\)", re.DOTALL)
_CASE = re.compile(
    r"\(missing method (?P<want>\w+)\)\s*have (?P<have>\w+)\((?P<one>.*)\n\s*want (?P=want)\((?P<two>.*)"
)


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    if match := _POINTER.search(fault.message):
        value, place = match["value"].partition("{")[0], context.offset
        if context.text.startswith(value, place):
            places = _addressed(context, value) if value != match["value"] else []
            if len(places) > 1:
                yield context.edit(f"Give the addresses of all `{value}`", places, 0.97)
            yield context.edit(f"Give the address of `{match['value']}`", [(place, place, "&")], 0.96)
        return
    match = _CASE.search(fault.message)
    if match is None or match["one"].strip() != match["two"].strip():
        return
    texts: dict[str, str] = {}
    for name in go.package_files(context.workspace, context.name):
        text = context.workspace.text(name) or ""
        tree = go.tree_of(text)
        places = [
            each
            for each in find(tree.root, "field_identifier")
            if tree.of(each) == match["have"]
            and each.parent is not None
            and each.parent.type in ("method_declaration", "selector_expression")
        ]
        for each in reversed(places):
            text = text[: tree.start(each)] + match["want"] + text[tree.end(each) :]
        if places:
            texts[name] = text
    if texts:
        yield Draft(f"Rename the method `{match['have']}` to `{match['want']}`", texts, 0.9)


def _addressed(context: Context, kind: str) -> list[Splice]:
    """An address in place of each value of a type that is written in the same list as the one of the fault."""
    tree = go.tree_of(context.text)
    here = up(tree.at(context.offset), "literal_value", "argument_list")
    inside = [each for each in find(here, "composite_literal") if tree.field(each, "type") == kind]
    own = [each for each in inside if up(each.parent, "literal_value", "argument_list") == here]
    return [(tree.start(each), tree.start(each), "&") for each in own if tree.text[tree.start(each) - 1] != "&"]


REPAIR = Repair("go-missing-method", "Let a type satisfy an interface", propose, languages=("go",))
