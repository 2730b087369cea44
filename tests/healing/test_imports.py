"""An import is placed in a file that does not parse, too."""

from __future__ import annotations

import pytest

from suture.healing.imports import import_splice


@pytest.mark.parametrize("text", ["import\nfoo()\n", "import sys\nimport\n", "from\nx\n", "import\\\n"])
@pytest.mark.parametrize("statement", ["import os", "from os import path"])
def test_an_import_that_is_half_typed_is_no_obstacle(text: str, statement: str) -> None:
    start, end, new = import_splice(text, statement)
    assert statement in text[:start] + new + text[end:]
