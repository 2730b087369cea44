"""Turn conditions around that wrap all the rest of a loop or function, so that the rest is not nested in them.

What it does: follows the way to the deepest block. An ``if`` that ends a loop's body or a function becomes its
negation with ``continue`` or ``return``; an ``else`` that only leaves goes first; an ``else`` behind a branch that
leaves is dissolved; conditions directly inside each other are joined by ``and``. It is offered if the function is less
deep afterwards.

Before::

    for cookie in cookies:
        if cookie.name == name:
            if cookie.domain == domain:
                for path in cookie.paths:
                    yield path

After::

    for cookie in cookies:
        if cookie.name != name:
            continue
        if cookie.domain != domain:
            continue
        for path in cookie.paths:
            yield path

Safe because: a condition is only turned around where nothing follows it, or where the other branch leaves for sure, so
the same statements run in the same order; and both versions gave the same results on fuzzed inputs, or passed the
module's tests, over the lines that changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import libcst as cst

from ...analyzers.findings import Finding
from ..refactoring.functions import is_plain, place_of, replaced, unit_at, unit_named
from ..refactoring.measuring import flatter, measure
from ..refactoring.proof import prove_refactoring
from ..refactoring.reads import children, inside
from . import Improvement, Rewrite

#: How the end of a suite can be reached early.
Tail = Literal["", "return", "return None", "continue"]

_BLOCKS = (cst.If, cst.For, cst.While, cst.Try, cst.TryStar, cst.With, cst.Match)
_INVERSE: dict[type[cst.BaseCompOp], type[cst.BaseCompOp]] = {
    cst.Equal: cst.NotEqual,
    cst.NotEqual: cst.Equal,
    cst.Is: cst.IsNot,
    cst.IsNot: cst.Is,
    cst.In: cst.NotIn,
    cst.NotIn: cst.In,
}


def rewrite(text: str, finding: Finding) -> Iterator[Rewrite]:
    unit = unit_at(text, finding)
    place = place_of(text, unit.name) if unit is not None else None
    if unit is None or place is None or not is_plain(place.function):
        return
    body = place.function.body
    if not isinstance(body, cst.IndentedBlock):
        return
    valued = any(each.value is not None for each in inside(place.function, cst.Return))
    flat = _Flattener(place.module).suite(body, "return None" if valued else "return")
    new = replaced(place, place.function.with_changes(body=flat))
    after = unit_named(new, place.name)
    if after is None:
        return
    before, now = measure(unit), measure(after)
    if flatter(before.nesting, now.nesting) and now.effort <= before.effort:
        yield Rewrite(f"Leave early instead of nesting ({before.nesting} → {now.nesting} deep)", new, (place.name,))


@dataclass(frozen=True)
class _Flattener:
    module: cst.Module

    def suite(self, block: cst.IndentedBlock, tail: Tail) -> cst.IndentedBlock:
        """The suite with its deepest statement made flatter."""
        body = list(block.body)
        while body:
            at = max(range(len(body)), key=lambda index: _depth(body[index]))
            deepest = body[at]
            if _depth(deepest) < 2:
                return block.with_changes(body=body)
            last = at == len(body) - 1
            flat = self._turned(deepest, tail if last else "") if isinstance(deepest, cst.If) else None
            if flat is None:
                body[at] = self._inside(deepest, tail if last else "")
                return block.with_changes(body=body)
            body[at : at + 1] = flat
        return block

    def _turned(self, node: cst.If, tail: Tail) -> list[cst.BaseStatement] | None:
        """The statements that say the same as an ``if``, one level less deep; None if there are none."""
        inner = node.body
        if not isinstance(inner, cst.IndentedBlock) or _has_comment(inner.footer):
            return None
        if node.orelse is None:
            if tail:
                return [self._guard(node, _jump(tail, self.module)), *inner.body]
            return self._joined(node, inner)
        if not isinstance(node.orelse, cst.Else) or not isinstance(node.orelse.body, cst.IndentedBlock):
            return None
        other = node.orelse.body
        if _has_comment(other.footer):
            return None
        if _leaves(other.body) and _depth_of(inner) > _depth_of(other) and len(other.body) <= 2:
            first = _above(other.body[0], node.orelse.leading_lines)
            return [self._guard(node, [first, *other.body[1:]]), *inner.body]
        if _leaves(inner.body):
            first = _above(other.body[0], node.orelse.leading_lines)
            return [node.with_changes(orelse=None), first, *other.body[1:]]
        return None

    def _guard(self, node: cst.If, body: Sequence[cst.BaseStatement]) -> cst.If:
        suite = node.body.with_changes(body=list(body))
        return node.with_changes(
            test=negated(node.test), body=suite, orelse=None, whitespace_before_test=cst.SimpleWhitespace(" ")
        )

    def _joined(self, node: cst.If, inner: cst.IndentedBlock) -> list[cst.BaseStatement] | None:
        nested = inner.body[0]
        if len(inner.body) != 1 or not isinstance(nested, cst.If) or nested.orelse is not None:
            return None
        if not isinstance(nested.body, cst.IndentedBlock) or _has_comment(nested.leading_lines):
            return None
        if inner.header.comment is not None or _spans_lines(node.test) or _spans_lines(nested.test):
            return None
        both = cst.BooleanOperation(_operand(node.test), cst.And(), _operand(nested.test))
        space = cst.SimpleWhitespace(" ")
        return [node.with_changes(test=both, body=nested.body, whitespace_before_test=space)]

    def _inside(self, node: cst.BaseStatement, tail: Tail) -> cst.BaseStatement:
        """A statement with the suites in it made flatter; the one that holds the deepest block."""
        if isinstance(node, cst.For | cst.While) and isinstance(node.body, cst.IndentedBlock):
            return node.with_changes(body=self.suite(node.body, "continue"))
        if isinstance(node, cst.With) and isinstance(node.body, cst.IndentedBlock):
            return node.with_changes(body=self.suite(node.body, tail))
        if isinstance(node, cst.Try | cst.TryStar) and isinstance(node.body, cst.IndentedBlock):
            return node.with_changes(body=self.suite(node.body, ""))
        if isinstance(node, cst.If):
            branch = node.orelse
            if isinstance(node.body, cst.IndentedBlock) and (branch is None or _depth(node) > _depth_below(branch)):
                return node.with_changes(body=self.suite(node.body, tail))
            if isinstance(branch, cst.If):
                return node.with_changes(orelse=self._inside(branch, tail))
            if isinstance(branch, cst.Else) and isinstance(branch.body, cst.IndentedBlock):
                return node.with_changes(orelse=branch.with_changes(body=self.suite(branch.body, tail)))
        return node


def negated(test: cst.BaseExpression) -> cst.BaseExpression:
    """The opposite of a condition, in the words that a person would choose."""
    if isinstance(test, cst.UnaryOperation) and isinstance(test.operator, cst.Not):
        return test.expression
    if isinstance(test, cst.Comparison) and len(test.comparisons) == 1:
        only = test.comparisons[0]
        inverse = _INVERSE.get(type(only.operator))
        if inverse is not None:
            return test.with_changes(comparisons=[only.with_changes(operator=inverse())])
    return cst.UnaryOperation(cst.Not(), _enclosed(test))


def _enclosed(test: cst.BaseExpression) -> cst.BaseExpression:
    """With brackets if ``not`` would bind to a part only."""
    loose = cst.BooleanOperation | cst.IfExp | cst.Lambda | cst.NamedExpr
    return _bracketed(test) if isinstance(test, loose) and not test.lpar else test


def _operand(test: cst.BaseExpression) -> cst.BaseExpression:
    """With brackets if ``and`` would take a part of it."""
    is_or = isinstance(test, cst.BooleanOperation) and isinstance(test.operator, cst.Or)
    loose = is_or or isinstance(test, cst.IfExp | cst.Lambda | cst.NamedExpr)
    return _bracketed(test) if loose and not test.lpar else test


def _bracketed(test: cst.BaseExpression) -> cst.BaseExpression:
    return test.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])


def _jump(tail: Tail, module: cst.Module) -> list[cst.BaseStatement]:
    return [cst.parse_statement(f"{tail}\n", module.config_for_parsing)]


def _leaves(body: Sequence[cst.BaseStatement]) -> bool:
    """Does a suite end with a jump for sure?"""
    last = body[-1]
    if isinstance(last, cst.SimpleStatementLine):
        return isinstance(last.body[-1], cst.Return | cst.Raise | cst.Continue | cst.Break)
    if isinstance(last, cst.If) and isinstance(last.orelse, cst.Else):
        suites = (last.body, last.orelse.body)
        return all(isinstance(each, cst.IndentedBlock) and _leaves(each.body) for each in suites)
    return False


def _depth(node: cst.CSTNode) -> int:
    """Blocks nested in a statement, itself counted; an ``elif`` is as deep as its ``if``."""
    if isinstance(node, cst.FunctionDef | cst.ClassDef):
        return 0
    own = 1 if isinstance(node, _BLOCKS) else 0
    if isinstance(node, cst.If):
        return max(own + _depth_of(node.body), _depth_below(node.orelse))
    return own + max((_depth(each) for each in children(node)), default=0)


def _depth_of(suite: cst.BaseSuite) -> int:
    return max((_depth(each) for each in suite.body), default=0)


def _depth_below(branch: cst.If | cst.Else | None) -> int:
    if isinstance(branch, cst.If):
        return _depth(branch)
    return 1 + _depth_of(branch.body) if branch is not None else 0


def _above(statement: cst.BaseStatement, lines: Sequence[cst.EmptyLine]) -> cst.BaseStatement:
    """The statement with the comments of ``lines`` above it."""
    kept = [each for each in lines if each.comment is not None]
    return (
        statement.with_changes(leading_lines=[*kept, *getattr(statement, "leading_lines", ())]) if kept else statement
    )


def _has_comment(lines: Sequence[cst.EmptyLine]) -> bool:
    return any(each.comment is not None for each in lines)


def _spans_lines(test: cst.BaseExpression) -> bool:
    return any(True for _ in _broken(test))


def _broken(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    for each in node.children:
        if isinstance(each, cst.ParenthesizedWhitespace):
            yield each
        yield from _broken(each)


IMPROVEMENT = Improvement(
    name="leave-early",
    rules=("deep-nesting",),
    summary="Turn conditions around that wrap all the rest, and leave early",
    rewrite=rewrite,
    speeds_up=False,
    prove=prove_refactoring,
)
