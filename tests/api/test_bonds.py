"""Bonds between cats: both cats always have the bond, and it never reveals the name of a hidden cat."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.app import Client, TestApp, pointers, problem
from tests.support.inspection import etag, writes_nothing


def bonds(client: Client, *names: str) -> dict[str, list[str]]:
    """Return the bonds of the cats, as the client sees them."""
    return {name: client.get(f"/cats/{name}").json["bondedWith"] for name in names}


def trio(cafe: TestApp) -> Client:
    """Create three publicly visible cats. Luna has a bond with each of the others. Return the staff client."""
    staff = cafe.staff
    for name in ("tom", "kit"):
        staff.put(f"/cats/{name}", {"status": "available"})
    response = staff.put("/cats/luna", {"status": "available", "bondedWith": ["tom", " kit ", "tom"]})
    assert response.json["bondedWith"] == ["tom", "kit"]
    return staff


def test_both_cats_have_the_bond(cafe: TestApp) -> None:
    staff = trio(cafe)
    for client in (staff, cafe.public):
        assert bonds(client, "luna", "tom", "kit") == {"luna": ["tom", "kit"], "tom": ["luna"], "kit": ["luna"]}


def test_either_cat_can_end_the_bond_for_both(cafe: TestApp) -> None:
    staff = trio(cafe)
    staff.patch("/cats/tom", {"bondedWith": None}, if_match="*")
    assert bonds(staff, "luna", "tom", "kit") == {"luna": ["kit"], "tom": [], "kit": ["luna"]}
    staff.put("/cats/luna", {})
    assert bonds(staff, "luna", "tom", "kit") == {"luna": [], "tom": [], "kit": []}


def test_deleted_cat_loses_its_bonds(cafe: TestApp) -> None:
    staff = trio(cafe)
    staff.delete("/cats/luna")
    assert bonds(staff, "tom", "kit") == {"tom": [], "kit": []}
    staff.put("/cats/luna", {})
    assert bonds(staff, "luna", "tom", "kit") == {"luna": [], "tom": [], "kit": []}


def test_bond_is_a_new_version_of_the_partner(cafe: TestApp) -> None:
    staff = cafe.client("staff", "ann")
    tag = etag(staff.put("/cats/tom", {}))
    staff.post("/cats", {"name": "luna", "bondedWith": ["tom"]})
    tom = staff.get("/cats/tom", {"If-None-Match": tag})
    assert (tom.status_code, tom.json["version"]) == (200, 2)
    entry = staff.get("/cats/tom/history").json["items"][0]
    assert (entry["action"], entry["by"], entry["changed"], entry["version"]) == ("bonded", "ann", ["bondedWith"], 2)
    assert staff.patch("/cats/tom", {"sex": "male"}, if_match=tag).status_code == 412


def test_change_of_other_fields_does_not_change_partners(cafe: TestApp) -> None:
    staff = trio(cafe)
    before = staff.get("/cats/tom").json
    staff.patch("/cats/luna", {"sex": "female", "status": "reserved"}, if_match="*")
    assert staff.get("/cats/tom").json == before


@pytest.mark.parametrize(
    ("bonded_with", "expected"),
    [
        (["missing"], ["/bondedWith/0"]),
        (["luna"], ["/bondedWith/0"]),
        (["tom", "missing", "kit", "luna"], ["/bondedWith/1", "/bondedWith/3"]),
        (["tom", "TOM"], ["/bondedWith/1"]),
    ],
)
def test_bond_with_itself_or_a_missing_cat_is_422(cafe: TestApp, bonded_with: list[str], expected: list[str]) -> None:
    staff = trio(cafe)
    with writes_nothing(cafe):
        assert pointers(staff.put("/cats/luna", {"bondedWith": bonded_with})) == expected
        assert pointers(staff.patch("/cats/luna", {"bondedWith": bonded_with}, if_match="*")) == expected
    staff.delete("/cats/luna")
    with writes_nothing(cafe):
        assert pointers(staff.post("/cats", {"name": "luna", "bondedWith": bonded_with})) == expected


def test_cat_has_at_most_ten_bonds(cafe: TestApp) -> None:
    staff = cafe.staff
    ten = [f"tom {number}" for number in range(10)]
    for name in [*ten, "one more"]:
        staff.put(f"/cats/{name}", {})
    assert staff.put("/cats/luna", {"bondedWith": ten}).status_code == 201
    with writes_nothing(cafe):
        assert pointers(staff.put("/cats/one more", {"bondedWith": ["luna"]})) == ["/bondedWith/0"]
    assert staff.put("/cats/luna", {"bondedWith": [*ten[1:], "one more"]}).status_code == 200
    assert bonds(staff, "one more", "tom 0") == {"one more": ["luna"], "tom 0": []}


@pytest.mark.parametrize("order", ["hidden before the bond", "hidden after the bond"])
def test_bond_does_not_reveal_a_hidden_cat_to_the_public(cafe: TestApp, order: str) -> None:
    staff, hide = trio(cafe), {"status": "quarantine"}
    if order == "hidden after the bond":
        staff.patch("/cats/kit", hide, if_match="*")
    else:
        staff.patch("/cats/luna", {"bondedWith": ["tom"]}, if_match="*")
        staff.patch("/cats/kit", hide, if_match="*")
        staff.patch("/cats/luna", {"bondedWith": ["tom", "kit"]}, if_match="*")
    for path in ("/cats/luna", "/cats", "/cats?fields=bondedWith", "/cats?bonded=true", "/cats/luna?fields=bondedWith"):
        assert "kit" not in cafe.public.get(path).get_data(as_text=True)
    assert bonds(staff, "luna", "tom", "kit") == {"luna": ["tom", "kit"], "tom": ["luna"], "kit": ["luna"]}
    staff.patch("/cats/luna", {"bondedWith": ["kit"]}, if_match="*")
    assert cafe.public.get("/cats?bonded=true").json["items"] == []
    staff.patch("/cats/kit", {"status": "available"}, if_match="*")
    assert bonds(cafe.public, "luna", "kit") == {"luna": ["kit"], "kit": ["luna"]}


def test_bond_of_two_hidden_cats_is_public_when_both_are_visible(cafe: TestApp) -> None:
    staff = cafe.staff
    staff.put("/cats/tom", {"status": "hold"})
    staff.put("/cats/luna", {"status": "hold", "bondedWith": ["tom"]})
    staff.patch("/cats/luna", {"status": "available"}, if_match="*")
    assert bonds(cafe.public, "luna") == {"luna": []}
    staff.patch("/cats/tom", {"status": "available"}, if_match="*")
    assert bonds(cafe.public, "luna", "tom") == {"luna": ["tom"], "tom": ["luna"]}


def test_hidden_partner_changes_the_public_etag_of_the_cat(cafe: TestApp) -> None:
    staff = trio(cafe)
    tag = etag(cafe.public.get("/cats/luna"))
    staff.patch("/cats/kit", {"status": "hold"}, if_match="*")
    response = cafe.public.get("/cats/luna", {"If-None-Match": tag})
    assert (response.status_code, response.json["bondedWith"]) == (200, ["tom"])


def test_change_of_bonds_above_4_mb_is_422_with_the_limit(cafe: TestApp) -> None:
    staff = cafe.staff
    text = "\x01" * 4000  # a control character takes six bytes in JSON
    large: dict[str, Any] = {"description": text, "staffNotes": text, "specialNeeds": {"note": text, "diet": text}}
    large["vaccinations"] = [{"type": "a" + "\x01" * 63, "batch": "a" + "\x01" * 63}] * 50
    old, new = ([f"{kind} {number}" for number in range(10)] for kind in ("old", "new"))
    for name in [*old, *new]:
        assert staff.put(f"/cats/{name}", large).status_code == 201
    assert staff.put("/cats/luna", large | {"bondedWith": old}).status_code == 201
    with writes_nothing(cafe):
        body = problem(staff.put("/cats/luna", large | {"bondedWith": new}), 422)
    assert body["detail"].endswith("with fewer new and ended bonds in each, or shorten the texts.")
    assert staff.put("/cats/luna", large | {"bondedWith": [*old[5:], *new[:5]]}).status_code == 200
    assert staff.delete("/cats/luna").status_code == 204
