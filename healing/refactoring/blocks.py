"""Runs of statements that can be moved out of a function without changing what it does.

A block is a run of statements of one suite. What it needs from outside is its inputs, what is needed from it
afterwards its outputs; both come from the data flow, and so does whether a jump leaves it.

Invariant: a block is given only if calling it in its place is the same for every input: no jump out of it that a call
cannot make, no name shared with a nested function, nothing that looks at its own frame, no value that lives only
because a variable of the function holds it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import libcst as cst

from .flow import Flow, imported_names
from .reads import children, inside, target_names

#: What becomes of jumps. ``plain``: there are none. ``return``: after the block the function has nothing to do, so its
#: value is returned. ``value``: what the block returns is never None, so None means: go on. ``flag``: the block returns
#: one constant, so a truth value says whether to go on.
Form = Literal["plain", "return", "value", "flag"]

#: Functions that look at the frame they are called from (the second group: only when called without arguments).
_FRAME = frozenset({"locals", "eval", "exec", "super", "breakpoint", "_getframe", "currentframe", "set_trace"}) | {
    "extract_stack",
    "format_stack",
    "print_stack",
}
_FRAME_BARE = frozenset({"vars", "dir", "stack"})
#: Makers of values whose life ends with the variable that holds them.
_LIFETIME = ("TemporaryDirectory", "TemporaryFile", "NamedTemporaryFile", "SpooledTemporaryFile", "ref", "finalize")

MAX_INPUTS, MAX_OUTPUTS = 5, 2


@dataclass(frozen=True, slots=True)
class Block:
    """``suite.body[start:stop]`` with what goes in and comes out. ``constant`` is the returned constant of a
    ``flag``."""

    suite: cst.IndentedBlock
    start: int
    stop: int
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    form: Form
    is_async: bool
    skips: bool  # a ``continue`` of the loop around it ends the block
    constant: str = ""

    @property
    def statements(self) -> Sequence[cst.BaseStatement]:
        return tuple(self.suite.body[self.start : self.stop])


def blocks(flow: Flow) -> Iterator[Block]:
    """Every block of a function that begins and ends where a paragraph does."""
    if flow.foreign & flow.kept or any(True for _ in inside(flow.function.body, cst.Nonlocal, enter=True)):
        return
    suites = [each for each in flow.spans if isinstance(each, cst.IndentedBlock)]
    facts: dict[cst.CSTNode, _Facts] = {each: _Facts.of(each) for suite in suites for each in suite.body}
    unpassed = imported(flow) | {each.name.value for each in inside(flow.function.body, cst.FunctionDef, cst.ClassDef)}
    for suite in suites:
        body = suite.body
        first = 1 if suite is flow.function.body and _is_text(body[0]) else 0
        for start in range(first, len(body)):
            if not _opens(body, start, first):
                continue
            for stop in range(start + 1, len(body) + 1):
                if facts[body[stop - 1]].forbidden:
                    break
                if stop - start == len(body) - first and suite is flow.function.body:
                    continue  # the whole function
                block = _examine(flow, suite, start, stop, facts) if _closes(body, stop) else None
                if block is not None and not unpassed & {*block.inputs, *block.outputs}:
                    yield block


def _opens(body: Sequence[cst.CSTNode], at: int, first: int) -> bool:
    return at == first or _is_compound(body[at]) or bool(getattr(body[at], "leading_lines", ()))


def _closes(body: Sequence[cst.CSTNode], at: int) -> bool:
    return at == len(body) or _is_compound(body[at - 1]) or bool(getattr(body[at], "leading_lines", ()))


def _is_compound(node: cst.CSTNode) -> bool:
    return isinstance(node, cst.BaseCompoundStatement)


def _is_text(node: cst.CSTNode) -> bool:
    if not isinstance(node, cst.SimpleStatementLine):
        return False
    first = node.body[0]
    return isinstance(first, cst.Expr) and isinstance(first.value, cst.SimpleString | cst.ConcatenatedString)


def _examine(
    flow: Flow, suite: cst.IndentedBlock, start: int, stop: int, facts: Mapping[cst.CSTNode, _Facts]
) -> Block | None:
    """The block, if it can be moved out."""
    statements = suite.body[start:stop]
    region = range(flow.spans[statements[0]].start, flow.spans[statements[-1]].stop)
    jumps = _Jumps.of(flow, statements, facts)
    if jumps.leave_loop or (jumps.loose and not _ends_loop(flow, suite, stop)):
        return None
    falls = {
        target
        for number in region
        if number not in jumps.steps
        for target in flow.steps[number].next
        if target not in region
    }
    if len(falls) > 1:
        return None
    written = frozenset[str]().union(*(flow.steps[number].writes for number in region))
    if written & flow.foreign or not _is_closed(flow, region, written):
        return None
    known = flow.bound_from(region.start, frozenset(), region)
    form, constant = _form(flow, jumps, falls)
    if form is None:
        return None
    after = frozenset[str]().union(*(flow.live[each] for each in falls)) if form != "return" else frozenset[str]()
    outputs = {name for name in written & after if _is_used_outside(flow, region, name)}
    caught = {target for number in region for target in flow.steps[number].raises if target not in region}
    lost = {name for each in caught for name in flow.live[each] & written if _is_used_outside(flow, region, name)}
    unbound = frozenset[str]().union(*(flow.steps[number].unbinds for number in region))
    if lost or unbound & after or (form in ("value", "flag") and outputs):
        return None
    if any(_is_used_outside(flow, region, name) for name in _bound_only_here(flow, region, written) - outputs):
        return None  # what reads it elsewhere would see a global of that name
    inputs = _inputs(flow, region, known)
    for each in falls:
        inputs |= {name for name in outputs if name not in known[each]}
    if not inputs <= flow.bound[region.start] or _lives_by_name(
        [facts[each] for each in statements], written - outputs, flow, region
    ):
        return None
    if jumps.loose and outputs and any(facts[each].finishes for each in statements):
        return None  # a ``finally`` could still change what was returned
    if len(outputs) > MAX_OUTPUTS or len(inputs) > MAX_INPUTS + 1:
        return None
    order = _appearance(flow, region)
    return Block(
        suite=suite,
        start=start,
        stop=stop,
        inputs=tuple(sorted(inputs, key=order.index)),
        outputs=tuple(sorted(outputs, key=order.index)),
        form=form,
        is_async=any(facts[each].waits for each in statements),
        skips=bool(jumps.loose),
        constant=constant,
    )


def imported(flow: Flow) -> frozenset[str]:
    """Own names of a function that an import in it binds."""
    found = inside(flow.function.body, cst.Import, cst.ImportFrom)
    return frozenset(name for each in found for name in imported_names(each))


@dataclass(frozen=True, slots=True)
class _Jumps:
    """The jumps that leave a block; ``steps`` are those that return. A ``continue`` goes where the block's end goes."""

    returns: tuple[cst.Return, ...]
    loose: tuple[cst.Break | cst.Continue, ...]
    steps: frozenset[int]

    @classmethod
    def of(cls, flow: Flow, statements: Sequence[cst.CSTNode], facts: Mapping[cst.CSTNode, _Facts]) -> _Jumps:
        returns = tuple(each for node in statements for each in facts[node].returns)
        loose = tuple(each for node in statements for each in facts[node].loose)
        return cls(returns, loose, frozenset(flow.spans[each].stop - 1 for each in returns))

    @property
    def leave_loop(self) -> bool:
        return any(isinstance(each, cst.Break) for each in self.loose)


@dataclass(frozen=True, slots=True)
class _Facts:
    """What is asked of a statement more than once."""

    forbidden: bool
    waits: bool
    finishes: bool  # it holds a ``finally``
    returns: tuple[cst.Return, ...]
    loose: tuple[cst.Break | cst.Continue, ...]
    calls: tuple[tuple[frozenset[str], str], ...]  # (names bound, what is called) of each assignment of a call

    @classmethod
    def of(cls, node: cst.CSTNode) -> _Facts:
        calls = tuple(
            (
                frozenset(name for target in each.targets for name in target_names(target.target)),
                each.value.func.attr.value
                if isinstance(each.value.func, cst.Attribute)
                else str(getattr(each.value.func, "value", "")),
            )
            for each in inside(node, cst.Assign)
            if isinstance(each.value, cst.Call)
        )
        finishes = any(each.finalbody is not None for each in inside(node, cst.Try, cst.TryStar))
        returns, loose = tuple(inside(node, cst.Return)), tuple(loose_jumps(node))
        return cls(_forbids(node), _waits(node), finishes, returns, loose, calls)


def loose_jumps(node: cst.CSTNode) -> Iterator[cst.Break | cst.Continue]:
    """``break`` and ``continue`` below ``node`` that belong to a loop around it."""
    if isinstance(node, cst.Break | cst.Continue):
        yield node
    elif isinstance(node, cst.For | cst.While):
        if node.orelse is not None:
            yield from loose_jumps(node.orelse)
    elif not isinstance(node, cst.FunctionDef | cst.ClassDef | cst.Lambda):
        for child in children(node):
            yield from loose_jumps(child)


def _form(flow: Flow, jumps: _Jumps, falls: set[int]) -> tuple[Form | None, str]:
    """How the returns of a block can be made by a call of it."""
    if not jumps.returns:
        return "plain", ""
    if any(True for _ in inside(flow.function.body, cst.Yield)) or jumps.loose:
        return None, ""
    if not falls or falls == {flow.exit}:
        return "return", ""
    if all(_is_never_none(each.value) for each in jumps.returns):
        return "value", ""
    constants = {"None" if each.value is None else _constant(each.value) for each in jumps.returns}
    if len(constants) == 1 and (constant := constants.pop()):
        return "flag", constant
    return None, ""


def _is_never_none(value: cst.BaseExpression | None) -> bool:
    return isinstance(
        value,
        cst.Tuple | cst.List | cst.Dict | cst.Set | cst.BaseString | cst.BaseNumber | cst.Comparison | cst.BaseComp
    ) or (isinstance(value, cst.UnaryOperation) and isinstance(value.operator, cst.Not))  # fmt: skip


def _constant(value: cst.BaseExpression) -> str:
    return value.value if isinstance(value, cst.Name) and value.value in ("None", "True", "False") else ""


def _forbids(statement: cst.CSTNode) -> bool:
    """Does something in here depend on the very function that it stands in?"""
    kinds = (cst.Yield, cst.Global, cst.Nonlocal, cst.ClassDef, cst.FunctionDef, cst.Del)
    return any(True for _ in inside(statement, *kinds)) or looks_at_frame(statement)


def looks_at_frame(node: cst.CSTNode) -> bool:
    """Does something in here ask which function it runs in, or for its variables?"""
    for each in inside(node, cst.Call, enter=True):
        name = each.func.attr.value if isinstance(each.func, cst.Attribute) else getattr(each.func, "value", "")
        if name in _FRAME or (name in _FRAME_BARE and not each.args):
            return True
        if any(arg.keyword is not None and arg.keyword.value == "stacklevel" for arg in each.args):
            return True
    return any(each.value in ("__class__", "exec", "eval") for each in inside(node, cst.Name, enter=True))


def _ends_loop(flow: Flow, suite: cst.IndentedBlock, stop: int) -> bool:
    """Is the end of the block the end of a loop's body?"""
    loops = inside(flow.function.body, cst.For, cst.While)
    return stop == len(suite.body) and any(each.body is suite for each in loops)


def _is_closed(flow: Flow, region: range, written: frozenset[str]) -> bool:
    """No nested function shares a variable with the other side of the block's edge in a way that could be seen."""
    within = frozenset[str]().union(*(flow.steps[number].kept for number in region)) & flow.variables
    outside = {
        name
        for number, step in enumerate(flow.steps)
        if number not in region
        for name in step.kept
    }  # fmt: skip
    if outside & written:
        return False
    around = [
        span for node, span in flow.spans.items() if isinstance(node, cst.For | cst.While) and _holds(span, region)
    ]
    for number, step in enumerate(flow.steps):
        if number in region or not within & (step.writes | step.unbinds):
            continue
        if number >= region.stop or any(number in span for span in around):
            return False
    return True


def _holds(span: range, region: range) -> bool:
    return span.start <= region.start and region.stop <= span.stop and len(span) > len(region)


def _bound_only_here(flow: Flow, region: range, written: frozenset[str]) -> frozenset[str]:
    elsewhere = (step.writes for number, step in enumerate(flow.steps) if number not in region)
    return written - flow.parameters - frozenset[str]().union(*elsewhere)


def _is_used_outside(flow: Flow, region: range, name: str) -> bool:
    return any(
        name in step.reads or name in step.kept for number, step in enumerate(flow.steps) if number not in region
    )


def _inputs(flow: Flow, region: range, known: Sequence[frozenset[str]]) -> set[str]:
    found: set[str] = set()
    for number in region:
        step = flow.steps[number]
        found |= ((step.reads | step.kept) & flow.variables) - known[number]
    return found


def _appearance(flow: Flow, region: range) -> list[str]:
    """Parameters first, then other names by first appearance in the block."""
    order = [each for each in _parameters_in_order(flow)]
    for number in region:
        step = flow.steps[number]
        order += sorted(step.reads | step.kept)
    for number in region:
        order += sorted(flow.steps[number].writes)
    return order


def _parameters_in_order(flow: Flow) -> Iterator[str]:
    params = flow.function.params
    for each in (*params.posonly_params, *params.params, *params.kwonly_params):
        yield each.name.value


def _lives_by_name(facts: Sequence[_Facts], local: frozenset[str], flow: Flow, region: range) -> bool:
    """Would a value die with the block that the function keeps alive: a temporary folder, a result nobody reads?"""
    read = frozenset[str]().union(*(flow.steps[number].reads | flow.steps[number].kept for number in region))
    for bound, called in (call for each in facts for call in each.calls):
        if bound & local and (called in _LIFETIME or (len(bound) == 1 and not bound & read and "_" not in bound)):
            return True
    return False


def _waits(statement: cst.CSTNode) -> bool:
    if any(True for _ in inside(statement, cst.Await)):
        return True
    return any(
        each.asynchronous is not None for each in inside(statement, cst.For, cst.With, cst.CompFor)
    )  # fmt: skip


class OwnJumps(cst.CSTTransformer):
    """Walks the statements of a part without the functions defined there; ``loops`` counts the part's own loops around
    a statement: without any, a ``break`` or ``continue`` leaves the part."""

    def __init__(self) -> None:
        super().__init__()
        self.loops = 0

    def visit_FunctionDef(self, node: cst.FunctionDef) -> bool:
        return False

    def visit_For_body(self, node: cst.For) -> None:
        self.loops += 1

    def leave_For_body(self, node: cst.For) -> None:
        self.loops -= 1

    def visit_While_body(self, node: cst.While) -> None:
        self.loops += 1

    def leave_While_body(self, node: cst.While) -> None:
        self.loops -= 1
