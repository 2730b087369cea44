"""Every part that may be moved is moved, in programs made at random, and the program does the same as before."""

from __future__ import annotations

import random
import textwrap
from collections.abc import Callable, Iterator
from typing import cast

import libcst as cst
import pytest

from suture.healing.refactoring.blocks import blocks
from suture.healing.refactoring.flow import flow_of
from suture.healing.refactoring.functions import place_of, replaced
from suture.healing.refactoring.helpers import extracted

NAMES = ("a", "b", "c", "d")
STEPS = 400
#: Programs that once came out wrong: a jump over a ``finally``, a ``continue`` at the end, an order of evaluation.
KNOWN = (1618, 1743, 1808)


class Program:
    """Writes a function of small steps that ends for sure: loops are bounded, and every step is counted."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.loops = 0

    def text(self) -> str:
        body = "\n".join(self.suite(3))
        return f"def f(a, b, seen):\n{textwrap.indent(body, '    ')}\n    return (a, b)\n"

    def expression(self) -> str:
        name, other = self.rng.choice(NAMES), self.rng.choice(NAMES)
        return self.rng.choice(
            (
                name,
                str(self.rng.randrange(4)),
                f"{name} + 1",
                f"{name} - {other}",
                f"sum({other} for {other} in range(3))",
                f"max([{name} + i for i in range(2)])",
                f"({other} := {name} + 2)",
                f"({name} if {other} > 1 else ({other} := 3))",
            )
        )

    def condition(self) -> str:
        name = self.rng.choice(NAMES)
        return self.rng.choice(
            (f"{name} > 1", f"{name} % 2", f"({name} := {self.expression()}) > 2", f"{name} > 0 and (c := {name}) < 4")
        )

    def suite(self, depth: int) -> list[str]:
        return [line for _ in range(self.rng.randrange(1, 4)) for line in self.statement(depth)]

    def block(self, depth: int) -> list[str]:
        return [f"    {line}" for line in self.suite(depth - 1)]

    def statement(self, depth: int) -> list[str]:
        name = self.rng.choice(NAMES)
        simple: list[list[str]] = [
            [f"{name} = {self.expression()}"],
            [f"{name} += {self.expression()}"],
            [f"seen.append({self.expression()})"],
        ]
        if self.rng.random() < 0.15:
            simple = [["return " + self.rng.choice(("", "False", "(a, 1)", self.expression()))]]
            simple += [["break"], ["continue"]] if self.loops else []
            simple += [["raise ValueError(a)"]] if self.rng.random() < 0.4 else []
        if not depth or self.rng.random() < 0.45:
            return self.rng.choice(simple)
        kind = self.rng.choice(("if", "if", "for", "while", "try", "finally", "match"))
        if kind == "if":
            other = ["else:", *self.block(depth)] if self.rng.random() < 0.3 else []
            return [f"if {self.condition()}:", *self.block(depth), *other]
        if kind in ("for", "while"):
            self.loops += 1
            body = self.block(depth)
            self.loops -= 1
            head = f"for {name} in range({self.rng.randrange(3)}):" if kind == "for" else f"while {self.condition()}:"
            tick = [] if kind == "for" else ["    tick()"]
            return [head, *tick, *body]
        if kind == "try":
            return ["try:", *self.block(depth), "except ValueError as d:", *self.block(depth)]
        if kind == "finally":
            return ["try:", *self.block(depth), "finally:", *self.block(depth)]
        return [f"match {name}:", "    case 1:", *(f"    {line}" for line in self.block(depth)),
                f"    case {self.rng.choice(NAMES)}:", *(f"    {line}" for line in self.block(depth))]  # fmt: skip


class Endless(Exception):
    """A program that takes too many steps."""


def outcome(text: str, a: int, b: int) -> object:
    count = 0

    def tick() -> None:
        nonlocal count
        count += 1
        if count > STEPS:
            raise Endless

    space: dict[str, object] = {"tick": tick}
    exec(compile(text, "<program>", "exec"), space)
    seen: list[object] = []
    try:
        result: object = cast("Callable[..., object]", space["f"])(a, b, seen)
    except Endless:
        return None
    except Exception as error:  # noqa: BLE001 - whatever a program raises is compared
        return type(error).__name__, repr(seen)
    return repr(result), repr(seen)


def moved(text: str) -> Iterator[tuple[str, str]]:
    """(the program with one part moved out, the part)"""
    place = place_of(text, "f")
    if place is None:
        return
    flow = flow_of(place.function)
    for block in blocks(flow):
        helper = extracted(place, flow, block, "_part")
        assert helper is not None
        part = "".join(cst.Module([]).code_for_node(each) for each in block.statements)
        yield replaced(place, helper.caller, helper.definition), part


@pytest.mark.parametrize("first", range(0, 160, 40))
def test_a_program_does_the_same_after_any_part_was_moved_out(first: int) -> None:
    tried = 0
    for seed in (*range(first, first + 40), *KNOWN):
        text = Program(seed).text()
        try:
            compile(text, "<program>", "exec")
        except SyntaxError:
            continue
        inputs = [(a, b) for a in range(4) for b in (0, 1, 3)]
        before = [outcome(text, a, b) for a, b in inputs]
        for new, part in moved(text):
            tried += 1
            after = [outcome(new, a, b) for a, b in inputs]
            assert after == before, f"seed {seed}: {part}\n--\n{text}\n--\n{new}"
    assert tried > 40
