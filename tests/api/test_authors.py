"""References to users: the current name is shown, and a later user of a name inherits nothing."""

from __future__ import annotations

import re
from typing import Any

import pytest

from api.services.mappings import POST, TODO, USER, USER_SESSIONS
from api.store.keys import Item, item_key
from api.store.transaction import UNCONDITIONAL, TransactItem
from tests.support.app import Client, TestApp

FORMER = "a former member of staff"
STAFF = "a member of the staff"


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


def authors_when_all_are(name: str, public_name: str) -> dict[str, Any]:
    """Return the result of authors() if one user is the author of everything."""
    single = {"history": {name}, "weights": {name}, "weight": name, "post": public_name, "posts": public_name}
    return single | {"todo": (name, name), "todos": {(name, name)}, "feed": True}


@pytest.fixture
def urls(cafe: TestApp) -> dict[str, str]:
    """The URLs of items that Ada created 20 minutes ago."""
    urls = create_items(cafe.client("staff", "ada"))
    cafe.clock.advance(minutes=20)
    return urls


def test_existing_user_appears_by_name(cafe: TestApp, urls: dict[str, str]) -> None:
    assert authors(cafe.staff, urls) == authors_when_all_are("ada", STAFF)


def test_deactivated_or_demoted_user_appears_by_name(cafe: TestApp, urls: dict[str, str]) -> None:
    cafe.client("owner").patch("/users/ada", {"active": False, "role": "member"}, if_match="*")
    assert authors(cafe.staff, urls) == authors_when_all_are("ada", STAFF)


def test_deleted_user_appears_as_former_member_of_staff(cafe: TestApp, urls: dict[str, str]) -> None:
    assert cafe.client("owner").delete("/users/ada").status_code == 204
    assert authors(cafe.staff, urls) == authors_when_all_are(FORMER, FORMER)


def test_new_user_with_the_name_of_a_deleted_user_inherits_nothing(cafe: TestApp, urls: dict[str, str]) -> None:
    """Also if both users are created at the same time: no clock decides who is who."""
    assigned = cafe.staff.post("/todos", {"title": "Give Luna her pill", "assignee": "ada"}).headers["Location"]
    todo = {"title": "Once", "assignee": "ada"}
    cafe.client("staff", "ada").post("/todos", todo, idempotency_key="key-of-ada")
    cafe.client("owner").delete("/users/ada")
    ada = cafe.client("staff", "ada")
    assert authors(cafe.staff, urls) == authors_when_all_are(FORMER, FORMER)
    for path in ("/todos", "/todos/next"):
        for assignee in ("me", "ada", "missing"):
            assert ada.get(f"{path}?assignee={assignee}").json["items"] == []
        assert {item["assignee"] for item in ada.get(path).json["items"]} == {None}
    patched = ada.patch(assigned, {"priority": "high"}, if_match="*")
    assert (patched.status_code, patched.json["assignee"]) == (200, None)
    assert ada.post("/todos", todo | {"title": "Another"}, idempotency_key="key-of-ada").status_code == 201
    weight = ada.post("/cats/luna/weights", {"grams": 4100}).json
    assert [item["by"] for item in ada.get("/cats/luna/weights").json["items"]] == ["ada", FORMER]
    assert weight["by"] == "ada"
    assert ada.patch(assigned, {"assignee": "Ada"}, if_match="*").json["assignee"] == "ada"
    assert "Give Luna her pill" in {item["title"] for item in ada.get("/todos?assignee=me").json["items"]}


@pytest.mark.parametrize("change", [{"active": False}, {"role": "member"}])
def test_assignee_who_leaves_the_staff_is_no_assignee_until_they_return(cafe: TestApp, change: dict[str, Any]) -> None:
    owner, staff, _ = cafe.client("owner"), cafe.staff, cafe.client("staff", "ann")
    todo = staff.post("/todos", {"title": "Give Luna her pill", "assignee": "ann"}).headers["Location"]

    def shown() -> tuple[object, ...]:
        (ranked,) = staff.get("/todos/next?explain=true").json["items"]
        (points,) = [term["points"] for term in ranked["explanation"]["terms"] if term["name"] == "assignee"]
        listed = [len(staff.get(f"{path}?assignee=ann").json["items"]) for path in ("/todos", "/todos/next")]
        return (staff.get(todo).json["assignee"], ranked["assignee"], points, *listed)

    assert shown() == ("ann", "ann", 0.0, 1, 1)
    assert owner.patch("/users/ann", change, if_match="*").status_code == 200
    assert shown() == (None, None, 1.0, 0, 0)
    assert staff.patch(todo, {"notes": "With tuna."}, if_match="*").status_code == 200
    assert owner.patch("/users/ann", {"active": True, "role": "staff"}, if_match="*").status_code == 200
    assert shown() == ("ann", "ann", 0.0, 1, 1)
    assert staff.patch(todo, {"assignee": None}, if_match="*").json["assignee"] is None


def test_public_sees_the_display_name_of_an_author_and_never_the_username(cafe: TestApp, urls: dict[str, str]) -> None:
    for display_name, shown in (("Ada L.", "Ada L."), ("Ada Lovelace", "Ada Lovelace"), (None, STAFF)):
        changed = cafe.client("staff", "ada").patch("/users/ada", {"displayName": display_name}, if_match="*")
        assert changed.status_code == 200
        assert authors(cafe.staff, urls) == authors_when_all_are("ada", shown)
        pages = [cafe.public.get(path).get_data(as_text=True) for path in (urls["post"], "/posts", "/posts.atom")]
        assert all(shown in page and not re.search(r"\bada\b", page) for page in pages)  # ids may have these letters


def test_users_and_references_of_a_release_without_uids_keep_working(cafe: TestApp, urls: dict[str, str]) -> None:
    """Such users have no uid, and what they wrote refers to their username."""
    ada = cafe.client("staff", "ada")
    ada.patch(urls["todo"], {"assignee": "ada", "done": False}, if_match="*")
    owner = cafe.client("owner")
    record = USER.get(cafe.table, "ada", consistent=True)
    assert record is not None
    keys = [USER.item_key("ada"), USER_SESSIONS.item_key("ada"), item_key("sessions", ada_session(cafe))]
    keys += [POST.item_key("1"), TODO.item_key(urls["todo"].rpartition("/")[2])]
    forget_uids(cafe, record.value.uid, keys)
    assert authors(cafe.staff, urls)["post"] == STAFF
    assert cafe.staff.get(urls["todo"]).json["by"] == "ada"
    assert ada.get("/todos?assignee=me").json["items"][0]["assignee"] == "ada"
    assert ada.get("/todos/next?assignee=ada").json["items"][0]["assignee"] == "ada"
    assert ada.patch("/users/ada", {"displayName": "Ada L."}, if_match="*").status_code == 200
    assert cafe.public.get("/posts/1").json["author"] == "Ada L."
    assert owner.delete("/users/ada").status_code == 204
    ada = cafe.client("staff", "ada")
    assert cafe.public.get("/posts/1").json["author"] == FORMER
    assert ada.get("/todos?assignee=me").json["items"] == ada.get("/todos/next?assignee=me").json["items"] == []
    patched = ada.patch(urls["todo"], {"notes": "x"}, if_match="*").json
    assert (patched["by"], patched["assignee"]) == (FORMER, None)


def ada_session(cafe: TestApp) -> str:
    """Return the id of the last session of Ada."""
    record = USER_SESSIONS.get(cafe.table, "ada", consistent=True)
    assert record is not None
    return record.value.sessions[-1].id


def forget_uids(cafe: TestApp, uid: str, keys: list[dict[str, str]]) -> None:
    """Write items as a release without uids wrote them: with the username in place of the uid."""
    writes = [TransactItem("Delete", item_key("authors", uid), UNCONDITIONAL)]
    for key in keys:
        item: Item | None = cafe.table.get(key, consistent=True)
        assert item is not None
        document = str(item["doc"]).replace(f'"uid":"{uid}",', "").replace(uid, "ada")
        writes.append(TransactItem("Put", item | {"doc": document}, UNCONDITIONAL))
    cafe.table.transact(writes, "forget")


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
