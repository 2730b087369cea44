"""What it does
    Gives a special method the name, the parameters or the result that the language asks for: ``__len__``, the three
    values that ``__exit__`` is told, the iterator that ``__iter__`` returns.

Example
    ``def __iter__(self): return self.rows``, ``def __exit__(self):``, ``def length(self):`` and then ``len(window)``

Use instead
    ``return iter(self.rows)``, ``def __exit__(self, *_):``, ``def __len__(self):``

When it stays silent
    The class is not in the workspace, or has no method that is meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from ..fault import Fault
from ..origins import Site, field_of, walk
from ..repair import Context, Draft, Repair
from .unhashable_class import classes, methods

_ITERATOR = re.compile(r"^iter\(\) returned non-iterator of type '(?P<kind>[\w.]+)'")
_GIVEN = re.compile(
    r"^(?P<owner>\w+)\.(?P<name>__\w+__)\(\) takes (?P<takes>\d+) positional arguments? but (?P<given>\d+) "
)
_NEEDS = re.compile(
    r"^object of type '(?P<sized>\w+)' has no len\(\)|^'(?P<iterated>\w+)' object is not iterable|"
    r"^'(?P<called>\w+)' object is not callable|^'(?P<indexed>\w+)' object is not subscriptable|"
    r"^'(?P<walked>\w+)' object is not an iterator"
)
#: What people call such a method.
_MEANT = {
    "sized": ("__len__", ("length", "len", "_len_", "size", "count", "__length__", "__size__")),
    "iterated": ("__iter__", ("iter", "_iter_", "iterate", "__iterate__", "__iterator__", "items", "walk")),
    "called": ("__call__", ("call", "_call_", "run", "__run__", "invoke")),
    "indexed": ("__getitem__", ("getitem", "get", "_getitem_", "__get__", "__get_item__", "__item__", "item", "at")),
    "walked": ("__next__", ("next", "_next_")),
}


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    if fault.exception != "TypeError":
        return
    if match := _ITERATOR.match(fault.message):
        yield from _iterators(context)
    elif match := _GIVEN.match(fault.message):
        yield from _parameters(context, match["owner"], match["name"], int(match["given"]) - int(match["takes"]))
    elif match := _NEEDS.match(fault.message):
        for key, owner in match.groupdict().items():
            name, others = _MEANT[key]
            for site, node in classes(context, owner) if owner else ():
                own = methods(site, node)
                if key == "iterated" and "__next__" in own and "__iter__" not in own:
                    yield _itself(site, own["__next__"])
                for other in others:
                    label = field_of(own[other], "name") if other in own and name not in own else None
                    if label is not None:
                        yield site.put(f"Rename `{other}` to `{name}`", label, name, 0.9 if "len" in other else 0.78)


def _itself(site: Site, method: Node) -> Draft:
    """An object that gives the next item is its own iterator."""
    start = site.span(method)[0]
    begin = site.text.rfind("\n", 0, start) + 1
    blank, newline = site.text[begin:start], "\r\n" if "\r\n" in site.text else "\n"
    inner = "\t" if blank.startswith("\t") else "    "
    new = f"def __iter__(self):{newline}{blank}{inner}return self{newline}{newline}{blank}"
    return site.edit("Insert `__iter__`", [(start, start, new)], 0.93)


def _iterators(context: Context) -> Iterator[Draft]:
    """What ``__iter__`` returns is asked for its iterator."""
    seen: set[str] = set()
    for file in dict.fromkeys([*(each.path for each in context.fault.frames), *context.workspace.python_files[:50]]):
        text = context.workspace.text(file) or ""
        for owner in re.findall(r"^[ \t]*class (\w+)", text, re.MULTILINE) if "__iter__" in text else ():
            for site, node in classes(context, owner) if owner not in seen else ():
                seen.add(owner)
                method = methods(site, node).get("__iter__")
                for each in walk(method) if method is not None else ():
                    if each.type == "return_statement" and each.named_children:
                        yield from _iterator(site, each.named_children[0])


def _iterator(site: Site, value: Node) -> Iterator[Draft]:
    text = site.code(value)
    if text != "self" and not text.startswith("iter("):
        inner = text[1:-1] if value.type == "parenthesized_expression" else text
        yield site.put(f"Return the iterator of `{text[:30]}`", value, f"iter({inner})", 0.93)


def _parameters(context: Context, owner: str, name: str, missing: int) -> Iterator[Draft]:
    for site, node in classes(context, owner):
        method = methods(site, node).get(name)
        parameters = field_of(method, "parameters") if method is not None else None
        if parameters is None or not parameters.named_children or name in {"__init__", "__new__"}:
            continue
        end = site.span(parameters)[1] - 1
        new = "*_" if missing > 1 else "_" if name != "__eq__" else "other"
        yield site.edit(f"Let `{name}` take what it is given", [(end, end, f", {new}")], 0.92)


REPAIR = Repair("special-method", "Give a special method the name, parameters or result that is asked for", propose)
