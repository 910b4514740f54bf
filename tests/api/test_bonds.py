"""Bonds between cats: the same on both sides, whatever happens to either, and never a way to a hidden name."""

from __future__ import annotations

import pytest

from tests.support.app import Client, TestApp, pointers
from tests.support.inspection import etag, writes_nothing


def bonds(who: Client, *names: str) -> dict[str, list[str]]:
    """Return the bonds of some cats as somebody sees them."""
    return {name: who.get(f"/cats/{name}").json["bondedWith"] for name in names}


def trio(cafe: TestApp) -> Client:
    """Bring in three cats that the public may see; luna is bonded with both others."""
    staff = cafe.staff
    for name in ("tom", "kit"):
        staff.put(f"/cats/{name}", {"status": "available"})
    answer = staff.put("/cats/luna", {"status": "available", "bondedWith": ["tom", " kit ", "tom"]})
    assert answer.json["bondedWith"] == ["tom", "kit"]
    return staff


def test_a_bond_stands_on_both_sides(cafe: TestApp) -> None:
    staff = trio(cafe)
    for who in (staff, cafe.public):
        assert bonds(who, "luna", "tom", "kit") == {"luna": ["tom", "kit"], "tom": ["luna"], "kit": ["luna"]}


def test_a_bond_ends_on_both_sides_from_either(cafe: TestApp) -> None:
    staff = trio(cafe)
    staff.patch("/cats/tom", {"bondedWith": None}, if_match="*")
    assert bonds(staff, "luna", "tom", "kit") == {"luna": ["kit"], "tom": [], "kit": ["luna"]}
    staff.put("/cats/luna", {})
    assert bonds(staff, "luna", "tom", "kit") == {"luna": [], "tom": [], "kit": []}


def test_a_cat_who_goes_leaves_no_bond(cafe: TestApp) -> None:
    staff = trio(cafe)
    staff.delete("/cats/luna")
    assert bonds(staff, "tom", "kit") == {"tom": [], "kit": []}
    staff.put("/cats/luna", {})
    assert bonds(staff, "luna", "tom", "kit") == {"luna": [], "tom": [], "kit": []}


def test_the_other_side_of_a_bond_is_a_new_version_in_its_history(cafe: TestApp) -> None:
    staff = cafe.client("staff", "ann")
    tag = etag(staff.put("/cats/tom", {}))
    staff.post("/cats", {"name": "luna", "bondedWith": ["tom"]})
    tom = staff.get("/cats/tom", {"If-None-Match": tag})
    assert (tom.status_code, tom.json["version"]) == (200, 2)
    entry = staff.get("/cats/tom/history").json["items"][0]
    assert (entry["action"], entry["by"], entry["changed"], entry["version"]) == ("bonded", "ann", ["bondedWith"], 2)
    assert staff.patch("/cats/tom", {"sex": "male"}, if_match=tag).status_code == 412


def test_a_change_that_touches_no_bond_touches_no_partner(cafe: TestApp) -> None:
    staff = trio(cafe)
    before = staff.get("/cats/tom").json
    staff.patch("/cats/luna", {"sex": "female", "status": "reserved"}, if_match="*")
    assert staff.get("/cats/tom").json == before


@pytest.mark.parametrize(
    ("sent", "where"),
    [
        (["nobody"], ["/bondedWith/0"]),
        (["luna"], ["/bondedWith/0"]),
        (["tom", "nobody", "kit", "luna"], ["/bondedWith/1", "/bondedWith/3"]),
        (["tom", "TOM"], ["/bondedWith/1"]),
    ],
)
def test_a_bond_with_herself_or_with_nobody_is_422(cafe: TestApp, sent: list[str], where: list[str]) -> None:
    staff = trio(cafe)
    with writes_nothing(cafe):
        assert pointers(staff.put("/cats/luna", {"bondedWith": sent})) == where
        assert pointers(staff.patch("/cats/luna", {"bondedWith": sent}, if_match="*")) == where
    staff.delete("/cats/luna")
    with writes_nothing(cafe):
        assert pointers(staff.post("/cats", {"name": "luna", "bondedWith": sent})) == where


def test_nobody_has_more_than_ten_bonds_from_either_side(cafe: TestApp) -> None:
    staff = cafe.staff
    ten = [f"tom {number}" for number in range(10)]
    for name in [*ten, "one more"]:
        staff.put(f"/cats/{name}", {})
    assert staff.put("/cats/luna", {"bondedWith": ten}).status_code == 201
    with writes_nothing(cafe):
        assert pointers(staff.put("/cats/one more", {"bondedWith": ["luna"]})) == ["/bondedWith/0"]
    assert staff.put("/cats/luna", {"bondedWith": [*ten[1:], "one more"]}).status_code == 200
    assert bonds(staff, "one more", "tom 0") == {"one more": ["luna"], "tom 0": []}


@pytest.mark.parametrize("first", ["hidden before the bond", "hidden after it"])
def test_the_name_of_a_hidden_cat_is_never_told_to_the_public_by_a_bond(cafe: TestApp, first: str) -> None:
    staff, hide = trio(cafe), {"status": "quarantine"}
    if first == "hidden after it":
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


def test_a_hidden_cat_may_have_bonds_with_hidden_ones_that_come_to_light_together(cafe: TestApp) -> None:
    staff = cafe.staff
    staff.put("/cats/tom", {"status": "hold"})
    staff.put("/cats/luna", {"status": "hold", "bondedWith": ["tom"]})
    staff.patch("/cats/luna", {"status": "available"}, if_match="*")
    assert bonds(cafe.public, "luna") == {"luna": []}
    staff.patch("/cats/tom", {"status": "available"}, if_match="*")
    assert bonds(cafe.public, "luna", "tom") == {"luna": ["tom"], "tom": ["luna"]}


def test_a_404_tells_no_more_of_a_hidden_partner_than_of_none(cafe: TestApp) -> None:
    staff = trio(cafe)
    tag = etag(cafe.public.get("/cats/luna"))
    staff.patch("/cats/kit", {"status": "hold"}, if_match="*")
    seen = cafe.public.get("/cats/luna", {"If-None-Match": tag})
    assert (seen.status_code, seen.json["bondedWith"]) == (200, ["tom"])
