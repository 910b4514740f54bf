"""Profiles: everyone has their own, an owner sees all of them, and to others they are not there."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.app import PATCH, Client, TestApp, pointers, problem
from tests.support.inspection import etag, writes_nothing
from tests.support.users import PASSWORD, attempt_login, log_in, register, register_and_log_in

JSON = {"Content-Type": "application/json"}
WAYS: list[tuple[str, dict[str, str], Any]] = [
    ("GET", {}, None),
    ("HEAD", {}, None),
    ("GET", {"If-None-Match": "*"}, None),
    ("GET", {"Accept": "text/html, */*;q=0.1"}, None),
    ("PUT", JSON, "{}"),
    ("PUT", JSON, '{"role": "owner"}'),
    ("PUT", JSON, '{"password": "quite another password"}'),
    ("PUT", JSON, '{"wings": 2}'),
    ("PUT", JSON, "{"),
    ("PUT", JSON | {"If-Match": "*"}, "{}"),
    ("PUT", JSON | {"If-None-Match": "*"}, "{}"),
    ("PUT", {"Content-Type": "text/csv"}, "a,b"),
    ("PATCH", PATCH, "{}"),
    ("PATCH", PATCH | {"If-Match": "*"}, '{"about": "x"}'),
    ("PATCH", PATCH | {"If-None-Match": "*"}, "{}"),
    ("DELETE", {}, None),
    ("DELETE", {"If-Match": "*"}, None),
    ("POST", JSON, "{}"),
    ("OPTIONS", {}, None),
]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: f"{way[0]} {way[1]} {way[2]}")
def test_anothers_profile_is_byte_for_byte_like_one_that_is_not_there(cafe: TestApp, way: tuple[str, Any, Any]) -> None:
    register(cafe, "quinn")
    method, headers, data = way
    for who in (cafe.client("member", "ann"), cafe.client("staff", "sam"), cafe.public):
        told = []
        with writes_nothing(cafe):
            for username in ("quinn", "quilt"):
                answer = who.send(method, f"/users/{username}", headers, data=data)
                sent = answer.headers
                text = answer.get_data(as_text=True).replace(sent.pop("X-Request-Id"), "").replace(username, "")
                told.append((answer.status_code, text, sorted(sent)))
        assert told[0] == told[1]
        refused = {"POST": 405, "OPTIONS": 204}.get(method) or (404 if who.headers else 401)
        assert told[0][0] == (415 if who.headers and data == "a,b" else refused)
    assert attempt_login(cafe, "quinn").status_code == 201


def test_a_list_shows_nobody_else_either(cafe: TestApp) -> None:
    ann = register_and_log_in(cafe, "ann")
    register(cafe, "bea")
    for query in ("", "?role=member", "?active=true", "?fields=username&limit=1"):
        page = ann.get(f"/users{query}").json
        assert [one["username"] for one in page["items"]] == ["ann"]
        assert "next" not in page
    for query in ("?role=owner", "?active=false"):
        assert ann.get(f"/users{query}").json == {"items": []}
    problem(cafe.public.get("/users"), 401)


def test_an_owner_sees_all_and_finds_them_by_role_and_state(cafe: TestApp) -> None:
    owner = cafe.client("owner", "olga")
    for name in ("bea", "ann"):
        register(cafe, name)
    cafe.client("staff", "sam")
    owner.patch("/users/bea", {"active": False}, if_match="*")

    def found(query: str) -> list[str]:
        return [one["username"] for one in owner.get(f"/users{query}").json["items"]]

    assert found("") == ["ann", "bea", "olga", "sam"]
    assert found("?role=member") == ["ann", "bea"]
    assert (found("?role=staff"), found("?role=owner")) == (["sam"], ["olga"])
    assert (found("?active=false"), found("?active=false&role=staff")) == (["bea"], [])
    assert found("?active=true&role=member") == ["ann"]
    names, path = [], "/users?limit=3"
    while path:
        page = owner.get(path).json
        names += [one["username"] for one in page["items"]]
        path = page.get("next")
    assert names == ["ann", "bea", "olga", "sam"]
    assert owner.get("/users/bea").json["active"] is False
    for query in ("?role=public", "?role=king", "?active=yes", "?password=x"):
        problem(owner.get(f"/users{query}"), 400)


def test_everyone_changes_their_own_profile_and_what_is_not_sent_of_it_goes(cafe: TestApp) -> None:
    me = register_and_log_in(cafe, "ada", displayName="Ada", email="ada@example.org")
    cafe.clock.advance(hours=1)
    answer = me.put("/users/ada", {"about": "I like calicos."})
    assert answer.status_code == 200
    told = answer.json
    assert (told["about"], told["displayName"], told["email"]) == ("I like calicos.", None, None)
    assert (told["version"], told["created"], told["updated"]) == (2, "2026-11-22T12:00:00Z", "2026-11-22T13:00:00Z")
    patched = me.patch("/users/Ada", {"displayName": "A", "about": None}, if_match=etag(answer))
    assert (patched.json["displayName"], patched.json["about"], patched.json["version"]) == ("A", None, 3)
    problem(me.patch("/users/ada", {}), 428)
    problem(me.patch("/users/ada", {}, if_match=etag(answer)), 412)


@pytest.mark.parametrize("role", ["member", "staff", "owner"])
def test_role_state_and_password_stay_as_they_are_if_they_are_not_sent(cafe: TestApp, role: Any) -> None:
    owner = cafe.client("owner", "olga")
    assert register(cafe, "ada").status_code == 201
    assert owner.patch("/users/ada", {"role": role}, if_match="*").json["role"] == role
    me = log_in(cafe, "ada")
    answers: list[Any] = [me.put("/users/ada", {}), me.patch("/users/ada", {"about": "x"}, if_match="*")]
    answers += [owner.put("/users/ada", {}), owner.patch("/users/ada", {"about": None}, if_match="*")]
    for answer in answers:
        assert (answer.status_code, answer.json["role"], answer.json["active"]) == (200, role, True)
    assert me.get("/users/ada").status_code == 200
    assert attempt_login(cafe, "ada").status_code == 201
    owner.patch("/users/ada", {"active": False}, if_match="*")
    assert owner.put("/users/ada", {}).json["active"] is False


def test_no_null_takes_a_role_a_state_or_a_password_away(cafe: TestApp) -> None:
    me, owner = register_and_log_in(cafe, "ada"), cafe.client("owner", "olga")
    for member in ("role", "active", "password"):
        assert pointers(owner.patch("/users/ada", {member: None}, if_match="*")) == [f"/{member}"]
        assert pointers(owner.put("/users/ada", {member: None})) == [f"/{member}"]
    assert me.get("/users/ada").json["version"] == 1


def test_a_username_is_for_good(cafe: TestApp) -> None:
    me = register_and_log_in(cafe, "ada")
    assert me.put("/users/ada", {"username": " ADA"}).status_code == 200
    assert pointers(me.put("/users/ada", {"username": "bea"})) == ["/username"]
    assert pointers(me.patch("/users/ada", {"username": "bea"}, if_match="*")) == ["/username"]


def test_an_owner_makes_somebody_under_a_url_and_nobody_else_does(cafe: TestApp) -> None:
    owner = cafe.client("owner", "olga")
    body = {"role": "staff", "password": PASSWORD}
    for who in (cafe.client("member", "ann"), cafe.client("staff", "sam")):
        problem(who.put("/users/new", body), 404)
    made = owner.put("/users/new", body)
    assert (made.status_code, made.headers["Location"], made.json["role"]) == (201, "/users/new", "staff")
    assert log_in(cafe, "new").get("/cats/nobody/history").status_code == 404
    without = owner.put("/users/quiet", {})
    assert (without.status_code, without.json["role"]) == (201, "member")
    assert attempt_login(cafe, "quiet", "").status_code == 422
    assert attempt_login(cafe, "quiet").status_code == 401


@pytest.mark.parametrize("password", ["the-long-name", "The-Long-Name", "password1", "short"])
def test_a_weak_password_is_weak_too_where_only_the_url_says_the_username(cafe: TestApp, password: str) -> None:
    owner = cafe.client("owner", "olga")
    assert pointers(owner.put("/users/the-long-name", {"password": password})) == ["/password"]
    assert pointers(owner.put("/users/the-long-name", {"password": password, "wings": 2})) == ["/password", "/wings"]
    problem(owner.get("/users/the-long-name"), 404)


def test_a_member_deletes_themselves_and_the_name_is_free_again(cafe: TestApp) -> None:
    me = register_and_log_in(cafe, "ada")
    other = log_in(cafe, "ada")
    assert me.delete("/users/ada").status_code == 204
    for token in (me, other):
        problem(token.get("/users/ada"), 401)
    problem(attempt_login(cafe, "ada"), 401)
    again: Client = register_and_log_in(cafe, "ada", "quite another password")
    assert again.get("/users/ada").json["version"] == 1
