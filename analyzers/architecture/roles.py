"""What a file is for, where that excuses how it is built."""

from __future__ import annotations

from ..tests_of import in_tests

#: Folders of tests within a package, and the module that Django's applications have for them.
_FOLDERS = frozenset({"test", "tests", "testing"})


def is_test_code(path: str) -> bool:
    """Is this a test module, or does it lie in a folder of tests? Setting up is repeated there on purpose, and what a
    test has to say is said in one place."""
    return in_tests(path) or path.endswith("/tests.py") or not _FOLDERS.isdisjoint(path.split("/")[-3:-1])
