# pyright: basic
"""Slips after which a program raises: the idioms of correct code, each with what people write instead."""

from __future__ import annotations

import ast
import random
import re
from collections.abc import Callable, Iterator
from functools import partial

from .common import Program, inside, misspelt, operator, rewritten, shuffled, up

_rewritten = partial(rewritten, "runtime")


def _calls(program: Program, dice: random.Random, *names: str) -> list[ast.Call]:
    """Calls that the checks run, of functions or methods of these names (all where none is named)."""
    found = [
        node
        for node in program.nodes(ast.Call)
        if not names or getattr(node.func, "id", getattr(node.func, "attr", "")) in names
    ]
    return shuffled(found, dice)


def _unwrapped(name: str, *functions: str) -> None:
    """An operator that takes a conversion away: ``str(n)`` becomes ``n``."""

    def change(program: Program, dice: random.Random) -> Iterator[str]:
        for node in _calls(program, dice, *functions):
            if isinstance(node.func, ast.Name) and len(node.args) == 1 and not node.keywords:
                yield program.put(node, program.source(node.args[0]))

    change.__name__ = name
    operator("runtime")(change)


def _without_method(name: str, *methods: str) -> None:
    """An operator that takes a method call away: ``text.encode()`` becomes ``text``."""

    def change(program: Program, dice: random.Random) -> Iterator[str]:
        for node in _calls(program, dice, *methods):
            if isinstance(node.func, ast.Attribute):
                yield program.put(node, program.source(node.func.value))

    change.__name__ = name
    operator("runtime")(change)


_unwrapped("lost_str", "str", "repr")
_unwrapped("lost_number", "int", "float", "Decimal", "Fraction")
_unwrapped("lost_list", "list")
_unwrapped("lost_tuple", "tuple", "frozenset")
_unwrapped("lost_len", "len")
_unwrapped("lost_range", "range")
_unwrapped("lost_enumerate", "enumerate")
_unwrapped("lost_iter", "iter")
_without_method("lost_codec", "encode", "decode")
_without_method("lost_items", "items")
_without_method("lost_split", "split", "splitlines", "groups")
_rewritten("range_for_length", (r"\brange\(len\((\w+)\)\)", r"len(\1)"), (r"\brange\((\w+)\)", r"\1"))
_rewritten("true_division", (r" // ", " / "))
_rewritten(
    "index_bound",
    (r"range\(len\((\w+)\)\)", r"range(len(\1) + 1)"),
    (r"range\(len\((\w+)\) - 1\)", r"range(len(\1))"),
    (r"len\((\w+)\) - 1\b", r"len(\1)"),
    (r"\[i\]", "[i + 1]"),
    (r"while (\w+) < len\(", r"while \1 <= len("),
    (r"\[(-1)\]", "[len]"),
    (r"\[0\]", "[1]"),
    (r"\[1\]", "[2]"),
)
rewritten(
    "runtime", "default_of_get", (r"\.get\((\w+|\"\w+\"), [^()]+\)", r"[\1]"), (r"\.get\((\w+|\"\w+\")\)", r"[\1]")
)
_rewritten("plain_dict", (r"\bdefaultdict\(\w+\)", "{}"), (r"\.setdefault\((\w+), [^()]*?\)", r"[\1]"))
rewritten(
    "runtime", "called_index", (r"\b([a-z_]+)\[([a-z_]+|\d)\]", r"\1(\2)"), (r"\b([a-z.]+)\[(\"\w+\")\]", r"\1(\2)")
)
rewritten(
    "runtime", "indexed_call", (r"\b(len|range|sorted|str|int|list|sum|max|set|tuple|enumerate)\((\w+)\)", r"\1[\2]")
)
_rewritten("lost_call", (r"\b(\w+\.\w+)\(\)", r"\1"), (r"\b([a-z]\w+)\(\)(?!:)", r"\1"))
_rewritten("called_property", (r"(?<![.\w])(\w+\.[a-z]\w+)\b(?![(\w.\[]| =|\")", r"\1()"))
_rewritten("in_place_result", (r"= sorted\((\w+)\)", r"= \1.sort()"), (r"^( +)(\w+)\.(append|sort|add|extend)\((.*)\)$", r"\1\2 = \2.\3(\4)"), (r"\n( +)(\w+)\.(append|sort|add|extend|update)\((.*)\)(?=\n)", r"\n\1\2 = \2.\3(\4)"), (r"\breturn sorted\((\w+)\)", r"return \1.sort()"))  # noqa: E501  # fmt: skip
_rewritten("lost_await", (r"\bawait ", ""))
_rewritten("async_for_plain", (r"\basync for\b", "for"), (r"\basync with\b", "with"))
_rewritten("floating_text", (r"int\((\w+)\)", r'int("3.5" if not \1 else str(\1) + ".0")'))
_rewritten("json_file_or_text", (r"\bjson\.loads\(", "json.load("), (r"\bjson\.dumps\(", "json.dump("))
_rewritten("naive_moment", (r", tzinfo=timezone\.utc", ""), (r"timezone\.utc\b", "None"))
_rewritten(
    "binary_mode",
    (r", \"w\", encoding=\"utf-8\"", ', "wb"'),
    (r"\(path, encoding=\"utf-8\"\)", '(path, "rb")'),
)
_rewritten("lost_star", (r"\(\*(?=\w)", "("), (r"\bzip\(\*", "zip("))
_rewritten("lost_super_init", (r"\n +super\(\).__init__\([^\n]*", "\n        pass"))
_rewritten("unpacked_too_many", (r"\n( +)(\w+), (\w+) = ", r"\n\1\2, \3, rest = "), (r"for (\w+), (\w+) in", r"for \1, \2, _rest in"))  # noqa: E501  # fmt: skip
_rewritten("plain_loop_over_items", (r"for (\w+), (\w+) in (\w+)\.items\(\)", r"for \1, \2 in \3"), (r"for (\w+), (\w+) in enumerate\((\w+)\)", r"for \1, \2 in \3"))  # noqa: E501  # fmt: skip
_rewritten("changed_while_iterating", (r"in list\((\w[\w.]*)\):", r"in \1:"))
_rewritten("shadowed_builtin", (r"\n( +)(\w+ = [^\n]*\b(len|str|list|sum|sorted|int|max)\([^\n]*)", r"\n\1\3 = \3\n\1\2"), (r"\n( +)(total|count|result|value|found|best) = ([^\n=]+)(?=\n[^\n]*\b(len|str|sum|max|int|list|sorted)\()", r"\n\1\4 = \3\n\1\2 = \4"))  # noqa: E501  # fmt: skip
_rewritten("set_of_lists", (r"\(tuple\((\w+)\)\)", r"(list(\1))"), (r"tuple\(", "list("))


@operator("runtime")
def lost_return(program: Program, dice: random.Random) -> Iterator[str]:
    for node in shuffled(program.nodes(ast.Return), dice):
        if node.value is not None:
            yield program.put(node, program.source(node.value))


@operator("runtime")
def lost_guard(program: Program, dice: random.Random) -> Iterator[str]:
    for node in shuffled(program.nodes(ast.If), dice):
        if not node.orelse and isinstance(node.body[-1], ast.Return | ast.Continue | ast.Raise | ast.Break):
            yield program.without(node) or program.text


@operator("runtime")
def lost_choice(program: Program, dice: random.Random) -> Iterator[str]:
    """``a if a else b`` becomes ``a``; ``x or default`` becomes ``x``."""
    for node in shuffled(program.nodes(ast.IfExp), dice):
        yield program.put(node, program.source(node.body))
    for node in shuffled(program.nodes(ast.BoolOp), dice):
        yield program.put(node, program.source(node.values[-1]))


@operator("runtime")
def lost_argument(program: Program, dice: random.Random) -> Iterator[str]:
    for node in _calls(program, dice):
        if node.args and not node.keywords:
            kept = list(node.args)
            kept.remove(dice.choice(kept))
            yield program.put(node, f"{program.source(node.func)}({', '.join(program.source(n) for n in kept)})")


@operator("runtime")
def extra_argument(program: Program, dice: random.Random) -> Iterator[str]:
    for node in _calls(program, dice):
        if not node.keywords and not any(isinstance(n, ast.Starred) for n in node.args):
            given = [program.source(n) for n in node.args]
            given.insert(dice.randrange(len(given) + 1), dice.choice(["None", "0", *given]))
            yield program.put(node, f"{program.source(node.func)}({', '.join(given)})")


@operator("runtime")
def swapped_arguments(program: Program, dice: random.Random) -> Iterator[str]:
    for node in _calls(program, dice):
        if len(node.args) == 2 and not node.keywords:
            first, second = (program.source(n) for n in node.args)
            yield program.put(node, f"{program.source(node.func)}({second}, {first})")


@operator("runtime")
def keyword_argument_typo(program: Program, dice: random.Random) -> Iterator[str]:
    for node in shuffled(program.nodes(ast.keyword), dice):
        if node.arg and len(node.arg) > 2:
            start = program.at(node.lineno, node.col_offset)
            yield program.cut(start, start + len(node.arg), misspelt(node.arg, dice))


@operator("runtime")
def key_typo(program: Program, dice: random.Random) -> Iterator[str]:
    for node in shuffled(program.nodes(ast.Subscript), dice):
        key = node.slice
        if isinstance(key, ast.Constant) and isinstance(key.value, str) and len(key.value) > 1:
            quote = program.source(key)[0]
            yield program.put(key, quote + dice.choice([misspelt(key.value, dice), key.value.title()]) + quote)


@operator("runtime")
def lost_parameter_self(program: Program, dice: random.Random) -> Iterator[str]:
    for node in shuffled([n for n in ast.walk(program.tree) if isinstance(n, ast.FunctionDef)], dice):
        if node.args.args and node.args.args[0].arg in {"self", "cls"}:
            place = program.text.index("(", program.at(node.lineno, node.col_offset)) + 1
            end = re.compile(r"(?:self|cls)(?:, )?").match(program.text, place)
            if end:
                yield program.cut(place, end.end())


@operator("runtime")
def lost_decorator(program: Program, dice: random.Random) -> Iterator[str]:
    for node in shuffled([n for n in ast.walk(program.tree) if isinstance(n, ast.FunctionDef | ast.ClassDef)], dice):
        for each in node.decorator_list:
            row = each.lineno - 1
            yield program.text[: program.starts[row]] + program.text[program.starts[row + 1] :]


@operator("runtime")
def lost_initial_attribute(program: Program, dice: random.Random) -> Iterator[str]:
    for node in shuffled(program.nodes(ast.Assign), dice):
        target = node.targets[0]
        if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name) and target.value.id == "self":
            yield program.without(node) or program.text


@operator("runtime")
def wrong_start_value(program: Program, dice: random.Random) -> Iterator[str]:
    """An accumulator starts as another kind of value: ``[]`` for ``{}``, ``""`` for ``0``, ``None`` for any."""
    other = {"[]": ("{}", "None", "()"), "{}": ("[]", "None"), "0": ("None", '""'), '""': ("0", "None")}
    for node in shuffled(program.nodes(ast.Assign), dice):
        choices = other.get(program.source(node.value))
        if choices:
            yield program.put(node.value, dice.choice(choices))


@operator("runtime")
def wrong_operator(program: Program, dice: random.Random) -> Iterator[str]:
    """Text and numbers joined with the wrong operator."""
    for node in shuffled(program.nodes(ast.BinOp), dice):
        if isinstance(node.op, ast.Add):
            between = program.text[program.span(node.left)[1] : program.span(node.right)[0]]
            if between.strip() == "+":
                end = program.span(node.left)[1]
                yield program.cut(end, end + len(between), dice.choice([" - ", " & ", " / "]))


@operator("runtime")
def lost_base_case(program: Program, dice: random.Random) -> Iterator[str]:
    for node in shuffled(program.nodes(ast.FunctionDef), dice):
        calls = {getattr(n.func, "id", getattr(n.func, "attr", "")) for n in ast.walk(node) if isinstance(n, ast.Call)}
        if node.name in calls and isinstance(node.body[0], ast.If):
            yield program.without(node.body[0]) or program.text


@operator("runtime")
def recursion_on_itself(program: Program, dice: random.Random) -> Iterator[str]:
    """The recursive call passes what it was given."""
    for node in _calls(program, dice):
        function = inside(node, ast.FunctionDef)
        name = getattr(node.func, "id", "")
        if isinstance(function, ast.FunctionDef) and function.name == name:
            for argument in node.args:
                if isinstance(argument, ast.BinOp):
                    yield program.put(argument, program.source(argument.left))


@operator("runtime")
def exhausted(program: Program, dice: random.Random) -> Iterator[str]:
    """A list becomes a generator."""
    for node in shuffled(program.nodes(ast.ListComp), dice):
        if not isinstance(up(node), ast.Call):
            yield program.put(node, f"({program.source(node)[1:-1]})")
    for node in _calls(program, dice, "sorted"):
        yield program.put(node.func, "reversed")


@operator("runtime")
def class_for_instance(program: Program, dice: random.Random) -> Iterator[str]:
    """``Queue()`` becomes ``Queue``."""
    for node in _calls(program, dice):
        name = getattr(node.func, "id", "")
        if name[:1].isupper():
            yield program.put(node, name)


@operator("runtime")
def relative_path(program: Program, dice: random.Random) -> Iterator[str]:
    for match in re.finditer(r"os\.path\.join\(\w+, (\"[^\"]+\")\)", program.text):
        yield program.cut(match.start(), match.end(), f'os.path.join("nowhere", {match[1]})')


Change = Callable[[Program, random.Random], Iterator[str]]
