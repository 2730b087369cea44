"""A store of each kind: a file of SQLite, and a schema in a real PostgreSQL that this session starts on loopback."""

from __future__ import annotations

import ctypes
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from suture.analyzers.store import Store, open_store, open_team_store

#: Linux: the signal that a child gets when its parent dies. Called by the server's account, which may import nothing.
PR_SET_PDEATHSIG = 1

#: Seconds that the server may take to answer its first connection.
READY_S = 60.0


@dataclass(frozen=True)
class Engine:
    """Opens stores of one kind. ``url`` is empty for SQLite."""

    name: str
    url: str
    cache: Path

    def open(self, root: Path, clock: Callable[[], float] = time.time) -> Store:
        if self.url:
            return open_team_store(root, self.url, folder=self.cache, clock=clock)
        return open_store(root, folder=self.cache, clock=clock)


def _program(name: str) -> Path | None:
    """A program of PostgreSQL; Debian has them outside of the path."""
    found = shutil.which(name)
    debian = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return Path(found) if found else debian[-1] if debian else None


def _user() -> pwd.struct_passwd | None:
    """PostgreSQL refuses to run as root: the account that it runs as instead, or None if that is us."""
    if os.geteuid():
        return None
    known = {each.pw_name: each for each in pwd.getpwall()}
    return known.get("postgres") or known["nobody"]


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The address of a server that ends with the session. Where it is not installed tests are skipped; in CI not."""
    initdb, server = _program("initdb"), _program("postgres")
    if initdb is None or server is None:
        reason = "PostgreSQL is not installed (Debian: apt-get install postgresql)"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    user, password = _user(), secrets.token_hex(8)
    run_as: dict[str, Any] = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}
    home = Path(tempfile.mkdtemp(prefix="suture-postgresql-"))
    try:
        (home / "password").write_text(password)
        if user:
            for path in (home, home / "password"):
                os.chown(path, user.pw_uid, user.pw_gid)
        made = [initdb, "-D", home / "data", "-U", "tester", "--auth=scram-sha-256", f"--pwfile={home / 'password'}"]
        subprocess.run(
            [*made, "--no-sync", "--no-locale", "--encoding=UTF8"], check=True, capture_output=True, cwd=home, **run_as
        )
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": port,
            "unix_socket_directories": "",
            "fsync": "off",
            "shared_buffers": "16MB",
            "max_wal_size": "64MB",
        }
        options = [each for name, value in settings.items() for each in ("-c", f"{name}={value}")]
        with (home / "log").open("wb") as log:
            process = subprocess.Popen(
                [server, "-D", home / "data", *options],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=home,
                start_new_session=True,
                preexec_fn=partial(ctypes.CDLL(None).prctl, PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0),
                **run_as,
            )
        try:
            url = f"postgresql://tester:{password}@127.0.0.1:{port}/postgres"
            _wait(url, process, home / "log")
            yield url
        finally:
            process.send_signal(signal.SIGINT)  # does not wait for clients, as SIGTERM would
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _wait(url: str, process: subprocess.Popen[str], log: Path) -> None:
    import psycopg

    deadline = time.monotonic() + READY_S
    while True:
        try:
            psycopg.connect(url, connect_timeout=5).close()
        except psycopg.OperationalError:
            if process.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"PostgreSQL did not start:\n{log.read_text()}")
            time.sleep(0.05)
        else:
            return


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    return folder


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, cache: Path) -> Engine:
    """Each kind of database; a workspace of another folder has a schema of its own."""
    name: str = request.param
    return Engine(name, request.getfixturevalue("postgresql") if name == "postgresql" else "", cache)
