"""The editor's own model, asked by a worker through the server."""

from __future__ import annotations

from typing import Any

from suture.analyzers.store import open_store

Object = dict[str, Any]

CODE = "```python\ndef reticulate(text: str) -> str:\n    return '~'.join(text)\n```"


class Model:
    """What the editor does with ``suture/model``."""

    def __init__(self, editor: Any, text: str = CODE) -> None:
        self.editor = editor
        self.text = text
        self.asked: list[Object] = []

    def __call__(self, message: Object) -> Any:
        if message["method"] != "suture/model":
            return None
        self.asked.append(message["params"])
        for piece in (self.text[:20], self.text[20:]):
            self.editor.notify("suture/modelPart", {"token": message["params"]["token"], "text": piece})
        return {"text": self.text, "model": "copilot/x", "complete": True, "usage": {"input": 9, "output": None}}


def test_the_editors_model_writes_a_function_and_is_on_the_record(editor: Any, rich: Object) -> None:
    editor.initialize(rich, {"editorModel": True}, trusted=False)
    model = editor.answer = Model(editor)
    uri = editor.open("splines.py", "# Reticulate the splines of a text with love. reticulate('ab') -> 'a~b'\n")
    result = editor.command("suture.generate", {"uri": uri, "line": 0})
    proposal = result["proposal"]
    assert (proposal["status"], proposal["provider"], proposal["cost_usd"]) == ("offered", "editor", None)
    assert "'~'.join(text)" in proposal["code"]
    request = model.asked[0]
    assert (request["purpose"], request["urgent"], request["files"]) == ("code", True, ["splines.py"])
    assert request["why"] == "generate reticulate"
    assert {each["role"] for each in request["messages"]} == {"system", "user"}
    with open_store(editor.root, folder=editor.root.parent / "cache") as store:
        assert {(each.endpoint, each.model) for each in store.egress()} == {("editor:", "editor")}


def test_an_editor_that_offers_no_model_is_not_asked(editor: Any, rich: Object) -> None:
    editor.initialize(rich, trusted=False)
    model = editor.answer = Model(editor)
    uri = editor.open("splines.py", "# Reticulate the splines of a text with love. reticulate('ab') -> 'a~b'\n")
    result = editor.command("suture.generate", {"uri": uri, "line": 0})
    assert "no model is configured" in result["proposal"]["reason"]
    assert model.asked == []
