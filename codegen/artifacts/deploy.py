"""From a proposal that awaits approval into its file: by a person, and only if nothing was altered meanwhile.

Invariant: what is written is what was recorded: the row is compared with the log before it is approved or written.
Invariant: an edit never changes the signature of a definition that was there (:mod:`.signature`).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...analyzers.errors import UserError
from ...analyzers.findings import Edit, text_hash
from ...analyzers.store import Store
from ...analyzers.store_guards import APPROVED, AWAITING, DEPLOYED
from . import book
from .files import Reader, edit_of_record, text_on_disk, write_edit
from .records import Stored
from .signature import changed_signatures
from .verify import alterations_of


def approve(store: Store, root: Path, ident: str, person: str, *, read: Reader = text_on_disk) -> Edit:
    """A person approves: the edit to be applied. ``read`` gives a file's text as the editor has it.

    Raises UserError if the record was altered, does not await approval, or changes a signature."""
    edit = _allowed(store, root, _sound(store, ident), person, read)
    book.approve(store, ident, person)
    return edit


def offered(store: Store, root: Path, ident: str, person: str, *, read: Reader = text_on_disk) -> Edit:
    """The edit to be shown to a person who has not decided yet; :func:`applied` notes it if they take it.

    Raises UserError if the record was altered or changes a signature, or if nobody can take it any more."""
    stored = _sound(store, ident)
    if stored.status not in (AWAITING, APPROVED, DEPLOYED):  # deployed: and undone since
        raise UserError(f"{stored.name} ({stored.id}) is {stored.status}", "generate it again")
    return _allowed(store, root, stored, person, read)


def _allowed(store: Store, root: Path, stored: Stored, person: str, read: Reader) -> Edit:
    edit, _ = edit_of_record(stored.result.get("edit", {}), root)
    _keeps_signatures(store, stored, edit, person, read)
    return edit


def approved(store: Store, root: Path, ident: str) -> Edit:
    """The edit of a proposal that is approved and sound, for an editor to apply. Raises UserError otherwise."""
    stored = _sound(store, ident)
    _must_be_approved(stored)
    return edit_of_record(stored.result.get("edit", {}), root)[0]


def _must_be_approved(stored: Stored) -> None:
    if stored.status != APPROVED:
        hint = f"approve it first: suture approve {stored.id}" if stored.status == AWAITING else ""
        raise UserError(f"{stored.name} ({stored.id}) is {stored.status}, not approved", hint)


def deploy(store: Store, root: Path, ident: str, person: str) -> list[Path]:
    """Write an approved proposal, and say so in the log. After a process that was killed in between, it goes on.

    Raises UserError unless it is approved and sound, Stale if a file has changed since it was proposed."""
    stored = _sound(store, ident)
    _must_be_approved(stored)
    edit, after = edit_of_record(stored.result.get("edit", {}), root)
    _keeps_signatures(store, stored, edit, person, text_on_disk, after)
    written = write_edit(edit, after)
    book.deployed(store, ident, person, detail={"files": dict(after)})
    return written


def applied(store: Store, ident: str, person: str) -> None:
    """The editor has applied the edit for this person: approved, if it was not yet, and deployed."""
    stored = _sound(store, ident)
    if stored.status == DEPLOYED:
        return  # applied again after an undo
    if stored.status != APPROVED:
        book.approve(store, ident, person)
    book.deployed(store, ident, person, detail={"by": "editor"})


def _sound(store: Store, ident: str) -> Stored:
    stored = book.proposal(store, ident)
    if stored is None:
        raise UserError(f"there is no proposal {ident}", "`suture proposals` lists them")
    altered = alterations_of(store, ident)
    if altered:
        raise UserError(f"{stored.name} ({ident}) is not what was recorded: {altered[0].what}", "run `suture verify`")
    return stored


def _keeps_signatures(
    store: Store, stored: Stored, edit: Edit, person: str, read: Reader, after: Mapping[str, str] | None = None
) -> None:
    for file in edit.files:
        before = read(file.path)
        if not file.base or before is None or (after and text_hash(before) == after.get(file.path)):
            continue
        try:
            changed = changed_signatures(before, file.apply(before))
        except ValueError:
            continue  # the text moved: whoever writes it says so
        if changed:
            detail: dict[str, Any] = {"why": f"changes a signature: {changed[0]}"}
            book.note(store, stored.id, "deploy refused", person, detail)
            raise UserError(
                f"it would change the signature of {changed[0]}", "change the signature yourself, and generate again"
            )
