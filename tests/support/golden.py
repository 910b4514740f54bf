"""Golden items: the items of every kind as each release has stored them, in ``tests/golden/<release>.json``.

``python -m tests.golden`` writes the items of the current release to ``tests/golden/unreleased.json``. At a release,
rename this file to the version, and add the version to ``RELEASES``. The file of a release never changes.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from api.services.accounts import claim_first_owner
from api.store.bucket import Bucket
from api.store.table import Table
from tests.support.app import Client, TestApp
from tests.support.photos import DAMAGED, add_photo, s3
from tests.support.users import create_token

FOLDER = Path(__file__).resolve().parent.parent / "golden"
CURRENT = "unreleased"
RELEASES = ("0.1.0", CURRENT)
"""The releases, oldest first."""
USERNAME, PASSWORD = "owner", "nine lives and a tail"
"""The owner of every file, who can log in."""
CAT: dict[str, Any] = {
    "sex": "female", "birthDate": "2020-05-01", "birthDateExact": True, "breed": {"primary": "Persian", "mixed": True},
    "colors": {"primary": "black"}, "pattern": "solid", "coat": "short", "altered": "yes", "alteredOn": "2021-01-01",
    "microchips": [{"number": "276098106234567", "implantedOn": "2020-08-01"}], "fiv": "negative", "felv": "negative",
    "testedOn": "2020-08-01", "goodWith": {"cats": "yes", "dogs": "no", "children": "over5"}, "status": "available",
    "vaccinations": [
        {"type": "rabies", "dueOn": "2026-11-01"},
        {"type": "FVRCP", "givenOn": "2026-01-10", "expiresOn": "2027-01-10", "batch": "A1"},
    ],
    "specialNeeds": {"has": True, "note": "Asthma", "diet": "dry"}, "location": {"area": "café", "onFloor": True},
    "adoptionFee": {"amount": 12000, "currency": "GBP"}, "description": "Calm.", "staffNotes": "Sleeps on the till.",
}  # fmt: skip
"""A cat with a value in every field of release 0.1.0."""
BODIES: dict[str, dict[str, Any]] = {
    "/pies": {
        "name": "Apple", "publicName": "Apple pie", "rate": 350, "description": "Warm.", "allergens": ["gluten"],
        "diets": ["vegetarian"], "available": False, "soldOutUntil": "2026-12-01T08:00:00Z",
    },
    "/posts": {
        "title": "Luna", "body": "She is *here*.", "publishedAt": "2026-11-22T11:00:00Z", "cats": ["luna"],
    },
    "/users": {
        "username": "bea", "password": PASSWORD, "displayName": "Bea", "email": "bea@example.org", "about": "Hi.",
    },
}  # fmt: skip
"""The bodies of the entities that one POST of the staff creates, with a value in every field."""
SITE: dict[str, Any] = {
    "name": "The Purring Pie", "tagline": "Pie and cats.", "address": ["7 Lantern Lane", "Bristol"],
    "openingHours": {"monday": [{"opens": "09:00", "closes": "18:00"}]}, "openingHoursNote": "Quiet from 13:00.",
    "email": "hello@example.org", "telephone": "+44 117 496 0123", "theme": "garden", "accentColor": "#2255aa",
    "fontStack": "slab",
}  # fmt: skip
"""The site with a value in every field."""


def read(release: str) -> list[dict[str, Any]]:
    """Return the items of a release in DynamoDB's format."""
    loaded: list[dict[str, Any]] = json.loads((FOLDER / f"{release}.json").read_text("utf-8"))
    return loaded


def load(table: Table, release: str) -> list[dict[str, Any]]:
    """Write the items of a release to a table, and return them."""
    loaded = read(release)
    for item in loaded:
        table.client.put_item(TableName=table.name, Item=item)
    return loaded


def populate(cafe: TestApp) -> None:
    """Create an item of every kind through the API."""
    claim_first_owner(cafe.table, USERNAME, PASSWORD, cafe.clock.now)
    staff = cafe.client("staff", "ada")
    _cats(staff)
    responses = [staff.post(path, body) for path, body in BODIES.items()]
    blocker = staff.post("/todos", {"title": "Buy food"}).json["id"]
    todo = {
        "title": "Feed luna", "kind": "feeding", "cat": "luna", "due": "2026-11-25", "priority": "high",
        "assignee": "ada", "waitUntil": "2026-11-23T06:00:00Z", "blockedBy": [blocker],
        "recurrence": {"every": 2, "unit": "days"}, "notes": "Half a tin.",
    }  # fmt: skip
    responses.append(created := staff.post("/todos", todo))
    assert {response.status_code for response in responses} == {201}, [
        (response.status_code, response.text) for response in responses if response.status_code != 201
    ]
    assert staff.patch(f"/todos/{created.json['id']}", {"done": True}, if_match="*").status_code == 200
    monthly = {"title": "Pay the vet", "due": "2026-10-31", "recurrence": {"every": 1, "unit": "months"}}
    last_of_month = staff.post("/todos", monthly).json["id"]  # the next occurrence stores the series: 30 November
    assert staff.patch(f"/todos/{last_of_month}", {"done": True}, if_match="*").status_code == 200
    assert cafe.client("owner", USERNAME).patch("/site", SITE, if_match="*").status_code == 200
    _photos(cafe)
    create_token(staff, "Till", role="staff", expires="2027-01-01T00:00:00Z")
    _erase(cafe, staff)
    assert cafe.public.post("/sessions", {"username": USERNAME, "password": "not " + PASSWORD}).status_code == 401
    assert cafe.public.post("/sessions", {"username": USERNAME, "password": PASSWORD}).status_code == 201


def _erase(cafe: TestApp, staff: Client) -> None:
    """Delete a user, and redact a member in the history of a cat: each leaves a record of the erasure."""
    assert cafe.client("member", "bob").delete("/users/bob", if_match="*").status_code == 204
    redaction = {"member": "description", "reason": "A name was in it."}
    assert staff.post("/cats/luna/history/redactions", redaction).status_code == 200


def _photos(cafe: TestApp) -> None:
    """Add photos and a refused upload, begin an upload, and delete a photo whose files stay."""
    for path in ("/site", "/cats/luna", "/cats/luna", "/pies/Apple", "/posts/1"):
        photo = add_photo(cafe, path, b"700")
    add_photo(cafe, "/cats/luna", DAMAGED)
    new = {"alt": "Luna sits.", "type": "image/png", "size": 1000}
    assert cafe.client("staff", "ada").post("/cats/luna/photos", new).status_code == 201
    without_bucket = TestApp(cafe.table, cafe.clock, open_bucket=lambda: Bucket(s3(), "missing"), log_level="CRITICAL")
    assert without_bucket.client("staff", "ada").delete(f"/posts/1/photos/{photo}").status_code == 204


def _cats(staff: Client) -> None:
    """Create cats with a bond, a history, weights and an alarm, delete one, and save a response for a key."""
    responses = [
        staff.post("/cats", {"name": "luna", **CAT}, idempotency_key="luna-1"),
        staff.put("/cats/milo", {"status": "hold", "holdUntil": "2026-12-24", "bondedWith": ["luna"]}),
        staff.put("/cats/tom", {}),
        staff.post("/cats/luna/weights", {"grams": 4200, "note": "Hungry.", "weighedAt": "2026-11-20T12:00:00Z"}),
        staff.post("/cats/luna/weights", {"grams": 3100}),
    ]
    assert {response.status_code for response in responses} == {201}, [
        (response.status_code, response.text) for response in responses if response.status_code != 201
    ]
    assert staff.patch("/cats/luna", {"description": "Calm and clever."}, if_match="*").status_code == 200
    assert staff.delete("/cats/tom", if_match="*").status_code == 204
