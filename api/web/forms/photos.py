"""The fields of a photo."""

from __future__ import annotations

from api.web.forms.fields import Field, Section

EXAMPLES = {"photo": "Luna sleeps on the counter", "logo": "A cat in a cup of coffee"}


def alt(label: str) -> Field:
    """Return the field of the alternative text of a photo or a logo."""
    return Field(
        name="alt",
        label=f"What does the {label} show?",
        required=True,
        help=f"For people who do not see it. For example: {EXAMPLES[label]}.",
        attributes={"maxlength": 250},
    )


def sections(label: str, count: int) -> tuple[Section, ...]:
    """Return the fields of a photo that is ready.

    Args:
        label: photo or logo.
        count: the number of photos.
    """
    options = tuple((str(n), "1, on the card" if n == 1 else str(n)) for n in range(1, count + 1))
    position = Field(name="position", label="Position", kind="select", options=options)
    return (Section("", (alt(label), position) if count > 1 else (alt(label),)),)
