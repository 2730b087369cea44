"""A model is asked beside local drafters that search long, and broken off if one of them is offered."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from suture.codegen import beside as module
from suture.codegen.beside import beside
from suture.codegen.drafter import Declined, Draft, Drafter, Feedback, Task
from suture.codegen.governor import Purse
from suture.codegen.proposal import Budget, GenerationRequest, ModelSettings
from suture.codegen.specification import specify
from suture.codegen.triggers.target import Target

MODEL = ModelSettings("http://127.0.0.1:1/v1", "k", "m")
BUDGET = Budget()
ANSWER = Draft("def f(): ...\n", (), 0.5)


class Line:
    """A local drafter that searches until it is told what it finds, and a model that answers when it may."""

    def __init__(self, *, models: tuple[ModelSettings, ...] = (MODEL,), budget: Budget = BUDGET) -> None:
        request, target = GenerationRequest(Path("/w"), Path("/w/a.py"), "# f(1) -> 2\n", 0), Target(0, 0, "", "f")
        self.task = Task(
            request, target, specify("f(1) -> 2"), None, models, budget, None, lambda: False, lambda said: None
        )
        self.asked, self.answer, self.broken = threading.Event(), threading.Event(), threading.Event()
        self.calls = 0
        self.waits = True

    def local(self, task: Task, feedback: tuple[Feedback, ...]) -> Draft | Declined:
        if self.waits:
            assert self.asked.wait(20)
        return Declined()

    def model(self, task: Task, feedback: tuple[Feedback, ...]) -> Draft | Declined:
        self.calls += 1
        self.asked.set()
        purse = task.memo.setdefault("purse", Purse())
        while not self.answer.wait(0.01):
            if task.cancel():
                purse.usd += 0.25
                self.broken.set()
                return Declined("broken off")
        return ANSWER

    @property
    def drafters(self) -> tuple[Drafter, ...]:
        return Drafter("synthesis", 20, self.local), Drafter("model", 50, self.model)


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "HEAD_START_S", 0.0)


def test_the_model_is_asked_while_the_others_search_and_once_only() -> None:
    line = Line()
    with beside(line.task, line.drafters) as running:
        local, model = running.drafters
        assert local.propose(line.task, ()) == Declined()
        line.answer.set()
        assert model.propose(line.task, ()) is ANSWER
        assert line.calls == 1
        assert model.propose(line.task, (Feedback("", "tests", "no"),)) is ANSWER
        assert line.calls == 2
        assert running.stop() == 0.0


def test_its_answer_is_broken_off_if_another_is_offered_and_what_it_cost_is_known() -> None:
    line = Line()
    with beside(line.task, line.drafters) as running:
        running.drafters[0].propose(line.task, ())
        assert running.stop() == 0.25
    assert line.broken.is_set()


def test_what_it_cost_is_not_known_without_a_price() -> None:
    line = Line()
    line.task.memo["purse"] = Purse(unknown=True)
    with beside(line.task, line.drafters) as running:
        running.drafters[0].propose(line.task, ())
        assert running.stop() is None


def test_a_head_start_that_ends_when_the_model_has_its_turn_asks_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "HEAD_START_S", 3600.0)
    line = Line()
    line.waits = False
    line.answer.set()
    with beside(line.task, line.drafters) as running:
        local, model = running.drafters
        local.propose(line.task, ())
        assert running.timer is not None
        assert model.propose(line.task, ()) is ANSWER
        running.timer.function(*running.timer.args)  # it had fired already, and was late
        assert line.calls == 1


@pytest.mark.parametrize("budget", [BUDGET, Budget(0, 0, 0)])
def test_nothing_is_asked_without_a_model_or_money(budget: Budget) -> None:
    line = Line(models=() if budget.request_usd else (MODEL,), budget=budget)
    with beside(line.task, line.drafters) as running:
        assert running.drafters == line.drafters


def test_a_draft_that_is_found_before_the_head_start_is_over_costs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "HEAD_START_S", 3600.0)
    line = Line()
    line.waits = False
    with beside(line.task, line.drafters) as running:
        running.drafters[0].propose(line.task, ())
    assert line.calls == 0
