"""Names and titles: normalisation, validation and sort keys. Also the validation of ids."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

from api.domain.errors import FieldError, blank, required

MAX_LENGTH = 64
MAX_RAW_LENGTH = 4 * MAX_LENGTH
"""A letter has at most four code points before normalisation. Normalisation takes quadratic time, so that a longer text
is not normalised."""
_PUNCTUATION = " .-'"
_APOSTROPHE = "\u2019"
IGNORABLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
"""Characters without a shape: Default_Ignorable_Code_Point (DerivedCoreProperties.txt of Unicode 16)."""
_JOINER, _SELECTOR, _KEYCAP = "\u200d", "\ufe0f", "\u20e3"
"""Parts of emoji (Unicode Technical Standard 51). The first two are ignorable."""
_BLANK_SYMBOL = "\u2800"
"""BRAILLE PATTERN BLANK: a symbol that has no shape and is not ignorable."""


def normalise(text: str) -> str:
    """Return a name in NFC, without surrounding spaces, and with ``'`` for the apostrophe U+2019 that phones type.

    Names that look the same are then equal, for example ``Zoë`` with one or two code points for the last letter.
    A text of more than MAX_RAW_LENGTH code points, which is too long for a name, is cut and not normalised. The result
    is never longer, so that it fits into a key of DynamoDB (2048 bytes).
    """
    text = text.strip(" ")
    if len(text) > MAX_RAW_LENGTH:
        return text[: MAX_RAW_LENGTH + 1]
    if _APOSTROPHE in text:  # rare, and a call less in each request
        text = text.replace(_APOSTROPHE, "'")
    return unicodedata.normalize("NFC", text)[: MAX_RAW_LENGTH + 1]


def fold(text: str) -> str:
    """Return a name for a comparison without case, width and style: NFKC_Casefold (The Unicode Standard, D146).

    ``straße`` and ``STRASSE`` are then equal, and ``ﬁgo`` and ``figo``. Ignorable characters stay, because
    ``name_error`` rejects them. A text that is too long is cut, as in ``normalise``.
    """
    name = normalise(text)
    if len(name) > MAX_RAW_LENGTH:
        return name
    folded = unicodedata.normalize("NFD", name)
    for _ in range(2):
        folded = unicodedata.normalize("NFKC", folded.casefold())
    return folded.strip(" ")[: MAX_RAW_LENGTH + 1]


def skeleton(text: str) -> str:
    """Return the folded letters and digits of a name, to find names that imitate another one."""
    return "".join(filter(str.isalnum, fold(text)))


def name_error(name: str, extra: str = "") -> FieldError | None:
    """Return the error of a normalised name, or None.

    Letters include combining marks. A name of punctuation alone (``..``, ``-``) is invalid, because it does not work
    in a URL.

    Args:
        name: the name.
        extra: punctuation that is allowed in addition.
    """
    if not 1 <= len(name) <= MAX_LENGTH:
        return FieldError("too_long" if name else "blank", f"A name must have 1 to {MAX_LENGTH} characters.")
    allowed = _PUNCTUATION + extra
    invalid = {c for c in name if not (c in allowed or c.isdecimal() or unicodedata.category(c)[0] in "LM")}
    invalid |= {*IGNORABLE.findall(name)}
    if invalid:
        quoted = "".join(f"'{c}', " for c in extra)
        allowed = f"letters, digits, space, {quoted}'.', '-' and \"'\""
        return FieldError("invalid_character", f"A name may only have {allowed}; found {_code_points(invalid)}.")
    if not any(unicodedata.category(c)[0] == "L" or c.isdecimal() for c in name):
        return FieldError("invalid_character", "A name must have at least one letter or digit.")
    return None


def text_error(text: str, member: str, *, is_required: bool = True) -> FieldError | None:
    """Return the error of the characters of a title, or of a name that is not a key, or None.

    It needs a visible character. An invisible one is allowed only as a part of an emoji.
    """
    if all(_is_blank(c) for c in text):
        return required(member) if is_required else blank(member)
    if invisible := set(_invisible(text)):
        detail = f"{member} must not have invisible characters; found {_code_points(invisible)}."
        return FieldError("invalid_character", detail)
    return None


def _code_points(characters: Iterable[str]) -> str:
    return ", ".join(f"U+{ord(c):04X}" for c in sorted(characters))


def _is_blank(character: str) -> bool:
    return (
        character.isspace()
        or character == _BLANK_SYMBOL
        or IGNORABLE.match(character) is not None
        or unicodedata.category(character) == "Cc"
    )


def _invisible(text: str) -> Iterator[str]:
    """Yield the ignorable characters of a text that are not part of an emoji."""
    for match in IGNORABLE.finditer(text):
        before, after = text[: match.start()][-1:], text[match.end() :][:1]
        if match[0] == _SELECTOR and (_is_symbol(before) or after == _KEYCAP):
            continue
        if match[0] == _JOINER and (_is_symbol(before) or before == _SELECTOR) and _is_symbol(after):
            continue
        yield match[0]


def _is_symbol(character: str) -> bool:
    return character != "" and unicodedata.category(character)[0] == "S"


def sort_key(name: str) -> str:
    """Return the sort key of a name. Case is ignored unless names differ only in case."""
    return f"{name.casefold()}\x00{name}"


def is_valid_id(text: str) -> bool:
    """Return whether a text has the form of a generated id: 1 to 64 URL-safe characters."""
    return 1 <= len(text) <= MAX_LENGTH and text.isascii() and text.replace("-", "").replace("_", "").isalnum()
