"""The fields of a photo."""

from __future__ import annotations

from api.web.forms.fields import Field, Section

ALT = Field(
    name="alt",
    label="What does the photo show?",
    required=True,
    help="For people who do not see it. For example: Luna sleeps on the counter.",
    attributes={"maxlength": 250},
)
NEW = (Section("", (ALT,)),)


def sections(count: int) -> tuple[Section, ...]:
    """Return the fields of a photo that is ready.

    Args:
        count: the number of photos.
    """
    options = tuple((str(n), "1, on the card" if n == 1 else str(n)) for n in range(1, count + 1))
    position = Field(name="position", label="Position", kind="select", options=options)
    return (Section("", (ALT, position) if count > 1 else (ALT,)),)
