"""What was there when one began is known and stays known; what comes after shows."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from suture.analyzers.baseline import Marked, known_findings, marked, others, read_baseline, write_baseline
from suture.analyzers.errors import UserError
from suture.analyzers.findings import Finding, Range
from suture.analyzers.review import review_file

FUNCTION = "def {name}(x):\n    y = open(x)\n    os.system('{command} ' + y)\n    return y\n"


def text_of(functions: Mapping[str, str]) -> str:
    return "import os\n" + "".join(
        "\n\n" + FUNCTION.format(name=name, command=command) for name, command in functions.items()
    )


def found_in(path: Path, text: str) -> Marked:
    """A finding at every ``os.system``."""
    findings = [
        Finding(str(path), Range(number, 4, number, 9), "shell-injection", "cmdi", "m", "high", 0.9, "security")
        for number, line in enumerate(text.split("\n"))
        if "os.system" in line
    ]
    return marked(str(path), findings, text)


def new_lines(store: Path, *files: Marked) -> list[int]:
    """1-based lines of the findings that the baseline does not know."""
    known = known_findings(read_baseline(store), files)
    return [
        finding.range.line + 1
        for file, old in zip(files, known, strict=True)
        for index, finding in enumerate(file.findings)
        if index not in old
    ]


names = st.dictionaries(st.sampled_from("abcdefg"), st.sampled_from(["ls", "rm", "cat"]), max_size=5)


@given(names, st.integers(0, 3))
@settings(max_examples=40)
def test_written_and_read_again_nothing_is_new_wherever_it_moved(
    tmp_path_factory: pytest.TempPathFactory, functions: dict[str, str], above: int
) -> None:
    folder = tmp_path_factory.mktemp("p")
    store = folder / "baseline.json"
    file = found_in(folder / "a.py", text_of(functions))
    assert write_baseline(store, [file]) == len(functions)
    assert new_lines(store, file) == []
    moved = text_of(dict(reversed(functions.items()))).replace("import os\n", "import os\nX = 1\n" * (above + 1))
    assert new_lines(store, found_in(folder / "a.py", moved)) == []


def test_a_new_one_shows_even_if_it_equals_an_old_one(tmp_path: Path) -> None:
    store, path = tmp_path / "b.json", tmp_path / "a.py"
    before = text_of({"run": "ls"})
    write_baseline(store, [found_in(path, before)])
    assert new_lines(store, found_in(path, before + "\n\n" + FUNCTION.format(name="more", command="ls"))) == [12]
    twice = before.replace("    return y", "    os.system('ls ' + y)\n    return y")
    assert len(new_lines(store, found_in(path, twice))) == 1
    assert new_lines(store, found_in(path, text_of({"run": "rm -rf"}))) == [6]


def test_a_function_that_moves_to_another_file_stays_known_and_a_copy_of_it_does_not(tmp_path: Path) -> None:
    store, here, there = tmp_path / "b.json", tmp_path / "a.py", tmp_path / "c.py"
    write_baseline(store, [found_in(here, text_of({"run": "ls", "stay": "cat"}))])
    stay, moved = text_of({"stay": "cat"}), text_of({"run": "ls"})
    assert new_lines(store, found_in(here, stay), found_in(there, moved)) == []
    whole = text_of({"run": "ls", "stay": "cat"})
    assert new_lines(store, found_in(here, whole), found_in(there, moved)) == [6]


def test_a_file_that_is_renamed_stays_known_and_one_that_was_not_looked_at_lends_nothing(tmp_path: Path) -> None:
    store, old, new = tmp_path / "b.json", tmp_path / "a.py", tmp_path / "z.py"
    text = text_of({"run": "ls"})
    old.write_text(text)
    write_baseline(store, [found_in(old, text)])
    assert new_lines(store, found_in(new, text)) == [6]  # a.py is still there
    old.unlink()
    assert new_lines(store, found_in(new, text)) == []


def test_a_baseline_is_the_same_in_another_checkout(tmp_path: Path) -> None:
    contents: list[str] = []
    for name in ("one", "two"):
        folder = tmp_path / name
        folder.mkdir()
        write_baseline(folder / "b.json", [found_in(folder / "src" / "a.py", text_of({"run": "ls"}))])
        contents.append((folder / "b.json").read_text())
    assert contents[0] == contents[1]
    assert '"src/a.py"' in contents[0]


def test_writing_it_for_a_part_of_a_project_keeps_what_it_says_of_the_rest(tmp_path: Path) -> None:
    store, first, second = tmp_path / "b.json", tmp_path / "a.py", tmp_path / "c.py"
    for path in (first, second):
        path.write_text("")
    one, two = (found_in(path, text_of({"run": "ls"})) for path in (first, second))
    write_baseline(store, [one, two])
    write_baseline(store, [found_in(first, "")], others(store, [first]))
    assert new_lines(store, one, two) == [6]
    second.unlink()
    write_baseline(store, [found_in(first, "")], others(store, [first]))
    assert json.loads(store.read_text())["findings"] == {}


@pytest.mark.parametrize(
    "content",
    [
        *("", "[]", "{}", "\0", '{"suture-baseline": 2, "findings": ["x"]}', '{"suture-baseline": 1, "findings": {}}'),
        '{"suture-baseline": 2, "findings": {"a.py": []}}',
        '{"suture-baseline": 2, "findings": {"a.py": {"r": "x"}}}',
        '{"suture-baseline": 2, "findings": {"a.py": {"r": ["x"]}}}',
        '{"suture-baseline": 2, "findings": {"a.py": {"r": [1]}}}',
    ],
)
def test_a_file_that_is_no_baseline_is_a_clear_error(tmp_path: Path, content: str) -> None:
    path = tmp_path / "b.json"
    path.write_text(content)
    with pytest.raises(UserError, match="baseline"):
        read_baseline(path)


def test_a_missing_baseline_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be read"):
        read_baseline(tmp_path / "none.json")


def test_a_baseline_holds_no_secret(tmp_path: Path) -> None:
    path, marks = tmp_path / "a.py", list[str]()
    for value in ("k9!vT2#qLm", "other!vT2#q"):
        path.write_text(f'PASSWORD = "{value}"\n')
        done = review_file(path, engines=False)
        assert [each.kind for each in done.findings] == ["secrets"]
        marks += [str(each) for each in marked(str(path), done.findings, path.read_text()).marks]
    assert marks[0] == marks[1]  # so the value cannot be guessed from it
