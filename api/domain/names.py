"""Names: normalisation, validation and sort keys. Also the validation of ids."""

from __future__ import annotations

import unicodedata

MAX_LENGTH = 64
_PUNCTUATION = " .-'"


def normalise(text: str) -> str:
    """Return a name in NFC and without surrounding spaces.

    Names that look the same are then equal, for example ``Zoë`` with one or two code points for the last letter.
    """
    return unicodedata.normalize("NFC", text.strip(" "))


def name_error(name: str, extra: str = "") -> str | None:
    """Return what is wrong with a normalised name, or None.

    Letters include combining marks. A name of punctuation alone (``..``, ``-``) is invalid, because it does not work
    in a URL.

    Args:
        name: the name.
        extra: punctuation that is allowed in addition.
    """
    if not 1 <= len(name) <= MAX_LENGTH:
        return f"A name must have 1 to {MAX_LENGTH} characters."
    allowed = _PUNCTUATION + extra
    invalid = sorted({c for c in name if not (c in allowed or c.isdecimal() or unicodedata.category(c)[0] in "LM")})
    if invalid:
        code_points = ", ".join(f"U+{ord(c):04X}" for c in invalid)
        quoted = "".join(f"'{c}', " for c in extra)
        return f"A name may only have letters, digits, space, {quoted}'.', '-' and \"'\"; found {code_points}."
    if not any(unicodedata.category(c)[0] == "L" or c.isdecimal() for c in name):
        return "A name must have at least one letter or digit."
    return None


def sort_key(name: str) -> str:
    """Return the sort key of a name. Case is ignored unless names differ only in case."""
    return f"{name.casefold()}\x00{name}"


def is_valid_id(text: str) -> bool:
    """Return whether a text has the form of a generated id: 1 to 64 URL-safe characters."""
    return 1 <= len(text) <= MAX_LENGTH and text.isascii() and text.replace("-", "").replace("_", "").isalnum()
