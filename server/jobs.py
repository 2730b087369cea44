"""What runs in a worker process: ``python -m suture.server.jobs PARENT_PID LANE``, driven by :mod:`.workers`.

One request a line on standard input, ``{"id", "job", "params"}`` or ``{"cancel": id}``; on standard output
``{"id", "event"}`` while a job runs (an event ``{"question", "request"}`` is answered by ``{"answer", "said"}`` on
standard input) and then ``{"id", "result"}`` or ``{"id", "error"}``. One job at a time.
Heavy imports and the sandbox come with the first job that needs them and stay.

Invariant: workspace code is never imported or executed here, only in the sandbox that a job opens.
Invariant: this process ends with its parent or with its standard input, whichever comes first.
It knows neither LSP nor the state of any document: what a job needs is in its parameters.
"""

from __future__ import annotations

import dataclasses
import io
import itertools
import json
import logging
import os
import queue
import signal
import sys
import threading
import tokenize
import traceback
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from ..analyzers.errors import Cancelled, SutureError, Unavailable, UserError
from ..analyzers.findings import Json
from ..analyzers.pipes import die_with_parent
from . import (
    artifact_jobs,
    change_jobs,
    first_import_jobs,
    fuzz_jobs,
    growth_jobs,
    improve_jobs,
    model_jobs,
    quick_jobs,
    run_jobs,
)
from .children import descendants, kill
from .codec import edit_to_json, finding_from_json, finding_to_json
from .workers import error_to_json

if TYPE_CHECKING:
    from ..analyzers.neighbours import Neighbours
    from ..analyzers.sandbox.interface import Sandbox
    from ..codegen.drafter import Draft
    from ..healing.learning import Memory

log = logging.getLogger(__name__)

Params = Mapping[str, Any]

#: Seconds that a review may spend on other files that changed.
FRESHEN_S = 0.2

#: By lane: what nobody waits for gives way to the editor, the server and what a person asked for, and a proof to
#: reviews and measurements, too.
NICENESS = {"analysis": 10, "proofs": 15}


class Context:
    """What a job may use besides its parameters."""

    def __init__(self, emit: Callable[[Mapping[str, Json]], None]) -> None:
        self._emit = emit
        self._sandboxes: dict[tuple[str, str], Sandbox] = {}
        self._neighbours: dict[str, Neighbours] = {}
        self._memories: dict[str, Memory] = {}
        self._current: int = 0
        self._cancelled: set[int] = set()

        self._questions = itertools.count(1)
        self._answers: dict[int, queue.SimpleQueue[Mapping[str, Any]]] = {}

    def begin(self, ident: int) -> None:
        self._current = ident

    def cancel(self, ident: int) -> None:
        self._cancelled.add(ident)

    def cancelled(self) -> bool:
        """Has the running job been asked to stop?"""
        return self._current in self._cancelled

    def event(self, event: Mapping[str, Json]) -> None:
        """Tell the server something while the job runs."""
        self._emit({"id": self._current, "event": event})

    def editor_model(
        self, request: Mapping[str, Json], on_text: Callable[[str], None], cancelled: Callable[[], bool]
    ) -> Mapping[str, Any]:
        """Ask the editor's own model through the server; each piece of its answer goes to ``on_text``."""
        number = next(self._questions)
        answers = self._answers[number] = queue.SimpleQueue()
        self.event({"question": number, "request": request})
        try:
            while True:
                try:
                    said = answers.get(timeout=0.05)
                except queue.Empty:
                    if cancelled():
                        self.event({"withdrawn": number})
                        return {"error": "stopped", "reason": "cancelled"}
                    continue
                if "part" not in said:
                    return said
                on_text(str(said["part"]))
        finally:
            self._answers.pop(number, None)

    def answered(self, number: int, said: Mapping[str, Any]) -> None:
        """The server has an answer, or a part of one, to a question of this process."""
        if number in self._answers:
            self._answers[number].put(said)

    def sandbox(self, params: Params) -> Sandbox:
        """The sandbox of this process, opened on first use. Raises Unavailable where nothing contains the code."""
        from ..analyzers.sandbox import open_sandbox

        backend, python = params.get("backend") or "auto", params.get("python") or ""
        key = (backend, python)
        if key not in self._sandboxes:
            self._sandboxes[key] = open_sandbox(backend, python=Path(python) if python else None)
        return self._sandboxes[key]

    def sandbox_if_any(self, params: Params) -> Sandbox | None:
        """The sandbox if the job may run code (``"verify"``) and something contains it; else None."""
        if not params.get("verify"):
            return None
        try:
            return self.sandbox(params)
        except Unavailable as error:
            log.info("no sandbox: %s", error)
            return None

    def neighbours(self, root: str) -> Neighbours:
        """What this process knows of the files below a root."""
        from ..analyzers.neighbours import Neighbours
        from ..analyzers.review import program_rules

        if root not in self._neighbours:
            self._neighbours[root] = Neighbours(Path(root), program_rules())
        return self._neighbours[root]

    def memory(self, root: str) -> Memory:
        """What healing has learned in a root; opened on first use, and kept open."""
        from ..healing.learning import open_memory

        if root not in self._memories:
            self._memories[root] = open_memory(Path(root))
        return self._memories[root]

    def close(self) -> None:
        for each in (*self._sandboxes.values(), *self._memories.values()):
            each.close()
        self._sandboxes.clear()
        self._memories.clear()


Work = Callable[[Params, Context], Json]


def review(params: Params, context: Context) -> Json:
    """All reviewers and engines on one text → findings and verdict. Parameters: path, text, reviewers, layers, root
    (empty outside of a workspace). ``alone``: the other files below the root are not known yet (see ``survey``)."""
    from ..analyzers.architecture.layers import layers_given
    from ..analyzers.cache import open_cache
    from ..analyzers.review import review_file

    reviewers, path = tuple(params["reviewers"]), Path(params["path"])
    neighbours = context.neighbours(params["root"]) if params.get("root") and "architecture" in reviewers else None
    if neighbours is not None and neighbours.complete:
        neighbours.learn(FRESHEN_S)
    with layers_given(params.get("layers")):
        done = review_file(path, reviewers=reviewers, text=params["text"], cache=open_cache(), neighbours=neighbours)
    return {
        "alone": neighbours is not None and not neighbours.complete and not neighbours.too_many,
        "findings": [finding_to_json(each) for each in done.findings],
        "verdict": done.verdict.to_json(),
        "error": done.error,
    }


def survey(params: Params, context: Context) -> Json:
    """Learn what the files below a root say. Parameters: root, budget_s. Returns whether all of them are known."""
    return context.neighbours(params["root"]).learn(params["budget_s"], context.cancelled)


def heal_finding(params: Params, context: Context) -> Json:
    """Edits that repair a static fault. Parameters: root, path, text, finding, files, timeout_s (of one check), verify,
    backend, python. Returns edits, and whether a check was cut off."""
    from ..healing.api import heal_finding as heal

    cut_off: list[bool] = []
    edits = heal(
        Path(params["root"]),
        Path(params["path"]),
        params["text"],
        finding_from_json(params["finding"]),
        sandbox=context.sandbox_if_any(params),
        python=interpreter(params),
        timeout_s=params["timeout_s"],
        cancel=context.cancelled,
        files=encoded(params),
        ranking=context.memory(params["root"]).ranking,
        on_cut_off=lambda: cut_off.append(True),
    )
    return {"edits": [edit_to_json(each) for each in edits], "cut_off": bool(cut_off)}


def heal_command(params: Params, context: Context) -> Json:
    """Run a failing command, diagnose, repair, verify. Parameters: root, command, files, timeout_s, python,
    model and budget (a model is asked if nothing else helps)."""
    from ..healing.api import heal_command as heal

    memory = context.memory(params["root"])
    with model_jobs.healer(params, context) as model:
        report = heal(
            Path(params["root"]),
            params["command"],
            sandbox=context.sandbox(params),
            timeout_s=params.get("timeout_s") or 10,
            cancel=context.cancelled,
            on_progress=lambda what: context.event({"message": str(what)}),
            python=interpreter(params),
            files=encoded(params),
            ranking=memory.ranking,
            model=model,
        )
    memory.record(report)
    return {"report": to_json(report.to_json()), "edits": [edit_to_json(each.edit) for each in report.candidates]}


def generate(params: Params, context: Context) -> Json:
    """Write what is asked for at a place. Parameters: root, path, text, line, end_line, change, code_type, files
    (absolute paths), known, model (None: no model is asked), budget, limits (max_complexity, rounds, opinions), verify,
    given (a draft to check again)."""
    from ..codegen.api import Budget, GenerationRequest
    from ..codegen.api import generate as write
    from ..codegen.generators.choosing import known_code_type
    from ..codegen.governor import NO_MODEL

    request = GenerationRequest(
        root=Path(params["root"]),
        path=Path(params["path"]),
        text=params["text"],
        line=params["line"],
        end_line=params.get("end_line"),
        change=params.get("change") or "",
        code_type=known_code_type(params.get("code_type") or ""),
        files=params.get("files") or {},
        known=frozenset(params.get("known") or ()),
        include_tests=params["include_tests"],
        python=interpreter(params),
        **params.get("limits", {}),
    )
    limits: Mapping[str, float] = params["budget"]
    models = model_jobs.models(params, context) if params["model"] is not None else ()
    proposal = write(
        request,
        sandbox=context.sandbox_if_any(params),
        model=models,
        given=_given(params),
        budget=Budget(limits["request_usd"], limits["day_usd"], limits["month_usd"]),
        cancel=context.cancelled,
        on_progress=lambda what: context.event({"message": str(what)}),
    )
    if not models and (reason := model_jobs.why_none(params)):
        proposal = replace(proposal, reason=proposal.reason.replace(NO_MODEL, reason))
    return {
        "proposal": to_json(proposal.to_json()),
        "edit": edit_to_json(proposal.edit) if proposal.edit is not None else None,
    }


def _given(params: Params) -> Draft | None:
    """The draft of an earlier answer."""
    from ..codegen.drafter import Draft
    from ..codegen.imports import read_imports

    given: Mapping[str, Any] | None = params.get("given")
    if given is None:
        return None
    record = {"provider": given["provider"]}
    imports = read_imports(given["imports"])
    return Draft(given["code"], imports, given["confidence"], "", given["by_model"], record=record)


def ping(params: Params, context: Context) -> Json:
    """Answers at once; tells whether the process is warm."""
    return {"pid": os.getpid()}


JOBS: dict[str, Work] = {
    each.__name__: each
    for each in (
        *(review, survey, heal_finding, heal_command, generate, ping),
        *(fuzz_jobs.fuzz, fuzz_jobs.fuzz_recall, fuzz_jobs.fuzz_recheck, fuzz_jobs.fuzz_expect, fuzz_jobs.fuzz_forget),
        *(fuzz_jobs.fuzz_collect, fuzz_jobs.property_tests, growth_jobs.measure_growth),
        first_import_jobs.import_first,
        improve_jobs.improve,
        model_jobs.warm_models,
        quick_jobs.quick_heal,
        *(run_jobs.run_workspace, run_jobs.heal_failure, run_jobs.heal_all, run_jobs.heal_text),
        *(run_jobs.affected_tests, run_jobs.note_heal, run_jobs.heal_history),
        change_jobs.review_change,
        *artifact_jobs.WORK,
    )
}


def interpreter(params: Params) -> Path | None:
    """The workspace's own interpreter, where the server named one."""
    return Path(params["python"]) if params.get("python") else None


def encoded(params: Params) -> dict[str, bytes]:
    """Unsaved texts as the bytes that saving would write (PEP 263)."""
    texts: Mapping[str, str] = params.get("files") or {}
    files: dict[str, bytes] = {}
    for name, text in texts.items():
        data = text.encode("utf-8", "replace")
        try:
            encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
            files[name] = text.encode(encoding)
        except (SyntaxError, UnicodeEncodeError):
            files[name] = data
    return files


def to_json(value: Any) -> Json:
    """Plain JSON of a frozen value: dataclasses become objects, tuples and sets lists, paths strings."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {item.name: to_json(getattr(value, item.name)) for item in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): to_json(item) for key, item in value.items()}  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    if isinstance(value, list | tuple | set | frozenset):
        return [to_json(item) for item in value]  # pyright: ignore[reportUnknownVariableType]
    return str(value)


# -- the process -----------------------------------------------------------------------------------------------------


def read_requests(stream: BinaryIO, requests: queue.SimpleQueue[dict[str, Any] | None], context: Context) -> None:
    """Runs on its own thread, so that a cancel is read while a job runs."""
    for line in stream:
        message: dict[str, Any] = json.loads(line)
        if "cancel" in message:
            context.cancel(message["cancel"])
        elif "answer" in message:
            context.answered(message["answer"], message["said"])
        else:
            requests.put(message)
    # The server has gone; whatever runs here or was started here has nobody to answer to.
    for pid in descendants(os.getpid()):
        kill(pid)
    os.killpg(0, signal.SIGKILL)


def perform(message: Mapping[str, Any], context: Context) -> dict[str, Json]:
    """One request → its answer; never raises."""
    ident = message["id"]
    context.begin(ident)
    try:
        work = JOBS.get(message["job"])
        if work is None:
            raise UserError(f"unknown job {message['job']!r}")
        if context.cancelled():
            raise Cancelled
        result = work(message["params"], context)
        if context.cancelled():
            raise Cancelled
    except SutureError as error:
        return {"id": ident, "error": error_to_json(error)}
    except Exception as error:  # noqa: BLE001 - a job's failure is an answer, not the end of the process
        log.error("%s failed\n%s", message.get("job"), traceback.format_exc())
        return {"id": ident, "error": error_to_json(error)}
    return {"id": ident, "result": result}


def main() -> int:
    die_with_parent(int(sys.argv[1]))
    if sys.argv[2] in NICENESS and hasattr(os, "nice"):
        os.nice(NICENESS[sys.argv[2]])
    # Jobs' libraries may print: their standard output is not ours.
    out = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    source = os.fdopen(os.dup(0), "rb")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s")
    lock = threading.Lock()

    def send(message: Mapping[str, Json]) -> None:
        data = json.dumps(message).encode("ascii") + b"\n"
        with lock:
            view = memoryview(data)
            while view:
                view = view[out.write(view) :]

    context = Context(send)
    requests: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
    threading.Thread(target=read_requests, args=(source, requests, context), daemon=True).start()
    while (message := requests.get()) is not None:
        try:
            send(perform(message, context))
        except BrokenPipeError:
            break
    context.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
