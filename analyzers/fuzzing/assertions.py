"""What the test of a counterexample says: the call as a person would write it, and what must hold of it.

Invariant: only text is made here; nothing of the target is imported.
"""

from __future__ import annotations

import ast
import builtins
import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from .plans import MODULE
from .project import slug

#: Standard modules whose dotted names are classes rather than submodules.
_FLAT = frozenset(
    ("datetime", "decimal", "fractions", "collections", "re", "io", "uuid", "pathlib", "ipaddress", "random", "logging")
)


@dataclass(frozen=True, slots=True)
class Counterexample:
    """What a test is written from. ``flavours``: callables that must be awaited or read to the end, by method name
    (empty for the target itself); ``expected``: what a test can demand (see :class:`~.oracles.verdict.Verdict`);
    ``inverse``: what undoes the target (see :class:`~.oracles.round_trips.Inverse`)."""

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


class Writer:
    """Collects the names that a test needs while its statements are written.

    ``names`` come from the target's module, ``modules`` are imported whole, ``siblings`` are names by other module."""

    def __init__(self, example: Counterexample) -> None:
        self.example = example
        self.names: set[str] = {example.target.partition(".")[0]}
        self.modules: set[str] = set()
        self.siblings: dict[str, set[str]] = {}
        self.needs_pytest = False
        self.reads = False  # an asynchronous generator
        tree = ast.parse(example.args, mode="eval").body
        self.arguments = tree.elts if isinstance(tree, ast.Tuple | ast.List) else [tree]
        keywords = ast.parse(example.kwargs, mode="eval").body
        pairs = zip(keywords.keys, keywords.values, strict=True) if isinstance(keywords, ast.Dict) else ()
        self.keywords = [(str(key.value), value) for key, value in pairs if isinstance(key, ast.Constant)]

    def test_name(self) -> str:
        return f"test_{slug(self.example.target)}_{_claim(self.example)}_{_mark(self.example)}"

    def expression(self, node: ast.expr) -> str:
        """The source of a node; ``MOD.X`` becomes ``X``, other modules are imported."""
        bound = {each.arg for each in ast.walk(node) if isinstance(each, ast.arg)} | {"result", "target"}
        bound |= {each.id for each in ast.walk(node) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)}
        for each in ast.walk(node):
            if isinstance(each, ast.Attribute) and isinstance(each.value, ast.Name) and each.value.id == MODULE:
                self.names.add(each.attr)
            elif isinstance(each, ast.Name) and each.id not in {MODULE, *bound} and not hasattr(builtins, each.id):
                self.modules.add(_module_of(node, each.id))
        return ast.unparse(_Bare().visit(ast.parse(ast.unparse(node), mode="eval")))

    def call(self, function: str, arguments: list[ast.expr], name: str = "") -> str:
        """A call, finished as its flavour asks: awaited, or read to the end."""
        parts = [self.expression(each) for each in arguments]
        parts += [f"{key}={self.expression(value)}" for key, value in self.keywords]
        return self.finished(f"{function}({', '.join(parts)})", name)

    def finished(self, text: str, name: str = "") -> str:
        flavour = self.example.flavours.get(name, "")
        if flavour == "async":
            self.modules.add("asyncio")
            return f"asyncio.run({text})"
        if flavour == "async-generator":
            self.modules.add("asyncio")
            self.reads = True
            return f"asyncio.run(read({text}))"
        return f"list({text})" if flavour == "generator" else text

    def statements(self) -> list[str]:
        """The call, or for a class one statement a step."""
        example = self.example
        if example.is_class:
            return [text for text in map(self._step, self.arguments) if text]
        return [self.called(self.arguments)]

    def called(self, arguments: list[ast.expr]) -> str:
        """The target on these arguments; the first of a method is its receiver."""
        example = self.example
        if example.is_method and arguments:
            receiver = self.expression(arguments[0])
            return self.call(f"{receiver}.{example.target.rpartition('.')[2]}", arguments[1:])
        return self.call(example.target, arguments)

    def _step(self, step: ast.expr) -> str:
        if not isinstance(step, ast.Tuple) or not isinstance(step.elts[0], ast.Constant):
            return ""
        method, inner = str(step.elts[0].value), step.elts[1]
        given = inner.elts if isinstance(inner, ast.Tuple) else []
        if method == "__init__":
            return f"target = {self.call(self.example.target, given)}"
        return self.call(f"target.{method}", given, method)

    def body(self) -> list[str]:
        """The test function."""
        example = self.example
        makers: dict[str, Callable[[], list[str]]] = {
            "ArgumentMutated": self._keeps_arguments,
            "ArgumentChanged": self._keeps_arguments,
            "DefaultMutated": self._twice,
            "RoundTrip": self._comes_back,
            "Idempotence": self._once_is_enough,
            "DescriptorLeak": self._closes,
            "HashMismatch": self._hashes,
            "OutputChanged": self._prints,
        }
        make = makers.get(example.exception)
        if make is not None:
            lines = make()
        elif example.exception == "StateChanged" or (example.kind == "property" and example.expected):
            lines = self._holds()
        elif example.kind == "regression":
            lines = self._as_it_was()
        else:
            *before, last = self.statements()
            told = example.exception + (f": {example.message}" if example.message else "")
            lines = [f"# raised {_one_line(told)}", *before, last]
        given = "capsys: pytest.CaptureFixture[str]" if example.exception == "OutputChanged" else ""
        return [f"def {self.test_name()}({given}) -> None:", *(f"    {line}" for line in [*self.reader(), *lines])]

    def reader(self) -> list[str]:
        """What reads an asynchronous generator, where one has to be read."""
        return ["async def read(items):", "    return [each async for each in items]", ""] if self.reads else []

    def _holds(self) -> list[str]:
        """A condition over ``result``, or over ``target`` after the steps."""
        example = self.example
        condition = ast.parse(example.expected, mode="eval").body
        used = [each.id for each in ast.walk(condition) if isinstance(each, ast.Name)]
        note = f"# {_one_line(example.message)}"
        if example.is_method and "target" in used:
            receiver, *rest = self.arguments
            call = self.call(f"target.{example.target.rpartition('.')[2]}", rest)
            lines = [f"target = {self.expression(receiver)}", call]
            return [note, *lines, f"assert {self.expression(condition)}"]
        *before, last = self.statements()
        if used.count("result") == 1:
            text = re.sub(r"\bresult\b", lambda _: last, self.expression(condition), count=1)
            return [note, *before, f"assert {text}"]
        last = f"result = {last}" if "result" in used else last
        return [note, *before, last, f"assert {self.expression(condition)}"]

    def _as_it_was(self) -> list[str]:
        """What the base version does."""
        expected = self.example.expected
        *before, last = self.statements()
        if expected.startswith("raises "):
            self.needs_pytest = True
            name = expected.removeprefix("raises ")
            if not hasattr(builtins, name):
                self.names.add(name)
            return [*before, f"with pytest.raises({name}):", f"    {last}"]
        if expected.startswith("repr "):
            return [*before, f"assert repr({last}) == {expected.removeprefix('repr ')}"]
        if not expected:
            return [f"# {_one_line(self.example.message)}", *before, last]
        node = ast.parse(expected, mode="eval").body
        if _is_float(node) or expected in ("nan", "inf", "-inf"):
            self.needs_pytest = True
            text = f"float({expected!r})" if not _is_float(node) else expected
            return [*before, f"assert {last} == pytest.approx({text}, nan_ok=True)"]
        if expected in ("None", "True", "False"):
            return [*before, f"assert {last} is {expected}"]
        return [*before, f"assert {last} == {self.expression(node)}"]

    def _keeps_arguments(self) -> list[str]:
        self.modules.add("copy")
        names = [f"argument{number}" for number in range(len(self.arguments))]
        lines = [f"{name} = {self.expression(each)}" for name, each in zip(names, self.arguments, strict=True)]
        given = ", ".join(names)
        keywords = "".join(f", {key}={self.expression(value)}" for key, value in self.keywords)
        comma = "," if len(names) == 1 else ""
        return [
            *lines,
            f"before = copy.deepcopy(({given}{comma}))",
            self.finished(f"{self.example.target}({given}{keywords})"),
            f"assert ({given}{comma}) == before",
        ]

    def _twice(self) -> list[str]:
        (last,) = self.statements()
        return [f"first = repr({last})", f"assert repr({last}) == first"]

    def _comes_back(self) -> list[str]:
        example = self.example
        (last,) = self.statements()
        method = example.is_method and bool(self.arguments)
        given = self.arguments[-1] if self.arguments else ast.Constant(None)
        inverse = example.inverse
        if inverse.startswith(".") and method:
            inverse = self.expression(self.arguments[0]) + inverse
        elif ":" in inverse:
            module, _, inverse = inverse.partition(":")
            self.siblings.setdefault(module, set()).add(inverse)
        else:
            self.names.add(inverse.partition(".")[0])
        folded = ".casefold()" if example.expected == "loose" and _is_text(given) else ""
        return [f"assert {inverse}({last}){folded} == {self.expression(given)}{folded}"]

    def _once_is_enough(self) -> list[str]:
        (last,) = self.statements()
        rest = "".join(f", {self.expression(each)}" for each in self.arguments[1:])
        rest += "".join(f", {key}={self.expression(value)}" for key, value in self.keywords)
        again = self.finished(f"{self.example.target}(once{rest})")
        return [f"once = {last}", f"assert {again} == once"]

    def _closes(self) -> list[str]:
        self.modules |= {"contextlib", "gc", "os"}
        *before, last = self.statements()
        return [
            *before,
            'before = len(os.listdir("/proc/self/fd"))',
            "for _ in range(3):",
            "    with contextlib.suppress(Exception):",
            f"        {last}",
            "gc.collect()",
            'assert len(os.listdir("/proc/self/fd")) <= before',
        ]

    def _hashes(self) -> list[str]:
        made = self.statements()[0].removeprefix("target = ")
        return [f"first, second = {made}, {made}", "assert first != second or hash(first) == hash(second)"]

    def _prints(self) -> list[str]:
        self.needs_pytest = True
        return [*self.statements(), f"assert capsys.readouterr().out == {self.example.expected}"]


class _Bare(ast.NodeTransformer):
    """``MOD.X`` as ``X``."""

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.value, ast.Name) and node.value.id == MODULE:
            return ast.Name(node.attr, ast.Load())
        return node


def _claim(example: Counterexample) -> str:
    """What the test demands, as part of its name."""
    claims = {
        "hang": "ends",
        "ArgumentMutated": "leaves_its_argument_alone",
        "ArgumentChanged": "leaves_its_argument_alone",
        "DefaultMutated": "gives_the_same_twice",
        "RoundTrip": "round_trips",
        "Idempotence": "is_idempotent",
        "WrongReturnType": "returns_the_annotated_type",
        "DocExample": "does_what_its_documentation_shows",
        "Law": "keeps_its_promise",
        "SortKey": "gives_comparable_keys",
        "Comparison": "compares_consistently",
        "DescriptorLeak": "closes_what_it_opens",
        "Invariant": "keeps_its_invariant",
        "LengthMismatch": "counts_its_items",
        "OverCapacity": "stays_within_its_capacity",
        "LostItem": "keeps_what_is_put",
        "NotItself": "equals_itself",
        "HashMismatch": "hashes_as_it_compares",
        "OutputChanged": "prints_what_it_did",
        "StateChanged": "leaves_what_it_did",
        "Regression": "does_what_it_did",
    }
    known = claims.get(example.kind) or claims.get(example.exception)
    return known or "does_not_raise_" + slug(re.sub(r"(?<=[a-z])(?=[A-Z])", "_", example.exception))


def _mark(example: Counterexample) -> str:
    return hashlib.sha256(f"{example.args}{example.kwargs}".encode("utf-8", "surrogatepass")).hexdigest()[:6]


def _one_line(text: str) -> str:
    return " ".join(text.split())[:90].encode("utf-8", "replace").decode()


def _is_float(node: ast.expr) -> bool:
    inner = node.operand if isinstance(node, ast.UnaryOp) else node
    return isinstance(inner, ast.Constant) and isinstance(inner.value, float)


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _module_of(node: ast.expr, head: str) -> str:
    """The module to import for a dotted name that starts with ``head`` (``a.b.Class`` → ``a.b``)."""
    longest = head
    for each in ast.walk(node):
        text = ast.unparse(each) if isinstance(each, ast.Attribute) else ""
        if text.startswith(f"{head}.") and re.fullmatch(r"[\w.]+", text):
            parts = [part for part in text.split(".") if part[:1].islower() or part.startswith("_")]
            candidate = ".".join(parts[:-1] if parts == text.split(".") else parts)
            if head not in _FLAT and len(candidate) > len(longest):
                longest = candidate
    return longest
