"""The page of a form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from api.domain.errors import FieldError
from api.web.forms import fields
from api.web.forms.fields import Field, Section, Texts
from api.web.pages.page import Page


class FormPage(Struct, frozen=True, kw_only=True):
    """What the page of a form shows."""

    title: str
    lead: str = ""
    """What to know before the form, if the title and the fields do not say it."""
    submit: str
    """The text of the button."""
    back: tuple[str, ...]
    """The path of the page from which the user came: ``("pies", "cherry")``."""
    sections: tuple[Section, ...] = ()
    """Without fields, the form is one button."""
    texts: Texts = {}
    is_new: bool = False
    rev: str = ""
    """The version that the form shows; empty for a new entity."""
    key: str = ""
    """The key of a creation."""
    delete: str = ""
    """The text of the button that deletes; empty if there is none."""
    errors: Sequence[FieldError] = ()
    theirs: Texts | None = None
    """The texts of the current version, if somebody has saved it meanwhile."""


def form(page: Page, value: FormPage) -> dict[str, Any]:
    """Return the variables of a form."""
    shown = fields.all_fields(value.sections, is_new=value.is_new)
    by_field, others = fields.errors_by_field(shown, value.errors)
    return {
        "form": value,
        "action": page.link(*page.path.strip("/").split("/")),
        "back": page.link(*value.back),
        "sections": [
            (section.title, _rows([field for field in section.fields if field in shown], value.texts, by_field))
            for section in value.sections
        ],
        "errors": others,
        "wrong_fields": [(field.label, _id(field)) for field in shown if field.name in by_field],
        "differences": _differences(shown, value) if value.theirs is not None else None,
    }


def _rows(shown: Sequence[Field], texts: Texts, errors: Mapping[str, list[str]]) -> list[dict[str, Any]]:
    """Return the fields of a section, without those that have nothing to choose from."""
    rows = [_field(field, texts, errors) for field in shown]
    return [row for row in rows if row["options"] or row["kind"] != "checkboxes"]


def _field(field: Field, texts: Texts, errors: Mapping[str, list[str]]) -> dict[str, Any]:
    sent = fields.texts_of(field, texts)
    known = [value for value, _ in field.options]
    options = [*field.options, *([(fields.NONE, field.none)] if field.none else [])]
    if field.kind in ("select", "checkboxes"):
        options += [(text, text) for text in sent if text not in ("", fields.NONE, *known)]
    return {
        "name": field.name,
        "id": _id(field),
        "label": field.label,
        "kind": field.kind,
        "help": field.help,
        "required": field.required,
        "attributes": field.attributes,
        "text": sent[0] if sent else "",
        "time": sent[1] if len(sent) > 1 else "",
        "options": [(value, text, value in sent) for value, text in options],
        "previews": field.previews,
        "errors": errors.get(field.name, ()),
    }


def _id(field: Field) -> str:
    return field.name.replace(".", "-")


def _differences(shown: Sequence[Field], value: FormPage) -> list[dict[str, str]]:
    """Return each field with another value: what the user typed, and what somebody else saved."""
    theirs = value.theirs or {}
    return [
        {"label": field.label, "mine": _shown(field, value.texts), "theirs": _shown(field, theirs)}
        for field in shown
        if field.kind != "password" and fields.texts_of(field, value.texts) != fields.texts_of(field, theirs)
    ]


def _shown(field: Field, texts: Texts) -> str:
    """Return the value of a field for people."""
    sent = fields.texts_of(field, texts)
    if field.kind == "checkbox":
        return "yes" if sent else "no"
    names = {**dict(field.options), fields.NONE: field.none}
    return ", ".join(names.get(text, text) for text in sent if text) or "nothing"
