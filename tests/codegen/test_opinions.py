"""Several candidates, further opinions and rounds: with a drafter that gives what it is told to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import suture.codegen.api as api
from suture.analyzers.errors import Cancelled
from suture.analyzers.fuzzing.api import Done, FuzzFinding
from suture.analyzers.sandbox import Sandbox
from suture.codegen import comparing, opinions
from suture.codegen.api import GenerationRequest, Proposal
from suture.codegen.drafter import Declined, Draft, Drafter, Feedback, Task
from suture.codegen.promises import broken_by, promises_of
from suture.codegen.specification import specify
from suture.codegen.validation.levels import fuzz
from suture.codegen.validation.mutants import mutants
from suture.codegen.validation.neighbours import limits_in, limits_of, near, rows_of
from suture.codegen.validation.opinions_worker import shown
from suture.codegen.validation.variations import programs_of, steps_in

Write = Callable[[str, str], Path]
COMMENT = "# The largest number, 0 if there is none. largest([1, 3, 2]) -> 3\n"

RIGHT = "def largest(numbers: list[int]) -> int:\n    return max(numbers, default=0)\n"
ALSO_RIGHT = "def largest(numbers: list[int]) -> int:\n    return sorted([0, *numbers])[-1] if numbers else 0\n"
NO_EDGE = "def largest(numbers: list[int]) -> int:\n    return max(numbers)\n"
FIRST_PAIR = "def largest(numbers: list[int]) -> int:\n    return max(numbers[:2]) if numbers else 0\n"
LENGTH = "def largest(numbers: list[int]) -> int:\n    return len(numbers)\n"
WRONG = "def largest(numbers: list[int]) -> int:\n    return min(numbers)\n"


@pytest.fixture(autouse=True)
def no_fuzzing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two seconds a draft that say nothing here."""

    def played(*_: object, **__: object) -> Iterator[Done]:
        return iter([Done("largest", 100, 2.0)])

    monkeypatch.setattr(fuzz, "fuzz", played)


class Script:
    """Answers by (sample, round); the last answer of a sample repeats. Keeps the feedback that it got."""

    def __init__(self, *samples: list[str | Draft]) -> None:
        self.samples = samples
        self.asked: list[tuple[int, int]] = []
        self.feedback: tuple[Feedback, ...] = ()

    def propose(self, task: Task, feedback: tuple[Feedback, ...]) -> Draft | Declined:
        self.asked.append((task.sample, len(feedback)))
        self.feedback = feedback or self.feedback
        if task.sample >= len(self.samples):
            return Declined("nothing more")
        answers = self.samples[task.sample]
        given = answers[min(len(feedback), len(answers) - 1)]
        return given if isinstance(given, Draft) else Draft(given, (), 0.6, by_model=True, cost_usd=0.01)


@pytest.fixture
def play(
    workspace: Path, write: Write, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., tuple[Proposal, Script]]:
    def run(*samples: list[str | Draft], run: bool = True, **options: int) -> tuple[Proposal, Script]:
        script = Script(*samples)
        monkeypatch.setattr(api, "drafters", lambda: (Drafter("scripted", 50, script.propose, rounds=9),))
        path = write("app.py", COMMENT)
        request = GenerationRequest(workspace, path, COMMENT, 0, **options)  # type: ignore[arg-type]
        return api.generate(request, sandbox=sandbox if run else None, model=None), script

    return run


Play = Callable[..., tuple[Proposal, Script]]


def test_a_comparison_that_is_cancelled_offers_nothing(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    stop: list[bool] = []

    def another(*_: object) -> Draft:
        stop.append(True)
        return Draft(ALSO_RIGHT, (), 0.6, by_model=True)

    monkeypatch.setattr(opinions, "another", another)
    monkeypatch.setattr(api, "_never", lambda: bool(stop))
    with pytest.raises(Cancelled):
        play([RIGHT])


def test_what_a_comparison_gives_is_looked_at_before_it_is_believed() -> None:
    outcomes = comparing.read_outcomes
    assert outcomes([["= 1"], None], 2, 1) == [["= 1"], None]
    for value in ([], [["= 1"]], [["= 1"], ["= 1", "= 2"]], [["= 1"], [1]], [["= 1"], "= 1"], {"0": 1}, None):
        assert outcomes(value, 2, 1) is None


def test_two_independent_drafts_that_do_the_same_are_evidence(play: Play) -> None:
    proposal, script = play([RIGHT], [ALSO_RIGHT])
    assert (proposal.status, proposal.code) == ("offered", RIGHT)
    (same,) = [each for each in proposal.evidence if each.kind == "equivalent"]
    assert same.summary.startswith("2 drafts, made independently: 2 do the same on ")
    assert script.asked == [(0, 0), (1, 0)]
    assert proposal.cost_usd == pytest.approx(0.02)


def test_the_majority_wins_over_a_draft_that_only_passed_the_example(play: Play) -> None:
    proposal, script = play([FIRST_PAIR], [RIGHT], [ALSO_RIGHT])
    assert (proposal.status, proposal.code, proposal.verified) == ("offered", RIGHT, True)
    assert script.asked == [(0, 0), (1, 0), (2, 0), (3, 0)]  # a lead of one is no lead while more can be asked


def test_where_nobody_has_a_majority_the_drafter_is_asked_with_the_input(play: Play) -> None:
    proposal, script = play([FIRST_PAIR, RIGHT], [NO_EDGE], [ALSO_RIGHT])
    assert (proposal.status, proposal.code) == ("offered", RIGHT)
    (told,) = script.feedback
    assert told.check == "opinions"
    assert "differ on largest([" in told.reason


def test_a_drafter_that_stands_by_its_answer_is_believed_and_the_input_is_shown(play: Play) -> None:
    proposal, _ = play([RIGHT, RIGHT], [NO_EDGE], [FIRST_PAIR])
    assert (proposal.status, proposal.code) == ("offered", RIGHT)
    assert any("written twice" in each and "largest([])" in each for each in proposal.notes)


def test_a_drafter_may_stand_by_its_last_draft(play: Play) -> None:
    proposal, script = play([WRONG, RIGHT], [NO_EDGE], [FIRST_PAIR], rounds=1)
    assert (proposal.status, proposal.code, proposal.attempts) == ("offered", RIGHT, 3)
    proposal, script = play([RIGHT], [NO_EDGE], [FIRST_PAIR], rounds=0)
    assert (proposal.status, proposal.failed_check) == ("refused", "opinions")
    assert (0, 1) not in script.asked


def test_an_exception_that_is_named_is_a_result_like_any_other(ask: Callable[..., tuple[Proposal, Script]]) -> None:
    text = "# The mean; ValueError if the numbers are empty. mean([2, 4]) -> 3.0, mean([5]) -> 5.0\n"
    wrong = "def mean(numbers: list[int]) -> float:\n    return sum(numbers) / len(numbers)\n"
    right = wrong.replace("    return", "    if not numbers:\n        raise ValueError('none')\n    return")
    proposal, script = ask(text, [wrong, right], [right], [right])
    assert (proposal.status, proposal.code) == ("offered", right)
    assert (1, 0) in script.asked
    unnamed = text.replace("; ValueError if the numbers are empty", "")
    proposal, _ = ask(unnamed, [wrong], [right])
    assert (proposal.status, proposal.code) == ("offered", wrong)  # which exception it is was left to the model


def test_a_draft_that_fails_the_example_has_no_say(play: Play) -> None:
    proposal, script = play([RIGHT], [WRONG], ["def largest(numbers)\n"], [ALSO_RIGHT])
    assert (proposal.status, proposal.code) == ("offered", RIGHT)
    assert any(each.kind == "equivalent" for each in proposal.evidence)
    assert len(script.asked) == 4


@pytest.mark.parametrize(("run", "options"), [(True, {"opinions": 0}), (False, {})])
def test_no_opinion_is_asked_for_where_none_is_wanted_or_nothing_runs(
    play: Play, run: bool, options: dict[str, int]
) -> None:
    proposal, script = play([RIGHT], [ALSO_RIGHT], run=run, **options)
    assert (proposal.status, proposal.verified) == ("offered", run)
    assert script.asked == [(0, 0)]


def test_of_three_candidates_the_one_that_is_right_is_offered_in_one_round(play: Play) -> None:
    broken, right = (Draft(code, (), 0.6, by_model=True) for code in ("def largest(numbers)\n", RIGHT))
    proposal, script = play([Draft(WRONG, (), 0.6, by_model=True, alternatives=(broken, right))], opinions=0)
    assert (proposal.status, proposal.code, proposal.attempts) == ("offered", RIGHT, 1)
    assert len(script.asked) == 1


def test_the_feedback_is_about_the_candidate_that_got_furthest(play: Play) -> None:
    broken = Draft(
        "def largest(numbers)\n", (), 0.6, by_model=True, alternatives=(Draft(WRONG, (), 0.6, by_model=True),)
    )
    proposal, script = play([broken, RIGHT], opinions=0)
    assert (proposal.status, proposal.attempts) == ("offered", 2)
    assert (script.feedback[0].check, script.feedback[0].code) == ("tests", WRONG)


def test_the_request_says_how_many_rounds_there_are(play: Play) -> None:
    answers: list[str | Draft] = [WRONG.replace("min(numbers)", f"min(numbers) - {each}") for each in range(5)]
    proposal, script = play(answers, rounds=1)
    assert (proposal.status, proposal.failed_check) == ("refused", "tests")
    assert script.asked == [(0, 0), (0, 1)]


def test_inputs_stay_near_the_examples() -> None:
    rows = near([([1, 3, 2], 2), ([5], 1)])
    assert rows[:2] == [([1, 3, 2], 2), ([5], 1)]
    assert rows == near([([1, 3, 2], 2), ([5], 1)])
    assert ([], 2) in rows
    assert "-" not in repr(rows)
    negative = near([(-3,), (2,)])
    assert "-" in repr(negative[2:])
    assert {len(each) for each in near([(1,), (1, 2)])} == {1, 2}


def test_where_a_draft_draws_its_lines_they_are_crossed() -> None:
    limits = limits_of("def f(n):\n    return n if 0 <= n <= 100 else 7\n")
    assert limits == [99, 100, 101]
    assert {(99,), (100,), (101,)} <= set(near([(15,), (40,)], limits=limits))
    assert near([("a",), ("b",)]) == near([("a",), ("b",)], limits=limits)
    assert ([0.0, 0.0],) in near([([1.0, 2.0],), ([3.0],)])
    assert "{'b': 2, 'a': 1}" in repr(near([({"a": 1, "b": 2},), ({},)]))


def test_what_the_description_names_is_tried() -> None:
    assert limits_in("A percentage from 0 to 100, 0.5 at a time; 3rd, x2") == [-1, 0, 1, 99, 100, 101]
    assert -1 not in limits_in("0 if there is none")
    assert {(-1,), (101,)} <= set(near([(15,)], words="from 0 to 100"))
    assert "-" not in repr(near([(15,), (4,)], words="Whether it is even."))
    assert "-" in repr(near([(15,), (4,)], words="The number without its sign."))
    assert ("a.b.b",) in near([("a.b",)])


def test_what_the_words_promise_is_looked_at() -> None:
    def told(text: str, outcome: str) -> str:
        return broken_by(promises_of(specify(text)), [outcome], ["f(1)"])

    words = "Swap keys and values; keys are collected in a sorted list. f({'a': 1}) -> {1: ['a']}"
    assert told(words, "= {1: ['c', 'a', 'b']}") == (
        "the description says “sorted”, but f(1) gives {1: ['c', 'a', 'b']}"
    )
    assert not told(words, "= {1: ['a', 'b']}")
    assert not told(words, "= {1: ['b', 'a']}")  # no example says in which direction
    assert told(words.replace("{1: ['a']}", "{1: ['a', 'c']}"), "= {1: ['b', 'a']}")
    assert not told(words, "raises KeyError")
    assert not told(words.replace("sorted list", "list sorted by length"), "= {1: ['c', 'a', 'b']}")
    assert not told("Where it is in a sorted list, or -1. f(1) -> -1", "= -1")
    insert = "Insert a number into a sorted list. f([1, 4], 2) -> [1, 2, 4]"
    assert not told(insert, "= [4, 2, 1, 3]")  # what is given is sorted: of another list it says nothing
    assert told(insert.replace("[1, 4]", "[4, 1]"), "= [4, 2, 1, 3]")
    assert told("The numbers, sorted. f([1, 4]) -> [1, 4]", "= [4, 2, 1, 3]")
    assert told("The days between, never negative. f(1) -> 2", "= -2")
    assert not told("The days between, never negative. f(1) -> -2", "= -2")  # the example says something else
    assert not told("The days between, never negative.", "= -2")
    assert told("The distinct words. f('a') -> ['a']", "= ['a', 'a']")
    assert told("The extension in lower case. f('a') -> 'a'", "= 'A'")
    assert told("The code in upper case. f('a') -> 'A'", "= 'a'")


METHOD = (
    "class Box:\n    def __init__(self) -> None:\n        self.items: list[int] = []\n\n"
    "    # Add a number, unless it is there; how many there are. add(self, number: int) -> int\n"
)
TESTS_OF_BOX = """def test_one():
    box = Box()
    assert box.add(3) == 1


def test_two():
    box = Box()
    box.add(3)
    assert box.add(4) == 2
"""


def test_methods_get_further_opinions(ask: Ask) -> None:
    def draft(code: str) -> Draft:
        return Draft(code, (), 0.6, TESTS_OF_BOX, by_model=True)

    head = "def add(self, number: int) -> int:\n"
    again = draft(head + "    self.items.append(number)\n    return len(self.items)\n")
    guard = head + "    if number not in self.items:\n        self.items.append(number)\n    return len(self.items)\n"
    union = head + "    self.items = [*self.items, *({number} - set(self.items))]\n    return len(self.items)\n"
    proposal, script = ask(METHOD, [again, draft(guard)], [draft(guard)], [draft(union)])
    assert (proposal.status, proposal.code) == ("offered", guard)
    assert any(each.kind == "equivalent" for each in proposal.evidence)
    assert (1, 0) in script.asked


def test_what_is_shown_of_an_object_is_the_same_for_every_draft() -> None:
    assert shown([object(), object()]) == "[<object object>, <object object>]"
    assert shown({"b": {2, 1}, "a": 0.1 + 0.2}) == shown({"a": 0.3, "b": {1, 2}})


def test_tests_become_programs_that_look() -> None:
    source = (
        "import pytest\nfrom app import Box\n\n\ndef test_a():\n    assert Box(3).size() == 0\n\n\n"
        "def test_b():\n    with pytest.raises(ValueError):\n        Box(-1)\n\n\n"
        "def test_c(tmp_path):\n    assert Box(tmp_path)\n\n\n"
        '@pytest.mark.parametrize("n, size", [(1, 2), (3, 4)])\n'
        "def test_d(n, size):\n    assert Box(n).size() == size\n"
    )
    found = programs_of(source, "app")
    assert found.plain == 4
    assert all("Box(tmp_path)" not in each and "import Box" not in each for each in found.programs)
    assert "_saw(Box(3).size())" in found.programs[0]
    assert any("_saw(Box(2).size())" in each for each in found.programs[4:])
    assert steps_in(found.programs[0]) == "`Box(3).size()`"
    assert programs_of("not python(", "app").programs == []
    assert "locals()" in programs_of(source, "app", stateful=True).programs[4]


def test_a_draft_that_breaks_the_words_goes_back(ask: Ask) -> None:
    text = "# The words, sorted. arranged(['a', 'b']) -> ['a', 'b']\n"
    right = "def arranged(words: list[str]) -> list[str]:\n    return sorted(words)\n"
    wrong = right.replace("sorted", "list")
    proposal, script = ask(text, [wrong, right], [wrong], [wrong], [right])
    assert (proposal.status, proposal.code) == ("offered", right)
    assert script.feedback[0].reason.startswith("the description says “sorted”")
    assert script.asked[:2] == [(0, 0), (0, 1)]


def test_the_wording_of_a_text_does_not_make_it_another() -> None:
    one = "def f(n: int) -> int:\n    total = n + 1  # more\n    return total\n"
    other = 'def f(n):\n    """One more."""\n    result = n + 1\n    return result\n'
    assert comparing.plain_text(one) == comparing.plain_text(other)
    assert comparing.plain_text(one) != comparing.plain_text(one.replace("+ 1", "+ 2"))


def test_code_that_is_nested_too_deeply_is_compared_as_it_is_and_has_no_mutants() -> None:
    deep = f"def total(x):\n    return {' + '.join(['x'] * 1500)}\n"
    assert comparing.plain_text(deep) == deep
    assert mutants(deep) == []


def test_calls_in_tests_are_inputs_too() -> None:
    assert rows_of("def test():\n    assert f([1], 'a') == f([2], x) + 1\n", "f") == [([1], "a")]
    assert rows_of("not python(", "f") == []


# --- a drafter that stands by its answer -----------------------------------------------------------------------------

PROSE = "# The largest of a list of numbers. def largest(numbers: list[int]) -> int\n"
OWN_TESTS = """def test_plain():
    assert largest([1, 3, 2]) == 3


def test_one():
    assert largest([5]) == 5


def test_wrong():
    assert largest([2, 1]) == 1
"""
Ask = Callable[..., tuple[Proposal, Script]]


@pytest.fixture
def ask(workspace: Path, write: Write, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Ask:
    def run(text: str, *samples: list[str | Draft], **options: int) -> tuple[Proposal, Script]:
        script = Script(*samples)
        monkeypatch.setattr(api, "drafters", lambda: (Drafter("scripted", 50, script.propose, rounds=9),))
        line = text[: text.rindex("# ")].count("\n")
        request = GenerationRequest(workspace, write("app.py", text), text, line, **options)  # type: ignore[arg-type]
        return api.generate(request, sandbox=sandbox, model=None), script

    return run


def _with_tests(code: str) -> Draft:
    return Draft(code, (), 0.6, OWN_TESTS, by_model=True)


def test_a_test_of_the_model_gives_way_to_two_independent_drafts_that_fail_it(ask: Ask) -> None:
    proposal, _ = ask(PROSE, [_with_tests(RIGHT)], [_with_tests(ALSO_RIGHT)])
    assert (proposal.status, proposal.code, proposal.verified) == ("offered", RIGHT, True)
    assert "test_wrong" not in proposal.tests
    assert "test_one" in proposal.tests
    assert any("was left out, as two independent drafts fail it" in each for each in proposal.notes)


def test_a_test_of_the_model_stays_if_an_independent_draft_fails_others(ask: Ask) -> None:
    proposal, _ = ask(PROSE, [_with_tests(RIGHT)], [_with_tests(WRONG)], opinions=1)
    assert (proposal.status, proposal.failed_check) == ("refused", "tests")


def test_an_example_never_gives_way(ask: Ask) -> None:
    wrong = "# The largest number. largest([2, 1]) -> 1, largest([1, 3, 2]) -> 3, largest([5]) -> 5\n"
    proposal, script = ask(wrong, [RIGHT], [ALSO_RIGHT])
    assert (proposal.status, proposal.failed_check) == ("refused", "tests")
    assert {sample for sample, _ in script.asked} == {0}


def test_a_method_is_tested_by_what_the_model_writes(ask: Ask) -> None:
    text = (
        "class Box:\n    def __init__(self) -> None:\n        self.items: list[int] = []\n\n"
        "    # Return how many items there are. size(self) -> int\n"
    )
    tests = "def test_empty():\n    assert Box().size() == 0\n"
    right = Draft("def size(self) -> int:\n    return len(self.items)\n", (), 0.6, tests, by_model=True)
    proposal, _ = ask(text, [right])
    assert (proposal.status, proposal.verified) == ("offered", True)
    assert "from app import Box" in proposal.tests


def test_an_odd_input_is_a_remark_if_the_drafter_stands_by_its_answer(
    ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = FuzzFinding(
        "app.py", "largest", "crash", "([0],)", "{}", "largest([0])", "RecursionError", "too deep", 2, True, ""
    )

    def played(*_: object, **__: object) -> Iterator[FuzzFinding | Done]:
        return iter([found, Done("largest", 100, 2.0)])

    monkeypatch.setattr(fuzz, "fuzz", played)
    proposal, script = ask(COMMENT, [RIGHT, RIGHT], opinions=0)
    assert (proposal.status, script.asked) == ("offered", [(0, 0), (0, 1)])
    assert any("largest([0])" in each for each in proposal.notes)
    proposal, _ = ask(
        COMMENT, [RIGHT, RIGHT, RIGHT], [NO_EDGE], [FIRST_PAIR]
    )  # others differ: once more it stands by it
    assert (proposal.status, proposal.code) == ("offered", RIGHT)


def test_no_further_opinion_is_paid_for_where_the_examples_decide(ask: Ask) -> None:
    text = "# Whether a number is from 3 to 7. inside(2) -> False, inside(3) -> True, inside(4) -> True, "
    text += "inside(7) -> True, inside(8) -> False\n"
    code = "def inside(number: int) -> bool:\n    return number >= 3 and number <= 7\n"
    proposal, script = ask(text, [code], [code])
    assert proposal.status == "offered"
    assert script.asked == [(0, 0)]
    assert any("versions with one small change each" in each.summary for each in proposal.evidence)
    fewer = text.replace("inside(3) -> True, ", "")
    _, script = ask(fewer, [code], [code.replace("number >= 3 and number <= 7", "3 <= number <= 7")])
    assert script.asked == [(0, 0), (1, 0)]


def test_the_same_text_once_more_is_half_an_opinion(play: Play) -> None:
    worded = RIGHT.replace("    return", '    """The largest."""\n    return')
    proposal, script = play([RIGHT], [worded], [ALSO_RIGHT])
    assert (proposal.status, proposal.code) == ("offered", RIGHT)
    assert script.asked == [(0, 0), (1, 0), (2, 0)]
    proposal, script = play([RIGHT], [RIGHT], [RIGHT])
    assert len(script.asked) == 3
    assert any("word for word" in each.summary for each in proposal.evidence)


def test_one_text_twice_does_not_outvote_another(play: Play) -> None:
    proposal, script = play([RIGHT, RIGHT], [FIRST_PAIR], [FIRST_PAIR], [WRONG], [WRONG])
    assert (proposal.status, proposal.code) == ("offered", RIGHT)
    assert script.feedback[0].check == "opinions"


def test_the_input_on_which_a_minority_differs_is_shown(play: Play) -> None:
    proposal, _ = play([RIGHT], [FIRST_PAIR], [ALSO_RIGHT], [NO_EDGE])
    assert any("open: independent answers" in each and "differ on largest([" in each for each in proposal.notes)
