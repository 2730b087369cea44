"""Repairs that a project brings itself: TOML files in ``.suture/repairs/``, data only, so safe in any workspace.

A file holds one or more tables::

    [[repair]]
    name = "setting-with-default"           # letters, digits and hyphens
    title = "Take the default of $KEY"      # optional; what the editor shows
    languages = ["python"]                  # python, javascript, typescript, rust, go (default: python)
    confidence = 0.7                        # 0 to 1, how likely it is to be what is meant (default: 0.5)
    within = "line"                         # the match touches the line of the fault, or is anywhere in the "file"
    [repair.when]                           # all that is given has to hold
    category = "runtime"                    # or a list of categories
    exception = "KeyError"                  # with or without its module
    code = "E0425"                          # a compiler's code
    message = "'(?P<KEY>[A-Z_]+)'"          # a regular expression; a group is a metavariable of the pattern
    [repair.change]
    pattern = "settings[$KEY]"              # matched on the syntax: whitespace and comments make no difference
    replacement = "settings.get($KEY, defaults[$KEY])"
    imports = ["from shop import defaults"] # optional, Python only

``$X`` in a pattern is any one part of the code, ``$...ARGS`` any number of them in a list; the same name twice is the
same code twice. What a template proposes is verified like every other edit: by its run, and by what it may not do.

Invariant: a bad file never stops healing; it is a :class:`Problem` with its line, and its good neighbours work.
Regular expressions are bounded, so that no file can make healing slow.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, cast, get_args

from ..analyzers.source import LineIndex
from .fault import Category, Fault
from .grammar import splice
from .imports import import_splice
from .patterns import Match, Pattern, filled, matches, read, variables
from .repair import Context, Draft
from .workspace import Workspace

FOLDER = ".suture/repairs"
LANGUAGES = ("python", "javascript", "typescript", "rust", "go")
#: Drafts of one template for one fault, and the part of a message that a regular expression sees.
MAX_DRAFTS, MAX_MESSAGE = 6, 300
_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_PLACE = re.compile(r"\(at line (\d+), column \d+\)")


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a file of templates; ``line`` counts from 0."""

    path: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line + 1}: {self.message}"


@dataclass(frozen=True, slots=True)
class Template:
    """One repair that was read, with a pattern for each of its languages."""

    name: str
    title: str
    confidence: float
    anywhere: bool
    categories: tuple[str, ...]
    exception: str
    code: str
    message: re.Pattern[str] | None
    replacement: str
    imports: tuple[str, ...] = ()
    patterns: Mapping[str, Pattern] = field(default_factory=dict[str, Pattern])


class _Bad(Exception):
    """What is wrong, and the key that it is wrong with."""

    def __init__(self, key: str, message: str) -> None:
        super().__init__(message)
        self.key = key


def templates(workspace: Workspace) -> tuple[tuple[Template, ...], tuple[Problem, ...]]:
    """All templates of the workspace, and what is wrong with its files."""
    found: list[Template] = []
    problems: list[Problem] = []
    for name in _files(workspace):
        mine, wrong = parse(name, workspace.text(name) or "")
        found += mine
        problems += wrong
        if workspace.text(name) is None:
            problems.append(Problem(name, 0, "the file cannot be read as text"))
    return tuple(found), tuple(problems)


def _files(workspace: Workspace) -> list[str]:
    names = {name for name in workspace.files if name.startswith(f"{FOLDER}/") and name.endswith(".toml")}
    names.update(f"{FOLDER}/{each.name}" for each in (workspace.root / FOLDER).glob("*.toml") if each.is_file())
    return sorted(names)


@lru_cache(maxsize=64)
def parse(path: str, text: str) -> tuple[tuple[Template, ...], tuple[Problem, ...]]:
    """The templates of one file, and what is wrong with it."""
    try:
        value = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = _PLACE.search(str(error))
        line = int(place[1]) - 1 if place else max(text.rstrip("\n").count("\n"), 0)
        return (), (Problem(path, line, f"no TOML: {_PLACE.sub('', str(error)).strip()}"),)
    found: list[Template] = []
    problems = [Problem(path, _line(text, 0, key), f"unknown key {key!r}") for key in value if key != "repair"]
    tables: object = value.get("repair", [])
    if not isinstance(tables, list):
        return (), (*problems, Problem(path, _line(text, 0, "repair"), "write [[repair]], in double brackets"))
    for number, table in enumerate(cast("list[object]", tables)):
        try:
            found.append(_template(cast("dict[str, Any]", table) if isinstance(table, dict) else {}))
        except _Bad as error:
            problems.append(Problem(path, _line(text, number, error.key), str(error)))
    return tuple(found), tuple(problems)


def _line(text: str, number: int, key: str) -> int:
    """The line of a key of the table with this number; that of the table where the key is not written."""
    heads = [match.start() for match in re.finditer(r"^\[\[repair\]\]", text, re.MULTILINE)]
    start = heads[number] if number < len(heads) else 0
    end = heads[number + 1] if number + 1 < len(heads) else len(text)
    last = key.rpartition(".")[2]
    match = re.compile(rf"^\s*(?:\[+(?:repair\.)?)?[\"']?{re.escape(last)}[\"']?\s*(?:=|\])", re.MULTILINE).search(
        text, start, end
    )
    return text.count("\n", 0, (match.start() + len(match[0]) - len(match[0].lstrip())) if match else start)


def _template(table: Mapping[str, Any]) -> Template:
    _known(table, "", ("name", "title", "languages", "confidence", "within", "when", "change"))
    when, change = _table(table, "when"), _table(table, "change")
    _known(when, "when.", ("category", "exception", "code", "message"))
    _known(change, "change.", ("pattern", "replacement", "imports"))
    name = _string(table, "name")
    if not _NAME.fullmatch(name):
        raise _Bad("name", "a name is made of small letters and digits, with hyphens between")
    if not when:
        raise _Bad("when", "[repair.when] has to say for which faults the repair is")
    categories = tuple(_strings(when, "category"))
    if wrong := [each for each in categories if each not in get_args(Category)]:
        raise _Bad("when.category", f"no category {wrong[0]!r}; there are {', '.join(get_args(Category))}")
    message = _regex(_string(when, "message", "")) if "message" in when else None
    source, replacement = _string(change, "pattern"), _string(change, "replacement", None)
    groups = set(message.groupindex) if message else set[str]()
    if unbound := sorted(variables(replacement) - variables(source) - groups):
        raise _Bad("change.replacement", f"${unbound[0]} is neither in the pattern nor a group of the message")
    languages = _strings(table, "languages") or ["python"]
    if wrong := [each for each in languages if each not in LANGUAGES]:
        raise _Bad("languages", f"no language {wrong[0]!r}; there are {', '.join(LANGUAGES)}")
    try:
        patterns = {language: read(source, language) for language in languages}
    except ValueError as error:
        raise _Bad("change.pattern", str(error)) from error
    within = _string(table, "within", "line")
    if within not in ("line", "file"):
        raise _Bad("within", 'within is "line" or "file"')
    confidence: object = table.get("confidence", 0.5)
    if isinstance(confidence, bool) or not isinstance(confidence, int | float) or not 0 < confidence <= 1:
        raise _Bad("confidence", "confidence is a number above 0, at most 1")
    imports = tuple(_strings(change, "imports"))
    if wrong := [each for each in imports if not re.fullmatch(r"(?:from [\w.]+ )?import [\w., ]+", each)]:
        raise _Bad("change.imports", f"no import statement: {wrong[0]!r}")
    if imports and languages != ["python"]:
        raise _Bad("change.imports", "imports are for Python only")
    title = _string(table, "title", name.replace("-", " ").capitalize())
    return Template(
        name, title, float(confidence), within == "file", categories, _string(when, "exception", ""),
        _string(when, "code", ""), message, replacement, imports, patterns,
    )  # fmt: skip


def _known(table: Mapping[str, Any], prefix: str, keys: tuple[str, ...]) -> None:
    for key in table:
        if key not in keys:
            raise _Bad(prefix + key, f"unknown key {key!r}; there are {', '.join(keys)}")


def _table(table: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = table.get(key)
    if not isinstance(value, dict):
        raise _Bad(key, f"[repair.{key}] is missing")
    return cast("dict[str, Any]", value)


def _string(table: Mapping[str, Any], key: str, default: str | None = "\0") -> str:
    """A text that must not be empty; with ``default`` None it may be."""
    value = table.get(key, default if default != "\0" else None)
    if not isinstance(value, str) or (not value.strip() and default == "\0"):
        raise _Bad(key, f"{key} has to be a text" if key in table else f"{key} is missing")
    return value


def _strings(table: Mapping[str, Any], key: str) -> list[str]:
    value = table.get(key, [])
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, list) or not all(isinstance(each, str) for each in cast("list[object]", values)):
        raise _Bad(key, f"{key} has to be a text or a list of texts")
    return cast("list[str]", values)


def _regex(text: str) -> re.Pattern[str]:
    """A regular expression that cannot take long: no repeated group, at most three open repetitions."""
    bare = re.sub(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]", "x", text)
    if re.search(r"\)[*+{]", bare):
        raise _Bad("when.message", "a group may not be repeated")
    if len(re.findall(r"[*+]|\{\d*,\d*\}", bare)) > 3 or len(text) > 300:
        raise _Bad("when.message", "at most three repetitions and 300 characters, so that it cannot take long")
    try:
        return re.compile(text)
    except re.error as error:
        raise _Bad("when.message", f"no regular expression: {error}") from error


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    """The drafts of the workspace's own templates, at the fault and at the calls that led there."""
    for template in templates(context.workspace)[0]:
        pattern = template.patterns.get(fault.language)
        bound = _applies(template, fault)
        if pattern is None or bound is None:
            continue
        known = {name: text for name, text in bound.items() if name in pattern.names}
        number = 0
        for path, text, row in _places(fault, context):
            lines = LineIndex(text)
            found = [each for each in matches(pattern, text, known) if template.anywhere or _touches(each, lines, row)]
            # Of matches on one line the smallest is the likeliest, of those in the file the nearest.
            near = lines.offset(max(row, 0), 0)
            found.sort(key=lambda each: abs(each.start - near) if template.anywhere else each.end - each.start)
            for match in found[: MAX_DRAFTS - number]:
                whole = Match(match.start, match.end, {**bound, **match.bound}, match.loose)
                yield _draft(template, whole, path, text, template.confidence * 0.9**number)
                number += 1


def _places(fault: Fault, context: Context) -> Iterator[tuple[str, str, int]]:
    """Path, text and line of the fault, then of the calls that led to it, innermost first."""
    seen: set[tuple[str, int]] = set()
    calls = [(frame.path, frame.line) for frame in reversed(fault.frames)]
    for path, line in [(context.name, fault.line), *calls]:
        text = context.text if path == context.name else context.workspace.text(path)
        if (path, line) not in seen and text is not None:
            seen.add((path, line))
            yield path, text, line


def _applies(template: Template, fault: Fault) -> dict[str, str] | None:
    """What the message binds; None if the template is for other faults."""
    if template.categories and fault.category not in template.categories:
        return None
    if template.exception and template.exception not in (fault.exception, fault.exception.rpartition(".")[2]):
        return None
    if template.code and template.code != fault.code:
        return None
    if template.message is None:
        return {}
    match = template.message.search(fault.message[:MAX_MESSAGE])
    return {name: text for name, text in match.groupdict().items() if text is not None} if match else None


def _touches(match: Match, lines: LineIndex, row: int) -> bool:
    first, last = (lines.position(offset)[0] for offset in (match.start, max(match.end - 1, match.start)))
    return first <= row <= last


def _draft(template: Template, match: Match, path: str, text: str, prior: float) -> Draft:
    lines = LineIndex(text)
    row, column = lines.position(match.start)
    line = lines.line(row)
    indent = line[: len(line) - len(line.lstrip())] if not line[:column].strip() else ""
    newline = "\r\n" if "\r\n" in text else "\n"
    new = filled(template.replacement, match, indent).replace("\n", newline)
    changed = splice(text, [(match.start, match.end, new)])
    for statement in template.imports:
        if not re.search(rf"^{re.escape(statement)}\b", changed, re.MULTILINE):
            changed = splice(changed, [import_splice(changed, statement)])
    title = filled(template.title, Match(0, 0, match.bound))
    return Draft(f"{title} ({template.name})", {path: changed}, prior)
