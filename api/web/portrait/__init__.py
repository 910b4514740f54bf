"""The portrait of a cat: a small drawing as SVG, from its colours, pattern, coat and age.

The drawing is a pure function of these values and of the name. Nothing of them is copied into the drawing except the
name, which is the title. Without style elements and scripts, the strictest Content-Security-Policy allows it.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple

from api.domain.cat_fields import Coat
from api.domain.cats import AgeGroup, CatFields, age_group
from api.web.portrait.body import draw_body
from api.web.portrait.head import draw_head
from api.web.portrait.shapes import BUILDS, SHAPES
from api.web.portrait.svg import element, path, text
from api.web.portrait.words import COLORS, Look, read_look

MEDIA = "image/svg+xml"
MAX_TITLE = 64
"""The length at which a name is cut. It is that of the longest valid name."""
EYES = ("#8fbf5a", "#e0ac2b", "#67adb0", "#cf8a2c", "#a3bb4e")
BLUE = "#74b4de"
BACKGROUNDS = ("#f9dfc3", "#cfe5d9", "#d3dbf3", "#f5d5d9", "#eae0b9", "#dcd3ec")
TILTS = (-4, 0, 0, 3)


class Sitter(NamedTuple):
    """What a portrait depends on."""

    name: str
    primary: str | None = None
    secondary: str | None = None
    tertiary: str | None = None
    pattern: str | None = None
    coat: str | None = None
    age: str | None = None


def sitter_of(cat: CatFields, today: date) -> Sitter:
    """Return what the portrait of a cat depends on. The age group changes with time."""
    colors, age = cat.colors, age_group(cat.birth_date, today)
    return Sitter(cat.name, colors.primary, colors.secondary, colors.tertiary, cat.pattern, cat.coat, age)


def version_of(portrait: bytes) -> str:
    """Return the version of a portrait for its URL. It changes if the drawing changes."""
    return blake2b(portrait, digest_size=8).hexdigest()


@lru_cache(maxsize=256)
def draw(sitter: Sitter) -> bytes:
    """Return the portrait of a cat as an SVG document in UTF-8, smaller than 6,000 bytes.

    Unknown words for colours and patterns mean nothing. Another coat is drawn as short, another age as adult.
    """
    seed = blake2b(sitter.name.encode("utf-8", "replace"), digest_size=8).digest()
    look = read_look(sitter.primary, sitter.secondary, sitter.tertiary, sitter.pattern)
    coat = sitter.coat if sitter.coat in SHAPES else "short"
    age = sitter.age if sitter.age in BUILDS else "adult"
    shape, build = SHAPES[coat], BUILDS[age]
    prefix = f"cat-{seed.hex()[:8]}"  # several portraits may be in one page
    names = element("title", text(f"Portrait of {sitter.name[:MAX_TITLE]}"), id=f"{prefix}-t")
    names += element("desc", describe(look, coat, age), id=f"{prefix}-d")
    clips = "".join(
        element("clipPath", path(outline, "#000"), id=f"{prefix}-{part}")
        for part, outline in (("h", shape.head), ("b", shape.body))
    )
    drawing = element(
        "svg",
        names,
        element("defs", clips),
        _background(BACKGROUNDS[seed[0] % len(BACKGROUNDS)], build.body),
        draw_body(look, shape, build, 1 if seed[1] % 2 else -1, f"url(#{prefix}-b)"),
        draw_head(look, coat, age, _irises(look, age, seed), TILTS[seed[2] % len(TILTS)], f"url(#{prefix}-h)"),
        xmlns="http://www.w3.org/2000/svg",
        viewBox="-20 0 280 280",
        role="img",
        aria_labelledby=f"{prefix}-t {prefix}-d",
    )
    return drawing.encode()


def describe(look: Look, coat: Coat, age: AgeGroup) -> str:
    """Return the description of a drawing. It has words of ours only."""
    pattern = [
        *(["smoke"] if look.smoke else []),
        *([("calico" if look.white == "most" else "tortoiseshell")] if look.tortoiseshell else []),
        *([f"{look.stripes} tabby"] if look.stripes else []),
        *(["points"] if look.points else []),
    ]
    colors = " and ".join((", ".join(look.colors[:-1]), look.colors[-1])) if len(look.colors) > 1 else look.colors[0]
    return f"A drawing of a {SHAPES[coat].word} {BUILDS[age].word}: {' '.join([colors, *pattern])}."


def _background(color: str, body: float) -> str:
    """Return the background, with the shadow of a body of a size."""
    return "".join(
        (
            path("M-20 0h280v280h-280Z", color),
            element("circle", cx=120, cy=150, r=122, fill="#fff", opacity=0.35),
            element("ellipse", cx=120, cy=263, rx=88 * body, ry=8, opacity=0.13),
        )
    )


def _irises(look: Look, age: AgeGroup, seed: bytes) -> tuple[str, str]:
    """Return the colours of the eyes. Kittens and pointed cats have blue eyes, and some white cats one."""
    own = EYES[seed[3] % len(EYES)]
    if age == "baby" or look.points:
        return BLUE, BLUE
    if look.base == COLORS["white"]:
        return BLUE, own if seed[4] % 3 == 0 else BLUE
    return own, own
