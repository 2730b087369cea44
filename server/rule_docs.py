"""What is written about each rule, as Markdown: for ``suture docs``, for SARIF, and as pages that an editor can open.

A rule's text is its module's docstring. The pages lie in the user's private cache folder, by version, so that a link
in a diagnostic opens without a network and says what this very version does.

Invariant: :func:`href` looks nothing up: it knows a page only after :func:`write_pages` has written it.
"""

from __future__ import annotations

import inspect
import logging
import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path

from ..analyzers.errors import Unavailable
from ..analyzers.growth.judging import RULE as MEASURED
from ..analyzers.suppress import UNKNOWN, UNUSED

log = logging.getLogger(__name__)

#: The page of the failures of runs (findings of kind ``failure``): their codes name the exception.
FAILURE = "failed-run"

#: The page of what other tools say, by the tool: their codes are ``bandit:B602``, ``ruff:F821``.
TOOLS: Mapping[str, tuple[str, str]] = {
    "bandit": (
        "What bandit says",
        "**What it does**\n\nReports what a check of bandit found that no rule of Suture's own sees better. Its "
        "severity and confidence are Suture's: how often such a report was right.\n\n**References**\n\n"
        "https://bandit.readthedocs.io/en/latest/plugins/",
    ),
    "ruff": (
        "What ruff says",
        "**What it does**\n\nReports what a check of ruff found that no rule of Suture's own sees better. Its "
        "severity and confidence are Suture's: how often such a report was right.\n\n**References**\n\n"
        "https://docs.astral.sh/ruff/rules/",
    ),
}

#: Headings of a rule's, repair's or improvement's docstring, in the order in which they are shown.
HEADINGS = (
    *("What it does", "Why is this bad", "Example", "Use instead", "When it stays silent"),
    *("Before", "After", "Safe because", "References"),
)
_HEADING = re.compile(rf"^({'|'.join(HEADINGS)})(::|:)?[ \t]*(.*)$")

#: Codes that are no rule of a reviewer's: what a measurement or a run found, faults, and what is said of comments and
#: settings meant for Suture.
OWN: Mapping[str, tuple[str, str]] = {
    UNUSED: (
        "A `# suture: ignore` comment that silences nothing",
        "**What it does**\n\nReports a name in a `# suture: ignore[…]` comment for which nothing is found any more, "
        "and a comment without names that silences nothing. Only where every rule that it names was asked: a rule "
        "over all files is judged when several files are reviewed.\n\n"
        "**Why is this bad**\n\nThe next real problem on that line would be silenced, too.",
    ),
    UNKNOWN: (
        "A `# suture: ignore` comment that names no rule",
        "**What it does**\n\nReports a name in a `# suture: ignore[…]` comment that is neither a rule, a kind of "
        "problem, a reviewer nor a code of another tool.\n\n"
        "**Why is this bad**\n\nA misspelt name silences nothing, and whoever wrote it believes that it does.",
    ),
    MEASURED: (
        "A line whose cost was measured to grow faster than its input",
        "**What it does**\n\nReports the line that makes a function's cost grow faster than in proportion to its "
        "input, where no other rule had seen it. The function was run in the sandbox on inputs of growing size and "
        'several contents (`suture review --measure-growth`, or "Measure growth" in the editor), operations were '
        "counted rather than time, and the exponent was fitted. The table of sizes and costs is the evidence. A result "
        "that itself grows as fast is told apart.\n\n"
        "**Why is this bad**\n\nTwice the input costs four times as much, or more.",
    ),
    "syntax-error": (
        "Text that is no Python",
        "**What it does**\n\nReports where the text stops to be Python, of any version that is known. What follows is "
        "analysed as well as it can be.\n\n**Why is this bad**\n\nThe module cannot be imported.",
    ),
    "undefined-name": (
        "A name that nothing binds",
        "**What it does**\n\nReports a name that neither its function, a function around it, its module nor Python "
        "itself binds. Where a name may come from a star import, or from code that is run as text, nothing is said."
        "\n\n**Why is this bad**\n\nThe line fails with a NameError as soon as it runs.",
    ),
    "fuzz-counterexample": (
        "An input for which a function fails",
        "**What it does**\n\nReports a call, found by trying many in the sandbox and made as small as it can be, that "
        "raises, hangs or breaks a property. It failed again in a fresh process. After an edit it is stale until it "
        "was tried again.\n\n**Why is this bad**\n\nWhoever calls the function so gets the same failure.",
    ),
    FAILURE: (
        "A failure of the last run",
        "**What it does**\n\nReports where a command or a test failed when it was run; the code says the sort of "
        "failure and the exception. It goes away when the same run passes.\n\n**Why is this bad**\n\nIt has "
        "happened.",
    ),
    "settings": (
        "A setting that does not count",
        "**What it does**\n\nReports a key below `[tool.suture]` that is not known or whose value cannot be used, and "
        "a file that cannot be read.\n\n**Why is this bad**\n\nThe default holds in its place.",
    ),
    "not-analysed": (
        "A file that was not analysed",
        "**What it does**\n\nSays that a file, or a part of its review, could not be done, and why.\n\n"
        "**Why is this bad**\n\nThat nothing is found there means nothing.",
    ),
    "more-findings": (
        "Findings that a limit hides",
        "**What it does**\n\nCounts the findings of a file that `max-findings-per-file` below "
        "`[tool.suture.review]` hides: those that matter least.",
    ),
}

#: Those of them that no comment silences.
_LOUD = frozenset({"syntax-error", "fuzz-counterexample", FAILURE, "settings", "not-analysed", "more-findings"})


def sentence(summary: str) -> str:
    return summary[:1].upper() + summary[1:].rstrip(".") + "."


def sections(function: Callable[..., object]) -> Iterator[str]:
    """The sections of the docstring of a function's module, as Markdown."""
    documentation = inspect.getdoc(sys.modules[function.__module__]) or ""
    parts: dict[str, tuple[bool, list[str]]] = {}
    lines: list[str] = []
    for line in documentation.split("\n"):
        if match := _HEADING.match(line):
            lines = [match[3]] if match[3] else []
            parts[match[1]] = (match[2] == "::", lines)
        else:
            lines.append(line)
    for heading in HEADINGS:
        if heading in parts:
            is_code, body = parts[heading]
            first, rest = (body[:1], body[1:]) if body and not body[0].startswith(" ") else ([], body)
            text = "\n".join([*first, *inspect.cleandoc("\n" + "\n".join(rest)).split("\n")]).strip("\n")
            if is_code:
                yield f"**{heading}**\n\n```python\n{text}\n```"
            else:
                text = text[:1].upper() + text[1:] if heading != "References" else text
                yield f"**{heading}**\n\n{markdown(text)}"


def markdown(text: str) -> str:
    return text.replace("``", "`")


@cache
def documented() -> Mapping[str, tuple[str, str]]:
    """Every rule's summary and its sections; imports all rules."""
    from ..analyzers.engine import all_rules
    from ..analyzers.review import program_rules

    found = {**OWN, **TOOLS}
    for rule in (*program_rules(), *all_rules()):  # a rule may have both halves
        found[rule.name] = sentence(rule.summary), "\n\n".join(sections(rule.check))
    return found


def page(name: str) -> str:
    """The page of one rule; KeyError if there is no such rule."""
    summary, body = documented()[name]
    text = f"# {name}\n\n{summary}\n\n{body}\n"
    if name in _LOUD:
        return text
    shown = f"{name}:CODE" if name in TOOLS else name
    line = f"`# suture: ignore[{shown}] reason`"
    return f"{text}\nSilence it on a line with {line}, in a project with `[tool.suture.review] ignore`.\n"


def first_link(name: str) -> str:
    """The first address among a rule's references; empty if it has none."""
    _, _, references = documented().get(name, ("", ""))[1].partition("**References**")
    found = re.search(r"https?://[^\s,)>\]]+", references)
    return found[0].rstrip(".") if found else ""


_written: dict[str, str] = {}  # name of a rule → address of its page


def href(name: str) -> str:
    """The address of the page of a diagnostic's code; empty if it was not written (yet)."""
    return _written.get(name) or _written.get(name.partition(":")[0], "")


def write_pages(folder: Path | None = None) -> None:
    """Write the pages that are not there or differ. Where the cache folder cannot be used there are no links."""
    from importlib.metadata import version

    from ..analyzers.store import cache_folder, private_folder

    try:
        place = private_folder((folder or cache_folder()) / "rules" / version("suture"))
        for name in documented():
            path, text = place / f"{name}.md", page(name)
            if not path.exists() or path.read_text("utf-8") != text:
                temporary = path.with_name(f".{name}.{os.getpid()}")
                temporary.write_text(text, "utf-8")
                os.replace(temporary, path)
            _written[name] = path.as_uri()
    except (OSError, Unavailable) as error:
        log.warning("diagnostics have no links to their rules: %s", error)
