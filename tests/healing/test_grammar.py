"""The judge of candidate texts: it looks at the broken definition only, and still sees the whole file."""

from __future__ import annotations

from pathlib import Path

import pytest

from suture.analyzers.engine import analyse
from suture.healing.grammar import Grammar, compiles, readable, splice
from suture.healing.guard import objection
from suture.healing.layout import logical_lines
from suture.healing.lexer import lex
from suture.healing.static import heal_finding
from suture.healing.workspace import Workspace

CLASS = "".join(f"    def m{i}(self):\n        return {i}\n\n" for i in range(50))
BROKEN = f"class Big:\n{CLASS}    def broken(self)\n        return 1\n\n{CLASS}\n\ndef after():\n    return 2\n"


def test_only_the_broken_method_of_a_long_class_is_parsed() -> None:
    line = compiles(BROKEN).line
    low, high = Grammar(BROKEN, line).region
    assert "def broken(self)" in BROKEN[low:high]
    assert high - low < 200


def test_a_candidate_that_mends_the_method_mends_the_file() -> None:
    line = compiles(BROKEN).line
    grammar = Grammar(BROKEN, line)
    place = BROKEN.index("broken(self)") + len("broken(self)")
    assert grammar.check([(place, place, ":")]).ok
    assert grammar.confirm([(place, place, ":")])
    assert not grammar.check([(place, place, ";")]).ok


def test_the_line_of_a_second_error_is_a_line_of_the_file() -> None:
    text = "def one()\n    return 1\n\n\ndef two()\n    return 2\n"
    grammar = Grammar(text, 0)
    verdict = grammar.check([(len("def one()"), len("def one()"), ":")])
    assert verdict.ok or verdict.line == 4


@pytest.mark.parametrize(
    "text",
    [
        "x = 'a",
        '"""',
        "f(\n)\\\n",
        "a\r\nb\rc\x0c\u2028d",
        "x = {'a': [1, (2]}",
        "ü = 'é'  # ñ",
        "``` \x00",
        "1__2e+ 0x",
    ],
)
def test_lexing_never_fails_and_loses_nothing(text: str) -> None:
    assert "".join(token.text for token in lex(text)) == text


def test_an_unclosed_bracket_does_not_swallow_the_following_statements() -> None:
    lines = logical_lines("x = f(1,\n  2\ndef g():\n    return 1\n")
    assert [(line.head, line.first, line.last) for line in lines] == [("x", 0, 1), ("def", 2, 2), ("return", 3, 3)]


@pytest.mark.parametrize(
    "new",
    [
        "import sys\n\n\ndef helper():\n    assert helper\n",
        "import pytest\n\n\n@pytest.mark.skip\ndef test_a():\n    assert helper\n",
        "def test_a():\n    helper\n",
        "def test_a():\n    try:\n        assert helper\n    except Exception:\n        pass\n",
        "import sys\n\nsys.exit(0)\n\n\ndef test_a():\n    assert helper\n",
    ],
)
def test_an_edit_that_hides_a_failure_is_refused(new: str, tmp_path: Path) -> None:
    workspace = Workspace(tmp_path, {"test_x.py": b"def test_a():\n    assert helper\n"})
    assert objection(workspace, {"test_x.py": new})


def test_splices_apply_in_order_of_their_place() -> None:
    assert splice("abc", [(2, 3, "C"), (0, 1, "A")]) == "AbC"


NEWER = (
    "type Pair[T] = tuple[T, T]\n\n\nclass A[T]:\n    def a(self, d):\n"
    '        if f"{d["k"]}":\n            return f"{", ".join(d)}"\n'
)


@pytest.mark.parametrize(
    "broken",
    [
        "\n\ndef b(x)\n    return x\n",
        '\n\ndef b(x)\n    return f"{x["k"]}"\n',
        '\n    def b(self, x)\n        return f"{x["k"]}"\n',
    ],
)
def test_syntax_newer_than_the_host_does_not_hide_a_missing_colon(broken: str, tmp_path: Path) -> None:
    text = NEWER + broken
    path = tmp_path / "m.py"
    path.write_text(text)
    faults = [each for each in analyse(str(path), text, ()).findings if each.rule == "syntax-error"]
    edits = [edit for each in faults for edit in heal_finding(tmp_path, path, text, each, sandbox=None)]
    assert edits
    assert edits[0].files[0].apply(text) == text.replace("x)\n", "x):\n")
    if not compiles(NEWER).ok:
        assert "LibCST" in edits[0].evidence[0].summary


@pytest.mark.skipif(compiles(NEWER).ok, reason="this Python knows all of that syntax")
def test_only_what_is_newer_than_the_host_is_hidden_from_it() -> None:
    text = f"{NEWER}\n\nx = (1,\n"
    view = readable(text, 9)
    assert len(view) == len(text)
    assert view.endswith("x = (1,\n")
    assert compiles(view).message == "'(' was never closed"
    assert compiles(readable(NEWER, -1)).ok


@pytest.mark.skipif(compiles(NEWER).ok, reason="this Python knows all of that syntax")
def test_nothing_is_hidden_where_the_newer_syntax_is_itself_the_fault() -> None:
    assert readable(NEWER, 6) == NEWER
