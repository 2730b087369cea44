"""The assumed domain of a target: one shape per parameter, and the constants of its source.

Order of belief: annotation, type named in the docstring, examples (doctests, calls in the file and elsewhere in the
workspace), uses in the body, a telling default, the parameter's name. A default is an example, never the only value.
"""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from types import ModuleType
from typing import Any, Literal

from .annotations import Describer, Field, Unsupported, callables
from .boundaries import Hints
from .call_sites import CallSite
from .classes import LINKS
from .constants import hints_of
from .contract import Contract, read_contract
from .conventions import from_name
from .docstrings import documented_shape, snippets, sorted_parameters
from .ducks import Ducks
from .examples import UNKNOWN, alike, bound_once, rows_of_calls, rows_of_sites, shown_calls
from .inference import Inference
from .naming import Names
from .naming import hints_of as annotations_of
from .narrowing import counted, narrowed, only_converted
from .plans import MODULE, Made, Plan, Ref
from .shapes import (
    FLOAT,
    INT,
    NONE,
    STR,
    Anything,
    Certainty,
    Lit,
    Map,
    Num,
    Obj,
    Parameter,
    Seq,
    Shape,
    Text,
    Tup,
    admits,
    alt,
    certainty_of,
    less_certain,
    vague,
    walk,
)
from .standard import DATETIME, with_zones
from .variables import Var, from_example, solve

_KINDS: dict[Any, Literal["positional", "keyword", "var_positional", "var_keyword"]] = {
    inspect.Parameter.KEYWORD_ONLY: "keyword",
    inspect.Parameter.VAR_POSITIONAL: "var_positional",
    inspect.Parameter.VAR_KEYWORD: "var_keyword",
}


@dataclass(frozen=True, slots=True)
class Domain:
    """Everything that is assumed about a callable before it is called."""

    parameters: tuple[Parameter, ...]
    hints: Hints
    contract: Contract
    returns: Any = inspect.Signature.empty
    examples: tuple[tuple[Any, ...], ...] = ()
    node: ast.FunctionDef | ast.AsyncFunctionDef | None = None


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of one parameter before it is believed."""

    name: str
    annotation: Any
    variable: Var
    doc: str
    given: tuple[Plan, ...] = ()
    default: Any = None
    variadic: bool = False
    owner: Any = None


class Reader:
    """Describes the callables of one module; parses its source once. ``calls``: how the workspace calls the target."""

    def __init__(self, module: ModuleType, source: str, calls: Sequence[CallSite] = ()) -> None:
        self.module = module
        self.tree = ast.parse(source)
        self.inference = Inference(self.tree)
        self.names = Names(module, self.tree)
        self.nodes = dict(_definitions(self.tree))
        self.describer = Describer(module, self._fields, self.names, self.nodes)
        self.ducks = Ducks(self.describer)
        self._calls_here: dict[str, list[ast.Call]] = {}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                self._calls_here.setdefault(node.func.id, []).append(node)
        self.calls = tuple(calls)
        self._elsewhere: dict[str, Inference | None] = {}
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
        if not callable(function) or (definition is not None and _replaced(function, signature)):
            raise Unsupported(f"a decorator makes it a {type(function).__name__}, which is not called directly")
        names = list(signature.parameters)[1:] if skip_first else list(signature.parameters)
        self.describer.owner = self._owner(qualified)
        contract = read_contract(doc, tuple(names))
        annotations = annotations_of(function, self.names.within(inspect.unwrap(function)))
        variables = self.inference.variables(definition) if definition is not None else {}
        self._used = frozenset(variables)
        examples = self._examples(qualified, doc, tuple(names))
        mixed = alike(examples)
        parameters: list[Parameter] = []
        for place, name in enumerate(names):
            known = _Known(
                name,
                annotations.get(name, signature.parameters[name].annotation),
                variables.get(name, Var()),
                doc,
                tuple(_unique(row[place] for row in mixed if len(row) > place and row[place] is not UNKNOWN)),
            )
            parameters.append(self._parameter(signature.parameters[name], known, contract))
        parameters = _left_alone(parameters, signature)
        parameters = self._ordered(parameters, doc)
        examples_given = [each for parameter in parameters for each in parameter.examples]
        hints = hints_of(definition, {**self.inference.functions, **self.inference.constants}, contract, examples_given)
        if hints.zones:
            parameters = _zoned(parameters)
        returns = annotations.get("return", signature.return_annotation)
        whole = tuple(row for row in examples if _admitted(row, parameters))
        return Domain(tuple(parameters), hints, contract, returns, whole, definition)

    def _owner(self, qualified: str) -> Any:
        found: Any = self.module
        for part in qualified.split(".")[:-1]:
            found = getattr(found, part, None)
        return found if isinstance(found, type) else None

    def _class_doc(self, qualified: str) -> str:
        cls = self.nodes.get(qualified.rpartition(".")[0])
        return ast.get_docstring(cls) or "" if isinstance(cls, ast.ClassDef) else ""

    def _parameter(self, parameter: inspect.Parameter, known: _Known, contract: Contract) -> Parameter:
        name = parameter.name
        kind = _KINDS.get(parameter.kind, "positional")
        omit = parameter.default is not inspect.Parameter.empty or kind.startswith("var_")
        example = parameter.default if omit and not kind.startswith("var_") else None
        given = known.given if kind in ("positional", "keyword") else ()
        if kind == "var_keyword":
            return Parameter(name, kind, Anything(), "annotated", True)
        if omit and name.startswith("_") and not kind.startswith("var_"):
            return Parameter(name, kind, _DEFAULT, "inferred", True)  # a knob of the author's own
        try:
            shape, certainty = self._believe(
                replace(known, given=given, default=example, variadic=kind == "var_positional")
            )
        except Unsupported:
            if not omit:
                raise
            return Parameter(name, kind, _DEFAULT, "inferred", True)
        if example is None and omit and not kind.startswith("var_") and certainty != "annotated":
            shape = alt(shape, NONE)
        if shape == INT and contract.special_floats and certainty in ("inferred", "guessed"):
            shape = alt(FLOAT, INT)  # documentation that speaks of nan or infinity is about floats
        shape = constrain(shape, name, contract)
        if certainty in ("inferred", "guessed"):
            shape = counted(shape, name)
        examples = (*given, example) if isinstance(example, str) else given
        closed = not contract.promises
        shape = narrowed(shape, name, known.variable, examples, self.module, closed)
        return Parameter(name, kind, shape, certainty, omit, tuple(each for each in given if admits(shape, each))[:8])

    @staticmethod
    def _ordered(parameters: list[Parameter], doc: str) -> list[Parameter]:
        """Sequences that the documentation wants sorted."""
        sequences = tuple(each.name for each in parameters if isinstance(each.shape, Seq))
        wanted = sorted_parameters(doc, sequences)
        return [
            replace(each, shape=replace(each.shape, ordered=True))
            if each.name in wanted and isinstance(each.shape, Seq) and each.shape.kind in ("list", "tuple")
            else each
            for each in parameters
        ]

    def _believe(self, known: _Known) -> tuple[Shape, Certainty]:
        inferred = solve(known.variable, 0, self.ducks.finder(known.name))
        if known.variadic:  # the variable is the tuple of all of them
            inferred = inferred.item if isinstance(inferred, Seq) else None
        if known.annotation is not inspect.Parameter.empty:
            shape = self.describer.shape(known.annotation)
            if isinstance(shape, Anything):
                return self._guess(known, inferred, shape)
            certainty: Certainty = "inferred" if vague(shape) else "annotated"
            return refine(shape, inferred), certainty_of(shape, certainty)
        documented = documented_shape(known.name, known.doc, self._class_in_words)
        if documented is not None:
            certainty = "inferred" if vague(documented) else "documented"
            return refine(documented, inferred), certainty_of(documented, certainty)
        shapes = [shape for shape in map(self._from_plan, known.given) if shape is not None]
        if shapes:
            return refine(alt(*shapes), inferred), certainty_of(alt(*shapes), "documented")
        return self._guess(known, inferred, Anything())

    def _guess(self, known: _Known, inferred: Shape | None, otherwise: Shape) -> tuple[Shape, Certainty]:
        name, default = known.name, known.default
        linked = self._link(known)
        if linked is not None:
            return linked, "inferred"
        if inferred is not None and not isinstance(inferred, Anything):
            if isinstance(inferred, Obj) or any(isinstance(each, Obj) for each in getattr(inferred, "options", ())):
                return inferred, certainty_of(inferred, "inferred")
            example = from_example(default) if default is not None else None
            if only_converted(known.variable):
                named = from_name(name)
                if isinstance(named, Num) or isinstance(example, Num):
                    return named if isinstance(named, Num) else example or INT, "inferred"
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
            return inferred, certainty_of(inferred, "inferred")
        if default is not None:
            example = from_example(default)
            if example is not None:
                return example, "inferred"
        shape = from_name(name) or otherwise
        # What is only stored, compared or used as a key may be anything: the guess does not matter.
        matters = known.variable.root.handed or inferred is not None or name not in self._used
        return shape, "guessed" if matters else "inferred"

    def _link(self, known: _Known) -> Shape | None:
        """The next node of a linked class: an argument that is None by default and named like a link."""
        if known.owner is None or known.name not in LINKS:
            return None
        return alt(NONE, self.describer.shape(known.owner))

    def _class_in_words(self, text: str) -> Shape | None:
        """A class of the module (or of its package) that a docstring calls by its name, by the last word first."""
        for word in (text.strip(), text.strip().rpartition(" ")[2]):
            name = word.strip("`~!:").rpartition(".")[2]
            if not name.isidentifier():
                continue
            for space in self._spaces():
                found = space.get(name) or (space.get(name.capitalize()) if len(name) > 3 else None)
                if isinstance(found, type) and found.__module__ != "builtins":
                    try:
                        return self.describer.shape(found)
                    except Unsupported:
                        return None
        return None

    def _spaces(self) -> Iterator[dict[str, Any]]:
        yield vars(self.module)
        top = self.module.__name__.partition(".")[0]
        for each in list(vars(self.module).values()):
            if isinstance(each, ModuleType) and each.__name__.partition(".")[0] == top:
                yield vars(each)
        package = sys.modules.get(top)
        if package is not None:
            yield vars(package)

    def _fields(self, cls: type[Any]) -> list[Field]:
        """What a class is made from."""
        models: Any = getattr(cls, "model_fields", None)
        if isinstance(models, dict):
            return self._model_fields(cls)
        init: Any = getattr(cls, "__init__", None)
        by_fields = hasattr(cls, "__dataclass_fields__") or hasattr(cls, "_fields")
        hints = annotations_of(cls if by_fields else init, self.describer.names_for(cls).within(cls))
        try:
            signature = inspect.signature(cls)
        except (TypeError, ValueError) as error:
            if issubclass(cls, dict | list | set | str | int | float | tuple | frozenset):
                return []  # made as its builtin base is: empty
            raise Unsupported(f"{cls.__name__} has no readable constructor") from error
        variables = self._constructor_variables(cls)
        doc = "\n\n".join(filter(None, (cls.__doc__, init.__doc__)))
        contract = read_contract(doc, tuple(signature.parameters))
        used, self._used = self._used, frozenset(variables)
        found: list[Field] = []
        for name, parameter in signature.parameters.items():
            if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
                continue
            optional = parameter.default is not parameter.empty
            annotation = hints.get(name, parameter.annotation)
            default = parameter.default if optional else None
            owner = cls if default is None and optional and annotation is parameter.empty else None
            known = _Known(name, annotation, variables.get(name, Var()), doc, (), default, owner=owner)
            try:
                shape, certainty = self._believe(known)
            except Unsupported:
                if optional:
                    continue
                raise
            kind = "keyword" if parameter.kind is parameter.KEYWORD_ONLY else "positional"
            found.append(Field(name, kind, constrain(shape, name, contract), optional, certainty))
        self._used = used
        return found

    def _model_fields(self, cls: Any) -> list[Field]:
        """Those of a pydantic model, by the names its constructor takes."""
        found: list[Field] = []
        by_name = bool(getattr(cls, "model_config", {}).get("populate_by_name"))
        from .constraints import constrained

        for name, each in cls.model_fields.items():
            alias = each.validation_alias if isinstance(each.validation_alias, str) else each.alias
            called = name if by_name or not alias else alias
            if not called.isidentifier():
                if each.is_required():
                    raise Unsupported(f"{cls.__name__} takes {called!r}, which is not a name")
                continue
            try:
                shape = constrained(self.describer.shape(each.annotation), each.metadata, self.module)
            except Unsupported:
                if each.is_required():
                    raise
                continue
            found.append(Field(called, "keyword", shape, not each.is_required()))
        return found

    def _constructor_variables(self, cls: type[Any]) -> dict[str, Var]:
        """What ``__init__`` does with its arguments, also where the class is another module's."""
        init = next((each for each in cls.__mro__ if "__init__" in vars(each)), object)
        inference = self._inference_of(init.__module__)
        node = inference.methods.get(f"{init.__qualname__}.__init__") if inference is not None else None
        return inference.variables(node) if inference is not None and node is not None else {}

    def _inference_of(self, module: str) -> Inference | None:
        if module == self.module.__name__:
            return self.inference
        if module not in self._elsewhere:
            self._elsewhere[module] = None
            loaded = sys.modules.get(module)
            if loaded is not None and module.partition(".")[0] not in sys.stdlib_module_names:
                try:
                    self._elsewhere[module] = Inference(ast.parse(inspect.getsource(loaded)))
                except (OSError, TypeError, SyntaxError):
                    self._elsewhere[module] = None
        return self._elsewhere[module]

    def _from_plan(self, plan: Plan) -> Shape | None:
        """The shape of which an example is one; an object's is its class's."""
        if not isinstance(plan, Made | Ref):
            return from_example(plan)
        if isinstance(plan, Ref):
            return alt(Lit((plan,)), callables())
        found: Any = self.module
        for part in plan.callee.removeprefix(f"{MODULE}.").split("."):
            found = getattr(found, part, None)
        try:
            return self.describer.shape(found) if isinstance(found, type) else None
        except Unsupported:
            return None

    def _examples(self, qualified: str, doc: str, names: tuple[str, ...]) -> tuple[tuple[Any, ...], ...]:
        """Arguments by place, of calls in doctests, in the file itself and in the workspace."""
        name = qualified.rpartition(".")[2]
        if name == "__init__":
            name = qualified.split(".")[-2]
        method = "." in qualified
        shown = list(snippets(name, doc))
        found = rows_of_calls(shown_calls(shown, name, method), names, bound_once(shown))
        found += rows_of_calls(self._calls_here.get(name, ()), names)
        wanted = (qualified, qualified.removesuffix(".__init__"))
        found += rows_of_sites((site for site in self.calls if site.name in wanted), names)
        return tuple({repr(each): each for each in found}.values())[:24]


def _zoned(parameters: list[Parameter]) -> list[Parameter]:
    """Dates with a time zone as well, where a call has one date: of several, all have a time zone or none has."""
    parts = [part for each in parameters for part in walk(each.shape)]
    if sum(part == DATETIME for part in parts) != 1 or any(isinstance(part, Seq | Map) for part in parts):
        return parameters
    return [replace(each, shape=with_zones(each.shape)) for each in parameters]


#: The shape of a parameter that is never given; it has a default.
_DEFAULT = Lit(())


def _left_alone(parameters: list[Parameter], signature: inspect.Signature) -> list[Parameter]:
    """Without what keeps its default; parameters after it are given by name, or keep theirs as well."""
    kept: list[Parameter] = []
    gap = False
    for each in parameters:
        if each.shape == _DEFAULT:
            gap = gap or each.kind == "positional"
        elif gap and each.kind == "positional":
            if signature.parameters[each.name].kind is inspect.Parameter.POSITIONAL_OR_KEYWORD:
                kept.append(replace(each, kind="keyword"))
        elif not gap or each.kind != "var_positional":
            kept.append(each)
    return kept


def _unique(values: Iterator[Plan]) -> list[Plan]:
    return list({repr(each): each for each in values}.values())


def _replaced(function: Any, signature: inspect.Signature) -> bool:
    """Whether a decorator put an object in the function's place that takes anything (a command, a task)."""
    if inspect.isroutine(function) or inspect.isclass(function) or hasattr(function, "__wrapped__"):
        return False
    kinds = {each.kind for each in signature.parameters.values()}
    return kinds == {inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD}


def _admitted(row: tuple[Any, ...], parameters: list[Parameter]) -> bool:
    positional = [each for each in parameters if each.kind == "positional"]
    required = [each for each in parameters if not each.omit]
    if not len(required) <= len(row) <= len(positional) or any(each is UNKNOWN for each in row):
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
        return replace(shape, item=item if not isinstance(item, Anything) else INT)
    if isinstance(shape, Map) and isinstance(shape.value, Anything):
        if isinstance(inferred, Map):
            return replace(shape, value=inferred.value)
        return inferred if not isinstance(inferred, Num | Text | Seq | Obj) else replace(shape, value=alt(INT, STR))
    return shape


def constrain(shape: Shape, name: str, contract: Contract) -> Shape:
    """The shape inside what the documentation asks of the parameter."""
    if isinstance(shape, Num) and shape.kind in ("int", "float"):
        step = 1 if shape.kind == "int" else 1e-6
        low, high = shape.low, shape.high
        if name in contract.non_negative:
            low = max(0, low or 0)
        if name in contract.positive:
            low = max(step, low or 0)
        for bound in contract.bounds:
            if bound.name == name and bound.low is not None:
                low = bound.low + (step if bound.strict else 0)
            if bound.name == name and bound.high is not None:
                high = bound.high - (step if bound.strict else 0)
        return replace(shape, low=low, high=high)
    if name in contract.non_empty and isinstance(shape, Text | Seq | Map):
        return replace(shape, min_size=max(1, shape.min_size))
    return shape


def _certain(shape: Seq) -> bool:
    return isinstance(shape.item, Tup | Seq | Map)


def _definitions(tree: ast.AST, prefix: str = "") -> Iterator[tuple[str, ast.AST]]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield prefix + node.name, node
            if isinstance(node, ast.ClassDef):
                yield from _definitions(node, f"{prefix}{node.name}.")
        elif isinstance(node, ast.If | ast.Try | ast.With | ast.ExceptHandler):
            yield from _definitions(node, prefix)


__all__ = ["Domain", "Reader", "constrain", "less_certain", "refine"]
