"""Write SVG elements."""

from __future__ import annotations

import re
from html import escape

_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""The characters that XML 1.0 forbids, even as references."""


def text(value: str) -> str:
    """Return a text as the content of an element."""
    return escape(_FORBIDDEN.sub("", value), quote=False)


def element(name: str, *content: str, **attributes: str | float) -> str:
    """Return an element. ``stroke_width`` becomes ``stroke-width``. Attributes and content are not escaped."""
    written = "".join(f' {key.replace("_", "-")}="{_value(value)}"' for key, value in attributes.items())
    return f"<{name}{written}>{''.join(content)}</{name}>" if content else f"<{name}{written}/>"


def path(d: str, fill: str = "none", **attributes: str | float) -> str:
    """Return a filled path."""
    return element("path", d=d, fill=fill, **attributes)


def line(d: str, stroke: str, width: float, **attributes: str | float) -> str:
    """Return a path that is a line with round ends."""
    return element("path", d=d, fill="none", stroke=stroke, stroke_width=width, stroke_linecap="round", **attributes)


def group(*content: str, **attributes: str | float) -> str:
    """Return a group, or nothing if it is empty."""
    written = "".join(content)
    return element("g", written, **attributes) if written else ""


def place(x: float, y: float, scale: float = 1, *, mirrored: bool = False, angle: float = 0) -> str:
    """Return a transform: rotate around the origin by an angle in degrees, scale, perhaps mirror, and move."""
    scaling = f"scale({-scale:.4g} {scale:.4g})" if mirrored else f"scale({scale:.4g})" if scale != 1 else ""
    rotation = f"rotate({angle:g})" if angle else ""
    return f"translate({x:.4g} {y:.4g}){scaling}{rotation}"


def _value(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:.2f}".rstrip("0").rstrip(".")
