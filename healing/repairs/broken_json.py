"""What it does
    Mends a JSON file that a program could not read: a comma too many or too few, a missing colon, quote or bracket,
    what other languages write (single quotes, comments, ``True`` and ``None``, names without quotes).

Example
    ``{"width": 100, "indent": 2,}``

Use instead
    ``{"width": 100, "indent": 2}``

When it stays silent
    The file is JSON, or no one such change makes it so.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from ..fault import Fault
from ..grammar import Splice, splice
from ..repair import Context, Draft, Repair

#: Texts, comments, and everything else letter by letter.
_PART = re.compile(r'"(?:[^"\\\n]|\\.)*"|//[^\n]*|/\*.*?\*/|.', re.DOTALL)
_CONSTANTS = {"True": "true", "False": "false", "None": "null", "nil": "null", "undefined": "null", "NaN": "null"}
_PAIRS = {"{": "}", "[": "]"}


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    if not context.name.endswith(".json") or (stop := _stop(context.text)) is None:
        return
    seen: set[str] = set()
    for title, splices, prior in _changes(context.text, stop):
        new = splice(context.text, tuple(splices))
        if new not in seen and _stop(new) is None:
            seen.add(new)
            yield Draft(title, {context.name: new}, prior)


def _stop(text: str) -> int | None:
    """Where a text stops being JSON; None if it is."""
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        return error.pos
    except RecursionError:
        return None
    return None


def _changes(text: str, stop: int) -> Iterator[tuple[str, list[Splice], float]]:
    before = len(text[:stop].rstrip())
    plain = [each for each in _PART.finditer(text) if each[0][0] != '"']
    texts = [each.span() for each in _PART.finditer(text) if each[0][0] == '"' and len(each[0]) > 1]

    def found(pattern: str) -> list[re.Match[str]]:
        """Where a pattern is found, but in no text."""
        return [
            each
            for each in re.finditer(pattern, text)
            if not any(start < each.end() and each.start() < end for start, end in texts)
        ]

    trailing = found(r",(?=\s*[}\]])")
    yield "Leave out the comma behind the last entry", [(each.start(), each.end(), "") for each in trailing], 0.96
    for new in (",", ":"):
        yield f"Add `{new}`", [(before, before, new)], 0.94 if new == "," else 0.92
        if text[stop : stop + 1] in (";", "=", ",", ":"):
            yield f"Write `{new}` for `{text[stop]}`", [(stop, stop + 1, new)], 0.93
    word = re.compile(r"[A-Za-z_$][\w$-]*").match(text, stop)
    if word is not None and word[0] in _CONSTANTS:
        yield f"Write `{_CONSTANTS[word[0]]}` for `{word[0]}`", [(*word.span(), _CONSTANTS[word[0]])], 0.95
    elif word is not None:
        yield f"Put `{word[0]}` in quotes", [(*word.span(), f'"{word[0]}"')], 0.9
        yield "Open the quotes", [(stop, stop, '"')], 0.92
    comments = [each for each in plain if len(each[0]) > 1]
    yield "Leave out the comments", [(each.start(), each.end(), "") for each in comments], 0.9
    single = found(r"'((?:[^'\"\\\n]|\\.)*)'")
    yield "Write double quotes", [(*each.span(), f'"{each[1]}"') for each in single], 0.9
    keys = found(r"(?<=[{,])(\s*)([A-Za-z_$][\w$]*)(?=\s*:)")
    yield "Put the names in quotes", [(each.start(2), each.end(2), f'"{each[2]}"') for each in keys], 0.9
    end = text.find("\n", stop)
    line = text[stop : end if end >= 0 else len(text)].rstrip()
    for place in sorted(
        {len(line.rstrip(",")), *(each.start() for each in re.finditer(r"[:,}\]]", line))}, reverse=True
    ):
        yield "Close the quotes", [(stop + place, stop + place, '"')], 0.88
    open_ = _open(text)
    if open_:
        yield f"Add `{open_}` at the end", [(len(text.rstrip()), len(text.rstrip()), open_)], 0.9
        yield f"Add `{open_[0]}`", [(before, before, open_[0])], 0.8
    if text[stop : stop + 1] in ("}", "]", ","):
        yield f"Leave out `{text[stop]}`", [(stop, stop + 1, "")], 0.9


def _open(text: str) -> str:
    """What closes the brackets that nothing closed, the innermost first."""
    waiting: list[str] = []
    for each in _PART.finditer(text):
        if each[0] in _PAIRS:
            waiting.append(_PAIRS[each[0]])
        elif waiting and each[0] == waiting[-1]:
            waiting.pop()
    return "".join(reversed(waiting))


REPAIR = Repair(
    "broken-json", "Mend a JSON file that is none", propose, languages=("python", "javascript", "typescript")
)
