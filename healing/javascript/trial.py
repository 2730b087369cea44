"""From a failing JavaScript or TypeScript test to the small change that is meant: the command is run once over texts in
which all changes lie asleep; where it starts the runner of the tests, a stand-in for ``node`` starts it once for each.

Read are the runners that Node runs: ``node --test``, jest, vitest, mocha, ava, also behind ``npm test`` and the like.

Invariant: only the real command over the plain edit verifies it; what the stand-in shows is a hint.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from ...analyzers.sandbox.interface import Job, Limits
from ..compiled.mutants import VARIABLE, Mutant
from ..compiled.screen import copies
from ..compiled.trial import EACH, judged
from ..guard import objection
from ..learning.ranking import Ranking
from ..probe import FOLDER, Run
from ..repair import Context, Draft
from ..task import Task, confirmed
from ..verify import State, contexts
from ..workspace import is_test
from .mutants import asleep, mutants
from .near import near

#: A repair that tries such changes one by one, where no runner tells of its tests.
ONE_BY_ONE = "js-boundary"
_SCRIPT = f"{FOLDER}/each-test.sh"
#: Changes near an error that are run, those that the real command is run over, and how sure one must be that no test
#: judges: as likely as this, and more likely by this than any other.
RUNS, CONFIRMED, LIKELY, CLEAR = 70, 3, 0.45, 0.02
_RESULT = re.compile(r"^suture-mutant (\d+) (\d+)$", re.MULTILINE)


def is_of_tests(first: Run) -> bool:
    """Whether a failure is one of tests that a runner of Node told of."""
    return first.fault.language in ("javascript", "typescript") and bool(first.fault.tests)


def later(ranking: Ranking, context: Context, drafts: Sequence[Draft]) -> Sequence[Draft]:
    """The ranking without the changes that are tried here."""
    return [each for each in ranking(context, drafts) if each.repair != ONE_BY_ONE]


def heal_by_change(task: Task) -> list[State]:
    """States of small changes after which the tests pass, the most likely first."""
    found: dict[int, Mutant] = {}
    for test in _tests(task.first):
        for each in mutants(task.workspace, test):
            found[len(found) + 1] = each
        if found:
            break
    return judged(task, [found[number] for number in _survivors(task, found)], "js-small-change")


def heal_by_running(task: Task) -> list[State]:
    """States of changes near an error of Node after which the command works, the likeliest first. What no test judges
    is offered only where the text or a name was wrong, or the program itself asserts something: that a program ends
    says little of what it computes."""
    workspace, first = task.workspace, task.first
    if first.fault.language != "javascript":
        return []
    tried: list[State] = []
    for context in contexts(workspace, first):
        for draft in near(context.fault, context):
            if not objection(workspace, draft.texts):
                tried.append(State(draft.texts, first, (draft,)))
    if first.fault.category == "test" and not first.fault.tests:  # the program's own assertions judge
        for each in mutants(workspace, first.fault.path):
            text = workspace.text(each.name) or ""
            texts = {each.name: text[: each.start] + each.new + text[each.end :]}
            if not objection(workspace, texts):
                tried.append(State(texts, first, (Draft(each.title, texts, each.prior, repair="js-small-change"),)))
    tried = sorted(tried, key=lambda each: -each.prior)[:RUNS]
    return confirmed(task, list(_ending(task, tried)), CONFIRMED, partial(_doubt, first.fault.category))


def _doubt(category: str, state: State, others: Sequence[State]) -> bool:
    """Whether a change is unlikely or rivalled, or nothing judges it but that the program ends."""
    rivalled = any(other.prior > state.prior - CLEAR for other in others)
    judges = bool(state.run.passed) or category in ("syntax", "name", "type", "test")
    return state.prior < LIKELY or rivalled or not judges


def _ending(task: Task, tried: Sequence[State]) -> Iterator[State]:
    """The states over which the command ends well: each is laid over the copy and run, in one process."""
    workspace = task.workspace
    limit = 0.7 * task.left()
    if not tried or limit <= 0:
        return
    files = copies(workspace, tried)
    script = f"""for number in {" ".join(str(number) for number in range(1, len(tried) + 1))}; do
  cp -R "{workspace.root}/{FOLDER}/near/$number/." "{workspace.root}/"
{EACH.format(variable=VARIABLE, program='"$@"')}done
"""
    job = Job(
        argv=("sh", str(workspace.root / _SCRIPT), *task.command),
        root=workspace.root,
        cwd=task.cwd,
        files={**workspace.files, **files, _SCRIPT: script.encode()},
        limits=Limits(wall_s=limit, cpu_s=2 * limit, memory_mb=1024, processes=256, output_kb=1024),
        python=workspace.python,
        tools=("node", *task.command[:1]),
    )
    outcome = task.sandbox.run(job, task.cancel)
    for number, status in _RESULT.findall(outcome.stdout.decode("utf-8", "replace")):
        if status == "0":
            yield tried[int(number) - 1]


def _tests(first: Run) -> Iterator[str]:
    """Files of tests that the failure names."""
    fault = first.fault
    names = dict.fromkeys([*(frame.path for frame in reversed(fault.frames)), fault.path])
    yield from (name for name in names if name and is_test(name))


def _survivors(task: Task, found: Mapping[int, Mutant]) -> Iterator[int]:
    """The numbers of the changes over which the runner's tests pass."""
    limit = 0.75 * task.left()
    if not found or limit <= 0:
        return
    view = task.workspace.with_texts(asleep(task.workspace, found))
    numbers = " ".join(map(str, found))
    script = f"""export SUTURE_NODE="$(command -v node)"
mkdir -p /tmp/suture-bin
cat >/tmp/suture-bin/node <<'END'
#!/bin/sh
case " $* " in
  *" --test"*|*/jest*|*/vitest*|*/mocha*|*/ava*) ;;
  *) exec "$SUTURE_NODE" "$@" ;;
esac
[ -z "${VARIABLE}" ] || exec "$SUTURE_NODE" "$@"
for number in {numbers}; do
{EACH.format(variable=VARIABLE, program='"$SUTURE_NODE" "$@"')}done
END
chmod +x /tmp/suture-bin/node
PATH="/tmp/suture-bin:$PATH" exec "$@"
"""
    job = Job(
        argv=("sh", str(view.root / _SCRIPT), *task.command),
        root=view.root,
        cwd=task.cwd,
        files={**view.files, _SCRIPT: script.encode()},
        limits=Limits(wall_s=limit, cpu_s=2 * limit, memory_mb=1024, processes=256, output_kb=4096),
        python=view.python,
        tools=("node", *task.command[:1]),
    )
    outcome = task.sandbox.run(job, task.cancel)
    for number, status in _RESULT.findall(outcome.stdout.decode("utf-8", "replace")):
        if status == "0":
            yield int(number)
