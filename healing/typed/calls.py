"""Edits of one call: its receiver, its arguments, what it does where there is nothing, what is asked of each item."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from ..origins import arguments_of, functions_named
from .habits import last_name
from .look import CROWD, NOTHING, STARTS, Change, Look, class_members, defaults, is_called, known, one_value_functions

PLAIN = ("identifier", "attribute", "subscript", "call")
_MAKERS = frozenset({"str", "int", "list", "float", "set", "tuple", "dict", "len", "sorted", "repr", "iter"})
ATOMS = (*PLAIN, "integer", "float", "string", "list", "tuple", "dictionary", "parenthesized_expression", "none")


def call_changes(look: Look) -> Iterator[Change]:
    """One of its arguments, its receiver, the function itself; an argument that says what to do with nothing; the
    value behind each item."""
    called, given = look.node.child_by_field_name("function"), arguments_of(look.node)
    if called is None:
        return
    site, name = look.place.site, look.place.site.code(called)
    texts = [site.code(each) for each in given]
    plain = [each for each in given if each.type not in ("keyword_argument", "list_splat", "dictionary_splat")]
    if len(given) == 1 and plain:
        convertible = last_name(name) in _MAKERS
        yield texts[0], (0.25 if convertible else 0.12) * look.fits(look.kinds.get(texts[0])), "unwrapped"
    if called.type == "attribute" and (owner := called.child_by_field_name("object")) is not None:
        yield site.code(owner), 0.15 if site.code(owner) not in ("self", "cls") else 0.0, "unwrapped"
    if not given and not is_called(look.node):
        yield name, 0.2, "uncalled"
    last = last_name(name)
    if last in ("min", "max") and len(given) == 1:
        kind, label = look.kinds.get(f"{texts[0]}[]"), texts[0]
        empty = "empty" in look.fault.message
        for zero in ("None", "0", '""', "[]", "()"):
            prior = (0.5 if empty else 0.03) * (1.3 if zero in ("0", "None") else 0.6)
            yield f"{name}({label}, default={zero})", prior, "default"
        for each in class_members(site.text).get(kind or "", ()):
            if not each.endswith("()"):
                yield f"{name}({label}, key=lambda each: each.{each})", 0.15, "key"
    if last in ("min", "max", "sum", "sorted", "join", "any", "all", "set", "list") and len(plain) == 1:
        yield from _of_each(look, name, plain[0])
    if last in ("next", "pop", "getattr") and len(given) == (2 if last == "getattr" else 1):
        for zero in ("None", "0", '""', "[]"):
            yield f"{name}({', '.join([*texts, zero])})", 0.3 if zero == "None" else 0.12, "default"
    if last == "fromkeys" and len(given) == 1:
        for zero in ("0", '""', "0.0", "False"):
            yield f"{name}({texts[0]}, {zero})", 0.5 if zero == "0" else 0.2, "default"
    if last == "get" and len(given) == 1:
        for zero in dict.fromkeys([*defaults(look), *STARTS]):
            yield f"{name}({texts[0]}, {zero})", 0.4 * (1.6 if zero in defaults(look) else 0.6), "default"
    elif last == "get" and len(given) == 2:
        for zero in dict.fromkeys([*defaults(look), *STARTS]):
            if zero != texts[1]:
                yield f"{name}({texts[0]}, {zero})", 0.25 * (1.6 if zero in defaults(look) else 0.6), "default"
    if last in ("split", "rsplit") and len(given) == 1:
        yield f"{name}({texts[0]}, 1)", 0.4, "argument"
        yield f"{name}()", 0.3, "argument"
    if last == "open" and len(given) == 1:
        for mode in ('"w"', '"a"', '"rb"', '"wb"'):
            yield f"{name}({texts[0]}, {mode})", 0.4, "argument"
    for place, each in enumerate(given):
        if each.type == "keyword_argument" and len(given) > 1:
            yield f"{name}({', '.join([*texts[:place], *texts[place + 1 :]])})", 0.12, "argument"
    if len(plain) == len(given) and 2 <= len(plain) <= 3 and called.type == "attribute":
        owner = called.child_by_field_name("object")
        label = called.child_by_field_name("attribute")
        if owner is not None and label is not None and len(plain) == 1:
            yield f"{texts[0]}.{site.code(label)}({site.code(owner)})", 0.2, "swap"
    if called.type == "attribute" and len(plain) == 1 == len(given) and plain[0].type in ATOMS:
        owner, label = called.child_by_field_name("object"), called.child_by_field_name("attribute")
        if owner is not None and label is not None:
            yield f"{texts[0]}.{site.code(label)}({site.code(owner)})", 0.15, "swap"
    yield from _by_name(look, name, texts)
    yield from _one_more(look, name, texts)
    yield from _keywords(look, name, texts)
    if "'NoneType' object is not callable" in look.fault.message and look.kinds.get(name) in (None, "NoneType"):
        for other in (*texts[:1], "None"):
            yield f"({look.text} if {name} else {other})", 0.5, "guard"
    if not given and name in ("dict", "list", "set", "tuple"):
        for new in (*STARTS, "defaultdict(list)", "defaultdict(int)", "defaultdict(dict)", "Counter()"):
            if "(" not in new or known(look, new.partition("(")[0]) or new == "set()":
                yield new, 0.35, "start"
    if not given and called.type == "attribute":
        for other, count in look.habits.given.get(last, NOTHING).items():
            if other != "()" and known(look, other):
                yield f"{name}{other}", 0.3 + 0.1 * min(count, 3), "as elsewhere"


def _one_more(look: Look, name: str, texts: list[str]) -> Iterator[Change]:
    """An argument more: what is passed there elsewhere, the object itself, a name or an attribute that is bound."""
    missing = "missing" in look.fault.message and "argument" in look.fault.message
    share = 1.0 if missing else 0.25
    own = ["self"] if "self" in look.function.parameters and "self" not in texts else []
    seen = [each for each in look.kinds if "." in each and each.count(".") == 1 and "[" not in each]
    for at in range(len(texts) + 1):
        usual = look.habits.passed.get((last_name(name), at), NOTHING)
        others = {other: 0.4 + 0.1 * min(count, 3) for other, count in usual.items() if known(look, other)}
        for other in own:
            others.setdefault(other, 0.7)
        for other in look.names[:8] if missing else ():
            others.setdefault(other, 0.35)
        for other in seen[:10] if missing else ():
            others.setdefault(other, 0.25 * look.natural(other))
        for other, prior in others.items():
            if other not in texts:
                yield f"{name}({', '.join([*texts[:at], other, *texts[at:]])})", prior * share, "argument"


#: Named arguments that say what to do where something is absent, or how to see each item.
_FILLED = {
    "zip_longest": ('fillvalue=""', "fillvalue=0", "fillvalue=[]"),
    "field": ("default_factory=list", "default_factory=dict"),
}
_BY_FUNCTION = {"dumps": "default", "dump": "default", "sorted": "key", "sort": "key", "min": "key", "max": "key"}


def _keywords(look: Look, name: str, texts: list[str]) -> Iterator[Change]:
    """A named argument more: one of other calls, one that fills up, a function of the file."""
    last = last_name(name)
    there = {each.partition("=")[0] for each in texts if re.match(r"\w+=", each)}
    others = {other: 0.3 for other in look.habits.keywords.get(last, NOTHING)}
    others |= dict.fromkeys(_FILLED.get(last, ()), 0.5)
    if last in _BY_FUNCTION:
        others |= {f"{_BY_FUNCTION[last]}={each}": 0.5 for each in one_value_functions(look.place.site.text)}
        if last.startswith("dump"):
            others["default=str"] = 0.4
    for other, prior in others.items():
        if other.partition("=")[0] not in there and known(look, other.partition("=")[2]):
            yield f"{name}({', '.join([*texts, other])})", prior, "argument"


def _by_name(look: Look, name: str, texts: list[str]) -> Iterator[Change]:
    """Arguments in the order in which the function has parameters of their names."""
    for function in functions_named(look.place.site.text, last_name(name)):
        listed = function.child_by_field_name("parameters")
        names = [re.match(r"\**([^\W\d]\w*)", (each.text or b"").decode("utf-8", "replace")) for each in
                 (listed.named_children if listed is not None else ())]  # fmt: skip
        parameters = [each[1] for each in names if each and each[1] not in ("self", "cls")]
        by_name = {last_name(each): each for each in texts}
        if set(by_name) & set(parameters) and len(texts) >= 2:
            rest = [each for each in texts if last_name(each) not in parameters]
            ordered = [by_name.get(each) or (rest.pop(0) if rest else "") for each in parameters[: len(texts)]]
            if all(ordered) and ordered != texts:
                yield f"{name}({', '.join(ordered)})", 0.8, "order"


def _of_each(look: Look, name: str, given: Node) -> Iterator[Change]:
    """``max(len(each) for each in rows)`` for ``max(rows)``: what is asked of each item."""
    if given.type not in PLAIN:
        return
    text = look.place.site.code(given)
    kind = look.kinds.get(f"{text}[]")
    item = "each"
    tops = {"str": ("str", "len", "int"), "list": ("len", "sum"), "tuple": ("len",), "dict": ("len",)}
    for each in tops.get(kind or "", ("str", "len", "int")):
        join = 0.6 if name.endswith("join") and each == "str" else 0.2
        yield f"{name}({each}({item}) for {item} in {text})", join, "of each"
    labels = [*class_members(look.place.site.text).get(kind or "", ())]
    labels += [key[len(text) + 3 :] for key in look.kinds if key.startswith(f"{text}[].")]
    for label in dict.fromkeys(labels[: 2 * CROWD]):
        yield f"{name}({item}.{label} for {item} in {text})", 0.25, "of each"
    if kind in ("tuple", "list"):
        for place in ("0", "1", "-1"):
            yield f"{name}({item}[{place}] for {item} in {text})", 0.2, "of each"
    if look.kinds.get(text) == "dict":
        yield f"{name}({text}.values())", 0.5, "of each"
