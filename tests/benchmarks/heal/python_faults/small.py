# pyright: basic
"""Slips that are typical of a program of ten lines: of its one loop, its one return, its first print."""

from __future__ import annotations

import ast
import random
import re
import token as kinds
from collections.abc import Iterator

from .common import Program, operator, shuffled, up


@operator("syntax")
def lost_opener_of_def(program: Program, dice: random.Random) -> Iterator[str]:
    """``def total(values):`` becomes ``def total values):``."""
    for match in shuffled(list(re.finditer(r"(?<=def )(\w+) ?\((?=[^)])", program.text)), dice):  # type: ignore[type-var]
        yield program.cut(match.start(), match.end(), f"{match[1]} ")


@operator("syntax")
def doubled_closer(program: Program, dice: random.Random) -> Iterator[str]:
    found = [each for each in program.tokens if each.kind in {kinds.RPAR, kinds.RSQB, kinds.RBRACE}]
    for each in shuffled(found, dice):  # type: ignore[type-var]
        yield program.cut(each.start, each.end, each.text * 2)


@operator("syntax")
def lost_level(program: Program, dice: random.Random) -> Iterator[str]:
    """A line that stands as deep as the head that it belongs to."""
    for node in shuffled([n for n in ast.walk(program.tree) if isinstance(n, ast.stmt)], dice):
        parent = up(node)
        if isinstance(parent, ast.stmt) and node.lineno > parent.lineno:
            row = node.lineno - 1
            line = program.lines[row]
            outer = program.lines[parent.lineno - 1]
            deep = outer[: len(outer) - len(outer.lstrip())]
            start = program.starts[row]
            yield program.cut(start, start + len(line), deep + line.lstrip())


@operator("syntax")
def printed_without_brackets(program: Program, dice: random.Random) -> Iterator[str]:
    for node in shuffled([n for n in ast.walk(program.tree) if isinstance(n, ast.Call)], dice):
        if isinstance(node.func, ast.Name) and node.func.id == "print" and node.args:
            yield program.put(node, "print " + ", ".join(program.source(each) for each in node.args))


def with_print(program: Program, dice: random.Random) -> str | None:
    """The same program, saying a value that it assigns."""
    for node in shuffled(program.nodes(ast.Assign), dice):
        target = node.targets[0]
        parent = up(node)
        if isinstance(target, ast.Name) and isinstance(parent, ast.FunctionDef) and node.end_lineno:
            indent = re.match(r"\s*", program.lines[node.lineno - 1])[0]  # type: ignore[index]
            place = program.starts[node.end_lineno]
            return program.cut(place, place, f'{indent}print("result", {target.id})\n')
    return None


@operator("name")
def capital_first(program: Program, dice: random.Random) -> Iterator[str]:
    for node in shuffled(program.nodes(ast.Name), dice):
        if isinstance(node.ctx, ast.Load) and node.id[0].islower():
            yield program.put(node, node.id[0].upper() + node.id[1:])


@operator("name")
def capital_attribute(program: Program, dice: random.Random) -> Iterator[str]:
    for node in shuffled(program.nodes(ast.Attribute), dice):
        if isinstance(node.ctx, ast.Load) and node.attr[0].islower():
            end = program.span(node)[1]
            yield program.cut(end - len(node.attr), end, node.attr[0].upper() + node.attr[1:])


@operator("runtime")
def index_plus_one(program: Program, dice: random.Random) -> Iterator[str]:
    for node in shuffled(program.nodes(ast.Subscript), dice):
        if not isinstance(node.slice, ast.Slice | ast.Tuple):
            yield program.put(node.slice, program.source(node.slice) + " + 1")


@operator("runtime")
def indexed_method(program: Program, dice: random.Random) -> Iterator[str]:
    """``found.append(n)`` becomes ``found.append[n]``, ``f(n)`` becomes ``f[n]``."""
    for node in shuffled(program.nodes(ast.Call), dice):
        if len(node.args) == 1 and not node.keywords:
            yield program.put(node, f"{program.source(node.func)}[{program.source(node.args[0])}]")


@operator("runtime")
def called_list(program: Program, dice: random.Random) -> Iterator[str]:
    """``words[i]`` becomes ``words(i)``."""
    for node in shuffled(program.nodes(ast.Subscript), dice):
        if not isinstance(node.slice, ast.Slice | ast.Tuple) and isinstance(node.ctx, ast.Load):
            yield program.put(node, f"{program.source(node.value)}({program.source(node.slice)})")


@operator("runtime")
def list_for_text(program: Program, dice: random.Random) -> Iterator[str]:
    for node in shuffled(program.nodes(ast.Call), dice):
        if isinstance(node.func, ast.Name) and node.func.id in {"str", "tuple", "frozenset"}:
            yield program.put(node.func, "list")


@operator("runtime")
def bare_division(program: Program, dice: random.Random) -> Iterator[str]:
    """``n//2`` becomes ``n/2``, whatever blanks there are."""
    for match in shuffled(list(re.finditer(r"//(?!=)", program.text)), dice):  # type: ignore[type-var]
        yield program.cut(match.start(), match.end(), "/")


@operator("runtime")
def repeated_argument(program: Program, dice: random.Random) -> Iterator[str]:
    for node in shuffled(program.nodes(ast.Call), dice):
        if node.args and not node.keywords:
            end = program.span(node.args[-1])[1]
            yield program.cut(end, end, f", {program.source(node.args[-1])}")


@operator("runtime")
def lost_membership_guard(program: Program, dice: random.Random) -> Iterator[str]:
    """``if key in table: (…) else: (…)`` becomes its first branch."""
    for node in shuffled(program.nodes(ast.If), dice):
        if node.orelse and isinstance(node.test, ast.Compare) and program.text[program.span(node)[0]] == "i":
            indent = " " * node.col_offset
            rows = program.lines[node.body[0].lineno - 1 : node.body[-1].end_lineno]
            deep = len(rows[0]) - len(rows[0].lstrip())
            lead = program.lines[node.lineno - 1][: len(indent)]
            new = "\n".join(lead + row[deep:] for row in rows)
            first, last = program.starts[node.lineno - 1], program.span(node)[1]
            yield program.cut(first, last, new)


@operator("logic")
def lost_return_of_value(program: Program, dice: random.Random) -> Iterator[str]:
    for node in shuffled(program.nodes(ast.Return), dice):
        if node.value is not None:
            yield program.put(node, program.source(node.value))


@operator("logic")
def deeper_return(program: Program, dice: random.Random) -> Iterator[str]:
    """A ``return`` behind a loop stands as deep as what is deepest in it."""
    for node in shuffled(program.nodes(ast.Return), dice):
        body = getattr(up(node), "body", [])
        place = body.index(node) if node in body else 0
        loop = body[place - 1] if place else None
        if isinstance(loop, ast.For | ast.While):
            last = program.lines[(loop.end_lineno or 1) - 1]
            row = node.lineno - 1
            line = program.lines[row]
            lead = last[: len(last) - len(last.lstrip())]
            start = program.starts[row]
            yield program.cut(start, start + len(line), lead + line.lstrip())


@operator("logic")
def other_start_value(program: Program, dice: random.Random) -> Iterator[str]:
    for node in shuffled(program.nodes(ast.Assign), dice):
        value = node.value
        if isinstance(value, ast.Constant) and type(value.value) is int and isinstance(node.targets[0], ast.Name):
            yield program.put(value, str(value.value + 1))
        elif isinstance(value, ast.Constant) and isinstance(value.value, bool):
            yield program.put(value, str(not value.value))


@operator("logic")
def shared_default(program: Program, dice: random.Random) -> Iterator[str]:
    """``items=None`` with ``if items is None: items = []`` becomes ``items=[]``."""
    pattern = r"\b(\w+)=None\b([^\n]*\n)\s+if \1 is None:\s*\n?\s+\1 = (\[\]|\{\}|set\(\))\n"
    for match in shuffled(list(re.finditer(pattern, program.text)), dice):  # type: ignore[type-var]
        yield program.cut(match.start(), match.end(), f"{match[1]}={match[3]}{match[2]}")


@operator("logic")
def lost_statement(program: Program, dice: random.Random) -> Iterator[str]:
    for node in shuffled(program.nodes(ast.stmt), dice):
        if isinstance(node, ast.Assign | ast.AugAssign | ast.Expr):
            text = program.without(node)
            if text is not None:
                yield text


@operator("logic")
def lost_negation(program: Program, dice: random.Random) -> Iterator[str]:
    for node in shuffled(program.nodes(ast.UnaryOp), dice):
        if isinstance(node.op, ast.Not):
            yield program.put(node, program.source(node.operand))
