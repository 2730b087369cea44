# pyright: basic
"""Slips after which a program gives another answer: those of ``logic_faults``, an operator a kind."""

from __future__ import annotations

import random
from collections.abc import Iterator

from logic_faults import applied, slips

from .common import OPERATORS, Operator, Program

KINDS = ("comparison", "arithmetic", "boolean", "constant", "negation", "twin", "range", "arguments", "variable",
         "slice", "augmented", "deleted", "early return")  # fmt: skip


def _operator(kind: str) -> Operator:
    def change(program: Program, dice: random.Random) -> Iterator[str]:
        source = program.text.encode()
        places = [
            splices
            for found, splices, line in slips(source, program.tree)
            if found == kind and (not program.run or line in program.run)
        ]
        dice.shuffle(places)
        for splices in places:
            yield applied(source, splices).decode()

    return Operator(f"logic_{kind.replace(' ', '_')}", "logic", change)


OPERATORS.extend(_operator(kind) for kind in KINDS)
