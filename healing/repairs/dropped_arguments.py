"""What it does
    Passes on what a function that stands before another one is given: the keyword arguments of a wrapper, the message
    of an exception's own ``__init__``, the default of an option that collects.

Example
    ``def inner(*args): return function(*args)`` called with a keyword; ``super().__init__()`` in an exception whose
    ``self.args`` is read; ``add_argument("--tag", action="append")``

Use instead
    ``def inner(*args, **kwargs): return function(*args, **kwargs)``; ``super().__init__(message)``; ``default=[]``

When it stays silent
    Nothing stands between, or it passes on all that it gets.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...analyzers.syntax import enclosing
from ..fault import Fault
from ..grammar import Splice
from ..origins import Site, arguments_of, callee, field_of, mendable, parameters_of, walk
from ..repair import Context, Draft, Repair

_KEYWORD = re.compile(r"\(\) got an unexpected keyword argument '\w+'")
_ABSENT = re.compile(r"'NoneType' object is not iterable|can only join an iterable|'NoneType' is not iterable|"
                     r"object of type 'NoneType' has no len|'NoneType' object is not subscriptable")  # fmt: skip


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    if fault.exception == "TypeError" and _KEYWORD.search(fault.message):
        for site in mendable(context)[:1]:
            yield from _wrapper(site)
    if fault.exception == "IndexError":
        for site in mendable(context)[:1]:
            yield from _base(site)
    if fault.exception == "TypeError" and _ABSENT.search(fault.message):
        for site in mendable(context)[:2]:
            yield from _option(site)


def _wrapper(site: Site) -> Iterator[Draft]:
    for function in walk(site.tree.tree.root_node):
        parameters = field_of(function, "parameters") if function.type == "function_definition" else None
        if parameters is None or enclosing(function.parent, "function_definition") is None:
            continue
        star = next((site.code(each) for each in parameters.named_children if each.type == "list_splat_pattern"), "")
        if not star or any(each.type == "dictionary_splat_pattern" for each in parameters.named_children):
            continue
        end = site.span(parameters)[1] - 1
        edits: list[Splice] = [(end, end, ", **kwargs")]
        for call in walk(function):
            given = arguments_of(call) if call.type == "call" else []
            if any(site.code(each) == star for each in given):
                stop = site.span(given[-1])[1]
                edits.append((stop, stop, ", **kwargs"))
        if len(edits) > 1:
            yield site.edit("Pass keyword arguments on", edits, 0.93)


def _base(site: Site) -> Iterator[Draft]:
    """``self.args[0]`` is what the base class was told."""
    owner = enclosing(site.function, "class_definition")
    lines = site.text.split("\n")
    if owner is None or not 0 <= site.line < len(lines) or "self.args" not in lines[site.line]:
        return
    for call in walk(owner):
        function = field_of(call, "function") if call.type == "call" else None
        if function is None or site.code(function) != "super().__init__" or arguments_of(call):
            continue
        around = enclosing(call, "function_definition")
        for rank, name in enumerate(parameters_of(around)[1:3] if around is not None else []):
            end = site.span(call)[1] - 1
            yield site.edit(f"Tell the base class `{name}`", [(end, end, name)], 0.92 - 0.1 * rank)


def _option(site: Site) -> Iterator[Draft]:
    """``found.tag`` of an option that collects, and was not given."""
    names = {site.code(label) for node in site.nodes("attribute") if (label := field_of(node, "attribute")) is not None}
    for call in walk(site.tree.tree.root_node):
        if call.type != "call" or callee(call) != "add_argument":
            continue
        said = site.code(call)
        flags = {each.replace("-", "_") for each in re.findall(r"[\"']--([\w-]+)[\"']", said)}
        flags |= set(re.findall(r"dest=[\"'](\w+)", said))
        collects = re.search(r"action=[\"'](?:append|extend)|nargs=[\"'][*+]", said) is not None
        if flags & names and "default=" not in said:
            end = site.span(arguments_of(call)[-1])[1]
            yield site.edit(
                "Begin the option with an empty list", [(end, end, ", default=[]")], 0.74 if collects else 0.5
            )


REPAIR = Repair("dropped-arguments", "Pass on what a function before another one is given", propose)
