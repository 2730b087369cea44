"""Every provider over its real wire protocol, against a scripted server."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from suture.analyzers.errors import Cancelled
from suture.analyzers.findings import Json
from suture.analyzers.store import Store, open_store
from suture.codegen import prices
from suture.codegen.answers import read_answer, schema_for
from suture.codegen.governor import Declined, Means, ModelRequest, Reply, Timing, ask
from suture.codegen.proposal import Budget, ModelSettings
from suture.codegen.provider import configured, providers
from suture.codegen.wire_errors import retry_after

WIRES = ("openai-compatible", "openai", "anthropic", "gemini")
PATHS = {"openai-compatible": "/chat/completions", "openai": "/responses", "anthropic": "/v1/messages"}
TEXT = "def cats(text: str) -> int:\n    return text.count('cat')\n" * 4
SCHEMA: Mapping[str, Json] = {
    "type": "object",
    "properties": {"code": {"type": "string"}},
    "required": ["code"],
    "additionalProperties": False,
}


@pytest.fixture
def store(workspace: Path) -> Store:
    return open_store(workspace)


@pytest.fixture
def means(store: Store) -> Callable[..., Means]:
    def make(
        *models: ModelSettings,
        cancel: Callable[[], bool] = lambda: False,
        said: list[str] | None = None,
    ) -> Means:
        tell = (said if said is not None else list[str]()).append
        return Means(models, Budget.unlimited(), store, cancel, tell, Timing(jitter=lambda: 0.0))

    return make


def question(text: str = "write cats", **options: Any) -> ModelRequest:
    messages = ({"role": "system", "content": "Write Python."}, {"role": "user", "content": text})
    return ModelRequest(messages, options.pop("purpose", "code"), "generate cats", **options)


@pytest.mark.parametrize("provider", WIRES)
def test_an_answer_is_streamed_counted_and_signed_by_who_gave_it(
    means: Callable[..., Means], model_server: Any, provider: str, store: Store
) -> None:
    model_server.script(TEXT)
    said: list[str] = []
    reply = ask(question(purpose="tests"), means(model_server.of(provider), said=said))
    assert isinstance(reply, Reply)
    assert (reply.text, reply.provider, reply.complete, reply.stopped) == (TEXT, provider, True, "stop")
    assert (reply.usage.input, reply.usage.output, reply.usage.measured) == (321, 45, True)
    assert "scripted is answering" in said
    (body,) = model_server.requests
    assert (body["stream"], body["temperature"], body["model"]) == (True, 0.3, "scripted")
    assert model_server.paths[0].endswith(PATHS.get(provider, "/chat/completions"))
    assert model_server.settings.api_key in " ".join(model_server.headers[0].values())
    assert "Write Python." in model_server.sent
    assert "write cats" in model_server.sent
    (sent,) = store.egress()
    assert (sent.endpoint, sent.model, sent.why) == (model_server.of(provider).base_url, "scripted", "generate cats")
    assert sent.bytes == len("Write Python.\nwrite cats")


@pytest.mark.parametrize("provider", WIRES)
@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"status": 429, "headers": {"retry-after": "7"}}, "try again in 7 s"),
        ({"status": 500}, "status 500"),
        ({"status": 401}, "refuses the key"),
        ({"status": 404}, "does not know the model"),
        ({"mode": "cut", "text": TEXT}, "broke off"),
        ({"mode": "malformed", "text": TEXT}, "try again"),
    ],
    ids=["429", "500", "401", "404", "cut off", "malformed"],
)
def test_a_failing_server_is_a_reason_with_what_to_do(
    means: Callable[..., Means], model_server: Any, reply: Any, provider: str, options: dict[str, Any], reason: str
) -> None:
    model_server.script(reply(**options))
    answer = ask(question(), means(model_server.of(provider)))
    assert isinstance(answer, Declined)
    assert reason in answer.reason
    assert model_server.settings.api_key not in answer.reason
    tries = {500: 3, 429: 1}.get(options.get("status", 0), 2 if options.get("mode") == "cut" else 1)
    assert len(model_server.requests) == tries


@pytest.mark.parametrize("provider", WIRES)
@pytest.mark.parametrize(("options", "stopped"), [({"finish": "length"}, "length"), ({"mode": "refusal"}, "refusal")])
def test_an_answer_that_is_not_whole_says_so(
    means: Callable[..., Means], model_server: Any, reply: Any, provider: str, options: dict[str, Any], stopped: str
) -> None:
    model_server.script(reply("I would rather not.", **options))
    answer = ask(question(), means(model_server.of(provider)))
    assert isinstance(answer, Reply)
    assert (answer.complete, answer.stopped) == (False, stopped)
    ask(question(), means(model_server.of(provider)))
    assert len(model_server.requests) == 2  # it is not kept for another time


@pytest.mark.parametrize("provider", WIRES)
def test_cancelling_closes_the_stream(
    means: Callable[..., Means], model_server: Any, reply: Any, provider: str
) -> None:
    model_server.script(reply(TEXT * 20, delay_s=0.02))
    stop = threading.Event()
    cancelled: list[float] = []

    def cancel_while_it_streams() -> None:
        assert model_server.streaming.wait(10)
        time.sleep(0.05)
        cancelled.append(time.monotonic())
        stop.set()

    thread = threading.Thread(target=cancel_while_it_streams)
    thread.start()
    with pytest.raises(Cancelled):
        ask(question(), means(model_server.of(provider), cancel=stop.is_set))
    thread.join()
    assert model_server.closed_early.wait(5)
    assert model_server.closed == 1
    assert len(model_server.requests) == 1


def elsewhere(url: str) -> bool:
    """No address is on this machine."""
    return not url


@pytest.mark.parametrize(
    ("provider", "place"),
    [
        ("openai-compatible", ("response_format", "json_schema", "schema")),
        ("openai", ("text", "format", "schema")),
        ("anthropic", ("output_config", "format", "schema")),
        ("gemini", ("response_format", "json_schema", "schema")),
    ],
)
def test_a_form_is_asked_for_in_the_providers_own_way(
    means: Callable[..., Means],
    model_server: Any,
    provider: str,
    place: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(prices, "is_local", elsewhere)
    model_server.script('{"code": "x"}')
    reply = ask(question(schema=SCHEMA), means(model_server.of(provider)))
    assert isinstance(reply, Reply)
    assert reply.text == '{"code": "x"}'
    sent = model_server.requests[0]
    for name in place:
        sent = sent[name]
    assert sent == SCHEMA


def test_what_openai_stores_and_how_the_system_speaks(means: Callable[..., Means], model_server: Any) -> None:
    model_server.script(TEXT)
    ask(question(), means(model_server.of("openai")))
    body = model_server.requests[0]
    assert (body["store"], body["instructions"]) == (False, "Write Python.")
    assert [each["role"] for each in body["input"]] == ["user"]


def test_an_option_that_a_server_refuses_is_not_sent_to_it_again(
    means: Callable[..., Means], model_server: Any, reply: Any
) -> None:
    model_server.script(reply("Unsupported parameter: 'temperature'", status=400), TEXT)
    assert isinstance(ask(question(), means(model_server.settings)), Reply)
    model_server.script(TEXT)
    assert isinstance(ask(question("again"), means(model_server.settings)), Reply)
    assert "temperature" not in model_server.requests[0]


def test_a_failure_that_openai_tells_inside_of_the_stream(
    means: Callable[..., Means], model_server: Any, reply: Any
) -> None:
    model_server.script(reply("half", finish="failed"), reply(TEXT))
    answer = ask(question(), means(model_server.of("openai")))
    assert isinstance(answer, Reply)
    assert answer.text == TEXT


# --- the editor's own model ------------------------------------------------------------------------------------------


def editor(answer: Mapping[str, Json], *pieces: str) -> tuple[ModelSettings, list[Mapping[str, Json]]]:
    asked: list[Mapping[str, Json]] = []

    def channel(
        request: Mapping[str, Json], on_text: Callable[[str], None], cancelled: Callable[[], bool]
    ) -> Mapping[str, Json]:
        asked.append(request)
        for each in pieces:
            on_text(each)
        return answer

    (settings,) = configured({}, first="editor", editor=channel)
    return settings, asked


def test_the_editors_model_is_asked_over_its_channel(means: Callable[..., Means], store: Store) -> None:
    whole: Mapping[str, Json] = {"text": TEXT, "model": "copilot/x", "usage": {"input": 5, "output": None}}
    settings, asked = editor(whole, TEXT[:10], TEXT[10:])
    reply = ask(question(files=("a.py",), urgent=False), means(settings))
    assert isinstance(reply, Reply)
    assert (reply.text, reply.provider, reply.model, reply.cost_usd) == (TEXT, "editor", "copilot/x", None)
    (request,) = asked
    assert (request["purpose"], request["urgent"], request["files"]) == ("code", False, ["a.py"])
    assert (request["maxTokens"], request["why"]) == (2000, "generate cats")
    assert store.egress()[0].endpoint == "editor:"


@pytest.mark.parametrize("reason", ["none", "consent", "failed"])
def test_what_the_editor_does_not_answer_is_a_reason(means: Callable[..., Means], reason: str) -> None:
    settings, asked = editor({"error": "the person said no", "reason": reason})
    answer = ask(question(), means(settings))
    assert isinstance(answer, Declined)
    assert "the person said no" in answer.reason
    assert len(asked) == (3 if reason == "failed" else 1)


def test_an_answer_of_the_editor_that_does_not_end_is_given_up(means: Callable[..., Means]) -> None:
    said: list[int] = []

    def channel(
        request: Mapping[str, Json], on_text: Callable[[str], None], cancelled: Callable[[], bool]
    ) -> Mapping[str, Json]:
        while not cancelled() and len(said) < 2_000:
            said.append(1)
            on_text("x" * 1_000)
            time.sleep(0.001)
        return {"error": "stopped", "reason": "cancelled"}

    (settings,) = configured({}, first="editor", editor=channel)
    answer = ask(question(), means(settings))
    assert isinstance(answer, Declined)
    assert "far too long" in answer.reason
    assert len(said) < 1_000


def test_cancelling_withdraws_the_question_to_the_editor(means: Callable[..., Means]) -> None:
    asked, withdrawn, stop = threading.Event(), threading.Event(), threading.Event()

    def channel(
        request: Mapping[str, Json], on_text: Callable[[str], None], cancelled: Callable[[], bool]
    ) -> Mapping[str, Json]:
        asked.set()
        while not cancelled():
            time.sleep(0.01)
        withdrawn.set()
        return {"error": "stopped", "reason": "cancelled"}

    (settings,) = configured({}, first="editor", editor=channel)
    threading.Thread(target=lambda: (asked.wait(10), stop.set())).start()
    with pytest.raises(Cancelled):
        ask(question(), means(settings, cancel=stop.is_set))
    assert withdrawn.wait(5)


# --- configuration ---------------------------------------------------------------------------------------------------


def names(environ: Mapping[str, str], **options: Any) -> list[str]:
    return [each.provider for each in configured(environ, **options)]


def test_keys_in_the_environment_configure_providers_in_their_order() -> None:
    every = {"OPENAI_API_KEY": "o", "ANTHROPIC_API_KEY": "a", "GEMINI_API_KEY": "g"}
    assert names({}) == []
    assert names(every) == ["openai", "anthropic", "gemini"]
    assert names({**every, "OPENAI_BASE_URL": "http://localhost:1/v1"}) == ["openai-compatible", "anthropic", "gemini"]
    assert names(every, first="gemini, anthropic") == ["gemini", "anthropic"]
    assert names({**every, "SUTURE_PROVIDER": "anthropic"}) == ["anthropic"]
    assert names(every, first="local") == []
    assert names(every, first="antropic") == []
    assert configured(every, first="anthropic", model="m")[0].model == "m"
    assert names(every, first="editor") == []  # this editor offers none
    azure = configured({"OPENAI_BASE_URL": "https://x.openai.azure.com/openai/v1/", "OPENAI_API_KEY": "k"})
    assert [(each.provider, each.api_key) for each in azure] == [("openai-compatible", "k")]


def test_every_provider_is_one_file_and_imports_no_sdk_before_it_is_needed() -> None:
    import subprocess
    import sys

    code = (
        "import sys; from suture.codegen.provider import providers; import suture.codegen.governor; "
        "print(*providers(), *sorted({'openai', 'anthropic', 'pybreaker', 'tenacity'} & {*sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.split() == [*providers()]
    assert set(done.stdout.split()) == {"openai-compatible", "openai", "anthropic", "gemini", "editor", "local"}


def test_a_retry_after_may_be_seconds_milliseconds_or_a_date() -> None:
    assert retry_after({"retry-after": "2.5"}) == 2.5
    assert retry_after({"retry-after-ms": "250", "retry-after": "9"}) == 0.25
    assert retry_after({"retry-after": "Sun, 22 Nov 2026 02:00:10 GMT"}, now=1795312800.0) == 10.0
    assert retry_after({"retry-after": "soon"}) is None
    assert retry_after({}) is None


# --- structured answers ----------------------------------------------------------------------------------------------


STRUCTURED = '{"imports": ["import math"], "code": "def root(value: float) -> float:\\n    return math.sqrt(value)\\n"}'


@pytest.mark.parametrize("provider", ["openai", "gemini", "anthropic"])
@pytest.mark.parametrize("complaint", ["this model knows no json_schema", "structured outputs: unsupported"])
def test_a_model_that_refuses_the_form_is_asked_for_prose(
    means: Callable[..., Means], provider: str, complaint: str, model_server: Any, reply: Any
) -> None:
    model_server.script(reply(complaint, status=400), TEXT)
    settings = model_server.of(provider, f"prose of {complaint}")
    assert isinstance(ask(question(schema=SCHEMA), means(settings)), Reply)
    forms = {"response_format", "text", "output_config"}
    assert [bool(forms & {*each}) for each in model_server.requests] == [True, False]


def test_a_model_of_this_machine_or_network_answers_in_prose(means: Callable[..., Means], model_server: Any) -> None:
    model_server.script(TEXT)
    assert isinstance(ask(question(schema=SCHEMA), means(model_server.settings)), Reply)
    assert "response_format" not in model_server.requests[0]


def test_an_object_in_an_answer_is_read_and_anything_else_is_prose() -> None:
    root = "import math\ndef root(value: float) -> float:\n    return math.sqrt(value)\n"
    assert read_answer(STRUCTURED, "root").candidates == (root,)
    tests = "def test_root():\\n    assert root(4) == 2\\n"
    assert read_answer(f'{STRUCTURED[:-1]}, "tests": "{tests}"}}', "root").tests.startswith("def test_root")
    fenced = '{"imports": [], "code": "```python\\ndef root(v):\\n    return v\\n```"}'
    assert read_answer(fenced, "root").candidates == ("def root(v):\n    return v\n",)
    half = '{"imports": [], "code": "def root(v):\\n    return \'\\ud83d\'\\n"}'
    for text in ("{", '{"code": 3}', '{"code": ""}', "[1]", "{} and prose", '{"code": ' * 100_000, half):
        assert read_answer(text, "root").candidates == ()
    assert schema_for(tests=True, naive=False)["required"] == ["imports", "code", "tests"]
