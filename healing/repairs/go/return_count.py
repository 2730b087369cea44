"""What it does
    Returns as many values as the function promises: the zero value beside an error, ``nil`` for the error beside a
    value; a ``nil`` too many is left out.

Example
    ``return errors.New("no values")`` in a function that returns ``(int, error)``.

Use instead
    ``return 0, errors.New("no values")``

When it stays silent
    It is not plain which value is missing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...compiled import go
from ...compiled.syntax import up
from ...fault import Fault
from ...repair import Context, Draft, Repair

_COUNT = re.compile(r"^(?P<kind>not enough|too many) return values\s*have \((?P<have>.*)\)\s*want \((?P<want>.*)\)")


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    match = _COUNT.search(fault.message)
    if match is None:
        return
    tree = go.tree_of(context.text)
    node = up(tree.at(context.offset), "return_statement")
    function = go.function_around(node)
    if node is None or function is None:
        return
    results = go.signature(tree, function).results
    values = next((each for each in node.named_children if each.type == "expression_list"), None)
    given = [tree.of(each) for each in values.named_children] if values is not None else []
    have = [each.strip() for each in match["have"].split(",") if each.strip()]
    start = tree.start(values) if values is not None else tree.end(node)
    end = tree.end(values) if values is not None else tree.end(node)
    lead = "" if values is not None else " "
    for new, prior in _aligned(context, given, have, results):
        text = ", ".join(new)
        yield context.edit(f"Return `{text[:60]}`", [(start, end, f"{lead}{text}")], prior)


def _aligned(
    context: Context, given: list[str], have: list[str], results: tuple[str, ...]
) -> Iterator[tuple[list[str], float]]:
    if len(given) == len(results) + 1:
        for index in (len(given) - 1, 0):
            rest = given[:index] + given[index + 1 :]
            yield rest, 0.85 if given[index] in ("nil", "err", "true", "false") else 0.5
        return
    if len(given) != len(results) - 1 or len(have) != len(given):
        return
    for index, kind in enumerate(results):
        zero = go.zero(kind, context.workspace, context.name)
        if not zero:
            continue
        rest = [*results[:index], *results[index + 1 :]]
        if all(_fits(one, two) for one, two in zip(have, rest, strict=True)):
            yield [*given[:index], zero, *given[index:]], 0.93 if have.count("error") or kind == "error" else 0.7


def _fits(have: str, want: str) -> bool:
    """Whether a value that the compiler describes so can be of this type; constants are called by their sort."""
    if have == "number":
        return want in go.NUMBERS
    if have == "nil":
        return want == "error" or want.startswith(("*", "[]", "map[", "chan", "func", "interface"))
    return have == want or want in ("any", "interface{}") or (want == "error" and have.startswith("*"))


REPAIR = Repair("go-return-count", "Return as many values as the function promises", propose, languages=("go",))
