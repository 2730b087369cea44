"""Learning: shapes leave out what is particular, counts move priors within bounds, records survive, order improves."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from suture.analyzers.confidence.model import EDGE
from suture.analyzers.findings import Edit, minimal_edit
from suture.analyzers.sandbox import Sandbox
from suture.analyzers.sandbox.interface import Outcome as RunOutcome
from suture.analyzers.store import DATABASE, open_store, workspace_folder
from suture.healing.api import HealReport, heal_command
from suture.healing.fault import Fault, Frame
from suture.healing.learning import book, history, note, open_memory, taken_back
from suture.healing.learning.confidence import Features, confidence_of, evidence_for
from suture.healing.learning.memory import Memory
from suture.healing.learning.ranking import (
    EVERYWHERE,
    EXACT,
    HERE,
    MOST,
    Ranking,
    Tally,
    Trial,
    as_built,
    learned,
    ranked_by,
    trial_of,
    updated,
)  # fmt: skip
from suture.healing.learning.records import (
    WEIGHTS,
    Offer,
    Outcome,
    Record,
    change,
    contributions,
    record_from_json,
    record_to_json,
    with_outcome,
)  # fmt: skip
from suture.healing.learning.shape import Shape, difference, exact_of, form_of, shape_of, template
from suture.healing.probe import Run
from suture.healing.repair import Context, Draft
from suture.healing.verify import State, search
from suture.healing.workspace import Workspace

UNIT = st.floats(0, 1, allow_nan=False)


@st.composite
def tallies(draw: st.DrawFn) -> Tally:
    tries = draw(st.integers(0, 60))
    return Tally(tries, draw(st.integers(0, tries)))


# -- shapes ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("name 'lenght' is not defined", "name 'totl' is not defined"),
        ("'Order' object has no attribute 'totl'", "'Cart' object has no attribute 'x_1'"),
        ("load() missing 1 required positional argument: 'path'", "f() missing 2 required positional argument: 'q'"),
        ("[Errno 2] No such file or directory: 'a/b.txt'", "[Errno 2] No such file or directory: '/etc/q.json'"),
        ("invalid literal for int() with base 10: 'abc'", "invalid literal for int() with base 10: '12 x'"),
        ("cannot find value `totl` in this scope", "cannot find value `sume` in this scope"),
        ("<app.models.User object at 0x7f10> is not right", "<shop.Item object at 0x8f22> is not right"),
    ],
)
def test_messages_about_other_names_and_values_have_one_template(one: str, two: str) -> None:
    assert template(one) == template(two)
    for word in ("lenght", "Order", "load", "abc", "a/b.txt", "totl", "models", "0x7f10"):
        assert word not in template(one)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("'NoneType' object is not subscriptable", "'int' object is not subscriptable"),
        ("'(' was never closed", "'[' was never closed"),
        ("expected ':'", "expected an indented block"),
    ],
)
def test_messages_about_other_things_have_their_own(one: str, two: str) -> None:
    assert template(one) != template(two)


def test_a_shape_knows_the_place_by_its_syntax_and_not_by_its_path_line_or_names() -> None:
    one = Fault("name", exception="NameError", message="name 'lenght' is not defined", path="a.py", line=1, column=11)
    text = "def f(x):\n    return lenght(x)\n"
    other = replace(one, path="deep/b.py", line=4, column=11, message="name 'summ' is not defined", tests=("t",))
    again = "import os\n\n\ndef g(values):\n    return summ(values)\n"
    assert shape_of(one, text) == shape_of(other, again)
    assert shape_of(one, text).syntax == "return ^ N ( N )"
    elsewhere = "def f(x):\n    for i in lenght: pass\n"
    assert shape_of(replace(one, column=13), elsewhere).key != shape_of(one, text).key
    assert shape_of(replace(one, exception="shop.errors.PaymentError"), text).exception == "N"
    assert shape_of(replace(one, code="E0425", language="rust"), None).exception == "E0425"


@given(st.text(max_size=40), st.text(max_size=40))
def test_a_difference_put_back_gives_the_old_text(old: str, new: str) -> None:
    gone, come = difference(old, new)
    assert any(
        old[:start] + come + old[start + len(gone) :] == new and old[start : start + len(gone)] == gone
        for start in range(len(old) + 1)
    )


def test_edits_that_do_the_same_to_other_names_have_one_form_and_two_exact_keys() -> None:
    one = (("return lenght(x)", "return len(x)"),)
    two = (("y = [lenght(z)]", "y = [len(z)]"),)
    three = (("return totl", "return total"),)
    assert exact_of(one) == exact_of(two) != exact_of(three)
    assert form_of(one) == form_of(two) != form_of(three), "len is a word of the language, total is not"
    assert form_of((("return a", "return b"),)) == form_of(three)


# -- the formula -----------------------------------------------------------------------------------------------------


@given(UNIT, tallies(), st.sampled_from([EVERYWHERE, HERE, EXACT]))
def test_a_learned_prior_stays_within_the_stated_bounds(prior: float, tally: Tally, strength: float) -> None:
    value = learned(prior, tally, strength)
    assert strength * prior / (strength + MOST) - 1e-9 <= value <= (strength * prior + MOST) / (strength + MOST) + 1e-9
    assert 0 <= value <= 1


@given(UNIT, UNIT, tallies(), st.sampled_from([EVERYWHERE, HERE, EXACT]))
def test_learning_is_monotone_in_the_prior_in_wins_and_against_losses(
    prior: float, higher: float, tally: Tally, strength: float
) -> None:
    prior, higher = min(prior, higher), max(prior, higher)
    value = learned(prior, tally, strength)
    assert learned(higher, tally, strength) >= value - 1e-12
    assert learned(prior, tally.plus(1, 1), strength) >= value - 1e-12
    assert learned(prior, tally.plus(1, 0), strength) <= value + 1e-12


@given(st.lists(UNIT, min_size=1, max_size=20), UNIT)
def test_what_did_it_once_comes_before_all_that_failed_once_whatever_their_priors(
    failed: list[float], won: float
) -> None:
    miss, hit = Tally(1, 0), Tally(1, 1)
    assert all(updated(won, hit, hit, hit) >= updated(prior, miss, miss, miss) for prior in failed)


@given(UNIT)
def test_without_counts_a_prior_is_the_built_in_one(prior: float) -> None:
    assert updated(prior, Tally(), Tally(), Tally()) == prior


# -- the search ------------------------------------------------------------------------------------------------------

BROKEN = "value = lenght\nprint(value)\n"


def context_of(root: Path) -> Context:
    workspace = Workspace(root, {"main.py": BROKEN.encode()})
    frame = Frame("main.py", 0)
    fault = Fault(
        "name", exception="NameError", message="name 'lenght' is not defined", path="main.py", line=0, column=8
    )
    return Context(workspace, "main.py", BROKEN, replace(fault, frames=(frame,)))


def drafts_of(*names: str) -> list[Draft]:
    """Drafts that put a name in the place of ``lenght``, each less plausible than the one before."""
    texts = [BROKEN.replace("lenght", name) for name in names]
    return [
        Draft(f"use {name}", {"main.py": text}, 0.95 - 0.09 * number, repair=f"repair_{number}")
        for number, (name, text) in enumerate(zip(names, texts, strict=True))
    ]


def run_of(ok: bool, fault: Fault) -> Run:
    outcome = RunOutcome("exit", 0 if ok else 1, b"", b"", 0.01, backend="none")
    return Run(outcome, Fault("none", language="") if ok else fault)


def healed_with(
    root: Path, ranking: Ranking, right: str, monkeypatch: pytest.MonkeyPatch, works: bool = True
) -> tuple[int, HealReport]:
    """Search with drafts in a given order, of which one ends well (or none); the runs until it did, and the report."""
    context = context_of(root)
    proposed = drafts_of("alpha", "beta", "gamma", "delta", right)

    def propose(fault: Fault, context: Context) -> list[Draft]:
        return list(proposed)

    monkeypatch.setattr("suture.healing.verify.propose", propose)
    runs: list[bool] = []

    def execute(view: Workspace) -> Run:
        runs.append(works and (view.text("main.py") or "").startswith(f"value = {right}\n"))
        return run_of(runs[-1], context.fault)

    tried: list[Trial] = []
    steps: list[Draft] = []

    def on_trial(where: Context, state: State, further: bool) -> None:
        steps.append(state.drafts[-1])
        tried.append(trial_of(where, state.drafts[-1], verified=state.solved, further=further))

    states = search(
        context.workspace,
        run_of(False, context.fault),
        execute,
        deadline=1e12,
        ranking=ranking,
        on_trial=on_trial,
        width=1,
    )
    from suture.healing.api import Candidate

    candidates = [
        Candidate(
            Edit(each.title, (minimal_edit("main.py", BROKEN, each.texts["main.py"]),), 0.5, each.solved),
            each.repair,
            each.texts,
            {},
            tuple(number for number, draft in enumerate(steps) if draft in each.drafts),
        )
        for each in states
        if each.solved
    ]
    shape = shape_of(context.fault, BROKEN)
    report = HealReport(root, ("x",), context.fault, tuple(candidates), 1.0, 1.0, tuple(tried), shape)
    return runs.index(True) + 1 if works else 0, report


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def test_the_second_time_the_same_fault_is_healed_by_the_first_run(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_memory(tmp_path, folder=cache) as memory:
        needed, report = healed_with(tmp_path, memory.ranking, "len", monkeypatch)
        assert needed == 5
        memory.record(report)
    with open_memory(tmp_path, folder=cache) as memory:
        needed, report = healed_with(tmp_path, memory.ranking, "len", monkeypatch)
    assert needed == 1
    assert report.trials[0].prior > report.trials[0].built_in == pytest.approx(0.59)


def test_another_workspace_of_the_same_user_starts_with_the_counts_of_this_one(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    for root in (one, two):
        root.mkdir()
    for _ in range(4):
        with open_memory(one, folder=cache) as memory:
            memory.record(healed_with(one, as_built, "len", monkeypatch)[1])
    with open_memory(two, folder=cache) as memory:
        assert healed_with(two, memory.ranking, "len", monkeypatch)[0] < 5
        assert memory.records() == ()


def test_what_never_verifies_is_never_verified_whatever_was_learned(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_memory(tmp_path, folder=cache) as memory:
        for _ in range(10):
            memory.record(healed_with(tmp_path, as_built, "len", monkeypatch)[1])
        needed, report = healed_with(tmp_path, memory.ranking, "len", monkeypatch, works=False)
    assert needed == 0
    assert report.trials[0].title == "use len"
    assert report.trials[0].prior > 0.9
    assert (report.best, report.candidates) == (None, ())


def test_an_offer_taken_back_is_not_the_first_to_be_tried_again(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_memory(tmp_path, folder=cache) as memory:
        _, report = healed_with(tmp_path, memory.ranking, "len", monkeypatch)
        ident = memory.record(report)
        best = report.best
        assert best is not None
        assert memory.note(best.edit, "applied") == ident, "found by the edit"
        assert healed_with(tmp_path, memory.ranking, "len", monkeypatch)[0] == 1
        assert memory.outcome(ident, "taken_back")
        assert healed_with(tmp_path, memory.ranking, "len", monkeypatch)[0] == 5
        (record,) = memory.records()
        assert (record.outcome, record.right) == ("taken_back", False)
        assert not memory.outcome("nothing", "applied")


def test_a_ranking_keeps_every_draft(tmp_path: Path) -> None:
    context, drafts = context_of(tmp_path), drafts_of("a", "b", "c")
    counts = {("repair_2", "nothing"): Tally(5, 5)}
    assert ranked_by({}, {}, context, drafts) is drafts
    assert {each.title for each in ranked_by(counts, {}, context, drafts)} == {"use a", "use b", "use c"}


def test_a_store_that_cannot_be_used_is_a_warning_and_nothing_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    with open_memory(tmp_path, folder=blocked / "below") as memory:
        needed, report = healed_with(tmp_path, memory.ranking, "len", monkeypatch)
        assert needed == 5
        assert memory.record(report) == ""
        assert memory.records() == ()
    assert "nothing is learned" in caplog.text


def test_reading_makes_no_store_and_one_of_before_there_was_learning_is_empty(tmp_path: Path, cache: Path) -> None:
    with open_memory(tmp_path, folder=cache) as memory:
        assert memory.counts("a") == ({}, {})
        assert not cache.exists()
        path = workspace_folder(tmp_path, cache) / DATABASE
        path.parent.mkdir(parents=True)
        sqlite3.connect(path).close()
        assert memory.counts("a") == ({}, {})
        path.write_bytes(b"this is not a database" * 500)
        assert memory.counts("b") == ({}, {})


def test_what_another_process_wrote_is_seen(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_memory(tmp_path, folder=cache) as first, open_memory(tmp_path, folder=cache) as second:
        assert healed_with(tmp_path, first.ranking, "len", monkeypatch)[0] == 5
        second.record(healed_with(tmp_path, second.ranking, "len", monkeypatch)[1])
        assert healed_with(tmp_path, first.ranking, "len", monkeypatch)[0] == 1


def test_the_users_own_store_holds_counts_and_hashes_and_no_text(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_memory(tmp_path, folder=cache) as memory:
        memory.record(healed_with(tmp_path, memory.ranking, "len", monkeypatch)[1])
    with open_store(None, folder=cache) as store:
        assert book.records(store) == ()
        counts = book.all_counts(store)
        assert counts
        assert not any(edit.startswith("=") for _, _, edit in counts)
        data = b"".join(each.read_bytes() for each in store.path.parent.iterdir())
    for word in (b"lenght", b"use len", b"not defined", b"main.py"):
        assert word not in data


# -- records ---------------------------------------------------------------------------------------------------------

WORDS = st.text(st.characters(codec="utf-8"), max_size=8)
SHAPES = st.builds(Shape, WORDS, WORDS, WORDS, WORDS, WORDS)
TRIALS = st.builds(
    Trial, SHAPES, WORDS, WORDS, WORDS, WORDS.map("={}".format), UNIT, UNIT, st.booleans(), st.booleans()
)


@st.composite
def records_(draw: st.DrawFn) -> Record:
    trials = tuple(draw(st.lists(TRIALS, max_size=4)))
    steps = st.lists(st.integers(0, len(trials) - 1), unique=True, max_size=3) if trials else st.just([])
    offers = tuple(
        Offer(
            f"edit{number}", draw(WORDS), draw(WORDS), draw(UNIT), draw(st.booleans()), draw(WORDS), tuple(draw(steps))
        )
        for number in range(draw(st.integers(0, 3)))
    )
    return Record(
        id=f"{draw(st.integers(0, 10**9)):012x}",
        at=draw(st.floats(0, 4e9)),
        source=draw(st.sampled_from(["command", "finding"])),
        shape=draw(SHAPES),
        fault=draw(WORDS),
        place=draw(WORDS),
        command=draw(WORDS),
        trials=trials,
        offers=offers,
        chosen=draw(st.integers(-1, len(offers) - 1)),
        outcome=draw(st.sampled_from(list(WEIGHTS))),
        first_verified_ms=draw(st.none() | st.floats(0, 1e6)),
        elapsed_ms=draw(st.floats(0, 1e6)),
    )


@given(records_())
def test_a_record_goes_to_json_and_back_unchanged(record: Record) -> None:
    assert record_from_json(record.id, record.at, record.outcome, record_to_json(record)) == record


DEEDS = st.lists(
    st.tuples(st.sampled_from(list(WEIGHTS)), st.sampled_from(["", "edit0", "edit1", "edit2"])), max_size=5
)


@given(records_(), DEEDS)
def test_counts_are_the_sum_of_the_records_whatever_became_of_them(
    record: Record, deeds: Sequence[tuple[Outcome, str]]
) -> None:
    counts = book.apply_all({}, [contributions(record)])
    for outcome, edit in deeds:
        after = with_outcome(record, outcome, edit)
        counts = book.apply_all(counts, [change(contributions(record), contributions(after))])
        record = after
    assert counts == book.apply_all({}, [contributions(record)])
    assert all(0 <= tally.wins <= tally.tries for tally in counts.values())


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.tuples(records_(), DEEDS), max_size=4, unique_by=lambda pair: pair[0].id))
def test_a_store_gives_back_its_records_and_counts_that_fit_them(
    tmp_path_factory: pytest.TempPathFactory, pairs: list[tuple[Record, list[tuple[Outcome, str]]]]
) -> None:
    root = tmp_path_factory.mktemp("round")
    with open_store(root, folder=root / "cache") as store:
        for record, deeds in pairs:
            book.add(store, record)
            for outcome, edit in deeds:
                assert book.set_outcome(store, record.id, outcome, edit=edit, now=1.0) is not None
    with open_store(root, folder=root / "cache") as store:
        kept = book.records(store)
        assert {each.id for each in kept} == {record.id for record, _ in pairs}
        for record, deeds in pairs:
            for outcome, edit in deeds:
                record = with_outcome(record, outcome, edit)
            assert next(each for each in kept if each.id == record.id) == record
        assert book.all_counts(store) == book.apply_all({}, (contributions(each) for each in kept))


def test_an_edit_that_nobody_recorded_makes_a_record_of_its_own(tmp_path: Path, cache: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text("print(lenn(x))\n")
    edit = Edit("use len", (minimal_edit(str(path), "print(lenn(x))\n", "print(len(x))\n"),), 0.8, source="spelling")
    fault = Fault("name", exception="NameError", message="name 'lenn' is not defined", path="a.py", line=0, column=6)
    ident = note(tmp_path, edit, "offered", fault=fault, source="finding", elapsed_ms=12.0, folder=cache)
    assert note(tmp_path, edit, "applied", fault=fault, folder=cache) == ident
    (record,) = history(tmp_path, folder=cache)
    assert (record.outcome, record.place, record.fault) == (
        "applied",
        "a.py:1",
        "NameError: name 'lenn' is not defined",
    )
    assert record.shape == shape_of(fault, "print(lenn(x))\n")
    assert record.trials[0].form == form_of([("lenn", "len")])


WRITER = """
import sys
from pathlib import Path
from suture.healing.fault import Fault
from suture.healing.api import HealReport, heal_command
from suture.healing.learning import open_memory
from suture.healing.learning.ranking import Trial
from suture.healing.learning.shape import Shape
shape = Shape("python", "name", "NameError", "m", "s")
trial = Trial(shape, "repair", "t", "form", "=exact", 0.5, 0.5, False)
root = Path(sys.argv[1])
with open_memory(root, folder=Path(sys.argv[2])) as memory:
    while True:
        report = HealReport(root, ("x",), Fault("name", exception="NameError"), (), 1.0, None, (trial,), shape)
        print(memory.record(report), flush=True)
"""


@pytest.mark.skipif(os.name != "posix", reason="kill -9 is meant")
def test_a_process_killed_at_any_instant_loses_no_record_it_acknowledged_and_no_count(
    tmp_path: Path, cache: Path
) -> None:
    acknowledged: list[str] = []
    for wanted in (1, 3, 7):
        process = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path), str(cache)], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        acknowledged += [process.stdout.readline().strip() for _ in range(wanted)]
        process.send_signal(signal.SIGKILL)
        process.wait()
        acknowledged += [line.strip() for line in process.stdout if line.endswith("\n")]
    with open_store(tmp_path, folder=cache) as store:
        kept = book.records(store)
        assert set(acknowledged) <= {each.id for each in kept}
        assert book.all_counts(store) == book.apply_all({}, (contributions(each) for each in kept))


# -- taken back ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "now", "gone"),
    [
        ("a = lenn(x)\n", "a = len(x)\n", "a = lenn(x)\n", True),
        ("a = lenn(x)\n", "a = len(x)\n", "a = len(x)\n", False),
        ("a = lenn(x)\n", "a = len(x)\n", "# more\na = len(x)\nb = 1\n", False),
        ("a = lenn(x)\n", "a = len(x)\n", "a = size(x)\n", True),
        ("a = lenn(x)\n", "a = len(x)\n", "", True),
        ("a = 1\nbad()\n", "a = 1\n", "a = 1\nbad()\nc = 2\n", True),
        ("a = 1\nbad()\n", "a = 1\n", "a = 1\nc = 2\n", False),
        ("x\n", "x\n", "x\n", False),
    ],
)
def test_an_edit_is_taken_back_when_its_lines_are_gone(before: str, after: str, now: str, gone: bool) -> None:
    assert taken_back(before, after, now) is gone


@given(st.text("ab\n ", max_size=12), st.text("ab\n ", max_size=12))
def test_undoing_takes_back_and_leaving_alone_does_not(before: str, after: str) -> None:
    assert taken_back(before, after, before) is (before != after)
    assert taken_back(before, after, after) is False


def test_the_memory_keeps_the_latest_shapes_only(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("suture.healing.learning.memory.SHAPES", 2)
    for root in (tmp_path, None):
        open_store(root, folder=cache).close()
    asked: list[str] = []
    inner = book.counts_of

    def counts_of(connection: object, shape: str) -> Mapping[tuple[str, str], Tally]:
        asked.append(shape)
        return inner(connection, shape)  # type: ignore[arg-type]

    monkeypatch.setattr("suture.healing.learning.book.counts_of", counts_of)
    with Memory(tmp_path, cache) as memory:
        for shape in ("a", "b", "a", "c", "a", "b"):
            memory.counts(shape)
    assert asked == [each for each in "abcb" for _ in range(2)], "of each store once, b twice: it had gone"


def test_a_real_fault_is_healed_by_the_first_run_the_second_time(tmp_path: Path, cache: Path, sandbox: Sandbox) -> None:
    root = tmp_path / "project"
    root.mkdir()
    (root / "main.py").write_text("rates = [1]\n\n\ndef raters(x):\n    return x\n\n\nprint(ratse(1))\n")
    runs: list[int] = []
    for _ in range(2):
        with open_memory(root, folder=cache) as memory:
            report = heal_command(root, ["python", "main.py"], sandbox=sandbox, ranking=memory.ranking)
            memory.record(report)
        assert report.best is not None
        runs.append([each.verified for each in report.trials].index(True) + 1)
    assert runs[0] > 1
    assert runs[1] == 1


# -- the confidence of candidates ------------------------------------------------------------------------------------

FEATURES = st.builds(
    Features,
    st.sampled_from(["syntax", "name", "runtime", "test", "compile"]),
    st.sampled_from(["python", "rust", ""]),
    st.sampled_from(["missing-token", "misspelt-name", "logic", "nobody-knows", "logic+misspelt-name"]),
    UNIT,
    st.booleans(),
    st.booleans(),
    st.integers(0, 5000),
    st.integers(0, 50),
    st.integers(1, 5),
    st.integers(0, 9),
    st.integers(0, 5000),
    st.booleans(),
)


@given(FEATURES, UNIT)
def test_a_confidence_is_never_certain_and_grows_with_the_built_in_prior(features: Features, prior: float) -> None:
    value = confidence_of(features)
    assert EDGE <= value <= 1 - EDGE
    assert confidence_of(replace(features, prior=max(prior, features.prior))) >= value
    evidence = evidence_for(features)
    assert (evidence.kind, evidence.data["probability"]) == ("calibrated", value)


@given(FEATURES)
def test_what_has_no_labels_says_so(features: Features) -> None:
    summary = evidence_for(replace(features, language="cobol")).summary
    assert "no labels of cobol" in summary
    assert evidence_for(replace(features, repair="nobody-knows")).data["sample"] == 0


def test_a_learned_prior_changes_no_confidence(tmp_path: Path, cache: Path, sandbox: Sandbox) -> None:
    root = tmp_path / "project"
    root.mkdir()
    (root / "main.py").write_text("print(lenn('abc'))\n")
    reports: list[HealReport] = []
    for _ in range(2):
        with open_memory(root, folder=cache) as memory:
            reports.append(heal_command(root, ["python", "main.py"], sandbox=sandbox, ranking=memory.ranking))
            memory.record(reports[-1])
    first, second = (each.best for each in reports)
    assert first is not None
    assert second is not None
    assert [each.kind for each in first.edit.evidence] == ["ran", "calibrated"]
    assert first.edit.confidence == second.edit.confidence
    assert reports[1].trials[0].prior != reports[1].trials[0].built_in
