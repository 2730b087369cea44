"""An edit on the disk: all of its files or none, each replaced as a whole; and the edit as the records keep it.

Invariant: a process killed at any instant leaves each file as it was or as it is to be; :func:`write_edit` goes on
from there when it is asked again.
Invariant: nothing outside of the workspace is written for a record, whatever its row says.
"""

from __future__ import annotations

import contextlib
import glob
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ...analyzers.errors import Stale, UserError
from ...analyzers.findings import Edit, FileEdit, Json, Replacement, text_hash
from ...analyzers.source import SourceText, read_source


def write_edit(edit: Edit, after: Mapping[str, str] | None = None) -> list[Path]:
    """Write an edit. Raises Stale if a file changed since, UserError if one cannot be written.

    ``after`` are the hashes of the texts as they are to be, by path: such a file is left as it is."""
    ready: list[tuple[Path, bytes, int | None]] = []
    for each in edit.files:
        path = Path(each.path).resolve()
        if after and path.exists() and text_hash(read_source(path).text) == after.get(each.path):
            continue
        if not each.base:
            if path.exists():
                raise Stale(f"{path} exists by now", "generate it again")
            ready.append((path, SourceText("".join(item.text for item in each.replacements)).encode(), None))
            continue
        source = read_source(path)
        try:
            ready.append((path, source.encode(each.apply(source.text)), path.stat().st_mode & 0o7777))
        except ValueError as error:
            raise Stale(f"{path} was not written: {error}", "generate it again") from error
    beside: list[tuple[Path, Path]] = []
    try:
        for path, data, mode in ready:
            path.parent.mkdir(parents=True, exist_ok=True)
            _clear_away(path)
            temporary = path.with_name(f".{path.name}.{os.getpid()}.suture")
            beside.append((temporary, path))
            temporary.write_bytes(data)
            if mode is not None:
                temporary.chmod(mode)
        for temporary, path in beside:  # all of them could be written: now each takes its place
            temporary.replace(path)
    except OSError as error:
        for temporary, _ in beside:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)
        raise UserError(f"{error.filename} cannot be written: {error.strerror}") from error
    return [Path(each.path).resolve() for each in edit.files]


def _clear_away(path: Path) -> None:
    """Take away what a writer that was killed has left beside a file."""
    for each in path.parent.glob(f".{glob.escape(path.name)}.*.suture"):
        number = each.name.split(".")[-2]
        if number.isdigit() and not _alive(int(number)):
            each.unlink(missing_ok=True)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True  # somebody else's
    return True


def relative(root: Path, path: str | Path) -> str:
    """As the records name a file: below the workspace where it lies in it."""
    real, base = Path(os.path.realpath(path)), Path(os.path.realpath(root))
    return real.relative_to(base).as_posix() if real.is_relative_to(base) else Path(path).as_posix()


def edit_to_record(edit: Edit, root: Path, texts: Mapping[str, str]) -> dict[str, Json]:
    """The edit for the record. ``texts`` are the texts that it was made for, by path."""
    files: list[Json] = []
    for file in edit.files:
        try:
            after = text_hash(file.apply(texts.get(file.path, "")))
        except ValueError:
            after = ""
        files.append(
            {
                "path": relative(root, file.path),
                "base": file.base,
                "after": after,
                "replacements": [[item.start, item.end, item.text] for item in file.replacements],
            }
        )
    return {"title": edit.title, "verified": edit.verified, "by_model": edit.by_model, "files": files}


def edit_of_record(value: Mapping[str, Any], root: Path) -> tuple[Edit, dict[str, str]]:
    """The edit with absolute paths, and the hashes of its texts afterwards. Raises UserError for a file that lies
    outside of the workspace, or if there is no edit."""
    files: list[FileEdit] = []
    after: dict[str, str] = {}
    base = Path(os.path.realpath(root))
    for each in value.get("files", ()):
        path = Path(os.path.realpath(base / each["path"]))
        if not path.is_relative_to(base):
            raise UserError(f"{path} lies outside of {base}", "open the folder that it lies in")
        files.append(
            FileEdit(path.as_posix(), each["base"], tuple(Replacement(*item) for item in each["replacements"]))
        )
        after[path.as_posix()] = each["after"]
    if not files:
        raise UserError("nothing was offered there, so nothing can be written")
    edit = Edit(value["title"], tuple(files), 0.0, bool(value["verified"]), bool(value["by_model"]))
    return edit, after


def text_on_disk(path: str) -> str | None:
    """The text of a file, None if there is none."""
    return read_source(Path(path)).text if Path(path).exists() else None


Reader = Callable[[str], str | None]
