"""Names: their one spelling, what is wrong with one, and their sort key."""

from __future__ import annotations

import unicodedata

LONGEST = 64
_MARKS = " .-'"


def normalise(text: str) -> str:
    """Return the one spelling of a name: NFC, without spaces around it (any other white space is an error).

    Two spellings that look the same (``Zoë`` with one or with two code points) are one name.
    """
    return unicodedata.normalize("NFC", text.strip(" "))


def name_error(name: str, also: str = "") -> str | None:
    """Say what is wrong with a normalised name, or None.

    A letter may be followed by the combining marks of its script; a name of marks alone
    (``..``, ``-``) is none, because no URL could carry it. Some names may have more marks: those in ``also``.
    """
    if not 1 <= len(name) <= LONGEST:
        return f"A name has 1 to {LONGEST} characters."
    wrong = sorted(
        {c for c in name if c not in _MARKS + also and unicodedata.category(c)[0] not in "LM" and not c.isdecimal()}
    )
    if wrong:
        listed = ", ".join(f"U+{ord(c):04X}" for c in wrong)
        more = "".join(f"'{c}', " for c in also)
        return f"A name has letters, digits, space, {more}'.', '-' and \"'\" only; found {listed}."
    if not any(unicodedata.category(c)[0] == "L" or c.isdecimal() for c in name):
        return "A name has at least one letter or digit."
    return None


def sort_key(name: str) -> str:
    """Return the sort key of a name: case folded, so that ``luna`` and ``Luna`` are neighbours."""
    return f"{name.casefold()}\x00{name}"


def is_valid_id(text: str) -> bool:
    """Say whether a text can be an id that we made: URL-safe characters, at most 64."""
    return 1 <= len(text) <= LONGEST and text.isascii() and text.replace("-", "").replace("_", "").isalnum()
