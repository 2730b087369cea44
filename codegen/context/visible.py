"""Which files of a workspace a model may see anything of, and what a shown piece of code never holds.

Invariant: a file that git ignores, an ``.env``, a file whose name says that it holds secrets, and anything that lies
outside of the workspace once links are followed is never shown. Of the code that is shown, texts are left out (but for
the words of SQL), comments too, and what is left is masked by :mod:`..redaction`.
"""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath

from tree_sitter import Node

from ...analyzers.files import SKIPPED, is_ignored
from ...analyzers.syntax import named_nodes

_HIDDEN = re.compile(
    r"\.env(?:\..*|rc)?|.*\.env|(?:local_?)?(?:secrets?|credentials?|passwords?)(?:_.*)?\.\w+|local_settings\.py"
    r"|.*\.(?:pem|key|p12|pfx|jks)|id_(?:rsa|dsa|ecdsa|ed25519)\w*|\.netrc|\.pypirc|\.npmrc",
    re.IGNORECASE,
)
#: Text that is a query: its words are kept, the values in it are not.
_SQL = re.compile(r"\s*(?:SELECT|INSERT|UPDATE|DELETE|WITH|CREATE|ALTER|DROP|BEGIN|COMMIT)\b", re.IGNORECASE)
_SQL_VALUE = re.compile(r"'(?:[^']|'')*'|\b\d{5,}\b")


def is_hidden(relative: str) -> bool:
    """Whether the name of a file, or of a folder that it lies in, says that nobody else should read it."""
    return any(_HIDDEN.fullmatch(part) for part in PurePosixPath(relative).parts)


def shown_path(path: Path, root: Path) -> str | None:
    """``path`` relative to the workspace in POSIX form; None if nothing of it may be shown."""
    try:
        relative = path.resolve().relative_to(root.resolve())
    except (ValueError, OSError):
        return None
    named = path.absolute()
    for each in (relative.as_posix(), named.relative_to(root).as_posix() if named.is_relative_to(root) else ""):
        if is_hidden(each) or any(part in SKIPPED for part in PurePosixPath(each).parts):
            return None
    ignored = is_ignored(root.resolve() / relative, root.resolve())
    return None if ignored or (named.is_relative_to(root) and is_ignored(named, root)) else relative.as_posix()


def blanked(node: Node, data: bytes, *, end: int | None = None) -> str:
    """The code of ``node`` (up to byte ``end``) without comments and without what its texts say.

    Of a docstring the first line is kept."""
    stop = node.end_byte if end is None else end
    changes: list[tuple[int, int, bytes]] = []
    for each in named_nodes(node):
        if each.start_byte >= stop:
            continue
        if each.type == "comment":
            start = each.start_byte
            while start > node.start_byte and data[start - 1 : start] in (b" ", b"\t"):
                start -= 1
            changes.append((start, each.end_byte, b""))
        elif each.type == "string":
            changes += _docstring(each, data) if _is_docstring(each) else _without_text(each, data)
        elif each.type == "integer" and each.end_byte - each.start_byte > 6:
            changes.append((each.start_byte, each.end_byte, b"0"))
    parts: list[bytes] = []
    position = node.start_byte
    for start, finish, new in sorted(changes):
        if start < position or finish > stop:
            continue
        parts += [data[position:start], new]
        position = finish
    parts.append(data[position:stop])
    text = b"".join(parts).decode("utf-8", "replace")
    return "\n".join(line.rstrip() for line in text.splitlines() if line.strip())


def _is_docstring(node: Node) -> bool:
    statement = node.parent
    if statement is None or statement.type != "expression_statement":
        return False
    block = statement.parent
    return block is not None and block.type in ("block", "module") and block.named_children[0] == statement


def _docstring(node: Node, data: bytes) -> list[tuple[int, int, bytes]]:
    content = [each for each in node.named_children if each.type == "string_content"]
    if not content:
        return []
    start, end = content[0].start_byte, content[-1].end_byte
    first = data[start:end].strip().split(b"\n")[0].strip()
    return [(start, end, first)]


def _without_text(node: Node, data: bytes) -> list[tuple[int, int, bytes]]:
    content = [each for each in node.named_children if each.type == "string_content"]
    words = b"".join(data[each.start_byte : each.end_byte] for each in content).decode("utf-8", "replace")
    if _SQL.match(words):
        return [(each.start_byte, each.end_byte, _sql(data[each.start_byte : each.end_byte])) for each in content]
    return [(each.start_byte, each.end_byte, "…".encode()) for each in content]


def _sql(text: bytes) -> bytes:
    return _SQL_VALUE.sub("'…'", text.decode("utf-8", "replace")).encode()
