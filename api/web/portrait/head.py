"""The head of a portrait: ears, marks of the fur, and the face."""

from __future__ import annotations

from api.domain.cat_fields import Coat
from api.domain.cats import AgeGroup
from api.web.portrait.body import outline_fur, stripes_of
from api.web.portrait.shapes import BUILDS, EAR, EAR_INSIDE, EAR_TUFTS, SHAPES
from api.web.portrait.svg import element, group, line, path, place
from api.web.portrait.words import Look

FOREHEAD = "M-18-48l6 20M18-48l-6 20M0-52v22"
CHEEKS = "M-58 0l20 3M58 0l-20 3M-54 15l17-2M54 15l-17-2"
CAP_LEFT = "M-64-60H-7Q-5-34-17-22-30-6-64-8Z"
CAP_RIGHT = "M64-60H9Q7-38 21-26 36-10 64-14Z"
PATCHES = "M2-60Q40-58 62-30 60-6 40-8 20-6 14-26 10-40 2-40ZM-62 6q18-2 26 10 2 18-12 30Z"
ALL = "M-90-70H90V70H-90Z"
WHITE_MUZZLE = "M0 2Q14 4 26 16 26 52 0 54-26 52-26 16-14 4 0 2Z"
WHITE_BLAZE = "M0-36Q9-8 30 12 30 52 0 56-30 52-30 12-9-8 0-36Z"
MASK = "M0-26Q30-26 42-4 52 22 36 40 20 54 0 54-20 54-36 40-52 22-42-4-30-26 0-26Z"
MASK_INSIDE = "M0-20Q14-20 26-4 36 10 31 26 22 48 0 49-22 48-31 26-36 10-26-4-14-20 0-20Z"
MASK_PATCH = "M10 24Q10 8 28 11 36 22 25 34 11 38 10 24ZM-12-24Q-2-24-4-10-14-10-12-24Z"
GRIZZLE = "M0 8Q18 8 27 22 24 46 0 48-24 46-27 22-18 8 0 8Z"
BROWS = "M-29-17q5-5 12-3M29-17q-5-5-12-3"
WRINKLES = "M-16-36q16-6 32 0M-12-29q12-5 24 0M-38 18q8 4 10 12M38 18q-8 4-10 12"
NOSE = "M-7 14Q0 11 7 14 5 21 0 22-5 21-7 14Z"
WHISKERS = "M-30 21l-34-6M-30 27l-34 4M30 21l34-6M30 27l34 4"
BENT_WHISKERS = "M-30 21l-18 0-14-9M-30 27l-18 4-13-4M30 21l18 0 14-9M30 27l18 4 13-4"
INK = "#2c2523"


def draw_head(look: Look, coat: Coat, age: AgeGroup, irises: tuple[str, str], tilt: int, clip: str) -> str:
    """Return the head in its place.

    Args:
        look: the fur.
        coat: the coat.
        age: the age group.
        irises: the colours of the eyes.
        tilt: the rotation of the head in degrees.
        clip: the URL of the clip path of the head.
    """
    shape, build = SHAPES[coat], BUILDS[age]
    outline = outline_fur(look).dark
    y = 262 - 118 * build.body - 26 * build.head + (6 if age == "baby" else 0)
    return group(
        *(_ear(look, coat, age, side, outline) for side in (1, -1)),
        path(shape.head, look.base.base),
        group(*_marks(look, age), clip_path=clip),
        path(shape.head, stroke=outline, stroke_width=3, stroke_linejoin="round"),
        line(WRINKLES, look.base.detail, 2, opacity=0.55) if coat == "hairless" else "",
        _face(look, coat, age, irises),
        transform=place(120, y, build.head, angle=tilt),
    )


def _ear(look: Look, coat: Coat, age: AgeGroup, side: int, outline: str) -> str:
    """Return an ear; the side is 1 for the left one and -1 for the right one."""
    build, fur = BUILDS[age], look.points or look.base
    if look.patches and side < 0 and not look.points:
        fur = look.patches
    scale = build.ears * SHAPES[coat].ear_scale
    x = 26 if coat == "hairless" else 32
    return group(
        path(EAR, fur.base, stroke=outline if not look.points else fur.dark, stroke_width=3, stroke_linejoin="round"),
        path(EAR_INSIDE, "#e9b2a8" if not fur.is_dark else "#c98f8b"),
        line(EAR_TUFTS, look.base.light, 2.5) if coat in ("medium", "long") else "",
        transform=place(-x * side, -30, scale, mirrored=side < 0, angle=-build.ear_angle),
    )


def _marks(look: Look, age: AgeGroup) -> list[str]:
    """Return the marks inside the outline of the head."""
    marks = [line(FOREHEAD, look.stripe, 5)] if look.stripes else []
    if stripes_of(look):
        marks += [line(CHEEKS, look.stripe, 4)]
    if look.points:
        marks += [path(MASK, look.points.base, opacity=0.35), path(MASK_INSIDE, look.points.base, opacity=0.75)]
        marks += [path(MASK_PATCH, look.patches.base)] if look.patches else []
    elif look.patches:
        marks += [path(CAP_RIGHT if look.white == "most" else PATCHES, look.patches.base)]
    if look.white == "none" and not look.points and (look.stripes or look.smoke):
        marks += [path(WHITE_MUZZLE, look.base.light, opacity=0.8)]
    white = {"none": "", "some": WHITE_MUZZLE, "half": WHITE_BLAZE, "most": ALL + CAP_LEFT + CAP_RIGHT}[look.white]
    if white:
        marks += [path(white, look.second.base, fill_rule="evenodd")]
    if age == "senior":
        marks += [path(GRIZZLE, "#fff", opacity=0.4)]
    return marks


def _face(look: Look, coat: Coat, age: AgeGroup, irises: tuple[str, str]) -> str:
    cheek = look.second if look.white == "most" else look.base
    ink = "#f4ece4" if look.muzzle.is_dark and age != "senior" else "#4a3b36"
    mouth = "M0 22v4q-3 9-13 5M0 26q3 9 13 5" if age == "senior" else "M0 22v4q-2 8-11 6M0 26q2 8 11 6"
    nose = "#e39492" if not look.points else "#b98580"
    return "".join(
        (
            *(_eye(x, iris, age) for x, iris in zip((-23, 23), irises, strict=True)),
            _blush() if age == "baby" else line(BROWS, "#fff", 2, opacity=0.7) if age == "senior" else "",
            path(NOSE, nose),
            line(mouth, ink, 2.2),
            line(
                BENT_WHISKERS if coat in ("wire", "curly") else WHISKERS,
                "#fff" if cheek.is_dark else "#5b5148",
                1.4,
                opacity=0.65,
            ),
        )
    )


def _eye(x: int, iris: str, age: AgeGroup) -> str:
    r = BUILDS[age].eye
    if age == "senior":  # a calm look: the lid covers the top of the eye
        eye = path(f"M{x - 11} 1Q{x}-15 {x + 11} 1 {x + 7} 10 {x} 10 {x - 7} 10 {x - 11} 1Z", iris)
        lid = line(f"M{x - 12} 2Q{x}-15 {x + 12} 2", INK, 3)
        return eye + element("ellipse", cx=x, cy=2, rx=5, ry=7, fill=INK) + lid + _light(x + 3, -1, 2.4)
    return "".join(
        (
            element("ellipse", cx=x, cy=-1, rx=r - 0.5, ry=r, fill=iris, stroke=INK, stroke_width=2),
            element("ellipse", cx=x, cy=-1, rx=r * 0.55, ry=r * 0.78, fill=INK),
            _light(x + 3, -5, r * 0.25),
            _light(x - 3, 4, r * 0.11),
        )
    )


def _light(x: int, y: int, r: float) -> str:
    return element("circle", cx=x, cy=y, r=r, fill="#fff")


def _blush() -> str:
    return "".join(element("ellipse", cx=x, cy=17, rx=8, ry=5, fill="#f08c8c", opacity=0.3) for x in (-37, 37))
