"""One callable with its domain: boundary inputs for it, and which inputs belong to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from .boundaries import Hints, boundaries, combinations
from .domain import Domain
from .plans import Made, Plan
from .shapes import Certainty, Parameter, admits, less_certain


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
