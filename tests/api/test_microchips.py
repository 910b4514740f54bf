"""Microchips: no number is on two cats, nor twice on one."""

from __future__ import annotations

import json

from msgspec.structs import replace

from api.services.mappings import CAT, CHIP
from tests.support.app import TestApp, pointers
from tests.support.inspection import items, writes_nothing

A, B, C = "276098106234567", "276098106234568", "0123456789"


def chips(*numbers: str) -> dict[str, list[dict[str, str]]]:
    """Return the member of a body with chips."""
    return {"microchips": [{"number": number} for number in numbers]}


def claims(cafe: TestApp) -> dict[str, str]:
    """Return the names of the cats that have claims, by number."""
    return {
        number: record.value.cat for number, record in CHIP.get_many(cafe.table, [A, B, C], consistent=True).items()
    }


def make_unclaimed(cafe: TestApp, name: str) -> None:
    """Remove the claims of a cat, as an older release has stored it."""
    record = CAT.get(cafe.table, name, consistent=True)
    assert record is not None
    writes = [CHIP.delete(chip.number, "*") for chip in record.value.microchips]
    writes.append(CAT.put(replace(record.value, chips_claimed=False), record.rev, record.rev))
    cafe.table.transact(writes, f"unclaimed {name}")


def test_chip_of_another_cat_is_422_and_writes_nothing(cafe: TestApp) -> None:
    staff = cafe.staff
    assert staff.put("/cats/luna", chips(A, B)).status_code == 201
    staff.put("/cats/milo", {})
    with writes_nothing(cafe):
        for response in (
            staff.post("/cats", {"name": "kit"} | chips(C, A)),
            staff.put("/cats/milo", chips(C, A)),
            staff.patch("/cats/milo", chips(C, A), if_match="*"),
        ):
            assert pointers(response) == ["/microchips/1/number"]
            assert "luna" in response.json["errors"][0]["detail"]
        assert pointers(staff.put("/cats/milo", chips(C, C))) == ["/microchips/1/number"]
    assert claims(cafe) == {A: "luna", B: "luna"}


def test_claims_follow_the_chips_of_a_cat(cafe: TestApp) -> None:
    staff = cafe.staff
    staff.put("/cats/luna", chips(A))
    assert staff.patch("/cats/luna", {"sex": "female"}, if_match="*").status_code == 200
    assert staff.patch("/cats/luna", chips(B, A), if_match="*").status_code == 200
    assert claims(cafe) == {A: "luna", B: "luna"}
    assert staff.patch("/cats/luna", chips(B), if_match="*").status_code == 200
    assert staff.put("/cats/milo", chips(A)).status_code == 201
    assert claims(cafe) == {A: "milo", B: "luna"}
    assert staff.delete("/cats/luna").status_code == 204
    assert claims(cafe) == {A: "milo"}
    assert staff.put("/cats/luna", chips(B)).status_code == 201
    assert staff.put("/cats/luna", {}).status_code == 200
    assert claims(cafe) == {A: "milo"}


def test_cat_of_an_older_release_claims_its_chips_at_the_next_write(cafe: TestApp) -> None:
    staff = cafe.staff
    staff.put("/cats/luna", chips(A))
    make_unclaimed(cafe, "luna")
    assert staff.patch("/cats/luna", {"sex": "female"}, if_match="*").status_code == 200
    assert claims(cafe) == {A: "luna"}
    assert pointers(staff.put("/cats/milo", chips(A))) == ["/microchips/0/number"]


def test_cats_of_an_older_release_with_one_chip_can_be_written(cafe: TestApp) -> None:
    staff = cafe.staff
    for name in ("luna", "milo"):
        assert staff.put(f"/cats/{name}", chips(A)).status_code == 201
        make_unclaimed(cafe, name)
    for name in ("luna", "milo", "luna"):
        assert staff.patch(f"/cats/{name}", {"description": f"New for {name}"}, if_match="*").status_code == 200
        assert claims(cafe) == {A: "luna"}
    assert staff.delete("/cats/milo").status_code == 204
    assert claims(cafe) == {A: "luna"}


def test_claim_of_a_cat_without_the_chip_does_not_block_it(cafe: TestApp) -> None:
    staff, table = cafe.staff, cafe.table
    for name in ("luna", "milo"):
        staff.put(f"/cats/{name}", chips(A) if name == "luna" else {})
    record = CAT.get(table, "luna", consistent=True)
    assert record is not None
    table.transact([CAT.delete("luna", record.rev)], "older release")
    assert staff.patch("/cats/milo", chips(A), if_match="*").status_code == 200
    assert claims(cafe) == {A: "milo"}


def test_unknown_members_of_a_claim_survive_its_next_version(cafe: TestApp) -> None:
    cafe.staff.put("/cats/luna", chips(A))
    cafe.staff.put("/cats/milo", {})
    change_claim(cafe, cat="gone", uid="u_gone", newer=True)
    assert cafe.staff.patch("/cats/milo", chips(A), if_match="*").status_code == 200
    (claim,) = [item for item in items(cafe) if item["pk"]["S"] == f"chips#{A}"]
    assert json.loads(claim["doc"]["S"]) | {"cat": "milo", "newer": True} == json.loads(claim["doc"]["S"])


def test_unreadable_claim_is_an_error_and_changes_nothing(cafe: TestApp) -> None:
    staff = cafe.staff
    staff.put("/cats/luna", chips(A))
    change_claim(cafe, uid=None)
    with writes_nothing(cafe):
        assert staff.put("/cats/milo", chips(A)).status_code == 500


def change_claim(cafe: TestApp, **members: object) -> None:
    """Change members of the claim of a chip, as another release has stored them."""
    (claim,) = [item for item in items(cafe) if item["pk"]["S"] == f"chips#{A}"]
    document = json.loads(claim["doc"]["S"]) | members
    cafe.table.client.put_item(TableName=cafe.table.name, Item=claim | {"doc": {"S": json.dumps(document)}})
