"""macOS: the profile and the command, as text; there is no Mac here to try them on, and the backend says so."""

from __future__ import annotations

import dataclasses
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from suture.analyzers.sandbox import Limits, describe, places, watch
from suture.analyzers.sandbox.backend import Guest
from suture.analyzers.sandbox.backends.sandbox_exec import BACKEND, PROGRAM, profile, quoted
from suture.analyzers.sandbox.layout import Layout, layout


@pytest.fixture
def shown(workspace: Path) -> Iterator[Layout]:
    (workspace / ".git").mkdir()
    prepared = BACKEND.prepare(layout(workspace, Path(sys.executable)))
    yield prepared
    places.clear(prepared)
    assert not os.path.exists(prepared.inside.folder)


def rules(text: str, action: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith(f"({action}")]


def test_it_is_offered_on_macos_only_and_says_that_it_is_untried() -> None:
    (found,) = [each for each in describe() if each.name == "sandbox-exec"]
    assert found.available is False or sys.platform == "darwin"
    assert "untried on a real Mac" in found.holes[0]


def test_everything_is_denied_first(shown: Layout) -> None:
    lines = profile(shown).splitlines()
    assert lines[:2] == ["(version 1)", "(deny default)"]
    assert "(deny network*)" in lines
    assert not [line for line in lines if line.startswith("(allow network")]
    assert not [line for line in lines if line.startswith("(allow") and re.search(r"\((allow|deny) default", line)]


def test_only_the_copy_and_scratch_can_be_written(shown: Layout) -> None:
    written = [line for line in rules(profile(shown), "allow") if "file-write" in line and "/dev/" not in line]
    assert written == [f'(allow file-write* (subpath "{shown.inside.root}") (subpath "{shown.inside.tmp}"))']


def test_home_is_denied_but_for_the_interpreter_and_the_history_is_denied_last(shown: Layout) -> None:
    lines = profile(shown).splitlines()
    home = os.path.realpath(os.path.expanduser("~"))
    denied = lines.index(f'(deny file-read* (subpath "{home}"))')
    readable = [index for index, line in enumerate(lines) if line.startswith("(allow file-read*") and index > denied]
    for index in readable:
        assert f'(subpath "{home}")' not in lines[index]
    assert lines[-1] == f'(deny file-read* file-map-executable (subpath "{shown.root}/.git"))'


def test_a_rule_never_lacks_its_filter(shown: Layout) -> None:
    bare = dataclasses.replace(shown, hide=())
    for line in profile(bare).splitlines():
        if "file-read" in line and "metadata" not in line:
            assert "(subpath" in line or "(literal" in line, line


def test_a_path_cannot_leave_its_quotes() -> None:
    assert quoted('a") (allow default) ("') == '"a\\") (allow default) (\\""'
    assert quoted("a\\") == '"a\\\\"'


def test_the_command_starts_the_guest_in_the_profile(shown: Layout) -> None:
    entrance = BACKEND.entrance(shown, Guest("/opt/python", "zygote", 5, 6), Limits())
    assert entrance.argv[:2] == (PROGRAM, "-p")
    assert entrance.argv[2] == profile(shown)
    assert entrance.argv[3] == "/opt/python"
    assert entrance.argv[-2:] == ("5", "6")
    assert "HOME" in entrance.env
    assert entrance.env["HOME"] == shown.inside.tmp
    assert entrance.own == 1


def test_the_guest_finds_sutures_source_without_mounts(shown: Layout) -> None:
    assert os.path.isfile(f"{shown.inside.library}/suture_guest/zygote.py")
    assert os.path.isdir(f"{shown.inside.library}/suture/analyzers")
    assert os.stat(shown.inside.folder).st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("text", "seconds"), [("0:00.05", 0.05), ("3:04.56", 184.56), ("02:03:04", 7384), ("1-00:00:01", 86401)]
)
def test_processor_time_is_read_from_ps(text: str, seconds: float) -> None:
    assert abs(watch.clock(text) - seconds) < 1e-6


@pytest.mark.skipif(not os.path.exists("/bin/ps"), reason="there is no ps here")
def test_processes_are_told_by_ps_where_there_is_no_proc() -> None:
    row = watch.processes_by_ps()[os.getpid()]
    assert row.parent == os.getppid()
    assert row.memory > 1 << 20
