"""The public view of a cat: changes that only the staff sees change neither its version, its dates nor its ETag."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from api.domain.cats import Cat
from api.services.mappings import CAT
from api.store.transaction import UNCONDITIONAL
from tests.support.app import Client, TestApp
from tests.support.inspection import etag, items

SHOT = {
    "type": "rabies", "dueOn": "2026-10-02", "givenOn": "2026-10-01", "expiresOn": "2027-10-01", "batch": "L19"
}  # fmt: skip
LUNA = {
    "status": "available", "bondedWith": ["tom", "kit"], "vaccinations": [SHOT],
    "location": {"area": "attic", "unit": "family Okafor", "onFloor": True},
}  # fmt: skip
LISTS = ("/cats", "/cats?sort=newest", "/cats?bonded=true", "/cats?fields=name,version,updated,location,microchips")
Change = Callable[[Client], Any]


def patch(name: str, **fields: Any) -> Change:
    """Return a change of a cat."""
    return lambda staff: staff.patch(f"/cats/{name}", fields, if_match="*")


HIDDEN_CHANGES: dict[str, Change] = {
    "staff notes": patch("luna", staffNotes="Luna bites."),
    "end of a hold": patch("luna", holdUntil="2026-12-24"),
    "unit": patch("luna", location={"unit": "family Amari"}),
    "microchip": patch("luna", microchips=[{"number": "276098106234567"}]),
    "batch": patch("luna", vaccinations=[SHOT | {"batch": "L20"}]),
    "begin of a hidden bond": patch("luna", bondedWith=["tom", "kit", "moth"]),
    "begin of a hidden bond by the hidden cat": patch("moth", bondedWith=["luna"]),
    "end of a hidden bond": patch("luna", bondedWith=["tom"]),
    "end of a hidden bond by the hidden cat": patch("kit", bondedWith=[]),
    "order of hidden bonds": patch("luna", bondedWith=["kit", "tom"]),
    "change of a hidden partner": patch("kit", sex="male", status="hold"),
    "deletion of a hidden partner": lambda staff: staff.delete("/cats/kit"),
    "hidden bond of a partner": patch("tom", bondedWith=["luna", "moth"]),
    "staff notes of a partner": patch("tom", staffNotes="Tom snores."),
    "weight": lambda staff: staff.post("/cats/luna/weights", {"grams": 4000}),
    "replacement": lambda staff: staff.put("/cats/luna", LUNA | {"staffNotes": "Luna bites."}),
}
PUBLIC_CHANGES: dict[str, Change] = {
    "sex": patch("luna", sex="female"),
    "status": patch("luna", status="trial"),
    "area": patch("luna", location={"area": "café"}),
    "vaccination": patch("luna", vaccinations=[SHOT | {"givenOn": "2026-10-03"}]),
    "end of a visible bond": patch("luna", bondedWith=["kit"]),
    "end of a visible bond by the partner": patch("tom", bondedWith=[]),
    "deletion of a visible partner": lambda staff: staff.delete("/cats/tom"),
    "partner that becomes hidden": patch("tom", status="hold"),
    "partner that becomes visible": patch("kit", status="resident"),
    "hidden and visible again": lambda staff: [patch("luna", status=name)(staff) for name in ("hold", "available")],
}


def cats(cafe: TestApp) -> Client:
    """Create Luna, who has a bond with Tom, and with Kit, who is hidden. Return the staff client."""
    staff = cafe.staff
    for name, status in (("tom", "resident"), ("kit", "quarantine"), ("moth", "hold")):
        staff.put(f"/cats/{name}", {"status": status})
    assert staff.put("/cats/luna", LUNA).status_code == 201
    cafe.clock.advance(minutes=1)
    return staff


def seen(client: Client) -> dict[str, tuple[bytes, str]]:
    """Return the body and the ETag of Luna and of each list."""
    responses = {path: client.get(path) for path in ("/cats/luna", "/cats/luna?fields=version,updated", *LISTS)}
    return {path: (response.data, etag(response)) for path, response in responses.items()}


@pytest.mark.parametrize("change", HIDDEN_CHANGES.values(), ids=HIDDEN_CHANGES)
def test_hidden_change_changes_nothing_for_the_public(cafe: TestApp, change: Change) -> None:
    staff = cats(cafe)
    public, before, items_before = cafe.public, seen(cafe.public), items(cafe)
    assert change(staff).status_code in (200, 201, 204)
    assert items(cafe) != items_before
    assert seen(public) == before
    assert public.get("/cats/luna", {"If-None-Match": before["/cats/luna"][1]}).status_code == 304
    for text in (b"Okafor", b"Amari", b"L19", b"L20", b"2760", b"kit", b"moth"):
        assert not [path for path, (body, _) in seen(public).items() if text in body]


@pytest.mark.parametrize("change", PUBLIC_CHANGES.values(), ids=PUBLIC_CHANGES)
def test_public_change_is_the_next_version_of_the_public_view(cafe: TestApp, change: Change) -> None:
    staff = cats(cafe)
    patch("luna", staffNotes="Luna bites.")(staff)
    before, seen_before = cafe.public.get("/cats/luna").json, seen(cafe.public)
    assert (before["version"], before["updated"]) == (1, "2026-11-22T12:00:00Z")
    cafe.clock.advance(minutes=1)
    change(staff)
    after, seen_after = cafe.public.get("/cats/luna").json, seen(cafe.public)
    assert after["version"] == 2
    assert after["updated"].startswith("2026-11-22T12:02:00")
    assert after["created"] == before["created"]
    assert all(seen_after[path] != seen_before[path] for path in seen_before)


def test_public_version_does_not_count_the_versions_of_a_hidden_cat(cafe: TestApp) -> None:
    staff = cafe.staff
    staff.put("/cats/luna", {})
    for notes in ("Shy.", "Bites.", "Purrs."):
        patch("luna", staffNotes=notes, description=notes)(staff)
    cafe.clock.advance(minutes=1)
    assert patch("luna", status="available")(staff).json["version"] == 5
    luna = cafe.public.get("/cats/luna").json
    assert (luna["version"], luna["updated"]) == (1, "2026-11-22T12:01:00Z")


def test_cat_of_an_older_release_keeps_its_version_for_the_public(cafe: TestApp) -> None:
    staff = cafe.staff
    staff.put("/cats/luna", {"status": "available"})
    record = CAT.get(cafe.table, "luna", consistent=True)
    assert record is not None
    older: Cat = msgspec.structs.replace(record.value, version=7, public_version=None, public_updated=None)
    cafe.table.transact([CAT.put(older, "rev", UNCONDITIONAL)], "token")
    versions = [cafe.public.get("/cats/luna").json["version"]]
    for change in (patch("luna", staffNotes="Shy."), patch("luna", sex="male"), patch("luna", staffNotes="Bites.")):
        change(staff)
        versions.append(cafe.public.get("/cats/luna").json["version"])
    assert versions == [7, 7, 8, 8]
    assert staff.get("/cats/luna").json["version"] == 10


def test_public_view_has_the_values_of_the_staff(cafe: TestApp) -> None:
    staff = cats(cafe)
    shown, known = cafe.public.get("/cats/luna").json, staff.get("/cats/luna").json
    different = {name for name in shown if shown[name] != known[name]}
    assert different == {"bondedWith", "location", "vaccinations"}
    assert known["location"] == LUNA["location"] == shown["location"] | {"unit": "family Okafor"}
    assert known["vaccinations"] == [SHOT] == [shot | {"batch": "L19"} for shot in shown["vaccinations"]]


def test_history_does_not_list_the_version_of_the_public_view(cafe: TestApp) -> None:
    staff = cats(cafe)
    patch("luna", staffNotes="Shy.")(staff)
    assert staff.get("/cats/luna/history").json["items"][0]["changed"] == ["staffNotes"]
