"""From a failing Go or Rust test to the small change that is meant: all changes are built at once, each is run, and
the real command judges those that are left.

Invariant: only the real command over the plain edit verifies it; what the build with all changes shows is a hint.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from ...analyzers.sandbox.interface import Job, Limits, Outcome
from ..compilers import for_compiler, tool_of
from ..guard import objection
from ..probe import FOLDER
from ..repair import Draft
from ..task import Task
from ..toolchain import diagnose
from ..verify import State, guess, is_solved
from ..workspace import Workspace
from .mutants import VARIABLE, Mutant, asleep, mutants
from .syntax import Compiled

#: Builds until all changes that do not compile are out; edits that the real command is run over.
BUILDS, CONFIRMED = 3, 3
#: One run of the tests over one change (seconds).
EACH_S = 3
#: With more survivors than this, in different functions, the tests do not say which is meant; nor do they if another
#: change, elsewhere, is as likely but for this much.
RIVALS, CLOSE = 4, 0.03
_SCRIPT = f"{FOLDER}/each.sh"
#: Lines of ``sh`` that run ``program`` over change ``$number`` and print how it ended; a watcher ends one that hangs,
#: with all that it started (else that goes on and takes the time of the others), as ``timeout`` is not everywhere.
EACH = f"""\
  below() {{{{
    for each in $(
      if [ -r /proc/self/stat ]; then cat /proc/[0-9]*/stat 2>/dev/null | sed 's/(.*)//'
      else ps -A -o pid= -o stat= -o ppid=
      fi | while read -r pid state parent rest; do [ "$parent" != "$1" ] || echo "$pid"; done
    ); do echo "$each"; below "$each"; done
  }}}}
  {{variable}}=$number {{program}} >/dev/null 2>&1 </dev/null & run=$!
  ( trap 'kill $nap; exit' TERM; sleep {EACH_S} & nap=$!; wait $nap; kill -9 $run $(below $run) ) >/dev/null 2>&1 &
  watch=$!
  wait $run; status=$?
  kill $watch 2>/dev/null
  echo "suture-mutant $number $status"
"""
_RESULT = re.compile(r"^suture-mutant (\d+) (\d+)$", re.MULTILINE)


def heal_by_change(task: Task) -> list[State]:
    """States of small changes after which the tests pass, the most likely first; empty where the failure is not a
    test's."""
    fault = task.first.fault
    words = [word.rpartition("/")[2] for word in task.command]
    if words[:2] not in (["go", "test"], ["cargo", "test"]) or not fault.tests:
        return []
    language: Compiled = "go" if tool_of(task.command) == "go" else "rust"
    found = dict(enumerate(mutants(task.workspace, language, fault.tests, (fault.path, fault.line)), 1))
    survivors = [found[number] for number in _survivors(task, language, found)]
    return judged(task, survivors, f"{language}-small-change")


def judged(task: Task, survivors: Sequence[Mutant], label: str) -> list[State]:
    """The likeliest of the changes that are left, run by the real command until one works; a guess where the tests do
    not say which is meant."""
    survivors = sorted(survivors, key=lambda each: -each.prior)
    states: list[State] = []
    many = len({(each.name, each.body) for each in survivors}) > RIVALS
    for each in survivors[:CONFIRMED]:
        doubtful = many or any(_contradicts(other, each) for other in survivors)
        text = task.workspace.text(each.name) or ""
        texts = {each.name: text[: each.start] + each.new + text[each.end :]}
        if task.left() <= 0 or objection(task.workspace, texts):
            continue
        run = task.execute(task.workspace.with_texts(texts))
        draft = Draft(each.title, texts, each.prior, repair=label)
        state = State(texts, run, (draft,), solved=is_solved(task.first, run))
        if state.solved and doubtful:
            state = replace(state, solved=False, evidence=(guess(),))
        states.append(state)
        if state.solved:
            task.on_state(state)
            break
    return states


def _contradicts(other: Mutant, each: Mutant) -> bool:
    """Whether another change is as likely to be meant, and is made elsewhere."""
    return (other.name, other.start) != (each.name, each.start) and abs(other.prior - each.prior) < CLOSE


def _survivors(task: Task, language: Compiled, found: Mapping[int, Mutant]) -> Iterator[int]:
    """The numbers of the changes over which all tests pass."""
    chosen = dict(found)
    for _ in range(BUILDS):
        if not chosen or task.left() <= 0:
            return
        laid = asleep(task.workspace, language, chosen)
        outcome = _run(task, task.workspace.with_texts(laid.texts), language, sorted(laid.lines))
        stdout, stderr = (each.decode("utf-8", "replace") for each in (outcome.stdout, outcome.stderr))
        results = _RESULT.findall(stdout)
        if results:
            programs = max(Counter(number for number, _ in results).values())
            passed = Counter(int(number) for number, status in results if status == "0")
            yield from (number for number, count in passed.items() if count == programs)
            return
        fault = diagnose(stdout, stderr, task.command)
        errors = [fault, *fault.others] if fault is not None else []
        wrong = {
            number
            for number, (name, start, end) in laid.lines.items()
            for each in errors
            if is_of(each.path, name) and start <= each.line <= end
        }
        if not wrong:
            return
        chosen = {number: each for number, each in chosen.items() if number not in wrong}


def is_of(told: str, name: str) -> bool:
    """Whether a compiler's path, from its own folder or from the root of the disk, may be a file of the workspace."""
    told = "/" + told.removeprefix("./")
    return told.endswith(f"/{name}") or f"/{name}".endswith(told)


def _run(task: Task, view: Workspace, language: Compiled, numbers: Sequence[int]) -> Outcome:
    """One build; every program of tests is run once for each number, by a script in its place."""
    place = view.root / _SCRIPT
    script = f"""for number in {" ".join(map(str, numbers))}; do
{EACH.format(variable=VARIABLE, program='"$@"')}done
exit {int(language == "go")}
"""  # `go test` shows what failing programs print
    limit_s = task.left()
    job = Job(
        argv=tuple(task.command),
        root=view.root,
        cwd=task.cwd,
        files={**view.files, _SCRIPT: script.encode()},
        limits=Limits(wall_s=limit_s, cpu_s=limit_s + 1),
        python=view.python,
    )
    job = for_compiler(job, view, task.command, sandbox=task.sandbox, cancel=task.cancel)
    if language == "go":
        extra = ("-vet=off", "-count=1", "-gcflags=-e", "-exec", f"sh '{place}'")
        job = replace(job, argv=(*task.command[:2], *extra, *task.command[2:]))
    else:
        runner = f"target.'cfg(all())'.runner=['sh', '{place}']"
        job = replace(job, argv=(*job.argv[:2], "--config", runner, *job.argv[2:]))
    return task.sandbox.run(job, task.cancel)
