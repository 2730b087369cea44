"""No more than allowed, over all processes: attempts to take more."""

from __future__ import annotations

import signal
import time
from pathlib import Path
from typing import Any

import pytest

from suture.analyzers.sandbox import Job, Limits, Sandbox

from .conftest import LONG_S


def test_a_single_large_allocation_is_refused_and_called_memory(attack: Any) -> None:
    end = attack("x = bytearray(2 << 30)")
    assert end.reason == "memory"


def test_memory_is_counted_over_all_processes(attack: Any, survivors: Any) -> None:
    end = attack(
        """
        import os, time
        for _ in range(8):
            if os.fork() == 0:
                break
        block = bytearray(os.urandom(1 << 20)) * 90
        time.sleep(60)
        """,
        memory_mb=256,
    )
    assert end.reason == "memory"
    assert end.seconds < 60  # while they hold it, not when they end


def test_shared_memory_counts_as_memory(attack: Any) -> None:
    end = attack(
        """
        import mmap, time
        block = mmap.mmap(-1, 1 << 30)
        for start in range(0, 1 << 30, 4096):
            block[start] = 1
        time.sleep(60)
        """,
        memory_mb=128,
    )
    assert end.reason == "memory"


@pytest.mark.parametrize("call", ["os.memfd_create('x')", "ctypes.CDLL(None).shmget(1, 1 << 20, 0o1666)"])
def test_memory_that_no_process_maps_cannot_be_had(attack: Any, call: str) -> None:
    end = attack(f"""
        import ctypes, os
        try:
            print({call})
        except PermissionError:
            print(-1)
        """)
    assert end.stdout == b"-1\n", end


def test_pages_shared_by_forks_are_counted_once(attack: Any) -> None:
    end = attack(
        """
        import os, time
        block = bytearray(100 << 20)
        for _ in range(6):
            if os.fork() == 0:
                time.sleep(1)
                os._exit(0)
        for _ in range(6):
            os.wait()
        print("fine")
        """,
        memory_mb=256,
    )
    assert end.stdout == b"fine\n", end


def test_a_fork_bomb_stays_within_the_number_of_processes(attack: Any) -> None:
    end = attack(
        """
        import os, time
        made = 0
        try:
            while True:
                if os.fork() == 0:
                    time.sleep(100)
                    os._exit(0)
                made += 1
        except BlockingIOError:
            print(made)
        """,
        processes=32,
    )
    assert end.ok, end
    assert 20 <= int(end.stdout) <= 32


@pytest.mark.slow
def test_an_exponential_fork_bomb_ends_with_the_clock(attack: Any, survivors: Any) -> None:
    end = attack(
        """
        import os
        while True:
            try:
                os.fork()
            except OSError:
                pass
        """,
        wall_s=0.5,
        processes=32,
    )
    assert end.reason == "timeout"
    assert end.seconds < LONG_S / 2  # a loaded machine needs long to begin and to end so many


def test_a_large_file_is_refused_and_called_environment(attack: Any) -> None:
    end = attack("open('large', 'wb').write(bytes(1 << 20) * 200)")
    assert end.reason == "environment"


def test_scratch_space_is_limited(attack: Any) -> None:
    end = attack("""
        for number in range(100):
            with open(f"/tmp/{number}", "wb") as file:
                file.write(bytes(15 << 20))
        """)
    assert end.reason == "environment"
    assert b"No space left" in end.stderr


@pytest.mark.slow
def test_shared_memory_files_and_many_small_files_are_limited(attack: Any) -> None:
    end = attack("""
        import os
        for number in range(100):
            with open(f"/dev/shm/{number}", "wb") as file:
                file.write(bytes(15 << 20))
        """)
    assert b"No space left" in end.stderr
    end = attack("for number in range(10**6): open(f'/tmp/{number}', 'w').close()", cpu_s=60)
    assert b"No space left" in end.stderr


@pytest.mark.slow
def test_an_endless_loop_ends_with_its_processor_time(attack: Any) -> None:
    end = attack("while True: pass", cpu_s=0.3)
    assert end.reason == "timeout"
    assert end.seconds < LONG_S / 2  # a loaded machine gives the loop little of the processor


def test_processor_time_is_counted_over_all_processes(attack: Any) -> None:
    end = attack("import os\nos.fork(); os.fork()\nwhile True: pass", cpu_s=0.3)
    assert end.reason == "timeout"
    assert end.seconds < LONG_S / 2  # a loaded machine gives the loop little of the processor


def test_sleeping_past_the_clock_ends_with_the_clock(attack: Any, best_of: Any) -> None:
    def took() -> float:
        end = attack("import time; time.sleep(60)", wall_s=0.5)
        assert end.reason == "timeout"
        assert end.exit_code is None
        assert end.seconds >= 0.5
        return end.seconds

    assert best_of(took, 2) < 2


def test_a_flood_of_output_is_ended(attack: Any) -> None:
    end = attack("import sys\nwhile True: sys.stdout.write('x' * 65536)", output_kb=64)
    assert end.reason == "output"
    assert len(end.stdout) < 70_000


def test_of_long_output_the_beginning_and_the_end_are_kept(attack: Any) -> None:
    end = attack("print('first'); print('x' * 200000); print('last')", output_kb=64)
    assert end.ok
    assert end.stdout.startswith(b"first\n")
    assert end.stdout.endswith(b"last\n")
    assert b"bytes cut" in end.stdout
    assert len(end.stdout) < 70_000


def test_cancelling_is_quick_and_leaves_nothing(
    sandbox: Sandbox, workspace: Path, survivors: Any, best_of: Any
) -> None:
    cancelled_at: list[float] = []

    def cancel() -> bool:
        if survivors.pids():
            cancelled_at.append(time.monotonic())
            return True
        return False

    def took() -> float:
        job = Job(("python", "-c", "import time; time.sleep(99)", survivors.token), workspace, limits=Limits(LONG_S))
        end = sandbox.run(job, cancel)
        ended = time.monotonic()
        assert end.reason == "cancelled"
        assert survivors.gone_within(0.0)
        return ended - cancelled_at[-1]

    assert best_of(took, 0.5) < 0.5


def test_the_signal_that_ended_a_job_is_told(attack: Any) -> None:
    end = attack("import os; os.abort()")
    assert end.reason == "signal"
    assert end.signal == signal.SIGABRT


def test_threads_are_counted_among_the_processes(attack: Any) -> None:
    end = attack(
        """
        import threading, time
        made = 0
        try:
            while made < 5000:
                threading.Thread(target=time.sleep, args=(100,), daemon=True).start()
                made += 1
        except RuntimeError:
            print(made)
        """,
        processes=32,
    )
    assert end.ok, end
    assert 20 <= int(end.stdout) <= 32


@pytest.mark.slow
def test_memory_of_children_is_counted_whether_they_share_it_or_not(attack: Any) -> None:
    code = """
        import os, time
        block = bytearray(os.urandom(1 << 20)) * 60
        for _ in range(7):
            if os.fork() == 0:
                <own> and block.__setitem__(slice(None), bytes(len(block)))
                time.sleep(60 if <own> else 1)
                os._exit(0)
        for _ in range(7):
            os.wait()
        print("fine")
        """
    assert attack(code, {"own": False}, memory_mb=256).stdout == b"fine\n"
    assert attack(code, {"own": True}, memory_mb=256).reason == "memory"


@pytest.mark.slow
def test_a_map_shared_by_children_is_counted_once(attack: Any) -> None:
    end = attack(
        """
        import mmap, os, time
        block = mmap.mmap(-1, 100 << 20)
        for start in range(0, len(block), 4096):
            block[start] = 1
        for _ in range(6):
            if os.fork() == 0:
                sum(block[start] for start in range(0, len(block), 4096))
                time.sleep(1)
                os._exit(0)
        for _ in range(6):
            os.wait()
        print("fine")
        """,
        memory_mb=256,
    )
    assert end.stdout == b"fine\n", end


@pytest.mark.slow
def test_folders_nested_without_end_are_cleared_away(attack: Any) -> None:
    end = attack("""
        import os
        try:
            for _ in range(300):
                os.mkdir("deep")
                os.chdir("deep")
        except OSError:
            pass
        print("deep")
        """)
    assert end.stdout == b"deep\n", end
    assert attack("print('next')").stdout == b"next\n"
