"""A temporary file whose name others know.

What it does: reports ``tempfile.mktemp`` and files written under a fixed name in ``/tmp``, ``/var/tmp``, ``/dev/shm``
or ``tempfile.gettempdir()``.

Why is this bad: another user of the machine puts a link there first, and the program writes where it leads.

Example::

    open("/tmp/report.csv", "w")

Use instead::

    tempfile.NamedTemporaryFile("w", suffix=".csv")

References: https://cwe.mitre.org/data/definitions/377.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from ..findings import Finding
from ..flow import arguments_of, flow_of, method_of
from ..rules import Rule
from ..syntax import Unit
from ..tests_of import in_tests
from .written import argument, constant, report

_FOLDER = re.compile(r"^(?:/tmp|/var/tmp|/dev/shm)/.")
_CURE = "use tempfile.mkstemp or NamedTemporaryFile"
_WRITING = ("write_text", "write_bytes", "touch")


def check(unit: Unit) -> Iterator[Finding]:
    if in_tests(unit.path):
        return
    for call in unit.index.get("call", ()):
        name = unit.call_name(call)
        if name == "tempfile.mktemp":
            yield report(unit, RULE, call, "somebody else may create this file first", 0.85, _CURE)
            continue
        path: Node | None = None
        if name in ("open", "io.open", "codecs.open", "gzip.open"):
            mode = constant(unit, argument(unit, call, 1, "mode"))
            if isinstance(mode, str) and set(mode) & set("wa+"):
                path = argument(unit, call, 0, "file")
        elif (called := method_of(unit, call)) is not None and called[1] in _WRITING:
            path = called[0]
        if path is not None and _is_known(unit, path):
            yield report(unit, RULE, call, "others know the name of this temporary file", 0.7, _CURE)


def _is_known(unit: Unit, node: Node, depth: int = 0) -> bool:
    """A fixed name in a folder where everybody may write."""
    text = constant(unit, node)
    if isinstance(text, str):
        return bool(_FOLDER.match(text))
    if depth > 4:
        return False
    if node.type == "identifier":
        bound = flow_of(unit).bindings.get(unit.text(node), ())
        value = bound[0].value if len(bound) == 1 and bound[0].how == "assign" else None
        return value is not None and _is_known(unit, value, depth + 1)
    if node.type == "parenthesized_expression" and node.named_children:
        return _is_known(unit, node.named_children[0], depth + 1)
    if node.type == "binary_operator":
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        fixed = isinstance(constant(unit, right), str)
        return fixed and left is not None and (_is_folder(unit, left) or _is_known(unit, left, depth + 1))
    if node.type == "call":
        name, listed = unit.call_name(node), arguments_of(node)
        if name in ("os.path.join", "pathlib.Path") and listed:
            rest = all(isinstance(constant(unit, each), str) for each in listed[1:])
            if len(listed) == 1:
                return _is_known(unit, listed[0], depth + 1)
            return rest and _is_folder(unit, listed[0])
    return False


def _is_folder(unit: Unit, node: Node) -> bool:
    text = constant(unit, node)
    if isinstance(text, str):
        return text.rstrip("/") in ("/tmp", "/var/tmp", "/dev/shm")
    if node.type != "call":
        return False
    name, listed = unit.call_name(node), arguments_of(node)
    return name == "tempfile.gettempdir" or (
        name == "pathlib.Path" and len(listed) == 1 and _is_folder(unit, listed[0])
    )


RULE = Rule(
    name="predictable-temporary-file",
    reviewer="security",
    kind="tmp",
    summary="Others know the name of a temporary file",
    severity="medium",
    check=check,
    cwe=(377,),
    words=(b"mktemp", b"open", b"write_text", b"write_bytes", b"touch"),
)
