"""A table of ways out, tried from inside the warm interpreter, where fuzzed functions run: each must lead nowhere.

A snippet calls ``escaped(what)`` when it got through; whatever it raises means that it did not."""

# ruff: noqa: E501 - the snippets are read side by side

from __future__ import annotations

import os
import textwrap
from pathlib import Path
from typing import Any

import pytest

PRELUDE = """
import contextlib, ctypes, mmap, os, resource, signal, socket, stat, struct, sys, time
libc = ctypes.CDLL(None, use_errno=True)
answer = []
escaped = answer.append

def call(number, *arguments):
    "A system call by its number: its result, or -1."
    return libc.syscall(ctypes.c_long(number), *arguments)

def attempt(function, *arguments):
    "The result of a call that may fail; None if it did."
    try:
        return function(*arguments)
    except Exception:
        return None
"""

ESCAPES: dict[str, str] = {
    # -- the network
    "a packet socket": "attempt(socket.socket, 17, socket.SOCK_RAW) and escaped('AF_PACKET')",
    "a raw socket": """
        for family in (socket.AF_INET, socket.AF_INET6):
            attempt(socket.socket, family, socket.SOCK_RAW, 1) and escaped(family)
        """,
    "a socket to the virtual machine's host": "attempt(socket.socket, 40, socket.SOCK_STREAM) and escaped('AF_VSOCK')",
    "the kernel's cryptography by socket": "attempt(socket.socket, 38, socket.SOCK_SEQPACKET) and escaped('AF_ALG')",
    "bluetooth, CAN, XDP and other families": """
        for family in (3, 4, 5, 9, 15, 21, 29, 31, 36, 39, 41, 43, 44):
            attempt(socket.socket, family, socket.SOCK_DGRAM) and escaped(family)
        """,
    "interfaces of the host": "[escaped(name) for _, name in socket.if_nameindex() if name != 'lo']",
    "a new interface by netlink": """
        with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0) as link:
            name = b"\\x09\\x00\\x03\\x00evil0\\0\\0\\0\\0" + b"\\x10\\x00\\x12\\x00\\x09\\x00\\x01\\x00dummy\\0\\0\\0"
            body = struct.pack("=BxHiII", 0, 0, 0, 0, 0) + name
            link.send(struct.pack("=IHHII", 16 + len(body), 16, 0x605, 1, 0) + body)
            link.recv(4096)
        [escaped(name) for _, name in socket.if_nameindex() if name != "lo"]
        """,
    "routes of the host": "len(open('/proc/net/route').read().splitlines()) > 1 and escaped('a route')",
    "name servers of the host": "open('/etc/resolv.conf').read().strip() and escaped('resolv.conf')",
    "sockets that the host listens on": """
        [escaped(line) for name in ("tcp", "tcp6", "udp", "unix") for line in
         attempt(lambda: open(f"/proc/net/{name}").read().splitlines()[1:]) or []]
        """,
    "buses, displays and engines": """
        for path in ("/run/dbus/system_bus_socket", "/var/run/docker.sock", "/run/containerd/containerd.sock",
                     "/tmp/.X11-unix/X0", f"/run/user/{os.getuid()}/bus", "/dev/log", "/run/systemd/private"):
            os.path.lexists(path) and escaped(path)
        for name in ("\\0/tmp/dbus-x", "\\0/tmp/.X11-unix/X0", "\\0/org/kernel/linux/storage/multipathd"):
            with socket.socket(socket.AF_UNIX) as bus:
                bus.connect_ex(name) == 0 and escaped(name)
        """,
    # -- other processes
    "tracing the parent": "[libc.ptrace(16, pid, 0, 0) == 0 and escaped(pid) for pid in (1, os.getppid())]",
    "being traced by a child": "libc.ptrace(0, 0, 0, 0) == 0 and escaped('PTRACE_TRACEME')",
    "memory of the parent by process_vm": """
        page = ctypes.create_string_buffer(8)
        vector = struct.pack("PN", ctypes.addressof(page), 8)
        for function in (libc.process_vm_readv, libc.process_vm_writev):
            function(1, vector, 1, vector, 1, 0) > 0 and escaped(function.__name__)
        """,
    "memory of the parent by /proc": """
        for mode in ("rb", "r+b"):
            attempt(open, "/proc/1/mem", mode) and escaped(mode)
        """,
    "a descriptor of the parent by pidfd": """
        held = os.pidfd_open(1)
        for number in range(64):
            call(438, held, number, 0) >= 0 and escaped(number)
        """,
    "descriptors of the parent by /proc": """
        for pid in {1, os.getppid()}:
            for number in range(64):
                attempt(os.open, f"/proc/{pid}/fd/{number}", os.O_RDWR) and escaped((pid, number))
            attempt(os.listdir, f"/proc/{pid}/fd") and escaped(pid)
            attempt(os.listdir, f"/proc/{pid}/map_files") and escaped(pid)
        """,
    "the parent's stack, secrets and place": """
        for name in ("environ", "maps", "smaps", "stack", "syscall", "auxv", "io", "personality", "mountinfo"):
            if name != "mountinfo":
                attempt(lambda: open(f"/proc/1/{name}", "rb").read(64)) and escaped(name)
        attempt(os.readlink, "/proc/1/cwd") and escaped("cwd")
        attempt(os.readlink, "/proc/1/exe") and escaped("exe")
        """,
    "namespaces of the parent": """
        for name in ("user", "mnt", "net", "pid", "ipc", "uts", "cgroup", "time"):
            place = attempt(os.open, f"/proc/1/ns/{name}", os.O_RDONLY)
            place is not None and libc.setns(place, 0) == 0 and escaped(name)
        """,
    "ending the first process by pidfd": """
        held = os.pidfd_open(1)
        for number in (signal.SIGKILL, signal.SIGTERM, signal.SIGSTOP, signal.SIGSEGV):
            attempt(signal.pidfd_send_signal, held, number)
        """,
    "limits of the first process": "attempt(resource.prlimit, 1, resource.RLIMIT_CPU, (1, 1)) and escaped('prlimit')",
    "priority over others": """
        attempt(os.nice, -5) is not None and escaped("nice")
        attempt(os.sched_setscheduler, 0, os.SCHED_FIFO, os.sched_param(50)) or None
        os.sched_getscheduler(0) == os.SCHED_FIFO and escaped("real time")
        """,
    # -- namespaces, mounts, roots
    "a user namespace by clone": """
        for flag in (0x10000000, 0x00020000, 0x40000000, 0x20000000):
            pid = call(56 if os.uname().machine == "x86_64" else 220, ctypes.c_ulong(flag | 17), 0, 0, 0, 0)
            if pid == 0:
                os._exit(0)
            pid > 0 and escaped(hex(flag))
        """,
    "a user namespace by clone3": """
        pid = call(435, struct.pack("=QQQQQQQQ", 0x10000000, 0, 0, 0, 17, 0, 0, 0), 64)
        if pid == 0:
            os._exit(0)
        pid > 0 and escaped("clone3")
        """,
    "a namespace by unshare": """
        for flag in (0x80, 0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000):
            libc.unshare(flag) == 0 and escaped(hex(flag))
        """,
    "a root of its own by chroot": "attempt(os.chroot, '/tmp') is not None and escaped(1); os.listdir('/usr') or escaped(2)",
    "a root of its own by pivot_root": "libc.syscall(155, b'/tmp', b'/tmp') == 0 and escaped('pivot_root')",
    "a bind mount": "libc.mount(b'/usr', b'/tmp', None, 4096, None) == 0 and escaped('bind')",
    "a read-only mount made writable": "libc.mount(None, b'/usr', None, 32 | 4096, None) == 0 and escaped('remount')",
    "a mount taken away": """
        for place in (os.getcwd(), "/.suture/ws", "/tmp", "/proc", "/dev", "/usr"):
            libc.umount2(os.fsencode(place), 2) == 0 and escaped(place)
        """,
    "the newer calls for mounts": """
        call(428, -100, b"/", 1) >= 0 and escaped("open_tree")
        call(429, -100, b"/usr", -100, b"/tmp", 0) >= 0 and escaped("move_mount")
        call(430, b"tmpfs", 0) >= 0 and escaped("fsopen")
        call(433, -100, b"/", 0) >= 0 and escaped("fspick")
        call(442, -100, b"/usr", 0, struct.pack("=QQQQ", 0, 1, 0, 0), 32) >= 0 and escaped("mount_setattr")
        """,
    "a file by its handle": """
        handle = struct.pack("=Ii", 8, 1) + b"\\0" * 8
        call(304, -100, handle, 0) >= 0 and escaped("open_by_handle_at")
        """,
    # -- the kernel
    "io_uring": "call(425, 8, b'\\0' * 120) >= 0 and escaped('io_uring_setup')",
    "userfaultfd": "[call(323, flag) >= 0 and escaped(flag) for flag in (0, 1)]",
    "a program for the kernel": "call(321, 0, b'\\0' * 64, 64) >= 0 and escaped('bpf')",
    "performance counters": "call(298, struct.pack('=II', 1, 112) + b'\\0' * 104, 0, -1, -1, 0) >= 0 and escaped('perf')",
    "the kernel's keyring": """
        call(248, b"user", b"name", b"secret", 6, ctypes.c_int(-4)) >= 0 and escaped("add_key")
        call(250, 0, ctypes.c_int(-3), 1) >= 0 and escaped("keyctl")
        """,
    "a kernel module": "[call(number, 0, 0, b'') == 0 and escaped(number) for number in (175, 313, 176)]",
    "another kernel": "[call(number, 0, 0, 0, 0) == 0 and escaped(number) for number in (246, 320, 169)]",
    "ports of the machine": "[call(number, 0, 8, 1) == 0 and escaped(number) for number in (172, 173)]",
    "messages of the kernel": "call(103, 3, ctypes.create_string_buffer(64), 64) > 0 and escaped('syslog')",
    "the clock": """
        attempt(time.clock_settime, time.CLOCK_REALTIME, 0.0)
        time.time() < 1e9 and escaped("clock_settime")
        call(164, struct.pack("=qq", 0, 0), None) == 0 and escaped("settimeofday")
        """,
    "the name of the machine": """
        attempt(socket.sethostname, "evil")
        socket.gethostname() == "evil" and escaped("sethostname")
        libc.setdomainname(b"evil", 4) == 0 and escaped("setdomainname")
        """,
    "switches of the kernel": """
        for name in ("/proc/sysrq-trigger", "/proc/sys/kernel/core_pattern", "/proc/sys/kernel/hostname",
                     "/proc/sys/kernel/modprobe", "/proc/sys/fs/binfmt_misc/register", "/proc/sys/vm/overcommit_memory",
                     "/proc/sys/net/ipv4/ip_forward", "/proc/1/oom_score_adj", "/proc/self/uid_map", "/proc/self/setgroups",
                     "/sys/kernel/uevent_helper", "/sys/fs/cgroup/cgroup.procs"):
            file = attempt(os.open, name, os.O_WRONLY)
            file is not None and attempt(os.write, file, b"1") and escaped(name)
        """,
    "calls of 32-bit programs": """
        if os.uname().machine == "x86_64":
            code = mmap.mmap(-1, 4096, prot=7)
            code.write(b"\\xb8\\x14\\0\\0\\0\\xcd\\x80\\xc3")  # getpid by int 0x80
            child = os.fork()
            if child == 0:
                number = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(code)))()
                os._exit(9 if number > 0 else 0)
            os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9 and escaped("int 0x80")
        """,
    "calls of x32 programs": "call(0x40000000 | 39) > 0 and escaped('x32')",
    # -- privilege
    "another user": """
        for change in (lambda: os.setuid(0), lambda: os.setresuid(0, 0, 0), lambda: os.setgid(0), lambda: os.setgroups([0])):
            attempt(change)
        0 in (os.getuid(), os.geteuid(), os.getgid(), *os.getgroups()) and escaped(os.getresuid())
        """,
    "capabilities": """
        libc.capset(struct.pack("=Ii", 0x20080522, 0), struct.pack("=IIIIII", *[0xFFFFFFFF] * 6)) == 0 and escaped("capset")
        libc.prctl(47, 2, 21, 0, 0) == 0 and escaped("ambient")
        """,
    "privileges given back": """
        libc.prctl(38, 0, 0, 0, 0) == 0 and escaped("no_new_privs off")
        libc.prctl(22, 0, 0, 0, 0) == 0 and escaped("filter off")
        """,
    "a setuid program of its own": """
        import shutil, subprocess
        shutil.copy("/bin/sh", "/tmp/sh")
        os.chmod("/tmp/sh", 0o6755)
        ids = subprocess.run(["/tmp/sh", "-c", "cat /proc/self/status"], capture_output=True, text=True).stdout
        [escaped(line) for line in ids.splitlines() if line.startswith(("Uid", "Gid")) and "\\t0" in line]
        """,
    "more than the limits": """
        for name in ("NPROC", "DATA", "FSIZE", "NOFILE", "CORE", "CPU", "MEMLOCK"):
            which = getattr(resource, f"RLIMIT_{name}")
            for value in (resource.RLIM_INFINITY, resource.getrlimit(which)[1] + 1):
                attempt(resource.setrlimit, which, (value, value))
                resource.getrlimit(which)[1] == value and escaped(name)
        """,
    "a dump of its memory": """
        child = os.fork()
        if child == 0:
            os.abort()
        os.WCOREDUMP(os.waitpid(child, 0)[1]) and escaped("a core")
        [escaped(name) for folder in (".", "/tmp") for name in os.listdir(folder) if name.startswith("core")]
        """,
    "a device of its own": """
        for kind, number in ((stat.S_IFCHR, os.makedev(1, 1)), (stat.S_IFBLK, os.makedev(254, 0)), (stat.S_IFBLK, os.makedev(8, 0))):
            attempt(os.mknod, "/tmp/device", kind | 0o666, number)
            attempt(open, "/tmp/device", "rb") and escaped(number)
        """,
    "characters typed into a terminal": """
        import fcntl
        for descriptor in (0, 1, 2, attempt(os.open, "/dev/tty", os.O_RDWR), attempt(os.open, "/dev/console", os.O_RDWR)):
            descriptor is not None and attempt(fcntl.ioctl, descriptor, 0x5412, b"x") is not None and escaped(descriptor)
        """,
    # -- files
    "secrets of the machine": """
        for name in ("/etc/shadow", "/etc/sudoers", "/etc/ssh", "/home/user/.ssh",
                     *(os.path.join("/root", each) for each in (".ssh", ".bash_history")), "/var/log", "/var/lib", "/run/secrets", "/proc/kcore", "/proc/keys", "/boot", "/srv", "/mnt", "/media"):
            (attempt(os.listdir, name) or attempt(lambda: open(name, "rb").read(1))) and escaped(name)
        """,
    "a program of the system by a shared map": """
        with open("/usr/bin/env", "rb") as file:
            attempt(mmap.mmap, file.fileno(), 0, mmap.MAP_SHARED, mmap.PROT_WRITE) and escaped("map")
        attempt(open, "/usr/bin/env", "r+b") and escaped("open")
        """,
    "a program of the system by its own memory": """
        with open("/usr/bin/env", "rb") as file:
            size = os.fstat(file.fileno()).st_size
            view = mmap.mmap(file.fileno(), size, mmap.MAP_PRIVATE, mmap.PROT_READ | mmap.PROT_WRITE)
            view[0:4] = b"evil"
            view.flush()
        open("/usr/bin/env", "rb").read(4) == b"evil" and escaped("dirty")
        """,
    "attributes of the interpreter": """
        for path in (sys.executable, os.path.realpath(sys.executable), os.__file__):
            for change in (lambda: os.chmod(path, 0o777), lambda: os.utime(path), lambda: os.chown(path, 1000, 1000),
                           lambda: os.setxattr(path, "user.x", b"1"), lambda: os.rename(path, path + ".old"),
                           lambda: os.truncate(path, 0), lambda: os.unlink(path)):
                try:
                    change()
                    escaped(path)
                except Exception:
                    pass
        """,
    "a hard link out of a read-only folder": """
        for source in ("/usr/bin/env", os.__file__, "/etc/passwd"):
            attempt(os.link, source, "/tmp/link")
            os.path.exists("/tmp/link") and escaped(source)
        """,
    "the workspace below its copy": """
        for place in ("/.suture/ws", "/.suture/rw", "/proc/1/root", "/proc/1/cwd", "/proc/self/root/.suture/ws"):
            attempt(os.listdir, place) and escaped(place)
        """,
    # -- memory that nobody counts
    "memory without a process": "[attempt(os.memfd_create, name) is not None and escaped(name) for name in ('a', 'b')]",
    "secret memory": "call(447, 0) >= 0 and escaped('memfd_secret')",
    "memory shared by key": "libc.shmget(1, 1 << 20, 0o1666) >= 0 and escaped('shmget')",
    "messages kept in the kernel": "libc.msgget(1, 0o1666) >= 0 and escaped('msgget')",
    "queues kept in the kernel": "attempt(ctypes.CDLL('librt.so.1').mq_open, b'/q', 0o102, 0o666, None) not in (None, -1) and escaped(1)",
    "memory that cannot be swapped": "libc.mlockall(3) == 0 and escaped('mlockall')",
}


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One for the whole table, so that it is tried in one warm interpreter: 20 ms each."""
    return tmp_path_factory.mktemp("escapes")


@pytest.mark.parametrize("name", ESCAPES)
def test_this_leads_nowhere(call: Any, name: str) -> None:
    if os.uname().machine != "x86_64" and "call(" in ESCAPES[name]:
        pytest.skip("the numbers are those of x86_64")
    body = textwrap.indent(textwrap.dedent(ESCAPES[name]).strip(), "    ")
    code = f"{PRELUDE}\ntry:\n{body}\nexcept (OSError, ValueError, AttributeError, MemoryError):\n    pass\n"
    result = call(code)
    assert result.reason == "exit", result
    assert not result.error, result.error
    assert result.value == [], f"{name}: {result.value}"


def test_the_table_notices_an_escape(call: Any) -> None:
    assert call(f"{PRELUDE}\nattempt(os.getpid) and escaped('it works')").value == ["it works"]
