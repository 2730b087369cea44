"""How a program usually writes: what is natural in a file is what stands in it elsewhere.

An edit after which an expression stands there that the file has already is more likely to be meant than one that makes
something that nobody wrote. Says nothing of what is right: the run does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from tree_sitter import Node

from ...analyzers.syntax import named_nodes
from ..scopes import tree_of

#: Longer expressions are not counted.
LONGEST = 60
_COUNTED = frozenset({"identifier", "attribute", "subscript", "call", "binary_operator", "string", "list", "tuple"})


@dataclass(frozen=True, slots=True)
class Habits:
    """``expressions``: how often each stands in the file. ``attributes``: what is asked of a name, whoever it is.
    ``keys``: what the tables of a name are asked for. ``wrapped``: the functions that a value of this name is the only
    argument of. ``passed``: (function, position) → what is passed there. ``unary``: functions that are called with one
    value. ``given``: what stands between the brackets of a function's calls; ``keywords``: of these, by name."""

    expressions: Mapping[str, int]
    attributes: Mapping[str, Counter[str]]
    keys: Mapping[str, Counter[str]]
    wrapped: Mapping[str, Counter[str]]
    passed: Mapping[tuple[str, int], Counter[str]]
    strings: Counter[str]
    unary: Counter[str]
    given: Mapping[str, Counter[str]]
    keywords: Mapping[str, Counter[str]]


def last_name(text: str) -> str:
    """``rows`` of ``self.rows``; the text itself if it is no dotted name."""
    return text.rpartition(".")[2]


@lru_cache(maxsize=8)
def habits_of(text: str) -> Habits:
    """What is written how often in a file."""
    tree, data = tree_of(text)
    expressions: Counter[str] = Counter()
    attributes: dict[str, Counter[str]] = {}
    keys: dict[str, Counter[str]] = {}
    wrapped: dict[str, Counter[str]] = {}
    passed: dict[tuple[str, int], Counter[str]] = {}
    strings: Counter[str] = Counter()
    unary: Counter[str] = Counter()
    brackets: dict[str, Counter[str]] = {}
    keywords: dict[str, Counter[str]] = {}

    def code(node: Node) -> str:
        return data[node.start_byte : node.end_byte].decode("utf-8", "replace")

    for node in named_nodes(tree.root_node):
        if node.type not in _COUNTED or node.end_byte - node.start_byte > LONGEST:
            continue
        own = code(node)
        expressions[own] += 1
        if node.type == "attribute":
            owner, label = node.child_by_field_name("object"), node.child_by_field_name("attribute")
            if owner is not None and label is not None:
                attributes.setdefault(last_name(code(owner)), Counter())[code(label)] += 1
        elif node.type == "subscript":
            table, key = node.child_by_field_name("value"), node.child_by_field_name("subscript")
            if table is not None and key is not None:
                keys.setdefault(last_name(code(table)), Counter())[code(key)] += 1
        elif node.type == "string" and not _is_text(node):
            strings[own] += 1
        elif node.type == "call":
            called, arguments = node.child_by_field_name("function"), node.child_by_field_name("arguments")
            given = [each for each in arguments.named_children if each.type != "comment"] if arguments else []
            if called is None:
                continue
            name = code(called)
            if arguments is not None and arguments.type == "argument_list":
                brackets.setdefault(last_name(name), Counter())[code(arguments)] += 1
            if len(given) == 1:
                unary[name] += given[0].type not in ("keyword_argument", "list_splat", "dictionary_splat")
                wrapped.setdefault(last_name(code(given[0])), Counter())[name] += 1
            for place, each in enumerate(given):
                if each.type == "keyword_argument":
                    keywords.setdefault(last_name(name), Counter())[code(each)] += 1
                else:
                    passed.setdefault((last_name(name), place), Counter())[code(each)] += 1
    return Habits(expressions, attributes, keys, wrapped, passed, strings, unary, brackets, keywords)


def _is_text(node: Node) -> bool:
    """A docstring, or a part of a longer text."""
    parent = node.parent
    return parent is None or parent.type in ("expression_statement", "concatenated_string", "interpolation")
