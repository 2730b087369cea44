"""Templates have versions, a complex description gets a plan, and a prompt holds what its target gives."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from suture.analyzers.store import open_store
from suture.codegen import prompts
from suture.codegen.briefing import COMPLEX, Brief, brief_for, complexity
from suture.codegen.context import Context
from suture.codegen.drafter import Feedback, Task
from suture.codegen.drafters.model import propose
from suture.codegen.generators import Strategy, chosen
from suture.codegen.governor import Means
from suture.codegen.prompting import prompt_for
from suture.codegen.proposal import Budget, GenerationRequest
from suture.codegen.specification import specify
from suture.codegen.triggers.target import Target

SIMPLE = "Turn a title into a slug. slugify('A b') -> 'a-b'"
LONG = (
    "Compute the fee of an order. If the customer is a member, the fee is zero unless the order is below ten euros. "
    "Otherwise it is five percent of the total, but at least one and at most twenty euros. Orders that were cancelled "
    "never have a fee. When the country is not in the list of known countries, raise ValueError. Fees are rounded to "
    "cents, halves to even. If the order has a coupon, the coupon is subtracted only after rounding. A fee is never "
    "negative. An order without lines has a fee of zero, except when it is an express order."
)
PLAN = "Requirements:\n1. A member pays nothing from ten euros on.\nEdge cases: no lines: 0\nErrors: ValueError"


def task_of(words: str, *, models: Any = (), store: Any = None, **target: Any) -> Task:
    request = GenerationRequest(Path("/w"), Path("/w/app.py"), "", 0)
    place = Target(0, 0, "", words, **target)
    never = Budget.unlimited()
    return Task(request, place, specify(words), None, models, never, store, lambda: False, lambda said: None)


@pytest.fixture
def task(workspace: Path, model_server: Any) -> Any:
    with open_store(workspace) as store:

        def make(words: str) -> Task:
            return task_of(words, models=(model_server.settings,), store=store)

        yield make


def means(task: Task) -> Means:
    return Means(task.models, task.budget, task.store, task.cancel, task.on_progress)


# --- templates -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", prompts.names())
def test_a_template_that_changed_has_a_new_version(name: str) -> None:
    found = prompts.load(name)
    known = prompts.published()[name]
    assert known.get(str(found.version)) == found.sha256, (
        f"{name}.txt is not the text of version {found.version}: raise the version in its first line, and add "
        f'"{int(max(known, key=int)) + 1}": "{found.sha256}" to versions.json'
    )
    assert str(found.version) == max(known, key=int)


def test_every_strategys_template_is_there_and_a_place_that_is_not_filled_is_an_error() -> None:
    from suture.codegen.generators.choosing import strategies

    assert {each.template for each in strategies()} <= set(prompts.names())
    assert prompts.fill("{{a}} {b} {{c}}", {"a": "{{c}}", "c": "1"}) == "{{c}} {b} 1"
    with pytest.raises(KeyError):
        prompts.fill("{{a}}", {})


def test_the_record_names_versions_and_one_hash() -> None:
    record = prompts.record_of(["system", "function", "system"])
    assert record["templates"].startswith("system@")
    assert record["template_sha256"] == prompts.digest(prompts.template("system"), prompts.template("function"))


# --- complex descriptions --------------------------------------------------------------------------------------------


def test_complexity_is_counted_and_says_how() -> None:
    simple, long = complexity(specify(SIMPLE)), complexity(specify(LONG))
    assert not simple.complex
    assert long.complex
    assert long.points >= COMPLEX
    assert "5 conditions" in str(long)
    with_examples = complexity(specify(LONG + " fee(1) -> 2. fee(2) -> 3. fee(4) -> 3."))
    assert with_examples.points < long.points


def test_a_simple_description_costs_no_further_call(task: Callable[[str], Task], model_server: Any) -> None:
    asked = task(SIMPLE)
    assert brief_for(asked, means(asked)) == Brief()
    assert model_server.requests == []


def test_a_complex_description_is_made_into_a_plan_once_and_stands_beside_the_description(
    task: Callable[[str], Task], model_server: Any
) -> None:
    model_server.script(PLAN, "```python\ndef compute_fee_order(order):\n    return 0\n```")
    asked = task(LONG)
    draft = propose(asked, ())
    again = propose(asked, (Feedback("def f(): ...", "tests", "it failed"),))
    assert len(model_server.requests) == 3  # one plan, two rounds
    plan, first, second = (each["messages"] for each in model_server.requests)
    assert "leaves nothing to guess" in plan[-1]["content"]
    for each in (first, second):
        assert "A member pays nothing" in each[1]["content"]
        assert "halves to even" in each[1]["content"]
    assert any("made into a plan" in note for note in getattr(draft, "notes", ()))
    assert "meta@1" in draft.record["templates"]  # type: ignore[union-attr]
    assert again is not draft


def test_an_answer_that_is_no_plan_is_done_without(task: Callable[[str], Task], model_server: Any) -> None:
    model_server.script("I cannot do that.")
    asked = task(LONG)
    found = brief_for(asked, means(asked))
    assert found.text == ""
    assert "no plan of it could be had" in found.note


# --- what a prompt holds ---------------------------------------------------------------------------------------------


def sent(task: Task, *feedback: Feedback, tests: bool = False) -> str:
    strategy: Strategy = chosen(task).strategy
    prompt = prompt_for(task, Context("", "app.py", 0), strategy, "", tuple(feedback), tests=tests)
    return "\n".join(each["content"] for each in prompt.messages)


def test_a_stub_a_test_and_a_selection_say_what_they_give() -> None:
    stub = task_of("Add.", kind="stub", name="add", signature="def add(a: int) -> int", code="def add(a: int): ...\n")
    assert "as a stub" in sent(stub)
    assert "`def add(a: int) -> int`" in sent(stub)
    test = task_of("add", kind="failing_test", tests="def test_add():\n    assert add(1) == 2\n")
    assert "These tests must pass" in sent(test)
    assert "assert add(1) == 2" in sent(test)
    code = "def add(a):\n    return a\n"
    change = task_of("make it add one", kind="selection", name="add", signature="def add(a)", code=code)
    text = sent(change)
    assert text.startswith(prompts.template("system").strip())
    assert "Change the function" in text
    assert code.strip() in text


def test_secrets_in_what_a_person_wrote_are_masked_and_feedback_too() -> None:
    task = task_of("send it with password='sentinel-1'", code="key = 'x'\ntoken = 'sentinel-2'", kind="stub")
    text = sent(task, Feedback("password = 'sentinel-3'", "tests", "api_key='sentinel-4' is wrong"))
    assert "sentinel" not in text


def test_an_earlier_answer_may_stand_in_only_where_examples_can_judge_it() -> None:
    strategy = chosen(task_of(SIMPLE)).strategy
    empty = Context("", "app.py", 0)
    judged = prompt_for(task_of(SIMPLE), empty, strategy, "", (), tests=False)
    open_ = prompt_for(task_of("Turn a title into a slug."), empty, strategy, "", (), tests=True)
    again = prompt_for(task_of(SIMPLE), empty, strategy, "", (Feedback("x", "tests", "no"),), tests=False)
    assert [bool(each.similar_to) for each in (judged, open_, again)] == [True, False, False]
