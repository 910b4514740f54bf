"""Registering: anyone may, once under each name, with a password that nobody would try first."""

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


def test_anyone_registers_and_is_a_member_who_can_log_in(cafe: TestApp) -> None:
    told = {"displayName": "Ada L.", "email": "ada@example.org", "about": "I like calicos."}
    answer = register(cafe, "ada", **told)
    assert answer.status_code == 201
    assert answer.headers["Location"] == "/users/ada"
    assert answer.headers["Cache-Control"] == "private, no-store"
    servers = {"created": "2026-11-22T12:00:00Z", "updated": "2026-11-22T12:00:00Z", "version": 1}
    assert answer.json == {"username": "ada", "role": "member", "active": True, **told, **servers}
    assert log_in(cafe, "ada").get("/users/ada").json == answer.json


def test_one_registers_with_a_form_too(cafe: TestApp) -> None:
    form = "username=Ada&password=nine+lives+%26+a+tail&displayName=Ada"
    answer = cafe.public.send("POST", "/users", FORM, data=form)
    assert (answer.status_code, answer.json["username"], answer.json["displayName"]) == (201, "ada", "Ada")
    assert attempt_login(cafe, "ada", "nine lives & a tail").status_code == 201


@pytest.mark.parametrize("spelling", ["ZOË", "zoë", "Zoe\u0308", "  Zoë ", "ZOE\u0308"])
def test_upper_and_lower_case_and_the_ways_to_write_a_letter_are_one_username(cafe: TestApp, spelling: str) -> None:
    assert register(cafe, spelling).json["username"] == "zoë"
    for other in ("Zoë", "zoe\u0308", " ZOË  "):
        refused = register(cafe, other, "quite another password")
        assert problem(refused, 409)["detail"] == "The username zoë is taken."
        assert attempt_login(cafe, other).json["username"] == "zoë"
    assert log_in(cafe, "zoë").get("/users/ZOË").json["username"] == "zoë"


@pytest.mark.parametrize(
    ("username", "where"),
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
def test_what_is_no_username_is_422(cafe: TestApp, username: Any, where: list[str]) -> None:
    assert pointers(cafe.public.post("/users", {"username": username, "password": PASSWORD})) == where


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
def test_a_password_that_is_short_long_common_or_the_username_is_refused(cafe: TestApp, password: str) -> None:
    answer = register(cafe, "The-Long-Username", password)
    assert pointers(answer) == ["/password"]
    assert password not in answer.get_data(as_text=True)
    assert [item for item in items(cafe) if item["pk"]["S"].startswith("users#")] == []


@pytest.mark.parametrize("password", ["x7#kQ9!k", "jfkwpqdm", "83651972", " b  b  b ", "猫が好きですよね。", "ab" * 64])
def test_any_other_password_of_8_to_128_characters_will_do(cafe: TestApp, password: str) -> None:
    assert register(cafe, "ada", password).status_code == 201
    assert attempt_login(cafe, "ada", password).status_code == 201
    assert attempt_login(cafe, "ada", "!" + password[1:]).status_code == 401


def test_a_username_with_two_spellings_is_no_password_in_either(cafe: TestApp) -> None:
    assert pointers(register(cafe, "Zoë-the-cat", "zoe\u0308-the-cat")) == ["/password"]


def test_all_that_is_wrong_is_said_at_once_and_nothing_of_it_is_kept(cafe: TestApp) -> None:
    body = {"username": "", "password": "x", "email": "nowhere", "displayName": "x" * 300, "version": 3, "wings": 2}
    expected = ["/displayName", "/email", "/password", "/username", "/version", "/wings"]
    assert pointers(cafe.public.post("/users", body)) == expected
    assert [item for item in items(cafe) if item["pk"]["S"].startswith("users#")] == []


def test_a_password_is_never_shown_again_and_never_kept_or_logged(
    mocked_table: Table, capsys: pytest.CaptureFixture[str]
) -> None:
    cafe = TestApp(mocked_table, log_level="DEBUG")
    me = register_and_log_in(cafe, "ada")
    shown = [register(cafe, "bea"), register(cafe, "ada"), me.get("/users/ada"), me.get("/users")]
    shown.append(me.put("/users/ada", {"password": PASSWORD + "!", "displayName": "Ada"}))
    shown.append(me.patch("/users/ada", {"password": PASSWORD + "?"}, if_match="*"))
    shown.append(attempt_login(cafe, "ada", PASSWORD + " but wrong"))
    assert [answer.status_code for answer in shown] == [201, 409, 200, 200, 200, 200, 401]
    logged = capsys.readouterr().err
    assert '"route":"/users"' in logged
    assert '"route":"/sessions"' in logged
    told = [logged, *(answer.get_data(as_text=True) for answer in shown)]
    assert not [text for text in told if "argon2" in text or PASSWORD in text]
    assert PASSWORD not in json.dumps(items(cafe))


def test_a_registration_that_is_sent_twice_happens_once(cafe: TestApp) -> None:
    first = cafe.public.post("/users", ADA, idempotency_key="k")
    cafe.clock.advance(hours=23)
    second = cafe.public.post("/users", ADA, idempotency_key="k")
    assert (first.status_code, first.json) == (second.status_code, second.json) == (201, first.json)
    assert first.headers["Location"] == second.headers["Location"]
    with_another_password = cafe.public.post("/users", ADA | {"password": PASSWORD + "!"}, idempotency_key="k")
    assert problem(with_another_password, 422)["type"] == "/problems/idempotency-key-reused"
    problem(cafe.public.post("/users", ADA, idempotency_key="another"), 409)


def test_the_key_of_one_address_is_nobody_elses(cafe: TestApp) -> None:
    cafe.public.post("/users", ADA, idempotency_key="k")
    elsewhere = {"REMOTE_ADDR": "198.51.100.7"}
    again = cafe.public.send("POST", "/users", {"Idempotency-Key": "k"}, json=ADA, environ_overrides=elsewhere)
    problem(again, 409)


def test_who_reads_the_table_cannot_try_out_which_password_a_registration_had(mocked_table: Table) -> None:
    """What is kept of the request for its Idempotency-Key depends on a secret that is not in the table."""
    prints = []
    for key in ("k" * 32, "another key of the café, 32 chars"):
        cafe = TestApp(mocked_table, cursor_key=key)
        cafe.public.post("/users", ADA, idempotency_key="k")
        (item,) = [item for item in items(cafe) if "fingerprint" in item]
        prints.append(item.pop("fingerprint")["S"])
        assert not [word for word in (PASSWORD, "argon2") if word in str(item)]
        for item in items(cafe):
            inspection.delete(cafe.table, item)
    assert len(set(prints)) == 2


def test_an_address_registers_a_limited_number_of_people(mocked_table: Table) -> None:
    cafe = TestApp(mocked_table, login_tries=1, login_window_seconds=60)
    told = [cafe.public.post("/users", {}).status_code for _ in range(9)] + [register(cafe, "ada").status_code]
    assert told == [422] * 9 + [201]
    refused = register(cafe, "bea")
    assert problem(refused, 429)["type"] == "/problems/throttled"
    assert refused.headers["Retry-After"] == "60"
    elsewhere = {"REMOTE_ADDR": "198.51.100.7"}
    body = {"username": "bea", "password": PASSWORD}
    assert cafe.public.send("POST", "/users", json=body, environ_overrides=elsewhere).status_code == 201
    assert cafe.client("owner").post("/users", ADA | {"username": "cleo"}).status_code == 201
    cafe.clock.advance(seconds=60)
    assert register(cafe, "dora").status_code == 201
