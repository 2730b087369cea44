"""The tasks of the simulated model: sixty of our own, twenty of other kinds, and the programs of a heal bench.

A task is a comment, right answers, and hidden tests; those of other kinds bring the file in which the comment or the
stub stands (``## here`` is replaced by the comment, or stands above the stub). From the bench come those programs
that are functions: their visible checks with literal arguments become the examples of the comment (it has no
description), their docstring its words; the hidden check decides.
"""

from __future__ import annotations

import ast
import json
import re
import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Task:
    name: str
    comment: str
    answers: tuple[str, ...]
    hidden: str  # a program that imports everything from ``mod`` and ends with an error if the function is wrong
    tests: tuple[str, ...] = ()  # what the model writes as tests, where the comment has no examples
    source: str = "own"
    file: str = ""  # the file around it, with ``## here`` where the comment or the stub is; empty: the comment alone

    @property
    def text(self) -> str:
        """The file as it is when the function is asked for."""
        comment = "".join(f"# {line}\n" for line in self.comment.splitlines())
        return _MARK.sub(lambda mark: textwrap.indent(comment, mark[1]), self.file) if self.file else comment

    @property
    def line(self) -> int:
        """Where it is asked for, 0-based."""
        found = _MARK.search(self.file)
        return self.file.count("\n", 0, found.start()) if found else 0

    def module(self, code: str) -> str:
        """The file with an answer in its place, as hidden tests see it. Raises SyntaxError."""
        if not self.file:
            return code
        tree = ast.parse(code)
        imports = [each for each in tree.body if isinstance(each, (ast.Import, ast.ImportFrom))]
        rest = ast.unparse(ast.Module([each for each in tree.body if each not in imports], []))
        head = "".join(f"{ast.unparse(each)}\n" for each in imports)
        future, whole = "from __future__ import annotations\n", self.file
        if future in whole:
            whole, head = whole.replace(future, ""), future + head
        found = _MARK.search(whole)
        assert found is not None
        before, after = whole[: found.start()], whole[found.end() :]
        if not self.comment:  # a stub: it ends where the next line is no deeper than its first one
            before = re.sub(r"(?:^[ \t]*@.*\n)+\Z", "", before, flags=re.MULTILINE)
            after = re.sub(rf"\A.*\n(?:(?:{found[1]}[ \t]+.*)?\n)*", "\n", after)
        return head + before + textwrap.indent(rest, found[1]) + "\n" + after


_MARK = re.compile(r"^([ \t]*)## here\n", re.MULTILINE)


def own_tasks(folder: str = "tasks") -> list[Task]:
    found: list[Task] = []
    for path in sorted((HERE / folder).glob("*.txt")):
        for block in re.split(r"^== ", path.read_text("utf-8"), flags=re.MULTILINE)[1:]:
            name, _, rest = block.partition("\n")
            parts = re.split(r"^-- (\w+)\n", rest, flags=re.MULTILINE)
            sections = list(zip(parts[1::2], parts[2::2], strict=True))
            answers = tuple(text.strip("\n") + "\n" for kind, text in sections if kind == "answer")
            hidden = "".join(text for kind, text in sections if kind == "hidden")
            tests = tuple(each for kind, text in sections if kind == "tests" for each in _tests(text))
            file = "".join(text for kind, text in sections if kind == "file")
            shown = "\n".join(f"assert {call}" for call in _checks(parts[0]))
            program = f"from mod import *\n{shown}\n{hidden}"
            source = "own" if folder == "tasks" else folder.rpartition("/")[2]
            found.append(
                Task(
                    name.strip(),
                    parts[0].strip("\n"),
                    answers,
                    program,
                    tests,
                    source,
                    file.rstrip() + "\n" * bool(file),
                )
            )
    return found


def _tests(text: str) -> list[str]:
    """Whole functions, or a line of assertion each."""
    if text.lstrip().startswith("def "):
        return [f"def {each}".rstrip() for each in re.split(r"^def ", text, flags=re.MULTILINE)[1:]]
    return [line for line in text.splitlines() if line.strip()]


def _checks(comment: str) -> list[str]:
    """The examples of a comment as expressions, so that the hidden tests hold them too."""
    found = re.findall(r"^(\w+\(.*\)) -> (.+)$", comment, re.MULTILINE)
    return [f"{call} == {result}" for call, result in found if _is_literal(result)]


def _is_literal(text: str) -> bool:
    try:
        ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return False
    return True


def bench_tasks(path: Path) -> list[Task]:
    found: dict[str, Task] = {}
    for line in path.read_text("utf-8").splitlines():
        case = json.loads(line)
        if case["requires"] or case["task"] in found or "check.py" not in case["files"]:
            continue
        made = _bench_task(case)
        if made is not None:
            found[case["task"]] = made
    return list(found.values())


def _bench_task(case: dict[str, Any]) -> Task | None:
    check = str(case["files"]["check.py"])
    original = str(case["original"]).replace("\t", "    ")
    tree = ast.parse(original)
    names = [each.name for each in tree.body if isinstance(each, ast.FunctionDef)]
    if any(isinstance(each, ast.ClassDef) for each in tree.body):
        return None
    called = re.search(r"^check\((\w+)\)", check, re.MULTILINE)
    examples = _examples(check, names, called[1] if called else "")
    if not examples:
        return None
    name = examples[0][0]
    words = _docstring(tree, name)
    shown = "\n".join(f"{call} -> {result}" for _, call, result in examples[:4])
    lead = words or f"Write {name}."
    return Task(name, f"{lead}\n{shown}", (original,), str(case["hidden_check"]), source=str(case["task"]))


def _examples(check: str, names: list[str], candidate: str) -> list[tuple[str, str, str]]:
    """(function, call, result) of the assertions that compare a call of literals with a literal."""
    found: list[tuple[str, str, str]] = []
    for node in ast.walk(ast.parse(check)):
        if not (isinstance(node, ast.Assert) and isinstance(node.test, ast.Compare) and len(node.test.ops) == 1):
            continue
        call, result = node.test.left, node.test.comparators[0]
        if not (
            isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and isinstance(node.test.ops[0], ast.Eq)
        ):
            continue
        name = candidate if call.func.id == "candidate" else call.func.id
        if name not in names or call.keywords:
            continue
        try:
            arguments = [repr(ast.literal_eval(each)) for each in call.args]
            value = repr(ast.literal_eval(result))
        except ValueError:
            continue
        found.append((name, f"{name}({', '.join(arguments)})", value))
    return [each for each in found if each[0] == found[0][0]]


def _docstring(tree: ast.Module, name: str) -> str:
    """The first paragraph of the docstring, without its examples."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name == name:
            text = (ast.get_docstring(node) or "").split("\n\n")[0]
            text = re.split(r"(?i)\bfor example|\bexamples?\b|>>>|\be\.g\.", text)[0]
            return " ".join(text.split())
    return ""
