"""Small changes of the functions that a failing JavaScript or TypeScript test reaches, and texts in which they all lie
asleep: a function's body stands beside its own changed copies, and a word of the environment says which of them runs
(mutant schemata: Untch, Offutt, Harrold 1993). One compilation serves all trials.

Invariant: pure. Test code is never changed; a copy differs from its function in one place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import pairwise

from tree_sitter import Node

from ..compiled.mutants import VARIABLE, Mutant
from ..workspace import Workspace, is_test
from .modules import imports, resolve
from .syntax import FUNCTIONS, Syntax, enclosing, walk

#: Copies in one text, and modules that are read.
MOST, MODULES = 110, 12
_OPERATORS: Mapping[str, tuple[tuple[str, float], ...]] = {
    "<": (("<=", 0.62), (">", 0.52), (">=", 0.3)),
    "<=": (("<", 0.62), (">=", 0.52), (">", 0.3)),
    ">": ((">=", 0.62), ("<", 0.52), ("<=", 0.3)),
    ">=": ((">", 0.62), ("<=", 0.52), ("<", 0.3)),
    "===": (("!==", 0.5),),
    "!==": (("===", 0.5),),
    "==": (("!=", 0.5),),
    "!=": (("==", 0.5),),
    "+": (("-", 0.52), ("*", 0.3)),
    "-": (("+", 0.52),),
    "*": (("/", 0.45), ("+", 0.38)),
    "/": (("*", 0.45), ("%", 0.4)),
    "%": (("/", 0.42),),
    "&&": (("||", 0.58),),
    "||": (("&&", 0.58), ("??", 0.5)),
    "??": (("||", 0.45),),
    "+=": (("-=", 0.48), ("=", 0.4)),
    "-=": (("+=", 0.48),),
    "*=": (("+=", 0.4),),
    "++": (("--", 0.45),),
    "--": (("++", 0.45),),
}
_TWINS = (
    "floor ceil|floor round|ceil round|min max|some every|shift pop|push unshift|keys values|keys entries|"
    "toUpperCase toLowerCase|indexOf lastIndexOf|find findLast|findIndex findLastIndex|slice splice|trimStart trimEnd|"
    "startsWith endsWith|padStart padEnd|reduce reduceRight|break continue|true false|getMonth getUTCMonth|"
    "getDate getDay|replace replaceAll|sort toSorted|reverse toReversed|test match|first last|parseInt Number"
)
_SWAPPED: dict[str, list[str]] = {}
for _pair in _TWINS.split("|"):
    _one, _two = _pair.split()
    _SWAPPED.setdefault(_one, []).append(_two)
    _SWAPPED.setdefault(_two, []).append(_one)
#: Where the value of a method says less than what it gives.
_VALUES = frozenset({"return_statement", "binary_expression", "unary_expression", "for_in_statement", "spread_element",
                     "parenthesized_expression", "template_substitution", "ternary_expression"})  # fmt: skip
#: Methods that change what they are called on.
_IN_PLACE = frozenset({"sort", "reverse", "splice"})


def mutants(workspace: Workspace, test: str) -> list[Mutant]:
    """Changes of the functions of the modules that a test file imports, and of those that these import; the likeliest
    first. What the test names comes before what it does not."""
    names = [test] if workspace.text(test) is not None else []
    text = workspace.text(test) or ""
    found: list[Mutant] = []
    seen: set[str] = set()
    while names and len(seen) < MODULES:
        name, names = names[0], names[1:]
        if name in seen:
            continue
        seen.add(name)
        syntax = Syntax(workspace.text(name) or "", name)
        for each in imports(syntax):
            target = resolve(workspace, name, each.specifier)
            if target is not None and not target.endswith((".json", ".d.ts")):
                names.append(target)
        if not is_test(name) and not syntax.root.has_error:
            found += _of(syntax, name, text, len(seen))
    found.sort(key=lambda each: -each.prior)
    return found[:MOST]


def _of(syntax: Syntax, name: str, test: str, distance: int) -> Iterator[Mutant]:
    for function in _outermost(syntax.root):
        body = function.child_by_field_name("body")
        if body is None:
            continue
        label = function.child_by_field_name("name")
        if label is None and function.parent is not None:
            label = function.parent.child_by_field_name("name")
        called = label is not None and re.search(rf"\b{re.escape(syntax.of(label))}\b", test) is not None
        factor = (1.0 if called else 0.96) * 0.98**distance
        place = syntax.span(body)
        for start, end, new, title, prior in _changes(syntax, body):
            yield Mutant(name, start, end, new, title, prior * factor, place)


def _outermost(node: Node) -> Iterator[Node]:
    """Functions that lie in no other one."""
    for child in node.children:
        if child.type in FUNCTIONS and child.child_by_field_name("body") is not None:
            yield child
        else:
            yield from _outermost(child)


def _changes(syntax: Syntax, body: Node) -> Iterator[tuple[int, int, str, str, float]]:
    for node in walk(body):
        kind = node.type
        if kind in ("binary_expression", "augmented_assignment_expression", "update_expression"):
            yield from _operator(syntax, node)
        elif kind == "number" and syntax.of(node).isdigit():
            value = int(syntax.of(node))
            for other in (value + 1, value - 1):
                if other >= 0:
                    yield *syntax.span(node), str(other), f"Write {other} for {value}", 0.42
        elif kind in ("property_identifier", "true", "false", "identifier", "break", "continue"):
            for rank, other in enumerate(_SWAPPED.get(syntax.of(node), ())):
                yield *syntax.span(node), other, f"Write `{other}` for `{syntax.of(node)}`", 0.52 - 0.05 * rank
        elif kind in ("if_statement", "while_statement", "ternary_expression"):
            test = node.child_by_field_name("condition")
            if test is not None:
                old = syntax.of(test)
                new = f"(!{old})" if old.startswith("(") else f"!({old})"
                yield *syntax.span(test), new, "Negate the condition", 0.46
        elif kind == "call_expression":
            yield from _call(syntax, node)
        elif kind == "member_expression":
            yield from _uncalled(syntax, node)
        elif kind == "spread_element" and node.parent is not None and node.parent.type == "object":
            inner = syntax.of(node.named_children[0])
            new = f"...structuredClone({inner})"
            yield *syntax.span(node), new, f"Copy `{inner}` with what it holds", 0.46
        elif kind == "return_statement" and node.named_children:
            value = node.named_children[0]
            if value.type == "identifier":
                new = f"[...{syntax.of(value)}]"
                yield *syntax.span(value), new, f"Return a copy of `{syntax.of(value)}`", 0.3


def _operator(syntax: Syntax, node: Node) -> Iterator[tuple[int, int, str, str, float]]:
    sign = node.child_by_field_name("operator")
    if sign is None:
        return
    old = syntax.of(sign)
    for other, prior in _OPERATORS.get(old, ()):
        yield *syntax.span(sign), other, f"Write `{other}` for `{old}`", prior
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    if old in ("-", "/", "%") and left is not None and right is not None:
        new = f"{syntax.of(right)} {old} {syntax.of(left)}"
        yield *syntax.span(node), new, f"Exchange the sides of `{old}`", 0.34
    if old == "-":
        new = f"Math.max({syntax.of(node)}, 0)"
        yield *syntax.span(node), new, f"Write `{new}`", 0.38
    if old == "/" and not _is_rounded(syntax, node):
        for word, prior in (("ceil", 0.5), ("floor", 0.5), ("round", 0.44)):
            new = f"Math.{word}({syntax.of(node)})"
            yield *syntax.span(node), new, f"Write `{new}`", prior


def _is_rounded(syntax: Syntax, node: Node) -> bool:
    call = node.parent.parent if node.parent is not None and node.parent.type == "arguments" else None
    return call is not None and syntax.of(call).startswith("Math.")


def _call(syntax: Syntax, node: Node) -> Iterator[tuple[int, int, str, str, float]]:
    function, given = node.child_by_field_name("function"), node.child_by_field_name("arguments")
    if function is None or given is None:
        return
    owner = function.child_by_field_name("object")
    method = syntax.of(function).rpartition(".")[2]
    if owner is not None and method == "sort":
        if not given.named_children:
            for new, title in (
                ("((a, b) => a - b)", "Sort as numbers"),
                ("((a, b) => b - a)", "Sort as numbers, down"),
            ):
                yield *syntax.span(given), new, title, 0.6 if "down" not in title else 0.45
        elif (turned := _turned(syntax, given.named_children[0])) is not None:
            yield *turned, "Sort the other way", 0.5
    if owner is not None and method in _IN_PLACE and owner.type in ("identifier", "member_expression"):
        yield *syntax.span(owner), f"[...{syntax.of(owner)}]", f"Change a copy of `{syntax.of(owner)}`", 0.56
    if owner is not None and method in ("includes", "indexOf", "startsWith", "endsWith") and given.named_children:
        first = given.named_children[0]
        new = f"{syntax.of(owner)}.toLowerCase().{method}({syntax.of(first)}.toLowerCase())"
        yield *syntax.span(node), new, "Compare without regard to case", 0.36
    if not isinstance(node.parent, Node) or node.parent.type != "await_expression":
        holder = node.parent
        while holder is not None and holder.type not in FUNCTIONS:
            holder = holder.parent
        if holder is not None and any(each.type == "async" for each in holder.children):
            start = syntax.span(node)[0]
            yield start, start, "await ", f"Wait for `{syntax.of(function)}`", 0.5
    for one, two in pairwise(given.named_children):
        if one.type == two.type == "identifier":
            (a, b), (c, d) = syntax.span(one), syntax.span(two)
            yield a, d, f"{syntax.of(two)}{syntax.text[b:c]}{syntax.of(one)}", "Exchange the arguments", 0.4


def _uncalled(syntax: Syntax, node: Node) -> Iterator[tuple[int, int, str, str, float]]:
    """A call of a method of the class that is only named where its value is returned, compared or walked over."""
    owner, name = node.child_by_field_name("object"), node.child_by_field_name("property")
    parent = node.parent
    if owner is None or owner.type != "this" or name is None or parent is None or parent.type not in _VALUES:
        return
    holder = enclosing(node, {"class_body"})
    for each in holder.named_children if holder is not None else ():
        label, parameters = each.child_by_field_name("name"), each.child_by_field_name("parameters")
        accessor = any(child.type in ("get", "set", "static") for child in each.children)
        if each.type != "method_definition" or accessor or label is None or parameters is None:
            continue
        if syntax.of(label) == syntax.of(name) and not parameters.named_children:
            yield *syntax.span(node), f"{syntax.of(node)}()", f"Call `{syntax.of(node)}`", 0.6


def _turned(syntax: Syntax, function: Node) -> tuple[int, int, str] | None:
    """The parameters of a comparison exchanged."""
    given = function.child_by_field_name("parameters")
    if given is None or len(given.named_children) != 2:
        return None
    one, two = given.named_children
    return syntax.span(one)[0], syntax.span(two)[1], f"{syntax.of(two)}, {syntax.of(one)}"


def asleep(workspace: Workspace, chosen: Mapping[int, Mutant]) -> dict[str, str]:
    """The texts in which the change of number N runs if the environment's word is N."""
    texts: dict[str, str] = {}
    for name in dict.fromkeys(each.name for each in chosen.values()):
        text = workspace.text(name) or ""
        bodies: dict[tuple[int, int], list[int]] = {}
        for number, each in chosen.items():
            if each.name == name:
                bodies.setdefault(each.body, []).append(number)
        parts: list[str] = []
        at = 0
        for start, end in sorted(bodies):
            copies = {number: _copy(text, chosen[number]) for number in sorted(bodies[start, end])}
            parts += [text[at:start], _choice(text[start:end], copies)]
            at = end
        whole = "".join([*parts, text[at:]])
        texts[name] = whole if name.endswith((".js", ".mjs", ".cjs", ".jsx")) else f"// @ts-nocheck\n{whole}"
    return texts


def _copy(text: str, change: Mutant) -> str:
    start, end = change.body
    return text[start : change.start] + change.new + text[change.end : end]


def _choice(own: str, copies: Mapping[int, str]) -> str:
    word = f"process.env.{VARIABLE}"
    if own.startswith("{"):
        arms = "".join(f'case "{number}": {body} return;\n' for number, body in copies.items())
        return f"{{ switch ({word}) {{\n{arms}default: {own}\n}} }}"
    arms = "".join(f'{word} === "{number}" ? ({body}) :\n' for number, body in copies.items())
    return f"({arms}({own}))"
