"""The kept answer of a whole tree is that of a fresh review, whatever was edited, killed or written meanwhile."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from suture.analyzers import kept, review_tree
from suture.analyzers.cache import ReviewCache
from suture.analyzers.findings import Range
from suture.analyzers.kept import Keeper, state_of
from suture.analyzers.plain import from_plain, to_plain
from suture.analyzers.review import FileReview
from suture.analyzers.review_tree import review_paths
from suture.analyzers.review_worker import groups_of

SECRET = "k9!vT2#qLm8Rw"

#: What a module may hold. Values flow from one to the other, they import each other, some are copies.
MODULES = (
    "",
    "from flask import Flask, request\nfrom {other} import run\napp = Flask(__name__)\n\n\n"
    "@app.route('/')\ndef index():\n    return run(request.args['q'])\n",
    "import os\n\n\ndef run(command):\n    os.system('ls ' + command)\n",
    "import os, shlex\n\n\ndef run(command):\n    os.system('ls ' + shlex.quote(command))\n",
    "from {other} import run as inner\n\n\ndef run(value):\n    return inner(value)\n",
    "import {other}\n\n_state = {{}}\n\n\ndef run(x):\n    _state[x] = {other}\n    return _state\n",
    "def run(a, b, c, d, e, f, g, h, i, j):\n    return [x for x in range(a) if x in list(b)]  # noqa: S101\n",
    "from .{other} import run\n\n\ndef same(first, second):\n    total = 0\n    for each in first:\n"
    "        total += each * 2\n        if each in second and total > 100:\n            total -= second[each] + 7\n"
    "    print(total, first, second)\n    return {{'total': total, 'first': first, 'second': sorted(second)}}\n",
    "def broken(:\n",
    "# suture: ignore-file[shell-injection]\nimport os\n\n\ndef run(command):\n    os.system(command)\n",
)
NAMES = ("a", "b", "c", "pkg/__init__", "pkg/d")

Edit = tuple[str, int, str]  # a name, which of the modules (-1: the file is removed), the name that it refers to
EDITS = st.tuples(
    st.sampled_from(NAMES), st.integers(-1, len(MODULES) - 1), st.sampled_from(["a", "b", "c", "pkg", "pkg.d"])
)


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[ReviewCache]:
    folder = tmp_path / "kept"
    folder.mkdir(mode=0o700)
    made = ReviewCache(folder, "mark")
    yield made
    made.close()


def write(root: Path, edit: Edit) -> None:
    name, number, other = edit
    path = root / f"{name}.py"
    if number < 0:
        path.unlink(missing_ok=True)
    else:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(MODULES[number].format(other=other))


def reviews(root: Path, cache: ReviewCache | None = None) -> list[FileReview]:
    return list(review_paths([root], jobs=0, engines=False, cache=cache))


def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    def alone(_jobs: int) -> review_tree.Pool:
        return _POOL(0)

    monkeypatch.setattr(review_tree, "Pool", alone)


_POOL = review_tree.Pool


def noted_tasks(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, list[str]]]:
    """What workers will be asked, and of which files, in this process."""
    asked: list[tuple[str, list[str]]] = []
    run = _POOL.run

    def noted(pool: object, tasks: list[object]) -> object:
        asked.extend((task.what, sorted(each.name for each in task.paths)) for task in tasks)  # type: ignore[attr-defined]
        return run(pool, tasks)  # type: ignore[arg-type]

    in_this_process(monkeypatch)
    monkeypatch.setattr(_POOL, "run", noted)
    return asked


@settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example([("a", 1, "b"), ("b", 2, "a")], [("b", 3, "a"), ("b", 2, "a")])
@example([("a", 1, "b"), ("b", 4, "c"), ("c", 2, "a")], [("c", 3, "a"), ("c", -1, "a")])
@example([("pkg/d", 7, "d"), ("a", 5, "b"), ("b", 5, "a")], [("pkg/__init__", 0, "a"), ("b", 0, "a")])
@given(st.lists(EDITS, min_size=1, max_size=5), st.lists(EDITS, min_size=1, max_size=4))
def test_after_any_edits_the_answer_is_that_of_a_review_from_scratch(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch, start: list[Edit], edits: list[Edit]
) -> None:
    in_this_process(monkeypatch)
    root = tmp_path_factory.mktemp("tree")
    folder = tmp_path_factory.mktemp("kept")
    kept_answers = ReviewCache(folder, "mark")
    try:
        for edit in start:
            write(root, edit)
        for edit in [*edits, None]:
            assert reviews(root, kept_answers) == reviews(root)
            assert reviews(root, kept_answers) == reviews(root)
            if edit is not None:
                write(root, edit)
    finally:
        kept_answers.close()


def tree(root: Path) -> None:
    root.mkdir()
    for name, number in (("a", 1), ("b", 2), ("c", 6), ("pkg/__init__", 0), ("pkg/d", 7)):
        write(root, (name, number, {"a": "b"}.get(name, "d")))


def test_an_unchanged_tree_is_answered_without_a_worker(
    tmp_path: Path, cache: ReviewCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "tree"
    tree(root)
    first = list(review_paths([root], jobs=1, cache=cache))
    assert any(each.findings for each in first)

    def refuse(*_: object) -> None:
        raise AssertionError("a process was asked for")

    monkeypatch.setattr(review_tree.Pool, "_start", refuse)
    assert list(review_paths([root], jobs=1, cache=cache)) == first


def test_the_bytes_of_a_file_decide_and_not_its_times_or_size(tmp_path: Path, cache: ReviewCache) -> None:
    root = tmp_path / "tree"
    tree(root)
    path = root / "b.py"
    before = path.stat()
    first = reviews(root, cache)
    path.write_text(path.read_text().replace("os.system", "os.sys_em"))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert path.stat().st_size == before.st_size
    again = reviews(root, cache)
    assert again == reviews(root)
    assert again != first
    os.utime(path)
    assert reviews(root, cache) == again


@pytest.mark.parametrize("name", ["pyproject.toml", "pkg/__init__.py"])
def test_what_lies_around_the_files_counts(tmp_path: Path, name: str) -> None:
    (tmp_path / "pkg").mkdir()
    (tmp_path / "pkg" / "a.py").write_text("")
    before = state_of([tmp_path / "pkg" / "a.py"])
    (tmp_path / name).write_text("[tool.suture.layers]\n" if name.endswith("toml") else "")
    after = state_of([tmp_path / "pkg" / "a.py"])
    assert before.files == after.files
    assert before.around != after.around


def test_only_the_file_that_changed_is_looked_at_and_values_are_followed_only_if_they_pass_it(
    tmp_path: Path, cache: ReviewCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "tree"
    tree(root)
    asked = noted_tasks(monkeypatch)
    reviews(root, cache)
    assert ("check", ["taint"]) in asked
    asked.clear()
    (root / "c.py").write_text("x = 1\n")
    reviews(root, cache)
    assert sorted(asked) == [("extract", ["c.py"]), ("review", ["c.py"])]
    asked.clear()
    (root / "b.py").write_text("def run(command):\n    return 1\n")
    reviews(root, cache)
    assert ("check", ["taint"]) in asked
    assert {name for what, names in asked if what == "review" for name in names} <= {"a.py", "b.py"}


def test_no_secret_is_kept(tmp_path: Path, cache: ReviewCache) -> None:
    root = tmp_path / "tree"
    tree(root)
    (root / "secret.py").write_text(
        f'import os\nPASSWORD = "{SECRET}"\n_state = {{}}\n\n\ndef login(x):\n'
        f'    _state["p"] = connect(password="{SECRET}", api_key="{SECRET}")\n    os.system("mysql -p{SECRET} " + x)\n'
    )
    assert reviews(root, cache) == reviews(root)
    files = [each for each in (cache.folder / "trees").iterdir()]
    assert len(files) == 2
    for path in files:
        assert path.stat().st_mode & 0o077 == 0
        assert SECRET not in zlib.decompress(path.read_bytes()).decode()
    assert reviews(root, cache) == reviews(root)


def test_a_secret_in_a_file_does_not_have_values_followed_each_time(
    tmp_path: Path, cache: ReviewCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "tree"
    tree(root)
    flow = "from flask import request\nimport os\n\n\ndef show():\n    os.system('ls ' + request.args['q'])\n"
    (root / "secret.py").write_text(f'PASSWORD = "{SECRET}"\n{flow}')
    asked = noted_tasks(monkeypatch)
    for name, text, anew in (("c", "x = 1\n", True), ("c", "x = 2\n", False), ("b", flow, True), ("c", "", False)):
        (root / f"{name}.py").write_text(text)
        asked.clear()
        assert next(each for each in reviews(root, cache) if each.path.name == "secret.py").findings
        assert (("check", ["taint"]) in asked) is anew
        assert reviews(root, cache) == reviews(root)
        for path in (cache.folder / "trees").iterdir():
            assert SECRET not in zlib.decompress(path.read_bytes()).decode()


@pytest.mark.parametrize("what", ["answers", "parts"])
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no zlib",
        zlib.compress(b"{"),
        zlib.compress(b"[]"),
        zlib.compress(b'{"files": 1, "around": "", "answers": [], "more": {}, "extracts": 3, "checks": 1}'),
    ],
)
def test_a_damaged_answer_is_made_anew(tmp_path: Path, cache: ReviewCache, what: str, content: bytes) -> None:
    root = tmp_path / "tree"
    tree(root)
    fresh = reviews(root, cache)
    [path] = (cache.folder / "trees").glob(f"*.{what}")
    path.write_bytes(content)
    assert reviews(root, cache) == fresh
    (root / "c.py").write_text("x = 1\n")
    path.write_bytes(content)
    assert reviews(root, cache) == reviews(root)


def test_a_kept_value_of_a_class_that_is_not_ours_is_not_made(tmp_path: Path, cache: ReviewCache) -> None:
    root = tmp_path / "tree"
    tree(root)
    fresh = reviews(root, cache)
    [path] = (cache.folder / "trees").glob("*.answers")
    value = json.loads(zlib.decompress(path.read_bytes()))
    for name in value["answers"]:
        value["answers"][name] = {"findings": ["t", ["c", "pipes:start", "os"]]}
    path.write_bytes(zlib.compress(json.dumps(value).encode()))
    assert reviews(root, cache) == fresh
    pretended: tuple[object, ...] = (["c", "os:system", "true"], ["c", "pipes:subprocess.Popen"], ["x"], [], {}, ["c"])
    for wrong in pretended:
        with pytest.raises((TypeError, ValueError, LookupError, AttributeError)):
            from_plain(wrong)


def test_extracts_and_reviews_survive_being_written_and_read(tmp_path: Path) -> None:
    root = tmp_path / "tree"
    tree(root)
    for path in root.rglob("*.py"):
        for rules in groups_of(("security", "performance", "architecture")).values():
            made = rules[0].extract(path.as_posix(), path.read_text())
            again = from_plain(json.loads(json.dumps(to_plain(made))))
            assert again == made
            assert repr(again) == repr(made)
    for review in reviews(root):
        plain = json.loads(json.dumps(review_tree.review_to_plain(review)))
        assert review_tree.review_from_plain(review.path, plain, ("security", "performance", "architecture")) == review


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.binary() | st.builds(Range, *[st.integers()] * 4),
    lambda inner: st.lists(inner) | st.lists(inner).map(tuple) | st.dictionaries(st.text() | st.integers(), inner),
    max_leaves=20,
)


@given(VALUES)
def test_plain_values_come_back_as_they_were(value: object) -> None:
    again = from_plain(json.loads(json.dumps(to_plain(value))))
    assert again == value
    assert repr(again) == repr(value)


def test_the_number_of_kept_trees_is_bounded_and_what_was_left_half_written_goes(
    tmp_path: Path, cache: ReviewCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "MOST_TREES", 3)
    left = cache.folder / "trees" / "x.answers.1-aa.part"
    left.parent.mkdir()
    left.write_bytes(b"half")
    os.utime(left, (1, 1))
    roots = [tmp_path / f"tree{number}" for number in range(5)]
    for number, root in enumerate(roots):
        root.mkdir()
        (root / "a.py").write_text("x = 1\n")
        reviews(root, cache)
        for path in (cache.folder / "trees").iterdir():
            if path.stat().st_mtime > time.time() - 1000:
                os.utime(path, (path.stat().st_atime, path.stat().st_mtime - 10))
        assert not left.exists()
        assert len({each.stem for each in (cache.folder / "trees").iterdir()}) == min(number + 1, 3)
    assert Keeper(cache, [roots[-1]], ("security", "performance", "architecture"), []).tree() is not None


def start(root: Path, folder: Path) -> subprocess.Popen[str]:
    environment = {**os.environ, "SUTURE_CACHE_DIR": str(folder)}
    code = "import sys; from suture.server.cli import main; sys.exit(main())"
    return subprocess.Popen(
        [sys.executable, "-P", "-c", code, "review", str(root), "--jobs", "2", "--output-format", "json-lines"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="it kills a process group")
def test_a_review_that_is_killed_at_any_instant_leaves_a_cache_that_answers_rightly(tmp_path: Path) -> None:
    root = tmp_path / "tree"
    root.mkdir()
    for number in range(60):
        (root / f"m{number}.py").write_text(MODULES[number % len(MODULES)].format(other=f"m{(number * 7) % 60}"))
    expected, _ = start(root, tmp_path / "other").communicate(timeout=120)
    assert expected.count("\n") > 20
    for delay in (0.3, 0.8, 1.2, 1.6, 2.0, 2.4, 3.0):
        running = start(root, tmp_path / "cache")
        time.sleep(delay)
        os.killpg(running.pid, signal.SIGKILL)
        running.communicate()
    assert start(root, tmp_path / "cache").communicate(timeout=120)[0] == expected
    assert start(root, tmp_path / "cache").communicate(timeout=120)[0] == expected


@pytest.mark.slow
def test_two_reviews_at_once_on_one_cache_both_answer_rightly(tmp_path: Path) -> None:
    root = tmp_path / "tree"
    root.mkdir()
    for number in range(40):
        (root / f"m{number}.py").write_text(MODULES[number % len(MODULES)].format(other=f"m{(number * 7) % 40}"))
    expected, _ = start(root, tmp_path / "other").communicate(timeout=120)
    for _ in range(2):
        both = [start(root, tmp_path / "cache") for _ in range(2)]
        assert [each.communicate(timeout=120)[0] for each in both] == [expected, expected]


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="a child hears of its parent's death on Linux only")
@pytest.mark.parametrize("how", ["interrupt of all", "end of the parent", "kill of the parent"])
def test_an_interrupted_review_leaves_no_process(tmp_path: Path, how: str) -> None:
    root = tmp_path / "tree"
    root.mkdir()
    for number in range(200):
        (root / f"m{number}.py").write_text(MODULES[6].format() * 40)
    running = start(root, tmp_path / "cache")
    time.sleep(2.5)
    if how == "interrupt of all":
        os.killpg(running.pid, signal.SIGINT)
    else:
        os.kill(running.pid, signal.SIGTERM if how == "end of the parent" else signal.SIGKILL)
    running.communicate(timeout=30)
    for _ in range(100):
        try:
            os.killpg(running.pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.1)
    raise AssertionError("a process of the group is still there")
