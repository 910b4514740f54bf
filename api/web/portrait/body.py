"""The body of a portrait: tail, marks of the fur, collar, legs and paws."""

from __future__ import annotations

from api.web.portrait.shapes import LEGS, PAWS, RUFF, TAIL, TOES, Build, Shape
from api.web.portrait.svg import group, line, path, place
from api.web.portrait.words import Fur, Look, Stripes

STRIPES: dict[Stripes, tuple[str, float]] = {
    # lines and their width
    "mackerel": (
        "M-60-78l24 6M-62-58l24 5M-66-38l24 4M-66-18l22 2M60-78l-24 6M62-58l-24 5M66-38l-24 4M66-18l-22 2",
        6,
    ),
    "classic": (
        "M-54-70q28-8 24 14t-20 10q-10-6-2-12M54-70q-28-8-24 14t20 10q10-6 2-12M-62-22q20-4 30 8M62-22q-20-4-30 8",
        7,
    ),
    "spotted": (
        "M-40-76l4 1M-46-54l4 1M-32-60l4 1M-50-32l4 1M-36-38l4 1M-44-14l4 1M-24-90l4 1M40-76l-4 1M46-54l-4 1"
        "M32-60l-4 1M50-32l-4 1M36-38l-4 1M44-14l-4 1M24-90l-4 1",
        9,
    ),
    "ticked": (
        "M-40-80l3-6M-46-56l3-6M-48-32l3-6M-34-66l3-6M-38-44l3-6M-40-16l3-6M-28-92l3-6M-20-72l3-6M-22-52l3-6M40-80l-3-6M"
        "46-56l-3-6M48-32l-3-6M34-66l-3-6M38-44l-3-6M40-16l-3-6M28-92l-3-6M20-72l-3-6M22-52l-3-6M-2-62l2-6",
        2.5,
    ),
}
PATCHES = (
    "M-64-92q28 4 22 28t-26 14ZM66-54q-30-4-30 18t30 26ZM-20-22q10-10 20 2t-6 22h-20ZM6-84q16-8 20 6t-12 12q-12-6-8-18Z"
)
PATCHES_IN_WHITE = "M64-92q-34 4-30 26t36 18ZM-70-24q26-6 30 10t-8 18h-30Z"
WHITE_BIB = "M-24-124Q-22-80-13-64 0-53 13-64 22-80 24-124Z"
WHITE_CHEST = "M-26-124Q-26-60-20-36-14-6-30 6H30Q14-6 20-36 26-60 26-124Z"
ALL = "M-90-130H90V10H-90Z"
COLORED = "M-66-92q36 6 31 34t-36 18ZM64-92q-34 4-30 26t36 18ZM68-20q-28-2-28-22t20-38ZM-70-24q26-6 30 10t-8 18h-30Z"
"""What is not white on a cat that is mostly white."""
SOCKS = "M-80-14Q-50-16-36-24-18-38 0-20 18-38 36-24 50-16 80-14V6H-80Z"
BELLY = "M0-112Q30-80 22-40 12-22 0-22-12-22-22-40-30-80 0-112Z"


def draw_body(look: Look, shape: Shape, build: Build, side: int, clip: str) -> str:
    """Return the body in its place.

    Args:
        look: the fur.
        shape: the outlines of the coat.
        build: the proportions of the age.
        side: 1 if the tail is on the right, -1 if it is on the left.
        clip: the URL of the clip path of the body.
    """
    outline = outline_fur(look).dark
    return group(
        _tail(look, shape, outline),
        path(shape.body, look.base.base),
        group(*_marks(look), line(LEGS, leg_fur(look).detail, 2.5, opacity=0.6), clip_path=clip),
        line(shape.texture, look.base.detail, 2.5, opacity=0.55) if shape.texture else "",
        path(shape.body, stroke=outline, stroke_width=3, stroke_linejoin="round"),
        _ruff(look, outline) if shape.word == "long-haired" else "",
        path(PAWS, paw_fur(look).base, stroke=outline, stroke_width=2.5, stroke_linejoin="round"),
        line(TOES, paw_fur(look).detail, 2, opacity=0.6),
        transform=place(120, 262, build.body, mirrored=side < 0),
    )


def outline_fur(look: Look) -> Fur:
    """Return the fur whose dark shade is the outline."""
    return look.second if look.white == "most" else look.base


def leg_fur(look: Look) -> Fur:
    """Return the fur of the legs."""
    return look.second if look.white in ("half", "most") else look.base


def paw_fur(look: Look) -> Fur:
    """Return the fur of the paws."""
    return look.second if look.white != "none" else look.points or look.base


def _tail(look: Look, shape: Shape, outline: str) -> str:
    fur, width = look.points or look.base, shape.tail_width
    rings = stripes_of(look)
    return "".join(
        (
            line(TAIL, outline, width + 6),
            line(TAIL, fur.base, width),
            path(TAIL, stroke=rings, stroke_width=width, stroke_dasharray="7 13") if rings else "",
            path(TAIL, stroke=look.patches.base, stroke_width=width, stroke_dasharray="0 18 26 34")
            if look.patches
            else "",
            line(TAIL, look.second.base, width, stroke_dasharray="9 300") if look.white in ("some", "half") else "",
        )
    )


def stripes_of(look: Look) -> str:
    """Return the colour of the stripes, or nothing. A ticked cat has few."""
    return look.stripe if look.stripes and look.stripes != "ticked" else ""


def _marks(look: Look) -> list[str]:
    marks = [path(BELLY, look.base.light, opacity=0.7)] if look.smoke else []
    if look.points:
        marks += [path(SOCKS, look.points.base, opacity=0.4)]
    elif look.stripes:
        marks += [
            path(BELLY, look.base.light, opacity=0.35),
            line(STRIPES[look.stripes][0], look.stripe, STRIPES[look.stripes][1]),
        ]
    if look.patches and not look.points:
        marks += [path(PATCHES_IN_WHITE if look.white == "most" else PATCHES, look.patches.base)]
    white = {"none": "", "some": WHITE_BIB, "half": WHITE_CHEST, "most": ALL + COLORED}[look.white]
    return [*marks, path(white, look.second.base, fill_rule="evenodd")] if white else marks


def _ruff(look: Look, outline: str) -> str:
    """Return the collar. It is lighter than the body, except on a dark cat."""
    fur = look.base.base if look.base.is_dark and not look.smoke else look.base.light
    fur = look.second.base if look.white != "none" else fur
    stroke = look.base.light if look.base.is_dark else outline
    return path(RUFF, fur, stroke=stroke, stroke_width=2, stroke_linejoin="round")
