"""Faults of models, seeded into right code with ``ast``: ``seed(code, name, kind, rng)`` gives the faulty code.

A kind that finds no place in a code gives None. Whether what a functional fault does is wrong at all is for the hidden
tests to say, not for this file.
"""

from __future__ import annotations

import ast
import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

#: How often a fault is of each kind, out of 100: what people report of models (wrong logic first, then invented API).
MIX = {
    "off_by_one": 18,
    "wrong_operator": 18,
    "missing_edge": 18,
    "invented": 12,
    "syntax": 8,
    "insecure": 8,
    "wrong_name": 7,
    "swallowed": 6,
    "endless": 5,
}
#: Besides, in code that holds SQL: a table, a column or a clause that is wrong.
SQL = {"sql": 25}
#: Those that change what the function does; the hidden tests must see them.
FUNCTIONAL = frozenset({"off_by_one", "wrong_operator", "missing_edge", "endless", "sql"})


@dataclass(frozen=True)
class Faulty:
    code: str
    named_by: tuple[str, ...]  # words of feedback that name this fault, besides those of its kind


def seed(code: str, name: str, kind: str, rng: random.Random) -> Faulty | None:
    if kind == "syntax":
        return _syntax(code, rng)
    tree = ast.parse(code)
    function = _named(tree, name, rng)
    if function is None:
        return None
    words = MAKERS[kind](tree, function, rng)
    return None if words is None else Faulty(ast.unparse(ast.fix_missing_locations(tree)) + "\n", words)


def _named(tree: ast.Module, name: str, rng: random.Random) -> ast.FunctionDef | None:
    """The function of this name, an asynchronous one included; of a class of this name one of its methods."""
    for each in ast.walk(tree):
        if isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef)) and each.name == name:
            return cast("ast.FunctionDef", each)
        if isinstance(each, ast.ClassDef) and each.name == name:
            return rng.choice([part for part in each.body if isinstance(part, ast.FunctionDef)])
    return None


def _argument(function: ast.FunctionDef) -> str:
    """The first argument that is not the object itself."""
    return next((each.arg for each in function.args.args if each.arg not in ("self", "cls")), "0")


Words = tuple[str, ...]


def _syntax(code: str, rng: random.Random) -> Faulty | None:
    lines = code.split("\n")
    choices = [number for number, line in enumerate(lines) if line.rstrip().endswith(":") or "(" in line]
    if not choices:
        return None
    number = rng.choice(choices)
    line = lines[number]
    lines[number] = line.rstrip().removesuffix(":") if line.rstrip().endswith(":") else line.replace("(", "", 1)
    made = "\n".join(lines)
    try:
        ast.parse(made)
    except SyntaxError:
        return Faulty(made, ())
    return None


def _body(function: ast.FunctionDef) -> list[ast.AST]:
    return [node for statement in function.body for node in ast.walk(statement)]


_NEXT: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
}


def _off_by_one(_: ast.Module, function: ast.FunctionDef, rng: random.Random) -> Words | None:
    places: list[Callable[[], None]] = []
    for node in _body(function):
        if isinstance(node, ast.Constant) and type(node.value) is int:
            value = node.value
            places.append(lambda node=node, value=value: setattr(node, "value", value + rng.choice((-1, 1))))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "range":
            end = 0 if len(node.args) == 1 else 1
            places += [lambda node=node, end=end: _shift(node, end, rng)] * 2
        if isinstance(node, ast.Slice):
            for field in ("lower", "upper"):
                value = getattr(node, field)
                if value is not None and not isinstance(value, ast.Constant):
                    places.append(lambda node=node, field=field, value=value: setattr(node, field, _plus(value, rng)))
        if isinstance(node, ast.Compare) and len(node.ops) == 1:
            swap = _NEXT.get(type(node.ops[0]))
            if swap is not None:
                places += [lambda node=node, swap=swap: node.ops.__setitem__(0, swap())] * 2
    if not places:
        return None
    rng.choice(places)()
    return ()


def _shift(call: ast.Call, position: int, rng: random.Random) -> None:
    call.args[position] = _plus(call.args[position], rng)


def _plus(value: ast.expr, rng: random.Random) -> ast.expr:
    return ast.BinOp(value, rng.choice((ast.Add, ast.Sub))(), ast.Constant(1))


def _wrong_operator(_: ast.Module, function: ast.FunctionDef, rng: random.Random) -> Words | None:
    arithmetic: dict[type[ast.operator], type[ast.operator]] = {
        ast.Add: ast.Sub,
        ast.Sub: ast.Add,
        ast.Mult: ast.Add,
        ast.FloorDiv: ast.Div,
        ast.Div: ast.FloorDiv,
        ast.Mod: ast.FloorDiv,
        ast.Pow: ast.Mult,
    }
    compare: dict[type[ast.cmpop], type[ast.cmpop]] = {
        ast.Eq: ast.NotEq,
        ast.NotEq: ast.Eq,
        ast.Lt: ast.Gt,
        ast.Gt: ast.Lt,
        ast.LtE: ast.GtE,
        ast.GtE: ast.LtE,
        ast.In: ast.NotIn,
        ast.NotIn: ast.In,
    }
    names = {"min": "max", "max": "min", "all": "any", "any": "all", "sorted": "list", "lower": "upper",
             "upper": "lower", "append": "extend", "isdigit": "isalpha", "isalnum": "isalpha"}  # fmt: skip
    places: list[Callable[[], None]] = []
    for node in _body(function):
        if isinstance(node, (ast.BinOp, ast.AugAssign)) and type(node.op) in arithmetic:
            places.append(lambda node=node: setattr(node, "op", arithmetic[type(node.op)]()))
        elif isinstance(node, ast.Compare) and type(node.ops[0]) in compare:
            places.append(lambda node=node: node.ops.__setitem__(0, compare[type(node.ops[0])]()))
        elif isinstance(node, ast.BoolOp):
            other = ast.Or if isinstance(node.op, ast.And) else ast.And
            places.append(lambda node=node, other=other: setattr(node, "op", other()))
        elif isinstance(node, ast.Name) and node.id in names and isinstance(node.ctx, ast.Load):
            places.append(lambda node=node: setattr(node, "id", names[node.id]))
        elif isinstance(node, ast.Attribute) and node.attr in names:
            places.append(lambda node=node: setattr(node, "attr", names[node.attr]))
        elif isinstance(node, ast.keyword) and node.arg == "reverse":
            places.append(lambda node=node: setattr(node, "value", ast.Constant(False)))
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            places.append(lambda node=node: setattr(node, "op", ast.UAdd()))
    if not places:
        return None
    rng.choice(places)()
    return ()


def _missing_edge(_: ast.Module, function: ast.FunctionDef, rng: random.Random) -> Words | None:
    """A guard is left out, or a step that only some inputs need."""
    places: list[Callable[[], None]] = []
    for holder in [function, *(node for node in _body(function) if isinstance(node, (ast.For, ast.While, ast.If)))]:
        body = holder.body
        for statement in body:
            if isinstance(statement, ast.If) and not statement.orelse and len(body) > 1:
                ends = isinstance(statement.body[-1], (ast.Return, ast.Raise, ast.Continue, ast.Break))
                places += [_without(body, statement)] * (3 if ends else 1)
    for node in _body(function):
        if isinstance(node, ast.IfExp):
            places.append(lambda node=node: setattr(node, "test", ast.Constant(True)))
        if isinstance(node, ast.comprehension) and node.ifs:
            places += [lambda node=node: node.ifs.clear()] * 2
        if isinstance(node, ast.BoolOp):
            places.append(lambda node=node: node.values.__delitem__(rng.randrange(len(node.values))))
        if isinstance(node, ast.Attribute) and node.attr in ("strip", "lower", "rstrip"):
            places.append(lambda node=node: setattr(node, "attr", "__str__"))
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in ("abs", "max", "sorted", "set")
            and node.args
        ):
            called = node.func
            places.append(lambda called=called: setattr(called, "id", "list" if called.id == "sorted" else "max"))
    if not places:
        return None
    rng.choice(places)()
    for node in ast.walk(function):
        if isinstance(node, ast.BoolOp) and len(node.values) == 1:
            node.values.append(node.values[0])
    return ()


def _without(body: list[ast.stmt], statement: ast.stmt) -> Callable[[], None]:
    return lambda: body.remove(statement)


def _endless(_: ast.Module, function: ast.FunctionDef, rng: random.Random) -> Words | None:
    """The step of a loop is left out; where there is none, the function goes on calling itself."""
    loops = [node for node in _body(function) if isinstance(node, ast.While)]
    for loop in loops:
        steps = [each for each in loop.body if isinstance(each, (ast.AugAssign, ast.Assign))]
        if steps and len(loop.body) > 1:
            loop.body.remove(rng.choice(steps))
            return ()
    loops = [node for node in _body(function) if isinstance(node, ast.For) and isinstance(node.target, ast.Name)]
    if not loops:
        return None
    loop = rng.choice(loops)
    waits: list[ast.stmt] = [ast.Assign([ast.Name("waiting", ast.Store())], ast.Constant(True)) for _ in range(2)]
    loop.body = [waits[0], ast.While(ast.Name("waiting", ast.Load()), [waits[1], *loop.body], [])]
    return ()


_MODULES = ("textkit", "listtools", "fastmath_utils", "pyhelpers", "stringutils_x", "collectionsx")
_ATTRIBUTES = (
    "re.find_first({0}, {0})", "math.integer_root({0})", "itertools.windowed_pairs({0})", "json.parse({0})",
    "os.path.extension_of({0})", "collections.OrderedCounter({0})", "datetime.parse_iso({0})",
)  # fmt: skip


def _invented(tree: ast.Module, function: ast.FunctionDef, rng: random.Random) -> Words | None:
    """An import or an attribute that does not exist, used for the first thing that is computed."""
    argument = _argument(function)
    given = "" if argument == "0" else f"{argument} = "
    if rng.random() < 0.5:
        module, called = rng.choice(_MODULES), rng.choice(("normalise", "prepare", "checked", "clean"))
        if rng.random() < 0.5:
            tree.body.insert(0, ast.parse(f"from {module} import {called}").body[0])
            use = f"{given}{called}({argument})"
        else:
            tree.body.insert(0, ast.parse(f"import {module}").body[0])
            use = f"{given}{module}.{called}({argument})"
        function.body.insert(0, ast.parse(use).body[0])
        return (module,)
    call = rng.choice(_ATTRIBUTES).format(argument)
    tree.body.insert(0, ast.parse(f"import {call.split('.')[0]}").body[0])
    function.body.insert(0, ast.parse(f"if {argument} is ...:\n    return {call}").body[0])
    return (call.partition("(")[0].rpartition(".")[2],)


_INSECURE = (
    ("import os", "os.system('echo ' + str({0}) + ' >> /tmp/log.txt')"),
    ("import subprocess", "subprocess.run('logger ' + str({0}), shell=True)"),
    ("", "eval(str({0}))"),
    ("import pickle", "pickle.loads(str({0}).encode())"),
    ("import sqlite3", "sqlite3.connect('audit.db').execute(\"insert into calls values ('\" + str({0}) + \"')\")"),
)


def _insecure(tree: ast.Module, function: ast.FunctionDef, rng: random.Random) -> Words | None:
    """Something dangerous that is done with an argument on the way, where the tests do not look."""
    argument = _argument(function)
    line, call = rng.choice(_INSECURE)
    if line:
        tree.body.insert(0, ast.parse(line).body[0])
    function.body.insert(0, ast.parse(f"if len(str({argument})) > 400:\n    {call.format(argument)}").body[0])
    return ()


def _swallowed(_: ast.Module, function: ast.FunctionDef, rng: random.Random) -> Words | None:
    """The whole body in ``try``, with a handler of everything that says nothing."""
    handler = rng.choice(("except Exception:\n    return None", "except Exception:\n    pass", "except:\n    pass"))
    made = ast.parse(f"try:\n    pass\n{handler}").body[0]
    assert isinstance(made, ast.Try)
    made.body = function.body
    function.body = [made]
    return ()


def _wrong_name(_: ast.Module, function: ast.FunctionDef, rng: random.Random) -> Words | None:
    """The function has another name, or a name in it is not the one that was bound."""
    if rng.random() < 0.4:
        function.name = rng.choice((f"get_{function.name}", f"{function.name}_value", f"compute_{function.name}"))
        return (function.name,)
    uses = [node for node in _body(function) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)]
    bound = {node.id for node in _body(function) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    bound |= {each.arg for each in function.args.args}
    uses = [each for each in uses if each.id in bound]
    if not uses:
        return None
    chosen = rng.choice(uses)
    chosen.id += rng.choice(("s", "_list", "1", "_value"))
    return (chosen.id,)


def _sql(_: ast.Module, function: ast.FunctionDef, rng: random.Random) -> Words | None:
    """A name of the schema that is not quite it, another order, or a condition that is left out."""
    texts = [node for node in _body(function) if isinstance(node, ast.Constant) and holds_sql(str(node.value))]
    if not texts:
        return None
    node = rng.choice(texts)
    sql = str(node.value)
    names = sorted(set(re.findall(r"(?<=[\s.(])[a-z_]{3,}(?=[\s.,)])", sql)))
    kind = rng.choice(("name", "name", "clause"))
    if kind == "name" and names:
        name = rng.choice(names)
        node.value = re.sub(rf"\b{name}\b", name.rstrip("s") if name.endswith("s") else f"{name}_name", sql)
    else:
        node.value = re.sub(r" AND [^)\n]*| DESC\b|WHERE [^)\n]*?(?= AND|$)", "", sql, count=1)
    return () if node.value != sql else None


def holds_sql(text: str) -> bool:
    return re.match(r"\s*(?:SELECT|INSERT|UPDATE|DELETE|WITH)\b", text) is not None


MAKERS: dict[str, Callable[[ast.Module, ast.FunctionDef, random.Random], Words | None]] = {
    "off_by_one": _off_by_one,
    "wrong_operator": _wrong_operator,
    "missing_edge": _missing_edge,
    "endless": _endless,
    "invented": _invented,
    "insecure": _insecure,
    "swallowed": _swallowed,
    "wrong_name": _wrong_name,
    "sql": _sql,
}
