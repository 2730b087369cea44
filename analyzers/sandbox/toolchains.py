"""Compilers that live in a home folder: what of them a job must see, and the variables that keep them offline.

Only programs, libraries and downloaded sources are shown, read-only: never a folder's settings or credentials
(``~/.cargo/credentials.toml``, ``~/.config/go/env``). A ``go`` that pip installed is a Python script beside the real
one; the real one is used.

Invariant: nothing is executed to find anything out.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

RUST = frozenset({"cargo", "rustc", "rustdoc", "rustup", "rustfmt"})
GO = frozenset({"go", "gofmt"})


@dataclass(frozen=True, slots=True)
class Shown:
    """``folders`` appear at their own places; ``path`` are the folders of programs among them, ``env`` the job's
    variables."""

    folders: tuple[str, ...]
    path: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict[str, str])


def program(name: str) -> str | None:
    """Where a program is: on the host's PATH, Go also where its installer puts it without changing the PATH."""
    if os.path.isabs(name):
        return name if os.path.exists(name) else None
    found = shutil.which(name)
    if found is None and name in GO:
        places = (
            "/usr/local/go/bin",
            "/usr/lib/go/bin",
            os.path.expanduser("~/go/bin"),
            os.path.expanduser("~/.go/bin"),
        )
        return next((f"{each}/{name}" for each in places if os.access(f"{each}/{name}", os.X_OK)), None)
    if found is None and name in RUST:
        place = f"{cargo_home()}/bin/{name}"
        return place if os.access(place, os.X_OK) else None
    return found


def shown(name: str) -> Shown | None:
    """What a job that runs this compiler must see; None for any other program, or one that is not installed."""
    base = os.path.basename(name)
    found = program(name)
    if found is None:
        return None
    if base in RUST:
        return _rust(found)
    return _go(found) if base in GO else None


def cargo_home() -> str:
    return os.environ.get("CARGO_HOME") or os.path.expanduser("~/.cargo")


def _rust(found: str) -> Shown:
    cargo = cargo_home()
    rustup = os.environ.get("RUSTUP_HOME") or os.path.expanduser("~/.rustup")
    env = {"CARGO_NET_OFFLINE": "true", "RUSTUP_AUTO_INSTALL": "0", "CARGO_TERM_COLOR": "never"}
    folders = [each for each in (f"{cargo}/bin", f"{cargo}/registry", f"{cargo}/git", rustup) if os.path.isdir(each)]
    if os.path.isdir(rustup):
        env["RUSTUP_HOME"] = rustup
    if f"{cargo}/registry" in folders:
        env["CARGO_HOME"] = cargo
    return Shown(tuple(folders), (os.path.dirname(found),), env)


def _go(found: str) -> Shown:
    real = _real_go(found)
    root = os.path.dirname(os.path.dirname(real))
    env = {"GOPROXY": "off", "GOTOOLCHAIN": "local", "GOSUMDB": "off", "GOENV": "off", "GOTELEMETRY": "off"}
    folders = [root]
    modules = os.environ.get("GOMODCACHE") or f"{os.environ.get('GOPATH') or os.path.expanduser('~/go')}/pkg/mod"
    if os.path.isdir(modules):
        folders.append(modules)
        env["GOMODCACHE"] = modules
    return Shown(tuple(folders), (os.path.dirname(real),), env)


def go_root() -> Path | None:
    """Go's own folder, which holds ``src`` and ``pkg``."""
    found = program("go")
    return Path(os.path.dirname(os.path.dirname(_real_go(found)))) if found else None


def _real_go(found: str) -> str:
    with open(found, "rb") as file:
        script = file.read(2) == b"#!"
    if script:
        prefix = Path(found).parent.parent
        for each in prefix.glob(f"lib/python*/site-packages/go/bin/{os.path.basename(found)}"):
            return str(each)
    return os.path.realpath(found)
