"""What libraries do with untrusted values, as data: one module a framework or library, discovered as plug-ins.

A module of this package defines ``MODEL = Model(…)``. Names are dotted: ``flask.request.args`` is an attribute,
``sqlite3.Cursor.execute`` a method of what ``sqlite3.Cursor`` constructs, ``*.execute`` a method of a receiver of
which nothing is known. Third parties add models by the entry point group ``suture.security_models``.

Invariant: a model holds no state and runs nothing of the analysed program.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from ...plugins import discover

if TYPE_CHECKING:
    from ..taint.machine import Call, Machine
    from ..taint.program import Function as UserFunction
    from ..taint.values import State, Value

#: Kinds of sources: what another machine sends; what the user of a command types; a body fetched without TLS; the text
#: of an exception; a credential that somebody sent.
WEB = frozenset({"web"})
TYPED = frozenset({"web", "cli"})
ANY_BODY = frozenset({"web", "cli", "cleartext"})
ERROR = frozenset({"error"})

#: What is text and nothing else is no operator in a query of documents.
TEXT = frozenset({"nosqli"})

#: The host that a browser asked for: whoever made it ask decides no other for it.
OWN_HOST = frozenset({"redirect"})

Selector = int | str


@dataclass(frozen=True, slots=True)
class Sink:
    """Arguments that must not be untrusted. ``args``: positions, keywords, ``self``, ``*`` (all positional);
    ``part``: ``host`` only what decides the host of a URL, ``start`` only how the text begins, ``deep`` also what is
    in containers, ``program`` the first element of a list, ``named`` a program alone, also behind a star,
    ``file`` the path of a file that is no folder, ``remote`` a command for another machine."""

    rule: str
    args: tuple[Selector, ...]
    origins: frozenset[str] = WEB
    part: str = ""
    when: Callable[[Call], bool] | None = None
    says: str = ""


@dataclass(frozen=True, slots=True)
class Function:
    """What a function or method does. ``returns``: what its result is; ``source``: the kind of source that its result
    is; ``through``: arguments whose taint the result has; ``cleanses``: kinds of sinks that the result is harmless
    for (``*``: all); ``applies``: the position of a callable that it calls with the arguments behind it."""

    returns: str = ""
    source: str = ""
    through: tuple[Selector, ...] = ()
    cleanses: frozenset[str] = frozenset()
    sinks: tuple[Sink, ...] = ()
    leaves: bool = False
    applies: int | None = None
    hook: Callable[[Machine, Call], Value | None] | None = None


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute of a library's object: what it is, the kind of source that it is, and what that is harmless for.

    ``hook`` may say it better: it is given the owner and the value of that kind of source (None: no better)."""

    returns: str = ""
    source: str = ""
    safe: frozenset[str] = frozenset()
    hook: Callable[[Machine, Value, Value, State], Value | None] | None = None


@dataclass(frozen=True, slots=True)
class Given:
    """What a framework passes to a parameter."""

    ext: str = ""
    source: str = ""
    cleanses: frozenset[str] = frozenset()
    model: ast.expr | None = None  # the annotation, if it may be a class with fields of the body
    depends: ast.expr | None = None  # the callable whose result is passed
    made_of: str = ""  # the attribute of the class that holds the class of what is passed
    shared: bool = False  # one object stands for each of the kind ``ext``: what one function stores, others find


@dataclass(frozen=True, slots=True)
class EntryPoint:
    """How the outside calls a function: what its parameters are, what becomes of what it returns (``html``: a page;
    ``parts``: a list of parts of one; ``data``: something that no browser reads as a page), and the class of the
    framework that its instance is of."""

    parameters: Mapping[str, Given]
    returns: str = ""
    receiver: str = ""


Entry = Callable[["UserFunction"], EntryPoint | None]


@dataclass(frozen=True, slots=True)
class Model:
    """Everything known of a library. ``entries`` say which functions the outside calls, and with what."""

    functions: Mapping[str, Function] = field(default_factory=dict[str, Function])
    attributes: Mapping[str, Attribute] = field(default_factory=dict[str, Attribute])
    aliases: Mapping[str, str] = field(default_factory=dict[str, str])
    entries: tuple[Entry, ...] = ()
    #: Patterns of which a function that reads a source holds one; ``packages``: and one of which its module imports.
    hints: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()


def sinks(
    rule: str, origins: frozenset[str], where: Mapping[str, tuple[Selector, ...]], part: str = ""
) -> dict[str, Function]:
    """Functions that are sinks of a rule, by name and arguments."""
    return {name: Function(sinks=(Sink(rule, args, origins, part),)) for name, args in where.items()}


def through(
    names: Iterable[str], *args: Selector, cleanses: Iterable[str] = (), returns: str = ""
) -> dict[str, Function]:
    """Functions whose result is made of their arguments."""
    return {name: Function(through=args or (0,), cleanses=frozenset(cleanses), returns=returns) for name in names}


def cleanses(names: Iterable[str], *kinds: str) -> dict[str, Function]:
    """Functions whose result is harmless for some kinds of sinks (default: for all)."""
    return {name: Function(through=("*", "**"), cleanses=frozenset(kinds or ("*",))) for name in names}


def returns(types: Mapping[str, str]) -> dict[str, Function]:
    """Functions by the type of their result."""
    return {name: Function(returns=kind) for name, kind in types.items()}


def merge(*parts: Mapping[str, Function]) -> dict[str, Function]:
    """One table; what several parts say of a function is put together."""
    table: dict[str, Function] = {}
    for part in parts:
        for name, new in part.items():
            old = table.get(name)
            if old is not None:
                new = Function(
                    new.returns or old.returns,
                    new.source or old.source,
                    new.through or old.through,
                    new.cleanses | old.cleanses,
                    (*old.sinks, *new.sinks),
                    new.leaves or old.leaves,
                    new.applies if new.applies is not None else old.applies,
                    new.hook or old.hook,
                )
            table[name] = new
    return table


@dataclass(frozen=True, slots=True)
class Knowledge:
    """All models as one."""

    functions: Mapping[str, Function]
    attributes: Mapping[str, Attribute]
    aliases: Mapping[str, str]
    entries: tuple[Entry, ...]
    #: Last names of functions that are sinks: a definition that calls none of them (and is no view) reaches none.
    sinks: frozenset[str]
    signs: tuple[Sign, ...]

    def canonical(self, name: str) -> str:
        """The name under which the models know something that a library exports under several."""
        known = self.aliases.get(name)
        if known is not None:
            return known
        head, dot, last = name.rpartition(".")
        if not dot:
            return name
        shorter = self.canonical(head)
        if shorter == head:
            return name
        again = f"{shorter}.{last}"
        return self.aliases.get(again, again)


@dataclass(frozen=True, slots=True)
class Sign:
    """What the text of a function that reads a source holds, and what its module imports (any of ``packages``)."""

    hints: tuple[tuple[str, re.Pattern[str]], ...]
    packages: frozenset[str]
    imports: re.Pattern[str] | None

    def in_text(self, text: str) -> bool:
        """Is it in the text of a function, or of a module?"""
        return any(word in text and pattern.search(text) is not None for word, pattern in self.hints)

    def in_module(self, text: str) -> bool:
        """Is it in a module that imports what it has to?"""
        if self.imports is None:
            return self.in_text(text)
        named = any(name in text for name in self.packages)  # most modules name few packages: a fast look
        return named and self.in_text(text) and self.imports.search(text) is not None


#: What of a pattern does not stand for itself: classes, groups, optional characters.
_NO_LETTERS = re.compile(r"\\[A-Za-z][?*+]?|\(\?:[^)]*\)[?*+]?|\[[^\]]*\][?*+]?|\\?.[?*+]")


def word_of(hint: str) -> str:
    """The longest text that each match of a hint holds: looking for it is much faster than for the pattern."""
    parts = _NO_LETTERS.sub("\0", hint).split("\0")
    return max((re.sub(r"\\(.)", r"\1", each) for each in parts), key=len)


#: A pattern that begins with the beginning of a word, and the letters that each match of it begins with.
_BEGINNING = re.compile(r"\\b((?:\w|\\\.)+)(?![\w?*+{])")


def fast(hint: str) -> re.Pattern[str]:
    """A hint, so written that its first letters are looked for: where a pattern begins with ``\\b``, :mod:`re` tries it
    at each character of a text instead."""
    return re.compile(_BEGINNING.sub(r"\1(?<=\\b\1)", hint, count=1) if _BEGINNING.match(hint) else hint)


def _sign(model: Model) -> Sign:
    imports = re.compile(rf"^[ \t]*(?:from|import)[ \t]+(?:{'|'.join(model.packages)})\b", re.MULTILINE)
    return Sign(
        tuple((word_of(hint), fast(hint)) for hint in model.hints),
        frozenset(model.packages),
        imports if model.packages else None,
    )


@cache
def knowledge() -> Knowledge:
    """Every model: the modules of this package, then installed plug-ins."""
    models = list(discover(__name__, "MODEL", Model, "suture.security_models"))
    return Knowledge(
        merge(*(model.functions for model in models)),
        {name: each for model in models for name, each in model.attributes.items()},
        {name: each for model in models for name, each in model.aliases.items()},
        tuple(entry for model in models for entry in model.entries),
        frozenset(
            name.rpartition(".")[2]
            for model in models
            for name, each in model.functions.items()
            if each.sinks or (each.hook is not None and name[:2] == "*.") or each.applies is not None
        )
        | {"setattr", "partial", "Thread", "send_header", "create"},
        tuple(_sign(model) for model in models if model.hints),
    )
