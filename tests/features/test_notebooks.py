"""Cells of notebooks: findings, repairs and generation in the right cell, at its own version."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from suture.server.notebooks import cell_path, python_of

Object = dict[str, Any]


@pytest.mark.parametrize(
    ("text", "python"),
    [
        ("%matplotlib inline\nx = 1\n", "#matplotlib inline\nx = 1\n"),
        ("!pip install x\r\nx = 1", "#pip install x\r\nx = 1"),
        ("x?\nprint(1)", "#?\nprint(1)"),
        ("if x:\n    %time y\n", "if x:\n    ...#e y\n"),
        ("if x:\n    !ls\n", "if x:\n    ...\n"),
        ("%%bash\nls -l\n\nécho\n", "#     \n#    \n\n#    \n"),
        ("x = (7\n  % 4)\n", "x = (7\n  % 4)\n"),
        ("x = 7 % 4\ny = x != 2\n", "x = 7 % 4\ny = x != 2\n"),
    ],
)
def test_what_is_not_python_is_left_out_at_its_full_length(text: str, python: str) -> None:
    assert python_of(text.encode()).decode() == python
    assert len(python.encode()) == len(text.encode())


def test_a_cell_would_be_a_module_beside_its_notebook() -> None:
    at = cell_path("vscode-notebook-cell:/w/my%20data.ipynb#W2sZmlsZQ%3D%3D", "file:///w/my%20data.ipynb")
    assert Path(at).parent == Path("/w")
    assert Path(at).stem == "cell_my_data_W2"
    other = cell_path("notebook-cell:/w/my%20data.ipynb#a-b", "file:///w/my%20data.ipynb")
    assert Path(other).stem == "cell_my_data_a_b"


class Book:
    """A notebook in an editor."""

    def __init__(self, editor: Any, *cells: str) -> None:
        self.editor = editor
        self.uri = (editor.root / "book.ipynb").as_uri()
        self.version = 1
        items = [self.item(number, text) for number, text in enumerate(cells)]
        document = {
            "uri": self.uri,
            "notebookType": "jupyter-notebook",
            "version": 1,
            "cells": [{"kind": 2, "document": each["uri"]} for each in items],
        }
        editor.notify("notebookDocument/didOpen", {"notebookDocument": document, "cellTextDocuments": items})

    def cell(self, number: int) -> str:
        return f"vscode-notebook-cell:{(self.editor.root / 'book.ipynb').as_posix()}#W{number}"

    def item(self, number: int, text: str) -> Object:
        uri = self.cell(number)
        self.editor.texts[uri], self.editor.versions[uri] = text, 1
        return {"uri": uri, "languageId": "python", "version": 1, "text": text}

    def change(self, cells: Object) -> None:
        self.version += 1
        document = {"uri": self.uri, "version": self.version}
        self.editor.notify("notebookDocument/didChange", {"notebookDocument": document, "change": {"cells": cells}})

    def type(self, number: int, line: int, character: int, text: str) -> None:
        """Insert on one line. The version of the cell goes up by one."""
        uri = self.cell(number)
        self.editor.versions[uri] += 1
        place = {"line": line, "character": character}
        change = {"range": {"start": place, "end": place}, "text": text}
        document = {"uri": uri, "version": self.editor.versions[uri]}
        self.change({"textContent": [{"document": document, "changes": [change]}]})

    def messages(self, number: int, wanted: Sequence[str], version: int | None = 1) -> None:
        """Waits until the diagnostics of a cell are what is wanted (parts of messages, in order)."""
        uri = self.cell(number)

        def right(found: list[Object]) -> bool:
            return len(found) == len(wanted) and all(
                part in each["message"] for part, each in zip(wanted, found, strict=True)
            )

        self.editor.until(lambda: any(
            each.get("version") == version and right(each["diagnostics"]) for each in self.editor.published[uri][-1:]
        ))  # fmt: skip


def repairs(editor: Any, uri: str, at: str, title: str) -> list[Object]:
    """The actions with an edit whose title holds a word; asked for again until there are some."""
    end, offered = time.monotonic() + 15, list[Object]()
    while time.monotonic() < end:
        offered = editor.actions(uri, at)
        found = [each for each in offered if title in each["title"] and "edit" in each]
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError(f"offered were {[each['title'] for each in offered]}")


@pytest.fixture
def jupyter(editor: Any, rich: Object) -> Any:
    rich["notebookDocument"] = {"synchronization": {"dynamicRegistration": True}}
    capabilities = editor.initialize(rich)
    assert capabilities["notebookDocumentSync"]["notebookSelector"] == [
        {"cells": [{"language": "python"}], "notebook": "*"}
    ]
    return editor


def test_findings_repairs_and_generation_stay_in_their_cell(jupyter: Any) -> None:
    book = Book(
        jupyter,
        "%matplotlib inline\nimport math\nrate = 2\n",
        "%time 1\nprint(math.pi, rate)\nprint(json.loads('1'))\n",
        "# double(2) -> 4\n# double(5) -> 10\n",
    )
    # What another cell binds is known; what none binds is not.
    book.messages(0, [])
    book.messages(1, ["json"])
    book.messages(2, [])

    # A repair is an edit of that cell, at its version.
    offers = repairs(jupyter, book.cell(1), "json", "json")
    (change,) = offers[0]["edit"]["documentChanges"]
    assert change["textDocument"] == {"uri": book.cell(1), "version": 1}

    # Other cells hear of names that come and go; each has its own version.
    book.type(0, 2, 0, "json = math\n")
    book.messages(1, [])
    assert jupyter.versions[book.cell(0)] == 2
    book.change({"structure": {"array": {"start": 0, "deleteCount": 1}, "didClose": [{"uri": book.cell(0)}]}})
    book.messages(1, ["math", "rate", "json"])

    # Code is generated into the cell below its comment, and checked; a cell has no test file.
    (offer,) = [each for each in jupyter.actions(book.cell(2), "double") if "Generate" in each["title"]]
    done = jupyter.command(offer["command"]["command"], *offer["command"]["arguments"])
    assert done["applied"], done
    assert done["proposal"]["verified"], done
    (applied,) = jupyter.applied
    (only,) = applied["edit"]["documentChanges"]
    assert only["textDocument"] == {"uri": book.cell(2), "version": 1}
    assert only["edits"] == [
        {
            "range": {"start": {"line": 2, "character": 0}, "end": {"line": 2, "character": 0}},
            "newText": "def double(number: int) -> int:\n    return number * 2\n",
        }
    ]
    jupyter.notify(
        "notebookDocument/didClose",
        {"notebookDocument": {"uri": book.uri}, "cellTextDocuments": [{"uri": book.cell(1)}, {"uri": book.cell(2)}]},
    )
    book.messages(1, [], None)  # of a closed document no version is said


def test_opening_many_cells_lets_each_look_again_once(editor: Any, rich: Object) -> None:
    editor.initialize(rich)
    count = 30
    book = Book(editor, *(f"name_{number} = {number}\nprint(name_{(number + 1) % count})\n" for number in range(count)))
    for number in range(count):
        book.messages(number, [])
    assert sum(len(editor.published[book.cell(number)]) for number in range(count)) < 10 * count


def test_a_cell_has_a_verdict_only_while_something_is_found_in_it(jupyter: Any) -> None:
    book = Book(jupyter, "import subprocess, sys\nsubprocess.run('ls ' + sys.argv[1], shell=True)\n")

    def verdicts() -> list[str]:
        lenses = jupyter.request("textDocument/codeLens", {"textDocument": {"uri": book.cell(0)}})
        return [each["command"]["title"] for each in lenses if each["command"]["title"].startswith("Suture:")]

    jupyter.until(verdicts)
    book.type(0, 1, 0, "# ")
    jupyter.until(lambda: not verdicts())


def test_a_kept_proposal_of_a_cell_with_magic_lines_can_be_approved_later(jupyter: Any) -> None:
    book = Book(jupyter, "%matplotlib inline\n# double(2) -> 4\n# double(5) -> 10\n")

    def declined(message: Object) -> Any:
        return {"applied": False, "failureReason": "declined"} if message["method"] == "workspace/applyEdit" else None

    before, jupyter.answer = jupyter.answer, declined
    try:
        done = jupyter.command("suture.generate", {"uri": book.cell(0), "line": 1})
    finally:
        jupyter.answer = before
    assert (done["applied"], done["reason"]) == (False, "declined")
    assert jupyter.command("suture.approve", {"id": done["proposal"]["id"], "deploy": True})["applied"] is True
    (change,) = jupyter.applied[-1]["edit"]["documentChanges"]
    assert change["textDocument"] == {"uri": book.cell(0), "version": 1}
    assert change["edits"][0]["range"]["start"] == {"line": 3, "character": 0}
