"""Render the permission matrix to docs/permissions.md."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from api.resources.forms.table import FORMS
from tests.support import members
from tests.support.permissions import ALIASES, GROUPS, ROLES, VISIBLE, Row, Statuses

PAGE = Path(__file__).resolve().parents[2] / "docs" / "permissions.md"
INTRODUCTION = """\
# Permissions

Every method of every path, for every role. `make docs` generates this page from the table that the tests execute.

Roles are cumulative, except where a row says otherwise: **public** has no token, **member** is a registered user,
**staff** works in the café, **owner** also assigns roles. HEAD has the permissions of GET. OPTIONS needs no role.

- *yes*: the request succeeds.
- *401*: authentication is required.
- *403*: the role is not sufficient.
- *404*: the resource does not exist for this role. The response is the same as for a missing resource.

A refused request changes nothing. A bearer token that is no longer valid (expired or revoked, or its user was
deactivated or deleted) is 401 on every path except `/static`. The session cookie of the browser has the permissions of
the token, but a write with the cookie must come from a page of the same origin. Otherwise it is 403.

An API token has the permissions of its role, but not more than those of its user. These requests need a session, and
are 403 with every API token: to create a token, to log in or out, to revoke a session or another token, to delete a
user, and to change a password, an e-mail address, a role or a state.
"""
CONTENTS = """
## Contents of responses

Some contents of a response depend on the role.

"""
MEMBERS = """
## Members

Which role gets which member, in an item, in a list and with `fields=`. A selected member that a role does not get is
left out. The public view of a cat has a `version`, an `updated` and an ETag of its own ([decision
34](decisions/0034-public-view.md)). No response has the hash of a password. Only `POST /sessions` and `POST /login`
return the `token` of a session, and only `POST /tokens` an API token, once.

"""


FORMS_TEXT = """
## Forms

The forms of the pages, for browsers: GET opens a form, POST sends it. A form that changes something existing is at
`/forms/{form}/{key}`. The services check what the forms send as they check requests of programs.

"""


def render_page(groups: Mapping[str, Mapping[Row, Statuses]] = GROUPS) -> str:
    """Return the permission matrix as Markdown."""
    tables = "".join(_render_group(name, rows) for name, rows in groups.items())
    visible = "".join(
        _line(f"`{path}`", content, *("yes" if shows else "no" for shows in visibility))
        for (path, content), visibility in VISIBLE.items()
    )
    contents = CONTENTS + _head("path", "content") + visible
    return INTRODUCTION + tables + _render_forms() + contents + _render_members()


def _render_forms() -> str:
    """Return the roles of the forms, from the table that the application uses."""
    rows = {
        name: ["yes" if ROLES.index(role) >= ROLES.index(form.role) else "no" for role in ROLES]
        for name, form in FORMS.items()
    }
    return FORMS_TEXT + _head("path") + "".join(_line(f"`/forms/{name}`", *cells) for name, cells in rows.items())


def _render_members() -> str:
    lines = [
        _line(entity, f"`{member}`", *("yes" if sees else "no" for sees in visibility))
        for entity, groups in members.GROUPS.items()
        for member, visibility in members.rows(groups).items()
    ]
    return MEMBERS + _head("of", "member") + "".join(lines)


def _render_group(name: str, rows: Mapping[Row, Statuses]) -> str:
    lines = [_line(f"`{path}`", methods, case, *cells) for (path, case, cells), methods in _merge(rows).items()]
    paths = {path for _, path, _ in rows}
    aliases = [f"\n`{alias}` is an alias of `{path}`.\n" for alias, path in ALIASES.items() if path in paths]
    return "".join([f"\n## {name}\n\n", _head("path", "methods", "case"), *lines, *aliases])


def _merge(rows: Mapping[Row, Statuses]) -> dict[tuple[str, str, tuple[str, ...]], str]:
    """Merge rows that differ only in the method. Return the methods of each merged row."""
    merged: dict[tuple[str, str, tuple[str, ...]], str] = {}
    for (method, path, case), statuses in rows.items():
        key = path, case, tuple("yes" if status < 400 else str(status) for status in statuses)
        merged[key] = f"{merged[key]} {method}" if key in merged else method
    return merged


def _head(*columns: str) -> str:
    names = (*columns, *ROLES)
    return _line(*names) + "|" + "---|" * len(names) + "\n"


def _line(*cells: str) -> str:
    return f"| {' | '.join(cells)} |\n".replace("|  |", "| |")


if __name__ == "__main__":
    PAGE.write_text(render_page(), encoding="utf-8")
