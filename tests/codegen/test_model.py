"""With a model: over the real wire protocol, against a scripted server."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from suture.analyzers.errors import Cancelled
from suture.analyzers.sandbox import Sandbox
from suture.analyzers.store import open_store
from suture.codegen import chat
from suture.codegen.api import Budget, GenerationRequest, Proposal, generate
from suture.codegen.artifacts.book import proposal as stored
from suture.codegen.artifacts.book import proposals
from suture.codegen.drafters.model import blocks, split_imports
from suture.codegen.governor import shown_address
from suture.codegen.prices import Usage, is_local, price
from suture.codegen.proposal import ModelSettings
from suture.codegen.provider import Failed, Prompt, configured

Write = Callable[[str, str], Path]
Reply = Any  # the fixture's dataclass; test files cannot import each other

COMMENT = '# Count the cats in a sentence.\n# cats("a cat and a Cat") -> 2\n# cats("dog") -> 0\n'
GOOD = '''Here you are:

```python
import re


def cats(text: str) -> int:
    """Count the cats."""
    return len(re.findall("cat", text, re.IGNORECASE))
```
Hope that helps!
'''
WRONG = "```python\ndef cats(text: str) -> int:\n    return text.count('cat') + 0\n```"
INVENTED = "```python\nimport felines\n\n\ndef cats(text: str) -> int:\n    return felines.count(text)\n```"
INVENTED_ATTRIBUTE = (
    "```python\nimport re\n\n\ndef cats(text: str) -> int:\n    return len(text) and re.count_all('cat', text)\n```"
)
BROKEN = "```python\ndef cats(text: str) -> int\n    return 2\n```"
UNDEFINED = "```python\ndef cats(text: str) -> int:\n    return counted(text)\n```"
DANGEROUS = (
    "```python\nimport os\n\n\ndef cats(text: str) -> int:\n"
    "    os.system('grep -c cat ' + text)\n    return text.lower().count('cat')\n```"
)


@pytest.fixture(autouse=True)
def no_local_drafters(monkeypatch: pytest.MonkeyPatch) -> None:
    """These tests are about the model: reuse and synthesis find nothing."""
    import suture.codegen.api as api
    from suture.codegen.drafters.model import DRAFTER

    monkeypatch.setattr(api, "drafters", lambda: (DRAFTER,))


@pytest.fixture
def ask(workspace: Path, write: Write, model_server: Any, sandbox: Sandbox) -> Callable[..., Proposal]:
    def run(text: str = COMMENT, *, budget: Budget | None = None, name: str = "app.py", **options: Any) -> Proposal:
        path = write(name, text)
        line = next(number for number, each in enumerate(text.split("\n")) if each.lstrip().startswith("#"))
        return generate(
            GenerationRequest(workspace, path, text, line, opinions=0),
            sandbox=sandbox if options.pop("tested", False) else None,
            model=options.pop("model", model_server.settings),
            budget=budget or Budget.unlimited(),
            **options,
        )

    return run


def test_code_in_prose_is_found_checked_tested_and_tagged_as_a_models(
    ask: Callable[..., Proposal], model_server: Any, workspace: Path
) -> None:
    model_server.script(GOOD)
    said: list[str] = []
    proposal = ask(tested=True, on_progress=said.append)
    assert (proposal.status, proposal.verified, proposal.provider) == ("offered", True, "openai-compatible")
    assert (proposal.imports, proposal.attempts) == (("import re",), 1)
    assert [each.kind for each in proposal.evidence] == ["parsed", "counted", "linted", "reviewed", "tested", "ran"]
    assert proposal.edit is not None
    assert proposal.edit.by_model
    assert proposal.cost_usd is None
    assert any("price" in each for each in proposal.notes)
    assert "scripted is answering" in said
    (request,) = model_server.requests
    assert (request["temperature"], request["stream"], request["model"]) == (0.2, True, "scripted")
    with open_store(workspace) as store:
        kept = stored(store, proposal.id)
        (sent,) = store.egress()
    assert kept is not None
    assert (kept.provenance["model"], len(str(kept.provenance["prompt_sha256"]))) == ("scripted", 64)
    assert (sent.why, sent.endpoint, sent.files) == ("generate cats", model_server.base_url, ("app.py",))
    text = "\n".join(each["content"] for each in request["messages"])
    assert sent.bytes == len(text.encode())


def test_a_wrong_answer_goes_back_with_the_failing_test_and_is_repaired(
    ask: Callable[..., Proposal], model_server: Any
) -> None:
    model_server.script(BROKEN, WRONG, GOOD)
    proposal = ask(tested=True)
    assert (proposal.status, proposal.attempts, proposal.verified) == ("offered", 3, True)
    second, third = (request["messages"] for request in model_server.requests[1:])
    assert "does not parse" in second[-1]["content"]
    assert "assert 1 == 2" in third[-1]["content"]
    assert "text.count('cat')" in third[-2]["content"]


@pytest.mark.parametrize(
    ("answer", "check", "reason"),
    [
        (WRONG, "tests", "assert 1 == 2"),
        (BROKEN, "syntax", "does not parse"),
        (UNDEFINED, "names", "counted"),
        (INVENTED, "names", "no module called felines"),
        (INVENTED_ATTRIBUTE, "names", "re has no count_all"),
        (DANGEROUS, "security", "security"),
    ],
)
def test_an_answer_that_stays_wrong_is_refused_by_the_check_that_failed(
    ask: Callable[..., Proposal], model_server: Any, answer: str, check: str, reason: str
) -> None:
    model_server.script(answer)
    proposal = ask(tested=True)
    assert (proposal.status, proposal.failed_check, proposal.edit) == ("refused", check, None)
    assert reason in proposal.reason
    assert len(model_server.requests) == 2  # the second round brought nothing new, so there is no third


def test_the_repair_ends_after_three_further_rounds(ask: Callable[..., Proposal], model_server: Any) -> None:
    answers = [WRONG.replace("+ 0", f"+ {number}") for number in range(9)]
    model_server.script(BROKEN, UNDEFINED, DANGEROUS, *answers)
    proposal = ask(tested=True)
    assert proposal.status == "refused"
    assert len(model_server.requests) == 4


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"status": 429, "headers": {"retry-after": "7"}}, "try again in 7 s"),
        ({"status": 500}, "status 500"),
        ({"status": 401}, "OPENAI_API_KEY"),
        ({"status": 404}, "does not know the model"),
        ({"mode": "cut", "text": GOOD}, "broke off"),
        ({"mode": "malformed", "text": GOOD}, "try again"),
        ({"text": "I would rather not.", "finish": "content_filter"}, "content_filter"),
        ({"text": "Certainly! It is easy."}, "without a function called cats"),
        ({"text": ""}, "without a function called cats"),
    ],
)
def test_a_failing_server_is_a_refusal_with_what_to_do(
    ask: Callable[..., Proposal], model_server: Any, reply: Reply, options: dict[str, Any], reason: str
) -> None:
    model_server.script(reply(**options))
    proposal = ask()
    assert proposal.status == "refused"
    assert reason in proposal.reason
    assert model_server.settings.api_key not in proposal.reason


def test_a_silent_server_is_given_up_on(model_server: Any, reply: Reply, monkeypatch: pytest.MonkeyPatch) -> None:
    model_server.script(reply(mode="hang"))
    started = time.monotonic()
    with pytest.raises(Failed, match="in time"):
        chat.complete(
            model_server.settings,
            Prompt(({"role": "user", "content": "x"},), max_tokens=10),
            cancel=lambda: False,
            on_progress=lambda text: None,
            timeouts=chat.Timeouts(silence=0.3, total=60),
        )
    assert time.monotonic() - started < 40  # it is the silence that ends it


#: Far more than a cancel takes on a busy machine, and less than the silence that a server is allowed.
LATE_S = 8.0


@pytest.mark.parametrize("mode", ["slow", "hang"])
def test_cancelling_closes_the_stream(
    ask: Callable[..., Proposal], model_server: Any, reply: Reply, mode: str, workspace: Path
) -> None:
    model_server.script(reply(GOOD * 20, mode=mode, delay_s=0.02))
    stop = threading.Event()
    cancelled_at: list[float] = []

    def cancel_while_it_streams() -> None:
        assert model_server.streaming.wait(10)
        time.sleep(0.1)
        cancelled_at.append(time.monotonic())
        stop.set()

    thread = threading.Thread(target=cancel_while_it_streams)
    thread.start()
    with pytest.raises(Cancelled):
        ask(cancel=stop.is_set)
    answered = time.monotonic()
    thread.join()
    assert answered - cancelled_at[0] < LATE_S
    assert model_server.closed_early.wait(LATE_S)
    with open_store(workspace) as store:
        assert proposals(store) == ()


def test_a_slow_stream_is_waited_for(ask: Callable[..., Proposal], model_server: Any, reply: Reply) -> None:
    model_server.script(reply(GOOD, delay_s=0.02))
    said: list[str] = []
    assert ask(on_progress=said.append).status == "offered"
    assert any("is answering" in each for each in said)
    assert model_server.closed == 0


def test_of_three_candidates_in_one_answer_the_one_that_is_right_is_offered(
    ask: Callable[..., Proposal], model_server: Any
) -> None:
    right = GOOD.split("\n\n", 1)[1]
    model_server.script(f"First idea:\n{WRONG}\nor shorter:\n{UNDEFINED}\nBetter:\n{right}")
    proposal = ask(tested=True)
    assert (proposal.status, proposal.verified) == ("offered", True)
    assert "re.IGNORECASE" in proposal.code


def test_the_proposal_names_the_provider_that_answered(
    ask: Callable[..., Proposal], model_servers: Any, reply: Reply
) -> None:
    broken, working = model_servers.start(reply(status=401)), model_servers.start(GOOD)
    proposal = ask(model=(broken.settings, working.of("anthropic")))
    assert proposal.status == "offered"
    assert proposal.provider == "anthropic"
    assert any("refuses the key" in each and "answered instead" in each for each in proposal.notes)


def test_an_answer_that_was_refused_is_not_used_again_and_one_that_passed_is(
    ask: Callable[..., Proposal], model_server: Any
) -> None:
    model_server.script(UNDEFINED)
    assert ask().status == "refused"
    model_server.script("I cannot think of anything.")
    assert ask().status == "refused"
    model_server.script(GOOD)
    assert ask().status == "offered"
    asked = len(model_server.requests)
    again = ask()
    assert (again.status, len(model_server.requests), again.cost_usd) == ("offered", asked, 0.0)
    assert any("used again" in each for each in again.notes)


# --- money -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def priced(model_server: Any, monkeypatch: pytest.MonkeyPatch) -> ModelSettings:
    """The scripted server under the name of a model with a known price, as if it were not local."""
    from suture.codegen import prices

    def nowhere_is_local(url: str) -> bool:
        return not url

    monkeypatch.setattr(prices, "is_local", nowhere_is_local)
    return ModelSettings(model_server.base_url, "sk-test", "gpt-4o")


@pytest.mark.parametrize(
    ("budget", "reason"),
    [
        (Budget(0, 1, 1), "never called"),
        (Budget(1, 0, 1), "never called"),
        (Budget(0.0001, 1, 1), "over the budget"),
        (Budget(1, 0.0001, 1), "budget of the day or month is spent"),
    ],
)
def test_the_budget_refuses_before_the_call(
    ask: Callable[..., Proposal], model_server: Any, priced: ModelSettings, budget: Budget, reason: str
) -> None:
    model_server.script(GOOD)
    proposal = ask(model=priced, budget=budget)
    assert proposal.status == "refused"
    assert reason in proposal.reason
    assert model_server.requests == []


def test_what_was_spent_comes_from_the_servers_count_and_adds_up(
    ask: Callable[..., Proposal], model_server: Any, priced: ModelSettings
) -> None:
    model_server.script(BROKEN, GOOD)
    proposal = ask(model=priced, budget=Budget(1, 1, 1))
    one = price(Usage(321, 45), "gpt-4o", "https://api.openai.com/v1")
    assert one is not None
    assert proposal.cost_usd == pytest.approx(2 * one)
    with open_store(None) as purse:
        assert purse.spent(60) == pytest.approx(2 * one)
    again = ask(f"# In any text.\n{COMMENT}", model=priced, budget=Budget(1, 2 * one + 0.001, 1))
    assert "budget of the day" in again.reason


def test_a_failed_call_charges_nothing(
    ask: Callable[..., Proposal], model_server: Any, reply: Reply, priced: ModelSettings
) -> None:
    model_server.script(reply(status=500))
    ask(model=priced, budget=Budget(1, 1, 1))
    with open_store(None) as purse:
        assert purse.spent(60) == 0.0


def test_an_unknown_price_says_so_and_can_be_forbidden(ask: Callable[..., Proposal], model_server: Any) -> None:
    model_server.script(GOOD)
    proposal = ask(budget=Budget(1, 1, 1, allow_unknown_price=False))
    assert "not known" in proposal.reason
    assert model_server.requests == []
    assert price(Usage(1, 1), "a-model-nobody-knows", "https://example.org/v1") is None
    assert is_local("http://192.168.1.5:11434/v1")
    assert not is_local("https://api.openai.com/v1")


# --- what is sent ----------------------------------------------------------------------------------------------------


def test_only_imports_and_signatures_are_sent_and_secrets_never(
    ask: Callable[..., Proposal], model_server: Any, write: Write, workspace: Path
) -> None:
    write(".env", "PASSWORD=sentinel-env-1\n")
    write("notes.txt", "sentinel-notes-2\n")
    write("other.py", "x = 'sentinel-other-3'\n")
    text = (
        "import json\n\nAPI_KEY = 'sentinel-key-4444'\n\n"
        "def helper(token='sentinel-default-5', count: int = 3):\n    return 'sentinel-body-6'\n\n"
        "class C:\n    field = 'sentinel-field-7'\n    def m(self): return 'sentinel-method-8'\n\n"
        f"{COMMENT}# the password is password='sentinel-comment-9'\n"
    )
    model_server.script(GOOD)
    proposal = ask(text)
    assert proposal.status == "offered"
    assert "sentinel" not in model_server.sent
    assert "import json" in model_server.sent
    assert "def helper(token=" in model_server.sent
    with open_store(workspace) as store:
        (sent,) = store.egress()
    assert sent.masked == 1  # the one in the comment; texts of the code are left out altogether
    assert b"sentinel" not in store.path.read_bytes()


def test_what_a_workspace_import_is_goes_along_and_its_file_is_on_the_record(
    ask: Callable[..., Proposal],
    model_server: Any,
    write: Write,
    workspace: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("suture.codegen.signatures.SECONDS", 30.0)
    write(
        "felines.py",
        "def meow(n: int, token='sentinel-1'):\n    \"Say it. password=sentinel4x7\"\n    return 'sentinel-2'\n",
    )
    model_server.script(GOOD)
    ask(f"from felines import meow\n\n{COMMENT}")
    assert "meow(n: int, token=...)  # Say it." in model_server.sent
    assert "sentinel" not in model_server.sent
    with open_store(workspace) as store:
        assert store.egress()[0].files == ("app.py", "felines.py")


@pytest.mark.parametrize(("name", "ignored"), [("secret_app.py", "secret_app.py\n"), ("build/x/app.py", "build/\n")])
def test_an_ignored_file_gives_no_context(
    ask: Callable[..., Proposal], model_server: Any, write: Write, workspace: Path, name: str, ignored: str
) -> None:
    write(".gitignore", ignored)
    model_server.script(GOOD)
    ask(f"import sentinel_module\n\n{COMMENT}", name=name)
    assert "sentinel_module" not in model_server.sent
    with open_store(workspace) as store:
        assert store.egress()[0].files == ()


def test_with_no_model_nothing_is_sent(ask: Callable[..., Proposal], model_server: Any) -> None:
    proposal = ask(model=None)
    assert proposal.status == "refused"
    assert "no model is configured" in proposal.reason
    assert model_server.requests == []


def test_nothing_is_sent_if_it_cannot_be_recorded(
    ask: Callable[..., Proposal], model_server: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("")
    monkeypatch.setenv("SUTURE_CACHE_DIR", str(blocked / "below"))
    model_server.script(GOOD)
    assert "cannot be written" in ask().reason
    assert model_server.requests == []


@pytest.mark.parametrize("url", ["postgresql://127.0.0.1:1/team", "mysql://h/team"])
def test_a_teams_store_that_cannot_be_used_costs_the_record_and_not_the_answer(
    ask: Callable[..., Proposal], model_server: Any, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("SUTURE_STORE_URL", url)
    model_server.script(GOOD)
    proposal = ask(text=COMMENT.replace("a sentence", "a sentence of the users table in the database"))
    assert (proposal.status, proposal.id) == ("offered", "")
    assert any("cannot be approved" in each for each in proposal.notes)


def test_settings_come_from_the_environment_only_and_hide_the_key() -> None:
    assert configured({}) == ()
    (local,) = configured({"OPENAI_BASE_URL": "http://localhost:1/v1", "OPENAI_MODEL": "m"})
    assert local == ModelSettings("http://localhost:1/v1", "none", "m", "openai-compatible")
    (keyed,) = configured({"OPENAI_API_KEY": "sk-x", "SUTURE_MODEL": "n", "OPENAI_MODEL": "m"})
    assert keyed == ModelSettings("https://api.openai.com/v1", "sk-x", "n", "openai")
    assert "sk-x" not in repr(keyed)
    assert shown_address("https://user:pw@host:8/v1?key=x") == "https://host:8/v1"
    assert shown_address("http://[::1]:8/v1") == "http://[::1]:8/v1"


@pytest.mark.parametrize("url", ["http://[::1/v1", "http://localhost:port/v1"])
def test_an_address_that_cannot_be_read_is_said_and_not_asked(url: str, caplog: pytest.LogCaptureFixture) -> None:
    found = configured({"OPENAI_BASE_URL": url, "ANTHROPIC_API_KEY": "sk-y"})
    assert [each.provider for each in found] == ["anthropic"]
    assert "cannot be read, so it is not asked" in caplog.text


def test_credentials_in_an_address_are_in_no_reason(
    ask: Callable[..., Proposal], model_server: Any, reply: Reply
) -> None:
    address = model_server.base_url.replace("http://", "http://somebody:hunter22@")
    model_server.script(reply("no", status=401))
    refused = ask(model=replace(model_server.settings, base_url=address))
    assert "refuses the key" in refused.reason
    assert "hunter22" not in refused.reason
    assert "somebody" not in refused.reason


# --- tests without examples, reading answers -------------------------------------------------------------------------


def test_without_examples_the_model_is_asked_for_tests_and_those_are_run(
    ask: Callable[..., Proposal], model_server: Any
) -> None:
    tests = "\n```python\ndef test_two():\n    assert cats('cat Cat') == 2\n```\n"
    model_server.script(GOOD + tests)
    proposal = ask(tested=True, text="# cats(text: str) -> int: count the cats in a sentence, whatever their case\n")
    assert (proposal.status, proposal.verified) == ("offered", True)
    assert "further fenced block" in model_server.sent
    assert any("written by the model" in each for each in proposal.notes)
    model_server.script(GOOD)
    proposal = ask(tested=True, text="# cats(text: str) -> int: count the cats in a sentence\n")
    assert (proposal.status, proposal.verified) == ("offered", False)


def test_tests_that_an_answer_lacks_are_asked_for_alone_and_more_freely(
    ask: Callable[..., Proposal], model_server: Any
) -> None:
    text = "# A function doubled(number: int) -> int that doubles a number.\n"
    code = "```python\ndef doubled(number: int) -> int:\n    return number * 2\n```"
    model_server.script(code, "```python\ndef test_doubled():\n    assert doubled(2) == 4\n```")
    done = ask(text, tested=True)
    assert done.verified, done.reason
    assert "assert doubled(2) == 4" in done.tests
    asked, alone = model_server.requests
    assert (asked["temperature"], alone["temperature"]) == (0.2, 0.3)
    assert "return number * 2" not in str(alone["messages"])


def test_options_that_a_server_does_not_know_are_left_out(
    ask: Callable[..., Proposal], model_server: Any, reply: Reply
) -> None:
    model_server.script(
        reply("Unsupported parameter: 'max_tokens'", status=400),
        reply("Unsupported value: 'temperature'", status=400),
        reply("unknown field stream_options", status=400),
        reply(GOOD, mode="no-usage"),
    )
    assert ask().status == "offered"
    last = model_server.requests[-1]
    assert last["max_completion_tokens"] > 0
    assert not {"max_tokens", "temperature", "stream_options"} & set(last)


def test_the_limit_of_an_answer_is_never_left_out(
    ask: Callable[..., Proposal], model_server: Any, reply: Reply
) -> None:
    model_server.script(
        reply("Unsupported parameter: 'max_tokens'", status=400),
        reply("max_completion_tokens is too large: none of the models takes it", status=400),
        GOOD,
    )
    refused = ask()
    assert len(model_server.requests) == 2
    assert "max_completion_tokens is too large: none of the models" in refused.reason


def test_the_right_block_of_an_answer_is_taken() -> None:
    text = (
        "First:\n```\ndef other(): ...\n```\nthen\n~~~py\ndef f():\n\treturn 1\n~~~\n```python\ndef test_f():\n    pass"
    )
    assert blocks(text, "f") == ("def f():\n    return 1\n", "def test_f():\n    pass\n")
    assert blocks("def f():\n    return 1\n", "f")[0] == "def f():\n    return 1\n"
    assert blocks("no code", "f") == ("", "")


def test_a_name_that_was_made_up_for_the_words_is_given_to_the_models_function(
    ask: Callable[..., Proposal], model_server: Any
) -> None:
    code = "```python\ndef double_it(number: int) -> int:\n    return number * 2\n```"
    model_server.script(f"{code}\n\n```python\ndef test_it():\n    assert double_it(2) == 4\n```")
    done = ask("# Return the double of a number.\n")
    assert (done.status, done.name) == ("offered", "double_number")
    assert done.code.startswith("def double_number(number: int)")
    assert "assert double_number(2) == 4" in done.tests
    refused = ask("# doubled(number: int) -> int: the double of a number.\n")
    assert "no function called doubled" in refused.reason


def test_imports_are_taken_out_of_an_answer_and_helpers_stay() -> None:
    code, imports = split_imports(
        "from __future__ import annotations\nimport re, os\nfrom a import (\n    b,\n)\n\n"
        "X = 1\n\ndef f():\n    import z\n"
    )
    assert [each.line for each in imports] == ["import re", "import os", "from a import b"]
    assert code == "X = 1\n\ndef f():\n    import z\n"


def test_a_plain_json_body_of_messages_is_what_the_server_sees(ask: Callable[..., Proposal], model_server: Any) -> None:
    model_server.script(GOOD)
    ask()
    roles = [each["role"] for each in model_server.requests[0]["messages"]]
    assert roles == ["system", "user"]
    assert model_server.headers[0]["authorization"] == f"Bearer {model_server.settings.api_key}"
    assert 'cats("' not in json.dumps(model_server.requests[0]["messages"][0])
