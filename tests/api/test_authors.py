"""Author names: they stay while the user exists, and deleted users appear as a former member of staff."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.app import Client, TestApp

FORMER = "a former member of staff"


def authors(staff: Client, urls: dict[str, str]) -> dict[str, Any]:
    """Return the authors of all items, as every resource shows them."""
    weights, history = staff.get("/cats/luna/weights").json, staff.get("/cats/luna/history").json
    post, todo = staff.get(urls["post"]).json, staff.get(urls["todo"]).json
    done = staff.get("/todos?done=true").json["items"]
    (listed,) = [item for item in staff.get("/posts").json["items"] if item["id"] == post["id"]]
    return {
        "history": {entry["by"] for entry in history["items"]},
        "weights": {item["by"] for item in weights["items"]},
        "weight": staff.get(urls["weight"]).json["by"],
        "post": post["author"],
        "posts": listed["author"],
        "todo": (todo["by"], todo["doneBy"]),
        "todos": {(item["by"], item["doneBy"]) for item in done},
        "feed": staff.get("/posts.atom").get_data(as_text=True).count(f"<name>{post['author']}</name>") > 0,
    }


def create_items(client: Client) -> dict[str, str]:
    """Create a cat, a weight, a post and a finished to-do, and return their URLs."""
    assert client.put("/cats/luna", {"status": "available"}).status_code == 201
    responses = {
        "weight": client.post("/cats/luna/weights", {"grams": 4000}),
        "post": client.post("/posts", {"title": "News", "body": "Luna is here."}),
        "todo": client.post("/todos", {"title": "Feed Luna"}),
    }
    urls = {name: response.headers["Location"] for name, response in responses.items()}
    assert client.send("POST", f"{urls['todo']}/done").status_code == 200
    return urls


def authors_when_all_are(name: str) -> dict[str, Any]:
    """Return the result of authors() if one user is the author of everything."""
    single = {"history": {name}, "weights": {name}, "weight": name, "post": name, "posts": name}
    return single | {"todo": (name, name), "todos": {(name, name)}, "feed": True}


@pytest.fixture
def urls(cafe: TestApp) -> dict[str, str]:
    """The URLs of items that Ada created 20 minutes ago."""
    urls = create_items(cafe.client("staff", "ada"))
    cafe.clock.advance(minutes=20)
    return urls


def test_existing_user_appears_by_name(cafe: TestApp, urls: dict[str, str]) -> None:
    assert authors(cafe.staff, urls) == authors_when_all_are("ada")


def test_deactivated_or_demoted_user_appears_by_name(cafe: TestApp, urls: dict[str, str]) -> None:
    cafe.client("owner").patch("/users/ada", {"active": False, "role": "member"}, if_match="*")
    assert authors(cafe.staff, urls) == authors_when_all_are("ada")


def test_deleted_user_appears_as_former_member_of_staff(cafe: TestApp, urls: dict[str, str]) -> None:
    assert cafe.client("owner").delete("/users/ada").status_code == 204
    assert authors(cafe.staff, urls) == authors_when_all_are(FORMER)


def test_new_user_with_the_name_of_a_deleted_user_is_not_the_author(cafe: TestApp, urls: dict[str, str]) -> None:
    cafe.client("owner").delete("/users/ada")
    cafe.clock.advance(minutes=20)
    ada = cafe.client("staff", "ada")
    assert authors(cafe.staff, urls) == authors_when_all_are(FORMER)
    cafe.clock.advance(minutes=20)
    weight = ada.post("/cats/luna/weights", {"grams": 4100}).json
    assert [item["by"] for item in ada.get("/cats/luna/weights").json["items"]] == ["ada", FORMER]
    assert weight["by"] == "ada"


def test_each_author_of_an_item_is_resolved_separately(cafe: TestApp) -> None:
    todo = cafe.client("staff", "ada").post("/todos", {"title": "Feed Luna"}).headers["Location"]
    cafe.clock.advance(minutes=20)
    cafe.client("staff", "bea").send("POST", f"{todo}/done")
    cafe.client("owner").delete("/users/ada")
    body = cafe.staff.get(todo).json
    assert (body["by"], body["doneBy"]) == (FORMER, "bea")
    cafe.client("owner").delete("/users/bea")
    body = cafe.staff.get(todo).json
    assert (body["by"], body["doneBy"]) == (FORMER, FORMER)


def test_next_todos_show_deleted_authors_as_former_staff(cafe: TestApp) -> None:
    cafe.client("staff", "ada").post("/todos", {"title": "Feed Luna"})
    cafe.client("owner").delete("/users/ada")
    (next_todo,) = cafe.staff.get("/todos/next").json["items"]
    assert next_todo["by"] == FORMER


def test_author_of_derived_todos_is_clowder(cafe: TestApp) -> None:
    cafe.staff.put("/cats/luna", {"status": "available"})
    cafe.clock.advance(days=31)
    (derived,) = cafe.staff.get("/todos/next").json["items"]
    assert derived["id"].startswith("derived-")
    assert cafe.staff.get(f"/todos/{derived['id']}").json["by"] == derived["by"] == "clowder"
