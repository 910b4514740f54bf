"""Open, fill in and send the forms of pages, as a browser without scripts does."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from werkzeug.test import TestResponse

from api.domain.users import Role
from tests.support.app import TestApp
from tests.support.users import BrowserClient, register

Values = dict[str, list[str]]
"""What a browser sends: the texts of each field."""


def browser_of(cafe: TestApp, username: str, role: Role) -> BrowserClient:
    """Register a user with a role, and return a browser in which the user is logged in."""
    assert register(cafe, username).status_code == 201
    changed = cafe.client("owner", "Ona").patch(f"/users/{username}", {"role": role}, if_match="*")
    assert changed.status_code == 200
    browser = BrowserClient(cafe)
    assert browser.log_in(username).status_code == 303
    return browser


def values(response: TestResponse, action: str = "") -> Values:
    """Return what a browser would send with a form of a page.

    Args:
        response: the page.
        action: a part of the ``action`` of the form; by default it is the first form of the page.
    """
    main = response.text.partition('<main id="main"')[2]
    forms = [form for form in re.findall(r"<form.*?</form>", main, re.S) if action in form.partition(">")[0]]
    assert forms, main
    found: Values = {}
    for tag in re.findall(r"<input[^>]*>", forms[0]):
        attributes = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        if attributes.get("type") not in ("checkbox", "radio") or " checked" in tag:
            found.setdefault(attributes["name"], []).append(unescape(attributes.get("value", "")))
    for name, text in re.findall(r'<textarea[^>]* name="([^"]*)"[^>]*>\n(.*?)</textarea>', forms[0], re.S):
        found[name] = [unescape(text)]
    for name, options in re.findall(r'<select[^>]* name="([^"]*)"[^>]*>(.*?)</select>', forms[0], re.S):
        selected = re.findall(r'<option value="([^"]*)" selected', options)
        found[name] = [unescape((selected or re.findall(r'<option value="([^"]*)"', options))[0])]
    return found


def send(browser: BrowserClient, path: str, sent: Values) -> TestResponse:
    """Send a form."""
    return browser.send("POST", path, data=sent)


def stored(cafe: TestApp, path: str = "/pies/cherry") -> dict[str, Any]:
    """Return an entity as JSON."""
    response = cafe.staff.get(path)
    assert response.status_code == 200
    return dict(response.json)
