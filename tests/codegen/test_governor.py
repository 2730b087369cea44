"""What must hold around a call: money, rates, failing providers, tries, turns, and answers that are used again."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from suture.analyzers.errors import Cancelled
from suture.analyzers.store import Store, open_store
from suture.codegen import prices
from suture.codegen.governor import Declined, Means, ModelRequest, Reply, Timing, ask, forget, limiter, spending
from suture.codegen.governor.shelf import Shelf
from suture.codegen.governor.similarity import THRESHOLD, features, similarity
from suture.codegen.proposal import Budget, ModelSettings


@dataclass
class Clock:
    """A clock that only sleeping moves."""

    now: float = field(default_factory=time.time)
    slept: list[float] = field(default_factory=list[float])

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.slept.append(seconds)

    def timing(self, patience: float = 6.0) -> Timing:
        return Timing(lambda: self.now, self.sleep, lambda: 0.5, (patience, 60.0))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(workspace: Path) -> Store:
    return open_store(workspace)


@pytest.fixture
def means(store: Store, clock: Clock) -> Callable[..., Means]:
    def make(
        *models: ModelSettings,
        budget: Budget | None = None,
        cancel: Callable[[], bool] = lambda: False,
        said: list[str] | None = None,
    ) -> Means:
        tell = (said if said is not None else list[str]()).append
        return Means(models, budget or Budget.unlimited(), store, cancel, tell, clock.timing())

    return make


def question(text: str = "write cats", **options: Any) -> ModelRequest:
    return ModelRequest(
        ({"role": "user", "content": text},), options.pop("purpose", "code"), "generate cats", **options
    )


def answered(reply: Reply | Declined) -> Reply:
    assert isinstance(reply, Reply), reply
    return reply


def declined(reply: Reply | Declined) -> str:
    assert isinstance(reply, Declined), reply
    return reply.reason


# --- tries and providers that fail -----------------------------------------------------------------------------------


def test_what_fails_for_a_moment_is_tried_again_after_a_pause_with_jitter(
    means: Callable[..., Means], model_server: Any, reply: Any, clock: Clock
) -> None:
    model_server.script(reply(status=500), reply(status=503), "yes")
    assert answered(ask(question(), means(model_server.settings))).text == "yes"
    assert sum(clock.slept) == pytest.approx(0.25 + 0.5, abs=0.1)
    model_server.script(reply("half an answer", mode="cut"), "yes")
    assert answered(ask(question("more"), means(model_server.settings))).text == "yes"


def test_a_wrong_key_is_not_tried_again(means: Callable[..., Means], model_server: Any, reply: Any) -> None:
    model_server.script(reply(status=401))
    assert "refuses the key" in declined(ask(question(), means(model_server.settings)))
    assert len(model_server.requests) == 1


def test_the_next_model_answers_and_the_person_is_told_which(
    means: Callable[..., Means], model_servers: Any, reply: Any, store: Store
) -> None:
    broken, working = model_servers.start(reply(status=500)), model_servers.start("yes")
    said: list[str] = []
    models = (broken.of("openai", "first"), working.of("anthropic", "second"))
    done = answered(ask(question(), means(*models, said=said)))
    assert (done.provider, done.model) == ("anthropic", "second")
    assert any("status 500" in each and "second answered instead" in each for each in done.notes)
    assert any("asking second instead" in each for each in said)
    assert [each.model for each in store.egress()] == ["second", "first", "first", "first"]


def test_a_provider_that_keeps_failing_is_skipped_for_a_while_by_every_process(
    means: Callable[..., Means],
    model_servers: Any,
    reply: Any,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    store: Store,
) -> None:
    broken, working = model_servers.start(reply(status=401)), model_servers.start("yes")
    models = (replace(broken.settings, model="first"), replace(working.settings, model="second"))
    for number in range(3):
        answered(ask(question(f"{number}"), means(*models)))
    assert len(broken.requests) == 3
    from suture.codegen.governor import asking

    shelf = Shelf(store.folder / "models")  # what another process sees

    def open_again(folder: Path) -> Shelf:
        return shelf

    monkeypatch.setattr(asking, "open_shelf", open_again)
    done = answered(ask(question("another"), means(*models)))
    assert len(broken.requests) == 3
    assert any("first is skipped for" in each for each in done.notes)
    other = replace(models[0], api_key="another key")
    answered(ask(question("with another key"), means(other, models[1])))
    assert len(broken.requests) == 4
    broken.script("healthy")
    clock.now += 100
    monkeypatch.setattr("suture.codegen.governor.breaker.SKIPPED_S", 0.0)
    assert answered(ask(question("later"), means(*models))).text == "healthy"
    assert "closed" in str(shelf.look(_breaker_of(shelf)))


def _breaker_of(shelf: Shelf) -> str:
    disk: Any = vars(shelf)["_disk"]
    return next(each for each in disk.iterkeys() if each.startswith("breaker") and shelf.look(each).get("opened_at"))


def test_what_a_person_stopped_does_not_count_against_a_provider(
    means: Callable[..., Means], model_server: Any
) -> None:
    model_server.script("yes")
    for _ in range(5):
        with pytest.raises(Cancelled):
            ask(question(), means(model_server.settings, cancel=lambda: True))
    assert model_server.requests == []
    answered(ask(question(), means(model_server.settings)))


def test_a_pause_ends_when_the_person_stops_it(
    means: Callable[..., Means], model_server: Any, reply: Any, clock: Clock
) -> None:
    model_server.script(reply(status=429, headers={"retry-after": "5"}))
    with pytest.raises(Cancelled):
        ask(question(), means(model_server.settings, cancel=lambda: sum(clock.slept) > 0.2))
    assert sum(clock.slept) < 0.5
    assert len(model_server.requests) == 1


# --- rates and turns -------------------------------------------------------------------------------------------------


def test_a_short_retry_after_is_waited_for_and_a_long_one_is_told(
    means: Callable[..., Means], model_server: Any, reply: Any, clock: Clock
) -> None:
    model_server.script(reply(status=429, headers={"retry-after": "2"}), "yes")
    answered(ask(question(), means(model_server.settings)))
    assert sum(clock.slept) >= 2
    model_server.script(reply(status=429, headers={"retry-after": "40"}), "yes")
    assert "try again in 40 s" in declined(ask(question("more"), means(model_server.settings)))
    assert "leave no room" in declined(ask(question("and more"), means(model_server.settings)))
    assert len(model_server.requests) == 1  # nothing is sent before the time that the server named


def test_a_rate_is_learned_from_429_and_forgotten_with_success() -> None:
    state: dict[str, Any] = {}
    now = 1000.0
    for number in range(6):
        assert limiter.enter(state, f"{number}", now, urgent=True) == 0
        limiter.leave(state, f"{number}")
        now += 10
    assert limiter.rate(state) is None
    assert limiter.limited(state, now, 3.0) == 3.0
    learned = limiter.rate(state)
    assert learned is not None
    assert learned == pytest.approx(6, abs=1.5)  # six a minute were too many
    assert limiter.enter(state, "a", now + 2.9, urgent=True) > 0
    assert limiter.enter(state, "a", now + 3.0, urgent=True) == 0
    limiter.leave(state, "a")
    assert limiter.enter(state, "b", now + 4.0, urgent=True) == pytest.approx(60 / learned - 1)
    assert limiter.limited(state, now, None) > 0
    assert (limiter.rate(state) or 0) == pytest.approx(learned / 2)
    for _ in range(60):
        limiter.succeeded(state)
    assert limiter.rate(state) is None


def test_a_persons_request_goes_before_those_in_the_background() -> None:
    state: dict[str, Any] = {}
    assert limiter.enter(state, "one", 0.0, urgent=False) == 0
    assert limiter.enter(state, "two", 0.0, urgent=False) == 0
    assert limiter.enter(state, "three", 0.0, urgent=False) > 0  # places are kept free for a person
    assert limiter.enter(state, "cursor", 0.0, urgent=True) == 0
    limiter.leave(state, "one")
    limiter.limited(state, 0.0, 1.0)
    assert limiter.enter(state, "cursor 2", 0.9, urgent=True) > 0
    assert limiter.enter(state, "three", 1.1, urgent=False) > 0  # a person waits
    assert limiter.enter(state, "cursor 2", 1.1, urgent=True) == 0


def test_who_died_under_way_gives_the_place_back() -> None:
    state: dict[str, Any] = {}
    for number in range(limiter.FLIGHTS):
        assert limiter.enter(state, f"{number}", 0.0, urgent=True) == 0
    assert limiter.enter(state, "next", 1.0, urgent=True) > 0
    assert limiter.enter(state, "next", limiter.LEASE_S + 1, urgent=True) == 0


def test_threads_share_what_is_remembered(tmp_path: Path) -> None:
    shelves = [Shelf(tmp_path / "models") for _ in range(2)]

    def count() -> None:
        for number in range(20):
            shelves[number % 2].change("n", lambda state: state.update(n=state.get("n", 0) + 1))

    threads = [threading.Thread(target=count) for _ in range(3)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert shelves[0].look("n") == {"n": 60}


def test_a_disk_that_cannot_be_used_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    shelf = Shelf(tmp_path / "file" / "models")
    shelf.put("a", 1)
    assert shelf.get("a") == 1
    assert shelf.change("b", lambda state: state.setdefault("x", 2)) == 2
    assert shelf.look("b") == {"x": 2}
    shelf.drop("a")
    assert shelf.get("a") is None


# --- money -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def priced(model_server: Any, monkeypatch: pytest.MonkeyPatch) -> ModelSettings:
    """The scripted server under the name of a model with a known price, as if it were not local."""

    def nowhere_is_local(url: str) -> bool:
        return not url

    monkeypatch.setattr(prices, "is_local", nowhere_is_local)
    return ModelSettings(model_server.base_url, "sk-test", "gpt-4o")


ONE = prices.price(prices.Usage(321, 45), "gpt-4o", "https://api.openai.com/v1") or 0.0


def test_the_reply_says_its_cost_and_alerts_come_once_at_half_most_and_all_of_the_budget(
    means: Callable[..., Means], model_server: Any, priced: ModelSettings, store: Store
) -> None:
    model_server.script("yes")
    budget = Budget(1, 10 * ONE, 1)
    alerts: list[tuple[int, str]] = []
    for number in range(1, 10):
        said: list[str] = []
        done = ask(question(f"{number}", max_tokens=1), means(priced, budget=budget, said=said))
        assert answered(done).cost_usd == pytest.approx(ONE)
        alerts += [(number, each) for each in answered(done).notes if each.endswith(f"${budget.day_usd:.2f}")]
        assert {each for each in answered(done).notes if "budget" in each} == {
            each for each in said if "budget" in each
        }
    assert [(number, text.split()[0]) for number, text in alerts] == [(5, "50%"), (8, "80%")]
    assert spending(store, budget).share == pytest.approx(0.9)


def test_tries_share_the_budget_of_one_request(
    means: Callable[..., Means], model_server: Any, reply: Any, priced: ModelSettings
) -> None:
    model_server.script(reply("x" * 4000, mode="cut"), "yes")
    one_call = prices.price(prices.Usage(16, 2000), "gpt-4o", "https://api.openai.com/v1") or 0.0
    refused = ask(question(), means(priced, budget=Budget(one_call * 1.1, 1, 1)))
    assert "over the budget" in declined(refused)
    assert len(model_server.requests) == 1
    assert isinstance(refused, Declined)
    assert (refused.cost_usd or 0) > 0


def test_questions_of_one_request_share_its_budget(
    means: Callable[..., Means], model_server: Any, priced: ModelSettings
) -> None:
    model_server.script("yes")
    one_call = prices.price(prices.Usage(16, 2000), "gpt-4o", "https://api.openai.com/v1") or 0.0
    of_one = means(priced, budget=Budget(one_call + ONE / 2, 1, 1))
    assert answered(ask(question("first"), of_one)).cost_usd == pytest.approx(ONE)
    refused = declined(ask(question("second"), of_one))
    assert f"after ${ONE:.4f}, over the budget" in refused
    assert len(model_server.requests) == 1


def test_a_model_over_the_budget_leaves_the_question_to_one_that_is_free(
    means: Callable[..., Means], model_server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    model_server.script("yes")
    dear = ModelSettings("https://api.openai.com/v1", "sk-test", "gpt-4o", "openai")
    done = answered(ask(question(), means(dear, model_server.settings, budget=Budget(0.0001, 1, 1))))
    assert (done.model, done.cost_usd) == ("scripted", None)
    assert any("over the budget" in each for each in done.notes)


def test_a_record_that_cannot_be_written_is_a_reason_and_no_fault_of_the_model(
    means: Callable[..., Means], model_server: Any, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sqlalchemy.exc import OperationalError

    def full(**_: object) -> None:
        raise OperationalError("INSERT", {}, Exception("database or disk is full"))

    model_server.script("yes")
    with monkeypatch.context() as patched:
        patched.setattr(store, "record_egress", full)
        for _ in range(4):
            assert "cannot be recorded (database or disk is full)" in declined(
                ask(question(), means(model_server.settings))
            )
    assert model_server.requests == []
    assert answered(ask(question(), means(model_server.settings))).text == "yes"


# --- answers that are used again -------------------------------------------------------------------------------------


def test_the_same_question_is_answered_from_disk_and_costs_nothing(
    means: Callable[..., Means], model_server: Any, priced: ModelSettings, store: Store
) -> None:
    model_server.script("yes", "no")
    first = answered(ask(question(), means(priced)))
    again = answered(ask(question(), means(priced)))
    assert (again.text, again.cached, again.cost_usd) == ("yes", "exact", 0.0)
    assert len(store.egress()) == len(model_server.requests) == 1
    assert answered(ask(question(sample=1), means(priced))).text == "no"
    assert model_server.requests[-1]["temperature"] > 0.5
    assert answered(ask(question(purpose="tests"), means(priced))).cached == ""
    forget((first.key,), store)
    assert answered(ask(question(), means(priced))).text == "no"


def test_each_further_opinion_is_an_answer_of_its_own(means: Callable[..., Means], model_server: Any) -> None:
    model_server.script("one", "two", "three")
    said = [answered(ask(question(sample=each), means(model_server.settings))).text for each in (1, 2, 1)]
    assert said == ["one", "two", "one"]  # the same opinion asked for again is the same answer


def test_a_similar_question_is_answered_by_the_earlier_answer_and_says_so(
    means: Callable[..., Means], model_server: Any
) -> None:
    model_server.script("yes", "no")
    told = "def cats(text: str) -> int\nCount the cats in a sentence, whatever the case of their letters."
    answered(ask(question("a", similar_to=told), means(model_server.settings)))
    alike = told.replace("in a sentence", "of a given sentence")
    again = answered(ask(question("b", similar_to=alike), means(model_server.settings)))
    assert (again.text, again.cached) == ("yes", "similar")
    assert any("similar question" in each and "% alike" in each for each in again.notes)
    other = answered(ask(question("c", similar_to=told.replace("cats in", "dogs in")), means(model_server.settings)))
    assert other.cached == ""


@pytest.mark.parametrize(
    "other",
    [
        "Return the last 3 items of a list, sorted by name ascending, skipping those without a price",
        "Return the first 5 items of a list, sorted by name ascending, skipping those without a price",
        "Return the first 3 items of a list, sorted by name descending, skipping those without a price",
        "Return the first 3 items of a list, sorted by name ascending, skipping those with a price",
        "Return the first 3 items of a list, sorted by sort_key ascending, skipping those without a price",
        "Return the first 3 entries of a list, sorted by name ascending, skipping those without a price",
        "Delete the first 3 items of a list, sorted by name ascending, skipping those without a price",
    ],
)
def test_a_word_that_changes_the_meaning_is_not_similar(other: str) -> None:
    told = "Return the first 3 items of a list, sorted by name ascending, skipping those without a price"
    said = "Return the first 3 items of the list sorted by name (ascending); please skip those without a price"
    assert similarity(features(told), features(said)) >= THRESHOLD
    assert similarity(features(told), features(other)) < THRESHOLD


def test_an_answer_with_a_secret_in_it_is_not_kept(means: Callable[..., Means], model_server: Any) -> None:
    model_server.script("API_KEY = 'AKIAIOSFODNN7EXAMPLE'")
    answered(ask(question(), means(model_server.settings)))
    assert answered(ask(question(), means(model_server.settings))).cached == ""
