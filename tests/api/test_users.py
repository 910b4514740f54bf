"""Users: members see and change only their own profile, owners all of them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.app import PATCH, Client, TestApp, pointers, problem
from tests.support.inspection import etag, writes_nothing
from tests.support.users import PASSWORD, attempt_login, log_in, register, register_and_log_in

JSON = {"Content-Type": "application/json"}
REQUESTS: list[tuple[str, dict[str, str], Any]] = [
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


@pytest.mark.parametrize("request_parts", REQUESTS, ids=lambda parts: f"{parts[0]} {parts[1]} {parts[2]}")
def test_other_user_is_404_with_the_same_bytes_as_a_missing_user(
    cafe: TestApp, request_parts: tuple[str, Any, Any]
) -> None:
    register(cafe, "quinn")
    method, headers, data = request_parts
    for client in (cafe.client("member", "ann"), cafe.client("staff", "sam"), cafe.public):
        replies = []
        with writes_nothing(cafe):
            for username in ("quinn", "quilt"):
                response = client.send(method, f"/users/{username}", headers, data=data)
                response_headers = response.headers
                text = (
                    response.get_data(as_text=True)
                    .replace(response_headers.pop("X-Request-Id"), "")
                    .replace(username, "")
                )
                replies.append((response.status_code, text, sorted(response_headers)))
        assert replies[0] == replies[1]
        expected = {"POST": 405, "OPTIONS": 204}.get(method) or (404 if client.headers else 401)
        assert replies[0][0] == (415 if client.headers and data == "a,b" else expected)
    assert attempt_login(cafe, "quinn").status_code == 201


def test_list_of_a_member_has_only_their_own_user(cafe: TestApp) -> None:
    ann = register_and_log_in(cafe, "ann")
    register(cafe, "bea")
    for query in ("", "?role=member", "?active=true", "?fields=username&limit=1"):
        page = ann.get(f"/users{query}").json
        assert [user["username"] for user in page["items"]] == ["ann"]
        assert "next" not in page
    for query in ("?role=owner", "?active=false"):
        assert ann.get(f"/users{query}").json == {"items": []}
    problem(cafe.public.get("/users"), 401)


def test_owner_lists_and_filters_all_users(cafe: TestApp) -> None:
    owner = cafe.client("owner", "olga")
    for name in ("bea", "ann"):
        register(cafe, name)
    cafe.client("staff", "sam")
    owner.patch("/users/bea", {"active": False}, if_match="*")

    def usernames(query: str) -> list[str]:
        return [user["username"] for user in owner.get(f"/users{query}").json["items"]]

    assert usernames("") == ["ann", "bea", "olga", "sam"]
    assert usernames("?role=member") == ["ann", "bea"]
    assert (usernames("?role=staff"), usernames("?role=owner")) == (["sam"], ["olga"])
    assert (usernames("?active=false"), usernames("?active=false&role=staff")) == (["bea"], [])
    assert usernames("?active=true&role=member") == ["ann"]
    names, path = [], "/users?limit=3"
    while path:
        page = owner.get(path).json
        names += [user["username"] for user in page["items"]]
        path = page.get("next")
    assert names == ["ann", "bea", "olga", "sam"]
    assert owner.get("/users/bea").json["active"] is False
    for query in ("?role=public", "?role=king", "?active=yes", "?password=x"):
        problem(owner.get(f"/users{query}"), 400)


def test_put_of_the_own_profile_resets_missing_fields(cafe: TestApp) -> None:
    ada = register_and_log_in(cafe, "ada", displayName="Ada", email="ada@example.org")
    cafe.clock.advance(hours=1)
    response = ada.put("/users/ada", {"about": "I like calicos.", "currentPassword": PASSWORD})
    assert response.status_code == 200
    profile = response.json
    assert (profile["about"], profile["displayName"], profile["email"]) == ("I like calicos.", None, None)
    assert (profile["version"], profile["created"], profile["updated"]) == (
        2,
        "2026-11-22T12:00:00Z",
        "2026-11-22T13:00:00Z",
    )
    patched = ada.patch("/users/Ada", {"displayName": "A", "about": None}, if_match=etag(response))
    assert (patched.json["displayName"], patched.json["about"], patched.json["version"]) == ("A", None, 3)
    problem(ada.patch("/users/ada", {}), 428)
    problem(ada.patch("/users/ada", {}, if_match=etag(response)), 412)


@pytest.mark.parametrize("role", ["member", "staff", "owner"])
def test_put_and_patch_keep_role_state_and_password(cafe: TestApp, role: Any) -> None:
    owner = cafe.client("owner", "olga")
    assert register(cafe, "ada").status_code == 201
    assert owner.patch("/users/ada", {"role": role}, if_match="*").json["role"] == role
    ada = log_in(cafe, "ada")
    responses: list[Any] = [ada.put("/users/ada", {}), ada.patch("/users/ada", {"about": "x"}, if_match="*")]
    responses += [owner.put("/users/ada", {}), owner.patch("/users/ada", {"about": None}, if_match="*")]
    for response in responses:
        assert (response.status_code, response.json["role"], response.json["active"]) == (200, role, True)
    assert ada.get("/users/ada").status_code == 200
    assert attempt_login(cafe, "ada").status_code == 201
    owner.patch("/users/ada", {"active": False}, if_match="*")
    assert owner.put("/users/ada", {}).json["active"] is False


def test_null_for_role_active_or_password_is_422(cafe: TestApp) -> None:
    ada, owner = register_and_log_in(cafe, "ada"), cafe.client("owner", "olga")
    for name in ("role", "active", "password"):
        assert pointers(owner.patch("/users/ada", {name: None}, if_match="*")) == [f"/{name}"]
        assert pointers(owner.put("/users/ada", {name: None})) == [f"/{name}"]
    assert ada.get("/users/ada").json["version"] == 1


def test_username_cannot_change(cafe: TestApp) -> None:
    ada = register_and_log_in(cafe, "ada")
    assert ada.put("/users/ada", {"username": " ADA"}).status_code == 200
    assert pointers(ada.put("/users/ada", {"username": "bea"})) == ["/username"]
    assert pointers(ada.patch("/users/ada", {"username": "bea"}, if_match="*")) == ["/username"]


def test_only_an_owner_creates_a_user_with_put(cafe: TestApp) -> None:
    owner = cafe.client("owner", "olga")
    body = {"role": "staff", "password": PASSWORD}
    for client in (cafe.client("member", "ann"), cafe.client("staff", "sam")):
        problem(client.put("/users/new", body), 404)
    created = owner.put("/users/new", body)
    assert (created.status_code, created.headers["Location"], created.json["role"]) == (201, "/users/new", "staff")
    assert log_in(cafe, "new").get("/cats/missing/history").status_code == 404
    without_password = owner.put("/users/quiet", {})
    assert (without_password.status_code, without_password.json["role"]) == (201, "member")
    assert attempt_login(cafe, "quiet", "").status_code == 422
    assert attempt_login(cafe, "quiet").status_code == 401


@pytest.mark.parametrize("password", ["the-long-name", "The-Long-Name", "password1", "short"])
def test_put_compares_the_password_with_the_username_of_the_url(cafe: TestApp, password: str) -> None:
    owner = cafe.client("owner", "olga")
    assert pointers(owner.put("/users/the-long-name", {"password": password})) == ["/password"]
    assert pointers(owner.put("/users/the-long-name", {"password": password, "wings": 2})) == ["/password", "/wings"]
    problem(owner.get("/users/the-long-name"), 404)


def test_member_can_delete_themselves_and_register_again(cafe: TestApp) -> None:
    ada = register_and_log_in(cafe, "ada")
    other = log_in(cafe, "ada")
    assert ada.delete("/users/ada").status_code == 204
    for session in (ada, other):
        problem(session.get("/users/ada"), 401)
    problem(attempt_login(cafe, "ada"), 401)
    new_ada: Client = register_and_log_in(cafe, "ada", "quite another password")
    assert new_ada.get("/users/ada").json["version"] == 1
