"""The thing being fuzzed, inside the sandbox: a function, a method, or a class as a sequence of calls.

An input is a :class:`~.plans.Made` whose callee is empty (a function's arguments) or a list of steps (a class); this
module turns one into a call and the outcome into a :class:`~.oracle.Verdict`.
"""

from __future__ import annotations

import ast
import copy
import functools
import inspect
import random
import typing
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

from .annotations import Unsupported
from .boundaries import Hints, boundaries, combinations
from .contract import Contract
from .domain import Domain, Reader
from .oracle import Case, Verdict, judge_default, judge_error, judge_hang, judge_mutation, judge_value, same
from .plans import MODULE, Builder, Made, Plan, render
from .running import Result, Runner
from .shapes import Anything, Certainty, Obj, Parameter, admits, describe, less_certain

#: Names whose second undoes the first; ``{}`` stands for what both have in common.
_PAIRS = (
    ("encode", "decode"), ("escape", "unescape"), ("quote", "unquote"), ("dumps", "loads"), ("pack", "unpack"),
    ("compress", "decompress"), ("serialize", "deserialize"), ("serialise", "deserialise"), ("encrypt", "decrypt"),
    ("marshal", "unmarshal"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Call:
    """One callable with its domain."""

    function: Callable[..., Any]
    domain: Domain
    method: bool = False

    @property
    def certainty(self) -> Certainty:
        known: list[Certainty] = [each.certainty for each in self.domain.parameters]
        return less_certain(*known)

    def cases(self, hints: Hints | None = None) -> Iterator[Made]:
        """Boundary inputs, the most telling first."""
        domain = self.domain
        hints = hints or domain.hints
        yield from (Made("", each) for each in domain.examples)
        required = [each for each in domain.parameters if not each.omit]
        everything = [each for each in domain.parameters if each.kind != "var_keyword"]
        variadic = next((each for each in everything if each.kind == "var_positional"), None)
        if variadic is not None:
            plain = [each for each in everything if each.kind == "positional" and not each.omit]
            several = _interleave(self._some(plain, hints), boundaries(variadic.shape, hints, 40))
            yield from (self._made(plain, values, rest) for values, rest in several)
            everything.remove(variadic)
        streams = [(self._made(required, values) for values in self._some(required, hints))]
        if len(required) < len(everything):
            streams.append(self._made(everything, values) for values in self._some(everything, hints))
        while streams:
            for stream in list(streams):
                plan = next(stream, None)
                if plan is None:
                    streams.remove(stream)
                else:
                    yield plan

    def _some(self, parameters: list[Parameter], hints: Hints) -> Iterator[tuple[Plan, ...]]:
        if not parameters:
            yield ()
            return
        limit = 400 if len(parameters) == 1 else 100
        yield from combinations([[*each.examples, *boundaries(each.shape, hints, limit)] for each in parameters])

    @staticmethod
    def _made(parameters: list[Parameter], values: tuple[Plan, ...], rest: tuple[Plan, ...] = ()) -> Made:
        named = [each for each in parameters if each.kind != "var_positional"]
        pairs = list(zip(named, values, strict=True))
        args = tuple(value for each, value in pairs if each.kind == "positional")
        return Made("", (*args, *rest), tuple((each.name, value) for each, value in pairs if each.kind == "keyword"))

    def admits(self, plan: Made) -> bool:
        """Whether the arguments lie in the domain and the required ones are there."""
        positional = [each for each in self.domain.parameters if each.kind == "positional"]
        variadic = next((each for each in self.domain.parameters if each.kind == "var_positional"), None)
        if len(plan.args) > len(positional) and variadic is None:
            return False
        for place, value in enumerate(plan.args):
            parameter = positional[place] if place < len(positional) else variadic
            if parameter is not None and not admits(parameter.shape, value) and value not in parameter.examples:
                return False
        given = {each.name for each in positional[: len(plan.args)]} | {name for name, _ in plan.kwargs}
        return all(each.omit or each.name in given for each in self.domain.parameters)


def _interleave(
    rows: Iterator[tuple[Plan, ...]], items: list[Plan]
) -> Iterator[tuple[tuple[Plan, ...], tuple[Plan, ...]]]:
    """Fixed arguments with no, one, two and three variable ones."""
    fixed = [row for row, _ in zip(rows, range(12), strict=False)]
    for row in fixed:
        yield row, ()
    for row in fixed[:4]:
        for first in items:
            yield row, (first,)
        for first, second in zip(items, reversed(items), strict=True):
            yield row, (first, second)
        for first in items[:10]:
            for second in items[:10]:
                yield row, (first, second)


@dataclass
class Subject:
    """A target, loaded. ``describe`` is the domain for people."""

    name: str
    path: str
    root: str
    module: ModuleType
    tree: ast.Module
    builder: Builder
    runner: Runner
    call: Call
    steps: dict[str, Call] = field(default_factory=dict[str, Call])
    base: Subject | None = None
    inverse: Callable[[Any], Any] | None = None
    inverse_name: str = ""
    _done: list[Made] = field(default_factory=list[Made])  # steps of a sequence so far

    @property
    def is_class(self) -> bool:
        return bool(self.steps)

    @property
    def certainty(self) -> Certainty:
        known: list[Certainty] = [each.certainty for each in self.steps.values()]
        return less_certain(self.call.certainty, *known)

    def flavours(self) -> dict[str, str]:
        """How each callable is finished: ``async``, ``generator``, ``async-generator``; plain ones are left out."""
        calls = {"": self.call, **self.steps}
        found = {name: _flavour(call.function) for name, call in calls.items()}
        return {name: flavour for name, flavour in found.items() if flavour}

    def describe(self) -> dict[str, str]:
        found = {each.name: f"{describe(each.shape)} ({each.certainty})" for each in self.call.domain.parameters}
        for name, call in self.steps.items():
            for each in call.domain.parameters:
                found[f"{name}({each.name})"] = f"{describe(each.shape)} ({each.certainty})"
        return found

    def cases(self) -> Iterator[Plan]:
        return self._sequences() if self.is_class else self.call.cases()

    def _sequences(self) -> Iterator[Plan]:
        """Steps of a class: construct, then each method alone, then mixtures drawn with a fixed seed."""
        made = [plan for plan, _ in zip(self.call.cases(), range(16), strict=False)]
        options = {
            name: [plan for plan, _ in zip(call.cases(), range(16), strict=False)] for name, call in self.steps.items()
        }
        for start in made[:8]:
            for name, plans in options.items():
                yield from ([_step("__init__", start), _step(name, plan)] for plan in plans[:6])
        rng = random.Random(0)
        names = [name for name, plans in options.items() if plans]
        for _ in range(1500 if names else 0):
            steps = [_step("__init__", rng.choice(made))]
            for _ in range(rng.randint(2, 6)):
                name = rng.choice(names)
                steps.append(_step(name, rng.choice(options[name])))
            yield steps

    def admits(self, plan: Plan) -> bool:
        if not self.is_class:
            return self.call.admits(plan)
        if not plan or plan[0].callee != "__init__":
            return False
        return self.call.admits(plan[0]) and all(
            each.callee in self.steps and self.steps[each.callee].admits(each) for each in plan[1:]
        )

    def run(self, plan: Plan, limit_s: float) -> tuple[Verdict | None, Result | None]:
        """One execution. The result is None if the input could not even be built."""
        if self.is_class:
            return self._run_steps(plan, limit_s)
        return self._run_call(self.call, plan, limit_s)

    def _build(self, plan: Made) -> tuple[tuple[Any, ...], dict[str, Any]]:
        return tuple([self.builder.build(each) for each in plan.args]), {
            name: self.builder.build(each) for name, each in plan.kwargs
        }

    def case(self, call: Call, plan: Made) -> Case:
        shapes = tuple(each.shape for each in call.domain.parameters)
        domain = call.domain
        certainty = call.certainty
        for step in self._done:  # what earlier steps were given matters as well
            earlier = self.call if step.callee == "__init__" else self.steps[step.callee]
            certainty = less_certain(certainty, earlier.certainty)
        if self._done:
            plan = Made("", (*self._done, plan))
        return Case(
            self.path,
            self.root,
            self.tree,
            domain.node,
            domain.contract,
            certainty,
            shapes,
            plan,
            domain.returns,
            call.method,
        )

    def _run_call(self, call: Call, plan: Made, limit_s: float) -> tuple[Verdict | None, Result | None]:
        try:
            args, kwargs = self._build(plan)
        except Exception:  # noqa: BLE001 - a constructor that refuses these arguments
            return None, None
        defaults = _defaults(call.function)
        before = copy.deepcopy(tuple(defaults.values())) if defaults else ()
        result = self.runner.call(call.function, args, kwargs, limit_s)
        case = self.case(call, plan)
        if result.hung:
            return judge_hang(case, result.in_regex, result.error), result
        verdict = judge_error(result.error, case) if result.error is not None else judge_value(result.value, case)
        if verdict is None and case.contract.left_alone:
            verdict = judge_mutation(self._build(plan)[0], args, result.value, case)
        if verdict is None and defaults:
            verdict = judge_default(before, tuple(defaults.values()), tuple(defaults), case)
            _put_back(call.function, defaults, before)
        if verdict is None and result.error is None:
            verdict = self._round_trip(plan, result, case, limit_s)
        if verdict is None and self.base is not None:
            verdict = self._difference(plan, args, result, case, limit_s)
        return verdict, result

    def _run_steps(self, plan: Plan, limit_s: float) -> tuple[Verdict | None, Result | None]:
        receiver: Any = None
        result = None
        self._done.clear()
        for step in plan:
            first = step.callee == "__init__"
            if first:
                verdict, result = self._run_call(self.call, step, limit_s)
                receiver = result.value if result is not None else None
            else:
                call = self.steps[step.callee]
                bound = getattr(receiver, step.callee, None)
                if bound is None:
                    return None, None
                verdict, result = self._run_call(Call(bound, call.domain, True), step, limit_s)
            if verdict is not None and verdict.kind in ("crash", "hang"):
                return verdict, result
            if result is None or result.error is not None or result.hung:
                return None, result
            self._done.append(step)
        return None, result

    def _round_trip(self, plan: Made, result: Result, case: Case, limit_s: float) -> Verdict | None:
        if self.inverse is None or len(plan.args) != 1 or plan.kwargs:
            return None
        back = self.runner.call(self.inverse, (result.value,), {}, limit_s)
        original = self.builder.build(plan.args[0])
        if back.hung or (back.error is None and same(back.value, original)):
            return None
        got = f"raises {type(back.error).__name__}" if back.error is not None else f"gives {back.value!r}"
        return Verdict(
            "property",
            "RoundTrip",
            f"{self.inverse_name}({self.name}(x)) {got[:80]} for x = {original!r:.60}",
            case.line,
            0.85,
        )

    def _difference(
        self, plan: Made, args: tuple[Any, ...], result: Result, case: Case, limit_s: float
    ) -> Verdict | None:
        """Another outcome than the base version, where that one has an ordinary outcome."""
        base = self.base
        if base is None:
            return None
        try:
            base_args, base_kwargs = base._build(plan)
        except Exception:  # noqa: BLE001 - the base version's constructor refuses
            return None
        was = base.runner.call(base.call.function, base_args, base_kwargs, limit_s * 2)
        if was.hung or (was.error is not None and not _documented(was.error, base)):
            return None
        before, after = _told(was), _told(result)
        if was.error is None and result.error is None and same(was.value, result.value):
            if all(same(one, other) for one, other in zip(base_args, args, strict=False)):
                return None
            return Verdict(
                "regression",
                "ArgumentChanged",
                "changes its argument, which the base version does not (or differently)",
                case.line,
                0.9,
            )
        if before == after and was.error is not None:
            return None
        if before == after:
            return None
        return Verdict(
            "regression", "Regression", f"{after}; the base version {before}", case.line, 0.9, _expected(was)
        )


def _told(result: Result) -> str:
    if result.hung:
        return "does not end"
    if result.error is not None:
        return f"raises {type(result.error).__name__}"
    try:
        return f"returns {result.value!r}"[:120]
    except Exception:  # noqa: BLE001 - the target's own __repr__
        return "returns an object that cannot be shown"


def _expected(was: Result) -> str:
    """What a test can demand: the value, where it is a literal, or the exception."""
    if was.error is not None:
        return f"raises {type(was.error).__name__}"
    try:
        text = repr(was.value)
        return text if same(ast.literal_eval(text), was.value) else ""
    except Exception:  # noqa: BLE001 - not a literal
        return ""


def _documented(error: BaseException, subject: Subject) -> bool:
    """Whether the base raises this on purpose: documented, or by a ``raise`` statement of its own."""
    if subject.call.domain.contract.documents(type(error)):
        return True
    raised = {
        ast.unparse(node.exc) for node in ast.walk(subject.tree) if isinstance(node, ast.Raise) and node.exc is not None
    }
    return any(text.partition("(")[0].rpartition(".")[2] == type(error).__name__ for text in raised)


def _flavour(function: Callable[..., Any]) -> str:
    inner = inspect.unwrap(function)
    if inspect.iscoroutinefunction(inner):
        return "async"
    if inspect.isasyncgenfunction(inner):
        return "async-generator"
    return "generator" if inspect.isgeneratorfunction(inner) else ""


def _step(name: str, plan: Made) -> Made:
    return Made(name, plan.args, plan.kwargs)


@functools.lru_cache(maxsize=256)
def _defaults(function: Callable[..., Any]) -> dict[str, Any]:
    """Mutable defaults by parameter name."""
    inner = inspect.unwrap(function)
    try:
        parameters = inspect.signature(inner).parameters
    except (TypeError, ValueError):
        return {}
    return {name: each.default for name, each in parameters.items() if type(each.default) in (list, dict, set)}


def _put_back(function: Callable[..., Any], defaults: dict[str, Any], before: tuple[Any, ...]) -> None:
    for value, was in zip(defaults.values(), before, strict=True):
        value.clear()
        (value.extend if hasattr(value, "extend") else value.update)(was)


def render_input(plan: Plan) -> tuple[str, str]:
    """(args, kwargs) as expressions: the positional tuple, or the steps of a class."""
    if isinstance(plan, list):
        return render([(each.callee, each.args) for each in typing.cast("list[Made]", plan)]), "{}"
    return render(plan.args), render(dict(plan.kwargs))


def open_subject(
    module: ModuleType,
    name: str,
    path: str,
    root: str,
    source: str,
    runner: Runner,
    base: ModuleType | None = None,
    base_source: str = "",
) -> Subject:
    """Finds ``name`` in a loaded module and works out its domain. Raises Unsupported, or LookupError if absent."""
    reader = Reader(module, source)
    builder = Builder(module)
    found: Any = module
    for part in name.split("."):
        found = inspect.getattr_static(found, part, None) if inspect.isclass(found) else getattr(found, part, None)
        if found is None:
            raise LookupError(f"{name} is not defined in {path}")
    if inspect.isclass(found):
        return _open_class(reader, builder, found, name, path, root, runner)
    call = _open_call(reader, found, name)
    subject = Subject(name, path, root, module, reader.tree, builder, runner, call)
    subject.inverse_name, subject.inverse = _inverse(subject)
    if base is not None:
        subject.base = open_subject(base, name, path, root, base_source, runner)
    return subject


def _open_call(reader: Reader, found: Any, name: str) -> Call:
    """A function or method; a method gets its receiver as first argument."""
    owner_name = name.rpartition(".")[0]
    owner: Any = functools.reduce(getattr, owner_name.split("."), reader.module) if owner_name else None
    if isinstance(found, staticmethod | classmethod):
        bound = getattr(owner, name.rpartition(".")[2])
        return Call(bound, _known(reader.domain(bound, name), name), True)
    if isinstance(found, property) or not callable(found):
        raise Unsupported(f"{name} is not a function")
    if owner is None:
        return Call(found, _known(reader.domain(found, name), name))
    domain = reader.domain(found, name, skip_first=True)
    receiver = reader.describer.shape(owner)
    if not isinstance(receiver, Obj):
        raise Unsupported(f"{owner_name} cannot be made from simple arguments")
    first = Parameter("self", "positional", receiver, "annotated")
    whole = Domain((first, *domain.parameters), domain.hints, domain.contract, domain.returns, (), domain.node)
    return Call(found, _known(whole, name), True)


def _known(domain: Domain, name: str) -> Domain:
    """Refuses a domain in which nothing at all is known of a required parameter."""
    for each in domain.parameters:
        if (
            isinstance(each.shape, Anything)
            and not each.omit
            and not each.shape.hashable
            and each.certainty == "guessed"
            and _uses_attributes(domain, each.name)
        ):
            raise Unsupported(f"what {name} expects as {each.name} is not known; annotate it")
    return domain


def _uses_attributes(domain: Domain, name: str) -> bool:
    if domain.node is None:
        return True
    return any(
        isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == name
        for node in ast.walk(domain.node)
    )


def _open_class(
    reader: Reader, builder: Builder, cls: type, name: str, path: str, root: str, runner: Runner
) -> Subject:
    if inspect.isabstract(cls) or getattr(cls, "_is_protocol", False):
        raise Unsupported(f"{name} is abstract")
    init = f"{name}.__init__"
    own = vars(cls).get("__init__")
    domain = reader.domain(own, init, skip_first=True) if own is not None else reader.domain(cls, init)
    constructor = Call(cls, _known(domain, init))
    steps: dict[str, Call] = {}
    for each, value in vars(cls).items():
        if each.startswith("_") or not inspect.isfunction(value):
            continue
        try:
            steps[each] = Call(value, _known(reader.domain(value, f"{name}.{each}", skip_first=True), each), True)
        except Unsupported:
            continue
    if not steps:
        raise Unsupported(f"{name} has no public methods that can be called with simple arguments")
    return Subject(name, path, root, reader.module, reader.tree, builder, runner, constructor, steps)


def _inverse(subject: Subject) -> tuple[str, Callable[[Any], Any] | None]:
    """The function that undoes the target: stated as an equation in either docstring, or by a well-known pair of
    names where the inverse says that it is one."""
    required = [each for each in subject.call.domain.parameters if not each.omit]
    if len(required) != 1 or subject.call.method or subject.certainty == "guessed":
        return "", None
    candidates: list[str] = []
    contract = subject.call.domain.contract
    if contract.equation and contract.equation[1] == subject.name:
        candidates.append(contract.equation[0])
    for first, second in _PAIRS:
        if first in subject.name:
            other = subject.name.replace(first, second, 1)
            if _says_inverse(subject.module, other, contract, subject.name):
                candidates.append(other)
    for name in candidates:
        function = getattr(subject.module, name, None)
        if inspect.isfunction(function) and function is not subject.call.function:
            return name, function
    return "", None


def _says_inverse(module: ModuleType, other: str, contract: Contract, name: str) -> bool:
    from .contract import read_contract

    doc = inspect.getdoc(getattr(module, other, None)) or ""
    about = read_contract(doc)
    return contract.inverse or about.inverse or about.equation == (other, name)


__all__ = ["MODULE", "Call", "Subject", "open_subject", "render_input"]
