"""Plays the cases of ``tests/cases``: in process and over stdio, as VS Code and as Neovim."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from suture.analyzers.store_places import cache_folder
from suture.server.app import create_server

from .archive import Case, CaseError, Setup, cases_under, parse_case, with_goldens
from .editor import CLIENTS, in_process, over_stdio
from .near import with_near_workers
from .runner import CaseFailure, Player, write_files
from .scripted import scripted_model

CASES = Path(__file__).parents[1] / "cases"


async def play(path: Path, root: Path, client: str, transport: str, environment: dict[str, str], update: bool) -> None:
    case = parse_case(path.read_bytes().decode())
    write_files(case, root)
    with scripted_model(case.setup.replies) as model, pytest.MonkeyPatch.context() as patch:
        for name, value in model.items():
            patch.setenv(name, value)
        await play_case(case, path, root, client, transport, environment, update)


async def play_case(
    case: Case, path: Path, root: Path, client: str, transport: str, environment: dict[str, str], update: bool
) -> None:
    if transport == "in-process":
        server = with_near_workers(create_server()) if path.parent.name in TEXTS else create_server()
        editor = await in_process(root, client, server)
    else:
        editor = await over_stdio(root, client, environment)
    editor.typed = case.setup.input
    player = Player(case, editor, update)
    try:
        await player.play()
    finally:
        await editor.close()
    if update and player.found:
        path.write_bytes(with_goldens(path.read_bytes().decode(), player.found).encode())


def setup_of(path: Path) -> Setup:
    try:
        return parse_case(path.read_bytes().decode()).setup
    except CaseError:
        return Setup()  # playing it will say what is wrong


def clients_of(path: Path) -> list[str]:
    named = setup_of(path).clients
    return [client for client in CLIENTS if client in named or not named]


def typescript() -> Path | None:
    """The package that SUTURE_TYPESCRIPT names."""
    named = os.environ.get("SUTURE_TYPESCRIPT", "")
    return Path(named) if named and (Path(named) / "lib" / "tsc.js").is_file() else None


def equip(root: Path, cache: Path, needs: tuple[str, ...]) -> None:
    """What the programs of a case find beside it. What a compiler made of its own library is made once on a machine."""
    if not needs:
        return
    compiled = cache_folder() / "compiled"
    compiled.mkdir(parents=True, exist_ok=True)
    cache.mkdir()
    (cache / "compiled").symlink_to(compiled)
    package = typescript()
    if "typescript" in needs and package is not None:
        modules = root / "node_modules"
        shutil.copytree(package, modules / "typescript")
        (modules / ".bin").mkdir()
        (modules / ".bin" / "tsc").symlink_to("../typescript/bin/tsc")


#: Seconds that a cancelled task has to end.
END_S = 20.0

#: Folders whose cases are many, or run code: what is found there does not depend on the client, so fewer play them.
ONCE = frozenset({"rules", "heal", "generate", "actions", "fuzz", "growth"})

#: Of these, which are about texts and not about clients, only the first one of a folder is played over stdio, and the
#: others have no worker processes.
TEXTS = frozenset({"generate"})


def runs() -> Iterator[object]:
    """Every case in process and over stdio, for each client. In the fast suite the clients take turns, in process, and
    over stdio for the first case of a folder; the slow suite plays the rest. The cases of :data:`ONCE` are played once
    in process, and over stdio as VS Code and as Neovim are today; most of :data:`TEXTS` in process only."""
    folders: set[Path] = set()
    for number, path in enumerate(cases_under(CASES)):
        name = path.relative_to(CASES).as_posix()[:-4]
        clients = clients_of(path)
        if needed := setup_of(path).needs:
            missing = [each for each in needed if not (typescript() if each == "typescript" else shutil.which(each))]
            skip = pytest.mark.skipif(bool(missing), reason=f"not installed: {', '.join(missing)}")
            turn = clients[number % len(clients)]
            yield pytest.param(path, turn, "in-process", id=f"{name}-{turn}", marks=(pytest.mark.slow, skip))
            continue
        for client in clients:
            for transport in ("in-process", "stdio"):
                turn = client == clients[number % len(clients)]
                fast = turn and (transport == "in-process" or path.parent not in folders)
                if path.parent.name in ONCE and not fast and (transport == "in-process" or client == "vscode-push"):
                    continue
                if path.parent.name in TEXTS and not fast and path.parent in folders:
                    continue
                marks = () if fast else (pytest.mark.slow,)
                yield pytest.param(path, client, transport, id=f"{name}-{client}-{transport}", marks=marks)
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
    equip(root, tmp_path / "cache", setup_of(path).needs)
    environment = {"SUTURE_CACHE_DIR": str(tmp_path / "cache")}
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    update = bool(request.config.getoption("--update-goldens"))
    problem = ""
    runner = asyncio.Runner()
    try:
        runner.run(play(path, root, client, transport, environment, update))
    except (CaseError, CaseFailure, AssertionError) as error:
        problem = f"{path.relative_to(CASES)} ({client}, {transport})\n{error}"
    if stuck := runner.run(never_ending()):
        problem += "\ntasks that do not end when they are cancelled:\n" + "\n".join(stuck)
    else:
        runner.close()  # which would wait for such tasks for ever
    if problem:
        pytest.fail(problem, pytrace=False)


async def never_ending() -> list[str]:
    """Cancels what still runs in this loop; where those tasks stand that go on nevertheless.

    A child process that is just starting is let start first: asyncio waits for ever for the end of one whose pipes are
    cancelled while they are connected (``BaseSubprocessTransport._wait``, as of Python 3.13)."""
    left: set[asyncio.Task[Any]] = {each for each in asyncio.all_tasks() if each is not asyncio.current_task()}
    if starting := {each for each in left if getattr(each.get_coro(), "__name__", "") == "_connect_pipes"}:
        await asyncio.wait(starting, timeout=END_S)
    for each in left:
        each.cancel()
    if left:
        await asyncio.wait(left, timeout=END_S)
    return [f"{each.get_coro()!r} at {each.get_stack()}" for each in left if not each.done()]
