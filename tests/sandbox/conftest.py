"""Fixtures of the containment suite: every backend that works here, and a way to try something inside it."""

from __future__ import annotations

import os
import textwrap
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest

from suture.analyzers.sandbox import Job, Limits, Outcome, Sandbox, describe, open_sandbox
from suture.analyzers.sandbox.standing import ABLE, standing

#: Docker has a file of its own: it is slow to start, and where it runs is up to the machine.
AVAILABLE = [each.name for each in describe() if each.available and each.contains and each.name != "docker"]


#: The same guarantees hold where walls stand for several jobs (of the backend that is chosen here).
STANDING = [f"{each}, standing" for each in AVAILABLE if each in ABLE][:1]


@pytest.fixture(params=[*AVAILABLE, *STANDING], scope="module")
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    name, _, stands = request.param.partition(", ")
    opened = open_sandbox(name)
    with standing(opened) if stands else nullcontext(opened) as used:
        yield used
    opened.close()


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    root.mkdir()
    (root / "x.py").write_text("value = 1\n")
    return root


#: What a job may take by the clock where that is not the question: a busy machine may need long for anything.
LONG_S = 120.0
PATIENT = Limits(LONG_S, cpu_s=LONG_S)

Attack = Callable[..., Outcome]


@pytest.fixture
def attack(sandbox: Sandbox, workspace: Path) -> Attack:
    """``attack(code, **limits)``: run Python code as a job in the workspace; placeholders by ``format_map``."""

    def play(code: str, values: dict[str, object] | None = None, **limits: float) -> Outcome:
        source = textwrap.dedent(code)
        for name, value in (values or {}).items():
            source = source.replace(f"<{name}>", repr(value))
        allowed = Limits(**{"wall_s": LONG_S, **limits})  # pyright: ignore[reportArgumentType]
        return sandbox.run(Job(("python", "-c", source), workspace, limits=allowed))

    return play


@pytest.fixture
def call(sandbox: Sandbox, workspace: Path) -> Callable[..., object]:
    """``call(code, **limits)``: run Python code in a fork of the warm zygote."""

    def play(code: str, **limits: float) -> object:
        allowed = Limits(**{"wall_s": LONG_S, **limits})  # pyright: ignore[reportArgumentType]
        function = "suture.analyzers.sandbox.suture_guest.probe:execute"
        return sandbox.call(function, {"code": textwrap.dedent(code)}, root=workspace, limits=allowed)

    return play


class Survivors:
    """A token to put on command lines, and who still carries it."""

    def __init__(self) -> None:
        self.token = f"suture-{uuid.uuid4().hex}"

    def pids(self) -> list[int]:
        found: list[int] = []
        for name in os.listdir("/proc"):
            if name.isdigit() and int(name) != os.getpid():
                try:
                    command = Path(f"/proc/{name}/cmdline").read_bytes()
                except OSError:
                    continue  # it ended while we looked
                if self.token.encode() in command:
                    found.append(int(name))
        return found

    def gone_within(self, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while self.pids():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.02)
        return True


@pytest.fixture
def survivors() -> Survivors:
    return Survivors()
