"""The page docs/permissions.md, made from the table of permissions; run as a program, this writes it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tests.support.permissions import ALIASES, GROUPS, ROLES, SHOWN, Row, Statuses

PAGE = Path(__file__).resolve().parents[2] / "docs" / "permissions.md"
INTRODUCTION = """\
# Who may do what

Every verb of every path, for every role. `make docs` makes this page from the table that the tests execute.

Each role may do what the ones before it may: **public** is anybody without a token, **member** whoever has registered,
**staff** works here, **owner** gives the roles. HEAD goes wherever GET goes, OPTIONS everywhere. The cells say:

- *yes*: it is done.
- *401*: log in first.
- *403*: this is not for you.
- *404*: to you it is not there, no more than what nobody has made.

Whoever is refused has changed nothing. A token that is not good any more (it has expired or was revoked, or its user
was deactivated or deleted) gets 401 on every path but `/static`, even where the public may read. The browser's cookie
does what a token does; a write with it needs the proof that a page of ours sent it (`X-CSRF-Token`), or gets 403.
"""
WHAT_SHOWS = """
## What an answer shows

Not everything in an answer is for everybody who gets one.

"""


def page(groups: Mapping[str, Mapping[Row, Statuses]] = GROUPS) -> str:
    """Return the table as a page for people."""
    shown = "".join(_line(f"`{path}`", what, *map(_yes_or_no, told)) for (path, what), told in SHOWN.items())
    return INTRODUCTION + "".join(_group(*one) for one in groups.items()) + WHAT_SHOWS + _head("path", "shows") + shown


def _group(name: str, rows: Mapping[Row, Statuses]) -> str:
    lines = [_line(f"`{path}`", verbs, whose, *cells) for (path, whose, cells), verbs in _merged(rows).items()]
    paths = {path for _, path, _ in rows}
    others = [f"\n`{alias}` leads where `{path}` leads.\n" for alias, path in ALIASES.items() if path in paths]
    return "".join([f"\n## {name}\n\n", _head("path", "verbs", "which"), *lines, *others])


def _merged(rows: Mapping[Row, Statuses]) -> dict[tuple[str, str, tuple[str, ...]], str]:
    """Return the verbs of those rows that say the same of the same things."""
    merged: dict[tuple[str, str, tuple[str, ...]], str] = {}
    for (verb, path, whose), told in rows.items():
        key = path, whose, tuple("yes" if status < 400 else str(status) for status in told)
        merged[key] = f"{merged[key]} {verb}" if key in merged else verb
    return merged


def _head(*columns: str) -> str:
    names = (*columns, *ROLES)
    return _line(*names) + "|" + "---|" * len(names) + "\n"


def _line(*cells: str) -> str:
    return f"| {' | '.join(cells)} |\n".replace("|  |", "| |")


def _yes_or_no(shows: bool) -> str:
    return "yes" if shows else "no"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
