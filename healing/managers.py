"""Which tool manages the packages of a workspace, and the command by which it would install one: text for a person.

Only what the manager itself wrote counts: its lock file, its file, its table in ``pyproject.toml``. Where two managers
have left their marks, or none, the answer is pip, which works in every environment.

Invariant: nothing is installed here; the command is shown, never run.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any, cast

from .workspace import Workspace

#: Manager → (its lock files, its own files, its table in pyproject.toml).
_MARKS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...], str]] = {
    "uv": (("uv.lock",), ("uv.toml",), "uv"),
    "poetry": (("poetry.lock",), ("poetry.toml",), "poetry"),
    "pdm": (("pdm.lock",), ("pdm.toml", ".pdm.toml"), "pdm"),
    "pipenv": (("Pipfile.lock",), ("Pipfile",), ""),
    "pixi": (("pixi.lock",), ("pixi.toml",), "pixi"),
    "conda": (("conda-lock.yml",), ("environment.yml", "environment.yaml"), ""),
}
_ADD: Mapping[str, str] = {
    "uv": "uv add {}",
    "poetry": "poetry add {}",
    "pdm": "pdm add {}",
    "pipenv": "pipenv install {}",
    "pixi": "pixi add --pypi {}",
    "conda": "conda install -c conda-forge {}",
    "pip": "python -m pip install {}",
}
_SYNC: Mapping[str, str] = {
    "uv": "uv sync",
    "poetry": "poetry install",
    "pdm": "pdm install",
    "pipenv": "pipenv install",
    "pixi": "pixi install",
    "conda": "conda env update -f {}",
    "pip": "python -m pip install -r {}",
}
#: Distribution → its name on conda-forge, where that is another one.
_ON_CONDA: Mapping[str, str] = {
    "opencv-python": "opencv",
    "psycopg2-binary": "psycopg2",
    "psycopg[binary]": "psycopg",
    "pyqt5": "pyqt",
    "tables": "pytables",
    "torch": "pytorch",
    "faiss-cpu": "faiss-cpu",
}


def manager_of(workspace: Workspace) -> str:
    """The manager of the workspace; ``pip`` if none is certain."""
    tools = _inner(_table(workspace), "tool")
    for level in range(3):
        found: set[str] = set()
        for manager, (locks, files, key) in _MARKS.items():
            marks = (locks, files, ())[level]
            if any(_has(workspace, each) for each in marks) or (level == 2 and key in tools):
                found.add(manager)
        if found:
            return found.pop() if len(found) == 1 else "pip"
    return "pip"


def install_command(workspace: Workspace, distribution: str) -> str:
    """What a person would type to get a distribution: to add it, or where it is declared to install what is."""
    manager = manager_of(workspace)
    declared = declared_in(workspace, distribution)
    if manager in ("pip", "conda"):
        if declared.endswith((".txt", ".yml", ".yaml")):
            return _SYNC["pip" if declared.endswith(".txt") else "conda"].format(declared)
        if declared in ("pyproject.toml", "setup.cfg", "setup.py"):
            return "python -m pip install -e ."
    elif declared:
        return _SYNC[manager]
    name = _ON_CONDA.get(distribution.lower(), distribution.lower()) if manager == "conda" else distribution
    return _ADD[manager].format(f'"{name}"' if "[" in name else name)


def declared_in(workspace: Workspace, distribution: str) -> str:
    """The file of the workspace that asks for a distribution; empty if none does."""
    wanted = _normal(distribution)
    for file, text in _files(workspace):
        if any(_normal(name) == wanted for name in _requirements(file, text, _table(workspace))):
            return file
    return ""


def _files(workspace: Workspace) -> Iterator[tuple[str, str]]:
    names = ["pyproject.toml", "Pipfile", "environment.yml", "environment.yaml", "setup.cfg", "setup.py"]
    names += sorted(
        {each.name for each in workspace.root.glob("*requirements*.txt")}
        | {each for each in workspace.files if re.fullmatch(r"[^/]*requirements[^/]*\.txt", each)}
    )
    for name in names:
        if _has(workspace, name):
            yield name, workspace.text(name) or ""


def _requirements(file: str, text: str, table: Mapping[str, Any]) -> Iterator[str]:
    """The names that a file asks for."""
    if file == "pyproject.toml":
        yield from _of_project(table)
    elif file.endswith(".txt"):
        yield from re.findall(r"^([A-Za-z0-9][\w.-]*)", text, re.MULTILINE)
    elif file == "Pipfile":
        yield from re.findall(r"^\"?([A-Za-z0-9][\w.-]*)\"? *=", text, re.MULTILINE)
    elif file.startswith("environment"):
        yield from re.findall(r"^\s*- +(?:[\w-]+::)?([A-Za-z0-9][\w.-]*)", text, re.MULTILINE)
    else:
        yield from re.findall(r"""(?:^\s+|["'])([A-Za-z0-9][\w.-]*)(?=\s*(?:[<>=!~;\[]|["'\n]))""", text, re.MULTILINE)


def _of_project(table: Mapping[str, Any]) -> Iterator[str]:
    project, poetry = _inner(table, "project"), _inner(table, "tool", "poetry")
    listed = [project.get("dependencies")]
    listed += [*_inner(project, "optional-dependencies").values(), *_inner(table, "dependency-groups").values()]
    for group in listed:
        for each in cast("list[object]", group) if isinstance(group, list) else ():
            if isinstance(each, str) and (match := re.match(r"\s*([A-Za-z0-9][\w.-]*)", each)):
                yield match[1]
    yield from _inner(poetry, "dependencies")
    for name in _inner(poetry, "group"):
        yield from _inner(poetry, "group", name, "dependencies")


def _inner(table: Mapping[str, Any], *keys: str) -> Mapping[str, Any]:
    """The table below these keys; empty where there is none."""
    for key in keys:
        value = table.get(key)
        table = cast("Mapping[str, Any]", value) if isinstance(value, dict) else {}
    return table


def _table(workspace: Workspace) -> Mapping[str, Any]:
    text = workspace.text("pyproject.toml") if _has(workspace, "pyproject.toml") else None
    try:
        return tomllib.loads(text) if text else {}
    except tomllib.TOMLDecodeError:
        return {}


def _has(workspace: Workspace, name: str) -> bool:
    return name in workspace.files or (workspace.root / name).is_file()


def _normal(name: str) -> str:
    """PEP 503, without extras."""
    return re.sub(r"[-_.]+", "-", name.partition("[")[0]).lower()
