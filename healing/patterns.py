"""Patterns of code with metavariables, matched on the syntax: ``$X`` is any one part, ``$...ARGS`` any number of them.

Whitespace, comments, line breaks and trailing commas make no difference. The same metavariable twice means the same
code twice. A pattern is an expression, a statement, or several statements in a row.

Invariant: matching takes time proportional to the text, and executes nothing of the pattern or of the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import tree_sitter_go
import tree_sitter_javascript
import tree_sitter_python
import tree_sitter_rust
import tree_sitter_typescript
from tree_sitter import Language, Node, Parser

_VARIABLE = re.compile(r"\$(?P<many>\.\.\.)?(?P<name>[A-Z_][A-Z0-9_]*)")
_ONE, _MANY = "mv1_", "mvn_"
_PLACEHOLDER = re.compile(r"^mv(?P<kind>[1n])_(?P<name>[A-Z0-9_]+)$")
#: Code around a pattern that cannot stand at the top of a file.
_AROUND = {"rust": ("fn f() {\n", "\n}\n"), "go": ("package p\nfunc f() {\n", "\n}\n")}
_LIST_MARKS = frozenset({",", ";", "\n"})
#: Parts that need brackets where they become an operand.
_LOOSE = re.compile(r"(?:binary|boolean|comparison|not|unary)_\w+|conditional_expression|ternary\w*|lambda|await\w*|as_\w+|.*assignment\w*")  # fmt: skip  # noqa: E501


@cache
def _parser(language: str) -> Parser:
    grammars = {
        "python": tree_sitter_python.language,
        "javascript": tree_sitter_javascript.language,
        "typescript": tree_sitter_typescript.language_typescript,
        "rust": tree_sitter_rust.language,
        "go": tree_sitter_go.language,
    }
    return Parser(Language(grammars[language]()))


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern that was read: ``source`` as written, ``names`` of its metavariables, ``parts`` in a row."""

    language: str
    source: str
    names: frozenset[str]
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Match:
    """Where a pattern was found: offsets in code points, and the text of each metavariable. ``loose`` names those
    that need brackets as an operand."""

    start: int
    end: int
    bound: Mapping[str, str]
    loose: frozenset[str] = frozenset()


def variables(text: str) -> frozenset[str]:
    return frozenset(match["name"] for match in _VARIABLE.finditer(text))


def read(source: str, language: str) -> Pattern:
    """Raises ValueError, with what is wrong in words, for a pattern that is no code of the language."""
    before, after = _AROUND.get(language, ("", "\n"))
    code = _VARIABLE.sub(lambda match: f"{_MANY if match['many'] else _ONE}{match['name']}", source.strip("\n"))
    tree = _parser(language).parse((before + code + after).encode())
    if tree.root_node.has_error:
        raise ValueError(f"the pattern does not parse as {language}")
    body = tree.root_node
    if before:
        body = next(
            node for node in _walk(tree.root_node) if node.type in ("block", "statement_list") and node.children
        )
        body = next((node for node in body.children if node.type == "statement_list"), body)
    parts = tuple(node for node in _significant(body) if node.type not in "{}")
    if len(parts) == 1 and parts[0].type == "expression_statement" and len(_significant(parts[0])) == 1:
        parts = (_significant(parts[0])[0],)
    if not parts or all(_placeholder(part) for part in parts):
        raise ValueError("the pattern has to hold more than metavariables")
    for node in (each for part in parts for each in _walk(part)):
        if sum(_many(child) for child in _significant(node)) > 1:
            raise ValueError("only one $... in a list")
    return Pattern(language, source, variables(source), parts)


def matches(pattern: Pattern, text: str, bound: Mapping[str, str] | None = None) -> Iterator[Match]:
    """Every place of ``text`` that the pattern fits, in order. ``bound`` are metavariables that are known before."""
    data = text.encode("utf-8", "surrogatepass")
    tree = _parser(pattern.language).parse(data)
    count = len(pattern.parts)
    for node in _walk(tree.root_node):
        children = _significant(node)
        for start in range(len(children) - count + 1):
            row = children[start : start + count]
            found: dict[str, tuple[str, bool]] = {name: (each, False) for name, each in (bound or {}).items()}
            if all(_fits(part, each, data, found) for part, each in zip(pattern.parts, row, strict=True)):
                yield Match(
                    len(data[: row[0].start_byte].decode("utf-8", "surrogatepass")),
                    len(data[: row[-1].end_byte].decode("utf-8", "surrogatepass")),
                    {name: each for name, (each, _) in found.items()},
                    frozenset(name for name, (_, loose) in found.items() if loose),
                )


def filled(template: str, match: Match, indent: str = "") -> str:
    """The template with its metavariables replaced. Lines after the first get ``indent``; an empty ``$...ARGS`` takes a
    comma beside it along; what would be an operand is put into brackets where it needs them."""

    def one(found: re.Match[str]) -> str:
        value = match.bound.get(found["name"], "")
        before, after = template[: found.start()].rstrip(" "), template[found.end() :].lstrip(" ")
        free = (not before or before[-1] in "([{,=:\n") and (not after or after[0] in ")]},:\n;")
        word = re.search(r"(?:return|yield|raise|await|in|if|while|assert)$", before)
        operand = not free and not (word and (not after or after[0] in ":\n"))
        return f"({value})" if operand and found["name"] in match.loose else value

    for name in [name for name, value in match.bound.items() if not value]:
        template = re.sub(rf",\s*\$\.\.\.{name}\b|\$\.\.\.{name}\b\s*,\s*", "", template)
    lines = template.strip("\n").split("\n")
    template = "\n".join([lines[0], *(f"{indent}{line}" if line.strip() else line for line in lines[1:])])
    return _VARIABLE.sub(one, template)


def _fits(pattern: Node, node: Node, data: bytes, bound: dict[str, tuple[str, bool]]) -> bool:
    name = _placeholder(pattern)
    if name and not _many(pattern):
        return node.is_named and _bind(name, _text(node, data), bound, bool(_LOOSE.fullmatch(node.type)))
    if pattern.type != node.type:
        return False
    mine, theirs = _significant(pattern), _significant(node)
    if not mine:
        return not theirs and pattern.text == _text(node, data).encode("utf-8", "surrogatepass")
    at = next((index for index, each in enumerate(mine) if _many(each)), None)
    if at is None:
        return len(mine) == len(theirs) and _row(mine, theirs, data, bound)
    rest = len(mine) - at - 1
    if len(theirs) < len(mine) - 1:
        return False
    middle = theirs[at : len(theirs) - rest]
    text = data[middle[0].start_byte : middle[-1].end_byte].decode("utf-8", "surrogatepass") if middle else ""
    return (
        _row(mine[:at], theirs[:at], data, bound)
        and _bind(_placeholder(mine[at]), text, bound, False)
        and _row(mine[at + 1 :], theirs[len(theirs) - rest :], data, bound)
    )


def _row(mine: Sequence[Node], theirs: Sequence[Node], data: bytes, bound: dict[str, tuple[str, bool]]) -> bool:
    return all(_fits(one, two, data, bound) for one, two in zip(mine, theirs, strict=True))


def _bind(name: str, text: str, bound: dict[str, tuple[str, bool]], loose: bool) -> bool:
    """Binds a metavariable, or compares: a text from outside may lack the quotes that the code has."""
    if name in bound:
        known, said = "".join(bound[name][0].split()), "".join(text.split())
        if known == said:
            return True
        if known != said.strip("\"'"):
            return False
    bound[name] = (text, loose)
    return True


def _significant(node: Node) -> list[Node]:
    return [each for each in node.children if "comment" not in each.type and each.type not in _LIST_MARKS]


def _many(node: Node) -> bool:
    return _placeholder(node, "n") != ""


def _placeholder(node: Node, kind: str = "") -> str:
    """The name of the metavariable that a node stands for; empty if it is code."""
    while node.type == "expression_statement" and len(_significant(node)) == 1:
        node = _significant(node)[0]
    match = _PLACEHOLDER.match((node.text or b"").decode()) if not node.children else None
    return match["name"] if match and kind in ("", match["kind"]) else ""


def _text(node: Node, data: bytes) -> str:
    return data[node.start_byte : node.end_byte].decode("utf-8", "surrogatepass")


def _walk(node: Node) -> Iterator[Node]:
    stack = [node]
    while stack:
        node = stack.pop()
        yield node
        stack += reversed(node.children)
