"""Forms that were not saved: nothing that the user typed is lost."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo

from msgspec.structs import replace

from api.domain.errors import FieldError
from api.http.forms import SAVE, Submission
from api.web.forms import fields
from api.web.forms.merge import merge
from api.web.pages.form import FormPage


def with_errors(page: FormPage, sent: Submission, errors: Sequence[FieldError]) -> FormPage:
    """Return a form with what the user sent, and the errors. Other buttons than the one that saves send no fields."""
    if sent.action != SAVE:
        return replace(page, errors=errors)
    return replace(
        page,
        texts=sent.texts,
        theirs=page.texts,
        rev=sent.rev,
        key=sent.key,
        base=sent.base,
        errors=errors,
        choices=sent.choices,
    )


def is_saved(page: FormPage, sent: Submission, zone: tzinfo) -> bool:
    """Return whether an entity has all that a form sent. A second press of the button sends the same again."""
    if sent.action != SAVE:
        return False
    shown = fields.all_fields(page.sections, is_new=page.is_new)
    pairs = [[fields.canonical_texts(field, texts, zone) for texts in (sent.texts, page.texts)] for field in shown]
    return all(own is None or own == (current or []) for own, current in pairs)


def with_current_version(page: FormPage, sent: Submission) -> FormPage:
    """Return the form of the current version of an entity, merged with what the user sent. Saving it writes the merge.

    Other buttons than the one that saves, such as the one that deletes, send no fields.
    """
    if sent.action != SAVE:
        return replace(page, conflict="delete")
    shown = fields.all_fields(page.sections, is_new=page.is_new)
    merged = merge(shown, sent.texts, page.texts, sent.base, sent.choices)
    return replace(
        page, texts=merged.texts, theirs=page.texts, taken=merged.taken, choices=merged.choices, conflict="save"
    )


def with_new_key(page: FormPage, sent: Submission) -> FormPage:
    """Return a form for something new with what the user sent, after another version of it was saved."""
    return replace(page, texts=sent.texts, base=sent.base, conflict="created")


def with_texts_of_deleted(page: FormPage, sent: Submission) -> FormPage:
    """Return the form that creates a deleted entity again, with what the user sent."""
    texts = dict(page.texts)
    for field in fields.all_fields(page.sections, is_new=True):
        sent_texts = fields.sent_texts(field, sent.texts)
        if sent_texts is not None and not field.only_new:
            texts[field.name] = sent_texts
    return replace(page, texts=texts, conflict="deleted")
