"""Quick repairs: what the whole healing would offer, found in a part of the text and judged in all of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from suture.analyzers.engine import analyse
from suture.healing.quick import QuickRepairs, View
from suture.healing.workspace import Workspace

HEAD = '''"""Shapes."""

import math


def unit():
    return 1


@property
def other(x):
    return x


class Shape:
    sides = 4

    def area(self, width, height):
'''

TAIL = """
    def corners(self):
        self.scale = 2
        if self.sides > 2:
            return self.sides
        return 0
"""


def fixed(tmp_path: Path, text: str) -> list[str]:
    """The texts that the quick repairs of the first static fault lead to."""
    path = tmp_path / "shapes.py"
    path.write_text(text)
    finding = next(
        each for each in analyse(str(path), text, ()).findings if each.rule in ("syntax-error", "undefined-name")
    )
    (edits,) = QuickRepairs().edits(Workspace(tmp_path), path, text, [finding])
    assert not any(edit.verified for edit in edits)
    return [edit.files[0].apply(text) for edit in edits]


@pytest.mark.parametrize(
    ("broken", "whole"),
    [
        ("        if width > 1\n            return 2\n", "        if width > 1:\n            return 2\n"),
        ("        return (width * height\n", "        return (width * height)\n"),
        ("        return widht * height\n", "        return width * height\n"),
        ("        return uint() * width\n", "        return unit() * width\n"),
        ("        return corners() * width\n", "        return self.corners() * width\n"),
        ("        return width * scale\n", "        return width * self.scale\n"),
    ],
)
def test_a_fault_in_a_method_is_mended_where_it_stands(tmp_path: Path, broken: str, whole: str) -> None:
    assert HEAD + whole + TAIL in fixed(tmp_path, HEAD + broken + TAIL)


def test_a_missing_import_goes_behind_the_imports(tmp_path: Path) -> None:
    text = HEAD + "        return json.dumps(width)\n" + TAIL
    assert text.replace("import math\n", "import math\nimport json\n") in fixed(tmp_path, text)


def test_a_name_that_is_misspelt_everywhere_is_mended_everywhere(tmp_path: Path) -> None:
    text = "total = 1\n\n\ndef one():\n    return totla\n\n\ndef two():\n    return totla\n"
    assert text.replace("totla", "total") in fixed(tmp_path, text)


def test_the_engine_is_left_with_the_text_as_it_was(tmp_path: Path) -> None:
    quick, path = QuickRepairs(), tmp_path / "a.py"
    for text in ("print(jsn)\n", "prnt(1)\n", "print(1\n", "x = 1\n"):
        path.write_text(text)
        findings = analyse(str(path), text, ()).findings
        again = quick.edits(Workspace(tmp_path), path, text, findings)
        fresh = QuickRepairs().edits(Workspace(tmp_path), path, text, findings)
        assert again == fresh


def test_a_view_maps_its_lines_to_those_of_the_text() -> None:
    text = HEAD + "        return widht\n" + TAIL
    view = View.around(text, text[: text.index("widht")].count("\n"))
    assert view.text == "class Shape:\n    def area(self, width, height):\n        return widht\n\n"
    edit = view.edit("a.py", view.text.replace("widht", "width"))
    assert edit is not None
    assert edit.apply(text) == text.replace("widht", "width")


def test_of_a_class_the_other_methods_are_a_line_each() -> None:
    text = HEAD + "        return widht\n" + TAIL
    line = text[: text.index("widht")].count("\n")
    view = View.names(text, line, "widht")
    assert "    def corners(self): self.scale = self.sides = 0\n" in view.text
    assert view.text.split("\n")[view.line(line)] == "        return widht"
    assert "self.sides > 2" not in view.text
    edit = view.edit("a.py", view.text.replace("widht", "width"))
    assert edit is not None
    assert edit.apply(text) == text.replace("widht", "width")
    assert View.names(text + "    spare = widht\n", line, "widht").kept is not None  # a line of the class is kept
    assert View.names(text + "\n\ndef more():\n    return widht\n", line, "widht").kept is None
