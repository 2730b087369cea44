"""Reads the functions of the fuzz benchmark: one file a function, with its bug and its repair in the same text.

A line that begins with ``-`` is only in the buggy version, one that begins with ``+`` only in the fixed one; the lines
``# key: value`` at the top say which function it is, by which oracle its bug shows and which inputs trigger it.

Invariant: the variant without annotations is derived from the annotated text, never written by hand.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import libcst as cst

HERE = Path(__file__).resolve().parent
HEADER = re.compile(r"# (\w+): (.*)")


@dataclass(frozen=True)
class Case:
    """One function (or class) and what is known about it."""

    id: str
    oracle: str  # C crash, H hang, M mutation, P property, S stateful, T type, L leak, B wrong answer, OK correct
    function: str
    triggers: tuple[str, ...]
    pair: str | None
    variants: tuple[str, ...]
    buggy: str
    fixed: str | None

    @property
    def odd(self) -> bool:
        """Which of the two halves the case belongs to."""
        return int(re.sub(r"\D*(\d+).*", r"\1", self.id)) % 2 == 1

    @property
    def stateful(self) -> bool:
        return re.search(rf"(?m)^class {self.function}\b", self.buggy) is not None


def read_case(path: Path) -> Case:
    """The case in a file.

    Raises:
        ValueError: if its head does not say which function it is about.
    """
    head: dict[str, list[str]] = {}
    lines = path.read_text("utf-8").splitlines()
    while lines and (match := HEADER.fullmatch(lines[0])):
        head.setdefault(match[1], []).append(match[2])
        del lines[0]
    if "function" not in head:
        raise ValueError(f"{path}: no '# function:' at the top")
    buggy = "\n".join(line.removeprefix("-") for line in lines if not line.startswith("+")) + "\n"
    fixed = "\n".join(line.removeprefix("+") for line in lines if not line.startswith("-")) + "\n"
    return Case(
        id=path.stem,
        oracle=head.get("oracle", ["OK"])[0],
        function=head["function"][0],
        triggers=tuple(head.get("trigger", ())),
        pair=head.get("pair", [None])[0],
        variants=tuple(head.get("variants", ["ann, noann"])[0].split(", ")),
        buggy=buggy,
        fixed=None if buggy == fixed else fixed,
    )


def read_cases(folder: Path) -> tuple[Case, ...]:
    """All cases below a folder, in the order of their names."""
    return tuple(read_case(path) for path in sorted(folder.rglob("*.case"), key=lambda path: path.stem))


class _Strip(cst.CSTTransformer):
    """Takes annotations out of functions, and out of classes whose fields are not made of them."""

    def __init__(self) -> None:
        self.keep = [False]

    def visit_ClassDef(self, node: cst.ClassDef) -> None:
        self.keep.append(bool(node.bases or node.decorators))

    def leave_ClassDef(self, original_node: cst.ClassDef, updated_node: cst.ClassDef) -> cst.ClassDef:
        self.keep.pop()
        return updated_node

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:
        self.keep.append(False)

    def leave_FunctionDef(self, original_node: cst.FunctionDef, updated_node: cst.FunctionDef) -> cst.FunctionDef:
        self.keep.pop()
        return updated_node.with_changes(returns=None)

    def leave_Param(self, original_node: cst.Param, updated_node: cst.Param) -> cst.Param:
        default = cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace(""))
        return updated_node.with_changes(
            annotation=None, equal=default if updated_node.default else cst.MaybeSentinel.DEFAULT
        )

    def leave_AnnAssign(
        self, original_node: cst.AnnAssign, updated_node: cst.AnnAssign
    ) -> cst.BaseSmallStatement | cst.RemovalSentinel:
        if self.keep[-1]:
            return updated_node
        if updated_node.value is None:
            return cst.RemoveFromParent()
        return cst.Assign([cst.AssignTarget(updated_node.target)], updated_node.value)


def without_annotations(source: str) -> str:
    """The same program without the annotations of its functions and variables."""
    return cst.parse_module(source).visit(_Strip()).code


def text_of(source: str, variant: str) -> str:
    """A version of a case's program: ``ann`` as it is written, ``noann`` without annotations."""
    return source if variant == "ann" else without_annotations(source)
