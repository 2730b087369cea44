"""Where values came from, read off a tree of any shape."""

from __future__ import annotations

import pytest

from suture.healing import origins
from suture.healing.expressions import Tree
from suture.healing.origins import Site, assignments, functions_named, walk


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


def test_assignments_are_those_of_a_function_itself_or_of_all_that_is_in_it() -> None:
    text = "x = 0\ndef f():\n    x = 1\n    def g():\n        x = 2\n    if (x := 3):\n        x.y = 4\n"
    text += "class C:\n    x = 5\n"
    root = Tree(text).tree.root_node
    (function,) = functions_named(text, "f")

    def values(node: origins.Node, nested: bool = False) -> list[bytes | None]:
        return [value.text for _, value in assignments(node, "x", text, nested)]

    assert values(root) == [b"0"]
    assert values(function) == [b"1", b"3"]
    assert values(function, nested=True) == [b"1", b"2", b"3"]
    assert values(root.named_children[-1]) == [b"5"]
    assert [value.text for _, value in assignments(function, "x.y", text)] == [b"4"]


def test_a_script_with_one_name_for_everything_is_not_followed_without_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = "".join(f"rows = list(rows)\nvalue = rows[{n}]\n" for n in range(300)) + "value.lower()\n"
    site = Site("m.py", text, Tree(text), 600)
    (node,) = (each for each in site.nodes("identifier") if site.code(each) == "value")
    asked = 0
    usual = origins.items

    def items(*given: origins.Site | origins.Node | tuple[int, ...] | int) -> list[origins.Node]:
        nonlocal asked
        asked += 1
        return usual(*given)  # pyright: ignore[reportArgumentType]

    monkeypatch.setattr(origins, "items", items)
    found = list(origins.origins([site], site, node))
    assert len(found) <= origins.MAX_PLACES + origins.MAX_PLACES**2 + origins.MAX_PLACES**3
    assert asked < 100_000
