"""What it does
    Applies what a compiler itself proposes: `rustc`'s suggestions, the TypeScript language service's code fixes. The
    earlier of several comes first; what the compiler calls safe to apply by a machine comes before what it does not.

Example
    ``cannot find value `lenght` … help: a local variable with a similar name exists: `length```

Use instead
    ``length``

When it stays silent
    The compiler proposes nothing, or a change outside of the workspace.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from ...analyzers.source import LineIndex
from ..fault import Fault, Suggested
from ..grammar import Splice, splice
from ..repair import Context, Draft, Repair

#: Priors of a suggestion that the compiler is sure of, and of one that a person should look at.
SURE, UNSURE = 0.95, 0.75
#: What a place further down the compiler's list costs.
STEP = 0.03


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    for place, suggested in enumerate(fault.suggested):
        if any("/*" in new for *_, new in suggested.changes):
            continue  # with a hole in it
        texts = _texts(suggested, context)
        if texts:
            prior = max((SURE if suggested.sure else UNSURE) - STEP * place, 0.2)
            yield Draft(suggested.title, texts, prior)


def _texts(suggested: Suggested, context: Context) -> dict[str, str]:
    """The new texts; empty if a place is not in its file, or changes overlap."""
    splices: dict[str, list[Splice]] = {}
    for path, start, end, new in suggested.changes:
        text = context.workspace.text(path)
        if text is None and path and start == end == (0, 0):
            splices.setdefault(path, []).append((0, 0, new))  # a new file
            continue
        lines = LineIndex(text or "")
        if text is None or end[0] >= len(lines.starts):
            return {}
        splices.setdefault(path, []).append((lines.offset(*start), lines.offset(*end), new))
    for each in splices.values():
        each.sort()
        if any(one[1] > two[0] for one, two in pairwise(each)):
            return {}
    return {path: splice(context.workspace.text(path) or "", tuple(each)) for path, each in splices.items()}


REPAIR = Repair("compiler-suggestion", "Apply what the compiler itself proposes", propose, languages=())
