"""What it does
    Returns a value in place of a reference to one that ends with the function; lets a type of another crate have
    methods by a trait; gives an enum numbers that are wide enough.

Example
    ``fn heading(page: &Page) -> &str { let mut text = page.title.to_uppercase(); … &text }``

Use instead
    ``fn heading(page: &Page) -> String { … text }``

When it stays silent
    What is returned is a reference to something else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from ...compiled import rust
from ...compiled.syntax import Tree, find, up
from ...fault import Fault
from ...grammar import Splice
from ...repair import Context, Draft, Repair

_LOCAL = re.compile(
    r"^cannot return (?:reference to|value referencing) (?:local variable|temporary value|function param)"
)
_REFERENCE = re.compile(r"&(?:'\w+\s+)?(?:mut\s+)?(?P<type>.+)$", re.DOTALL)
_ENDINGS = re.compile(r"\.(?:as_str|as_slice|as_ref|as_bytes|iter|trim|borrow)\(\)$")
_WIDER = {"u8": "u16", "i8": "i16", "u16": "u32", "i16": "i32", "u32": "u64", "i32": "i64"}


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    tree = rust.tree_of(context.text)
    if fault.code == "E0515" and _LOCAL.search(fault.message):
        yield from _owned(context, tree)
    elif fault.code == "E0106" and (function := up(tree.at(context.offset), "function_item")) is not None:
        if "&" not in tree.field(function, "parameters"):
            yield from _owned(context, tree)
    elif fault.code == "E0116":
        yield from _trait(context, tree)
    elif fault.code == "E0370":
        item = up(tree.at(context.offset), "enum_item")
        above = item.prev_named_sibling if item is not None else None
        while above is not None and above.type == "attribute_item":
            match = re.search(r"repr\((\w+)\)", tree.of(above))
            if match is not None and match[1] in _WIDER:
                start = tree.start(above) + match.start(1)
                wider = _WIDER[match[1]]
                yield context.edit(f"Count in {wider}", [(start, start + len(match[1]), wider)], 0.85)
            above = above.prev_named_sibling


def _owned(context: Context, tree: Tree) -> Iterator[Draft]:
    function = up(tree.at(context.offset), "function_item")
    result = function.child_by_field_name("return_type") if function is not None else None
    match = _REFERENCE.match(tree.of(result)) if result is not None else None
    if function is None or result is None or match is None:
        return
    kind = match["type"].strip()
    listed = re.fullmatch(r"\[(.+)\]", kind)
    owned = "String" if kind == "str" else f"Vec<{listed[1]}>" if listed else kind
    splices: list[Splice] = [(tree.start(result), tree.end(result), owned)]
    for value in _returned(function):
        text = tree.of(value)
        new = _ENDINGS.sub("", text[1:].removeprefix("mut ").strip() if text.startswith("&") else text)
        new = re.sub(r"\[\.\.\]$", "", new)
        if value.type == "string_literal" or text.endswith(".trim()"):
            new = f"{text}.to_string()"
        splices.append((tree.start(value), tree.end(value), new))
    yield context.edit(f"Return a {owned}", sorted(splices), 0.93)


def _returned(function: Node) -> Iterator[Node]:
    """Expressions that a function gives: its last one, those of branches, and of ``return``."""
    for node in find(function.child_by_field_name("body"), "return_expression"):
        yield from node.named_children[:1]
    yield from _ends(function.child_by_field_name("body"))


def _ends(node: Node | None) -> Iterator[Node]:
    if node is None or not node.is_named:
        return
    inner = [each for each in node.named_children if "comment" not in each.type]
    if node.type == "block":
        last = inner[-1] if inner else None
        if last is not None and last.type == "expression_statement" and not _ended(last):
            last = last.named_children[0]
        if last is not None and last.type not in ("expression_statement", "let_declaration"):
            yield from _ends(last)
    elif node.type == "if_expression":
        yield from _ends(node.child_by_field_name("consequence"))
        other = node.child_by_field_name("alternative")
        yield from _ends(other.named_children[0] if other is not None and other.named_children else None)
    elif node.type == "match_expression":
        for arm in find(node.child_by_field_name("body"), "match_arm"):
            yield from _ends(arm.child_by_field_name("value"))
    elif node.type != "return_expression":
        yield node


def _ended(node: Node) -> bool:
    return bool(node.children) and node.children[-1].type == ";"


def _trait(context: Context, tree: Tree) -> Iterator[Draft]:
    """``impl Vec<i32>`` as the implementation of a trait with the same methods."""
    item = up(tree.at(context.offset), "impl_item")
    kind = item.child_by_field_name("type") if item is not None else None
    body = item.child_by_field_name("body") if item is not None else None
    if item is None or kind is None or body is None:
        return
    name = re.sub(r"\W.*", "", tree.of(kind).lstrip("&").rpartition("::")[2]).capitalize() + "Methods"
    heads: list[str] = []
    splices: list[Splice] = []
    for each in body.named_children:
        inner = each.child_by_field_name("body")
        if each.type != "function_item" or inner is None:
            return
        head = tree.text[tree.start(each) : tree.start(inner)].rstrip()
        bare = re.sub(r"^pub(?:\([^)]*\))?\s+", "", head)
        heads.append(f"    {re.sub(r'(?<=[(,] )mut |(?<=[(])mut ', '', bare)};\n")
        splices.append((tree.start(each), tree.start(each) + len(head) - len(bare), ""))
    declared = f"trait {name} {{\n{''.join(heads)}}}\n\n"
    start = tree.start(item)
    place = tree.start(kind)
    edits = [(start, start, declared), (place, place, f"{name} for "), *(each for each in splices if each[0] < each[1])]
    yield context.edit(f"Give the methods by a trait, `{name}`", edits, 0.9)


REPAIR = Repair("rust-owned-result", "Return a value in place of a reference to it", propose, languages=("rust",))
