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
loads; and in the sandbox every module of the group was imported first, each in a fresh process, as well as it could be
before, the moved imports were run, and the modules' tests passed.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import cast

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

#: Modules of a group that are imported first, one after the other.
MAX_FIRST = 12
#: Seconds that importing may take.
LIMIT_S = 20.0


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
    first = [*changed, *(each for each in group if each not in changed)][: max(MAX_FIRST, len(changed))]
    programs = importing(project, first, changed)
    overlay = {Path(name).relative_to(root).as_posix(): text for name, text in changed.items()}
    old = {path.relative_to(root).as_posix(): before.encode()}
    new = {name: text.encode() for name, text in overlay.items()}
    where = import_root(path.as_posix())
    started = time.monotonic()
    was = _run(trial, where, programs, old)
    now = _run(trial, where, programs, {**old, **new})
    lost = next((programs[at][0] for at, good in enumerate(was) if good and not now[at]), "")
    if lost:
        return Proof(False, f"{lost} cannot be imported first any more")
    bad = next((programs[at][0] for at, good in enumerate(now) if not good), "")
    if bad:
        return Proof(False, f"{bad} cannot be imported")
    failed = sum(not good for good in was[: len(first)])
    data: dict[str, Json] = {
        "command": ["python", "-c", "import …"],
        "programs": [what for what, _ in programs],
        "before": failed,
        "after": 0,
        "seconds": round(time.monotonic() - started, 2),
        "sandbox": trial.sandbox.backend,
    }
    better = f", {failed} of which failed before" if failed else ""
    evidence = [Evidence("ran", f"each of {len(first)} modules imports first in a fresh process{better}", data)]
    if trial.tests:
        for name, text in overlay.items():
            alone = replace(rewrite, text=text, files={key: each for key, each in overlay.items() if key != name})
            place = root / name
            tested = compare_tests(replace(trial, path=place, before=project.texts[place.as_posix()]), alone)
            if tested.reason:
                return Proof(False, tested.reason, tuple(evidence))
            evidence += tested.evidence
    return Proof(True, "", tuple(evidence))


#: Runs each program of argv in a fresh interpreter and prints which of them ended well.
_DRIVER = """
import json, subprocess, sys
done = [subprocess.run([sys.executable, "-c", code], capture_output=True).returncode == 0 for code in sys.argv[1:]]
print(json.dumps(done))
"""


def _run(trial: Trial, where: str, programs: list[tuple[str, str]], files: Mapping[str, bytes]) -> list[bool]:
    """Whether each program ended well, each in a process of its own over one copy of the workspace."""
    path = f"import sys\nsys.path.insert(0, {where!r})\n"
    job = Job(
        argv=("python", "-c", _DRIVER, *(path + code for _, code in programs)),
        root=trial.root,
        files={**trial.files, **files},
        limits=Limits(wall_s=LIMIT_S, cpu_s=LIMIT_S, memory_mb=1024),
        python=trial.python,
    )
    outcome = trial.sandbox.run(job, trial.cancel)
    if outcome.reason == "cancelled":
        raise Cancelled()
    answer = cast("list[bool]", json.loads(outcome.stdout)) if outcome.ok else []
    return answer if len(answer) == len(programs) else [False] * len(programs)


IMPROVEMENT = Improvement(
    name="break-cycle",
    rules=("import-cycle",),
    summary="Import a module where it is used, so that a cycle of imports is broken",
    rewrite=rewrite,
    speeds_up=False,
    prove=prove_imports,
)
