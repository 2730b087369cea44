"""What it does
    Asks a match for a group that its pattern has: one whose name resembles the one that was asked for, or that nobody
    asks for.

Example
    ``found["number"]`` where the pattern has ``(?P<code>…)``

Use instead
    ``found["code"]``

When it stays silent
    No pattern of the file names a group.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..fault import Fault
from ..origins import mendable
from ..repair import Context, Draft, Repair
from ..spelling import likeness


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    if fault.exception != "IndexError" or fault.message != "no such group":
        return
    for site in mendable(context)[:2]:
        names = dict.fromkeys(re.findall(r"\(\?P<(\w+)>", site.text))
        for node in site.nodes("string"):
            asked = re.fullmatch(r"(['\"])(\w+)\1", site.code(node))
            if asked is None or asked[2] in names:
                continue
            for name in names:
                spare = re.search(rf"['\"]{name}['\"]", site.text) is None
                prior = 0.5 + 0.3 * spare + 0.14 * likeness(asked[2], name) - 0.05 * site.away
                new = f"{asked[1]}{name}{asked[1]}"
                yield site.put(f"Ask for the group `{name}`", node, new, prior)


REPAIR = Repair("group-name", "Ask for a group that the pattern has", propose)
