"""``suture insights``: what generation has taught here: what fails where, what is kept, what feedback repairs.

First looks at what became of the code that was applied. A rate is told of ten cases or more, with its interval.
Exit status 0.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from .main import Command
from .output import add_output_format, console, print_json, print_line
from .stored import add_root, opened

if TYPE_CHECKING:
    from ...codegen.learning.insights import Insights


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--all", action="store_true", help="also rates that are as everywhere else")
    add_root(parser)
    add_output_format(parser)


def run(arguments: argparse.Namespace) -> int:
    from ...codegen.learning.insights import insights
    from ...codegen.learning.outcome import look

    store, root = opened(arguments)
    with store:
        look(store, root)
        found = insights(store)
    if arguments.output_format == "json":
        print_json(found.to_json())
    elif arguments.output_format == "json-lines":
        print_line(found.to_json())
    else:
        _show(found, root.name, arguments.all)
    return 0


def _show(found: Insights, name: str, everything: bool) -> None:
    from ...codegen.learning.insights import FEWEST

    out = console()
    if not found.generations:
        out.print(f"No data: nothing was generated in {name}.", markup=False)
        return
    count = f"{found.generations} request{'s' * (found.generations > 1)}"
    out.print(f"{count} in {name}, {found.offered} offered, for ${found.cost_usd:.4f}.", markup=False)
    if found.judged:
        out.print(f"What became of it is known of {found.judged}.", markup=False)
    else:
        out.print("What became of it is not known yet: nothing was applied or rejected.", style="dim")
    for number, (passed, of) in found.rounds.items():
        what = "first drafts" if number == 1 else f"drafts of round {number}, made with what failed before,"
        out.print(f"  {passed} of {of} {what} passed all checks", markup=False)
    if found.failed_first:
        said = ", ".join(f"{level} {count}" for level, count in found.failed_first.items())
        out.print(f"  first drafts failed on: {said}", markup=False, soft_wrap=True)
    for each in found.found:
        if each.remarkable or everything:
            out.print(f"  {each.sentence}", markup=False, style="bold" if each.remarkable else "", soft_wrap=True)
    if not any(each.remarkable for each in found.found):
        out.print("  No kind of task and no model differs from the rest by more than chance explains.", style="dim")
    if found.small:
        few = ", ".join(f"{group} ({count})" for group, count in sorted(found.small.items()))
        out.print(f"  too few cases to judge (fewer than {FEWEST}): {few}", markup=False, style="dim", soft_wrap=True)


COMMAND = Command("insights", "what generation has taught here: what fails, what is kept, the cost", _arguments, run)
