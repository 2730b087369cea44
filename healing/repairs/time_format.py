"""What it does
    Gives ``strptime`` the format that the text has: the message of the failure holds the text.

Example
    ``datetime.strptime("2024-03-01 10:00", "%Y-%m-%d")``

Use instead
    ``datetime.strptime("2024-03-01 10:00", "%Y-%m-%d %H:%M")``

When it stays silent
    The text does not look like a date or time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from ..fault import Fault
from ..origins import arguments_of, callee, mendable, origins
from ..repair import Context, Draft, Repair

_REMAINS = re.compile(r"^unconverted data remains: ?(?P<rest>.+)$", re.DOTALL)
_OTHER = re.compile(r"^time data '(?P<text>[^']+)' does not match format '(?P<format>[^']*)'")
_QUOTES = re.compile(r"(?P<begin>[rRuU]?(?P<end>\"\"\"|\'\'\'|[\"\']))(?P<inner>.*)(?P=end)$", re.DOTALL)
#: What a part of the text may be → what the format says, longest first.
_SHAPES = (
    (r"\d{4}(?P<a>[-/.])\d{1,2}(?P=a)\d{1,2}", ("%Y{a}%m{a}%d",)),
    (r"\d{1,2}(?P<a>[-/.])\d{1,2}(?P=a)\d{4}", ("%d{a}%m{a}%Y", "%m{a}%d{a}%Y")),
    (r"\d{1,2}(?P<a>[-/.])\d{1,2}(?P=a)\d{2}(?!\d)", ("%d{a}%m{a}%y", "%m{a}%d{a}%y")),
    (r"\d{1,2} [A-Z][a-z]{2} \d{4}", ("%d %b %Y",)),
    (r"[A-Z][a-z]{2} \d{1,2}, \d{4}", ("%b %d, %Y",)),
    (r"[A-Z][a-z]{3,} \d{1,2}, \d{4}", ("%B %d, %Y",)),
    (r"\d{1,2}:\d{2}:\d{2}\.\d+", ("%H:%M:%S.%f",)),
    (r"\d{1,2}:\d{2}:\d{2} ?[AP]M", ("%I:%M:%S %p",)),
    (r"\d{1,2}:\d{2}:\d{2}", ("%H:%M:%S",)),
    (r"\d{1,2}:\d{2} [AP]M", ("%I:%M %p",)),
    (r"\d{1,2}:\d{2}", ("%H:%M",)),
    (r"[+-]\d{2}:?\d{2}", ("%z",)),
)


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    if fault.exception != "ValueError":
        return
    remains, other = _REMAINS.match(fault.message), _OTHER.match(fault.message)
    if not remains and not other:
        return
    every = mendable(context)
    for site in every[:2]:
        for call in site.nodes("call"):
            if callee(call) != "strptime" or len(arguments_of(call)) != 2:
                continue
            place = arguments_of(call)[1]
            found = [(site, place), *((where, value) for where, value, _ in origins(every, site, place))]
            for where, value in found:
                text = where.code(value)
                marks = _QUOTES.match(text)
                if value.type != "string" or marks is None:
                    continue
                begin, inner, end = marks["begin"], marks["inner"] if remains else "", marks["end"]
                found_formats = formats(remains["rest"] if remains else other["text"] if other else "")
                for rank, wanted in enumerate(found_formats):
                    new = f"{begin}{inner}{wanted}{end}"
                    # Where the day may stand before the month or behind it, nothing tells which is meant.
                    prior = 0.93 if len(found_formats) == 1 else 0.74
                    yield where.put(f"Read the time with {new}", value, new, prior - 0.1 * rank)


def formats(text: str) -> list[str]:
    """The formats that a text of dates and times may have, most usual first; none if a part is neither."""
    whole = text
    found: list[str] = [""]
    if not any(char.isdigit() for char in text):
        return []
    while text:
        for shape, ways in _SHAPES:
            if match := re.match(shape, text):
                sign = str(match.groupdict().get("a") or "")
                found = [each + way.replace("{a}", sign) for each in found for way in ways]
                text = text[match.end() :]
                break
        else:
            if text[0].isdigit():
                return []
            found = [each + text[0].replace("%", "%%") for each in found]
            text = text[1:]
    return [each for each in found if _reads(each, whole)][:4]


def _reads(form: str, text: str) -> bool:
    try:
        datetime.strptime(text, form)
    except (ValueError, re.error):  # a part that is there twice
        return False
    return True


REPAIR = Repair("time-format", "Give strptime the format that the text has", propose)
