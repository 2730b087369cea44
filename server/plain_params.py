"""Parameters of the messages that come with every keystroke, read by hand: a few dictionary look-ups each.

The converter's generated code is as fast when it runs in a loop; between two keystrokes it is out of the processor's
caches, and there is much of it.

Invariant: what is read here equals what the converter makes of the same message. What is unusual or wrong is left to
the converter, whose errors say where: a reader raises, or gives None.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lsprotocol import types

Object = Mapping[str, Any]

#: What reading by hand may fail by: a field that is missing, or of another kind.
UNUSUAL = (KeyError, TypeError, ValueError, AttributeError)


def _position(value: Object) -> types.Position:
    return types.Position(value["line"], value["character"])


def _range(value: Object) -> types.Range:
    return types.Range(_position(value["start"]), _position(value["end"]))


def _identifier(value: Object) -> types.TextDocumentIdentifier:
    return types.TextDocumentIdentifier(value["uri"])


def _did_change(params: Object) -> types.DidChangeTextDocumentParams | None:
    changes: list[types.TextDocumentContentChangeEvent] = []
    for each in params["contentChanges"]:
        if "range" not in each or len(each) != 2 + ("rangeLength" in each):
            return None
        changes.append(
            types.TextDocumentContentChangePartial(_range(each["range"]), each["text"], each.get("rangeLength"))
        )
    document = params["textDocument"]
    of = types.VersionedTextDocumentIdentifier(document["version"], document["uri"])
    return types.DidChangeTextDocumentParams(of, tuple(changes))


def _diagnostic(params: Object) -> types.DocumentDiagnosticParams | None:
    if any(key not in ("textDocument", "previousResultId") for key in params):
        return None
    return types.DocumentDiagnosticParams(
        _identifier(params["textDocument"]), previous_result_id=params.get("previousResultId")
    )


def _hover(params: Object) -> types.HoverParams | None:
    if len(params) != 2:
        return None
    return types.HoverParams(_identifier(params["textDocument"]), _position(params["position"]))


def _code_action(params: Object) -> types.CodeActionParams | None:
    context = params["context"]
    if len(params) != 3 or context["diagnostics"] != [] or context.get("only") is not None:
        return None
    kind = context.get("triggerKind")
    return types.CodeActionParams(
        _identifier(params["textDocument"]),
        _range(params["range"]),
        types.CodeActionContext((), trigger_kind=types.CodeActionTriggerKind(kind) if kind is not None else None),
    )


#: By method: gives the parameters, or None where they are unusual.
READERS: Mapping[str, Callable[[Object], Any]] = {
    types.TEXT_DOCUMENT_DID_CHANGE: _did_change,
    types.TEXT_DOCUMENT_DIAGNOSTIC: _diagnostic,
    types.TEXT_DOCUMENT_HOVER: _hover,
    types.TEXT_DOCUMENT_CODE_ACTION: _code_action,
}
