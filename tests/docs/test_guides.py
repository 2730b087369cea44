"""The code of the guides works as they say: it is taken out of the pages and run."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from suture.analyzers.engine import analyse
from suture.healing.locate import locate
from suture.healing.repair import Context
from suture.healing.toolchain import diagnose
from suture.healing.workspace import Workspace

DOCS = Path(__file__).parents[2] / "docs"


def block(page: str, title: str) -> str:
    found = re.search(rf"^```\w+ title={title}\n(.*?)^```$", (DOCS / page).read_text("utf-8"), re.MULTILINE | re.DOTALL)
    assert found is not None, f"{page} has no block {title}"
    return found[1]


def module(page: str, title: str) -> Any:
    made = ModuleType(title)
    exec(compile(block(page, title), f"{page}:{title}", "exec"), made.__dict__)
    return made


def test_the_rule_of_the_guide_reports_the_bad_lines_of_its_fixture_and_no_others() -> None:
    text = block("write-a-rule.md", "fixture")
    rule = module("write-a-rule.md", "rule").RULE
    bad = [number for number, line in enumerate(text.split("\n")) if f"# bad: {rule.name}" in line]
    found = [each for each in analyse("/project/shop.py", text, rules=[rule]).findings if each.rule == rule.name]
    assert [each.range.line for each in found] == bad
    assert len(bad) == 2
    assert all(each.suggestion == "ask prices itself" and each.evidence for each in found)


@dataclass(frozen=True)
class Fixture:
    fault: str
    files: dict[str, str]
    expected: dict[str, str]


def fixture(title: str) -> Fixture:
    _, *parts = re.split(r"^-- (.+) --\n", block("write-a-repair.md", title), flags=re.MULTILINE)
    sections = dict(zip(parts[::2], parts[1::2], strict=True))
    fault = sections.pop("fault")
    expected = {name.removeprefix("expect: "): text for name, text in sections.items() if name.startswith("expect: ")}
    return Fixture(fault, {name: text for name, text in sections.items() if ": " not in name}, expected)


@pytest.mark.parametrize("title", ["bad", "ok"])
def test_the_repair_of_the_guide_does_what_its_fixtures_say(title: str, tmp_path: Path) -> None:
    case = fixture(title)
    workspace = Workspace(tmp_path, {name: text.encode() for name, text in case.files.items()})
    found = diagnose(case.fault, "", ["python", "main.py"]) or diagnose("", case.fault, ["python", "main.py"])
    assert found is not None
    fault = locate(found, workspace)
    repair = module("write-a-repair.md", "repair").REPAIR
    drafts = list(repair.propose(fault, Context(workspace, fault.path, case.files[fault.path], fault)))
    assert [dict(each.texts) for each in drafts] == ([case.expected] if case.expected else [])


def test_the_guides_name_the_files_as_the_tests_look_for_them() -> None:
    repair, rule = module("write-a-repair.md", "repair").REPAIR, module("write-a-rule.md", "rule").RULE
    text = (DOCS / "write-a-repair.md").read_text("utf-8")
    assert f"`tests/repairs/{repair.name}/bad_" in text
    assert f"pytest tests/healing -k {repair.name}\n" in text
    assert f"`healing/repairs/{repair.name.replace('-', '_')}.py`" in text
    text = (DOCS / "write-a-rule.md").read_text("utf-8")
    for folder in ("tests/rules", "analyzers"):
        assert f"`{folder}/{rule.reviewer}/{rule.name.replace('-', '_')}.py`" in text


def prose(page: Path) -> str:
    """A page without its blocks of code."""
    return re.sub(r"^```.*?^```$", "", page.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)


def slugs(page: Path) -> set[str]:
    """What a link can name in a page: its headings, as GitHub and the site spell them."""
    headings = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", each.lower()).strip().replace(" ", "-") for each in headings}


def test_no_page_links_to_a_page_or_a_heading_that_is_not_there() -> None:
    root = DOCS.parent
    guides = [*(root / "editors").glob("*.md"), *(root / "editors").glob("*/*.md"), root / "README.md"]
    checked = 0
    for page in (*DOCS.glob("*.md"), *guides):
        text = re.sub(r"(\[`[^`\n]*`\])|``.*?``|`[^`\n]*`", r"\1", prose(page))  # only the name of a link may be code
        for target, _, heading in re.findall(r"\]\((?!https?:|command:)([^)#\s]*)(#([^)\s]+))?\)", text):
            where = page.parent / target if target else page
            assert where.exists(), f"{page.name} links to {target}"
            assert not heading or heading in slugs(where), f"{page.name} links to {target}#{heading}"
            checked += 1
    assert checked > 30


def test_every_page_is_in_the_table_of_contents() -> None:
    listed = set(re.findall(r"^([\w-]+)$", (DOCS / "index.md").read_text("utf-8"), re.MULTILINE))
    assert {page.stem for page in DOCS.glob("*.md")} - {"index"} == listed
