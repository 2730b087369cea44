"""Writes a Hypothesis test file for a function: readable strategies and the properties that apply, run before offered.

What holds is kept as it is. A property that fails on an input which the oracle calls a bug is kept with that input as
``@example``; one that fails otherwise claimed too much and is taken out, or allows what the target raises.

Invariant: the file was run, as it is offered, with pytest in the sandbox; the edit's evidence is that run.
Invariant: nothing of a test runner's text is read: a plug-in that is only in the sandbox notes what happened.
"""

from __future__ import annotations

import ast
import builtins
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

from ..errors import UserError
from ..findings import Edit, Evidence, FileEdit, Json, Replacement
from ..sandbox.interface import CancelCheck, Job, Limits, Sandbox
from ..source import read_source
from .api import Input, replay
from .project import ImportSpot, import_spot, placed, regression_path, search_path, slug
from .regression import formatted, loading_lines
from .targets import definition_hash

WORKER = "suture.analyzers.fuzzing.property_worker:describe"
#: Seconds for one run of the file, and how often it is put right and run again.
RUN_S, ROUNDS = 40.0, 6
#: An input longer than this (characters) is not written into a test.
MAX_EXAMPLE = 300
_PLUGIN, _SEEN = "suture_seen_by_hypothesis", ".suture-seen.json"

#: Notes how each test ended, and on which input; Hypothesis calls the smallest failing one last.
_PLUGIN_SOURCE = f"""
import functools, json
from hypothesis import settings

settings.register_profile("suture", deadline=None, database=None, derandomize=True, print_blob=False)
settings.load_profile("suture")
SEEN = {{}}


def pytest_collection_modifyitems(items):
    for item in items:
        test = getattr(getattr(item, "obj", None), "hypothesis", None)
        if test is not None:
            test.inner_test = watched(item.name, test.inner_test)


def watched(name, inner):
    @functools.wraps(inner)
    def run(*args, **kwargs):
        try:
            shown = {{key: repr(value) for key, value in kwargs.items()}}
        except Exception:
            shown = {{}}
        try:
            return inner(*args, **kwargs)
        except Exception as error:
            SEEN.setdefault(name, {{}}).update(
                input=shown,
                error=type(error).__name__,
                message=str(error)[:200],
                bases=[each.__name__ for each in type(error).__mro__ if each.__module__ == "builtins"],
            )
            raise
    return run


def pytest_runtest_logreport(report):
    if report.when == "call" or report.failed:
        SEEN.setdefault(report.nodeid.rpartition("::")[2], {{}})["outcome"] = report.outcome


def pytest_sessionfinish():
    with open({_SEEN!r}, "w") as file:
        json.dump(SEEN, file)
"""


@dataclass(frozen=True, slots=True)
class Written:
    """``edit`` is None where nothing is offered, ``reason`` why. ``counterexample``: the call on which a test fails."""

    path: Path
    edit: Edit | None = None
    reason: str = ""
    counterexample: str = ""
    tests: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Property:
    """One test. ``kind``: raises, returns, round_trip, idempotent, left_alone. ``allowed``: exceptions that may come.
    ``example``: arguments on which it fails now; ``because``: with what."""

    kind: str
    name: str
    allowed: tuple[str, ...] = ()
    example: Mapping[str, str] = field(default_factory=dict[str, str])
    because: str = ""


@dataclass(frozen=True, slots=True)
class _Target:
    root: Path
    path: Path
    name: str
    text: str
    about: Mapping[str, Any]
    spot: ImportSpot
    file: Path

    @property
    def parameters(self) -> list[dict[str, str]]:
        return cast("list[dict[str, str]]", self.about["parameters"])


def write_property_tests(
    root: Path,
    path: Path,
    name: str,
    *,
    text: str | None = None,
    sandbox: Sandbox,
    python: Path | None = None,
    cancel: CancelCheck | None = None,
    on_progress: Callable[[str], None] = lambda _: None,
    known: Sequence[Input] = (),
) -> Written:
    """The test file for ``name`` of ``path``, as an edit that creates it.

    ``known`` are stored counterexamples; the first that still fails becomes an ``@example``. Raises UserError where the
    file or the target does not exist."""
    root, path = placed(root, path)
    source = text if text is not None else read_source(path).text
    if not definition_hash(source, name):
        raise UserError(f"{path.name} has no function {name}")
    file = tests_path(root, path, name)
    on_progress("reading the function")
    about = _describe(root, path, name, source, text is not None, sandbox, python, cancel)
    if about.get("status") != "ok":
        return Written(file, reason=str(about.get("reason") or "it cannot be called"))
    target = _Target(root, path, name, source, about, import_spot(path), file)
    properties = _with_known(target, _applicable(target), known, sandbox, python, cancel)
    for turn in range(ROUNDS):
        if not properties:
            return Written(file, reason="no property of it holds that could be written down")
        on_progress(f"running {len(properties)} tests" + (", put right" if turn else ""))
        code = formatted(render(target, properties), file.parent, root)
        seen, seconds, reason = _run(target, code, sandbox, python, cancel)
        if reason:
            return Written(file, reason=reason)
        failed = {each.name for each in properties if seen.get(each.name, {}).get("outcome") != "passed"}
        if failed == {each.name for each in properties if each.example}:
            return _offered(target, code, properties, seconds, sandbox.backend)
        properties = [
            changed
            for each in properties
            if (changed := _put_right(target, each, seen.get(each.name, {}), sandbox, python, cancel)) is not None
        ]
    return Written(file, reason="its tests do not end the same way twice")


def tests_path(root: Path, path: Path, name: str) -> Path:
    """Where the property tests of a target belong: beside its regression test; a name that is free."""
    place = regression_path(root, path, name)
    file = place.with_name(place.name.replace("test_fuzz_", "test_properties_", 1))
    number = 2
    while file.exists():
        file = file.with_name(f"{place.stem.replace('test_fuzz_', 'test_properties_', 1)}_{number}.py")
        number += 1
    return file


def _describe(
    root: Path,
    path: Path,
    name: str,
    source: str,
    unsaved: bool,
    sandbox: Sandbox,
    python: Path | None,
    cancel: CancelCheck | None,
) -> Mapping[str, Any]:
    spot = import_spot(path)
    payload: dict[str, Json] = {
        "path": str(path),
        "module": spot.module,
        "search": [str(each) for each in search_path(root, spot)],
        "root": str(root),
        "name": name,
        "source": source,
    }
    files = {path.relative_to(root).as_posix(): source.encode("utf-8", "surrogatepass")} if unsaved else {}
    limits = Limits(wall_s=15, cpu_s=15, memory_mb=768)
    result = sandbox.call(WORKER, payload, root=root, files=files, limits=limits, python=python, cancel=cancel)
    if not isinstance(result.value, dict):
        last = result.error.strip().splitlines()[-1:] or [result.reason]
        return {"status": "environment", "reason": last[0]}
    return cast("Mapping[str, Any]", result.value)


def _applicable(target: _Target) -> list[Property]:
    about, stem = target.about, slug(target.name)
    allowed = tuple(cast("list[str]", about["exceptions"]))
    title = f"test_{stem}_raises_only_what_it_says" if allowed else f"test_{stem}_does_not_raise"
    found = [Property("raises", title, allowed)]
    if about["returns"]:
        kind = slug(str(about["annotation"]))
        found = [Property("returns", f"test_{stem}_returns_{kind}", allowed)]  # which calls it as well
    if about["round_trip"]:
        found.append(Property("round_trip", f"test_{slug(about['round_trip'])}_undoes_{stem}", allowed))
    if about["idempotent"]:
        found.append(Property("idempotent", f"test_{stem}_twice_is_{stem}_once", allowed))
    if about["left_alone"]:
        found.append(Property("left_alone", f"test_{stem}_leaves_its_arguments_alone", allowed))
    return found


def _with_known(
    target: _Target,
    properties: list[Property],
    known: Sequence[Input],
    sandbox: Sandbox,
    python: Path | None,
    cancel: CancelCheck | None,
) -> list[Property]:
    """The first property with the first stored crash that still happens: a random search may miss it."""
    for given in known[:4]:
        names = _named(target, given)
        if names is None:
            continue
        bug = _bug(target, given, sandbox, python, cancel)
        if bug:
            return [replace(properties[0], example=names, because=bug), *properties[1:]]
    return properties


def _named(target: _Target, given: Input) -> dict[str, str] | None:
    """A stored input by parameter, where each part is a literal; None otherwise."""
    try:
        args, kwargs = ast.parse(given.args, mode="eval").body, ast.literal_eval(given.kwargs)
        ast.literal_eval(given.args)
    except (ValueError, SyntaxError):
        return None
    plain = [each for each in target.parameters if each["kind"] == "positional"]
    if not isinstance(args, ast.Tuple) or kwargs or len(args.elts) != len(plain) or len(plain) < len(target.parameters):
        return None
    return {each["name"]: ast.unparse(node) for each, node in zip(plain, args.elts, strict=True)}


def _bug(target: _Target, given: Input, sandbox: Sandbox, python: Path | None, cancel: CancelCheck | None) -> str:
    """What is wrong with an input, if the oracle calls it a crash."""
    seen = replay(
        target.root,
        target.path,
        target.name,
        given,
        sandbox=sandbox,
        text=target.text,
        python=python,
        cancel=cancel,
    )
    return seen.finding.summary if seen.finding is not None and seen.finding.kind == "crash" else ""


def _put_right(
    target: _Target,
    each: Property,
    seen: Mapping[str, Any],
    sandbox: Sandbox,
    python: Path | None,
    cancel: CancelCheck | None,
) -> Property | None:
    """A property after a run: as it is, with the input on which it fails, allowing more, or None."""
    if seen.get("outcome") == "passed":
        return replace(each, example={}, because="")
    if each.example and seen.get("outcome"):
        return each
    error, given = str(seen.get("error", "")), cast("dict[str, str]", seen.get("input") or {})
    if not error or error in ("Unsatisfiable", "FailedHealthCheck", "Flaky", "FlakyFailure", "InvalidArgument"):
        return None
    names = [parameter["name"] for parameter in target.parameters]
    literal = all(_is_literal(given.get(name, "")) for name in names) and sum(map(len, given.values())) <= MAX_EXAMPLE
    if error != "AssertionError":
        # Another exception than is documented: a bug if the oracle says so, else part of what it does with bad input.
        bug = _bug(target, _input(target, given), sandbox, python, cancel) if literal else ""
        if bug:
            return replace(each, example=given, because=bug) if each.kind in ("raises", "returns") else None
        base = next(iter(cast("list[str]", seen.get("bases") or ())), "")
        known = hasattr(builtins, base) and base not in (*each.allowed, "Exception", "BaseException", "object")
        return replace(each, allowed=(*each.allowed, base)) if known else None
    stated = each.kind in ("returns", "left_alone")
    if not stated or not literal:
        return None  # a name promised it, and it does not hold
    return replace(each, example=given, because=str(seen.get("message") or "the assertion fails").splitlines()[0])


def _is_literal(text: str) -> bool:
    try:
        ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return False
    return True


def _input(target: _Target, given: Mapping[str, str]) -> Input:
    args = [given[each["name"]] for each in target.parameters if each["kind"] in ("receiver", "positional")]
    args += [f"*{given[each['name']]}" for each in target.parameters if each["kind"] == "var_positional"]
    keywords = {each["name"]: given[each["name"]] for each in target.parameters if each["kind"] == "keyword"}
    text = ", ".join(args)
    values = ast.literal_eval(f"({text},)") if text and "*" not in text else ()
    return Input(repr(values), "{" + ", ".join(f"{name!r}: {value}" for name, value in keywords.items()) + "}")


# -- the text --------------------------------------------------------------------------------------------------------


def render(target: _Target, properties: Sequence[Property]) -> str:
    """The test module, laid out by hand; a formatter may still improve it."""
    about = target.about
    names = {target.name.partition(".")[0], *cast("list[str]", about["own"])}
    modules = set(cast("list[str]", about["modules"]))
    if about["round_trip"] and any(each.kind == "round_trip" for each in properties):
        names.add(about["round_trip"])
    if str(about["flavour"]).startswith("async"):
        modules.add("asyncio")
    if any(each.kind == "left_alone" for each in properties):
        modules.add("copy")
    if "collections." in str(about["parameters"]):
        modules.add("collections")
    for each in properties:
        names |= {name for name in each.allowed if not hasattr(builtins, name)}
    needed, loading = loading_lines(names, target.spot, target.root, target.file.parent)
    plain = {*needed, *(f"import {each}" for each in modules)}
    imports = sorted(plain, key=lambda each: (each.startswith("from"), each))
    examples = "example, given" if any(each.example for each in properties) else "given"
    third = [f"from hypothesis import {examples}", "from hypothesis import strategies as st"]
    many = len(properties) > 1
    lines = [f'"""Properties of ``{target.name}``, for any input of its domain."""', ""]
    lines += [*imports, *([""] if imports else []), *third, "", *loading, ""]
    if many:
        lines += [*(f"{_constant(each['name'], names)} = {each['strategy']}" for each in target.parameters), ""]
    for each in properties:
        lines += ["", *_test(target, each, names if many else None), ""]
    return "\n".join(lines).rstrip() + "\n"


def _constant(name: str, names: set[str]) -> str:
    return f"{name.upper()}_VALUES" if name.upper() in names else name.upper()


def _test(target: _Target, each: Property, names: set[str] | None) -> list[str]:
    """One test; with ``names``, the strategies are constants that do not collide with them."""
    parameters = target.parameters
    given = ", ".join(
        f"{one['name']}={one['strategy'] if names is None else _constant(one['name'], names)}" for one in parameters
    )
    lines: list[str] = []
    if parameters:
        lines.append(f"@given({given})")
    if each.example:
        shown = ", ".join(f"{name}={value}" for name, value in each.example.items())
        lines += [f"# fails now: {_one_line(each.because)}", f"@example({shown})"]
    lines.append(f"def {each.name}({', '.join(one['name'] for one in parameters)}):")
    call = _call(target)
    body = {
        "raises": [call],
        "returns": [f"assert isinstance({call}, {target.about['returns']})"],
        "round_trip": [f"assert {target.about['round_trip']}({call}) == {parameters[0]['name'] if parameters else ''}"],
        "idempotent": [f"once = {call}", f"assert {target.name}(once) == once"],
        "left_alone": [
            f"before = copy.deepcopy({_tuple(parameters)})",
            call,
            f"assert {_tuple(parameters)} == before",
        ],
    }[each.kind]
    if not each.allowed:
        return [*lines, *(f"    {one}" for one in body)]
    allowed = each.allowed[0] if len(each.allowed) == 1 else f"({', '.join(each.allowed)})"
    if each.kind in ("raises", "left_alone"):
        at = body.index(call)
        tried = ["try:", f"    {call}", f"except {allowed}:", "    pass"]
        return [*lines, *(f"    {one}" for one in (*body[:at], *tried, *body[at + 1 :]))]
    # What is said of the result is said of those inputs that have one.
    result = ["try:", f"    result = {call}", f"except {allowed}:", "    return"]
    rest = [one.replace(call, "result") for one in body if one != f"once = {call}"]
    rest = [one.replace("once", "result") for one in rest]
    return [*lines, *(f"    {one}" for one in (*result, *rest))]


def _call(target: _Target) -> str:
    parts: list[str] = []
    receiver = ""
    for each in target.parameters:
        if each["kind"] == "receiver":
            receiver = each["name"]
        elif each["kind"] == "keyword":
            parts.append(f"{each['name']}={each['name']}")
        else:
            parts.append(("*" if each["kind"] == "var_positional" else "") + each["name"])
    callee = f"{receiver}.{target.name.rpartition('.')[2]}" if receiver else target.name
    text = f"{callee}({', '.join(parts)})"
    flavour = target.about["flavour"]
    if flavour == "async":
        return f"asyncio.run({text})"
    return f"list({text})" if flavour == "generator" else text


def _tuple(parameters: Sequence[Mapping[str, str]]) -> str:
    names = [each["name"] for each in parameters]
    return f"({', '.join(names)}{',' if len(names) == 1 else ''})"


def _one_line(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= 80 else flat[:79] + "…"


# -- the run ---------------------------------------------------------------------------------------------------------


def _run(
    target: _Target, code: str, sandbox: Sandbox, python: Path | None, cancel: CancelCheck | None
) -> tuple[dict[str, dict[str, Any]], float, str]:
    """What became of each test; how long it took; why there is no answer, if there is none."""
    test = target.file.relative_to(target.root).as_posix()
    own = target.path.relative_to(target.root).as_posix()
    options = ["-q", "--no-header", "-p", "no:cacheprovider", "-p", _PLUGIN, "--rootdir", str(target.root)]
    seconds = 0.0
    for more in ([], ["--noconftest"]):
        job = Job(
            argv=("python", "-m", "pytest", *options, *more, "-o", "addopts=", test),
            root=target.root,
            files={
                test: code.encode(),
                own: target.text.encode("utf-8", "surrogatepass"),
                f"{_PLUGIN}.py": _PLUGIN_SOURCE.encode(),
            },
            env={
                "PYTHONPATH": ":".join(str(each) for each in (*search_path(target.root, target.spot), target.root)),
                "PYTHONDONTWRITEBYTECODE": "1",
                "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            },
            keep=(_SEEN,),
            limits=Limits(wall_s=RUN_S, cpu_s=RUN_S, memory_mb=768),
            python=python,
        )
        outcome = sandbox.run(job, cancel)
        seconds += outcome.seconds
        if outcome.reason != "exit":
            return {}, seconds, f"the tests did not run to their end: {outcome.reason}"
        seen = json.loads(outcome.files.get(_SEEN, b"{}") or b"{}")
        if any(each.get("outcome") for each in seen.values()):
            return seen, seconds, ""
        output = (outcome.stdout + outcome.stderr).decode("utf-8", "replace")
        for module in ("pytest", "hypothesis"):
            if f"No module named {module}" in output or f"No module named '{module}'" in output:
                return {}, seconds, f"the project's interpreter has no {module}; install it there"
    last = [line for line in output.splitlines() if line.startswith("E ")][-1:] or ["nothing was collected"]
    return {}, seconds, f"the tests could not be run: {last[0].removeprefix('E').strip()}"


def _offered(target: _Target, code: str, properties: Sequence[Property], seconds: float, backend: str) -> Written:
    failing = next((each for each in properties if each.example), None)
    count, bad = len(properties), sum(bool(each.example) for each in properties)
    passed = f"{count - bad} of {count} tests passed"
    summary = passed if failing is None else f"{passed}; fails now: {_one_line(failing.because)}"
    evidence = Evidence(
        "tested",
        summary,
        {
            "tests": [each.name for each in properties],
            "passed_after": count - bad,
            "failed_after": bad,
            "counterexample": failing.because if failing is not None else "",
            "seconds": round(seconds, 2),
            "sandbox": backend,
        },
    )
    edit = Edit(
        title=f"Property tests for {target.name}: {summary}",
        files=(FileEdit(str(target.file), "", (Replacement(0, 0, code),)),),
        confidence=0.9,
        verified=True,
        evidence=(evidence,),
        source="suture",
    )
    because = failing.because if failing is not None else ""
    return Written(target.file, edit, "", because, tuple(each.name for each in properties))
