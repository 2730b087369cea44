# ruff: noqa: E501
"""What it does
    Converts a value where it was made, passed or set, if it has the wrong type where it is used: follows a name to its
    assignment, its argument in the calling function, its attribute's assignment, or the function's return.

Example
    ``parts = itertools.islice(items, 3)`` and then ``len(parts)``

Use instead
    ``parts = list(itertools.islice(items, 3))``

When it stays silent
    The message does not tell which type is wanted, or the value is None.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from ..fault import Fault
from ..origins import (
    Site,
    arguments_of,
    assignments,
    callee,
    field_of,
    functions_named,
    indexed,
    mendable,
    origins,
    walk,
)
from ..repair import Context, Draft, Repair

_LAZY = (
    r"(?:map|filter|zip|generator|dict_keys|dict_values|dict_items|odict_\w+|reversed|range|enumerate|set|frozenset|"
    r"\w*_?iterator|list_reverseiterator|itertools\.\w+|_grouper|chain|islice|dict_\w+iterator)"
)
#: (message, ways to convert: ``{}`` is the expression, weight of each).
RULES: tuple[tuple[re.Pattern[str], tuple[tuple[str, float], ...]], ...] = tuple(
    (re.compile(pattern), ways)
    for pattern, ways in (
        (r"^'(?:set|frozenset)' object has no attribute 'index'|^'(?:set|frozenset)' object is not subscriptable",
         (("sorted({})", 0.89), ("list({})", 0.8))),
        (rf"^object of type '{_LAZY}' has no len", (("list({})", 0.88),)),
        (rf"^'{_LAZY}' object (?:is not (?:subscriptable|reversible)|does not support (?:item|index))",
         (("list({})", 0.86),)),
        (rf"^'{_LAZY}' object has no attribute '(?:append|extend|insert|index|count|pop|remove|copy)'",
         (("list({})", 0.88),)),
        (rf"^'{_LAZY}' object has no attribute 'sort'", (("sorted({})", 0.7), ("list({})", 0.8))),
        (r"^'str' object has no attribute '(?:append|extend|insert)'", (("[{}]", 0.86),)),
        (r"^'(?:tuple|str|set|dict)' object has no attribute '(?:append|extend|insert|sort)'", (("list({})", 0.7),)),
        (r"^'(?:list|tuple|str|dict)' object has no attribute '(?:issuperset|issubset|isdisjoint|union|intersection|"
         r"difference|symmetric_difference|add|discard)'", (("set({})", 0.84), ("frozenset({})", 0.7))),
        (r"expected (?:bytes|str|string|text)$|(?:must be|expected) (?:a |an )?(?:str|string)\b", (("str({})", 0.5),)),
        (r"^'(?:list|tuple|str|range|dict|set)' object is not an iterator", (("iter({})", 0.92),)),
        (r"^'(?:list|tuple)' object cannot be interpreted as an integer", (("len({})", 0.85),)),
        (r"^'str' object cannot be interpreted as an integer", (("int({})", 0.88), ("len({})", 0.7))),
        (r"^'float' object cannot be interpreted as an integer|^slice indices must be integers|not float",
         (("int({})", 0.7),)),
        (r"not supported between instances of '(?:list|tuple|dict|set)' and '(?:int|float)'|not supported between "
         r"instances of '(?:int|float)' and '(?:list|tuple|dict|set)'", (("len({})", 0.86),)),
        (r"unsupported operand type\(s\) for \S+ '(?:list|tuple|dict|set)' and '(?:int|float)'|unsupported operand "
         r"type\(s\) for \S+ '(?:int|float)' and '(?:list|tuple|dict|set)'", (("len({})", 0.84), ("sum({})", 0.6))),
        (r"'(?:decimal\.)?Decimal' and 'float'|'float' and '(?:decimal\.)?Decimal'", (("Decimal(str({}))", 0.88),)),
        (r"'str' and '(?:decimal\.)?Decimal'|'(?:decimal\.)?Decimal' and 'str'", (("Decimal({})", 0.86),)),
        (r"instances of 'generator' and|'generator' object is not (?:subscriptable|reversible)", (("list({})", 0.6),)),
        (r"^must be real number, not str|^a float is required", (("float({})", 0.86), ("int({})", 0.6))),
        (r"^bad operand type for (?:abs\(\)|unary [-+~]): 'str'|type str doesn't define __(?:round|trunc|floor|ceil)",
         (("float({})", 0.8), ("int({})", 0.82))),
        (r"'str' and '(?:int|float)'|'(?:int|float)' and 'str'|instances of 'str' and 'int'",
         (("int({})", 0.74), ("float({})", 0.62), ("Decimal({})", 0.6), ("Fraction({})", 0.6),
          ("len({})", 0.58))),
        (r"^can't multiply sequence by non-int of type '(?:list|tuple|dict|set)'", (("len({})", 0.86),)),
        (r"^can't multiply sequence by non-int of type 'str'", (("int({})", 0.72), ("len({})", 0.7))),
        (r'^can only concatenate str \(not "',
         (("str({})", 0.72), ("int({})", 0.66))),
        (r"[Ss]trings must be encoded|^Unicode-objects must be encoded|a bytes-like object is required, not 'str'|"
         r"cannot use a bytes pattern on a string|argument should be bytes, .*not 'str'|can't concat str to bytes",
         (('{}.encode("utf-8")', 0.88),)),
        (r"cannot use a string pattern on a bytes|must be str(?: or None)?, not bytes|bytes is not JSON serializable|startswith first "
         r'arg must be bytes|can only concatenate str \(not "bytes"\)|expected str instance, bytes found',
         (('{}.decode("utf-8")', 0.88),)),
        (r"unhashable type: 'list'", (("tuple({})", 0.84),)),
        (r"unhashable type: 'set'", (("frozenset({})", 0.84),)),
        (r"unhashable type: 'dict'", (("tuple(sorted({}.items()))", 0.7),)),
        (r"expected str, bytes or os\.PathLike object, not \w+", (("str({})", 0.75),)),
        (r"^'(?:int|float)' object has no attribute '(?:is\w+|upper|lower|split|strip|replace|startswith|endswith|zfill|"
         r"join|encode|format|find|isdigit|ljust|rjust|center)'", (("str({})", 0.86),)),
        (r"^'[A-Z]\w*' object has no attribute '(?:upper|lower|r?split|[lr]?strip|replace|startswith|endswith|zfill|encode|"
         r"r?partition|splitlines|[lr]just|isdigit|casefold|title)'", (("str({})", 0.82),)),
        (r"^'(?:int|float)' object is not (?:subscriptable|reversible)|^object of type '(?:int|float)' has no len",
         (("str({})", 0.84),)),
        (r"^'int' object is not iterable", (("range({})", 0.8), ("str({})", 0.62), ("range(1, {} + 1)", 0.5), ("range({}, 0, -1)", 0.48), ("range({} + 1)", 0.44), ("[{}]", 0.4))),
        (r"^argument of type '(?:int|float)' is not (?:iterable|a container)", (("str({})", 0.8), ("[{}]", 0.5))),
        (r"^invalid literal for int\(\) with base 10: '[\d.]+'", (("float({})", 0.85),)),
        (r"^could not convert string to float: '-?\d+,\d+'", (('{}.replace(",", ".")', 0.85),)),
        (r"Object of type (?:set|frozenset) is not JSON", (("sorted({})", 0.86), ("list({})", 0.84))),
        (r"Object of type (?:dict_\w+|generator|map|filter|deque) is not JSON", (("list({})", 0.84),)),
        (r"Object of type (?:date|datetime|time) is not JSON", (("{}.isoformat()", 0.86), ("str({})", 0.84))),
        (r"Object of type (?:date|datetime|Decimal|UUID|PosixPath|Path|Fraction) is not JSON", (("str({})", 0.84),)),
        (r"^sequence item \d+: expected str instance, (?:int|float)", (("map(str, {})", 0.6),)),
        (r"'(?:list|tuple|dict|set)' object is not callable", ()),
        (r"^(?:the JSON object must be str|expected string or bytes-like object)", (("str({})", 0.6),)),
        (r"^int\(\) argument must be .* not 'list'", (("len({})", 0.6),)),
    )
)  # fmt: skip
#: Values whose text is as good in JSON.
_SHOWN = frozenset({"date", "datetime", "time", "Decimal", "UUID", "PosixPath", "Path", "Fraction"})
_SHOWN_AS = {"integer": "int", "list_comprehension": "list"}
_TYPES = re.compile(r"'([\w.]+)'|\"([\w.]+)\"|type (\w+)")
#: Calls that give parts of a text.
_CUTS = frozenset(
    {"split", "rsplit", "splitlines", "partition", "rpartition", "groups", "findall", "match", "fullmatch"}
)
#: Methods that change what they are asked of: to ask a copy changes nothing.
_CHANGES = re.compile(r"has no attribute '(?:append|extend|insert|sort|add|discard|pop|remove|update|reverse|clear)'")
_VALUES = ("integer", "identifier", "attribute", "subscript", "call", "list_comprehension", "generator_expression", "set",
           "parenthesized_expression", "list", "dictionary", "string", "binary_operator", "await")  # fmt: skip


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    if fault.exception.rpartition(".")[2] not in {"TypeError", "AttributeError", "ValueError"}:
        return
    if "NoneType" in fault.message:
        return
    ways = next((ways for pattern, ways in RULES if pattern.search(fault.message)), ())
    if not ways:
        return
    named = {(a or b or c).rpartition(".")[2] for a, b, c in _TYPES.findall(fault.message)}
    every = mendable(context)
    seen: set[tuple[str, int, int]] = set()
    for site in every[:3]:
        if "JSON" in fault.message:
            yield from _json_default(site, named)
        if "str" in named and any(way == "int({})" for way, _ in ways):
            yield from _each_part(site)
            yield from _cut_from_text(site)
        for rank, node in enumerate(_here(site, named)):
            if "JSON" in fault.message and _is_table(every, site, node):
                continue  # it is among its values
            malus = 0.05 * site.away + 0.02 * min(rank, 8)
            apt = tuple(
                each for each in ways if not _changes_nothing(each[0], site.kind(node) or _SHOWN_AS.get(node.type))
            )
            copied = _CHANGES.search(fault.message) is not None  # what is changed must be what is kept
            for place, value, steps in [*([] if copied else [(site, node, 0)]), *origins(every, site, node)]:
                if "generator" in named and (lazy := _lazy_items(value)) is not None:
                    inner = place.code(lazy)[1:-1]
                    yield place.put(f"Make a list of `{inner[:30]}`", lazy, f"[{inner}]", 0.86 - malus - 0.03 * steps)
                key = (place.file, value.start_byte, value.end_byte)
                if key in seen or value.type not in _VALUES:
                    continue
                seen.add(key)
                yield from _converted(place, value, apt, malus + 0.03 * steps)


def _here(site: Site, named: set[str]) -> list[Node]:
    """The expressions on a line that may have the value: those that are known to have such a type first."""
    ranked: list[tuple[int, int, Node]] = []
    for order, node in enumerate(site.nodes("identifier", "attribute", "subscript", "call", "integer",
                                                 "list_comprehension")):  # fmt: skip
        parent = node.parent
        if parent is None or _label(parent, node) or _stored(parent, node) or site.code(node) in {"self", "cls"}:
            continue
        known = site.kind(node)
        if "generator" in named and known in {"list", "tuple"}:
            known = None  # it is among its items
        if (known is not None and named and known not in named) or (node.type == "integer" and "int" not in named):
            continue
        ranked.append((0 if known else 1, order, node))
    return [node for _, _, node in sorted(ranked, key=lambda item: item[:2])][:8]


def _changes_nothing(way: str, kind: str | None) -> bool:
    """Whether a value of a type is what a conversion gives, or is refused by it."""
    function = way.partition("(")[0]
    return kind is not None and (function == kind or (function == "len" and kind in {"int", "float", "bool"}))


def _each_part(site: Site) -> Iterator[Draft]:
    """``low, high = text.split("-")``: each part of the text is read as a number."""
    names = {site.code(each) for each in site.nodes("identifier") if site.kind(each) in {None, "str"}}
    makers: list[Node] = []
    for call in indexed(site.text)["call"]:
        left = field_of(call.parent, "left") if call.parent is not None and call.parent.type == "assignment" else None
        if (
            left is not None
            and left.type == "pattern_list"
            and names & {site.code(each) for each in left.named_children}
        ):
            makers += functions_named(site.text, callee(call))
    for node in (each for root in (site.function, *makers) for each in walk(root, nested=False)):
        left, right = (
            (field_of(node, each) for each in ("left", "right")) if node.type == "assignment" else (None, None)
        )
        if left is None or right is None or right.type != "call" or callee(right) not in {"split", "groups", "rsplit"}:
            continue
        targets = (
            {site.code(each) for each in left.named_children} if left.type == "pattern_list" else {site.code(left)}
        )
        if not targets & names:
            continue
        for way, prior in (("int", 0.9), ("float", 0.76)):
            new = f"map({way}, {site.code(right)})"
            new = new if left.type == "pattern_list" else f"list({new})"
            title = f"Read each part with `{way}`"
            yield site.put(title, right, new, prior - 0.05 * site.away - 0.04 * (left.type != "pattern_list"))


def _cut_from_text(site: Site) -> Iterator[Draft]:
    """``weight = parts[2] if len(parts) > 2 else 1``, where ``edge.weight`` fails: the part of a text by the same name
    is read as a number."""
    names = {site.code(each).rpartition(".")[2] for each in site.nodes("identifier", "attribute")}
    root = site.tree.tree.root_node
    for name in sorted(names):
        for _, value in assignments(root, name, site.text, nested=True):
            arms = [value]
            if value.type == "conditional_expression" and len(value.named_children) == 3:
                arms = [value.named_children[0], value.named_children[2]]
            whole = not any(each.type == "float" for each in arms)
            for arm in arms:
                if _is_cut(site, arm):
                    for way, prior in (("int", 0.84), ("float", 0.7)):
                        new = f"{way}({site.code(arm)})"
                        prior = prior if whole else 1.5 - prior
                        yield site.put(f"Read `{site.code(arm)[:30]}` with `{way}`", arm, new, prior - 0.03 * site.away)


def _is_cut(site: Site, value: Node) -> bool:
    """Whether an expression is a part of a text: ``parts[2]`` where ``parts = line.split()``, ``match["year"]``."""
    table = field_of(value, "value") if value.type == "subscript" else None
    if value.type == "call":
        return callee(value) in {"group", "input", "readline"}
    if table is None:
        return False
    if table.type == "call":
        return callee(table) in _CUTS
    made = [each for _, each in assignments(site.tree.tree.root_node, site.code(table), site.text, nested=True)]
    return bool(made) and all(each.type == "call" and callee(each) in _CUTS for each in made)


def _is_table(every: list[Site], site: Site, node: Node) -> bool:
    """Whether an expression is known to give a table or a list, which can be written as JSON itself."""
    if site.kind(node) in {"dict", "list", "OrderedDict", "Counter", "defaultdict"}:
        return True
    shown = {"dictionary", "dictionary_comprehension", "list", "list_comprehension"}
    return any(value.type in shown for _, value, _ in origins(every, site, node, steps=2))


def _json_default(site: Site, named: set[str]) -> Iterator[Draft]:
    """``json.dumps(…, default=…)``: what is not known to JSON is inside of what is written."""
    dated = re.search(r"\b(?:iso|fromiso)format\b", site.text) is not None
    way = "sorted" if named & {"set", "frozenset"} else "str" if named & _SHOWN and not dated else ""
    for node in site.nodes("call"):
        arguments = field_of(node, "arguments")
        if not way or callee(node) not in {"dump", "dumps"} or arguments is None or "default=" in site.code(arguments):
            continue
        end = site.span(arguments_of(node)[-1])[1] if arguments_of(node) else -1
        if end >= 0:
            yield site.edit(f"Write what JSON does not know with `{way}`", [(end, end, f", default={way}")], 0.78)


def _lazy_items(value: Node) -> Node | None:
    """The generator that each item of a list comprehension is."""
    body = value.child_by_field_name("body") if value.type in {"list_comprehension", "set_comprehension"} else None
    return body if body is not None and body.type == "generator_expression" else None


def _label(parent: Node, node: Node) -> bool:
    """A word that has no value of its own: an attribute's, a keyword argument's, what is called."""
    return (
        (parent.type == "attribute" and parent.child_by_field_name("attribute") == node)
        or (parent.type == "keyword_argument" and parent.child_by_field_name("name") == node)
        or (parent.type == "call" and parent.child_by_field_name("function") == node)
        or parent.type
        in {"parameters", "dotted_name", "import_from_statement", "aliased_import", "function_definition"}
    )


def _stored(parent: Node, node: Node) -> bool:
    return parent.type in {"assignment", "augmented_assignment", "for_statement", "for_in_clause", "pattern_list"} and (
        parent.type == "pattern_list" or parent.child_by_field_name("left") == node
    )


def _converted(site: Site, value: Node, ways: tuple[tuple[str, float], ...], malus: float) -> Iterator[Draft]:
    text = site.code(value)
    for way, weight in ways:
        if way == "[{}]" and len(ways) == 1 and (value.type != "string" or len(text) < 3):
            continue  # only text that is written there was to be the first of several
        function = way.partition("(")[0].partition(".")[0]
        if text.startswith(f"{function}(") and value.type == "call" and function:
            continue
        if function in {"Decimal", "Fraction"} and not re.search(rf"(?<![\w.]){function}\(", site.text):
            continue
        shown = text if len(text) <= 30 else f"{text[:29]}…"
        inner = text[1:-1] if value.type in {"generator_expression", "parenthesized_expression"} else text
        if value.type == "generator_expression" and way == "list({})":
            yield site.put(f"Make a list of `{shown}`", value, f"[{inner}]", weight - malus)
            continue
        if way.startswith("{}") and value.type in {"binary_operator", "await"}:
            inner = f"({text})"
        if value.type == "call" and way in {"tuple({})", "frozenset({})"}:
            function_node = value.child_by_field_name("function")
            if function_node is not None and site.code(function_node) in {"list", "set"}:
                yield site.put(f"Use `{function}` in `{shown}`", function_node, function, weight + 0.02 - malus)
                continue
        title = f"Convert `{shown}` with `{way.format('…')}`"
        yield site.put(title, value, way.format(inner), weight - malus)


REPAIR = Repair("converted-origin", "Convert a value where it was made", propose)
