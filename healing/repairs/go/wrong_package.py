"""What it does
    Takes a function from the package that has it, of the module or of Go's library, where it is looked for in another.

Example
    ``strings.Atoi(text)``

Use instead
    ``strconv.Atoi(text)``, with ``strconv`` imported

When it stays silent
    Neither the module nor a usual package exports that name, or the one before the dot has a name that is spelt alike.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...compiled import go
from ...fault import Fault
from ...repair import Context, Draft, Repair
from ...spelling import closest

_UNDEFINED = re.compile(r"^undefined: (?P<package>\w+)\.(?P<name>[A-Z]\w*)$")


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    match = _UNDEFINED.search(fault.message)
    if match is None or fault.category != "compile":
        return
    tree = go.tree_of(context.text)
    known = go.imports(tree)
    own = go.package_exports(context.workspace, known.get(match["package"], ""))
    if closest(match["name"], own, least=0.7):
        return
    start, end = context.lines.bounds(fault.line)
    place = context.text.find(f"{match['package']}.{match['name']}", start, end)
    paths = (*go.packages(context.workspace), *go.USUAL)
    found = [path for path in paths if match["name"] in go.package_exports(context.workspace, path)]
    if place < 0 or len(found) > 4:
        return
    for rank, path in enumerate(sorted(found, key=lambda each: each not in known.values())):
        package = path.rpartition("/")[2]
        splices = [(place, place + len(match["package"]), package)]
        if path not in known.values():
            splices.insert(0, go.add_import(tree, path))
        yield context.edit(f"Take `{match['name']}` from {path}", splices, 0.9 - 0.1 * rank)


REPAIR = Repair("go-wrong-package", "Take a function from the package that has it", propose, languages=("go",))
