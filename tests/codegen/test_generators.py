"""Which strategy a task is given, and what the checks of each refuse and let pass."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from suture.analyzers.errors import UserError
from suture.analyzers.growth import Comparison
from suture.analyzers.sandbox import Sandbox
from suture.analyzers.store import open_store
from suture.codegen import generators
from suture.codegen.answers import read_answer, split_imports
from suture.codegen.api import GenerationRequest, Proposal, generate
from suture.codegen.drafter import Task
from suture.codegen.generators import api, choosing, database, learned, performance, security
from suture.codegen.generators.reading import static_check
from suture.codegen.placement import place
from suture.codegen.proposal import Budget
from suture.codegen.specification import specify
from suture.codegen.triggers.target import Target
from suture.codegen.validation.level import Subject, Verdict

Write = Callable[[str, str], Path]
LOOKS = {"api": api.look, "database": database.look, "security": security.look}


def task_of(words: str, text: str = "", **memo: Any) -> Task:
    request = GenerationRequest(Path("/w"), Path("/w/app.py"), text or f"# {words}\n", 0)
    target = Target(0, 0, "", words)
    return Task(
        request, target, specify(words), None, (), Budget(), None, lambda: False, lambda said: None, memo=dict(memo)
    )


def subject_of(code: str, words: str = "", **memo: Any) -> Subject:
    task = task_of(words or "f(x): do it")
    function, imports = split_imports(code)
    placed = place(task.request.text, task.target, function, imports)
    return Subject(task.request, placed, function, imports, task.spec, by_model=True, memo=dict(memo))


def checked(kind: str, code: str, words: str = "") -> Verdict:
    return static_check(LOOKS[kind])(subject_of(code, words))


# --- which strategy --------------------------------------------------------------------------------------------------


def test_a_kind_of_code_that_was_asked_for_is_taken_whatever_the_words_say() -> None:
    task = task_of("fetch the user with this id from the REST API", "import httpx\n")
    asked = replace(task, request=replace(task.request, code_type="security"))
    choice = choosing.choose(asked, choosing.strategies(), model="m")
    assert (choice.strategy.name, choice.domain, choice.reasons) == ("security", "security", ("it was asked for",))
    assert choosing.known_code_type("") == ""
    with pytest.raises(UserError, match="no kind of code called 'sql'"):
        choosing.known_code_type("sql")


@pytest.mark.parametrize(
    ("words", "text", "domain"),
    [
        ("fetch the user with this id from the REST API", "import httpx\n", "api"),
        ("POST the order to the webhook URL with a bearer token and retries", "", "api"),
        ("select all users of a city from the database", "import sqlite3\n", "database"),
        ("add a column to the orders table in a migration", "", "database"),
        ("hash a password for storage", "", "security"),
        ("whether the user has permission to access the document", "", "security"),
        ("find duplicates in a large list in linear time", "", "performance"),
        ("slugify a title", "", "general"),
        ("count the words of a text", "import sqlite3\nimport httpx\nimport hashlib\n", "general"),
        ("the function signature of a callable as text", "", "general"),
    ],
)
def test_the_domain_follows_from_words_and_imports(words: str, text: str, domain: str) -> None:
    choice = generators.chosen(task_of(words, text))
    assert choice.domain == domain
    assert choice.reasons
    assert bool(choice.checks) is (domain != "general")


def counts(mapping: Mapping[tuple[str, str], tuple[float, float]]) -> Callable[..., Any]:
    def counted(store: object, domain: str) -> Any:
        del store, domain
        return mapping

    return counted


def test_a_strategy_that_keeps_failing_gives_way_to_the_general_prompt_and_comes_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    task = task_of("fetch the user with this id from the REST API")
    monkeypatch.setattr(choosing, "counts_of", counts({("api", "m"): (12, 1), ("general", "m"): (6, 6)}))
    lost = choosing.choose(task, choosing.strategies(), model="m")
    assert (lost.strategy.name, lost.domain) == ("general", "api")
    assert lost.checks == api.STRATEGY.checks
    assert any("12 earlier api drafts of this kind 1" in each for each in lost.reasons)
    monkeypatch.setattr(choosing, "counts_of", counts({("api", "m"): (12, 9), ("general", "m"): (6, 6)}))
    assert choosing.choose(task, choosing.strategies(), model="m").strategy.name == "api"


def test_what_was_learned_is_smoothed_and_can_be_unlearned() -> None:
    assert learned.chance("api", "m", {}, believed=0.6) == 0.6
    assert learned.chance("api", "m", {("api", "m"): (1, 0)}, believed=0.6) == pytest.approx(2.4 / 5)
    many = learned.chance("api", "m", {("api", "m"): (10_000, 0)}, believed=0.6)
    assert 0.08 < many < 0.1
    other = learned.chance("api", "m", {("api", "other"): (3, 0)}, believed=0.6)
    assert other == pytest.approx(2.4 / 5)


# --- what the checks say ---------------------------------------------------------------------------------------------

GOOD_REQUEST = """
import httpx

def f(client: httpx.Client, ident: int) -> dict:
    response = client.get(f"/users/{ident}", timeout=5)
    response.raise_for_status()
    return response.json()
"""
GOOD_QUERY = """
import sqlite3
from contextlib import closing

def f(path, city, idents):
    marks = ", ".join("?" for _ in idents)
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(f"SELECT a FROM t WHERE city = ? AND id IN ({marks})", (city, *idents)).fetchall()
"""


@pytest.mark.parametrize(
    ("kind", "code", "words", "reason"),
    [
        ("api", GOOD_REQUEST, "", ""),
        ("api", GOOD_REQUEST.replace(", timeout=5", ""), "", ""),  # httpx waits for five seconds by itself
        ("api", GOOD_REQUEST.replace("timeout=5", "timeout=None"), "", "for ever"),
        ("api", GOOD_REQUEST.replace("    response.raise_for_status()\n", ""), "", "status"),
        ("api", "import requests\n\ndef f(u):\n    return requests.get(u)\n", "", "no timeout"),
        ("api", "import requests as r\n\ndef f(u):\n    return r.get(u, timeout=3).json()\n", "", "status"),
        ("api", "import requests\n\ndef f(u, **o):\n    return requests.get(u, **o)\n", "", ""),
        ("api", "from urllib.request import urlopen\n\ndef f(u):\n    return urlopen(u).read()\n", "", "no timeout"),
        ("api", "from urllib.request import urlopen\n\ndef f(u):\n    return urlopen(u, timeout=3).read()\n", "", ""),
        ("api", GOOD_REQUEST, "f(x): get the user, with three retries", "retries"),
        ("api", GOOD_REQUEST, "f(x): get the user, obey the rate limit", "Retry-After"),
        ("api", GOOD_REQUEST, "f(x): get the user with a bearer token", "authentication"),
        ("api", "def f(d):\n    return d.get('a')\n", "", "-"),
        (
            "api",
            "import requests\n\ndef f(u):\n    while True:\n        r = requests.get(u, timeout=1)\n        if r.ok:\n"
            "            return r\n",
            "",
            "without end",
        ),
        ("database", GOOD_QUERY, "", ""),
        ("database", GOOD_QUERY.replace("city = ?", "city = '{city}'"), "", "{city}"),
        ("database", "def f(c, n):\n    c.execute('SELECT * FROM t WHERE n = ' + n)\n", "", "n ("),
        ("database", "def f(c, n):\n    q = 'SELECT * FROM t WHERE n = %s' % n\n    return c.execute(q)\n", "", "% n"),
        ("database", "def f(c, n):\n    c.execute('SELECT {}'.format(n))\n", "", "format(n)"),
        ("database", "def f(c, n):\n    q = 'SELECT '\n    q = q + n\n    return c.execute(q)\n", "", "from n"),
        ("database", "def f(c):\n    q = 'SELECT 1'\n    q = q + ' LIMIT ?'\n    return c.execute(q, (1,))\n", "", ""),
        ("database", "def f(c):\n    q = 'SELECT 1'\n    q = f'{q} LIMIT ?'\n    return c.execute(q, (1,))\n", "", ""),
        ("database", "def f(c, n):\n    n = n.strip()\n    return c.execute('SELECT ' + n)\n", "", "from n"),
        (
            "database",
            "def f(c, ns):\n    for n in ns:\n        n = n.strip()\n        c.execute('SELECT ' + n)\n",
            "",
            "from n",
        ),
        (
            "database",
            "C = {'a': 'x'}\n\ndef f(c, n):\n    return c.execute(f'SELECT {C[n]} FROM t WHERE i = ?', (1,))\n",
            "",
            "",
        ),
        (
            "database",
            "import sqlite3\n\ndef f(p):\n    c = sqlite3.connect(p)\n    return c.execute('SELECT 1').fetchall()\n",
            "",
            "not closed",
        ),
        (
            "database",
            "def f(c, a, b):\n    c.execute('UPDATE t SET n = n - ? WHERE i = 1', (a,))\n"
            "    c.execute('UPDATE t SET n = n + ? WHERE i = 2', (b,))\n",
            "",
            "one transaction",
        ),
        (
            "database",
            "def f(c, a, b):\n    with c:\n        c.execute('UPDATE t SET n = n - ? WHERE i = 1', (a,))\n"
            "        c.execute('UPDATE t SET n = n + ? WHERE i = 2', (b,))\n",
            "",
            "",
        ),
        ("database", "def f(c):\n    c.execute('ALTER TABLE t ADD COLUMN n INTEGER NOT NULL')\n", "", "DEFAULT"),
        ("database", "def f(c):\n    c.execute('ALTER TABLE t ADD n INT NOT NULL DEFAULT 0')\n", "", ""),
        ("database", "def f(q):\n    return q.strip()\n", "", "-"),
        ("security", "def f(x):\n    assert x, 'no'\n    return x\n", "", "assert"),
        ("security", "import logging\n\ndef f(password):\n    logging.info('in as %s', password)\n", "", "log"),
        ("security", "import logging\n\ndef f(password):\n    logging.info('%s chars', len(password))\n", "", ""),
        (
            "security",
            "import hmac\n\ndef f(k, m, s):\n    made = hmac.new(k, m, 'sha256').hexdigest()\n    return made == s\n",
            "",
            "compare_digest",
        ),
        (
            "security",
            "def f(u):\n    try:\n        return u.allowed\n    except AttributeError:\n        return True\n",
            "f(u): whether the user may access it",
            "access is given",
        ),
        (
            "security",
            "import hashlib\n\ndef f(password):\n    return hashlib.sha256(password).hexdigest()\n",
            "f(password): hash a password",
            "too fast",
        ),
        (
            "security",
            "import hashlib\n\ndef f(password, s):\n    return hashlib.pbkdf2_hmac('sha256', password, s, 1000)\n",
            "f(password, s): hash a password",
            "too few",
        ),
        (
            "security",
            "import hashlib\n\ndef f(password, s):\n    return hashlib.scrypt(password, salt=s, n=2**14, r=8, p=1)\n",
            "f(password, s): hash a password",
            "",
        ),
    ],
)
def test_what_a_check_refuses(kind: str, code: str, words: str, reason: str) -> None:
    verdict = checked(kind, code, words)
    if reason == "-":
        assert (verdict.status, verdict.applies) == ("not run", False)
    elif reason:
        assert verdict.status == "failed"
        assert reason in verdict.reason
    else:
        assert (verdict.status, verdict.reason) == ("passed", "")


def test_code_that_this_python_cannot_parse_is_not_judged() -> None:
    assert checked("api", "def f(:\n").status == "not run"


# --- against a naive version -----------------------------------------------------------------------------------------

FAST = """def duplicates(items: list[int]) -> set[int]:
    seen, twice = set(), set()
    for each in items:
        (twice if each in seen else seen).add(each)
    return twice
"""
NAIVE = """import math


def duplicates_naive(items: list[int]) -> set[int]:
    return {each for each in items if items.count(each) > 1}
"""


def test_the_naive_version_takes_the_place_of_the_proposal_with_its_imports() -> None:
    subject = subject_of(FAST, "duplicates(items: list[int]) -> set[int]: what is there twice")
    text = performance.with_naive(subject, NAIVE, "duplicates")
    assert text is not None
    assert text.startswith("import math\n")
    assert "items.count(each)" in text
    assert "twice if each" not in text
    assert performance.with_naive(subject, "def other(): ...", "duplicates") is None


@pytest.mark.parametrize(
    ("table", "same", "status", "reason"),
    [
        (((8, 64, 20), (64, 4096, 160)), True, "passed", ""),
        (((8, 20, 64), (64, 160, 4096)), True, "failed", "slower than a naive version"),
        (((64, 4096, 160),), False, "failed", "not give the same results"),
        (((4, 16, 16),), True, "not run", "too small"),
    ],
)
def test_counts_decide_between_both_versions(table: Any, same: bool, status: str, reason: str) -> None:
    verdict = performance.judged(Comparison(table=table, same=same))
    assert verdict.status == status
    assert reason in verdict.reason


def test_without_a_naive_version_nothing_is_measured() -> None:
    verdict = performance.measure(subject_of(FAST))
    assert (verdict.status, verdict.applies) == ("not run", False)


# --- with a model ----------------------------------------------------------------------------------------------------


@pytest.fixture
def ask(
    workspace: Path, write: Write, model_server: Any, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Proposal]:
    import suture.codegen.api as codegen_api
    from suture.codegen.drafters.model import DRAFTER

    monkeypatch.setattr(codegen_api, "drafters", lambda: (DRAFTER,))

    def run(text: str, *, tested: bool = False, **options: Any) -> Proposal:
        line = next(number for number, each in enumerate(text.split("\n")) if each.startswith("#"))
        request = GenerationRequest(workspace, write("app.py", text), text, line, opinions=0, **options)
        return generate(
            request, sandbox=sandbox if tested else None, model=model_server.settings, budget=Budget.unlimited()
        )

    return run


def test_a_request_without_a_timeout_goes_back_and_the_record_names_strategy_and_templates(
    ask: Callable[..., Proposal], model_server: Any, workspace: Path
) -> None:
    bad = "```python\nfrom urllib.request import urlopen\n\n\ndef body(url: str) -> bytes:\n"
    bad += "    return urlopen(url).read()\n```"
    model_server.script(bad, bad.replace("urlopen(url)", "urlopen(url, timeout=10)"))
    proposal = ask("# body(url: str) -> bytes: download the response body of the HTTP endpoint at a URL\n")
    first, second = (each["messages"] for each in model_server.requests[:2])
    assert "It calls a service" in first[-1]["content"]
    assert "has no timeout" in second[-1]["content"]
    levels = {each["name"]: each["status"] for each in proposal.to_json()["levels"]}  # type: ignore[index, union-attr, call-overload]
    assert levels["requests"] == "passed"
    assert any("written as api code" in each for each in proposal.notes) or proposal.status == "refused"


@pytest.mark.slow
def test_a_slow_proposal_is_refused_by_its_naive_version_and_the_faster_one_is_offered(
    ask: Callable[..., Proposal], model_server: Any
) -> None:
    slow = "def duplicates(items: list[int]) -> set[int]:\n    twice: set[int] = set()\n    for _ in items:\n"
    slow += "        twice |= {each for each in items if items.count(each) > 1}\n    return twice\n"
    model_server.script(*(f"```python\n{each}```\n```python\n{NAIVE}```" for each in (slow, FAST)))
    comment = "# duplicates([1, 2, 1]) -> {1}\n# duplicates([]) -> set()\n# duplicates([3, 3, 3, 4]) -> {3}\n"
    proposal = ask(f"# What is there twice in a large list, in linear time.\n{comment}", tested=True)
    assert (proposal.status, proposal.verified) == ("offered", True)
    assert len(model_server.requests) == 2
    assert "slower than a naive version" in model_server.requests[1]["messages"][-1]["content"]
    assert any("a naive version" in each.summary for each in proposal.evidence)


def test_of_three_candidates_in_one_answer_the_right_one_is_offered(
    ask: Callable[..., Proposal], model_server: Any
) -> None:
    bodies = ("return n", "return n * 2", "return n - 1")
    model_server.script("\n".join(f"```python\ndef double(n: int) -> int:\n    {each}\n```" for each in bodies))
    proposal = ask("# Double a number.\n# double(2) -> 4\n# double(5) -> 10\n", tested=True)
    assert (proposal.status, len(model_server.requests)) == ("offered", 1)
    assert "n * 2" in proposal.code


def test_the_record_says_domain_strategy_and_templates(
    ask: Callable[..., Proposal], model_server: Any, workspace: Path
) -> None:
    model_server.script("```python\ndef double(n: int) -> int:\n    return n * 2\n```")
    proposal = ask("# double(n: int) -> int: double a number of the user table in the database\n")
    assert proposal.status == "offered"
    from suture.codegen.artifacts.book import proposal as stored

    with open_store(workspace) as store:
        kept = stored(store, proposal.id)
    assert kept is not None
    shown = repr(kept)
    assert "database" in shown
    assert re.search(r"system@\d+ function@\d+ database@\d+", shown)


def test_an_answer_is_read_by_what_its_blocks_are_for() -> None:
    text = "```python\ndef f(): ...\n```\n```python\ndef f_naive(): ...\n```\n```python\ndef test_f(): ...\n```"
    found = read_answer(text, "f")
    assert found.candidates == ("def f(): ...\n",)
    assert (found.naive, found.tests) == ("def f_naive(): ...\n", "def test_f(): ...\n")
    other = read_answer("```python\ndef g(): ...\n```\n```python\ndef test_g(): ...\n```", "f")
    assert (other.candidates, other.tests) == (("def g(): ...\n",), "def test_g(): ...\n")
