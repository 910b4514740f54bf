"""The pages of users, sessions and API tokens."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.domain.sessions import SessionView
from api.domain.tokens import TokenView
from api.domain.users import ME, UserView
from api.web import words
from api.web.pages.page import Page

SHORTCUTS: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    ("All people", ()),
    ("Owners", (("role", "owner"),)),
    ("Staff", (("role", "staff"),)),
    ("Members", (("role", "member"),)),
    ("Deactivated", (("active", "false"),)),
)
"""Links to common filters."""


def user_list(page: Page, value: Mapping[str, Any]) -> dict[str, Any]:
    """Return the variables of the list of users."""
    return {
        "users": [_entry(page, user) for user in value["items"]],
        "next": value.get("next"),
        "prev": value.get("prev"),
        "shortcuts": page.shortcuts(SHORTCUTS),
        "add": page.link("forms", "users"),
    }


def user(page: Page, user: UserView) -> dict[str, Any]:
    """Return the variables of the page of a user."""
    return _entry(page, user) | {
        "is_me": user.username == page.username,
        "about": user.about,
        "facts": [
            ("Username", user.username),
            ("Role", words.ROLES.get(user.role, user.role)),
            ("E-mail", user.email or "none"),
            ("Registered", words.local_day(user.created, page.zone)),
        ],
        "edit": page.link("forms", "users", user.username),
        "export": page.link("users", user.username, "export"),
    }


def _entry(page: Page, user: UserView) -> dict[str, Any]:
    is_me = user.username == page.username
    return {
        "name": user.display_name or user.username,
        "handle": user.username,
        "href": page.link("users", ME if is_me else user.username),
        "role": words.ROLES.get(user.role, user.role),
        "is_active": user.active,
    }


def session_list(page: Page, value: Mapping[str, Any]) -> dict[str, Any]:
    """Return the variables of the list of the sessions of the caller."""
    sessions: list[SessionView] = value["items"]
    return _links(value) | {
        "sessions": [
            {
                "since": words.date_and_time(session.created, page.zone),
                "until": words.date_and_time(session.expires, page.zone),
                "current": session.current,
                "end": page.link("forms", "sessions", session.id),
            }
            for session in sessions
        ],
        "end_others": page.link("forms", "sessions"),
        "has_others": any(not session.current for session in sessions),
    }


def token_list(page: Page, value: Mapping[str, Any]) -> dict[str, Any]:
    """Return the variables of the list of the API tokens of the caller."""
    tokens: list[TokenView] = value["items"]
    return _links(value) | {
        "tokens": [
            {
                "name": token.name,
                "role": words.ROLES.get(token.role, token.role),
                "since": words.local_day(token.created, page.zone),
                "until": words.date_and_time(token.expires, page.zone) if token.expires else None,
                "used": words.local_day(token.last_used, page.zone) if token.last_used else None,
                "revoke": page.link("forms", "tokens", token.id),
            }
            for token in tokens
        ],
        "create": page.link("forms", "tokens"),
    }


def _links(value: Mapping[str, Any]) -> dict[str, Any]:
    return {"next": value.get("next"), "prev": value.get("prev")}
