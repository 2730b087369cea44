"""Copied as ``conftest.py`` beside a ghostwritten test: writes down which inputs its test fails on, and when.

Deliberately does not read the tools' printed text. Inputs are noted before the call, so that a function which changes
its arguments, or never returns, is noted with what it got.
"""

from __future__ import annotations

import base64
import functools
import json
import os
import pickle
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.errors import HypothesisException

HERE = Path(__file__).parent
# HypoFuzz does not take tests in which nested_given is suppressed.
patient = [check for check in cast("Iterable[HealthCheck]", HealthCheck) if check is not HealthCheck.nested_given]
settings.register_profile("long", max_examples=10**6, deadline=None, suppress_health_check=patient)
settings.load_profile("long")
current = os.open(HERE / "current.json", os.O_RDWR | os.O_CREAT)
first: dict[str, Any] = {}  # of the target's calls in one run of a test: the one that a failed assertion is about
last: dict[str, Any] = {"args": "()", "kwargs": "{}"}


def expression(value: object) -> str:
    """Python text that gives the value again, whatever it is."""
    try:
        return f"__import__('pickle').loads(__import__('base64').b64decode({base64.b64encode(pickle.dumps(value))!r}))"
    except Exception:  # noqa: BLE001 (what cannot be pickled is said as it shows itself)
        return repr(value)


def note(running: bool) -> None:
    line = json.dumps({**last, "running": running, "at": time.monotonic()}).encode()
    os.pwrite(current, line.ljust(4096), 0)


def watched(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        last.update(args=expression(args), kwargs=expression(kwargs))
        if not first:
            first.update(last)
        note(True)
        try:
            return function(*args, **kwargs)
        finally:
            note(False)

    return call


def reported(test: Callable[..., Any], name: str) -> Callable[..., Any]:
    @functools.wraps(test)
    def run(*args: Any, **kwargs: Any) -> Any:
        first.clear()
        try:
            return test(*args, **kwargs)
        except HypothesisException:
            raise
        except Exception as error:
            if not type(error).__module__.startswith("hypothesis"):
                called = first if isinstance(error, AssertionError) else last
                record = {**last, **called, "test": name, "exception": type(error).__name__, "at": time.monotonic()}
                with (HERE / "claims.jsonl").open("a", encoding="utf-8") as file:
                    file.write(json.dumps(record) + "\n")
            raise

    return run


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    import mod  # pyright: ignore[reportMissingImports]

    name = (HERE / "target.txt").read_text("utf-8")
    target = getattr(mod, name)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    if not isinstance(target, type):
        setattr(mod, name, watched(target))  # pyright: ignore[reportUnknownArgumentType]
    for item in items:
        handle = getattr(getattr(item, "obj", None), "hypothesis", None)
        if handle is not None:
            handle.inner_test = reported(handle.inner_test, item.name)
