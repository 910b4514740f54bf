"""Signatures: what somebody did stays readable when they are gone, and nobody else is credited with it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.app import Client, TestApp

FORMER = "a former member of staff"


def signatures(staff: Client, made: dict[str, str]) -> dict[str, Any]:
    """Return by whom each thing is signed, wherever it shows."""
    weights, history = staff.get("/cats/luna/weights").json, staff.get("/cats/luna/history").json
    post, todo = staff.get(made["post"]).json, staff.get(made["todo"]).json
    done = staff.get("/todos?done=true").json["items"]
    (listed,) = [one for one in staff.get("/posts").json["items"] if one["id"] == post["id"]]
    return {
        "history": {entry["by"] for entry in history["items"]},
        "weights": {one["by"] for one in weights["items"]},
        "weight": staff.get(made["weight"]).json["by"],
        "post": post["author"],
        "posts": listed["author"],
        "todo": (todo["by"], todo["doneBy"]),
        "todos": {(one["by"], one["doneBy"]) for one in done},
        "feed": staff.get("/posts.atom").get_data(as_text=True).count(f"<name>{post['author']}</name>") > 0,
    }


def work(who: Client) -> dict[str, str]:
    """Do a little of everything, and return where it is to be seen."""
    assert who.put("/cats/luna", {"status": "available"}).status_code == 201
    made = {
        "weight": who.post("/cats/luna/weights", {"grams": 4000}),
        "post": who.post("/posts", {"title": "News", "body": "Luna is here."}),
        "todo": who.post("/todos", {"title": "Feed her"}),
    }
    places = {name: answer.headers["Location"] for name, answer in made.items()}
    assert who.send("POST", f"{places['todo']}/done").status_code == 200
    return places


def signed(name: str) -> dict[str, Any]:
    """Return what it looks like where somebody has done it all."""
    single = {"history": {name}, "weights": {name}, "weight": name, "post": name, "posts": name}
    return single | {"todo": (name, name), "todos": {(name, name)}, "feed": True}


@pytest.fixture
def places(cafe: TestApp) -> dict[str, str]:
    """What Ada did, and where; an hour has passed since."""
    made = work(cafe.client("staff", "ada"))
    cafe.clock.advance(minutes=20)
    return made


def test_who_is_there_signs_with_their_name(cafe: TestApp, places: dict[str, str]) -> None:
    assert signatures(cafe.staff, places) == signed("ada")


def test_who_is_deactivated_or_demoted_has_done_it_still(cafe: TestApp, places: dict[str, str]) -> None:
    cafe.client("owner").patch("/users/ada", {"active": False, "role": "member"}, if_match="*")
    assert signatures(cafe.staff, places) == signed("ada")


def test_who_is_deleted_shows_as_a_former_member_of_staff(cafe: TestApp, places: dict[str, str]) -> None:
    assert cafe.client("owner").delete("/users/ada").status_code == 204
    assert signatures(cafe.staff, places) == signed(FORMER)


def test_a_later_person_of_the_same_name_is_not_credited_with_it(cafe: TestApp, places: dict[str, str]) -> None:
    cafe.client("owner").delete("/users/ada")
    cafe.clock.advance(minutes=20)
    ada = cafe.client("staff", "ada")
    assert signatures(cafe.staff, places) == signed(FORMER)
    cafe.clock.advance(minutes=20)
    mine = ada.post("/cats/luna/weights", {"grams": 4100}).json
    assert [one["by"] for one in ada.get("/cats/luna/weights").json["items"]] == ["ada", FORMER]
    assert mine["by"] == "ada"


def test_each_signature_of_one_thing_is_judged_alone(cafe: TestApp) -> None:
    todo = cafe.client("staff", "ada").post("/todos", {"title": "Feed her"}).headers["Location"]
    cafe.clock.advance(minutes=20)
    cafe.client("staff", "bea").send("POST", f"{todo}/done")
    cafe.client("owner").delete("/users/ada")
    told = cafe.staff.get(todo).json
    assert (told["by"], told["doneBy"]) == (FORMER, "bea")
    cafe.client("owner").delete("/users/bea")
    told = cafe.staff.get(todo).json
    assert (told["by"], told["doneBy"]) == (FORMER, FORMER)


def test_what_is_to_do_next_is_signed_in_the_same_way(cafe: TestApp) -> None:
    cafe.client("staff", "ada").post("/todos", {"title": "Feed her"})
    cafe.client("owner").delete("/users/ada")
    (told,) = cafe.staff.get("/todos/next").json["items"]
    assert told["by"] == FORMER


def test_what_nobody_made_is_signed_by_the_cafe_itself(cafe: TestApp) -> None:
    cafe.staff.put("/cats/luna", {"status": "available"})
    cafe.clock.advance(days=31)
    (chore,) = cafe.staff.get("/todos/next").json["items"]
    assert chore["id"].startswith("derived-")
    assert cafe.staff.get(f"/todos/{chore['id']}").json["by"] == chore["by"] == "clowder"
