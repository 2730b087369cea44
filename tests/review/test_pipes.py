"""Forks of this process: how they begin and end, and what of their parent they leave alone."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path
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


ECHO = """if True:
    import os, signal, sys
    from suture.analyzers.pipes import fork, receive, send

    def serve(tasks, answers):
        print("for standard error", flush=True)
        send(answers, receive(tasks))

"""


def run(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", ECHO + code],
        capture_output=True,
        text=True,
        timeout=60,
        stdin=subprocess.PIPE,
        check=False,
    )


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux forks")
def test_text_that_waits_to_be_written_is_written_once() -> None:
    done = run("""
    print("begun", end="")
    child = fork(serve)
    send(child.stdin, 1)
    print(receive(child.stdout), child.wait())
    """)
    assert (done.stdout, done.stderr) == ("begun1 0\n", "for standard error\n")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux forks")
@pytest.mark.parametrize("closed", [(0,), (1,), (2,), (0, 1, 2)])
def test_a_fork_is_heard_where_standard_streams_are_closed(closed: tuple[int, ...], tmp_path: Path) -> None:
    told = tmp_path / "told"
    run(f"""
    for each in {closed}:
        os.close(each)
    if 1 in {closed}:
        sys.stdout = None
    if 2 in {closed}:
        sys.stderr = None
    child = fork(serve)
    send(child.stdin, "heard")
    answer = receive(child.stdout)
    with open({str(told)!r}, "w") as file:
        file.write(f"{{answer}} {{child.wait()}}")
    """)
    assert told.read_text() == "heard 0"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux forks")
def test_an_interrupt_at_the_moment_of_a_fork_does_not_make_two_of_this_process() -> None:
    done = run("""
    os.register_at_fork(after_in_child=lambda: os.kill(os.getpid(), signal.SIGINT))
    try:
        child = fork(serve)
    finally:
        print("once", os.getpid() == int(open("/proc/self/stat").read().split()[0]), flush=True)
    print(child.wait())
    print(signal.pthread_sigmask(signal.SIG_BLOCK, ()))
    """)
    assert (done.stdout, done.stderr) == ("once True\n130\nset()\n", "")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux forks")
def test_a_fork_ends_where_nobody_may_wait_for_children() -> None:
    done = run("""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    child = fork(serve)
    assert child.poll() is None
    child.kill()
    print(child.wait(), child.poll())
    child.kill()
    """)
    assert (done.stdout, done.stderr.replace("for standard error\n", "")) == ("0 0\n", "")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux forks")
def test_nothing_is_forked_beside_a_thread_that_python_does_not_list() -> None:
    done = run("""
    import _thread, threading
    from suture.analyzers.pipes import may_fork
    alone, lock = may_fork(), _thread.allocate_lock()
    lock.acquire()
    _thread.start_new_thread(lock.acquire, ())
    print(alone, threading.active_count(), may_fork())
    lock.release()
    """)
    assert (done.stdout, done.stderr) == ("True 1 False\n", "")
