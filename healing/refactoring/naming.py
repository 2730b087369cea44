"""A name for a part of a function, from what its author wrote: a comment, a variable, a loop, the function's verb."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import libcst as cst

from .blocks import Block
from .reads import inside, target_names

_WORD = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])")
_SENTENCE = re.compile(r"[.,;:(\[]|--| - ")
_SILENT = frozenset(
    {"the", "a", "an", "this", "that", "these", "those", "we", "to", "now", "then", "first", "second", "here", "also"}
    | {"just", "all", "any", "its", "it", "our", "their", "so", "must", "should", "will", "can", "let", "lets", "us"}
    | {"what", "which", "was", "were", "has", "have", "been", "those"}
    | {"next", "finally", "try", "if", "whether", "is", "are", "be", "need", "needs", "and", "possible", "actually"}
)
_NOTES = re.compile(r"\b(todo|fixme|xxx|hack|noqa|type|pragma|pylint|mypy|pyright|nosec|fmt|isort)\b|https?:", re.I)
_DOING = (
    "add adjust allow analyse analyze append apply assemble assert assign attach bind build calculate call cancel "
    "check choose clean cleanup clear close collapse collect combine compare compile complete compute configure "
    "connect construct consume convert copy count create decide decode define delete derive detect determine "
    "disable discard dispatch display divide draw drop dump emit enable encode ensure enter escape evaluate "
    "exclude execute expand export extend extract fetch fill filter find finish fix flatten flush fold format "
    "gather generate get group guess handle ignore import include increment index infer init initialise "
    "initialize insert inspect install interpret invoke iterate join keep launch limit link list load locate log "
    "look loop make map mark match measure merge mount move normalise normalize notify open order override pad "
    "parse patch perform pick place plot pop populate prepare prepend print process produce prune pull push put "
    "raise read rebuild record reduce refresh register reject release remove rename render reorder replace report "
    "request reset resize resolve restore retrieve return rewrite run save scale scan schedule score search "
    "select send separate serialise serialize set setup shift show shrink simplify skip solve sort start stop "
    "store strip substitute sum swap sync test tokenize trace track transform traverse trim truncate try unpack "
    "unwrap update use validate verify visit wait walk warn wrap write "
)
_VERBS = frozenset(_DOING.split())
_VAGUE = frozenset({"i", "j", "k", "n", "x", "y", "v", "_", "ret", "res", "tmp", "val", "value", "item", "key", "self"})


class Name(NamedTuple):
    """A name without its underscore, and how much it says (0 to 1)."""

    text: str
    quality: float


def names_for(block: Block, function: str) -> Iterator[Name]:
    """Names for a block of ``function``, the most telling first."""
    verb = next((each for each in words(function)[:1] if each in _VERBS), "")
    comment = _heading(block.statements[0])
    if comment:
        yield Name(comment, 1.0)
    new = [each for each in block.outputs if each not in block.inputs] or list(block.outputs)
    told = [each for each in new if each not in _VAGUE and len(each) > 2]
    if len(told) == 1:
        doing = "update" if set(told) <= set(block.inputs) else _making(block)
        yield Name(f"{doing}_{_snake(told[0])}", 0.6 if len(block.outputs) == 1 else 0.5)
    noun = _subject(block)
    if noun:
        yield Name(f"{verb or 'process'}_{noun}", 0.5 if verb else 0.4)
    changed = _changed(block)
    if changed:
        yield Name(f"update_{changed}", 0.4)
    if len(told) == 2:
        yield Name(f"{_making(block)}_{'_and_'.join(_snake(each) for each in told)}", 0.4)
    asked = _asked(block)
    if asked:
        yield Name(f"{verb or 'handle'}_{asked}", 0.4)
    called = _called(block)
    if called:
        yield Name(called, 0.3)


def words(name: str) -> list[str]:
    """``getHTTPHeader_list`` → get, http, header, list."""
    return [each.lower() for each in _WORD.findall(name)]


def _snake(name: str) -> str:
    return "_".join(words(name)) or "value"


def _heading(statement: cst.CSTNode) -> str:
    """The comment directly above a statement, as a name, if it is short and says what happens."""
    lines: list[str] = []
    for each in reversed(getattr(statement, "leading_lines", ())):
        if each.comment is None:
            break
        lines.insert(0, each.comment.value.lstrip("#: ").strip())
    text = " ".join(lines)
    if not text or _NOTES.search(text):
        return ""
    sentence = _SENTENCE.split(text)[0]
    raw = re.findall(r"[A-Za-z][A-Za-z0-9_]*", sentence)
    if not raw or len(raw) > 9 or re.search(r"[=<>{}]|\bnot\b|\bnever\b|n't\b", sentence):
        return ""
    told = list(dict.fromkeys(word for each in raw for word in words(each) if word not in _SILENT))
    if not told or told[0] not in _VERBS or len(told) < 2 or told[1] in _JOINTS:
        return ""
    cut = next((at for at, each in enumerate(told) if at >= 2 and each in _JOINTS), len(told))
    return "_".join(told[: min(cut, 4)])


_JOINTS = frozenset(
    {
        "for",
        "in",
        "of",
        "from",
        "with",
        "by",
        "on",
        "as",
        "into",
        "when",
        "which",
        "because",
        "since",
        "at",
        "or",
        "not",
    }
)


def _making(block: Block) -> str:
    """The verb for what a block does to a value that is new."""
    statements = block.statements
    if any(True for each in statements for _ in inside(each, cst.Break)):
        return "find"
    grown = {
        call.func.value.value
        for each in statements
        for call in inside(each, cst.Call)
        if isinstance(call.func, cst.Attribute) and call.func.attr.value in ("append", "add", "extend", "update")
        if isinstance(call.func.value, cst.Name)
    }
    if set(block.outputs) & grown:
        return "collect"
    if all(isinstance(each, cst.If | cst.Match) for each in statements[-1:]):
        return "choose"
    return "build" if any(isinstance(each, cst.For | cst.While) for each in statements) else "compute"


def _subject(block: Block) -> str:
    """What a block is about: the variable of its loop, or of the loop that it is the body of."""
    main = max(block.statements, key=_size)
    if isinstance(main, cst.For):
        told = [each for each in target_names(main.target) if each not in _VAGUE]
        over = main.iter.func if isinstance(main.iter, cst.Call) else main.iter
        whole = over.attr.value if isinstance(over, cst.Attribute) else getattr(over, "value", "")
        if isinstance(whole, str) and whole not in (
            "enumerate",
            "zip",
            "items",
            "range",
            "sorted",
            "values",
            "keys",
            "",
        ):
            return _snake(whole) if whole not in _VAGUE else ""
        return f"{_snake(told[-1])}s" if told else ""
    return ""


_ITERATION = frozenset({"enumerate", "zip", "items", "range", "sorted", "values", "keys", "reversed", "list", "iter"})


def _changed(block: Block) -> str:
    """The attribute or variable that a block sets most."""
    counted: Counter[str] = Counter()
    for statement in block.statements:
        for each in inside(statement, cst.Assign, cst.AugAssign):
            targets = [item.target for item in each.targets] if isinstance(each, cst.Assign) else [each.target]
            for target in targets:
                inner = target.value if isinstance(target, cst.Subscript) else target
                if isinstance(inner, cst.Attribute):
                    counted[inner.attr.value] += 1
                elif isinstance(target, cst.Subscript) and isinstance(inner, cst.Name):
                    counted[inner.value] += 1
    told = [(name, count) for name, count in counted.most_common(1) if name not in _VAGUE]
    return _snake(told[0][0]) if told else ""


def _asked(block: Block) -> str:
    """What the first condition asks: the class of an ``isinstance``, or the names in a short test."""
    main = max(block.statements, key=_size)
    if not isinstance(main, cst.If):
        return ""
    test = main.test
    if isinstance(test, cst.UnaryOperation):
        test = test.expression
    if isinstance(test, cst.Call) and getattr(test.func, "value", "") == "isinstance" and len(test.args) == 2:
        test = test.args[1].value
    if isinstance(test, cst.Call):
        test = test.func
    if isinstance(test, cst.Attribute):
        return _snake(test.attr.value)
    if isinstance(test, cst.Name) and test.value not in _VAGUE:
        return _snake(test.value)
    if isinstance(test, cst.Comparison):
        left = test.left
        name = left.attr.value if isinstance(left, cst.Attribute) else getattr(left, "value", "")
        return _snake(name) if isinstance(name, str) and name and name not in _VAGUE and name.isidentifier() else ""
    return ""


def _called(block: Block) -> str:
    counted: Counter[str] = Counter()
    for statement in block.statements:
        for call in inside(statement, cst.Call):
            name = call.func.attr.value if isinstance(call.func, cst.Attribute) else getattr(call.func, "value", "")
            told = words(name) if isinstance(name, str) else []
            if len(told) >= 2 and told[0] in _VERBS:
                counted["_".join(told)] += 1
    return counted.most_common(1)[0][0] if counted else ""


def _size(node: cst.CSTNode) -> int:
    return sum(1 for _ in inside(node, cst.BaseSmallStatement))


def free_name(candidates: Sequence[Name], function: str, text: str) -> Name | None:
    """The first name that stands nowhere in ``text`` yet; the function's own name is put before it if it does."""
    for each in candidates:
        for name in (f"_{each.text}", f"_{_snake(function)}_{each.text}"):
            if len(name) <= 40 and name.isidentifier() and not re.search(rf"\b{re.escape(name)}\b", text):
                return Name(name, each.quality)
    return None
