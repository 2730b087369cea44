"""An :class:`~..analyzers.findings.Edit` as the client applies it: a ``WorkspaceEdit`` in plain JSON.

Invariant: every range was computed on the very text that the client has; a text that moved raises Stale.
Invariant: nothing outside the workspace's folders is edited; no snippets.
Invariant: an edit that was not run asks for confirmation where the client can ask (``needsConfirmation``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..analyzers.errors import Stale, UserError
from ..analyzers.findings import Edit, FileEdit, strongest, text_hash
from ..analyzers.source import Encoding, LineIndex, units_of
from .client import Client

Object = dict[str, Any]

#: Identifier of the one annotation that unverified edits carry.
UNVERIFIED = "suture.unverified"


@dataclass(frozen=True, slots=True)
class Base:
    """A text that an edit may apply to. ``version`` is None for a file that is not open; ``text`` is None for one
    that does not exist."""

    uri: str
    text: str | None
    version: int | None


#: Finds the current text of a path.
Lookup = Callable[[str], Base]


def position(index: LineIndex, offset: int, encoding: Encoding) -> Object:
    """The LSP position of a code-point offset."""
    line, column = index.position(offset)
    start = index.starts[line]
    return {"line": line, "character": units_of(index.text[start : start + column], encoding)}


def text_edits(edit: FileEdit, text: str, encoding: Encoding) -> list[Object]:
    """The replacements of one file as LSP text edits."""
    index = LineIndex(text)
    return [
        {
            "range": {"start": position(index, each.start, encoding), "end": position(index, each.end, encoding)},
            "newText": each.text,
        }
        for each in edit.replacements
    ]


def inside(path: str, roots: Iterable[Path]) -> bool:
    """Whether a path is in one of the folders, symbolic links followed."""
    real = Path(path).resolve()
    return any(real.is_relative_to(root.resolve()) for root in roots)


def workspace_edit(edit: Edit, lookup: Lookup, client: Client, roots: Iterable[Path] = ()) -> Object:
    """The ``WorkspaceEdit`` for ``edit``. ``roots`` are the workspace's folders (none: single-file mode).

    Raises Stale if a file is no longer what the edit was computed against, UserError for a path outside ``roots`` or
    for a file that the client cannot create.
    """
    folders = tuple(roots)
    changes: list[Object] = []
    plain: dict[str, list[Object]] = {}
    annotated = client.annotations and client.document_changes and not edit.verified
    for file in edit.files:
        if folders and not inside(file.path, folders):
            raise UserError(f"{file.path} is outside the workspace; nothing was changed")
        base = lookup(file.path)
        if file.base:
            if base.text is None or text_hash(base.text) != file.base:
                raise Stale(f"{Path(file.path).name} changed while the edit was computed")
            edits = text_edits(file, base.text, client.encoding)
        else:
            if base.text is not None:
                raise Stale(f"{Path(file.path).name} exists by now")
            if not (client.create_files and client.document_changes):
                raise UserError(f"this editor cannot create {file.path}", "create the file and try again")
            create: Object = {"kind": "create", "uri": base.uri, "options": {"ignoreIfExists": False}}
            changes.append({**create, "annotationId": UNVERIFIED} if annotated else create)
            zero = {"line": 0, "character": 0}
            text = "".join(each.text for each in file.replacements)
            edits = [{"range": {"start": zero, "end": zero}, "newText": text}]
        if annotated:
            edits = [{**each, "annotationId": UNVERIFIED} for each in edits]
        changes.append({"textDocument": {"uri": base.uri, "version": base.version}, "edits": edits})
        plain.setdefault(base.uri, []).extend(edits)
    if not client.document_changes:
        return {"changes": plain}
    result: Object = {"documentChanges": changes}
    if annotated:
        result["changeAnnotations"] = {UNVERIFIED: annotation(edit)}
    return result


def simple_edit(uri: str, version: int | None, edits: list[Object], client: Client) -> Object:
    """A ``WorkspaceEdit`` of one document that needs no evidence, for instance a comment."""
    if client.document_changes:
        return {"documentChanges": [{"textDocument": {"uri": uri, "version": version}, "edits": edits}]}
    return {"changes": {uri: edits}}


def annotation(edit: Edit) -> Object:
    """What the client shows before it applies an edit that was not run."""
    author = "written by a language model; " if edit.by_model else ""
    description = f"{author}{edit.title}: not verified by a run"
    return {"label": "Not run", "needsConfirmation": True, "description": description}


def titled(edit: Edit) -> str:
    """The edit's title, with its strongest evidence if it was run (``Import json — ran: 1 failed → 0 failed``)."""
    proof = strongest(edit.evidence)
    if not edit.verified or proof is None or not proof.summary or proof.summary in edit.title:
        return edit.title
    return f"{edit.title} — {proof.summary}"


def action(
    edit: Edit, workspace: Mapping[str, Any], client: Client, *, kind: str, diagnostics: list[Object], preferred: bool
) -> Object:
    """The code action that applies ``edit``. Only a verified edit may be ``preferred``."""
    result: Object = {"title": titled(edit), "kind": kind, "edit": dict(workspace)}
    if diagnostics:
        result["diagnostics"] = diagnostics
    if preferred and edit.verified and client.preferred:
        result["isPreferred"] = True
    if edit.by_model and client.llm_tag:
        result["tags"] = [1]  # CodeActionTag.LlmGenerated
    return result
