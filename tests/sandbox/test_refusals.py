"""Why the kernel refuses the walls, told from what machines said where it does, with the command that helps."""

from __future__ import annotations

from pathlib import Path

import pytest

from suture.analyzers.sandbox.backends import kernel_refusals
from suture.analyzers.sandbox.backends.kernel_refusals import APPARMOR, CLONE, MOST, refusal
from suture.analyzers.sandbox.plan import release
from suture.analyzers.sandbox.suture_guest import landlock

UBUNTU = {CLONE: "1", APPARMOR: "1", MOST: "63000"}
GVISOR = "Linux version 4.4.0 #1 SMP Sun Jan 10 15:06:54 PST 2016"
DEBIAN_OFF = {CLONE: "0", MOST: "63000"}


@pytest.mark.parametrize(
    ("said", "values", "around", "reason", "mend"),
    [
        ("bwrap: setting up uid map: Permission denied", UBUNTU, "", "AppArmor", "/etc/apparmor.d/usr-bin-bwrap"),
        ("bwrap: loopback: Failed RTM_NEWADDR: Operation not permitted", UBUNTU, "", "AppArmor", "apparmor_parser"),
        ("sandbox: [Errno 13] Permission denied: '/proc/self/uid_map'", UBUNTU, "", "AppArmor", "userns"),
        (
            "bwrap: No permissions to create a new namespace, likely because the kernel does not allow non-privileged"
            " user namespaces.",
            DEBIAN_OFF,
            "",
            "switched off",
            "kernel.unprivileged_userns_clone=1",
        ),
        (
            "sandbox: [Errno 28] unshare: No space left on device",
            {MOST: "0"},
            "",
            "limited to none",
            "user.max_user_namespaces",
        ),
        ("sandbox: [Errno 1] unshare: Operation not permitted", {MOST: "63000"}, "container", "container", "seccomp"),
        (
            "bwrap: Can't mount proc on /newroot/proc: Permission denied",
            {},
            "container",
            "container",
            "systempaths",
        ),
        ("bwrap: pivot_root: Operation not permitted", {}, "gvisor", "gVisor", "--runtime runc"),
        ("sandbox: [Errno 38] mount_setattr : Function not implemented", {}, "", "too old", "bubblewrap"),
    ],
)
def test_a_recorded_refusal_is_explained(
    said: str, values: dict[str, str], around: str, reason: str, mend: str
) -> None:
    told, command = refusal(said, program="/usr/bin/bwrap", values=values, around=around)
    assert reason in told
    assert mend in command


@pytest.mark.parametrize("said", ["it ended before it could report", "no-such-program: not found", ""])
def test_an_unknown_failure_is_not_explained_away(said: str) -> None:
    assert refusal(said, program="/usr/bin/bwrap", values=UBUNTU, around="gvisor") == ("", "")


@pytest.mark.parametrize(
    ("files", "found"),
    [
        (
            {
                "proc/version": "Linux version 4.4.0 #1 SMP Sun Jan 10 15:06:54 PST 2016",
                "proc/sys/kernel/osrelease": "4.4.0",
            },
            "gvisor",
        ),
        ({"proc/version": "Linux version 6.8.0 (gvisor)", "proc/sys/kernel/osrelease": "6.8.0"}, "gvisor"),
        ({".dockerenv": ""}, "container"),
        ({"run/.containerenv": ""}, "container"),
        ({"proc/1/cgroup": "12:pids:/kubepods/besteffort/pod1"}, "container"),
        (
            {
                "proc/version": "Linux version 6.1.0-18-amd64",
                "proc/sys/kernel/osrelease": "6.1.0-18-amd64",
                "proc/1/cgroup": "0::/init.scope",
            },
            "",
        ),
    ],
)
def test_what_a_machine_is_inside_of_is_read_from_its_marks(tmp_path: Path, files: dict[str, str], found: str) -> None:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    assert kernel_refusals.surroundings(tmp_path) == found


@pytest.mark.parametrize(
    ("text", "found"), [("6.8.0-45-generic", (6, 8)), ("5.10.0", (5, 10)), ("6.18.1+", (6, 18)), ("4.4", (4, 4))]
)
def test_a_kernels_release_is_read(text: str, found: tuple[int, ...]) -> None:
    assert release(text) == found


def test_without_landlock_nothing_is_restricted_and_nothing_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    for version in (0, 1):
        monkeypatch.setattr(landlock, "abi", lambda version=version: version)
        assert landlock.restrict(("/tmp",), ()) is False
