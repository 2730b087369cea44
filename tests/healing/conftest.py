"""Fixtures of the healing suite: a workspace to write into, the real sandbox, and fixtures of repairs as data."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

_SECTION = re.compile(r"^-- (.+) --\n", re.MULTILINE)

#: Sections that are no files of the workspace.
_NO_FILES = frozenset({"fault", "command", "suggested"})


@dataclass(frozen=True)
class Fixture:
    """A text archive: what it is for, and its sections."""

    why: str
    sections: Mapping[str, str]

    @property
    def files(self) -> dict[str, str]:
        return {n: t for n, t in self.sections.items() if n not in _NO_FILES and not n.startswith("expect:")}

    @property
    def expected(self) -> dict[str, str]:
        return {n.removeprefix("expect:").strip(): t for n, t in self.sections.items() if n.startswith("expect:")}


@pytest.fixture
def read_fixture() -> Callable[[Path], Fixture]:
    def read(path: Path) -> Fixture:
        text = path.read_bytes().decode("utf-8")
        parts = _SECTION.split(text)
        return Fixture(parts[0].strip(), dict(zip(parts[1::2], parts[2::2], strict=True)))

    return read


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """``write(**{"main.py": text})``: a workspace with these files; gives its root."""

    def make(files: Mapping[str, str | bytes]) -> Path:
        root = tmp_path / "project"
        for name, content in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        return root

    return make
