"""The assumed domain of a target: one shape per parameter, and the constants of its source.

Order of belief: annotation, type named in the docstring, examples (doctests, calls in the file), uses in the body, a
telling default, the parameter's name. A default is an example, never the only value.
"""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
import typing
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Literal

from .annotations import Describer, Unsupported
from .boundaries import Hints
from .contract import Contract, read_contract
from .conventions import from_name
from .inference import Inference
from .shapes import (
    FLOAT,
    INT,
    STR,
    Anything,
    Certainty,
    Map,
    Num,
    Parameter,
    Seq,
    Shape,
    Text,
    Tup,
    admits,
    alt,
    vague,
)
from .variables import Var, from_example, solve

_DOC_TYPES = (
    r"(?:str|string|int|integer|float|number|bool|boolean|bytes|list|dict|tuple|set)(?:\[[\w\[\], |.]*\]| of \w+)?"
)


@dataclass(frozen=True, slots=True)
class Domain:
    """Everything that is assumed about a callable before it is called."""

    parameters: tuple[Parameter, ...]
    hints: Hints
    contract: Contract
    returns: Any = inspect.Signature.empty
    examples: tuple[tuple[Any, ...], ...] = ()
    node: ast.FunctionDef | ast.AsyncFunctionDef | None = None


class Reader:
    """Describes the callables of one module; parses its source once."""

    def __init__(self, module: ModuleType, source: str) -> None:
        self.module = module
        self.tree = ast.parse(source)
        self.inference = Inference(self.tree)
        self.describer = Describer(module, self._constructor)
        self.nodes = dict(_definitions(self.tree))
        self._used: frozenset[str] = frozenset()  # parameters whose uses have been read

    def domain(self, function: Callable[..., Any], qualified: str, *, skip_first: bool = False) -> Domain:
        """The domain of ``function``. ``skip_first`` leaves out ``self`` or ``cls``. Raises Unsupported."""
        node = self.nodes.get(qualified)
        definition = node if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) else None
        doc = "\n\n".join(filter(None, (self._class_doc(qualified), inspect.getdoc(function))))
        try:
            signature = inspect.signature(function)
        except (TypeError, ValueError) as error:
            raise Unsupported(f"its signature cannot be read: {error}") from error
        names = list(signature.parameters)[1:] if skip_first else list(signature.parameters)
        contract = read_contract(doc, tuple(names))
        annotations = _hints(function)
        variables = self.inference.variables(definition) if definition is not None else {}
        self._used = frozenset(variables)
        examples = self._examples(function.__name__, doc)
        parameters = [
            self._parameter(signature.parameters[name], annotations, variables, contract, doc, examples, place)
            for place, name in enumerate(names)
        ]
        hints = self._hints_of(definition, contract, parameters)
        returns = annotations.get("return", signature.return_annotation)
        whole = tuple(row for row in examples if _admitted(row, parameters))
        return Domain(tuple(parameters), hints, contract, returns, whole, definition)

    def _class_doc(self, qualified: str) -> str:
        cls = self.nodes.get(qualified.rpartition(".")[0])
        return ast.get_docstring(cls) or "" if isinstance(cls, ast.ClassDef) else ""

    def _parameter(
        self,
        parameter: inspect.Parameter,
        annotations: dict[str, Any],
        variables: dict[str, Var],
        contract: Contract,
        doc: str,
        examples: tuple[tuple[Any, ...], ...],
        place: int,
    ) -> Parameter:
        kinds: dict[Any, Literal["positional", "keyword", "var_positional", "var_keyword"]] = {
            inspect.Parameter.KEYWORD_ONLY: "keyword",
            inspect.Parameter.VAR_POSITIONAL: "var_positional",
            inspect.Parameter.VAR_KEYWORD: "var_keyword",
        }
        name = parameter.name
        kind = kinds.get(parameter.kind, "positional")
        omit = parameter.default is not inspect.Parameter.empty or kind.startswith("var_")
        example = parameter.default if omit and not kind.startswith("var_") else None
        annotation = annotations.get(name, parameter.annotation)
        given = tuple(each[place] for each in examples if len(each) > place) if kind == "positional" else ()
        variable = variables.get(name, Var())
        shape, certainty = self._believe(annotation, name, variable, doc, given, example, kind == "var_positional")
        given = tuple(each for each in given if admits(shape, each))
        if example is None and omit and not kind.startswith("var_") and certainty != "annotated":
            shape = alt(shape, from_example(None) or shape)
        if shape == INT and contract.special_floats and certainty in ("inferred", "guessed"):
            shape = alt(FLOAT, INT)  # documentation that speaks of nan or infinity is about floats
        return Parameter(name, kind, constrain(shape, name, contract), certainty, omit, given)

    def _believe(
        self,
        annotation: Any,
        name: str,
        variable: Var,
        doc: str,
        given: tuple[Any, ...],
        default: Any,
        variadic: bool = False,
    ) -> tuple[Shape, Certainty]:
        inferred = solve(variable)
        if variadic:  # the variable is the tuple of all of them
            inferred = inferred.item if isinstance(inferred, Seq) else None
        if annotation is not inspect.Parameter.empty:
            shape = self.describer.shape(annotation)
            if isinstance(shape, Anything):
                return self._guess(inferred, name, default, shape, variable)
            return refine(shape, inferred), "inferred" if vague(shape) else "annotated"
        documented = _documented_type(name, doc)
        if documented is not None:
            return refine(documented, inferred), "inferred" if vague(documented) else "documented"
        shapes = [shape for shape in map(from_example, given) if shape is not None]
        if shapes:
            return refine(alt(*shapes), inferred), "documented"
        return self._guess(inferred, name, default, Anything(), variable)

    def _guess(
        self, inferred: Shape | None, name: str, default: Any, otherwise: Shape, variable: Var
    ) -> tuple[Shape, Certainty]:
        if inferred is not None and not isinstance(inferred, Anything):
            example = from_example(default) if default is not None else None
            if (isinstance(example, Num) and isinstance(inferred, Num)) or (example is not None and vague(inferred)):
                return example if example == inferred or vague(inferred) else alt(example, inferred), "inferred"
            named = from_name(name)
            if (
                isinstance(inferred, Seq)
                and inferred.item == INT
                and isinstance(named, Seq | Text)
                and not _certain(inferred)
            ):
                return (named if isinstance(named, Seq) else inferred), "inferred"
            return inferred, "inferred"
        if default is not None:
            example = from_example(default)
            if example is not None:
                return example, "inferred"
        shape = from_name(name) or otherwise
        # What is only stored, compared or used as a key may be anything: the guess does not matter.
        matters = variable.root.handed or inferred is not None or name not in self._used
        return shape, "guessed" if matters else "inferred"

    def _constructor(self, cls: type[Any]) -> list[tuple[str, str, Shape, bool]]:
        """(name, kind, shape, optional) of what a class is made from."""
        fields: Any = getattr(cls, "model_fields", None)
        if isinstance(fields, dict):  # a pydantic model
            return [
                (name, "keyword", self.describer.shape(each.annotation), not each.is_required())
                for name, each in getattr(cls, "model_fields", {}).items()
            ]
        init: Any = getattr(cls, "__init__", None)
        by_fields = hasattr(cls, "__dataclass_fields__") or hasattr(cls, "_fields")
        hints = _hints(cls if by_fields else init)
        try:
            signature = inspect.signature(cls)
        except (TypeError, ValueError) as error:
            raise Unsupported(f"{cls.__name__} has no readable constructor") from error
        node = self.nodes.get(f"{cls.__qualname__}.__init__") if cls.__module__ == self.module.__name__ else None
        variables = self.inference.variables(node) if isinstance(node, ast.FunctionDef) else {}
        doc = "\n\n".join(filter(None, (cls.__doc__, init.__doc__)))
        contract = read_contract(doc, tuple(signature.parameters))
        found: list[tuple[str, str, Shape, bool]] = []
        for name, parameter in signature.parameters.items():
            if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
                continue
            kind = "keyword" if parameter.kind is parameter.KEYWORD_ONLY else "positional"
            optional = parameter.default is not parameter.empty
            default = parameter.default if optional else None
            annotation = hints.get(name, parameter.annotation)
            try:
                shape, _ = self._believe(annotation, name, variables.get(name, Var()), doc, (), default)
            except Unsupported:
                if optional:
                    continue
                raise
            if isinstance(shape, Anything) and not optional:
                raise Unsupported(f"nothing is known of {cls.__name__}({name})")
            found.append((name, kind, constrain(shape, name, contract), optional))
        return found

    def _examples(self, name: str, doc: str) -> tuple[tuple[Any, ...], ...]:
        """Positional literals of calls in doctests and in the file itself (not in the definition)."""
        found: list[tuple[Any, ...]] = []
        snippets: list[ast.AST] = []
        for match in re.finditer(r"(?m)^\s*>>> ?(.*(?:\n\s*\.\.\. .*)*)", doc):
            try:
                snippets.append(ast.parse(textwrap.dedent(re.sub(r"\n\s*\.\.\. ?", "\n", match[1]))))
            except SyntaxError:
                continue
        for match in re.finditer(rf"\b{re.escape(name)}\(([^()\n]*|\([^()\n]*\))*\)", doc):
            try:
                snippets.append(ast.parse(match[0], mode="eval"))
            except SyntaxError:
                continue
        for tree in (*snippets, self.tree):
            for node in ast.walk(tree):
                if isinstance(node, ast.Call) and _called(node) == name and not node.keywords:
                    if tree is self.tree and isinstance(node.func, ast.Attribute):
                        continue  # a method of the same name, of who knows what
                    try:
                        values = tuple(ast.literal_eval(each) for each in node.args)
                    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
                        continue
                    if values:
                        found.append(values)
        return tuple({repr(each): each for each in found}.values())[:8]

    def _hints_of(self, node: ast.AST | None, contract: Contract, parameters: list[Parameter]) -> Hints:
        """Constants of the function and of the module's functions and constants that it names."""
        ints: dict[int, None] = {}
        floats: dict[float, None] = {}
        strings: dict[str, None] = {}
        blobs: dict[bytes, None] = {}
        patterns: dict[str, None] = {}
        names: set[str] = set()
        for tree in self._reachable(node):
            names |= {each.id for each in ast.walk(tree) if isinstance(each, ast.Name)}
            names |= {each.attr for each in ast.walk(tree) if isinstance(each, ast.Attribute)}
            patterns.update(dict.fromkeys(_patterns(tree)))
            for value in _literals(tree):
                if isinstance(value, bool):
                    continue
                if isinstance(value, int) and abs(value) < 10**18:
                    ints.setdefault(value)
                elif isinstance(value, float):
                    floats.setdefault(value)
                elif isinstance(value, str) and 0 < len(value) <= 40:
                    strings.setdefault(value)
                elif isinstance(value, bytes) and 0 < len(value) <= 40:
                    blobs.setdefault(value)
        for parameter in parameters:
            for example in parameter.examples:
                if isinstance(example, str) and example:
                    strings.setdefault(example[:40])
        return Hints(
            ints=tuple(list(ints)[:24]),
            floats=tuple(list(floats)[:12]),
            strings=tuple(list(strings)[:24]),
            blobs=tuple(list(blobs)[:12]),
            patterns=tuple(patterns),
            special_floats=contract.special_floats or bool(names & {"isnan", "isinf", "isfinite"}),
            huge=contract.huge,
            deep=contract.any_depth,
            regex=bool(patterns) or "re" in names,
        )

    def _reachable(self, node: ast.AST | None) -> Iterator[ast.AST]:
        """The function's body without its docstring, then what it names in the module, two steps deep."""
        top: dict[str, ast.AST] = {**self.inference.functions, **self.inference.constants}
        queue: list[tuple[ast.AST, int]] = [(node, 0)] if node is not None else []
        seen: set[int] = set()
        while queue:
            tree, depth = queue.pop(0)
            if id(tree) in seen:
                continue
            seen.add(id(tree))
            yield tree
            if depth < 2:
                queue += [
                    (top[each.id], depth + 1)
                    for each in ast.walk(tree)
                    if isinstance(each, ast.Name) and each.id in top
                ]


def _admitted(row: tuple[Any, ...], parameters: list[Parameter]) -> bool:
    positional = [each for each in parameters if each.kind == "positional"]
    required = [each for each in parameters if not each.omit]
    if not len(required) <= len(row) <= len(positional):
        return False
    return all(admits(each.shape, value) for each, value in zip(positional, row, strict=False))


def refine(shape: Shape, inferred: Shape | None) -> Shape:
    """A vague annotation such as ``list`` made precise by what the body does with it."""
    if inferred is None or not vague(shape):
        return shape
    if isinstance(shape, Anything):
        return inferred
    if isinstance(shape, Seq) and isinstance(shape.item, Anything):
        item = inferred.item if isinstance(inferred, Seq) else INT
        return Seq(shape.kind, item if not isinstance(item, Anything) else INT, shape.min_size)
    if isinstance(shape, Map) and isinstance(shape.value, Anything):
        if isinstance(inferred, Map):
            return Map(shape.key, inferred.value, shape.kind)
        return inferred if not isinstance(inferred, Num | Text | Seq) else Map(shape.key, alt(INT, STR), shape.kind)
    return shape


def constrain(shape: Shape, name: str, contract: Contract) -> Shape:
    """The shape inside what the documentation asks of the parameter."""
    if isinstance(shape, Num) and shape.kind in ("int", "float"):
        step = 1 if shape.kind == "int" else 1e-6
        low, high = shape.low, shape.high
        if name in contract.non_negative:
            low = 0
        if name in contract.positive:
            low = step
        for bound in contract.bounds:
            if bound.name == name and bound.low is not None:
                low = bound.low + (step if bound.strict else 0)
            if bound.name == name and bound.high is not None:
                high = bound.high - (step if bound.strict else 0)
        return Num(shape.kind, low, high)
    if name in contract.non_empty:
        if isinstance(shape, Text):
            return Text(shape.kind, max(1, shape.min_size), shape.max_size)
        if isinstance(shape, Seq):
            return Seq(shape.kind, shape.item, max(1, shape.min_size))
        if isinstance(shape, Map):
            return Map(shape.key, shape.value, shape.kind, 1)
    return shape


def _certain(shape: Seq) -> bool:
    return isinstance(shape.item, Tup | Seq | Map)


def _hints(function: Any) -> dict[str, Any]:
    try:
        return typing.get_type_hints(function, include_extras=True)
    except Exception:  # noqa: BLE001 - annotations are the target's code and may raise anything
        return {name: each for name, each in getattr(function, "__annotations__", {}).items() if each is not None}


def _definitions(tree: ast.AST, prefix: str = "") -> Iterator[tuple[str, ast.AST]]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield prefix + node.name, node
            if isinstance(node, ast.ClassDef):
                yield from _definitions(node, f"{prefix}{node.name}.")
        elif isinstance(node, ast.If | ast.Try):
            yield from _definitions(node, prefix)


def _called(node: ast.Call) -> str:
    return (
        node.func.id
        if isinstance(node.func, ast.Name)
        else node.func.attr
        if isinstance(node.func, ast.Attribute)
        else ""
    )


def _literals(tree: ast.AST) -> Iterator[Any]:
    """Constants in source order, without docstrings."""
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and id(node) not in docstrings:
            yield node.value
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            value = node.operand.value if isinstance(node.operand, ast.Constant) else None
            if isinstance(value, int | float):
                yield -value


def _patterns(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
            first = node.args[0].value if isinstance(node.args[0], ast.Constant) else None
            module = node.func.value.id if isinstance(node.func.value, ast.Name) else ""
            if module in ("re", "regex") and isinstance(first, str):
                yield first


def _documented_type(name: str, doc: str) -> Shape | None:
    """``name (int): …``, ``name : list of int``, ``:type name: str``, ``:param int name:``."""
    escaped = re.escape(name)
    for pattern in (
        rf"(?m)^\s*\*?{escaped}\s*\(({_DOC_TYPES})(?:, optional)?\)\s*:",
        rf"(?m)^\s*{escaped}\s*:\s*({_DOC_TYPES})(?:, optional)?\s*$",
        rf":type\s+{escaped}:\s*({_DOC_TYPES})",
        rf":param\s+({_DOC_TYPES})\s+{escaped}:",
    ):
        match = re.search(pattern, doc)
        if match:
            return _type_words(match[1])
    return None


def _type_words(text: str) -> Shape | None:
    words: dict[str, Any] = {"string": "str", "integer": "int", "number": "float", "boolean": "bool"}
    text = re.sub(
        r"\b(list|set|tuple) of (\w+?)s?\b",
        lambda m: f"{m[1]}[{words.get(m[2], m[2])}{', ...' if m[1] == 'tuple' else ''}]",
        text,
    )
    text = re.sub(r"\b(string|integer|number|boolean)s?\b", lambda m: words[m[1]], text)
    try:
        return Describer(ModuleType("_"), lambda _: []).shape(text)
    except Unsupported:
        return None
