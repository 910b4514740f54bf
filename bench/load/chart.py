"""Draws lines over time as an SVG that needs nothing else and is read on white and on black."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape

WIDTH, HEIGHT = 760, 300
LEFT, RIGHT, TOP, BOTTOM = 56, 120, 34, 40
STEPS = (1, 2, 5)
TICKS = 5
"""How many lines there are across, at the most, beside that of zero."""
STYLE = """
  text { font: 13px system-ui, sans-serif; fill: #333 }
  .grid { stroke: #ddd } .line { fill: none; stroke-width: 2; stroke-linejoin: round }
  .c0 { stroke: #0060c0 } .c1 { stroke: #b34700 } .c2 { stroke: #7a3db8 } .c3 { stroke: #007a52 }
  @media (prefers-color-scheme: dark) {
    text { fill: #ddd } .grid { stroke: #444 }
    .c0 { stroke: #6cb6ff } .c1 { stroke: #ffa657 } .c2 { stroke: #d2a8ff } .c3 { stroke: #56d3a0 }
  }
"""
COLOURS = 4


def chart(title: str, unit: str, minutes: float, lines: Mapping[str, Sequence[float]]) -> str:
    """Return a chart of lines from zero up.

    Args:
        title: what it shows.
        unit: that of the values.
        minutes: how long the time is that all lines cover, each evenly.
        lines: values in their order, by the name that stands at the line's end.
    """
    step = _step(max(map(max, lines.values())))
    ticks = range(math.ceil(max(map(max, lines.values())) / step) + 1)
    top = ticks[-1] * step

    def y(value: float) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * value / top

    def x(share: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * share

    parts = [f'<text x="{LEFT}" y="20">{escape(title)}, {escape(unit)}</text>']
    for tick in ticks:
        height = y(tick * step)
        parts.append(f'<path class="grid" d="M{LEFT} {height:.1f}H{WIDTH - RIGHT}"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{height + 4:.1f}" text-anchor="end">{tick * step:g}</text>')
    for minute, share in ((0.0, 0.0), (minutes / 2, 0.5), (minutes, 1.0)):
        parts.append(f'<text x="{x(share):.1f}" y="{HEIGHT - 14}" text-anchor="middle">{minute:g} min</text>')
    ends = _apart([y(values[-1]) for values in lines.values()])
    for number, ((name, values), end) in enumerate(zip(lines.items(), ends, strict=True)):
        way = " ".join(f"{x(n / (len(values) - 1)):.1f},{y(value):.1f}" for n, value in enumerate(values))
        parts.append(f'<polyline class="line c{number % COLOURS}" points="{way}"/>')
        parts.append(f'<text x="{WIDTH - RIGHT + 8}" y="{end + 4:.1f}">{escape(name)}</text>')
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">'
    return "\n".join([head, f"<title>{escape(title)}</title>", f"<style>{STYLE}</style>", *parts, "</svg>", ""])


def _step(highest: float) -> float:
    """Return a round number that at most so many times makes the highest value."""
    power = 10.0 ** math.floor(math.log10(highest / TICKS))
    return next(step * power for step in (*STEPS, 10) if step * power * TICKS >= highest)


def _apart(heights: Sequence[float], gap: float = 16) -> list[float]:
    """Move names that would stand on one another apart, downwards."""
    moved = list(heights)
    lowest = -math.inf
    for number in sorted(range(len(moved)), key=moved.__getitem__):
        moved[number] = lowest = max(moved[number], lowest + gap)
    return moved
