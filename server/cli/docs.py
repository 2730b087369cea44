"""``suture docs``: writes the pages of ``docs/`` that are made from the code, for those who work on Suture.

A rule's and a repair's page is its module's docstring; the settings are their dataclasses, with the sentences of the
VS Code manifest; the commands are their parsers. ``--check`` compares instead of writing, as CI and a test do.

Invariant: the pages depend on nothing but the code: not on the machine, the width of the terminal, or plug-ins.
"""

from __future__ import annotations

import argparse
import dataclasses
import difflib
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, cast, get_type_hints

from ...analyzers.errors import UserError
from ...analyzers.findings import REVIEWERS
from ..rule_docs import OWN, TOOLS, sections, sentence
from ..settings import SECTIONS
from .docs_calibration import calibration_page
from .docs_generation import generation_page
from .docs_health import health_page
from .docs_providers import providers_page
from .main import Command, commands

MADE = "<!-- Made from the code by `suture docs`; do not edit. -->"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--check", action="store_true", help="only say whether the pages are up to date")
    parser.add_argument("--folder", type=Path, help="where to write them (default: docs/ of this checkout)")


def run(options: argparse.Namespace) -> int:
    folder: Path = options.folder or checkout() / "docs"
    stale: list[str] = []
    for name, text in pages().items():
        path = folder / name
        old = path.read_text("utf-8") if path.exists() else ""
        if old == text:
            continue
        stale.append(name)
        if options.check:
            lines = difflib.unified_diff(old.splitlines(), text.splitlines(), f"docs/{name}", "code", lineterm="")
            print("\n".join(lines), file=sys.stderr)
        else:
            folder.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
    if stale and options.check:
        print(f"suture: {', '.join(stale)} not up to date; run `suture docs`", file=sys.stderr)
        return 1
    print(", ".join(stale) + " written" if stale else "up to date")
    return 0


def checkout() -> Path:
    """The source tree that this module belongs to. Raises UserError where Suture is installed."""
    root = Path(__file__).resolve().parents[2]
    if not (root / "editors" / "vscode" / "package.json").exists():
        raise UserError("the pages are made in a checkout of Suture", "name a --folder, or run it there")
    return root


def pages() -> dict[str, str]:
    """The text of every generated page by its name. Needs the checkout for the settings' sentences."""
    made = {
        "rules.md": ("Rules", rules_page),
        "repairs.md": ("Repairs", repairs_page),
        "templates.md": ("Repairs of your own", templates_page),
        "improvements.md": ("Improvements", improvements_page),
        "settings.md": ("Settings", settings_page),
        "commands.md": ("Commands", commands_page),
        "providers.md": ("Providers of models", lambda: _laid_out(providers_page())),
        "calibration.md": ("Calibration", lambda: _laid_out(calibration_page())),
        "generated-code.md": ("How generated code is checked", lambda: _laid_out(generation_page())),
        "health.md": ("How healing learns and is measured", lambda: _laid_out(health_page())),
    }
    return {name: _page(title, body()) for name, (title, body) in made.items()}


def _page(title: str, body: Iterable[str]) -> str:
    text = "\n\n".join([f"# {title}", MADE, *body])
    return "\n".join(line.rstrip() for line in text.split("\n")).rstrip() + "\n"


# -- rules and repairs -----------------------------------------------------------------------------------------------


def rules_page() -> Iterator[str]:
    from ...analyzers.engine import all_rules
    from ...analyzers.review import program_rules

    by_name = {rule.name: rule for rule in (*program_rules(), *all_rules())}  # a rule may have both halves
    found = sorted(by_name.values(), key=lambda rule: rule.name)
    found = [rule for rule in found if _built_in(rule.check)]
    yield (
        "Silence one on its line with `# suture: ignore[rule]`, or in a project with `[tool.suture.review] ignore`. "
        "The engines bandit and ruff add findings of their own; a problem that several see is shown once."
    )
    for reviewer in REVIEWERS:
        yield f"## {reviewer.capitalize()}"
        for rule in found:
            if rule.reviewer == reviewer:
                yield f"### {rule.name}"
                facts = [f"kind `{rule.kind}`", f"severity {rule.severity}", f"since {rule.since}"]
                facts += [f"[CWE-{each}](https://cwe.mitre.org/data/definitions/{each}.html)" for each in rule.cwe]
                yield f"{sentence(rule.summary)} ({', '.join(facts)})"
                yield from sections(rule.check)
    yield "## Faults, other tools, comments and settings"
    for name, (summary, body) in {**OWN, **TOOLS}.items():
        yield f"### {name}"
        yield sentence(summary)
        yield body


def repairs_page() -> Iterator[str]:
    from ...healing.repair import repairs

    yield (
        "A repair proposes; it is offered as verified only after the failing command, or the module, was run again in "
        "the sandbox."
    )
    for repair in sorted(repairs(), key=lambda each: each.name):
        if _built_in(repair.propose):
            yield f"## {repair.name}"
            yield f"{sentence(repair.summary)} (since {repair.since})"
            yield from sections(repair.propose)


def templates_page() -> Iterator[str]:
    """The docstring of the module that reads them; its example is TOML."""
    from ...healing import templates

    for part in (templates.__doc__ or "").replace("``", "`").replace(":class:`Problem`", "problem").split("\n\n"):
        example = part.startswith("    ")
        yield from [] if example else [part.removesuffix("::") + (":" if part.endswith("::") else "")]
        if example:
            yield "```toml\n" + "\n".join(line.removeprefix("    ") for line in part.split("\n")) + "\n```"


def improvements_page() -> Iterator[str]:
    from ...healing.improvements import improvements

    yield (
        "An improvement rewrites what a reviewer found. It is offered only if both versions did the same on fuzzed "
        "inputs in the sandbox (results, exceptions, order, what becomes of the arguments), in the module's tests, or "
        "both; one that is about speed also has to be measured faster. In the editor it is a quick fix of its finding, "
        "on the command line `suture review --fix` or `--show-fixes`."
    )
    for each in sorted(improvements(), key=lambda each: each.name):
        if not _built_in(each.rewrite):
            continue
        yield f"## {each.name}"
        yield f"{sentence(each.summary)} For " + ", ".join(f"`{rule}`" for rule in each.rules) + "."
        yield from sections(each.rewrite)


def _built_in(function: Callable[..., object]) -> bool:
    """Is it Suture's own, not a plug-in's?"""
    return function.__module__.startswith((__package__ or "").partition(".")[0] + ".")


# -- settings --------------------------------------------------------------------------------------------------------


def settings_page() -> Iterator[str]:
    manifest = json.loads((checkout() / "editors" / "vscode" / "package.json").read_text("utf-8"))
    groups: list[dict[str, Any]] = manifest["contributes"]["configuration"]
    described: dict[str, dict[str, Any]] = {
        name: words for each in groups for name, words in each["properties"].items()
    }
    yield (
        "The editor's settings (`suture.*`) win over `[tool.suture]` of the nearest `pyproject.toml`, and that over "
        "the defaults, key by key and file by file. An unknown key or a bad value is a warning at its line."
    )
    for section, kind in SECTIONS.items():
        yield f"## [tool.suture.{section}]"
        rows = [
            _setting(section, field, get_type_hints(kind)[field.name], described) for field in dataclasses.fields(kind)
        ]
        yield _table(("key", "editor", "type", "default", "meaning"), rows)
    yield "## [tool.suture]"
    yield (
        "`watch = true` (`suture.watch`): on save the affected tests run, those that import what was saved, and what "
        "fails is shown. Only in a trusted folder."
    )
    yield "## [tool.suture.tasks]"
    yield (
        'Names for commands that `suture.run.task` runs in the sandbox: `check = "cargo check"`, or a list of words. '
        "No shell is involved. The editor's `suture.tasks` are added to these."
    )
    yield "## [tool.suture.layers]"
    yield 'A layer\'s name and the module patterns that belong to it, from the top layer down: `web = ["app.views.*"]`.'
    yield "## [tool.suture.telemetry]"
    yield "What generated functions have to emit: see [how generated code is checked](generated-code.md)."
    yield '## [tool.suture.per-path."GLOB"]'
    yield "Any key of `[tool.suture.review]`, for the files that the pattern fits."


def _setting(
    section: str, field: dataclasses.Field[Any], kind: Any, described: dict[str, dict[str, Any]]
) -> tuple[str, ...]:
    first, *rest = field.name.split("_")
    editor = f"suture.{section}.{first}{''.join(word.capitalize() for word in rest)}"
    words = described.get(editor, {})
    meaning = str(words.get("description") or words.get("markdownDescription") or "")
    key = f"`{field.name.replace('_', '-')}`"
    if field.metadata.get("editor_only"):
        key += " (editor only)"
    default: Any = field.default if field.default is not dataclasses.MISSING else {}
    return key, f"`{editor}`", _type(kind), f"`{json.dumps(default)}`", meaning


def _type(kind: Any) -> str:
    names = {bool: "true or false", int: "whole number", float: "number", str: "text"}
    if kind in names:
        return names[kind]
    values: tuple[Any, ...] = getattr(kind, "__args__", ())
    if getattr(kind, "__origin__", None) is tuple:
        return f"list of {_type(values[0])}"
    if getattr(kind, "__origin__", None) is Mapping:
        return f"table of {_type(values[1])}"
    return ", ".join(f"`{each}`" for each in values)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def _laid_out(page: Iterable[tuple[str, object]]) -> Iterator[str]:
    for kind, content in page:
        if kind == "table":
            yield _table(*cast("tuple[Sequence[str], Sequence[Sequence[str]]]", content))
        else:
            yield f"## {content}" if kind == "heading" else str(content)


# -- commands --------------------------------------------------------------------------------------------------------


def commands_page() -> Iterator[str]:
    yield (
        "Exit status: 0 nothing found or done, 1 findings or not healed, 2 usage or configuration error, 3 an internal "
        "or environment failure. Results go to standard output, everything else to standard error."
    )
    for name, command in sorted(commands().items()):
        parser = argparse.ArgumentParser(prog=f"suture {name}", add_help=False)
        command.arguments(parser)
        yield f"## suture {name}"
        yield sentence(command.summary)
        rows = [row for action in parser._actions if (row := _argument(action))]  # pyright: ignore[reportPrivateUsage]
        if rows:
            yield _table(("argument", "meaning"), rows)
    yield "## In the editor"
    yield "In VS Code's palette, under Suture; Neovim's are listed by `:help suture`."
    manifest = json.loads((checkout() / "editors" / "vscode" / "package.json").read_text("utf-8"))
    palette = [(each["title"], f"`{each['command']}`") for each in manifest["contributes"]["commands"]]
    yield _table(("command", "name for key bindings"), palette)


def _argument(action: argparse.Action) -> tuple[str, str] | None:
    if action.help == argparse.SUPPRESS:
        return None
    value = action.metavar if isinstance(action.metavar, str) else action.dest.upper()
    if action.choices is not None and action.metavar is None:
        value = "{" + ",".join(str(each) for each in action.choices) + "}"
    if not action.option_strings:
        return f"`{value}`", action.help or ""
    names = ", ".join(action.option_strings)
    return f"`{names}`" if action.nargs == 0 else f"`{names} {value}`", (action.help or "").replace(
        "%(default)s", str(action.default)
    )


COMMAND = Command("docs", "write the generated pages of docs/ (for those who work on Suture)", arguments, run)
