"""What it does
    Boxes the future of an asynchronous function where it calls itself: its size would have no end.

Example
    ``sum += total(child).await;`` in ``async fn total``

Use instead
    ``sum += Box::pin(total(child)).await;``

When it stays silent
    The compiler does not say where the function calls itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...compiled import rust
from ...compiled.syntax import find, up
from ...fault import Fault
from ...grammar import Splice
from ...repair import Context, Draft, Repair

_PLACE = re.compile(r"^(?P<path>[^:]+):(?P<line>\d+):(?P<column>\d+): .*recursive call")


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    if fault.code != "E0733":
        return
    tree = rust.tree_of(context.text)
    function = up(tree.at(context.offset), "function_item")
    name = tree.field(function, "name")
    told = [match for note in fault.notes if (match := _PLACE.match(note)) and match["path"] == context.name]
    rows = {int(match["line"]) - 1 for match in told}
    splices: list[Splice] = []
    for node in find(function, "await_expression"):
        call = node.named_children[0] if node.named_children else None
        if call is None or call.type != "call_expression":
            continue
        called = tree.field(call, "function")
        if re.search(rf"(?:^|::|\.){re.escape(name)}$", called) or call.start_point[0] in rows:
            splices += [(tree.start(call), tree.start(call), "Box::pin("), (tree.end(call), tree.end(call), ")")]
    if splices:
        yield context.edit("Box the future of the recursive call", splices, 0.93)


REPAIR = Repair("rust-boxed-recursion", "Box the future of a recursive call", propose, languages=("rust",))
