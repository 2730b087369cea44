"""What it does
    Gives a method that overrides another one the parameters that the other one has, and passes them on where it calls
    the method of its base.

Example
    ``def describe(self): return super().describe()`` below a base's ``def describe(self, unit):``

Use instead
    ``def describe(self, unit): return super().describe(unit)``

When it stays silent
    The class has no base in the file that defines the method, or the parameters are the same already.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from ..fault import Fault
from ..grammar import Splice
from ..origins import Site, arguments_of, callee, field_of, indexed, mendable, parameters_of, sites, walk
from ..repair import Context, Draft, Repair
from .unhashable_class import methods

_CALLED = re.compile(r"^(?:[\w.]+\.)?(?P<owner>\w+)\.(?P<name>\w+)\(\) (?:takes|got an unexpected keyword)|"
                     r"^(?P<plain>\w+)\(\) (?:takes|got an unexpected keyword)")  # fmt: skip


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    match = _CALLED.match(fault.message)
    if fault.exception != "TypeError" or match is None:
        return
    name = match["name"] or match["plain"]
    seen: set[str] = set()
    for site in [*mendable(context), *(each for each in sites(context) if not each.checks)]:
        if site.file in seen:
            continue
        seen.add(site.file)
        for owner in indexed(site.text)["class_definition"]:
            label = field_of(owner, "name")
            if match["owner"] and label is not None and site.code(label) != match["owner"]:
                continue
            own, base = methods(site, owner).get(name), _base(site, owner, name)
            if own is not None and base is not None:
                yield from _agreed(site, own, base, name)


def _base(site: Site, owner: Node, name: str, steps: int = 4) -> Node | None:
    """The definition of a method in the nearest base of the file that has one."""
    bases = field_of(owner, "superclasses")
    for each in bases.named_children if bases is not None and steps else []:
        for other in indexed(site.text)["class_definition"]:
            label = field_of(other, "name")
            if label is None or label.text != each.text or other == owner:
                continue
            found = methods(site, other).get(name) or _base(site, other, name, steps - 1)
            if found is not None:
                return found
    return None


def _agreed(site: Site, own: Node, base: Node, name: str) -> Iterator[Draft]:
    mine, theirs = field_of(own, "parameters"), field_of(base, "parameters")
    if mine is None or theirs is None or name == "__init__":
        return
    have, want = parameters_of(own), parameters_of(base)
    lacking = [each for each in want if each not in have]
    if not lacking or want[: len(have)] != have or len(parameters_of(base)) != len(theirs.named_children):
        return
    end = site.span(mine)[1] - 1
    added = ", ".join(site.code(each) for each in theirs.named_children[len(have) :])
    edits: list[Splice] = [(end, end, f", {added}" if have else added)]
    for call in (each for each in walk(own) if each.type == "call"):
        function, arguments = field_of(call, "function"), field_of(call, "arguments")
        owner = field_of(function, "object") if function is not None else None
        if owner is None or arguments is None or callee(call) != name or site.code(owner) != "super()":
            continue
        if len(arguments_of(call)) == len(have) - 1:
            stop = site.span(arguments)[1] - 1
            passed = ", ".join(lacking)
            edits.append((stop, stop, f", {passed}" if arguments_of(call) else passed))
    yield site.edit(f"Take `{', '.join(lacking)}` as the method that it overrides", edits, 0.92)


REPAIR = Repair("override-signature", "Give an overriding method the parameters of its base's", propose)
