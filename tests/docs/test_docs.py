"""The generated pages are what the code says now, and they say something about everything."""

from __future__ import annotations

from pathlib import Path

import pytest

from suture.analyzers.engine import all_rules
from suture.healing.repair import repairs
from suture.server.cli.docs import pages
from suture.server.cli.main import commands, main

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def no_plugins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUTURE_NO_PLUGINS", "1")


@pytest.mark.parametrize("name", ["rules.md", "repairs.md", "settings.md", "commands.md", "providers.md"])
def test_a_generated_page_is_up_to_date(name: str) -> None:
    written = (ROOT / "docs" / name).read_text("utf-8")
    assert written == pages()[name], f"docs/{name} is not what the code says: run `suture docs`"


def test_every_rule_repair_and_command_has_its_section() -> None:
    made = pages()
    for rule in all_rules():
        section = made["rules.md"].partition(f"### {rule.name}\n")[2].partition("\n### ")[0]
        for heading in ("What it does", "Why is this bad", "Example"):
            assert f"**{heading}**" in section, f"the docstring of {rule.name} has no `{heading}`"
    for repair in repairs():
        section = made["repairs.md"].partition(f"## {repair.name}\n")[2].partition("\n## ")[0]
        assert "**What it does**" in section, f"the docstring of {repair.name} has no `What it does`"
    assert [name for name in commands() if f"## suture {name}\n" not in made["commands.md"]] == []


def test_a_provider_s_row_names_what_configures_it_and_where_it_sends() -> None:
    rows = [line for line in pages()["providers.md"].splitlines() if line.startswith("| **")]
    (row,) = [each for each in rows if "**anthropic**" in each]
    assert row.count("|") == 5
    for part in ("`ANTHROPIC_API_KEY`", "`https://api.anthropic.com`"):
        assert part in row
    (local,) = [each for each in rows if "**openai-compatible**" in each]
    assert "`OPENAI_BASE_URL`" in local
    assert "the server that is named" in local
    assert "localhost" not in local


def test_checking_tells_a_stale_page_from_a_fresh_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["docs", "--folder", str(tmp_path)]) == 0
    assert main(["docs", "--check", "--folder", str(tmp_path)]) == 0
    (tmp_path / "rules.md").write_text("# Rules\n", "utf-8")
    assert main(["docs", "--check", "--folder", str(tmp_path)]) == 1
    assert "rules.md not up to date" in capsys.readouterr().err
    assert (tmp_path / "rules.md").read_text("utf-8") == "# Rules\n"
