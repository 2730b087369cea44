"""The jobs of a worker process that fuzz: search, try stored inputs again, remember what is expected.

Invariant: what fails is recorded in the workspace's corpus before the server is told, so that it is not lost with the
server; a corpus that cannot be used costs the memory, never the search.
Invariant: workspace code runs in the sandbox only, and only in jobs that the server starts for a trusted folder.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Generator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..analyzers.errors import Unavailable, UserError
from ..analyzers.findings import Json
from .codec import edit_to_json, finding_to_json
from .counterexamples import identify

if TYPE_CHECKING:
    from ..analyzers.fuzzing.api import FuzzFinding
    from ..analyzers.fuzzing.corpus import Corpus
    from .jobs import Context

log = logging.getLogger(__name__)

Params = Mapping[str, Any]

#: How many stored counterexamples of a file are tried when it is opened.
RECALLED = 12

#: How many targets of a workspace are listed.
LISTED = 5000


def fuzz(params: Params, context: Context) -> Json:
    """Look for a counterexample. Parameters: root, path, name, text, budget_s, seed, base. Events as they come."""
    from ..analyzers.fuzzing.api import Done, FuzzFinding
    from ..analyzers.fuzzing.api import fuzz as search
    from ..analyzers.history import fuzz_data, tell
    from ..analyzers.source import read_source

    root, path, name = _place(params)
    text = params.get("text")
    source = text if text is not None else read_source(path).text
    found: list[Json] = []
    last: Json = None
    with _corpus(root) as corpus:
        for event in search(
            root,
            path,
            name,
            sandbox=context.sandbox(params),
            budget_s=params.get("budget_s") or 10,
            seed=params.get("seed") or 0,
            text=text,
            base=params.get("base"),
            python=_interpreter(params),
            cancel=context.cancelled,
            first=corpus.inputs(path, name) if corpus else (),
            expected=corpus.expected(path, name) if corpus else frozenset(),
        ):
            if isinstance(event, FuzzFinding):
                if corpus and not params.get("base"):
                    _record(corpus, path, name, event)
                told = _told(root, event, source, params.get("base"))
                found.append(told)
                context.event({"event": "found", "found": told})
                continue
            last = event.to_json()
            if isinstance(event, Done) and corpus:
                _record(corpus, path, name, event)
            context.event(last)
    if isinstance(last, dict) and last.get("event") == "done":
        tell(root, "fuzz", fuzz_data(path, root, last))
    return {"findings": found, "done": last}


def _record(corpus: Corpus, path: Path, name: str, what: Any) -> None:
    try:
        corpus.record(path, name, what)
    except Exception as error:  # noqa: BLE001 - whatever a database on a full disk says: the search goes on
        log.warning("nothing is remembered of %s: %s", name, error)


def _told(root: Path, event: FuzzFinding, text: str, base: str | None = None) -> dict[str, Json]:
    from ..analyzers.fuzzing.api import regression_path

    value = event.to_json()
    return {
        "id": identify(event.path, value),
        "lines": list(_lines(text, event) or ()),
        "finding": finding_to_json(event.finding(text)),
        "event": value,
        "base": base or "",
        "test": event.test,
        "test_path": str(regression_path(root, Path(event.path), event.target)),
    }


def _lines(text: str, event: FuzzFinding) -> tuple[int, int] | None:
    from ..analyzers.fuzzing.targets import definition_lines
    from ..analyzers.syntax import parse

    return definition_lines(parse(text.encode("utf-8", "surrogatepass")).root_node, event.target)


def fuzz_recall(params: Params, context: Context) -> Json:
    """The stored counterexamples of a file whose targets it still has. Parameters: root, path, text. Runs nothing."""
    from ..analyzers.fuzzing.targets import definition_hash

    root, path = Path(params["root"]), Path(params["path"])
    items: list[Json] = []
    with _corpus(root) as corpus:
        for key in corpus.targets() if corpus else ():
            relative, _, name = key.partition("::")
            if not corpus or (root / relative).resolve() != path.resolve():
                continue
            inputs = corpus.counterexamples(path, name)
            if inputs and definition_hash(params["text"], name):
                items += [{"name": name, "args": each.args, "kwargs": each.kwargs} for each in inputs]
    return items[:RECALLED]


def fuzz_recheck(params: Params, context: Context) -> Json:
    """Try stored inputs on this text. Parameters: root, path, text, items: [{name, args, kwargs, id?, base?,
    source_hash?}].

    One event each, with ``state``: ``fails``, ``fixed``, ``same`` (the definition is as it was when it failed),
    ``gone`` (there is no such target any more) or ``unknown`` (it could not be run)."""
    from ..analyzers.fuzzing.targets import definition_hash
    from ..analyzers.syntax import parse

    root, path, text = Path(params["root"]), Path(params["path"]), params["text"]
    readable = not parse(text.encode("utf-8", "surrogatepass")).root_node.has_error
    counts: dict[str, int] = {}
    with _corpus(root) as corpus:
        for item in params["items"]:
            if context.cancelled():
                break
            told: dict[str, Json] = {"state": "unknown", "found": None}
            now = definition_hash(text, item["name"])
            if not now and readable:
                told["state"] = "gone"
            elif now and now == item.get("source_hash"):
                told["state"] = "same"
            elif readable:
                told = _again(params, context, root, path, text, item, corpus)
            state = str(told["state"])
            counts[state] = counts.get(state, 0) + 1
            context.event({"event": "rechecked", "id": item.get("id", ""), "name": item["name"], **told})
    return counts


def _again(
    params: Params, context: Context, root: Path, path: Path, text: str, item: Mapping[str, Any], corpus: Corpus | None
) -> dict[str, Json]:
    from ..analyzers.fuzzing.api import Input, replay

    name = item["name"]
    try:
        seen = replay(
            root,
            path,
            name,
            Input(item["args"], item["kwargs"]),
            sandbox=context.sandbox(params),
            text=text,
            base=item.get("base") or None,
            python=_interpreter(params),
            cancel=context.cancelled,
        )
    except UserError:
        return {"state": "gone", "found": None}
    if seen.status != "ok":
        return {"state": "unknown", "found": None, "reason": seen.reason}
    if seen.finding is None or (corpus and seen.finding.signature in corpus.expected(path, name)):
        return {"state": "fixed", "found": None}
    return {"state": "fails", "found": _told(root, seen.finding, text, item.get("base"))}


def fuzz_expect(params: Params, context: Context) -> Json:
    """Remember that something is expected, and document it. Parameters: root, path, name, signature, text, exception,
    call. The edit is None where there is nothing to document, or where it is documented already."""
    from ..analyzers.fuzzing.corpus import open_corpus
    from ..analyzers.fuzzing.documenting import document_exception

    root, path, name = _place(params)
    with open_corpus(root) as corpus:
        corpus.expect(path, name, params["signature"])
    edit = None
    if params.get("exception"):
        edit = document_exception(path, params["text"], name, params["exception"], params.get("call", ""))
    return {"edit": edit_to_json(edit) if edit is not None else None}


def fuzz_forget(params: Params, context: Context) -> Json:
    """Take back what was called expected. Parameters: root, path, name. Returns how many."""
    from ..analyzers.fuzzing.corpus import open_corpus

    root, path, name = _place(params)
    with open_corpus(root) as corpus:
        return corpus.forget(path, name)


def fuzz_collect(params: Params, context: Context) -> Json:
    """The targets of a workspace, those that differ from the last commit first. Parameters: root. Runs none."""
    from ..analyzers.fuzzing.collecting import collect

    found = collect([params["root"]], root=Path(params["root"]))
    return [{"path": str(each.path), "name": each.name, "changed": each.changed} for each in found.targets[:LISTED]]


def property_tests(params: Params, context: Context) -> Json:
    """A Hypothesis test file for a target, run before it is offered. Parameters: root, path, name, text."""
    from ..analyzers.fuzzing.property_tests import write_property_tests

    root, path, name = _place(params)
    with _corpus(root) as corpus:
        written = write_property_tests(
            root,
            path,
            name,
            text=params["text"],
            sandbox=context.sandbox(params),
            python=_interpreter(params),
            cancel=context.cancelled,
            on_progress=lambda what: context.event({"message": what}),
            known=corpus.counterexamples(path, name) if corpus else (),
        )
    return {
        "edit": edit_to_json(written.edit) if written.edit is not None else None,
        "path": str(written.path),
        "reason": written.reason,
        "counterexample": written.counterexample,
        "tests": list(written.tests),
    }


def _place(params: Params) -> tuple[Path, Path, str]:
    return Path(params["root"]), Path(params["path"]), params["name"]


def _interpreter(params: Params) -> Path | None:
    return Path(params["python"]) if params.get("python") else None


@contextlib.contextmanager
def _corpus(root: Path) -> Generator[Corpus | None]:
    """The workspace's corpus; None, and a line in the log, where there can be none."""
    from ..analyzers.fuzzing.corpus import open_corpus

    try:
        corpus = open_corpus(root)
    except Unavailable as error:
        log.warning("%s", error)
        yield None
        return
    with corpus:
        yield corpus
