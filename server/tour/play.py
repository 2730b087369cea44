"""Plays the four jobs on a playground and reports each as it is done.

Invariant: nothing is counted as done that was not seen: a job succeeded only if the editor received what it would
show a person, and the evidence with it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lsprotocol import types

from ...analyzers.errors import SutureError
from ...analyzers.findings import Json
from ...analyzers.source import LineIndex
from .editor import Editor
from .package import BROKEN, BROKEN_TEST, FUZZED, GENERATED, REVIEWED, Playground

#: How long the tour waits for the first answer of a kind (seconds). Sandboxes and workers start meanwhile.
PATIENCE_S = 90.0


@dataclass(frozen=True, slots=True)
class Scene:
    """One thing that was shown: which job, what was done, what came of it, the evidence, and how long it took."""

    job: str
    title: str
    ok: bool
    result: str
    evidence: tuple[str, ...] = ()
    excerpt: str = ""
    milliseconds: float = 0.0
    details: dict[str, Json] = field(default_factory=dict[str, Json])

    def to_json(self) -> dict[str, Json]:
        return {
            "job": self.job,
            "title": self.title,
            "ok": self.ok,
            "result": self.result,
            "evidence": list(self.evidence),
            "excerpt": self.excerpt,
            "milliseconds": round(self.milliseconds, 1),
            **self.details,
        }


async def play(ground: Playground) -> AsyncIterator[Scene]:
    """The whole tour; every scene is given as soon as it is over, also one that failed."""
    editor = Editor()
    try:
        seconds = await editor.start(ground.root)
        yield Scene("start", "start the server", True, "ready", milliseconds=seconds * 1000)
        editor.open(ground.module)
        await editor.until(ground.module, lambda _: True, PATIENCE_S)
        for job, title, scene in _SCENES:
            began = time.perf_counter()
            try:
                yield await scene(editor, ground)
            except SutureError as error:
                yield Scene(job, title, False, str(error), milliseconds=_since(began))
            except Exception as error:  # noqa: BLE001 - a scene that breaks is shown as broken, the others go on
                yield Scene(job, title, False, f"{type(error).__name__}: {error}", milliseconds=_since(began))
    finally:
        await editor.stop()


def _since(began: float) -> float:
    return (time.perf_counter() - began) * 1000


async def _review(editor: Editor, ground: Playground) -> Scene:
    """A dangerous function is typed; its diagnostic and the path from the parameter to the shell are shown."""
    path = ground.module
    began = _append(editor, path, REVIEWED)
    found = await editor.until(path, _has("shell-injection"), PATIENCE_S)
    took = _since(began)
    diagnostic = next(each for each in found if each.code == "shell-injection")
    hover = await editor.hover(path, diagnostic.range.start)
    return Scene(
        "review",
        "type a function that runs a shell",
        bool(hover),
        f"{_message(diagnostic)}  [{diagnostic.code}]",
        tuple(_evidence_lines(hover)),
        _line(editor, path, diagnostic.range.start.line),
        took,
    )


async def _heal(editor: Editor, ground: Playground) -> Scene:
    """An import goes missing; the lightbulb's edit brings it back."""
    path = ground.module
    text = editor.text(path)
    start = text.index(ground.removed)
    name = ground.removed.split()[1]
    before = text
    began = editor.type(path, start, start + len(ground.removed), "")
    wanted = f"undefined name '{name}'"
    found = await editor.until(path, lambda each: any(_message(one) == wanted for one in each), PATIENCE_S)
    seen = _since(began)
    diagnostic = next(each for each in found if _message(each) == wanted)
    action = await _ready(editor, path, diagnostic, lambda each: each.title.startswith("Add `import "))
    resolved = await editor.resolve(action, PATIENCE_S)
    if resolved.edit is None:
        return Scene("heal", "delete an import", False, f"no edit for {wanted}", milliseconds=_since(began))
    editor.apply(resolved.edit)
    await editor.until(path, lambda each: not any(_message(one) == wanted for one in each), PATIENCE_S)
    title, _, ran = resolved.title.partition(" — ")
    same = sorted(editor.text(path).splitlines()) == sorted(before.splitlines())
    return Scene(
        "heal",
        f"delete `{ground.removed.strip()}`",
        bool(resolved.is_preferred),
        f"{wanted} after {seen:.0f} ms; the preferred quick fix: {title}",
        (f"ran: {ran}", "the file is as it was" if same else "the import stands at another place than before"),
        ground.removed.strip(),
        _since(began),
    )


async def _heal_run(editor: Editor, ground: Playground) -> Scene:
    """A test fails because of a misspelt name; the command is healed and the test passes."""
    (ground.root / "tour_squares.py").write_text(BROKEN, "utf-8")
    (ground.root / "test_tour_squares.py").write_text(BROKEN_TEST, "utf-8")
    command = ["python", "-m", "pytest", "-q", "test_tour_squares.py"]
    began = time.perf_counter()
    answer = await editor.command("suture.healCommand", {"root": str(ground.root), "command": command}, PATIENCE_S)
    took = _since(began)
    healed = "return result\n" in (ground.root / "tour_squares.py").read_text("utf-8")
    return Scene(
        "heal",
        " ".join(command),
        bool(_get(answer, "applied") and _get(answer, "verified") and healed),
        str(_get(answer, "title") or _get(answer, "reason") or _why(_get(answer, "report"))),
        tuple(_summaries(_get(answer, "evidence"))),
        "-    return reslut\n+    return result" if healed else "",
        took,
    )


async def _generate(editor: Editor, ground: Playground) -> Scene:
    """A comment with two examples becomes a function that has been run on them."""
    path = ground.module
    began = _append(editor, path, GENERATED)
    text = editor.text(path)
    line = LineIndex(text).position(text.index("# slugify_for_tour"))[0]
    position = types.Position(line=line, character=0)
    actions = await editor.actions(path, types.Range(start=position, end=position), [])
    action = next((each for each in actions if each.title.startswith("Generate ")), None)
    if action is None or action.command is None:
        return Scene("generate", "write a comment", False, "no action on the comment", milliseconds=_since(began))
    argument: Any = (action.command.arguments or [{}])[0]
    answer = await editor.command(action.command.command, argument, PATIENCE_S)
    proposal: Any = _get(answer, "proposal")
    applied = bool(_get(answer, "applied")) and "def slugify_for_tour(" in editor.text(path)
    return Scene(
        "generate",
        "write a comment with two examples",
        applied,
        f"{_get(proposal, 'status')} by {_get(proposal, 'provider')}, ${_get(proposal, 'cost_usd') or 0:.4f}"
        if applied
        else str(_get(proposal, "reason") or "nothing was applied"),
        tuple(_summaries(_get(proposal, "evidence"))),
        str(_get(proposal, "code") or "").strip(),
        _since(began),
    )


async def _fuzz(editor: Editor, ground: Playground) -> Scene:
    """A function is fuzzed; the counterexample lands on its line and becomes a regression test."""
    path = ground.module
    _append(editor, path, FUZZED)
    text = editor.text(path)
    line = LineIndex(text).position(text.index("def share_for_tour"))[0]
    await editor.until(path, lambda _: True, PATIENCE_S)
    lens = next(
        (
            each
            for each in await editor.lenses(path)
            if each.range.start.line == line and each.command is not None and each.command.command == "suture.fuzz"
        ),
        None,
    )
    if lens is None or lens.command is None:
        return Scene("fuzz", "fuzz a function", False, "no lens on the function")
    argument: Any = (lens.command.arguments or [{}])[0]
    began = time.perf_counter()
    answer = await editor.command("suture.fuzz", argument, PATIENCE_S)
    took = _since(began)
    found = [each for each in editor.diagnostics(path) if each.code == "fuzz-counterexample"]
    if not found:
        try:
            found = await editor.until(path, _has("fuzz-counterexample"), 5)
            found = [each for each in found if each.code == "fuzz-counterexample"]
        except SutureError:
            return Scene("fuzz", "fuzz a function", False, f"no counterexample: {answer}", milliseconds=took)
    data: Any = found[0].data
    kept = await editor.command("suture.keepRegressionTest", {"id": _get(data, "id")}, PATIENCE_S)
    test = Path(str(_get(kept, "path")))
    hover = await editor.hover(path, found[0].range.start)
    return Scene(
        "fuzz",
        "press the lens of a function",
        test.is_file() and "def test_" in test.read_text("utf-8"),
        _message(found[0]),
        (*_evidence_lines(hover), f"kept as {test.relative_to(ground.root)}"),
        _line(editor, path, found[0].range.start.line),
        took,
        {"executions": _get(answer, "executions")},
    )


_SCENES: tuple[tuple[str, str, Callable[[Editor, Playground], Any]], ...] = (
    ("review", "type a function that runs a shell", _review),
    ("heal", "delete an import", _heal),
    ("heal", "run a failing test", _heal_run),
    ("generate", "write a comment with two examples", _generate),
    ("fuzz", "press the lens of a function", _fuzz),
)


async def _ready(
    editor: Editor, path: Path, diagnostic: types.Diagnostic, wanted: Callable[[types.CodeAction], bool]
) -> types.CodeAction:
    """The wanted action once its edit was verified ahead; until then the lightbulb offers to compute it."""
    deadline = time.perf_counter() + PATIENCE_S / 3
    while True:
        offers = await editor.actions(path, diagnostic.range, [diagnostic])
        for each in offers:
            if wanted(each) and each.is_preferred:
                return each
        if time.perf_counter() > deadline:
            break
        await asyncio.sleep(0.02)
    for each in offers:
        if wanted(each) or each.title.startswith("Heal"):
            return each
    raise SutureError(f"no action for {_message(diagnostic)}; offered: {[each.title for each in offers]}")


def _append(editor: Editor, path: Path, text: str) -> float:
    end = len(editor.text(path))
    return editor.type(path, end, end, text)


def _has(code: str) -> Callable[[Sequence[types.Diagnostic]], bool]:
    return lambda found: any(each.code == code for each in found)


def _message(diagnostic: types.Diagnostic) -> str:
    message: Any = diagnostic.message
    return message if isinstance(message, str) else str(getattr(message, "value", message))


def _line(editor: Editor, path: Path, number: int) -> str:
    return f"{path.name}:{number + 1}  {LineIndex(editor.text(path)).line(number).strip()}"


def _why(report: Any) -> str:
    """What a report without a repair says of the command."""
    fault = _get(report, "fault")
    seconds = float(_get(report, "elapsed_ms") or 0) / 1000
    said = f"{_get(fault, 'category') or 'no fault'}: {_get(fault, 'message') or 'it said nothing'}"
    return f"no repair found in {seconds:.0f} s; {said}"


def _get(value: Any, key: str) -> Any:
    """A member of what the protocol library made of a JSON object."""
    if isinstance(value, dict):
        return value.get(key)  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    return getattr(value, key, None)


def _summaries(evidence: list[Any] | None) -> list[str]:
    return [_said(f"{_get(each, 'kind')}: {_get(each, 'summary')}") for each in evidence or []]


def _said(line: str) -> str:
    """``tested: tested …`` says it once."""
    kind, _, rest = line.partition(": ")
    return rest if rest.startswith(kind) else line


def _evidence_lines(markdown: str) -> list[str]:
    """The bullet points of a hover that name evidence."""
    lines = [line.strip().lstrip("-* ").replace("**", "").replace("`", "") for line in markdown.splitlines()]
    kinds = ("traced", "counted", "reproduced", "ran", "tested", "measured", "parsed", "linted")
    return [_said(line) for line in lines if line.lower().startswith(kinds)]
