"""Personal data: the export of a user, what remains after a user was erased, and redactions of a history."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from api.domain.erasures import REDACTABLE, RETENTION
from api.services import erasures
from api.services.mappings import CAT, ERASURE
from api.store.transaction import ConditionFailed
from tests.support.app import Client, TestApp, pointers
from tests.support.engine_app import InstrumentedTable
from tests.support.inspection import items, writes_nothing
from tests.support.users import log_in, register

PROFILE = {"displayName": "Wilhelmina Q.", "email": "quux@example.org", "about": "Plays the theremin."}
USERNAME = "wilhelmina"
SECRET = "Adopter Jane Doe, 5 High Street"
REDACTION = {"member": "staffNotes", "reason": "The notes name the adopters."}


@pytest.fixture
def ada(cafe: TestApp) -> Client:
    """A member of the staff who has done one of everything."""
    assert register(cafe, USERNAME, **PROFILE).status_code == 201
    assert cafe.client("owner").patch(f"/users/{USERNAME}", {"role": "staff"}, if_match="*").status_code == 200
    client = log_in(cafe, USERNAME)
    work(client)
    cafe.staff.put("/cats/biscuit", {"status": "available"})
    todo = cafe.staff.post("/todos", {"title": "Assigned", "assignee": USERNAME}, idempotency_key="of-the-staff")
    assert todo.json["assignee"] == USERNAME
    return client


def work(client: Client) -> None:
    """Create a post, to-dos, a weighing and versions of a cat."""
    responses = [
        client.put("/cats/luna", {"status": "available"}),
        client.patch("/cats/luna", {"description": "Sleeps."}, if_match="*"),
        client.post("/cats/luna/weights", {"grams": 4000}, idempotency_key="weight"),
        client.post("/posts", {"title": "News", "body": "Luna is here."}),
        client.post("/todos", {"title": "Created"}, idempotency_key="todo"),
        done := client.post("/todos", {"title": "Done"}),
        client.send("POST", f"{done.headers['Location']}/done"),
    ]
    assert {response.status_code for response in responses} <= {200, 201}


def export_pages(client: Client, path: str) -> Iterator[dict[str, Any]]:
    """Yield the pages of an export."""
    following: str | None = path
    while following:
        response = client.get(following)
        assert response.status_code == 200, response.get_data(as_text=True)
        assert response.headers["Cache-Control"] == "private, no-store"
        page = response.json
        assert page is not None
        yield page
        following = page["next"]


def summary(pages: list[dict[str, Any]]) -> dict[str, list[Any]]:
    """Return what the pages of an export contain, without times and ids."""
    return {
        "posts": [post["title"] for page in pages for post in page["posts"]],
        "todos": sorted((t["title"], t["by"], t["doneBy"], t["assignee"]) for page in pages for t in page["todos"]),
        "weighings": [(entry["cat"], entry["grams"], entry["by"]) for page in pages for entry in page["weighings"]],
        "history": [(entry["cat"], entry["action"], entry["by"]) for page in pages for entry in page["history"]],
        "sessions": [session["username"] for page in pages for session in page["sessions"]],
    }


def test_export_has_everything_about_a_user_and_nothing_about_others(cafe: TestApp, ada: Client) -> None:
    work(cafe.client("staff", "bea"))
    expected = {
        "posts": ["News"],
        "todos": [
            ("Assigned", "a member of the staff", None, USERNAME),
            ("Created", USERNAME, None, None),
            ("Done", USERNAME, USERNAME, None),
        ],
        "weighings": [("luna", 4000, USERNAME)],
        "history": [("luna", "patched", USERNAME), ("luna", "created", USERNAME)],
        "sessions": [USERNAME],
    }
    for client in (ada, cafe.client("owner")):
        (page,) = pages = list(export_pages(client, f"/users/{USERNAME}/export"))
        assert summary(pages) == expected
        assert {name: page["profile"][name] for name in PROFILE} == PROFILE
        assert page["posts"][0]["author"] == PROFILE["displayName"]
        assert "argon2" not in json.dumps(page)
        for limit in (1, 2, 3):
            assert summary(list(export_pages(client, f"/users/{USERNAME}/export?limit={limit}"))) == expected


def test_export_and_erasure_are_only_for_the_user_and_owners(cafe: TestApp, ada: Client) -> None:
    path = f"/users/{USERNAME}/export"
    assert [cafe.client(role).get(path).status_code for role in ("public", "member", "staff")] == [401, 404, 404]
    assert cafe.client("owner").get("/users/missing/export").status_code == 404
    cursor = next(export_pages(ada, f"{path}?limit=1"))["next"]
    assert cafe.client("owner").get(cursor.replace(USERNAME, "owner")).status_code in (400, 404)


def test_erasing_a_user_leaves_no_name_email_or_text_in_the_table(cafe: TestApp, ada: Client) -> None:
    """Idempotency records expire after a day; DynamoDB then deletes them."""
    texts = [USERNAME, *PROFILE.values()]
    cafe.client("owner").patch(f"/users/{USERNAME}", {"displayName": PROFILE["displayName"]}, if_match="*")
    assert all(text in json.dumps(items(cafe), ensure_ascii=False) for text in texts)
    assert ada.delete(f"/users/{USERNAME}").status_code == 204
    later = (cafe.clock.now + timedelta(days=1)).timestamp()
    stored = [item for item in items(cafe) if float(item.get("expires", {"N": "inf"})["N"]) > later]
    assert [item for item in stored if any(text in json.dumps(item, ensure_ascii=False) for text in texts)] == []
    todos = cafe.staff.get("/todos").json
    assert todos is not None
    assert {todo["assignee"] for todo in todos["items"]} == {None}


def test_every_erasure_is_recorded_longer_than_backups_exist(cafe: TestApp, ada: Client) -> None:
    write_secret(cafe)
    redact(cafe.staff)
    ada.delete(f"/users/{USERNAME}")
    found = [ERASURE.read(erasure) for erasure in map(raw, items(cafe)) if str(erasure["pk"]).startswith("erasures#")]
    assert {bool(record.value.person) for record in found} == {True, False}
    assert all(USERNAME not in str(record) for record in found)
    assert timedelta(days=366) < RETENTION


def raw(item: dict[str, Any]) -> dict[str, str | int]:
    """Return an item without the types of DynamoDB."""
    return {name: value["S"] if "S" in value else int(value["N"]) for name, value in item.items()}


def write_secret(cafe: TestApp) -> list[str]:
    """Write versions of a cat with a secret and clear it; return the times of these versions."""
    times = []
    for body in (SECRET, f"{SECRET}!", f"{SECRET}?", None):
        times.append(cafe.clock.now.strftime("%Y-%m-%dT%H:%M:%SZ"))
        headers = {"if_match": "*"} if len(times) > 1 else {"if_none_match": "*"}
        response = cafe.staff.patch("/cats/milo", {"staffNotes": body, "pattern": "tabby"}, **headers)
        assert response.status_code in (200, 201)
        cafe.clock.advance(hours=1)
    return times


def redact(staff: Client, body: dict[str, str] = REDACTION) -> list[int]:
    """Send a redaction until there is nothing left; return how many versions each request has changed."""
    path, counts = "/cats/milo/history/redactions", list[int]()
    while path:
        response = staff.post(path, body)
        assert response.status_code == 200, response.get_data(as_text=True)
        counts.append(response.json["redacted"])  # type: ignore[index]
        path = response.json["next"]  # type: ignore[index]
    return counts


def history(cafe: TestApp) -> list[dict[str, Any]]:
    """Return the history of the cat, newest first."""
    return list(cafe.staff.get("/cats/milo/history?limit=100").json["items"])  # type: ignore[index]


def test_redaction_removes_a_member_from_all_earlier_versions_and_leaves_who_when_and_why(cafe: TestApp) -> None:
    times, bea = write_secret(cafe), cafe.client("staff", "bea")
    before, cat = history(cafe), cafe.staff.get("/cats/milo").data
    for deleted in (False, True):
        if deleted:
            cafe.staff.delete("/cats/milo", if_match="*")
            cafe.staff.put("/cats/milo", {"staffNotes": SECRET, "status": "available"})
            cafe.staff.delete("/cats/milo", if_match="*")
            before = history(cafe)
        assert redact(bea) == [1 if deleted else 3]
        entry, *others = history(cafe)
        assert others == before
        expected = {"action": "redacted", "by": "bea", "changed": [], "version": before[0]["version"], **REDACTION}
        assert entry == expected | {"at": entry["at"]}
        assert SECRET not in json.dumps(items(cafe))
        versions = [cafe.staff.get(f"/cats/milo/history?at={at}").json for at in times]
        assert [(v["staffNotes"], v["pattern"]) for v in versions] == [(None, "tabby")] * 4  # type: ignore[index]
        latest = cafe.staff.get("/cats/milo/history?at=2099-01-01T00:00:00Z")
        assert latest.status_code == (404 if deleted else 200)
        with writes_nothing(cafe):
            assert redact(bea) == [0]
        if not deleted:
            assert cafe.staff.get("/cats/milo").data == cat


def test_redaction_does_not_change_the_current_version(cafe: TestApp) -> None:
    write_secret(cafe)
    cafe.staff.patch("/cats/milo", {"staffNotes": "Loves tuna."}, if_match="*")
    assert redact(cafe.staff) == [3]
    now = cafe.clock.now.strftime("%Y-%m-%dT%H:%M:%SZ")
    for path in ("/cats/milo", f"/cats/milo/history?at={now}"):
        assert cafe.staff.get(path).json["staffNotes"] == "Loves tuna."  # type: ignore[index]
    assert redact(cafe.staff) == [0]


def test_long_history_is_redacted_in_several_requests(cafe: TestApp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(erasures, "MAX_VERSIONS", 2)
    write_secret(cafe)
    assert redact(cafe.staff) == [2, 1]
    assert SECRET not in json.dumps(items(cafe))
    assert [entry["action"] for entry in history(cafe)[:3]] == ["redacted", "redacted", "patched"]


def test_redaction_removes_a_value_that_is_cleared_meanwhile(cafe: TestApp) -> None:
    """The value was in the current version when the redaction read it, and in an earlier one when it wrote."""
    table = InstrumentedTable(cafe.table.client, cafe.table.name)
    staff, racing = cafe.staff, TestApp(table, cafe.clock).staff
    for name, clear in (
        ("kit", lambda: staff.patch("/cats/kit", {"staffNotes": None}, if_match="*")),
        ("tom", lambda: staff.delete("/cats/tom")),
    ):
        staff.put(f"/cats/{name}", {"staffNotes": SECRET})
        table.before_write = clear
        response = racing.post(f"/cats/{name}/history/redactions", REDACTION)
        assert (response.status_code, response.json["redacted"]) == (200, 1)
    assert SECRET not in json.dumps(items(cafe))


def test_export_shows_a_todo_as_overdue_in_the_time_zone_of_the_cafe(cafe: TestApp, ada: Client) -> None:
    todo = ada.post("/todos", {"title": "Today", "due": cafe.clock.now.date().isoformat()})
    moved = TestApp(cafe.table, cafe.clock, time_zone="Pacific/Kiritimati")  # it is the next day there
    owner = moved.client("owner")
    (page,) = export_pages(owner, f"/users/{USERNAME}/export")
    (exported,) = [each for each in page["todos"] if each["title"] == "Today"]
    assert (exported["overdue"], owner.get(todo.headers["Location"]).json["overdue"]) == (True, True)


def test_two_redactions_at_once_lose_no_member(cafe: TestApp) -> None:
    """Both have read the same versions; the second one reads again."""
    write_secret(cafe)
    read = CAT.versions_with(cafe.table, "milo", "staffNotes", None, 20)
    assert redact(cafe.staff, REDACTION | {"member": "pattern"}) == [3]
    stale = [item for item in read.items if "doc" in item]
    entry = CAT.newest_entry(cafe.table, "milo")
    assert entry is not None
    with pytest.raises(ConditionFailed):
        cafe.table.transact(CAT.redaction("milo", entry, stale, "staffNotes", "stale"), "stale")
    assert redact(cafe.staff) == [3]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, ["/member", "/reason"]),
        ({"member": "name", "reason": " "}, ["/member", "/reason"]),
        ({"member": "status", "reason": "x" * 201}, ["/member", "/reason"]),
        (REDACTION | {"by": "ada"}, ["/by"]),
        (REDACTION | {"reason": "\u200b"}, ["/reason"]),
    ],
)
def test_invalid_redaction_changes_nothing(cafe: TestApp, body: dict[str, str], expected: list[str]) -> None:
    write_secret(cafe)
    staff = cafe.staff
    with writes_nothing(cafe):
        assert pointers(staff.post("/cats/milo/history/redactions", body)) == expected
        for name in ("missing", "!"):
            assert staff.post(f"/cats/{name}/history/redactions", REDACTION).status_code == 404


def test_every_redactable_member_can_be_removed_from_a_version(cafe: TestApp) -> None:
    write_secret(cafe)
    (version,) = CAT.versions_with(cafe.table, "milo", "pattern", None, 1).items
    for member in REDACTABLE:
        members = {name: value for name, value in json.loads(str(version["doc"])).items() if name != member}
        assert CAT.read(version | {"doc": json.dumps(members)})
