"""Where Suture keeps things: the user's cache folder, a folder of it for each workspace, and the team's address.

Invariant: a team's address is what the user says (``SUTURE_STORE_URL``, or ``[store] url`` of the user's own
``config.toml``), never what a workspace says: a cloned folder cannot direct records to a server of its choice.
"""

from __future__ import annotations

import configparser
import hashlib
import os
import re
import socket
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

from .errors import Unavailable, UserError

#: The file of a store in its folder.
DATABASE = "store.sqlite3"


def cache_folder() -> Path:
    """The folder that holds all of Suture's databases and caches of this user; not created here."""
    chosen = os.environ.get("SUTURE_CACHE_DIR")
    if chosen:
        return Path(chosen).expanduser().absolute()
    import platformdirs

    return Path(platformdirs.user_cache_dir("suture", appauthor=False))


def workspace_folder(root: Path, folder: Path | None = None) -> Path:
    """Where the store (and other private files) of a workspace live. Two names of one folder share one place."""
    real = os.path.realpath(root)
    mark = hashlib.sha256(os.fsencode(real)).hexdigest()[:16]
    return (folder or cache_folder()) / "workspaces" / f"{_readable(Path(real).name)}-{mark}"


def user_folder(folder: Path | None = None) -> Path:
    """Where the user's own store lives."""
    return (folder or cache_folder()) / "user"


def private_folder(path: Path) -> Path:
    """Create ``path`` (and missing parents) closed to other users. Raises Unavailable where that is impossible."""
    hint = "point SUTURE_CACHE_DIR at a folder of your own"
    try:
        missing = [each for each in (path, *path.parents) if not each.exists()]
        for each in reversed(missing):
            each.mkdir(mode=0o700, exist_ok=True)
        if os.name == "posix":
            state = path.stat()
            if state.st_uid != os.geteuid():
                raise Unavailable(f"{path} belongs to another user", hint)
            if state.st_mode & 0o077:
                path.chmod(0o700)
    except OSError as error:
        raise Unavailable(f"{path} cannot be used: {error.strerror or error}", hint) from error
    return path


def _readable(name: str) -> str:
    return "".join(char if char.isalnum() or char in "-_." else "_" for char in name)[:40] or "root"


# -- a team's ----------------------------------------------------------------------------------------------------------


def user_config() -> Path:
    """The user's own settings file; it need not exist. ``SUTURE_CONFIG_DIR`` moves it."""
    chosen = os.environ.get("SUTURE_CONFIG_DIR")
    if chosen:
        return Path(chosen).expanduser().absolute() / "config.toml"
    import platformdirs

    return Path(platformdirs.user_config_dir("suture", appauthor=False)) / "config.toml"


def team_url(environ: Mapping[str, str] | None = None) -> str:
    """The address of the team's PostgreSQL, or empty. Raises UserError for an address of anything else."""
    url = (os.environ if environ is None else environ).get("SUTURE_STORE_URL", "").strip()
    source = "SUTURE_STORE_URL"
    if not url:
        path = user_config()
        source = f"[store] url of {path}"
        try:
            content: dict[str, Any] = tomllib.loads(path.read_text("utf-8"))
        except (FileNotFoundError, NotADirectoryError):
            return ""
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise UserError(f"{path} cannot be read: {error}", "mend it, or take it away") from error
        section: Any = content.get("store", {})
        url = str(cast("dict[str, Any]", section).get("url", "")) if isinstance(section, dict) else "?"
        if not url:
            return ""
    if url.partition("://")[0] not in ("postgresql", "postgres"):
        raise UserError(f"{source} is not an address of PostgreSQL", "write postgresql://USER@HOST/DATABASE")
    return url


def shown_url(url: str) -> str:
    """An address without user, password and options, for people and records."""
    parts = urlsplit(url)
    return f"postgresql://{parts.hostname or 'localhost'}{f':{parts.port}' if parts.port else ''}{parts.path}"


def team_schema(root: Path) -> str:
    """The schema of a workspace in the team's database: the same for everybody who has a clone of its ``origin``.

    Of a folder without one it is this machine's and this folder's alone. Only letters, digits and ``_``."""
    real = Path(os.path.realpath(root))
    base = next((each for each in (real, *real.parents) if (each / ".git").exists()), None)
    origin = _origin(base / ".git" / "config") if base is not None else ""
    if base is not None and origin:
        name, key = origin.rpartition("/")[2], f"{origin}#{real.relative_to(base).as_posix()}"
    else:
        name, key = real.name, f"{socket.gethostname()}#{real}"
    mark = hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()[:16]
    return f"suture_{re.sub('[^a-z0-9]+', '_', name.lower())[:30]}_{mark}"


def _origin(path: Path) -> str:
    """Host and path of a clone's ``origin``, however it is written; empty if there is none."""
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    try:
        parser.read_string(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, configparser.Error):
        return ""
    url = parser.get('remote "origin"', "url", fallback="").strip()
    match = re.fullmatch(r"(?:\w+://)?(?:[^@/]*@)?([^/:]+)(?::\d+(?=/))?[:/](.+?)(?:\.git)?/*", url)
    return f"{match[1].lower()}/{match[2].strip('/').lower()}" if match else ""
