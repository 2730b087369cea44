"""A compiler's cache: found by the job, changed for the job alone, filled by Suture only."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from suture.analyzers.sandbox import Cache, Job, Limits, Outcome, Sandbox
from suture.analyzers.sandbox.caches import LAYER_BYTES, layer
from suture.analyzers.sandbox.interface import CACHE

Play = Callable[..., Outcome]


@pytest.fixture
def layers(tmp_path: Path) -> tuple[Path, Path]:
    top, base = layer(tmp_path / "top"), layer(tmp_path / "base")
    (base / "std.a").write_text("compiled\n")
    (base / "both.a").write_text("below\n")
    (top / "both.a").write_text("above\n")
    return top, base


@pytest.fixture
def play(sandbox: Sandbox, workspace: Path, layers: tuple[Path, Path]) -> Play:
    def run(script: str, keep_mb: int = 0) -> Outcome:
        return sandbox.run(
            Job(("sh", "-c", script), workspace, cache=Cache(layers, keep_mb), limits=Limits(file_mb=64))
        )

    return run


def test_a_job_finds_all_layers_as_one_folder(play: Play) -> None:
    outcome = play(f"cat {CACHE}/std.a {CACHE}/both.a")
    assert (outcome.stdout, outcome.stderr) == (b"compiled\nabove\n", b"")


def test_what_a_job_writes_is_gone_unless_it_was_asked_for(play: Play, layers: tuple[Path, Path]) -> None:
    assert play(f"echo bad > {CACHE}/std.a && echo new > {CACHE}/new.a && rm {CACHE}/both.a").ok
    assert play(f"cat {CACHE}/std.a {CACHE}/both.a").stdout == b"compiled\nabove\n"
    assert sorted(path.name for path in layers[0].iterdir()) == ["both.a"]


def test_what_was_asked_for_comes_into_the_top_layer_only(play: Play, layers: tuple[Path, Path]) -> None:
    script = (
        f"mkdir {CACHE}/deep && echo tool > {CACHE}/deep/tool && chmod 755 {CACHE}/deep/tool && echo x > {CACHE}/std.a"
    )
    assert play(script, keep_mb=1).ok
    top, base = layers
    assert (top / "deep" / "tool").read_text() == "tool\n"
    assert (top / "deep" / "tool").stat().st_mode & 0o777 == 0o755
    assert (top / "std.a").read_text() == "x\n"
    assert (base / "std.a").read_text() == "compiled\n"
    assert play(f"{CACHE}/deep/tool || cat {CACHE}/deep/tool").stdout.endswith(b"tool\n")


def test_more_than_was_asked_for_is_left_out(play: Play, layers: tuple[Path, Path]) -> None:
    assert play(f"head -c 3000000 /dev/zero > {CACHE}/large; echo small > {CACHE}/small", keep_mb=1).ok
    assert sorted(path.name for path in layers[0].iterdir()) == ["both.a", "small"]


def test_links_and_special_files_are_not_taken_over(play: Play, layers: tuple[Path, Path]) -> None:
    assert play(f"ln -s /etc/passwd {CACHE}/link; mkfifo {CACHE}/pipe; ln -s /etc {CACHE}/folder", keep_mb=1).ok
    assert sorted(path.name for path in layers[0].iterdir()) == ["both.a"]


def test_a_job_cannot_fill_the_memory_through_it(play: Play) -> None:
    outcome = play(f"i=0; while [ $i -lt 40 ]; do head -c 60000000 /dev/zero > {CACHE}/$i || exit 9; i=$((i+1)); done")
    assert not outcome.ok


def test_the_layers_themselves_are_out_of_sight(play: Play, layers: tuple[Path, Path]) -> None:
    outcome = play(
        f"ls -A /.suture/cache/0 /.suture/cache/1 /.suture/cache-rw; ls {layers[0]}; touch /.suture/cache/0/x"
    )
    assert b".a" not in outcome.stdout
    assert not outcome.ok


def test_a_layer_that_grew_too_large_is_emptied(tmp_path: Path) -> None:
    folder = layer(tmp_path / "cache")
    with (folder / "huge").open("wb") as file:
        file.truncate(LAYER_BYTES + 1)
    assert list(layer(folder).iterdir()) == []
