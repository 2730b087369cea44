"""Small changes of the functions that a failing Go or Rust test reaches, and one text in which they all lie asleep.

The body of a function is put beside its own changed copies; a word of the environment says which of them runs. So one
build serves all trials (mutant schemata: Untch, Offutt, Harrold 1993), and generics, receivers and early returns stay
what they are.

Invariant: pure. Test code is never changed; a copy differs from its function in one place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice, pairwise

from tree_sitter import Node

from ..workspace import Workspace
from .go import go_files
from .go import tree_of as go_tree
from .rust import rust_files
from .rust import tree_of as rust_tree
from .syntax import Compiled, Tree, find, up

#: The word of the environment that names the copy that runs.
VARIABLE = "SUTURE_MUTANT"
#: Copies in one build, and of one function; functions that are read: what lies further away is not among the copies.
MOST, MOST_OF_ONE, FUNCTIONS = 160, 70, 100
_FUNCTIONS = {"go": ("function_declaration", "method_declaration"), "rust": ("function_item",)}
_BINARY = ("binary_expression", "compound_assignment_expr", "assignment_statement")
#: Operator → what else may have been meant, with how often it is.
_OPERATORS: Mapping[str, tuple[tuple[str, float], ...]] = {
    "<": (("<=", 0.62), (">", 0.55), (">=", 0.35)),
    "<=": (("<", 0.62), (">=", 0.55), (">", 0.35)),
    ">": ((">=", 0.62), ("<", 0.55), ("<=", 0.35)),
    ">=": ((">", 0.62), ("<=", 0.55), ("<", 0.35)),
    "==": (("!=", 0.55),),
    "!=": (("==", 0.55),),
    "+": (("-", 0.55), ("*", 0.3)),
    "-": (("+", 0.55),),
    "*": (("/", 0.45), ("+", 0.4)),
    "/": (("*", 0.45), ("%", 0.45)),
    "%": (("/", 0.45),),
    "&&": (("||", 0.58),),
    "||": (("&&", 0.58),),
    "&": (("|", 0.4),),
    "|": (("&", 0.4),),
    "<<": ((">>", 0.4),),
    ">>": (("<<", 0.4),),
    "+=": (("-=", 0.5), ("=", 0.4)),
    "-=": (("+=", 0.5),),
    "*=": (("+=", 0.4),),
    "..": (("..=", 0.6),),
    "..=": (("..", 0.6),),
}
_TWINS = (
    "min max|first last|any all|is_some is_none|take skip|starts_with ends_with|floor ceil|find rfind|Min Max|"
    "HasPrefix HasSuffix|Floor Ceil|ToUpper ToLower|to_uppercase to_lowercase|push_back push_front|pop_back pop_front|"
    "Index LastIndex|TrimLeft TrimRight|TrimPrefix TrimSuffix|to_ascii_uppercase to_ascii_lowercase|"
    "trim_start trim_end|min_by_key max_by_key|min_by max_by|break continue|saturating_sub abs_diff|"
    "IsUpper IsLower|take_while skip_while|len capacity"
)
_SWAPPED = {
    one: two
    for pair in _TWINS.split("|")
    for one, two in (tuple(pair.split()), tuple(reversed(pair.split())))
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mutant:
    """A change of one place of one file, in the file's offsets."""

    name: str
    start: int
    end: int
    new: str
    title: str
    prior: float
    body: tuple[int, int]


def mutants(workspace: Workspace, language: Compiled, tests: Iterable[str], at: tuple[str, int]) -> list[Mutant]:
    """Changes of the functions that the failing tests (by their ids) reach, the most likely first. ``at`` is where the
    failure was seen, as (file, line)."""
    found: list[Mutant] = []
    reached = islice(_reached(workspace, language, tests, at), FUNCTIONS)
    for distance, (name, tree, node) in enumerate(reached):
        body = node.child_by_field_name("body")
        if body is None or not _divisible(tree, node):
            continue
        place = (tree.start(body), tree.end(body))
        mine = [
            Mutant(name, start, end, new, title, prior * 0.97**distance, place)
            for start, end, new, title, prior in _changes(tree, body)
        ]
        mine.sort(key=lambda each: -each.prior)
        found += mine[:MOST_OF_ONE]
    found.sort(key=lambda each: -each.prior)
    return found[:MOST]


def _reached(
    workspace: Workspace, language: Compiled, tests: Iterable[str], at: tuple[str, int]
) -> Iterator[tuple[str, Tree, Node]]:
    """The functions that the tests name, that these name, and so on, the nearest first."""
    known: dict[str, list[tuple[str, Tree, Node]]] = {}
    waiting: list[str] = []
    words = {word for each in tests for word in re.findall(r"\w+", each)}
    for name in go_files(workspace) if language == "go" else rust_files(workspace):
        text = workspace.text(name) or ""
        tree = go_tree(text) if language == "go" else rust_tree(text)
        for node in find(tree.root, *_FUNCTIONS[language]):
            label = tree.field(node, "name")
            if _is_test(name, tree, node, language):
                if label in words:
                    waiting.append(tree.of(node))
                continue
            known.setdefault(label, []).append((name, tree, node))
            line = tree.text.count("\n", 0, tree.start(node))
            if name == at[0] and line <= at[1] <= line + tree.of(node).count("\n"):
                waiting.insert(0, label)
    seen: set[str] = set()
    while waiting:
        text, waiting = waiting[0], waiting[1:]
        for word in re.findall(r"\w+", text):
            if word in known and word not in seen:
                seen.add(word)
                yield from known[word]
                waiting += [tree.of(node) for _, tree, node in known[word]]


def _is_test(name: str, tree: Tree, node: Node, language: Compiled) -> bool:
    if language == "go":
        return name.endswith("_test.go")
    if name.startswith("tests/") or "/tests/" in name:
        return True
    module = up(node.parent, "mod_item")
    above = node.prev_named_sibling
    if above is not None and above.type == "attribute_item" and re.search(r"\btest\b", tree.of(above)):
        return True
    while module is not None:
        above = module.prev_named_sibling
        if above is not None and above.type == "attribute_item" and "cfg(test)" in tree.of(above):
            return True
        module = up(module.parent, "mod_item")
    return False


def _divisible(tree: Tree, node: Node) -> bool:
    """Whether the body can stand beside copies of itself: it is run, and has no labels, which a function has once."""
    if next(find(node, "labeled_statement", "ERROR"), None) is not None:
        return False
    head = tree.text[tree.start(node) : tree.start(node.child_by_field_name("body") or node)]
    return "const fn" not in head and "async fn" not in head


def _changes(tree: Tree, body: Node) -> Iterator[tuple[int, int, str, str, float]]:
    for node in find(body, *_KINDS):
        yield from _KINDS[node.type](tree, node)


def _operator(tree: Tree, node: Node) -> Iterator[tuple[int, int, str, str, float]]:
    sign = node.child_by_field_name("operator")
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    if sign is None or left is None or right is None:
        return
    place = (tree.start(sign), tree.end(sign))
    for other, prior in _OPERATORS.get(tree.of(sign), ()):
        yield *place, other, f"Write `{other}` for `{tree.of(sign)}`", prior
    if tree.of(sign) in ("-", "/", "%"):
        whole = (tree.start(node), tree.end(node))
        new = f"{tree.of(right)} {tree.of(sign)} {tree.of(left)}"
        yield *whole, new, f"Exchange the sides of `{tree.of(sign)}`", 0.35
    if tree.of(sign) == "-" and node.type == "binary_expression" and up(node, "argument_list") is not None:
        new = f"max({tree.of(node)}, 0)"  # Go's own since 1.21; no function of Rust's prelude
        yield tree.start(node), tree.end(node), new, f"Write `{new}`", 0.44


def _number(tree: Tree, node: Node) -> Iterator[tuple[int, int, str, str, float]]:
    text = tree.of(node)
    if text.isdigit() and up(node, "match_pattern", "array_type", "const_declaration") is None:
        indexes = node.parent is not None and node.parent.type == "index_expression"
        for other in (int(text) + 1, int(text) - 1):
            if other >= 0:
                prior = 0.34 if indexes else 0.42
                yield tree.start(node), tree.end(node), str(other), f"Write {other} for {text}", prior


def _truth(tree: Tree, node: Node) -> Iterator[tuple[int, int, str, str, float]]:
    text = tree.of(node)
    if text in ("true", "false"):
        other = "false" if text == "true" else "true"
        yield tree.start(node), tree.end(node), other, f"Write {other} for {text}", 0.45


def _word(tree: Tree, node: Node) -> Iterator[tuple[int, int, str, str, float]]:
    text = tree.of(node)
    if text in _SWAPPED:
        other = _SWAPPED[text]
        yield tree.start(node), tree.end(node), other, f"Write `{other}` for `{text}`", 0.55


def _jump(tree: Tree, node: Node) -> Iterator[tuple[int, int, str, str, float]]:
    text = tree.of(node)
    for one, two in (("break", "continue"), ("continue", "break")):
        if text.rstrip(";") == one:
            yield tree.start(node), tree.start(node) + len(one), two, f"Write `{two}` for `{one}`", 0.42


def _condition(tree: Tree, node: Node) -> Iterator[tuple[int, int, str, str, float]]:
    test = node.child_by_field_name("condition")
    if test is not None and test.type not in ("let_condition", "let_chain", "binary_expression"):
        place = (tree.start(test), tree.end(test))
        text = tree.of(test)
        if text.startswith("!"):
            yield *place, text[1:], "Do not negate the condition", 0.5
        else:
            yield *place, f"!({text})" if " " in text else f"!{text}", "Negate the condition", 0.5


def _arguments(tree: Tree, node: Node) -> Iterator[tuple[int, int, str, str, float]]:
    given = node.named_children
    for one, two in pairwise(given):
        if one.type == two.type == "identifier":
            new = f"{tree.of(two)}{tree.text[tree.end(one) : tree.start(two)]}{tree.of(one)}"
            yield tree.start(one), tree.end(two), new, "Exchange the arguments", 0.4


def _index(tree: Tree, node: Node) -> Iterator[tuple[int, int, str, str, float]]:
    inner = node.child_by_field_name("index") or (node.named_children[1] if node.named_child_count > 1 else None)
    parts = [inner] if node.type == "index_expression" else [node.child_by_field_name(e) for e in ("start", "end")]
    for part in parts:
        if part is None or part.type not in ("identifier", "binary_expression", "call_expression"):
            continue
        for step in (" - 1", " + 1"):
            yield tree.end(part), tree.end(part), step, f"Index by `{tree.of(part)}{step}`"[:80], 0.38


def _range(tree: Tree, node: Node) -> Iterator[tuple[int, int, str, str, float]]:
    for each in node.children:
        for other, prior in _OPERATORS.get(tree.of(each), ()) if each.type in ("..", "..=") else ():
            if node.named_child_count == 2:
                yield tree.start(each), tree.end(each), other, f"Write `{other}` for `{each.type}`", prior


def _statement(tree: Tree, node: Node) -> Iterator[tuple[int, int, str, str, float]]:
    """A statement that is done though it should not be. Only those whose absence no compiler minds."""
    if node.parent is not None and node.parent.type in ("block", "statement_list"):
        line = tree.of(node).partition("\n")[0][:50]
        yield tree.start(node), tree.end(node), "", f"Leave out `{line}`", 0.22


_KINDS = {
    **dict.fromkeys(_BINARY, _operator),
    **dict.fromkeys(("int_literal", "integer_literal"), _number),
    **dict.fromkeys(("true", "false", "boolean_literal"), _truth),
    **dict.fromkeys(("identifier", "field_identifier"), _word),
    **dict.fromkeys(("break_statement", "continue_statement", "break_expression", "continue_expression"), _jump),
    **dict.fromkeys(("if_statement", "if_expression", "while_expression"), _condition),
    **dict.fromkeys(("argument_list", "arguments"), _arguments),
    **dict.fromkeys(("index_expression", "slice_expression"), _index),
    "range_expression": _range,
    "inc_statement": _statement,
    "dec_statement": _statement,
}


@dataclass(frozen=True, slots=True)
class Asleep:
    """Files in which the changes lie beside what they change. ``lines`` gives, for a number (counted from 1 in the
    order in which the changes were given), its file and its first and last line there."""

    texts: Mapping[str, str]
    lines: Mapping[int, tuple[str, int, int]]


def asleep(workspace: Workspace, language: Compiled, chosen: Mapping[int, Mutant]) -> Asleep:
    """The texts in which the change of number N runs if the environment's word is N."""
    texts: dict[str, str] = {}
    lines: dict[int, tuple[str, int, int]] = {}
    for name in dict.fromkeys(each.name for each in chosen.values()):
        text = workspace.text(name) or ""
        bodies: dict[tuple[int, int], list[int]] = {}
        for number, each in chosen.items():
            if each.name == name:
                bodies.setdefault(each.body, []).append(number)
        parts: list[str] = []
        at = row = 0
        nested = [one for one in bodies for two in bodies if one != two and two[0] <= one[0] and one[1] <= two[1]]
        for start, end in sorted(set(bodies) - set(nested)):
            head = text[at:start] + _HEAD[language]
            parts.append(head)
            row += head.count("\n")
            for number in sorted(bodies[start, end]):
                change = chosen[number]
                body = text[start : change.start] + change.new + text[change.end : end]
                arm = _ARM[language].format(number=number, body=body if language == "rust" else body[1:-1])
                lines[number] = (name, row, row + arm.count("\n") - 1)
                parts.append(arm)
                row += arm.count("\n")
            own = text[start:end]
            last = _LAST[language].format(body=own if language == "rust" else own[1:-1])
            parts.append(last)
            row += last.count("\n")
            at = end
        whole = "".join([*parts, text[at:]])
        texts[name] = whole if language == "rust" else _with_import(whole)
    return Asleep(texts, lines)


_HEAD = {
    "rust": f'{{ match ::std::env::var("{VARIABLE}").as_deref() {{\n',
    "go": f'{{ switch suture_os.Getenv("{VARIABLE}") {{\n',
}
_ARM = {"rust": 'Ok("{number}") => {body}\n', "go": 'case "{number}":\n{body}\n'}
_LAST = {"rust": "_ => {body}\n}} }}", "go": "default:\n{body}\n}} }}"}


def _with_import(text: str) -> str:
    """The import on the line of the package's clause, so that lines keep their numbers."""
    return re.sub(r"(?m)^package \w+", lambda match: f'{match[0]}; import suture_os "os"', text, count=1)
