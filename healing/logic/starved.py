"""Lines that were lost: the one that feeds a container which is read and never filled, and the one after a loop that
hands on what the loop had in its hands when it ended.

A container is an attribute that a class makes empty, or a local variable of the function or of one around it. Whether
something else fills it, through an alias or from another file, is not asked: the tests say whether it was missing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from .statements import insert
from .tree import Function, Mutation, enclosing

#: Names that are put in, of those that are bound last.
MOST_NAMES = 4
_EMPTY = {
    "list": r"\[\]|list\(\)|(?:collections\.)?deque\(\)",
    "map": r"\{\}|dict\(\)|(?:collections\.)?OrderedDict\(\)",
    "set": r"set\(\)",
}
_FED = (
    r"\s*(?:\[[^\]\n]*\]\s*(?:[-+|&]?=)(?!=)|\.(?:append|add|extend|update|setdefault|insert|appendleft|put)\b|\+=|\|=)"
)
_TAKEN = r"\s*\.(?:pop|popleft|popitem)\("
_LOOPS = ("for_statement", "while_statement")


def starved(function: Function) -> Iterator[Mutation]:
    """Mutations of the blocks of a function."""
    if function.node.type != "function_definition":
        return
    containers = [*_attributes(function), *_locals(function)]
    for block in (each for each in function.own if each.type == "block"):
        inside = [each for each in block.named_children if each.type != "comment"]
        if not inside or (not function.alone(inside[-1]) and "\n" not in function.text(inside[-1])):
            continue
        yield from _flushed(function, inside)
        for name, kind in containers:
            yield from _fed(function, block, inside, name, kind)


def _attributes(function: Function) -> Iterator[tuple[str, str]]:
    """Containers of the class around a method that nothing in it fills, and that the method, or a
    method that takes something out, reads."""
    owner = function.node.parent
    while owner is not None and owner.type != "class_definition":
        owner = owner.parent
    if owner is None:
        return
    whole, own = function.text(owner), function.text(function.node)
    for kind, made in _EMPTY.items():
        for match in re.finditer(rf"\bself\.(\w+)\s*(?::[^=\n]+)?=\s*(?:{made})\s*$", whole, re.MULTILINE):
            name = f"self.{match[1]}"
            read = len(re.findall(rf"\b{re.escape(name)}\b", whole)) > 1
            if not read or re.search(re.escape(name) + _FED, whole):
                continue
            # Where a method takes items out of it, another one was to put them in, which may not mention it any more.
            if re.search(rf"\b{re.escape(name)}\b", own) or re.search(re.escape(name) + _TAKEN, whole):
                yield name, kind


def _locals(function: Function) -> Iterator[tuple[str, str]]:
    """Local containers that nothing fills, seen from a function within: those of the function itself are known
    elsewhere."""
    if not any(each.type == "function_definition" and each.id != function.node.id for each in function.own):
        return
    text = function.text(function.node)
    for node in function.own:
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if node.type != "assignment" or left is None or right is None:
            continue
        several = left.type == "pattern_list"
        targets, values = (left.named_children, right.named_children) if several else ([left], [right])
        for target, value in zip(targets, values, strict=False):
            name, made = function.text(target), function.text(value)
            kind = next((kind for kind, known in _EMPTY.items() if re.fullmatch(known, made)), "")
            if kind and target.type == "identifier" and not re.search(rf"\b{name}{_FED}", text):
                yield name, kind


def _fed(function: Function, block: Node, inside: list[Node], name: str, kind: str) -> Iterator[Mutation]:
    names = _near(function, block, inside, name)
    pairs = [(key, value) for key in names for value in names if key != value]
    texts = {
        "list": [f"{name}.append({each})" for each in names],
        "set": [f"{name}.add({each})" for each in names],
        "map": [f"{name}[{key}] = {value}" for key, value in pairs],
    }[kind]
    last = inside[-1]
    leaves = last.type in ("return_statement", "raise_statement", "break_statement", "continue_statement")
    places = [] if leaves else [(function.line_end(last), last.end_point[0])]
    if leaves or len(inside) > 1:
        places.append((function.line_start(last), last.start_point[0]))
    for rank, text in enumerate(texts):
        for number, (at, line) in enumerate(places):
            prior = 0.7 * 0.9**rank * (1 - 0.1 * number)
            yield insert(function, at, line, function.indent(inside[0]), text, prior, "missing")


def _near(function: Function, block: Node, inside: list[Node], container: str) -> list[str]:
    """Names that are bound where a block ends: the parameters of the function around it, then what was assigned."""
    owner: Node | None = block
    while owner is not None and owner.type != "function_definition":
        owner = owner.parent
    if owner is None:
        return []
    own = function if owner.id == function.node.id else Function(owner, function.data)
    end = inside[-1].end_byte
    found = [name for name, start in own.bound.items() if start < end and name not in ("self", "cls", container)]
    parameters = [name for name in own.parameters if name in found]
    local = [name for name in reversed(found) if name not in parameters]
    return list(dict.fromkeys([*parameters[:2], *local[:2], *parameters[2:], *local[2:]]))[:MOST_NAMES]


def _flushed(function: Function, inside: list[Node]) -> Iterator[Mutation]:
    """What a loop gathers and hands on at each border, once more behind it: the last part has no border."""
    for loop, following in zip(inside, [*inside[1:], None], strict=False):
        if loop.type not in _LOOPS or (enclosing(loop, *_LOOPS) is not None and following is None):
            continue
        body = function.text(loop)
        known = function.text(following) if following is not None else ""
        handed = re.findall(r"^\s*((?:[\w.]+\.(?:append|add)\(|yield )([A-Za-z_]\w*)\)?)\s*$", body, re.MULTILINE)
        for text, name in dict.fromkeys(handed):
            # It is carried from one turn to the next: bound before the loop and again in it.
            if function.bound.get(name, loop.end_byte) >= loop.start_byte or text in known:
                continue
            at, indent = function.line_end(loop), function.indent(loop)
            guarded = f"if {name}:\n{function.unit}{text}"
            yield insert(function, at, loop.end_point[0], indent, guarded, 0.6, "missing")
            yield insert(function, at, loop.end_point[0], indent, text, 0.4, "missing")
