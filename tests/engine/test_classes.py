"""What is read of the methods of a class, and what is said of a class that does everything."""

from __future__ import annotations

from pathlib import Path

import pytest

from suture.analyzers.architecture.classes import Part, method_of, named_methods, parts_of
from suture.analyzers.findings import Finding
from suture.analyzers.review import review_text
from suture.analyzers.syntax import parse


def test_a_method_sets_the_fields_of_its_own_object_only() -> None:
    lines = [f"    self.own_{n} = {n}\n    other.foreign_{n} = {n}\n" for n in range(60)]
    method = method_of(f"def update(self, other):\n{''.join(lines)}".encode())
    assert method.sets == {f"own_{n}" for n in range(60)}


SHOP = b"""
class Shop:
    def __init__(self):
        self.name, self.rows, self.hits, self.queue, self.waiting = "", {}, 0, [], set()
    def look_up(self, key): return self.rows.get(key), self.name
    def count(self): self.hits = self.hits + len(self.rows)
    def forget(self): self.rows, self.hits = {}, 0
    def enqueue(self, job): self.queue = [*self.queue, job]; print(self.name)
    def wait(self): self.waiting = set(self.queue)
    def done(self): self.queue, self.waiting = [], set(); print(self.name)
    def greet(self): print(self.name)
    def rename(self, name): self.name = name
    def shout(self): print(self.name.upper())
"""


def test_methods_that_alone_use_some_fields_could_be_taken_out_of_their_class() -> None:
    """The name belongs to all of it and ties nothing together; neither does the constructor."""
    definition = parse(SHOP).root_node.named_children[0]
    assert parts_of(named_methods(definition, SHOP), SHOP) == (
        Part(("count", "forget", "look_up"), ("hits", "rows")),
        Part(("done", "enqueue", "wait"), ("queue", "waiting")),
    )


def test_a_class_of_one_subject_has_no_parts() -> None:
    one = (
        SHOP.replace(b"self.hits", b"self.rows")
        .replace(b"self.waiting", b"self.rows")
        .replace(b"self.queue", b"self.rows")
    )
    assert parts_of(named_methods(parse(one).root_node.named_children[0], one), one) == ()


def everything(fields: int, methods: int, branches: int) -> str:
    """A class of so many methods, each with so many branches and on two neighbouring fields of so many."""
    words = [f"{chr(97 + n // 26)}{chr(97 + n % 26)}x" for n in range(methods)]
    head = "class Everything:\n    def __init__(self):\n"
    head += "".join(f"        self.f{n} = {n}\n" for n in range(fields)) or "        pass\n"
    return head + "".join(
        f"    def {word}(self, value):\n"
        + "".join(
            f"        if value > {branch}:\n            value = self.f{n // 3 % max(fields, 1)} + self.f0 + {branch}\n"
            for branch in range(branches)
        )
        + f"        self.f{n // 3 % max(fields, 1)} = value\n        return value\n"
        for n, word in enumerate(words)
    )


def god_classes(text: str) -> list[Finding]:
    found = review_text(Path("/p/shop.py"), text, reviewers=("architecture",), run=()).findings
    return [each for each in found if each.rule == "god-class"]


@pytest.mark.parametrize(("fields", "is_told"), [(12, True), (2, False)])
def test_so_complex_a_class_is_too_much_if_it_has_a_state_and_not_if_it_is_a_value(fields: int, is_told: bool) -> None:
    assert bool(god_classes(everything(fields, 20, 10))) == is_told


def test_a_class_that_does_everything_is_told_with_what_could_be_taken_out_first() -> None:
    (found,) = god_classes(everything(12, 36, 10))
    assert "36 methods of its own with 396 paths, 12 fields" in found.message
    assert found.suggestion == "give each group of methods that share fields a class of its own"
    (found,) = god_classes(everything(12, 36, 10).replace("self.f5 = value", "self.f5 = self.g5 = value"))
    assert found.suggestion.startswith("f5 and g5 could be a class of their own: only apx(), aqx() and arx() use them")
