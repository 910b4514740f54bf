"""The messages of forms: what the API says about a member, in words for people. The API itself does not change.

The API names members, types and code points. A form names its fields, and says what to write or to choose.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping

from api.domain.errors import ErrorCode, FieldError
from api.web.forms import rows
from api.web.forms.field import Field, TextError

GENERIC = "This cannot be saved. Check it, please."
"""The message of an error that no rule translates. A test finds each of them."""
CHOOSE, GONE = "Choose one of these.", "One of these does not exist any more. Clear its box."
YEARS = "Choose a day in the years 2000 to 2100."
EMAIL = "Write an e-mail address, such as ada@example.org."
BY_KIND: Mapping[tuple[str, ErrorCode], str] = {
    ("email", "invalid_format"): EMAIL,
    ("email", "too_long"): EMAIL,
    ("money", "invalid_value"): "This currency is not known. Write a code such as EUR, GBP or USD.",
    ("money", "too_large"): "This amount is too large.",
    ("grams", "too_large"): "A cat weighs at most 30 kg.",
    ("grams", "too_small"): "A weight is at least 1 g.",
    ("due", "invalid_format"): YEARS,
    ("due", "out_of_range"): YEARS,
    ("select", "invalid_value"): CHOOSE,
    ("select", "wrong_type"): CHOOSE,
    ("select", "too_small"): CHOOSE,
    ("radio", "invalid_value"): CHOOSE,
    ("checkboxes", "invalid_value"): CHOOSE,
    ("checkboxes", "invalid_format"): GONE,
    ("checkboxes", "not_found"): GONE,
    ("checkboxes", "circular"): "One of these already waits for this to-do, or too many of them wait for each other.",
}
"""The sentence for an error of a kind of field, where it needs nothing from the message of the API."""
MOST = {
    "cats": r"Write at most \1 names.", "lines": r"Write at most \1 lines.", "hours": r"Write at most \1 times.",
    "checkboxes": r"Choose at most \1.",
}  # fmt: skip
"""The sentence for too many values of a kind of field."""
SENTENCES: tuple[tuple[str, str], ...] = (
    (r".* cannot be blank!|\w+ is required\.|\w+ must not be blank\.", "This cannot be empty."),
    (r".* must be a string of (?:at most|1 to) (\d+) characters( or null)?\.", r"Write at most \1 characters."),
    (r".* must be a string of (\d+) to (\d+) characters( or null)?\.", r"Write \1 to \2 characters."),
    (r".* must be a string in this format.*", "This is not in the right format."),
    (r".* must be an array of at most (\d+) elements( or null)?\.", "{most}"),
    (r".* must be an integer from (\d+) to (\d+)\.", r"Write a whole number from \1 to \2."),
    (r".* must be an integer of at least (\d+)\.", r"Write a whole number from \1."),
    (r".* must not have invisible characters; .*", "This has an invisible character. Type it again."),
    (r".* must be one line without control characters\.", "This has a character that cannot be shown. Type it again."),
    (r"The rendered HTML must not be longer.*", "This text is too long. Shorten it."),
    (r"closes must be later .* but (.*) is not after (.*)\.", r"It closes before it opens: \1 is not after \2."),
    (r"alteredOn must be null if altered is no\.", "This has a day, but “Spayed or neutered” is “No”."),
    (r"waitUntil must not be later than due\.", "This must not be later than the due date."),
    (r"To change (.*), send the current password\.", r"Write your current password to change \1."),
    (r"(This user has been .*) To register again, .*", r"\1 To register again, open this form again."),
    (r"This change (?:writes|stores) .*", "This is too much to save at once. Shorten the texts."),
)
"""Messages of the API, and what a form says instead."""
_UNTRANSLATED = re.compile(r"\bmust be (an? (array|object|string|integer)|one of|null|true or false)\b")


def errors_by_field(fields: Iterable[Field], errors: Iterable[FieldError]) -> tuple[dict[str, list[str]], list[str]]:
    """Return the messages of each field or cell, and the messages that belong to none."""
    by_pointer = {field.pointer: field for field in fields}
    found, others = dict[str, list[str]](), list[str]()
    for error in errors:
        field = _find_field(by_pointer, error.pointer or "")
        messages = found.setdefault(field.name, []) if field else others
        message = translate(error, field, by_pointer.values())
        if message not in messages:
            messages.append(message)
    return found, others


def _find_field(by_pointer: Mapping[str, Field], pointer: str) -> Field | None:
    """Return the field or the cell with a member, or with an outer one."""
    while pointer:
        if field := by_pointer.get(pointer) or rows.find_cell(by_pointer, pointer):
            return field
        pointer = pointer.rpartition("/")[0]
    return None


def translate(error: FieldError, field: Field | None, fields: Iterable[Field]) -> str:
    """Return the message of an error for people.

    Args:
        error: the error of the API, or of a text without a value.
        field: the field or the cell of the error; None if it belongs to no field.
        fields: the fields of the form.
    """
    if isinstance(error, TextError):
        return error.detail
    if field and (text := BY_KIND.get((field.kind, error.code))):
        return text
    for pattern, sentence in SENTENCES:
        if match := re.fullmatch(pattern, error.detail, re.DOTALL):
            most = MOST.get(field.kind if field else "", r"There may be at most \1.")
            return match.expand(sentence.format(most=most))
    detail = _with_characters(_with_labels(error.detail, field, fields)).replace(" (UTC)", "")
    return GENERIC if _UNTRANSLATED.search(detail) else detail


def _with_labels(detail: str, field: Field | None, fields: Iterable[Field]) -> str:
    """Return a message with the labels of fields in place of the names of members, and the texts of choices."""
    known = [column for one in fields for column in (one, *one.columns)]
    labels = {one.path[-1]: one.label for one in (*known, *([field] if field else []))}
    choices = {value: text for one in known for value, text in one.options if value != value.lower()}
    for name, label in labels.items():
        detail = re.sub(rf"(\A|\. ){re.escape(name)}(?=:? )", rf"\1{label}", detail)
        if name != name.lower():
            detail = re.sub(rf"\b{re.escape(name)}\b", f"“{label}”", detail)
    return re.sub(r"\w+", lambda match: choices.get(match[0], match[0]), detail)


def _with_characters(detail: str) -> str:
    """Return a message with characters in place of their code points: "found “;”"."""

    def show(match: re.Match[str]) -> str:
        character = chr(int(match[1], 16))
        is_shown = character.isprintable() and unicodedata.category(character)[0] in "LNPS"
        return f"“{character}”" if is_shown else "an invisible character"

    return re.sub(r"\bU\+([0-9A-F]{4,6})\b", show, detail)
