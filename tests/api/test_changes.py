"""Lists with ``updatedSince``: what changed, what was deleted, and copies that clients update with it."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import Any
from urllib.parse import quote

import pytest

from api.services.changes import OVERLAP
from api.store.changes import RETENTION
from tests.support.app import NOON, Client, FakeClock, TestApp, problem

ANY = {"if_match": "*"}
BODIES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "/cats": ({"name": "luna", "status": "available"}, {"sex": "female"}),
    "/pies": ({"name": "cherry"}, {"rate": 300}),
    "/posts": ({"title": "News", "body": "Hello."}, {"title": "Old news"}),
    "/todos": ({"title": "Shop"}, {"priority": "high"}),
}


def stamp(at: datetime) -> str:
    """Return a time as a value of a query parameter."""
    return quote(at.isoformat())


def changes(client: Client, path: str, since: datetime = NOON, query: str = "") -> dict[str, Any]:
    """Return the response to ``updatedSince``."""
    response = client.get(f"{path}?updatedSince={stamp(since)}{query}")
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json
    return body


@pytest.mark.parametrize("path", BODIES)
def test_the_list_has_what_was_created_changed_and_deleted(cafe: TestApp, path: str) -> None:
    staff, (body, change) = cafe.staff, BODIES[path]
    reader = cafe.client("staff" if path == "/todos" else "public")
    assert changes(reader, path) == {"items": [], "deleted": [], "updatedUntil": "2026-11-22T11:59:00Z"}
    cafe.clock.advance(minutes=5)
    location = staff.post(path, body).headers["Location"]
    entity = reader.get(location).json
    key = "id" if "id" in entity else "name"
    assert changes(reader, path)["items"] == [entity]
    assert changes(reader, path, cafe.clock.now + timedelta(microseconds=0))["items"] == [entity]
    cafe.clock.advance(minutes=5)
    assert changes(reader, path, cafe.clock.now)["items"] == []
    assert staff.patch(location, change, **ANY).status_code == 200
    assert changes(reader, path, cafe.clock.now)["items"] == [reader.get(location).json]
    assert changes(reader, path, query=f"&fields={key}")["items"] == [{key: entity[key]}]
    cafe.clock.advance(minutes=5)
    staff.delete(location)
    assert changes(reader, path) == {
        "items": [],
        "deleted": [{key: entity[key], "updated": "2026-11-22T12:15:00Z"}],
        "updatedUntil": "2026-11-22T12:14:00Z",
    }


def test_the_order_is_that_of_the_last_change(cafe: TestApp) -> None:
    for name in ("a", "b", "c", "a", "d", "b"):
        cafe.staff.put(f"/cats/{name}", {"status": "available", "description": cafe.clock.now.isoformat()})
        cafe.clock.advance(seconds=1)
    cafe.staff.patch("/cats/c", {"staffNotes": "Shy."}, **ANY)
    for client, expected in ((cafe.public, "cadb"), (cafe.staff, "adbc")):
        for limit in (1, 2, 3, 100):
            names, path = "", f"/cats?updatedSince={stamp(NOON)}&limit={limit}"
            while path:
                page = client.get(path).json
                names, path = names + "".join(cat["name"] for cat in page["items"]), page.get("next")
                assert page["updatedUntil"] == "2026-11-22T11:59:06Z"
                cafe.clock.advance(seconds=1)
            cafe.clock.now = NOON + timedelta(seconds=6)
            assert names == expected


def test_a_hidden_change_is_no_change_for_the_public(cafe: TestApp) -> None:
    staff = cafe.staff
    staff.put("/cats/luna", {"status": "available"})
    staff.put("/cats/secret", {"status": "intake"})
    staff.post("/posts", {"title": "Plan", "body": "Secret.", "publishedAt": "2026-12-24T00:00:00Z"})
    cafe.clock.advance(minutes=5)
    start = cafe.clock.now
    for _ in range(2):
        staff.patch("/cats/luna", {"staffNotes": start.isoformat(), "bondedWith": ["secret"]}, **ANY)
        staff.patch("/posts/1", {"title": "Other plan"}, **ANY)
        staff.delete("/cats/secret")
    for path in ("/cats", "/posts"):
        answer = changes(cafe.public, path, start)
        assert (answer["items"], answer["deleted"]) == ([], [])
    staff.patch("/posts/1", {"publishedAt": (cafe.clock.now + OVERLAP / 2).isoformat()}, **ANY)
    assert changes(cafe.public, "/posts", start)["deleted"] == []
    staff.delete("/posts/1")
    cafe.clock.now = datetime.fromisoformat("2026-12-25T00:00:00Z")
    assert changes(cafe.public, "/posts", start)["deleted"] == []
    assert [cat["name"] for cat in changes(cafe.public, "/cats")["items"]] == ["luna"]
    assert [deleted["name"] for deleted in changes(cafe.client("staff", "bob"), "/cats", start)["deleted"]] == [
        "secret"
    ]


def test_a_cat_that_the_public_no_longer_sees_is_deleted_for_it(cafe: TestApp) -> None:
    cafe.staff.put("/cats/luna", {"status": "available"})
    cafe.clock.advance(minutes=5)
    cafe.staff.put("/cats/luna", {"status": "adopted"})
    gone = [{"name": "luna", "updated": "2026-11-22T12:05:00Z"}]
    assert changes(cafe.public, "/cats")["deleted"] == gone
    cafe.clock.advance(minutes=5)
    cafe.staff.patch("/cats/luna", {"staffNotes": "Adopted by a friend."}, **ANY)
    cafe.staff.delete("/cats/luna")
    assert changes(cafe.public, "/cats")["deleted"] == gone
    assert [deleted["name"] for deleted in changes(cafe.staff, "/cats")["deleted"]] == ["luna"]
    cafe.staff.put("/cats/luna", {"status": "trial"})
    assert changes(cafe.public, "/cats")["deleted"] == []
    assert len(changes(cafe.public, "/cats")["items"]) == 1


def test_a_bond_changes_both_cats(cafe: TestApp) -> None:
    for name in ("luna", "milo"):
        cafe.staff.put(f"/cats/{name}", {"status": "available"})
    cafe.clock.advance(minutes=5)
    cafe.staff.patch("/cats/luna", {"bondedWith": ["milo"]}, **ANY)
    bonds = {cat["name"]: cat["bondedWith"] for cat in changes(cafe.public, "/cats", cafe.clock.now)["items"]}
    assert bonds == {"luna": ["milo"], "milo": ["luna"]}


def test_a_post_appears_when_it_is_published(cafe: TestApp) -> None:
    cafe.staff.post("/posts", {"title": "Plan", "body": "Soon.", "publishedAt": "2026-11-22T13:00:00Z"})
    assert changes(cafe.public, "/posts")["items"] == []
    assert len(changes(cafe.staff, "/posts")["items"]) == 1
    cafe.clock.now = NOON + timedelta(hours=1)
    published = changes(cafe.public, "/posts", cafe.clock.now)
    assert [post["id"] for post in published["items"]] == [1]
    staff = cafe.client("staff", "bob")
    assert changes(staff, "/posts", cafe.clock.now)["items"] == []
    staff.patch("/posts/1", {"publishedAt": "2026-11-22T14:00:00Z"}, **ANY)
    assert changes(cafe.public, "/posts", cafe.clock.now)["deleted"] == [{"id": 1, "updated": "2026-11-22T13:00:00Z"}]
    cafe.clock.now = NOON + timedelta(hours=2)
    assert len(changes(cafe.public, "/posts", cafe.clock.now)["items"]) == 1


def test_a_reopened_todo_deletes_its_next_occurrence(cafe: TestApp) -> None:
    todo = {"title": "Brush", "due": "2026-11-23", "recurrence": {"every": 1, "unit": "days"}}
    location = cafe.staff.post("/todos", todo).headers["Location"]
    following = cafe.staff.post(f"{location}/done", None).json["next"]
    assert {item["id"] for item in changes(cafe.staff, "/todos")["items"]} == {following, location.split("/")[-1]}
    cafe.clock.advance(minutes=5)
    cafe.staff.patch(location, {"done": False}, **ANY)
    answer = changes(cafe.staff, "/todos", cafe.clock.now)
    assert [deleted["id"] for deleted in answer["deleted"]] == [following]
    assert [item["done"] for item in answer["items"]] == [False]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        (f"updatedSince={stamp(NOON - RETENTION - timedelta(seconds=1))}", "list everything again"),
        (f"updatedSince={stamp(NOON + timedelta(seconds=61))}", "in the future"),
        (f"updatedSince={stamp(NOON)}&status=available&sort=name", "combined with sort, status"),
        ("updatedSince=yesterday", "RFC 3339"),
    ],
)
def test_a_wrong_time_is_refused(cafe: TestApp, query: str, message: str) -> None:
    (error,) = problem(cafe.public.get(f"/cats?{query}"), 400)["errors"]
    assert error["parameter"] == "updatedSince"
    assert message in error["detail"]


def test_changes_are_not_plain_text(cafe: TestApp) -> None:
    query = f"/pies?updatedSince={stamp(NOON - RETENTION)}"
    assert cafe.public.get(query).status_code == 200
    assert "application/json" in problem(cafe.public.get(query, {"Accept": "text/plain"}), 400)["detail"]


def test_a_page_of_changes_has_at_most_a_megabyte(cafe: TestApp) -> None:
    for _ in range(20):
        assert cafe.staff.post("/posts", {"title": "Long", "body": "A\n\n" * 6_600}).status_code == 201
    ids, path = list[int](), f"/posts?updatedSince={stamp(NOON)}&limit=100"
    while path:
        response = cafe.public.get(path)
        assert len(response.data) < 1_500_000
        ids, path = ids + [post["id"] for post in response.json["items"]], response.json.get("next")
    assert sorted(ids) == [*range(1, 21)]


class Copy:
    """The copy of a list that a client updates with ``updatedSince``."""

    def __init__(self, client: Client, path: str, key: str) -> None:
        self.client, self.path, self.key = client, path, key
        self.since, self.next, self.items = (NOON - OVERLAP).isoformat(), "", dict[Any, Any]()

    def read_page(self, limit: int) -> bool:
        """Read one page. Return whether it was the last one."""
        path = self.next or f"{self.path}?updatedSince={quote(self.since)}&limit={limit}"
        response = self.client.get(path)
        assert response.status_code == 200, response.text
        page = response.json
        self.items |= {item[self.key]: item for item in page["items"]}
        for deleted in page["deleted"]:
            self.items.pop(deleted[self.key], None)
        assert "secret" not in response.text or self.client.headers
        self.next = page.get("next", "")
        if not self.next:
            self.since = page["updatedUntil"]
        return not self.next

    def original(self) -> dict[Any, Any]:
        """Return the list itself."""
        return {item[self.key]: item for item in self.client.get(f"{self.path}?limit=100").json["items"]}


def random_step(random: Random) -> tuple[Any, ...]:
    """Return a random step of ``World``: its kind, its object, for a write the lag of the clock, and the others."""
    cats, post, lag = ["ada", "bo", "cy"], random.randint(1, 4), random.choice([0, 0, 5, 45])
    offset, cat = random.choice([None, -3600, -20, 20, 200, 900]), random.choice(cats)
    status = random.choice(["available", "reserved", "adopted"])
    return random.choice(
        [
            ("cat", cat, lag, status, random.sample(cats, random.randint(0, 2))),
            ("notes", cat, lag, random.randint(0, 99)),
            ("delete cat", cat, lag),
            ("hidden cat", random.randint(0, 1), lag),
            *[("post", offset, lag)] * 2,
            ("publish", post, lag, offset),
            ("title", post, lag, random.randint(0, 99)),
            ("delete post", post, lag),
            *[("wait", random.choice([0.001, 1, 59, 61, 300]))] * 3,
            *[("read", random.randint(0, 3), random.choice([1, 2, 100]))] * 4,
        ]
    )


class World:
    """A café that staff changes on an instance whose clock is up to a minute late, with four copies of its lists."""

    def __init__(self, reader: TestApp, writer: TestApp) -> None:
        self.clock, self.late, self.staff = reader.clock, writer.clock, writer.staff
        clients = [reader.public, reader.staff]
        self.copies = [Copy(c, path, key) for path, key in (("/cats", "name"), ("/posts", "id")) for c in clients]

    def run(self, kind: str, which: Any, *args: Any) -> None:
        """Make one step."""
        if kind == "wait":
            self.clock.advance(seconds=which)
        elif kind == "read":
            self.copies[which].read_page(args[0])
        else:
            self.late.now = self.clock.now - timedelta(seconds=args[0])
            self.write(kind, which, *args[1:])

    def write(self, kind: str, which: Any, *args: Any) -> None:
        """Change something. A change of what does not exist is refused."""
        if kind == "cat":
            self.staff.patch(f"/cats/{which}", {"status": args[0], "bondedWith": sorted(args[1])}, if_match="*")
            self.staff.patch(f"/cats/{which}", {"status": args[0]}, if_none_match="*")
        elif kind == "notes":
            self.staff.patch(f"/cats/{which}", {"staffNotes": f"secret {args[0]}"}, **ANY)
        elif kind == "delete cat":
            self.staff.delete(f"/cats/{which}")
        elif kind == "hidden cat":
            self.staff.put("/cats/secret", {"bondedWith": ["ada"] * which})
        elif kind == "post":
            self.staff.post("/posts", {"title": "A", "body": "B", "publishedAt": self.after(which)})
        elif kind == "publish":
            self.staff.patch(f"/posts/{which}", {"publishedAt": self.after(args[0])}, **ANY)
        elif kind == "title":
            self.staff.patch(f"/posts/{which}", {"title": f"Title {args[0]}"}, **ANY)
        else:
            self.staff.delete(f"/posts/{which}")

    def after(self, seconds: int | None) -> str | None:
        """Return a time relative to now."""
        return seconds and (self.clock.now + timedelta(seconds=seconds)).isoformat()


@pytest.mark.parametrize("seed", range(10))
def test_copies_equal_the_lists(cafe: TestApp, seed: int) -> None:
    random = Random(seed)
    world = World(cafe, TestApp(cafe.table, FakeClock()))
    for _ in range(80):
        world.run(*random_step(random))
    for copy in world.copies:
        while not copy.read_page(2):  # the rest of the pages that a client began to read
            pass
        while not copy.read_page(2):
            pass
        assert copy.items == copy.original()
