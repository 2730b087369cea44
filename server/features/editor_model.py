"""Models, as far as the server has to do with them: loaded ahead in a worker, and the editor's own one asked.

A worker's question goes to the client as ``suture/model``.

The client says ``initializationOptions.editorModel`` if it answers. Pieces of the answer come as ``suture/modelPart``
``{token, text}``; a cancelled job withdraws its question (``$/cancelRequest``).

Invariant: after the editor said that there is no model, or the person that none may be asked, nobody is asked again
until the client says ``suture/modelsChanged``.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, cast

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from ...analyzers.errors import Unavailable
from ..generation import model_params
from ..session import Session, session_of

if TYPE_CHECKING:
    from ..app import SutureServer

Object = dict[str, Any]

ASK = "suture/model"
PART = "suture/modelPart"
CHANGED = "suture/modelsChanged"

#: Names of the environment that configure a model.
KEYS = ("OPENAI_API_KEY", "OPENAI_BASE_URL", "ANTHROPIC_API_KEY", "GEMINI_API_KEY")

#: Anything that a person asked for goes first.
WARM_LAST = 100

#: What is not worth asking again.
_FINAL = frozenset({"none", "consent"})


def register(server: SutureServer) -> None:
    EditorModel(session_of(server))


class EditorModel:
    """The questions that are under way."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._tokens = itertools.count(1)
        self._parts: dict[str, Callable[[str], None]] = {}
        session.workers.answer_question = self.answer
        session.server.inline(PART)(self._part)
        session.server.inline(CHANGED)(self._changed)
        session.server.inline(types.INITIALIZED)(self._warm)

    def _warm(self, params: Any) -> None:
        """The first answer should not wait for libraries to be imported."""
        server = self._session.server
        roots = server.roots
        chosen = model_params(self._session, roots[0] / "x.py") if roots else {}
        if any(chosen.get(each) for each in ("base_url", "api_key")) or any(os.environ.get(each) for each in KEYS):
            params = {"model": chosen, "root": str(roots[0]) if roots else ""}
            warming = self._session.workers.run("warm_models", params, priority=WARM_LAST)
            server.spawn(warming, "load models ahead")

    async def answer(self, request: Mapping[str, Any], part: Callable[[str], None]) -> Object:
        """The whole answer, or ``error`` and ``reason``; pieces go to ``part`` as they come."""
        token = f"model-{next(self._tokens)}"
        self._parts[token] = part
        try:
            answer: Any = await self._session.server.protocol.send_request_async(ASK, {"token": token, **request})
        except JsonRpcException as error:
            data: Any = error.data
            reason = str(cast("Object", data).get("reason") or "failed") if isinstance(data, dict) else "failed"
            if reason in _FINAL and request.get("urgent", True):
                self._session.server.editor_model = False
            return {"error": error.message or "no reason given", "reason": reason}
        except Unavailable as error:
            return {"error": error.message, "reason": "failed"}
        finally:
            del self._parts[token]
        if not isinstance(answer, dict):
            return {"error": "the editor's answer is no object", "reason": "failed"}
        return cast("Object", answer)

    def _part(self, params: Any) -> None:
        said = cast("Object", params) if isinstance(params, dict) else {}
        hear, text = self._parts.get(str(said.get("token"))), said.get("text")
        if hear is not None and isinstance(text, str):
            hear(text)

    def _changed(self, params: Any) -> None:
        self._session.server.editor_model = self._session.server.offers_model
