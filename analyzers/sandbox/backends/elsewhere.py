"""The systems where nothing contains code yet: said clearly, never fallen back to."""

from __future__ import annotations

from ..backend import BackendStatus

NOT_YET: tuple[BackendStatus, ...] = (
    BackendStatus(
        "windows",
        False,
        "Suture runs no workspace code on Windows itself; inside WSL 2 it does, with the walls of Linux",
        install_hint="wsl --install",
    ),
)
