"""Settings: precedence key by key, a warning at the line of what does not count, and never a dead server."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from suture.server.settings import (
    BudgetSettings,
    GenerateSettings,
    ProjectFiles,
    ProjectSettings,
    RunSettings,
    Settings,
    line_of_key,
    matches,
    parse,
    parse_project,
    resolve,
)


def project(text: str) -> ProjectSettings:
    found = parse_project(Path("/w/pyproject.toml"), text)
    assert found is not None
    return found


def warned(text: str) -> list[tuple[int, str]]:
    return [(each.range.line, each.message) for each in project(text).warnings]


def test_every_key_of_the_contract_is_read() -> None:
    found = project(
        """
[tool.suture.review]
enabled = false
reviewers = ["security"]
select = ["sqli"]
ignore = ["import-cycle", "bandit:B101", "ruff:S101"]
severity = "high"
max-findings-per-file = 7
[tool.suture.model]
provider = "openai"
model = "small"
[tool.suture.budget]
request-usd = 0
day-usd = 1
month-usd = 2.5
[tool.suture.sandbox]
backend = "bubblewrap"
memory-mb = 64
timeout-s = 3
[tool.suture.layers]
api = ["app.api.*"]
core = "app.core"
[tool.suture.per-path."tests/**"]
ignore = ["complex-function"]
"""
    )
    assert found.warnings == ()
    settings = resolve(Path("/w/a.py"), found, trusted=True)
    assert settings.review.enabled is False
    assert settings.review.reviewers == ("security",)
    assert settings.review.max_findings_per_file == 7
    assert (settings.model.provider, settings.model.model) == ("openai", "small")
    assert settings.budget == BudgetSettings(0.0, 1.0, 2.5)
    assert (settings.sandbox.backend, settings.sandbox.memory_mb, settings.sandbox.timeout_s) == ("bubblewrap", 64, 3.0)
    assert settings.layers == {"api": ("app.api.*",), "core": ("app.core",)}
    assert resolve(Path("/w/tests/deep/test_a.py"), found).review.ignore == ("complex-function",)
    assert resolve(Path("/w/tests/deep/test_a.py"), found).review.select == ("sqli",)


def test_the_editor_outweighs_the_file_key_by_key_and_the_file_the_defaults() -> None:
    found = project('[tool.suture.review]\nseverity = "high"\nselect = ["a"]\n')
    everywhere = parse({"review": {"severity": "low", "maxFindingsPerFile": 3}}, editor=True)
    folder = parse({"review.maxFindingsPerFile": 4, "review.select": None}, editor=True)
    settings = resolve(Path("/w/a.py"), found, [everywhere, folder])
    assert (settings.review.severity, settings.review.select) == ("low", ("a",))
    assert settings.review.max_findings_per_file == 4
    assert settings.review.reviewers == Settings().review.reviewers


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("[tool.suture.review]\n\nreviewrs = []\n", 2, "did you mean `reviewers`"),
        ("[tool.suture.review]\nmax_findings_per_file = 3\n", 1, "did you mean `max-findings-per-file`"),
        ("[tool.suture]\nx = 1\n\n[tool.suture.reviews]\na = 1\n", 1, "unknown setting `x`"),
        ("[tool.suture.reviews]\na = 1\n", 0, "did you mean `review`"),
        ('[tool.suture.review]\nseverity = "worst"\n', 1, "must be one of critical, high, medium, low"),
        ("[tool.suture.review]\nenabled = 1\n", 1, "must be true or false, not 1"),
        ("[tool.suture.review]\nselect = 'a'\n", 1, 'must be a list, not "a"'),
        ("[tool.suture.review]\nselect = [\n  'a',\n  3,\n]\n", 1, "must be a string, not 3"),
        ("[tool.suture.review]\nignore = ['import-cicle']\n", 1, "did you mean `import-cycle`"),
        ("[tool.suture.review]\nselect = ['B101']\n", 1, "did you mean `bandit:B101`"),
        ("[tool.suture.review]\nselect = ['S101']\n", 1, "did you mean `ruff:S101`"),
        ("[tool.suture.review]\nignore = ['undefined-name']\n", 1, "always shown"),
        ("[tool.suture.per-path.\"t/**\"]\nignore = ['zzzz']\n", 1, "no rule or kind `zzzz`"),
        ("[tool.suture.review]\nmax-findings-per-file = -1\n", 1, "must be at least 0"),
        ("[tool.suture.review]\nmax-findings-per-file = true\n", 1, "must be a whole number, not true"),
        ("[tool.suture.budget]\nday-usd = nan\n", 1, "must be at least 0"),
        ("[tool.suture.sandbox]\nmemory-mb = 1\n", 1, "must be at least 32"),
        ("[tool.suture]\nreview = 5\n", 1, "must be a table, not 5"),
        ("[tool.suture]\nreview = { severity = 'x' }\n", 1, "must be one of"),
        ("tool.suture.review.severity = 'x'\n", 0, "must be one of"),
        ('[tool.suture.per-path."tests/**"]\nignored = []\n', 1, "did you mean `ignore`"),
        ("[tool.suture.layers]\napi = 3\n", 1, "layer `api` must be a list"),
        ("[tool]\nsuture = 3\n", 1, "must be a table"),
        ('[tool.suture.model]\nbase-url = "http://evil"\n', 1, "not read from the workspace"),
        ('[tool.suture.model]\napi-key = "x"\n', 1, "not read from the workspace"),
        ('[tool.suture.model]\nprovider = "openai, antropic"\n', 1, "did you mean `anthropic`?"),
    ],
)
def test_what_does_not_count_is_a_warning_at_its_line(text: str, line: int, says: str) -> None:
    found = [(at, message) for at, message in warned(text) if says in message]
    assert [at for at, _ in found] == [line]
    resolve(Path("/w/a.py"), project(text))


def test_one_bad_key_does_not_take_the_others_with_it() -> None:
    found = project('[tool.suture.review]\nseverity = "worst"\nselect = ["a"]\n')
    assert resolve(Path("/w/a.py"), found).review.select == ("a",)
    assert resolve(Path("/w/a.py"), found).review.severity == "low"


@pytest.mark.parametrize(
    ("text", "line"), [("[tool.suture\n", 0), ("a = 1\nb = \n", 1), ("a = '''\n\n", 2), ("x = 1\nx = 2\n", 1)]
)
def test_a_broken_file_is_one_warning_at_the_line_and_the_defaults(text: str, line: int) -> None:
    found = project(text)
    assert len(found.warnings) == 1
    assert found.warnings[0].range.line == line
    assert resolve(Path("/w/a.py"), found) == Settings()


def test_a_file_without_our_table_says_nothing() -> None:
    assert parse_project(Path("/w/pyproject.toml"), "[project]\nname = 'x'\n") is None
    assert parse_project(Path("/w/pyproject.toml"), "") is None


def test_a_key_is_found_below_its_header_in_quotes_and_after_strings_of_many_lines() -> None:
    text = 'd = """\n[tool.suture]\nx = 1\n"""\n[tool."suture"]\n"x" = 1\nreview.severity = 2\n[[other]]\nx = 1\n'
    assert line_of_key(text, ("tool", "suture", "x")) == 5
    assert line_of_key(text, ("tool", "suture", "review", "severity")) == 6
    assert line_of_key(text, ("tool", "suture", "missing")) == 4


def test_an_untrusted_folder_may_lower_the_budget_but_not_raise_it() -> None:
    found = project("[tool.suture.budget]\nrequest-usd = 0\nday-usd = 1000\n")
    untrusted, trusted = (resolve(Path("/w/a.py"), found, trusted=each).budget for each in (False, True))
    assert (untrusted.request_usd, untrusted.day_usd) == (0.0, BudgetSettings().day_usd)
    assert (trusted.request_usd, trusted.day_usd) == (0.0, 1000.0)


def test_an_untrusted_folder_may_turn_models_off_but_not_choose_one() -> None:
    found = project('[tool.suture.model]\nprovider = "anthropic, openai"\nmodel = "dear"\n')
    untrusted, trusted = (resolve(Path("/w/a.py"), found, trusted=each).model for each in (False, True))
    assert (untrusted.provider, untrusted.model) == ("", "")
    assert (trusted.provider, trusted.model) == ("anthropic, openai", "dear")
    off = project('[tool.suture.model]\nprovider = "local"\n')
    assert resolve(Path("/w/a.py"), off, trusted=False).model.provider == "local"


def test_an_untrusted_folder_may_ask_a_model_less_often_but_not_more_often() -> None:
    found = project("[tool.suture.generate]\nrounds = 0\nopinions = 50\nmax-complexity = 30\n")
    untrusted, trusted = (resolve(Path("/w/a.py"), found, trusted=each).generate for each in (False, True))
    assert (untrusted.rounds, untrusted.opinions, untrusted.max_complexity) == (0, GenerateSettings().opinions, 30)
    assert (trusted.rounds, trusted.opinions, trusted.max_complexity) == (0, 50, 30)


def test_the_editor_may_name_the_model_s_address_and_its_key_is_not_printed() -> None:
    parsed = parse(
        {"model": {"baseUrl": "http://localhost:1", "apiKey": "hush"}, "trace": {"server": "off"}}, editor=True
    )
    assert parsed.problems == ()
    settings = resolve(Path("/w/a.py"), None, [parsed])
    assert (settings.model.base_url, settings.model.api_key) == ("http://localhost:1", "hush")
    assert "hush" not in repr(settings)


def test_a_folder_chooses_a_provider_but_not_whom_the_editor_s_key_is_sent_to() -> None:
    found = project('[tool.suture.model]\nprovider = "gemini"\n')

    def owner(**model: str) -> str:
        parsed = parse({"model": {"apiKey": "hush", **model}}, editor=True)
        return resolve(Path("/w/a.py"), found, [parsed], trusted=True).model.key_provider

    assert owner() == "openai"
    assert owner(provider="local, anthropic, gemini") == "anthropic"
    assert owner(keyProvider="gemini") == "gemini"
    (problem,) = parse({"model": {"key-provider": "gemini"}}).problems
    assert "not read from the workspace" in problem.message


@pytest.mark.parametrize(
    "section", [{"review": None}, {"review": 5}, {"review": {"severity": []}}, {"a.b": 1}, {"": {}}]
)
def test_no_editor_section_is_fatal(section: Any) -> None:
    resolve(Path("/w/a.py"), None, [parse(section, editor=True)])


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("tests/**", "tests/a/b.py", True),
        ("tests/**", "src/tests/a.py", False),
        ("**/tests/*.py", "src/tests/a.py", True),
        ("**/tests/*.py", "tests/a.py", True),
        ("test_*.py", "deep/down/test_a.py", True),
        ("src/*.py", "src/a/b.py", False),
        ("src/?.py", "src/a.py", True),
        ("a[1].py", "a[1].py", True),
    ],
)
def test_globs_are_relative_to_the_file_that_holds_them(pattern: str, path: str, expected: bool) -> None:
    assert matches(pattern, Path("/w") / path, Path("/w")) is expected


def test_the_nearest_file_that_speaks_to_suture_holds_and_is_read_once(tmp_path: Path) -> None:
    texts = {
        tmp_path / "pyproject.toml": "[tool.suture.review]\nseverity = 'high'\n",
        tmp_path / "a" / "pyproject.toml": "[tool.suture.review]\nseverity = 'medium'\n",
        tmp_path / "b" / "pyproject.toml": "[project]\nname = 'b'\n",
    }
    reads: list[Path] = []

    def read(path: Path) -> str | None:
        reads.append(path)
        return texts.get(path)

    files = ProjectFiles(read)

    def severity(path: str) -> str:
        return resolve(tmp_path / path, files.nearest(tmp_path / path)).review.severity

    assert [severity(path) for path in ("x.py", "a/x.py", "a/deep/x.py", "b/x.py")] == [
        "high",
        "medium",
        "medium",
        "high",
    ]
    count = len(reads)
    severity("a/y.py")
    assert len(reads) == count
    texts[tmp_path / "a" / "pyproject.toml"] = "[tool.suture.review]\nseverity = 'critical'\n"
    files.forget()
    assert severity("a/x.py") == "critical"


Make = Callable[..., Any]
Run = Callable[[Any], Any]


def test_each_root_and_each_file_has_its_own_settings_from_the_server(harness: Make, run: Run, tmp_path: Path) -> None:
    for name, severity in (("one", "high"), ("two", "medium")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "pyproject.toml").write_text(f"[tool.suture.review]\nseverity = '{severity}'\n")

    async def main() -> None:
        h = harness()
        folders = [{"uri": (tmp_path / name).as_uri(), "name": name} for name in ("one", "two")]
        await h.initialize(workspaceFolders=folders)
        heard: list[str] = []
        h.server.settings_changed.connect(lambda: heard.append("settings"))
        one, two = tmp_path / "one" / "a.py", (tmp_path / "two" / "a.py").as_uri()
        assert h.server.settings(one).review.severity == "high"
        assert h.server.settings(two).review.severity == "medium"
        # An unsaved change of the settings file counts at once.
        h.open((tmp_path / "one" / "pyproject.toml").as_uri(), "[tool.suture.review]\nseverity = 'bad'\n")
        assert h.server.settings(one).review.severity == "low"
        warnings = h.server.project_settings(tmp_path / "one" / "pyproject.toml").warnings
        assert [each.range.line for each in warnings] == [1]
        assert heard
        h.notify("workspace/didChangeConfiguration", {"settings": {"suture": {"review": {"severity": "critical"}}}})
        assert h.server.settings(two).review.severity == "critical"
        h.notify("workspace/didChangeConfiguration", {"settings": {"suture": {"review": {"severity": "worst"}}}})
        assert h.server.settings(two).review.severity == "medium"
        shown = [each["params"]["message"] for each in h.sent if each.get("method") == "window/showMessage"]
        assert len(shown) == 1
        assert "suture.review.severity" in shown[0]

    run(main())


def test_the_configuration_is_pulled_for_every_root(harness: Make, run: Run, tmp_path: Path) -> None:
    async def main() -> None:
        h = harness()
        folders = [{"uri": (tmp_path / name).as_uri(), "name": name} for name in ("one", "two")]
        capabilities = {"workspace": {"configuration": True}}
        await h.initialize(workspaceFolders=folders, capabilities=capabilities)
        h.notify("initialized", {})
        import asyncio

        await asyncio.sleep(0.01)
        asked = next(each for each in h.sent if each.get("method") == "workspace/configuration")
        scopes = [item.get("scopeUri") for item in asked["params"]["items"]]
        assert scopes == [None, folders[0]["uri"], folders[1]["uri"]]
        sections = [{"review": {"severity": "medium"}}, {"review": {"severity": "high"}}, None]
        h.receive({"jsonrpc": "2.0", "id": asked["id"], "result": sections})
        await asyncio.sleep(0.01)
        found = [h.server.settings(tmp_path / name / "a.py").review.severity for name in ("one", "two")]
        assert found == ["high", "medium"]

    run(main())


def test_settings_in_the_options_are_the_editor_s_weakest_and_their_faults_are_told_once_it_listens(
    harness: Make, run: Run, tmp_path: Path
) -> None:
    async def main() -> None:
        h = harness()
        options = {"settings": {"review": {"severity": "high", "maxFindingsPerFile": 3, "colour": "red"}}}
        await h.initialize(initializationOptions=options, rootUri=tmp_path.as_uri())
        assert not [each for each in h.sent if each.get("method") == "window/showMessage"]
        h.notify("initialized", {})
        shown = [each["params"]["message"] for each in h.sent if each.get("method") == "window/showMessage"]
        assert len(shown) == 1
        assert "suture.review.colour" in shown[0]
        h.notify("workspace/didChangeConfiguration", {"settings": {"suture": {"review": {"severity": "medium"}}}})
        review = h.server.settings(tmp_path / "a.py").review
        assert (review.severity, review.max_findings_per_file) == ("medium", 3)

    run(main())


@pytest.mark.parametrize("content", [b"[tool.suture\n", b"\xff\xfe\x00", b"[tool.suture]\nx = '\xff'\n"])
def test_a_settings_file_that_cannot_be_read_is_a_warning_and_the_defaults(
    harness: Make, run: Run, tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "pyproject.toml").write_bytes(content)

    async def main() -> None:
        h = harness()
        await h.initialize(rootUri=tmp_path.as_uri())
        assert h.server.settings(tmp_path / "a.py") == Settings()
        assert len(h.server.project_of(tmp_path / "a.py").warnings) == 1

    run(main())


@pytest.mark.parametrize(
    ("setting", "took", "limit"), [(60.0, 0.0, 20.0), (300.0, 0.0, 100.0), (60.0, 25.0, 50.0), (60.0, 50.0, 60.0)]
)
def test_the_limit_of_a_healing_follows_the_setting_and_what_the_command_took(
    setting: float, took: float, limit: float
) -> None:
    assert RunSettings(timeout_s=setting).heal_s(took) == limit
