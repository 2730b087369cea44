"""Small changes of tokens around the place where a parser gave up, tried against the grammar.

Shared by the repairs of syntax of Rust and Go: a token put in, left out or exchanged; a block closed where the
indentation says that it ends. Only what parses is offered, or what brings the first error further down.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from tree_sitter import Node

from ..grammar import Splice, splice
from ..repair import Context, Draft
from .syntax import Compiled, Tree, parse

#: Title, changes, prior.
Change = tuple[str, tuple[Splice, ...], float]
PAIRS = {"(": ")", "[": "]", "{": "}"}
CLOSERS = {closer: opener for opener, closer in PAIRS.items()}
#: Tokens before and after the error at which something is tried, and drafts that are offered.
BEFORE, AFTER, MOST = 10, 3, 10


@dataclass(frozen=True, slots=True)
class Token:
    start: int
    end: int
    text: str
    literal: bool


def tokens(tree: Tree) -> list[Token]:
    """The leaves of the tree in order, without comments; a literal is one token."""
    return [
        Token(tree.start(node), tree.end(node), tree.of(node), _literal(node))
        for node in _leaves(tree.root)
        if node.end_byte > node.start_byte
    ]


def _leaves(node: Node) -> Iterator[Node]:
    if "comment" in node.type:
        return
    if not node.children or _literal(node):
        if node.type not in ("\n", ""):
            yield node
        return
    for child in node.children:
        yield from _leaves(child)


def _literal(node: Node) -> bool:
    return not node.has_error and node.type.endswith(("string_literal", "char_literal", "rune_literal"))


def parsing(context: Context, language: Compiled, changes: Iterator[Change]) -> Iterator[Draft]:
    """Drafts of the changes after which the file parses; if none does, those that get further, marked partial."""
    before = parse(context.text, language).errors()
    first = max([context.offset, *before[:1]])
    whole: dict[str, Draft] = {}
    partial: list[Draft] = []
    for title, splices, prior in sorted(changes, key=lambda change: -change[2]):
        text = splice(context.text, tuple(sorted(splices)))
        if text in whole or text == context.text:
            continue
        errors = Tree(text, language).errors()
        if not errors:
            whole[text] = Draft(title, {context.name: text}, prior)
            if len(whole) >= MOST:
                break
        elif len(errors) < len(before) or errors[0] > first + 2:
            partial.append(replace(Draft(title, {context.name: text}, prior * 0.5), partial=True))
    yield from whole.values() if whole else partial[:3]


def places(context: Context, found: Sequence[Token]) -> list[int]:
    """Indices of tokens at which the parser may have given up: where it says, and where the tree's first error is."""
    language: Compiled = "go" if context.name.endswith(".go") else "rust"
    offsets = [context.offset, *parse(context.text, language).errors()[:1]]
    return list(dict.fromkeys(next((i for i, t in enumerate(found) if t.end > o), len(found)) for o in offsets))


def foreign(context: Context, tree: Tree, words: Mapping[str, str]) -> Iterator[Change]:
    """Words of other languages near the fault, replaced by this one's."""
    found = tokens(tree)
    for at in places(context, found):
        for token in found[max(at - 4, 0) : at + 3]:
            if token.text in words and not token.literal:
                new = words[token.text]
                yield f"Write `{new}` for `{token.text}`", ((token.start, token.end, new),), 0.94


def usual(context: Context, tree: Tree, inserted: Sequence[tuple[str, float]]) -> Iterator[Change]:
    """Tokens of ``inserted`` (with how usual each is) put in, tokens left out, brackets exchanged, blocks closed."""
    found = tokens(tree)
    for at in places(context, found):
        for index in range(max(at - BEFORE, 0), min(at + AFTER, len(found)) + 1):
            place = found[index - 1].end if index else 0
            cost = 0.025 * abs(index - at)
            following = context.text[place : found[index].start] if index < len(found) else "\n"
            for new, prior in inserted:
                at_end = "\n" in following or new.strip() not in (",", ";", "{")
                yield f"Add `{new.strip()}`", ((place, place, new),), (prior if at_end else prior - 0.12) - cost
        for index in range(max(at - 4, 0), min(at + 2, len(found))):
            token, cost = found[index], 0.03 * abs(index - at)
            if token.literal:
                continue
            if not token.text.isidentifier():
                doubled = index > 0 and found[index - 1].text == token.text
                prior = (0.85 if doubled else 0.72) - cost
                yield f"Remove `{token.text}`", ((token.start, token.end, ""),), prior
            for other in PAIRS if token.text in PAIRS else CLOSERS if token.text in CLOSERS else ():
                if other != token.text:
                    yield f"Replace `{token.text}` by `{other}`", ((token.start, token.end, other),), 0.82 - cost
            if token.text in (";", ","):
                other = "," if token.text == ";" else ";"
                yield f"Replace `{token.text}` by `{other}`", ((token.start, token.end, other),), 0.8 - cost
    yield from blocks(context, found)


def blocks(context: Context, found: Sequence[Token]) -> Iterator[Change]:
    """Close a brace before the first line that is indented no further than the line that opened it; leave out a
    closing one that nothing opened."""
    open_: list[Token] = []
    unmatched: list[Token] = []
    pairs: list[tuple[Token, Token]] = []
    for token in found:
        if token.literal:
            continue
        if token.text in PAIRS:
            open_.append(token)
        elif token.text in CLOSERS:
            if open_ and open_[-1].text == CLOSERS[token.text]:
                pairs.append((open_.pop(), token))
            else:
                unmatched.append(token)
    for token in unmatched[:3]:
        yield f"Remove `{token.text}`", ((token.start, token.end, ""),), 0.8
    crooked = [one for one, two in pairs if one.text == "{" and _indent(context, one) != _indent(context, two)]
    for token in [*crooked, *open_]:
        yield from _closed(context, token, 0.95 if token in crooked else 0.9)
    if open_ and found:
        end = "".join(PAIRS[token.text] for token in reversed(open_))
        place = found[-1].end
        yield f"Add `{end}` at the end", ((place, place, ("\n" if end[0] == "}" else "") + end),), 0.7


def _closed(context: Context, token: Token, prior: float) -> Iterator[Change]:
    lines, closer = context.lines, PAIRS[token.text]
    row = lines.position(token.start)[0]
    indent = _indent(context, token)
    for other in range(row + 1, len(lines.starts)):
        line = lines.line(other)
        if not line.strip() or _width(line) > len(indent.expandtabs(4)):
            continue
        previous = other - 1
        while previous > row and not lines.line(previous).strip():
            previous -= 1
        place = lines.bounds(previous)[1]
        yield f"Close the block with `{closer}`", ((place, place, f"\n{indent}{closer}"),), prior
        return


def _indent(context: Context, token: Token) -> str:
    line = context.lines.line(context.lines.position(token.start)[0])
    return line[: len(line) - len(line.lstrip())]


def _width(line: str) -> int:
    return len(line[: len(line) - len(line.lstrip())].expandtabs(4))
