"""What it does
    Sets right what names another thing than it should: a file's package clause beside the others of its folder, a
    misspelt label, type arguments of a type that has no parameters, a value of the wrong sort where one variable at
    hand has the right one, a factor with a fraction of a whole number, the address of a value that has none.

Example
    ``break serach`` within a loop that is labelled ``search``

Use instead
    ``break search``

When it stays silent
    More than one thing may be meant.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from ...compiled import go
from ...compiled.syntax import Tree, find, statement_around, up
from ...fault import Fault
from ...repair import Context, Draft, Repair
from ...spelling import closest

_PACKAGES = re.compile(
    r"^found packages (?P<one>\w+) \((?P<first>\S+\.go)\) and (?P<two>\w+) \((?P<second>\S+\.go)\) in (?P<folder>\S+)"
)
_LABEL = re.compile(r"^label \w+ (?:not defined|defined and not used)|^(?:invalid )?(?:break|continue) label ")
_PLAIN_TYPE = re.compile(r"\((?P<name>[\w.]+) is not a generic type\)$|^(?P<other>[\w.]+) is not a generic type$")
_NO_LENGTH = re.compile(
    r"^invalid argument: (?P<value>.+?) \(variable of (?:\w+ )?type (?P<type>.+?)\) for built-in (?:len|cap)$"
)
_TRUNCATED = re.compile(
    r"^(?:cannot use )?[\d.e+-]+ \(untyped float constant\) (?:truncated to|as) (?P<type>\w+)"
    r"|^constant [\d.e+-]+ truncated to (?:integer|(?P<kind>\w+))"
)
_ADDRESS = re.compile(r"cannot take (?:the )?address of (?P<value>.+?) \((?:value|constant|map index|untyped)")


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    tree = go.tree_of(context.text)
    if match := _PACKAGES.search(fault.message):
        yield from _package(context, match)
    elif _LABEL.search(fault.message):
        yield from _label(context, tree)
    elif match := _PLAIN_TYPE.search(fault.message):
        node = up(tree.at(context.offset), "generic_type", "index_expression", "type_instantiation_expression")
        name = match["name"] or match["other"]
        if node is not None and tree.of(node).startswith(f"{name}["):
            yield context.edit(f"Take `{name}` without types", [(tree.start(node), tree.end(node), name)], 0.94)
    elif match := _NO_LENGTH.search(fault.message):
        yield from _other_variable(context, tree, match["value"])
    elif match := _TRUNCATED.search(fault.message):
        yield from _fraction(context, tree, match["type"] or match["kind"] or "int")
    elif _ADDRESS.search(fault.message):
        yield from _addressed(context, tree)


def _package(context: Context, match: re.Match[str]) -> Iterator[Draft]:
    """The folder's most usual package; of two that are as usual the one that is called as the folder."""
    base = match["folder"].rstrip("/").rpartition("/")[2]
    names = [each for each in go.go_files(context.workspace) if each.rpartition("/")[2] == match["first"]]
    for first in names:
        folder = first.rpartition("/")[0]
        other = f"{folder}/{match['second']}" if folder else match["second"]
        if context.workspace.text(other) is None or (folder and folder.rpartition("/")[2] != base):
            continue
        clauses: dict[str, str] = {}
        for name in go.go_files(context.workspace, folder or "."):
            found = re.search(r"(?m)^package (\w+)", context.workspace.text(name) or "")
            if found is not None and not found[1].endswith("_test"):
                clauses[name] = found[1]
        counted = Counter(clauses.values())
        meant = max(counted, key=lambda each: (each == "main" and not folder, counted[each], each == base))
        texts = {
            name: re.sub(r"(?m)^package \w+", f"package {meant}", context.workspace.text(name) or "", count=1)
            for name, clause in clauses.items()
            if clause != meant
        }
        yield Draft(f"Let all files be of the package `{meant}`", texts, 0.93)


def _label(context: Context, tree: Tree) -> Iterator[Draft]:
    function = go.function_around(tree.at(context.offset))
    known = [
        tree.field(each, "label") or tree.of(each).partition(":")[0] for each in find(function, "labeled_statement")
    ]
    for each in find(function, "break_statement", "continue_statement", "goto_statement"):
        used = next(iter(find(each, "label_name")), None)
        if used is None or tree.of(used) in known:
            continue
        meant = closest(tree.of(used), known, count=1)
        for label, score in meant or [(each, 0.7) for each in known[:1]]:
            yield context.edit(f"Write `{label}`", [(tree.start(used), tree.end(used), label)], min(score + 0.1, 0.96))


def _other_variable(context: Context, tree: Tree, value: str) -> Iterator[Draft]:
    """The only variable of the function that has a length."""
    place = context.text.find(value, context.offset)
    kinds = ("string", "[]", "map[", "chan ")
    known = go.locals_at(tree, context.offset)
    fitting = [name for name, kind in known.items() if kind.startswith(kinds) or not kind]
    if place >= 0 and len(fitting) == 1:
        yield context.edit(f"Take `{fitting[0]}`", [(place, place + len(value), fitting[0])], 0.8)


def _fraction(context: Context, tree: Tree, kind: str) -> Iterator[Draft]:
    """Count with fractions, and convert the result."""
    node = up(tree.at(context.offset), "binary_expression")
    left, right = (node.child_by_field_name(side) if node is not None else None for side in ("left", "right"))
    if node is None or left is None or right is None or kind not in go.NUMBERS:
        return
    sign = tree.field(node, "operator")
    parts = [
        tree.of(each) if each.type == "float_literal" else f"float64({tree.of(each).strip('()')})"
        for each in (left, right)
    ]
    new = f"{kind}({parts[0]} {sign} {parts[1]})"
    yield context.edit("Count with fractions, then cut them off", [(tree.start(node), tree.end(node), new)], 0.88)


def _addressed(context: Context, tree: Tree) -> Iterator[Draft]:
    """A variable for the value, whose address can be taken."""
    node = up(tree.at(context.offset), "unary_expression")
    if node is None:
        node = next((e for e in find(statement_around(tree.at(context.offset)), "unary_expression")
                     if tree.field(e, "operator") == "&"), None)  # fmt: skip
    operand = node.child_by_field_name("operand") if node is not None else None
    statement = statement_around(node)
    if node is None or operand is None or statement is None or tree.field(node, "operator") != "&":
        return
    known = go.locals_at(tree, context.offset)
    name = next(each for each in ("value", *(f"value{n}" for n in range(2, 99))) if each not in known)
    place = tree.start(statement)
    line = context.lines.line(context.lines.position(place)[0])
    indent = line[: len(line) - len(line.lstrip())]
    new = f"{name} := {tree.of(operand)}\n{indent}"
    edits = [(place, place, new), (tree.start(operand), tree.end(operand), name)]
    yield context.edit("Take the address of a variable", edits, 0.94)


REPAIR = Repair("go-mixed-up", "Set right what names another thing than it should", propose, languages=("go",))
