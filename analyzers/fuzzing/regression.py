"""Writes a counterexample as a plain pytest test: literal inputs, no database, nothing of Suture's in it.

The test fails now and passes once the target copes with the input (or, for a difference from a base version, once it
does again what that one did).
"""

from __future__ import annotations

import ast
import builtins
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from .plans import MODULE
from .project import ImportSpot, slug


@dataclass(frozen=True, slots=True)
class Counterexample:
    """What a test is written from. ``flavours``: callables that must be awaited or read to the end, by method name
    (empty for the target itself); ``expected``: what the base version does."""

    target: str
    kind: str
    args: str
    kwargs: str
    exception: str
    message: str
    expected: str = ""
    inverse: str = ""
    is_class: bool = False
    is_method: bool = False
    flavours: Mapping[str, str] = field(default_factory=dict[str, str])


def call_text(example: Counterexample) -> str:
    """The call as a person would write it, with the module's names bare."""
    return "; ".join(_Writer(example).statements())


def test_source(example: Counterexample, spot: ImportSpot, root: Path, folder: Path) -> str:
    """A test module for the counterexample, to be put into ``folder`` of the project at ``root``."""
    writer = _Writer(example)
    body = writer.body()
    imports = sorted(f"import {name}" for name in writer.modules)
    if writer.needs_pytest:
        imports.append("")
        imports.append("import pytest")
    header = [f'"""Found by fuzzing: an input that broke ``{example.target}``."""', ""]
    path_lines = _path_lines(spot, root, folder)
    if path_lines:
        imports = sorted(
            {*imports, "import sys", "from pathlib import Path"} - {""},
            key=lambda line: (line.startswith("from"), line),
        )
    plain = all(part.isidentifier() for part in spot.module.split("."))
    if plain:
        names = ", ".join(sorted(writer.names))
        loading = [*path_lines, f"from {spot.module} import {names}" + ("  # noqa: E402" if path_lines else "")]
    else:
        loading = _by_path(writer, spot, root, folder)
        imports = sorted(
            {*imports, "import runpy", "from pathlib import Path"} - {"", "import sys"},
            key=lambda line: (line.startswith("from"), line),
        )
    lines = [*header, *imports, *([""] if imports else []), *loading, "", "", *body]
    return "\n".join(lines) + "\n"


def _path_lines(spot: ImportSpot, root: Path, folder: Path) -> list[str]:
    """Lines that make the module importable, where nothing else in the project does."""
    settings = "".join(
        (root / name).read_text(encoding="utf-8", errors="replace")
        for name in ("pyproject.toml", "setup.cfg", "pytest.ini", "tox.ini")
        if (root / name).is_file()
    )
    if "pythonpath" in settings or "[project]" in settings or (root / "setup.py").is_file():
        return []
    if spot.folder == root and (root / "conftest.py").is_file():
        return []
    return [f"sys.path.insert(0, str({_relative(spot.folder, root, folder)}))", ""]


def _relative(target: Path, root: Path, folder: Path) -> str:
    """An expression for ``target`` from the test file's own place."""
    try:
        up = len(folder.relative_to(root).parts)
        rest = target.relative_to(root)
    except ValueError:
        return f"Path({str(target)!r})"
    base = f"Path(__file__).resolve().parents[{up}]"
    return base if rest == Path() else f"{base} / {rest.as_posix()!r}"


def _by_path(writer: _Writer, spot: ImportSpot, root: Path, folder: Path) -> list[str]:
    """For a file whose name cannot be imported: its names, taken by running it."""
    place = _relative(spot.folder / f"{spot.module}.py", root, folder)
    return [f"module = runpy.run_path(str({place}))", *(f"{name} = module[{name!r}]" for name in sorted(writer.names))]


class _Writer:
    """Collects the names that a test needs while its statements are written."""

    def __init__(self, example: Counterexample) -> None:
        self.example = example
        self.names: set[str] = {example.target.partition(".")[0]}
        self.modules: set[str] = set()
        self.needs_pytest = False
        tree = ast.parse(example.args, mode="eval").body
        self.arguments = tree.elts if isinstance(tree, ast.Tuple | ast.List) else [tree]
        keywords = ast.parse(example.kwargs, mode="eval").body
        self.keywords = (
            [
                (key.value, value)
                for key, value in zip(keywords.keys, keywords.values, strict=True)
                if isinstance(key, ast.Constant)
            ]
            if isinstance(keywords, ast.Dict)
            else []
        )

    def expression(self, node: ast.expr) -> str:
        """The source of a node; ``MOD.X`` becomes ``X``, other modules are imported."""
        for each in ast.walk(node):
            if isinstance(each, ast.Attribute) and isinstance(each.value, ast.Name) and each.value.id == MODULE:
                self.names.add(each.attr)
        bound = {each.arg for each in ast.walk(node) if isinstance(each, ast.arg)}
        bound |= {each.id for each in ast.walk(node) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)}
        for each in ast.walk(node):
            if (
                isinstance(each, ast.Name)
                and each.id != MODULE
                and each.id not in bound
                and not hasattr(builtins, each.id)
            ):
                self.modules.add(_module_of(node, each.id))
        return re.sub(rf"\b{MODULE}\.", "", ast.unparse(node))

    def call(self, function: str, arguments: list[ast.expr], name: str = "") -> str:
        parts = [self.expression(each) for each in arguments]
        parts += [f"{key}={self.expression(value)}" for key, value in self.keywords]
        text = f"{function}({', '.join(parts)})"
        flavour = self.example.flavours.get(name, "")
        if flavour == "async":
            self.modules.add("asyncio")
            return f"asyncio.run({text})"
        if flavour == "generator":
            return f"list({text})"
        return text

    def statements(self) -> list[str]:
        """The call, or for a class one statement a step."""
        example = self.example
        if example.is_class:
            lines: list[str] = []
            for step in self.arguments:
                if not isinstance(step, ast.Tuple) or not isinstance(step.elts[0], ast.Constant):
                    continue
                method = str(step.elts[0].value)
                inner = step.elts[1]
                given = inner.elts if isinstance(inner, ast.Tuple) else []
                if method == "__init__":
                    lines.append(f"target = {self.call(example.target, given)}")
                else:
                    lines.append(self.call(f"target.{method}", given, method))
            return lines
        if example.is_method and self.arguments:
            receiver = self.expression(self.arguments[0])
            return [self.call(f"{receiver}.{example.target.rpartition('.')[2]}", self.arguments[1:])]
        return [self.call(example.target, self.arguments)]

    def body(self) -> list[str]:
        example = self.example
        test = f"test_{slug(example.target)}_{_claim(example)}_{_mark(example)}"
        lines = [f"def {test}() -> None:"]
        if example.kind == "hang":
            return [*lines, *self._ends()]
        statements = self.statements()
        *before, last = statements
        indented = [f"    {each}" for each in before]
        if example.exception == "ArgumentMutated" or example.exception == "ArgumentChanged":
            return [*lines, *self._keeps_arguments()]
        if example.exception == "DefaultMutated":
            return [*lines, f"    first = repr({last})", f"    assert repr({last}) == first"]
        if example.exception == "RoundTrip":
            self.names.add(example.inverse)
            given = self.expression(self.arguments[0])
            return [*lines, f"    assert {example.inverse}({last}) == {given}"]
        if example.exception == "WrongReturnType":
            expected = example.message.rpartition(" ")[2]
            return [*lines, f"    # {_one_line(example.message)}", f"    assert isinstance({last}, {expected})"]
        if example.expected.startswith("raises "):
            self.needs_pytest = True
            return [*lines, f"    with pytest.raises({self._exception(example.expected[7:])}):", f"        {last}"]
        if example.expected:
            return [*lines, *indented, f"    assert {last} == {example.expected}"]
        return [
            *lines,
            f"    # raised {_one_line(example.exception + (': ' + example.message if example.message else ''))}",
            *indented,
            f"    {last}",
        ]

    def _exception(self, name: str) -> str:
        if not hasattr(builtins, name):
            self.names.add(name)
        return name

    def _ends(self) -> list[str]:
        """In a process of its own: a loop in C code or a pattern cannot be interrupted otherwise."""
        self.modules |= {"multiprocessing"}
        example = self.example
        if example.is_class or example.is_method or example.flavours or self.keywords or not _picklable(example.args):
            return [f"    {each}" for each in ("# this call did not end", *self.statements())]
        given = ", ".join(self.expression(each) for each in self.arguments)
        comma = "," if len(self.arguments) == 1 else ""
        return [
            '    context = multiprocessing.get_context("spawn")',
            f"    process = context.Process(target={example.target}, args=({given}{comma}))",
            "    process.start()",
            "    process.join(10)",
            "    ended = not process.is_alive()",
            "    process.kill()",
            "    process.join()",
            f'    assert ended, "{example.target} did not end within 10 seconds"',
        ]

    def _keeps_arguments(self) -> list[str]:
        self.modules.add("copy")
        names = [f"argument{number}" for number in range(len(self.arguments))]
        lines = [f"    {name} = {self.expression(each)}" for name, each in zip(names, self.arguments, strict=True)]
        given = ", ".join(names)
        keywords = "".join(f", {key}={self.expression(value)}" for key, value in self.keywords)
        return [
            *lines,
            f"    before = copy.deepcopy(({given},))",
            f"    {self.example.target}({given}{keywords})",
            f"    assert ({given},) == before",
        ]


def _claim(example: Counterexample) -> str:
    """What the test demands, as part of its name."""
    claims = {
        "hang": "ends",
        "ArgumentMutated": "leaves_its_argument_alone",
        "ArgumentChanged": "leaves_its_argument_alone",
        "DefaultMutated": "gives_the_same_twice",
        "RoundTrip": "round_trips",
        "WrongReturnType": "returns_the_annotated_type",
        "Regression": "does_what_it_did",
    }
    known = claims.get(example.kind) or claims.get(example.exception)
    return known or "does_not_raise_" + slug(re.sub(r"(?<=[a-z])(?=[A-Z])", "_", example.exception))


def _mark(example: Counterexample) -> str:
    return hashlib.sha256(f"{example.args}{example.kwargs}".encode()).hexdigest()[:6]


def _one_line(text: str) -> str:
    return " ".join(text.split())[:90]


def _module_of(node: ast.expr, head: str) -> str:
    """The module to import for a dotted name that starts with ``head`` (``a.b.Class`` → ``a.b``)."""
    longest = head
    for each in ast.walk(node):
        text = ast.unparse(each) if isinstance(each, ast.Attribute) else ""
        if text.startswith(f"{head}.") and re.fullmatch(r"[\w.]+", text):
            parts = [part for part in text.split(".") if part[:1].islower() or part.startswith("_")]
            candidate = ".".join(parts[:-1] if parts == text.split(".") else parts)
            if head not in (
                "datetime",
                "decimal",
                "fractions",
                "collections",
                "re",
                "io",
                "uuid",
                "pathlib",
                "ipaddress",
                "random",
                "logging",
            ) and len(candidate) > len(longest):
                longest = candidate
    return longest


def _picklable(args: str) -> bool:
    return "lambda" not in args and "iter(" not in args
