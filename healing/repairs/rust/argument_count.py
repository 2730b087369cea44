"""What it does
    Gives a call the argument that it lacks: the variable at hand that is called as the parameter, or has its type.

Example
    ``area(width)`` for ``fn area(width: u32, height: u32) -> u32``, with a ``height`` in scope.

Use instead
    ``area(width, height)``

When it stays silent
    No variable fits, or the function is not of this workspace. One argument too many is for the compiler's proposal.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...compiled import rust
from ...compiled.brackets import closing_of, pieces
from ...fault import Fault
from ...repair import Context, Draft, Repair

_COUNT = re.compile(
    r"^this (?:function|method) takes (?P<want>\d+) arguments? but (?P<have>\d+) arguments? (?:was|were)"
)


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    match = _COUNT.search(fault.message)
    if match is None or int(match["have"]) != int(match["want"]) - 1:
        return
    call = _call(context)
    if call is None:
        return
    function, opening, closing = call
    given = list(pieces(context.text, opening + 1, closing))
    texts = [context.text[start:end] for start, end in given]
    wanted = next(
        (
            found.parameters
            for _, other, node in rust.functions(context.workspace, context.name)
            if (found := rust.signature(other, node)).name == function and len(found.parameters) == int(match["want"])
        ),
        (),
    )
    known = rust.locals_at(rust.tree_of(context.text), opening)
    for position, (name, kind) in enumerate(wanted):
        if position < len(texts) and texts[position].lstrip("&") == name:
            continue
        for value, type_ in known.items():
            if value in texts or not (value == name or (type_ == kind and kind)):
                continue
            text = f"&{value}" if kind.startswith("&") and type_ and not type_.startswith("&") else value
            place = given[position][0] if position < len(given) else given[-1][1] if given else closing
            new = f"{text}, " if position < len(given) else f"{', ' if given else ''}{text}"
            prior = 0.95 if value == name else 0.6
            yield context.edit(f"Give `{text}` as `{name}`", [(place, place, new)], prior)


def _call(context: Context) -> tuple[str, int, int] | None:
    """The name of the function that is called at the fault, and where its brackets are; inside of macros too, whose
    arguments the grammar does not read."""
    match = re.compile(r"(?:\w+(?:::<[^()]*>)?(?:::|\.)?)+\s*(?=\()").match(context.text, context.offset)
    if match is None:
        return None
    closing = closing_of(context.text, match.end())
    name = re.split(r"::|\.", re.sub(r"::<[^()]*>", "", match[0]).strip())[-1]
    return (name, match.end(), closing) if closing >= 0 else None


REPAIR = Repair("rust-argument-count", "Give a call the argument that it lacks", propose, languages=("rust",))
