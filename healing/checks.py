"""Which files say what is right: tests, and scripts that check what they import.

Invariant: nothing is run; what a file does is read from its text.
"""

from __future__ import annotations

import re

from tree_sitter import Node

from .scopes import tree_of
from .workspace import Workspace, is_test

_ASSERTED = re.compile(r"^[ \t]*assert\b", re.MULTILINE)
_IMPORTED = re.compile(r"^[ \t]*(?:from|import)[ \t]+([\w.]+)", re.MULTILINE)


def is_check(workspace: Workspace, name: str) -> bool:
    """Whether a file is a test, or a script that asserts more than it defines, of what it imports from the workspace:
    it is right about the values that it was given. What a function asserts of its arguments is no check."""
    if is_test(name):
        return True
    text = (workspace.text(name) or "") if name.endswith(".py") else ""
    if _ASSERTED.search(text) is None:
        return False
    if not imports_others(workspace, name, text):
        return False
    asserted, defined = _judged(tree_of(text)[0].root_node)
    return asserted > defined


def imports_others(workspace: Workspace, name: str, text: str) -> bool:
    """Whether a file imports another one of the workspace."""
    return any(workspace.modules.get(module, name) != name for module in _IMPORTED.findall(text))


def _judged(root: Node) -> tuple[int, int]:
    """How many assertions stand outside of functions that are given something, and of methods that are no tests; how
    many functions and classes there are."""
    asserted, defined = 0, 0
    stack = [(root, False)]
    while stack:
        node, given = stack.pop()
        if node.type in ("function_definition", "class_definition"):
            defined += 1
        if node.type == "function_definition":
            label, listed = node.child_by_field_name("name"), node.child_by_field_name("parameters")
            tests = label is not None and (label.text or b"").startswith(b"test")
            given = given or not (tests or listed is None or not listed.named_children)
        asserted += node.type == "assert_statement" and not given
        stack.extend((each, given) for each in node.named_children)
    return asserted, defined
