"""Plays one case: opens its files, compares diagnostics with markers one to one, then takes its steps in order.

A step with ``result="name"`` changes something: afterwards every file must be what the goldens ``@name`` say, byte for
byte; the golden's own markers are then checked and played, and the change is undone. The last line of defence is
the same for every case: no popup, no edit for a wrong version, nothing preferred that was not run.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from .archive import Case, CaseError, Marker, Place, Section, repr_text, split_lines
from .editor import Document, Editor, EditorError
from .notebooks import notebook_of, notebooks, on_disk

#: How long diagnostics must stay right before they count as settled (seconds).
QUIET_S = 0.25

#: What a title says of an edit that was run: before → after, or on how many inputs. Nothing else may be preferred.
RAN = re.compile(r" — (.* → |same results on \d)")


#: Files that the editor opens, if a case does not say that they are closed.
OPENED = (".py", ".pyi", "pyproject.toml", ".rs", ".go", ".js", ".ts")


class CaseFailure(AssertionError):
    """The server did something else than the case says."""


@dataclass(slots=True)
class State:
    """What the files are now: path → section (text and markers)."""

    sections: dict[str, Section]


@dataclass(slots=True)
class Player:
    case: Case
    editor: Editor
    update: bool = False
    #: Goldens as they came out, when updating.
    found: dict[tuple[str, str], str] = field(default_factory=dict[tuple[str, str], str])

    # -- the case as a whole

    async def play(self) -> None:
        setup = self.case.setup
        try:
            await self.editor.initialize({"untrustedWorkspace": setup.untrusted}, setup.settings)
        except JsonRpcException as error:
            if setup.initialize_error and setup.initialize_error in str(error):
                return
            raise CaseFailure(f"initialize failed: {error}") from error
        if setup.initialize_error:
            raise CaseFailure("initialize did not fail")
        for path, section in self.case.files.items():
            if "closed" not in section.attributes and path.endswith(OPENED):
                self.editor.open(path, section.text)
        for path, cells in notebooks(self.case.files).items():
            self.editor.open_notebook(path, [(each.name, each.text) for each in cells])
        state = State(dict(self.case.files))
        await self.settle(state)
        if setup.review:
            await self.review(state)
        await self.steps(state)
        problems = [*self.editor.problems, *(f"an unexpected popup: {each}" for each in self.editor.popups)]
        if problems:
            raise CaseFailure("\n".join(problems))

    async def review(self, state: State) -> None:
        """Let the slow engines look at every open file, so that what they add, late, is compared too."""
        for document in list(self.editor.documents.values()):
            if document.opened and document.path.suffix == ".py":
                await self.execute("suture.review", [{"uri": document.uri}])
        self.editor.popups.clear()
        await self.settle(state)

    async def steps(self, state: State) -> None:
        for path, section in state.sections.items():
            for marker in section.markers:
                if marker.verb == "diag":
                    continue
                try:
                    await getattr(self, f"do_{marker.verb}")(marker, path, state)
                except (CaseFailure, EditorError, JsonRpcException) as error:
                    raise CaseFailure(f"{path}:{marker.line + 1}: {marker.source}\n{error}") from None

    # -- diagnostics, one to one

    async def settle(self, state: State) -> None:
        """Wait until the diagnostics are those of the markers, and stay so. Raises CaseFailure with the difference."""
        deadline = time.monotonic() + self.case.setup.timeout_s
        quiet_s = 0.0 if self.case.setup.brief else QUIET_S
        right_since: float | None = None
        while True:
            difference = await self.difference(state)
            now = time.monotonic()
            if not difference:
                right_since = right_since or now
                if now - right_since >= quiet_s:
                    return
            else:
                right_since = None
                if now > deadline:
                    raise CaseFailure("\n".join(difference))
            await asyncio.sleep(0.03)

    async def difference(self, state: State) -> list[str]:
        lines: list[str] = []
        for document in list(self.editor.documents.values()):
            shown = await self.editor.diagnostics(document)
            path = self.relative(document)
            if shown is None:
                lines.append(f"no diagnostics yet for version {document.version} of {path}")
                continue
            section = state.sections.get(path)
            wanted = [each for each in section.markers if each.verb == "diag"] if section else []
            text = document.text if document.opened else section.text if section else ""
            lines += self.compare(path, text, wanted, shown)
        opened = {self.relative(document) for document in self.editor.documents.values()}
        for path, section in state.sections.items():
            if path not in opened:
                lines += self.compare(path, section.text, [m for m in section.markers if m.verb == "diag"], [])
        return lines

    def compare(self, path: str, text: str, wanted: list[Marker], shown: list[types.Diagnostic]) -> list[str]:
        left = list(shown)
        lines: list[str] = []
        for marker in wanted:
            try:
                self.span(marker, text)
            except CaseError as error:
                lines.append(f"badly placed {path}:{marker.line + 1}: {error}")
                continue
            hits = [each for each in left if self.matches(marker, text, each)]
            if hits:
                left.remove(hits[0])
            else:
                lines.append(f"missing     {path}:{marker.line + 1}: {marker.source}")
        for each in left:
            line = each.range.start.line
            code = split_lines(text)[line].strip() if line < len(split_lines(text)) else ""
            lines.append(f"unexpected  {path}:{line + 1}: {self.as_marker(text, each)}   in: {code}")
        return lines

    def matches(self, marker: Marker, text: str, shown: types.Diagnostic) -> bool:
        start, end = self.span(marker, text)
        if shown.source != "suture" or self.editor.offset(text, shown.range.start) != start:
            return False
        actual_end = self.editor.offset(text, shown.range.end)
        if actual_end <= end if marker.place and marker.place.how == "rest" else actual_end != end:
            return False
        if any(str(part) not in shown.message for part in marker.arguments):
            return False
        if marker.options.get("rule", shown.code) != shown.code:
            return False
        severity = shown.severity.name.lower() if shown.severity else ""
        return marker.options.get("severity", severity) == severity

    def as_marker(self, text: str, shown: types.Diagnostic) -> str:
        """The marker that would expect this diagnostic, to be pasted into the case."""
        start, end = self.editor.offset(text, shown.range.start), self.editor.offset(text, shown.range.end)
        line = next(iter(split_lines(text[start:end])), "").rstrip("\r\n")
        rest = shown.range.end.line > shown.range.start.line
        place = str(Place("rest" if rest else "exact", line)) if line else "eol"
        source = "" if shown.source == "suture" else f" (source {shown.source!r})"
        return f"diag({place}, {repr_text(shown.message)}, rule={repr_text(str(shown.code))}){source}"

    # -- places

    def span(self, marker: Marker, text: str, place: Place | None = None) -> tuple[int, int]:
        lines = split_lines(text)
        line = lines[marker.line].rstrip("\r\n") if marker.line < len(lines) else ""
        start, end = (place or marker.place or Place("line")).find(line)
        base = sum(len(each) for each in lines[: marker.line])
        return base + start, base + end

    def relative(self, document: Document) -> str:
        path = document.path
        return path.relative_to(self.editor.root).as_posix() if path.is_relative_to(self.editor.root) else str(path)

    def document(self, path: str) -> Document:
        document = self.editor.documents.get(self.editor.uri(path))
        if document is None or not document.opened:
            raise CaseError(f"{path} is not open in the editor")
        return document

    # -- verbs

    async def do_action(self, marker: Marker, path: str, state: State) -> None:
        action = await self.action_at(marker, path)
        changed = action.kind or ""
        if (kind := marker.options.get("kind")) and not str(changed).startswith(str(kind)):
            raise CaseFailure(f"its kind is {changed}")
        if marker.options.get("preferred", action.is_preferred or False) != bool(action.is_preferred):
            raise CaseFailure(f"isPreferred is {action.is_preferred}")
        action = await self.editor.resolve(action)
        if action.is_preferred and not RAN.search(action.title):
            raise CaseFailure(f"preferred, but nothing was run for it: {action.title}")
        asked = [each for each in ((action.edit and action.edit.change_annotations) or {}).values()]
        if marker.options.get("confirm") and not any(each.needs_confirmation for each in asked):
            raise CaseFailure("it does not ask for confirmation")
        if not marker.result:
            return

        async def apply() -> None:
            if action.edit is None and action.command is None:
                raise CaseFailure(f"resolving it gave no edit: {action.title}")
            if action.edit is not None:
                self.editor.apply(action.edit)
            if action.command is not None:
                await self.execute(action.command.command, list(action.command.arguments or ()))

        await self.step(marker, path, state, apply)

    async def action_at(self, marker: Marker, path: str) -> types.CodeAction:
        """The one action of that title at the place; waits for it, as the lightbulb asks again when told to."""
        title = str(marker.arguments[0]) if marker.arguments else ""
        document = self.document(path)
        start, end = self.span(marker, document.text)
        deadline = time.monotonic() + self.case.setup.timeout_s
        while True:
            offered = await self.editor.actions(document, start, end)
            if len({each.title for each in offered}) < len(offered):
                raise CaseFailure(f"offers that cannot be told apart: {sorted(each.title for each in offered)}")
            fitting = [each for each in offered if title in each.title]
            if marker.options.get("ran"):
                fitting = [each for each in fitting if RAN.search(each.title)]
            if len(fitting) == 1:
                return fitting[0]
            if len(fitting) > 1 or time.monotonic() > deadline:
                titles = "\n".join(f"  {each.title}" for each in offered) or "  nothing"
                raise CaseFailure(f"wanted one action with {title!r}; offered were\n{titles}")
            await asyncio.sleep(0.1)

    async def do_noaction(self, marker: Marker, path: str, state: State) -> None:
        title = str(marker.arguments[0]) if marker.arguments else ""
        document = self.document(path)
        offered = await self.editor.actions(document, *self.span(marker, document.text))
        if fitting := [each.title for each in offered if title in each.title]:
            raise CaseFailure(f"offered all the same: {fitting}")

    async def do_lens(self, marker: Marker, path: str, state: State) -> None:
        title = str(marker.arguments[0]) if marker.arguments else ""
        document = self.document(path)
        deadline = time.monotonic() + self.case.setup.timeout_s
        while True:
            lenses = await self.lenses(document)
            here = [each for each in lenses if each.range.start.line == marker.line]
            if any(each.command and title in each.command.title for each in here):
                return
            if time.monotonic() > deadline:
                raise CaseFailure(f"lenses here: {[each.command and each.command.title for each in here]}")
            await asyncio.sleep(0.1)

    async def lenses(self, document: Document) -> list[types.CodeLens]:
        client = self.editor.client
        answer = await client.text_document_code_lens_async(
            types.CodeLensParams(types.TextDocumentIdentifier(document.uri))
        )
        found: list[types.CodeLens] = []
        for lens in answer or ():
            found.append(lens if lens.command else await client.code_lens_resolve_async(lens))
        return found

    async def do_hover(self, marker: Marker, path: str, state: State) -> None:
        document = self.document(path)
        start, _ = self.span(marker, document.text)
        deadline = time.monotonic() + self.case.setup.timeout_s
        while True:
            hover = await self.editor.client.text_document_hover_async(
                types.HoverParams(
                    types.TextDocumentIdentifier(document.uri), self.editor.position(document.text, start)
                )
            )
            text = hover.contents.value if hover and isinstance(hover.contents, types.MarkupContent) else ""
            if all(str(part) in text for part in marker.arguments):
                return
            if time.monotonic() > deadline:
                raise CaseFailure(f"the hover says:\n{text or '(nothing)'}")
            await asyncio.sleep(0.1)

    async def do_command(self, marker: Marker, path: str, state: State) -> None:
        """``command("suture.fuzz", name="f", …)``: one argument, an object with the file's uri and the options."""
        own = {"result", "returns", "error", "at", "shows", "popup", "answer", "meanwhile"}
        argument = {key: self.substitute(value) for key, value in marker.options.items() if key not in own}
        if path in self.case.files and "uri" not in argument:
            argument["uri"] = self.editor.uri(path)
        if (place := marker.options.get("at")) is not None:
            argument["id"] = await self.identity(marker, path, place)
        self.editor.answers = [str(marker.options["answer"])] if "answer" in marker.options else []
        name = str(marker.arguments[0])

        async def run() -> None:
            wanted = marker.options.get("error")
            try:
                answer = await self.meanwhile(marker, path, self.execute(name, [argument]))
            except JsonRpcException as error:
                if wanted is None or str(wanted) not in str(error):
                    raise
                return
            if wanted is not None:
                raise CaseFailure(f"it did not fail; it answered {_json(answer)[:1000]}")
            if str(marker.options.get("returns", "")) not in _json(answer):
                raise CaseFailure(f"it returned {_json(answer)[:2000]}")

        self.editor.shown.clear()
        if marker.result:
            await self.step(marker, path, state, run)
        else:
            await run()
        if (text := marker.options.get("shows")) is not None:
            shown = [await self.editor.shown_text(uri) for uri in self.editor.shown]
            if not any(str(text) in each for each in shown):
                raise CaseFailure(f"shown were {shown or 'no documents'}")
        text = marker.options.get("popup")
        if text is not None and not any(str(text) in each for each in self.editor.popups):
            raise CaseFailure(f"popups were {self.editor.popups}")
        self.editor.popups[:] = [each for each in self.editor.popups if not each.startswith("Info:")]

    async def meanwhile(self, marker: Marker, path: str, work: Coroutine[Any, Any, Any]) -> Any:
        """Waits for ``work``; with ``meanwhile=("text", "more")`` types ``more`` behind that text while it runs, with a
        third word in that document."""
        if (typed := marker.options.get("meanwhile")) is None:
            return await work

        def change() -> None:
            document = self.document(typed[2] if len(typed) > 2 else path)
            place = document.text.index(typed[0]) + len(typed[0])
            self.editor.replace(document, place, place, _eol(document, typed[1]))

        self.editor.at_work = change  # a moment that does not depend on how fast the machine is
        try:
            return await work
        finally:
            if self.editor.at_work is not None:
                self.editor.at_work = None
                raise CaseFailure("the server never said that it is at work")

    async def do_complete(self, marker: Marker, path: str, state: State) -> None:
        """Takes the inline completion at the end of the place; asks again until there is one, as an editor does."""
        document = self.document(path)
        _, end = self.span(marker, document.text)
        deadline = time.monotonic() + self.case.setup.timeout_s
        while not (offered := await self.editor.completions(document, end)):
            if time.monotonic() > deadline:
                raise CaseFailure("nothing is offered")
            await asyncio.sleep(0.1)
        if len(offered) > 1 or not isinstance(offered[0].insert_text, str) or offered[0].range is None:
            raise CaseFailure(f"offered were {offered}")
        item, where = offered[0], offered[0].range
        start, stop = (self.editor.offset(document.text, each) for each in (where.start, where.end))
        if not start <= end <= stop or where.start.line != where.end.line:
            raise CaseFailure("it does not stand at the cursor")

        async def take() -> None:
            self.editor.replace(document, start, stop, str(item.insert_text))
            if item.command is not None:
                await self.execute(item.command.command, list(item.command.arguments or ()))

        await self.step(marker, path, state, take)

    async def identity(self, marker: Marker, path: str, place: Place) -> str:
        document = self.document(path)
        start, _ = self.span(marker, document.text, place)
        for each in await self.editor.diagnostics(document) or ():
            if self.editor.offset(document.text, each.range.start) == start:
                return str(_plain(each.data)["id"])
        raise CaseFailure(f"no diagnostic at {place}")

    async def execute(self, name: str, arguments: list[Any]) -> Any:
        request = self.editor.client.workspace_execute_command_async(types.ExecuteCommandParams(name, arguments))
        return await asyncio.wait_for(request, self.case.setup.timeout_s * 3)

    def substitute(self, value: Any) -> Any:
        return value.replace("$ROOT", str(self.editor.root)) if isinstance(value, str) else value

    async def do_edit(self, marker: Marker, path: str, state: State) -> None:
        document = self.document(path)
        start, end = self.span(marker, document.text)

        async def change() -> None:
            self.editor.replace(document, start, end, _eol(document, str(marker.arguments[0])))
            if marker.options.get("save"):
                self.editor.save(document)

        await self.step(marker, path, state, change)

    async def do_type(self, marker: Marker, path: str, state: State) -> None:
        """Types after the place, one change a character, faster than a person."""
        document = self.document(path)
        _, end = self.span(marker, document.text)

        async def keys() -> None:
            for offset, char in enumerate(str(marker.arguments[0])):
                self.editor.replace(document, end + offset, end + offset, char)
                await asyncio.sleep(0.005)

        await self.step(marker, path, state, keys)

    # -- steps and goldens

    async def step(self, marker: Marker, path: str, state: State, change: Callable[[], Any]) -> None:
        """Change, compare all files with the goldens, play the goldens' markers, undo."""
        if not marker.result:
            raise CaseError(f'{marker.verb} changes something: say what with result="name"')
        before, edits = self.snapshot(), self.editor.applied
        await change()
        undo, after = self.editor.undo_step(), self.snapshot()
        own = self.editor.applied - edits  # the steps that are played in the goldens undo what they applied
        if own > 1:
            raise CaseFailure(f"{own} edits were applied: that is as many undo steps")
        reached = dict(state.sections)
        expected = {
            (golden.path or path): golden for (name, _), golden in self.case.goldens.items() if name == marker.result
        }
        problems: list[str] = []
        for each in sorted({*before, *after, *expected}):
            old, new = before.get(each), after.get(each)
            golden = expected.get(each)
            key = (marker.result, "" if each == path else each)
            if self.update:
                if old != new or golden is not None or each == path:
                    self.found[key] = (new or "").replace("\r\n", "\n")
                continue
            if golden is None:
                if old != new:
                    problems.append(f"{each} changed, and no golden @{marker.result} says so; it is now:\n{new}")
                continue
            wanted = self.golden_text(golden, each, state)
            if new != wanted:
                problems.append(f"{each} differs from @{marker.result}\n{_difference(wanted, new or '')}")
            attributes = state.sections[each].attributes if each in state.sections else golden.attributes
            reached[each] = Section(each, each, attributes, wanted, golden.markers, golden.raw)
        if problems:
            raise CaseFailure("\n".join([*problems, *self.editor.popups]))
        if not self.update:
            await self.settle(State(reached))
            await self.steps(State({name: section for name, section in reached.items() if name in expected}))
        if own == 1 and marker.verb != "complete" and "meanwhile" not in marker.options:
            undo()
            if self.snapshot() != before:
                raise CaseFailure("undoing it does not restore every file")
        self.undo(before)
        deadline = time.monotonic() + self.case.setup.timeout_s
        for document in list(self.editor.documents.values()):
            while await self.editor.diagnostics(document) is None and time.monotonic() < deadline:
                await asyncio.sleep(0.02)

    def golden_text(self, golden: Section, path: str, state: State) -> str:
        """A golden has the line endings and the last line of the file it replaces."""
        original = state.sections.get(path)
        text = golden.text
        if original and "crlf" in original.attributes and "crlf" not in golden.attributes:
            text = text.replace("\n", "\r\n")
        if original and "no-eol" in original.attributes and "no-eol" not in golden.attributes:
            text = text.removesuffix("\r\n").removesuffix("\n")
        return text

    def snapshot(self) -> dict[str, str]:
        """Every file of the workspace as the editor has it: open documents, and the disk for the others."""
        found: dict[str, str] = {}
        for path in sorted(self.editor.root.rglob("*")):
            relative = path.relative_to(self.editor.root)
            if path.is_file() and not any(part.startswith((".", "__pycache__")) for part in relative.parts):
                found[relative.as_posix()] = path.read_bytes().decode("utf-8", "replace")
        for document in self.editor.documents.values():
            if document.opened:
                found[self.relative(document)] = document.text
        return found

    def undo(self, before: dict[str, str]) -> None:
        for path in self.snapshot():
            document = self.editor.documents.get(self.editor.uri(path))
            if document is not None and document.opened:
                self.editor.restore(document, before[path])
            elif path not in before:
                (self.editor.root / path).unlink()
            elif (self.editor.root / path).read_bytes().decode("utf-8", "replace") != before[path]:
                (self.editor.root / path).write_bytes(before[path].encode())


def _eol(document: Document, text: str) -> str:
    return text.replace("\n", "\r\n") if "\r\n" in document.text else text


def _json(value: Any) -> str:
    return json.dumps(_plain(value), ensure_ascii=False, default=str)


def _plain(value: Any) -> Any:
    """pygls gives answers of unknown shape as nested named tuples."""
    if as_dict := getattr(value, "_asdict", None):
        fields: dict[str, Any] = as_dict()
        return {key: _plain(each) for key, each in fields.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in cast("Sequence[Any]", value)]
    return value


def _difference(wanted: str, got: str) -> str:
    """Both texts line by line with their endings made visible."""
    import difflib

    old, new = ([repr(line)[1:-1] for line in split_lines(text)] for text in (wanted, got))
    return "\n".join(difflib.unified_diff(old, new, "golden", "editor", lineterm=""))


def write_files(case: Case, root: Path) -> None:
    """The files of a case on disk, in their encodings."""
    for path, cells in notebooks(case.files).items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(on_disk(cells))
    for path, section in case.files.items():
        if notebook_of(path):
            continue
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(section.data())
