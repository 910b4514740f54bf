"""The sample data is seeded through the API, completely and without duplicates, even if seeding is interrupted."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from api.store.transaction import TransactItem
from tests.support.engine_app import EngineApp, InstrumentedTable, MakeEngineApp, create_engine_app
from tests.support.snapshot import take_snapshot
from tools.local.dynamodb import DynamoDBEmulator
from tools.local.reset import reset
from tools.local.seed import read_sample, seed

NAME_FIELDS = {"users": "username", "cats": "name", "pies": "name", "posts": "title", "todos": "title"}
SMALL: dict[str, list[dict[str, Any]]] = {
    "users": [{"username": "ada", "role": "staff", "since": {"daysAgo": 90}, "displayName": "Ada"}],
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
    "site": [{"when": {"daysAgo": 90}, "name": "The Small Café"}],
}  # fmt: skip
"""Sample data with at least one entity of each type."""


class LimitedTable(InstrumentedTable):
    """A table whose process is killed after a number of writes."""

    writes_left: float = float("inf")

    def write(self, writes: Sequence[TransactItem], token: str) -> None:
        """Write, or raise KeyboardInterrupt when no writes are left."""
        self.writes_left -= 1
        if self.writes_left < 0:
            raise KeyboardInterrupt
        super().write(writes, token)


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A directory with the small sample data."""
    for collection, entities in SMALL.items():
        (tmp_path / f"{collection}.json").write_text(json.dumps(entities))
    return tmp_path


@pytest.fixture
def expected(cafe: EngineApp, small: Path) -> dict[str, Any]:
    """The snapshot after the small sample data was seeded without interruption."""
    seed_app(cafe, small)
    return take_snapshot(cafe)


def seed_app(cafe: EngineApp, *sample: Path) -> None:
    seed(cafe.settings, cafe.table, cafe.clock.now, *sample)


def test_small_sample_is_seeded(expected: dict[str, Any]) -> None:
    assert [post["title"] for post in expected["posts"]] == ["Later", "First"]
    assert [(todo["title"], todo["done"], todo["blockedBy"]) for todo in expected["todos"]] == [
        ("Drops", False, []), ("Sweep", False, ["Drops"]), ("Drops", True, []),
    ]  # fmt: skip
    luna, milo = expected["cats"]
    assert (luna["bondedWith"], milo["bondedWith"]) == (["milo"], ["luna"])
    assert [weight["grams"] for weight in expected["weights of milo"]] == [5100, 5000]
    assert [entry["by"] for entry in expected["history of milo"]] == ["ada", "ada"]


def test_seeded_entities_have_past_times_and_authors(cafe: EngineApp, small: Path) -> None:
    seed_app(cafe, small)
    dates = {days: (cafe.clock.now - timedelta(days=days)).date() for days in (3, 30, 60)}
    milo = cafe.staff.get("/cats/milo").get_json()
    assert milo["created"] == f"{dates[60]}T08:00:00Z"
    assert milo["updated"] == f"{dates[30]}T12:00:00Z"
    post = cafe.public.get("/posts/1").get_json()
    assert (post["author"], post["created"]) == ("Ada", f"{dates[3]}T09:00:00Z")


def test_interrupted_seed_is_completed_without_duplicates(
    engine: DynamoDBEmulator, make_app: MakeEngineApp, small: Path, expected: dict[str, Any], cafe: EngineApp
) -> None:
    for writes in count(step=3):
        other = make_app(engine, LimitedTable)
        other.clock.now, other.table.writes_left = cafe.clock.now, writes
        try:
            seed_app(other, small)
            break
        except KeyboardInterrupt:
            other.table.writes_left = float("inf")
            seed_app(other, small)
        assert take_snapshot(other) == expected, f"killed after {writes} writes"
    assert writes > 15


def test_interrupted_reset_is_completed_by_the_next_reset(
    engine: DynamoDBEmulator, make_app: MakeEngineApp, small: Path, expected: dict[str, Any], cafe: EngineApp
) -> None:
    other = make_app(engine, LimitedTable)
    other.clock.now = cafe.clock.now
    for writes in count(step=3):
        seed_app(other, small)
        staff = other.staff
        assert staff.delete("/cats/luna").status_code == 204
        assert staff.post("/posts", {"title": "Mine", "body": "!"}).status_code == 201
        other.table.writes_left = writes
        try:
            reset(other.settings, other.table, other.clock.now, small)
            break
        except KeyboardInterrupt:
            other.table.writes_left = float("inf")
            reset(other.settings, other.table, other.clock.now, small)
        assert take_snapshot(other) == expected, f"killed after {writes} writes"
    assert writes > 15


def test_sample_has_no_duplicate_names() -> None:
    for collection, field in NAME_FIELDS.items():
        names = [entity[field] for entity in read_sample(collection, datetime.now(UTC))]
        assert names, collection
        assert len(set(names)) == len(names), collection


@pytest.mark.parametrize("hour", [0, 8, 16, 23])
def test_sample_has_next_todos_of_every_tier_at_every_hour(cafe: EngineApp, hour: int) -> None:
    cafe.clock.now = cafe.clock.now.replace(hour=hour, minute=59) + timedelta(days=1)
    seed_app(cafe)
    body = cafe.staff.get("/todos/next?explain=true").get_json()
    tiers = [item["tier"] for item in body["items"]]
    assert tiers == sorted(tiers)
    assert set(tiers) == {1, 2, 3}
    first = body["items"][0]
    assert (first["kind"], first["cat"], first["overdue"]) == ("medicine", "nori", True)
    assert body["runnerUp"]["lostBecause"]
    derived = {item["id"].rpartition("-")[0] for item in body["items"] if item["id"].startswith("derived-")}
    assert derived == {f"derived-{code}" for code in ("weight-alarm", "vaccination-due", "weigh", "hold-ended")}
    titles = {item["title"] for item in body["items"]}
    assert not titles & {"Sit with shadow for half an hour", "Bake the fisherman's pies", "Have clementine neutered"}


@pytest.fixture(scope="module")
def sample_cafe(engine: DynamoDBEmulator) -> Iterator[EngineApp]:
    """Return an app with the sample data, for tests that only read."""
    cafe = create_engine_app(engine.url, "cafe-sample")
    seed_app(cafe)
    yield cafe
    cafe.close()


def test_sample_users_cannot_log_in(sample_cafe: EngineApp) -> None:
    for user in read_sample("users", sample_cafe.clock.now):
        for password in (user["username"], "password", " "):
            credentials = {"username": user["username"], "password": password}
            assert sample_cafe.public.post("/sessions", credentials).status_code == 401


def test_sample_menu(sample_cafe: EngineApp) -> None:
    public = sample_cafe.public
    for path in ("/", "/pies"):
        assert public.get(path, {"Accept": "text/plain"}).text == "cherry, steak & kidney, fisherman's"
    pies = public.get("/pies").get_json()["items"]
    assert all(pie["rate"] and pie["allergens"] for pie in pies)
    for query, name in (("diet=vegan", "cherry"), ("withoutAllergen=gluten", "fisherman's")):
        assert [pie["name"] for pie in public.get(f"/pies?{query}").get_json()["items"]] == [name]


def test_sample_has_one_unpublished_post(sample_cafe: EngineApp) -> None:
    clients = (sample_cafe.staff, sample_cafe.public)
    staff, public = (len(client.get("/posts").get_json()["items"]) for client in clients)
    assert staff == public + 1
