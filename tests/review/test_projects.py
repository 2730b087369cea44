"""What a file is for is said by its place within its project: the folders above the project say nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from suture.analyzers.engine import analyse
from suture.analyzers.places import is_beside, is_by_hand, is_kept, is_test_code
from suture.analyzers.tests_of import in_tests

WAITS = "import requests\n\n\ndef fetch(url):\n    return requests.get(url)\n"


def file(folder: Path, name: str) -> str:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(WAITS, "utf-8")
    return path.as_posix()


@pytest.mark.parametrize("above", ["tools", "tests", "examples", "vendor", "testutils", "management/commands"])
@pytest.mark.parametrize("mark", [".git/HEAD", "pyproject.toml"])
def test_a_project_in_a_folder_of_any_name_is_judged_as_anywhere(tmp_path: Path, above: str, mark: str) -> None:
    project = tmp_path / above / "shop"
    file(project, mark)
    path = file(project, "app/views.py")
    asked = (is_beside, is_by_hand, is_kept, is_test_code, in_tests)
    assert [each(path) for each in asked] == [False] * 5
    assert [each.rule for each in analyse(path, WAITS).findings] == ["missing-timeout"]


@pytest.mark.parametrize("mark", [".git/HEAD", "pyproject.toml"])
def test_folders_within_the_project_say_what_a_file_is_for(tmp_path: Path, mark: str) -> None:
    file(tmp_path, mark)
    file(tmp_path, "examples/one/pyproject.toml")
    assert is_beside(file(tmp_path, "tools/fetch.py"))
    assert is_beside(file(tmp_path, "examples/one/fetch.py"))
    assert is_beside(file(tmp_path, "devproject/settings.py"))
    assert is_beside(file(tmp_path, "test_site/settings.py"))
    assert not is_beside(file(tmp_path, "server/settings.py"))
    assert is_test_code(file(tmp_path, "shop/tests/data.py"))
    assert is_test_code(file(tmp_path, "shop/test_utils/project/orders/menus.py"))
    assert is_kept(file(tmp_path, "shop/vendor/fetch.py"))
    assert is_by_hand(file(tmp_path, "shop/management/commands/fetch.py"))
    assert not analyse(file(tmp_path, "tools/other.py"), WAITS).findings


def test_where_no_project_is_known_all_of_the_path_speaks() -> None:
    assert is_beside("/nowhere/tools/fetch.py")
    assert is_beside("tools/fetch.py")
    assert not is_beside("/nowhere/tools/a/b/c/d/fetch.py")
