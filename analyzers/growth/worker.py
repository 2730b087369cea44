"""What runs inside the sandbox: calls the target on inputs of growing size and tells what was counted.

Called as ``run(payload, emit)`` in a fresh fork of the zygote. The function runs rewritten (see :mod:`.rewrite`) where
operations are counted, and as it is where processor time is taken.

Invariant: it only counts; what the counts mean is decided outside (see :mod:`.blame`), from an answer that is checked.
An input that makes the target raise says nothing about its growth and is left out.
"""

from __future__ import annotations

import gc
import os
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from types import ModuleType
from typing import Any

from ..fuzzing.annotations import Unsupported
from ..fuzzing.call_sites import from_json
from ..fuzzing.calls import Call
from ..fuzzing.domain import Domain
from ..fuzzing.loading import CannotLoad, load, load_text
from ..fuzzing.oracles.equality import same
from ..fuzzing.plans import Builder, Made
from ..fuzzing.running import Runner
from ..fuzzing.subject import open_call
from .assuming import assumed, doubtful
from .hosting import Timer, open_metered, run_metered, seconds_of, whole_function
from .inputs import Recipe, arguments, recipes
from .meter import Meter
from .rewrite import Metered, Site, rewrite

#: Sizes at which every recipe is tried, and those of the rest.
FIRST = (4, 8, 12, 16, 24, 32)
LATER = (64, 128, 256, 512, 1024)
#: A recipe goes on to larger sizes until a call costs so many steps, or so many processor seconds.
MOST_STEPS, MOST_S = 200_000, 0.3
#: Recipes that go on after all were tried.
KEPT = 5
#: How deep a recursion may go.
_DEPTH = 12_000
#: The largest input that two versions are compared on.
_TIMED_SIZE = 1 << 16

Emit = Callable[[Any], None]


@dataclass
class _Measured:
    """What one recipe has given so far: per size, the counts of all sites that were reached."""

    recipe: Recipe
    sizes: list[int] = field(default_factory=list[int])
    counts: list[tuple[list[int], list[int]]] = field(default_factory=list[tuple[list[int], list[int]]])
    lengths: list[list[int]] = field(default_factory=list[list[int]])
    outputs: list[int] = field(default_factory=list[int])
    over: bool = False  # larger inputs are not tried
    error: str = ""

    @property
    def total(self) -> int:
        return sum(map(sum, self.counts[-1])) if self.counts else 0

    @property
    def steepness(self) -> float:
        """How much the total grew over the last two doublings."""
        totals = [max(1, sum(map(sum, each))) for each in self.counts]
        return totals[-1] / totals[-3] if len(totals) > 2 else 0.0


def run(payload: Mapping[str, Any], emit: Emit) -> dict[str, Any]:
    """JSON in, JSON out: ``mode`` is ``measure``, or ``compare`` for the texts ``before`` and ``after``."""
    _silence()
    sys.setrecursionlimit(_DEPTH)
    try:
        return _compare(payload) if payload["mode"] == "compare" else _measure(payload, emit)
    except CannotLoad as error:
        return {"status": "environment", "reason": str(error)}
    except (Unsupported, LookupError, SyntaxError) as error:
        return {"status": "unsupported", "reason": str(error)}


def _silence() -> None:
    """What the target prints goes nowhere."""
    quiet = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(quiet, stream)
    sys.stdin = os.fdopen(0, closefd=False)
    sys.stdout = sys.stderr = os.fdopen(1, "w", closefd=False)


class _Target:
    """A version of the function that counts, with what builds its arguments."""

    def __init__(self, module: ModuleType, name: str, rewritten: Metered, meter: Meter) -> None:
        self.sites: tuple[Site, ...] = rewritten.sites
        self.meter = meter
        self.builder = Builder(module)
        self.whole = whole_function(module, name)

    def call(self, runner: Runner, plan: Made, limit_s: float) -> tuple[str, int]:
        """What went wrong ("" nothing, "time" it took too long), and the size of what was returned."""
        args = tuple([self.builder.build(each) for each in plan.args])
        kwargs = {name: self.builder.build(each) for name, each in plan.kwargs}
        self.meter.reset()
        result = runner.call(self.whole, args, kwargs, limit_s)
        if result.hung:
            return "time", 0
        if result.error is not None:
            return f"{type(result.error).__name__}: {result.error}"[:200], 0
        return "", _weight(result.value)


def _weight(value: Any) -> int:
    """How many elements and characters there are in a result, each object once, up to a bound."""
    count = 0
    seen: set[int] = set()
    waiting = [value]
    while waiting and count < 600_000:
        each = waiting.pop()
        count += 1
        if isinstance(each, str | bytes | bytearray):
            count += len(each)
        elif isinstance(each, list | tuple | set | frozenset | dict) and id(each) not in seen:  # pyright: ignore[reportUnknownArgumentType]
            seen.add(id(each))  # pyright: ignore[reportUnknownArgumentType]
            waiting += each.values() if isinstance(each, dict) else each  # pyright: ignore[reportUnknownArgumentType, reportUnknownMemberType]
    return count


def _measure(payload: Mapping[str, Any], emit: Emit) -> dict[str, Any]:
    timer = Timer(payload)
    name, source = payload["name"], payload["source"]
    module, rewritten, meter = open_metered(payload, source)
    call = open_call(module, name, payload["path"], source, from_json(payload.get("calls", ())))
    ends = time.monotonic() + payload["budget_s"]  # importing a large package is no part of it
    target = _Target(module, name, rewritten, meter)
    runner = Runner()
    gc.freeze()
    if doubtful(call.domain):
        call = _with_assumptions(target, call, runner, ends)
    measured = _first(target, call, runner, ends)
    if not _does_something(measured) and not doubtful(call.domain) and call.certainty in ("inferred", "guessed"):
        again = _with_assumptions(target, call, runner, ends)
        if again is not call:
            tried = _first(target, again, runner, ends)
            if _does_something(tried) or not any(each.counts for each in measured):
                call, measured = again, tried
    working = [each for each in measured if each.counts]
    if not working:
        errors = list(dict.fromkeys(each.error for each in measured if each.error))
        if not errors:
            return {"status": "environment", "reason": "there was no time to try a single input"}
        if all(each == "time" for each in errors):
            return {"status": "unsupported", "reason": "it takes too long on the smallest inputs"}
        return {
            "status": "unsupported",
            "reason": f"it accepts none of the inputs made for it ({'; '.join(errors[:2])})",
        }
    working.sort(key=lambda each: (-len(each.sizes), -each.steepness))
    working = _diverse(working)
    for size in LATER:
        if time.monotonic() > ends - 0.3:
            break
        emit({"progress": size})
        for each in working:
            _step(target, call, runner, each, size, ends)
    for each in working[:3]:
        _between(target, call, runner, each, ends)
    steepest = max(working, key=lambda each: (len(each.sizes) > 2, each.steepness))
    left = ends - time.monotonic()
    seconds = timer.ask(call.domain.parameters, steepest.recipe, left) if left > 0.2 else []
    certain = call.certainty in ("annotated", "documented")
    return {"status": "ok", **_told(target, working), "seconds": seconds, "certain": certain}


def _first(target: _Target, call: Call, runner: Runner, ends: float) -> list[_Measured]:
    """Every recipe on the smallest sizes."""
    measured = [_Measured(each) for each in recipes(call.domain)]
    for size in FIRST:
        for each in measured:
            slow = sum(other.error == "time" for other in measured) > 1  # the others will hardly be quicker
            _step(target, call, runner, each, size, ends, MOST_S / 8 if slow else MOST_S)
    return measured


def _does_something(measured: list[_Measured]) -> bool:
    """Whether on some content a larger input makes more work."""
    return any(len(each.sizes) > 2 and each.total > 1.5 * sum(map(sum, each.counts[1])) for each in measured)


def _with_assumptions(target: _Target, call: Call, runner: Runner, ends: float) -> Call:
    """The call with a domain under which it does something, where the inferred one is no good."""

    def work(domain: Domain) -> int:
        """Operations of a call with eight elements; -1 where a kind of content makes it fail."""
        done = 0
        for recipe in islice(recipes(domain), 2):
            each = _Measured(recipe)
            _step(target, replace(call, domain=domain), runner, each, FIRST[1], ends, MOST_S / 8)
            if not each.counts:
                return -1
            done += each.total
        return done

    left = ends - time.monotonic()
    domain = assumed(call.domain, work, time.monotonic() + left / 4)
    return replace(call, domain=domain) if domain is not None else call


def _diverse(measured: list[_Measured]) -> list[_Measured]:
    """The steepest, and of the rest those that cost most: different contents take different ways."""
    steep = measured[: KEPT // 2]
    rest = sorted(measured[KEPT // 2 :], key=lambda each: -each.total)
    return steep + rest[: KEPT - len(steep)]


def _step(
    target: _Target, call: Call, runner: Runner, each: _Measured, size: int, ends: float, limit_s: float = MOST_S
) -> None:
    left = ends - time.monotonic()
    if each.over or left < 0.05:
        return
    begin = time.thread_time()
    try:
        error, output = target.call(runner, arguments(call.domain, each.recipe, size), min(limit_s * 2, left))
    except Exception as failed:  # noqa: BLE001 - building an argument runs code of the workspace
        error, output = f"{type(failed).__name__}: {failed}"[:200], 0
    if error:
        each.error = error
        each.over = error == "time" or len(each.sizes) > 0
        return
    meter = target.meter
    each.sizes.append(size)
    each.counts.append((meter.runs[:], meter.costs[:]))
    each.lengths.append(meter.lengths[:])
    each.outputs.append(output)
    each.over = each.total > MOST_STEPS or time.thread_time() - begin > MOST_S


def _between(target: _Target, call: Call, runner: Runner, each: _Measured, ends: float) -> None:
    """Sizes between the last that went and the next, where there are few: what grows by a factor for each element
    gets only so far."""
    if not each.sizes or len(each.sizes) >= 4 or each.error not in ("", "time"):
        return
    last = each.sizes[-1]
    first = each.sizes[0] if len(each.sizes) > 1 else 1
    for size in sorted({*range(first + 1, last, max(1, (last - first) // 4)), last + 2}):
        if size in each.sizes:
            continue
        each.over = False
        _step(target, call, runner, each, size, ends)
        if each.error == "time":
            break
    order = sorted(range(len(each.sizes)), key=lambda place: each.sizes[place])
    each.sizes = [each.sizes[place] for place in order]
    each.counts = [each.counts[place] for place in order]
    each.lengths = [each.lengths[place] for place in order]
    each.outputs = [each.outputs[place] for place in order]


def _told(target: _Target, measured: list[_Measured]) -> dict[str, Any]:
    """The counts of the sites that were reached."""
    used = sorted({place for each in measured for runs, _ in each.counts for place, count in enumerate(runs) if count})
    return {
        "sites": [
            [
                *(place, site.line, site.form, site.function, site.text, site.consumes, site.invariant),
                *(list(site.loops), site.column, site.end),
            ]
            for place, site in ((each, target.sites[each]) for each in used)
        ],
        "kinds": [target.meter.kinds[each] for each in used],
        "recipes": [
            {
                "title": each.recipe.title,
                "numbers": each.recipe.scalar == "growing",
                "alone": each.recipe.alone,
                "sizes": each.sizes,
                "outputs": each.outputs,
                "runs": [[runs[place] for runs, _ in each.counts] for place in used],
                "costs": [[costs[place] for _, costs in each.counts] for place in used],
                "lengths": [[lengths[place] for lengths in each.lengths] for place in used],
            }
            for each in measured
        ],
    }


# -- two versions ----------------------------------------------------------------------------------------------------


def _compare(payload: Mapping[str, Any]) -> dict[str, Any]:
    """The same inputs for two texts of the module, at the largest size that both manage."""
    name, path = payload["name"], payload["path"]
    module = load(path, payload["module"], payload["search"])
    old = load_text(payload["before"], module)
    new = load_text(payload["after"], module)
    ends = time.monotonic() + payload["budget_s"]
    call = open_call(old, name, path, payload["before"], from_json(payload.get("calls", ())))
    open_call(new, name, path, payload["after"])
    metered = [_metered(payload[each], module, name, path) for each in ("before", "after")]
    runner = Runner()
    gc.freeze()
    tables: list[tuple[_Measured, _Measured]] = []
    for recipe in recipes(call.domain):
        pair = (_Measured(recipe), _Measured(recipe))
        for size in (*FIRST, *LATER):
            if time.monotonic() > ends - payload["budget_s"] * 0.4:
                break
            for target, each in zip(metered, pair, strict=True):
                _step(target, call, runner, each, size, ends)
            if pair[0].over or pair[1].over or any(size not in each.sizes for each in pair):
                break
        if pair[0].sizes and pair[1].sizes:
            tables.append(pair)
    if not tables:
        return {"status": "unsupported", "reason": "it accepts none of the inputs made for it"}
    best = max(tables, key=lambda pair: (pair[0].total, pair[0].sizes[-1]))
    shared = [size for size in best[0].sizes if size in best[1].sizes]
    if not shared:
        return {"status": "unsupported", "reason": "the two versions do not accept the same inputs"}
    ops = [[sum(map(sum, each.counts[each.sizes.index(size)])) for size in shared] for each in best]
    size, recipe, seconds = _clocked((old, new), name, call, best[0].recipe, runner, shared[-1], ends)
    return {
        "status": "ok",
        "title": recipe.title,
        "sizes": shared,
        "before": ops[0],
        "after": ops[1],
        "timed": size,
        "seconds": seconds,
        "same": _same(tables, call, (old, new), name, runner, ends),
    }


def _metered(text: str, module: ModuleType, name: str, path: str) -> _Target:
    rewritten = rewrite(text, path)
    meter = Meter(len(rewritten.sites))
    return _Target(run_metered(rewritten, meter, module, path), name, rewritten, meter)


def _clocked(
    modules: tuple[ModuleType, ModuleType],
    name: str,
    call: Call,
    recipe: Recipe,
    runner: Runner,
    size: int,
    ends: float,
) -> tuple[int, Recipe, list[float]]:
    """The best of a few alternating calls of each version, at a size at which the slower takes long enough to tell."""
    builders = [Builder(each) for each in modules]
    functions = [whole_function(each, name) for each in modules]
    seconds = [0.0, 0.0]
    while True:
        plan = arguments(call.domain, recipe, size)
        best = [float("inf"), float("inf")]
        for _ in range(4):
            for place in (0, 1):
                took = seconds_of(builders[place], functions[place], runner, plan, 2.0)
                best[place] = min(best[place], took if took is not None else float("inf"))
            if time.monotonic() > ends:
                break
        if any(each == float("inf") for each in best):
            return size, recipe, seconds
        seconds = best
        if max(best) > 0.02 or size >= _TIMED_SIZE or time.monotonic() > ends or recipe.scalar == "growing":
            return size, recipe, seconds
        size *= 2


def _same(
    tables: list[tuple[_Measured, _Measured]],
    call: Call,
    modules: tuple[ModuleType, ModuleType],
    name: str,
    runner: Runner,
    ends: float,
) -> bool:
    """Whether both versions gave equal results on a small input of every recipe."""
    for pair in tables:
        plan = arguments(call.domain, pair[0].recipe, FIRST[0])
        results: list[tuple[Any, ...]] = []
        for each in modules:
            builder = Builder(each)
            function = whole_function(each, name)
            args = tuple([builder.build(value) for value in plan.args])
            kwargs = {key: builder.build(value) for key, value in plan.kwargs}
            result = runner.call(function, args, kwargs, 1.0)
            results.append((type(result.error).__name__, result.hung, result.value, args))
        if not same(results[0], results[1]) or time.monotonic() > ends + 1:
            return False
    return True
