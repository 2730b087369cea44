"""Plays every case of ``tests/cases`` four times: in process and over stdio, as VS Code and as Neovim."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from suture.server.app import create_server

from .archive import CaseError, cases_under, parse_case, with_goldens
from .editor import CLIENTS, in_process, over_stdio
from .runner import CaseFailure, Player, write_files

CASES = Path(__file__).parents[1] / "cases"


async def play(path: Path, root: Path, client: str, transport: str, environment: dict[str, str], update: bool) -> None:
    case = parse_case(path.read_bytes().decode())
    if client not in case.setup.clients:
        return
    write_files(case, root)
    if transport == "in-process":
        editor = await in_process(root, client, create_server())
    else:
        editor = await over_stdio(root, client, environment)
    player = Player(case, editor, update)
    try:
        await player.play()
    finally:
        await editor.close()
    if update and player.found:
        path.write_bytes(with_goldens(path.read_bytes().decode(), player.found).encode())


def runs() -> Iterator[object]:
    """Every case in process; over stdio one of each folder, the others in the slow suite."""
    folders: set[Path] = set()
    for path in cases_under(CASES):
        name = path.relative_to(CASES).as_posix()[:-4]
        for client in CLIENTS:
            yield pytest.param(path, client, "in-process", id=f"{name}-{client}-in-process")
            marks = [pytest.mark.slow] if path.parent in folders else []
            yield pytest.param(path, client, "stdio", id=f"{name}-{client}-stdio", marks=marks)
        folders.add(path.parent)


@pytest.mark.parametrize(("path", "client", "transport"), list(runs()))
@pytest.mark.filterwarnings("error::pytest_lsp.LspSpecificationWarning")
def test_the_editor_shows_what_the_case_says(
    path: Path,
    client: str,
    transport: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:
    root = tmp_path / "workspace"
    root.mkdir()
    environment = {"SUTURE_CACHE_DIR": str(tmp_path / "cache")}
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    update = bool(request.config.getoption("--update-goldens"))
    try:
        asyncio.run(play(path, root, client, transport, environment, update))
    except (CaseError, CaseFailure, AssertionError) as error:
        problem = f"{path.relative_to(CASES)} ({client}, {transport})\n{error}"
    else:
        return
    pytest.fail(problem, pytrace=False)
