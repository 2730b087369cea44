"""Options and fixtures that all test areas share."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import pytest

from suture.analyzers.errors import Unavailable
from suture.analyzers.sandbox import Sandbox, open_sandbox

# No test writes into the records of whoever runs it.
os.environ.pop("SUTURE_STORE_URL", None)
os.environ["SUTURE_CONFIG_DIR"] = os.devnull


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-goldens",
        action="store_true",
        help="rewrite the golden sections of the marker cases with what came out (then read the diff)",
    )


def _best_of(took: Callable[[], float], wanted: float, tries: int = 8) -> float:
    best = took()
    while best > wanted and (tries := tries - 1):
        best = min(best, took())
    return best


@pytest.fixture(scope="session")
def best_of() -> Callable[[Callable[[], float], float], float]:
    """``best_of(took, wanted)``: the shortest of some measurements; no more are made than it takes to see ``wanted`` or
    less. What is quick is so now and then on a busy machine, too; what is not, never."""
    return _best_of


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    """The machine's own sandbox, warm. Where nothing contains code a test that needs it is skipped; in CI it fails."""
    try:
        opened = open_sandbox()
    except Unavailable as error:
        if os.environ.get("CI"):
            pytest.fail(f"no sandbox here: {error}")
        pytest.skip(f"no sandbox here: {error}")
    yield opened
    opened.close()
