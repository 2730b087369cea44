"""A list that is walked for each element of another, for those that match, is grouped once by what must match.

What it does: an inner loop that only does something ``if a.key == b.key`` walks a group of a dictionary made before the
loops; ``next((b for b in items if b.key == key), None)`` becomes a look-up, and ``any(b.key == key for b in items)`` a
search in a set.

Before::

    def join(orders, users):
        pairs = []
        for order in orders:
            for user in users:
                if user.id == order.user_id:
                    pairs.append((order, user))
        return pairs

After::

    def join(orders, users):
        pairs = []
        users_by_id = {}
        for user in users:
            users_by_id.setdefault(user.id, []).append(user)
        for order in orders:
            for user in users_by_id.get(order.user_id, ()):
                pairs.append((order, user))
        return pairs

Safe because: a group holds its elements in their order; whether the keys can be hashed, and whether the list is one
that can be walked twice, is tried.
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from ...analyzers.findings import Finding, Replacement
from ..dataflow import names_in, outermost_stable, root_name
from ..rewriting import Loop, Place, descend, node_at, place_of
from . import Improvement, Rewrite


def rewrite(text: str, finding: Finding) -> Iterator[Rewrite]:
    place = place_of(text, finding)
    node = node_at(place, finding, cst.For, cst.Call, cst.GeneratorExp, cst.If, cst.Comparison) if place else None
    if place is None or node is None:
        return
    for each in (node, *place.above(node)):
        if isinstance(each, cst.FunctionDef):
            return
        found = list(_loop(place, each)) if isinstance(each, cst.For) else list(_call(place, each))
        if found:
            yield from found
            return


def _loop(place: Place, inner: cst.For) -> Iterator[Rewrite]:
    function = place.function(inner)
    test = inner.body.body[0] if len(inner.body.body) == 1 else None
    if not isinstance(test, cst.If) or test.orelse is not None or inner.asynchronous is not None or function is None:
        return
    if not isinstance(inner.target, cst.Name) or not isinstance(test.body, cst.IndentedBlock):
        return
    item = inner.target.value
    loop = outermost_stable(place, inner, inner.iter)
    first, rest = _first(place, test.test)
    match = _match(place, first, item)
    if loop is None or loop is inner or match is None or not root_name(inner.iter):
        return
    if any(not place.within(each, inner) for each in place.names(function, item)):
        return
    mine, other = match
    table = place.free_name(f"{_last(place.code(inner.iter))}_by_{_last(mine, item)}", function)
    source = place.code(inner.iter)
    unit = place.indent(test)[len(place.indent(inner)) :]
    changes = [
        place.insert_before(
            loop, f"{table} = {{}}", f"for {item} in {source}:", f"{unit}{table}.setdefault({mine}, []).append({item})"
        ),
        place.replace(inner.iter, f"{table}.get({other}, ())"),
    ]
    if rest:
        changes.append(place.replace(test.test, rest))
    else:
        shifted = _without_head(place, test)
        if shifted is None:
            return
        changes.append(shifted)
    yield from place.rewrite(f"Look '{item}' up by {_last(mine, item)} instead of walking {source}", inner, changes)


def _first(place: Place, test: cst.BaseExpression) -> tuple[cst.BaseExpression, str]:
    """The first condition of a chain of ``and``, and the text of the others."""
    if isinstance(test, cst.BooleanOperation) and isinstance(test.operator, cst.And):
        first, rest = _first(place, test.left)
        right = place.code(test.right)
        return first, f"{rest} and {right}" if rest else right
    return test, ""


def _match(place: Place, test: cst.BaseExpression, item: str) -> tuple[str, str] | None:
    """(key of the item, what it must be) of ``item.key == other``."""
    if not isinstance(test, cst.Comparison) or len(test.comparisons) != 1:
        return None
    if not isinstance(test.comparisons[0].operator, cst.Equal):
        return None
    sides = (test.left, test.comparisons[0].comparator)
    if any(isinstance(each, cst.NamedExpr | cst.Await | cst.Yield) for side in sides for each in descend(side)):
        return None
    mine = [side for side in sides if item in names_in(place, side)]
    other = [side for side in sides if item not in names_in(place, side)]
    if len(mine) != 1 or len(other) != 1 or names_in(place, mine[0]) != {item}:
        return None
    return place.code(mine[0]), place.code(other[0])


def _without_head(place: Place, test: cst.If) -> Replacement | None:
    """The body of an ``if`` in its place, one level further out; None where a text over several lines would change."""
    start, end = place.line_start(test), place.line_end(test)
    lines = place.text[start:end].splitlines(keepends=True)
    head = place.index.position(place.span(test.test)[1])[0] - place.index.position(start)[0]
    outer = place.indent(test)
    inner = place.indent(test.body.body[0])
    if '"""' in "".join(lines) or "'''" in "".join(lines) or head or "#" in lines[0]:
        return None
    cut = len(inner) - len(outer)
    shifted = [each[cut:] if each.startswith(inner) else each for each in lines[1:]]
    return Replacement(start, end, "".join(shifted))


def _call(place: Place, node: cst.CSTNode) -> Iterator[Rewrite]:
    """``next((b for b in items if b.key == key), default)`` and ``any(b.key == key for b in items)``."""
    if not isinstance(node, cst.Call) or not isinstance(node.func, cst.Name) or not node.args:
        return
    generator = node.args[0].value
    function = place.function(node)
    if not isinstance(generator, cst.GeneratorExp) or generator.for_in.inner_for_in is not None or function is None:
        return
    clause = generator.for_in
    if not isinstance(clause.target, cst.Name) or clause.asynchronous is not None or not root_name(clause.iter):
        return
    item, source = clause.target.value, place.code(clause.iter)
    loop = outermost_stable(place, node, clause.iter)
    if loop is None:
        return
    if node.func.value == "next" and len(node.args) == 2 and len(clause.ifs) == 1:
        yield from _next(place, node, generator, loop, item, source)
    if node.func.value == "any" and len(node.args) == 1 and not clause.ifs:
        match = _match(place, generator.elt, item)
        if match is not None:
            mine, other = match
            keys = place.free_name(f"{_last(source)}_{_last(mine, item)}s", function)
            changes = [
                place.insert_before(loop, f"{keys} = {{{mine} for {item} in {source}}}"),
                place.replace(node, f"{other} in {keys}"),
            ]
            yield from place.rewrite(f"Search a set of what {source} hold", node, changes)


def _next(
    place: Place, node: cst.Call, generator: cst.GeneratorExp, loop: Loop, item: str, source: str
) -> Iterator[Rewrite]:
    function = place.function(node)
    match = _match(place, generator.for_in.ifs[0].test, item)
    value = place.code(generator.elt)
    if match is None or function is None or names_in(place, generator.elt) != {item}:
        return
    mine, other = match
    table = place.free_name(f"{_last(source)}_by_{_last(mine, item)}", function)
    unit = "    "
    default = place.code(node.args[1].value)
    changes = [
        place.insert_before(
            loop, f"{table} = {{}}", f"for {item} in {source}:", f"{unit}{table}.setdefault({mine}, {value})"
        ),
        place.replace(node, f"{table}.get({other})" if default == "None" else f"{table}.get({other}, {default})"),
    ]
    if place.names(function, item) and any(not place.within(each, generator) for each in place.names(function, item)):
        return
    yield from place.rewrite(f"Look '{item}' up by {_last(mine, item)}", node, changes)


def _last(code: str, item: str = "") -> str:
    """A word for a name: the last part of a dotted name, or the key of a subscript."""
    if code == item:
        return "value"
    word = code.rstrip("]()\"'").replace("'", ".").replace('"', ".").rpartition(".")[2].lstrip("_")
    return word if word.isidentifier() else "key"


IMPROVEMENT = Improvement(
    name="index-for-scan",
    rules=("nested_loop", "linear_search"),
    summary="Look elements up in a dictionary instead of walking a list for each",
    rewrite=rewrite,
    speeds_up=True,
)
