"""Invariants of the house that no other check holds: its layout, its manners, and that its documents tell the truth."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from suture.server.cli.main import commands

ROOT = Path(__file__).parents[1]
PARTS = ("analyzers", "codegen", "healing", "server")

ALLOWED = {*PARTS, "pyproject.toml", "tests", "editors", "docs", "README.md", "LICENSE", "CHANGELOG.md"}


@cache
def tracked() -> tuple[Path, ...]:
    """The files of the repository; of an unpacked source archive, those that are there."""
    if (ROOT / ".git").exists():
        listed = subprocess.run(
            ["git", "ls-files", "-z"], cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, check=True, text=True
        )
        return tuple(ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).exists())
    hidden = {".venv", ".git", "node_modules", "__pycache__"}
    return tuple(path for path in ROOT.rglob("*") if path.is_file() and not hidden & set(path.parts))


def modules(*tops: str) -> list[Path]:
    return [
        path
        for path in tracked()
        if path.suffix == ".py" and path.relative_to(ROOT).parts[0] in tops and ".src" not in path.parts
    ]


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_the_top_level_holds_what_it_may_and_nothing_else() -> None:
    tops = {path.relative_to(ROOT).parts[0] for path in tracked()}
    assert {top for top in tops if not top.startswith(".")} == ALLOWED


def test_the_import_package_is_made_of_links_to_the_four_folders() -> None:
    for part in PARTS:
        link = ROOT / ".src" / "suture" / part
        assert link.is_symlink(), f"{name(link)} is no symbolic link (on Windows: git config core.symlinks true)"
        assert os.readlink(link) == f"../../{part}"


def test_every_module_says_what_it_is_for() -> None:
    silent = [name(path) for path in modules(*PARTS) if not ast.get_docstring(ast.parse(path.read_text("utf-8")))]
    assert silent == []


def test_no_file_is_too_long_to_read() -> None:
    longest = {
        name(path): path.read_text("utf-8").count("\n")
        for path in modules(*PARTS, "tests")
        if "fixtures" not in path.parts
    }
    assert {each: lines for each, lines in longest.items() if lines > 800 and not each.startswith("tests/rules")} == {}


def test_no_exception_is_swallowed_without_a_word() -> None:
    """A handler that does nothing needs at least a comment that says why nothing is right."""
    silent: list[str] = []
    for path in modules(*PARTS):
        lines = path.read_text("utf-8").split("\n")
        for node in ast.walk(ast.parse("\n".join(lines))):
            if isinstance(node, ast.ExceptHandler) and all(isinstance(each, ast.Pass) for each in node.body):
                said = "\n".join(lines[node.lineno - 2 : node.body[-1].lineno])
                if "#" not in said:
                    silent.append(f"{name(path)}:{node.lineno}")
    assert silent == []


#: What switches a test off; each needs a reason.
OFF = {"skip", "skipif", "xfail", "importorskip"}

#: Addresses of package registries and paths of one machine; written apart so that this file does not name them.
FORBIDDEN = (
    re.compile(r"(?:^|[^\w.~-])/(?:work|root|farm)/"),
    re.compile(r"(?:pypi|npmjs|files\.pythonhosted)" r"\.org"),
    re.compile(r"""(?:index[-_]url|"resolved"|registry)["']?\s*[:=]\s*["']?https?:"""),
)


def test_no_tracked_file_names_a_package_registry_or_a_path_of_one_machine() -> None:
    found: list[str] = []
    for path in tracked():
        if path.is_symlink() or path.suffix in {".png", ".svg"}:
            continue
        for number, line in enumerate(path.read_bytes().decode("utf-8", "replace").split("\n"), 1):
            if any(pattern.search(line) for pattern in FORBIDDEN):
                found.append(f"{name(path)}:{number}: {line.strip()[:120]}")
    assert found == []


def test_no_test_is_switched_off_without_a_reason() -> None:
    """Today's wrong behaviour is asserted as it is, with a word on what is wrong; a slow test is marked slow."""
    found: list[str] = []
    for path in modules("tests"):
        if path.is_relative_to(ROOT / "tests" / "fixtures"):  # not tests, and of any version of the language
            continue
        tree = ast.parse(path.read_text("utf-8"))
        with_reason = {
            node.func for node in ast.walk(tree) if isinstance(node, ast.Call) and (node.args or node.keywords)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and node.attr in OFF and node not in with_reason:
                found.append(f"{name(path)}:{node.lineno}: {node.attr}")
    assert found == []


def test_the_readme_names_only_commands_and_files_that_exist() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    named = set(re.findall(r"(?:^|[`$ ])suture ([a-z]+)\b", readme, re.MULTILINE))
    code = {each for each in named if re.search(rf"[`$&] ?(?:uv run )?suture {each}\b", readme)}
    assert code, "the README shows no command"
    assert sorted(code - set(commands())) == []
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", readme) if not link.startswith("http")]
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_links_between_the_pages_of_docs_lead_somewhere() -> None:
    broken = [
        f"{name(page)}: {link}"
        for page in sorted((ROOT / "docs").glob("*.md"))
        for link in re.findall(r"\]\(([^)#]+)\)", re.sub("`[^`\n]*`", "", page.read_text("utf-8")))
        if not link.startswith("http") and not (page.parent / link).exists()
    ]
    assert broken == []


#: What costs more than it gives at the start, measured in hundreds of milliseconds.
HEAVY = ("openai", "libcst", "jedi", "hypothesis", "sqlalchemy", "rich", "pytest", "bandit", "asyncpg", "numpy")


@pytest.mark.parametrize(
    "start",
    [
        "from suture.server.app import create_server; create_server()",
        "from suture.server.cli.main import parser; parser()",
    ],
)
def test_nothing_heavy_is_imported_at_the_start(start: str) -> None:
    code = f"import sys, json; {start}; print(json.dumps(sorted(sys.modules)))"
    answer = subprocess.run(
        [sys.executable, "-P", "-c", code], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True
    )
    loaded = set(json.loads(answer.stdout.splitlines()[-1]))
    assert sorted(loaded & set(HEAVY)) == []
