"""A finding is recognised when its code moves or its variables are renamed; another problem is not."""

from __future__ import annotations

import re
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suture.analyzers.baseline import marked
from suture.analyzers.findings import Finding, Range
from suture.analyzers.marks import Mark, mark_of, recognised
from suture.analyzers.syntax import parse

TEXT = """import os
import sqlite3


class Store:
    def load(self, name, folder):
        rows = []
        query = "select * from t where name = '%s'" % name
        cursor = self.db.cursor()
        for row in cursor.execute(query):
            if row[0] in rows:
                rows.append(row)
            elif row[1] in folder:
                continue
        os.system("ls " + folder)
        os.system("rm -r " + folder)
        return rows


def other(name, folder):
    os.system("ls " + folder)
    return sorted(folder)[0]
"""

#: Where findings might be: text on the line, rule.
PLACES = (
    ("query = ", "sql-injection"),
    ("for row in cursor", "sql-injection"),
    ("if row[0] in rows", "membership-in-list"),
    ("elif row[1]", "membership-in-list"),
    ('os.system("ls " + folder)', "shell-injection"),
    ('os.system("rm', "shell-injection"),
    ("return sorted", "sort-for-extreme"),
    ("def load", "long-function"),
    ("class Store", "god-class"),
)
VARIABLES = ("name", "folder", "rows", "query", "cursor", "row")


def finding(text: str, place: str, rule: str, kind: str = "a_kind", number: int = 0) -> Finding:
    offset = [match.start() for match in re.finditer(re.escape(place), text)][number]
    line, column = text.count("\n", 0, offset), offset - text.rfind("\n", 0, offset) - 1
    return Finding("/p/a.py", Range(line, column, line, column + 3), rule, kind, "m", "high", 0.9, "security")


def mark(text: str, place: str, rule: str, kind: str = "a_kind", number: int = 0) -> Mark:
    data = text.encode()
    return mark_of(finding(text, place, rule, kind, number), parse(data).root_node, data)


def known(before: str, after: str, old: Iterable[Finding], new: Iterable[Finding]) -> set[int]:
    """Which of the new findings are recognised."""
    was, now = marked("a.py", tuple(old), before), marked("a.py", tuple(new), after)
    return set(recognised(was.marks, now.marks, now.scopes))


names = st.from_regex(r"[a-z][a-z_0-9]{2,7}", fullmatch=True).filter(
    lambda name: not re.search(rf"\b{name}\b", TEXT) and not name.endswith(("_key", "pwd")) and name.isidentifier()
)


@given(
    renamed=st.lists(names, min_size=len(VARIABLES), max_size=len(VARIABLES), unique=True),
    above=st.integers(0, 5),
    inside=st.booleans(),
    spaced=st.booleans(),
)
def test_findings_keep_their_marks_when_lines_move_and_variables_are_renamed(
    renamed: list[str], above: int, inside: bool, spaced: bool
) -> None:
    text = TEXT
    places = [place for place, _ in PLACES]
    for old, new in zip(VARIABLES, renamed, strict=True):
        text = re.sub(rf"(?<![\w.'\"])(?<!where ){old}\b(?!')", new, text)
        places = [re.sub(rf"(?<![\w.]){old}\b", new, place) for place in places]
    text = "# a line\nVALUE = 1\n" * above + text
    if inside:
        text = text.replace("        return ", "        # a comment\n\n        return ", 1)
    if spaced:
        text = text.replace(" + ", "  +  ").replace("'%s'\" %", "'%s'\"  %")
        places = [place.replace(" + ", "  +  ") for place in places]
    for (place, rule), moved in zip(PLACES, places, strict=True):
        before, after = mark(TEXT, place, rule), mark(text, moved, rule)
        assert (before.core, before.scope) == (after.core, after.scope), place
        assert known(TEXT, text, [finding(TEXT, place, rule)], [finding(text, moved, rule)]) == {0}


@given(st.permutations(range(len(PLACES))), st.data())
def test_different_problems_of_a_file_never_pass_for_one_another(order: list[int], data: st.DataObject) -> None:
    first, second = (PLACES[index] for index in order[:2])
    rule = data.draw(st.sampled_from([first[1], second[1]]))
    found = known(TEXT, TEXT, [finding(TEXT, first[0], rule)], [finding(TEXT, second[0], rule)])
    assert found == set()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('os.system("ls " + folder)', 'os.system("rm -rf " + folder)'),  # another command
        ('os.system("ls " + folder)', 'os.popen("ls " + folder)'),  # another call
        ('os.system("ls " + folder)', 'os.system("ls " + folder + folder)'),
        ('os.system("ls " + folder)', 'os.system("ls " + folder, check=True)'),
        ('os.system("ls " + folder)', 'os.system("ls " + str(folder))'),
    ],
)
def test_a_statement_that_does_something_else_does_not_inherit(before: str, after: str) -> None:
    text = TEXT.replace(before, after)
    old, new = finding(TEXT, before, "shell-injection"), finding(text, after, "shell-injection")
    assert known(TEXT, text, [old], [new]) == set()


@pytest.mark.parametrize(
    "after",
    [
        'os.system("ls "+folder)',
        "os.system('ls ' + folder)",
        'os.system(\n            "ls " + folder,\n        )',
        'os.system(("ls " + folder))',
        'os.system("ls " + folder)  # why',
    ],
)
def test_layout_quotes_brackets_and_comments_do_not_matter(after: str) -> None:
    text = TEXT.replace('os.system("ls " + folder)', after, 1)
    assert mark(text, "os.system(", "shell-injection") == mark(TEXT, "os.system(", "shell-injection")


def test_an_equal_statement_elsewhere_is_another_problem() -> None:
    place = 'os.system("ls " + folder)'
    method, function = (finding(TEXT, place, "shell-injection", number=number) for number in (0, 1))
    assert known(TEXT, TEXT, [method], [method, function]) == {0}
    assert known(TEXT, TEXT, [method], [function]) == set()  # Store.load is still there


def test_a_second_equal_statement_in_one_function_is_new_and_the_old_one_is_told_by_its_neighbours() -> None:
    line = '        os.system("ls " + folder)\n'
    text = TEXT.replace("        rows = []\n", f"        rows = []\n{line}        rows.clear()\n", 1)
    old = finding(TEXT, line.strip(), "shell-injection")
    both = [finding(text, line.strip(), "shell-injection", number=number) for number in (0, 1)]
    assert known(TEXT, text, [old], both) == {1}


def test_a_function_that_is_renamed_takes_its_findings_along_but_a_copy_of_it_does_not() -> None:
    place = "return sorted"
    old = finding(TEXT, place, "sort-for-extreme")
    renamed = TEXT.replace("def other", "def another")
    assert known(TEXT, renamed, [old], [finding(renamed, place, "sort-for-extreme")]) == {0}
    copied = TEXT + "\n\n" + TEXT[TEXT.index("def other") :].replace("def other", "def another")
    both = [finding(copied, place, "sort-for-extreme", number=number) for number in (0, 1)]
    assert known(TEXT, copied, [old], both) == {0}
    assert known(TEXT, copied, [old], both[1:]) == set()


def test_what_is_about_a_whole_function_stays_known_while_its_body_is_edited() -> None:
    text = TEXT.replace("            elif row[1] in folder:\n                continue\n", "")
    assert known(TEXT, text, [finding(TEXT, "def load", "long-function")], [finding(text, "def load", "long-function")])


def test_too_many_parameters_are_a_new_problem_when_there_are_more() -> None:
    text = TEXT.replace("name, folder):", "name, folder, more):", 1)
    old = finding(TEXT, "def load", "too-many-parameters", "too_many_params")
    new = finding(text, "def load", "too-many-parameters", "too_many_params")
    assert known(TEXT, text, [old], [new]) == set()


@given(
    st.text("abcdefgh0123456789!?-_", min_size=4, max_size=24), st.text("ABCDEFxyz0123456789", min_size=4, max_size=24)
)
def test_no_secret_can_be_guessed_from_a_mark(first: str, second: str) -> None:
    texts = [f"password = {value!r}\nconnect(user, {value!r})\nlogin(token={value!r})\n" for value in (first, second)]
    for place, rule, kind in (
        ("password", "hard-coded-credentials", "secrets"),
        ("connect", "hard-coded-credentials", "secrets"),
        ("login", "weak-hash", "hash"),
    ):
        marks = [mark(text, place, rule, kind) for text in texts]
        assert marks[0] == marks[1]


def test_a_literal_that_looks_random_is_left_out_whatever_it_is_for() -> None:
    texts = [f"send(host, '{value}')\n" for value in ("a8F3kk29ZZq1", "9d1Lmn02Qrst")]
    assert mark(texts[0], "send", "a-rule") == mark(texts[1], "send", "a-rule")


@given(st.binary(max_size=200), st.integers(0, 5), st.integers(0, 30))
def test_any_place_of_any_text_has_a_mark(data: bytes, line: int, column: int) -> None:
    found = Finding("/p/a.py", Range(line, column, line, column + 1), "r", "k", "m", "low", 0.5, "security")
    printed = str(mark_of(found, parse(data).root_node, data))
    assert str(Mark.read(printed)) == printed


@pytest.mark.parametrize(
    "text", ["", "x", "0" * 16, "a.b.c", f"{'0' * 16}.{'0' * 8}.{'0' * 8}.x", f"{'g' * 16}.{'0' * 8}."]
)
def test_what_is_no_mark_is_not_read_as_one(text: str) -> None:
    assert Mark.read(text) is None
