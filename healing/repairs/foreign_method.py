"""What it does
    Calls a method by the name that it has on this type: what a list, a set, a dictionary, a queue or another language
    calls it; a method that was called like a function, on its first argument.

Example
    ``names.push(name)``, ``seen.append(key)`` of a set, ``strip(line)``

Use instead
    ``names.append(name)``, ``seen.add(key)``, ``line.strip()``

When it stays silent
    The type has no method that does the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..expressions import Tree, candidates
from ..fault import Fault
from ..names import undefined_name
from ..repair import Context, Draft, Repair

_LACKS = re.compile(r"^'(?:collections\.)?(?P<type>\w+)' object has no attribute '(?P<name>\w+)'")
#: Names of one deed, as types and languages have them; of two that a type has, the first is meant.
_DEEDS: tuple[tuple[str, ...], ...] = tuple(
    tuple(each.split())
    for each in (
        "append add push put push_back addLast enqueue insert_last offer",
        "extend update addAll add_all concat merge",
        "get find lookup fetch getOrDefault",
        "remove discard delete erase unset",
        "popleft shift dequeue poll pop",
        "index indexOf find search position",
        "strip trim",
        "lstrip trimStart trimLeft ltrim",
        "rstrip trimEnd trimRight rtrim chomp",
        "lower toLowerCase lowercase downcase to_lower casefold",
        "upper toUpperCase uppercase upcase to_upper",
        "startswith startsWith starts_with hasPrefix",
        "endswith endsWith ends_with hasSuffix",
        "replace replaceAll replace_all gsub",
        "split explode",
        "union intersection_update update",
        "issubset isSubsetOf is_subset",
        "items entries iteritems",
        "keys iterkeys keySet",
        "values itervalues",
        "copy clone dup",
        "clear empty removeAll",
        "isdigit isDigit is_digit isnumeric",
    )
)
#: What is a function here.
_FUNCTIONS = {"length": "len", "size": "len", "toString": "str", "to_s": "str", "len": "len", "__len__": "len"}
#: Types by name, for what they have.
_TYPES: dict[str, type] = {each.__name__: each for each in (str, bytes, list, tuple, dict, set, frozenset, int, float)}
_MORE = {"deque": frozenset({"append", "appendleft", "popleft", "pop", "extend", "remove", "clear", "copy", "index"})}


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    name = undefined_name(fault)
    if name:
        yield from _as_method(context, name)
    elif fault.exception == "AttributeError" and (match := _LACKS.match(fault.message)):
        yield from _renamed(context, match["type"], match["name"])


def _has(kind: str, name: str) -> bool:
    if kind in {"defaultdict", "Counter", "OrderedDict"}:
        kind = "dict"
    return name in _MORE[kind] if kind in _MORE else kind in _TYPES and hasattr(_TYPES[kind], name)


def _renamed(context: Context, kind: str, name: str) -> Iterator[Draft]:
    tree = Tree(context.text)
    twins = [each for deed in _DEEDS if name in deed for each in deed if _has(kind, each)]
    for node in candidates(context, "attribute"):
        label, owner = node.field("attribute"), node.field("object")
        if label is None or owner is None or label.text != name.encode():
            continue
        place = tree.expression(label)
        for rank, each in enumerate(dict.fromkeys(twins)):
            title = f"Call `{each}` instead of `{name}`"
            yield context.edit(title, [(place.start, place.end, each)], 0.88 - 0.05 * rank)
        if (function := _FUNCTIONS.get(name)) is not None:
            call = node.node.parent
            called = call is not None and call.type == "call" and call.child_by_field_name("function") == node.node
            whole = tree.expression(call) if called and call is not None else node
            new = f"{function}({tree.expression(owner).text})"
            yield context.edit(f"Use `{new}`", [(whole.start, whole.end, new)], 0.9)


def _as_method(context: Context, name: str) -> Iterator[Draft]:
    if not any(_has(kind, name) for kind in _TYPES) or name.startswith("_"):
        return
    tree = Tree(context.text)
    for node in candidates(context, "call"):
        function, arguments = node.field("function"), node.field("arguments")
        if function is None or arguments is None or function.text != name.encode() or not arguments.named_children:
            continue
        first = arguments.named_children[0]
        if first.type not in {"identifier", "attribute", "subscript", "call", "string"}:
            continue
        owner = tree.expression(first).text
        rest = ", ".join(tree.expression(each).text for each in arguments.named_children[1:])
        yield context.edit(
            f"Call `{name}` of `{owner[:30]}`", [(node.start, node.end, f"{owner}.{name}({rest})")], 0.85
        )


REPAIR = Repair("foreign-method", "Call a method by the name that it has on this type", propose)
