"""What no edit of a Go file may do, whatever its run says: see :mod:`.guard`.

An error that nobody took yet may be dropped with the blank name where nothing better can be done, and the offer's
title says so; one that was looked at stays looked at.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from .compiled.go import tree_of
from .compiled.syntax import Tree, find

_CALLS = {
    "Skip": "skips a test",
    "Skipf": "skips a test",
    "SkipNow": "skips a test",
    "Short": "skips a test",
    "Exit": "leaves early",
    "Goexit": "leaves early",
    "recover": "swallows a panic",
    "Sleep": "changes a limit or waits",
}
_REPORTS = frozenset({"Error", "Errorf", "Fatal", "Fatalf", "Fail", "FailNow"})
_TEST = re.compile(r"(?:Test|Benchmark|Fuzz|Example)(?:[^a-z]|$)")
_COMMENT = re.compile(r"^//(?:go:build|\s*\+build|go:linkname|nolint|lint:ignore)|//\s*nolint", re.MULTILINE)
_LITERALS = ("int_literal", "float_literal", "interpreted_string_literal", "raw_string_literal", "rune_literal", "true",
             "false")  # fmt: skip


def objection(name: str, old: str, new: str) -> str:
    """Why a change of a Go file must not be offered, or an empty string."""
    before, after = tree_of(old), tree_of(new)
    known = Counter(_hidden(before))
    for key, count in Counter(_hidden(after)).items():
        if count > known[key]:
            return key.partition(":")[0]
    if _blanks(after) > _blanks(before) and _looked_at(after) < _looked_at(before):
        return "swallows an error"
    tests = name.endswith("_test.go")
    if tests and Counter(_tests(before)) - Counter(_tests(after)):
        return "removes a test"
    if tests and _reports(after) < _reports(before):
        return "removes an assertion"
    if before.root.has_error:
        return ""
    if tests and Counter(_literals(before)) - Counter(_literals(after)):
        return "changes the values of a test"
    if tests and len(list(find(after.root, "return_statement"))) > len(list(find(before.root, "return_statement"))):
        return "weakens a test"
    return "removes a definition" if _definitions(after) < _definitions(before) else ""


def _hidden(tree: Tree) -> Iterator[str]:
    """What hides failures, by kind; after a colon what tells two of a kind apart."""
    for node in find(tree.root, "call_expression"):
        function = tree.field(node, "function")
        word = function.rpartition(".")[2]
        if word in _CALLS:
            yield f"{_CALLS[word]}:{word}"
        if function.startswith("unsafe."):
            yield "uses unsafe code"
    for node in find(tree.root, "import_spec"):
        if tree.field(node, "path").strip('"') == "unsafe":
            yield "uses unsafe code:import"
    for node in find(tree.root, "function_declaration", "method_declaration"):
        body = tree.field(node, "body").strip("{} \n\t;")
        if re.fullmatch(r"panic\([^\n]*\)", body):
            yield "gives up in place of doing it"
        if tree.field(node, "name") == "TestMain":
            yield "changes how tests are judged"
    for node in find(tree.root, "comment"):
        if _COMMENT.search(tree.of(node)):
            yield "silences a check" if "lint" in tree.of(node) else "skips a test"


def _blanks(tree: Tree) -> int:
    found = 0
    for node in find(tree.root, "short_var_declaration", "assignment_statement"):
        left = node.child_by_field_name("left")
        found += sum(tree.of(each) == "_" for each in (left.named_children if left is not None else ()))
    return found


def _looked_at(tree: Tree) -> int:
    return sum(bool(re.search(r"\berr\w* [!=]= nil|[!=]= nil", tree.field(node, "condition"))) for node in
               find(tree.root, "if_statement"))  # fmt: skip


def _tests(tree: Tree) -> Iterator[str]:
    names = (tree.field(node, "name") for node in find(tree.root, "function_declaration"))
    yield from (name for name in names if _TEST.match(name))


def _reports(tree: Tree) -> int:
    return sum(
        tree.field(node, "function").rpartition(".")[2] in _REPORTS for node in find(tree.root, "call_expression")
    )


def _literals(tree: Tree) -> Iterator[str]:
    imports = {each.id for spec in find(tree.root, "import_spec") for each in find(spec, *_LITERALS)}
    yield from (tree.of(node) for node in find(tree.root, *_LITERALS) if node.id not in imports)


def _definitions(tree: Tree) -> int:
    return len(list(find(tree.root, "function_declaration", "method_declaration", "type_spec", "const_spec")))
