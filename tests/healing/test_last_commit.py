"""What changed since the last commit makes lines suspicious, and is put back when nothing else helps."""

from __future__ import annotations

import math
import subprocess
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from suture.analyzers.sandbox.interface import Outcome
from suture.healing.fault import NO_FAULT, Fault
from suture.healing.last_commit import FILES, MOST, Beside, Hunk, changed, hunks, put_back, suspected
from suture.healing.probe import Run
from suture.healing.workspace import Workspace

Write = Callable[[Mapping[str, str | bytes]], Path]

BEFORE = "def first(items):\n    if not items:\n        return None\n    return items[0]\n\n\nUNIT = 1\n"
AFTER = "def first(items):\n    return items[0]\n\n\nUNIT = 2\n"


def committed(root: Path) -> None:
    name = ("-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false")
    for words in (("init", "-q"), ("add", "."), (*name, "commit", "-q", "-m", "first")):
        subprocess.run(("git", *words), cwd=root, check=True, capture_output=True)


def failing(path: str) -> Run:
    outcome = Outcome("exit", 1, b"", b"", 0.1, "fake")
    return Run(
        outcome, Fault("runtime", exception="IndexError", path=path, tests=("t.py::t",)), tests={"t.py::t": "failed"}
    )


def test_a_change_is_known_by_its_lines_and_what_they_were(write: Write) -> None:
    root = write({"pick.py": BEFORE, "other.py": "A = 1\n"})
    committed(root)
    (root / "pick.py").write_text(AFTER, "utf-8")
    assert changed(Workspace(root)) == [
        Hunk("pick.py", 1, 1, ("    if not items:\n", "        return None\n")),
        Hunk("pick.py", 4, 5, ("UNIT = 1\n",)),
    ]


def test_files_that_git_does_not_follow_do_not_crowd_out_changed_ones(write: Write) -> None:
    root = write({"pick.py": BEFORE})
    committed(root)
    write({f"fresh/m{number:03}.py": "A = 1\n" for number in range(FILES + 1)})
    (root / "pick.py").write_text(AFTER, "utf-8")
    assert {each.path for each in changed(Workspace(root))} == {"pick.py"}


def test_a_file_that_is_another_one_now_is_not_compared_line_by_line() -> None:
    before, after = ("".join(f"{name} = {n}\n" for n in range(MOST)) for name in "ab")
    assert list(hunks("a.py", before, after)) == []
    (only,) = hunks("a.py", before, before.replace("a = 7\n", "a = 8\n"))
    assert (only.start, only.end, only.before) == (7, 8, ("a = 7\n",))


def test_a_form_feed_ends_no_line() -> None:
    assert list(hunks("a.py", "a = 1\n\f\nb = 1\n", "a = 1\n\f\nb = 2\n")) == [Hunk("a.py", 2, 3, ("b = 1\n",))]


def test_a_folder_without_a_repository_has_no_changes(write: Write) -> None:
    assert changed(Workspace(write({"pick.py": BEFORE}))) == []


def test_changed_lines_and_those_beside_lost_ones_are_more_suspicious() -> None:
    found = suspected(list(hunks("pick.py", BEFORE, AFTER)), {("pick.py", line): 0.5 for line in range(5)})
    assert found == {
        ("pick.py", 0): 1.0,
        ("pick.py", 1): 1.0,
        ("pick.py", 2): 0.5,
        ("pick.py", 3): 0.5,
        ("pick.py", 4): 1.0,
    }


def test_the_one_change_without_which_the_tests_pass_is_put_back() -> None:
    workspace = Workspace(Path("/nowhere"), {"pick.py": AFTER.encode()})
    first = failing("pick.py")

    def execute(view: Workspace) -> Run:
        if "if not items" not in (view.text("pick.py") or ""):
            return first
        passed = replace(first.outcome, exit_code=0)
        return Run(passed, NO_FAULT, tests={"t.py::t": "passed"})

    (state,) = put_back(workspace, first, execute, list(hunks("pick.py", BEFORE, AFTER)))
    assert state.texts == {"pick.py": BEFORE.replace("UNIT = 1", "UNIT = 2")}
    assert state.title == "Put line 2 of pick.py back as it was in the last commit"
    assert state.confidence is not None
    assert state.confidence < 0.5


def ended(view: Workspace) -> Run:
    return Run(Outcome("exit", 0, b"", b"", 0.1, "fake"), NO_FAULT)


def test_where_only_the_crash_speaks_it_is_a_guess() -> None:
    workspace = Workspace(Path("/nowhere"), {"pick.py": AFTER.encode()})
    crash = Run(Outcome("exit", 1, b"", b"", 0.1, "fake"), Fault("runtime", exception="IndexError", path="pick.py"))
    (state,) = put_back(workspace, crash, ended, [Hunk("pick.py", 3, 5, ("UNIT = 1\n",))])
    assert not state.solved
    assert state.evidence
    assert state.title == "Put lines 4 to 5 of pick.py back as they were in the last commit"


def test_nothing_is_put_back_for_another_language_or_when_the_time_is_over() -> None:
    workspace = Workspace(Path("/nowhere"), {"pick.py": AFTER.encode()})
    first = failing("pick.py")
    rust = replace(first, fault=replace(first.fault, language="rust"))
    found = list(hunks("pick.py", BEFORE, AFTER))
    assert put_back(workspace, rust, ended, found) == []
    assert put_back(workspace, first, ended, found, lambda: False) == []


def test_large_changes_and_tests_are_not_put_back() -> None:
    workspace = Workspace(Path("/nowhere"), {"pick.py": b"", "test_pick.py": b"assert 1 == 2\n"})
    large = Hunk("pick.py", 0, 0, tuple(f"x{n} = 1\n" for n in range(30)))
    of_a_test = next(hunks("test_pick.py", "assert 1 == 1\n", "assert 1 == 2\n"))
    asked: list[Workspace] = []

    def execute(view: Workspace) -> Run:
        asked.append(view)
        return failing("pick.py")

    assert put_back(workspace, failing("pick.py"), execute, [large, of_a_test]) == []
    assert not asked


def test_once_a_change_is_known_that_can_be_put_back_the_search_ends_and_looks_nowhere_else(write: Write) -> None:
    root = write({"mod.py": "def half(n):\n    return n / 2\n\n\nN = 1\n"})
    committed(root)
    (root / "mod.py").write_text("def half(n):\n    return n / 3\n\n\nN = 1\n")
    first = failing("mod.py")
    first = replace(first, tests={"t.py::t": "failed", "t.py::u": "failed"})
    times = [10.0]

    def execute(view: Workspace) -> Run:
        good = "/ 2" in (view.text("mod.py") or "")
        return replace(first, tests={"t.py::t": "passed" if good else "failed", "t.py::u": "failed"})

    with ThreadPoolExecutor(1) as pool:
        back = Beside(pool, Workspace(root), first, execute, lambda: times[0], 100.0)
        assert back.known()
        assert [each.texts for each in back.found()] == [{"mod.py": "def half(n):\n    return n / 2\n\n\nN = 1\n"}]
        assert back.failing() == {"t.py::u"}
        assert back.weigh({("mod.py", 1): 0.5, ("mod.py", 4): 0.9}) == {("mod.py", 1): 1.0}
        assert back.clock() == 10.0
        times[0] += 60
        assert back.clock() == math.inf
        (root / "mod.py").write_text("def half(n):\n    return n / 2\n\n\nN = 2\n")
        other = Beside(pool, Workspace(root), first, lambda view: first, lambda: times[0], 100.0)
        assert not other.known()
        assert other.weigh({("mod.py", 1): 0.5, ("mod.py", 4): 0.9}) == {("mod.py", 1): 0.5, ("mod.py", 4): 1.8}
        assert other.clock() == 70.0
