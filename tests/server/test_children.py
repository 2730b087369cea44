"""No child outlives the server, and nobody else's process is touched."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

from suture.server.children import Children, child_environment, descendants, kill_group

SLEEP = "import time; time.sleep(60)"
NEST = (
    "import subprocess, sys; "
    f"p = subprocess.Popen([sys.executable, '-c', {SLEEP!r}], start_new_session=True); "
    "print(p.pid, flush=True); p.wait()"
)


def ended(process: subprocess.Popen[str]) -> bool:
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        return False
    return True


@pytest.fixture
def nested() -> tuple[subprocess.Popen[str], int]:
    process = subprocess.Popen([sys.executable, "-c", NEST], start_new_session=True, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    return process, int(process.stdout.readline())


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_a_group_is_killed_with_what_it_started_in_other_groups(nested: tuple[subprocess.Popen[str], int]) -> None:
    process, grandchild = nested
    assert grandchild in descendants(process.pid)
    bystander = subprocess.Popen([sys.executable, "-c", SLEEP], start_new_session=True, text=True)
    children = Children()
    children.add(process.pid)
    children.kill_all()
    assert ended(process)
    end = time.monotonic() + 2
    while time.monotonic() < end and grandchild in descendants(1):
        time.sleep(0.02)
    assert grandchild not in descendants(1)
    assert bystander.poll() is None
    assert children.pids == frozenset()
    kill_group(bystander.pid)
    assert ended(bystander)


def test_a_child_that_was_waited_for_is_not_killed_again() -> None:
    children = Children()
    children.add(2**22 - 7)
    children.discard(2**22 - 7)
    children.add(2**22 - 9)  # gone already
    children.kill_all()
    assert children.pids == frozenset()


def test_children_keep_their_byte_code() -> None:
    assert child_environment({"PYTHONDONTWRITEBYTECODE": "1", "A": "b"}) == {"A": "b"}
