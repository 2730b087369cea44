"""How many executions a second the fuzzing worker makes, beside a bare loop over the same function in the same run.

    python tests/benchmarks/fuzz_throughput.py [SECONDS]

The bare loop calls the function with ready-made arguments and nothing else; the worker draws the input, notes it where
a crash leaves it readable, calls under a limit, watches branches and judges the outcome. Both run in one process, one
after the other in short turns, so that a busy machine slows both; processor seconds are counted, not wall time.
"""

from __future__ import annotations

import os
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

SOURCES = {
    "no branch": "def f(n: int) -> int:\n    return 2 * n\n",
    "branches": "def f(n: int) -> int:\n    if n > 5:\n        return n - 5\n    return -n if n < -5 else 0\n",
    "text": "def f(s: str) -> int:\n    return len(s.split(',')) if s else 0\n",
    "list": "def f(xs: list[int]) -> int:\n    total = 0\n    for x in xs:\n        total += x\n    return total\n",
}


def measure(source: str, seconds: float) -> tuple[float, float]:
    """(worker, bare loop) executions per processor second."""
    from suture.analyzers.fuzzing.board import Board
    from suture.analyzers.fuzzing.coverage import watch
    from suture.analyzers.fuzzing.loading import load
    from suture.analyzers.fuzzing.running import Runner
    from suture.analyzers.fuzzing.sampling import call_sampler
    from suture.analyzers.fuzzing.search import Search
    from suture.analyzers.fuzzing.subject import open_subject
    from suture.analyzers.fuzzing.task import Task

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"target_{abs(hash(source))}.py")
        path.write_text(source)
        payload = {"path": str(path), "module": path.stem, "search": [folder], "root": folder, "name": "f"}
        task = Task.of({**payload, "source": source, "budget_s": seconds})
        module = load(task.path, task.module, task.search)
        subject = open_subject(module, "f", str(path), folder, source, Runner(), None, "")
        coverage = watch(module, source, folder)
        search = Search(subject, task, 0, -1, time.monotonic() + 3600, Board(), coverage)
    domain = subject.call.domain
    draw = call_sampler("", domain.parameters, domain.hints)
    rng = random.Random(0)
    function: Any = module.f
    plain = [subject.builder.build(draw(rng).args[0]) for _ in range(1000)]
    for _ in range(1000):  # the first calls are looked at more closely than the others
        search.attempt(draw(rng))
    fuzzed = fuzz_s = called = call_s = 0.0
    while fuzz_s + call_s < seconds:
        begin = time.process_time()
        for _ in range(500):
            search.attempt(draw(rng))
        middle = time.process_time()
        for each in plain:
            function(each)
        call_s += time.process_time() - middle
        fuzz_s += middle - begin
        fuzzed, called = fuzzed + 500, called + len(plain)
    coverage.stop()
    return fuzzed / fuzz_s, called / call_s


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 2.0
    print(f"Python {sys.version.split()[0]}; load {os.getloadavg()[0]:.1f}; executions per processor second")
    for name, source in SOURCES.items():
        worker, bare = measure(source, seconds)
        print(f"{name:10} worker {worker:9,.0f}   bare loop {bare:12,.0f}   one in {bare / worker:5.0f}")
    sys.stdout.flush()
    os._exit(0)  # the worker's timer still runs


if __name__ == "__main__":
    main()
