"""What it does
    Removes an import that is not used.

Example
    ``import "os"``, and nothing of ``os`` is used.

Use instead
    No import of it.

When it stays silent
    The import is used, or is not where the compiler says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...compiled import go
from ...compiled.syntax import find, up
from ...fault import Fault
from ...repair import Context, Draft, Repair

_UNUSED = re.compile(r'^"(?P<path>[^"]+)" imported (?:as \S+ )?(?:and|but) not used')


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    match = _UNUSED.search(fault.message)
    if match is None:
        return
    tree = go.tree_of(context.text)
    for spec in find(tree.root, "import_spec"):
        if tree.field(spec, "path").strip('"`') != match["path"]:
            continue
        whole = up(spec, "import_declaration")
        alone = whole is not None and len(list(find(whole, "import_spec"))) == 1
        node = whole if alone and whole is not None else spec
        start, end = context.lines.bounds(context.lines.position(tree.start(node))[0])
        end = max(end, tree.end(node))
        following = context.text[end : end + 2]
        end += 2 if following == "\r\n" else 1 if following[:1] == "\n" else 0
        if alone and context.text[end : end + 1] == "\n":
            end += 1
        yield context.edit(f'Remove the unused import "{match["path"]}"', [(start, end, "")], 0.95)


REPAIR = Repair("go-unused-import", "Remove an import that is not used", propose, languages=("go",))
