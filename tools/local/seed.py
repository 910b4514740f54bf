"""Writes the sample data through the API, so that it obeys every rule of the API.

The site is written through its service, because only an owner may change it and the sample data has no owner.

The users are created first. Each entry is written as its author (``who``), at its own time (``when``): the clock of the
API is set to that time.

``sample/`` has a JSON file for each collection: a list of request bodies with ``who`` and ``when`` added. Times are
relative to the time of seeding. ``{"daysAgo": 3}`` and ``{"inDays": 3}`` are dates, or times if they have
``"at": "09:30"`` (UTC). ``{"hoursAgo": 3}`` and ``{"inHours": 3}`` are times.

Seeding can be repeated after an interruption: only entries that do not exist are written. (An Idempotency-Key would not
do, because it expires after a day.)
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec
from werkzeug.test import TestResponse

from api.app import create_app
from api.context import Context, Dependencies, Principal
from api.domain.site import DEFAULT, KEY, ReplaceSite, Site
from api.services import mappings
from api.services.accounts import ensure_user, issue_token
from api.services.entity_service import Submitted
from api.services.site import SITE
from api.settings import Settings
from api.store.repository import INITIAL, Stored
from api.store.table import Table
from tools.cli import CliError

INITIAL_SITE = Stored(DEFAULT, INITIAL)
SAMPLE = Path(__file__).with_name("sample")
TOKEN_LIFETIME = timedelta(minutes=10)
INTAKE_FIELDS = ("sex", "birthDate", "birthDateExact", "breed", "colors", "pattern", "coat")
"""The fields that are known at the intake of a cat. The other fields are added by a later request."""
DATED_FACTS = re.compile(r'"(?:alteredOn|givenOn|implantedOn|testedOn)": "([0-9-]+)"')


def seed(settings: Settings, table: Table, since: datetime, sample: Path = SAMPLE) -> dict[str, int]:
    """Write the sample data that does not exist, and return the number of entries by collection.

    Args:
        settings: the settings of the API.
        table: the table to write to.
        since: the time that the times of the sample are relative to. Repeat a seeding with the same time.
        sample: the directory of the files.
    """
    with _request_log_disabled():
        return _Seeder(settings, table, since, sample).write_all()


def read_sample(collection: str, since: datetime, sample: Path = SAMPLE) -> list[dict[str, Any]]:
    """Return the sample entries of a collection, with relative times replaced by absolute ones."""
    text = (sample / f"{collection}.json").read_text(encoding="utf-8")
    entries: list[dict[str, Any]] = json.loads(text, object_hook=lambda value: _resolve_time(value, since))
    return entries


class _Seeder:
    """Writes the sample data with a test client of the API."""

    def __init__(self, settings: Settings, table: Table, since: datetime, sample: Path) -> None:
        self._now = self._since = since
        self._settings, self._table, self._sample = settings, table, sample
        self._client = create_app(settings, table, clock=lambda: self._now).test_client(use_cookies=False)
        self._tokens: dict[str, str] = {}

    def write_all(self) -> dict[str, int]:
        """Write all collections. Entries that others refer to come first."""
        writers: dict[str, Callable[[list[dict[str, Any]]], None]] = {
            "users": self._write_users, "cats": self._write_cats, "pies": self._write_pies,
            "posts": self._write_posts, "todos": self._write_todos, "site": self._write_site,
        }  # fmt: skip
        collections = {name: read_sample(name, self._since, self._sample) for name in writers}
        for name, entries in collections.items():
            writers[name](entries)
        return {name: len(entries) for name, entries in collections.items()}

    def _write_users(self, users: list[dict[str, Any]]) -> None:
        for user in users:
            username, role, since = (user.pop(name) for name in ("username", "role", "since"))
            ensure_user(self._table, username, role, None, _parse_time(since))
            # The session must be valid at the time of the API's clock and at the real time, because DynamoDB
            # may delete expired items.
            now = max(self._since, datetime.now(UTC))
            self._tokens[username] = issue_token(self._table, self._settings.cursor_key, username, now, TOKEN_LIFETIME)
            self._complete(username, _parse_time(since), f"/users/{quote(username)}", user)

    def _write_cats(self, cats: list[dict[str, Any]]) -> None:
        for cat in cats:
            who, weights, path = cat.pop("who"), cat.pop("weights"), f"/cats/{quote(cat['name'])}"
            arrived = cat.pop("arrived")
            intake = {name: cat[name] for name in INTAKE_FIELDS if name in cat}
            self._request(who, _hour(arrived, 8), "PUT", path, intake, {"If-None-Match": "*"})
            newest_fact = max([arrived, *DATED_FACTS.findall(json.dumps(cat))])
            self._complete(who, min(_hour(newest_fact, 12), self._since), path, cat)
            existing = {weighing["weighedAt"] for weighing in self._list(who, f"{path}/weights")}
            for days_ago, grams in weights:
                at = _hour((self._since - timedelta(days=days_ago)).date().isoformat(), 9)
                if _format_utc(at) not in existing:
                    self._request(who, at, "POST", f"{path}/weights", {"grams": grams})

    def _write_pies(self, pies: list[dict[str, Any]]) -> None:
        for pie in pies:
            who, when = pie.pop("who"), _parse_time(pie.pop("when"))
            self._request(who, when, "PUT", f"/pies/{quote(pie['name'])}", pie, {"If-None-Match": "*"})

    def _write_posts(self, posts: list[dict[str, Any]]) -> None:
        existing = {post["title"] for post in self._list(posts[0]["who"], "/posts")} if posts else ()
        for post in posts:
            who, when = post.pop("who"), _parse_time(post.pop("when"))
            if post["title"] not in existing:
                self._request(who, when, "POST", "/posts", post)

    def _write_todos(self, todos: list[dict[str, Any]]) -> None:
        # Done to-dos come last, so that a done recurring to-do replaces its next occurrence, which has the same title.
        lists = ("/todos", "/todos?done=true") if todos else ()
        existing = {todo["title"]: todo for path in lists for todo in self._list(todos[0]["who"], path)}
        for todo in todos:
            who, when, done = todo.pop("who"), _parse_time(todo.pop("when")), todo.pop("done", None)
            title, blockers = todo["title"], todo.get("blockedBy", ())
            if title not in existing:
                body = todo | {"blockedBy": [existing[blocker]["id"] for blocker in blockers]}
                existing[title] = self._request(who, when, "POST", "/todos", body).get_json()
            if done and not existing[title]["done"]:
                path = f"/todos/{existing[title]['id']}/done"
                self._request(done["who"], _parse_time(done["when"]), "POST", path)

    def _write_site(self, sites: list[dict[str, Any]]) -> None:
        for site in sites:
            now = _parse_time(site.pop("when"))
            submitted = Submitted(msgspec.convert(site, ReplaceSite))

            def make_body(_key: str, _before: Site | None, new: Submitted[ReplaceSite] = submitted) -> Any:
                return new

            if mappings.SITE.get(self._table, KEY, consistent=True) == INITIAL_SITE:
                owner = Principal(role="owner")
                context = Context(Dependencies(self._settings, self._table), owner, now, full_access=True)
                plan = SITE.plan_save(context, KEY, lambda _: None, make_body, "patched")
                self._table.transact(plan.writes, plan.rev)

    def _complete(self, who: str, when: datetime, path: str, body: object) -> None:
        """Replace the first version of an entity. A later version was written by an earlier seeding."""
        response = self._request(who, when, "GET", path)
        if response.get_json()["version"] == 1:
            self._request(who, when, "PUT", path, body, {"If-Match": response.headers["ETag"]})

    def _list(self, who: str, path: str) -> Iterator[dict[str, Any]]:
        """Yield the items of all pages of a list."""
        while path:
            page = self._request(who, self._since, "GET", path).get_json()
            yield from page["items"]
            path = page.get("next")

    def _request(
        self, who: str, when: datetime, method: str, path: str, body: object = None, headers: Mapping[str, str] = {}
    ) -> TestResponse:
        self._now = when
        authorization = {"Authorization": f"Bearer {self._tokens[who]}"}
        response = self._client.open(path, method=method, json=body, headers={**authorization, **headers})
        # 412: the entity exists, because an earlier seeding wrote it.
        if response.status_code >= HTTPStatus.BAD_REQUEST and response.status_code != HTTPStatus.PRECONDITION_FAILED:
            raise CliError(
                f"The sample data could not be written: {method} {path} returned {response.status}: "
                f"{response.text.strip()}"
            )
        return response


def _resolve_time(value: dict[str, Any], since: datetime) -> dict[str, Any] | str:
    """Return the date or time that a JSON object describes. Return any other object unchanged."""
    match value:
        case {"daysAgo": int(days), **rest}:
            return _date_or_time(since - timedelta(days=days), **rest)
        case {"inDays": int(days), **rest}:
            return _date_or_time(since + timedelta(days=days), **rest)
        case {"hoursAgo": int(hours)}:
            return _format_utc(since - timedelta(hours=hours))
        case {"inHours": int(hours)}:
            return _format_utc(since + timedelta(hours=hours))
        case _:
            return value


def _date_or_time(day: datetime, at: str | None = None) -> str:
    return f"{day.date()}T{at}:00Z" if at else day.date().isoformat()


def _hour(day: str, hour: int) -> datetime:
    return _parse_time(day) + timedelta(hours=hour)


def _parse_time(text: str) -> datetime:
    """Parse a time in UTC. A date is its midnight."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def _format_utc(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


@contextmanager
def _request_log_disabled() -> Iterator[None]:
    """Disable the request log inside the block."""
    logging.disable(logging.INFO)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)
