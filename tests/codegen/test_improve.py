"""A model mends code that nothing else mended: what it is shown, what is taken of its answer, when it is asked."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from suture.analyzers.sandbox import Sandbox
from suture.analyzers.store import Store, open_store
from suture.codegen.governor import Declined, Means
from suture.codegen.improving import Attempt, Problem, improve, part_around, spliced
from suture.codegen.proposal import Budget
from suture.healing.api import HealReport, heal_command
from suture.healing.modelling import Model
from suture.server.cli.main import main

Write = Callable[[str, str], Path]

MODULE = '''"""Prices."""

RATE = 0.2


def net(gross):
    """Without the tax."""
    return gross


def total(prices):
    """The sum of all prices with the discount of the largest order."""
    parts = [each for each in prices if each > 10]
    return {"sum": sum(parts), "count": len(prices), "mean": sum(prices) / 3}
'''
CHECK = """from prices import total


def test_total():
    assert total([5, 20, 35]) == {"sum": 60, "count": 3, "mean": 20, "largest": 35}


def test_empty():
    assert total([]) == {"sum": 0, "count": 0, "mean": 0, "largest": None}


test_total()
test_empty()
"""
RIGHT = """```python
def total(prices):
    \"\"\"The sum of all prices with the discount of the largest order.\"\"\"
    count = len(prices)
    mean = sum(prices) / count if count else 0
    return {"sum": sum(prices), "count": count, "mean": mean, "largest": max(prices, default=None)}
```"""
HALF = RIGHT.replace(" if count else 0", "")
HIDING = """```python
def total(prices):
    try:
        return {"sum": sum(prices)}
    except Exception:
        pass
```"""


@pytest.fixture
def store(workspace: Path) -> Any:
    with open_store(workspace) as opened:
        yield opened


@pytest.fixture
def means(model_server: Any, store: Store) -> Means:
    return Means((model_server.settings,), Budget.unlimited(), store, lambda: False, lambda text: None)


@pytest.fixture
def heal(workspace: Path, write: Write, sandbox: Sandbox, means: Means) -> Callable[..., HealReport]:
    def run(**options: Any) -> HealReport:
        write("prices.py", MODULE)
        write("test_prices.py", CHECK)
        options.setdefault("model", Model(means))
        return heal_command(workspace, ("python", "test_prices.py"), sandbox=sandbox, timeout_s=10, **options)

    return run


# --- healing ---------------------------------------------------------------------------------------------------------


def test_what_no_repair_mends_a_model_mends_in_two_rounds_the_second_from_where_the_first_got_to(
    heal: Callable[..., HealReport], model_server: Any, store: Store
) -> None:
    model_server.script(HALF, RIGHT)
    report = heal()
    best = report.best
    assert best is not None
    assert (best.repair, best.edit.verified, best.edit.by_model) == ("model", True, True)
    assert "exit 1 → 0" in best.edit.evidence[0].summary
    assert report.model.calls == 2
    first, second = (each["messages"][-1]["content"] for each in model_server.requests)
    assert "def total(prices):" in first
    assert "def net" not in first.split("answer with the whole of it")[1].split("```")[1]
    assert "def test_total" in first or "def test_empty" in first
    assert "This was tried before" not in first
    assert "ZeroDivisionError" in second.split("What happened:")[1]
    assert "mean = sum(prices) / count" in second  # the first answer got further, so it is what the second starts from
    assert {each.why for each in store.egress()} == {"mend total"}


def test_a_model_is_not_asked_where_a_repair_helps(
    heal: Callable[..., HealReport], model_server: Any, write: Write, workspace: Path, sandbox: Sandbox, means: Means
) -> None:
    write("main.py", "import json\nprint(jsn.dumps([1]))\n")
    report = heal_command(workspace, ("python", "main.py"), sandbox=sandbox, model=Model(means))
    assert report.best is not None
    assert report.best.repair != "model"
    assert model_server.requests == []
    assert "model" not in report.to_json()


def test_rounds_end_when_one_brings_nothing_new(heal: Callable[..., HealReport], model_server: Any) -> None:
    model_server.script(HALF)
    report = heal()
    assert report.best is None
    assert len(model_server.requests) == 2
    assert any("nothing" in each for each in report.model.notes)


def test_what_hides_the_failure_is_not_even_run(heal: Callable[..., HealReport], model_server: Any) -> None:
    model_server.script(HIDING, RIGHT)
    report = heal()
    assert report.best is not None
    assert "not run, since it" in model_server.requests[1]["messages"][-1]["content"]


def test_what_an_error_of_syntax_hides_is_not_left_out_by_a_model(
    write: Write, workspace: Path, sandbox: Sandbox, means: Means, model_server: Any
) -> None:
    head, _, rest = MODULE.partition("def total(prices):\n")
    write("prices.py", head + "def total(prices):\n    from sum take the ? mean\n" + rest)
    write("test_prices.py", CHECK)
    total = RIGHT.removeprefix("```python\n")
    model_server.script("```python\n" + head.partition("def net")[0] + total, "```python\n" + head + total)
    command = ("python", "test_prices.py")
    report = heal_command(workspace, command, sandbox=sandbox, timeout_s=10, model=Model(means))
    assert report.best is not None
    (edit,) = report.best.edit.files
    assert "def net(gross):" in edit.apply((workspace / "prices.py").read_text())
    assert "removes `net`" in model_server.requests[1]["messages"][-1]["content"]


def test_the_budget_stops_the_call(heal: Callable[..., HealReport], model_server: Any, means: Means) -> None:
    never = Means(means.models, Budget(0, 0, 0), means.store, means.cancel, means.on_progress)
    report = heal(model=Model(never))
    assert (report.best, model_server.requests) == (None, [])
    assert any("never called" in each for each in report.model.notes)


def test_the_command_line_asks_the_configured_model(
    heal: Callable[..., HealReport],
    model_server: Any,
    workspace: Path,
    write: Write,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    write("prices.py", MODULE)
    write("test_prices.py", CHECK)
    monkeypatch.setenv("OPENAI_BASE_URL", model_server.base_url)
    monkeypatch.setenv("OPENAI_MODEL", "scripted")
    model_server.script(RIGHT)
    argv = ["heal", "--root", str(workspace), "--output-format", "json", "--apply", "--", "python", "test_prices.py"]
    assert main([*argv[:1], "--no-model", *argv[1:]]) == 1
    assert model_server.requests == []
    capsys.readouterr()
    assert main(argv) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["model"]["calls"], answer["candidates"][0]["repair"]) == (1, "model")
    assert "largest" in (workspace / "prices.py").read_text()


# --- what is asked, what is taken ------------------------------------------------------------------------------------


def problem(path: Path, line: int, evidence: str = "AssertionError", **options: Any) -> Problem:
    return Problem(path.parent, path, line, evidence, **options)


def test_secrets_of_the_part_are_masked_and_come_back(write: Write, model_server: Any, means: Means) -> None:
    text = "def call(send):\n    password = 'hunter2-sentinel'\n    return send(pasword)\n"
    path = write("app.py", text)
    model_server.script("```python\ndef call(send):\n    password = '<masked>'\n    return send(password)\n```")
    answer = improve(text, problem(path, 2, "NameError: pasword"), means)
    assert not isinstance(answer, Declined)
    assert "sentinel" not in model_server.sent
    assert answer[0].text == text.replace("pasword", "password")
    model_server.script("```python\ndef call(send):\n    return send('x')\n```")
    gone = improve(text, problem(path, 2, "another error"), means)
    assert isinstance(gone, Declined)


@pytest.mark.parametrize("name", [".env", "secrets.py", "hidden/app.py"])
def test_nothing_is_asked_about_a_file_that_may_not_be_shown(
    write: Write, model_server: Any, means: Means, name: str, workspace: Path
) -> None:
    write(".gitignore", "hidden/\n")
    path = write(name, "x = 1 / 0\n")
    answer = improve("x = 1 / 0\n", Problem(workspace, path, 0, "ZeroDivisionError"), means)
    assert isinstance(answer, Declined)
    assert model_server.requests == []


def test_evidence_names_no_folder_above_the_workspace(write: Write, model_server: Any, means: Means) -> None:
    path = write("app.py", "def f():\n    return 1 / 0\n")
    model_server.script("```python\ndef f():\n    return 1\n```")
    improve(path.read_text(), problem(path, 1, f'File "{path}", line 2\nZeroDivisionError'), means)
    assert path.parent.as_posix() not in model_server.sent
    assert 'File \\\\\\"app.py\\\\\\"' in model_server.sent or "app.py" in model_server.sent


def test_several_candidates_of_one_answer_are_all_given(write: Write, model_server: Any, means: Means) -> None:
    text = "def f(x):\n    return x\n"
    path = write("app.py", text)
    blocks = "\n".join(f"```python\ndef f(x):\n    return x + {number}\n```" for number in (1, 2, 2))
    model_server.script(f"Either\n{blocks}")
    answer = improve(text, problem(path, 1), means, (Attempt("def f(x): ...", "it failed"),))
    assert not isinstance(answer, Declined)
    assert [each.text for each in answer] == [f"def f(x):\n    return x + {number}\n" for number in (1, 2)]


METHOD = "class A:\r\n\t@property\r\n\tdef f(self):\r\n\t\treturn 1\r\n\r\n\tdef g(self):\r\n\t\treturn 2\r\n"


def test_a_method_with_tabs_and_crlf_is_put_back_as_it_stood_with_its_import() -> None:
    part = part_around(METHOD, 3)
    assert (part.first, part.last, part.name) == (1, 3, "A.f")
    new = spliced(METHOD, part, "import math\n\n@property\ndef f(self):\n\treturn math.pi\n")
    assert new == "import math\r\n\r\n\r\n" + METHOD.replace("return 1", "return math.pi")


def test_where_the_code_does_not_parse_the_lines_around_the_fault_are_the_part() -> None:
    text = "".join(f"def f{number}():\n    return {number}\n\n\n" for number in range(60)).replace("f30()", "f30(")
    part = part_around(text, 120)
    assert part.name == ""
    assert part.first <= 120 <= part.last
    assert text.split("\n")[part.first].startswith("def")
    assert part.last - part.first < 80
