"""A workspace in an archive, for machines that do not see its folder.

Invariant: ignored files, virtual environments, repositories, ``.env`` files and links that lead outside stay at home;
what is sent is bounded by :data:`MAX_MB`. Unpacking writes below its folder only.
"""

from __future__ import annotations

import hashlib
import io
import os
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..errors import UserError
from ..files import SKIPPED, is_ignored

#: The most that is sent, before it is compressed.
MAX_MB = 64


@dataclass(frozen=True, slots=True)
class Survey:
    """The files of a workspace that count, relative to ``root``, and a name for their content."""

    root: Path
    files: tuple[str, ...]
    size: int
    digest: str


def survey(root: Path) -> Survey:
    """What is there to send. Two machines see the same workspace if the digests are equal: of Python files the
    content counts, of others the size."""
    names: list[str] = []
    total = 0
    digest = hashlib.sha256()
    for path in _files(root):
        name = path.relative_to(root).as_posix()
        try:
            size = path.stat().st_size
            content = path.read_bytes() if path.suffix == ".py" and size <= MAX_MB << 20 else b""
        except OSError:
            continue
        names.append(name)
        total += size
        digest.update(f"{name}\0{size}\0{hashlib.sha256(content).hexdigest()}\n".encode("utf-8", "surrogateescape"))
    return Survey(root, tuple(names), total, digest.hexdigest())


def pack(what: Survey) -> bytes:
    """The archive. Raises UserError if it would be too large."""
    if what.size > MAX_MB << 20:
        raise UserError(
            f"{what.root} has {what.size >> 20} MB that are not ignored; at most {MAX_MB} MB are sent to a worker",
            "ignore what is not needed, or put the folder where the workers see it at the same path",
        )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in what.files:
            # A fixed date: the same files make the same archive.
            archive.writestr(zipfile.ZipInfo(name), (what.root / name).read_bytes(), zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def unpack(archive: bytes, folder: Path) -> None:
    """Write the files below ``folder``. Raises ValueError for a name that leads elsewhere, or for too much."""
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        infos = opened.infolist()
        if sum(info.file_size for info in infos) > MAX_MB << 20:
            raise ValueError("the archive is larger than it may be")
        for info in infos:
            parts = info.filename.split("/")
            if info.filename.startswith(("/", "\\")) or ".." in parts or ":" in parts[0] or "\\" in info.filename:
                raise ValueError(f"the archive names {info.filename!r}, which is outside of its folder")
        for info in infos:
            target = folder.joinpath(*info.filename.split("/"))
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(opened.read(info))


def _files(root: Path) -> Iterator[Path]:
    for folder, folders, files in os.walk(root):
        here = Path(folder)
        if here != root and (here / "pyvenv.cfg").exists():
            folders.clear()
            continue
        folders[:] = sorted(
            each
            for each in folders
            if each not in SKIPPED and not (here / each).is_symlink() and not is_ignored(here / each, root)
        )
        for name in sorted(files):
            path = here / name
            if name.startswith(".env") or name.endswith((".pyc", ".pyo")) or not path.is_file():
                continue
            if path.is_symlink() and not path.resolve().is_relative_to(root.resolve()):
                continue
            if not is_ignored(path, root):
                yield path
