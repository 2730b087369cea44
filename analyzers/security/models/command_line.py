"""The command line and the terminal: sys.argv, argparse, click, typer, docopt, stdin."""

from __future__ import annotations

import ast
from typing import Any

from ..taint.machine import Call, Machine
from ..taint.program import Function as UserFunction
from ..taint.values import UNKNOWN, Obj, Value, attribute_key, join_all
from . import Attribute, EntryPoint, Function, Given, Model

_OF_REQUESTS = "flask_restful.reqparse.RequestParser"
_NUMBERS = ("int", "float", "bool")


def _parser(machine: Machine, call: Call) -> Value:
    made = machine.new(call.state, Obj("parser", full=False))
    return Value(refs=made.refs, ext=(call.name,))


def _kind(call: Call) -> str:
    """Who gives the arguments: whoever starts the program, or (``reqparse``) whoever sends a request."""
    return "cli" if call.name.startswith("argparse.") else "web"


def _typed(call: Call) -> bool:
    kind = call.arg("type")
    if kind is not None and any(
        name in kind.ext for name in ("builtins.int", "builtins.float", "uuid.UUID", "ipaddress.ip_address")
    ):
        return True
    action = call.const("action")
    return call.arg("choices") is not None or action in ("store_true", "store_false", "count", "store_const", "version")


def _add_argument(machine: Machine, call: Call) -> Value:
    names = [each.const for each in call.args if isinstance(each.const, str)]
    destination = call.const("dest")
    long = next((name for name in names if name.startswith("--")), names[0] if names else "")
    name = destination if isinstance(destination, str) else long.lstrip("-").replace("-", "_")
    if call.receiver is not None and name:
        value = (
            UNKNOWN if _typed(call) else Value(taints=(machine.taint(_kind(call), call.node, f"the argument {name}"),))
        )
        machine.put(call.receiver, attribute_key(f"\0{name}"), value, call.state)
    return UNKNOWN


def option_of(node: ast.Call) -> tuple[str, bool]:
    """What a written call of ``add_argument`` adds: its name, and whether the parser makes something harmless of it."""
    names = [each.value for each in node.args if isinstance(each, ast.Constant) and isinstance(each.value, str)]
    words = {each.arg: each.value for each in node.keywords}
    long = next((name for name in names if name.startswith("--")), names[0] if names else "")
    destination, action, kind = words.get("dest"), words.get("action"), words.get("type")
    name = str(destination.value) if isinstance(destination, ast.Constant) else long.lstrip("-").replace("-", "_")
    typed = kind is not None and ast.unparse(kind).rpartition(".")[2] in (*_NUMBERS, "UUID", "Decimal", "ip_address")
    flag = isinstance(action, ast.Constant) and action.value not in ("store", "append", "extend")
    return name, typed or flag or "choices" in words


def _set_defaults(machine: Machine, call: Call) -> Value:
    """``parser.set_defaults(func=run)``: each sub-parser has its own."""
    for name, value in call.kwargs.items():
        key = attribute_key(f"\0{name}")
        if call.receiver is not None:
            known = [obj.fields[key] for _, obj in machine.objects(call.receiver, call.state) if key in obj.fields]
            machine.put(call.receiver, key, join_all([*known, value]), call.state)
    return UNKNOWN


def _sub_parser(machine: Machine, call: Call) -> Value:
    return call.receiver or UNKNOWN


def _parse_args(machine: Machine, call: Call) -> Value:
    fields: dict[Any, Value] = {}
    seen = False
    for _, obj in machine.objects(call.receiver or UNKNOWN, call.state):
        for key, value in obj.fields.items():
            if isinstance(key, str) and key.startswith("\0\0"):
                fields[attribute_key(key[2:])] = value
                seen = True
    kind = _kind(call)
    if kind == "web":  # a dictionary that may be asked for attributes
        fields |= {key[1:]: value for key, value in fields.items()}
    taint = Value(taints=(machine.taint(kind, call.node, "the command line" if kind == "cli" else "the request"),))
    made = machine.new(
        call.state, Obj("dict" if kind == "web" else "object", fields, None if seen else taint, None, False)
    )
    if call.name.endswith("parse_known_args"):
        return machine.new(call.state, Obj("tuple", {0: made, 1: taint}))
    return made


def click(function: UserFunction) -> EntryPoint | None:
    """Functions behind ``@click.option`` and ``@click.argument``."""
    given: dict[str, Given] = {}
    for decorator in function.decorators:
        if not isinstance(decorator, ast.Call):
            continue
        name = decorator.func.attr if isinstance(decorator.func, ast.Attribute) else getattr(decorator.func, "id", "")
        if (
            name not in ("option", "argument")
            or not {"click", "typer", "asyncclick", "flask"} & function.module.packages
        ):
            continue
        spelled = [
            each.value for each in decorator.args if isinstance(each, ast.Constant) and isinstance(each.value, str)
        ]
        words = {keyword.arg: keyword.value for keyword in decorator.keywords}
        kind = words.get("type")
        shown = ast.unparse(kind) if kind is not None else ""
        safe = any(
            word in shown
            for word in ("int", "INT", "float", "FLOAT", "Choice", "UUID", "Range", "DateTime", "bool", "BOOL")
        )
        safe = safe or "is_flag" in words or "count" in words
        names = [each.lstrip("-").replace("-", "_") for text in spelled for each in text.split("/")]
        for each in names:
            given[each] = Given() if safe else Given(source="cli")
    return EntryPoint(given) if given else None


def typer(function: UserFunction) -> EntryPoint | None:
    """Commands of typer: every parameter, by its type."""
    if not {"typer", "cyclopts"} & function.module.packages:
        return None
    for decorator in function.decorators:
        target = decorator.func if isinstance(decorator, ast.Call) else decorator
        if isinstance(target, ast.Attribute) and target.attr in ("command", "callback", "default"):
            return EntryPoint({arg.arg: Given(source="cli") for arg in function.own_parameters()})
    return None


MODEL = Model(
    functions={
        "argparse.ArgumentParser": Function(hook=_parser),
        "argparse.ArgumentParser.add_argument": Function(hook=_add_argument),
        "argparse.ArgumentParser.set_defaults": Function(hook=_set_defaults),
        "argparse.ArgumentParser.add_argument_group": Function(hook=_sub_parser),
        "argparse.ArgumentParser.add_mutually_exclusive_group": Function(hook=_sub_parser),
        "argparse.ArgumentParser.add_subparsers": Function(hook=_sub_parser),
        "argparse.ArgumentParser.add_parser": Function(hook=_sub_parser),
        "argparse.ArgumentParser.parse_args": Function(hook=_parse_args),
        _OF_REQUESTS: Function(hook=_parser),
        f"{_OF_REQUESTS}.add_argument": Function(hook=_add_argument),
        f"{_OF_REQUESTS}.parse_args": Function(hook=_parse_args),
        "argparse.ArgumentParser.parse_known_args": Function(hook=_parse_args),
        "argparse.ArgumentParser.error": Function(leaves=True),
        "argparse.ArgumentParser.exit": Function(leaves=True),
        "*.parse_args": Function(source="cli"),
        "optparse.OptionParser.parse_args": Function(source="cli"),
        "docopt.docopt": Function(source="cli"),
        "sys.stdin.read": Function(source="cli"),
        "sys.stdin.readline": Function(source="cli"),
        "sys.stdin.readlines": Function(source="cli"),
        "sys.stdin.buffer.read": Function(source="cli"),
        "sys.stdin.buffer.readline": Function(source="cli"),
        "fileinput.input": Function(source="cli"),
        "getopt.getopt": Function(source="cli"),
        "getpass.getpass": Function(),
        "click.prompt": Function(source="cli"),
        "typer.prompt": Function(source="cli"),
    },
    aliases={"flask_restx.reqparse.RequestParser": _OF_REQUESTS},
    attributes={
        "sys.argv": Attribute(source="cli"),
        "sys.stdin": Attribute(source="cli", returns="sys.stdin"),
        "sys.stdin.buffer": Attribute(source="cli", returns="sys.stdin.buffer"),
    },
    entries=(click, typer),
    hints=(
        r"\bargv\b",
        r"\bstdin\b",
        r"\bparse_(?:known_)?args\b",
        r"@\w*\.?(?:option|argument|command|callback)\b",
        r"\bdocopt\(",
        r"\bfileinput\b",
        r"\bgetopt\b",
        r"\bprompt\(",
    ),
)
