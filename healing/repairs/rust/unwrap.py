"""What it does
    Does without the value that ``unwrap`` and ``expect`` insist on: passes the absence on with ``?`` where the function
    can say it, else takes the value with which the type usually begins. The title says what is taken.

Example
    ``self.items.get(name).unwrap()`` in a function that returns an ``Option``

Use instead
    ``self.items.get(name)?``

When it stays silent
    The panic is not of an ``unwrap`` or ``expect`` on the line, or it stands in a test.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...compiled import rust
from ...compiled.syntax import find, up
from ...fault import Fault
from ...repair import Context, Draft, Repair

_PANIC = re.compile(r"^called `(?P<kind>Option|Result)::(?:unwrap|expect)\(\)` on an? `(?:None|Err)` value")


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    match = _PANIC.search(fault.message)
    if match is None or fault.exception != "panic":
        return
    tree = rust.tree_of(context.text)
    start, end = context.lines.bounds(fault.line)
    for node in find(tree.root, "call_expression"):
        callee = node.child_by_field_name("function")
        name = tree.field(callee, "field")
        if callee is None or name not in ("unwrap", "expect") or not start <= tree.end(node) <= end + 1:
            continue
        function = up(node, "function_item")
        if function is None or _is_test(tree.text[: tree.start(function)]):
            continue
        receiver = callee.child_by_field_name("value")
        if receiver is None:
            continue
        cut = tree.end(receiver)
        result = rust.signature(tree, function).result
        if result.startswith(match["kind"]) or re.match(rf"(?:\w+::)*{match['kind']}\b", result):
            yield context.edit("Pass the absence on", [(cut, tree.end(node), "?")], 0.85)
        subject = tree.of(receiver)
        followed = node.parent is not None and node.parent.type == "unary_expression"
        if followed and node.parent is not None and tree.of(node.parent).startswith("*"):
            place = (tree.start(node.parent), tree.end(node.parent))
            for taken in (".copied()", ".cloned()"):
                new = f"{subject}{taken}.unwrap_or_default()"
                yield context.edit("Take the type's first value for none", [(*place, new)], 0.55)
        if re.search(r"\.(?:get|first|last|min|max|find|pop)\([^()]*\)$", subject):
            for taken in (".copied()", ".cloned()"):
                new = f"{taken}.unwrap_or_default()"
                yield context.edit("Take the type's first value for none", [(cut, tree.end(node), new)], 0.5)
        yield context.edit("Take the type's first value for none", [(cut, tree.end(node), ".unwrap_or_default()")], 0.5)


def _is_test(before: str) -> bool:
    return bool(re.search(r"#\[(?:\w+::)?test\]\s*(?:#\[[^\]]*\]\s*)*$", before))


REPAIR = Repair("rust-unwrap", "Do without the value that unwrap insists on", propose, languages=("rust",))
