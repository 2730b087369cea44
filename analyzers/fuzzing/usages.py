"""What calls say of their arguments: functions of the language, and methods by their names."""

from __future__ import annotations

import ast

from .conventions import (
    AMBIGUOUS,
    DICT_METHODS,
    LIBRARY,
    LIST_METHODS,
    SET_METHODS,
    STR_METHODS,
    STR_RESULT,
    TEXT_ARGUMENTS,
)
from .variables import Var, listing, unify

#: Functions that take anything.
_INDIFFERENT = frozenset(("print", "id", "hash", "type", "isinstance", "issubclass", "hasattr", "getattr", "dict"))


#: Methods of a text that are mostly asked of one character.
_OF_CHARACTERS = frozenset(("isspace", "isdigit", "isalpha", "isalnum", "isupper", "islower", "isdecimal", "isnumeric"))


def iterate(var: Var) -> Var:
    """The element of what is iterated over."""
    if not var.root.votes["str"]:
        var.vote("iterable", strength=1)
    return var.element()


def builtin(name: str, args: list[Var], node: ast.Call) -> Var:
    """A call of a function that the module does not define."""
    first = args[0] if args else Var()
    if name in ("int", "float"):
        first.vote("str" if len(args) > 1 else "convertible", strength=2)
        return Var(name, "num")
    if name == "len":
        first.vote("sized", strength=1)
        return Var("int", "num")
    if name == "format" and len(args) == 2:
        args[1].root.uses.add("spec")
        return Var("str")
    if name == "ord":
        first.vote("str")
        return Var("int", "num")
    if name in ("range", "chr", "bin", "hex", "oct"):
        for each in args:
            each.vote("int", "num")
        if name == "range":
            var = Var("list")
            unify(var.element(), Var("int", "num"))
            return var
        return Var("str")
    if name in ("abs", "round", "divmod", "pow"):
        for each in args:
            each.vote("num", *(["int"] if name == "divmod" else []), strength=2)
        if name == "divmod":
            var = Var("tuple")
            var.items = [Var("int", "num"), Var("int", "num")]
            return var
        return Var("num")
    if name in ("str", "repr", "format", "ascii", "bool", "callable"):
        return Var("bool" if name in ("bool", "callable") else "str")
    if name in ("sum", "max", "min") and len(args) == 1:
        item = iterate(first)
        return item.vote("num", strength=2) if name == "sum" else item
    if name in ("max", "min"):
        for each in args[1:]:
            unify(first, each)
        return first.vote("num", strength=1)
    if name in ("sorted", "reversed", "list", "tuple", "set", "frozenset", "iter", "any", "all", "next"):
        item = iterate(first) if args else Var()
        if name in ("any", "all"):
            return Var("bool")
        if name == "next":
            return item
        var = Var("set" if "set" in name else "list")
        unify(var.element(), item)
        return var
    if name == "enumerate":
        pair = Var("tuple")
        pair.items = [Var("int", "num"), iterate(first)]
        return listing(pair)
    if name == "zip":
        pair = Var("tuple")
        pair.items = [iterate(each) for each in args]
        return listing(pair)
    if name in ("map", "filter") and len(args) == 2:
        item = iterate(args[1])
        if isinstance(node.args[0], ast.Name):
            if node.args[0].id in ("int", "float"):
                item.vote("convertible", strength=2)
                return listing(Var(node.args[0].id, "num"))
            if node.args[0].id == "ord":
                item.vote("str")
        return listing(item if name == "filter" else Var())
    kinds = LIBRARY.get(name, ())
    for arg, kind in zip(args, kinds, strict=False):
        if kind:
            arg.vote(kind)
    for arg in args if not kinds and name not in _INDIFFERENT else ():
        arg.root.handed = True
    return Var()


def method(base: Var, name: str, args: list[Var]) -> Var:
    """A call of a method of ``base``; the variable of its result."""
    result = _method(base, name, args)
    base.root.methods.setdefault(name, result)
    if name in ("upper", "lower", "strip", "casefold", "title", "capitalize") and not args:
        result.root.changed = (base, name)
    elif name in ("format", "format_map"):
        base.root.uses.add("format")
    elif name in ("strftime", "strptime") and args:
        args[-1].root.uses.add("time")
    return result


def _method(base: Var, name: str, args: list[Var]) -> Var:
    first = args[0] if args else Var()
    if name in STR_METHODS and name in dir(bytes) and any(each.root.votes["bytes"] >= 2 for each in args):
        base.vote("bytes")
        return listing(Var("bytes")) if name in ("split", "rsplit", "splitlines") else Var("bytes", "bool")
    if name in STR_METHODS:
        base.vote("str")
        if name in _OF_CHARACTERS:
            base.root.uses.add("character")
        if name == "join":
            unify(iterate(first), Var("str"))
        else:
            for each in args if name in TEXT_ARGUMENTS else ():
                each.vote("str", strength=1)
        if name in ("split", "rsplit", "splitlines"):
            return listing(Var("str"))
        if name in ("partition", "rpartition"):
            var = Var("tuple")
            var.items = [Var("str"), Var("str"), Var("str")]
            return var
        return Var("str") if name in STR_RESULT else Var("bytes" if name == "encode" else "bool")
    if name in ("decode", "hex"):
        base.vote("bytes")
        return Var("str")
    if name in AMBIGUOUS:
        kind = "list" if base.root.votes["list"] and not base.root.votes["str"] else "str"
        base.vote(kind, strength=2 if name != "index" and name != "count" else 1)
        return Var("str") if name == "replace" else Var("int", "num")
    if name in LIST_METHODS:
        base.vote("list")
        if name == "extend":
            unify(base.element(), iterate(first))
        elif args and name != "sort":
            unify(base.element(), args[-1])
        return Var()
    if name in DICT_METHODS:
        base.vote("dict")
        return _mapping(base, name, args)
    if name in SET_METHODS:
        base.vote("set")
        if name in ("add", "discard"):
            unify(base.element(), first)
        return base if name in ("union", "intersection", "difference") else Var()
    if name == "pop":
        base.vote("dict" if len(args) == 2 or base.root.votes["dict"] else "list", strength=2)
        return base.held() if base.root.votes["dict"] else base.element()
    if name in ("copy", "clear", "remove", "update"):
        base.vote("list" if name == "remove" else "dict" if name == "update" else "container", strength=1)
        return base if name == "copy" else Var()
    if name == "bit_length":
        base.vote("int")
    elif name == "is_integer":
        base.vote("float")
    else:
        base.vote("object", strength=1)
        for each in args:
            each.root.handed = True
    return Var()


def _mapping(base: Var, name: str, args: list[Var]) -> Var:
    if name in ("get", "setdefault"):
        unify(base.keys(), args[0]) if args else None
        if len(args) > 1:
            unify(base.held(), args[1])
        return base.held()
    if name == "items":
        pair = Var("tuple")
        pair.items = [base.keys(), base.held()]
        return listing(pair)
    return listing(base.keys() if name == "keys" else base.held())
