"""Calling, for each element of a loop, a function that asks the database for it.

What it does: reports a call in a ``for`` loop or comprehension that hands the element, or what the pass makes of it,
to a function whose body asks the database by that parameter in every call (``return session.query(User).filter(
User.name == name).first()``), in whatever file of the project it is. The function must be known: one of the file or
imported, a method of a class that is named or of the own one, or else of a name of several words of which every
definition in the project asks so. Functions that remember, that are asked for many at once, and that may give back
something before they ask are left alone; and so are loops that end when something is found, that go through few
things, or that stand in what somebody starts by hand. It is a hint where each pass also writes a row or ends
a transaction, where it stands in a ``try`` or under a condition that something is not known yet, and in a command of a
command line.

Why is this bad: each query is a trip to the database, and nothing in the loop looks like one: a thousand names take a
thousand trips where one would do.

Example::

    for name in names:
        user = User.find(session, name)

Use instead::

    users = {each.name: each for each in session.query(User).filter(User.name.in_(names))}
    for name in names:
        user = users.get(name)

References: https://docs.sqlalchemy.org/en/20/core/operators.html#in-comparisons
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, cast

from tree_sitter import Node

from ..architecture.reading import Reading, innermost, read
from ..few import says_few
from ..findings import Evidence, Finding, Range, Related
from ..places import is_by_hand, is_kept, is_test_code
from ..rules import ProgramRule
from ..syntax import descend

#: What a file says that has to do with a database.
_DATABASE = re.compile(
    rb"\b(?:db|session|objects|orm|models|crud|sqlalchemy|dao|cursor)\b|\brepo(?:s|sitor\w+)?\b", re.IGNORECASE
)
#: What a query begins with, and what runs it.
_QUERY = re.compile(
    r"(?:[\w.]*[._])?(?:db|session|sess)\.(?:(?:session\.)?query|scalars?|execute)\("
    r"|(?:[\w.]+\.)?(?:[A-Z]\w*|cls)\.(?:_default_manager|objects)\."
)
_BEGINS = (b".query(", b"execute(", b".scalar", b".objects.", b"._default_manager.")
_RUNS = frozenset({"get", "first", "last", "count", "exists", "one", "one_or_none", "scalar", "scalar_one", "all"}) | {
    *("scalar_one_or_none", "fetchone", "fetchall", "aget", "afirst", "scalars")
}
#: Asked for many at once, or more than a read.
_OTHERWISE = re.compile(
    r"\bin_\(|__in\b|\bany_?\(|with_for_update|select_for_update|\.(?:delete|update|create|get_or_create|insert)\("
    r"|\b(?:insert|update|delete)\(",
)
#: Beside these in a function, its question is a part of what it does for one thing.
_CHANGES = re.compile(
    r"\.(?:add|add_all|delete|merge|commit|flush|save|asave|create|bulk_create|set|update|remove|insert|get_or_create)\("
)
_WRITES = frozenset({"commit", "save", "asave", "full_clean", "get_or_create", "update_or_create"})
_BUILDS = ("list_comprehension", "set_comprehension", "dictionary_comprehension")
_COMMAND = re.compile(r"@(?:\w+\.)*command\b")
_FUNCTIONS = frozenset({"function_definition", "lambda", "class_definition"})


class Asking(NamedTuple):
    """A function: its name and class, its parameters without ``self``, those that a query of its depends on (none if
    it asks nothing), and where the query is."""

    name: str
    owner: str
    parameters: tuple[str, ...]
    by: tuple[str, ...]
    place: Range
    text: str


class Asked(NamedTuple):
    """A call in a loop: the class around it, its name, the positions and keywords that the element goes to."""

    own: str
    called: str
    given: tuple[str, ...]
    text: str
    place: Range
    loop: Range
    head: str
    beside: bool


class Queries(NamedTuple):
    """The functions of a file, its classes with the names of their bases, and what its loops call, with the names of
    these that are imported."""

    functions: tuple[Asking, ...]
    classes: tuple[tuple[str, tuple[str, ...]], ...]
    calls: tuple[Asked, ...]
    imported: tuple[str, ...]


def extract(path: str, text: str) -> Queries:
    data = text.encode("utf-8", "surrogatepass")
    if is_test_code(path) or is_kept(path) or _DATABASE.search(data) is None:
        return Queries((), (), (), ())
    source = read(text)
    functions = source.of("function")
    starts = [each.start_byte for each in functions]
    asking = tuple(_asking(source))
    calls = () if is_by_hand(path) else tuple(_calls(source, functions, starts))
    names = {
        source.text(each)
        for node in source.of("import")
        for each in descend(node)
        if calls and each.type == "identifier"
    }
    return Queries(asking, tuple(_classes(source)), calls, tuple(sorted(names & {each.called for each in calls})))


def _classes(source: Reading) -> Iterator[tuple[str, tuple[str, ...]]]:
    for node in source.of("class"):
        bases = node.child_by_field_name("superclasses")
        listed = bases.named_children if bases is not None else ()
        yield source.field(node, "name"), tuple(source.text(each).rpartition(".")[2] for each in listed)


def _around(node: Node) -> Node | None:
    """The class in which a function stands directly."""
    parent = node.parent
    if parent is not None and parent.type == "decorated_definition":
        parent = parent.parent
    above = parent.parent if parent is not None and parent.type == "block" else None
    return above if above is not None and above.type == "class_definition" else None


def _is_nested(node: Node) -> bool:
    above = node.parent
    while above is not None and above.type not in _FUNCTIONS:
        above = above.parent
    return above is not None and above.type != "class_definition"


def _asking(source: Reading) -> Iterator[Asking]:
    for node in source.of("function"):
        if _is_nested(node):
            continue
        around = _around(node)
        listed = node.child_by_field_name("parameters")
        parameters = [_name_of(source, each) for each in (listed.named_children if listed is not None else ())]
        if around is not None and parameters and parameters[0] in ("self", "cls"):
            del parameters[0]
        found = _question(source, node, parameters)
        query, by = found if found is not None else (node, ())
        owner = source.field(around, "name") if around is not None else ""
        yield Asking(
            source.field(node, "name"),
            owner,
            tuple(parameters),
            by,
            source.range(query) if by else source.heading(node),
            " ".join(source.text(query).split())[:80] if by else "",
        )


def _name_of(source: Reading, parameter: Node) -> str:
    if parameter.type == "identifier":
        return source.text(parameter)
    if parameter.type in ("default_parameter", "typed_default_parameter"):
        return source.field(parameter, "name")
    if parameter.type == "typed_parameter" and parameter.named_children[0].type == "identifier":
        return source.text(parameter.named_children[0])
    return source.text(parameter)  # ``*``, ``*names``


def _question(source: Reading, function: Node, parameters: Sequence[str]) -> tuple[Node, tuple[str, ...]] | None:
    """The query that a function asks in each call, and the parameters by which."""
    body = function.child_by_field_name("body")
    written = source.data[function.start_byte : function.end_byte]
    if body is None or not parameters or not any(each in written for each in _BEGINS):
        return None
    code = written.decode("utf-8", "replace")
    above = function.parent
    decorated = source.text(above) if above is not None and above.type == "decorated_definition" else ""
    if "cache" in decorated.partition("def ")[0].lower() or _CHANGES.search(code):
        return None
    if any(each in code for each in ("memo", "cache", "yield")):
        return None
    for statement in body.named_children:
        if statement.type in ("return_statement", "expression_statement"):
            for each in descend(statement):
                by = _by(source, each, parameters) if each.type == "call" and _is_whole(each) else ()
                if by and _each_time(each, statement):
                    return each, by
        if any(each.type == "return_statement" for each in (statement, *descend(statement))):
            return None
    return None


def _is_whole(call: Node) -> bool:
    """Is a call not what a further method is called on?"""
    parent = call.parent
    return parent is None or parent.type != "attribute"


def _each_time(query: Node, statement: Node) -> bool:
    """Is it asked whenever its statement is reached, and once?"""
    current = query.parent
    while current is not None and current != statement:
        if current.type in ("boolean_operator", "conditional_expression", "lambda", "for_in_clause", *_BUILDS):
            return False
        current = current.parent
    return True


def _by(source: Reading, query: Node, parameters: Sequence[str]) -> tuple[str, ...]:
    """The parameters that a query which is run here depends on."""
    text = " ".join(source.text(query).split()).replace(" .", ".").replace("( ", "(")
    if _QUERY.match(text) is None or _OTHERWISE.search(text):
        return ()
    methods: set[str] = set()
    inside: list[Node] = []
    current: Node | None = query
    while current is not None and current.type in ("call", "attribute"):
        if current.type == "call":
            given = current.child_by_field_name("arguments")
            inside += [given] if given is not None else []
            current = current.child_by_field_name("function")
        else:
            methods.add(source.field(current, "attribute"))
            current = current.child_by_field_name("object")
    if methods.isdisjoint(_RUNS) and not ("execute" in methods and "select(" in text):
        return ()
    said = {
        source.text(each)
        for one in inside
        for each in descend(one)
        if each.type == "identifier" and not _is_keyword(each)
    }
    return tuple(each for each in parameters if each in said)


def _is_keyword(name: Node) -> bool:
    """Is it what a keyword is called, or an attribute?"""
    parent = name.parent
    if parent is None:
        return False
    if parent.type == "keyword_argument":
        return parent.child_by_field_name("name") == name
    return parent.type == "attribute" and parent.child_by_field_name("attribute") == name


def _calls(source: Reading, functions: Sequence[Node], starts: Sequence[int]) -> Iterator[Asked]:
    for at, function in enumerate(functions):
        if b"for " not in source.data[function.start_byte : function.end_byte]:
            continue
        nodes = list(descend(function))
        own = _around(function)
        by_hand = _is_command(source, function)
        for loop in nodes:
            if loop.type in ("for_statement", *_BUILDS) and innermost(functions, starts, loop) == at:
                found = _called(source, loop, source.field(own, "name") if own is not None else "", nodes)
                yield from (each._replace(beside=each.beside or by_hand) for each in found)


def _is_command(source: Reading, function: Node) -> bool:
    """``@click.command()``"""
    above = function.parent
    return (
        above is not None
        and above.type == "decorated_definition"
        and any(_COMMAND.match(source.text(each)) for each in above.children if each.type == "decorator")
    )


def _called(source: Reading, loop: Node, own: str, nodes: Sequence[Node]) -> Iterator[Asked]:
    clause = next((each for each in loop.named_children if each.type == "for_in_clause"), loop)
    left, right = clause.child_by_field_name("left"), clause.child_by_field_name("right")
    if left is None or right is None or any(each.type == "async" for each in clause.children):
        return
    body = loop.child_by_field_name("body")
    if body is None or _is_few(source, right, nodes):
        return
    inner = list(_inside(body))
    if any(each.type in ("break_statement", "return_statement", "yield") for each in inner):
        return
    mine = {source.text(each) for each in (left, *descend(left)) if each.type == "identifier"}
    for each in inner:
        target, value = each.child_by_field_name("left"), each.child_by_field_name("right")
        if each.type == "assignment" and target is not None and value is not None and _says(source, value, mine):
            mine |= {source.text(one) for one in (target, *descend(target)) if one.type == "identifier"}
    writes = any(each.type == "call" and source.field(each, "function").rpartition(".")[2] in _WRITES for each in inner)
    head = source.text(clause).partition("\n")[0].rstrip(": ")[:80]
    for each in inner:
        function, given = each.child_by_field_name("function"), each.child_by_field_name("arguments")
        if each.type != "call" or function is None or given is None or _is_inner(each, loop):
            continue
        called = source.text(function)
        if not re.fullmatch(r"[\w.]+", called):
            continue
        places: list[str] = []
        for place, argument in enumerate(one for one in given.named_children if one.type != "comment"):
            value = argument.child_by_field_name("value") if argument.type == "keyword_argument" else argument
            if value is not None and _says(source, value, mine):
                places.append(source.field(argument, "name") if value != argument else str(place))
        tried = _way(each, loop)
        if places and tried is not None:
            text = f"{called}()"
            yield Asked(
                own, called, tuple(places), text, source.range(each), source.range(clause, right), head, writes or tried
            )


def _inside(body: Node) -> Iterator[Node]:
    """What stands in the body of a loop, without what is defined there."""
    stack = [body]
    while stack:
        node = stack.pop()
        yield node
        stack += [each for each in reversed(node.named_children) if each.type not in _FUNCTIONS]


def _is_inner(call: Node, loop: Node) -> bool:
    """Does another loop, or the repeated part of a comprehension, stand between? Then that one tells it."""
    current = call.parent
    while current is not None and current != loop:
        if current.type in ("for_statement", "while_statement", "generator_expression", *_BUILDS):
            return True
        current = current.parent
    return False


def _way(call: Node, loop: Node) -> bool | None:
    """Is a call in a ``try`` of the pass, or where something is not known yet? None if it is done only when something
    went wrong."""
    tried, current = False, call
    while current != loop and current.parent is not None:
        if current.type in ("except_clause", "except_group_clause", "raise_statement", "lambda", "with_statement"):
            return None
        current = current.parent
        condition = current.child_by_field_name("condition") if current.type == "if_statement" else None
        remembers = condition is not None and any(each.type == "not in" for each in descend(condition))
        tried = tried or remembers or current.type == "try_statement"
    return tried


def _is_few(source: Reading, right: Node, nodes: Sequence[Node]) -> bool:
    """Is what a loop goes through written down, counted or by its name a few things?"""
    while right.type == "call":
        function, given = right.child_by_field_name("function"), right.child_by_field_name("arguments")
        called = source.text(function)
        if function is not None and function.type == "attribute" and called.endswith((".items", ".values", ".keys")):
            right = function.child_by_field_name("object") or right
        elif (
            called in ("sorted", "list", "set", "enumerate", "reversed") and given is not None and given.named_children
        ):
            right = given.named_children[0]
        else:
            return called == "range"
    text = source.text(right)
    if right.type not in ("identifier", "attribute", "subscript"):
        return right.type in ("tuple", "list", "set", "dictionary", "slice")
    bound = [
        value
        for each in nodes
        if each.type == "assignment"
        and source.field(each, "left") == text
        and (value := each.child_by_field_name("right")) is not None
    ]
    return says_few(text) or any(
        value.type in ("tuple", "list", "set", "dictionary") and value.named_children for value in bound
    )


def _says(source: Reading, value: Node, names: set[str]) -> bool:
    return any(
        each.type == "identifier" and source.text(each) in names and not _is_keyword(each)
        for each in (value, *descend(value))
    )


def check(files: Mapping[str, object]) -> Iterator[Finding]:
    known = {path: cast("Queries", each) for path, each in files.items()}
    by_name: dict[str, list[tuple[str, Asking]]] = defaultdict(list)
    bases: dict[str, tuple[str, ...]] = {}
    for path, queries in known.items():
        for each in queries.functions:
            by_name[each.name].append((path, each))
        for name, above in queries.classes:
            bases[name] = (*bases.get(name, ()), *above)
    for path, queries in sorted(known.items()):
        for call in queries.calls:
            found = _answering(by_name, bases, path, queries, call)
            if found and all(_goes_to(each, call) for _, each in found):
                yield _finding(path, call, *found[0])


def _answering(
    by_name: Mapping[str, list[tuple[str, Asking]]],
    bases: Mapping[str, tuple[str, ...]],
    path: str,
    queries: Queries,
    call: Asked,
) -> list[tuple[str, Asking]]:
    """The functions that a call may mean; none if that is not known."""
    before, _, name = call.called.rpartition(".")
    all_of_it = by_name.get(name, [])
    if not any(each.by for _, each in all_of_it):
        return []
    if not before:
        own = [each for each in all_of_it if each[0] == path and not each[1].owner]
        others = [each for each in all_of_it if not each[1].owner]
        return own or (others if name in queries.imported else [])
    owner = call.own if before in ("self", "cls") else before.rpartition(".")[2]
    if before in ("self", "cls") or owner[:1].isupper():
        seen: set[str] = set()
        level = {owner}
        while level:
            found = [each for each in all_of_it if each[1].owner in level]
            if found or not all_of_it:
                return found
            seen |= level
            level = {base for each in level for base in bases.get(each, ())} - seen
        return []
    return all_of_it if "_" in name.strip("_") else []


def _goes_to(function: Asking, call: Asked) -> bool:
    """Does the element go to a parameter by which a function asks?"""
    names = [each.partition("=")[0] for each in function.parameters]
    positions = [each for each in names[: names.index("*")]] if "*" in names else names
    for each in call.given:
        name = each if not each.isdigit() else positions[int(each)] if int(each) < len(positions) else ""
        if name in function.by:
            return True
    return False


def _finding(path: str, call: Asked, where: str, function: Asking) -> Finding:
    steps = [
        {"path": at, "line": place.line + 1, "column": place.column + 1, "text": text}
        for at, place, text in (
            (path, call.loop, call.head),
            (path, call.place, call.text),
            (where, function.place, function.text),
        )
    ]
    return Finding(
        path=path,
        range=call.place,
        rule=PROGRAM_RULE.name,
        kind=PROGRAM_RULE.kind,
        message=f"'{call.text[:60]}' asks the database again for each element of the loop",
        severity="low" if call.beside else PROGRAM_RULE.severity,
        confidence=0.65,
        reviewer=PROGRAM_RULE.reviewer,
        suggestion="ask once before the loop for all of them, and look each one up",
        evidence=(Evidence("traced", f"'{call.text[:60]}' is called in '{call.head}', and asks", {"path": steps}),),
        related=(Related(where, function.place, "this query is asked again"),),
    )


PROGRAM_RULE = ProgramRule(
    name="distant-query-in-loop",
    reviewer="performance",
    kind="n_plus_1",
    summary="A function that asks the database is called for each element of a loop",
    severity="medium",
    extract=extract,
    check=check,
)
