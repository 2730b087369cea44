"""A child process that ends is waited for in one thread while another one kills it."""

from __future__ import annotations

import os
import sys
import threading
from typing import IO

import pytest

from suture.analyzers import pipes


def until_the_end(asked: IO[bytes], _: IO[bytes]) -> None:
    asked.read()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux forks")
def test_a_fork_that_has_just_been_waited_for_is_not_killed_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its number may be another process's by now."""
    real, gone = os.waitpid, threading.Event()
    killed: list[int] = []

    def slow(pid: int, flags: int) -> tuple[int, int]:
        answer = real(pid, flags)
        if answer[0]:
            gone.set()
            threading.Event().wait(0.2)
        return answer

    def kill(pid: int, _: int) -> None:
        killed.append(pid)

    monkeypatch.setattr(os, "waitpid", slow)
    monkeypatch.setattr(os, "kill", kill)
    child = pipes.fork(until_the_end)
    waiting = threading.Thread(target=child.wait)
    waiting.start()
    assert child.stdin is not None
    assert child.stdout is not None
    child.stdin.close()
    assert gone.wait(10)
    child.kill()
    waiting.join(10)
    assert killed == []
    assert child.poll() == 0
    child.stdout.close()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux forks")
def test_a_fork_is_killed_while_others_wait_for_it() -> None:
    child = pipes.fork(until_the_end)
    assert child.stdin is not None
    assert child.stdout is not None
    said: list[int] = []
    threads = [threading.Thread(target=lambda: said.append(child.wait())) for _ in range(3)]
    for each in threads:
        each.start()
    assert child.poll() is None
    child.kill()
    for each in threads:
        each.join(10)
    assert said == [-9, -9, -9]
    child.kill()
    child.stdin.close()
    child.stdout.close()
