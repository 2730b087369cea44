"""Watch mode: on save the affected tests run, and what fails is shown.

Affected are tests that import what was saved, however many modules lie between. A save while they run begins anew with
everything that was saved since the last run that came to its end.

Invariant: never two runs of one root at once; what a person asked for is not cut short by a save.
Invariant: nothing runs in a folder that is not trusted.
"""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...analyzers.errors import SutureError
from ..arguments import handler, inform
from ..documents import Document
from ..failures import counted
from ..run_commands import LANGUAGES
from ..running import run, turns_of
from ..session import Session, session_of
from .runs import affected, files_command, pytest_in

if TYPE_CHECKING:
    from ..app import SutureServer

log = logging.getLogger(__name__)

Object = dict[str, Any]

#: Seconds after a save before its tests run: "save all" is one save.
PAUSE_S = 0.1


def register(server: SutureServer) -> None:
    Watching(server)


class Watching:
    """Which roots are watched, and what was saved in them and not yet tested."""

    def __init__(self, server: SutureServer) -> None:
        self.server = server
        self.session: Session = session_of(server)
        self._chosen: bool | None = None  # what the person said in this session; else the setting counts
        self._saved: dict[Path, set[Path]] = {}
        self._tasks: dict[Path, asyncio.Task[Any]] = {}
        server.saved.connect(self.saved)
        server.command("suture.watch.start")(handler(self.session, self.start))
        server.command("suture.watch.stop")(handler(self.session, self.stop))

    async def start(self, session: Session, argument: Object) -> Object:
        """``suture.watch.start``: from now on the affected tests run on save."""
        for root in self.server.roots:
            self.server.trust.require(root, "running tests on save")
        self._chosen = True
        inform(session, "the affected tests run on save")
        return {"watching": True}

    async def stop(self, session: Session, argument: Object) -> Object:
        """``suture.watch.stop``: not any more, whatever the setting says."""
        self._chosen = False
        for task in self._tasks.values():
            task.cancel()
        self._saved.clear()
        inform(session, "tests do not run on save any more")
        return {"watching": False}

    def watches(self, path: Path) -> bool:
        chosen = self.server.settings(path).watch if self._chosen is None else self._chosen
        return chosen and self.server.trust.trusted(path)

    def saved(self, document: Document) -> None:
        path = self.session.where(document)
        if LANGUAGES.get(path.suffix) != "python" or not self.watches(path):
            return
        root = self.server.root_of(path)
        self._saved.setdefault(root, set()).add(path)
        before = self._tasks.get(root)
        if before is not None:
            before.cancel()
        self._tasks[root] = self.server.spawn(self.test(root, before), "watch")

    async def test(self, root: Path, before: asyncio.Task[Any] | None) -> None:
        """Run the tests of what was saved."""
        if before is not None:
            await asyncio.wait([before], timeout=2.0)
        await asyncio.sleep(PAUSE_S)
        session, changed = self.session, frozenset(self._saved.get(root, ()))
        try:
            files = await affected(session, root, sorted(changed))
            if files:
                command = files_command(root, files, pytest=pytest_in(session, root))
                async with turns_of(session).turn(root, patient=True):
                    answer = await run(session, root, command, "tests", lambda _: None, selected=files)
                session.server.say(f"Suture: on save, {len(files)} test files: {counted(answer)}")
        except SutureError as error:
            session.server.say(f"Suture: the tests of the saved files did not run: {error}")
            return
        if root in self._saved:
            self._saved[root] -= changed
