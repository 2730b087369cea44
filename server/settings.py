"""Settings: the editor's over ``[tool.suture]`` of the nearest ``pyproject.toml`` over defaults, key by key, per file.

Invariant: an unknown key or a bad value is a warning at its line and the rest still counts; a broken file is one
warning and the defaults. Nothing here raises for what a person wrote.
Invariant: a model's address and key come from the editor or the environment, never from the workspace, and what the
workspace chooses does not decide whom the editor's key is sent to; a folder that is not trusted can lower the budget,
not raise it.
The nearest ``pyproject.toml`` is the first one upwards that has a ``[tool.suture]`` table or cannot be read.
"""

from __future__ import annotations

import difflib
import math
import re
import shlex
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import Field, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Literal, cast, get_args, get_origin, get_type_hints

from ..analyzers.errors import UserError
from ..analyzers.findings import REVIEWERS, Finding, Range, Reviewer, Severity
from ..analyzers.source import LineIndex


@dataclass(frozen=True, slots=True)
class ReviewSettings:
    """``[tool.suture.review]``, and what ``[tool.suture.per-path."GLOB"]`` may change for some files."""

    enabled: bool = True
    reviewers: tuple[Reviewer, ...] = REVIEWERS
    select: tuple[str, ...] = field(default=(), metadata={"rules": True})  # rules or kinds; empty: all
    ignore: tuple[str, ...] = field(default=(), metadata={"rules": True})
    severity: Severity = "low"  # the least severe that is shown
    severities: Mapping[str, Severity] = field(default_factory=dict[str, Severity], metadata={"rules": True})
    max_findings_per_file: int = 100
    baseline: str = ""  # a file of known findings, relative to the settings' folder


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """``[tool.suture.model]``. ``base_url`` and ``api_key`` can only be set in the editor (or the environment).

    ``provider`` names providers, comma-separated, in the order in which they are asked (``local``: none).
    ``key_provider`` is the one that ``base_url`` and ``api_key`` are for, whatever else a workspace chooses; if it is
    not set, the first that the editor's own settings name, else ``openai``."""

    provider: str = field(default="", metadata={"providers": True})
    model: str = ""
    base_url: str = field(default="", metadata={"editor_only": True})
    api_key: str = field(default="", repr=False, metadata={"editor_only": True})
    key_provider: str = field(default="", metadata={"editor_only": True, "providers": True})


@dataclass(frozen=True, slots=True)
class BudgetSettings:
    """``[tool.suture.budget]``, in US dollars; 0 means: never call a model."""

    request_usd: float = 0.25
    day_usd: float = 5.0
    month_usd: float = 50.0


@dataclass(frozen=True, slots=True)
class GenerateSettings:
    """``[tool.suture.generate]``: what generated code must keep to, and how often a model is asked for it."""

    max_complexity: int = field(default=15, metadata={"minimum": 1})
    rounds: int = field(default=3, metadata={"minimum": 0})
    opinions: int = 2


@dataclass(frozen=True, slots=True)
class SandboxSettings:
    """``[tool.suture.sandbox]``: the backend (``auto`` takes the strongest here) and the limits of one run."""

    backend: str = "auto"
    memory_mb: int = field(default=512, metadata={"minimum": 32})
    timeout_s: float = field(default=10.0, metadata={"minimum": 0.1})


@dataclass(frozen=True, slots=True)
class RunSettings:
    """``[tool.suture.run]``: what holds for the commands that run the workspace's own code for a person."""

    timeout_s: float = field(default=60.0, metadata={"minimum": 0.1})

    def heal_s(self, took_s: float = 0.0) -> float:
        """The limit (seconds) of one run while a failure is healed, for a command that took ``took_s``: a third of what
        a run may take, or as much as that command needs."""
        return min(self.timeout_s, max(self.timeout_s / 3, 2 * took_s))


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings that hold for one file."""

    review: ReviewSettings = ReviewSettings()
    model: ModelChoice = ModelChoice()
    budget: BudgetSettings = BudgetSettings()
    generate: GenerateSettings = GenerateSettings()
    sandbox: SandboxSettings = SandboxSettings()
    run: RunSettings = RunSettings()
    watch: bool = False  # ``watch = true`` of ``[tool.suture]``: run the affected tests on save
    #: ``[tool.suture.tasks]``: a task's name → the words of its command. Run in the sandbox, when asked for.
    tasks: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    #: ``[tool.suture.layers]``: a layer's name → the module patterns that belong to it, in the file's order.
    layers: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])


SECTIONS: Mapping[str, type] = {
    "review": ReviewSettings,
    "model": ModelChoice,
    "budget": BudgetSettings,
    "generate": GenerateSettings,
    "sandbox": SandboxSettings,
    "run": RunSettings,
}

#: Keys of ``suture.*`` that belong to the editor's own extension.
CLIENT_KEYS = frozenset({"trace", "server", "client", "path", "command", "environment", "preview"})

#: Faults that are never filtered.
STATIC = frozenset({"syntax-error", "undefined-name"})

KeyPath = tuple[str, ...]
Values = Mapping[tuple[str, str], Any]


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a key, for a person."""

    key: KeyPath
    message: str


@dataclass(frozen=True, slots=True)
class ParsedSettings:
    """One source of settings, checked: only keys that are set and valid are in ``values``."""

    values: Values = field(default_factory=dict[tuple[str, str], Any])
    layers: Mapping[str, tuple[str, ...]] | None = None
    tasks: Mapping[str, tuple[str, ...]] | None = None
    per_path: tuple[tuple[str, Values], ...] = ()
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class ProjectSettings:
    """The settings of one ``pyproject.toml``, with a warning for everything in it that does not count."""

    path: Path
    parsed: ParsedSettings
    warnings: tuple[Finding, ...]


# -- checking ----------------------------------------------------------------------------------------------------


#: Keys of ``[tool.suture]`` that are not sections of plain keys.
_OTHERS = ("watch", "tasks", "layers", "telemetry", "per-path")


def parse(table: Mapping[str, Any], *, editor: bool = False) -> ParsedSettings:
    """Check a ``[tool.suture]`` table, or the editor's ``suture`` section (camelCase, dotted keys, nulls for unset)."""
    if editor:
        table = _editor_keys(table)
    values: dict[tuple[str, str], Any] = {}
    problems: list[Problem] = []
    layers: dict[str, tuple[str, ...]] | None = None
    tasks: dict[str, tuple[str, ...]] | None = None
    per_path: list[tuple[str, Values]] = []
    for name, value in table.items():
        if name in SECTIONS:
            found, wrong = _section(name, value, (name,), editor)
            values |= found
            problems += wrong
        elif name == "layers":
            layers, wrong = _layers(value)
            problems += wrong
        elif name == "tasks":
            tasks, wrong = _tasks(value)
            problems += wrong
        elif name == "telemetry":
            problems += _telemetry(value)
        elif name == "watch":
            try:
                values["", name] = _checked(value, bool, {})
            except ValueError as error:
                problems.append(Problem((name,), f"`{name}` {error}; the default is used"))
        elif name == "per-path":
            for pattern, overrides in _table(value, (name,), problems).items():
                found, wrong = _section("review", overrides, (name, pattern), editor)
                per_path.append((pattern, found))
                problems += wrong
        elif not (editor and name in CLIENT_KEYS):
            problems.append(Problem((name,), _unknown(name, (*SECTIONS, *_OTHERS))))
    return ParsedSettings(values, layers, tasks, tuple(per_path), tuple(problems))


def _section(name: str, value: object, at: KeyPath, editor: bool) -> tuple[dict[tuple[str, str], Any], list[Problem]]:
    kind = SECTIONS[name]
    hints = get_type_hints(kind)
    known: dict[str, Field[Any]] = {each.name.replace("_", "-"): each for each in fields(kind)}
    values: dict[tuple[str, str], Any] = {}
    problems: list[Problem] = []
    for key, item in _table(value, at, problems).items():
        spec = known.get(key)
        if spec is None:
            problems.append(Problem((*at, key), _unknown(key, known)))
        elif spec.metadata.get("editor_only") and not editor:
            text = f"`{key}` is not read from the workspace: set it in the editor or the environment"
            problems.append(Problem((*at, key), text))
        else:
            try:
                value = values[name, spec.name] = _checked(item, hints[spec.name], spec.metadata)
            except ValueError as error:
                problems.append(Problem((*at, key), f"`{key}` {error}; the default is used"))
                continue
            if spec.metadata.get("rules"):
                named = cast("tuple[str, ...]", value)
                problems += (Problem((*at, key), says) for each in named if (says := _unknown_rule(each)))
            if spec.metadata.get("providers"):
                wrong = [each.strip() for each in str(value).split(",") if each.strip() not in provider_names()]
                problems += (Problem((*at, key), _unknown_provider(each)) for each in wrong if each)
    return values, problems


def _unknown_rule(name: str) -> str:
    """Why naming this rule does nothing; empty if it is a rule or a kind."""
    known = rule_names()
    if name in known or re.fullmatch(r"bandit:B\d+|ruff:[A-Z]+\d+", name):
        return ""
    if name in STATIC:
        return f"`{name}` is a fault of the text, not an opinion: it is always shown"
    near = [f"bandit:{name}"] if re.fullmatch(r"B\d+", name) else difflib.get_close_matches(name, known, n=1)
    if re.fullmatch(r"[A-Z]+\d+", name) and not near:
        near = [f"ruff:{name}"]
    return f"there is no rule or kind `{name}`" + (f"; did you mean `{near[0]}`?" if near else "")


def _unknown_provider(name: str) -> str:
    near = difflib.get_close_matches(name, provider_names(), n=1)
    said = f"did you mean `{near[0]}`?" if near else f"known: {', '.join(provider_names())}"
    return f"there is no provider `{name}`, so it is not asked; {said}"


def provider_names() -> tuple[str, ...]:
    """The names of all providers of models; imports them."""
    from ..codegen.provider import providers

    return tuple(providers())


def rule_names() -> frozenset[str]:
    """The names of all rules and of the kinds of problem they find; imports them."""
    from ..analyzers.review import rule_names

    return rule_names()


def _table(value: object, at: KeyPath, problems: list[Problem]) -> Mapping[str, Any]:
    if isinstance(value, Mapping):
        return cast("Mapping[str, Any]", value)
    problems.append(Problem(at, f"`{at[-1]}` must be a table, not {_named(value)}"))
    return {}


def _telemetry(value: object) -> list[Problem]:
    """``[[tool.suture.telemetry.spans]]`` is read by the validation of generated code; here it is only checked."""
    from ..codegen.validation.levels.telemetry import read_table

    read = read_table(value)
    return [Problem(("telemetry",), read)] if isinstance(read, str) else []


def _layers(value: object) -> tuple[dict[str, tuple[str, ...]], list[Problem]]:
    problems: list[Problem] = []
    layers: dict[str, tuple[str, ...]] = {}
    for name, patterns in _table(value, ("layers",), problems).items():
        try:
            layers[name] = _checked([patterns] if isinstance(patterns, str) else patterns, tuple[str, ...], {})
        except ValueError as error:
            problems.append(Problem(("layers", name), f"layer `{name}` {error}; it is left out"))
    return layers, problems


def _tasks(value: object) -> tuple[dict[str, tuple[str, ...]], list[Problem]]:
    """A task is a command: a list of words, or one string that is split as a shell would (none is started)."""
    problems: list[Problem] = []
    tasks: dict[str, tuple[str, ...]] = {}
    for name, command in _table(value, ("tasks",), problems).items():
        try:
            words = shlex.split(command) if isinstance(command, str) else command
            tasks[name] = _checked(words, tuple[str, ...], {})
        except ValueError as error:
            said = str(error) if str(error).startswith("must") else f"cannot be read ({error})"
            problems.append(Problem(("tasks", name), f"task `{name}` {said}; it is left out"))
            continue
        if not tasks[name]:
            problems.append(Problem(("tasks", name), f"task `{name}` has no command; it is left out"))
            del tasks[name]
    return tasks, problems


def _checked(value: Any, kind: Any, limits: Mapping[str, Any]) -> Any:
    """The value in its field's type. Raises ValueError with the end of a sentence: "must be …"."""
    if get_origin(kind) is Literal:
        if value not in get_args(kind):
            raise ValueError(f"must be one of {', '.join(get_args(kind))}, not {_named(value)}")
        return value
    if get_origin(kind) is tuple:
        if not isinstance(value, list):
            raise ValueError(f"must be a list, not {_named(value)}")
        return tuple(_checked(item, get_args(kind)[0], limits) for item in cast("list[Any]", value))
    if get_origin(kind) is Mapping:
        if not isinstance(value, Mapping):
            raise ValueError(f"must be a table, not {_named(value)}")
        given = cast("Mapping[str, Any]", value)
        return {str(key): _checked(item, get_args(kind)[1], limits) for key, item in given.items()}
    if kind is bool or kind is str:
        if not isinstance(value, kind):
            raise ValueError(f"must be {'true or false' if kind is bool else 'a string'}, not {_named(value)}")
        return value
    if isinstance(value, bool) or not isinstance(value, int if kind is int else (int, float)):
        raise ValueError(f"must be a {'whole number' if kind is int else 'number'}, not {_named(value)}")
    minimum = limits.get("minimum", 0)
    if not math.isfinite(value) or value < minimum:
        raise ValueError(f"must be at least {minimum}, not {value}")
    return kind(value)


def _named(value: object) -> str:
    if isinstance(value, str):
        return f'"{value}"' if len(value) <= 40 else "a long string"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, Mapping):
        return "a table"
    return "a list" if isinstance(value, list) else "null" if value is None else type(value).__name__


def _unknown(key: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(key.replace("_", "-").lower(), list(known), n=1)
    return f"unknown setting `{key}`; " + (f"did you mean `{near[0]}`?" if near else f"known: {', '.join(known)}")


def _editor_keys(table: Mapping[str, Any]) -> dict[str, Any]:
    """camelCase and snake_case to kebab-case, dotted keys to tables, nulls away; globs, layers and rules stay."""
    result: dict[str, Any] = {}
    for raw, value in table.items():
        if value is None:
            continue
        head, _, rest = raw.partition(".")
        name = _kebab(head)
        if rest:
            value = {rest: value}
        if isinstance(value, Mapping):
            inner = cast("Mapping[str, Any]", value)
            if name == "per-path":
                value = {
                    glob: _editor_keys(cast("Mapping[str, Any]", each)) if isinstance(each, Mapping) else each
                    for glob, each in inner.items()
                }
            elif name not in ("layers", "tasks", "severities"):
                value = _editor_keys(inner)
            previous = result.get(name)
            if isinstance(previous, dict):
                value = {**cast("dict[str, Any]", previous), **cast("dict[str, Any]", value)}
        result[name] = value
    return result


def _kebab(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name).replace("_", "-").lower()


# -- pyproject.toml ----------------------------------------------------------------------------------------------


def parse_project(path: Path, text: str) -> ProjectSettings | None:
    """The ``[tool.suture]`` table of a ``pyproject.toml``; None if it has none."""
    try:
        tool = tomllib.loads(text).get("tool")
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        where = re.search(r"at line (\d+)", str(error))
        line = int(where[1]) - 1 if where else text.count("\n")
        message = f"this file is not valid TOML, so Suture uses its defaults: {error}"
        return ProjectSettings(path, ParsedSettings(), (_warning(path, text, line, message),))
    table = cast("dict[str, Any]", tool).get("suture") if isinstance(tool, dict) else None
    if table is None:
        return None
    parsed = (
        parse(cast("dict[str, Any]", table))
        if isinstance(table, dict)
        else ParsedSettings(problems=(Problem((), f"`tool.suture` must be a table, not {_named(table)}"),))
    )
    warnings = tuple(
        _warning(path, text, line_of_key(text, ("tool", "suture", *problem.key)), problem.message)
        for problem in parsed.problems
    )
    return ProjectSettings(path, parsed, warnings)


def _warning(path: Path, text: str, line: int, message: str) -> Finding:
    index = LineIndex(text)
    line = max(0, min(line, len(index.starts) - 1))
    content = index.line(line)
    start = len(content) - len(content.lstrip())
    where = Range(line, start, line, max(len(content.rstrip()), start))
    return Finding(path.as_posix(), where, "settings", "settings", message, "low", 1.0)


_HEADER = re.compile(r"\s*\[\[?\s*([^\]]+(?:\"[^\"]*\"[^\]]*)*)\]\]?\s*(?:#.*)?$")
_KEY = re.compile(
    r"""\s*((?:[A-Za-z0-9_-]+|"(?:\\.|[^"\\])*"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"(?:\\.|[^"\\])*"|'[^']*'))*)\s*="""
)


def line_of_key(text: str, key: KeyPath) -> int:
    """The line that sets ``key`` in TOML text, or the nearest table or key above it. :mod:`tomllib` does not say."""
    best, line_of_best = 0, 0
    for line, at in _keys(text):
        depth = 0
        while depth < min(len(at), len(key)) and at[depth] == key[depth]:
            depth += 1
        if depth > best and (depth == len(at) or depth == len(key)):
            best, line_of_best = depth, line
    return line_of_best


def _keys(text: str) -> Iterator[tuple[int, KeyPath]]:
    table: KeyPath = ()
    quote = ""  # the multi-line string we are in
    for number, line in enumerate(text.split("\n")):
        if quote:
            quote = "" if quote in line else quote
            continue
        if header := _HEADER.match(line):
            table = _dotted(header[1])
            yield number, table
        elif key := _KEY.match(line):
            yield number, (*table, *_dotted(key[1]))
        for mark in ('"""', "'''"):
            if line.count(mark) % 2:
                quote = mark


def _dotted(key: str) -> KeyPath:
    try:
        value: Any = tomllib.loads(f"{key} = 0")
    except tomllib.TOMLDecodeError:
        return ()
    path: list[str] = []
    while isinstance(value, dict):
        name, value = next(iter(cast("dict[str, Any]", value).items()))
        path.append(name)
    return tuple(path)


# -- together ----------------------------------------------------------------------------------------------------


class ProjectFiles:
    """Finds and keeps the settings of every ``pyproject.toml``. ``read`` gives its text, None if there is no such file;
    it raises UserError for one that is no text.

    Invariant: a path is looked at once until :meth:`forget`, so that resolving settings costs no I/O while typing."""

    def __init__(self, read: Callable[[Path], str | None]) -> None:
        self._read = read
        self._loaded: dict[Path, ProjectSettings | None] = {}
        self._nearest: dict[Path, ProjectSettings | None] = {}

    def forget(self) -> None:
        """A ``pyproject.toml`` changed, appeared or went."""
        self._loaded.clear()
        self._nearest.clear()

    def load(self, pyproject: Path) -> ProjectSettings | None:
        if pyproject not in self._loaded:
            try:
                text = self._read(pyproject)
                self._loaded[pyproject] = None if text is None else parse_project(pyproject, text)
            except UserError as error:
                warning = _warning(pyproject, "", 0, f"{error.message}, so Suture uses its defaults")
                self._loaded[pyproject] = ProjectSettings(pyproject, ParsedSettings(), (warning,))
        return self._loaded[pyproject]

    def nearest(self, path: Path) -> ProjectSettings | None:
        """The settings that hold for the file ``path``."""
        folder = path.parent
        if folder not in self._nearest:
            self._nearest[folder] = next(
                filter(None, (self.load(up / "pyproject.toml") for up in _upwards(folder))), None
            )
        return self._nearest[folder]


def _upwards(folder: Path) -> Iterator[Path]:
    yield folder
    yield from folder.parents


def resolve(
    path: Path, project: ProjectSettings | None, editor: Iterable[ParsedSettings] = (), *, trusted: bool = False
) -> Settings:
    """The settings of one file. ``editor`` is weakest first."""
    values: dict[tuple[str, str], Any] = {}
    layers: Mapping[str, tuple[str, ...]] = {}
    tasks: Mapping[str, tuple[str, ...]] = {}
    if project is not None:
        values |= project.parsed.values
        if not trusted:
            for (section, name), value in project.parsed.values.items():
                if section == "budget":
                    values[section, name] = min(value, getattr(BudgetSettings(), name))
                elif section == "generate" and name in ("rounds", "opinions"):  # each is a call that costs
                    values[section, name] = min(value, getattr(GenerateSettings(), name))
                elif section == "model" and (name, value) != ("provider", "local"):
                    del values[section, name]
        layers, tasks = project.parsed.layers or {}, project.parsed.tasks or {}
        for pattern, overrides in project.parsed.per_path:
            if matches(pattern, path, project.path.parent):
                values |= overrides
    named = ""  # by the editor
    for parsed in editor:
        values |= parsed.values
        named = parsed.values.get(("model", "provider"), named)
        layers = layers if parsed.layers is None else parsed.layers
        tasks = {**tasks, **(parsed.tasks or {})}
        for pattern, overrides in parsed.per_path:
            if matches(pattern, path, project.path.parent if project else Path(path.anchor)):
                values |= overrides
    held = any(values.get(("model", name)) for name in ("api_key", "base_url"))
    if held and not values.get(("model", "key_provider")):
        values["model", "key_provider"] = first_provider(named) or "openai"
    settings = Settings(layers=layers, tasks=tasks, watch=bool(values.get(("", "watch"), False)))
    for section in SECTIONS:
        mine = {name: value for (owner, name), value in values.items() if owner == section}
        if mine:
            settings = replace(settings, **{section: replace(getattr(settings, section), **mine)})
    return settings


def first_provider(named: str) -> str:
    """The first of a list of providers that has keys; empty if none has."""
    return next((each.strip() for each in named.split(",") if each.strip() not in ("", "local", "editor")), "")


def saved_settings(path: Path) -> Settings:
    """The settings of a file as the disk has them, of a folder that nobody has vouched for: it can lower a budget."""

    def read(name: Path) -> str | None:
        try:
            return name.read_text("utf-8")
        except (OSError, UnicodeDecodeError):
            return None

    return resolve(path, ProjectFiles(read).nearest(path))


def matches(pattern: str, path: Path, base: Path) -> bool:
    """Whether a glob (``**``, ``*``, ``?``; relative to ``base``; without a slash: at any depth) matches ``path``."""
    try:
        relative = path.relative_to(base).as_posix()
    except ValueError:
        return False
    pattern = pattern.strip("/")
    if "/" not in pattern:
        pattern = f"**/{pattern}"
    return re.fullmatch(_glob(pattern), relative) is not None


def _glob(pattern: str) -> str:
    parts = re.split(r"(\*\*/|/\*\*$|\*\*|\*|\?)", pattern)
    known = {"**/": "(?:.*/)?", "/**": "/.*", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return "".join(known.get(part) or re.escape(part) for part in parts)
