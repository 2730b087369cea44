"""The tests in a document, from the keystroke engine's tree; kept for each version.

Tests are what pytest collects by default: ``test*`` functions, methods of ``Test*`` classes without a constructor, and
those of ``unittest.TestCase``. It starts nothing and reads no file.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tree_sitter import Node

from .documents import Document
from .reviews import TestItem
from .run_commands import is_test_file
from .session import Session


def tests_in(session: Session, document: Document) -> tuple[TestItem, ...]:
    """The document's tests and test classes, in the order of the text."""
    review = session.review(document.uri)
    if review.tests is None or review.tests[0] != document.version:
        found = tuple(_tests(document.analysis.tree.root_node, named=is_test_file(Path(document.path))))
        review.tests = (document.version, found)
    return review.tests[1]


def _tests(root: Node, *, named: bool) -> Iterator[TestItem]:
    """``named``: would pytest collect the file by its name? Else only classes of unittest are tests."""
    for node in root.named_children:
        definition = _definition(node)
        name = _name(definition)
        if definition.type == "function_definition" and named and name.startswith("test"):
            yield TestItem(definition.start_point.row, name)
        elif definition.type == "class_definition" and (
            _of_unittest(definition) or (named and name.startswith("Test"))
        ):
            methods = list(_methods(definition))
            if methods and not any(each == "__init__" for _, each in methods):
                tests = [(line, each) for line, each in methods if each.startswith("test")]
                if tests:
                    yield TestItem(definition.start_point.row, name)
                for line, each in tests:
                    yield TestItem(line, f"{name}::{each}")


def _methods(definition: Node) -> Iterator[tuple[int, str]]:
    body = definition.child_by_field_name("body")
    for node in body.named_children if body is not None else ():
        inner = _definition(node)
        if inner.type == "function_definition":
            yield inner.start_point.row, _name(inner)


def _definition(node: Node) -> Node:
    inner = node.child_by_field_name("definition") if node.type == "decorated_definition" else None
    return inner if inner is not None else node


def _name(node: Node) -> str:
    name = node.child_by_field_name("name")
    return (name.text or b"").decode("utf-8", "replace") if name is not None else ""


def _of_unittest(definition: Node) -> bool:
    bases = definition.child_by_field_name("superclasses")
    text = (bases.text or b"").decode("utf-8", "replace") if bases is not None else ""
    return "TestCase" in text
