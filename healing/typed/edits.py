"""Edits of one expression that what was observed and what stands elsewhere in the program make likely.

Another name, attribute, key or index; one of them more or less; a call, an ``await``, a conversion, brackets more or
less; a default; the way a value of this name is treated elsewhere. Each has a prior before anything is run.
Statements are the business of :mod:`.lines`; slips of operators and constants that of :mod:`..logic`.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator

from ..origins import arguments_of, callee
from .calls import ATOMS, PLAIN, call_changes
from .habits import last_name
from .look import (
    CROWD,
    NOTHING,
    STARTS,
    ZERO,
    Change,
    Look,
    bound_in_module,
    class_members,
    defaults,
    is_called,
    is_inside,
    is_owner,
    is_target,
    known,
    one_value_functions,
)

#: What a value of a type is turned into, with how often; None: any type.
_CAST = {
    "str": {"int": 0.5, "float": 0.3, "list": 0.1},
    "int": {"str": 0.5, "range": 0.25, "float": 0.1},
    "float": {"int": 0.4, "round": 0.3, "str": 0.4},
    "list": {"len": 0.35, "tuple": 0.35, "set": 0.3, "str": 0.2, "dict": 0.15, "iter": 0.1, "enumerate": 0.2},
    "tuple": {"list": 0.4, "str": 0.2, "len": 0.2, "dict": 0.1},
    "set": {"list": 0.35, "sorted": 0.35, "frozenset": 0.3, "tuple": 0.2, "len": 0.3},
    "frozenset": {"list": 0.3, "sorted": 0.3, "len": 0.2},
    "dict": {"list": 0.35, "sorted": 0.3, "len": 0.3, "str": 0.1},
    "bytes": {"int": 0.15, "str": 0.15},
    "NoneType": {"str": 0.15},
    "dict_keys": {"list": 0.5, "set": 0.3},
    "dict_values": {"list": 0.5},
    "dict_items": {"list": 0.4, "dict": 0.3},
    "map": {"list": 0.6},
    "filter": {"list": 0.6},
    "zip": {"list": 0.5, "dict": 0.4},
    "generator": {"list": 0.6},
    "deque": {"list": 0.4, "len": 0.3},
    "PosixPath": {"str": 0.6},
    "Decimal": {"float": 0.4, "str": 0.3, "int": 0.2},
}
_ANY_CAST = {"str": 0.12, "int": 0.12, "list": 0.12, "len": 0.1, "tuple": 0.1, "float": 0.06, "set": 0.06}
_METHODS = {
    "dict": {"items()": 0.5, "values()": 0.5, "keys()": 0.2, "copy()": 0.1},
    "str": {"split()": 0.35, "strip()": 0.2, "encode()": 0.3, "splitlines()": 0.2, "lower()": 0.1},
    "bytes": {"decode()": 0.6},
    "list": {"copy()": 0.1, "pop()": 0.05},
    "coroutine": {},
}
_TEXTS = re.compile(r"[rRbBuU]*(['\"])([\w .:/-]{1,30})\1")


#: Functions of one value whose result stands for no value.
_NOT_MAKING = frozenset({"print", "super", "len", "str", "int", "list", "float", "set", "isinstance", "range", "type"})


def changes(look: Look) -> Iterator[Change]:
    """What may stand in place of the expression."""
    node = look.node
    if is_target(node) or look.text in ("self", "cls"):
        return
    if is_owner(node):  # what is asked of it is asked of something else of its kind
        yield from (each for each in (*_other_name(look), *_more(look)) if "." not in each[0])
        return
    if node.type in PLAIN and not is_called(node):
        yield from _other_name(look)
        yield from _more(look)
        yield from _wrapped(look)
        yield from _or_default(look)
    if node.type in ("list_comprehension", "generator_expression", "list", "binary_operator"):
        yield from _wrapped(look)
    handler = _HANDLERS.get(node.type)
    if handler is not None:
        yield from handler(look)


def _role(look: Look) -> tuple[str, int] | None:
    """(function, position) if the expression is an argument."""
    listed = look.node.parent
    call = listed.parent if listed is not None and listed.type == "argument_list" else None
    if call is None or call.type != "call":
        return None
    for place, each in enumerate(arguments_of(call)):
        if each == look.node:
            return callee(call), place
    return None


def _other_name(look: Look) -> Iterator[Change]:
    """Another name or attribute that is bound here, by its type, its likeness, and what is passed here elsewhere."""
    text, crowd = look.text, max(len(look.names), 1) ** 0.5
    for name in look.names:
        if name != text:
            like = 0.3 if look.node.type == "identifier" else 0.12
            yield name, like / crowd * look.fits(look.kinds.get(name)) * _kinship(text, name), "name"
    dotted = [each for each in look.kinds if "." in each and not each.endswith("[]") and each != text]
    for name in sorted(dotted, key=lambda each: -difflib.SequenceMatcher(None, each, text).ratio())[: 2 * CROWD]:
        near = last_name(name) == last_name(text) or name.partition(".")[0] == text.partition(".")[0]
        share = 0.35 if near else 0.08
        yield name, share * look.fits(look.kinds[name]) * min(look.natural(name), 1.6), "attribute"
    role = _role(look)
    if role is not None:
        for other, count in look.habits.passed.get(role, NOTHING).items():
            if other != text and known(look, other):
                yield other, 0.3 + 0.1 * min(count, 3), "as elsewhere"


def _kinship(one: str, two: str) -> float:
    """Names that share much are taken for one another."""
    ratio = difflib.SequenceMatcher(None, last_name(one), last_name(two)).ratio()
    return 1.8 if ratio > 0.7 else 1.3 if ratio > 0.5 else 1.0


def _more(look: Look) -> Iterator[Change]:
    """A part of the value instead of the whole: an attribute, an item, a view; what is called or awaited."""
    text, kind = look.text, look.kind
    name = last_name(text) if look.node.type in ("identifier", "attribute") else ""
    counts = look.habits.attributes.get(name, NOTHING)
    total = max(sum(counts.values()), 1)
    own = {key[len(text) + 1 :]: each for key, each in look.kinds.items() if key.startswith(f"{text}.")}
    for label in dict.fromkeys([*counts, *own]):
        if not label.isidentifier():
            continue
        share = 0.35 * counts[label] / total if label in counts else 0.0
        seen = 0.25 * look.fits(own[label]) if label in own else 0.0
        yield f"{text}.{label}", max(share, seen), "attribute"
    for label in _members(look, kind):
        yield f"{text}.{label}", 0.2, "attribute"
    keys = look.habits.keys.get(name, NOTHING)
    for key, count in list(keys.items())[:CROWD]:
        if ":" not in key and known(look, key):
            yield f"{text}[{key}]", 0.2 + 0.1 * min(count, 2), "item"
    if kind in ("list", "tuple", "deque", None) and look.node.type != "subscript":
        share = 0.3 if kind in ("list", "tuple") else 0.12
        for place, prior in (("0", 1.0), ("-1", 0.7), ("1", 0.6)):
            yield f"{text}[{place}]", prior * share * look.fits(look.kinds.get(f"{text}[]")), "item"
    if kind in ("list", None) and look.node.parent is not None and look.node.parent.type == "return_statement":
        yield f"{text}[::-1]", 0.15, "order"
    for view, prior in _METHODS.get(kind or "", {}).items():
        yield f"{text}.{view}", prior, "method"
    if kind is None and look.node.type in ("identifier", "attribute"):
        yield f"{text}.items()", 0.12, "method"
        yield f"{text}.values()", 0.12, "method"
    if kind in ("function", "method", "builtin_function_or_method", "type"):
        yield f"{text}()", 0.7, "call"
    asynchronous = b"async " in look.function.data[look.function.node.start_byte : look.function.body.start_byte]
    if look.node.type == "call" and asynchronous and look.node.parent and look.node.parent.type != "await":
        yield f"await {text}", 0.9 if kind == "coroutine" else 0.35, "await"
    if look.node.type == "identifier" and (parent := look.node.parent) is not None and parent.type == "argument_list":
        if kind in ("list", "tuple", "set", "generator"):
            yield f"*{text}", 0.3, "star"
        if kind == "dict":
            yield f"**{text}", 0.3, "star"


def _members(look: Look, kind: str | None) -> Iterator[str]:
    """Attributes and methods without parameters of a class that the file defines."""
    if not kind or kind in ZERO:
        return
    yield from class_members(look.place.site.text).get(kind, ())[: 2 * CROWD]


def _wrapped(look: Look) -> Iterator[Change]:
    """The value passed to a function: one that values of this name are passed to elsewhere, one that the file defines
    for a single value, a conversion from its type."""
    text = look.text
    node, parent = look.node, look.node.parent
    inner = text[1:-1] if node.type == "generator_expression" else text
    above = parent.parent if parent is not None and parent.type == "argument_list" else None
    around = callee(above) if above is not None and above.type == "call" else ""
    counts = look.habits.wrapped.get(last_name(text), NOTHING)
    for name, count in sorted(counts.items(), key=lambda item: -item[1])[:CROWD]:
        if last_name(name) != around and name not in ("print", "super") and known(look, name.partition(".")[0]):
            yield f"{name}({inner})", 0.3 + 0.1 * min(count, 3), "call"
    for name in one_value_functions(look.place.site.text):
        if name != around and name not in counts and name != look.function.name:
            yield f"{name}({inner})", 0.3, "call"
    if node.type in PLAIN:
        for name, count in look.habits.unary.most_common(3 * CROWD):
            if last_name(name) != around and name not in counts and name not in _NOT_MAKING and known(look, name):
                yield f"{name}({inner})", 0.06 + 0.02 * min(count, 3), "call"
    casts = _CAST.get(look.kind or "", _ANY_CAST if look.kind is None else {})
    for name, prior in casts.items():
        if name != around:
            yield f"{name}({inner})", prior * (0.5 if node.type not in PLAIN else 0.8), "conversion"
    if node.type in PLAIN and not (parent is not None and parent.type in ("attribute", "list_splat")):
        for new, prior in ((f"[{text}]", 0.3), (f"({text},)", 0.25), (f"[[{text}]]", 0.03), (f"{{{text}}}", 0.08)):
            bare = look.kind not in ("list", "tuple", "dict", "set")
            yield new, prior * (1.0 if bare else 0.4), "brackets"


def _or_default(look: Look) -> Iterator[Change]:
    """``value or []``; the zero of what its use asks for."""
    empty = re.search(r"empty|division|modulo|out of range", look.fault.message) is not None
    if empty and not look.place.failed:
        for zero in ("1", '[""]', "[0]", "[[]]"):
            share = 0.35 if (zero == "1") == ("division" in look.fault.message) else 0.06
            yield f"({look.text} or {zero})" if is_inside(look.node) else f"{look.text} or {zero}", share, "default"
    if look.kind not in (None, "NoneType"):
        return
    share = 0.3 if look.kind == "NoneType" else 0.06
    for zero in ("[]", "{}", "0", '""', "()"):
        told = _asked_for(look.fault.message)
        yield f"({look.text} or {zero})", share * (2.0 if zero == told else 0.6), "default"


def _asked_for(message: str) -> str:
    """The zero of the type that a message asks for."""
    words = re.findall(r"'(\w+)'|\b(str|int|list|float|dict|tuple)\b", message)
    found = next((ZERO[name] for pair in words for name in pair if name in ZERO), "")
    return found or ("[]" if "iterable" in message else "")


def _attribute(look: Look) -> Iterator[Change]:
    """Another attribute of the object; the object itself."""
    owner, label = look.node.child_by_field_name("object"), look.node.child_by_field_name("attribute")
    if owner is None or label is None:
        return
    base, name = look.place.site.code(owner), look.place.site.code(label)
    kind = look.kinds.get(base)
    if owner.type == "identifier" and base not in look.function.bound:  # of another module or class
        for other in sorted(bound_in_module(look.place.site.text)):
            near = difflib.SequenceMatcher(None, other, base).ratio()
            if other != base and near > 0.5:
                yield f"{other}.{name}", 0.8 * near**2, "name"
    if not is_called(look.node):
        for other, count in look.habits.given.get(name, NOTHING).items():
            if known(look, other):
                yield f"{look.text}{other}", 0.3 + 0.1 * min(count, 3), "call"
    counts = look.habits.attributes.get(last_name(base), NOTHING)
    members = [each for each in class_members(look.place.site.text).get(kind or "", ())]
    called = is_called(look.node)
    for other in dict.fromkeys([*counts, *members]):
        plain = other.removesuffix("()")
        if plain == name or not plain.isidentifier() or (called and not (other in counts or other.endswith("()"))):
            continue
        new = plain if called else other
        share = 0.3 if other in members else 0.15
        yield f"{base}.{new}", share * _kinship(name, plain) * look.fits(look.kinds.get(f"{base}.{plain}")), "attribute"
    if not called and base not in ("self", "cls"):
        yield base, 0.35 * look.fits(kind), "whole"
    if called and owner.type in ATOMS and not arguments_of(look.node.parent or look.node):
        return
    if called and base not in ("self", "cls") and owner.type == "call":
        yield base, 0.05, "whole"


def _subscript(look: Look) -> Iterator[Change]:
    """Another key; a key that may be absent; the whole; what a letter or a slice was meant to be."""
    table, index = look.node.child_by_field_name("value"), look.node.child_by_field_name("subscript")
    if table is None or index is None:
        return
    base, key = look.place.site.code(table), look.place.site.code(index)
    yield base, 0.3 * look.fits(look.kinds.get(base)), "whole"
    for other, count in look.habits.keys.get(last_name(base), NOTHING).items():
        if other != key and known(look, other):
            yield f"{base}[{other}]", (0.25 + 0.08 * min(count, 3)) * _kinship(key, other), "item"
    if index.type == "slice":
        return
    absent = look.fault.exception.rpartition(".")[2] == "KeyError"
    if look.kinds.get(base) in ("dict", "defaultdict", "Counter", None):
        yield f"{base}.get({key})", 0.2 if absent else 0.1, "item"
        usual = defaults(look)
        for zero in dict.fromkeys([*usual, *STARTS]):
            prior = (0.4 if absent else 0.06) * (1.6 if zero in usual else 0.5)
            yield f"{base}.get({key}, {zero})", prior, "item"
        if absent:
            yield f"{base}.setdefault({key}, [])", 0.15, "item"
    yield f"{base}[{key}:]", 0.08, "slice"
    yield f"{base}[:{key}]", 0.12, "slice"
    yield f"{base}[{key}:{key} + 1]", 0.1, "slice"
    for change, prior in ((f"{base}[{key} - 1]", 0.35), (f"{base}[{key} + 1]", 0.25), (f"{base}[-1]", 0.25)):
        yield change, prior if index.type != "string" else 0.0, "index"
    for cast in ("int", "str", "tuple"):
        yield f"{base}[{cast}({key})]", 0.15 if index.type in PLAIN else 0.0, "conversion"


def _string(look: Look) -> Iterator[Change]:
    """Another text that the file uses where this one is used: as a key, as an argument."""
    match = _TEXTS.fullmatch(look.text)
    if match is None:
        return
    for other, count in look.habits.strings.most_common(60):
        near = _TEXTS.fullmatch(other)
        if near is None or near[2] == match[2]:
            continue
        ratio = difflib.SequenceMatcher(None, near[2].lower(), match[2].lower()).ratio()
        yield other, 0.6 * ratio**2 + 0.02 * min(count, 3), "text"


def _collection(look: Look) -> Iterator[Change]:
    """Brackets of another kind; the only item of a list; a start of another kind."""
    text, node = look.text, look.node
    inner = text[1:-1].strip()
    if node.type == "dictionary" and inner:
        return
    if not node.named_children:
        for new in (*STARTS, "defaultdict(list)", "defaultdict(int)", "Counter()", "deque()", "[[]]"):
            usable = "(" not in new or new == "set()" or new.partition("(")[0] in bound_in_module(look.place.site.text)
            if new != text and usable:
                yield new, 0.35 if new in ("[]", "{}", "set()", "0", '""') else 0.25, "start"
        return
    marks = {"list": "[]", "tuple": "()", "set": "{}"}
    for kind, pair in marks.items():
        if kind != node.type:
            single = "," if kind == "tuple" and len(node.named_children) == 1 else ""
            yield f"{pair[0]}{inner.rstrip(',')}{single}{pair[1]}", 0.25, "brackets"
    if len(node.named_children) == 1:
        yield inner.rstrip(","), 0.35, "brackets"
    if len(node.named_children) == 2 and node.type in ("list", "tuple"):
        one, two = (look.place.site.code(each) for each in node.named_children)
        yield f"{text[0]}{two}, {one}{text[-1]}", 0.3, "order"


def _start(look: Look) -> Iterator[Change]:
    """A variable that starts from the wrong nothing."""
    parent = look.node.parent
    if parent is not None and parent.type in ("assignment", "keyword_argument", "default_parameter", "argument_list"):
        for new in STARTS:
            if new != look.text:
                yield new, 0.3 if parent.type == "assignment" else 0.15, "start"


def _comprehension(look: Look) -> Iterator[Change]:
    """Brackets of another kind; the item itself."""
    inner = look.text[1:-1]
    pairs = {"list_comprehension": "[]", "set_comprehension": "{}", "generator_expression": "()"}
    for kind, pair in pairs.items():
        bare = look.node.parent is not None and look.node.parent.type == "call"
        if kind != look.node.type and kind in pairs:
            new = f"{pair[0]}{inner}{pair[1]}"
            yield f"({new})" if bare else new, 0.3, "brackets"
    if look.node.type == "generator_expression":
        for name in ("tuple", "set", "sorted"):
            yield f"{name}({inner})", 0.15, "conversion"


def _brackets(look: Look) -> Iterator[Change]:
    """``("a")`` that was meant as a row of one."""
    yield f"{look.text[:-1]},)", 0.5, "brackets"


def _lambda(look: Look) -> Iterator[Change]:
    """The parameters the other way round."""
    listed = look.node.child_by_field_name("parameters")
    names = [look.place.site.code(each) for each in listed.named_children] if listed is not None else []
    if listed is not None and len(names) == 2:
        start = listed.start_byte - look.node.start_byte
        end = listed.end_byte - look.node.start_byte
        data = look.text.encode("utf-8", "surrogatepass")
        new = b"".join((data[:start], f"{names[1]}, {names[0]}".encode(), data[end:]))
        yield new.decode("utf-8", "surrogatepass"), 0.6, "order"


def _await(look: Look) -> Iterator[Change]:
    yield look.text.removeprefix("await").strip(), 0.5, "await"


def _binary(look: Look) -> Iterator[Change]:
    """The operands the other way round; the one that has to be bracketed."""
    left, right = look.node.child_by_field_name("left"), look.node.child_by_field_name("right")
    operator = look.node.child_by_field_name("operator")
    if left is None or right is None or operator is None:
        return
    site = look.place.site
    one, two, sign = site.code(left), site.code(right), site.code(operator)
    yield f"{two} {sign} {one}", 0.2 if sign in ("-", "/", "//", "%") else 0.05, "swap"
    if sign == "%" and right.type in PLAIN:
        yield f"{one} % ({two},)", 0.3, "brackets"
    if sign == "+":
        yield f"[*{one}, {two}]", 0.15, "brackets"
    if sign in ("/", "//", "%"):
        for zero, prior in (("0", 0.4), ("0.0", 0.4), ("None", 0.3)):
            yield f"({one} {sign} {two} if {two} else {zero})", prior, "guard"
    for name in ("str", "int", "float", "list"):
        yield f"{name}({one}) {sign} {two}", 0.06, "conversion"


def _for(look: Look) -> Iterator[Change]:
    """What is gone through: its pairs, its numbers."""
    left, right = look.node.child_by_field_name("left"), look.node.child_by_field_name("right")
    if left is None or right is None:
        return
    names, source = look.place.site.code(left), look.place.site.code(right)
    head = look.text[: look.text.find(names)]
    if left.type == "identifier":
        yield f"{head}_, {names} in {source}", 0.2, "target"
        yield f"{head}{names}, _ in {source}", 0.2, "target"
    elif left.type in ("pattern_list", "tuple_pattern"):
        parts = [look.place.site.code(each) for each in left.named_children]
        yield f"{head}{', '.join(reversed(parts))} in {source}", 0.3, "target"
        if len(parts) == 3:
            yield f"{head}{parts[0]}, ({parts[1]}, {parts[2]}) in {source}", 0.4, "target"


_HANDLERS = {
    "attribute": _attribute,
    "subscript": _subscript,
    "call": call_changes,
    "string": _string,
    "list": _collection,
    "tuple": _collection,
    "set": _collection,
    "dictionary": _collection,
    "none": _start,
    "integer": _start,
    "list_comprehension": _comprehension,
    "set_comprehension": _comprehension,
    "generator_expression": _comprehension,
    "await": _await,
    "lambda": _lambda,
    "parenthesized_expression": _brackets,
    "binary_operator": _binary,
    "for_in_clause": _for,
}
