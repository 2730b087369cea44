"""Which command runs a file, its tests or one test, by language; and the same command for one test only.

Invariant: nothing here looks further than names, a few marker files and the text that it is given; nothing is started.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath
from typing import Literal

from ..analyzers.errors import UserError

Language = Literal["python", "javascript", "typescript", "rust", "go"]

#: Languages by suffix: what can be run, and the documents in which failures are shown.
LANGUAGES: dict[str, Language] = {
    ".py": "python",
    ".pyi": "python",
    ".pyw": "python",
    ".js": "javascript",
    ".mjs": "javascript",
    ".cjs": "javascript",
    ".jsx": "javascript",
    ".ts": "typescript",
    ".mts": "typescript",
    ".cts": "typescript",
    ".tsx": "typescript",
    ".rs": "rust",
    ".go": "go",
}

#: Quiet, without a cache in the workspace, and on to the end: every failure is wanted.
PYTEST = ("python", "-m", "pytest", "-q", "--no-header", "-p", "no:cacheprovider")

#: Options of pytest that take a value of their own in the next word.
_VALUED = frozenset({"-k", "-m", "-p", "-c", "-o", "-W", "-n", "--rootdir", "--ignore", "--deselect", "--maxfail"})


def language_of(path: Path) -> Language:
    """Raises UserError for a file that Suture cannot run."""
    language = LANGUAGES.get(path.suffix)
    if language is None:
        raise UserError(f"Suture does not know how to run {path.name}", "use suture.run.task with a command")
    return language


def relative(root: Path, path: Path) -> str:
    """Raises UserError for a file outside of its root."""
    if not path.is_relative_to(root):
        raise UserError(f"{path} is outside of {root}")
    return path.relative_to(root).as_posix()


def file_command(root: Path, path: Path) -> tuple[str, ...]:
    """The command that runs, or at least compiles, one file. Its working folder is ``root``."""
    language, name = language_of(path), relative(root, path)
    if language == "python":
        return ("python", name)
    if language == "javascript":
        return ("node", name)
    if language == "typescript":
        config = nearest(root, path, "tsconfig.json")
        if config is None:
            return ("npx", "tsc", "--noEmit", name)
        return ("npx", "tsc", "--noEmit", "--project", relative(root, config)) if config.parent != root else TSC
    if language == "rust":
        package = _rust_package(root, path)
        runs = path.name == "main.rs" or path.parent.name == "bin"
        return ("cargo", "run", *package) if runs else ("cargo", "check", *package)
    return ("go", "run", name) if nearest(root, path, "go.mod") is None else ("go", "vet", _go_package(name))


TSC = ("npx", "tsc", "--noEmit")


def command_of_tests(
    root: Path, path: Path | None, language: Language, name: str = "", *, pytest: bool = True
) -> tuple[str, ...]:
    """The command for the tests of a file (None: of the workspace), or for the one called ``name`` in it
    (``test_a`` or ``TestB::test_c``). ``pytest``: is it there? Else the standard library's runner is used."""
    file = relative(root, path) if path is not None else ""
    if language == "python":
        if pytest:
            return (*PYTEST, *([f"{file}::{name}" if name else file] if file else ()))
        module = ".".join(PurePosixPath(file).with_suffix("").parts)
        ident = ".".join((module, *name.split("::"))) if name else module
        return ("python", "-m", "unittest", *([ident] if file else ()))
    if language == "rust":
        return ("cargo", "test", *_rust_package(root, path), *([name] if name else ()))
    if language == "go":
        package = _go_package(file) if file else "./..."
        return ("go", "test", package, *(("-run", f"^{name}$") if name else ()))
    if (root / "package.json").is_file() and not file:
        return ("npm", "test", "--silent")
    return ("node", "--test", *(("--test-name-pattern", name) if name else ()), *([file] if file else ()))


def narrowed(command: Sequence[str], test: str) -> tuple[str, ...]:
    """``command`` for one failing test of it only; the command itself where that cannot be said."""
    words = tuple(command)
    if not test:
        return words
    if is_pytest(words):
        start = words.index("pytest") + 1 if "pytest" in words else 1
        kept = [*words[:start], *_options(words[start:])]
        return (*kept, test)
    if words[:3] == ("python", "-m", "unittest"):
        match = re.fullmatch(r"(\w+) \(([\w.]+)\)", test)  # "test_a (tests.test_m.TestB)", as it prints them
        if match is None:
            return words
        ident = match[2] if match[2].endswith(f".{match[1]}") else f"{match[2]}.{match[1]}"
        return ("python", "-m", "unittest", ident)
    if words[:2] == ("cargo", "test"):
        return (*words, "--", "--exact", test) if "--" not in words else words
    if words[:2] == ("go", "test"):
        return (*words[:3], "-run", f"^{test.partition('/')[0]}$") if re.fullmatch(r"[\w/]+", test) else words
    return words


def is_pytest(command: Sequence[str]) -> bool:
    """Whether a command runs pytest."""
    return any(PurePosixPath(word).name in {"pytest", "py.test"} for word in command[:4])


def _options(words: Sequence[str]) -> Iterable[str]:
    """pytest's options without the files and tests that were named, and without what selects or stops early."""
    skip = False
    for place, word in enumerate(words):
        if skip:
            skip = False
            continue
        valued = word in _VALUED and place + 1 < len(words)
        if word in {"-k", "-m", "--maxfail", "--deselect"}:
            skip = valued
        elif valued:
            skip = True
            yield word
            yield words[place + 1]
        elif word.startswith("-") and word not in {"-x", "--lf", "--ff", "--sw"}:
            yield word


def nearest(root: Path, path: Path, marker: str) -> Path | None:
    """The nearest file of that name, from the folder of ``path`` up to ``root``."""
    for folder in path.parents:
        if (folder / marker).is_file():
            return folder / marker
        if folder == root:
            break
    return None


def _rust_package(root: Path, path: Path | None) -> tuple[str, ...]:
    manifest = nearest(root, path, "Cargo.toml") if path is not None else None
    return ("--manifest-path", relative(root, manifest)) if manifest is not None and manifest.parent != root else ()


def _go_package(name: str) -> str:
    folder = PurePosixPath(name).parent.as_posix()
    return "." if folder == "." else f"./{folder}"


def is_test_file(path: Path) -> bool:
    """Whether a file holds tests, by its name."""
    stem, language = path.stem, LANGUAGES.get(path.suffix)
    if language == "python":
        return stem.startswith("test_") or stem.endswith("_test")
    if language == "go":
        return stem.endswith("_test")
    if language == "rust":
        return path.parent.name == "tests"
    return ".test" in path.name or ".spec" in path.name


def split_words(value: object) -> tuple[str, ...]:
    """A command as words, from a list of them or one string (quoted as in a shell; none is started)."""
    import shlex

    if isinstance(value, str):
        try:
            words: list[str] = shlex.split(value)
        except ValueError as error:
            raise UserError(f"the command cannot be read: {error}") from None
    elif isinstance(value, list) and all(isinstance(each, str) for each in value):  # pyright: ignore[reportUnknownVariableType]
        words = [str(each) for each in value]  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    else:
        raise UserError("the argument needs 'command', a list of words, or 'task', a name")
    if not words:
        raise UserError("the command is empty")
    return tuple(words)
