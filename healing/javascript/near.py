"""What may have been meant near an error of TypeScript, said by no rule of its own: the names that the message holds
put where it points, an expression converted, awaited or asked for only if it is there, a value for one that is absent,
an element left out of a list, a member renamed to the one that is missing, a keyword that is used as a name renamed.

Invariant: pure, and only a hint: the language service counts the errors that each change leaves.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from tree_sitter import Node

from ..fault import Fault
from ..grammar import Splice, splice
from ..repair import Context, Draft
from ..spelling import likeness
from .lexer import KEYWORDS
from .scopes import visible
from .syntax import FUNCTIONS, Syntax, enclosing, walk

#: Changes near one fault, and nodes around its place.
MOST, AROUND = 90, 6
#: How much a text must resemble another that is meant.
ALIKE = 0.7
#: Splices, title, prior.
Change = tuple[tuple[Splice, ...], str, float]

_QUOTED = re.compile(r"'([^'\n]{1,60})'")
#: Names that a message does not put in quotes.
_NAMED = re.compile(r"\b(?:member|property|method|accessor) ([\w$]+)|\b([a-z]+[A-Z]\w*)\b")
_STATEMENTS = frozenset({
    "expression_statement", "lexical_declaration", "variable_declaration", "return_statement", "if_statement",
    "for_statement", "for_in_statement", "while_statement", "throw_statement", "method_definition",
    "function_declaration", "class_declaration", "public_field_definition", "import_statement", "export_statement",
})  # fmt: skip
_EXPRESSIONS = frozenset({
    "identifier", "member_expression", "call_expression", "subscript_expression", "binary_expression", "object",
    "array", "parenthesized_expression", "unary_expression", "await_expression", "new_expression", "ternary_expression",
    "string", "number", "template_string", "arrow_function", "this", "as_expression",
})  # fmt: skip
_LISTS = frozenset({
    "arguments", "array", "formal_parameters", "named_imports", "export_clause", "object", "array_pattern",
    "object_pattern", "type_arguments", "tuple_type", "union_type",
})  # fmt: skip
_CALLS = (("Number(", ")", 0.46), ("String(", ")", 0.46), ("await ", "", 0.48), ("Object.entries(", ")", 0.42),
          ("Object.keys(", ")", 0.38), ("Object.values(", ")", 0.4), ("[...", "]", 0.36), ("Boolean(", ")", 0.34),
          ("BigInt(", ")", 0.34), ("new ", "", 0.36), ("() => ", "", 0.36), ("[", "]", 0.34), ("(", ")", 0.2),
          ("new Set(", ")", 0.28), ("new Map(", ")", 0.26), ("new Date(", ")", 0.3))  # fmt: skip
_BEHIND = (("()", 0.44), (" ?? 0", 0.36), (' ?? ""', 0.38), (" ?? []", 0.36), (" ?? null", 0.3), (" ?? false", 0.3),
           ("[0]", 0.26), (".length", 0.34), (".toString()", 0.3), (".entries()", 0.3), (".values()", 0.28),
           (".getTime()", 0.28), (".map(Number)", 0.26), (".join()", 0.24))  # fmt: skip
_SIGNS = {"=": ("===", "=>"), "===": ("=",), "==": ("===",), ".": ("?.",), "=>": (":",), ":": ("=",), ";": (",",),
          ",": (";",), "in": ("of",), "of": ("in",), "const": ("let",), "interface": ("type",),
          "extends": ("implements",), "implements": ("extends",), "private": ("protected", ""), "readonly": ("",),
          "static": ("",), "override": ("",), "abstract": ("",), 
          "async": ("",), "await": ("",), "new": ("",), "export": ("",), "default": ("",),
          "public": ("",), "protected": ("public",), "?": ("",), "!": ("",), "void": ("boolean", "number", "string"),
          "type": ("",), "declare": ("",), "return": ("",)}  # fmt: skip


def near(fault: Fault, context: Context) -> list[Draft]:
    """Changes near one error, the likeliest first."""
    syntax = Syntax(context.text, context.name)
    broken = syntax.verdict().errors
    found: dict[str, Draft] = {}
    for splices, title, prior in sorted(_changes(fault, context, syntax), key=lambda each: -each[2]):
        text = splice(context.text, tuple(sorted(splices)))
        if text != context.text and text not in found and Syntax(text, context.name).verdict().errors <= broken:
            found[text] = Draft(title[:100], {context.name: text}, prior, repair="js-near-change")
            if len(found) >= MOST:
                break
    return list(found.values())


def _changes(fault: Fault, context: Context, syntax: Syntax) -> Iterator[Change]:
    nodes = _around(syntax, context.offset)
    said = " ".join((fault.message, *fault.notes))
    named = list(
        dict.fromkeys(
            [
                *_QUOTED.findall(said),
                *re.findall(r"^([\w$.]+) is not", said),
                *(one or two for one, two in _NAMED.findall(said)),
            ]
        )
    )[:10]
    yield from _put(syntax, nodes, named)
    yield from _literals(syntax, nodes)
    yield from _wrapped(syntax, nodes)
    typed = fault.language == "typescript"
    if typed:  # a type says that it may be absent; a crash says only that it was
        yield from _optional(syntax, nodes)
    if typed or fault.category == "syntax":
        yield from _left_out(syntax, nodes)
    yield from _members(syntax, nodes, named)
    yield from _tokens(syntax, nodes, context)
    yield from _returns(syntax, nodes)
    yield from _moved(syntax, nodes)
    yield from _keywords(syntax, context)
    yield from _required(syntax, named)
    for name in visible(syntax, context.offset) if nodes and nodes[0].type in ("identifier", "type_identifier") else ():
        old = syntax.of(nodes[0])
        if name != old:
            yield ((*syntax.span(nodes[0]), name),), f"Write `{name}` for `{old}`", 0.3 + 0.25 * likeness(name, old)


def _around(syntax: Syntax, offset: int) -> list[Node]:
    node = syntax.at(offset, min(offset + 1, len(syntax.text)))
    found: list[Node] = []
    while node.parent is not None and len(found) < AROUND:
        found.append(node)
        if node.type in _STATEMENTS:
            break
        node = node.parent
    return found


def _put(syntax: Syntax, nodes: Sequence[Node], named: Sequence[str]) -> Iterator[Change]:
    for node in nodes[:2]:
        old = syntax.of(node)
        if node.type in _STATEMENTS or "\n" in old:
            return
        for word in named:
            if word != old and re.fullmatch(r"[\w$.\[\]]+", word):
                yield ((*syntax.span(node), word),), f"Write `{word}` for `{old}`", 0.4 + 0.2 * likeness(word, old)


def _literals(syntax: Syntax, nodes: Sequence[Node]) -> Iterator[Change]:
    """A text that resembles one of those that a type of the file allows."""
    given = [each for node in nodes[:3] for each in (node, *node.named_children) if each.type == "string"]
    if not given:
        return
    allowed = {syntax.of(each): None for each in walk(syntax.root) if each.type == "literal_type"}
    for node in given:
        old = syntax.of(node)
        for new in allowed:
            if new != old and new[:1] in "\"'" and likeness(new, old) >= ALIKE:
                yield ((*syntax.span(node), new),), f"Write {new} for {old}", 0.42 + 0.2 * likeness(new, old)


def _wrapped(syntax: Syntax, nodes: Sequence[Node]) -> Iterator[Change]:
    for depth, node in enumerate(nodes):
        if node.type not in _EXPRESSIONS or _is_called(node):
            continue
        start, end = syntax.span(node)
        old, cost = syntax.of(node), 0.03 * depth
        if len(old) > 120:
            continue
        for one, two, prior in _CALLS:
            yield ((start, start, one), (end, end, two)), f"Write `{one}{old}{two}`", prior - cost
        for new, prior in _BEHIND:
            shown = (
                f"({old}{new})"
                if new.startswith(" ") and node.parent and "expression" in node.parent.type
                else old + new
            )
            yield ((start, end, shown),), f"Write `{shown}`", prior - cost
        inner = node.named_children[-1] if node.type == "unary_expression" and node.named_children else None
        if inner is not None:
            for one in ("Number", "Boolean"):
                new = f"{one}({syntax.of(inner)})"
                yield ((start, end, new),), f"Write `{new}` for `{old}`", (0.52 if one == "Number" else 0.36) - cost
        for child in node.named_children:
            if child.type in _EXPRESSIONS and node.type not in ("array", "object"):
                new = syntax.of(child)
                yield ((start, end, new),), f"Write `{new}` for `{old}`", 0.36 - cost


def _is_called(node: Node) -> bool:
    parent = node.parent
    return (
        parent is not None and parent.type in ("call_expression", "new_expression") and parent.children[0].id == node.id
    )


def _optional(syntax: Syntax, nodes: Sequence[Node]) -> Iterator[Change]:
    """A call or a member of what may be absent."""
    for node in nodes[:5]:
        function = node.child_by_field_name("function") if node.type == "call_expression" else None
        if function is not None:
            end = syntax.span(function)[1]
            yield ((end, end, "?."),), f"Call `{syntax.of(function)}` if it is there", 0.56
        owner = node.child_by_field_name("object")
        if node.type == "member_expression" and owner is not None and "?." not in syntax.of(node):
            end = syntax.span(owner)[1]
            yield ((end, end, "?"),), f"Read `{syntax.of(node)}` if `{syntax.of(owner)}` is there", 0.46


def _left_out(syntax: Syntax, nodes: Sequence[Node]) -> Iterator[Change]:
    """An element of a list left out, the last ones first; two neighbours exchanged."""
    lists = [node for node in nodes if node.type in _LISTS]
    for node in nodes:
        if node.type in ("return_statement", "variable_declarator"):
            lists += [child for child in node.named_children if child.type in _LISTS]
    for node in lists[:2]:
        parts = [each for each in node.named_children if each.type != "comment"]
        for place, each in enumerate(parts):
            start, end = syntax.span(each)
            if len(parts) > 1:
                start, end = (syntax.span(parts[place - 1])[1], end) if place else (start, syntax.span(parts[1])[0])
            prior = 0.5 - 0.03 * (len(parts) - 1 - place)
            yield ((start, end, ""),), f"Leave out `{syntax.of(each)}`", prior
        for one, two in pairwise(parts):
            (a, b), (c, d) = syntax.span(one), syntax.span(two)
            new = f"{syntax.of(two)}{syntax.text[b:c]}{syntax.of(one)}"
            yield ((a, d, new),), f"Exchange `{syntax.of(one)}` and `{syntax.of(two)}`", 0.44


def _members(syntax: Syntax, nodes: Sequence[Node], named: Sequence[str]) -> Iterator[Change]:
    """A member of the class under the name that is missing."""
    body = next((each.child_by_field_name("body") for each in nodes if each.type == "class_declaration"), None)
    if body is None:
        return
    for child in body.named_children:
        name = child.child_by_field_name("name")
        if name is None or syntax.of(name) == "constructor":
            continue
        for word in named:
            alike = max(likeness(word, syntax.of(name)), 0.3)
            if re.fullmatch(r"[\w$]+", word) and word != syntax.of(name):
                yield ((*syntax.span(name), word),), f"Call `{syntax.of(name)}` `{word}`", 0.5 + 0.25 * alike


def _tokens(syntax: Syntax, nodes: Sequence[Node], context: Context) -> Iterator[Change]:
    """Words and signs of the line left out or exchanged."""
    start, end = context.lines.bounds(context.fault.line)
    for match in re.finditer(r"=>|===?|\?\.|[\w$]+|[^\s\w]", syntax.text[start:end]):
        at, word = start + match.start(), match[0]
        away = min(abs(at - context.offset) / 200, 0.1)
        for new in _SIGNS.get(word, ()):
            stop = at + len(word) + (0 if new or syntax.text[at + len(word) : at + len(word) + 1] != " " else 1)
            yield ((at, stop, new),), f"Write `{new}` for `{word}`" if new else f"Leave out `{word}`", 0.46 - away
        if len(word) == 1 and word not in "{}()[]":
            yield ((at, at + 1, ""),), f"Leave out `{word}`", 0.34 - away
    for node in nodes:
        if node.type == "public_field_definition":
            value, name = node.child_by_field_name("value"), node.child_by_field_name("name")
            if value is not None and name is not None:
                first = syntax.span(name)
                kind = node.child_by_field_name("type")
                told = syntax.of(kind) if kind is not None else ""
                put = f"get {syntax.of(name)}(){told} {{ return {syntax.of(value)}; }}"
                yield ((first[0], syntax.span(node)[1], put),), f"Make `{syntax.of(name)}` a getter", 0.44


def _returns(syntax: Syntax, nodes: Sequence[Node]) -> Iterator[Change]:
    """A ``return`` without its value."""
    for node in nodes:
        if node.type == "return_statement" and node.named_children:
            start, end = syntax.span(node.named_children[0])
            yield ((start - 1, end, ""),), "Return nothing", 0.44


def _moved(syntax: Syntax, nodes: Sequence[Node]) -> Iterator[Change]:
    """A statement of the file put behind one that follows it."""
    top = next((each for each in nodes if each.type in _STATEMENTS), None)
    while (
        top is not None
        and top.parent is not None
        and top.parent.type not in ("program", "statement_block", "class_body")
    ):
        top = top.parent
    if top is None or top.parent is None:
        return
    start, end = syntax.span(top)
    after = top.next_named_sibling
    for rank in range(6):
        if after is None:
            return
        place = syntax.span(after)[1]
        stop = end + len(syntax.text[end:]) - len(syntax.text[end:].lstrip("\n"))
        moved = ((start, stop, ""), (place, place, "\n\n" + syntax.of(top)))
        yield moved, f"Put `{syntax.of(top)[:40]}` further down".replace("\n", " "), 0.46 - 0.02 * rank
        after = after.next_named_sibling


def _required(syntax: Syntax, named: Sequence[str]) -> Iterator[Change]:
    """A member of a module in the place of the module, and the other way round."""
    for node in walk(syntax.root):
        name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
        if node.type != "variable_declarator" or name is None or value is None or "require(" not in syntax.of(value):
            continue
        old = syntax.of(name)
        said = 0.1 if any(old == each or f"{old}." in each for each in named) or old.strip("{ }") in named else 0.0
        if name.type == "identifier":
            yield ((*syntax.span(name), f"{{ {old} }}"),), f"Take `{old}` from the module", 0.46 + said
        elif len(name.named_children) == 1 and re.fullmatch(r"\{\s*\w+\s*\}", old):
            yield ((*syntax.span(name), old.strip("{ }")),), f"Take the module as `{old}`", 0.44 + said


def _keywords(syntax: Syntax, context: Context) -> Iterator[Change]:
    """A keyword that is used as a name, under another one, in its block."""
    match = re.compile(r"[a-z]+").match(syntax.text, context.offset)
    if match is None or match[0] not in KEYWORDS:
        return
    word = match[0]
    holder = enclosing(syntax.at(context.offset), FUNCTIONS)
    start, end = syntax.span(holder) if holder is not None else (0, len(syntax.text))
    for first, last in {(start, end), (0, len(syntax.text))}:
        put = tuple(
            (first + each.start(), first + each.end(), f"{word}Value")
            for each in re.finditer(rf"(?<![\w$.]){word}(?![\w$])", syntax.text[first:last])
        )
        if put:
            yield put, f"Call it `{word}Value`: `{word}` is a keyword", 0.6
