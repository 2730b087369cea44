# pyright: basic
"""A second family of slips after which a program raises, written after the repairs: to see whether they fit one family.

Their class is ``other``, so that the figures of the first family (``runtime``) stay comparable.
"""

from __future__ import annotations

import ast
import random
from collections.abc import Iterator
from functools import partial

from .common import Program, operator, rewritten, shuffled

_rewritten = partial(rewritten, "other")

_rewritten("index_past_the_end", (r"\[(i|j|k|n|index)\]", r"[\1 + 1]"), (r"\[-1\]", "[1]"), (r"\[0\]", "[1]"))
_rewritten("tuple_for_list", (r"= \[\]$", "= ()"), (r"= \[\]\n", "= ()\n"))
_rewritten("dict_for_set", (r"= set\(\)\n", "= {}\n"), (r"= \[\]\n", "= {}\n"))
_rewritten("text_for_number", (r" = 0\n", ' = "0"\n'), (r" = 1\n", ' = "1"\n'), (r" \+ 1\b", ' + "1"'))
rewritten(
    "other", "other_separator", (r"\.split\(\",\"\)", '.split(";")'), (r"\.split\((['\"])(.)\1\)", r".split(\1;\1)")
)
_rewritten("attribute_for_key", (r"\b([a-z]\w*)\[['\"](\w+)['\"]\]", r"\1.\2"))
_rewritten("key_for_attribute", (r"\b((?!self\b|cls\b)[a-z]\w*)\.([a-z]\w*)\b(?![(.])", r'\1["\2"]'))
_rewritten("other_container", (r"\.append\(", ".add("), (r"\.add\(", ".append("), (r"\.extend\(", ".update("),
           (r"\.popleft\(\)", ".pop(0)"), (r"\.get\(", ".find("))  # fmt: skip
rewritten(
    "other", "lost_values", (r"\b(\w+(?:\.\w+)*)\.values\(\)", r"\1"), (r"\b(\w+(?:\.\w+)*)\.keys\(\)", r"\1.keys")
)
_rewritten(
    "swapped_targets",
    (r"\bfor (\w+), (\w+) in\b", r"for \2, \1 in"),
    (r"\n( +)(\w+), (\w+) = ", r"\n\1\3, \2 = "),
)
_rewritten("list_of_types", (r"\bisinstance\((\w+), \(([\w., ]+)\)\)", r"isinstance(\1, [\2])"))
_rewritten("joined_by_plus", (r"((['\"]).{0,3}\2)\.join\((\w+)\)", r"\1 + \3"))
_rewritten("not_created", (r"= ([A-Z]\w+)\(\)\n", r"= \1\n"), (r"= ([a-z]\w*\.[A-Z]\w*)\(\)\n", r"= \1\n"))
_rewritten("method_as_function", (r"\b([a-z]\w*)\.(lower|upper|strip|keys|values|split)\(\)", r"\2(\1)"))


@operator("other")
def bare_return(program: Program, dice: random.Random) -> Iterator[str]:
    """``return value`` becomes ``return``."""
    for node in shuffled(program.nodes(ast.Return), dice):
        if node.value is not None and not isinstance(node.value, ast.Constant):
            yield program.put(node, "return")


@operator("other")
def lost_default(program: Program, dice: random.Random) -> Iterator[str]:
    """The last parameter has no default any more."""
    for node in shuffled([each for each in ast.walk(program.tree) if isinstance(each, ast.FunctionDef)], dice):
        if node.args.defaults:
            default = node.args.defaults[-1]
            start, end = program.span(default)
            before = program.text[:start].rstrip()
            if before.endswith("="):
                yield program.cut(len(before[:-1].rstrip()), end)


@operator("other")
def doubled_conversion(program: Program, dice: random.Random) -> Iterator[str]:
    """An argument is given as a list of itself."""
    for node in shuffled(program.nodes(ast.Call), dice):
        if node.args and isinstance(node.args[0], ast.Name):
            yield program.put(node.args[0], f"[{node.args[0].id}]")


@operator("other")
def lost_operand_call(program: Program, dice: random.Random) -> Iterator[str]:
    """``len(x) > 2`` becomes ``x > 2``: the function around an operand is lost."""
    for node in shuffled(program.nodes(ast.Compare), dice):
        if isinstance(node.left, ast.Call) and len(node.left.args) == 1 and isinstance(node.left.func, ast.Name):
            yield program.put(node.left, program.source(node.left.args[0]))
