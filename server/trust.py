"""Whether a folder may execute anything: its tests, its interpreter, code of its own.

Invariant: a folder is untrusted until the client says otherwise for the session or the person said so for the folder.
An explicit "untrusted" from the client outweighs what was remembered, not what the person says now.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal, cast

from ..analyzers.errors import UserError
from .errors import InvalidParams

#: The name of the choice in the store.
CHOICE = "trust"


class Trust:
    """What may run where. ``store_folder`` replaces the user's cache folder (for tests)."""

    def __init__(self, store_folder: Path | None = None) -> None:
        self.client_says: Literal["trusted", "untrusted", ""] = ""
        self._folders: set[Path] = set()
        self._store_folder = store_folder

    def declare(self, options: object) -> None:
        """Take ``initializationOptions.untrustedWorkspace``. Raises InvalidParams if it is there and not a boolean."""
        if options is None:
            return
        if not isinstance(options, Mapping):
            raise InvalidParams("initializationOptions must be an object")
        value = cast("Mapping[str, Any]", options).get("untrustedWorkspace")
        if value is None and "untrustedWorkspace" not in options:
            return
        if not isinstance(value, bool):
            raise InvalidParams("initializationOptions.untrustedWorkspace must be true or false")
        self.client_says = "untrusted" if value else "trusted"

    def trusted(self, path: str | Path) -> bool:
        """Whether workspace code at ``path`` may run. Symbolic links are followed first."""
        if self.client_says == "trusted":
            return True
        real = Path(os.path.realpath(path))
        return any(real.is_relative_to(folder) for folder in self._folders)

    def require(self, path: str | Path, what: str) -> None:
        """Raises UserError unless ``path`` is trusted. ``what`` would run: "running the tests"."""
        if not self.trusted(path):
            raise UserError(
                f"{what} would execute code of a folder that is not trusted",
                "run the command `suture.trustWorkspace` if you trust it",
            )

    def grant(self, folder: Path) -> None:
        """The person trusts ``folder``: from now on, and remembered. Raises Unavailable if it cannot be remembered;
        it holds for the session even then."""
        from ..analyzers.store import open_store

        self._folders.add(Path(os.path.realpath(folder)))
        with open_store(folder, folder=self._store_folder) as store:
            store.choose(CHOICE, True)

    def recall(self, folders: Iterable[Path]) -> bool:
        """Take up what the person said about ``folders`` before; true if that changed anything. Does I/O."""
        from ..analyzers.store import open_store, workspace_folder

        before = len(self._folders)
        if self.client_says:
            return False
        for folder in folders:
            if not workspace_folder(folder, self._store_folder).exists():
                continue  # nothing was ever remembered; spare the start the import of the database
            with open_store(folder, folder=self._store_folder) as store:
                if store.choice(CHOICE) is True:
                    self._folders.add(Path(os.path.realpath(folder)))
        return len(self._folders) != before
