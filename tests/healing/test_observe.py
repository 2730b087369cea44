"""What a crash is seen to look like from inside: types by names, and nothing of the program is called for it."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

from suture.healing.expressions import Tree, types_at
from suture.healing.fault import Fault
from suture.healing.observation import Observation, ObservedFrame
from suture.healing.repair import Context
from suture.healing.workspace import Workspace

observe: Any = import_module("suture.healing.inside.suture_observe").observe


class _Shelf:
    def __init__(self) -> None:
        self.rows = [1, 2]
        self.table = {"a": "b"}
        self.asked = 0

    def __getattribute__(self, name: str) -> Any:
        if name == "__dict__":
            raise AssertionError("the program was asked")
        return object.__getattribute__(self, name)

    def fail(self) -> None:
        raise KeyError(self.rows)


def _seen() -> dict[str, Any]:
    try:
        _Shelf().fail()
    except KeyError as error:
        found: dict[str, Any] = observe(error)
        return found
    raise AssertionError


def test_a_crash_tells_the_types_of_what_an_object_keeps_without_asking_it() -> None:
    kinds = _seen()["frames"][-1]["local_types"]
    assert kinds["self"] == "_Shelf"
    assert (kinds["self.rows"], kinds["self.rows[]"]) == ("list", "int")
    assert (kinds["self.table"], kinds["self.table[]"]) == ("dict", "str")


def test_a_failed_import_tells_what_the_module_has() -> None:
    try:
        from html.entities import name2codepoints  # type: ignore[attr-defined]  # noqa: F401
    except ImportError as error:
        found: dict[str, Any] = observe(error)
        assert found["name"] == "html.entities"
        assert "name2codepoint" in found["owner_names"]


def test_a_comprehension_knows_the_types_of_what_is_around_it(tmp_path: Path) -> None:
    text = "def f(self, rooms):\n    return [\n        room + 1\n        for room in rooms\n    ]\n\n\nf(1, 'a')\n"
    workspace = Workspace(tmp_path, {"main.py": text.encode()})
    path = workspace.absolute("main.py")
    frames = (
        ObservedFrame(path, 7, {"f": "function"}),
        ObservedFrame(path, 3, {"rooms": "str", "room": "list"}),
        ObservedFrame(path, 2, {"room": "str"}),
    )
    fault = Fault("type", exception="TypeError", path="main.py", line=2)
    context = Context(workspace, "main.py", text, fault, Observation("TypeError", frames=frames))
    assert types_at(context, "main.py", 2, Tree(text)) == {"room": "str", "rooms": "str"}
