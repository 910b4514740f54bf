"""Draw an SVG chart of the cost of each access pattern at each size, one line below the other.

All lines have the same logarithmic scale, relative to the cost at the smallest size. A flat line is a cost that does
not grow. The numbers at the points are the costs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from math import log
from pathlib import Path

STYLE = Path(__file__).with_name("chart.css")

WIDTH, MARGIN = 440, 16
"""The width suits a phone."""
LEFT, RIGHT = 224, WIDTH - 46
"""The x coordinates of the smallest and the largest size."""
HEAD, ABOVE, BELOW, FOOT = 128, 25, 12, 8
"""Heights: of the head, of the space above and below each line, and of the foot."""
SCALE = 24
"""The pixels for an increase by the factor e. The factor 10 has 55 pixels."""
FLAT_FACTOR, STEEP_FACTOR = 1.10, 1.3
"""The factor of the flat band. The label is below a point that has a neighbour higher by the second factor."""


@dataclass(frozen=True)
class Series:
    """The values of one line of the chart."""

    name: str
    values: Sequence[float | None]
    """One value for each size, None if there is no value."""
    grows: bool

    @property
    def heights(self) -> list[float | None]:
        """The height of each point above the first one, in pixels."""
        first = next(value for value in self.values if value is not None)
        return [None if value is None else SCALE * log(value / first) for value in self.values]

    @property
    def points(self) -> list[tuple[int, float, bool]]:
        """The index, the height, and whether the label is below, of each point."""
        known = [(index, height) for index, height in enumerate(self.heights) if height is not None]
        neighbours = {index: [height for other, height in known if abs(other - index) == 1] for index, _ in known}
        return [
            (index, height, max(neighbours[index], default=height) - height > SCALE * log(STEEP_FACTOR))
            for index, height in known
        ]

    @property
    def extent(self) -> tuple[float, float]:
        """The space that the line needs above and below its first point, in pixels."""
        return (
            ABOVE + max(height for _, height, _ in self.points),
            BELOW + max(10 * below - height for _, height, below in self.points),
        )


@dataclass(frozen=True)
class Chart:
    """A chart with several series over the same sizes."""

    title: str
    unit: str
    """The meaning of the values."""
    sizes: Sequence[int]
    series: Sequence[Series]

    def svg(self) -> str:
        """Return the chart as an SVG document."""
        elements, y = [*_legend(MARGIN, 76), *self._column_heads(HEAD - 12)], float(HEAD)
        for series in self.series:
            above, below = series.extent
            elements += [*_separator(y), *self._line(series, y + above)]
            y += above + below
        height = round(y) + FOOT
        return "\n".join([
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" '
            f'height="{height}" role="img" aria-labelledby="title description">',
            f'<title id="title">{escape(self.title)}</title>',
            f'<desc id="description">{escape(self._description())}</desc>',
            f"<style>\n{STYLE.read_text(encoding='utf-8')}</style>",
            f'<rect class="paper" width="{WIDTH}" height="{height}" rx="8"/>',
            _text("head", MARGIN, 30, self.title),
            _text("quiet", MARGIN, 50, self.unit),
            *elements,
            "</svg>\n",
        ])  # fmt: skip

    def _description(self) -> str:
        """Return the values as text, for screen readers."""
        sizes = ", ".join(f"{size:,}" for size in self.sizes)
        values = (f"{series.name}: {', '.join(map(format_number, series.values))}" for series in self.series)
        return f"{self.unit}. With {sizes} cats and to-dos. {'; '.join(values)}."

    def _column_heads(self, y: float) -> Iterator[str]:
        """Yield the heads of the columns."""
        yield _text("quiet", MARGIN, y, "Cats, and as many to-dos")
        yield from (_text("quiet middle", x, y, f"{size:,}") for x, size in zip(self._xs(), self.sizes, strict=True))

    def _xs(self) -> list[float]:
        """Return the x coordinate of each size, on a logarithmic scale."""
        low, high = log(min(self.sizes)), log(max(self.sizes))
        return [LEFT + (RIGHT - LEFT) * (log(size) - low) / (high - low) for size in self.sizes]

    def _line(self, series: Series, y: float) -> Iterator[str]:
        """Yield the elements of a line that starts at y: name, flat band, line, points and labels."""
        css_class, band = "grows" if series.grows else "flat", SCALE * log(FLAT_FACTOR)
        yield _text("name", MARGIN, y + 4, series.name)
        left, width = LEFT - 22, RIGHT - LEFT + 44
        yield f'<rect class="level" x="{left}" y="{y - band:.1f}" width="{width}" height="{2 * band:.1f}"/>'
        xs = self._xs()
        corners = " ".join(f"{xs[index]:.1f},{y - height:.1f}" for index, height, _ in series.points)
        yield f'<polyline class="{css_class}" points="{corners}"/>'
        for index, height, below in series.points:
            yield f'<circle class="{css_class}" cx="{xs[index]:.1f}" cy="{y - height:.1f}" r="4"/>'
            yield _text("middle", xs[index], y - height + (19 if below else -10), format_number(series.values[index]))
        heights = zip(xs, series.heights, strict=True)
        yield from (_text("quiet middle", x, y - 10, "n/a") for x, height in heights if height is None)


def format_number(value: float | None) -> str:
    """Return a number with two or three digits. Multiples of 0.5, such as capacity units, are exact."""
    if value is None:
        return "n/a"
    if value % 0.5 == 0:
        return f"{value:,g}"
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}" if value >= 10 else f"{value:.2g}"


def _legend(x: float, y: float) -> Iterator[str]:
    """Yield the legend of the colours."""
    for left, css_class, text in ((x, "flat", "capacity is flat"), (x + 130, "grows", "grows with what is due")):
        yield f'<polyline class="{css_class}" points="{left},{y - 4} {left + 20},{y - 4}"/>'
        yield _text("", left + 27, y, text)
    yield f'<rect class="level" x="{x + 308}" y="{y - 7}" width="20" height="6"/>'
    yield _text("", x + 335, y, "within 10 %")


def _separator(y: float) -> Iterator[str]:
    yield f'<line class="rule" x1="{MARGIN}" y1="{y:.1f}" x2="{WIDTH - MARGIN}" y2="{y:.1f}"/>'


def _text(css_class: str, x: float, y: float, text: str) -> str:
    return f'<text class="{css_class}" x="{x:.1f}" y="{y:.1f}">{escape(text)}</text>'
