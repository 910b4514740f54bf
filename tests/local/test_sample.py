"""The sample that every new café has: it is written through the API, whole, and once, however often it is cut off."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from api.store.transaction import TransactItem
from tests.support.engine_app import EngineApp, InstrumentedTable, MakeEngineApp
from tests.support.snapshot import take_snapshot
from tools.local.dynamodb import DynamoDBEmulator
from tools.local.reset import reset
from tools.local.seed import read_sample, seed

NAMED = {"people": "username", "cats": "name", "pies": "name", "posts": "title", "todos": "title"}
SMALL: dict[str, list[dict[str, Any]]] = {
    "people": [{"username": "ada", "role": "staff", "since": {"daysAgo": 90}, "displayName": "Ada"}],
    "cats": [
        {"name": "luna", "arrived": {"daysAgo": 60}, "who": "ada", "status": "available", "weights": [[40, 4000]]},
        {
            "name": "milo", "arrived": {"daysAgo": 60}, "who": "ada", "sex": "male", "bondedWith": ["luna"],
            "vaccinations": [{"type": "rabies", "givenOn": {"daysAgo": 30}}], "weights": [[40, 5000], [2, 5100]],
        },
    ],
    "pies": [{"name": "cherry", "who": "ada", "when": {"daysAgo": 9}, "rate": 450}],
    "posts": [
        {"title": "First", "body": "1", "who": "ada", "when": {"daysAgo": 3, "at": "09:00"}},
        {
            "title": "Later", "body": "2", "who": "ada", "when": {"hoursAgo": 2},
            "publishedAt": {"inDays": 2, "at": "09:00"},
        },
    ],
    "todos": [
        {
            "title": "Drops", "kind": "medicine", "cat": "luna", "due": {"hoursAgo": 9}, "who": "ada",
            "when": {"daysAgo": 2}, "recurrence": {"every": 6, "unit": "hours"},
            "done": {"when": {"hoursAgo": 9}, "who": "ada"},
        },
        {"title": "Sweep", "who": "ada", "when": {"daysAgo": 1}, "blockedBy": ["Drops"], "due": {"inHours": 3}},
    ],
}  # fmt: skip
"""A story that has one of everything."""


class Mortal(InstrumentedTable):
    """A table whose process is killed before one of its writes."""

    left: float = float("inf")

    def write(self, writes: Sequence[TransactItem], token: str) -> None:
        """Write, while there is life."""
        self.left -= 1
        if self.left < 0:
            raise KeyboardInterrupt
        super().write(writes, token)


@pytest.fixture
def small(tmp_path: Path) -> Path:
    for collection, things in SMALL.items():
        (tmp_path / f"{collection}.json").write_text(json.dumps(things))
    return tmp_path


@pytest.fixture
def whole(cafe: EngineApp, small: Path) -> dict[str, Any]:
    """The small story as it is in a café to which it was told without a break."""
    tell(cafe, small)
    return take_snapshot(cafe)


def tell(cafe: EngineApp, *sample: Path) -> None:
    seed(cafe.settings, cafe.table, cafe.clock.now, *sample)


def test_a_small_story_is_told_as_it_stands(whole: dict[str, Any]) -> None:
    assert [post["id"] for post in whole["posts"]] == [2, 1]
    assert [(one["title"], one["done"], one["blockedBy"]) for one in whole["todos"]] == [
        ("Drops", False, []), ("Sweep", False, ["Drops"]), ("Drops", True, []),
    ]  # fmt: skip
    luna, milo = whole["cats"]
    assert (luna["bondedWith"], milo["bondedWith"]) == (["milo"], ["luna"])
    assert [one["grams"] for one in whole["weights of milo"]] == [5100, 5000]
    assert [entry["by"] for entry in whole["history of milo"]] == ["ada", "ada"]


def test_what_was_done_some_days_ago_was_written_then_by_whoever_did_it(cafe: EngineApp, small: Path) -> None:
    tell(cafe, small)
    days = {ago: (cafe.clock.now - timedelta(days=ago)).date() for ago in (3, 30, 60)}
    milo = cafe.staff.get("/cats/milo").get_json()
    assert milo["created"] == f"{days[60]}T08:00:00Z"
    assert milo["updated"] == f"{days[30]}T12:00:00Z"
    post = cafe.public.get("/posts/1").get_json()
    assert (post["author"], post["created"]) == ("ada", f"{days[3]}T09:00:00Z")


def test_a_first_start_that_was_killed_before_any_write_is_finished_without_doubles(
    engine: DynamoDBEmulator, make_app: MakeEngineApp, small: Path, whole: dict[str, Any], cafe: EngineApp
) -> None:
    for life in count():
        other = make_app(engine, Mortal)
        other.clock.now, other.table.left = cafe.clock.now, life
        try:
            tell(other, small)
            break
        except KeyboardInterrupt:
            other.table.left = float("inf")
            tell(other, small)
        assert take_snapshot(other) == whole, f"killed before write {life + 1}"
    assert life > 15


def test_a_reset_that_was_killed_before_any_write_is_finished_by_the_next(
    engine: DynamoDBEmulator, make_app: MakeEngineApp, small: Path, whole: dict[str, Any], cafe: EngineApp
) -> None:
    other = make_app(engine, Mortal)
    other.clock.now = cafe.clock.now
    for life in count():
        tell(other, small)
        staff = other.staff
        assert staff.delete("/cats/luna").status_code == 204
        assert staff.post("/posts", {"title": "Mine", "body": "!"}).status_code == 201
        other.table.left = life
        try:
            reset(other.settings, other.table, other.clock.now, small)
            break
        except KeyboardInterrupt:
            other.table.left = float("inf")
            reset(other.settings, other.table, other.clock.now, small)
        assert take_snapshot(other) == whole, f"killed before write {life + 1}"
    assert life > 15


@pytest.mark.parametrize(("collection", "member"), list(NAMED.items()))
def test_nothing_of_the_sample_has_the_name_of_something_else_in_it(
    cafe: EngineApp, collection: str, member: str
) -> None:
    names = [thing[member] for thing in read_sample(collection, cafe.clock.now)]
    assert names
    assert len(set(names)) == len(names)


def test_nobody_can_log_in_as_somebody_of_the_sample(cafe: EngineApp) -> None:
    tell(cafe)
    for person in read_sample("people", cafe.clock.now):
        for password in (person["username"], "password", " "):
            credentials = {"username": person["username"], "password": password}
            assert cafe.public.post("/sessions", credentials).status_code == 401


@pytest.mark.parametrize("hour", [0, 8, 16, 23])
def test_what_to_do_next_is_a_good_read_at_every_hour_of_the_day(cafe: EngineApp, hour: int) -> None:
    cafe.clock.now = cafe.clock.now.replace(hour=hour, minute=59) + timedelta(days=1)
    tell(cafe)
    told = cafe.staff.get("/todos/next?explain=true").get_json()
    tiers = [item["tier"] for item in told["items"]]
    assert tiers == sorted(tiers)
    assert set(tiers) == {1, 2, 3}
    first = told["items"][0]
    assert (first["kind"], first["cat"], first["overdue"]) == ("medicine", "nori", True)
    assert told["runnerUp"]["lostBecause"]
    derived = {item["id"].rpartition("-")[0] for item in told["items"] if item["id"].startswith("derived-")}
    assert derived == {f"derived-{code}" for code in ("weight-alarm", "vaccination-due", "weigh", "hold-ended")}
    titles = {item["title"] for item in told["items"]}
    assert not titles & {"Sit with shadow for half an hour", "Bake the fisherman's pies", "Have clementine neutered"}


def test_the_menu_is_the_one_that_the_board_says(cafe: EngineApp) -> None:
    tell(cafe)
    for path in ("/", "/pies"):
        assert cafe.public.get(path, {"Accept": "text/plain"}).text == "cherry, steak & kidney, fisherman's"
    pies = cafe.public.get("/pies").get_json()["items"]
    assert all(pie["rate"] and pie["allergens"] for pie in pies)
    for asked, name in (("diet=vegan", "cherry"), ("withoutAllergen=gluten", "fisherman's")):
        assert [pie["name"] for pie in cafe.public.get(f"/pies?{asked}").get_json()["items"]] == [name]


def test_what_is_to_come_out_later_is_told_to_the_staff_alone(cafe: EngineApp) -> None:
    tell(cafe)
    staff, public = (len(who.get("/posts").get_json()["items"]) for who in (cafe.staff, cafe.public))
    assert staff == public + 1
