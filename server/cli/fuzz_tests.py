"""``suture fuzz --write-property-tests PATH::NAME…``: Hypothesis tests that people can read, run before they are kept.

Invariant: an existing file is never changed; where the name is taken, the new file has a number.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ...analyzers.findings import Json
from ...codegen.artifacts.files import write_edit
from .output import print_json, print_line

if TYPE_CHECKING:
    from ...analyzers.fuzzing.collecting import Target
    from ...analyzers.fuzzing.events import Input


def write_property_tests(
    arguments: argparse.Namespace, targets: Sequence[Target], known: Callable[[Target], Sequence[Input]]
) -> int:
    """Write a file for each target; ``known`` are its stored counterexamples. Exit status: 1 if a property fails (the
    file says on what), 3 if no target got a file, else 0."""
    from ...analyzers.fuzzing.property_tests import write_property_tests as write
    from ...analyzers.sandbox import open_sandbox

    rows: list[Json] = []
    failing = written = 0
    python = arguments.python.absolute() if arguments.python else None
    sandbox = open_sandbox()
    try:
        for target in targets:
            made = write(
                target.root, target.path, target.name, sandbox=sandbox, python=python, known=tuple(known(target))
            )
            if made.edit is not None:
                write_edit(made.edit)
                written += 1
            failing += bool(made.counterexample)
            row: Json = {
                "event": "property-tests",
                "path": str(target.path),
                "target": target.name,
                "file": str(made.path) if made.edit is not None else "",
                "tests": list(made.tests),
                "counterexample": made.counterexample,
                "reason": made.reason,
            }
            if arguments.output_format == "json-lines":
                print_line(row)
            elif arguments.output_format == "text":
                _say(target, made.path if made.edit is not None else None, made.counterexample, made.reason)
            rows.append(row)
    finally:
        sandbox.close()
    if arguments.output_format == "json":
        print_json(rows)
    return 1 if failing else 0 if written else 3


def _say(target: Target, file: Path | None, counterexample: str, reason: str) -> None:
    if file is None:
        print(f"suture: no property tests for {target.name}: {reason}", file=sys.stderr)
        return
    try:
        shown = file.relative_to(Path.cwd())
    except ValueError:
        shown = file
    print(f"{target.name}: {shown}, run before it was kept")
    if counterexample:
        print(f"  a property fails now, on {counterexample}; the file says so")
