from __future__ import annotations

from pathlib import Path

from suture.analyzers.fuzzing.api import find_root, fuzz_targets, regression_path
from suture.analyzers.fuzzing.project import import_spot
from suture.analyzers.fuzzing.targets import definition_hash

CODE = '''
from typing import overload, Protocol

def plain(x): return x

async def later(x): return x

@overload
def stub(x: int) -> int: ...

def unfinished(x):
    """Not written yet."""
    raise NotImplementedError

def test_plain(): assert plain(1) == 1

class Shape(Protocol):
    def area(self) -> float: ...

class Square:
    def __init__(self, side): self.side = side
    def area(self): return self.side ** 2
    @property
    def double(self): return self.side * 2

if True:
    def conditional(x): return x
'''


def test_targets_are_what_can_be_called_in_file_order() -> None:
    names = [each.name for each in fuzz_targets(CODE)]
    assert names == ["plain", "later", "Square", "Square.area", "conditional"]


def test_a_targets_line_is_that_of_its_def() -> None:
    lines = CODE.splitlines()
    for target in fuzz_targets(CODE):
        assert target.name.rpartition(".")[2] in lines[target.line]


def test_broken_code_still_has_targets() -> None:
    assert [each.name for each in fuzz_targets("def good(x): return x\n\ndef broken(:\n")][:1] == ["good"]


def test_a_module_of_a_package_is_imported_by_its_full_name(tmp_path: Path) -> None:
    package = tmp_path / "src" / "pkg" / "sub"
    package.mkdir(parents=True)
    for folder in (package, package.parent):
        (folder / "__init__.py").touch()
    (package / "mod.py").touch()
    spot = import_spot(package / "mod.py")
    assert (spot.folder, spot.module) == (tmp_path / "src", "pkg.sub.mod")
    assert import_spot(package / "__init__.py").module == "pkg.sub"


def test_the_root_is_the_nearest_project_and_the_tests_folder_is_the_projects_own(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "test").mkdir()
    (tmp_path / "app").mkdir()
    path = tmp_path / "app" / "main.py"
    path.touch()
    assert find_root(path) == tmp_path
    assert regression_path(tmp_path, path, "Cls.run") == tmp_path / "test" / "test_fuzz_main_cls_run.py"


def test_the_hash_of_a_definition_follows_its_text_and_nothing_else() -> None:
    plain = definition_hash("def f(x):\n    return x\n", "f")
    assert len(plain) == 16
    assert plain == definition_hash("import os\n\nif True:\n    def f(x):\n        return x\n\ndef g(:\n", "f")
    assert plain != definition_hash("def f(x):\n    return x + 1\n", "f")
    assert definition_hash("class A:\n    def f(self): return 1\n", "A.f") != ""
    assert definition_hash("def f(): ...", "g") == definition_hash("", "f") == ""
    assert definition_hash("def f(): return 1\ndef f(): return 2\n", "f") == definition_hash("def f(): return 2", "f")


def test_properties_of_any_name_and_classes_of_constructors_only_are_no_targets() -> None:
    code = (
        "class A:\n    @classmethod\n    def make(cls): return cls()\n    @myproperty\n    def size(self): return 1\n"
    )
    assert [each.name for each in fuzz_targets(code)] == ["A.make"]
