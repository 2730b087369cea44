"""The cache of reviews answers as a fresh look would, or not at all."""

from __future__ import annotations

import json
import logging
import os
import pickle
import shutil
import sqlite3
import stat
import subprocess
import sys
import zlib
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from suture.analyzers import cache as module
from suture.analyzers import review, review_worker
from suture.analyzers.cache import (
    Looked,
    ReviewCache,
    open_cache,
    program_mark,
    secrets_of,
    shows,
    sources_mark,
    youngest,
)
from suture.analyzers.engines import Engine, Unreadable
from suture.analyzers.errors import Unavailable
from suture.analyzers.findings import REVIEWERS, Finding, Range, Reviewer
from suture.analyzers.review import FileReview, review_file, review_text
from suture.analyzers.review_tree import review_paths
from suture.analyzers.review_worker import Task
from suture.server.cli.main import main

HOLE = "import os\n\n\ndef run(x):\n    os.system('ls ' + x)\n"
SECRET = "k9!vT2#qLm8Rw"

#: Texts that are put together at random: findings of every reviewer, traces, silence, faults, odd characters.
PARTS = (
    HOLE,
    "def slow(xs, ys):\n    out = []\n    for x in xs:\n        if x in list(ys):\n            out.insert(0, x)\n",
    "def wide(a, b, c, d, e, f, g, h, i, j):\n    return a\n",
    "import hashlib\n\n\ndef f(password):\n    return hashlib.md5(password)  # noqa: S324\n",
    "ä = 'é\\ud800'  # suture: ignore\nprint(undefined_thing)\r\n",
    "def broken(:\n",
    "_state = {}\n\n\ndef keep(x):\n    _state[x] = 1\n",
    f'password = "{SECRET}"\n',
    "async def wait():\n    import time\n\n    time.sleep(1)\n",
)


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[ReviewCache]:
    folder = tmp_path / "kept"
    folder.mkdir(mode=0o700)
    made = ReviewCache(folder, "mark")
    yield made
    made.close()


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that were really looked at."""
    names: list[str] = []
    look = review.look_at

    def counted(name: str, *rest: object) -> Looked:
        names.append(Path(name).name)
        return look(name, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(review, "look_at", counted)
    return names


def rows(folder: Path) -> list[tuple[bytes, int, int, bytes | None, str | None]]:
    connection = sqlite3.connect(folder / "cache.db")
    try:
        return connection.execute("SELECT key, raw, mode, value, filename FROM Cache").fetchall()
    finally:
        connection.close()


def plain(folder: Path) -> str:
    """Everything that is kept, in the clear."""
    values = [value if name is None else (folder / name).read_bytes() for *_, value, name in rows(folder)]
    return "\n".join(zlib.decompress(value or b"").decode() for value in values)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(PARTS), max_size=4).map("\n".join), st.sets(st.sampled_from(REVIEWERS), min_size=1))
def test_a_hit_is_the_review_that_a_fresh_look_gives(kept: ReviewCache, text: str, asked: set[str]) -> None:
    path = kept.folder.parent / "a.py"
    reviewers: tuple[Reviewer, ...] = tuple(each for each in REVIEWERS if each in asked)
    fresh = review_file(path, text=text, reviewers=reviewers)
    first = review_file(path, text=text, reviewers=reviewers, cache=kept)
    again = review_file(path, text=text, reviewers=reviewers, cache=kept)
    assert first == fresh
    assert again == fresh


def test_the_second_time_nothing_is_looked_at(tmp_path: Path, kept: ReviewCache, looks: list[str]) -> None:
    for _ in range(3):
        done = review_file(tmp_path / "a.py", text=HOLE, cache=kept)
        assert [each.rule for each in done.findings] == ["shell-injection"]
    assert looks == ["a.py"]


def test_whatever_the_answer_depends_on_makes_another_entry(
    tmp_path: Path, kept: ReviewCache, looks: list[str]
) -> None:
    path = tmp_path / "a.py"
    review_file(path, text=HOLE, cache=kept)
    review_file(path, text=HOLE + "\n", cache=kept)
    review_file(tmp_path / "b.py", text=HOLE, cache=kept)
    review_file(path, text=HOLE, reviewers=("security",), cache=kept)
    review_file(path, text=HOLE, engines=False, cache=kept)
    other = ReviewCache(kept.folder, "another mark")
    review_file(path, text=HOLE, cache=other)
    other.close()
    assert len(looks) == 6


def test_findings_of_whole_programs_are_not_kept(tmp_path: Path, kept: ReviewCache) -> None:
    extra = Finding(
        str(tmp_path / "a.py"), Range(0, 0, 0, 6), "import-cycle", "import_cycle", "m", "low", 0.9, "architecture"
    )
    with_it = review_text(tmp_path / "a.py", HOLE, reviewers=REVIEWERS, run=(), more=[extra], cache=kept)
    without = review_text(tmp_path / "a.py", HOLE, reviewers=REVIEWERS, run=(), cache=kept)
    assert {each.rule for each in with_it.findings} - {each.rule for each in without.findings} == {"import-cycle"}


@pytest.mark.parametrize(("error", "kept_rows"), [(Unreadable("cannot read it"), 1), (Unavailable("timed out"), 0)])
def test_an_engine_that_may_answer_next_time_is_asked_next_time(
    tmp_path: Path, kept: ReviewCache, error: Unavailable, kept_rows: int
) -> None:
    def run(path: str, text: str) -> list[Finding]:
        raise error

    done = [
        review_text(tmp_path / "a.py", HOLE, reviewers=REVIEWERS, run=[Engine("lint", run)], cache=kept)
        for _ in range(2)
    ]
    assert done[0] == done[1]
    assert done[0].notes == (f"{error}; the other checks ran",)
    assert len(rows(kept.folder)) == kept_rows


# --- the program's mark ----------------------------------------------------------------------------------------------


def test_the_mark_follows_names_and_contents_and_not_times(tmp_path: Path) -> None:
    rule = tmp_path / "rules" / "one.py"
    rule.parent.mkdir()
    rule.write_text("LIMIT = 1\n")
    before, times = sources_mark([rule.parent]), rule.stat()
    rule.touch()
    (rule.parent / "__pycache__").mkdir()
    (rule.parent / "__pycache__" / "one.pyc").write_bytes(b"x")
    assert sources_mark([rule.parent]) == before
    rule.write_text("LIMIT = 2\n")
    os.utime(rule, ns=(times.st_atime_ns, times.st_mtime_ns))
    edited = sources_mark([rule.parent])
    rule.rename(rule.with_name("two.py"))
    assert len({before, edited, sources_mark([rule.parent])}) == 3
    assert youngest([tmp_path]) > times.st_mtime


def test_sources_that_changed_while_we_run_are_not_cached_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(module, "_STARTED", 0.0)
    program_mark.cache_clear()
    try:
        assert program_mark() is None
        assert open_cache(tmp_path / "cache") is None
    finally:
        program_mark.cache_clear()


REVIEW = """
import sys
from pathlib import Path
from suture.analyzers import cache, review
assert str(cache.__file__).startswith(sys.argv[1]), cache.__file__
look, looked = review.look_at, []
review.look_at = lambda *rest: looked.append(1) or look(*rest)
text = "import os\\ndef run(x):\\n    os.system('ls ' + x)\\n"
done = review.review_file(Path("a.py"), text=text, cache=cache.open_cache())
print(len(looked), done.findings[0].message)
"""


def test_an_edited_rule_is_not_answered_for_by_its_former_self(tmp_path: Path) -> None:
    copied = tmp_path / "suture" / "analyzers"
    shutil.copytree(Path(module.__file__).parent, copied, ignore=shutil.ignore_patterns("__pycache__"))

    def run() -> str:
        done = subprocess.run(
            [sys.executable, "-c", REVIEW, str(tmp_path)],
            env={**os.environ, "PYTHONPATH": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"},
            cwd=tmp_path,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    first, second = run(), run()
    assert first.startswith("1 ")
    assert second == "0" + first[1:]
    rule = copied / "security" / "shell_injection.py"
    source = rule.read_text("utf-8")
    rule.write_text(source.replace("a shell runs", "a SHELL runs"), "utf-8")
    third = run()
    assert third == first.replace("a shell runs", "a SHELL runs") != first


# --- what is on the disk ---------------------------------------------------------------------------------------------


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX")
def test_the_folder_is_closed_to_others(own_cache: Path, tmp_path: Path) -> None:
    folder = own_cache / "review"
    folder.mkdir(mode=0o755)
    folder.chmod(0o755)
    made = open_cache()
    assert made is not None
    review_file(tmp_path / "a.py", text=HOLE, cache=made)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "cache.db").stat().st_mode) == 0o600
    assert made.folder == folder


def test_no_pickle_is_on_the_disk(tmp_path: Path, kept: ReviewCache) -> None:
    for number, part in enumerate(PARTS):
        review_file(tmp_path / f"{number}.py", text=part, engines=False, cache=kept)
    kept.put("/large.py", "", (), (), Looked((), (os.urandom(50_000).hex(),)))
    found = rows(kept.folder)
    assert any(name for *_, name in found), "no value was large enough for a file of its own"
    for key, raw, mode, value, name in found:
        assert (raw, mode) in {(1, 1), (1, 2)}
        json.loads(zlib.decompress(key))
        json.loads(zlib.decompress(value or (kept.folder / str(name)).read_bytes()))


class _Trap:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Callable[[str], None], tuple[str]]:
        return os.mkdir, (str(self.path),)


def test_a_pickle_that_somebody_put_there_is_not_opened(tmp_path: Path, kept: ReviewCache) -> None:
    fresh = review_file(tmp_path / "a.py", text=HOLE, cache=kept)
    kept.close()
    connection = sqlite3.connect(kept.folder / "cache.db")
    with connection:
        connection.execute("UPDATE Cache SET mode = 4, value = ?", [pickle.dumps(_Trap(tmp_path / "sprung"))])
    connection.close()
    assert review_file(tmp_path / "a.py", text=HOLE, cache=kept) == fresh
    assert not (tmp_path / "sprung").exists()
    assert [mode for _, _, mode, _, _ in rows(kept.folder)] == [1], "the entry was not written anew"


def test_no_secret_is_on_the_disk(tmp_path: Path, own_cache: Path) -> None:
    (tmp_path / "a.py").write_text(
        f'import os\n\nPASSWORD = "{SECRET}"\n_state = {{}}\n\n\ndef login(x):\n'
        f'    _state["p"] = connect(password="{SECRET}", api_key="{SECRET}")\n    os.system("mysql -p{SECRET} " + x)\n'
    )
    (tmp_path / "b.py").write_text(HOLE)
    assert main(["review", str(tmp_path), "--jobs", "2"]) == 1
    for path in own_cache.rglob("*"):
        assert not path.is_file() or SECRET.encode() not in path.read_bytes()
    assert SECRET not in plain(own_cache / "review")
    assert "S605" in plain(own_cache / "review")


def test_an_answer_that_would_show_a_secret_is_not_kept(kept: ReviewCache) -> None:
    text = f'key = "{SECRET}"\ntoken = """{SECRET}\nmore of the key\n"""\n'
    leak = Finding("/a.py", Range(0, 0, 0, 5), "r", "secrets", f"found {SECRET}", "high", 0.9, "security")
    kept.put("/a.py", text, (), (), Looked((leak,)))
    assert kept.get("/a.py", text, (), ()) is None
    several = Finding("/a.py", Range(1, 0, 3, 3), "r", "secrets", "found", "high", 0.9, "security")
    assert secrets_of([several], text) == {SECRET, "more of the key"}
    assert shows({"a": [{"b": "has more of the key in it"}]}, secrets_of([several], text))
    kept.put("/a.py", text, (), (), Looked((several,)))
    assert kept.get("/a.py", text, (), ()) == Looked((several,))


def test_an_answer_that_is_no_json_does_not_take_the_others_along(kept: ReviewCache) -> None:
    good, odd = Looked((), ("said",)), Looked((), (cast(str, b"not text".hex),))
    kept.put_all([("a.py", "1", good), ("b.py", "2", odd), ("c.py", "3", good)], REVIEWERS, ())
    assert [kept.get(name, text, REVIEWERS, ()) for name, text in (("a.py", "1"), ("b.py", "2"), ("c.py", "3"))] == [
        good,
        None,
        good,
    ]


def test_what_was_found_is_kept_though_nobody_asks_for_the_rest(
    tmp_path: Path, kept: ReviewCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    def own(_: Path) -> ReviewCache:
        return kept

    monkeypatch.setattr(review_worker, "open_cache", own)
    for name in "abc":
        (tmp_path / f"{name}.py").write_text(HOLE)
    answers = review_worker.work(
        Task("review", tuple(sorted(tmp_path.glob("*.py"))), REVIEWERS, engines=False, cache=kept.folder)
    )
    next(answers)
    cast("Generator[object]", answers).close()
    assert kept.get((tmp_path / "a.py").as_posix(), HOLE, REVIEWERS, ()) is not None
    assert kept.get((tmp_path / "b.py").as_posix(), HOLE, REVIEWERS, ()) is None


def test_the_least_recently_used_go_when_the_limit_is_reached(tmp_path: Path) -> None:
    folder = tmp_path / "small"
    folder.mkdir()
    small = ReviewCache(folder, "mark", size_limit=200_000)
    notes = os.urandom(8_000).hex()
    for number in range(100):
        small.put(f"/{number}.py", "", (), (), Looked((), (notes,)))
        assert small.get("/0.py", "", (), ()) is not None, "what is used all the time went"
    assert small.get("/1.py", "", (), ()) is None
    small.close()
    assert sum(path.stat().st_size for path in folder.rglob("*.*")) < 1_000_000


# --- when there is no cache to be had --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "damage",
    [b"this is no database" * 500, b"SQLite format 3\0" + b"\xff" * 8000, "cut", "tables"],
    ids=["text", "header", "cut", "tables"],
)
def test_a_damaged_cache_is_said_once_and_begun_anew(
    tmp_path: Path, damage: bytes | str, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "kept"
    folder.mkdir()
    before = ReviewCache(folder, "mark")
    texts = [HOLE + "\n" * n for n in range(40)]
    fresh = [review_file(tmp_path / "a.py", text=text, engines=False, cache=before) for text in texts]
    before.close()
    for path in folder.glob("cache.db-*"):
        path.unlink()
    data = folder / "cache.db"
    if damage == "cut":
        os.truncate(data, data.stat().st_size // 2)
    elif damage == "tables":
        content = bytearray(data.read_bytes())
        content[4096:] = os.urandom(len(content) - 4096)
        data.write_bytes(content)
    else:
        assert isinstance(damage, bytes)
        data.write_bytes(damage)
    after = ReviewCache(folder, "mark")
    with caplog.at_level(logging.WARNING):
        assert [review_file(tmp_path / "a.py", text=text, engines=False, cache=after) for text in texts] == fresh
    assert len([each for each in caplog.records if "cache" in each.message]) == 1
    after.close()
    assert list(tmp_path.glob("*damaged*")) == []
    anew = ReviewCache(folder, "mark")
    review_file(tmp_path / "a.py", text=HOLE, cache=anew)
    anew.close()
    assert len(rows(folder)) == 1


def test_an_entry_of_another_form_is_a_miss(tmp_path: Path, kept: ReviewCache) -> None:
    fresh = review_file(tmp_path / "a.py", text=PARTS[2], engines=False, cache=kept)
    for value in (b"not zlib", zlib.compress(b"not json"), zlib.compress(b'{"findings": [{"path": 1}]}')):
        kept.close()
        connection = sqlite3.connect(kept.folder / "cache.db")
        with connection:
            connection.execute("UPDATE Cache SET value = ?", [value])
        connection.close()
        assert review_file(tmp_path / "a.py", text=PARTS[2], engines=False, cache=kept) == fresh
        assert "too-many-parameters" in plain(kept.folder)


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="/proc is a folder that not even root can write to")
def test_a_folder_that_cannot_be_made_is_said_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.py").write_text(HOLE)
    (tmp_path / "b.py").write_text(HOLE)
    monkeypatch.setenv("SUTURE_CACHE_DIR", "/proc/no/cache")
    monkeypatch.chdir(tmp_path)
    command = [sys.executable, "-P", "-m", "suture", "review", ".", "--output-format", "json-lines"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout.count("shell-injection")) == (1, 2)
    assert done.stderr.count("not cached") == 1
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_is_read_only_is_done_without(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder = tmp_path / "cache" / "review"
    folder.mkdir(parents=True, mode=0o700)
    folder.chmod(0o500)
    assert open_cache(folder) is None
    assert open_cache(folder) is None
    assert len([each for each in caplog.records if "not writable" in each.message]) == 1
    late = ReviewCache(folder, "mark")  # it became so after it was looked at
    assert review_file(tmp_path / "a.py", text=HOLE, cache=late).findings
    folder.chmod(0o700)


def test_a_disk_that_refuses_is_done_without(
    tmp_path: Path, kept: ReviewCache, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*_: object) -> None:
        raise sqlite3.OperationalError("attempt to write a readonly database")

    monkeypatch.setattr(module, "open_disk", refuse)
    for _ in range(3):
        assert review_file(tmp_path / "a.py", text=HOLE, cache=kept).findings
    assert [each.message.count("readonly") for each in caplog.records if each.levelno >= logging.WARNING] == [1]


# --- many files, many processes --------------------------------------------------------------------------------------


def reviews(folder: Path, jobs: int = 2, made: ReviewCache | None = None) -> list[FileReview]:
    return list(review_paths([folder], jobs=jobs, cache=made))


def test_workers_share_it_and_nothing_changes(tmp_path: Path, own_cache: Path) -> None:
    for number in range(60):
        (tmp_path / f"f{number:02}.py").write_text(PARTS[number % len(PARTS)], "utf-8", "surrogatepass", "")
    (tmp_path / "one.py").write_text("from two import b\na = b\n")
    (tmp_path / "two.py").write_text("from one import a\nb = a\n")
    fresh = reviews(tmp_path)
    made = open_cache()
    assert reviews(tmp_path, 4, made) == fresh
    count = len(rows(own_cache / "review"))
    assert count == 62
    assert reviews(tmp_path, 4, made) == fresh
    assert len(rows(own_cache / "review")) == count
    (tmp_path / "f00.py").write_text("x = 1\n")
    changed = reviews(tmp_path, 1, made)
    assert changed[0].findings == ()
    assert changed[1:] == fresh[1:]


def test_no_cache_neither_reads_nor_writes(
    tmp_path: Path, own_cache: Path, looks: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.py").write_text(HOLE)
    assert main(["review", str(tmp_path), "--no-cache"]) == 1
    assert list(own_cache.iterdir()) == []


def test_importing_the_reviewers_does_not_import_diskcache() -> None:
    code = "import sys, suture.analyzers.review_worker, suture.server.cli.review; print('diskcache' in sys.modules)"
    done = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
