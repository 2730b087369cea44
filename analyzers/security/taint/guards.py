"""Guards: what a test says of the values that it is about, in the branch where it holds and in the one where not.

A membership in something that the program wrote, an equality with a constant, a full match of a narrow pattern, the
containment of a normalised path, the host of a URL, and functions that come to such a test are guards. What is
narrowed is the value itself, so that every name for it is.

Invariant: a test of which nothing is known narrows nothing (within a lone definition, where helpers are not visible,
it silences instead: what cannot be judged is not reported).
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from .fold import truth
from .machine import Machine
from .narrowing import cleansed, contained, names_in, narrow, root, with_taints
from .patterns import harmless_if_matched
from .values import ALL, NO, State, Taint, Value, constant, is_tuple

#: Tests of a text that leave no character that means something to an interpreter.
_NARROW = frozenset({"isdigit", "isdecimal", "isnumeric", "isalnum", "isalpha", "isidentifier", "is_integer"})
#: Names of functions elsewhere that are believed to test what they are given.
_TRUSTED = re.compile(
    r"(?:^|_)(?:is_)?(?:safe|valid|allowed|permitted|trusted|whitelist\w*|allow_?list\w*|known|local)", re.IGNORECASE
)
_UNCHANGED = frozenset({"strip", "lower", "upper", "casefold", "lstrip", "rstrip", "title", "decode", "encode"})


@dataclass(frozen=True, slots=True, eq=False)
class Test:
    """A value that is the result of a test: the test, and what the names in it meant."""

    node: ast.expr
    names: dict[str, Value]


@dataclass(frozen=True, slots=True, eq=False)
class Verdict:
    """A value that is the result of a function which looked at ``subjects``: the taints of each if the result counts
    as true, and if not (None: then it does not come to that)."""

    subjects: tuple[tuple[Value, tuple[Taint, ...] | None, tuple[Taint, ...] | None], ...]


def refine(machine: Machine, test: ast.expr, holds: bool, state: State) -> State | None:
    """The state in which a test holds (or not); None if it cannot."""
    kind = type(test)
    if kind is ast.Name or kind is ast.Attribute:  # most tests are names, attributes, calls and comparisons
        value = machine.last.get(test) if kind is ast.Attribute else machine.lookup(test.id, state)  # type: ignore[attr-defined]
        return _value(machine, value, holds, state)
    if isinstance(test, ast.Call):
        return _call(machine, test, holds, state)
    if isinstance(test, ast.Compare):
        return _comparison(machine, test, holds, state)
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return refine(machine, test.operand, not holds, state)
    if isinstance(test, ast.BoolOp):
        return _boolean(machine, test, holds, state)
    if isinstance(test, ast.Await):
        return refine(machine, test.value, holds, state)
    if isinstance(test, ast.NamedExpr):
        state = refine(machine, test.value, holds, state) or state
        return refine(machine, test.target, holds, state)
    return _value(machine, machine.last.get(test), holds, state) if isinstance(test, ast.Subscript) else state


def _value(machine: Machine, value: Value | None, holds: bool, state: State) -> State | None:
    """What the truth of a value says of others."""
    if value is None:
        return state
    known = truth(value)
    if known is not None and known != holds:
        return None
    if isinstance(value.cond, Test):
        for name, meant in value.cond.names.items():
            current = state.env.get(name)
            if current is None or root(current) is not root(meant):
                return state
        if id(value.cond) in machine.testing:
            return state  # ``x = x and y``: the test is about the value that it is the result of
        machine.testing.add(id(value.cond))
        try:
            return refine(machine, value.cond.node, holds, state)
        finally:
            machine.testing.discard(id(value.cond))
    if isinstance(value.cond, Verdict):
        for subject, if_true, if_false in value.cond.subjects:
            taints = if_true if holds else if_false
            if taints is None:
                return None
            narrow(state, subject, with_taints(taints))
    if value.derived is not None and value.derived[0].startswith("match:"):
        # The result of a full match: true only for texts of the pattern.
        what = value.derived[0][6:]
        if holds:
            narrow(state, value.derived[1], cleansed(frozenset(what.split(","))))
    if value.derived is not None and value.derived[0] == ("is_global" if holds else "is_private"):
        narrow(state, value.derived[1], cleansed(frozenset({"ssrf"})))
    if not holds and value.taints:
        # An empty text carries nothing.
        narrow(state, value, lambda _: ())
    return state


def _boolean(machine: Machine, test: ast.BoolOp, holds: bool, state: State) -> State | None:
    conjunction = isinstance(test.op, ast.And)
    if conjunction == holds:
        current: State | None = state
        for each in test.values:
            if current is None:
                return None
            current = refine(machine, each, holds, current)
        return current
    # One of them decides; which one is not known: join what each says after those before it did not.
    from .values import join_states

    result: State | None = None
    rest: State | None = state
    for each in test.values:
        if rest is None:
            break
        result = join_states(result, refine(machine, each, holds, rest.copy()))
        rest = refine(machine, each, not holds, rest)
    return result


def _value_of(machine: Machine, node: ast.expr, state: State) -> Value:
    if isinstance(node, ast.Name):
        return machine.lookup(node.id, state) or Value()
    if isinstance(node, ast.NamedExpr):
        return machine.lookup(node.target.id, state) or Value()
    known = machine.last.get(node)
    return known if known is not None else machine.eval(node, state)


def _subject(machine: Machine, node: ast.expr, state: State) -> Value:
    """The value that a test is about, behind changes of case and the like."""
    while (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in _UNCHANGED
        and (not node.args or node.func.attr.endswith("strip"))
    ):
        node = node.func.value
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "str" and len(node.args) == 1:
        node = node.args[0]
    return _value_of(machine, node, state)


def _own(machine: Machine, value: Value, state: State) -> bool:
    """Does nobody outside decide a value? (Of the parameter of a function that nobody is seen to call, nobody does.)"""
    return all(each.origin.kind == "parameter" for each in machine.deep(value, state))


def _comparison(machine: Machine, test: ast.Compare, holds: bool, state: State) -> State | None:
    if len(test.ops) != 1:
        return state
    operation, left_node, right_node = test.ops[0], test.left, test.comparators[0]
    left, right = _value_of(machine, left_node, state), _value_of(machine, right_node, state)
    if isinstance(operation, ast.NotEq | ast.NotIn | ast.IsNot):
        holds = not holds
    if isinstance(operation, ast.In | ast.NotIn):
        return _membership(machine, left_node, right_node, left, right, holds, state)
    if isinstance(operation, ast.Is | ast.IsNot):
        if right.const is None and right.const is not NO:
            return (
                _value(machine, left, not holds, state) if left.cond is not None or left.derived is not None else state
            )
        if isinstance(right.const, bool):
            return _value(machine, left, holds == right.const, state)
        return state
    if isinstance(operation, ast.Eq | ast.NotEq):
        for one, other, node in ((left, right, left_node), (right, left, right_node)):
            if isinstance(other.const, bool) or (other.const is None and other.const is not NO):
                return _value(machine, one, holds == bool(other.const), state)
            if holds and _own(machine, other, state):
                _equal(machine, node, one, other, state)
    return state


def _host_known(state: State, url: Value) -> None:
    """The program decides which host a URL names: it, and what it was parsed into, ask no other."""
    known, base = cleansed(frozenset({"ssrf", "redirect"})), root(url)
    for each in list(state.env.values()):
        if each.taints and each.derived is not None and each.derived[0] == "url" and root(each.derived[1]) is base:
            narrow(state, each, known)
    narrow(state, url, known)


def _equal(machine: Machine, node: ast.expr, one: Value, other: Value, state: State) -> None:
    """``one`` equals something that nobody outside decides."""
    subject = _subject(machine, node, state)
    part = one.derived
    if part is not None and part[0] in ("host", "scheme", "origin"):
        if part[0] != "scheme":
            _host_known(state, part[1])
        narrow(state, one, lambda _: ())  # the part itself is what it equals
        return
    if part is not None and part[0] == "common" and other.const != "":
        contained(machine, node, part[1], state)
        return
    if part is not None and part[0] in ("extension", "digest", "length"):
        if part[0] == "digest":
            narrow(state, part[1], cleansed(ALL))
        if part[0] == "extension":
            narrow(state, one, lambda _: ())  # the part itself, but not the name that it is the end of
        return
    narrow(state, subject, lambda _: ())


def _membership(
    machine: Machine, left_node: ast.expr, right_node: ast.expr, left: Value, right: Value, holds: bool, state: State
) -> State | None:
    if left.const is not NO and isinstance(left.const, str):
        subject = _subject(machine, right_node, state)
        if not holds and subject.taints:
            narrow(state, subject, cleansed(_without(left.const)))
        if not holds and left.const == ".." and (whole := _parted(right_node)) is not right_node:
            narrow(state, _subject(machine, whole, state), cleansed(_without("..")))
        return state
    if not holds:
        return state
    if left.derived is not None and left.derived[0] in ("host", "scheme", "origin"):
        if _own(machine, right, state):
            if left.derived[0] != "scheme":
                _host_known(state, left.derived[1])
            narrow(state, left, lambda _: ())  # the part itself is one of what is allowed
        return state
    if right.derived is not None and right.derived[0] == "parents":
        # ``base in path.parents``
        contained(machine, right_node, right.derived[1], state)
        return state
    subject = _subject(machine, left_node, state)
    # Only what is certainly not decided by the other side is a list of what is allowed.
    if subject.taints and _own(machine, right, state):
        narrow(state, subject, lambda _: ())
    return state


def _parted(node: ast.expr) -> ast.expr:
    """The path of which ``path.split("/")`` and ``path.parts`` are the parts; anything else by itself."""
    if isinstance(node, ast.Attribute) and node.attr == "parts":
        return node.value
    whole, separator = _split(node)
    if separator in ("/", "\\"):
        return whole
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "split":
        given = ast.unparse(node.args[0]) if node.args else ""
        return node.func.value if given.endswith(("os.sep", "path.sep")) else node
    return node


def _without(text: str) -> frozenset[str]:
    """What a text is harmless for that does not contain ``text``."""
    if text == "..":
        return frozenset({"-dots"})
    if text in ("/", "\\"):
        return frozenset({"pathtraver", "-dots", "-absolute"})
    if text in ("\n", "\r", "\r\n"):
        return frozenset({"loginj", "respsplit"})
    if text in ("'", '"'):
        return frozenset({"-single" if text == "'" else "-quote"})
    if text == "<":
        return frozenset({"xss"})
    if text in ("://", ":", "//"):
        return frozenset({"-double"}) if text == "//" else frozenset({"-scheme"})
    return frozenset()


def _call(machine: Machine, test: ast.Call, holds: bool, state: State) -> State | None:
    value = machine.last.get(test)
    if value is not None:
        known = truth(value)
        if known is not None and known != holds:
            return None
        own = isinstance(value.cond, Test) and value.cond.node is test
        if (value.cond is not None and not own) or (
            value.derived is not None and value.derived[0].startswith("match:")
        ):
            return _value(machine, value, holds, state)
    function = test.func
    if isinstance(function, ast.Attribute):
        state = _method(machine, function, test, holds, state)
        name = function.attr
    else:
        name = function.id if isinstance(function, ast.Name) else ""
    if name in ("any", "all") and test.args and isinstance(test.args[0], ast.GeneratorExp | ast.ListComp):
        return _quantified(machine, name, test.args[0], holds, state)
    if name == "isabs" and not holds and test.args:
        narrow(state, _subject(machine, test.args[0], state), cleansed(frozenset({"-absolute"})))
    if name == "is_absolute" and not holds and isinstance(function, ast.Attribute):
        narrow(state, _subject(machine, function.value, state), cleansed(frozenset({"-absolute"})))
    if name == "isinstance" and len(test.args) == 2 and holds:
        kinds = test.args[1]
        listed = kinds.elts if isinstance(kinds, ast.Tuple) else [kinds]
        if all(isinstance(each, ast.Name) and each.id in ("int", "float", "bool") for each in listed):
            narrow(state, _subject(machine, test.args[0], state), lambda _: ())
        elif all(isinstance(each, ast.Name) and each.id in ("str", "bytes") for each in listed):
            narrow(state, _subject(machine, test.args[0], state), cleansed(frozenset({"nosqli"})))
    if name in ("compare_digest",) and holds:
        for each in test.args:
            value = _value_of(machine, each, state)
            if value.derived is not None and value.derived[0] == "digest":
                narrow(state, value.derived[1], cleansed(frozenset({"deserialization"})))
    unresolved = value is None or (
        value.const is NO and not value.refs and not value.ext and (value.cond is None or isinstance(value.cond, Test))
    )
    if unresolved and ((holds and _sounds_trusted(name)) or (machine.in_unit and not _known(machine, test, state))):
        for each in (*test.args, *(keyword.value for keyword in test.keywords)):
            narrow(state, _subject(machine, each, state), lambda _: ())
    return state


def trusted(function: ast.expr) -> bool:
    """Is the result of this function believed to say whether its arguments are harmless?"""
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    return _sounds_trusted(name)


@lru_cache(maxsize=10_000)
def _sounds_trusted(name: str) -> bool:
    return _TRUSTED.search(name) is not None


def _known(machine: Machine, test: ast.Call, state: State) -> bool:
    """Is the called function one that the models or the language know?"""
    if isinstance(test.func, ast.Attribute):
        receiver = _value_of(machine, test.func.value, state)
        return bool(receiver.taints or receiver.ext or receiver.refs or receiver.const is not NO)
    return isinstance(test.func, ast.Name) and test.func.id in (
        "isinstance", "any", "all", "len", "bool", "hasattr", "callable", "str", "set", "issubclass", "int", "getattr",
    )  # fmt: skip


def _method(machine: Machine, function: ast.Attribute, test: ast.Call, holds: bool, state: State) -> State:
    name, receiver = function.attr, _value_of(machine, function.value, state)
    args = [_value_of(machine, each, state) for each in test.args]
    first = args[0] if args else None
    if name in _NARROW and holds and receiver.taints:
        narrow(state, _subject(machine, function.value, state), lambda _: ())
    elif name == "isascii" or first is None:
        return state
    elif name == "startswith":
        _starts(machine, function.value, receiver, first, holds, state)
    elif name == "endswith" and holds:
        part = receiver.derived
        if part is not None and part[0] == "host" and isinstance(first.const, str) and first.const.startswith("."):
            _host_known(state, part[1])
    elif name == "is_relative_to" and holds and _own(machine, first, state):
        if any("normal" in taint.safe for taint in receiver.taints):
            contained(machine, function.value, receiver, state)
    elif name in ("issubset", "__contains__") and holds:
        subject, other = (receiver, first) if name == "issubset" else (first, receiver)
        if _own(machine, other, state):
            narrow(state, subject, lambda _: ())
    return state


def _each_of(machine: Machine, value: Value, state: State) -> list[Value]:
    """The beginnings that a text is compared with: one, or a tuple of them."""
    if is_tuple(value.const):
        return [constant(each) for each in value.const]
    listed = [each for _, obj in machine.objects(value, state) if obj.kind == "tuple" for each in obj.elements()]
    return listed or [value]


def open_ended(folder: Value) -> bool:
    """Does a folder's path end without a separator? Then paths beside it begin with it as well (``/srv/data2``)."""
    if isinstance(folder.const, str):
        return not folder.const.endswith(("/", "\\"))
    plain = root(folder)
    if plain.derived is not None and plain.derived[0] == "real":
        return True
    return "pathlib.Path" in plain.ext


def _starts(machine: Machine, node: ast.expr, receiver: Value, start: Value, holds: bool, state: State) -> None:
    subject = _subject(machine, node, state)
    texts: tuple[Any, ...] = start.const if is_tuple(start.const) else (start.const,)
    if isinstance(node, ast.Attribute) and receiver.derived is not None and receiver.derived[0] == "host":
        return
    # All paths begin with the root, and ``..`` leads anywhere.
    somewhere = all(not isinstance(each, str) or each.strip("./\\") for each in texts)
    somewhere = somewhere and not any(open_ended(each) for each in _each_of(machine, start, state))
    normal = somewhere and any("normal" in taint.safe for taint in receiver.taints)
    if holds and normal and _own(machine, start, state):
        contained(machine, node, receiver, state)
        return
    if not all(isinstance(each, str) for each in texts):
        return
    if holds:
        if all(re.match(r"https?://[^/?#\\@]+[/?#]", each) for each in texts):
            narrow(state, subject, cleansed(frozenset({"ssrf", "redirect"})))
        elif all(re.match(r"/[^/\\]", each) for each in texts):
            narrow(state, subject, cleansed(frozenset({"redirect"})))
        elif set(texts) == {"/"}:
            narrow(state, subject, cleansed(frozenset({"+slash"})))
    else:
        kinds = {"-double"} if {"/", "//"} & set(texts) else set[str]()
        if "/" in texts:
            kinds.add("-absolute")
        if {"..", "../"} & set(texts) and any("normal" in taint.safe for taint in receiver.taints):
            kinds.add("-dots")  # a path that is normal has them at its beginning, or not at all
        if kinds:
            narrow(state, subject, cleansed(frozenset(kinds)))


def _quantified(
    machine: Machine, name: str, generator: ast.GeneratorExp | ast.ListComp, holds: bool, state: State
) -> State:
    """``all(c in SAFE for c in text)``, ``any(bad in text for bad in (…))``."""
    if len(generator.generators) != 1 or generator.generators[0].ifs:
        return state
    clause, test = generator.generators[0], generator.elt
    if (name == "any" and not holds) or (name == "all" and holds):
        if name == "any" and isinstance(clause.target, ast.Name):
            unlike = _unlike(test, clause.target.id)
            if ".." in unlike:
                # The first part of an absolute path is empty.
                kinds = _without("..") | (frozenset({"-absolute"}) if "" in unlike else frozenset[str]())
                narrow(state, _subject(machine, _parted(clause.iter), state), cleansed(kinds))
                return state
        whole, separator = _split(clause.iter)
        source = _subject(machine, whole, state)
        inner = state.copy()
        positive = name == "all"
        if isinstance(clause.target, ast.Name) and source.taints:
            probe = Value(taints=source.taints)
            inner.env[clause.target.id] = probe
            after = refine(machine, test, positive, inner)
            if after is not None:
                left = after.env[clause.target.id].taints
                if separator:
                    # Words with something between them: what a text of that form is harmless for.
                    words = rf"\w+(?:{re.escape(separator)}\w+)*"
                    narrow(state, source, cleansed(frozenset() if left else harmless_if_matched(words, "fullmatch")))
                elif left != source.taints:
                    narrow(state, source, with_taints(left))
        elif isinstance(clause.target, ast.Name) and (listed := _elements(machine, clause.iter, state)):
            for each in listed:
                inner.env[clause.target.id] = Value(taints=each.taints)
                machine.eval(test, inner)  # of a helper: what it says of this element
                after = refine(machine, test, positive, inner.copy())
                if after is not None:
                    narrow(state, each, with_taints(after.env[clause.target.id].taints))
        elif isinstance(clause.target, ast.Name) and name == "any" and isinstance(test, ast.Compare):
            subject = _subject(machine, test.comparators[0], state)
            values = [
                each
                for _, obj in machine.objects(_value_of(machine, clause.iter, state), state)
                for each in obj.elements()
            ]
            texts = [each.const for each in values if isinstance(each.const, str)]
            if not texts and isinstance(clause.iter, ast.Constant) and isinstance(clause.iter.value, str):
                texts = list(clause.iter.value)
            if texts and isinstance(test.ops[0], ast.In) and isinstance(test.left, ast.Name):
                kinds = frozenset[str]().union(*(_without(each) for each in texts), harmless_without("".join(texts)))
                narrow(state, subject, cleansed(kinds))
    return state


def _unlike(test: ast.expr, part: str) -> frozenset[object]:
    """The constants that a part is compared with: ``part == ".."``, ``part in (".", "..")``"""
    if not isinstance(test, ast.Compare) or len(test.ops) != 1:
        return frozenset()
    if not (isinstance(test.left, ast.Name) and test.left.id == part):
        return frozenset()
    other = test.comparators[0]
    if isinstance(test.ops[0], ast.Eq):
        listed = [other]
    elif isinstance(test.ops[0], ast.In) and isinstance(other, ast.Tuple | ast.List | ast.Set):
        listed = other.elts
    else:
        return frozenset()
    return frozenset(each.value for each in listed if isinstance(each, ast.Constant))


def _elements(machine: Machine, node: ast.expr, state: State) -> list[Value]:
    """The elements of ``(one, other)`` that somebody else decides."""
    objects = [obj for _, obj in machine.objects(_value_of(machine, node, state), state)]
    listed = len(objects) == 1 and objects[0].full and objects[0].kind in ("tuple", "list", "set")
    return [each for each in objects[0].elements() if each.taints] if listed else []


def _split(node: ast.expr) -> tuple[ast.expr, str]:
    """The text that ``text.split(",")`` takes apart, and what stands between the parts; anything else by itself."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "split":
        given = node.args[0] if len(node.args) == 1 and not node.keywords else None
        if isinstance(given, ast.Constant) and isinstance(given.value, str) and given.value:
            return node.func.value, given.value
    return node, ""


def harmless_without(characters: str) -> frozenset[str]:
    """Kinds of sinks that a text without these characters is harmless for."""
    banned = set(characters)
    kinds: set[str] = set()
    if {";", "|", "&", "$", "`"} <= banned:
        kinds.add("cmdi")
    if {"<", ">"} <= banned:
        kinds.add("xss")
    return frozenset(kinds)


def result_of(machine: Machine, node: ast.expr, state: State, value: Value) -> Value:
    """``value`` as the result of a test, which its truth later stands for."""
    if value.const is not NO or value.taints or value.cond is not None:
        return value
    names = {name: state.env[name] for name in names_in(node) if name in state.env}
    return replace(value, cond=Test(node, names)) if any(each.taints or each.refs for each in names.values()) else value
