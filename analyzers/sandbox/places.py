"""Where the backend has no file system of its own, a job finds its workspace elsewhere: paths are told both ways.

Invariant: only whole paths are exchanged; a name that merely begins with the workspace's is left alone.
"""

from __future__ import annotations

import json
import os
import re
from typing import cast, overload

from ..findings import Json
from .layout import Layout


class Moved:
    """Exchanges the workspace's place outside and inside. Does nothing where they are the same."""

    def __init__(self, shown: Layout) -> None:
        self._outside, self._inside = shown.root, shown.inside.root or shown.root
        self._same = self._outside == self._inside

    def inward(self, text: str) -> str:
        return text if self._same else _exchange(text, self._outside, self._inside)

    @overload
    def outward(self, data: bytes) -> bytes: ...
    @overload
    def outward(self, data: str) -> str: ...
    def outward(self, data: bytes | str) -> bytes | str:
        if self._same:
            return data
        if isinstance(data, str):
            return _exchange(data, self._inside, self._outside)
        text = data.decode("utf-8", "surrogateescape")
        return _exchange(text, self._inside, self._outside).encode("utf-8", "surrogateescape")

    def json_inward(self, value: Json) -> Json:
        return value if self._same else _json(value, self._outside, self._inside)

    def json_outward(self, value: Json) -> Json:
        return value if self._same else _json(value, self._inside, self._outside)


def clear(shown: Layout) -> None:
    """Remove the folder that a backend made for a layout, if it made one."""
    if shown.inside.folder:
        import shutil

        from .suture_guest import copied

        if os.path.isdir(shown.inside.folder):
            copied.empty(shown.inside.folder)
        shutil.rmtree(shown.inside.folder, ignore_errors=True)


def _exchange(text: str, old: str, new: str) -> str:
    return re.sub(re.escape(old) + r"(?![\w.-])", lambda _: new, text)


def _json(value: Json, old: str, new: str) -> Json:
    coded = json.dumps(value, ensure_ascii=False)
    return cast(Json, json.loads(_exchange(coded, json.dumps(old, ensure_ascii=False)[1:-1], json.dumps(new)[1:-1])))
