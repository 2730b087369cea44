"""Import a module where it is used, so that modules no longer need each other in order to load.

What it does: finds the fewest imports in a group of modules that need not run while they load: those whose names are
used in bodies of functions only (the functions import for themselves) or in annotations only (the import goes under
``TYPE_CHECKING``, the annotations become strings if they are not deferred). It moves those that take most modules out
of the cycle.

Before::

    from shop.customers import Customer

    def owner_of(order: Order) -> str:
        return Customer.find(order.customer).name

After::

    def owner_of(order: Order) -> str:
        from shop.customers import Customer

        return Customer.find(order.customer).name

Safe because: no other file, text or ``__all__`` mentions the name in that module, nothing uses it while the module
loads; and in the sandbox every module of the group was imported first, each in a fresh process, before the edit and
after it (the evidence names those that failed before, and of what), the moved imports were run, and the modules' tests
passed.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from ...analyzers.architecture.imports import Import, import_root
from ...analyzers.errors import Cancelled
from ...analyzers.findings import Evidence, Finding, Json
from ...analyzers.sandbox.interface import Job, Limits
from ...analyzers.source import LineIndex
from ..proving import Proof
from ..refactoring.cycles import apply, best_cut, importing, read_project
from ..related_tests import compare_tests
from ..trial import Trial
from . import Improvement, Rewrite

#: Seconds that importing every module of a group first may take, before the edit and after it.
LIMIT_S = 40.0


def rewrite(text: str, finding: Finding) -> Iterator[Rewrite]:
    if not Path(finding.path).is_absolute():
        return
    project = read_project(finding.path, text)
    cut = best_cut(project, finding.path, _chain(finding, text))
    texts = apply(project, cut) if cut is not None else None
    if cut is None or texts is None:
        return
    modules = dict.fromkeys(_called(each) for imports in cut.moves.values() for each in imports)
    where = " and ".join(f"{Path(file).stem}.py" for file in cut.moves)
    count = f"{cut.before} → {cut.after} modules in cycles"
    title = f"Import {', '.join(modules)} later, in {where} ({count})"
    own = texts.pop(finding.path, text)
    yield Rewrite(title, own, (), texts)


def _called(statement: Import) -> str:
    """The module or names that an import is about, in a few words."""
    return ", ".join(statement.names) or statement.module


def _chain(finding: Finding, text: str) -> list[tuple[str, str]]:
    """(file, first line) of the imports that the finding shows."""
    lines = LineIndex(text)
    own = lines.line(finding.range.line)[finding.range.column : finding.range.end_column]
    return [(finding.path, own), *((each.path, each.message) for each in finding.related)]


def prove_imports(trial: Trial, rewrite: Rewrite) -> Proof:
    """Each module of the group first, in a process of its own, before and after; then the tests."""
    root, path, before = trial.root, trial.path, trial.before
    project = read_project(path.as_posix(), before)
    group = sorted(project.group(path.as_posix()))
    changed = {path.as_posix(): rewrite.text, **rewrite.files}
    changed = {name: text for name, text in changed.items() if text != project.texts.get(name)}
    if not changed or any(not Path(name).is_relative_to(root) for name in changed):
        return Proof(False, "a file outside of the workspace would have to change")
    first = [*changed, *(each for each in group if each not in changed)]
    programs = importing(project, first, changed)
    overlay = {Path(name).relative_to(root).as_posix(): text for name, text in changed.items()}
    old = {path.relative_to(root).as_posix(): before.encode()}
    new = {name: text.encode() for name, text in overlay.items()}
    where = import_root(path.as_posix())
    started = time.monotonic()
    was = _run(trial, where, programs, old)
    now = _run(trial, where, programs, {**old, **new})
    for (what, _), before_it, after_it in zip(programs, was, now, strict=True):
        if after_it:
            lost = "cannot be imported first any more" if not before_it else "cannot be imported"
            return Proof(False, f"{what} {lost}: {after_it}")
    failed = [each for each in was[: len(first)] if each]
    listed: list[Json] = [
        {"program": what, "before": before_it or "works", "after": "works"}
        for (what, _), before_it in zip(programs, was, strict=True)
    ]
    data: dict[str, Json] = {
        "command": ["python", "-c", "import …"],
        "programs": listed,
        "before": len(failed),
        "after": 0,
        "seconds": round(time.monotonic() - started, 2),
        "sandbox": trial.sandbox.backend,
    }
    better = f"; before, {len(failed)} failed" if failed else ", as before"
    said = f"each of the {len(first)} modules of the cycle imports first in a fresh process{better}"
    evidence = [Evidence("ran", said, data)]
    if trial.tests:
        for name, text in overlay.items():
            alone = replace(rewrite, text=text, files={key: each for key, each in overlay.items() if key != name})
            place = root / name
            tested = compare_tests(replace(trial, path=place, before=project.texts[place.as_posix()]), alone)
            if tested.reason:
                return Proof(False, tested.reason, tuple(evidence))
            evidence += tested.evidence
    return Proof(True, "", tuple(evidence))


#: Runs each program of argv in a fresh interpreter, and prints what it failed of, or an empty text, a line each.
_DRIVER = """
import json, subprocess, sys
for code in sys.argv[1:]:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True)
    lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
    print(json.dumps("" if done.returncode == 0 else (lines or [f"status {done.returncode}"])[-1][:500]), flush=True)
"""


def _run(trial: Trial, where: str, programs: list[tuple[str, str]], files: Mapping[str, bytes]) -> list[str]:
    """What each program failed of (nothing, if it ended well), each in a fresh process over a copy of the workspace."""
    path = f"import sys\nsys.path.insert(0, {where!r})\n"
    job = Job(
        argv=("python", "-I", "-c", _DRIVER, *(path + code for _, code in programs)),
        root=trial.root,
        files={**trial.files, **files},
        limits=Limits(wall_s=LIMIT_S, cpu_s=LIMIT_S, memory_mb=1024),
        python=trial.python,
    )
    outcome = trial.sandbox.run(job, trial.cancel)
    if outcome.reason == "cancelled":
        raise Cancelled()
    answer = [str(json.loads(line)) for line in outcome.stdout.decode("utf-8", "replace").splitlines()]
    return [*answer, *[f"it was not tried ({outcome.reason})"] * (len(programs) - len(answer))]


IMPROVEMENT = Improvement(
    name="break-cycle",
    rules=("import-cycle",),
    summary="Import a module where it is used, so that a cycle of imports is broken",
    rewrite=rewrite,
    speeds_up=False,
    prove=prove_imports,
)
