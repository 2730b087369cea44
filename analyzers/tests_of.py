"""Is a file a test? Its data are small and its secrets are invented, by design."""

from __future__ import annotations

from functools import lru_cache

from .projects import within_project


@lru_cache(maxsize=64)
def in_tests(path: str) -> bool:
    """Is this a test module? Its data are small by design."""
    folder, _, name = within_project(path).rpartition("/")
    if folder.rpartition("/")[2] in ("testutils", "test_utils", "testsuite"):
        return True
    return name.startswith("test_") or name.endswith("_test.py") or name == "conftest.py"
