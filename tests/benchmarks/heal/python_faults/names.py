# pyright: basic
"""Slips after which a name, an attribute or an import is not found."""

from __future__ import annotations

import ast
import builtins
import random
import re
from collections.abc import Callable, Iterator

from .common import Program, inside, misspelt, operator, shuffled

_BUILTINS = frozenset(dir(builtins))


def _scope(node: ast.AST) -> ast.AST | None:
    return inside(node, ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


def _locals(function: ast.AST) -> set[str]:
    found = {n.id for n in ast.walk(function) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
        found |= {each.arg for each in ast.walk(function.args) if isinstance(each, ast.arg)}
    return found


def _loads(program: Program, dice: random.Random, test: Callable[[ast.Name], object]) -> list[ast.Name]:
    return shuffled([n for n in program.nodes(ast.Name) if isinstance(n.ctx, ast.Load) and len(n.id) > 2 and test(n)],
                    dice)  # fmt: skip


def _is_local(node: ast.Name) -> bool:
    function = _scope(node)
    return function is not None and node.id in _locals(function)


@operator("name")
def local_typo(program: Program, dice: random.Random) -> Iterator[str]:
    for node in _loads(program, dice, _is_local):
        yield program.put(node, misspelt(node.id, dice))


@operator("name")
def local_case(program: Program, dice: random.Random) -> Iterator[str]:
    for node in _loads(program, dice, _is_local):
        yield program.put(node, dice.choice([node.id.title(), node.id.upper(), _camel(node.id)]))


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.title() for word in rest)


@operator("name")
def global_typo(program: Program, dice: random.Random) -> Iterator[str]:
    for node in _loads(program, dice, lambda node: not _is_local(node) and node.id not in _BUILTINS):
        yield program.put(node, misspelt(node.id, dice))


@operator("name")
def builtin_typo(program: Program, dice: random.Random) -> Iterator[str]:
    for node in _loads(program, dice, lambda node: node.id in _BUILTINS):
        yield program.put(node, dice.choice([misspelt(node.id, dice), node.id.title()]))


@operator("name")
def binding_typo(program: Program, dice: random.Random) -> Iterator[str]:
    """The definition is misspelt, its uses are right."""
    for node in shuffled([n for n in program.nodes(ast.Name) if isinstance(n.ctx, ast.Store) and len(n.id) > 2], dice):
        yield program.put(node, misspelt(node.id, dice))


@operator("name")
def parameter_typo(program: Program, dice: random.Random) -> Iterator[str]:
    for node in shuffled([n for n in ast.walk(program.tree) if isinstance(n, ast.arg)], dice):
        if len(node.arg) > 2:
            start = program.at(node.lineno, node.col_offset)
            yield program.cut(start, start + len(node.arg), misspelt(node.arg, dice))


@operator("name")
def definition_typo(program: Program, dice: random.Random) -> Iterator[str]:
    kinds = (ast.FunctionDef, ast.ClassDef, ast.AsyncFunctionDef)
    for node in shuffled([n for n in ast.walk(program.tree) if isinstance(n, kinds)], dice):
        place = re.compile(rf"\b{node.name}\b").search(program.text, program.at(node.lineno, node.col_offset))
        if place and not node.name.startswith("__") and len(node.name) > 2:
            yield program.cut(place.start(), place.end(), misspelt(node.name, dice))


def _attributes(program: Program, dice: random.Random, test: Callable[[ast.Attribute], object]) -> list[ast.Attribute]:
    found = [n for n in program.nodes(ast.Attribute) if isinstance(n.ctx, ast.Load) and len(n.attr) > 2 and test(n)]
    return shuffled(found, dice)


def _renamed(program: Program, node: ast.Attribute, new: str) -> str:
    end = program.span(node)[1]
    return program.cut(end - len(node.attr), end, new)


def _imported(program: Program) -> set[str]:
    return {
        alias.asname or alias.name.partition(".")[0]
        for node in ast.walk(program.tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    }


def _of_module(program: Program) -> Callable[[ast.Attribute], bool]:
    known = _imported(program)
    return lambda node: isinstance(node.value, ast.Name) and node.value.id in known


@operator("name")
def attribute_typo(program: Program, dice: random.Random) -> Iterator[str]:
    module = _of_module(program)
    for node in _attributes(program, dice, lambda node: not module(node)):
        yield _renamed(program, node, misspelt(node.attr, dice))


@operator("name")
def attribute_case(program: Program, dice: random.Random) -> Iterator[str]:
    for node in _attributes(program, dice, lambda node: True):
        yield _renamed(program, node, dice.choice([node.attr.title(), _camel(node.attr), node.attr.lower()]))


@operator("name")
def module_function_typo(program: Program, dice: random.Random) -> Iterator[str]:
    for node in _attributes(program, dice, _of_module(program)):
        yield _renamed(program, node, misspelt(node.attr, dice))


@operator("name")
def setter_typo(program: Program, dice: random.Random) -> Iterator[str]:
    for node in shuffled([n for n in program.nodes(ast.Attribute) if isinstance(n.ctx, ast.Store)], dice):
        if len(node.attr) > 2:
            yield _renamed(program, node, misspelt(node.attr, dice))


@operator("name")
def module_typo(program: Program, dice: random.Random) -> Iterator[str]:
    for node in shuffled([n for n in ast.walk(program.tree) if isinstance(n, ast.Import | ast.ImportFrom)], dice):
        name = node.module if isinstance(node, ast.ImportFrom) else node.names[0].name
        if name and len(name) > 2:
            part = dice.choice(name.split("."))
            start = program.text.index(part, program.span(node)[0] + 5)
            if len(part) > 1:
                yield program.cut(start, start + len(part), dice.choice([misspelt(part, dice), part.title()]))


@operator("name")
def imported_name_typo(program: Program, dice: random.Random) -> Iterator[str]:
    for node in shuffled([n for n in ast.walk(program.tree) if isinstance(n, ast.ImportFrom)], dice):
        name = dice.choice(node.names).name
        if len(name) > 2:
            begin = program.text.index(" import ", program.span(node)[0])
            place = re.compile(rf"\b{name}\b").search(program.text, begin + 7)
            assert place
            yield program.cut(place.start(), place.end(), misspelt(name, dice))


@operator("name")
def lost_import(program: Program, dice: random.Random) -> Iterator[str]:
    for node in shuffled([n for n in program.tree.body if isinstance(n, ast.Import | ast.ImportFrom)], dice):
        text = program.without(node)
        if text is not None:
            yield text


@operator("name")
def lost_imported_name(program: Program, dice: random.Random) -> Iterator[str]:
    for node in shuffled([n for n in program.tree.body if isinstance(n, ast.ImportFrom) and len(n.names) > 1], dice):
        kept = list(node.names)
        kept.remove(dice.choice(kept))
        yield program.put(node, f"from {'.' * node.level}{node.module or ''} import "
                          + ", ".join(ast.unparse(alias) for alias in kept))  # fmt: skip


@operator("name")
def wrong_module(program: Program, dice: random.Random) -> Iterator[str]:
    modules = ["collections", "itertools", "functools", "typing", "math", "os", "operator", "datetime", "string"]
    for node in shuffled([n for n in program.tree.body if isinstance(n, ast.ImportFrom) and n.module], dice):
        yield program.put(node, f"from {dice.choice([m for m in modules if m != node.module])} import "
                          + ", ".join(ast.unparse(alias) for alias in node.names))  # fmt: skip


@operator("name")
def module_for_its_name(program: Program, dice: random.Random) -> Iterator[str]:
    """``from datetime import datetime`` becomes ``import datetime``."""
    for node in shuffled([n for n in program.tree.body if isinstance(n, ast.ImportFrom) and n.module], dice):
        yield program.put(node, f"import {node.module}")


@operator("name")
def name_for_its_module(program: Program, dice: random.Random) -> Iterator[str]:
    """``math.hypot(x, y)`` becomes ``hypot(x, y)``."""
    for node in _attributes(program, dice, _of_module(program)):
        yield program.put(node, node.attr)


@operator("name")
def lost_self(program: Program, dice: random.Random) -> Iterator[str]:
    for node in shuffled(program.nodes(ast.Attribute), dice):
        if isinstance(node.value, ast.Name) and node.value.id in {"self", "cls"} and isinstance(node.ctx, ast.Load):
            yield program.put(node, node.attr)


@operator("name")
def foreign_self(program: Program, dice: random.Random) -> Iterator[str]:
    for node in _loads(program, dice, lambda node: node.id == "self"):
        yield program.put(node, dice.choice(["this", "slef", "Self", "sef"]))


@operator("name")
def lost_scope_statement(program: Program, dice: random.Random) -> Iterator[str]:
    for node in shuffled(program.nodes(ast.stmt), dice):
        if isinstance(node, ast.Global | ast.Nonlocal):
            yield program.without(node) or program.text
    for node in ast.walk(program.tree):
        if isinstance(node, ast.Global | ast.Nonlocal):
            yield program.without(node) or program.text


@operator("name")
def lost_start_value(program: Program, dice: random.Random) -> Iterator[str]:
    for node in shuffled(program.nodes(ast.Assign), dice):
        if isinstance(node.targets[0], ast.Name) and isinstance(node.value, ast.Constant | ast.List | ast.Dict):
            yield program.without(node) or program.text


@operator("name")
def unquoted_key(program: Program, dice: random.Random) -> Iterator[str]:
    for node in shuffled(program.nodes(ast.Constant), dice):
        if isinstance(node.value, str) and node.value.isidentifier() and program.source(node)[0] in "'\"":
            yield program.put(node, node.value)


_OLD = (
    (r"\b(\w+)\.items\(\)", r"\1.iteritems()"),
    (r"\b(\w+)\.values\(\)", r"\1.itervalues()"),
    (r"\brange\(", "xrange("),
    (r"\bstr\(", "unicode("),
    (r"\btime\.perf_counter\b", "time.clock"),
    (r"\bhtml\.escape\b", "cgi.escape"),
    (r"\bstring\.ascii_lowercase\b", "string.lowercase"),
    (r"\bnext\((\w+)\)", r"\1.next()"),
    (r"\b(\w+) in (\w+)(?=:\n| and| or|\))", r"\2.has_key(\1)"),
    (r"\b(\w+) not in (\w+)(?=:\n)", r"not \2.has_key(\1)"),
    (r"\bio\.StringIO\b", "StringIO.StringIO"),
    (r"\bfrom functools import reduce\n|, reduce\b", ""),
    (r"\bbase64\.b64encode\b", "base64.encodestring"),
    (r"\binspect\.getfullargspec\b", "inspect.getargspec"),
    (r"\bmath\.gcd\b", "fractions.gcd"),
    (r"\bzip\(", "itertools.izip("),
    (r"\bcollections\.abc\.(\w+)", r"collections.\1"),
    (r"\bfrom collections\.abc import", "from collections import"),
    (r"\burllib\.parse\.(\w+)", r"urllib.\1"),
    (r"\bstr\.maketrans\b", "string.maketrans"),
    (r"\bsys\.maxsize\b", "sys.maxint"),
    (r"\bint\(", "long("),
    (r"\bisinstance\((\w+), str\)", r"isinstance(\1, basestring)"),
)


@operator("name")
def old_api(program: Program, dice: random.Random) -> Iterator[str]:
    for pattern, new in shuffled(list(_OLD), dice):  # type: ignore[type-var]
        places = list(re.finditer(pattern, program.text))
        if places:
            match = dice.choice(places)
            yield program.cut(match.start(), match.end(), match.expand(new))


_FOREIGN = (
    (r"\.append\(", (".push(", ".add(", ".push_back(")),
    (r"\.add\(", (".append(", ".insert(")),
    (r"\.strip\(\)", (".trim()",)),
    (r"\.lower\(\)", (".toLowerCase()", ".tolower()", ".downcase()")),
    (r"\.upper\(\)", (".toUpperCase()", ".toupper()")),
    (r"\.startswith\(", (".startsWith(", ".starts_with(")),
    (r"\.endswith\(", (".endsWith(", ".ends_with(")),
    (r"\blen\((\w+)\)", (r"\1.length", r"\1.size()", r"\1.length()", r"\1.len()")),
    (r"\.extend\(", (".concat(", ".addAll(")),
    (r"\.items\(\)", (".entries()",)),
    (r"\.isdigit\(\)", (".isDigit()", ".is_digit()")),
    (r"\.setdefault\(", (".setDefault(",)),
    (r"\.popleft\(\)", (".shift()",)),
    (r"\bTrue\b", ("true", "TRUE")),
    (r"\bFalse\b", ("false",)),
    (r"\bNone\b", ("null", "nil", "none", "undefined", "NULL")),
    (r"\bmath\.pi\b", ("math.PI", "Math.PI")),
    (r"\bmath\.(\w+)\(", (r"Math.\1(",)),
)


@operator("name")
def foreign_api(program: Program, dice: random.Random) -> Iterator[str]:
    for pattern, choices in shuffled(list(_FOREIGN), dice):  # type: ignore[type-var]
        places = list(re.finditer(pattern, program.text))
        if places:
            match = dice.choice(places)
            yield program.cut(match.start(), match.end(), match.expand(dice.choice(choices)))
