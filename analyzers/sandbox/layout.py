"""What of the host the sandbox shows: the system's libraries, the interpreters, Suture's source, the workspace.

Invariant: everything is shown read-only; a folder that is, or contains, the person's home is never shown as part of
an interpreter. Nothing is executed to find anything out: an interpreter is described by its path and ``pyvenv.cfg``.
"""

from __future__ import annotations

import functools
import importlib.util
import os
import re
import shutil
import site
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ..errors import Unavailable, UserError
from . import toolchains
from .suture_guest.places import DEPENDENCIES, LIBRARY, LOWER, SCRATCH

#: Inside, the job is this user and group. Outside: the person who runs Suture, or ``STAGED_UID`` if that is root.
INSIDE_UID = 1000
STAGED_UID = 65534
SYSTEM = ("/usr", "/lib", "/lib32", "/lib64", "/libx32", "/bin", "/sbin", "/nix/store")
ETC = (
    "ld.so.cache",
    "ld.so.conf",
    "ld.so.conf.d",
    "alternatives",
    "ssl/certs",
    "ssl/openssl.cnf",
    "pki/tls/certs",
    "localtime",
    "mime.types",
    "magic",
)
GUEST = Path(__file__).resolve().parent / "suture_guest"
PACKAGES = ("analyzers", "codegen", "healing", "server")
WORKER_IMPORTS = (
    *("hypothesis", "_hypothesis_globals", "_hypothesis_ftz_detector", "sortedcontainers", "attr", "attrs"),
    *("crosshair", "_crosshair_tracers", "z3", "typing_inspect", "typing_extensions", "mypy_extensions", "packaging"),
    "typeshed_client",
)
BASE_PATH = "/usr/local/bin:/usr/bin:/bin"


@dataclass(frozen=True, slots=True)
class Bind:
    """``source`` on the host appears read-only as ``target``. ``system``: everybody can reach it as it is."""

    source: str
    target: str
    system: bool = False


@dataclass(frozen=True, slots=True)
class Inside:
    """Where a job finds what has no place of its own on the host. ``view``: how its workspace is made; ``folder``: a
    folder of the host that holds it all, where the walls are no file system of their own (empty: they are one)."""

    root: str = ""  # the workspace, if not where it is outside
    tmp: str = "/tmp"
    library: str = LIBRARY
    dependencies: str = DEPENDENCIES
    view: Literal["mounted", "copied"] = "mounted"
    folder: str = ""


@dataclass(frozen=True, slots=True)
class Layout:
    """All that a backend needs to build the root of the sandbox. ``path`` is the job's ``PATH``; ``sites`` are
    package folders outside of the interpreter's own prefix."""

    root: str
    binds: tuple[Bind, ...]
    links: tuple[tuple[str, str], ...]
    folders: tuple[str, ...]
    hide: tuple[str, ...]
    sites: tuple[str, ...]
    path: str
    env: Mapping[str, str]
    inside: Inside = Inside()


def interpreter(python: Path | None) -> Path:
    """The absolute path of the interpreter that a job means (links in its name are kept: a venv is found by them)."""
    if python is None:
        return Path(sys.executable)
    path = Path(os.path.abspath(python))
    if not path.exists():
        raise Unavailable(f"the interpreter {path} does not exist", "choose another one, or create the environment")
    with path.open("rb") as file:
        if file.read(2) == b"#!":
            raise Unavailable(f"{path} is a script that starts an interpreter", "give the interpreter itself")
    return path


def layout(root: Path, python: Path, tools: Iterable[str] = ()) -> Layout:
    """The layout for ``root`` and ``python``; ``tools`` are further programs that must be there (``argv[0]``)."""
    base = os.path.realpath(root)
    if not os.path.isdir(base):
        raise UserError(f"the workspace {root} is not a folder")
    if base == "/" or any(_under(each, base) for each in ("/usr", "/proc", "/dev", "/sys")):
        raise UserError(f"{root} cannot be a workspace: it contains the system", "choose a project folder")
    links: list[tuple[str, str]] = []
    binds: list[Bind] = []
    for name in SYSTEM:
        if os.path.islink(name):
            links.append((name, os.readlink(name)))
        elif os.path.isdir(name):
            binds.append(Bind(name, name, system=True))
    for name in ETC:
        if os.path.exists(f"/etc/{name}"):
            binds.append(Bind(os.path.realpath(f"/etc/{name}"), f"/etc/{name}", system=True))
    for name in ("passwd", "group", "hosts", "nsswitch.conf"):
        binds.append(Bind(str(GUEST / "etc" / f"{name}.txt"), f"/etc/{name}"))
    path = [str(python.parent)]
    env: dict[str, str] = {}
    for tool in tools:
        compiler = toolchains.shown(tool)
        if compiler is not None and not _under(toolchains.program(tool) or "", base):
            env.update(compiler.env)
            outside = [each for each in compiler.folders if not _under(each, base)]
            binds += [Bind(os.path.realpath(each), each) for each in outside]
            path += compiler.path
            continue
        if (python.parent / tool).exists():
            continue
        found, extra = _tool(tool, base)
        env.update(extra)
        binds += [Bind(os.path.realpath(each), each) for each in found]
        program = shutil.which(tool)
        path += [os.path.dirname(program)] if found and program else []
    own = Path(sys.executable)
    for folder in {**dict.fromkeys(interpreter_folders(own)), **dict.fromkeys(interpreter_folders(python))}:
        binds.append(Bind(os.path.realpath(folder), folder))
    source = Path(__file__).resolve().parents[2]
    for name in PACKAGES:
        if (source / name).is_dir():
            binds.append(Bind(str(source / name), f"{LIBRARY}/suture/{name}"))
    binds.append(Bind(str(GUEST), f"{LIBRARY}/suture_guest"))
    sites = user_site() if str(python) == sys.executable else ()
    for each in sites:
        binds.append(Bind(os.path.realpath(each), each))
        env["PYTHONUSERBASE"] = site.getuserbase()
    if version(python) == sys.version_info[:2] or str(python) == sys.executable:
        own = str(python) == sys.executable
        binds += [each for each in dependencies() if not (own and _covered(each.source, binds))]
    binds.append(Bind(base, LOWER))
    kept = [each for each in binds if each.system or not _shown(each, binds)]
    unique = {each.target: each for each in kept}
    ordered = sorted(unique.values(), key=lambda each: each.target.count("/"))
    alias = os.path.abspath(root)
    if alias != base and not any(_under(alias, each.target) for each in binds):
        links.append((alias, base))
    folders = (SCRATCH, "/tmp", base)
    return Layout(
        root=base,
        binds=tuple(ordered),
        links=tuple(links),
        folders=folders,
        hide=tuple(hidden(Path(base))),
        sites=sites,
        path=":".join(dict.fromkeys([*path, *BASE_PATH.split(":")])),
        env=env,
    )


def interpreter_folders(python: Path) -> Iterator[str]:
    """The folders that an interpreter needs: its environment, the installation behind it, every link on the way."""
    yield from _prefix(python)
    hop = python
    for _ in range(16):
        if not hop.is_symlink():
            break
        hop = Path(os.path.normpath(hop.parent / os.readlink(hop)))
        yield from _prefix(hop)
    yield from _prefix(Path(os.path.realpath(python)))
    config = python.parent.parent / "pyvenv.cfg"
    if config.is_file():
        for line in config.read_text("utf-8", "replace").splitlines():
            key, _, value = line.partition("=")
            if key.strip() == "home" and value.strip():
                home = Path(value.strip())
                yield from _prefix(home / "python")
                yield from _prefix(Path(os.path.realpath(home)) / "python")


def version(python: Path) -> tuple[int, int] | None:
    """The version of an interpreter, read from its environment or its files; None if nothing tells."""
    config = python.parent.parent / "pyvenv.cfg"
    if config.is_file():
        found = re.search(r"^version(?:_info)?\s*=\s*(\d+)\.(\d+)", config.read_text("utf-8", "replace"), re.MULTILINE)
        if found:
            return int(found[1]), int(found[2])
    found = re.fullmatch(r"python(\d+)\.(\d+)", os.path.basename(os.path.realpath(python)))
    return (int(found[1]), int(found[2])) if found else None


def user_site() -> tuple[str, ...]:
    """The person's own package folder, if Suture itself is installed there (``pip install --user``)."""
    folder = site.getusersitepackages()
    return (folder,) if site.ENABLE_USER_SITE and folder in sys.path and os.path.isdir(folder) else ()


@functools.cache
def dependencies() -> tuple[Bind, ...]:
    """What Suture's workers import beside the standard library, from Suture's own environment."""
    found: list[Bind] = []
    for name in WORKER_IMPORTS:
        spec = importlib.util.find_spec(name)
        if spec is None or spec.origin is None:
            continue
        place = os.path.dirname(spec.origin) if spec.submodule_search_locations else spec.origin
        found.append(Bind(place, f"{DEPENDENCIES}/{os.path.basename(place)}"))
    return tuple(found)


def _prefix(python: Path) -> Iterator[str]:
    """``PREFIX/bin/python`` → ``PREFIX``, or only its ``bin`` and ``lib/python*`` where the prefix is too much.

    Nothing if no Python is installed there: an environment in the workspace says what it likes, and a link or a
    ``pyvenv.cfg`` that names a folder of secrets must not show it."""
    prefix = python.parent.parent
    if python.parent.name != "bin" or not (_installation(prefix) or (prefix / "pyvenv.cfg").is_file()):
        return
    home = os.path.realpath(os.path.expanduser("~"))
    own = (prefix / "pyvenv.cfg").is_file() and not _under(home, os.path.realpath(prefix))
    if own or not _too_much(prefix):
        yield str(prefix)
        return
    for each in (*prefix.glob("bin/python*"), *prefix.glob("lib/python*"), *prefix.glob("lib/libpython*")):
        yield str(each)


def _installation(prefix: Path) -> bool:
    return any(next(prefix.glob(f"lib*/{name}3*/os.py"), None) for name in ("python", "pypy"))


def _too_much(folder: Path) -> bool:
    """Folders that hold more than one program and its parts: those above home, home, and its own dot folders."""
    home = os.path.realpath(os.path.expanduser("~"))
    real = os.path.realpath(folder)
    general = ("/", "/home", "/opt", "/var", "/etc", "/srv", "/tmp")
    return _under(home, real) or real in general or (os.path.dirname(real) == home and "/." in real)


def _tool(name: str, root: str) -> tuple[list[str], dict[str, str]]:
    """Folders or files, and variables, for a program found on the host's PATH outside of the system's folders."""
    found = name if os.path.isabs(name) else shutil.which(name)
    if found is None or not os.path.exists(found) or _under(found, root):
        return [], {}
    real = os.path.realpath(found)
    home = Path(os.path.expanduser("~"))
    if "/.cargo/" in found and (rust := toolchains.shown("cargo")):
        return list(rust.folders), dict(rust.env)
    shown: list[str] = []
    for each in map(Path, (found, real)):
        if any(_under(str(each), folder) for folder in (*SYSTEM, root)):
            continue
        prefix = each.parent.parent if each.parent.name == "bin" else each.parent
        private = each.parent.name != "bin" and _under(str(each), os.path.realpath(home))
        shown.append(str(each) if private or _too_much(prefix) else str(prefix))
        with each.open("rb") as file:  # a script of an environment needs its interpreter, and that its installation
            first = file.readline(512)
        if first.startswith(b"#!/"):
            shown += interpreter_folders(Path(os.fsdecode(first[2:].split()[0])))
    return shown, {}


def hidden(root: Path) -> Iterator[str]:
    """What of the workspace is not shown: its history, and in a home folder everything that starts with a dot."""
    if os.path.lexists(root / ".git"):
        yield ".git"
    home = Path(os.path.realpath(os.path.expanduser("~")))
    if home == root or root in home.parents:
        try:
            names = sorted(os.listdir(home))
        except OSError:
            return
        for name in names:
            relative = str((home / name).relative_to(root))
            if name.startswith(".") and relative != ".git":
                yield relative


def _covered(path: str, binds: Iterable[Bind]) -> bool:
    """Whether ``path`` is visible under its own name."""
    return any(each.source == each.target and _under(path, each.target) for each in binds)


def _shown(bind: Bind, binds: Iterable[Bind]) -> bool:
    """Whether a system folder shows it already, at its own place."""
    if bind.source != bind.target:
        return False
    return any(each.system and _under(bind.target, each.target) for each in binds)


def _under(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")
