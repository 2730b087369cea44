"""Edits that no expression on the value's way stands for: what a class, a handler or a function as a whole lacks.

An attribute that was bound to a plain name in a method, or by no ``super().__init__()``; a handler that names another
exception than the one that came; a function that ends, or yields, without the value that it made; a text that differs
a little from the one that was asked for.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import islice

from tree_sitter import Node

from ...analyzers.syntax import enclosing, named_nodes
from ..logic.tree import Function, Mutation
from ..origins import Site, indexed, mendable, parameters_of, sites, walk
from ..repair import Context
from ..scopes import tree_of
from .habits import habits_of
from .places import function_at, functions_within

#: (path, function that is changed or None for the module, mutation).
Whole = tuple[str, Function | None, Mutation]
_ATTRIBUTE = re.compile(r"'(\w+)' object has no attribute '(\w+)'")
#: Texts of a file that are compared with what was asked for.
MOST_TEXTS = 1000
#: Functions of a file that are all looked at.
MOST_FUNCTIONS = 300
_WORDS = re.compile(r"'([^'\n]{2,40})'")


def whole_changes(context: Context) -> Iterator[Whole]:
    """Changes of the files that the failing calls were in."""
    name = context.fault.exception.rpartition(".")[2]
    seen: set[str] = set()
    for site in mendable(context):
        if site.file in seen:
            continue
        seen.add(site.file)
        found = _ATTRIBUTE.search(context.fault.message) if name == "AttributeError" else None
        if found is not None:
            yield from _attributes(site, found[1], found[2])
        if "None" in context.fault.message:
            yield from _given_back(site, _near(context, site.text))
        yield from _handlers(site, name)
        if name in ("KeyError", "ValueError", "AttributeError", "LookupError"):
            yield from _texts(site, context.fault.message)


@lru_cache(maxsize=8)
def _classes(text: str) -> dict[str, Node]:
    found: dict[str, Node] = {}
    for node in indexed(text)["class_definition"]:
        label = node.child_by_field_name("name")
        if label is not None:
            found[(label.text or b"").decode("utf-8", "replace")] = node
    return found


def _functions(text: str) -> tuple[Function, ...]:
    return functions_within(text)[0]


def _family(text: str, name: str) -> list[Node]:
    """A class of the file and those that it inherits from, nearest first."""
    classes, found, waiting = _classes(text), list[Node](), [name]
    while waiting:
        node = classes.get(waiting.pop(0))
        if node is None or node in found:
            continue
        found.append(node)
        bases = node.child_by_field_name("superclasses")
        waiting += [(each.text or b"").decode("utf-8", "replace") for each in (bases.named_children if bases else ())]
    return found


def _attributes(site: Site, owner: str, label: str) -> Iterator[Whole]:
    """What may set an attribute that an object of the file lacks."""
    family = _family(site.text, owner)
    inside = [
        (each, function)
        for each in family
        for function in _functions(site.text)
        if each.start_byte <= function.node.start_byte < each.end_byte
    ]
    for _, function in inside:
        if "self" not in function.parameters:
            continue
        for node in function.own:
            left = node.child_by_field_name("left") if node.type == "assignment" else None
            if left is not None and left.type == "identifier" and function.text(left) == label:
                splices = ((left.start_byte, left.end_byte, f"self.{label}"),)
                yield site.file, function, Mutation(f"Set self.{label}", splices, left.start_point[0], 0.9, "attribute")
    makers = [function for each, function in inside if function.name == "__init__" and each == family[0]]
    for function in makers:
        first = next((each for each in function.body.named_children if each.type != "comment"), None)
        if first is None or not function.alone(first):
            continue
        at, indent, line = function.line_start(first), function.indent(first), first.start_point[0]
        below = function.line_end(function.body.named_children[-1])
        if len(family) > 1 and "super()" not in function.text(function.node):
            for call in _super_calls(function, family[1]):
                new = f"{indent}{call}\n"
                yield site.file, function, Mutation(f"Add {call}", ((at, at, new),), line, 0.6, "missing")
        if function.data[below - 1 : below] == b"\n":
            values = [label] if label in function.parameters else ["{}", "[]", "0", "None", "set()", '""']
            for value in values:
                new = f"{indent}self.{label} = {value}\n"
                prior = 0.8 if value == label else 0.3
                yield site.file, function, Mutation(f"Set self.{label}", ((below, below, new),), line, prior, "missing")


def _super_calls(function: Function, base: Node) -> Iterator[str]:
    """Calls of what the class inherits, with the parameters of the same names."""
    body = base.child_by_field_name("body")
    made = next((each for each in (body.named_children if body is not None else ()) if each.type ==
                 "function_definition" and function.text(each).startswith("def __init__")), None)  # fmt: skip
    wanted = [each for each in parameters_of(made) if each != "self"] if made is not None else []
    given = [each if each in function.parameters else "" for each in wanted]
    while given and not given[-1]:
        given.pop()
    if all(given):
        yield f"super().__init__({', '.join(given)})"
    if given:
        yield "super().__init__()"


def _code_of(site: Site) -> str:
    """What the call ran, as text: its function; its line where it is in none."""
    inside = site.function.type == "function_definition"
    return site.code(site.function) if inside else site.text.split("\n")[site.line]


def _near(context: Context, text: str) -> Sequence[Function]:
    """The functions of a file; of very many, those whose names stand in one of the calls that led to the fault."""
    functions = _functions(text)
    if len(functions) <= MOST_FUNCTIONS:
        return functions
    words = {word for each in sites(context) for word in re.findall(r"\w+", _code_of(each))}
    return [each for each in functions if each.name in words or each.name == "__enter__"]


def _given_back(site: Site, functions: Sequence[Function]) -> Iterator[Whole]:
    """Methods that end without a value give their object; what is yielded is what was made before."""
    for function in functions:
        for node in function.own:
            if node.type == "yield" and not node.named_children and function.text(node) == "yield":
                for name in [each for each in function.visible(node) if each not in ("self", "cls")][:6]:
                    splices = ((node.start_byte, node.end_byte, f"yield {name}"),)
                    prior = 0.6 if name in function.unused else 0.4
                    yield site.file, function, Mutation(f"Yield {name}", splices, node.start_point[0], prior, "return")
        own = [each for each in walk(function.body, nested=False) if each.type in ("return_statement", "yield")]
        if own or function.parameters[:1] != ("self",) or function.name == "__init__":
            continue
        last = function.body.named_children[-1] if function.body.named_children else None
        if last is None:
            continue
        below = function.line_end(last)
        if function.data[below - 1 : below] == b"\n":
            first = function.body.named_children[0]
            new = f"{function.indent(first)}return self\n"
            prior = 0.8 if function.name == "__enter__" else 0.3
            yield (
                site.file,
                function,
                Mutation("Return self", ((below, below, new),), last.start_point[0], prior, "return"),
            )


def _handlers(site: Site, raised: str) -> Iterator[Whole]:
    """Handlers of another exception around the calls that failed."""
    if not raised.isidentifier():
        return
    for function in _functions(site.text):
        if not function.node.start_point[0] <= site.line <= function.node.end_point[0]:
            continue
        for node in named_nodes(function.node):
            if node.type != "except_clause" or not node.named_children:
                continue
            block = enclosing(node, "try_statement")
            kind = node.named_children[0]
            if kind.type == "as_pattern" and kind.named_children:
                kind = kind.named_children[0]
            if block is None or kind.type not in ("identifier", "tuple", "attribute"):
                continue
            text = function.text(kind)
            if raised in text or not block.start_point[0] <= site.line <= block.end_point[0]:
                continue
            inner = text.strip("()").rstrip(",")
            for new, prior in ((raised, 0.5), (f"({inner}, {raised})", 0.4)):
                splices = ((kind.start_byte, kind.end_byte, new),)
                yield site.file, function, Mutation(f"Catch {new}", splices, kind.start_point[0], prior, "handler")


def _is_like(one: str, other: str) -> bool:
    matcher = difflib.SequenceMatcher(None, one.lower(), other.lower())
    return len(one) <= 40 and matcher.real_quick_ratio() > 0.6 and matcher.quick_ratio() > 0.6 and matcher.ratio() > 0.6


def _texts(site: Site, message: str) -> Iterator[Whole]:
    """Texts of the file that are almost the one that was asked for, and the one for them."""
    asked = [each for each in _WORDS.findall(message) if re.fullmatch(r"[\w .:/-]+", each)]
    written = habits_of(site.text).strings
    if not asked and re.fullmatch(r"[\w .:/-]{2,40}", message):
        asked = [message]
    _, data = tree_of(site.text)
    for word in asked[:4]:
        close = {each for each in islice(written, MOST_TEXTS) if _is_like(each.strip("'\""), word)}
        for node in indexed(site.text)["string"] if close else ():
            text = data[node.start_byte : node.end_byte].decode("utf-8", "replace")
            inner = text.strip("'\"")
            if text not in close or inner == word:
                continue
            ratio = difflib.SequenceMatcher(None, inner.lower(), word.lower()).ratio()
            if node.end_byte - node.start_byte == len(inner.encode()) + 2:
                splices = ((node.start_byte + 1, node.end_byte - 1, word),)
                title = f'Write "{word}" for "{inner}"'
                around = function_at(site.text, node)
                yield site.file, around, Mutation(title, splices, node.start_point[0], 0.9 * ratio**2, "text")
