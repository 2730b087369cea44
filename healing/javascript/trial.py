"""From a failing JavaScript or TypeScript test to the small change that is meant: the command is run once over texts in
which all changes lie asleep; where it starts the runner of the tests, a stand-in for ``node`` starts it once for each.

Read are the runners that Node runs: ``node --test``, jest, vitest, mocha, ava, also behind ``npm test`` and the like.

Invariant: only the real command over the plain edit verifies it; what the stand-in shows is a hint.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from ...analyzers.sandbox.interface import CancelCheck, Job, Limits, Sandbox
from ..compiled.mutants import VARIABLE, Mutant
from ..compiled.trial import EACH, judged
from ..learning.ranking import Ranking
from ..probe import FOLDER, Run
from ..repair import Context, Draft
from ..verify import State
from ..workspace import Workspace, is_test
from .mutants import asleep, mutants

#: A repair that tries such changes one by one, where no runner tells of its tests.
ONE_BY_ONE = "js-boundary"
_SCRIPT = f"{FOLDER}/each-test.sh"
_RESULT = re.compile(r"^suture-mutant (\d+) (\d+)$", re.MULTILINE)


def is_of_tests(first: Run) -> bool:
    """Whether a failure is one of tests that a runner of Node told of."""
    return first.fault.language in ("javascript", "typescript") and bool(first.fault.tests)


def later(ranking: Ranking, context: Context, drafts: Sequence[Draft]) -> Sequence[Draft]:
    """The ranking without the changes that are tried here."""
    return [each for each in ranking(context, drafts) if each.repair != ONE_BY_ONE]


def heal_by_change(
    workspace: Workspace,
    first: Run,
    command: Sequence[str],
    *,
    sandbox: Sandbox,
    execute: Callable[[Workspace], Run],
    left: Callable[[], float],
    cwd: str = ".",
    cancel: CancelCheck | None = None,
    on_state: Callable[[State], None] = lambda _: None,
) -> list[State]:
    """States of small changes after which the tests pass, the most likely first."""
    found: dict[int, Mutant] = {}
    for test in _tests(first):
        for each in mutants(workspace, test):
            found[len(found) + 1] = each
        if found:
            break
    survivors = [found[number] for number in _survivors(workspace, command, found, sandbox, left, cwd, cancel)]
    return judged(workspace, first, survivors, "js-small-change", execute, left, on_state)


def _tests(first: Run) -> Iterator[str]:
    """Files of tests that the failure names."""
    fault = first.fault
    names = dict.fromkeys([*(frame.path for frame in reversed(fault.frames)), fault.path])
    yield from (name for name in names if name and is_test(name))


def _survivors(
    workspace: Workspace,
    command: Sequence[str],
    found: Mapping[int, Mutant],
    sandbox: Sandbox,
    left: Callable[[], float],
    cwd: str,
    cancel: CancelCheck | None,
) -> Iterator[int]:
    """The numbers of the changes over which the runner's tests pass."""
    limit = 0.75 * left()
    if not found or limit <= 0:
        return
    view = workspace.with_texts(asleep(workspace, found))
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
        argv=tuple(command),
        root=view.root,
        cwd=cwd,
        files={**view.files, _SCRIPT: script.encode()},
        limits=Limits(wall_s=limit, cpu_s=2 * limit, memory_mb=1024, processes=256, output_kb=4096),
        python=view.python,
    )
    job = replace(job, argv=("sh", str(view.root / _SCRIPT), *command), tools=("node", *command[:1]))
    outcome = sandbox.run(job, cancel)
    for number, status in _RESULT.findall(outcome.stdout.decode("utf-8", "replace")):
        if status == "0":
            yield int(number)
