"""``/users/me``: the caller's own profile, under every method, in every spelling."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.app import Client, TestApp, pointers, problem
from tests.support.inspection import items, writes_nothing
from tests.support.users import register, register_and_log_in, token_client

SPELLINGS = ("me", "ME", "Me", "%6De", "\uff4d\uff45")
"""The last one is full-width."""


@pytest.fixture
def ada(cafe: TestApp) -> Client:
    """A member who has a session."""
    return register_and_log_in(cafe, "ada", displayName="Ada")


@pytest.mark.parametrize("collection", ["/users", "/user"])
def test_every_spelling_of_me_is_the_caller(cafe: TestApp, ada: Client, collection: str) -> None:
    clients = {"ada": ada, "the owner": cafe.client("owner"), "the staff": token_client(cafe, cafe.staff)}
    for username, client in clients.items():
        own = client.get(f"/users/{username}")
        for spelling in SPELLINGS:
            response = client.get(f"{collection}/{spelling}")
            assert (response.status_code, response.json) == (200, own.json), spelling
            assert response.headers["ETag"] == own.headers["ETag"]
            assert response.headers["Content-Location"] == f"/users/{username.replace(' ', '%20')}"
            assert response.headers["Cache-Control"] == "private, no-store"
        assert "Content-Location" not in own.headers


def test_reads_of_me_are_those_of_a_user(ada: Client) -> None:
    tag = ada.get("/users/me").headers["ETag"]
    head = ada.send("HEAD", "/users/me")
    assert (head.status_code, head.headers["ETag"], head.data) == (200, tag, b"")
    unchanged = ada.get("/users/me", {"If-None-Match": tag})
    assert (unchanged.status_code, unchanged.headers["Content-Location"]) == (304, "/users/ada")
    for collection in ("/users", "/user"):
        selected = ada.get(f"{collection}/me?fields=username,role")
        assert selected.json == {"username": "ada", "role": "member"}
        assert selected.headers["Content-Location"] == "/users/ada?fields=username,role"
    problem(ada.get("/users/me?fields=password"), 400)
    assert ada.send("OPTIONS", "/users/me").headers["Allow"] == ada.send("OPTIONS", "/users/ada").headers["Allow"]


def test_export_of_me_is_that_of_the_caller_in_pages(cafe: TestApp) -> None:
    staff = cafe.staff
    for title in ("one", "two"):
        assert staff.post("/posts", {"title": title, "body": "x"}).status_code == 201
    first = staff.get("/users/me/export?limit=1").json
    assert first["profile"]["username"] == "the staff"
    assert first["next"].startswith("/users/me/export?")
    assert [post["title"] for post in first["posts"] + staff.get(first["next"]).json["posts"]] == ["two", "one"]


def test_writes_of_me_change_the_caller_only(cafe: TestApp, ada: Client) -> None:
    register(cafe, "bea")
    before = cafe.client("owner").get("/users/bea").json
    tag = ada.get("/users/me").headers["ETag"]
    patched = ada.patch("/users/me", {"about": "Hi."}, if_match=tag)
    assert (patched.status_code, patched.json["about"], patched.json["version"]) == (200, "Hi.", 2)
    assert patched.headers["Content-Location"] == "/users/ada"
    problem(ada.patch("/users/me", {"about": "Lost."}, if_match=tag), 412)
    problem(ada.patch("/users/me", {"about": "Lost."}), 428)
    replaced = ada.put("/users/me", {"displayName": "A."}, prefer="return=minimal")
    assert (replaced.status_code, replaced.headers["Content-Location"]) == (204, "/users/ada")
    assert ada.put("/users/me", {"username": "Ada", "displayName": "A."}).status_code == 200
    for name in ("me", "bea"):
        assert pointers(ada.put("/users/me", {"username": name})) == ["/username"]
    problem(ada.patch("/users/me", {"role": "owner"}, if_match="*"), 403)
    assert ada.delete("/users/me").status_code == 204
    problem(ada.get("/users/me"), 401)
    assert not [item for item in items(cafe) if item["pk"]["S"] in ("users#ada", "users#me")]
    assert cafe.client("owner").get("/users/bea").json == before
    problem(cafe.client("owner").delete("/users/me"), 403)


def test_me_without_a_token_is_401(cafe: TestApp) -> None:
    with writes_nothing(cafe):
        for path in (*(f"/users/{spelling}" for spelling in SPELLINGS), "/users/me/export"):
            for method in ("GET", "HEAD") + (("PUT", "PATCH", "DELETE") if "export" not in path else ()):
                assert cafe.public.send(method, path, json={}).status_code == 401, (method, path)


def test_me_cannot_be_registered_or_created(cafe: TestApp) -> None:
    owner = cafe.client("owner")
    with writes_nothing(cafe):
        for name in ("me", "Me", "ME", "\uff4d\uff45", " me ", "m.e", "m\u00ade"):
            assert pointers(owner.post("/users", {"username": name, "password": "nine lives and a tail"})) == [
                "/username"
            ]


def test_stored_user_with_the_name_me_does_not_stand_in_for_the_caller(cafe: TestApp, ada: Client) -> None:
    """Only the command line of 0.1.0 could create such a user, who can still read and delete the own profile."""
    old, owner = cafe.client("staff", "me"), cafe.client("owner")
    for client, username in ((ada, "ada"), (owner, "the owner"), (old, "me")):
        assert client.get("/users/me").json["username"] == username
    problem(owner.delete("/users/me"), 403)
    assert ada.delete("/users/me").status_code == 204
    assert "me" in [user["username"] for user in owner.get("/users").json["items"]]
    assert old.delete("/users/me").status_code == 204
    problem(old.get("/users/me"), 401)


def test_me_takes_two_round_trips_with_a_session(cafe: TestApp, ada: Client) -> None:
    response, budget = cafe.measure(lambda: ada.get("/users/me"))
    assert (response.status_code, len(budget.calls)) == (200, 2)


def test_me_is_no_name_of_another_collection(cafe: TestApp) -> None:
    staff: Any = cafe.staff
    assert staff.put("/cats/me", {"status": "available"}).json["name"] == "me"
    assert staff.get("/cats/me").json["name"] == "me"
