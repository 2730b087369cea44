"""What a file is for, as far as where it lies says so: tests, what is kept as it was, what runs once by hand.

Invariant: only paths are looked at, never the text, so that a finding can be asked about without its file.
Invariant: the folders above a project say nothing of what is in it.
"""

from __future__ import annotations

import re
from functools import lru_cache

from .projects import within_project
from .tests_of import HELPERS, in_tests

#: Folders of tests within a package, and modules that are one: Django's, and what a package gives to others' tests.
_FOLDERS = frozenset({"test", "tests", "testing"})
_MODULES = ("/tests.py", "/testing.py", "/testutils.py")
#: Folders of what is kept as it was: history, other people's code, what will go.
_KEPT = re.compile(r"(?:\A|_)(?:migrations|alembic|vendor|vendored|third_party|extern|legacy|deprecated)(?:_|\Z)")
#: Folders of what shows, measures or tends the program and is not a part of it.
_BESIDE = frozenset(
    {"examples", "example", "samples", "demo", "demos", "docs", "doc", "benchmarks", "benchmark", "scripts", "tools"}
    | {"tutorial", "tutorials", "cookbook", "cookbooks"}
)
#: A project that is there to try a package in: ``devproject``, ``example_project``.
_TRIAL = re.compile(r"(?:dev|test|tests|example|sample|demo|dummy)_?(?:project|site|app|server)")
#: So many folders around a file are looked at.
_AROUND = 4


@lru_cache(maxsize=64)
def is_test_code(path: str) -> bool:
    """Is this a test module, or does it lie in a folder of tests? Setting up is repeated there on purpose, and what a
    test has to say is said in one place."""
    folders = _folders(path)
    near = not _FOLDERS.isdisjoint(folders[-2:])
    return in_tests(path) or path.endswith(_MODULES) or near or not HELPERS.isdisjoint(folders)


@lru_cache(maxsize=64)
def is_kept(path: str) -> bool:
    """Does it lie in a folder of what is kept as it was: migrations, vendored or legacy code?"""
    return any(map(_KEPT.search, _folders(path)))


@lru_cache(maxsize=64)
def is_beside(path: str) -> bool:
    """Does it show, measure or tend the program, rather than being a part of it?"""
    folders = _folders(path)
    shows = not _BESIDE.isdisjoint(each.strip("_") for each in folders) or any(map(_TRIAL.fullmatch, folders))
    return shows or is_test_code(path) or is_kept(path)


def is_by_hand(path: str) -> bool:
    """Is it a command that somebody starts by hand? That it takes a second longer is nobody's wait but theirs."""
    folders = _folders(path)
    return "management" in folders and "commands" in folders


def _folders(path: str) -> list[str]:
    return within_project(path).split("/")[-_AROUND:-1]
