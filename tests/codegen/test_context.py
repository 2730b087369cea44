"""What a prompt is told of a workspace: the right pieces, within the tokens, and nothing that is nobody's business."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from suture.codegen.context import Context, Piece, listing
from suture.codegen.context.conventions import conventions_of, docstring_style
from suture.codegen.context.gather import gathered
from suture.codegen.context.index import index_of, module_of, terms
from suture.codegen.context.pieces import packed, tokens_of
from suture.codegen.context.similar import calling_pieces, similar_functions
from suture.codegen.context.visible import is_hidden, shown_path

Write = Callable[[str, str], Path]
About = Callable[..., Context]


@pytest.fixture(autouse=True)
def listed_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files that a test writes are seen at once, and slow machines have the time that they need."""
    monkeypatch.setattr(listing, "FRESH_S", -1.0)
    monkeypatch.setattr(listing, "MOST_S", 60.0)


@pytest.fixture
def about(workspace: Path, write: Write, monkeypatch: pytest.MonkeyPatch) -> About:
    """The context for a function ``name`` of ``app.py``."""

    def run(name: str, words: str, text: str = "import json\n", file: str = "app.py", tokens: int = 4000) -> Context:
        return gathered(workspace, write(file, text), text, name, words, tokens=tokens)

    return run


# --- what helps ------------------------------------------------------------------------------------------------------


def test_similar_functions_come_whole_and_strangers_not_at_all(about: About, write: Write) -> None:
    write(
        "shop/money.py",
        "def parse_price(text):\n    '''Parse a price such as 3.50 EUR.'''\n    amount, unit = text.split()\n"
        "    return float(amount), unit\n\n\ndef paint(canvas):\n    return canvas\n",
    )
    found = about("parse_amount", "parse_amount(text): parse an amount with its unit, such as a price")
    assert "amount, unit = text.split()" in found.text
    assert "paint" not in found.text
    assert found.files == ("app.py", "shop/money.py")


def test_nearer_words_rank_higher_and_tests_never(write: Write, workspace: Path) -> None:
    write(
        "a.py", "def merge_sorted(left, right):\n    '''Merge two sorted lists.'''\n    return sorted(left + right)\n"
    )
    write("b.py", "def merge(one, two):\n    '''Merge two dictionaries.'''\n    return {**one, **two}\n")
    write("test_a.py", "def test_merge_two_sorted_lists():\n    '''Merge two sorted lists.'''\n    assert True\n")
    index = index_of(workspace, workspace / "new.py")
    found = similar_functions(index, "merge_lists", "merge two sorted lists into a sorted list", "new.py")
    assert next(each.name for each, _ in found) == "merge_sorted"
    assert not any(each.is_test for each, _ in found)


def test_types_that_are_mentioned_show_their_fields_and_no_values(about: About, write: Write) -> None:
    write(
        "models.py",
        "from dataclasses import dataclass\n\n@dataclass(frozen=True)\nclass Order:\n    total: float = 12.5\n"
        "    lines: list[str] = None\n\n    def open(self) -> bool:\n        return self.total > 1\n",
    )
    found = about("due", "due(order: Order) -> float: what is left to pay").text
    assert "class Order:" in found
    assert "total: float\n" in found
    assert "def open(self) -> bool: ..." in found
    assert "12.5" not in found


def test_callers_are_shown_tests_first(about: About, write: Write) -> None:
    write("use.py", "from app import due\n\n\ndef run(order):\n    left = due(order, now=True)\n    return left\n")
    write("test_due.py", "from app import due\n\n\ndef test_it():\n    assert due(None) == 0\n")
    found = about("due", "what is left to pay")
    lines = [each.text for each in found.pieces if each.kind == "caller"]
    assert lines == ["assert due(None) == 0  # test_due.py:5", "left = due(order, now=True)  # use.py:5"]


def test_a_change_of_a_file_is_seen_and_unsaved_text_counts(write: Write, workspace: Path) -> None:
    path = write("a.py", "def one(): ...\n")
    assert {each.name for each in index_of(workspace, path).functions} == {"one"}
    path.write_text("def two_and_more(): ...\n")
    assert {each.name for each in index_of(workspace, path).functions} == {"two_and_more"}
    assert {each.name for each in index_of(workspace, path, text="def three(): ...\n").functions} == {"three"}


def test_what_a_strategy_looks_for_is_found_by_its_calls(write: Write, workspace: Path) -> None:
    write("db.py", "def rows(c, n):\n    return c.execute('SELECT a FROM t WHERE n = ? AND k = \\'x9\\'', (n,))\n")
    (piece,) = calling_pieces(index_of(workspace, workspace / "new.py"), ("execute",), "new.py")
    assert "SELECT a FROM t WHERE n = ?" in piece.text
    assert "x9" not in piece.text


def test_the_last_commits_of_the_file_are_told_without_names(about: About, workspace: Path, write: Write) -> None:
    def git(*words: str) -> None:
        options = (
            "-c",
            "user.name=Sentinel Name",
            "-c",
            "user.email=sentinel@example.org",
            "-c",
            "commit.gpgsign=false",
        )
        subprocess.run(["git", *options, *words], cwd=workspace, check=True, capture_output=True)

    git("init", "-q")
    for number, subject in enumerate(("Prices are read", "Prices have units; token=sentinel4x7")):
        write("app.py", f"X = {number}\n")
        git("add", "-A")
        git("commit", "-qm", subject)
    (workspace / ".git" / "config").open("a").write("[log]\n\tshowSignature = true\n[gpg]\n\tprogram = touch-nothing\n")
    found = about("due", "what is left to pay")
    assert [each.text.split(";")[0] for each in found.pieces if each.kind == "history"] == [
        "Prices have units",
        "Prices are read",
    ]
    assert "sentinel" not in found.text.lower()


def test_findings_of_the_file_are_named_by_their_rule(about: About) -> None:
    text = "import hashlib\n\n\ndef f(password):\n    return hashlib.md5(password).hexdigest()\n"
    found = about("g", "store it", text)
    assert any(each.kind == "avoid" and each.text.startswith("weak-hash") for each in found.pieces)


# --- conventions -----------------------------------------------------------------------------------------------------

_NUMPY = '    """Do it.\n\n    Parameters\n    ----------\n    a : int\n        One.\n    """\n'
_GOOGLE = '    """Do it.\n\n    Args:\n        a: one.\n    """\n'


@pytest.mark.parametrize(("body", "style"), [(_NUMPY, "numpy"), (_GOOGLE, "google"), ('    """Do it."""\n', "plain")])
def test_the_style_of_docstrings_is_measured(write: Write, workspace: Path, body: str, style: str) -> None:
    write("a.py", "".join(f"def f{number}(a):\n{body}    return a\n\n\n" for number in range(6)))
    found = conventions_of(workspace)
    assert (found.docstrings, found.documented, found.typed) == (style, True, False)
    assert docstring_style(body) == style


def test_settings_say_line_length_and_python_and_tests_their_style(write: Write, workspace: Path) -> None:
    write("pyproject.toml", '[project]\nrequires-python = ">=3.9"\n[tool.ruff]\nline-length = 99\n')
    write("tests/test_a.py", "import unittest\n\n\nclass TestA(unittest.TestCase):\n    def test_a(self): ...\n")
    found = conventions_of(workspace)
    assert (found.line_length, found.python) == (99, (3, 9))
    assert (found.test_layout, found.test_style) == ("tests folder", "unittest")
    assert "the code runs on Python 3.9 and later" in list(found.sentences())


def test_what_few_functions_show_is_left_open(write: Write, workspace: Path) -> None:
    write("a.py", "def f(a: int) -> int:\n    '''One.'''\n    return a\n")
    found = conventions_of(workspace)
    assert (found.typed, found.docstrings, found.quotes) == (None, "", "")


# --- the budget of tokens --------------------------------------------------------------------------------------------


def test_the_dearest_pieces_that_fit_are_taken_and_the_rest_is_counted() -> None:
    pieces = [Piece("similar", "x" * 900, 0.2), Piece("scope", "import a", 1.0), Piece("type", "y" * 300, 0.5)]
    found = packed(pieces, "app.py", 200)
    assert [each.kind for each in found.pieces] == ["scope", "type"]
    assert found.left_out == 1
    assert sum(tokens_of(each.text) for each in found.pieces) <= 200


def test_a_long_scope_is_cut_at_a_line(about: About) -> None:
    text = "".join(f"def function_{number}(argument): ...\n" for number in range(900))
    found = about("new", "something", text, tokens=500)
    assert found.tokens < 700
    assert "# …" in found.text
    assert "def function_0(argument): ..." in found.text


# --- what is never shown ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "hidden"),
    [
        (".env", True), (".env.local", True), ("prod.env", True), ("a/secrets.py", True), ("credentials_dev.py", True),
        ("local_settings.py", True), ("id_rsa", True), ("key.pem", True), ("environment.py", False),
        ("secretary.py", False), ("envelope/env.py", False), ("monkey.py", False),
    ],
)  # fmt: skip
def test_names_that_say_nobody_should_look(name: str, hidden: bool) -> None:
    assert is_hidden(name) is hidden


def test_planted_secrets_reach_no_prompt(about: About, write: Write, workspace: Path, tmp_path: Path) -> None:
    body = "def send_order(order):\n    '''Send the order. token=sentinel1x\n    sentinel-2'''\n"
    body += "    url = 'https://user:sentinel3@host/sentinel-4'  # sentinel-5\n    key = b'sentinel-6'\n"
    body += "    return url, key, 1234567890123, {'sentinel-7': f'sentinel-8 {order}'}\n"
    for name in ("shown.py", ".env", "secrets.py", "ignored/send.py", "data.txt"):
        write(name, body if name == "shown.py" else body.replace("sentinel", "hidden-sentinel"))
    write(".gitignore", "ignored/\n")
    outside = tmp_path / "outside.py"
    outside.write_text(body.replace("sentinel", "outside-sentinel"))
    (workspace / "linked.py").symlink_to(outside)
    (workspace / "linked_secrets.py").symlink_to(workspace / "secrets.py")
    (workspace / "linked_ignored.py").symlink_to(workspace / "ignored/send.py")
    write(
        "pkg/caller.py",
        "from app import send_order\n\n\ndef run():\n    send_order('sentinel-9', token='sentinel-10')\n",
    )
    text = "API_KEY = 'sentinel-11'\n\n\ndef helper(x='sentinel-12'):\n    return 'sentinel-13'\n"
    found = about("send_order", "send the order", text)
    assert "def send_order(order):" in found.text
    assert "sentinel" not in found.text
    assert "1234567890123" not in found.text
    assert set(found.files) == {"app.py", "shown.py", "pkg/caller.py"}


@pytest.mark.parametrize("name", [".env", "build/app.py", "secrets.py", ".venv/x.py"])
def test_a_file_that_may_not_be_shown_gives_no_context_at_all(about: About, write: Write, name: str) -> None:
    write(".gitignore", "build/\n")
    found = about("f", "do it", "import sentinel\n", file=name)
    assert (found.text, found.files) == ("", ())


def test_a_file_outside_of_the_workspace_is_not_shown(workspace: Path, tmp_path: Path, write: Write) -> None:
    outside = tmp_path / "app.py"
    outside.write_text("import sentinel\n")
    assert shown_path(outside, workspace) is None
    (workspace / "link.py").symlink_to(outside)
    assert shown_path(workspace / "link.py", workspace) is None
    assert shown_path(write("ok.py", ""), workspace) == "ok.py"


# --- reading ---------------------------------------------------------------------------------------------------------


def test_words_are_compared_without_their_endings() -> None:
    assert terms("parseHTTPResponses parsing_of parsed") == ["pars", "http", "respons", "pars", "pars"]


def test_a_broken_file_gives_what_can_be_read() -> None:
    module = module_of("a.py", "def good(a: int): return a\n\n\ndef bad(:\n\n\nclass C:\n    def m(self): return 1\n")
    assert "good" in {each.name for each in module.functions}
