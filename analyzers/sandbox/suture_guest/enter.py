"""From the host into the sandbox: what must happen before, and without bubblewrap in place of, the namespaces.

Two things. *Staging*, only when Suture runs as root: root gathers what the job may see under folders that everybody
can traverse (an interpreter in ``/root`` is not reachable for anyone else), shown as if the unprivileged user owned
it, then becomes that user, because a process limit does not bind root. *Namespaces*: without bubblewrap, the new user,
mount, PID, network, IPC, UTS and cgroup namespaces and the new root are made here.

Invariant: the host's mounts are never changed; everything happens in a private mount namespace.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import stat
import struct
import sys

from . import coded, job, kernel

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

STAGE = "/tmp"
NEW_ROOT = "/tmp"
READ_ONLY = kernel.MOUNT_ATTR_RDONLY | kernel.MOUNT_ATTR_NOSUID | kernel.MOUNT_ATTR_NODEV
NAMESPACES = (
    kernel.CLONE_NEWNS
    | kernel.CLONE_NEWPID
    | kernel.CLONE_NEWNET
    | kernel.CLONE_NEWIPC
    | kernel.CLONE_NEWUTS
    | kernel.CLONE_NEWCGROUP
)


def entry() -> None:
    """argv: descriptor of the configuration (JSON), descriptor for status frames.

    ``stage``: {"uid", "binds": [source…]} or null. ``exec``: a command to run after staging (bubblewrap), or null and
    then ``namespaces``: {"uid", "binds": [[source, target]…], "links": [[target, to]…], "folders": […], "program":
    null or a command for the first process, "env": its environment}. Without a program the first process runs the job
    of the same configuration."""
    configuration, status = int(sys.argv[1]), int(sys.argv[2])
    os.lseek(configuration, 0, os.SEEK_SET)
    with os.fdopen(configuration, "rb", closefd=False) as file:
        config = coded.loads(file.read())
    os.lseek(configuration, 0, os.SEEK_SET)
    parent = os.getppid()
    try:
        if config["stage"]:
            stage(config["stage"])
        kernel.die_with_parent()
        if os.getppid() != parent:
            os._exit(1)
        if config["exec"]:
            os.execv(config["exec"][0], config["exec"])
        first = enter(config["namespaces"])
    except OSError as error:
        job.wire.write(status, job.wire.pack(job.wire.FAILED, str(error).encode("utf-8", "replace")))
        os._exit(1)
    if first:
        os.close(status)
        os.close(configuration)
        job.silence()
        _, state = os.waitpid(first, 0)
        os._exit(os.WEXITSTATUS(state) if os.WIFEXITED(state) else 128)
    program = config["namespaces"]["program"]
    if program:
        kernel.keep_capabilities_over_exec()
        os.execve(program[0], program, config["namespaces"]["env"])
    os.close(configuration)
    job.main(config, status)


def stage(config: Mapping[str, Any]) -> None:
    """As root: gather ``binds`` as ``/tmp/0``, ``/tmp/1``… in a private mount namespace, then become ``uid``."""
    uid = int(config["uid"])
    kernel.unshare(kernel.CLONE_NEWNS)
    kernel.mount(None, "/", None, kernel.MS_REC | kernel.MS_PRIVATE)
    trees: list[tuple[int, bool]] = []
    namespaces: dict[int, int] = {}
    for source in config["binds"]:
        info = os.stat(source)
        tree = kernel.open_tree(source)
        if info.st_uid not in namespaces:
            namespaces[info.st_uid] = _mapping_namespace(info.st_uid, uid)
        # a file system without mapped mounts: then only what everybody may read can be read
        with contextlib.suppress(OSError):
            kernel.mount_setattr(tree, "", kernel.MOUNT_ATTR_IDMAP, namespaces[info.st_uid])
        trees.append((tree, stat.S_ISDIR(info.st_mode)))
    kernel.mount("suture", STAGE, "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV, "mode=0755")
    for index, (tree, folder) in enumerate(trees):
        target = f"{STAGE}/{index}"
        _make(target, folder)
        kernel.move_mount(tree, target)
        os.close(tree)
    for descriptor in namespaces.values():
        os.close(descriptor)
    os.chdir("/")
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)
    kernel.prctl(kernel.PR_SET_DUMPABLE, 1)


def _mapping_namespace(owner: int, uid: int) -> int:
    """A user namespace, as a descriptor, whose mapping shows files of ``owner`` as files of ``uid`` and the reverse."""
    reader, writer = os.pipe()
    end, alive = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(alive)
            kernel.unshare(kernel.CLONE_NEWUSER)
            os.write(writer, b"1")
            os.read(end, 1)  # until it is killed, or its parent has gone, and with it the other end
        finally:
            os._exit(1)
    os.close(writer)
    os.close(end)
    try:
        if not os.read(reader, 1):
            raise OSError(1, "unshare: no user namespace")
        low, high = sorted((owner, uid))
        ranges = [(low, high, 1), (high, low, 1)] if low != high else [(low, low, 1)]
        for first, last in ((0, low - 1), (low + 1, high - 1), (high + 1, 0xFFFFFFFE)):
            if first <= last:
                ranges.append((first, first, last - first + 1))
        text = "".join(f"{inside} {outside} {count}\n" for inside, outside, count in sorted(ranges))
        for name in ("uid_map", "gid_map"):
            with open(f"/proc/{child}/{name}", "w", encoding="ascii") as file:
                file.write(text)
        return os.open(f"/proc/{child}/ns/user", os.O_RDONLY | os.O_CLOEXEC)
    finally:
        os.close(reader)
        os.close(alive)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def enter(config: Mapping[str, Any]) -> int:
    """Make the namespaces and the new root; returns twice: the first process's pid outside, 0 inside of it."""
    outside, inside = os.getuid(), int(config["uid"])
    group = os.getgid()
    kernel.unshare(kernel.CLONE_NEWUSER)
    for name, text in (
        ("setgroups", "deny"),
        ("uid_map", f"{inside} {outside} 1\n"),
        ("gid_map", f"{inside} {group} 1\n"),
    ):
        with open(f"/proc/self/{name}", "w", encoding="ascii") as file:
            file.write(text)
    kernel.unshare(NAMESPACES)
    reader, writer = os.pipe()
    first = os.fork()
    if first:
        os.close(reader)
        return first  # the writing end stays open for as long as this process lives
    os.close(writer)
    kernel.die_with_parent()
    os.set_blocking(reader, False)
    try:
        if os.read(reader, 1) == b"":  # the parent is gone already: its end is closed before we asked to be told
            os._exit(1)
    except BlockingIOError:
        pass  # it is there
    os.close(reader)
    _new_root(config)
    _loopback()
    import socket

    socket.sethostname("sandbox")
    if os.path.ismount("/proc"):  # otherwise the system-call filter alone forbids namespaces inside
        with open("/proc/sys/user/max_user_namespaces", "w", encoding="ascii") as file:
            file.write("0")
    return 0


def _new_root(config: Mapping[str, Any]) -> None:
    kernel.mount(None, "/", None, kernel.MS_REC | kernel.MS_PRIVATE)
    trees = [(kernel.open_tree(source), target, os.path.isdir(source)) for source, target in config["binds"]]
    devices = [
        (f"/dev/{name}", kernel.open_tree(f"/dev/{name}")) for name in ("null", "zero", "full", "random", "urandom")
    ]
    kernel.mount("suture", NEW_ROOT, "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV, "mode=0755,size=16m")
    for folder in ("proc", "dev", "dev/shm", "dev/pts", "tmp", ".suture", *config["folders"]):
        os.makedirs(NEW_ROOT + "/" + folder.lstrip("/"), exist_ok=True)
    for target, to in config["links"]:
        os.makedirs(os.path.dirname(NEW_ROOT + target), exist_ok=True)
        os.symlink(to, NEW_ROOT + target)
    for tree, target, folder in trees:
        _make(NEW_ROOT + target, folder)
        kernel.mount_setattr(tree, "", READ_ONLY)
        kernel.move_mount(tree, NEW_ROOT + target)
        os.close(tree)
    for target, tree in devices:
        _make(NEW_ROOT + target, False)
        kernel.move_mount(tree, NEW_ROOT + target)
        os.close(tree)
    for name, to in (
        ("fd", "/proc/self/fd"),
        ("stdin", "fd/0"),
        ("stdout", "fd/1"),
        ("stderr", "fd/2"),
        ("ptmx", "pts/ptmx"),
    ):
        os.symlink(to, f"{NEW_ROOT}/dev/{name}")
    # In a container that masks parts of /proc the kernel gives no fresh one: then there is none inside.
    with contextlib.suppress(OSError):
        kernel.mount("proc", f"{NEW_ROOT}/proc", "proc", kernel.MS_NOSUID | kernel.MS_NODEV | kernel.MS_NOEXEC)
    with contextlib.suppress(OSError):  # without it there are no pseudo-terminals inside
        kernel.mount(
            "devpts",
            f"{NEW_ROOT}/dev/pts",
            "devpts",
            kernel.MS_NOSUID | kernel.MS_NOEXEC,
            "newinstance,ptmxmode=0666,mode=620",
        )
    os.chdir(NEW_ROOT)
    kernel.pivot_root(".", ".")
    kernel.umount(".")
    os.chdir("/")
    kernel.mount(
        None, "/", None, kernel.MS_REMOUNT | kernel.MS_BIND | kernel.MS_RDONLY | kernel.MS_NOSUID | kernel.MS_NODEV
    )


def _make(target: str, folder: bool) -> None:
    if os.path.lexists(target):
        return
    os.makedirs(target if folder else os.path.dirname(target), exist_ok=True)
    if not folder:
        os.close(os.open(target, os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC, 0o644))


def _loopback() -> None:
    """Switch the loopback interface on: servers and clients inside may talk to each other."""
    import fcntl
    import socket

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        request = struct.pack("16sH14s", b"lo", 0x1, b"")
        fcntl.ioctl(probe.fileno(), 0x8914, ctypes.create_string_buffer(request, 40))
