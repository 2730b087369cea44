"""Where values came from, read off a tree of any shape."""

from __future__ import annotations

from suture.healing.expressions import Tree
from suture.healing.origins import functions_named, walk


def test_a_tree_deeper_than_python_recurses_is_walked_in_order() -> None:
    root = Tree("total = " + " + ".join(f"a{n}" for n in range(3000)) + "\n").tree.root_node
    names = [node.text for node in walk(root) if node.type == "identifier"]
    assert names == [b"total", *(b"a%d" % n for n in range(3000))]


def test_nested_functions_are_left_out_where_they_are_not_asked_for() -> None:
    root = Tree("def f():\n    def g():\n        inner\n    outer\n").tree.root_node.named_children[0]
    names = [node.text for node in walk(root, nested=False) if node.type == "identifier"]
    assert b"outer" in names
    assert b"inner" not in names


def test_functions_by_a_name_are_those_of_classes_and_of_functions_too() -> None:
    text = "def f():\n    def g(): pass\n\nclass C:\n    def g(self): pass\n\ndef h(): pass\n"
    assert [each.start_point[0] for each in functions_named(text, "g")] == [1, 4]
    assert not functions_named(text, "k")
    assert not functions_named(text, "")
