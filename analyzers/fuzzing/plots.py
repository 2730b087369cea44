"""Small line charts as SVG, for evidence documents: branches over executions, seconds over input size.

Invariant: a chart is one self-contained SVG without scripts, fonts or addresses; its colours are readable on white and
on black, since an image in a document is not told which of the two the editor has. Those who cannot see images get
the same points from :func:`table`.
It draws points and a line through them; it fits nothing and smooths nothing.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Callable, Sequence
from html import escape

Points = Sequence[tuple[float, float]]

WIDTH, HEIGHT = 520, 240
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 16, 30, 44

#: Middle tones: at least 3.4 : 1 against white and against VS Code's and Neovim's dark backgrounds.
_INK, _LINE = "#7d8590", "#3f83e8"

#: From this ratio of the largest to the smallest count on, the axis is logarithmic.
_WIDE = 50


def line_chart(points: Points, *, title: str, x: str, y: str) -> str:
    """An SVG of ``points`` (sorted here by their first number). Raises ValueError for fewer than two."""
    rows = sorted((float(a), float(b)) for a, b in points)
    if len(rows) < 2:
        raise ValueError("a chart needs two points")
    across, x_ticks = _scale([a for a, _ in rows], _LEFT, WIDTH - _RIGHT, logarithmic=_is_wide([a for a, _ in rows]))
    up, y_ticks = _scale([0.0, *(b for _, b in rows)], HEIGHT - _BOTTOM, _TOP)
    path = " ".join(f"{across(a):.1f},{up(b):.1f}" for a, b in rows)
    dots = "".join(f'<circle cx="{across(a):.1f}" cy="{up(b):.1f}" r="2.5"/>' for a, b in rows)
    bottom = HEIGHT - _BOTTOM
    grid = "".join(
        f'<line x1="{_LEFT}" y1="{up(each):.1f}" x2="{WIDTH - _RIGHT}" y2="{up(each):.1f}"/>' for each in y_ticks
    )
    labels = "".join(
        f'<text x="{_LEFT - 8}" y="{up(each) + 4:.1f}" text-anchor="end">{number(each)}</text>' for each in y_ticks
    ) + "".join(
        f'<text x="{across(each):.1f}" y="{bottom + 17}" text-anchor="middle">{number(each)}</text>' for each in x_ticks
    )
    middle = (_LEFT + WIDTH - _RIGHT) / 2
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}"'
        f' role="img" aria-label="{escape(title, quote=True)}" font-family="sans-serif" font-size="12">'
        f"<title>{escape(title)}</title>"
        f'<g stroke="{_INK}" stroke-opacity="0.35">{grid}</g>'
        f'<path d="M{_LEFT},{_TOP}V{bottom}H{WIDTH - _RIGHT}" fill="none" stroke="{_INK}"/>'
        f'<g fill="{_INK}">{labels}'
        f'<text x="{_LEFT}" y="{_TOP - 12}">{escape(y)}</text>'
        f'<text x="{middle:.1f}" y="{HEIGHT - 8}" text-anchor="middle">{escape(x)}</text></g>'
        f'<polyline points="{path}" fill="none" stroke="{_LINE}" stroke-width="2"/><g fill="{_LINE}">{dots}</g></svg>'
    )


def data_uri(svg: str) -> str:
    """The image as an address that Markdown can show."""
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode("ascii")


def table(points: Points, *, x: str, y: str, rows: int = 12) -> str:
    """The points as a Markdown table of at most ``rows`` rows; the first and the last are always there."""
    kept = sorted(points)
    if len(kept) > rows:
        places = dict.fromkeys(round(each * (len(kept) - 1) / (rows - 1)) for each in range(rows))
        kept = [kept[each] for each in places]
    lines = [f"| {x} | {y} |", "|---:|---:|", *(f"| {number(a)} | {number(b)} |" for a, b in kept)]
    return "\n".join(lines)


def number(value: float) -> str:
    """``12,400``, ``0.25``, ``1.2e-06``."""
    if value == int(value) and abs(value) < 1e15:
        return f"{int(value):,}"
    return f"{value:.3g}"


def _is_wide(values: Sequence[float]) -> bool:
    return min(values) >= 0 and max(values) / max(min(values), 1.0) >= _WIDE


def _scale(
    values: Sequence[float], start: float, end: float, *, logarithmic: bool = False
) -> tuple[Callable[[float], float], list[float]]:
    """A function from values to pixels, and the values that are labelled."""
    low, high = min(values), max(values)
    if logarithmic:
        low = max(low, 1.0)  # nothing at all is drawn where the first one is
        ticks = [10.0**each for each in range(math.ceil(math.log10(low)), math.floor(math.log10(high)) + 1)]
        span = math.log10(high) - math.log10(low)
        return lambda value: start + (math.log10(max(value, low)) - math.log10(low)) / span * (end - start), ticks
    if low == high:
        high = low + 1
    step = _step((high - low) / 4)
    first = math.floor(low / step)
    ticks = [round(each * step, 12) for each in range(first, math.ceil(high / step) + 1)]
    low, high = min(low, ticks[0]), max(high, ticks[-1])
    return lambda value: start + (value - low) / (high - low) * (end - start), ticks


def _step(rough: float) -> float:
    """The next 1, 2 or 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(rough))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough * 0.999999)
