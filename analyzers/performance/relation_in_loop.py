"""Following a relation of each row of a loop, when the rows were fetched without it.

What it does: reports ``book.author`` in a loop over rows that are asked for in the same function (``Book.objects…``
with Django, ``select(Book)`` or ``session.query(Book)`` with SQLAlchemy), where the model says that ``author`` is a
foreign key or a relationship, in whatever file of the project it is, and nothing fetches it with the rows
(``select_related``, ``prefetch_related``, ``options(…)``, ``lazy="selectin"`` of the relationship itself). Models with
a manager of their own, slices, and relations that only get a value are left alone. It is a hint where each pass also
writes to the database, and in a command that somebody starts by hand.

Why is this bad: the first access to the relation of each row is a question to the database of its own; a page with a
thousand rows asks a thousand and one times (the "n + 1" problem), and nothing in the code looks like a query.

Example::

    for book in Book.objects.filter(open=True):
        print(book.author.name)

Use instead::

    for book in Book.objects.filter(open=True).select_related("author"):
        print(book.author.name)

References: https://docs.djangoproject.com/en/stable/ref/models/querysets/#select-related
and https://docs.sqlalchemy.org/en/20/orm/queryguide/relationships.html
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import NamedTuple, cast

from tree_sitter import Node

from ..architecture.reading import Reading, innermost, read
from ..findings import Evidence, Finding, Range, Related
from ..places import is_by_hand, is_kept, is_test_code
from ..rules import ProgramRule
from ..syntax import descend

#: A field of a model that is another row: Django's and SQLAlchemy's.
_RELATION = re.compile(r"(?:[\w.]+\.)?(?:ForeignKey|OneToOneField|ParentalKey|relationship)\(")
#: What is fetched with its owner, or is no collection of rows but a query.
_EAGER = re.compile(
    r"lazy\s*=\s*[\"'](?:joined|selectin|subquery|immediate|select_in|dynamic|write_only|raise\w*)[\"']"
)
_DJANGO = re.compile(r"(?:[\w.]+\.)?([A-Z]\w*)\.objects\.")
_SELECT = re.compile(r"(?:db|session|sess)\b[\w.]*\.scalars\(\s*(?:\w+\.)?select\(\s*(?:\w+\.)?([A-Z]\w*)\s*\)")
_QUERY = re.compile(r"[\w.]*(?:db|session|sess)\b[\w.]*\.query\(\s*(?:\w+\.)?([A-Z]\w*)\s*\)")
#: What fetches more with the rows, gives no rows of the model, or only a few.
_OTHERWISE = re.compile(
    r"select_related|prefetch_related|\.options\(|joinedload|selectinload|subqueryload|contains_eager"
    r"|\.(?:values|values_list|dates|datetimes|aggregate|raw|in_bulk|get|first|last|count|exists|one|scalar)\b|\]$"
)
_WRITES = re.compile(r"\.(?:save|asave|delete|adelete|commit|full_clean|get_or_create|update_or_create)\(")
_LIBRARIES = (b"ForeignKey", b"OneToOneField", b"ParentalKey", b"relationship(")
_ROWS = (b".objects.", b".scalars(", b".query(")


class Model(NamedTuple):
    """A class whose rows have relations: their names, and its bases (from which it has more)."""

    name: str
    bases: tuple[str, ...]
    relations: tuple[tuple[str, Range], ...]
    own_manager: bool


class Access(NamedTuple):
    """A relation, perhaps, of the rows of a loop: where it is read, of which model, and what the loop goes through."""

    model: str
    name: str
    text: str
    range: Range
    loop: Range
    head: str
    writes: bool
    library: str


class Rows(NamedTuple):
    models: tuple[Model, ...]
    accesses: tuple[Access, ...]


def extract(path: str, text: str) -> Rows:
    data = text.encode("utf-8", "surrogatepass")
    models = any(each in data for each in _LIBRARIES)
    loops = b"for " in data and any(each in data for each in _ROWS) and not (is_test_code(path) or is_kept(path))
    if not (models or loops):
        return Rows((), ())
    source = read(text)
    return Rows(tuple(_models(source)) if models else (), tuple(_accesses(source)) if loops else ())


def _models(source: Reading) -> Iterator[Model]:
    for node in source.of("class"):
        body = node.child_by_field_name("body")
        if body is None:
            continue
        found: list[tuple[str, Range]] = []
        fields = {source.field(each, "left"): each for each in _assigned(body)}
        for name, each in fields.items():
            made = source.text(each.child_by_field_name("right"))
            if _RELATION.match(made) and not _EAGER.search(made):
                found.append((name, source.range(each)))
        bases = node.child_by_field_name("superclasses")
        above = bases.named_children if bases is not None else ()
        names = tuple(source.text(each).rpartition(".")[2] for each in above)
        yield Model(source.field(node, "name"), names, tuple(found), "objects" in fields)


def _assigned(body: Node) -> Iterator[Node]:
    for statement in body.named_children:
        inner = statement.named_children[0] if statement.type == "expression_statement" else None
        if inner is not None and inner.type == "assignment":
            yield inner


def _accesses(source: Reading) -> Iterator[Access]:
    functions = source.of("function")
    starts = [each.start_byte for each in functions]
    for at, function in enumerate(functions):
        code = source.data[function.start_byte : function.end_byte]
        if b"for " not in code or not any(each in code for each in _ROWS):
            continue
        nodes = list(descend(function))
        bound: dict[str, list[Node]] = defaultdict(list)
        for each in nodes:
            left, right = each.child_by_field_name("left"), each.child_by_field_name("right")
            if each.type == "assignment" and left is not None and right is not None and left.type == "identifier":
                bound[source.text(left)].append(right)
        for each in nodes:
            if each.type in ("for_statement", "for_in_clause") and innermost(functions, starts, each) == at:
                yield from _followed(source, each, bound)


def _followed(source: Reading, loop: Node, bound: Mapping[str, list[Node]]) -> Iterator[Access]:
    """What a loop reads of its rows, the first of each name."""
    target, rows = loop.child_by_field_name("left"), loop.child_by_field_name("right")
    if target is None or rows is None or target.type != "identifier":
        return
    item, known = source.text(target), bound.get(source.text(rows), [])
    if rows.type == "identifier":
        if len(known) != 1:
            return
        rows = known[0]
    asked = " ".join(source.text(rows).split())
    library, model = _model_of(asked)
    around = loop if loop.type == "for_statement" else loop.parent
    if not model or around is None or item in bound:
        return
    writes = bool(_WRITES.search(source.text(around)))
    told: set[str] = set()
    for each in descend(around):
        owner = each.child_by_field_name("object") if each.type == "attribute" else None
        if owner is None or owner.type != "identifier" or source.text(owner) != item or _is_set(each):
            continue
        name = source.field(each, "attribute")
        if name not in told and not (each.parent is not None and each.parent.type == "call" and _is_called(each)):
            told.add(name)
            head = source.text(loop).partition("\n")[0].rstrip(": ")[:80]
            place = source.range(loop, loop.child_by_field_name("right"))
            yield Access(model, name, source.text(each), source.range(each), place, head, writes, library)


def _model_of(asked: str) -> tuple[str, str]:
    """The library and the model of a query for rows that fetches nothing with them; empty for anything else."""
    if _OTHERWISE.search(asked):
        return "", ""
    for library, form in (("django", _DJANGO), ("sqlalchemy", _SELECT), ("sqlalchemy", _QUERY)):
        found = form.match(asked)
        if found:
            return library, found[1]
    return "", ""


def _is_called(node: Node) -> bool:
    return node.parent is not None and node.parent.child_by_field_name("function") == node


def _is_set(node: Node) -> bool:
    """Does an attribute only get a value here?"""
    parent = node.parent
    return parent is not None and parent.type == "assignment" and parent.child_by_field_name("left") == node


def check(files: Mapping[str, object]) -> Iterator[Finding]:
    by_name: dict[str, list[tuple[str, Model]]] = defaultdict(list)
    read_rows = {path: cast("Rows", each) for path, each in files.items()}
    for path, rows in read_rows.items():
        for model in rows.models:
            by_name[model.name].append((path, model))
    for path, rows in sorted(read_rows.items()):
        for access in rows.accesses:
            place = _relation(by_name, access.model, access.name)
            if place is not None:
                yield _finding(path, access, *place)


def _relation(
    by_name: Mapping[str, list[tuple[str, Model]]], model: str, name: str, far: int = 4
) -> tuple[str, Range] | None:
    """Where a model, or a base of it, declares a relation; None if not all classes of its name do."""
    found: tuple[str, Range] | None = None
    for path, each in by_name.get(model, ()):
        if each.own_manager:
            return None
        own = next(((path, place) for relation, place in each.relations if relation == name), None)
        if own is None and far:
            own = next((one for base in each.bases if (one := _relation(by_name, base, name, far - 1))), None)
        if own is None:
            return None
        found = found or own
    return found


def _finding(path: str, access: Access, where: str, declared: Range) -> Finding:
    cure = f'select_related("{access.name}")'
    if access.library == "sqlalchemy":
        cure = f"options(selectinload({access.model}.{access.name}))"
    steps = [
        {
            "path": where,
            "line": declared.line + 1,
            "column": declared.column + 1,
            "text": f"{access.model}.{access.name}",
        },
        {"path": path, "line": access.loop.line + 1, "column": access.loop.column + 1, "text": access.head},
        {"path": path, "line": access.range.line + 1, "column": access.range.column + 1, "text": access.text},
    ]
    return Finding(
        path=path,
        range=access.range,
        rule=PROGRAM_RULE.name,
        kind=PROGRAM_RULE.kind,
        message=f"'{access.text}' asks the database again for each row that was fetched without it",
        severity="low" if access.writes or is_by_hand(path) else PROGRAM_RULE.severity,
        confidence=0.65,
        reviewer=PROGRAM_RULE.reviewer,
        suggestion=f"fetch it with the rows: {cure}",
        evidence=(
            Evidence("traced", f"{access.model}.{access.name} is a relation, read in '{access.head}'", {"path": steps}),
        ),
        related=(Related(where, declared, f"{access.model}.{access.name} is a relation"),),
    )


PROGRAM_RULE = ProgramRule(
    name="relation-in-loop",
    reviewer="performance",
    kind="n_plus_1",
    summary="A relation of each row is fetched by a query of its own",
    severity="medium",
    extract=extract,
    check=check,
)
