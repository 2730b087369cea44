"""What it does
    Imports the package that an undefined name before a dot stands for: of Go's library, or of the module.

Example
    ``strings.ToUpper(word)``, and ``strings`` is not imported.

Use instead
    ``import "strings"``

When it stays silent
    No package of that name exports what is asked of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...compiled import go
from ...fault import Fault
from ...repair import Context, Draft, Repair

_UNDEFINED = re.compile(r"^undefined: (?P<name>\w+)$")


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    match = _UNDEFINED.search(fault.message)
    if match is None or fault.category != "compile":
        return
    used = set(re.findall(rf"\b{match['name']}\.(\w+)", context.text))
    if not used:
        return
    tree = go.tree_of(context.text)
    own = [path for path, name in go.packages(context.workspace).items() if name == match["name"]]
    for rank, path in enumerate([*own, *go.standard().get(match["name"], ())]):
        known = go.package_exports(context.workspace, path)
        missing = len(used - known) if known or path in own else 0  # what it exports is not known without Go
        if missing < len(used):
            prior = 0.97 - 0.05 * rank - 0.4 * missing / len(used)
            yield context.edit(f'Import "{path}"', [go.add_import(tree, path)], prior)


REPAIR = Repair("go-missing-import", "Import the package that a name stands for", propose, languages=("go",))
