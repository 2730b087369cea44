"""What the checks of strategies need to know of a piece of generated code: its calls, and what its names were given.

Invariant: pure; code that the host's Python does not parse gives None, and the check says that it did not run.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from ...analyzers.syntax import imports_of, parse
from ..imports import Import
from ..validation.level import Subject, Verdict, failed, not_run, passed


@dataclass(frozen=True)
class Reading:
    """``assigned`` maps a name to all it was given anywhere, ``origins`` an imported name to what it stands for."""

    tree: ast.Module
    parents: dict[ast.AST, ast.AST]
    assigned: dict[str, list[ast.expr]] = field(default_factory=dict[str, list[ast.expr]])
    origins: dict[str, str] = field(default_factory=dict[str, str])

    def calls(self) -> Iterator[ast.Call]:
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call):
                yield node

    def dotted(self, node: ast.expr) -> str:
        """``httpx.get`` of ``hx.get`` after ``import httpx as hx``; empty for what is no dotted name."""
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        if isinstance(node, ast.Call):
            inner = self.dotted(node.func)
            return ".".join([f"{inner}()", *reversed(parts)]) if inner else ""
        if not isinstance(node, ast.Name):
            return ""
        return ".".join([self.origins.get(node.id, node.id), *reversed(parts)])

    def around(self, node: ast.AST) -> Iterator[ast.AST]:
        """The nodes around a node, the nearest first."""
        while node in self.parents:
            node = self.parents[node]
            yield node

    def values(self, node: ast.expr, depth: int = 3) -> Iterator[ast.expr]:
        """An expression, and where it is a name what the name was given."""
        yield node
        if isinstance(node, ast.Name) and depth:
            for each in self.assigned.get(node.id, ()):
                yield from self.values(each, depth - 1)

    def texts(self) -> Iterator[str]:
        """What texts in the code say, docstrings left out."""
        for node in ast.walk(self.tree):
            text = node.value if isinstance(node, ast.Constant) else None
            if isinstance(text, str) and not isinstance(self.parents.get(node), ast.Expr):
                yield text


def read(code: str, imports: tuple[Import, ...] = ()) -> Reading | None:
    """``imports`` are those of the file; imports within the code count too."""
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError):
        return None
    found = Reading(tree, {child: parent for parent in ast.walk(tree) for child in ast.iter_child_nodes(parent)})
    found.origins.update({each.local: each.origin for each in imports})
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for each in node.names:
                found.origins[each.asname or each.name.partition(".")[0]] = (
                    each.name if each.asname else each.name.partition(".")[0]
                )
        elif isinstance(node, ast.ImportFrom):
            for each in node.names:
                found.origins[each.asname or each.name] = f"{node.module or ''}.{each.name}"
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                _assign(found, target, node.value)
        elif isinstance(node, (ast.AnnAssign, ast.AugAssign, ast.NamedExpr)) and node.value is not None:
            _assign(found, node.target, node.value)
        elif isinstance(node, (ast.With, ast.AsyncWith)):
            for item in node.items:
                if item.optional_vars is not None:
                    _assign(found, item.optional_vars, item.context_expr)
    return found


def _assign(found: Reading, target: ast.expr, value: ast.expr) -> None:
    if isinstance(target, ast.Name):
        found.assigned.setdefault(target.id, []).append(value)


@dataclass(frozen=True, slots=True)
class Said:
    """What a check found: faults refuse, hints do not; ``looked_at`` says what was checked, empty if nothing was."""

    faults: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()
    looked_at: str = ""


def static_check(look: Callable[[Reading, Subject], Said]) -> Callable[[Subject], Verdict]:
    """A level's ``run`` from a look at the code: the first fault refuses, every further one is a hint."""

    def run(subject: Subject) -> Verdict:
        reading = read(subject.code, (*module_imports(subject), *subject.imports))
        if reading is None:
            return not_run("this Python does not parse the code")
        found = look(reading, subject)
        if not found.faults:
            if not found.looked_at:
                return not_run("there is nothing of this kind in the code", applies=False)
            verdict = passed(quality=1.0 if not found.hints else 0.7, notes=(f"checked: {found.looked_at}",))
            return Verdict(
                verdict.status, "", verdict.evidence, verdict.quality, notes=verdict.notes, hints=found.hints
            )
        verdict = failed("; ".join(dict.fromkeys(found.faults)))
        return Verdict(verdict.status, verdict.reason, (), 0.0, hints=found.hints)

    return run


def module_imports(subject: Subject) -> tuple[Import, ...]:
    """The imports that the file has already."""
    data = subject.request.text.encode("utf-8", "surrogatepass")
    found: list[Import] = []
    for node in parse(data).root_node.children:
        if node.type in ("import_statement", "import_from_statement"):
            for local, origin in imports_of(node, data):
                module, _, name = origin.rpartition(".")
                found.append(Import(name, module, local) if module else Import(origin, "", local))
    return tuple(found)


def line_of(node: ast.AST) -> str:
    """``line 4 of the code``"""
    return f"line {getattr(node, 'lineno', 0)} of the code"
