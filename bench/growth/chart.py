"""Draws how the cost of each access pattern changes with the size of the café: a line each, one below the other.

All lines are drawn on one logarithmic scale of how many times a cost is what it was at first: as much more is as far
up in each of them. A line that stays level is a cost that does not grow, whatever it is; the numbers say what it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from math import log
from pathlib import Path

STYLE = Path(__file__).with_name("picture.css")

WIDTH, EDGE = 440, 16
"""A phone shows it nearly as large as it is drawn."""
LEFT, RIGHT = 224, WIDTH - 46
"""Where the points of the least and of the largest size stand."""
HEAD, ABOVE, BELOW, FOOT = 128, 25, 12, 8
"""Heights: of what stands above all lines; of what is free above and below each line; of what is left at the end."""
RISE = 24
"""Of what is e times as much, in pixels: 55 of what is ten times as much."""
LEVEL, STEEP = 1.10, 1.3
"""What is within the one is drawn as flat; beside a point that is higher by more than the other, numbers go below."""


@dataclass(frozen=True)
class Line:
    """How the cost of something changes."""

    name: str
    values: Sequence[float | None]
    """One for each size; None where there is none."""
    grows: bool

    @property
    def ups(self) -> list[float | None]:
        """How far above its beginning each point of the line stands, in pixels."""
        first = next(value for value in self.values if value is not None)
        return [None if value is None else RISE * log(value / first) for value in self.values]

    @property
    def points(self) -> list[tuple[int, float, bool]]:
        """The place of each point among the sizes, how far up it stands, and whether its number stands below it."""
        known = [(place, up) for place, up in enumerate(self.ups) if up is not None]
        beside = {place: [up for other, up in known if abs(other - place) == 1] for place, _ in known}
        return [(place, up, max(beside[place], default=up) - up > RISE * log(STEEP)) for place, up in known]

    @property
    def reach(self) -> tuple[float, float]:
        """How much room the line takes above its beginning and below it, in pixels."""
        return (
            ABOVE + max(up for _, up, _ in self.points),
            BELOW + max(10 * below - up for _, up, below in self.points),
        )


@dataclass(frozen=True)
class Picture:
    """Some lines over the same sizes."""

    title: str
    about: str
    """What the numbers are."""
    sizes: Sequence[int]
    lines: Sequence[Line]

    def svg(self) -> str:
        """Return it as a document of its own."""
        drawn, y = [*_key(EDGE, 76), *self._sizes(HEAD - 12)], float(HEAD)
        for line in self.lines:
            above, below = line.reach
            drawn += [*_rule(y), *self._drawn(line, y + above)]
            y += above + below
        height = round(y) + FOOT
        return "\n".join([
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" '
            f'height="{height}" role="img" aria-labelledby="title told">',
            f'<title id="title">{escape(self.title)}</title>',
            f'<desc id="told">{escape(self._told())}</desc>',
            f"<style>\n{STYLE.read_text(encoding='utf-8')}</style>",
            f'<rect class="paper" width="{WIDTH}" height="{height}" rx="8"/>',
            _text("head", EDGE, 30, self.title),
            _text("quiet", EDGE, 50, self.about),
            *drawn,
            "</svg>\n",
        ])  # fmt: skip

    def _told(self) -> str:
        """Return the same in words, for those who do not see it."""
        sizes = ", ".join(f"{size:,}" for size in self.sizes)
        told = (f"{line.name}: {', '.join(map(digits, line.values))}" for line in self.lines)
        return f"{self.about}. With {sizes} cats and to-dos. {'; '.join(told)}."

    def _sizes(self, y: float) -> Iterator[str]:
        """Yield the head of the columns."""
        yield _text("quiet", EDGE, y, "Cats, and as many to-dos")
        yield from (_text("quiet middle", x, y, f"{size:,}") for x, size in zip(self._xs(), self.sizes, strict=True))

    def _xs(self) -> list[float]:
        """Return where each size stands: ten times as many are one step further."""
        low, high = log(min(self.sizes)), log(max(self.sizes))
        return [LEFT + (RIGHT - LEFT) * (log(size) - low) / (high - low) for size in self.sizes]

    def _drawn(self, line: Line, y: float) -> Iterator[str]:
        """Yield a line that begins at y: its name, what would be flat, itself, and the number at each of its points."""
        kind, band = "grows" if line.grows else "flat", RISE * log(LEVEL)
        yield _text("name", EDGE, y + 4, line.name)
        left, width = LEFT - 22, RIGHT - LEFT + 44
        yield f'<rect class="level" x="{left}" y="{y - band:.1f}" width="{width}" height="{2 * band:.1f}"/>'
        xs = self._xs()
        corners = " ".join(f"{xs[place]:.1f},{y - up:.1f}" for place, up, _ in line.points)
        yield f'<polyline class="{kind}" points="{corners}"/>'
        for place, up, below in line.points:
            yield f'<circle class="{kind}" cx="{xs[place]:.1f}" cy="{y - up:.1f}" r="4"/>'
            yield _text("middle", xs[place], y - up + (19 if below else -10), digits(line.values[place]))
        yield from (_text("quiet middle", x, y - 10, "n/a") for x, up in zip(xs, line.ups, strict=True) if up is None)


def digits(value: float | None) -> str:
    """Return a number as people read it: what comes in halves, as capacity does, as it is."""
    if value is None:
        return "n/a"
    if value % 0.5 == 0:
        return f"{value:,g}"
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}" if value >= 10 else f"{value:.2g}"


def _key(x: float, y: float) -> Iterator[str]:
    """Yield what the colours mean."""
    for at, kind, told in ((x, "flat", "capacity is flat"), (x + 130, "grows", "grows with what is due")):
        yield f'<polyline class="{kind}" points="{at},{y - 4} {at + 20},{y - 4}"/>'
        yield _text("", at + 27, y, told)
    yield f'<rect class="level" x="{x + 308}" y="{y - 7}" width="20" height="6"/>'
    yield _text("", x + 335, y, "within 10 %")


def _rule(y: float) -> Iterator[str]:
    yield f'<line class="rule" x1="{EDGE}" y1="{y:.1f}" x2="{WIDTH - EDGE}" y2="{y:.1f}"/>'


def _text(kind: str, x: float, y: float, text: str) -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}">{escape(text)}</text>'
