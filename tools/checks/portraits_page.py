"""Write docs/portraits.svg, a contact sheet of the portraits: every pattern with every coat, the colours and the ages.

Usage: ``python -m tools.checks.portraits_page``
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from api.web.portrait import Sitter, draw
from api.web.portrait.shapes import BUILDS, SHAPES
from api.web.portrait.svg import element, text
from api.web.portrait.words import COLORS

PAGE = Path("docs/portraits.svg")
SIZE, GAP, LABEL = 110, 6, 24
"""The size of a portrait, the space between two, and the height of a label, in pixels."""
COLUMNS = len(SHAPES)
PATTERNS: dict[str, tuple[str | None, str | None, str | None]] = {
    # pattern: the primary, the secondary and the tertiary colour
    "solid": ("black", None, None),
    "smoke": ("blue", None, None),
    "mackerel tabby": ("orange", "cream", None),
    "classic tabby": ("brown", "black", None),
    "spotted tabby": ("silver", None, None),
    "ticked tabby": ("fawn", None, None),
    "tabby": ("brown", "white", None),
    "mitted": ("chocolate", "white", None),
    "tuxedo": ("black", "white", None),
    "van": ("white", "orange", None),
    "calico": ("white", "orange", "black"),
    "dilute calico": (None, None, None),
    "tortoiseshell": (None, None, None),
    "torbie": (None, None, None),
    "colourpoint": ("seal", "cream", None),
    "lynx point": ("blue", None, None),
}


NAMES = ("luna", "milo", "pip", "nori", "tom", "bo", "ada")
"""The names, which decide the backgrounds, the tails and the colours of the eyes. Few of them make a small file."""


class Cell(NamedTuple):
    """A portrait with its label."""

    label: str
    sitter: Sitter


def cells() -> Iterator[Cell]:
    """Yield the portraits, row by row."""
    for row, (pattern, (primary, secondary, tertiary)) in enumerate(PATTERNS.items()):
        for column, coat in enumerate(SHAPES):
            name = NAMES[(row + column) % len(NAMES)]
            yield Cell(pattern, Sitter(name, primary, secondary, tertiary, pattern, coat))
    for color in COLORS:
        yield Cell(color, Sitter(color, color))
    for age in BUILDS:
        yield Cell(age, Sitter(age, "brown", "white", pattern="tabby", coat="medium", age=age))


def render_page() -> str:
    """Return the sheet as an SVG document."""
    clips: dict[str, str] = {}
    drawn = "".join(_cell(number, cell, clips) for number, cell in enumerate(cells()))
    count = sum(1 for _ in cells())
    width, height = COLUMNS * (SIZE + GAP) + GAP, LABEL - (-count // COLUMNS) * (SIZE + GAP + LABEL) + GAP
    coats = "".join(_label(coat, _left(column), 0) for column, coat in enumerate(SHAPES))
    paths, drawn = _share("".join(clips.values()) + "\n" + drawn, '<path d="[^"]{24,}"', "p")
    clip_paths, drawn = drawn.split("\n", 1)
    shapes, drawn = _share(drawn, "<(?:path|use|ellipse|circle) [^>]{20,}(?=/>)", "s")
    runs, drawn = _share(drawn, '(?:<use href="#s[0-9]+"/>){2,}', "r")
    return element(
        "svg",
        element("title", "The portraits of cats: patterns and coats, colours, ages", id="sheet"),
        f"\n{element('defs', paths, shapes, runs, clip_paths)}\n",
        element("path", d=f"M0 0h{width}v{height}h-{width}Z", fill="#fff"),
        coats,
        f"{drawn}\n",
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {width} {height}",
        width=width,
        height=height,
        role="img",
        aria_labelledby="sheet",
        font_family="system-ui, sans-serif",
        font_size=11,
        text_anchor="middle",
    )


def _cell(number: int, cell: Cell, clips: dict[str, str]) -> str:
    """Return a portrait in its place. Add the clip paths of its coat, which all portraits with the coat share."""
    coat = cell.sitter.coat or "short"
    own = re.sub(r"cat-[0-9a-f]{8}", coat, draw(cell.sitter).decode())
    defs, drawing = own.removesuffix("</svg>").split("<defs>")[1].split("</defs>")
    clips[coat] = defs
    x, y = _left(number % COLUMNS), LABEL + GAP + number // COLUMNS * (SIZE + GAP + LABEL)
    nested = element("svg", drawing, x=x, y=y, width=SIZE, height=SIZE, viewBox="-20 0 280 280")
    return f"\n{nested}{_label(cell.label, x, y + SIZE)}"


def _left(column: int) -> int:
    return GAP + column * (SIZE + GAP)


def _label(label: str, x: int, y: int) -> str:
    return element("text", text(label), x=x + SIZE // 2, y=y + 16, fill="#333")


def _share(svg: str, pattern: str, prefix: str) -> tuple[str, str]:
    """Return definitions of what occurs more than once, and the document with references to them.

    Args:
        svg: the document.
        pattern: a regular expression for the beginning of an element, or for several elements.
        prefix: the first letter of the ids.
    """
    counts = Counter(re.findall(pattern, svg))
    ids = {found: f"{prefix}{number}" for number, found in enumerate(f for f, count in counts.items() if count > 1)}
    definitions = "".join(
        element("g", found, id=name) if found.endswith(">") else f'{found} id="{name}"/>' for found, name in ids.items()
    )

    def refer(match: re.Match[str]) -> str:
        found = match[0]
        if found not in ids:
            return found
        return element("use", href=f"#{ids[found]}") if found.endswith(">") else f'<use href="#{ids[found]}"'

    return definitions, re.sub(pattern, refer, svg)


if __name__ == "__main__":
    PAGE.write_text(render_page(), encoding="utf-8")
