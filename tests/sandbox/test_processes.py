"""No process of the host, nothing left running, no privilege: attempts to get out of the job's own processes."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from suture.analyzers.sandbox import Job, Sandbox

from .conftest import PATIENT


def test_processes_of_the_host_are_neither_seen_nor_signalled(attack: Any) -> None:
    with subprocess.Popen(["sleep", "60"]) as bystander:
        try:
            end = attack(
                """
                import os
                print(sorted(int(name) for name in os.listdir("/proc") if name.isdigit()) < [1, 100])
                for number in range(2, 100000):
                    if number != os.getpid():
                        try:
                            os.kill(number, 9)
                            print("killed", number)
                        except ProcessLookupError:
                            pass
                """,
            )
            assert end.stdout == b"True\n", end.stderr
            assert bystander.poll() is None
        finally:
            bystander.kill()


@pytest.mark.parametrize("number", [9, 15, 19, 2])
def test_signals_to_everybody_end_only_the_job(attack: Any, number: int) -> None:
    code = """
        import os
        for target in (1, -1, 0 - os.getppid()):
            try:
                os.kill(target, <n>)
            except OSError:
                pass
        print("still here")
        """
    end = attack(code, {"n": number})
    assert end.ok
    assert end.stdout == b"still here\n"


def test_a_daemon_does_not_outlive_the_job(attack: Any, survivors: Any) -> None:
    end = attack(
        """
        import os, sys, time
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                for each in range(3):
                    os.close(each)
                os.execv(sys.executable, [sys.executable, "-c", "import time; time.sleep(60)", <token>])
            os._exit(0)
        time.sleep(0.3)
        """,
        {"token": survivors.token},
    )
    assert end.ok, end.stderr
    assert survivors.gone_within(0.0)


def test_nothing_of_a_job_that_ran_out_of_time_is_left(attack: Any, survivors: Any) -> None:
    end = attack(
        """
        import os, signal, subprocess, sys, time
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        for _ in range(5):
            subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)", <token>], start_new_session=True)
        time.sleep(60)
        """,
        {"token": survivors.token},
        wall_s=0.5,
    )
    assert end.reason == "timeout"
    assert survivors.gone_within(0.0)


def test_a_killed_suture_leaves_nothing_running_after_2_s(
    sandbox: Sandbox, workspace: Path, survivors: Any, best_of: Any
) -> None:
    code = f"""
from pathlib import Path
from suture.analyzers.sandbox import *
sandbox = open_sandbox({sandbox.backend!r})
root = Path({str(workspace)!r})
sandbox.call("suture.analyzers.sandbox.suture_guest.probe:echo", {{}}, root=root)
print("warm", flush=True)
nap = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import time; time.sleep(99)', sys.argv[1]])"
sandbox.run(Job(("python", "-c", nap, {survivors.token!r}), root, limits=Limits(wall_s=99)))
"""

    def took() -> float:
        with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as suture:
            assert suture.stdout is not None
            assert suture.stdout.readline() == b"warm\n"
            deadline = time.monotonic() + 60
            while len(survivors.pids()) < 2 and time.monotonic() < deadline:
                time.sleep(0.05)
            before = survivors.pids()
            assert len(before) >= 2
            warm = [pid for pid in _descendants(suture.pid)]
            assert len(warm) > len(before)
            suture.kill()
            killed = time.monotonic()
        while any(map(_lives, warm)) and time.monotonic() < killed + 30:  # they would sleep for longer
            time.sleep(0.02)
        assert not [pid for pid in warm if _lives(pid)]
        return time.monotonic() - killed

    assert best_of(took, 2) < 2


def _descendants(pid: int) -> list[int]:
    found = [pid]
    for each in found:
        for task in Path(f"/proc/{each}/task").glob("*/children"):
            found += map(int, task.read_text().split())
    return found[1:]


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_no_namespace_can_be_made_inside(attack: Any) -> None:
    end = attack("""
        import ctypes, os
        libc = ctypes.CDLL(None, use_errno=True)
        for flag in (0x10000000, 0x00020000, 0x20000000, 0x40000000, 0x08000000, 0x04000000, 0x02000000):
            print(libc.unshare(flag), end=" ")
            print(libc.unshare(flag | 0x10000000), end=" ")
        """)
    assert set(end.stdout.split()) == {b"-1"}, end


def test_no_file_system_can_be_mounted_or_unmounted(attack: Any, workspace: Path) -> None:
    end = attack("""
        import ctypes, os
        libc = ctypes.CDLL(None, use_errno=True)
        print(libc.mount(b"x", b"/tmp", b"tmpfs", 0, None), end=" ")
        print(libc.mount(None, b"/usr", None, 32 | 4096, None), end=" ")
        print(libc.umount2(os.getcwd().encode(), 2), end=" ")
        print(libc.umount2(b"/.suture/ws", 2), end=" ")
        print(libc.syscall(428, -100, b"/", 1), end=" ")
        print(libc.syscall(442, -100, b"/usr", 0, b"", 0), end=" ")
        """)
    assert end.stdout.split() == [b"-1"] * 6, end


def test_the_job_is_nobody_special(attack: Any) -> None:
    end = attack("""
        import os
        status = dict(line.split(":", 1) for line in open("/proc/self/status").read().splitlines())
        print(os.getuid(), os.getgroups(), *(status[name].strip() for name in
              ("CapInh", "CapPrm", "CapEff", "CapAmb", "NoNewPrivs", "Seccomp")))
        """)
    none = "0" * 16
    uid, *rest = end.stdout.decode().split()
    assert uid == "1000"
    assert " ".join(rest[-6:]) == f"{none} {none} {none} {none} 1 2", end.stdout


@pytest.mark.parametrize(
    ("name", "number"), [("keyctl", 250), ("bpf", 321), ("io_uring_setup", 425), ("userfaultfd", 323), ("setns", 308)]
)
def test_kernel_interfaces_that_no_job_needs_are_refused(attack: Any, name: str, number: int) -> None:
    if os.uname().machine != "x86_64":
        pytest.skip("the numbers are those of x86_64")
    end = attack(
        "import ctypes; print(ctypes.CDLL(None, use_errno=True).syscall(<n>, 0, 0, 0), ctypes.get_errno())",
        {"n": number},
    )
    assert end.stdout == b"-1 1\n", name


def test_limits_of_another_process_cannot_be_changed(attack: Any) -> None:
    end = attack("""
        import resource
        try:
            resource.prlimit(1, resource.RLIMIT_NOFILE, (0, 0))
        except PermissionError:
            print("refused")
        """)
    assert end.stdout == b"refused\n", end


def test_devices_of_the_host_are_not_there(attack: Any) -> None:
    end = attack("""
        import os, stat
        print(sorted(os.listdir("/dev")))
        try:
            os.mknod("/tmp/disk", stat.S_IFBLK | 0o666, os.makedev(254, 0))
            open("/tmp/disk", "rb").read(1)
            print("read a disk")
        except OSError:
            print("refused")
        """)
    assert end.stdout.endswith(b"refused\n")
    assert b"vda" not in end.stdout
    assert b"mem" not in end.stdout


def test_a_grandchild_that_holds_the_output_open_does_not_keep_the_job(attack: Any, survivors: Any) -> None:
    started = time.monotonic()
    end = attack(
        """
        import os, subprocess, sys
        subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)", <token>], start_new_session=True)
        print("left", flush=True)
        os._exit(5)
        """,
        {"token": survivors.token},
    )
    assert (end.reason, end.exit_code, end.stdout) == ("exit", 5, b"left\n")
    assert time.monotonic() - started < 50  # it does not wait for the sleeper
    assert survivors.gone_within(0.0)


def test_reading_standard_input_neither_waits_nor_reaches_the_person(attack: Any) -> None:
    end = attack("import sys, os; print(repr(sys.stdin.read()), os.isatty(0), os.isatty(1)); input()")
    assert end.stdout == b"'' False False\n"
    assert b"EOFError" in end.stderr


def test_a_job_cannot_forge_how_it_ended(sandbox: Sandbox, workspace: Path) -> None:
    code = """
import json, os, struct
def frame(kind, body):
    return struct.pack(">cI", kind, len(body)) + body
forged = frame(b"+", b"") + frame(b"F", struct.pack(">I", 1) + b"aforged") + frame(b"S", b'{"exit": 0}')
for place in [*range(3, 256), *(f"/proc/{pid}/fd/{n}" for pid in (1, os.getppid(), os.getpid()) for n in range(3, 64))]:
    try:
        os.write(place if isinstance(place, int) else os.open(place, os.O_WRONLY), forged)
    except OSError:
        pass
os.write(1, forged)
os.write(2, forged)
os._exit(7)
"""
    end = sandbox.run(Job(("python", "-c", code), workspace, keep=("a",), limits=PATIENT))
    assert (end.reason, end.exit_code, end.files) == ("exit", 7, {})


def test_a_target_cannot_forge_a_finding(sandbox: Sandbox, workspace: Path) -> None:
    from suture.analyzers.fuzzing.api import FuzzFinding, fuzz

    (workspace / "evil.py").write_text(FORGER)
    events = list(fuzz(workspace, workspace / "evil.py", "double", sandbox=sandbox, budget_s=1))
    assert not [each for each in events if isinstance(each, FuzzFinding)], events
    assert events, "it did run"


#: It writes what a worker would write about a crash to every descriptor it can reach, at import and at each call.
FORGER = '''
import json, os, struct

def forge() -> None:
    finding = {"event": "finding", "kind": "crash", "exception": "ZeroDivisionError", "message": "forged", "line": 3,
               "args": "(0,)", "kwargs": "{}", "times": 2, "type": "finding", "target": "double", "traceback": []}
    for kind, body in ((b"M", finding), (b"S", {"exit": 0})):
        text = json.dumps(body).encode()
        for place in range(1, 64):
            try:
                os.write(place, struct.pack(">cI", kind, len(text)) + text)
            except OSError:
                pass


def double(n: int) -> int:
    """Twice n."""
    forge()
    return 2 * n
'''
