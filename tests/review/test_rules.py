"""Every rule is held to its fixture: the lines marked bad are reported, one to one, and nothing else in the file."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from suture.analyzers.engine import all_rules, analyse
from suture.analyzers.findings import Finding
from suture.analyzers.review import program_rules
from suture.analyzers.rules import ProgramRule, Rule

FIXTURES = Path(__file__).parents[1] / "rules"
MARK = re.compile(r"#\s*(bad|ok):\s*([\w-]+)")

#: The kinds of the command-line contract.
KINDS = {
    "performance": {
        *("membership", "linear_search", "list_shift", "str_concat", "list_concat", "nested_loop", "regex_loop"),
        *("sort_in_loop", "sort_misuse", "recompute", "copy", "slice_consume", "caching", "blocking_async"),
        *("iterrows", "n_plus_1"),
    },
    "architecture": {
        *("long_function", "complexity", "deep_nesting", "too_many_params", "god_class", "low_cohesion"),
        *("import_cycle", "layer", "duplicate", "mutable_global", "feature_envy", "type_switch"),
    },
}

RULES: list[Rule | ProgramRule] = [*all_rules(), *program_rules()]


def fixture_of(rule: Rule | ProgramRule) -> Path:
    folder = FIXTURES / rule.reviewer / rule.name.replace("-", "_")
    return folder if folder.is_dir() else folder.with_suffix(".py")


def marks(path: Path, kind: str, rule: str) -> set[tuple[str, int]]:
    files = sorted(path.rglob("*.py")) if path.is_dir() else [path]
    return {
        (file.name, number)
        for file in files
        for number, line in enumerate(file.read_text("utf-8").split("\n"), 1)
        for found in MARK.finditer(line)
        if found[1] == kind and found[2] == rule
    }


def findings_of(rule: Rule | ProgramRule, path: Path) -> Iterator[Finding]:
    if isinstance(rule, Rule):
        yield from analyse(f"/project/{path.name}", path.read_text("utf-8"), rules=[rule]).findings
        return
    files = sorted(path.rglob("*.py")) if path.is_dir() else [path]
    yield from rule.check({file.as_posix(): rule.extract(file.as_posix(), file.read_text("utf-8")) for file in files})


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_reports_its_bad_lines_and_nothing_else(rule: Rule | ProgramRule) -> None:
    path = fixture_of(rule)
    assert path.exists(), f"the fixture {path} is missing"
    bad, ok = marks(path, "bad", rule.name), marks(path, "ok", rule.name)
    assert bad, "a rule needs lines that it reports"
    assert ok, "a rule needs lines that it leaves alone"
    found = {(Path(each.path).name, each.range.line + 1) for each in findings_of(rule, path) if each.rule == rule.name}
    assert found == bad


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_every_finding_has_evidence_a_suggestion_and_an_honest_confidence(rule: Rule | ProgramRule) -> None:
    for each in findings_of(rule, fixture_of(rule)):
        if each.rule != rule.name:
            continue
        assert all((each.evidence, each.suggestion, each.message))
        assert 0.3 <= each.confidence < 1
        assert (each.reviewer, each.kind) == (rule.reviewer, rule.kind)
        assert each.kind in KINDS[each.reviewer] if each.reviewer in KINDS else each.cwe


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_is_documented_in_the_sections_that_the_documentation_is_made_of(rule: Rule | ProgramRule) -> None:
    module = importlib.import_module(f"suture.analyzers.{rule.reviewer}.{rule.name.replace('-', '_')}")
    text = module.__doc__ or ""
    for section in ("What it does:", "Why is this bad:", "Example::", "Use instead::", "References:"):
        assert section in text, f"{rule.name} lacks the section {section}"


def test_every_fixture_belongs_to_a_rule() -> None:
    known = {fixture_of(rule) for rule in RULES}
    on_disk = {
        path for reviewer in ("security", "performance", "architecture") for path in (FIXTURES / reviewer).iterdir()
    }
    assert {path for path in on_disk if path.name != "__pycache__"} == known


def test_each_reviewer_has_rules_of_its_own() -> None:
    for reviewer in ("security", "performance", "architecture"):
        assert sum(rule.reviewer == reviewer for rule in RULES) >= 2


def test_every_rule_has_a_case_that_an_editor_sees() -> None:
    cases = "\n".join(path.read_text("utf-8") for path in (FIXTURES.parent / "cases").rglob("*.txt"))
    named = set(re.findall(r'rule="([\w-]+)"', cases))
    assert sorted({rule.name for rule in RULES} - named) == []
