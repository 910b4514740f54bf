"""The page of a form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal
from urllib.parse import quote

from msgspec import Struct

from api.domain.errors import FieldError
from api.web.forms import fields, messages
from api.web.forms.field import Question
from api.web.forms.fields import Field, Section, Texts
from api.web.forms.rows import EMPTY_ROWS, row_fields, split_cells
from api.web.pages.page import Page


class FormPage(Struct, frozen=True, kw_only=True):
    """What the page of a form shows."""

    title: str
    lead: str = ""
    """What to know before the form, if the title and the fields do not say it."""
    more: Sequence[tuple[str, tuple[str, ...]]] = ()
    """Links to what else can be changed: the text and the path."""
    submit: str
    """The text of the button; empty if the form only deletes."""
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
    base: str = ""
    """The fingerprints of the texts of this version."""
    errors: Sequence[FieldError] = ()
    conflict: Literal["", "save", "delete", "deleted", "created"] = ""
    """What was not done because somebody else has changed the entity: it was not saved, or not deleted. ``deleted``:
    somebody else has deleted it. ``created``: the user has saved another version of this form for something new."""
    theirs: Texts = {}
    """The texts of the current version, of a form that was not saved."""
    taken: Sequence[str] = ()
    """The fields that only somebody else has changed. They have the current values."""
    choices: Mapping[str, str] = {}
    """The fields that both have changed, each with the choice: ``mine`` or ``theirs``."""

    @property
    def path(self) -> str:
        """The path of the page to which the user goes back, without the stage."""
        return "/" + "/".join(quote(part, safe="") for part in self.back)


def form(page: Page, value: FormPage) -> dict[str, Any]:
    """Return the variables of a form."""
    shown = _shown_fields(value)
    errors, others = messages.errors_by_field(shown, value.errors)
    texts = {field.name: fields.sent_texts(field, value.texts) or [] for field in shown}
    path = page.path.strip("/").split("/")
    sections = [
        (section.title, _fields([field for field in section.fields if field in shown], value, texts, errors))
        for section in value.sections
    ]
    rows = [row for _, section in sections for row in section]
    return {
        "form": value,
        "action": page.link(*(path[:-1] if value.conflict == "deleted" else path)),
        "start_again": page.link(*path),
        "back": page.link(*value.back),
        "more": [(text, page.link(*path)) for text, path in value.more],
        "sections": sections,
        "errors": others,
        "wrong_fields": _wrong_fields(rows),
        "taken": [
            (field.label, _shown(field, value.theirs), _id(field)) for field in shown if field.name in value.taken
        ],
        "both": [(row["label"], row["id"]) for row in rows if row["theirs"] is not None],
        "suggestions": _suggestions(shown),
    }


def _shown_fields(value: FormPage) -> list[Field]:
    """Return the fields of a form. A question is among them if it is asked, or was answered."""
    asks = any(isinstance(error, Question) for error in value.errors)
    found = fields.all_fields(value.sections, is_new=value.is_new)
    return [field for field in found if asks or not field.is_question or value.texts.get(field.name)]


def _fields(
    shown: Sequence[Field], value: FormPage, texts: Texts, errors: Mapping[str, list[str]]
) -> list[dict[str, Any]]:
    """Return the fields of a section, without those that have nothing to choose from."""
    found = [_field(field, value, texts[field.name], errors) for field in shown]
    return [field for field in found if field["options"] or field["kind"] != "checkboxes"]


def _field(field: Field, value: FormPage, sent: Sequence[str], errors: Mapping[str, list[str]]) -> dict[str, Any]:
    """Return the variables of a field."""
    theirs = _shown(field, value.theirs) if field.name in value.choices else None
    return _input(field, sent, errors) | {
        "rows": _rows(field, sent, errors),
        "row": field.row,
        "theirs": theirs,
        "choice": value.choices.get(field.name),
    }


def _input(field: Field, sent: Sequence[str], errors: Mapping[str, list[str]]) -> dict[str, Any]:
    known = [value for value, _ in field.options]
    options = [*field.options, *([(fields.NONE, field.none)] if field.none else [])]
    if field.kind in ("select", "checkboxes"):
        options += [(text, field.unknown or text) for text in sent if text not in ("", fields.NONE, *known)]
    choices = [(value, text, value in sent) for value, text in options]
    folded = [choice for choice in choices[field.first :] if not choice[2]] if field.first else []
    return {
        "name": field.name,
        "id": _id(field),
        "label": field.label,
        "kind": field.kind,
        "help": field.help,
        "required": field.required,
        "attributes": field.attributes,
        "suggestions": field.suggestions and field.suggestions.id,
        "text": sent[0] if sent else "",
        "time": sent[1] if len(sent) > 1 else "",
        "options": [choice for choice in choices if choice not in folded],
        "folded": folded,
        "previews": field.previews,
        "errors": errors.get(field.name, ()),
    }


def _rows(field: Field, sent: Sequence[str], errors: Mapping[str, list[str]]) -> list[list[dict[str, Any]]]:
    """Return the cells of each row, with empty rows for new objects; nothing for a field without rows."""
    if field.kind != "rows":
        return []
    filled = split_cells(field, sent)
    texts = [*filled, *([[""] * len(field.columns)] * EMPTY_ROWS)]
    return [
        [_input(cell, [text], errors) for cell, text in zip(row_fields(field, number), row, strict=True)]
        for number, row in enumerate(texts)
    ]


def _wrong_fields(shown: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """Return the label and the id of each field and cell with an error."""
    wrong = []
    for field in shown:
        if field["errors"]:
            wrong.append((field["label"], field["id"]))
        for number, row in enumerate(field["rows"], 1):
            label = f"{field['row']} {number}"
            wrong += [(f"{label}: {cell['label']}", cell["id"]) for cell in row if cell["errors"]]
    return wrong


def _suggestions(shown: Sequence[Field]) -> dict[str, Sequence[str]]:
    """Return the suggestions of all fields and cells by their ids."""
    cells = [cell for field in shown for cell in (field, *field.columns)]
    return {cell.suggestions.id: cell.suggestions.texts for cell in cells if cell.suggestions}


def _id(field: Field) -> str:
    return field.name.replace(".", "-")


def _shown(field: Field, texts: Texts) -> str:
    """Return the value of a field for people."""
    sent = fields.sent_texts(field, texts) or []
    if field.kind == "checkbox":
        return "yes" if sent else "no"
    if field.kind == "rows":
        return "\n".join(", ".join(filter(None, row)) for row in split_cells(field, sent)) or "nothing"
    names = {**dict(field.options), fields.NONE: field.none}
    return ", ".join(names.get(text, text) for text in sent if text) or "nothing"
