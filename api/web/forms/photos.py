"""The fields of a photo."""

from __future__ import annotations

from api.web.forms.fields import Field, Section

EXAMPLES = {"photo": "Luna sleeps on the counter", "logo": "A cat in a cup of coffee"}


def alt(noun: str) -> Field:
    """Return the field of the alternative text of a photo or a logo."""
    return Field(
        name="alt",
        label=f"What does the {noun} show?",
        required=True,
        help=f"For people who do not see it. For example: {EXAMPLES[noun]}.",
        attributes={"maxlength": 250},
    )


def sections(noun: str, count: int) -> tuple[Section, ...]:
    """Return the fields of a photo that is ready.

    Args:
        noun: photo or logo.
        count: the number of photos.
    """
    options = tuple((str(n), "1, on the card" if n == 1 else str(n)) for n in range(1, count + 1))
    position = Field(name="position", label="Position", kind="select", options=options)
    return (Section("", (alt(noun), position) if count > 1 else (alt(noun),)),)
