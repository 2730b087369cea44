"""What became of generated code, and what that teaches; with too few cases, nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from suture.analyzers.store import Store, new_ident, open_store
from suture.codegen.artifacts import book, deploy
from suture.codegen.artifacts.audit import entries
from suture.codegen.artifacts.records import Provenance
from suture.codegen.learning import confidence
from suture.codegen.learning.history import Tally, failed_checks, generations, set_outcome, strategy_counts
from suture.codegen.learning.insights import FEWEST, insights, wilson
from suture.codegen.learning.outcome import became, look
from suture.server.cli.main import main

CODE = "def double(value: int) -> int:\n    if value:\n        return 2 * value\n    return 0\n"


@pytest.fixture
def store(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    monkeypatch.chdir(workspace)
    with open_store(workspace) as opened:
        yield opened


@pytest.mark.parametrize(
    ("text", "outcome", "kept"),
    [
        (f"import os\n\n\n{CODE}", "kept", 1.0),
        ("class C:\n" + "".join(f"    {line}\n" for line in CODE.splitlines()), "kept", 1.0),
        (CODE.replace("return 0", "return None"), "edited", 0.75),
        (CODE.replace("2 * value", "value + value"), "edited", 0.75),
        ("def double(value):\n    raise NotImplementedError\n", "gone", 0.0),
        ("x = 1\n", "gone", 0.0),
        (CODE + "x = (\n", "kept", 1.0),  # does not parse just now
    ],
)
def test_what_became_of_a_function_is_seen_in_the_text(text: str, outcome: str, kept: float) -> None:
    assert became("double", CODE, text) == (outcome, kept)


def row(store: Store, *, n: int = 1, **values: Any) -> list[str]:
    """Requests of the history, with their proposals' ids."""
    from suture.analyzers import store_tables as t

    idents: list[str] = []
    for _ in range(n):
        ident = new_ident(store.clock())
        defaults: dict[str, Any] = {
            "id": ident,
            "at": store.clock(),
            "path": "app.py",
            "name": "double",
            "status": "offered",
            "failed": "",
            "domain": "api",
            "strategy": "api",
            "provider": "model",
            "model": "m",
            "verified": 1,
            "rounds": 1,
            "confidence": 0.8,
            "proposal": ident,
            "outcome": "",
            "kept": 0.0,
            "updated": 0.0,
            "data": "{}",
        }
        with store.writing() as connection:
            connection.execute(t.generations.insert().values({**defaults, **values}))
        idents.append(ident)
    return idents


def test_a_look_at_the_file_tells_kept_from_edited_and_undone_and_the_log_has_the_news(
    workspace: Path, store: Store
) -> None:
    (ident,) = row(store)
    path = workspace / "app.py"
    path.write_text(CODE)
    made = Provenance("ada", "model")
    proposal = book.propose(store, path="app.py", name="double", kind="c", code=CODE, tests="", provenance=made)
    book.test(store, proposal)
    book.passed(store, proposal, {})
    deploy.applied(store, proposal, "ada")
    with store.writing() as connection:
        connection.exec_driver_sql(f"UPDATE generations SET proposal = '{proposal}' WHERE id = '{ident}'")

    def outcome() -> tuple[str, float]:
        (found,) = generations(store)
        return found.outcome, found.kept

    assert look(store, workspace) == 1
    assert outcome() == ("kept", 1.0)
    assert look(store, workspace) == 0
    path.write_text(CODE.replace("return 0", "return None"))
    assert look(store, workspace, path=str(path)) == 1
    assert outcome() == ("edited", 0.75)
    assert look(store, workspace, path=str(path), read=lambda _: "x = 1\n") == 1
    assert outcome() == ("gone", 0.0)
    assert look(store, workspace, path=str(workspace / "other.py")) == 0
    path.unlink()
    assert look(store, workspace) == 0
    assert [each.action for each in entries(store, proposal=proposal)][-2:] == ["edited", "gone"]


def test_a_win_is_offered_tested_and_not_undone(store: Store) -> None:
    row(store, n=3)
    row(store, status="refused", failed="style", verified=0)
    row(store, status="refused", failed="", verified=0)  # no draft: no model answered
    row(store, verified=0)
    (undone,) = row(store)
    set_outcome(store, undone, "gone", 0.0)
    row(store, strategy="general", model="n")
    row(store, domain="database")
    assert strategy_counts(store, "api") == {("api", "m"): Tally(6, 3), ("general", "n"): Tally(1, 1)}
    assert strategy_counts(store, "nothing") == {}


def test_checks_that_refused_lately_are_counted(store: Store) -> None:
    made = Provenance("ada", "model")
    for check in ("style", "tests", "style"):
        ident = book.propose(store, path="a.py", name="f", kind="c", code="x", tests="", provenance=made)
        book.failed(store, ident, f"the {check} check refused it", None)
        assert failed_checks(store) == {}
    for check in ("style", "tests", "style"):
        ident = book.propose(store, path="a.py", name="f", kind="c", code="x", tests="", provenance=made)
        book.test(store, ident)
        book.failed(store, ident, "refused", {"failed_check": check})
    assert failed_checks(store) == {"style": 2, "tests": 1}
    assert failed_checks(store, limit=1) == {"style": 1}


# -- confidence -------------------------------------------------------------------------------------------------------


def test_with_too_few_outcomes_a_confidence_stays_as_it_is(store: Store) -> None:
    for number, ident in enumerate(row(store, n=confidence.FEWEST - 1)):
        set_outcome(store, ident, "gone" if number % 2 else "kept", 1.0)
    confidence.refit(store)
    assert confidence.recalibrated(store, "api", "m", 0.8) == (0.8, None)
    for ident in row(store, n=1):
        set_outcome(store, ident, "kept", 1.0)
    confidence.refit(store)
    assert confidence.recalibrated(store, "api", "m", 0.8)[1] is not None


def test_a_model_whose_offers_are_undone_is_believed_less_than_one_whose_are_kept(store: Store) -> None:
    for model, kept in (("good", 28), ("bad", 9)):
        for number, ident in enumerate(row(store, n=30, model=model)):
            set_outcome(store, ident, "kept" if number < kept else "gone", 0.0)
    confidence.refit(store)
    good, evidence = confidence.recalibrated(store, "api", "good", 0.8)
    bad, _ = confidence.recalibrated(store, "api", "bad", 0.8)
    unknown, of_unknown = confidence.recalibrated(store, "other", "new", 0.8)
    assert good == pytest.approx(28 / 30, abs=0.08)
    assert bad == pytest.approx(9 / 30, abs=0.12)
    assert bad < unknown < good
    assert evidence is not None
    assert (evidence.data["sample"], evidence.data["labels"], evidence.data["raw"]) == (30, 60, 0.8)
    assert of_unknown is not None
    assert "few of them (0) by new" in of_unknown.summary
    assert confidence.raw(good, (evidence,)) == 0.8


# -- insights ---------------------------------------------------------------------------------------------------------


def drafts(store: Store, generation: str, *failures: str) -> None:
    """The drafts of a request, one a round: the check that each failed, empty for none."""
    parent = ""
    for number, check in enumerate(failures, 1):
        made = Provenance("ada", "model", model="m", parents=(parent,) if parent else (), round=number)
        parent = book.propose(
            store, path="a.py", name="f", kind="c", code="x", tests="", provenance=made, generation=generation
        )
        book.test(store, parent)
        levels = [{"level": check, "status": "failed"}, {"level": "syntax", "status": "passed"}]
        if check:
            book.failed(store, parent, "refused", {"failed_check": check, "levels": levels})
        else:
            book.passed(store, parent, {"levels": levels[1:]})


def test_what_fails_more_than_elsewhere_is_told_with_its_numbers(
    store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    for number, ident in enumerate(row(store, n=10)):
        drafts(store, ident, *(("style", "") if number < 6 else ("",)))
    for ident in row(store, n=12, domain="database", model="other"):
        drafts(store, ident, "")
    row(store, n=3, domain="security", model="rare")
    found = insights(store)
    told = {(each.subject, each.group, each.detail): each for each in found.found}
    style = told["fails", "api tasks with model m", "style"]
    assert (style.count, style.total, style.elsewhere, style.remarkable) == (6, 10, 0.0, True)
    low, high = wilson(6, 10)
    assert style.sentence == (
        f"api tasks with model m fail on style: 60% (6 of 10, 95 % interval {low:.0%} to {high:.0%}; elsewhere 0%)"
    )
    assert found.found[0].remarkable
    assert not any(each.subject == "repaired" for each in found.found)  # of six, which is too few
    assert found.rounds == {1: (16, 22), 2: (6, 6)}
    assert found.small["security tasks with model rare"] == 3
    assert not any("security" in each.group for each in found.found)
    assert main(["insights"]) == 0
    out = capsys.readouterr().out
    assert "api tasks with model m fail on style: 60%" in out
    assert "6 of 6 drafts of round 2, made with what failed before, passed all checks" in out
    assert "first drafts failed on: style 6" in out
    assert "security tasks with model rare (3)" in out
    assert out.count("fail on style: 60%") == 1  # once, though "api tasks" and "tasks with model m" are the same ten


def test_candidates_that_another_was_preferred_to_are_no_rounds(store: Store) -> None:
    (ident,) = row(store)
    drafts(store, ident, "")
    chosen = book.proposals(store)[0].id
    drafts(store, ident, "style")  # a candidate of the same round that was put down after it
    with store.writing() as connection:
        connection.exec_driver_sql(f"UPDATE generations SET proposal = '{chosen}' WHERE id = '{ident}'")
    assert insights(store).rounds == {1: (1, 1)}


def test_nothing_is_told_of_fewer_than_ten(store: Store) -> None:
    for ident in row(store, n=FEWEST - 1):
        drafts(store, ident, "style", "")
    assert insights(store).found == ()
    assert insights(store).failed_first == {"style": FEWEST - 1}
    assert insights(store).small == {"api tasks with model m": FEWEST - 1}


def test_an_interval_is_wilsons() -> None:
    """Values of Newcombe 1998, Statistics in Medicine 17, table I (method 3)."""
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-4)
    assert wilson(15, 148) == pytest.approx((0.0624, 0.1605), abs=5e-4)
    assert wilson(0, 20) == pytest.approx((0.0, 0.1611), abs=5e-4)
    assert wilson(1, 29) == pytest.approx((0.0061, 0.1718), abs=5e-4)


def test_with_no_history_it_says_so(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["insights"]) == 0
    assert "nothing was generated" in capsys.readouterr().out
