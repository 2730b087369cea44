# ruff: noqa: E501
"""What it does
    Puts the decorator back that a function or class is written for: ``classmethod`` where the first parameter is
    ``cls``, ``staticmethod`` where there is no instance, ``property`` where the others read it without a call,
    ``contextmanager`` on a generator in a ``with``, ``dataclass`` on a class of annotated fields, the one that puts
    the functions next to it into a table by their names.

Example
    ``def load(cls, text):`` called as ``Config.load(text)``

Use instead
    ``@classmethod`` above it

When it stays silent
    The definition is not in the workspace, or has the decorator.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from ...analyzers.syntax import enclosing
from ..expressions import Tree
from ..fault import Fault
from ..grammar import splice
from ..imports import import_splice
from ..origins import Site, field_of, mendable, parameters_of, walk
from ..repair import Context, Draft, Repair

_CALLED = re.compile(r"^(?:(?P<owner>\w+)\.)?(?P<name>\w+)\(\) (?:missing|takes|got)")
_METHOD = re.compile(r"'(?:method|function)' (?:object|and)|and '(?:method|function)'|of type 'method'|'(?:method|function)' has|"
                     r"(?:not|int|float)? ?\"?'?method|not 'method'|expected str instance, method")  # fmt: skip
_CONTEXT = re.compile(
    r"'generator' object does not support the (?:asynchronous )?context manager protocol|__enter__|__aenter__"
)
_FIELDS = re.compile(r"^(?P<name>\w+)\(\) takes no arguments|^(?P<init>\w+)\.__init__\(\) (?:takes 1|got an)")


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    if fault.exception == "KeyError":
        yield from _registered(context, fault.message)
    if fault.exception not in {"TypeError", "AttributeError"}:
        return
    message = fault.message
    if match := _FIELDS.match(message):
        yield from _dataclass(context, match["name"] or match["init"])
    if match := _CALLED.match(message):
        yield from _bound(context, match["owner"] or "", match["name"])
    if _CONTEXT.search(message) or "generator" in message:
        yield from _context_manager(context)
    if _METHOD.search(message):
        yield from _property(context)
    found = re.search(r"'method' object has no attribute|'function' object has no attribute", message)
    if found and not _METHOD.search(message):
        yield from _property(context)


def _files(context: Context) -> Iterator[tuple[str, Site]]:
    for file in dict.fromkeys([*(site.file for site in mendable(context)), *context.workspace.python_files[:100]]):
        text = context.workspace.text(file)
        if text is not None:
            yield file, Site(file, text, Tree(text), 0)


def _definitions(context: Context, kind: str, name: str) -> Iterator[tuple[Site, Node]]:
    for _, site in _files(context):
        if not re.search(rf"(?:def|class)[ \t]+{re.escape(name)}\b", site.text):
            continue
        for node in walk(site.tree.tree.root_node):
            label = field_of(node, "name") if node.type == kind else None
            if label is not None and site.code(label) == name:
                yield site, node


def _decorators(site: Site, node: Node) -> str:
    parent = node.parent
    if parent is None or parent.type != "decorated_definition":
        return ""
    return " ".join(site.code(child) for child in parent.children if child.type == "decorator")


def _put(site: Site, node: Node, decorator: str, prior: float, statement: str = "") -> Draft:
    start = site.span(node)[0]
    begin = site.text.rfind("\n", 0, start) + 1
    newline = "\r\n" if "\r\n" in site.text else "\n"
    edits = [(start, start, f"@{decorator}{newline}{site.text[begin:start]}")]
    name = decorator.rpartition(".")[2]
    module = statement.split()[1] if statement else ""
    if statement and not re.search(rf"^[ \t]*from[ \t]+{module}[ \t]+import[^\n]*\b{name}\b", site.text, re.MULTILINE):
        if re.search(rf"^import[ \t]+{module}\b", site.text, re.MULTILINE):
            edits[0] = (start, start, f"@{module}.{decorator}{newline}{site.text[begin:start]}")
        else:
            place = import_splice(site.text, statement)
            if place[0] == start:
                edits[0] = (start, start, f"{place[2]}{edits[0][2]}")
            else:
                edits.append(place)
    return Draft(f"Decorate with `@{decorator}`", {site.file: splice(site.text, edits)}, prior)


def _bound(context: Context, owner: str, name: str) -> Iterator[Draft]:
    for site, node in _definitions(context, "function_definition", name):
        around = enclosing(node.parent, "class_definition", "function_definition")
        if around is None or around.type != "class_definition" or name == "__init__":
            continue
        label = field_of(around, "name")
        if owner and label is not None and site.code(label) != owner:
            continue
        decorators, parameters = _decorators(site, node), parameters_of(node)
        if "classmethod" in decorators or "staticmethod" in decorators:
            continue
        if parameters[:1] == ["cls"]:
            yield _put(site, node, "classmethod", 0.95)
        elif parameters[:1] != ["self"]:
            body = field_of(node, "body")
            uses_self = body is not None and re.search(rb"\bself\b", body.text or b"") is not None
            yield _put(site, node, "staticmethod", 0.5 if uses_self else 0.94)


def _context_manager(context: Context) -> Iterator[Draft]:
    for place in mendable(context)[:2]:
        for node in place.nodes("with_statement", "call"):
            names = set(re.findall(r"(\w+)\(", place.code(node).split("\n", maxsplit=1)[0]))
            for name in names:
                for site, function in _definitions(context, "function_definition", name):
                    if "contextmanager" in _decorators(site, function) or b"yield" not in (function.text or b""):
                        continue
                    word = "asynccontextmanager" if site.code(function).startswith("async") else "contextmanager"
                    yield _put(site, function, word, 0.93 - 0.1 * place.away, f"from contextlib import {word}")


def _registered(context: Context, key: str) -> Iterator[Draft]:
    """A function that is looked up by a text, as its neighbours are that a decorator put there by their names."""
    text = re.fullmatch(r"'(\w+)'", key)
    if text is None:
        return
    for site, node in _definitions(context, "function_definition", text[1]):
        if _decorators(site, node):
            continue
        ways: dict[str, int] = {}
        for other in walk(site.tree.tree.root_node):
            label = field_of(other, "name") if other.type == "function_definition" else None
            if label is None or other == node:
                continue
            for each in _decorators(site, other).split("@")[1:]:
                way = re.fullmatch(rf"([\w.]+\(\s*['\"]){re.escape(site.code(label))}(['\"]\s*\))", each.strip())
                bare = re.fullmatch(r"register\w*|\w+\.register", each.strip())
                if way is not None:
                    ways[f"{way[1]}{text[1]}{way[2]}"] = ways.get(f"{way[1]}{text[1]}{way[2]}", 0) + 1
                elif bare is not None:
                    ways[each.strip()] = ways.get(each.strip(), 0) + 1
        for way, count in ways.items():
            yield _put(site, node, way, 0.93 if count == max(ways.values()) else 0.7)


def _property(context: Context) -> Iterator[Draft]:
    """A method without parameters that is read as a value, and nowhere called."""
    for place in mendable(context)[:3]:
        for node in place.nodes("attribute"):
            label, parent = field_of(node, "attribute"), node.parent
            if label is None or (parent is not None and parent.type == "call" and field_of(parent, "function") == node):
                continue
            name = place.code(label)
            for site, function in _definitions(context, "function_definition", name):
                if parameters_of(function) != ["self"] or _decorators(site, function):
                    continue
                texts = [context.workspace.text(each) or "" for each in context.workspace.python_files[:60]]
                called = sum(len(re.findall(rf"\.{name}\(", text)) for text in texts)
                read = sum(len(re.findall(rf"\.{name}\b(?!\()", text)) for text in texts)
                prior = 0.94 if read > 1 and not called else 0.84 if not called else 0.4
                yield _put(site, function, "property", prior - 0.05 * place.away)


def _dataclass(context: Context, name: str) -> Iterator[Draft]:
    for site, node in _definitions(context, "class_definition", name):
        body = field_of(node, "body")
        if body is None or "dataclass" in _decorators(site, node) or b"def __init__" in (body.text or b""):
            continue
        if re.search(r"^[ \t]+\w+[ \t]*:[ \t]*\S", site.code(body), re.MULTILINE):
            yield _put(site, node, "dataclass", 0.95, "from dataclasses import dataclass")


REPAIR = Repair("missing-decorator", "Put the decorator back that a definition is written for", propose)
