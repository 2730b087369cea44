"""The first process of a sandbox whose walls stand for several commands: for each it makes a namespace of processes,
network and mounts of its own, in which :mod:`.job` is the first process, exactly as in a sandbox of its own.

What is kept between commands is what none of them can change: the read-only root, this interpreter, and the user
namespace, in which nobody may make another. A command sees neither this process nor those of other commands.

Invariant: it runs no code of the workspace itself, and ends when the host lets go of the connection; the kernel then
kills whatever is left.
"""

from __future__ import annotations

import array
import os
import signal
import sys

from . import coded, confine, job, kernel

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: With each request: configuration, status, standard input, output and error.
DESCRIPTORS = 5
OWN = kernel.CLONE_NEWPID | kernel.CLONE_NEWNET | kernel.CLONE_NEWNS | kernel.CLONE_NEWIPC
#: The first message of a command on its status: it can begin, and here it is (a descriptor of the process).
HERE, UNABLE = b"P", b"U"
#: What the host answers once it holds that process: nothing of a command runs before, or if the host has given up.
GO = b"G"


def entry() -> None:
    """argv: descriptor of the configuration (nothing in it is for this process), descriptor of the connection."""
    configuration, host = int(sys.argv[1]), int(sys.argv[2])
    os.close(configuration)
    confine.die_with_parent()
    confine.guard()
    import _socket

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # whoever ends here is forgotten
    connection = _socket.socket(fileno=host)
    os.set_inheritable(host, False)
    job.silence()
    while True:
        data, told, _, _ = connection.recvmsg(1, _socket.CMSG_SPACE(DESCRIPTORS * array.array("i").itemsize))
        if not data:
            os._exit(0)
        held = array.array("i")
        for _, _, body in told:
            held.frombytes(body)
        try:
            child = os.fork()
        except OSError:
            child = -1  # no room for another process now: the host is told by the end of its status
        if child == 0:
            _begin(list(held), host, _socket)
        for each in held:
            os.close(each)


def _begin(held: list[int], host: int, sockets: Any) -> None:
    """In a child: make the namespaces, and in them the first process. Never returns."""
    status = sockets.socket(fileno=held[1])
    try:
        os.close(host)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        others = _tasks()
        kernel.unshare(OWN)
        if os.fork():
            os._exit(0)
        os.setsid()
        kernel.mount("proc", "/proc", "proc", kernel.MS_NOSUID | kernel.MS_NODEV | kernel.MS_NOEXEC)
        kernel.mount(
            "devpts",
            "/dev/pts",
            "devpts",
            kernel.MS_NOSUID | kernel.MS_NOEXEC,
            "newinstance,ptmxmode=0666,mode=620",
        )
        _loopback(sockets)
        with os.fdopen(held[0], "rb") as file:
            config = coded.loads(file.read())
        # those of the other commands are counted by the kernel as well
        config["limits"]["processes"] += others
        for number, each in enumerate(held[2:]):
            os.dup2(each, number)
            os.close(each)
        own = array.array("i", [os.pidfd_open(os.getpid())])
        status.sendmsg([HERE], [(sockets.SOL_SOCKET, sockets.SCM_RIGHTS, own)])
        os.close(own[0])
        if status.recv(1) == GO:
            job.main(config, status.detach())
    except BaseException as error:  # noqa: BLE001 - whatever it is, the forked child must not go on as its parent
        status.send(UNABLE + str(error).encode("utf-8", "replace")[:500])
    finally:
        os._exit(1)


def _tasks() -> int:
    """The tasks of all commands that run now, and of this process's own."""
    found = 0
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                found += len(os.listdir(f"/proc/{name}/task"))
            except OSError:
                continue  # it has ended
    return found


def _loopback(sockets: Any) -> None:
    """Switch the loopback interface on: servers and clients inside may talk to each other."""
    import fcntl
    import struct

    probe = sockets.socket(sockets.AF_INET, sockets.SOCK_DGRAM)
    fcntl.ioctl(probe.fileno(), 0x8914, struct.pack("16sH14s", b"lo", 0x1, b""))
    probe.close()
