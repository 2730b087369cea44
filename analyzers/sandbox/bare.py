"""The workspaces for which the person said: where nothing contains its code, run it on the bare host.

Invariant: the choice lies among the user's own files, never in a workspace, so that nothing a workspace holds (its
settings, its scripts' names, a link in it) can make it; it is asked again before every job, so that it can be revoked
at any time; it holds for the named folder and what lies in it.
"""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import time
from pathlib import Path
from typing import cast

from ..errors import Unavailable, UserError
from ..store import cache_folder, private_folder

NAME = "bare-host.json"


def allowed_folders(folder: Path | None = None) -> dict[str, str]:
    """Folder → day of the choice. Empty if the file is missing, cannot be read, or others could have written it."""
    path = (folder or cache_folder()) / NAME
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return {}
    with os.fdopen(descriptor, encoding="utf-8") as file:
        info = os.fstat(file.fileno())
        if info.st_uid != os.geteuid() or info.st_mode & 0o022:
            return {}
        try:
            found = json.load(file)
        except ValueError:
            return {}
    if not isinstance(found, dict):
        return {}
    return {str(name): str(day) for name, day in cast("dict[object, object]", found).items()}


def allowed(root: Path, folder: Path | None = None) -> bool:
    """Whether the person allowed it for ``root`` or a folder above it. Links are followed first."""
    real = os.path.realpath(root)
    kept = os.path.realpath(folder or cache_folder())
    if kept == real or kept.startswith(real.rstrip("/") + "/"):
        return False  # the choice would lie in the workspace that it is about
    return any(real == each or real.startswith(each.rstrip("/") + "/") for each in allowed_folders(folder))


def require(root: Path) -> None:
    """Raises Unavailable unless the person allowed it for ``root``."""
    if not allowed(root):
        raise Unavailable(
            f"nothing here contains code, and the bare host is not allowed for {root}",
            f"suture doctor --allow-bare-host {shlex.quote(str(root))}   (only for code that you would run anyway)",
        )


def allow(root: Path, folder: Path | None = None) -> None:
    """Remember the choice. Raises UserError for a folder that is not one workspace but (nearly) everything."""
    real = os.path.realpath(root)
    home = os.path.realpath(os.path.expanduser("~"))
    if not os.path.isdir(real):
        raise UserError(f"{root} is not a folder")
    if real == home or home.startswith(real.rstrip("/") + "/"):
        raise UserError(f"{real} holds everything that is yours, not one workspace", "name a project's folder")
    _write({**allowed_folders(folder), real: time.strftime("%Y-%m-%d")}, folder)


def forbid(root: Path, folder: Path | None = None) -> bool:
    """Revoke the choice for ``root`` and whatever lies in it or above it; true if there was one."""
    real = os.path.realpath(root)
    before = allowed_folders(folder)
    after = {
        each: day
        for each, day in before.items()
        if each != real and not each.startswith(real + "/") and not real.startswith(each + "/")
    }
    if after == before:
        return False
    _write(after, folder)
    return True


def _write(value: dict[str, str], folder: Path | None) -> None:
    place = private_folder(folder or cache_folder())
    path, draft = place / NAME, place / f".{NAME}.{os.getpid()}"
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(value, file, indent=1, sort_keys=True)
        os.replace(draft, path)
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(draft)
