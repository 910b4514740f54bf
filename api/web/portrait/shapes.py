"""The outlines of each coat, and the proportions of each age.

The origin of a head is its centre. The origin of a body is the middle of the ground. Units are those of the drawing,
which is 280 wide and 280 high.
"""

from __future__ import annotations

from typing import NamedTuple

from api.domain.cat_fields import Coat
from api.domain.cats import AgeGroup


class Shape(NamedTuple):
    """The outlines of a coat."""

    head: str
    body: str
    tail_width: float
    texture: str = ""
    """Lines on the body."""
    ear_scale: float = 1
    word: str = "short-haired"


class Build(NamedTuple):
    """The proportions of an age."""

    head: float
    body: float
    ears: float
    ear_angle: float
    """In degrees; more is further out."""
    eye: float
    """The radius of an eye."""
    word: str


_SHORT_BODY = "M-36-120Q-50-84-56-50-68 2-42 2L42 2Q68 2 56-50 50-84 36-120Z"
SHAPES: dict[Coat, Shape] = {
    "short": Shape(
        "M-44-34Q0-56 44-34 60-16 58 4 54 30 30 42 16 49 0 49-16 49-30 42-54 30-58 4-60-16-44-34Z", _SHORT_BODY, 16
    ),
    "medium": Shape(
        "M-44-34Q0-56 44-34 60-16 58 4l9 8-6 5 3 12-9-1Q34 50 0 50-34 50-55 28l-9 1 3-12-6-5 9-8Q-60-16-44-34Z",
        "M-36-120Q-52-86-56-56l-6 10 5 3-6 13 6 2-4 12 7 2Q-48 2-40 2L40 2Q48 2 54-14l7-2-4-12 6-2-6-13 5-3-6-10"
        "Q52-86 36-120Z",
        22,
        "M-16-78l6 10 4-7 6 12 6-12 4 7 6-10",
        word="medium-haired",
    ),
    "long": Shape(
        "M-44-34Q0-56 44-34 60-16 58 4l18 8-13 6 8 13-15 0Q34 50 0 50-34 50-56 31l-15 0 8-13-13-6 18-8Q-60-16-44-34Z",
        "M-38-120Q-58-88-60-56l-9 12 7 3-9 15 9 2-6 14 10 2Q-52 2-40 2L40 2Q52 2 58-8l10-2-6-14 9-2-9-15 7-3-9-12"
        "Q58-88 38-120Z",
        31,
        word="long-haired",
    ),
    "hairless": Shape(
        "M-38-36Q0-52 38-36 52-20 50-2 46 18 32 30 18 46 0 46-18 46-32 30-46 18-50-2-52-20-38-36Z",
        "M-30-118Q-40-70-46-40-58 2-40 2L40 2Q58 2 46-40 40-70 30-118Z",
        9,
        "M-28-84q28 12 56 0M-26-74q26 12 52 0M-40-38q8 4 12 12M40-38q-8 4-12 12",
        1.3,
        "hairless",
    ),
    "curly": Shape(
        "M-46-32q3-9 13-8 4-8 13-5 5-6 12-3 8-5 16 0 7-3 12 3 9-3 13 5 10-1 13 8 10 6 7 17 9 8 4 17 5 9-3 15 1 11-9 "
        "14-3 9-14 8Q18 50 0 50-18 50-31 39q-11 1-14-8-10-3-9-14-8-6-3-15-5-9 4-17-3-11 7-17Z",
        _SHORT_BODY,
        18,
        "M-44-70q5-7 10 0t10 0M-50-46q5-7 10 0t10 0M44-70q-5-7-10 0t-10 0M50-46q-5-7-10 0t-10 0M-10-74q5-7 10 0t10 0"
        "M-5-60q5-7 10 0M-52-20q5-7 10 0t10 0M52-20q-5-7-10 0t-10 0",
        1.12,
        "curly-haired",
    ),
    "wire": Shape(
        "M-44-34Q0-56 44-34 60-16 57 0l8 7-9 2 6 9-10 0 3 9-10-2Q30 48 0 48-30 48-45 25l-10 2 3-9-10 0 6-9-9-2 8-7"
        "Q-60-16-44-34Z",
        _SHORT_BODY,
        16,
        "M-46-72l8 8M-50-50l8 8M-54-28l9 7M46-72l-8 8M50-50l-8 8M54-28l-9 7M-8-72l3 9M10-72l-3 9M-1-58l2 9",
        word="wire-haired",
    ),
}
BUILDS: dict[AgeGroup, Build] = {
    "baby": Build(1.16, 0.74, 0.95, 9, 12.5, "kitten"),
    "young": Build(1.05, 0.9, 1.12, 3, 11.5, "young cat"),
    "adult": Build(1, 1, 1, 0, 11, "cat"),
    "senior": Build(1, 1.03, 1, 3, 10.5, "senior cat"),
}
TAIL = "M74-84Q88-72 90-44 92-6 46-10"
"""From its tip."""
RUFF = (
    "M-52-122q-16 20-6 36l8-4q-2 14 8 22l8-6q4 12 14 18l8-8q6 10 12 10 6 0 12-10l8 8q10-6 14-18l8 6q10-8 8-22l8 "
    "4q10-16-6-36Z"
)
"""The collar of long fur."""
EAR = "M-20 12L-18-40Q-12-52-4-37L20-12Z"
"""The left ear; its origin is the middle of its base."""
EAR_INSIDE = "M-14 2L-14-32Q-11-39-5-30L9-11Z"
EAR_TUFTS = "M-9 0l-3-18M-4-3l-1-15M2-7l1-10"
PAWS = "M-34 2q-2-18 17-18 15 0 15 18ZM34 2q2-18-17-18-15 0-15 18Z"
LEGS = "M-12-48v34M12-48v34M-57-32Q-40-42-34-12M57-32Q40-42 34-12"
TOES = "M-22-4v6M-13-4v6M22-4v6M13-4v6"
