"""Runs one input on one module and prints what happened as JSON; started by the judge inside bubblewrap only.

Deliberately does not compare anything: the judge runs it on two versions and compares the records.
"""

from __future__ import annotations

import asyncio
import datetime
import decimal
import fractions
import importlib.util
import inspect
import json
import math
import os
import re
import resource
import sys
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any, cast


def load(path: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location("mod", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["mod"] = module
    spec.loader.exec_module(module)
    return module


def evaluate(text: str, module: ModuleType) -> Any:
    names: dict[str, Any] = {
        **vars(module),
        "MOD": module,
        "mod": module,
        "datetime": datetime,
        "decimal": decimal,
        "math": math,
        "nan": math.nan,
        "inf": math.inf,
        "Decimal": decimal.Decimal,
        "Fraction": fractions.Fraction,
    }
    try:
        return eval(text, dict(names))
    except (AttributeError, NameError, TypeError):  # `datetime(2024, 1, 1)`: the class, not its module
        names |= {"datetime": datetime.datetime, "date": datetime.date, "time": datetime.time}
        names |= {"timedelta": datetime.timedelta, "timezone": datetime.timezone}
        return eval(text, names)


def render(value: Any, depth: int = 0) -> str:
    """A text that is equal for equal results, with coroutines awaited and generators read to their end."""
    if inspect.iscoroutine(value):
        return render(asyncio.run(value))
    if hasattr(value, "__next__"):
        seen: list[str] = []
        for item in cast("Iterator[Any]", value):
            seen.append(render(item, depth + 1))
            if len(seen) > 5000:
                break
        return f"generator{seen}"
    if isinstance(value, (list, tuple)) and depth < 50:
        items = cast("list[Any] | tuple[Any, ...]", value)
        return f"{type(items).__name__}[{','.join(render(item, depth + 1) for item in items)}]"
    return re.sub(r" at 0x[0-9a-f]+", "", repr(cast("object", value)))[:20_000]


def call(function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> list[str]:
    try:
        return ["returned", render(function(*args, **kwargs))]
    except BaseException as error:  # noqa: BLE001 (SystemExit is a result as well)
        return ["raised", type(error).__name__]


def as_tuple(value: Any) -> tuple[Any, ...]:
    return cast("tuple[Any, ...]", value) if isinstance(value, tuple) else (value,)


def replay_steps(module: ModuleType, name: str, text: str) -> dict[str, Any]:
    steps = cast("list[tuple[str, tuple[Any, ...]]]", evaluate(text, module))
    target: Any = None
    seen: list[list[str]] = []
    for method, args in steps:
        if method == "__init__":
            target = getattr(module, name)(*args)
        else:
            result = call(getattr(target, method), args, {})
            seen.append([*result, render(sorted(cast("dict[str, Any]", vars(target)).items()))])
    return {"first": seen[-1] if seen else ["returned", ""], "all": seen}


def replay_call(module: ModuleType, query: dict[str, Any]) -> dict[str, Any]:
    function = getattr(module, query["function"])
    kwargs = cast("dict[str, Any]", evaluate(query["kwargs"], module))
    args = as_tuple(evaluate(query["args"], module))
    record: dict[str, Any] = {"first": call(function, args, kwargs)}
    record["after"] = call(lambda: (args, kwargs, getattr(function, "__defaults__", None)), (), {})
    if record["first"][0] == "returned":
        again = as_tuple(evaluate(query["args"], module))
        record["second"] = call(function, again, kwargs)
        if query["oracle"] == "L":
            before = len(os.listdir("/proc/self/fd"))
            for _ in range(20):
                call(function, as_tuple(evaluate(query["args"], module)), kwargs)
            record["descriptors"] = len(os.listdir("/proc/self/fd")) - before
        if query["pair"]:
            inverse = getattr(module, query["pair"])
            fresh = as_tuple(evaluate(query["args"], module))
            record["pair"] = call(lambda: render(inverse(function(*fresh))) == render(fresh[0]), (), {})
    return record


def main() -> None:
    query = cast("dict[str, Any]", json.load(sys.stdin))
    resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))
    resource.setrlimit(resource.RLIMIT_CPU, (query["cpu"], query["cpu"] + 1))
    answer = os.dup(1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    module = load(query["path"])
    steps = bool(query["stateful"])
    record = replay_steps(module, query["function"], query["args"]) if steps else replay_call(module, query)
    os.write(answer, (json.dumps(record) + "\n").encode())


if __name__ == "__main__":
    main()
