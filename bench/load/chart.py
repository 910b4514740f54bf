"""Draw a line chart over time as an SVG, for light and dark backgrounds."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from pathlib import Path

STYLE = Path(__file__).with_name("chart.css")
WIDTH, HEIGHT = 720, 300
LEFT, RIGHT, TOP, BOTTOM = 56, WIDTH - 100, 52, HEIGHT - 40
"""The edges of the plot area."""
ROUND = (1, 2, 5, 10)
MAX_GRID_LINES = 5
COLOURS = 4
LABEL_DISTANCE = 16
"""The minimum distance between two labels, in pixels."""


def draw_chart(title: str, unit: str, minutes: float, series: Mapping[str, Sequence[float]]) -> str:
    """Return the chart.

    Args:
        title: the title.
        unit: the unit of the values.
        minutes: the duration that all series cover evenly.
        series: the values by name. The name is the label at the end of the line.
    """
    highest = max(map(max, series.values()))
    step = _grid_step(highest)
    top = math.ceil(highest / step) * step
    summary = "; ".join(f"{name}: {values[0]:.0f}, at the end {values[-1]:.0f}" for name, values in series.items())
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" '
        f'height="{HEIGHT}" role="img" aria-labelledby="title description">',
        f'<title id="title">{escape(title)}</title>',
        f'<desc id="description">{escape(unit)} over {minutes:g} minutes. {escape(summary)}.</desc>',
        f"<style>\n{STYLE.read_text(encoding='utf-8')}</style>",
        f'<rect class="paper" width="{WIDTH}" height="{HEIGHT}" rx="8"/>',
        _text("head", 16, 28, title),
        *_grid(step, top, unit),
        *(_text("middle", _x(share), BOTTOM + 24, f"{minutes * share:g} min") for share in (0, 0.5, 1)),
        *_lines(series, top),
        "</svg>\n",
    ])  # fmt: skip


def _grid_step(highest: float) -> float:
    """Return a round distance of the grid lines."""
    power = 10.0 ** math.floor(math.log10(highest / MAX_GRID_LINES))
    return next(step * power for step in ROUND if step * power * MAX_GRID_LINES >= highest)


def _grid(step: float, top: float, unit: str) -> Iterator[str]:
    """Yield the horizontal grid lines and their labels."""
    for number in range(round(top / step) + 1):
        y = _y(number * step / top)
        yield f'<line class="rule" x1="{LEFT}" y1="{y:.1f}" x2="{RIGHT}" y2="{y:.1f}"/>'
        yield _text("end", LEFT - 8, y + 4, f"{number * step:g} {unit}".strip() if number else "0")


def _lines(series: Mapping[str, Sequence[float]], top: float) -> Iterator[str]:
    """Yield the lines and their labels, which do not overlap."""
    for number, values in enumerate(series.values()):
        corners = " ".join(f"{_x(n / (len(values) - 1)):.1f},{_y(value / top):.1f}" for n, value in enumerate(values))
        yield f'<polyline class="c{number % COLOURS}" points="{corners}"/>'
    previous = -math.inf
    for y, name in sorted((_y(values[-1] / top), name) for name, values in series.items()):
        previous = max(y, previous + LABEL_DISTANCE)
        yield _text("", RIGHT + 8, previous + 4, name)


def _x(share: float) -> float:
    return LEFT + (RIGHT - LEFT) * share


def _y(share: float) -> float:
    return BOTTOM - (BOTTOM - TOP) * share


def _text(css_class: str, x: float, y: float, text: str) -> str:
    return f'<text class="{css_class}" x="{x:.1f}" y="{y:.1f}">{escape(text)}</text>'
