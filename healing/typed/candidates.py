"""All edits that are worth a try for a crash, likeliest first: those led by what was observed, and small slips.

Invariant: nothing is run here, and nothing of the files that only check others is changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..checks import is_check
from ..logic.mutations import Placed, with_breaks
from ..logic.tree import Mutation
from ..repair import Context
from .clues import clue_changes
from .edits import changes
from .lines import line_changes
from .look import Look
from .places import module_around, places
from .whole import whole_changes

#: Edits that are made at most.
MOST = 900
#: The most that an edit weighs.
HEAVIEST = 1.6


def typed_edits(context: Context) -> list[Placed]:
    """Edits of the expressions that the failing value went through, and of their statements."""
    found: dict[tuple[str, int, int, str], Placed] = {}
    lines: set[tuple[str, int, str]] = set()
    every = places(context)
    usable = {path: _usable(context, path) for path in {each.site.file for each in every}}
    for place in every:
        if not usable[place.site.file]:
            continue
        look = Look(place, context.fault)
        node = place.node
        for new, prior, operator in changes(look):
            if prior <= 0.01 or new == look.text:
                continue
            weight = min(prior * look.natural(new) * place.weight, HEAVIEST)
            key = (place.site.file, node.start_byte, node.end_byte, new)
            if key not in found or found[key].mutation.weight < weight:
                title = f"Use {_short(new)} instead of {_short(look.text)}"
                splices = ((node.start_byte, node.end_byte, new),)
                mutation = Mutation(title, splices, node.start_point[0], prior, operator, weight)
                found[key] = Placed(place.site.file, mutation, look.function.chunk)
        for each in line_changes(look):
            key = (place.site.file, each.line, each.title)
            if key not in lines:
                lines.add(key)
                splice = each.splices[0]
                mutation = Mutation(
                    each.title, each.splices, each.line, each.prior, each.operator, each.prior * place.weight
                )
                found.setdefault(
                    (place.site.file, splice[0], splice[1], each.title),
                    Placed(place.site.file, mutation, look.function.chunk),
                )
    for path, function, each in (*whole_changes(context), *clue_changes(context)):
        if usable.setdefault(path, _usable(context, path)):
            chunk = (function or module_around(context.workspace.text(path) or "")).chunk
            key = (path, *each.splices[0][:2], each.splices[0][2])
            if key not in found or found[key].mutation.weight < each.prior:
                found[key] = Placed(path, replace(each, weight=each.prior), chunk)
    best = sorted(found.values(), key=lambda each: -each.mutation.weight)[:MOST]
    windows = {path for path, use in usable.items() if use and "\r\n" in (context.workspace.text(path) or "")}
    return [replace(each, mutation=with_breaks(each.mutation)) if each.path in windows else each for each in best]


def merged(first: Sequence[Placed], second: Sequence[Placed], most: int = 1500) -> list[Placed]:
    """Both, each change once with its greater weight."""
    best: dict[tuple[str, tuple[tuple[int, int, str], ...]], Placed] = {}
    for each in (*first, *second):
        key = (each.path, each.mutation.splices)
        if key not in best or best[key].mutation.weight < each.mutation.weight:
            best[key] = each
    return sorted(best.values(), key=lambda each: -each.mutation.weight)[:most]


def _usable(context: Context, path: str) -> bool:
    source = context.workspace.source(path)
    plain = source is not None and source.encoding.lower() in ("utf-8", "utf8", "utf_8", "utf-8-sig")
    return plain and path.endswith(".py") and not is_check(context.workspace, path)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 48 else f"{line[:45]}…"
