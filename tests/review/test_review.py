"""A review answers for every file, whatever is in it."""

from __future__ import annotations

import os
import shlex
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from suture.analyzers import pipes, review_pool, review_tree, review_worker
from suture.analyzers.engines import Engine, engines
from suture.analyzers.engines import ruff as ruff_engine
from suture.analyzers.errors import Unavailable
from suture.analyzers.files import python_files
from suture.analyzers.findings import REVIEWERS, Finding
from suture.analyzers.review import FileReview, engines_for, review_file, review_text
from suture.analyzers.review_tree import review_paths
from suture.analyzers.review_worker import Examined, Task

WIDE = "def wide(a, b, c, d, e, f, g, h, i, j):\n    return a\n"
HOLE = "import os\n\n\ndef run(x):\n    os.system('ls ' + x)\n"
NEW_SYNTAX = "import os\n\ntype Name = str\n\n\ndef run(x: Name):\n    os.system(f'ls {x!r:>{'10'}}' + x)\n"


def by_name(reviews: list[FileReview]) -> dict[str, FileReview]:
    return {each.path.name: each for each in reviews}


def test_own_rules_and_engines_give_one_finding_a_problem(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text(HOLE)
    done = review_file(path)
    assert [(each.rule, each.range.line) for each in done.findings] == [("shell-injection", 4)]
    assert {"bandit:B605", "ruff:S605"} <= set(done.findings[0].also)
    assert done.verdict.label != "approve"
    assert done.lines == {4: "    os.system('ls ' + x)"}


def test_unsaved_text_counts_and_the_file_need_not_exist(tmp_path: Path) -> None:
    done = review_file(tmp_path / "new.py", text=HOLE)
    assert [each.rule for each in done.findings] == ["shell-injection"]
    assert done.error == ""


def test_only_the_reviewers_that_are_asked_answer(tmp_path: Path) -> None:
    done = review_file(tmp_path / "new.py", text=HOLE, reviewers=("performance",))
    assert done.findings == ()
    assert [vote.reviewer for vote in done.verdict.votes] == ["performance"]
    assert "bandit" not in {engine.name for engine in engines_for(("performance",))}


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="this Python knows the syntax")
def test_a_file_that_bandit_cannot_read_says_so_and_our_rules_still_see_it(tmp_path: Path) -> None:
    path = tmp_path / "new.py"
    path.write_text(NEW_SYNTAX)
    done = review_file(path)
    assert [each.rule for each in done.findings] == ["shell-injection"]
    assert len(done.notes) == 1
    assert "bandit cannot read this file" in done.notes[0]
    assert f"Python 3.{sys.version_info.minor}" in done.notes[0]


def test_an_engine_that_is_missing_is_a_note_and_not_silence(tmp_path: Path) -> None:
    def run(path: str, text: str) -> list[object]:
        raise Unavailable("lint is not installed")

    broken = Engine("lint", run)  # type: ignore[arg-type]
    done = review_text(tmp_path / "a.py", WIDE, reviewers=REVIEWERS, run=[broken])
    assert [each.rule for each in done.findings] == ["too-many-parameters"]
    assert done.notes == ("lint is not installed; the other checks ran",)


def test_engines_report_places_in_code_points_and_hide_secrets() -> None:
    text = 'é = "ü"; password = "k9!vT2#qLm"\n'
    for engine in engines():
        for each in engine.run("/p/a.py", text):
            assert text.split("\n")[0][each.range.column : each.range.end_column].startswith('"k9')
            assert "k9!vT2" not in each.message


def test_ruff_reads_no_configuration_of_the_workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.ruff]\nexclude = ['*']\n[tool.ruff.lint]\nignore = ['S605']\n")
    path = tmp_path / "a.py"
    path.write_text(HOLE)
    monkeypatch.chdir(tmp_path)
    assert any(each.rule == "ruff:S605" for each in ruff_engine.run(str(path), HOLE))
    assert any(each.rule == "ruff:S605" for each in ruff_engine.run_many([(str(path), HOLE)])[str(path)])


def test_every_file_is_answered_for_in_order(tmp_path: Path) -> None:
    (tmp_path / "good.py").write_text(HOLE)
    (tmp_path / "empty.py").write_text("")
    (tmp_path / "broken.py").write_text("def f(:\n")
    (tmp_path / "binary.py").write_bytes(b"\x00\x01\x02" * 50)
    (tmp_path / "bytes.py").write_bytes(b"x = '\xff\xfe'\n")
    (tmp_path / "latin.py").write_bytes("# -*- coding: latin-1 -*-\nx = 'é'\n".encode("latin-1"))
    (tmp_path / "bom.py").write_bytes(b"\xef\xbb\xbfimport os\r\nos.getcwd()\r\n")
    (tmp_path / "coding.py").write_bytes(b"# coding: no-such-codec\n")
    (tmp_path / "deep.py").write_text("x = " + "(" * 3000 + "1" + ")" * 3000 + "\n")
    os.symlink(tmp_path / "nowhere.py", tmp_path / "dangling.py")
    os.mkfifo(tmp_path / "pipe.py")
    names = sorted(each.name for each in tmp_path.iterdir())
    reviews = list(review_paths([tmp_path], jobs=2))
    assert [each.path.name for each in reviews] == names
    found = by_name(reviews)
    assert [each.rule for each in found["good.py"].findings] == ["shell-injection"]
    assert [each.rule for each in found["broken.py"].findings] == ["syntax-error"]
    assert "binary" in found["binary.py"].error
    assert "cannot be decoded" in found["bytes.py"].error
    assert "cannot be decoded" in found["coding.py"].error
    assert not [each.error for each in reviews if str(tmp_path) in each.error]  # its path is shown beside it
    assert found["dangling.py"].error == found["pipe.py"].error == "not a regular file"
    for name in ("empty.py", "latin.py", "bom.py"):
        assert (found[name].error, found[name].findings) == ("", ())
    assert {each.rule for each in found["deep.py"].findings} <= {"syntax-error"}  # CPython stops at 200 parentheses


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_is_reported(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(HOLE)
    (tmp_path / "a.py").chmod(0)
    (tmp_path / "locked").mkdir(mode=0)
    reviews = by_name(list(review_paths([tmp_path])))
    (tmp_path / "locked").chmod(stat.S_IRWXU)
    assert "cannot be read" in reviews["a.py"].error
    assert "cannot be listed" in reviews["locked"].error


def test_a_path_that_does_not_exist_is_reported(tmp_path: Path) -> None:
    assert [each.error for each in review_paths([tmp_path / "none.py"])] == ["no such file or folder"]


def test_a_file_that_kills_its_worker_costs_only_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = [tmp_path / f"f{n}.py" for n in range(6)]
    for path in paths:
        path.write_text(HOLE)
    guilty = paths[2]
    start = review_pool.Pool._start  # pyright: ignore[reportPrivateUsage]

    def start_and_listen(pool: object) -> object:
        worker = start(pool)  # type: ignore[arg-type]
        heard = pipes.receive

        def receive(stream: object) -> object:
            answer = heard(stream)  # type: ignore[arg-type]
            if getattr(answer, "path", None) == guilty and isinstance(getattr(answer, "value", None), Examined):
                worker.process.kill()  # as a crash would, before the answer is given
                raise EOFError
            return answer

        monkeypatch.setattr(pipes, "receive", receive)
        return worker

    monkeypatch.setattr(review_pool.Pool, "_start", start_and_listen)  # pyright: ignore[reportPrivateUsage]
    reviews = list(review_paths(paths, jobs=1, engines=False))
    assert [each.path for each in reviews] == paths
    assert [bool(each.error) for each in reviews] == [path == guilty for path in paths]
    assert "died on it (signal 9)" in reviews[2].error


def test_a_worker_that_is_silent_is_given_up(tmp_path: Path) -> None:
    now = [0.0]
    with review_pool.Pool(1, clock=lambda: now[0]) as pool:  # pyright: ignore[reportPrivateUsage]
        worker = pool._start()  # pyright: ignore[reportPrivateUsage]
        worker.task = Task("review", (tmp_path / "a.py",), REVIEWERS)
        pool._kill_silent()  # pyright: ignore[reportPrivateUsage]
        assert worker.process.poll() is None
        now[0] = review_pool.SILENCE_S + 1
        pool._kill_silent()  # pyright: ignore[reportPrivateUsage]
        assert worker.process.wait() == -9
        assert "given up" in worker.reason


def test_workers_end_when_the_caller_stops_asking(tmp_path: Path) -> None:
    for n in range(40):
        (tmp_path / f"f{n}.py").write_text(HOLE)
    started: list[pipes.Child] = []

    def note(*_: object) -> None:
        started.extend(review_pool.living())

    reviews = review_paths([tmp_path], jobs=2, engines=False, on_progress=note)
    next(reviews)
    assert started
    reviews.close()  # type: ignore[attr-defined]
    assert not any(each.poll() is None for each in started)


def test_processes_that_were_started_early_do_the_work(tmp_path: Path) -> None:
    for n in range(3):
        (tmp_path / f"f{n}.py").write_text(HOLE)
    with review_pool.Pool(2) as pool:
        pool.begin()
        early = {each.pid for each in review_pool.living()}
        assert len(early) >= 2
        tasks = [Task("review", (each,), REVIEWERS, engines=False) for each in sorted(tmp_path.iterdir())]
        assert {each.path for each in pool.run(tasks)} == {*tmp_path.iterdir()}
        assert {each.pid for each in review_pool.living()} == early


@pytest.mark.skipif(sys.platform == "win32", reason="no signals here")
@pytest.mark.parametrize("forks", [sys.platform == "linux", False])
def test_a_worker_that_dies_with_nothing_to_do_costs_no_file(forks: bool, tmp_path: Path) -> None:
    for n in range(4):
        (tmp_path / f"f{n}.py").write_text(HOLE)
    code = f"""if True:  # a process without the threads of other tests
        import os, signal, subprocess
        from pathlib import Path
        from suture.analyzers import review_pool
        from suture.analyzers.findings import REVIEWERS
        from suture.analyzers.review_worker import Task

        if not {forks}:
            review_pool.may_fork = lambda: False
        with review_pool.Pool(2) as pool:
            pool.begin()
            before = review_pool.living()
            assert [isinstance(each, subprocess.Popen) for each in before] == [not {forks}] * 2
            os.kill(before[0].pid, signal.SIGKILL)
            assert before[0].wait() == -signal.SIGKILL
            paths = sorted(Path({str(tmp_path)!r}).iterdir())
            tasks = [Task("review", (each,), REVIEWERS, engines=False) for each in paths]
            for answer in sorted(pool.run(tasks), key=lambda each: each.path):
                print(answer.path.name, repr(answer.value.review.error))
    """
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert (done.stdout, done.stderr) == ("".join(f"f{n}.py ''\n" for n in range(4)), "")


@pytest.mark.skipif(sys.platform == "win32", reason="no process groups here")
@pytest.mark.parametrize("how", ["interrupted", "killed"])
def test_a_review_that_is_ended_leaves_no_process(how: str, tmp_path: Path) -> None:
    for n in range(300):
        (tmp_path / f"f{n}.py").write_text(HOLE * 40)
    run = [sys.executable, "-m", "suture", "review", str(tmp_path), "--jobs", "2", "--no-cache", "--no-engines"]
    process = subprocess.Popen(run, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    deadline = time.monotonic() + 60
    if sys.platform == "linux":
        while len(children.read_text().split()) < 2 and time.monotonic() < deadline:
            time.sleep(0.01)
    else:
        time.sleep(3)
    if how == "killed":
        process.kill()  # the parent alone
    else:
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does
    said, told = process.communicate(timeout=60)  # to the end of what the last of them holds open
    if how == "interrupted":
        assert (said, process.returncode) == ("", 130)
        assert [line for line in told.splitlines() if "reviewed" not in line] == [
            "suture: stopped; nothing was changed"
        ]
    while time.monotonic() < deadline:
        try:
            os.killpg(process.pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.02)
    pytest.fail("a process is left")


def test_what_an_engine_told_of_files_is_not_asked_again_while_they_are_what_they_were(tmp_path: Path) -> None:
    told, asked = tmp_path / "told.py", tmp_path / "asked.py"
    for path in (told, asked):
        path.write_text(HOLE)
    finding = ruff_engine.run(str(told), HOLE)[0]
    questions: list[str] = []

    def ask(path: str, text: str) -> list[Finding]:
        questions.append(path)
        return []

    engine = Engine("told", ask, lambda files: {path: ask(path, text) for path, text in files})
    noted = {"told": {told.as_posix(): [finding]}}
    marks = review_worker.asked_ahead([], [told, asked]).marks
    texts = {told: HOLE, asked: HOLE}
    later, before = told.stat().st_ctime + 1, told.stat().st_ctime - 1

    def check(began: float, answers: list[Finding], who: list[Path]) -> None:
        questions.clear()
        run, from_disk = review_worker._started([engine], texts, review_worker.Ahead(began, noted, marks))  # pyright: ignore[reportPrivateUsage]
        assert run[0].run(told.as_posix(), HOLE) == answers
        assert run[0].run(asked.as_posix(), HOLE) == []
        assert (questions, from_disk) == ([each.as_posix() for each in who], True)

    check(later, [finding], [asked])
    check(before, [], [told, asked])
    # Also where the clock of the files' disk is behind ours.
    other = tmp_path / "other.py"
    other.write_text(HOLE)
    os.replace(other, told)
    check(later + 3600, [], [told, asked])
    told.unlink()
    check(later + 3600, [], [told, asked])


def test_an_engine_is_asked_of_as_many_files_as_a_command_line_takes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = [tmp_path / f"{'n' * 80}{n:03}.py" for n in range(40)]
    for path in paths:
        path.write_text("")
    asked: list[list[str]] = []

    def ask(files: Sequence[tuple[str, str]]) -> dict[str, list[Finding]]:
        asked.append([path for path, _ in files])
        if len(asked) == 3:
            raise Unavailable("it hangs")
        return {path: [] for path, _ in files}

    monkeypatch.setattr(review_worker, "ASKED_AT_ONCE", 1500)
    told = review_worker.asked_ahead([Engine("told", lambda path, text: [], ask)], paths)
    assert all(len(" ".join(each)) <= 1500 for each in asked)
    assert len(asked) == 3  # nobody waits for it again
    assert (
        [*told.said["told"]] == [*asked[0], *asked[1]] == [each.as_posix() for each in paths[: len(told.said["told"])]]
    )


@pytest.mark.parametrize("fate", ["missing", "crashes", "says nonsense", "hangs", "says no name"])
def test_what_ails_an_engine_that_is_asked_once_for_all_files_is_told_of_each(
    fate: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tool = tmp_path / "ruff"
    knows = f"if '--all' in args or args[-1] == '-':\n    os.execv({ruff_engine.binary()!r}, ['ruff', *args])\n"
    acts = {
        "crashes": "os.kill(os.getpid(), 11)",
        "says nonsense": "print('[{')",
        "hangs": "import time; time.sleep(60)",
        "says no name": 'print(\'[{"code": "S605", "filename": "elsewhere.py"}]\')',
    }
    folder = tmp_path / "project"
    folder.mkdir()
    for n in range(5):
        (folder / f"f{n}.py").write_text(HOLE)
    program = tmp_path / "program.py"
    program.write_text(f"import os, sys\nargs = sys.argv[1:]\n{knows}{acts.get(fate, '')}\n")
    tool.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} {shlex.quote(str(program))} "$@"\n')
    tool.chmod(0o700 if fate != "missing" else 0o600)
    monkeypatch.setattr(ruff_engine, "binary", lambda: str(tool))
    monkeypatch.setattr(ruff_engine, "TIMEOUT_S", 1.5)
    monkeypatch.setattr(review_tree, "CHUNK", 2)
    ruff_engine._known.cache_clear()  # pyright: ignore[reportPrivateUsage]
    try:
        with review_pool.Pool(0) as pool:
            done = [*review_tree.review_many(sorted(folder.iterdir()), ("security",), pool, engines=True)]
    finally:
        ruff_engine._known.cache_clear()  # pyright: ignore[reportPrivateUsage]
    assert [[each.rule for each in one.findings] for one in done] == [["shell-injection"]] * 5
    if fate == "missing":
        assert all(len(one.notes) == 1 and "ruff did not run" in one.notes[0] for one in done)
    else:  # a file by itself it can look at
        assert [one.notes for one in done] == [()] * 5
        assert all("ruff:S605" in one.findings[0].also for one in done)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere names are Unicode")
def test_names_that_ruff_cannot_say_or_says_otherwise_are_asked_for_by_their_text(tmp_path: Path) -> None:
    odd = (b"new\nline", b"-dash", b"@at", b"lat\xfcin", b"quo\"te'", b"back\\slash", b"star*", b"[br]", b"e\xcc\x88")
    for name in odd:
        (tmp_path / os.fsdecode(name + b".py")).write_text(HOLE)
    (tmp_path / "ruff.toml").write_text("exclude = ['*']\nlint.ignore = ['S605']\n")
    paths = sorted(tmp_path.glob("*.py"))
    assert len(paths) == len(odd)
    for review in review_paths([tmp_path], jobs=1):
        assert ["ruff:S605" in each.also for each in review.findings] == [True], review.path
    around = f"{tmp_path.as_posix()}/none/../-dash.py"
    assert ruff_engine.run_many([(around, "")]) == {}


def test_engines_that_are_asked_once_for_all_files_say_what_they_say_of_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(6):
        (tmp_path / f"f{n}.py").write_text(HOLE if n % 2 else "def f():\n    return missing\n")
    one_by_one = [each.findings for each in review_paths([tmp_path], jobs=1)]
    asked: list[int] = []
    ahead = review_tree.asked_ahead

    def noted(run: Sequence[Engine], paths: Sequence[Path]) -> review_worker.Ahead:
        asked.append(len(paths))
        return ahead(run, paths)

    monkeypatch.setattr(review_tree, "CHUNK", 2)
    monkeypatch.setattr(review_tree, "asked_ahead", noted)
    assert [each.findings for each in review_paths([tmp_path], jobs=1)] == one_by_one
    assert asked == [6]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no forks here")
def test_a_fork_ends_with_its_own_input_whatever_its_siblings_hold() -> None:
    code = """if True:
        from suture.analyzers.pipes import fork, receive, send

        def serve(tasks, answers):
            while True:
                try:
                    send(answers, receive(tasks))
                except EOFError:
                    return

        one = fork(serve)
        other = fork(serve, [one])
        send(one.stdin, 1)
        assert receive(one.stdout) == 1
        one.stdin.close()
        assert one.wait() == 0 and one.poll() == 0
        send(other.stdin, 2)
        assert receive(other.stdout) == 2 and other.poll() is None
        other.kill()
        print(other.wait())
    """
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert (done.stdout.strip(), done.stderr) == ("-9", "")


def test_progress_counts_every_file(tmp_path: Path) -> None:
    for n in range(3):
        (tmp_path / f"f{n}.py").write_text("")
    seen: list[tuple[int, int, str]] = []
    list(review_paths([tmp_path], on_progress=lambda done, total, path: seen.append((done, total, path.name))))
    assert seen == [(1, 3, "f0.py"), (2, 3, "f1.py"), (3, 3, "f2.py")]


def test_folders_of_other_people_and_ignored_files_are_left_out(tmp_path: Path) -> None:
    for name in (
        "a.py",
        "pkg/b.py",
        ".venv/lib/c.py",
        "node_modules/d.py",
        "pkg/__pycache__/e.py",
        "env/pyvenv.cfg",
        "env/f.py",
        "built/g.py",
        "pkg/generated_h.py",
        "pkg/generated_keep.py",
        "deep/er/i.py",
        "notes.txt",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    (tmp_path / ".gitignore").write_text("# made\n/built/\ngenerated_*.py\n!generated_keep.py\ndeep/**/i.py\n")
    found = [each.path.relative_to(tmp_path).as_posix() for each in python_files([tmp_path])]
    assert found == ["a.py", "pkg/b.py", "pkg/generated_keep.py"]
    named = [tmp_path / "built" / "g.py", tmp_path / "notes.txt"]
    assert [each.path for each in python_files(named)] == named


def test_a_file_that_is_named_twice_is_reviewed_once(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("")
    assert len(list(python_files([tmp_path, tmp_path / "a.py"]))) == 1


def test_a_cycle_over_files_is_reported_once_with_its_chain(tmp_path: Path) -> None:
    package = tmp_path / "pkg"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "one.py").write_text("from .two import b\n\na = b\n")
    (package / "two.py").write_text("from .one import a\n\nb = a\n")
    found = [each for review in review_paths([tmp_path], engines=False) for each in review.findings]
    assert [each.rule for each in found] == ["import-cycle"]
    assert "pkg.one → pkg.two → pkg.one" in found[0].message
