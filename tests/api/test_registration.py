"""Registration: usernames, passwords, idempotency and the rate limit."""

from __future__ import annotations

import json
from typing import Any

import pytest

from api.store.table import Table
from tests.support import inspection
from tests.support.app import TestApp, pointers, problem
from tests.support.inspection import items
from tests.support.users import PASSWORD, attempt_login, log_in, register, register_and_log_in

ADA = {"username": "ada", "password": PASSWORD}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def test_registration_creates_a_member_who_can_log_in(cafe: TestApp) -> None:
    profile = {"displayName": "Ada L.", "email": "ada@example.org", "about": "I like calicos."}
    response = register(cafe, "ada", **profile)
    assert response.status_code == 201
    assert response.headers["Location"] == "/users/ada"
    assert response.headers["Cache-Control"] == "private, no-store"
    read_only = {"created": "2026-11-22T12:00:00Z", "updated": "2026-11-22T12:00:00Z", "version": 1}
    assert response.json == {"username": "ada", "role": "member", "active": True, **profile, **read_only}
    assert log_in(cafe, "ada").get("/users/ada").json == response.json


def test_registration_accepts_a_form(cafe: TestApp) -> None:
    form = "username=Ada&password=nine+lives+%26+a+tail&displayName=Ada"
    response = cafe.public.send("POST", "/users", FORM, data=form)
    assert (response.status_code, response.json["username"], response.json["displayName"]) == (201, "ada", "Ada")
    assert attempt_login(cafe, "ada", "nine lives & a tail").status_code == 201


@pytest.mark.parametrize("username", ["smoke-test-1", "Smoke-Test-1", "smoke", "a smoke-test-1"])
def test_only_a_member_with_the_prefix_of_smoke_tests_expires(cafe: TestApp, username: str) -> None:
    assert register(cafe, username).status_code == 201
    [user] = [item for item in items(cafe) if item["pk"]["S"].startswith("users#")]
    assert ("expires" in user) == username.lower().startswith("smoke-test-")
    created = log_in(cafe, username).post("/tokens", {"name": "bot", "role": "member"})
    assert created.status_code == (403 if "expires" in user else 201)
    left = [item for item in items(cafe) if username.lower() in item["pk"]["S"]]
    assert all("expires" in item for item in left) == ("expires" in user)
    assert cafe.client("owner").patch(f"/users/{username}", {"role": "staff"}, if_match="*").status_code == 200
    names = {item["pk"]["S"]: item for item in items(cafe)}
    assert "expires" not in names[user["pk"]["S"]]
    assert any(key.startswith("authors#") and username.lower() in names[key]["doc"]["S"] for key in names)


@pytest.mark.parametrize("spelling", ["ZOË", "zoë", "Zoe\u0308", "  Zoë ", "ZOE\u0308"])
def test_username_ignores_case_and_unicode_form(cafe: TestApp, spelling: str) -> None:
    assert register(cafe, spelling).json["username"] == "zoë"
    for other in ("Zoë", "zoe\u0308", " ZOË  "):
        response = register(cafe, other, "quite another password")
        assert problem(response, 409)["detail"] == "The username zoë is taken."
        assert attempt_login(cafe, other).json["username"] == "zoë"
    assert log_in(cafe, "zoë").get("/users/ZOË").json["username"] == "zoë"


@pytest.mark.parametrize(
    ("username", "expected"),
    [
        ("", ["/username"]),
        ("   ", ["/username"]),
        ("..", ["/username"]),
        ("a/b", ["/username"]),
        ("a\nb", ["/username"]),
        ("a#b", ["/username"]),
        ("x" * 65, ["/username"]),
        (None, ["/username"]),
        (7, ["/username"]),
    ],
)
def test_invalid_username_is_422(cafe: TestApp, username: Any, expected: list[str]) -> None:
    assert pointers(cafe.public.post("/users", {"username": username, "password": PASSWORD})) == expected


@pytest.mark.parametrize(
    "password",
    [
        "x7#kQ9",
        "1234567",
        "x7#kQ9!" * 19,
        "password1",
        "PassWord1",
        "12345678",
        "aaaaaaaaaaaa",
        "the-long-username",
        "The-Long-Username",
        "emanresu-gnol-eht",
    ],
)
def test_short_long_common_or_username_like_password_is_422(cafe: TestApp, password: str) -> None:
    response = register(cafe, "The-Long-Username", password)
    assert pointers(response) == ["/password"]
    assert password not in response.get_data(as_text=True)
    assert [item for item in items(cafe) if item["pk"]["S"].startswith("users#")] == []


@pytest.mark.parametrize("password", ["x7#kQ9!k", "jfkwpqdm", "83651972", " b  b  b ", "猫が好きですよね。", "ab" * 64])
def test_other_password_of_8_to_128_characters_is_accepted(cafe: TestApp, password: str) -> None:
    assert register(cafe, "ada", password).status_code == 201
    assert attempt_login(cafe, "ada", password).status_code == 201
    assert attempt_login(cafe, "ada", "!" + password[1:]).status_code == 401


def test_other_unicode_form_of_the_username_is_a_weak_password(cafe: TestApp) -> None:
    assert pointers(register(cafe, "Zoë-the-cat", "zoe\u0308-the-cat")) == ["/password"]


def test_all_errors_are_reported_at_once_and_nothing_is_stored(cafe: TestApp) -> None:
    body = {"username": "", "password": "x", "email": "nowhere", "displayName": "x" * 300, "version": 3, "wings": 2}
    expected = ["/displayName", "/email", "/password", "/username", "/version", "/wings"]
    assert pointers(cafe.public.post("/users", body)) == expected
    assert [item for item in items(cafe) if item["pk"]["S"].startswith("users#")] == []


def test_password_is_neither_returned_stored_nor_logged(
    mocked_table: Table, capsys: pytest.CaptureFixture[str]
) -> None:
    cafe = TestApp(mocked_table, log_level="DEBUG")
    ada = register_and_log_in(cafe, "ada")
    responses = [register(cafe, "bea"), register(cafe, "ada"), ada.get("/users/ada"), ada.get("/users")]
    responses.append(ada.put("/users/ada", {"password": PASSWORD + "!", "currentPassword": PASSWORD}))
    responses.append(
        ada.patch("/users/ada", {"password": PASSWORD + "?", "currentPassword": PASSWORD + "!"}, if_match="*")
    )
    responses.append(attempt_login(cafe, "ada", PASSWORD + " but wrong"))
    assert [response.status_code for response in responses] == [201, 409, 200, 200, 200, 200, 401]
    logged = capsys.readouterr().err
    assert '"route":"/users"' in logged
    assert '"route":"/sessions"' in logged
    texts = [logged, *(response.get_data(as_text=True) for response in responses)]
    assert not [text for text in texts if "argon2" in text or PASSWORD in text]
    assert PASSWORD not in json.dumps(items(cafe))


def test_registration_with_an_idempotency_key_happens_once(cafe: TestApp) -> None:
    first = cafe.public.post("/users", ADA, idempotency_key="k")
    cafe.clock.advance(hours=23)
    second = cafe.public.post("/users", ADA, idempotency_key="k")
    assert (first.status_code, first.json) == (second.status_code, second.json) == (201, first.json)
    assert first.headers["Location"] == second.headers["Location"]
    problem(cafe.public.post("/users", ADA, idempotency_key="another"), 409)


def test_anonymous_callers_of_one_address_share_no_idempotency_key(cafe: TestApp) -> None:
    ada = ADA | {"email": "ada@example.org"}
    first = cafe.public.post("/users", ada, idempotency_key="k")
    for fields in ({"password": PASSWORD + "!"}, {"email": "eve@example.org"}, {"about": "A stranger."}):
        response = cafe.public.post("/users", ada | fields, idempotency_key="k")
        assert problem(response, 409)["detail"] == "The username ada is taken."
        assert "ada@example.org" not in response.get_data(as_text=True)
    assert cafe.public.post("/users", ada | {"username": "bea"}, idempotency_key="k").status_code == 201
    assert cafe.public.post("/users", ada, idempotency_key="k").data == first.data


def test_replayed_registration_shows_the_user_as_registered(cafe: TestApp) -> None:
    """A client that repeats the first request, with the old password, does not see later changes."""
    body = ADA | {"displayName": "Ada", "email": "ada@example.org"}
    first = cafe.public.post("/users", body, idempotency_key="k")
    client = log_in(cafe, "ada")
    changes = {"email": "new@example.org", "password": PASSWORD + "!", "currentPassword": PASSWORD}
    assert client.patch("/users/ada", changes, if_match="*").status_code == 200
    second = cafe.public.post("/users", body, idempotency_key="k")
    assert (second.data, second.headers["ETag"]) == (first.data, first.headers["ETag"])


@pytest.mark.parametrize("is_registered_again", [False, True])
def test_replayed_registration_of_a_deleted_user_is_409(cafe: TestApp, is_registered_again: bool) -> None:
    assert cafe.public.post("/users", ADA, idempotency_key="k").status_code == 201
    assert log_in(cafe, "ada").delete("/users/ada").status_code == 204
    cafe.clock.advance(seconds=1)
    if is_registered_again:
        assert register(cafe, "ada", "the password of another", email="new@example.org").status_code == 201
    response = cafe.public.post("/users", ADA, idempotency_key="k")
    assert "has been registered and deleted" in problem(response, 409)["detail"]
    assert cafe.public.post("/users", ADA, idempotency_key="another").status_code == 201 + is_registered_again * 208


def test_saved_response_of_a_registration_has_no_personal_data(cafe: TestApp) -> None:
    profile = {"displayName": "Ada Lovelace", "email": "ada@example.org", "about": "I like calicos."}
    cafe.public.post("/users", ADA | profile, idempotency_key="k")
    cafe.client("owner").post("/users", ADA | profile | {"username": "bea"}, idempotency_key="k")
    saved = [str(item) for item in items(cafe) if item["pk"]["S"].startswith("idempotency#")]
    assert len(saved) == 2
    assert not [word for word in (*profile.values(), PASSWORD, "127.0.0.1") if word in str(saved)]


def test_idempotency_key_belongs_to_the_address(cafe: TestApp) -> None:
    cafe.public.post("/users", ADA, idempotency_key="k")
    elsewhere = {"REMOTE_ADDR": "198.51.100.7"}
    response = cafe.public.send("POST", "/users", {"Idempotency-Key": "k"}, json=ADA, environ_overrides=elsewhere)
    problem(response, 409)


def test_stored_fingerprint_of_a_registration_depends_on_the_cursor_key(mocked_table: Table) -> None:
    """Without the key, a reader of the table cannot test guesses of the password against the fingerprint."""
    fingerprints = []
    for key in ("k" * 32, "another key of the café, 32 chars"):
        cafe = TestApp(mocked_table, cursor_key=key)
        cafe.public.post("/users", ADA, idempotency_key="k")
        (item,) = [item for item in items(cafe) if "fingerprint" in item]
        fingerprints.append(item.pop("fingerprint")["S"])
        assert not [word for word in (PASSWORD, "argon2") if word in str(item)]
        for item in items(cafe):
            inspection.delete(cafe.table, item)
    assert len(set(fingerprints)) == 2


def test_registrations_are_rate_limited_per_address(mocked_table: Table) -> None:
    cafe = TestApp(mocked_table, login_tries=1, login_window_seconds=60)
    statuses = [cafe.public.post("/users", {}).status_code for _ in range(9)] + [register(cafe, "ada").status_code]
    assert statuses == [422] * 9 + [201]
    response = register(cafe, "bea")
    assert problem(response, 429)["type"] == "/problems/throttled"
    assert response.headers["Retry-After"] == "60"
    elsewhere = {"REMOTE_ADDR": "198.51.100.7"}
    body = {"username": "bea", "password": PASSWORD}
    assert cafe.public.send("POST", "/users", json=body, environ_overrides=elsewhere).status_code == 201
    assert cafe.client("owner").post("/users", ADA | {"username": "cleo"}).status_code == 201
    cafe.clock.advance(seconds=60)
    first = cafe.public.post("/users", ADA | {"username": "dora"}, idempotency_key="k")
    replays = [cafe.public.post("/users", ADA | {"username": "dora"}, idempotency_key="k") for _ in range(10)]
    assert {response.status_code for response in (first, *replays)} == {201}
    statuses = [cafe.public.post("/users", {}).status_code for _ in range(10)]
    assert statuses == [422] * 9 + [429]  # the replays do not count
    replay = cafe.public.post("/users", ADA | {"username": "dora"}, idempotency_key="k")
    assert (replay.status_code, replay.data) == (201, first.data)


def test_response_to_a_registration_has_the_quota_of_the_address(mocked_table: Table) -> None:
    cafe = TestApp(mocked_table, login_tries=1)
    key = {"Idempotency-Key": "a-key"}
    sent = [
        cafe.public.send("POST", "/users", key, json=ADA),
        cafe.public.send("POST", "/users", key, json=ADA),
        cafe.public.post("/users", ADA),
        cafe.public.post("/users", {}),
        cafe.client("member", "lu").post("/users", ADA | {"username": "bea"}),
        *[cafe.public.post("/users", {}) for _ in range(7)],
    ]
    assert [response.status_code for response in sent] == [201, 201, 409, 422, 201, *[422] * 6, 429]
    left = [9, None, 8, 7, 0, 5, 4, 3, 2, 1, 0, 0]
    assert [response.headers.get("RateLimit") for response in sent] == [
        None if number is None else f'"default";r={number};t=300' for number in left
    ]
    assert sent[0].headers["RateLimit-Policy"] == '"default";q=10;w=300'
    assert sent[4].headers["RateLimit-Policy"] == '"default";q=1;w=300', "a member may set one password"
