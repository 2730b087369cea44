"""What it does
    Calls the function or class of a module where the module itself was called.

Example
    ``import datetime`` and then ``datetime(2024, 1, 1)``; ``import pprint`` and then ``pprint(value)``

Use instead
    ``datetime.datetime(2024, 1, 1)``; ``pprint.pprint(value)``

When it stays silent
    What was called is no module that the file imports by name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..fault import Fault
from ..origins import field_of, mendable
from ..repair import Context, Draft, Repair
from ..standard import table


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    if fault.exception != "TypeError" or not fault.message.startswith("'module' object is not callable"):
        return
    for site in mendable(context)[:1]:
        for call in site.nodes("call"):
            function = field_of(call, "function")
            name = site.code(function) if function is not None else ""
            found = re.search(
                rf"^[ \t]*import ([\w.]+) as {name}\b|^[ \t]*import (?:[^\n]*, *)?({name})\b", site.text, re.M
            )
            if function is None or not name.isidentifier() or found is None:
                continue
            module = found[1] or found[2]
            own = module.rpartition(".")[2]
            exported = set(table().get(module, ()))
            used = re.findall(rf"\b{name}\.(\w+)\(", site.text)
            wanted = {**{each: 0.0 for each in used}, own.title(): 0.9, own.capitalize(): 0.9, own: 0.93}
            for each, likely in wanted.items():
                if each in exported or each in used:
                    prior = max(likely, 0.6 + 0.08 * min(used.count(each), 3))
                    yield site.put(f"Call `{name}.{each}`", function, f"{name}.{each}", prior)


REPAIR = Repair("called-module", "Call what a module offers, not the module", propose)
