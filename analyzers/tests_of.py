"""Is a file a test? Its data are small and its secrets are invented, by design."""

from __future__ import annotations

from functools import lru_cache

from .projects import within_project

#: Folders of what tests are made with. A project may lie in one, with applications of its own.
HELPERS = frozenset({"testutils", "test_utils", "testsuite"})


@lru_cache(maxsize=64)
def in_tests(path: str) -> bool:
    """Is this a test module? Its data are small by design."""
    folder, _, name = within_project(path).rpartition("/")
    if folder.rpartition("/")[2] in HELPERS:
        return True
    return name.startswith("test_") or name.endswith("_test.py") or name == "conftest.py"
