"""What has to be installed where a module is missing: the name of the distribution, and the manager's command."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from suture.healing.distributions import DISTRIBUTIONS, distribution_of, provided
from suture.healing.managers import declared_in, install_command, manager_of
from suture.healing.workspace import Workspace


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize(
    ("module", "distribution"),
    [
        ("sklearn.linear_model", "scikit-learn"),
        ("google.cloud.storage.blob", "google-cloud-storage"),
        ("google.protobuf", "protobuf"),
        ("some_thing.part", "some-thing"),
    ],
)
def test_the_longest_known_part_of_a_module_names_its_distribution(module: str, distribution: str) -> None:
    assert distribution_of(module) == distribution


def test_the_table_agrees_with_what_is_installed_here() -> None:
    checked = 0
    for module, names in packages_distributions().items():
        if module in DISTRIBUTIONS:
            checked += 1
            assert normal(DISTRIBUTIONS[module].partition("[")[0]) in {normal(name) for name in names}, module
    assert checked


def test_installed_metadata_knows_a_distribution_that_the_table_does_not(tmp_path: Path) -> None:
    info = tmp_path / "zz_toolkit_plus-1.0.dist-info"
    info.mkdir()
    (info / "RECORD").write_text(
        "zzkit/__init__.py,sha256=x,1\nzzkit/core.py,sha256=x,1\nzz_toolkit_plus-1.0.dist-info/RECORD,,\n"
    )
    assert distribution_of("zzkit.core", provided([tmp_path])) == "zz-toolkit-plus"


def workspace(files: Mapping[str, str]) -> Workspace:
    return Workspace(Path("/p"), {name: text.encode() for name, text in files.items()})


@pytest.mark.parametrize(
    ("files", "manager", "command"),
    [
        ({}, "pip", "python -m pip install PyYAML"),
        ({"uv.lock": ""}, "uv", "uv add PyYAML"),
        ({"pyproject.toml": "[tool.uv]\ndev-dependencies = []\n"}, "uv", "uv add PyYAML"),
        ({"poetry.lock": ""}, "poetry", "poetry add PyYAML"),
        ({"pyproject.toml": "[tool.poetry]\nname = 'a'\n"}, "poetry", "poetry add PyYAML"),
        ({"pdm.lock": ""}, "pdm", "pdm add PyYAML"),
        ({"Pipfile": "[packages]\nflask = '*'\n"}, "pipenv", "pipenv install PyYAML"),
        ({"environment.yml": "dependencies:\n  - python=3.12\n"}, "conda", "conda install -c conda-forge pyyaml"),
        ({"pixi.toml": ""}, "pixi", "pixi add --pypi PyYAML"),
        # Declared already: what is declared has to be installed, not added again.
        ({"uv.lock": "", "pyproject.toml": "[project]\ndependencies = ['pyyaml>=6']\n"}, "uv", "uv sync"),
        ({"pyproject.toml": "[tool.poetry.group.a.dependencies]\nPyYAML = '*'\n"}, "poetry", "poetry install"),
        ({"requirements.txt": "flask\npyyaml==6.0\n"}, "pip", "python -m pip install -r requirements.txt"),
        ({"environment.yml": "dependencies:\n- pip:\n  - PyYAML\n"}, "conda", "conda env update -f environment.yml"),
        ({"pyproject.toml": "[project]\ndependencies = ['PyYAML']\n"}, "pip", "python -m pip install -e ."),
    ],
)  # fmt: skip
def test_the_manager_in_use_is_told_from_its_own_marks(files: dict[str, str], manager: str, command: str) -> None:
    assert manager_of(workspace(files)) == manager
    assert install_command(workspace(files), "PyYAML") == command


@pytest.mark.parametrize(
    "files",
    [
        {"uv.lock": "", "poetry.lock": ""},
        {"pyproject.toml": "[tool.uv]\n[tool.poetry]\n"},
        {"pyproject.toml": "[tool.uv"},
        {"pyproject.toml": "tool = 3\n"},
        {"setup.cfg": "[options]\n"},
    ],
)
def test_where_no_manager_is_certain_it_is_pip(files: dict[str, str]) -> None:
    assert manager_of(workspace(files)) == "pip"


def test_a_lock_file_counts_for_more_than_an_old_file_of_another_manager() -> None:
    assert manager_of(workspace({"uv.lock": "", "Pipfile": ""})) == "uv"


def test_part_of_a_name_is_not_the_name() -> None:
    assert declared_in(workspace({"requirements.txt": "types-PyYAML\npyyaml-include\n"}), "PyYAML") == ""
