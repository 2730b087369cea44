"""The ways that are known and not built yet: said clearly, never fallen back to."""

from __future__ import annotations

from ..backend import BackendStatus

NOT_YET: tuple[BackendStatus, ...] = (
    BackendStatus("sandbox-exec", False, "not supported yet: Suture runs no workspace code on macOS"),
    BackendStatus("windows", False, "not supported yet: Suture runs no workspace code on Windows (WSL 2 works)"),
    BackendStatus("docker", False, "not supported yet: a container engine is not used even where one runs"),
)
