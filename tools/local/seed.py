"""Tells the sample's story to a café: who works there and who lives there, what is on the menu, in the news, to do.

The people are made first; all else they write themselves, through the API, so that the sample obeys every rule that
visitors obey. The API's clock is the story's: what was done ten days ago is written ten days ago, by whoever did it.

``sample/`` has a file for each noun: a list of bodies as the API takes them, each with ``who`` wrote it and ``when``.
Time is counted from the day and the instant of the seeding: ``{"daysAgo": 3}`` and ``{"inDays": 3}`` are days, with
``"at": "09:30"`` instants of a day (UTC), ``{"hoursAgo": 3}`` and ``{"inHours": 3}`` instants.

It is safe to tell it again after it was cut off, at whatever moment and however long ago: before something is written,
it is looked whether it is there. (An Idempotency-Key would be forgotten after a day.)
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

from werkzeug.test import TestResponse

from api.app import create_app
from api.services.accounts import ensure_user, issue_token
from api.settings import Settings
from api.store.table import Table
from tools.cli import CliError

SAMPLE = Path(__file__).with_name("sample")
LIFETIME = timedelta(minutes=10)
INTAKE_FIELDS = ("sex", "birthDate", "birthDateExact", "breed", "colors", "pattern", "coat")
"""What one sees of a cat who comes in. The rest is written down later."""
DATED_FACTS = re.compile(r'"(?:alteredOn|givenOn|implantedOn|testedOn)": "([0-9-]+)"')


def seed(settings: Settings, table: Table, since: datetime, sample: Path = SAMPLE) -> dict[str, int]:
    """Write all of the sample that is not there, and return how much of each noun it has.

    Args:
        settings: those of the café.
        table: where it is kept.
        since: what the sample's times are counted from; when it is told again, the same.
        sample: the folder of the files.
    """
    with _quiet():
        return _Seeder(settings, table, since, sample).tell()


def read_sample(noun: str, since: datetime, sample: Path = SAMPLE) -> list[dict[str, Any]]:
    """Return what the sample has of a noun, with its times counted from an instant."""
    told = (sample / f"{noun}.json").read_text(encoding="utf-8")
    things: list[dict[str, Any]] = json.loads(told, object_hook=lambda members: _timed(members, since))
    return things


class _Seeder:
    """The café while the story is told."""

    def __init__(self, settings: Settings, table: Table, since: datetime, sample: Path) -> None:
        self._now = self._since = since
        self._table, self._sample = table, sample
        self._client = create_app(settings, table, clock=lambda: self._now).test_client(use_cookies=False)
        self._tokens: dict[str, str] = {}

    def tell(self) -> dict[str, int]:
        """Write all of it: what is named by something else comes before that."""
        nouns: dict[str, Callable[[list[dict[str, Any]]], None]] = {
            "people": self._people, "cats": self._cats, "pies": self._pies, "posts": self._posts, "todos": self._todos,
        }  # fmt: skip
        told = {noun: read_sample(noun, self._since, self._sample) for noun in nouns}
        for noun, things in told.items():
            nouns[noun](things)
        return {noun: len(things) for noun, things in told.items()}

    def _people(self, people: list[dict[str, Any]]) -> None:
        for person in people:
            username, role, since = (person.pop(name) for name in ("username", "role", "since"))
            ensure_user(self._table, username, role, None, _instant(since))
            # It has to be good by the story's clock, and by the store's: that one forgets what has expired.
            now = max(self._since, datetime.now(UTC))
            self._tokens[username] = issue_token(self._table, username, now, LIFETIME)
            self._complete(username, _instant(since), f"/users/{quote(username)}", person)

    def _cats(self, cats: list[dict[str, Any]]) -> None:
        for cat in cats:
            who, weights, path = cat.pop("who"), cat.pop("weights"), f"/cats/{quote(cat['name'])}"
            arrived = cat.pop("arrived")
            first = {name: cat[name] for name in INTAKE_FIELDS if name in cat}
            self._ask(who, _hour(arrived, 8), "PUT", path, first, {"If-None-Match": "*"})
            known = max([arrived, *DATED_FACTS.findall(json.dumps(cat))])
            self._complete(who, min(_hour(known, 12), self._since), path, cat)
            there = {one["weighedAt"] for one in self._all(who, f"{path}/weights")}
            for days_ago, grams in weights:
                at = _hour((self._since - timedelta(days=days_ago)).date().isoformat(), 9)
                if _format_utc(at) not in there:
                    self._ask(who, at, "POST", f"{path}/weights", {"grams": grams})

    def _pies(self, pies: list[dict[str, Any]]) -> None:
        for pie in pies:
            who, when = pie.pop("who"), _instant(pie.pop("when"))
            self._ask(who, when, "PUT", f"/pies/{quote(pie['name'])}", pie, {"If-None-Match": "*"})

    def _posts(self, posts: list[dict[str, Any]]) -> None:
        there = {post["title"] for post in self._all(posts[0]["who"], "/posts")} if posts else ()
        for post in posts:
            who, when = post.pop("who"), _instant(post.pop("when"))
            if post["title"] not in there:
                self._ask(who, when, "POST", "/posts", post)

    def _todos(self, todos: list[dict[str, Any]]) -> None:
        # Of what recurs, the one that is done counts: it comes last, in the place of the one that follows it.
        lists = ("/todos", "/todos?done=true") if todos else ()
        there = {todo["title"]: todo for path in lists for todo in self._all(todos[0]["who"], path)}
        for todo in todos:
            who, when, done = todo.pop("who"), _instant(todo.pop("when")), todo.pop("done", None)
            title, blockers = todo["title"], todo.get("blockedBy", ())
            if title not in there:
                body = todo | {"blockedBy": [there[other]["id"] for other in blockers]}
                there[title] = self._ask(who, when, "POST", "/todos", body).get_json()
            if done and not there[title]["done"]:
                self._ask(done["who"], _instant(done["when"]), "POST", f"/todos/{there[title]['id']}/done")

    def _complete(self, who: str, when: datetime, path: str, body: object) -> None:
        """Replace the first version of something; a later one is there if this was done before."""
        first = self._ask(who, when, "GET", path)
        if first.get_json()["version"] == 1:
            self._ask(who, when, "PUT", path, body, {"If-Match": first.headers["ETag"]})

    def _all(self, who: str, path: str) -> Iterator[dict[str, Any]]:
        """Yield the things of a list."""
        while path:
            page = self._ask(who, self._since, "GET", path).get_json()
            yield from page["items"]
            path = page.get("next")

    def _ask(
        self, who: str, when: datetime, method: str, path: str, body: object = None, more: Mapping[str, str] = {}
    ) -> TestResponse:
        self._now = when
        headers = {"Authorization": f"Bearer {self._tokens[who]}", **more}
        answer = self._client.open(path, method=method, json=body, headers=headers)
        # What is there already, in whichever version, is what an earlier telling has left.
        if answer.status_code >= HTTPStatus.BAD_REQUEST and answer.status_code != HTTPStatus.PRECONDITION_FAILED:
            raise CliError(
                f"The sample is not written: {method} {path} answered {answer.status}: {answer.text.strip()}"
            )
        return answer


def _timed(told: dict[str, Any], since: datetime) -> dict[str, Any] | str:
    """Turn what says a time into a day or an instant, and leave every other object as it is."""
    match told:
        case {"daysAgo": int(days), **rest}:
            return _day(since - timedelta(days=days), **rest)
        case {"inDays": int(days), **rest}:
            return _day(since + timedelta(days=days), **rest)
        case {"hoursAgo": int(hours)}:
            return _format_utc(since - timedelta(hours=hours))
        case {"inHours": int(hours)}:
            return _format_utc(since + timedelta(hours=hours))
        case _:
            return told


def _day(day: datetime, at: str | None = None) -> str:
    return f"{day.date()}T{at}:00Z" if at else day.date().isoformat()


def _hour(day: str, hour: int) -> datetime:
    return _instant(day) + timedelta(hours=hour)


def _instant(told: str) -> datetime:
    """Return an instant; of a day, its beginning."""
    return datetime.fromisoformat(told).replace(tzinfo=UTC)


def _format_utc(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the sample's requests out of the log."""
    logging.disable(logging.INFO)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)
