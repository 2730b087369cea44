"""What it does
    Gives a match the patterns that it does not cover: together with the arm that is most alike, the last one, or with
    the value with which the result's type usually begins. What they should do is for a person to say; the title tells
    with what they go.

Example
    ``match light { Light::Green => true, Light::Red => false }``

Use instead
    ``Light::Red | Light::Amber => false``

When it stays silent
    The patterns are values of numbers or texts, or the arms bind names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from ...compiled import rust
from ...compiled.syntax import Tree, find, up
from ...fault import Fault
from ...repair import Context, Draft, Repair

_MISSING = re.compile(r"^non-exhaustive patterns: (?P<patterns>.+?) not covered")


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    match = _MISSING.search(fault.message)
    if match is None or fault.code != "E0004":
        return
    patterns = re.findall(r"`([^`]+)`", match["patterns"])
    if not patterns or " more" in match["patterns"]:
        return
    tree = rust.tree_of(context.text)
    node = up(tree.at(context.offset), "match_expression")
    body = node.child_by_field_name("body") if node is not None else None
    arms = [each for each in body.named_children if each.type == "match_arm"] if body is not None else []
    if node is None or not arms:
        return
    enum = patterns[0].rpartition("::")[0]
    prefix = _prefix(tree, arms, enum)
    new = " | ".join(f"{prefix}{each.removeprefix(f'{enum}::')}" if prefix is not None else each for each in patterns)
    for rank, arm in enumerate(reversed(arms)):
        pattern = arm.child_by_field_name("pattern")
        if pattern is None or _binds(tree, pattern):
            continue
        if tree.of(pattern).strip() == "_":
            continue
        place = tree.end(pattern)
        title = f"Treat {new} as {tree.of(pattern)}"[:110]
        yield context.edit(title, [(place, place, f" | {new}")], 0.5 - 0.05 * rank)
    function = up(node, "function_item")
    result = rust.signature(tree, function).result if function is not None else ""
    if rust.usual(result) not in ("", "()", "Default::default()") and _gives_result(node, function):
        last = tree.end(arms[-1])
        indent = rust.indent_of(context.lines.line(context.lines.position(tree.start(arms[-1]))[0]))
        comma = "" if tree.of(arms[-1]).endswith((",", "}")) else ","
        text = f"{comma}\n{indent}{new} => {rust.usual(result)},"
        yield context.edit(f"Give {rust.usual(result)} for {new}"[:110], [(last, last, text)], 0.4)


def _prefix(tree: Tree, arms: list[Node], enum: str) -> str | None:
    """How the arms name the variants of this enum: ``Light::``, ``Self::``, ``crate::Light::``; None if as printed."""
    short = enum.rpartition("::")[2]
    for arm in arms:
        found = re.match(r"((?:\w+::)+)\w", tree.field(arm, "pattern"))
        if found and (found[1].rstrip(":").endswith(short) or found[1] == "Self::"):
            return found[1]
    return None


def _binds(tree: Tree, pattern: Node) -> bool:
    return any(
        tree.of(each)[:1].islower() and (each.parent is None or each.parent.type != "scoped_identifier")
        for each in find(pattern, "identifier")
    )


def _gives_result(node: Node, function: Node | None) -> bool:
    """Whether the match is the last expression of its function."""
    body = function.child_by_field_name("body") if function is not None else None
    last = body.named_children[-1] if body is not None and body.named_children else None
    while last is not None and last.type in ("expression_statement", "return_expression") and last.named_children:
        last = last.named_children[0]
    return last is not None and last.start_byte == node.start_byte


REPAIR = Repair("rust-missing-arm", "Give a match the patterns that it does not cover", propose, languages=("rust",))
