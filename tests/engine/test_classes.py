"""What is read of the methods of a class."""

from __future__ import annotations

from suture.analyzers.architecture.classes import method_of


def test_a_method_sets_the_fields_of_its_own_object_only() -> None:
    lines = [f"    self.own_{n} = {n}\n    other.foreign_{n} = {n}\n" for n in range(60)]
    method = method_of(f"def update(self, other):\n{''.join(lines)}".encode())
    assert method.sets == {f"own_{n}" for n in range(60)}
