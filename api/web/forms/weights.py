"""The fields of a weight, and the question about a weight that may be a slip."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from api.domain.weights import Weight
from api.web import words
from api.web.forms.fields import Field, Section

GROWN = timedelta(days=365)
"""The age from which a cat does not grow any more."""
FIRST_OF_GROWN = range(1000, 15_000)
"""The first weight of a grown cat, in grams, that needs no question."""
MOST_LOST, MOST_GAINED, MOST_GROWN = 0.5, 1.5, 4.0
"""The least part of the last weight, and the most, of a grown cat and of a kitten, that need no question."""
CHECK = "Check it, or tick the box below."
CONFIRMED = Field(name="confirmed", label="Record it anyway", kind="checkbox", is_question=True)

WEIGHT_SECTIONS = (
    Section(
        "",
        (
            Field(
                name="grams",
                label="Weight",
                kind="grams",
                required=True,
                help="In grams, such as 4210. Or with the unit: 4.21 kg.",
                attributes={"autocomplete": "off", "enterkeyhint": "done"},
            ),
            CONFIRMED,
            Field(name="weighedAt", label="Weighed at", kind="datetime", help="Leave it empty for now."),
            Field(name="note", label="Note", attributes={"maxlength": 4000, "autocomplete": "off"}),
        ),
    ),
)


def question(grams: int, at: datetime, born: date | None, weighings: Sequence[Weight]) -> str | None:
    """Return what to ask before a weight is recorded, because it is far from the last one; None if it is plausible.

    Args:
        grams: the new weight.
        at: when the cat was weighed.
        born: the birth date; a cat without one may be a kitten.
        weighings: the last weighings.
    """
    grown = born is not None and at.date() - born >= GROWN
    before = max((one for one in weighings if one.weighed_at <= at), key=lambda one: one.weighed_at, default=None)
    if before is None:
        text = f"{words.weight(grams)} is unusual for a grown cat"
        return f"{text}. {CHECK}" if grown and grams not in FIRST_OF_GROWN else None
    ratio = grams / before.grams
    if MOST_LOST <= ratio <= (MOST_GAINED if grown else MOST_GROWN):
        return None
    change = f"{(1 - ratio) * 100:.0f} % less than" if ratio < 1 else f"{ratio:.1f} times".replace(".0", "")
    return f"This is {change} the last weight, {words.weight(before.grams)}. {CHECK}"
