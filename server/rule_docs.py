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

#: Headings of a rule's, repair's or improvement's docstring, in the order in which they are shown.
HEADINGS = (
    *("What it does", "Why is this bad", "Example", "Use instead", "When it stays silent"),
    *("Before", "After", "Safe because", "References"),
)
_HEADING = re.compile(rf"^({'|'.join(HEADINGS)})(::|:)?[ \t]*(.*)$")

#: Rules that are no file of a reviewer's: what a measurement found, and what is said of comments meant for Suture.
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
}


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

    found = dict(OWN)
    for rule in (*program_rules(), *all_rules()):  # a rule may have both halves
        found[rule.name] = sentence(rule.summary), "\n\n".join(sections(rule.check))
    return found


def page(name: str) -> str:
    """The page of one rule; KeyError if there is no such rule."""
    summary, body = documented()[name]
    line = f"`# suture: ignore[{name}] reason`"
    how = f"Silence it on a line with {line}, in a project with `[tool.suture.review] ignore`."
    return f"# {name}\n\n{summary}\n\n{body}\n\n{how}\n"


def first_link(name: str) -> str:
    """The first address among a rule's references; empty if it has none."""
    _, _, references = documented().get(name, ("", ""))[1].partition("**References**")
    found = re.search(r"https?://[^\s,)>\]]+", references)
    return found[0].rstrip(".") if found else ""


_written: dict[str, str] = {}  # name of a rule → address of its page


def href(name: str) -> str:
    """The address of the page of a rule; empty if it was not written (yet)."""
    return _written.get(name, "")


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
