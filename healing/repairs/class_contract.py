"""What it does
    Makes a class keep what it promised: names an attribute in its ``__slots__`` that it sets, renames a method to the
    abstract one that it was meant to be, lets a property that reads or sets itself use the attribute behind it.

Example
    ``__slots__ = ("left",)`` and then ``self.right = right``; ``def balance(self): return self.balance`` as a property

Use instead
    ``__slots__ = ("left", "right")``; ``return self._balance``

When it stays silent
    The class is not in the workspace, or none of its names is close.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...analyzers.syntax import enclosing
from ..fault import Fault
from ..names import missing_attribute
from ..origins import Site, field_of, mendable, walk
from ..repair import Context, Draft, Repair
from ..spelling import closest
from .unhashable_class import classes, methods

_ABSTRACT = re.compile(r"^Can't instantiate abstract class (?P<owner>\w+) (?:with|without an implementation for) "
                       r"abstract methods? (?P<names>[\w', ]+)$")  # fmt: skip


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    kind = fault.exception.rpartition(".")[2]
    if kind == "AttributeError" and (found := missing_attribute(fault)) is not None:
        yield from _slots(context, found[1], found[2])
    elif kind == "TypeError" and (match := _ABSTRACT.match(fault.message)):
        yield from _abstract(context, match["owner"], re.findall(r"\w+", match["names"]))
    elif kind == "NotImplementedError":
        yield from _not_overridden(context)
    elif kind in {"ValueError", "KeyError"}:
        yield from _members(context, fault.message)
    elif kind == "RecursionError":
        for site in mendable(context)[:3]:
            yield from _endless(site)


def _slots(context: Context, owner: str, name: str) -> Iterator[Draft]:
    for site, node in classes(context, owner):
        for each in walk(node):
            left, right = field_of(each, "left"), field_of(each, "right")
            if each.type != "assignment" or left is None or right is None or site.code(left) != "__slots__":
                continue
            text = site.code(right)
            if right.type not in {"tuple", "list"} or not re.search(rf"\bself\.{re.escape(name)}\b", site.code(node)):
                continue
            end = site.span(right)[1] - 1
            inside = text[:-1].rstrip()
            comma = " " if inside.endswith(",") else "" if inside.endswith(("(", "[")) else ", "
            quote = "'" if "'" in text else '"'
            yield site.edit(f"Add `{name}` to `__slots__`", [(end, end, f"{comma}{quote}{name}{quote}")], 0.93)


def _abstract(context: Context, owner: str, names: list[str]) -> Iterator[Draft]:
    for site, node in classes(context, owner):
        own = methods(site, node)
        for name in names:
            for meant, score in closest(name, [each for each in own if not each.startswith("__")], count=2, least=0.5):
                label = field_of(own[meant], "name")
                if label is not None:
                    yield site.put(f"Rename `{meant}` to the abstract `{name}`", label, name, min(score + 0.1, 0.95))


def _not_overridden(context: Context) -> Iterator[Draft]:
    """A method of the base that only says that others have it: a subclass has it by a name that resembles it."""
    for site in mendable(context)[:1]:
        label = field_of(site.function, "name")
        base = enclosing(site.function.parent, "class_definition") if label is not None else None
        owner = field_of(base, "name") if base is not None else None
        if label is None or owner is None:
            continue
        name = site.code(label)
        for each in re.findall(rf"^class (\w+)\([^)]*\b{site.code(owner)}\b", site.text, re.MULTILINE):
            for home, node in classes(context, each):
                own = methods(home, node)
                near = closest(name, [found for found in own if not found.startswith("__")], count=1, least=0.5)
                for meant, score in near if name not in own else ():
                    place = field_of(own[meant], "name")
                    if place is not None:
                        title = f"Rename `{meant}` to `{name}` in `{each}`"
                        yield home.put(title, place, name, min(score + 0.1, 0.95))


def _members(context: Context, message: str) -> Iterator[Draft]:
    """``Color("RED")`` for a member's name, ``Color["red"]`` for its value."""
    by_value = re.match(r"^'(?P<said>[^']*)' is not a valid (?P<owner>\w+)$", message)
    for site in mendable(context)[:1]:
        enums = re.findall(r"^class (\w+)\([^)]*Enum\b", site.text, re.MULTILINE)
        for node in site.nodes("call" if by_value else "subscript"):
            head = field_of(node, "function" if by_value else "value")
            if head is None or site.code(head) not in enums:
                continue
            inner = site.code(node)[len(site.code(head)) + 1 : -1]
            if by_value:
                said = by_value["said"]
                if re.search(rf"^[ \t]+{re.escape(said)}\b\s*=", site.text, re.MULTILINE):
                    yield site.put(f"Look up the member `{inner[:30]}`", node, f"{site.code(head)}[{inner}]", 0.9)
                for method in ("lower", "upper", "strip"):
                    if getattr(said, method)() != said:
                        new = f"{site.code(head)}({inner}.{method}())"
                        yield site.put(f"Look up `{inner[:30]}.{method}()`", node, new, 0.84)
            else:
                yield site.put(
                    f"Take the member with the value `{inner[:30]}`", node, f"{site.code(head)}({inner})", 0.86
                )


def _endless(site: Site) -> Iterator[Draft]:
    """A property whose own name is read or set in it."""
    function = site.function
    label, parent = field_of(function, "name"), function.parent
    if label is None or parent is None or parent.type != "decorated_definition":
        return
    name = site.code(label)
    if not re.search(rf"@(?:property|cached_property|{re.escape(name)}\.setter)\b", site.code(parent)):
        return
    behind = [each for each in (f"_{name}", f"__{name}") if re.search(rf"\bself\.{each}\b", site.text)]
    for node in walk(function, nested=False):
        if node.type == "attribute" and site.code(node) == f"self.{name}":
            for each in behind or [f"_{name}"]:
                yield site.put(f"Use `self.{each}` behind the property", node, f"self.{each}", 0.94 if behind else 0.4)


REPAIR = Repair("class-contract", "Let a class keep what its slots, bases and properties promise", propose)
