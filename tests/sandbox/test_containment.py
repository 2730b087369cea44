"""Each guarantee of the sandbox is a test that tries to break it, on every backend that works here."""

from __future__ import annotations

import os
import signal
import site
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from suture.analyzers.errors import Unavailable, UserError
from suture.analyzers.sandbox import Job, Limits, Sandbox, describe, opening
from suture.analyzers.sandbox.backend import Entrance


def test_at_least_one_backend_contains_code_here() -> None:
    assert [each.name for each in describe() if each.available]


def test_every_backend_that_cannot_be_used_says_why() -> None:
    assert all(each.reason for each in describe())
    assert {"sandbox-exec", "windows", "docker"} <= {each.name for each in describe() if not each.available}


def test_where_nothing_contains_code_nothing_is_run(monkeypatch: pytest.MonkeyPatch) -> None:
    for backend in opening.BACKENDS:
        monkeypatch.setattr(backend, "missing", lambda: "taken away by this test")
    with pytest.raises(Unavailable, match="no workspace code is run") as caught:
        opening.open_sandbox()
    assert "bubblewrap" in caught.value.hint
    assert all(not each.available for each in describe())


def test_a_backend_that_cannot_make_its_walls_is_not_available(monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere(*_: object) -> Entrance:
        return Entrance(("/bin/false",))

    backend = opening.BACKENDS[-1]
    monkeypatch.setattr(backend, "entrance", nowhere)
    opening._trial.cache_clear()  # pyright: ignore[reportPrivateUsage]
    try:
        assert "trial run" in opening.status(backend).reason
        assert not opening.status(backend).available
    finally:
        opening._trial.cache_clear()  # pyright: ignore[reportPrivateUsage]


# --- the network -----------------------------------------------------------------------------------------------


def test_a_tcp_server_of_the_host_cannot_be_reached(attack: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        end = attack(
            "import socket; socket.create_connection(('127.0.0.1', <port>), 2)", {"port": server.getsockname()[1]}
        )
        assert not end.ok
        with pytest.raises(TimeoutError):
            server.accept()


def test_no_address_outside_can_be_reached_and_that_is_called_environment(attack: Any) -> None:
    end = attack("import socket; socket.create_connection(('192.0.2.1', 80), 2)")
    assert end.reason == "environment"
    assert b"Network is unreachable" in end.stderr


def test_names_are_not_resolved(attack: Any) -> None:
    assert attack("import socket; socket.getaddrinfo('example.org', 80)").reason == "environment"


def test_a_udp_packet_does_not_leave(attack: Any) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(0.2)
        code = "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', <port>))"
        attack(code, {"port": server.getsockname()[1]})
        with pytest.raises(TimeoutError):
            server.recv(1)


@pytest.mark.parametrize("abstract", [False, True], ids=["path", "abstract"])
def test_a_unix_socket_of_the_host_cannot_be_reached(attack: Any, tmp_path: Path, abstract: bool) -> None:
    address = f"\0suture-{os.getpid()}" if abstract else str(tmp_path / "socket")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(address)
        server.listen()
        server.settimeout(0.2)
        end = attack("import socket; s = socket.socket(socket.AF_UNIX); s.connect(<address>)", {"address": address})
        assert end.reason == "exit"
        assert end.exit_code == 1
        with pytest.raises(TimeoutError):
            server.accept()


def test_a_unix_socket_in_the_workspace_cannot_be_reached(
    attack: Any, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        monkeypatch.chdir(workspace)
        server.bind("socket")
        os.chmod("socket", 0o777)
        server.listen()
        server.settimeout(0.2)
        end = attack("import socket; s = socket.socket(socket.AF_UNIX); s.connect('socket'); print('connected')")
        assert end.stdout == b""
        with pytest.raises(TimeoutError):
            server.accept()


def test_programs_inside_may_talk_to_each_other(attack: Any) -> None:
    end = attack("""
        import socket
        server = socket.create_server(("127.0.0.1", 0))
        client = socket.create_connection(server.getsockname(), 2)
        client.sendall(b"hello")
        print(server.accept()[0].recv(5))
        """)
    assert end.stdout == b"b'hello'\n", end.stderr


# --- files -----------------------------------------------------------------------------------------------------


def test_writes_to_the_workspace_succeed_inside_and_never_reach_it(attack: Any, workspace: Path) -> None:
    end = attack("""
        import os, shutil
        open("x.py", "a").write("# changed")
        open("new", "w").write("new")
        os.mkdir("folder")
        print(open("x.py").read(), sorted(os.listdir(".")))
        os.remove("x.py")
        """)
    assert end.ok, end.stderr
    assert b"# changed ['folder', 'new', 'x.py']" in end.stdout
    assert sorted(os.listdir(workspace)) == ["x.py"]
    assert (workspace / "x.py").read_text() == "value = 1\n"


def test_a_file_outside_of_the_workspace_does_not_exist(attack: Any, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret")
    secret.chmod(0o644)
    end = attack("open(<secret>)", {"secret": str(secret)})
    assert b"FileNotFoundError" in end.stderr


def test_of_the_home_folder_only_the_way_to_the_interpreter_is_visible(attack: Any, workspace: Path) -> None:
    home = os.path.expanduser("~")
    end = attack("import os; print(*os.listdir(<home>) if os.path.isdir(<home>) else '')", {"home": home})
    needed = [sys.executable, sys.prefix, sys.base_prefix, os.path.realpath(sys.executable), str(workspace)]
    needed += [each for each in [site.getusersitepackages()] if each in sys.path]
    allowed = {os.path.relpath(each, home).split(os.sep)[0] for each in needed if each.startswith(home + "/")}
    assert set(end.stdout.decode().split()) <= allowed


def test_no_place_but_scratch_and_workspace_can_be_written(attack: Any) -> None:
    end = attack("""
        import os, sys
        places = ["/", "/etc", "/usr", "/usr/lib", "/home", "/root", "/var", "/dev", "/proc", "/sys", "/.suture",
                  "/.suture/ws", "/.suture/rw", "/.suture/lib", "/run", sys.prefix, sys.base_prefix]
        for place in places:
            try:
                open(os.path.join(place, "written"), "w")
            except OSError:
                continue
            print("written:", place)
        """)
    assert end.ok, end.stderr
    assert end.stdout == b""


def test_a_write_to_a_read_only_place_is_called_environment(attack: Any) -> None:
    assert attack("open('/usr/written', 'w')").reason == "environment"


def test_the_history_of_the_workspace_is_not_shown(attack: Any, workspace: Path) -> None:
    (workspace / ".git").mkdir()
    (workspace / ".git" / "config").write_text("url = https://token@example.org")
    end = attack("import os; print(os.path.lexists('.git'), os.path.exists('/.suture/ws/.git'))")
    assert end.stdout == b"False False\n"


def test_dot_files_of_a_home_that_is_the_workspace_are_not_shown(
    sandbox: Sandbox, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (workspace / ".ssh").mkdir()
    (workspace / ".netrc").write_text("password")
    monkeypatch.setenv("HOME", str(workspace))
    end = sandbox.run(Job(("python", "-c", "import os; print(os.listdir('.'))"), workspace))
    assert end.stdout == b"['x.py']\n", end.stderr


def test_the_whole_file_system_is_refused_as_a_workspace(sandbox: Sandbox) -> None:
    with pytest.raises(UserError):
        sandbox.run(Job(("python", "-c", ""), Path("/")))


@pytest.mark.parametrize("name", ["/etc/passwd", "../outside", "a/../../outside"])
def test_overlay_and_kept_files_stay_inside_the_workspace(sandbox: Sandbox, workspace: Path, name: str) -> None:
    with pytest.raises(UserError):
        sandbox.run(Job(("true",), workspace, files={name: b""}))
    with pytest.raises(UserError):
        sandbox.run(Job(("true",), workspace, keep=(name,)))


def test_a_kept_file_that_became_a_link_to_elsewhere_is_not_returned(sandbox: Sandbox, workspace: Path) -> None:
    code = "import os; os.symlink('/proc/1/environ', 'a'); os.symlink('/etc/passwd', 'b'); open('c', 'w').write('c')"
    end = sandbox.run(Job(("python", "-c", code), workspace, keep=("a", "b", "c")))
    assert end.files == {"c": b"c"}


def test_a_kept_pipe_does_not_block(sandbox: Sandbox, workspace: Path) -> None:
    end = sandbox.run(Job(("python", "-c", "import os; os.mkfifo('a')"), workspace, keep=("a",)))
    assert end.ok
    assert end.files == {}


@pytest.mark.parametrize("lie", ["home", "link"])
def test_an_environment_of_the_workspace_cannot_name_a_folder_to_show(
    sandbox: Sandbox, workspace: Path, tmp_path: Path, lie: str
) -> None:
    secrets = tmp_path / "keys"
    secrets.mkdir()
    (secrets / "id").write_text("secret")
    (secrets / "id").chmod(0o755)
    fake = workspace / ".venv" / "bin" / "python"
    fake.parent.mkdir(parents=True)
    if lie == "link":
        fake.symlink_to(secrets / "id")
    else:
        fake.symlink_to(os.path.realpath(sys.executable))
        (workspace / ".venv" / "pyvenv.cfg").write_text(f"home = {secrets}\n")
    job = Job(("sh", "-c", 'cat "$0"', str(secrets / "id")), workspace, python=fake)
    end = sandbox.run(job)
    assert end.exit_code == 1, end
    assert end.stdout == b""


@pytest.mark.parametrize("place", ["/proc/1/root", "/proc/1/cwd", "/proc/1/task/1/root", "/proc/self/root/.suture/rw"])
def test_no_way_around_leads_to_another_root(attack: Any, place: str) -> None:
    end = attack("import os; print(os.listdir(<place>))", {"place": place})
    assert end.stdout in (b"", b"[]\n"), end


def test_switches_of_the_kernel_cannot_be_turned(attack: Any) -> None:
    end = attack("""
        import glob
        names = ["/proc/sysrq-trigger", "/proc/sys/kernel/core_pattern", "/proc/sys/user/max_user_namespaces",
                 "/proc/sys/vm/drop_caches", "/proc/1/oom_score_adj", "/proc/1/uid_map", "/proc/self/uid_map"]
        for name in names + glob.glob("/sys/**", recursive=True)[:100]:
            try:
                with open(name, "w") as file:
                    file.write("1")
            except OSError:
                continue
            print("written:", name)
        """)
    assert end.ok, end.stderr
    assert end.stdout == b""


def test_a_program_that_changes_its_user_gains_nothing(attack: Any) -> None:
    end = attack("""
        import ctypes, os, shutil, subprocess
        for change in (os.setuid, os.setgid, os.seteuid):
            try:
                change(0)
                print("changed")
            except OSError:
                pass
        if shutil.which("su"):
            print(subprocess.run(["su", "-c", "id -u"], capture_output=True, input=b"").returncode != 0)
        else:
            print(True)
        """)
    assert end.stdout == b"True\n", end


def test_a_hard_link_to_a_file_of_the_workspace_does_not_reach_it(attack: Any, workspace: Path) -> None:
    end = attack("import os; os.link('x.py', 'y.py'); open('y.py', 'a').write('#'); os.chmod('x.py', 0o777)")
    assert end.ok, end.stderr
    assert (workspace / "x.py").read_text() == "value = 1\n"
    assert (workspace / "x.py").stat().st_mode & 0o777 != 0o777


# --- secrets ---------------------------------------------------------------------------------------------------


def test_no_variable_of_the_host_is_visible(attack: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-very-secret")
    end = attack("""
        import os, glob
        print(dict(os.environ))
        for name in glob.glob("/proc/*/environ"):
            try:
                print(open(name).read())
            except OSError:
                pass
        """)
    assert end.ok, end.stderr
    assert b"very-secret" not in end.stdout
    assert b"PATH" in end.stdout


def test_the_first_process_can_be_neither_read_nor_traced(attack: Any) -> None:
    end = attack("""
        import ctypes, os
        for name in ("mem", "environ", "fd", "maps"):
            try:
                path = f"/proc/1/{name}"
                print("open:", os.listdir(path) if name == "fd" else open(path, "rb").read(1))
            except OSError:
                pass
        print("ptrace:", ctypes.CDLL(None).ptrace(16, 1, 0, 0))
        """)
    assert end.stdout == b"ptrace: -1\n", end.stderr


def test_no_open_file_of_suture_is_inherited(attack: Any) -> None:
    end = attack("import os; print(sorted(map(int, os.listdir('/proc/self/fd'))), os.readlink('/proc/self/fd/0'))")
    assert end.stdout == b"[0, 1, 2, 3] /dev/null\n"  # 3 is the listing itself


# --- processes -------------------------------------------------------------------------------------------------


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
    end = attack(code, {"n": number}, wall_s=3)
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
        wall_s=1.0,
    )
    assert end.reason == "timeout"
    assert survivors.gone_within(0.0)


def test_a_killed_suture_leaves_nothing_running(sandbox: Sandbox, workspace: Path, survivors: Any) -> None:
    code = f"""
from pathlib import Path
from suture.analyzers.sandbox import *
sandbox = open_sandbox({sandbox.backend!r})
root = Path({str(workspace)!r})
sandbox.call("suture.analyzers.sandbox.suture_guest.probe:echo", {{}}, root=root)
print("warm", flush=True)
nap = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import time; time.sleep(60)', sys.argv[1]])"
sandbox.run(Job(("python", "-c", nap, {survivors.token!r}), root, limits=Limits(wall_s=60)))
"""
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as suture:
        assert suture.stdout is not None
        assert suture.stdout.readline() == b"warm\n"
        deadline = time.monotonic() + 10
        while len(survivors.pids()) < 2 and time.monotonic() < deadline:
            time.sleep(0.05)
        before = survivors.pids()
        assert len(before) >= 2
        warm = [pid for pid in _descendants(suture.pid)]
        assert len(warm) > len(before)
        suture.kill()
    deadline = time.monotonic() + 2
    while any(map(_lives, warm)) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not [pid for pid in warm if _lives(pid)]


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


# --- limits ----------------------------------------------------------------------------------------------------


def test_a_single_large_allocation_is_refused_and_called_memory(attack: Any) -> None:
    end = attack("x = bytearray(2 << 30)")
    assert end.reason == "memory"


def test_memory_is_counted_over_all_processes(attack: Any, survivors: Any) -> None:
    started = time.monotonic()
    end = attack(
        """
        import os, time
        for _ in range(8):
            if os.fork() == 0:
                break
        block = bytearray(os.urandom(1 << 20)) * 90
        time.sleep(30)
        """,
        memory_mb=256,
        wall_s=20,
    )
    assert end.reason == "memory"
    assert time.monotonic() - started < 10


def test_shared_memory_counts_as_memory(attack: Any) -> None:
    end = attack(
        """
        import mmap, time
        block = mmap.mmap(-1, 1 << 30)
        for start in range(0, 1 << 30, 4096):
            block[start] = 1
        time.sleep(5)
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
                time.sleep(0.5)
                os._exit(0)
        time.sleep(0.6)
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
                    time.sleep(10)
                    os._exit(0)
                made += 1
        except BlockingIOError:
            print(made)
        """,
        processes=32,
    )
    assert end.ok, end
    assert 20 <= int(end.stdout) <= 32


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
        wall_s=1.0,
        processes=32,
    )
    assert end.reason == "timeout"
    assert end.seconds < 15  # a loaded machine gives the loop little of the processor


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


def test_shared_memory_files_and_many_small_files_are_limited(attack: Any) -> None:
    end = attack("""
        import os
        for number in range(100):
            with open(f"/dev/shm/{number}", "wb") as file:
                file.write(bytes(15 << 20))
        """)
    assert b"No space left" in end.stderr
    end = attack("for number in range(10**6): open(f'/tmp/{number}', 'w').close()", wall_s=20, cpu_s=20)
    assert b"No space left" in end.stderr


def test_an_endless_loop_ends_with_its_processor_time(attack: Any) -> None:
    end = attack("while True: pass", cpu_s=1.0, wall_s=30)
    assert end.reason == "timeout"
    assert end.seconds < 15  # a loaded machine gives the loop little of the processor


def test_processor_time_is_counted_over_all_processes(attack: Any) -> None:
    end = attack("import os\nos.fork(); os.fork()\nwhile True: pass", cpu_s=1.0, wall_s=30)
    assert end.reason == "timeout"
    assert end.seconds < 15  # a loaded machine gives the loop little of the processor


def test_sleeping_past_the_clock_ends_with_the_clock(attack: Any) -> None:
    end = attack("import time; time.sleep(60)", wall_s=0.5)
    assert end.reason == "timeout"
    assert end.exit_code is None
    assert 0.5 <= end.seconds < 5


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


def test_cancelling_is_quick_and_leaves_nothing(sandbox: Sandbox, workspace: Path, survivors: Any) -> None:
    cancelled_at: list[float] = []

    def cancel() -> bool:
        if survivors.pids():
            cancelled_at.append(time.monotonic())
            return True
        return False

    job = Job(("python", "-c", "import time; time.sleep(60)", survivors.token), workspace, limits=Limits(wall_s=60))
    end = sandbox.run(job, cancel)
    assert end.reason == "cancelled"
    assert time.monotonic() - cancelled_at[0] < 0.5
    assert survivors.gone_within(0.0)


def test_the_signal_that_ended_a_job_is_told(attack: Any) -> None:
    end = attack("import os; os.abort()")
    assert end.reason == "signal"
    assert end.signal == signal.SIGABRT
