"""Every page of the application: an application with an item of each kind, and the pages that each role can open.

A crawler follows the links, so that a new page or form needs no line here. A page that no link reaches does: see START.
"""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

import msgspec
from werkzeug.exceptions import HTTPException

from api.domain.photos import Photo, file_keys
from api.domain.users import Role
from api.resources.forms.table import FORMS
from api.services import accounts
from api.store.keys import RECORD
from api.store.table import Table
from tests.support import golden
from tests.support.app import TestApp
from tests.support.photos import create_bucket, photo_bucket
from tests.support.users import PASSWORD, BrowserClient
from tests.web.markup import Outline
from tools.tables import scan

USERS: dict[Role, str | None] = {"public": None, "member": "mia", "staff": "sam", "owner": "ona"}
"""A user of each role. The password is PASSWORD."""
START = (
    "/", "/cats", "/cats/luna", "/cats/milo", "/cats?sex=male&breed=none", "/pies", "/pies/Apple", "/posts", "/posts/1",
    "/cats/luna/weights", "/login", "/logout", "/problems", "/problems/invalid", "/forms/pies/Apple",
    "/site/photos/p1",
    "/cats/luna/photos", "/cats/luna/photos/p1", "/pies/Apple/photos/p1", "/posts/1/photos", "/posts/1/photos/p1",
    *(f"/forms/{name}" for name in FORMS),
    "/missing", "/cats/" + "supercalifragilistic" * 10, "/cats?limit=0&wings=2", "/todos/x/done", "/broken",
)  # fmt: skip
"""Where the crawler begins: the home page, pages that no link reaches, and pages of errors."""
PHOTOS = tuple(Photo(f"p{number}", f"A cat on a box, {number}", 700, 400, (320, 700), "0a") for number in (1, 2))
LOGO = (msgspec.structs.replace(PHOTOS[0], alt="A cat in a cup", shade="dark"),)
WEBP = b64decode("UklGRiIAAABXRUJQVlA4IBYAAAAwAQCdASoBAAEADsD+JaQAA3AAAAAA")
"""A picture of one pixel, the file of all photos."""
INVALID = "x" * 5000
"""A text that no field accepts."""
OTHER = "other"
"""A version that no entity has."""
NOT_TYPED = ("hidden", "checkbox", "radio", "submit", "file", "date", "datetime-local", "time", "color")
"""Types of fields that do not take the text INVALID."""


@dataclass(frozen=True)
class HtmlForm:
    """A form of a page, with what a browser sends."""

    method: str
    action: str
    fields: dict[str, list[str]] = field(default_factory=dict)
    typed: list[str] = field(default_factory=list)
    """The names of the fields in which the user types."""

    @property
    def versions(self) -> list[str]:
        """The versions with which the form can be sent in vain, if it has texts to make invalid: its own and OTHER."""
        if self.method != "post" or not self.typed or not self.action.startswith("/"):
            return []
        own = self.fields.get("_rev", [""])[0]
        return [own, OTHER] if own else [own]


class PageParser(HTMLParser):
    """The links and forms of a page.

    Args:
        html: the page.
    """

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.links: list[str] = []
        self.forms: list[HtmlForm] = []
        self._select = self._textarea = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Add a link, a form or a field."""
        values = {name: value or "" for name, value in attrs}
        if tag == "a" and "href" in values:
            self.links.append(values["href"])
        elif tag == "form":
            self.forms.append(HtmlForm(values.get("method", "get").lower(), values.get("action", "")))
        elif tag == "option" and self._select and ("selected" in values or not self._sent(self._select)):
            self.forms[-1].fields[self._select] = [values.get("value", "")]
        elif self.forms and "name" in values:
            self._add_field(tag, values["name"], values)

    def _add_field(self, tag: str, name: str, values: dict[str, str]) -> None:
        kind = values.get("type", "text")
        if tag == "select":
            self._select = name
        elif tag == "textarea":
            self._textarea = name
            self.forms[-1].fields[name] = [""]
            self.forms[-1].typed.append(name)
        elif tag in ("input", "button") and (kind not in ("checkbox", "radio") or "checked" in values):
            self._sent(name).append(values.get("value", ""))
            if tag == "input" and kind not in NOT_TYPED:
                self.forms[-1].typed.append(name)

    def handle_endtag(self, tag: str) -> None:
        """Leave a field."""
        if tag == "select":
            self._select = ""
        elif tag == "textarea":
            self._textarea = ""

    def handle_data(self, data: str) -> None:
        """Add the text of a field."""
        if self._textarea:
            self.forms[-1].fields[self._textarea] = [data.removeprefix("\n")]

    def _sent(self, name: str) -> list[str]:
        return self.forms[-1].fields.setdefault(name, [])


@dataclass(frozen=True)
class Visit:
    """A page as a role gets it."""

    role: Role
    path: str
    pattern: str
    """The URL template, with a question mark if there is a query."""
    status: int
    html: str

    @property
    def name(self) -> str:
        """The name of the page in messages."""
        return f"{self.path} ({self.role}, {self.status})"

    @property
    def parsed(self) -> PageParser:
        """The links and forms of the page."""
        return PageParser(self.html)


def populated(table: Table) -> TestApp:
    """Return an application with an item of every kind, and with a page /broken that has an internal error."""
    cafe = TestApp(table)
    cafe.app.add_url_rule("/broken", view_func=lambda: 1 / 0)
    golden.populate(cafe)
    for name in ("Tom & co", "Mr. O'Neill"):
        cafe.staff.put(f"/pies/{name}", {})
    assert cafe.staff.put("/cats/Mr. O'Neill", {"status": "available"}).status_code == 201
    _add_photos(cafe)
    return cafe


def _add_photos(cafe: TestApp) -> None:
    """Add photos to a cat, a pie, a post and the site, and one that waits for its file."""
    create_bucket()
    for photo in PHOTOS:
        for key in file_keys(photo):
            photo_bucket().write(key, WEBP, "image/webp")
    for path in ("/cats/luna", "/pies/Apple", "/posts/1", "/site"):
        waiting = cafe.client("owner", golden.USERNAME).post(f"{path}/photos", {"alt": "A cat", "type": "image/jpeg"})
        assert waiting.status_code == 201
    for item in scan(cafe.table):
        if item["sk"]["S"] == RECORD and item["pk"]["S"] in ("cats#luna", "pies#Apple", "posts#1", "site#site"):
            photos = LOGO if item["pk"]["S"] == "site#site" else PHOTOS
            document = json.loads(item["doc"]["S"]) | {"photos": msgspec.to_builtins(photos)}
            cafe.table.client.put_item(TableName=cafe.table.name, Item=item | {"doc": {"S": json.dumps(document)}})


def browsers(cafe: TestApp) -> dict[Role, BrowserClient]:
    """Return a browser of each role, in which its user is logged in."""
    found = {}
    for number, (role, username) in enumerate(USERS.items()):
        found[role] = BrowserClient(cafe, f"10.0.0.{number}")  # the limits of logins count each address
        if username:
            accounts.ensure_user(cafe.table, username, role, PASSWORD, cafe.clock.now)
            assert found[role].log_in(username).status_code == 303
    return found


def crawl(cafe: TestApp, browser: BrowserClient, role: Role) -> list[Visit]:
    """Return the pages that a role can open, one for each pattern, and those of START."""
    visits, left = dict[str, Visit](), [*START]
    patterns = set[str]()
    while left:
        path = left.pop(0)
        # Swagger UI has its own tests. The id of a derived to-do depends on texts, which tests replace.
        if path == "/docs" or path.startswith("/todos/derived-"):
            continue
        pattern = pattern_of(cafe, path)
        if path in visits or (path not in START and (pattern is None or pattern in patterns)):
            continue
        response = browser.open(path)
        assert response.status_code < 500 or path == "/broken", path
        if response.mimetype != "text/html" or (response.status_code == 404 and path.startswith("/forms/")):
            continue
        patterns.add(pattern or path)
        visits[path] = Visit(role, path, pattern or path, response.status_code, response.text)
        left += [link.partition("#")[0] for link in visits[path].parsed.links if link.startswith("/")]
    return [*visits.values()]


def distinct(visits: Iterable[Visit]) -> list[Visit]:
    """Return each page once: without those whose content has the elements of another page.

    The navigation of each role is on its home page.
    """
    found: dict[Any, Visit] = {}
    for visit in visits:
        content = visit.html.partition("<main")[2].partition("</main>")[0]
        # An error on a long path may not fit.
        key = visit.path == "/" and visit.role, visit.status, len(visit.path) > 64, *Outline(content).elements
        found.setdefault(key, visit)
    return [*found.values()]


def pattern_of(cafe: TestApp, path: str) -> str | None:
    """Return the pattern of a path; None if it is no page."""
    url = urlsplit(path)
    try:
        rule, arguments = cafe.app.url_map.bind("cafe.example").match(url.path, "GET", return_rule=True)
    except HTTPException:
        return None
    template = rule.rule.replace("<form>", str(arguments.get("form")))
    return f"{template}?" if url.query else template


def refused_forms(browser: BrowserClient, visits: Iterable[Visit], text: str = "") -> Iterator[Visit]:
    """Send each form that has a text with invalid texts, and then with another version. Yield the pages with errors.

    Neither changes anything: the first is invalid, the second is outdated.

    Args:
        browser: the browser of the role.
        visits: the pages with the forms.
        text: what the invalid texts begin with.
    """
    for visit in visits:
        for form in visit.parsed.forms:
            texts = form.fields | {name: [text + INVALID] for name in form.typed}
            for version in form.versions if visit.status == 200 else ():
                response = browser.send("POST", form.action, data=texts | {"_rev": [version]})
                assert 400 <= response.status_code < 500, (visit.name, form.action, response.status_code)
                yield Visit(visit.role, f"POST {form.action}", "", response.status_code, response.text)
