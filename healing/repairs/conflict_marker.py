"""What it does
    Resolves the marks of a merge that were left in a file: both sides one after the other, the first, or the second.
    Which of them is meant the run decides.

Example
    A line ``<<<<<<< HEAD`` above ``km: 1000,``, ``=======``, ``mile: 1609,`` and ``>>>>>>> miles``

Use instead
    Both lines, without the marks.

When it stays silent
    The file has no such marks at the begin of lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..fault import Fault
from ..repair import Context, Draft, Repair

_CONFLICT = re.compile(
    r"^<{7}(?: [^\n]*)?\n(?P<one>(?:(?!={7}$|\|{7}).*\n)*?)(?:\|{7}[^\n]*\n(?:(?!={7}$).*\n)*?)?={7}\r?\n"
    r"(?P<two>(?:(?!>{7}).*\n)*?)>{7}(?: [^\n]*)?(?:\n|\Z)",
    re.MULTILINE,
)
_SIDES = (("both sides", r"\g<one>\g<two>", 0.9), ("the first side", r"\g<one>", 0.86),
          ("the second side", r"\g<two>", 0.84))  # fmt: skip


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    if fault.category not in ("syntax", "compile", "config") or not _CONFLICT.search(context.text):
        return
    for told, new, prior in _SIDES:
        text = _CONFLICT.sub(new, context.text)
        yield Draft(f"Resolve the merge: keep {told}", {context.name: text}, prior)


REPAIR = Repair("conflict-marker", "Resolve the marks of a merge that were left in a file", propose, languages=())
