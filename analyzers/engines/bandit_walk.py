"""bandit's own checks on a text, without the work that cannot come to anything.

bandit asks every check about every node. Here a check is asked only where the text holds what the check looks for
(:data:`NEEDS`: words of which each of its findings implies one; for forbidden calls the parts of their names). Where
each of the checks that are asked looks for words of the very statement (:data:`THERE`), only statements on such lines
are entered, and imports. Only nodes that some check looks at are prepared for it, and nothing is counted, logged or
scored on the way. What a check says is not touched: the issues are bandit's.

Invariant: the same issues in the same order as bandit's visitor gives with the same checks, except for words that are
written in pieces or with escapes (``"/t" "mp"``).
"""

from __future__ import annotations

import ast
import io
import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, cast

from ..host import host_tree
from ..source import words_once

_PASSWORD = ("pasw", "passw", "sssw", "pass_", "_pass", "passphrase", "'pass'", '"pass"', "pwd", "token", "secret")
#: The words of a statement to a database, with what may follow: the check looks for white space behind them, in a text
#: that may be put together of parts.
_STATEMENTS = (("select", "from"), ("delete", "from"), ("insert", "into"), ("update", "set"))
_SQL = tuple(word + end for word, _ in _STATEMENTS for end in " \n\r\t\\{\"'")
_STATED = [tuple(re.compile(f"{word}[ \n\r\t\\\\{{\"']") for word in words) for words in _STATEMENTS]
_SHELLS = ("system", "popen", "popen2", "popen3", "popen4", "getoutput", "getstatusoutput")
_BIDI = re.compile("[\u200f\u202a-\u202e\u2066-\u2069]")

#: Check → words of which a text in lower case must hold one for it to find anything. Others are always asked.
NEEDS: Mapping[str, tuple[str, ...]] = {
    "B103": ("chmod",),
    "B104": ("0.0.0.0",),
    "B105": _PASSWORD,
    "B106": _PASSWORD,
    "B107": _PASSWORD,
    "B108": ("/tmp", "/var/tmp", "/dev/shm"),
    "B201": ("flask",),
    "B202": ("extractall",),
    "B324": ("hashlib", "crypt"),
    "B501": ("requests", "httpx"),
    "B502": ("sslv", "tlsv"),
    "B503": ("sslv", "tlsv"),
    "B505": ("crypto",),
    "B506": ("yaml",),
    "B507": ("set_missing_host_key_policy",),
    "B508": ("pysnmp",),
    "B509": ("pysnmp",),
    "B601": ("paramiko",),
    "B602": ("shell",),
    "B604": ("shell",),
    "B608": _SQL,
    "B609": ("subprocess",),
    "B614": ("torch",),
    "B701": ("jinja2",),
    "B702": ("mako",),
    "B703": ("safestring",),
    "B704": ("markupsafe", "flask"),
}

#: Check → words of which the statement itself holds one, if the name that is called is not an alias. (A module's name
#: may stand in its import only.)
THERE: Mapping[str, tuple[str, ...]] = {
    **{
        name: NEEDS[name]
        for name in ("B103", "B104", "B105", "B106", "B107", "B108", "B202", "B502", "B503", "B507", "B602", "B604")
    },
    "B102": ("exec",),
    "B201": ("run",),
    "B324": ("md4", "md5", "sha", "new", "crypt", "mksalt"),
    "B501": ("verify",),
    "B506": ("load",),
    "B508": ("communitydata",),
    "B509": ("usmuserdata",),
    "B601": ("exec_command",),
    "B605": _SHELLS,
    "B608": _SQL,
    "B609": ("chown", "chmod", "tar", "rsync"),
    "B610": ("extra",),
    "B611": ("rawsql",),
    "B612": ("listen",),
    "B614": ("load",),
    "B701": ("environment",),
    "B702": ("template",),
    "B703": ("mark_safe", "safetext", "safeunicode", "safestring", "safebytes"),
    "B704": ("markup",),
}

#: Check → names of functions, in lower case, of which a text calls one, or gives it another name, for the check to find
#: anything (or the text holds one of the words that it needs). The words alone (``execute``, ``filesystem``) are many.
CALLED: Mapping[str, tuple[str, ...]] = {
    "B102": ("exec",),
    "B605": _SHELLS,
    "B609": _SHELLS,
    "B610": ("extra",),
    "B611": ("rawsql",),
    "B612": ("listen",),
}

#: Around these a string may be a part of a longer one, which is all that the check of SQL looks at.
_COMPOSING = (ast.BinOp, ast.JoinedStr, ast.Attribute)

#: Fields that hold names, numbers and signs.
_PLAIN = frozenset(
    {
        "id", "ctx", "attr", "arg", "op", "ops", "kind", "level", "module", "is_async", "simple", "type_comment",
        "conversion", "asname", "type_ignores", "kwd_attrs", "rest",
    }
)  # fmt: skip
_EMPTY = (ast.expr_context, ast.operator, ast.cmpop, ast.boolop, ast.unaryop)


class _Words:
    """Which words a text holds, each looked for once. A word of letters only is looked for in ``once``, where each word
    of the text stands one time."""

    def __init__(self, text: str, once: str) -> None:
        self._text = text
        self._once = once
        self._known: dict[str, bool] = {}

    def __contains__(self, word: str) -> bool:
        known = self._known.get(word)
        if known is None:
            known = self._known[word] = word in (self._once if word.isidentifier() else self._text)
        return known

    def any(self, words: Iterable[str]) -> bool:
        return any([word in self for word in words])


class _Blacklist:
    """bandit's check of forbidden calls, with those of which the text holds the names."""

    def __init__(self, check: Any, config: Any) -> None:
        self._check = check
        self._config = config
        self._test_id = check._test_id
        self.__name__: str = check.__name__

    def __call__(self, context: Any, config: Any) -> Any:
        return self._check(context, config)


def _asked(text: str, lower: str, checks: Mapping[str, list[Any]]) -> tuple[dict[str, list[Any]], set[str] | None]:
    """The checks that may find something in a text, by the kind of node, and words (in lower case) of which a statement
    holds one where they find something; None if it need not."""
    asked: dict[str, list[Any]] = {}
    there: set[str] | None = set()
    once = words_once(text)
    exact, words = _Words(text, once), _Words(lower, once.lower())
    for kind, listed in checks.items():
        for check in listed:
            if check.__name__ == "blacklist":
                entries = _may_call(exact, check._config.get(kind, ()))
                if entries:
                    asked.setdefault(kind, []).append(_Blacklist(check, {kind: entries}))
                    here = {last.lower() for each in entries for _, last in _ends(tuple(each["qualnames"]))}
                    there = there | here if there is not None and kind == "Call" else None
                continue
            name: str = check._test_id
            here = THERE.get(name)
            if name == "B613":
                may = not text.isascii() and _BIDI.search(text) is not None
                here = ()  # it looks at no statement
            else:
                may = name not in NEEDS and name not in CALLED
                may = may or words.any(NEEDS.get(name, ())) or _calls(words, lower, CALLED.get(name, ()))
                may = may and (here is None or words.any(here)) and (name != "B608" or _states(lower))
            if may:
                asked.setdefault(kind, []).append(check)
                there = there.union(here) if there is not None and here is not None else None
    return asked, there


def _states(lower: str) -> bool:
    """Does a text hold the two words of some statement to a database, one behind the other?"""
    found = [(second, first.search(lower)) for first, second in _STATED]
    return any(first is not None and second.search(lower, first.end()) for second, first in found)


def _calls(words: _Words, lower: str, names: Iterable[str]) -> bool:
    """Does a text call one of some functions, or give it another name?"""
    return any(name in words and _call_of(name).search(lower) for name in names)


@cache
def _call_of(name: str) -> re.Pattern[str]:
    """A call of a function, or another name for it. (It begins with letters: those are searched fast.)"""
    return re.compile(rf"{name}(?<!\w{name})(?:[\s\\)]|#[^\n]*\n)*(?:\(|\bas\b)")


def _may_call(words: _Words, entries: Iterable[Any]) -> list[Any]:
    """The forbidden names of which a text holds the first and the last part. An import must have brought them."""
    return [
        each
        for each in entries
        if any(first in words and last in words for first, last in _ends(tuple(each["qualnames"])))
    ]


@cache
def _ends(names: tuple[str, ...]) -> frozenset[tuple[str, str]]:
    return frozenset((name.partition(".")[0], name.rpartition(".")[2]) for name in names)


_ALIAS = re.compile(r"\bas\b")
#: The same in a line that goes on with what the one before it began.
_ALIAS_BELOW = re.compile(r"(?:[\s\\]|#[^\n]*\n)*as\b")


def _lines(lower: str, words: Iterable[str]) -> list[int] | None:
    """The lines (from 1) that hold one of some words, or an import, in order; None if what has such a name may also be
    called by another, or lines are not told apart as the host does it."""
    if "\r" in lower or "\f" in lower:
        return None
    starts = [0, *(match.end() for match in _LINE_END.finditer(lower))]
    found: set[int] = set()
    for word in words:
        at = lower.find(word)
        while at >= 0:
            line = bisect_right(starts, at)
            end = starts[line] if line < len(starts) else len(lower)
            if line not in found:
                if _ALIAS.search(lower, starts[line - 1], end) or _ALIAS_BELOW.match(lower, end):
                    return None
                found.add(line)
            at = lower.find(word, end)
    at = lower.find("import")
    while at >= 0:
        line = bisect_right(starts, at)
        found.add(line)
        at = lower.find("import", starts[line] if line < len(starts) else len(lower))
    return sorted(found)


_LINE_END = re.compile("\n")


def issues(path: str, text: str, checks: Any) -> list[Any]:
    """bandit's issues in a text by some of its checks (a test set). Raises SyntaxError, ValueError or RecursionError
    if the host's parser cannot read the text; a text in which nothing can be found is not parsed."""
    # Python reads names in this form, and has the same lines in it.
    said = text if text.isascii() else unicodedata.normalize("NFKC", text)
    lower = said.lower()
    asked, there = _asked(said, lower, checks.tests)
    if not asked:
        return []
    lines = _lines(lower, there) if there is not None else None
    visitor = _visitor()(path, io.BytesIO(text.encode("utf-8", "surrogatepass")), asked, lines)
    tree = host_tree(text)
    try:
        visitor.generic_visit(tree)
    finally:
        visitor.let_go()
    visitor.whole_file()
    return visitor.tester.results


@cache
def _visitor() -> Any:
    """bandit's visitor with other ways. bandit has no types, and is imported when it is needed."""
    from bandit.core import meta_ast, metrics, node_visitor, tester  # pyright: ignore[reportMissingTypeStubs]
    from bandit.core.context import Context  # pyright: ignore[reportMissingTypeStubs]

    base_visitor: Any = node_visitor.BanditNodeVisitor
    base_tester: Any = tester.BanditTester

    class Tester(base_tester):
        testset: Any
        results: list[Any]
        report_error: Any

        def run_tests(self, raw_context: dict[str, Any], checktype: str) -> None:
            listed: list[Any] = self.testset.get(checktype, ())
            context: Any = None
            for check in listed:
                if check._test_id == "B608" and not isinstance(raw_context["node"]._bandit_parent, _COMPOSING):
                    continue
                context = context or Context(raw_context)
                try:
                    result = check(context, check._config) if hasattr(check, "_config") else check(context)
                except Exception as error:  # noqa: BLE001 - bandit logs what its checks trip over, and goes on
                    self.report_error(check.__name__, context, error)
                    continue
                if result is not None:
                    self.results.append(_completed(result, check, raw_context))

    class Visitor(base_visitor):
        fname: Any
        fdata: Any
        imports: Any
        import_aliases: Any
        metrics: Any
        namespace: Any
        tester: Any
        visit: Any

        def __init__(
            self, path: str, data: io.BytesIO, asked: dict[str, list[Any]], lines: Sequence[int] | None
        ) -> None:
            base_visitor.__init__(self, path, data, meta_ast.BanditMetaAst(), asked, False, {}, metrics.Metrics())
            self.tester = Tester(asked, False, {}, self.metrics)
            names = {"Import", "ImportFrom", "FunctionDef", "ClassDef", *asked}
            names |= {"Constant"} if asked.keys() & {"Str", "Bytes"} else set()
            self._looked_at = frozenset(getattr(ast, name) for name in names if hasattr(ast, name))
            self._lines = lines
            self._entered: list[Any] = []

        def let_go(self) -> None:
            """Takes the way back from what was entered. A tree of rings stays until somebody looks for garbage, which
            costs more than all that is saved here."""
            for each in self._entered:
                del each._bandit_parent, each._bandit_sibling
            self._entered.clear()

        def update_scores(self, scores: object) -> None:
            pass

        def whole_file(self) -> None:
            place = {"lineno": 0, "linerange": [0, 1], "col_offset": 0}
            self.tester.run_tests({"file_data": self.fdata, "filename": self.fname, **place}, "File")

        def pre_visit(self, node: Any) -> bool:
            context: dict[str, Any] = {"imports": self.imports, "import_aliases": self.import_aliases, "node": node}
            if hasattr(node, "lineno"):
                context["lineno"], context["col_offset"] = node.lineno, node.col_offset
                context["end_col_offset"] = node.end_col_offset
                context["linerange"] = list(range(node.lineno, node.end_lineno + 1))
            context["filename"], context["file_data"] = self.fname, self.fdata
            self.context = context
            return True

        def post_visit(self, node: Any) -> None:
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                self.namespace = self.namespace.rpartition(".")[0]

        def generic_visit(self, node: Any) -> None:
            for name in _fields(node.__class__):
                value = getattr(node, name, None)
                if value.__class__ is list:
                    items = cast("list[Any]", value)
                    last = len(items) - 1
                    lines = self._lines if name in _BLOCKS else None
                    for index, item in enumerate(items):
                        if lines is not None and not _holds(lines, item):
                            continue
                        if isinstance(item, ast.AST) and not isinstance(item, _EMPTY):
                            self._enter(item, node, items[index + 1] if index < last else None)
                elif isinstance(value, ast.AST) and not isinstance(value, _EMPTY):
                    self._enter(value, node, None)

        def _enter(self, child: Any, parent: Any, sibling: Any) -> None:
            kind = child.__class__
            if kind in self._looked_at:
                child._bandit_parent, child._bandit_sibling = parent, sibling
                self._entered.append(child)
                self.pre_visit(child)
                self.visit(child)
                self.generic_visit(child)
                self.post_visit(child)
            elif _fields(kind):
                child._bandit_parent, child._bandit_sibling = parent, sibling
                self._entered.append(child)
                self.generic_visit(child)

    return Visitor


#: Fields of statements that hold statements.
_BLOCKS = frozenset({"body", "orelse", "finalbody", "handlers"})


def _holds(lines: Sequence[int], item: Any) -> bool:
    """Does one of some lines lie in a statement?"""
    first: int = item.lineno
    for each in getattr(item, "decorator_list", ()):
        first = min(first, each.lineno)
    at = bisect_left(lines, first)
    return at < len(lines) and lines[at] <= item.end_lineno


@cache
def _fields(kind: type[ast.AST]) -> tuple[str, ...]:
    """The fields of a kind of node that may hold nodes which anybody looks at."""
    return () if kind is ast.Constant else tuple(name for name in kind._fields if name not in _PLAIN)


def _completed(result: Any, check: Any, context: Mapping[str, Any]) -> Any:
    """An issue with what its check left to the tester."""
    if result.lineno is None:
        result.lineno = context["lineno"]
    if result.linerange == []:
        result.linerange = context["linerange"]
    if result.col_offset == -1:
        result.col_offset = context["col_offset"]
    result.end_col_offset = context.get("end_col_offset", 0)
    result.test = check.__name__
    result.test_id = result.test_id or check._test_id
    return result
