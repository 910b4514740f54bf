"""Draws lines over time from zero up, as an SVG that needs nothing else and is read on white and on black."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from pathlib import Path

STYLE = Path(__file__).with_name("picture.css")
WIDTH, HEIGHT = 720, 300
LEFT, RIGHT, TOP, BOTTOM = 56, WIDTH - 100, 52, HEIGHT - 40
"""Where the lines have their place."""
ROUND = (1, 2, 5, 10)
MOST_RULES = 5
COLOURS = 4
APART = 16
"""How far the names of two lines stand from each other, in pixels."""


def picture(title: str, unit: str, minutes: float, lines: Mapping[str, Sequence[float]]) -> str:
    """Return a picture.

    Args:
        title: what it shows.
        unit: that of the values.
        minutes: how long the time is, which all lines cover evenly.
        lines: values in their order, by the name that stands at the line's end.
    """
    highest = max(map(max, lines.values()))
    step = _step(highest)
    top = math.ceil(highest / step) * step
    told = "; ".join(f"{name}: {values[0]:.0f}, in the end {values[-1]:.0f}" for name, values in lines.items())
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" '
        f'height="{HEIGHT}" role="img" aria-labelledby="title told">',
        f'<title id="title">{escape(title)}</title>',
        f'<desc id="told">{escape(unit)} over {minutes:g} minutes. {escape(told)}.</desc>',
        f"<style>\n{STYLE.read_text(encoding='utf-8')}</style>",
        f'<rect class="paper" width="{WIDTH}" height="{HEIGHT}" rx="8"/>',
        _text("head", 16, 28, title),
        *_rules(step, top, unit),
        *(_text("middle", _x(share), BOTTOM + 24, f"{minutes * share:g} min") for share in (0, 0.5, 1)),
        *_lines(lines, top),
        "</svg>\n",
    ])  # fmt: skip


def _step(highest: float) -> float:
    """Return a round number of which a few make the highest value."""
    power = 10.0 ** math.floor(math.log10(highest / MOST_RULES))
    return next(step * power for step in ROUND if step * power * MOST_RULES >= highest)


def _rules(step: float, top: float, unit: str) -> Iterator[str]:
    """Yield the rules across, each with its value."""
    for number in range(round(top / step) + 1):
        y = _y(number * step / top)
        yield f'<line class="rule" x1="{LEFT}" y1="{y:.1f}" x2="{RIGHT}" y2="{y:.1f}"/>'
        yield _text("end", LEFT - 8, y + 4, f"{number * step:g} {unit}".strip() if number else "0")


def _lines(lines: Mapping[str, Sequence[float]], top: float) -> Iterator[str]:
    """Yield the lines and their names, which are kept from standing on one another."""
    for number, values in enumerate(lines.values()):
        corners = " ".join(f"{_x(n / (len(values) - 1)):.1f},{_y(value / top):.1f}" for n, value in enumerate(values))
        yield f'<polyline class="c{number % COLOURS}" points="{corners}"/>'
    above = -math.inf
    for end, name in sorted((_y(values[-1] / top), name) for name, values in lines.items()):
        above = max(end, above + APART)
        yield _text("", RIGHT + 8, above + 4, name)


def _x(share: float) -> float:
    return LEFT + (RIGHT - LEFT) * share


def _y(share: float) -> float:
    return BOTTOM - (BOTTOM - TOP) * share


def _text(kind: str, x: float, y: float, text: str) -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}">{escape(text)}</text>'
