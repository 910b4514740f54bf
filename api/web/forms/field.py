"""A field of a form, as data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from msgspec import Struct

from api.domain.errors import FieldError

Texts = Mapping[str, Sequence[str]]
"""The texts of a form by the names of its fields. A list of check boxes has several."""
Options = tuple[tuple[str, str], ...]
"""The choices of a field: the value and the text of each."""
Kind = Literal[
    "text", "textarea", "email", "password", "number", "date", "datetime", "checkbox", "checkboxes", "select",
    "money", "cat", "cats", "chip", "color", "lines", "hours", "radio", "due", "grams", "rows",
]  # fmt: skip
"""How a field looks, and which JSON value it has: ``cat`` is the name of a cat in any case, ``cats`` an array of such
names, separated by commas, ``lines`` an array of lines, and ``hours`` one of time spans (``9:00-12:00, 14:00-18:00``).
``due`` is a day and a time, or no time. ``rows`` is an array of objects (see ``rows.py``)."""


class TextError(FieldError, frozen=True):
    """The error of a text that has no value. Its detail is for people."""


class Question(TextError, frozen=True):
    """A value that is saved only if the user confirms it."""


class Suggestions(Struct, frozen=True):
    """Texts that a browser suggests while the user types. Any other text is valid too."""

    id: str
    texts: tuple[str, ...]


class Field(Struct, frozen=True, kw_only=True):
    """A field of a form."""

    name: str
    """The member of the body. A dot stands before a member of a member: ``goodWith.children``."""
    label: str
    kind: Kind = "text"
    help: str = ""
    """What to write, if the label does not say it."""
    options: Options = ()
    first: int = 0
    """The number of options before those that the user unfolds; 0 if all options are shown."""
    none: str = ""
    """The text of the check box for an empty array; empty if there is no such box."""
    required: bool = False
    only_new: bool = False
    """Whether the field is set once: it is in the form for a new entity only."""
    only_existing: bool = False
    """Whether a new entity cannot have the field."""
    is_question: bool = False
    """Whether the field confirms an unusual value. It is shown with a ``Question``, and is no member of the body."""
    unknown: str = ""
    """The text of a value that is not among the options; by default, the value."""
    previews: Mapping[str, Any] = {}
    """What the template draws beside the option of a radio button."""
    attributes: Mapping[str, str | int] = {}
    """More attributes of the HTML element, such as ``maxlength``."""
    suggestions: Suggestions | None = None
    columns: tuple[Field, ...] = ()
    """The members of each object of ``rows``."""
    row: str = ""
    """What a row is: "Vaccination"."""

    @property
    def path(self) -> list[str]:
        """The names of the members, from the outermost."""
        return self.name.split(".")

    @property
    def pointer(self) -> str:
        """The JSON Pointer of the member."""
        return f"/{self.name.replace('.', '/')}"


class Section(Struct, frozen=True):
    """Fields with a common title. An empty title is not shown."""

    title: str
    fields: tuple[Field, ...]
