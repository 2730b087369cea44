"""The thing being fuzzed, inside the sandbox: a function, a method, or a class as a sequence of calls.

An input is a :class:`~.plans.Made` whose callee is empty (a function's arguments) or a list of steps (a class); this
module knows which inputs there are and hands them to the :class:`~.oracle.Judge`, or, for a class, to
:mod:`.sequences`.
"""

from __future__ import annotations

import ast
import functools
import inspect
import random
import typing
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

from .annotations import Unsupported
from .boundaries import Hints
from .call_sites import CallSite
from .calls import Call
from .contract import read_contract
from .domain import Domain, Reader
from .oracle import Judge, Verdict
from .oracles.round_trips import find_inverse
from .plans import MODULE, Builder, Made, Plan, render
from .running import Result, Runner
from .sequences import Sequencer
from .shapes import Anything, Certainty, Parameter, certainty_of, describe, less_certain


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
    inverse_name: str = ""
    judge: Judge = field(init=False)
    sequencer: Sequencer | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self.judge = Judge(self.path, self.root, self.module, self.tree, self.builder, self.runner)
        parts = self.name.split(".")
        self.judge.private = any(part.startswith("_") and not part.endswith("__") for part in parts)
        if self.is_class:
            self.sequencer = Sequencer(self.name, self.judge, self.call, self.steps, self._sequences)
            return
        samples = tuple(plan for plan, _ in zip(self.call.cases(), range(12), strict=False))
        self.judge.prepare(self.name, self.call, samples)
        if self.judge.facts is not None:
            inverse = find_inverse(self.judge.facts)
            self.inverse_name = inverse.told if inverse is not None else ""

    def compare_with(self, base: Subject) -> None:
        """Judges every outcome by the base version's as well."""
        self.base = base
        self.judge.base = base.judge
        base.judge.base = base.judge  # what it prints matters as well
        if self.sequencer is not None and base.sequencer is not None:
            self.sequencer.base = base.sequencer

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
        if self.sequencer is not None:
            return self.sequencer.run(plan, limit_s)
        return self.judge.run(self.call, plan, limit_s)


def _flavour(function: Callable[..., Any]) -> str:
    inner = inspect.unwrap(function)
    if inspect.iscoroutinefunction(inner):
        return "async"
    if inspect.isasyncgenfunction(inner):
        return "async-generator"
    return "generator" if inspect.isgeneratorfunction(inner) else ""


def _step(name: str, plan: Made) -> Made:
    return Made(name, plan.args, plan.kwargs)


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
    calls: Sequence[CallSite] = (),
) -> Subject:
    """Finds ``name`` in a loaded module and works out its domain. Raises Unsupported, or LookupError if absent.

    A base version that has no such target, or another kind of one, is not compared with."""
    subject = _open(module, name, path, root, source, runner, calls)
    if base is not None:
        try:
            other = _open(base, name, path, root, base_source, runner, calls)
        except (LookupError, Unsupported, SyntaxError):
            return subject
        if other.is_class == subject.is_class:
            subject.compare_with(other)
    return subject


def _open(
    module: ModuleType,
    name: str,
    path: str,
    root: str,
    source: str,
    runner: Runner,
    calls: Sequence[CallSite] = (),
) -> Subject:
    reader = Reader(module, source, calls)
    builder = Builder(module)
    found = _found(module, name, path)
    if inspect.isclass(found):
        return _open_class(reader, builder, found, name, path, root, runner)
    call = _open_call(reader, found, name)
    return Subject(name, path, root, module, reader.tree, builder, runner, call)


def open_call(module: ModuleType, name: str, path: str, source: str, calls: Sequence[CallSite] = ()) -> Call:
    """A function or method alone, with its domain, nothing judged. Raises Unsupported, or LookupError if absent."""
    found = _found(module, name, path)
    if inspect.isclass(found):
        raise Unsupported(f"{name} is a class, not a function")
    return _open_call(Reader(module, source, calls), found, name)


def _found(module: ModuleType, name: str, path: str) -> Any:
    found: Any = module
    for part in name.split("."):
        found = inspect.getattr_static(found, part, None) if inspect.isclass(found) else getattr(found, part, None)
        if found is None:
            raise LookupError(f"{name} is not defined in {path}")
    return found


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
    if isinstance(receiver, Anything):
        raise Unsupported(f"{owner_name} cannot be made from simple arguments")
    first = Parameter("self", "positional", receiver, certainty_of(receiver))
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


def _constructor_domain(reader: Reader, cls: type, init: str) -> Domain:
    """What a class is made from; nothing, where it is made as a builtin class is and that says nothing."""
    own = vars(cls).get("__init__")
    if own is not None:
        return reader.domain(own, init, skip_first=True)
    try:
        inspect.signature(cls)
    except (TypeError, ValueError):
        return Domain((), Hints(), read_contract(inspect.getdoc(cls) or ""))
    return reader.domain(cls, init)


def _is_callback(cls: type, name: str) -> bool:
    """Whether a method overrides one of a framework's class, which calls it with values of its own."""
    top = cls.__module__.partition(".")[0]
    for base in cls.__mro__[1:]:
        if name in vars(base):
            home = base.__module__.partition(".")[0]
            return home not in (top, "builtins", "typing", "collections", "abc", "dict", "_collections_abc")
    return False


def _open_class(
    reader: Reader, builder: Builder, cls: type, name: str, path: str, root: str, runner: Runner
) -> Subject:
    if inspect.isabstract(cls) or getattr(cls, "_is_protocol", False):
        raise Unsupported(f"{name} is abstract")
    init = f"{name}.__init__"
    constructor = Call(cls, _known(_constructor_domain(reader, cls, init), init))
    steps: dict[str, Call] = {}
    for each, value in vars(cls).items():
        if each.startswith("_") or not inspect.isfunction(value) or _is_callback(cls, each):
            continue
        try:
            steps[each] = Call(value, _known(reader.domain(value, f"{name}.{each}", skip_first=True), each), True)
        except Unsupported:
            continue
    if not steps:
        raise Unsupported(f"{name} has no public methods that can be called with simple arguments")
    return Subject(name, path, root, reader.module, reader.tree, builder, runner, constructor, steps)


__all__ = ["MODULE", "Call", "Subject", "open_call", "open_subject", "render_input"]
