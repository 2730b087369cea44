"""Readable Python for a program: names that speak, no needless lists, parts that occur twice or run long as locals."""

from __future__ import annotations

import builtins
import keyword
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import cast

from .components import ATOM, COMPARE, MULTIPLY, NOT, OR, TERNARY, Expr
from .enumerate import HIGHER_ORDER

_PLACE = re.compile(r"\{(\d)([a-z]?)\}")
_NEEDED = {"": TERNARY, "a": ATOM, "m": MULTIPLY, "u": MULTIPLY + 1, "s": MULTIPLY - 1, "c": COMPARE + 1, "n": NOT,
           "i": TERNARY, "j": OR}  # fmt: skip
_SINGULAR = {"words": "word", "numbers": "number", "items": "item", "lines": "line", "values": "value", "rows": "row",
             "names": "name", "digits": "digit", "parts": "part", "strings": "string", "keys": "key"}  # fmt: skip
#: What the result of a component is called when it becomes a local.
_LOCALS: dict[str, tuple[str, ...]] = {
    "map": ("values", "results"),
    "filter": ("kept", "selected"),
    "counter": ("counts",),
    "len": ("length", "size"),
    "items": ("pairs",),
    "lower": ("lowered",),
    "sorted": ("ordered",),
    "sub": ("replaced", "cleaned"),
    "sum": ("total",),
    "replace": ("replaced",),
    "strip": ("stripped",),
    "set": ("distinct",),
    "most_common": ("ranked",),
    "runs": ("runs",),
    "group_by": ("groups",),
}
#: Longer expressions are split into locals (characters).
_LONG = 76


@dataclass(frozen=True, slots=True)
class Rendered:
    """The statements of a function's body, the last of which returns, and the imports they need."""

    lines: tuple[str, ...]
    imports: tuple[str, ...]


@dataclass(slots=True)
class _Writer:
    taken: set[str]
    kinds: dict[str, str]  # element name by variable
    statements: list[str] = field(default_factory=list[str])
    imports: set[str] = field(default_factory=set[str])
    bound: dict[Expr, str] = field(default_factory=dict[Expr, str])

    def fresh(self, *choices: str) -> str:
        for name in (*choices, *(f"{choices[-1]}{number}" for number in range(2, 99))):
            if name not in self.taken and not keyword.iskeyword(name) and not hasattr(builtins, name):
                self.taken.add(name)
                return name
        raise ValueError("no free name")


def render(expr: Expr, parameters: Sequence[str], reserved: Sequence[str] = ()) -> Rendered:
    """Write ``expr`` as the body of a function with these parameters. ``reserved`` names are not used for locals."""
    writer = _Writer({*parameters, *reserved}, {})
    _bind_shared(expr, writer)
    body = _branches(expr, writer) if expr.op == "if" else [f"return {_write(expr, writer)[0]}"]
    return Rendered((*writer.statements, *body), tuple(sorted(writer.imports)))


def _branches(expr: Expr, writer: _Writer) -> list[str]:
    """``if … return``, chained; no ``else`` after a return."""
    lines: list[str] = []
    while expr.op == "if":
        condition, yes, expr = expr.args
        lines += [f"if {_write(condition, writer)[0]}:", f"    return {_write(yes, writer)[0]}"]
    return [*lines, f"return {_write(expr, writer)[0]}"]


def expression(expr: Expr, parameters: Sequence[str]) -> str:
    """One line for messages; statements of blocks are left out."""
    writer = _Writer(set(parameters), {})
    return _write(expr, writer)[0]


def _bind_shared(expr: Expr, writer: _Writer) -> None:
    """Give a name to what occurs twice, and to the largest inner part while the whole is too long for a line."""
    if expr.op == "if":
        return
    counts = Counter(each for each in _parts(expr) if _weight(each) >= 2)
    for part, count in sorted(counts.items(), key=lambda item: _weight(item[0])):
        if count > 1 and part != expr:
            _bind(part, writer)
    for _ in range(4):
        if len(_probe(expr, writer)) <= _LONG:
            return
        parts = [each for each in _parts(expr) if each != expr and each not in writer.bound and _weight(each) >= 2]
        if not parts:
            return
        length = len(_probe(expr, writer))
        _bind(min(parts, key=lambda each: abs(len(_probe(each, writer)) - length / 2)), writer)


def _bind(part: Expr, writer: _Writer) -> None:
    text, _ = _write(part, writer)
    name = writer.fresh(*_local_names(part))
    writer.statements.append(f"{name} = {text}")
    writer.bound[part] = name


def _probe(expr: Expr, writer: _Writer) -> str:
    """What would be written, without leaving a trace in the writer."""
    copy = _Writer(set(writer.taken), dict(writer.kinds), [], set(), dict(writer.bound))
    return _write(expr, copy)[0]


def _parts(expr: Expr) -> list[Expr]:
    """Sub-expressions that stand outside of comprehension bodies and do not read their variables."""
    found = [expr] if expr.op not in ("var", "const") else []
    for each in expr.args:
        found += _parts(each)
    return found


def _weight(expr: Expr) -> int:
    return (
        1 + sum(map(_weight, expr.args)) + (_weight(expr.body) if expr.body else 0)
        if expr.op not in ("var", "const")
        else 0
    )


def _local_names(expr: Expr) -> tuple[str, ...]:
    if expr.component is not None and expr.component.element:
        return (f"{expr.component.element}s".replace("matchs", "matches"), "found")
    return _LOCALS.get(expr.op, ("result", "partial"))


def _write(expr: Expr, writer: _Writer, place: str = "") -> tuple[str, int]:
    """(text, binding strength). ``place`` is the letter of the place it is written into."""
    if expr in writer.bound:
        return writer.bound[expr], ATOM
    if expr.op == "var":
        return writer.kinds.get(expr.name, expr.name), ATOM
    if expr.op == "const":
        return _constant(expr.value)
    if expr.op == "if":
        condition, yes, no = (_wrapped(each, writer, "j") for each in expr.args)
        return f"{yes} if {condition} else {no}", TERNARY
    if expr.op == "part":
        key = f"{expr.args[0].name}[{_part(expr)[0]}]"
        return writer.kinds.get(key, f"{_write(expr.args[0], writer)[0]}[{_part(expr)[0]}]"), ATOM
    if expr.op == "template":
        return _template(expr, writer)
    if expr.op == "not" and expr.args[0].op in ("in_list", "in_set", "contains", "contains_str", "contains_chars"):
        left, right = (_wrapped(each, writer, "c") for each in expr.args[0].args)
        return f"{left} not in {right}", COMPARE
    if expr.op in HIGHER_ORDER:
        return _higher_order(expr, writer, place)
    assert expr.component is not None
    writer.imports.update(expr.component.imports)
    if expr.component.block is not None:
        arguments = [_write(each, writer)[0] for each in expr.args]
        name = writer.fresh(expr.component.block_name, "result")
        writer.statements += expr.component.block(name, arguments)
        return name, ATOM
    template = expr.component.lazy if place in ("i", "j") and expr.component.lazy else expr.component.template
    if expr.op == "len" and expr.args[0].op == "filter":
        return _counting(expr.args[0], writer), ATOM
    text = _PLACE.sub(lambda match: _wrapped(expr.args[int(match[1])], writer, match[2]), template)
    return text, ATOM if template is expr.component.lazy else expr.component.strength


def _wrapped(expr: Expr, writer: _Writer, place: str) -> str:
    text, strength = _write(expr, writer, place)
    return f"({text})" if strength < _NEEDED[place] else text


def _constant(value: object) -> tuple[str, int]:
    if isinstance(value, str):
        if "\\" in value and '"' not in value and not value.endswith("\\"):
            return f'r"{value}"', ATOM
        plain = repr(value)
        if plain.startswith("'") and '"' not in plain:
            plain = f'"{plain[1:-1]}"'
        return plain, ATOM
    negative = isinstance(value, (int, float)) and value < 0
    return repr(value), MULTIPLY + 1 if negative else ATOM


def _part(expr: Expr) -> tuple[int, int]:
    """(place, length) of a part of a tuple."""
    place, length = cast("tuple[int, int]", expr.value)
    return place, length


def _unpacked(bodies: Sequence[Expr], source: Expr, inner: str, writer: _Writer) -> tuple[str, dict[str, str]] | None:
    """``for left, right in …`` and what stands for the parts, if the pair itself is never read."""
    parts = [each for body in bodies for each in _all(body) if each.op == "part" and each.args[0].name == inner]
    if not parts or not all(_only_parts(body, inner) for body in bodies):
        return None
    while source.op in ("filter", "sort_by", "reverse", "sorted") and source.args:
        source = source.args[0]
    length = _part(parts[0])[1]
    choices: Sequence[tuple[str, ...]]
    if source.op == "items":
        choices = (("key", "name"), ("value", "item"))
    elif source.op.startswith("enumerate"):
        choices = (("index", "position"), ("item", "element"))
    elif source.op in ("runs", "most_common", "most_common_n", "most_common_str"):
        choices = (("item", "key"), ("count", "times"))
    else:
        choices = (("left", "first"), ("right", "second"), ("third", "last"))
    names = [writer.fresh(*choices[place], "part") for place in range(length)]
    read = {_part(each)[0] for each in parts}
    shown = ", ".join(name if place in read else "_" for place, name in enumerate(names))
    return shown, {f"{inner}[{place}]": name for place, name in enumerate(names)}


def _template(expr: Expr, writer: _Writer) -> tuple[str, int]:
    """An f-string; parts that would need its own quotes or a backslash in it become locals first."""
    written: list[str] = []
    for each in expr.args:
        if each.op == "const":
            text = str(each.value).replace("\\", "\\\\").replace('"', '\\"').replace("{", "{{").replace("}", "}}")
            written.append(text.replace("\n", "\\n").replace("\t", "\\t"))
            continue
        text = _write(each, writer, "j")[0]
        if '"' in text or "\\" in text or text.startswith("{"):
            name = writer.fresh(*_local_names(each))
            writer.statements.append(f"{name} = {_write(each, writer)[0]}")
            text = name
        written.append(f"{{{text}}}")
    return f'f"{"".join(written)}"', ATOM


def _all(expr: Expr) -> list[Expr]:
    return [expr, *(each for arg in expr.args for each in _all(arg)), *(_all(expr.body) if expr.body else [])]


def _only_parts(body: Expr, name: str) -> bool:
    """Whether ``body`` reads the tuple ``name`` only by its parts."""
    if body.op == "var":
        return body.name != name
    if body.op == "part" and body.args[0].name == name:
        return True
    return all(_only_parts(each, name) for each in (*body.args, *((body.body,) if body.body else ())))


def _higher_order(expr: Expr, writer: _Writer, place: str) -> tuple[str, int]:
    body, source = expr.body, expr.args[0]
    assert body is not None
    inner = f"${expr.depth}"
    if expr.op in ("sort_by", "max_by", "min_by"):
        outer = {"sort_by": "sorted", "max_by": "max", "min_by": "min"}[expr.op]
        return f"{outer}({_wrapped(source, writer, 'j')}, key={_key(body, inner, writer)})", ATOM
    condition: Expr | None = None
    if expr.op == "map" and source.op == "filter" and source not in writer.bound and source.body is not None:
        condition, source = source.body, source.args[0]
    if expr.op == "filter":
        condition = body
    saved, taken = dict(writer.kinds), set(writer.taken)
    iterable = _wrapped(source, writer, "j")
    bodies = (body, condition) if condition is not None and condition is not body else (body,)
    unpacked = _unpacked(bodies, source, inner, writer) if expr.op == "map" else None
    target, names = unpacked or _plain_name(source, inner, writer)
    writer.kinds.update(names)
    if expr.op == "group_by":
        key = _write(body, writer)[0]
        groups = writer.fresh("groups")
        writer.statements += [f"{groups} = {{}}", f"for {target} in {iterable}:",
                              f"    {groups}.setdefault({key}, []).append({target})"]  # fmt: skip
        writer.kinds = saved
        return groups, ATOM
    image = target if expr.op == "filter" else _wrapped(body, writer, "")
    guard = f" if {_wrapped(condition, writer, 'j')}" if condition is not None else ""
    clause = f"for {target} in {iterable}{guard}"
    writer.kinds, writer.taken = saved, taken
    if expr.op == "dict_map":
        return f"{{{target}: {image} {clause}}}", ATOM
    if place == "i":
        return f"{image} {clause}", ATOM
    return f"[{image} {clause}]", ATOM


def _plain_name(source: Expr, inner: str, writer: _Writer) -> tuple[str, dict[str, str]]:
    base = source
    while base.op in ("filter", "sort_by", "reverse", "tail", "head", "sorted", "unique") and base.args:
        base = base.args[0]
    name = _SINGULAR.get(base.name, "") if base.op == "var" else ""
    if base.op == "var" and base.name in ("text", "string", "other"):
        name = "char"
    if base.component is not None and base.component.element:
        name = base.component.element
    if base.op.startswith("range"):
        name = "i"
    if base.op == "to_str":
        name = "digit"
    chosen = writer.fresh(*((name,) if name else ()), "item", "element", "x")
    return chosen, {inner: chosen}


def _counting(source: Expr, writer: _Writer) -> str:
    """``len`` of a filter: a sum of ones needs no list."""
    assert source.body is not None
    saved, taken = dict(writer.kinds), set(writer.taken)
    iterable = _wrapped(source.args[0], writer, "j")
    target, names = _plain_name(source.args[0], f"${source.depth}", writer)
    writer.kinds.update(names)
    condition = _write(source.body, writer)[0]
    writer.kinds, writer.taken = saved, taken
    return f"sum(1 for {target} in {iterable} if {condition})"


def _key(body: Expr, inner: str, writer: _Writer) -> str:
    """A sort key: ``len``, ``str.lower`` or a lambda."""
    if body.component is not None and len(body.args) == 1 and body.args[0].op == "var" and body.args[0].name == inner:
        template = body.component.template
        method = re.fullmatch(r"\{0a\}\.(\w+)\(\)", template)
        function = re.fullmatch(r"([\w.]+)\(\{0i?\}\)", template)
        if method and body.op not in ("items", "values"):
            return f"str.{method[1]}"
        if function:
            writer.imports.update(body.component.imports)
            return function[1]
    saved, taken = dict(writer.kinds), set(writer.taken)
    name = writer.fresh("item", "element", "x")
    writer.kinds[inner] = name
    text = _write(body, writer)[0]
    writer.kinds, writer.taken = saved, taken
    return f"lambda {name}: {text}"
