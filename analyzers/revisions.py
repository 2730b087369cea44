"""What changed in a git repository since a revision: which Python files, and what they were.

Asks the ``git`` command for what it stores; the new side is what lies on the disk, committed or not, tracked or not.

Invariant: git runs with hooks, file watchers, external diff programs and text conversions off, and asks nobody for
anything: no network, no prompt. A clean filter of the repository may still run, so a folder must be trusted first.
Invariant: nothing is written, no index is refreshed.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from .errors import SutureError, UserError
from .source import LINE_END, decode, read_source, same_ends

#: Seconds that git may take for one answer.
GIT_S = 60.0

_GIT = (
    *("git", "--no-optional-locks", "--literal-pathspecs", "-c", "core.fsmonitor=false", "-c", "core.quotePath=false"),
    *("-c", "core.hooksPath=/dev/null", "-c", "core.pager=cat", "-c", "submodule.recurse=false"),
)
_SUFFIXES = (".py", ".pyw", ".pyi")


@dataclass(frozen=True, slots=True)
class ChangedFile:
    """One file. ``before`` and ``after`` are its texts, None where it was or is not there; ``old_name`` is its path in
    the repository at the revision; ``error`` says why it cannot be read."""

    path: Path
    name: str
    old_name: str
    before: str | None
    after: str | None
    tracked: bool = True
    error: str = ""

    @property
    def status(self) -> str:
        """``added``, ``deleted``, ``renamed`` or ``modified``."""
        if self.before is None:
            return "added"
        if self.after is None:
            return "deleted"
        return "renamed" if self.name != self.old_name else "modified"


@dataclass(frozen=True, slots=True)
class Revision:
    """A commit to compare with: the repository's folder, what was asked for, and the commit's full name."""

    root: Path
    asked: str
    commit: str


def revision(place: Path, asked: str) -> Revision:
    """The commit that ``asked`` names in the repository around ``place``; ``REV...`` means where this branch left REV.

    Raises UserError where there is no git, no repository or no such commit, saying what to do."""
    place = Path(os.path.abspath(place))
    folder = place if place.is_dir() else place.parent
    if not folder.is_dir():
        raise UserError(f"{place} does not exist")
    top = _asked(folder, "rev-parse", "--show-toplevel")
    if top is None:
        if any((each / ".git").exists() for each in (folder, *folder.parents)):
            raise UserError(f"git refuses the repository around {folder}", "`git status` there says why")
        raise UserError(f"a revision needs a git repository, and {folder} is in none", "run it inside a clone")
    root = Path(os.fsdecode(top).rstrip("\n"))
    name = asked.removesuffix("...")
    if not name or name.startswith("-"):
        raise UserError(f"{asked}: that is no revision", "name a branch, a tag or a commit, such as main or HEAD~1")
    found = _asked(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
    if found is None:
        raise UserError(f"--diff {asked}: there is no such revision here", _missing(root, name))
    commit = found.decode().strip()
    if asked.endswith("..."):
        base = _asked(root, "merge-base", commit, "HEAD")
        if base is None:
            raise UserError(
                f"--diff {asked}: this branch and {name} have no commit in common here", _missing(root, name)
            )
        commit = base.decode().split("\n")[0]
    return Revision(root, asked, commit)


def _missing(root: Path, name: str) -> str:
    """What to do about a commit that is not there."""
    shallow = _asked(root, "rev-parse", "--is-shallow-repository")
    if shallow is not None and shallow.strip() == b"true":
        return "this clone is shallow: `git fetch --unshallow`, or check out with `fetch-depth: 0`"
    if _asked(root, "rev-parse", "--verify", "--quiet", "HEAD") is None:
        return "the repository has no commit yet"
    return f"`git fetch` may bring it; `git branch -a` and `git tag` list what there is, {name!r} is not among them"


def changed_files(
    since: Revision, paths: Sequence[Path] = (), unsaved: Mapping[Path, str] = {}, *, fresh: bool = True
) -> Iterator[ChangedFile]:
    """The Python files below ``paths`` (default: the repository) that are not what they were, by path. ``unsaved``
    are texts of an editor that count instead of what is on the disk. Without ``fresh``, files that git does not follow
    are left out."""
    within = [_within(since.root, path) for path in paths] or [Path()]
    entries = _entries(since, fresh)
    known = {name for _, name, _ in entries}
    given = {(_within(since.root, path)).as_posix(): text for path, text in unsaved.items()}
    for name in given.keys() - known:
        blob = _asked(since.root, "rev-parse", "--verify", "--quiet", f"{since.commit}:{name}")
        entries.append((name if blob else "", name, blob.decode().strip() if blob else ""))
    entries = [each for each in entries if any(_below(Path(each[1]), place) for place in within)]
    texts = _blobs(since, sorted({blob for name, _, blob in entries if name and blob}))
    for old_name, name, blob in sorted(entries, key=lambda each: each[1]):
        found = _changed(since.root, old_name, name, texts.get(blob) if old_name else None)
        if name in given:
            found = replace(found, after=given[name])
        if found.before != found.after or found.error or old_name != name:
            yield found


def _within(root: Path, path: Path) -> Path:
    real = Path(os.path.realpath(path))
    if not real.is_relative_to(os.path.realpath(root)):
        raise UserError(f"{path} is not in the repository {root}", "review one repository at a time with --diff")
    return real.relative_to(os.path.realpath(root))


def _below(name: Path, place: Path) -> bool:
    return place == Path() or name == place or place in name.parents


def _entries(since: Revision, fresh: bool) -> list[tuple[str, str, str]]:
    """(path at the revision, path now, blob at the revision) of each file; an empty first is new, and so on."""
    listed = _needed(
        since.root,
        *("diff", "--raw", "-z", "--no-ext-diff", "--no-textconv", "--find-renames", "--no-abbrev"),
        *("--ignore-submodules=all", since.commit, "--"),
    )
    parts = iter(os.fsdecode(listed).split("\0"))
    found: list[tuple[str, str, str]] = []
    for head in parts:
        if not head.startswith(":"):
            continue
        _, mode, blob, _, status = head.split(" ")
        if "120000" in (head[1:7], mode) or "160000" in (head[1:7], mode):
            next(parts)
            continue  # a link or another repository is no text
        first = next(parts)
        second = next(parts) if status[0] in "RC" else first
        old_name = "" if status[0] in "AC" else first
        if first.endswith(_SUFFIXES) or second.endswith(_SUFFIXES):
            found.append((old_name, second, blob if old_name else ""))
    if fresh:
        others = os.fsdecode(_needed(since.root, "ls-files", "--others", "--exclude-standard", "-z", "--full-name"))
        found += [("", name, "") for name in others.split("\0") if name.endswith(_SUFFIXES)]
    # A file that left the index and still lies there, or one with conflicts, is listed twice: what it was counts.
    return list({name: (old, name, blob) for old, name, blob in sorted(found)}.values())


def _blobs(since: Revision, names: Sequence[str]) -> dict[str, bytes]:
    """Contents by the names that git has for them."""
    if not names:
        return {}
    out = _needed(since.root, "cat-file", "--batch", given="".join(f"{name}\n" for name in names).encode())
    texts: dict[str, bytes] = {}
    position = 0
    while position < len(out):
        end = out.index(b"\n", position)
        words = out[position:end].split(b" ")
        position = end + 1
        if words[-1] == b"missing":  # a partial clone without this content
            continue
        size = int(words[2])
        texts[words[0].decode()] = out[position : position + size]
        position += size + 1
    return texts


def _changed(root: Path, old_name: str, name: str, before: bytes | None) -> ChangedFile:
    path, error = root / name, ""
    was: str | None = None
    after: str | None = None
    if old_name and before is None:
        error = "git does not have what it was before; fetch it"
    try:
        if before is not None:
            was = decode(before).text
        if path.is_file() and not path.is_symlink():
            after = read_source(path).text
    except (SutureError, UnicodeError, LookupError) as problem:
        error = str(problem)
    return ChangedFile(path, name, old_name, was, after, error=error)


def _needed(folder: Path, *words: str, given: bytes = b"") -> bytes:
    answer = _asked(folder, *words, given=given)
    if answer is None:
        raise UserError(f"git cannot say what changed in {folder}", f"try `git {words[0]}` there")
    return answer


def _asked(folder: Path, *words: str, given: bytes = b"") -> bytes | None:
    """What git prints; None if it says no. Raises UserError where there is no git."""
    command = [*_GIT, "-C", str(folder), *words]
    # What a hook is told of its own repository and index is not meant for this one.
    environment = {
        key: value for key, value in os.environ.items() if not key.startswith("GIT_") or key.startswith("GIT_CONFIG")
    }
    environment |= {"GIT_TERMINAL_PROMPT": "0", "GIT_NO_LAZY_FETCH": "1", "LC_ALL": "C"}
    try:
        ran = subprocess.run(command, input=given, capture_output=True, timeout=GIT_S, check=False, env=environment)
    except FileNotFoundError as error:
        raise UserError("--diff needs git, and there is no `git` command here", "install git") from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UserError(f"git cannot be run: {error}") from error
    return ran.stdout if ran.returncode == 0 else None


def changed_lines(before: str, after: str) -> frozenset[int]:
    """The 0-based lines of ``after`` that are not in ``before``, and those around which something was taken out."""
    import difflib

    old, new = LINE_END.split(before), LINE_END.split(after)
    first, last = same_ends(old, new)
    matcher = difflib.SequenceMatcher(None, old[first : len(old) - last], new[first : len(new) - last])
    lines: set[int] = set()
    for tag, _, _, start, end in matcher.get_opcodes():
        if tag == "delete":
            lines.add(first + start)
        elif tag != "equal":
            lines.update(range(first + start, first + end))
    return frozenset(each for each in lines if each < max(1, len(new)))
