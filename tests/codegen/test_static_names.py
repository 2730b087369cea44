"""What does not exist is known without running anything; what may exist is not called missing."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from suture.codegen import static_names
from suture.codegen.proposal import GenerationRequest
from suture.codegen.static_names import missing_attribute

Write = Callable[[str, str], Path]


@pytest.fixture
def request_(workspace: Path, write: Write, monkeypatch: pytest.MonkeyPatch) -> GenerationRequest:
    monkeypatch.setattr(static_names, "SECONDS", 60.0)  # jedi's first look is long on a busy machine
    write("plain.py", "class Box:\n    size = 1\n\n\ndef load() -> None: ...\n")
    write("lazy.py", "def __getattr__(name: str) -> int:\n    return 1\n")
    write("harmful.py", "open('ran', 'w').close()\n\n\ndef real() -> None: ...\n")
    return GenerationRequest(workspace, write("app.py", "x = 1\n"), "x = 1\n", 0)


@pytest.mark.parametrize(
    ("module", "names", "said"),
    [
        ("os.path", "joinn", "os.path has no joinn"),
        ("os", "path.joinn", "os.path has no joinn"),
        ("datetime", "datetime.parse_iso", "datetime.datetime has no parse_iso"),
        ("plain", "save", "plain has no save"),
        ("harmful", "unreal", "harmful has no unreal"),
        ("os.path", "join", ""),
        ("xml", "etree.ElementTree.parse", ""),
        ("sys", "getwindowsversion", ""),  # of another system
        ("datetime", "UTC", ""),  # newer than jedi's stubs
        ("plain", "Box.size", ""),
        ("plain", "Box.other", ""),  # a class may get more from elsewhere
        ("lazy", "anything", ""),
        ("nowhere_at_all", "anything", ""),
    ],
)
def test_only_what_cannot_exist_is_called_missing(
    request_: GenerationRequest, module: str, names: str, said: str
) -> None:
    assert missing_attribute(request_, [(module, names)]) == said
    assert not (request_.root / "ran").exists()


def test_a_package_of_the_workspace_with_a_standard_name_is_not_imported(
    request_: GenerationRequest, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("wsgiref/__init__.py", "open('ran', 'w').close()\n")
    write("wsgiref/util.py", "def real() -> None: ...\n")
    monkeypatch.delitem(sys.modules, "wsgiref", raising=False)
    monkeypatch.setattr(sys, "path", [str(request_.root), *sys.path])
    monkeypatch.chdir(request_.root)
    missing_attribute(request_, [("wsgiref.util", "unreal"), ("wsgiref", "util.unreal"), ("unittest.__main__", "x")])
    assert not (request_.root / "ran").exists()
    assert "wsgiref" not in sys.modules


def test_a_newer_python_of_the_workspace_may_have_more(request_: GenerationRequest, tmp_path: Path) -> None:
    python = tmp_path / "env" / "bin" / "python"
    python.parent.mkdir(parents=True)
    (tmp_path / "env" / "pyvenv.cfg").write_text("version = 3.99.1\n")
    assert missing_attribute(replace(request_, python=python), [("itertools", "chunked_by")]) == ""
