"""What it does
    Ends a borrow before its owner is changed: the borrowed value is copied or cloned, or the change comes after the
    last use of the borrow.

Example
    ``let first = &scores[0]; scores.push(40); println!("{}", first);``

Use instead
    ``let first = scores[0]; …`` (of a type that is copied), ``scores[0].clone()`` otherwise.

When it stays silent
    The borrow is not a ``let`` of the same function.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from ...compiled import rust
from ...compiled.syntax import Tree, find, statement_around, up
from ...fault import Fault
from ...repair import Context, Draft, Repair

CODES = frozenset({"E0499", "E0502", "E0505", "E0506"})
_PLACE = re.compile(r"^(?P<path>[^:]+):(?P<line>\d+):(?P<column>\d+): (?P<label>.+)$")
#: What is said of the place where a borrow begins.
_BORROWED = re.compile(r"borrow.* occurs here|is borrowed here")


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    if fault.code not in CODES:
        return
    tree = rust.tree_of(context.text)
    for note in fault.notes:
        match = _PLACE.match(note)
        if match is None or not _BORROWED.search(match["label"]):
            continue
        line, column = int(match["line"]) - 1, int(match["column"]) - 1
        if line >= len(context.lines.starts):
            continue
        start = context.lines.offset(line, column)
        loop = up(tree.at(start), "for_expression")
        walked = loop.child_by_field_name("value") if loop is not None else None
        if walked is not None and tree.start(walked) <= start < tree.end(walked):
            yield from _walked(context, tree, walked)
            return
        declaration = up(tree.at(start), "let_declaration")
        value = declaration.child_by_field_name("value") if declaration is not None else None
        if declaration is None or value is None or start == context.offset:
            continue
        yield from _copied(context, tree, value)
        yield from _later(context, tree, declaration)
        return


def _copied(context: Context, tree: Tree, value: Node) -> Iterator[Draft]:
    text, place = tree.of(value), (tree.start(value), tree.end(value))
    if value.type == "reference_expression" and not text.startswith("&mut"):
        owned = text.lstrip("&").strip()
        sure = 0.86 if re.search(r"\[|\.\w+$", owned) else 0.8
        yield context.edit("Copy the value before the change", [(*place, owned)], sure)
        yield context.edit("Clone the value before the change", [(*place, f"{owned}.clone()")], sure - 0.02)
    elif re.search(r"\.(?:first|last|get|iter\(\)\.\w+)\([^()]*\)$", text):
        yield context.edit("Copy the value before the change", [(*place, f"{text}.copied()")], 0.8)
        yield context.edit("Clone the value before the change", [(*place, f"{text}.cloned()")], 0.79)
    elif re.search(r"\.(?:as_str|trim|as_slice|as_ref)\(\)$", text) or re.search(r"\.unwrap\(\)$", text):
        yield context.edit("Keep a copy of the value", [(*place, f"{text}.to_owned()")], 0.7)
        yield context.edit("Clone the value before the change", [(*place, f"{text}.clone()")], 0.68)


def _walked(context: Context, tree: Tree, value: Node) -> Iterator[Draft]:
    """Walk over a copy of the list that the loop's body changes, or changes the owner of."""
    text, place = tree.of(value), (tree.start(value), tree.end(value))
    owned = re.sub(r"^&(?:mut )?|\.iter(?:_mut)?\(\)$", "", text)
    if re.fullmatch(r"[\w.]+", owned):
        yield context.edit("Walk over a copy of it", [(*place, f"{owned}.clone()")], 0.84)


def _later(context: Context, tree: Tree, declaration: Node) -> Iterator[Draft]:
    """Move the statement that changes the owner behind the last one that uses the borrow."""
    change = statement_around(tree.at(context.offset))
    name = tree.field(declaration, "pattern").removeprefix("mut ")
    last: Node | None = None
    after = change.next_named_sibling if change is not None else None
    while after is not None:
        if any(tree.of(each) == name for each in find(after, "identifier", "token_tree")) or re.search(
            rf"\b{re.escape(name)}\b", tree.of(after)
        ):
            last = after
        after = after.next_named_sibling
    if change is None or last is None or change.type != "expression_statement":
        return
    start = context.lines.bounds(context.lines.position(tree.start(change))[0])[0]
    end = context.lines.bounds(context.lines.position(tree.end(change))[0])[1] + 1
    place = tree.end(last)
    moved = context.text[start : end - 1]
    if context.text[start : tree.start(change)].strip() or context.text[place : place + 1] not in ("\n", ""):
        return
    title = "Change it after the last use of the borrow"
    yield context.edit(title, [(start, end, ""), (place, place, f"\n{moved}")], 0.6)


REPAIR = Repair("rust-borrow-conflict", "End a borrow before its owner is changed", propose, languages=("rust",))
