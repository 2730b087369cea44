"""What no edit of a Rust file may do, whatever its run says: see :mod:`.guard`.

``unwrap_or_default`` and the like are no cheats by themselves: they answer for an absent value, and the offer's title
says so. ``unwrap`` added is loud. What stops a program (``todo!``, ``panic!``, ``exit``) in place of work, and what
turns the compiler's or the tests' judgement off, is refused.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from tree_sitter import Node

from .compiled.rust import tree_of
from .compiled.syntax import Tree, find, up

_ATTRIBUTES = {
    "ignore": "skips a test",
    "should_panic": "changes what is expected",
    "cfg": "skips a test",
    "cfg_attr": "skips a test",
    "allow": "silences a check",
    "expect": "silences a check",
}
_MACROS = frozenset({"todo", "unimplemented", "panic", "unreachable"})
_CALLS = {
    "exit": "leaves early",
    "abort": "leaves early",
    "catch_unwind": "swallows a panic",
    "transmute": "uses unsafe code",
    "forget": "uses unsafe code",
    "leak": "leaks memory",
    "unwrap_unchecked": "uses unsafe code",
    "get_unchecked": "uses unsafe code",
    "set_hook": "swallows a panic",
}
_DEFINITIONS = (
    "function_item",
    "struct_item",
    "enum_item",
    "trait_item",
    "impl_item",
    "macro_definition",
    "const_item",
)
_LITERALS = (
    "integer_literal",
    "float_literal",
    "string_literal",
    "char_literal",
    "boolean_literal",
    "raw_string_literal",
)


def objection(name: str, old: str, new: str) -> str:
    """Why a change of a Rust file must not be offered, or an empty string."""
    before, after = tree_of(old), tree_of(new)
    for key, count in Counter(_hidden(after)).items():
        if count > Counter(_hidden(before))[key]:
            return key.partition(":")[0]
    tests = Counter(_tests(before))
    if tests - Counter(_tests(after)):
        return "removes a test"
    if len(list(_asserts(after))) < len(list(_asserts(before))):
        return "removes an assertion"
    if before.root.has_error:
        return ""
    if Counter(_in_tests(name, before)) - Counter(_in_tests(name, after)):
        return "changes the values of a test"
    if len(list(find(after.root, *_DEFINITIONS))) < len(list(find(before.root, *_DEFINITIONS))):
        return "removes a definition"
    return ""


def _hidden(tree: Tree) -> Iterator[str]:
    """What hides failures, by kind; after a colon what tells two of a kind apart."""
    for node in find(tree.root, "attribute"):
        word = tree.of(node).partition("(")[0].strip()
        if word in _ATTRIBUTES and tree.of(node) != "cfg(test)":
            yield f"{_ATTRIBUTES[word]}:{word}"
    for node in find(tree.root, "macro_invocation"):
        if tree.field(node, "macro").rpartition("::")[2] in _MACROS:
            yield "gives up in place of doing it"
    for node in find(tree.root, "unsafe_block", "function_modifiers"):
        if "unsafe" in tree.of(node).split("{")[0]:
            yield "uses unsafe code"
    for node in find(tree.root, "identifier", "field_identifier"):
        if tree.of(node) in _CALLS and node.parent is not None and "use" not in node.parent.type:
            yield f"{_CALLS[tree.of(node)]}:{tree.of(node)}"
    for node in find(tree.root, "match_arm"):
        pattern, value = tree.field(node, "pattern"), tree.field(node, "value")
        if pattern.startswith(("Err(", "_")) and value.replace(" ", "") in ("{}", "()"):
            yield "swallows an error:arm"
    for node in find(tree.root, "let_declaration"):
        if tree.field(node, "pattern") == "_":
            yield "swallows an error:let"
    for node in find(tree.root, "expression_statement"):
        if tree.of(node).endswith(".ok();"):
            yield "swallows an error:ok"


def _attributes(node: Node) -> Iterator[Node]:
    each = node.prev_named_sibling
    while each is not None and each.type in ("attribute_item", "line_comment"):
        if each.type == "attribute_item":
            yield each
        each = each.prev_named_sibling


def _is_test(tree: Tree, node: Node) -> bool:
    return any(tree.of(each).removeprefix("#[").split("::")[-1].startswith("test]") for each in _attributes(node))


def _tests(tree: Tree) -> Iterator[str]:
    yield from (tree.field(node, "name") for node in find(tree.root, "function_item") if _is_test(tree, node))


def _asserts(tree: Tree) -> Iterator[Node]:
    for node in find(tree.root, "macro_invocation"):
        if "assert" in tree.field(node, "macro"):
            yield node


def _in_tests(name: str, tree: Tree) -> Iterator[str]:
    """The literals of tests, and of assertions anywhere."""
    whole = name.startswith("tests/") or "/tests/" in name
    for node in find(tree.root, *_LITERALS):
        function = up(node, "function_item")
        macro = up(node, "macro_invocation")
        asserted = macro is not None and "assert" in tree.field(macro, "macro")
        if whole or asserted or (function is not None and _is_test(tree, function)):
            yield tree.of(node)
