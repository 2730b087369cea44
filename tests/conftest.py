"""Options and fixtures that all test areas share."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-goldens",
        action="store_true",
        help="rewrite the golden sections of the marker cases with what came out (then read the diff)",
    )
