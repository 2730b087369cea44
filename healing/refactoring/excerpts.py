"""The part of a function that a rewrite changes, as a function of its own: what can be called where the whole cannot.

A method of an object that nobody can make, or a long function whose inputs hardly ever reach the changed lines, is not
called; the few statements that change are. What they read becomes parameters, what is read from them afterwards is
returned, and so is each jump that leaves them. If both versions of these statements do the same for all values of
their variables, they do so for those that the function brings about.

Two variables of an excerpt never hold one object, as they may in the function; so what might change something that
another variable holds (:mod:`.sharing`) spoils it, unless the rewrite is about what is ``unshared``: a text in a
variable.

Invariant: there is an excerpt only if nothing but its result, its arguments and its exception shows what it did: no
name that a nested function or an exception handler of the function could look at, nothing of the frame, no ``yield``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import libcst as cst

from .blocks import OwnJumps, imported, looks_at_frame, loose_jumps
from .flow import Flow, flow_of
from .functions import Place, place_of
from .reads import inside, target_names
from .sharing import changes_shared

NAME = "_changed_part_of"
#: More variables than these are a function of their own, not an excerpt.
MOST_VARIABLES = 8

_FORBIDDEN = (
    cst.Yield,
    cst.Await,
    cst.Global,
    cst.Nonlocal,
    cst.ClassDef,
    cst.FunctionDef,
    cst.Import,
    cst.ImportFrom,
    cst.Asynchronous,
)
_MAKERS = {
    "list": "list", "sorted": "list", "dict": "dict", "set": "set", "len": "int", "int": "int", "str": "str",
    "bytes": "bytes", "struct.pack": "bytes", "bytearray": "bytearray", "tuple": "tuple",
}  # fmt: skip


#: Context managers, by name, that let every exception out.
_PASSING = frozenset(
    (
        "open",
        "closing",
        "nullcontext",
        "TemporaryDirectory",
        "NamedTemporaryFile",
        "TemporaryFile",
        "ZipFile",
        "catch_warnings",
    )
)
#: Stands among a variable's types for a value that is added to it: a text stays one, a number may become another kind.
_ADDED = "+"


class Excerpt(NamedTuple):
    """Both texts with the changed part as a function ``name`` at their ends; ``lines`` are those of the part in the
    text before, 1-based, the last included; ``shifts`` how many lines further down in each text it stands again."""

    name: str
    before: str
    after: str
    lines: tuple[int, int]
    shifts: tuple[int, int]


class _Part(NamedTuple):
    """Statements ``suite.body[start:stop]`` of a function."""

    suite: cst.BaseSuite
    start: int
    stop: int

    @property
    def statements(self) -> Sequence[cst.BaseStatement]:
        body: Sequence[cst.BaseStatement] = tuple(
            each for each in self.suite.body if isinstance(each, cst.BaseStatement)
        )
        return body[self.start : self.stop]


class _Variables(NamedTuple):
    inputs: frozenset[str]
    outputs: frozenset[str]


def excerpt(before: str, after: str, name: str, *, unshared: bool = False) -> Excerpt | None:
    """The part in which function ``name`` differs; None where it cannot be taken out."""
    old, new = place_of(before, name), place_of(after, name)
    if old is None or new is None:
        return None
    parts = _changed(old.function.body, new.function.body)
    if parts is None or (
        parts[0].suite is old.function.body and len(parts[0].statements) == len(old.function.body.body)
    ):
        return None
    flows = (flow_of(old.function), flow_of(new.function))
    if not unshared and changes_shared(flows[0], parts[0].statements, before):
        return None
    found = [_variables(flow, part) for flow, part in zip(flows, parts, strict=True)]
    if found[0] is None or found[1] is None:
        return None
    outputs = found[0].outputs | found[1].outputs
    if not outputs <= flows[0].variables:
        return None
    inputs = found[0].inputs | found[1].inputs
    if len(inputs) > MOST_VARIABLES or not inputs <= flows[0].variables or not inputs:
        return None
    called = f"{NAME}_{old.function.name.value.strip('_')}"
    known = _types(flows[0], parts[0])
    texts: list[str] = []
    shifts: list[int] = []
    for place, flow, part, text in zip((old, new), flows, parts, (before, after), strict=True):
        definition = _definition(flow, part, called, sorted(inputs), sorted(outputs), known)
        code = place.module.code_for_node(definition)
        texts.append(f"{text.rstrip()}\n\n\n{code}")
        first = part.statements[0]
        comments = first.leading_lines if isinstance(first, cst.SimpleStatementLine | cst.BaseCompoundStatement) else ()
        shifts.append(text.rstrip().count("\n") + 5 + len(comments) - _lines(place, part)[0])
    return Excerpt(called, texts[0], texts[1], _lines(old, parts[0]), (shifts[0], shifts[1]))


def _changed(old: cst.BaseSuite, new: cst.BaseSuite) -> tuple[_Part, _Part] | None:
    """The smallest runs of statements that hold all that differs."""
    if not isinstance(old, cst.IndentedBlock) or not isinstance(new, cst.IndentedBlock):
        return None
    first = 0
    while first < min(len(old.body), len(new.body)) and old.body[first].deep_equals(new.body[first]):
        first += 1
    last = 0
    while last < min(len(old.body), len(new.body)) - first and old.body[-1 - last].deep_equals(new.body[-1 - last]):
        last += 1
    if first == len(old.body) == len(new.body):
        return None
    inner = None
    if len(old.body) - last - first == len(new.body) - last - first == 1:
        inner = _inside(old.body[first], new.body[first])
    if inner is not None:
        return inner
    if len(old.body) - last == first or len(new.body) - last == first:  # only added, or only taken away
        if last:
            last -= 1
        elif first:
            first -= 1
    return _Part(old, first, len(old.body) - last), _Part(new, first, len(new.body) - last)


def _inside(old: cst.CSTNode, new: cst.CSTNode) -> tuple[_Part, _Part] | None:
    """The same in the one block of a compound statement that differs, if nothing else of it does."""
    blocks = [list(_suites(each)) for each in (old, new)]
    if len(blocks[0]) != len(blocks[1]):
        return None
    differing = [pair for pair in zip(*blocks, strict=True) if not pair[0].deep_equals(pair[1])]
    if len(differing) != 1:
        return None
    mine, other = differing[0]
    put = old.deep_replace(mine, other)
    return _changed(mine, other) if isinstance(put, cst.CSTNode) and put.deep_equals(new) else None


def _suites(node: cst.CSTNode) -> Iterator[cst.IndentedBlock]:
    for each in node.children:
        if isinstance(each, cst.IndentedBlock):
            yield each
        elif isinstance(each, cst.If | cst.Else | cst.ExceptHandler | cst.Finally | cst.MatchCase):
            yield from _suites(each)


def _variables(flow: Flow, part: _Part) -> _Variables | None:
    """What goes into a part and what comes out; None if it cannot be called in its place."""
    statements = part.statements
    region = range(flow.spans[statements[0]].start, flow.spans[statements[-1]].stop)
    for each in statements:
        if any(True for _ in inside(each, *_FORBIDDEN, enter=True)) or looks_at_frame(each):
            return None
        if any(isinstance(gone.target, cst.Name) for gone in inside(each, cst.Del)):
            return None
    steps = [flow.steps[number] for number in region]
    written = frozenset[str]().union(*(each.writes for each in steps))
    if written & (flow.foreign | flow.kept) or imported(flow) & written:
        return None
    nested = {each.name.value for each in inside(flow.function.body, cst.FunctionDef, cst.ClassDef)}
    caught = {target for each in steps for target in each.raises if target not in region}
    caught |= {span.stop for span in _swallowing(flow, region)}
    if any(flow.live[each] & written for each in caught if each < len(flow.live)):
        return None
    known = flow.bound_from(region.start, frozenset(), region)
    ends = {target for each in steps for target in each.next if target not in region}
    outputs = frozenset(name for name in written if any(name in flow.live[each] for each in ends))
    inputs = {
        name
        for number in region
        for name in ((flow.steps[number].reads | flow.steps[number].kept) & flow.variables) - known[number]
    }
    inputs |= {name for name in outputs if any(name not in known[each] for each in ends)}
    if not inputs <= flow.bound[region.start] or inputs & (nested | imported(flow)):
        return None
    return _Variables(frozenset(inputs), outputs)


def _swallowing(flow: Flow, region: range) -> Iterator[range]:
    """The ``with`` statements around a part that may end an exception of it, and go on behind."""
    for each, span in flow.spans.items():
        around = span.start <= region.start and region.stop <= span.stop and span != region
        if isinstance(each, cst.With) and around and not all(_passes_on(item.item) for item in each.items):
            yield span


def _passes_on(manager: cst.BaseExpression) -> bool:
    """Whether a context manager is known to let exceptions out: a file, a lock."""
    func = manager.func if isinstance(manager, cst.Call) else manager
    name = func.attr.value if isinstance(func, cst.Attribute) else getattr(func, "value", "")
    return isinstance(name, str) and (name in _PASSING or name.lower().endswith("lock"))


def _types(flow: Flow, part: _Part) -> dict[str, str]:
    """What is written of the types of variables, or said by all the values that they are given outside of the part."""
    function = flow.function
    found: dict[str, set[str]] = {}
    counted: dict[str, int] = {}
    own = {
        id(each) for statement in part.statements for each in inside(statement, cst.Assign, cst.AugAssign, enter=True)
    }
    for each in inside(function.body, cst.Assign):
        names = [name for target in each.targets for name in target_names(target.target)]
        for name in names:
            counted[name] = counted.get(name, 0) + (id(each) not in own)
            if id(each) in own:
                continue
            if not _grows(each.value, name):
                found.setdefault(name, set()).add(_type_of(each.value) if len(names) == 1 else "")
            elif not _counts(each.value):
                found.setdefault(name, set()).add(_ADDED)
    for each in inside(function.body, cst.AugAssign):
        for name in target_names(each.target) if id(each) not in own else ():
            counted[name] = counted.get(name, 0) + 1
            if not (isinstance(each.value, cst.Integer) and not isinstance(each.operator, cst.DivideAssign)):
                found.setdefault(name, set()).add(_ADDED)
    known: dict[str, str] = {}
    region = range(flow.spans[part.statements[0]].start, flow.spans[part.statements[-1]].stop)
    for name, types in found.items():
        elsewhere = sum(name in step.writes for number, step in enumerate(flow.steps) if number not in region)
        sure = types - {_ADDED}
        if len(sure) != 1 or "" in sure or (sure == {"int"} and _ADDED in types):
            continue
        if elsewhere == counted[name] and name not in flow.parameters:
            known[name] = next(iter(sure))
    bound = {name for step in flow.steps for name in step.writes}
    module = cst.Module([])
    for each in (*function.params.posonly_params, *function.params.params, *function.params.kwonly_params):
        if each.annotation is not None and each.name.value not in bound:
            known[each.name.value] = module.code_for_node(each.annotation.annotation)
    return known


def _counts(value: cst.BaseExpression) -> bool:
    """``name + 1``, ``name - 2``: an integer stays one."""
    steps = isinstance(value, cst.BinaryOperation) and isinstance(value.operator, cst.Add | cst.Subtract)
    return steps and isinstance(value, cst.BinaryOperation) and isinstance(value.right, cst.Integer)


def _grows(value: cst.BaseExpression, name: str) -> bool:
    """``name + …``: of the type that it had."""
    while isinstance(value, cst.BinaryOperation):
        value = value.left
        if isinstance(value, cst.Name) and value.value == name:
            return True
    return False


def _type_of(value: cst.BaseExpression) -> str:
    if isinstance(value, cst.SimpleString):
        return "bytes" if "b" in value.prefix.lower() else "str"
    if isinstance(value, cst.FormattedString):
        return "str"
    if isinstance(value, cst.Integer):
        return "int"
    if isinstance(value, cst.List | cst.ListComp):
        return "list"
    if isinstance(value, cst.Dict | cst.DictComp):
        return "dict"
    if isinstance(value, cst.Call):
        return _MAKERS.get(cst.Module([]).code_for_node(value.func), "")
    return ""


def _definition(
    flow: Flow, part: _Part, name: str, inputs: Sequence[str], outputs: Sequence[str], known: dict[str, str]
) -> cst.FunctionDef:
    params = [
        cst.Param(
            cst.Name(each), annotation=cst.Annotation(cst.parse_expression(known[each])) if each in known else None
        )
        for each in inputs
    ]
    jumps = any(True for each in part.statements for _ in (*inside(each, cst.Return, enter=True), *loose_jumps(each)))
    body: list[cst.BaseStatement] = []
    for each in part.statements:
        told = each.visit(_Told(outputs)) if jumps else each
        if isinstance(told, cst.BaseStatement):
            body.append(told)
    body.append(cst.SimpleStatementLine([cst.Return(_result("end", outputs) if jumps else _result("", outputs))]))
    suite = flow.function.body
    indent = suite.indent if isinstance(suite, cst.IndentedBlock) else None
    return cst.FunctionDef(cst.Name(name), cst.Parameters(params), cst.IndentedBlock(body, indent=indent))


def _result(how: str, names: Sequence[str]) -> cst.BaseExpression:
    parts = [*([repr(how)] if how else []), *names]
    return cst.parse_expression(f"({', '.join(parts)},)" if parts else "None")


class _Told(OwnJumps):
    """Makes each jump out of a part a return that says which."""

    def __init__(self, outputs: Sequence[str]) -> None:
        super().__init__()
        self.outputs = outputs

    def leave_Return(self, original_node: cst.Return, updated_node: cst.Return) -> cst.Return:
        value = updated_node.value or cst.Name("None")
        parts = cst.Tuple([cst.Element(cst.SimpleString("'return'")), cst.Element(value)])
        return updated_node.with_changes(value=parts, whitespace_after_return=cst.SimpleWhitespace(" "))

    def leave_Break(self, original_node: cst.Break, updated_node: cst.Break) -> cst.BaseSmallStatement:
        return updated_node if self.loops else cst.Return(_result("break", self.outputs))

    def leave_Continue(self, original_node: cst.Continue, updated_node: cst.Continue) -> cst.BaseSmallStatement:
        return updated_node if self.loops else cst.Return(_result("continue", self.outputs))


def _lines(place: Place, part: _Part) -> tuple[int, int]:
    """The 1-based lines of a part in its text."""
    from libcst.metadata import MetadataWrapper, PositionProvider

    wrapper = MetadataWrapper(place.module, unsafe_skip_copy=True)
    positions = wrapper.resolve(PositionProvider)
    above = place.text.count("\n", 0, place.start)
    return (
        above + positions[part.statements[0]].start.line,
        above + positions[part.statements[-1]].end.line,
    )
