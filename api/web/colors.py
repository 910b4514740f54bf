"""Colours: contrast, and shades that are easy to read. Pure functions.

A colour is six hexadecimal digits after ``#``. The contrast is that of WCAG 2.2
(https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio).
"""

from __future__ import annotations

from collections.abc import Iterable

BLACK, WHITE = "#000000", "#ffffff"
MINIMUM = 4.5
"""The least contrast of a text (WCAG 2.2, level AA, criterion 1.4.3)."""
STEPS = 50
HOVER_STEPS = 10


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, from 1 to 21."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def accent_shades(color: str, grounds: Iterable[str], *, dark: bool) -> tuple[str, str]:
    """Return the shade of a colour that is readable on some backgrounds, and a stronger one.

    The colour is mixed with black for a light scheme, or with white for a dark one, until it has enough contrast. The
    hue stays. A colour that is readable as it is does not change.

    Args:
        color: the colour.
        grounds: the backgrounds, which are all light or all dark.
        dark: whether they are dark.
    """
    end, backgrounds = WHITE if dark else BLACK, list(grounds)
    step = next(
        step
        for step in range(STEPS + 1)
        if all(contrast(_mix(color, end, step), ground) >= MINIMUM for ground in backgrounds)
    )
    return _mix(color, end, step), _mix(color, end, min(step + HOVER_STEPS, STEPS))


def _mix(color: str, other: str, step: int) -> str:
    parts = zip(_channels(color), _channels(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * step / STEPS):02x}" for a, b in parts)


def _channels(color: str) -> list[int]:
    return [int(color[at : at + 2], 16) for at in (1, 3, 5)]


def _luminance(color: str) -> float:
    red, green, blue = (
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
        for value in (channel / 255 for channel in _channels(color))
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
