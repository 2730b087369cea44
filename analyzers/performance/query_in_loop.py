"""Asking the database once for each element of a loop.

What it does: reports, inside a loop over data, a query that reads by something of the present element:
``Model.objects.get/filter/exclude(…)``, ``session.query(…)``, ``session.get(Model, …)``,
``session.execute(select(…))``, ``cursor.execute("SELECT …")``, ``get_object_or_404``; and a related manager of the
element (``order.lines.all()``, ``order.line_set.count()``) where the loop goes over a queryset that neither
``prefetch_related`` nor a loader option prepared, nor a method of the program's own, or wherever it goes if only some
rows are asked for (``order.lines.filter(open=True).exists()``), for which no preparation helps. Writes, loops over a
few values and attempts that are repeated until one succeeds are left alone, and so are migrations and querysets that
are only put together. It is a hint where the loop does not go through rows of the database, of which there will be
more, and asks by something else than a key that is the element or an attribute of it; where it goes through the keys
that one change of a relation is about (``pk_set`` of Django's ``m2m_changed``); where each pass also writes to the
database, reads files or asks servers, for which the query is not what takes the time; where it stands in a ``try``
for an element that may be missing; and in a command that somebody starts by hand.

Why is this bad: each query is a trip to the database; a page with a thousand rows asks a thousand and one times (the
"n + 1" problem) where one or two queries would do.

Example::

    for order in Order.objects.filter(open=True):
        customer = Customer.objects.get(pk=order.customer_id)

Use instead::

    for order in Order.objects.filter(open=True).select_related("customer"):
        customer = order.customer

References: https://docs.djangoproject.com/en/stable/topics/db/optimization/
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from tree_sitter import Node

from ..by_hand import in_command
from ..few import says_few
from ..findings import Finding
from ..flow import Flow, Loop, arguments_of, flow_of, method_of
from ..places import is_by_hand
from ..rules import Rule
from ..syntax import Unit, descend
from .loops import clause_of, dominated, has_loops, in_handler, loop_evidence, targets_of

_READS = frozenset(
    {
        *("get", "filter", "exclude", "first", "last", "count", "exists", "all", "values", "values_list"),
        *("aggregate", "earliest", "latest", "in_bulk"),
    }
)
_WRITES = frozenset({"update", "delete", "create", "bulk_create", "get_or_create", "update_or_create", "add", "set"})
_LAZY = frozenset({"filter", "exclude", "all", "values", "values_list", "query"})
_RUN = frozenset(
    {
        *("get", "first", "last", "count", "exists", "aggregate", "earliest", "latest", "in_bulk", "iterator"),
        *("one", "one_or_none", "scalar", "scalar_one", "scalar_one_or_none", "fetchone", "fetchall"),
    }
)
_RELATED_READS = frozenset({"all", "filter", "exclude", "count", "exists", "first", "last", "values_list"})
_SHORTCUTS = frozenset({"django.shortcuts.get_object_or_404", "django.shortcuts.get_list_or_404"})
SESSION = re.compile(r"(?:^|[._])(?:db|session|sess)(?:\.session)?$")
_CURSOR = re.compile(r"(?:^|[._])(?:cursor|cur|conn|connection|db|session)$")
_MIGRATION = re.compile(r"/(?:migrations|alembic)/")
_SELECT = re.compile(r"^[rbfRBF]*[\"']{1,3}\s*select\s", re.IGNORECASE)
#: Methods of Django's managers that fetch nothing but the rows.
_DJANGO = frozenset(
    {"all", "filter", "exclude", "order_by", "reverse", "distinct", "annotate", "alias", "only", "defer", "using"}
    | {"iterator", "values", "values_list", "union", "intersection", "difference", "select_for_update", "none", "raw"}
    | {"extra", "dates", "datetimes", "in_bulk", "aiterator", "get_queryset", "complex_filter"}
)
_PREPARED = ("prefetch_related", "select_related", "joinedload", "selectinload", "subqueryload")


def check(unit: Unit) -> Iterator[Finding]:
    if _MIGRATION.search(unit.path):
        return
    flow = flow_of(unit)
    for node, loops in flow.in_loops("call"):
        loop = next((each for each in reversed(loops) if each.node.type != "while_statement"), None)
        if loop is None:
            continue
        query = _query(unit, node)
        around = None if query else _of_a_row(unit, node, loops)
        if around is not None:
            loop, query = around, unit.text(node.child_by_field_name("function") or node)
        elif not query and _asks_related(flow, node, loop):
            query = unit.text(node.child_by_field_name("function") or node)
        elif not query or not _by_element(flow, node, loop):
            continue
        if in_handler(node, loop) or _in_head(node, loop) or not _runs(flow, node, loop) or _inside_query(unit, node):
            continue
        if over_few(unit, loop):
            continue
        found = unit.finding(
            RULE,
            node,
            f"'{query[:60]}' asks the database again for each element of the loop",
            confidence=0.65,
            suggestion="ask once before the loop (select_related, prefetch_related, filter(pk__in=…), a join)",
            evidence=(loop_evidence(unit, loop, node),),
        )
        beside = (
            is_by_hand(unit.path)
            or in_command(unit, node)
            or _writes(flow, loop)
            or _is_tried(node, loop)
            or dominated(flow, loop, node)
        )
        beside = beside or _again(unit, node, loop) or _goes_through(unit, loop) == "pk_set"
        grows = around is not None or _over_rows(flow, loop) or _by_its_key(unit, node, loop)
        yield found if grows and not beside else replace(found, severity="low")


def _over_rows(flow: Flow, loop: Loop) -> bool:
    """Does a loop go through rows of a database, of which there will be more?"""
    right = clause_of(loop).child_by_field_name("right")
    if right is None:
        return False
    return any(_ROWS.search(flow.unit.text(value)) for value in _made_of(flow, right))


def _made_of(flow: Flow, value: Node, far: int = 3) -> Iterator[Node]:
    """What a collection was made of: what its name stands for, what was put in order, joined or copied for it."""
    yield value
    if far and value.type == "identifier":
        for each in flow.reaching(value):
            if each.value is not None:
                yield from _made_of(flow, each.value, far - 1)
    elif far and value.type == "call" and flow.unit.call_name(value) in _COPIES:
        for each in arguments_of(value)[:1]:
            yield from _made_of(flow, each, far)
    elif far and value.type == "binary_operator":
        for each in value.named_children:
            yield from _made_of(flow, each, far)


_COPIES = frozenset({"sorted", "list", "tuple", "set", "reversed", "enumerate"})


def _by_its_key(unit: Unit, call: Node, loop: Loop) -> bool:
    """Is this asked by a key that is the element, or an attribute of it? Then all keys can be asked for at once. A key
    that is worked out in the loop mostly belongs to the few parts of one thing (the lines of a form)."""
    whole = chain_of(call)[-1]
    own = targets_of(unit, loop)
    keys = [
        value
        for each in descend(whole)
        if each.type == "keyword_argument"
        and (name := each.child_by_field_name("name")) is not None
        and unit.text(name) in _KEYS
        and (value := each.child_by_field_name("value")) is not None
    ]
    called = method_of(unit, call)
    if called is not None and called[1] == "get" and _names_a_class(unit, call):
        keys += arguments_of(call)[1:2]
    for key in keys:
        while key.type == "attribute" and (owner := key.child_by_field_name("object")) is not None:
            key = owner
        if key.type == "identifier" and unit.text(key) in own:
            return True
    return False


_KEYS = frozenset({"pk", "id"})
#: What rows come from: a manager, a method of a queryset or of a session, a cursor.
_ROWS = re.compile(
    r"\.objects\b|\.(?:all|filter|exclude|iterator|select_related|prefetch_related|values_list|order_by|scalars|fetchall"
    r"|query|execute|get_queryset)\("
)


def over_few(unit: Unit, loop: Loop) -> bool:
    """Does a loop go through something of which there are few, by its name?"""
    name = _goes_through(unit, loop)
    return bool(name) and says_few(name)


def _goes_through(unit: Unit, loop: Loop) -> str:
    """What a loop goes through, if that has a name."""
    right = clause_of(loop).child_by_field_name("right")
    return unit.text(right) if right is not None and right.type in ("identifier", "attribute") else ""


def _writes(flow: Flow, loop: Loop) -> bool:
    """Does the loop write to the database in its passes, one element at a time?"""
    for node, _ in flow.in_loops("call"):
        called = method_of(flow.unit, node) if loop.contains(node) else None
        if called is None or called[1] not in _SAVES:
            continue
        if (
            called[1] in _OF_ROWS
            or ".objects" in flow.unit.text(called[0])
            or SESSION.search(flow.unit.text(called[0]))
        ):
            return True
    return False


#: Methods that write a row, and those of them that no collection has.
_SAVES = _WRITES | {"save", "commit", "flush", "full_clean", "asave", "adelete"}
_OF_ROWS = frozenset({"save", "asave", "bulk_create", "get_or_create", "update_or_create", "commit", "full_clean"})


def _again(unit: Unit, call: Node, loop: Loop) -> bool:
    """``child = Page.objects.get(pk=child.pk)``: the element as it is after what the passes before have done."""
    parent = chain_of(call)[-1].parent
    left = parent.child_by_field_name("left") if parent is not None and parent.type == "assignment" else None
    return left is not None and unit.text(left) in targets_of(unit, loop)


def _is_tried(node: Node, loop: Loop) -> bool:
    """Is this in the body of a ``try`` of the same pass?"""
    current: Node | None = node
    while current is not None and current != loop.node:
        parent = current.parent
        if parent is not None and parent.type == "try_statement" and parent.child_by_field_name("body") == current:
            return True
        current = parent
    return False


def _query(unit: Unit, call: Node) -> str:
    """The query that is started here, if one is that reads."""
    function = call.child_by_field_name("function")
    if function is None:
        return ""
    if unit.call_name(call) in _SHORTCUTS:
        return unit.text(function)
    called = method_of(unit, call)
    if called is None:
        return ""
    owner, method = called
    text = unit.text(owner)
    if method in _READS and re.search(r"(?:^|\.)[A-Z]\w*\.(?:_default_manager|objects)$", text):
        return unit.text(function)
    if SESSION.search(text):
        if method in ("query", "scalar", "scalars") or (method == "get" and _names_a_class(unit, call)):
            return unit.text(function)
        if method == "execute" and any(_selects(unit, each) for each in arguments_of(call)[:1]):
            return unit.text(function)
    if method == "execute" and _CURSOR.search(text):
        first = next(iter(arguments_of(call)), None)
        if first is not None and _SELECT.match(unit.text(first)):
            return unit.text(function)
    return ""


def _names_a_class(unit: Unit, call: Node) -> bool:
    """``session.get(Order, 1)``, not ``session.get("name", None)``."""
    listed = arguments_of(call)
    return len(listed) == 2 and unit.text(listed[0]).rpartition(".")[2][:1].isupper()


def chain_of(call: Node) -> list[Node]:
    """The call, and the calls of methods on its result: ``a.filter(…)``, ``a.filter(…).first()``, …"""
    found = [call]
    while (attribute := found[-1].parent) is not None and attribute.type == "attribute":
        above = attribute.parent
        if above is None or above.type != "call" or above.child_by_field_name("function") != attribute:
            break
        found.append(above)
    return found


def _runs(flow: Flow, call: Node, loop: Loop) -> bool:
    """Is the query asked here, and for reading? A queryset that is only put together asks nothing yet."""
    unit = flow.unit
    chain = chain_of(call)
    methods = [called[1] for each in chain if (called := method_of(unit, each)) is not None]
    if any(each in _WRITES for each in methods) or "OuterRef(" in unit.text(chain[-1]):
        return False
    if not methods or methods[0] not in _LAZY or any(each in _RUN for each in methods):
        return True
    if _is_walked(unit, chain[-1]):
        return True
    kept = chain[-1].parent
    name = kept.child_by_field_name("left") if kept is not None and kept.type == "assignment" else None
    if name is None or name.type != "identifier":
        return False
    return any(
        any(each.value == chain[-1] for each in flow.reaching(later)) and _is_asked(unit, later)
        for later in descend(loop.node)
        if later.type == "identifier" and later.start_byte > chain[-1].end_byte and unit.text(later) == unit.text(name)
    )


def _is_walked(unit: Unit, rows: Node) -> bool:
    """Is a queryset gone through, counted or tested here?"""
    parent = rows.parent
    if parent is None:
        return False
    if parent.type in ("for_statement", "for_in_clause"):
        return parent.child_by_field_name("right") == rows
    if parent.type == "argument_list" and parent.parent is not None:
        return unit.call_name(parent.parent) in _WALKS
    if parent.type == "boolean_operator":
        return parent.child_by_field_name("left") == rows or _is_walked(unit, parent)
    if parent.type == "conditional_expression":
        return parent.named_children[1] == rows
    return parent.type in _TESTS or parent.type in ("subscript", "comparison_operator", "not_operator", "list_splat")


_TESTS = frozenset({"if_statement", "elif_clause", "while_statement", "if_clause"})


def _is_asked(unit: Unit, rows: Node) -> bool:
    """Is a queryset of this name asked for its rows here, or by what is put together from it here? A loop over the rows
    has work to do for each of them, next to which one query more is little."""
    above = rows.parent
    if above is not None and above.type == "for_statement":
        return False
    called = above.parent if above is not None and above.type == "attribute" else None
    if called is None or called.type != "call" or above != called.child_by_field_name("function"):
        return _is_walked(unit, rows)
    chain = chain_of(called)
    methods = [each[1] for each in (method_of(unit, call) for call in chain) if each is not None]
    end = chain[-1].parent
    if any(each in _WRITES for each in methods) or (end is not None and end.type == "for_statement"):
        return False
    return any(each in _RUN for each in methods) or _is_walked(unit, chain[-1])


#: Functions that go through what they are given.
_WALKS = frozenset({"list", "len", "sorted", "set", "tuple", "dict", "bool", "any", "sum", "enumerate"})


def _selects(unit: Unit, node: Node) -> bool:
    """``select(Order).where(…)``"""
    return any(each.type == "call" and unit.call_name(each).rpartition(".")[2] == "select" for each in descend(node))


def _by_element(flow: Flow, call: Node, loop: Loop) -> bool:
    """Does the query depend on the element: on the loop's variable, or on what the iteration made of it?"""
    unit = flow.unit
    chain = chain_of(call)[-1]
    own = targets_of(unit, loop)
    for each in descend(chain):
        if each.type == "identifier":
            name = unit.text(each)
            if name in own or any(loop.contains(bound.node) for bound in flow.bindings.get(name, ())):
                return True
    return False


def _asks_related(flow: Flow, call: Node, loop: Loop) -> bool:
    """``order.lines.all()`` in a loop over an unprepared queryset."""
    called = method_of(flow.unit, call)
    if called is None or called[1] not in _RELATED_READS or called[0].type != "attribute":
        return False
    owner = called[0].child_by_field_name("object")
    if owner is None or owner.type != "identifier" or flow.unit.text(owner) not in targets_of(flow.unit, loop):
        return False
    right = clause_of(loop).child_by_field_name("right")
    return right is not None and _unprepared(flow, right)


def _of_a_row(unit: Unit, call: Node, loops: Sequence[Loop]) -> Loop | None:
    """The loop whose element this asks a related manager of for some of its rows (``order.lines.filter(open=True)``):
    the element is a row itself then, and what was fetched with it does not answer."""
    called = method_of(unit, call)
    if called is None or called[1] not in ("filter", "exclude") or called[0].type != "attribute":
        return None
    listed = call.child_by_field_name("arguments")
    names = [
        unit.text(name)
        for each in (listed.named_children if listed is not None else ())
        if each.type == "keyword_argument" and (name := each.child_by_field_name("name")) is not None
    ]
    if _OF_FRAMES.issuperset(names) or not all(each.islower() for each in names):
        return None
    owner: Node | None = called[0]
    while owner is not None and owner.type == "attribute":
        owner = owner.child_by_field_name("object")
    if owner is None or owner.type != "identifier":
        return None
    root = unit.text(owner)
    return next((each for each in reversed(loops) if root in targets_of(unit, each)), None)


#: What a data frame is asked for its columns by: ``group.frame.filter(like="sum_")``.
_OF_FRAMES = frozenset({"items", "like", "regex", "axis"})


def _unprepared(flow: Flow, source: Node) -> bool:
    """Is this a queryset written here, without anything that fetches related rows with it?"""
    text = flow.unit.text(source)
    if source.type == "identifier":
        bound = flow.reaching(source)
        values = [each.value for each in bound]
        return bool(values) and all(
            value is not None and value.type == "call" and _unprepared(flow, value) for value in values
        )
    return ".objects." in text and not any(word in text for word in _PREPARED) and _is_plain(flow.unit, source)


def _is_plain(unit: Unit, source: Node) -> bool:
    """Is a queryset asked for with Django's own methods only? Another one may fetch what it likes."""
    while source.type == "call" and (called := method_of(unit, source)) is not None:
        if called[1] not in _DJANGO:
            return False
        source = called[0]
    return True


def _in_head(node: Node, loop: Loop) -> bool:
    right = loop.node.child_by_field_name("right")
    return right is not None and right.start_byte <= node.start_byte and node.end_byte <= right.end_byte


def _inside_query(unit: Unit, node: Node) -> bool:
    """``Order.objects.filter(customer__in=Customer.objects.filter(…))``: one query with another in it."""
    parent = chain_of(node)[-1].parent
    while parent is not None and parent.type in ("argument_list", "keyword_argument"):
        parent = parent.parent
    return parent is not None and parent.type == "call" and bool(_query(unit, parent))


RULE = Rule(
    name="query-in-loop",
    reviewer="performance",
    kind="n_plus_1",
    summary="The database is asked again for each element of a loop",
    severity="medium",
    check=check,
    where=has_loops,
)
