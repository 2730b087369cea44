"""Hypothesis strategies as a person would write them: ``st.lists(st.integers(min_value=0))``.

The counterpart of :mod:`.strategies`, for tests that people keep: no boundary values mixed in, no plans, and only
names that the test module imports.

Invariant: text in, text out; nothing is evaluated. What has no readable strategy raises :class:`Unreadable`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from .plans import MODULE, Made, render
from .shapes import Alt, Lit, Map, Num, Obj, Record, Seq, Shape, Text, Tup

_NAME = re.compile(rf"\b{MODULE}\.([A-Za-z_]\w*)")
_DOTTED = re.compile(r"(?<![\w.'\"])([a-z_]\w*(?:\.[a-z_]\w*)*)\.[A-Za-z_]\w*")
_FINITE = ("allow_nan=False", "allow_infinity=False")
#: Types of which the domain gives telling values, and Hypothesis has all.
_KNOWN = {
    "datetime.date": "st.dates()",
    "datetime.datetime": "st.datetimes()",
    "datetime.time": "st.times()",
    "datetime.timedelta": "st.timedeltas()",
    "decimal.Decimal": "st.decimals(allow_nan=False, allow_infinity=False)",
    "fractions.Fraction": "st.fractions()",
    "uuid.UUID": "st.uuids()",
    "ipaddress.IPv4Address": "st.ip_addresses(v=4)",
    "ipaddress.IPv6Address": "st.ip_addresses(v=6)",
}
#: More values than this are no list that anybody reads.
_MOST_VALUES = 40


class Unreadable(Exception):
    """There is no strategy for this that a person would keep; the text says for what."""


@dataclass
class Strategies:
    """Writes strategies and notes what they need. ``own``: names of the target's module; ``modules``: others."""

    own: set[str] = field(default_factory=set[str])
    modules: set[str] = field(default_factory=set[str])

    def write(self, shape: Shape) -> str:
        """The expression for a shape. Raises Unreadable."""
        if isinstance(shape, Num):
            return _number(shape)
        if isinstance(shape, Text):
            return _text(shape)
        if isinstance(shape, Lit):
            return self._literals(shape)
        if isinstance(shape, Alt):
            return self._alternatives(shape)
        if isinstance(shape, Seq):
            return self._sequence(shape)
        if isinstance(shape, Tup):
            return f"st.tuples({', '.join(map(self.write, shape.items))})"
        if isinstance(shape, Map):
            parts = [self.write(shape.key), self.write(shape.value), *_sizes(shape.min_size, shape.max_size)]
            made = f"st.dictionaries({', '.join(parts)})"
            return made if shape.kind == "dict" else f"{made}.map({self.expression(shape.kind)})"
        if isinstance(shape, Record):
            return self._record(shape)
        if isinstance(shape, Obj):
            parts = [self.expression(shape.callee), *map(self.write, shape.args)]
            parts += [f"{name}={self.write(each)}" for name, each in shape.kwargs]
            return f"st.builds({', '.join(parts)})"
        plain = "st.none() | st.booleans() | st.integers() | st.text()"
        return plain if shape.hashable else f"{plain} | st.lists(st.integers())"

    def expression(self, text: str) -> str:
        """A printed plan with the module's names bare; the names it needs are noted."""
        self.own.update(_NAME.findall(text))
        bare = _NAME.sub(r"\1", text)
        self.modules.update(match for match in _DOTTED.findall(text) if match.partition(".")[0] != MODULE)
        return bare

    def _literals(self, shape: Lit) -> str:
        if shape.values == (None,):
            return "st.none()"
        made = {each.callee if isinstance(each, Made) else "" for each in shape.values}
        if len(made) == 1 and (known := _KNOWN.get(made.pop())):
            return known  # telling values of a type that Hypothesis knows
        try:
            shown = [self.expression(render(each)) for each in shape.values]
        except TypeError as error:
            raise Unreadable(str(error)) from error
        if any(each.startswith("(lambda") or "lambda" in each for each in shown):
            raise Unreadable("a function")
        if sorted(shown) == ["False", "True"]:
            return "st.booleans()"
        if len(shown) > _MOST_VALUES:
            raise Unreadable(f"one of {len(shown)} values")
        return f"st.just({shown[0]})" if len(shown) == 1 else f"st.sampled_from([{', '.join(shown)}])"

    def _alternatives(self, shape: Alt) -> str:
        # None first: Hypothesis shrinks towards the first alternative.
        options = sorted(dict.fromkeys(map(self.write, shape.options)), key=lambda each: each != "st.none()")
        return " | ".join(options)

    def _sequence(self, shape: Seq) -> str:
        makers = {"set": "st.sets", "frozenset": "st.frozensets", "iterator": "st.iterables"}
        maker = makers.get(shape.kind, "st.lists")
        parts = [self.write(shape.item), *_sizes(shape.min_size, shape.max_size)]
        if shape.distinct and maker == "st.lists":
            parts.append("unique=True")
        made = f"{maker}({', '.join(parts)})"
        if shape.ordered:
            made += ".map(sorted)"
        if shape.kind == "list" or shape.kind in makers:
            return made
        kind = shape.kind if "." in shape.kind or shape.kind == "tuple" else f"collections.{shape.kind}"
        return f"{made}.map({self.expression(kind)})"

    def _record(self, shape: Record) -> str:
        fields = ", ".join(f"{name!r}: {self.write(each)}" for name, each in shape.fields)
        optional = ", ".join(f"{name!r}: {self.write(each)}" for name, each in shape.optional)
        return f"st.fixed_dictionaries({{{fields}}}" + (f", optional={{{optional}}})" if optional else ")")


def _number(shape: Num) -> str:
    limits = [
        f"{name}={int(bound) if shape.kind == 'int' else repr(float(bound))}"
        for name, bound in (("min_value", shape.low), ("max_value", shape.high))
        if bound is not None
    ]
    if shape.kind == "bool":
        return "st.booleans()"
    if shape.kind == "int":
        made = f"st.integers({', '.join(limits)})"
        return f"{made}.filter(lambda n: n % {shape.multiple} == 0)" if shape.multiple > 1 else made
    if shape.kind == "complex":
        return f"st.complex_numbers({', '.join(_FINITE)})"
    finite = _FINITE if len(limits) < 2 else ()
    return f"st.floats({', '.join([*limits, *finite])})"


def _text(shape: Text) -> str:
    if shape.pattern and shape.kind == "str":
        return f"st.from_regex({_raw(shape.pattern)})"
    made = f"st.{'text' if shape.kind == 'str' else 'binary'}({', '.join(_sizes(shape.min_size, shape.max_size))})"
    return f"{made}.map(bytearray)" if shape.kind == "bytearray" else made


def _raw(pattern: str) -> str:
    plain = '"' not in pattern and not pattern.endswith("\\") and pattern.isprintable()
    return f'r"{pattern}"' if plain and "\\" in pattern else repr(pattern)


def _sizes(least: int, most: int | None = None) -> list[str]:
    return [*([f"min_size={least}"] if least else []), *([f"max_size={most}"] if most is not None else [])]
