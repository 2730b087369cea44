"""Repair templates of a project: what a pattern matches, what a bad file says, and that edits are verified."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from suture.analyzers.sandbox import open_sandbox
from suture.analyzers.sandbox.interface import Sandbox
from suture.healing.api import heal_command
from suture.healing.patterns import filled, matches, read
from suture.healing.templates import parse


@pytest.mark.parametrize(
    ("pattern", "text", "replacement", "becomes"),
    [
        ("f($X)", "f( a )\n", "g($X)", ["g(a)"]),
        ("f($X)", "f(a, b)\n", "g($X)", []),
        ("f($X)", "f(f(a))\n", "g($X)", ["g(f(a))", "g(a)"]),
        ("f($...A)", "f()\n", "g(1, $...A)", ["g(1)"]),
        ("f($...A, key=$V)", "f(1, 2,\n  key=3,  # why\n)\n", "g($V, $...A)", ["g(3, 1, 2)"]),
        ("$X == None", "if a.b == None: pass\n", "$X is None", ["a.b is None"]),
        ("$X + $X", "print(a.b + a . b, c + d)\n", "2 * $X", ["2 * a.b"]),
        ("$X[$K]", "d['a']\n", "$X.get($K)", ["d.get('a')"]),
        ("len($X) * 2", "len(a) * 2\n", "$X * 2", ["a * 2"]),
        ("half($X)", "half(a + 1)\n", "$X / 2", ["(a + 1) / 2"]),
        ("half($X)", "half(a + 1)\n", "cut($X)", ["cut(a + 1)"]),
        ("half($X)", "half(a or b)\n", "$X.half()", ["(a or b).half()"]),
        ("print($X)\nprint($Y)", "print(1)\n\n# and\nprint(2)\n", "print($X, $Y)", ["print(1, 2)"]),
        ("if $C:\n    $...B", "if a:\n    x = 1\n    y()\n", "while $C:\n    $...B", ["while a:\n    x = 1\n    y()"]),
        ("f($X)", "# f(1)\ns = 'f(1)'\n", "g($X)", []),
        ("é($X)", "print('日本', é(1))\n", "g($X)", ["g(1)"]),
    ],
)  # fmt: skip
def test_a_pattern_is_matched_on_the_syntax(pattern: str, text: str, replacement: str, becomes: list[str]) -> None:
    assert [filled(replacement, match) for match in matches(read(pattern, "python"), text)] == becomes


def test_offsets_are_in_code_points() -> None:
    text = "print('日本', f(1))\n"
    (match,) = matches(read("f($X)", "python"), text)
    assert text[match.start : match.end] == "f(1)"


@pytest.mark.parametrize(
    ("language", "pattern", "text"),
    [
        ("javascript", "$X.lenght", "const n = items.lenght;\n"),
        ("typescript", "fetch($...A)", "const r: Response = fetch(url, {});\n"),
        ("rust", "$X.unwrap()", "fn main() { let a = b().unwrap(); }\n"),
        ("go", "strings.Trim($X)", 'package main\n\nfunc f() string { return strings.Trim(" a ") }\n'),
    ],
)
def test_patterns_are_read_in_every_language(language: str, pattern: str, text: str) -> None:
    assert len(list(matches(read(pattern, language), text))) == 1


GOOD = """\
[[repair]]
name = "a-name"
[repair.when]
exception = "KeyError"
message = "'(?P<KEY>\\\\w+)'"
[repair.change]
pattern = "d[$KEY]"
replacement = "d.get($KEY)"
"""


def test_a_good_file_has_no_problems() -> None:
    (template,), problems = parse("a.toml", GOOD)
    assert (template.name, problems) == ("a-name", ())


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("[[repair]]", "[[repair]", 1, "no TOML"),
        ("[[repair]]", "[repair]", 1, "[[repair]]"),
        ('name = "a-name"', 'name = "A name"', 2, "small letters"),
        ('name = "a-name"', 'nmae = "a-name"', 2, "unknown key 'nmae'"),
        ('exception = "KeyError"', 'exceptoin = "KeyError"', 4, "unknown key 'exceptoin'"),
        ('exception = "KeyError"', 'category = "oops"', 4, "no category 'oops'"),
        ("\\\\w+)", "\\\\w+", 5, "no regular expression"),
        ("\\\\w+)", "\\\\w+)+", 5, "may not be repeated"),
        ("\\\\w+)", ".*a.*b.*c.*)", 5, "at most three repetitions"),
        ('"d[$KEY]"', '"d[$KEY"', 7, "does not parse as python"),
        ('"d[$KEY]"', '"$X"', 7, "more than metavariables"),
        ('"d[$KEY]"', '"f($...A, $...B)"', 7, "only one $..."),
        ('"d.get($KEY)"', '"d.get($KYE)"', 8, "$KYE is neither"),
        ('"d.get($KEY)"', "3", 8, "has to be a text"),
        ("[repair.change]", "[repair.chagne]", 6, "unknown key 'chagne'"),
    ],
)
def test_a_bad_file_is_told_with_its_line(old: str, new: str, line: int, said: str) -> None:
    assert old in GOOD
    found, (problem,) = parse("a.toml", GOOD.replace(old, new))
    assert found == ()
    assert problem.line + 1 == line
    assert said in problem.message


def test_a_bad_template_leaves_its_neighbours_alone() -> None:
    found, (problem,) = parse("a.toml", GOOD.replace("a-name", "A") + GOOD)
    assert [each.name for each in found] == ["a-name"]
    assert problem.line + 1 == 2


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    opened = open_sandbox()
    yield opened
    opened.close()


TEMPLATE = """\
[[repair]]
name = "checked-lookup"
title = "Look $KEY up with its default"
confidence = 0.9
[repair.when]
exception = "LookupFailed"
[repair.change]
pattern = "shop.price($KEY)"
replacement = {!r}
"""
SHOP = {
    "shop.py": "class LookupFailed(Exception):\n    pass\n\n\ndef price(name, default=None):\n"
    "    if default is None:\n        raise LookupFailed(name)\n    return default\n",
    "main.py": "import shop\n\nprint(shop.price('tea'))\n",
}


def test_what_a_template_proposes_is_verified_by_its_run(write: Callable[..., Path], sandbox: Sandbox) -> None:
    root = write({**SHOP, ".suture/repairs/shop.toml": TEMPLATE.format("shop.price($KEY, 0)")})
    report = heal_command(root, ["python", "main.py"], sandbox=sandbox)
    # The exception is raised in shop.py; what the template changes is the call that led there.
    assert report.best is not None
    assert report.best.repair == "user-template"
    assert report.best.edit.title == "Look 'tea' up with its default (checked-lookup)"
    assert report.best.texts == {str(root / "main.py"): "import shop\n\nprint(shop.price('tea', 0))\n"}


@pytest.mark.slow
def test_a_template_cannot_hide_a_failure(write: Callable[..., Path], sandbox: Sandbox) -> None:
    files = {
        "test_it.py": "def total():\n    return 3\n\n\ndef test_total():\n    assert total() == 4\n",
        ".suture/repairs/cheat.toml": TEMPLATE.format("pass")
        .replace("LookupFailed", "AssertionError")
        .replace("shop.price($KEY)", "assert $KEY"),
    }
    report = heal_command(write(files), ["pytest", "-q"], sandbox=sandbox)
    assert all(each.repair != "user-template" for each in report.candidates)
