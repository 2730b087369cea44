"""The corpus: what is kept, in which order, and what survives other processes and ``kill -9``."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from suture.analyzers.fuzzing.corpus import MAX_FOUND, MAX_INPUTS, Corpus, open_corpus
from suture.analyzers.fuzzing.events import Done, FuzzFinding, Input

WRITER = """
import sys
from pathlib import Path
from suture.analyzers.fuzzing.corpus import open_corpus
from suture.analyzers.fuzzing.events import Input
root, cache, who, count = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], int(sys.argv[4])
corpus = open_corpus(root, cache)
for number in range(count):
    corpus.record("mod.py", f"f{number % 4}", [Input(f"({who!r}, {number})")])
    print(number, flush=True)
"""


def finding(args: str) -> FuzzFinding:
    return FuzzFinding("mod.py", "f", "crash", args, "{}", f"f{args}", "ValueError", "", 1, True, "")


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    (tmp_path / "ws").mkdir()
    return open_corpus(tmp_path / "ws", tmp_path / "cache")


def test_counterexamples_come_first_and_the_newest_of_them_before_the_others(corpus: Corpus) -> None:
    corpus.record("mod.py", "f", [Input("(1,)")])
    corpus.record("mod.py", "f", finding("(2,)"))
    corpus.record("mod.py", "f", finding("(3,)"))
    assert [each.args for each in corpus.inputs("mod.py", "f")] == ["(3,)", "(2,)", "(1,)"]
    assert corpus.inputs("mod.py", "g") == ()


def test_an_absolute_path_and_a_relative_one_are_the_same_target(corpus: Corpus) -> None:
    corpus.record(corpus.root / "mod.py", "f", Done("f", 1, 0.1, inputs=(Input("(1,)"),)))
    assert corpus.inputs("mod.py", "f") == (Input("(1,)"),)


def test_what_is_kept_is_bounded_and_not_repeated(corpus: Corpus) -> None:
    for number in range(MAX_FOUND + 5):
        corpus.record("mod.py", "f", finding(f"({number},)"))
        corpus.record("mod.py", "f", finding(f"({number},)"))
    corpus.record("mod.py", "f", [Input(f"({number}, 0)") for number in range(MAX_INPUTS + 9)])
    corpus.record("mod.py", "f", [Input("('" + "a" * 10_000 + "',)")])
    assert len(corpus.inputs("mod.py", "f")) == MAX_FOUND + MAX_INPUTS
    assert corpus.inputs("mod.py", "f")[0].args == f"({MAX_FOUND + 4},)"


def test_what_is_expected_is_remembered_per_target(corpus: Corpus) -> None:
    corpus.expect("mod.py", "f", "crash:ValueError:1")
    corpus.expect("mod.py", "f", "crash:KeyError:2")
    assert corpus.expected("mod.py", "f") == {"crash:ValueError:1", "crash:KeyError:2"}
    assert corpus.expected("mod.py", "g") == frozenset()


def test_it_is_there_after_it_was_closed_and_other_users_cannot_read_it(tmp_path: Path, corpus: Corpus) -> None:
    corpus.record("mod.py", "f", finding("(2,)"))
    corpus.close()
    again = open_corpus(tmp_path / "ws", tmp_path / "cache")
    assert again.inputs("mod.py", "f") == (Input("(2,)"),)
    assert all(not each.stat().st_mode & 0o077 for each in (again.folder, again.folder / "cache.db"))


def test_two_are_merged(tmp_path: Path, corpus: Corpus) -> None:
    (tmp_path / "other").mkdir()
    other = open_corpus(tmp_path / "other", tmp_path / "cache")
    corpus.record("mod.py", "f", [Input("(1,)")])
    other.record("mod.py", "f", finding("(2,)"))
    other.expect("mod.py", "g", "crash:KeyError:2")
    corpus.merge(other)
    assert [each.args for each in corpus.inputs("mod.py", "f")] == ["(2,)", "(1,)"]
    assert corpus.expected("mod.py", "g") == {"crash:KeyError:2"}


def test_nothing_is_lost_between_processes_that_write_at_once(tmp_path: Path, corpus: Corpus) -> None:
    command = [sys.executable, "-c", WRITER, str(corpus.root), str(tmp_path / "cache")]
    writers = [subprocess.Popen([*command, who, "40"], stdout=subprocess.DEVNULL) for who in "ab"]
    assert [each.wait(60) for each in writers] == [0, 0]
    kept = {each.args for number in range(4) for each in corpus.inputs("mod.py", f"f{number}")}
    assert kept == {f"({who!r}, {number})" for who in "ab" for number in range(40)}


def test_a_killed_writer_leaves_all_that_it_had_recorded(tmp_path: Path, corpus: Corpus) -> None:
    command = [sys.executable, "-c", WRITER, str(corpus.root), str(tmp_path / "cache"), "a", "100000"]
    writer = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert writer.stdout is not None
    for _ in range(20):
        writer.stdout.readline()
    time.sleep(0.05)
    os.kill(writer.pid, signal.SIGKILL)
    writer.wait(10)
    told = 20 + len(writer.stdout.readlines())
    kept = {each.args for number in range(4) for each in corpus.inputs("mod.py", f"f{number}")}
    recent = [number for number in range(told) if told - number <= MAX_INPUTS]
    assert {f"('a', {number})" for number in recent} <= kept
    corpus.record("mod.py", "f", finding("(2,)"))
    assert Input("(2,)") in corpus.inputs("mod.py", "f")
