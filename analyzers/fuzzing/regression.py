"""Writes a counterexample as a plain pytest module: literal inputs, no database, nothing of Suture's in it.

The test fails now and passes once the target copes with the input (or, for a difference from a base version, once it
does again what that one did). A call that does not end is made in a process of its own, so that the test ends anyway.
What is asserted, kind by kind, is in :mod:`.assertions`; this module puts the imports around it and has it formatted
as the project formats its own files.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

from ..engines.ruff import binary
from ..errors import Unavailable
from .assertions import Counterexample, Writer
from .project import ImportSpot

__all__ = ["Counterexample", "call_text", "formatted", "loading_lines", "test_source"]

_FORMAT_TIMEOUT_S = 5


def call_text(example: Counterexample) -> str:
    """The call as a person would write it, with the module's names bare."""
    return "; ".join(Writer(example).statements())


def test_source(example: Counterexample, spot: ImportSpot, root: Path, folder: Path) -> str:
    """A test module for the counterexample, to be put into ``folder`` of the project at ``root``."""
    writer = Writer(example)
    if example.kind == "hang":
        imports, blocks = _bounded(writer, spot, root, folder)
    else:
        imports, blocks = _direct(writer, spot, root, folder)
    standard = sorted(imports, key=lambda line: (line.startswith("from"), line))
    third = ["import pytest"] if writer.needs_pytest else []
    header = f'"""Found by fuzzing: an input that broke ``{example.target}``."""'
    parts = ["\n".join(each) for each in (standard, third, *blocks[:-1]) if each]
    text = "\n\n".join([header, *parts]) + "\n\n\n" + "\n".join(blocks[-1]) + "\n"
    return formatted(text, folder, root)


def _direct(writer: Writer, spot: ImportSpot, root: Path, folder: Path) -> tuple[set[str], list[list[str]]]:
    """The call in the test's own process."""
    body = writer.body()
    imports = {f"import {name}" for name in writer.modules}
    if not _importable(spot):
        imports |= {"import runpy", "from pathlib import Path"}
        return imports, [_by_path(writer, f"str({_relative(_file(spot), root, folder)})"), body]
    late = "" if _is_on_path(spot, root) else "  # noqa: E402"
    loading = [line + late for line in _imports(writer, spot)]
    if not late:
        return imports, [loading, body]
    imports |= {"import sys", "from pathlib import Path"}
    return imports, [[f"sys.path.insert(0, str({_relative(spot.folder, root, folder)}))"], loading, body]


def _bounded(writer: Writer, spot: ImportSpot, root: Path, folder: Path) -> tuple[set[str], list[list[str]]]:
    """The call in a process that is ended after ten seconds: a loop in C code cannot be interrupted otherwise."""
    statements = writer.statements()
    imports = {"import os", "import subprocess", "import sys"}
    places, given = "sys.path", ""
    modules = {f"import {name}" for name in writer.modules}
    if not _importable(spot):
        modules |= {"import runpy", "import sys"}
        loading = _by_path(writer, "sys.argv[1]")
        given = f", str({_relative(_file(spot), root, folder)})"
        imports.add("from pathlib import Path")
    else:
        loading = _imports(writer, spot)
        if not _is_on_path(spot, root):
            places = f"[str({_relative(spot.folder, root, folder)}), *sys.path]"
            imports.add("from pathlib import Path")
    code = "\n".join([*sorted(modules), *loading, "", *writer.reader(), *statements])
    body = [
        f"def {writer.test_name()}() -> None:",
        f'    environment = {{**os.environ, "PYTHONPATH": os.pathsep.join({places})}}',
        f"    command = [sys.executable, '-c', CALL{given}]",
        "    # raises TimeoutExpired as long as the call does not end",
        "    done = subprocess.run(command, env=environment, capture_output=True, timeout=10, check=False)",
        '    assert b"ModuleNotFoundError" not in done.stderr',
    ]
    return imports, [[f"CALL = {_multiline(code)}"], body]


def _multiline(code: str) -> str:
    if '"""' in code or (not code.isprintable() and any(not each.isprintable() and each != "\n" for each in code)):
        return repr(code)
    return f'{"r" if chr(92) in code else ""}"""\n{code}\n"""'


def _imports(writer: Writer, spot: ImportSpot) -> list[str]:
    found = {spot.module: writer.names}
    for module, names in writer.siblings.items():
        found.setdefault(module, set()).update(names)
    return [f"from {module} import {', '.join(sorted(names))}" for module, names in sorted(found.items())]


def _importable(spot: ImportSpot) -> bool:
    return all(part.isidentifier() for part in spot.module.split("."))


def _file(spot: ImportSpot) -> Path:
    return spot.folder / f"{spot.module}.py"


def _is_on_path(spot: ImportSpot, root: Path) -> bool:
    """Whether something in the project makes the module importable already."""
    settings = "".join(
        (root / name).read_text(encoding="utf-8", errors="replace")
        for name in ("pyproject.toml", "setup.cfg", "pytest.ini", "tox.ini")
        if (root / name).is_file()
    )
    if "pythonpath" in settings or "[project]" in settings or (root / "setup.py").is_file():
        return True
    return spot.folder == root and (root / "conftest.py").is_file()


def _relative(target: Path, root: Path, folder: Path) -> str:
    """An expression for ``target`` from the test file's own place."""
    try:
        up = len(folder.relative_to(root).parts)
        rest = target.relative_to(root)
    except ValueError:
        return f"Path({str(target)!r})"
    base = f"Path(__file__).resolve().parents[{up}]"
    return base if rest == Path() else f"{base} / {rest.as_posix()!r}"


def _by_path(writer: Writer, place: str) -> list[str]:
    """For a file whose name cannot be imported: its names, taken by running it."""
    return [f"module = runpy.run_path({place})", *(f"{name} = module[{name!r}]" for name in sorted(writer.names))]


def loading_lines(names: set[str], spot: ImportSpot, root: Path, folder: Path) -> tuple[set[str], list[str]]:
    """For another kind of test: imports to put first, and lines that make ``names`` of the module known there."""
    if not _importable(spot):
        place = f"str({_relative(_file(spot), root, folder)})"
        taken = (f"{name} = module[{name!r}]" for name in sorted(names))
        return {"import runpy", "from pathlib import Path"}, [f"module = runpy.run_path({place})", *taken]
    line = f"from {spot.module} import {', '.join(sorted(names))}"
    if _is_on_path(spot, root):
        return set(), [line]
    first = f"sys.path.insert(0, str({_relative(spot.folder, root, folder)}))"
    return {"import sys", "from pathlib import Path"}, [first, "", f"{line}  # noqa: E402"]


def formatted(text: str, folder: Path, root: Path) -> str:
    """``text`` as ``ruff format`` writes it with the project's settings (with its own, should those be broken)."""
    name = ["--stdin-filename", str(folder / "test_fuzz.py")]
    where = next((each for each in (root, *root.parents) if each.is_dir()), None)
    for options in (name, ["--isolated", *name]):
        try:
            done = subprocess.run(
                [binary(), "format", "--no-cache", "--quiet", *options, "-"],
                input=text.encode("utf-8", "surrogatepass"),
                capture_output=True,
                timeout=_FORMAT_TIMEOUT_S,
                check=False,
                cwd=where,
            )
        except (OSError, subprocess.TimeoutExpired, Unavailable):
            return text
        if done.returncode == 0:
            return done.stdout.decode("utf-8", "surrogatepass")
    return text
