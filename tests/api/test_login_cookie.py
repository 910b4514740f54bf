"""The session cookie authenticates reads. Writes also need a CSRF token, as browsers send cookies by themselves."""

from __future__ import annotations

from typing import Any

import pytest

from api.store.table import Table
from tests.support.app import PATCH, TestApp, problem
from tests.support.inspection import items, writes_nothing
from tests.support.users import BROWSER, PASSWORD, BrowserClient, register

ANY_TYPE = {"Accept": "*/*"}
JSON = {"Content-Type": "application/json"}
WRITES: list[tuple[str, str, dict[str, str], str]] = [
    ("POST", "/cats", JSON, '{"name": "kit"}'),
    ("PUT", "/cats/luna", JSON, "{}"),
    ("PATCH", "/cats/luna", PATCH | {"If-Match": "*"}, '{"status": "hold"}'),
    ("DELETE", "/cats/luna", {}, ""),
    ("POST", "/cats/luna/weights", JSON, '{"grams": 4000}'),
    ("POST", "/todos", JSON, '{"title": "Feed Luna"}'),
    ("POST", "/posts", JSON, '{"title": "News", "body": "Text"}'),
    ("POST", "/users", JSON, '{"username": "new", "password": "nine lives and a tail"}'),
    ("PUT", "/users/sam", JSON, '{"password": "quite another password"}'),
    ("DELETE", "/users/sam", {}, ""),
    ("POST", "/sessions", JSON, '{"username": "sam", "password": "nine lives and a tail"}'),
    ("POST", "/logout", {}, ""),
]


@pytest.fixture
def sam(cafe: TestApp) -> BrowserClient:
    """A browser with a session of Sam, who is staff. The cat Luna exists."""
    cafe.client("owner", "olga").post("/users", {"username": "sam", "password": PASSWORD, "role": "staff"})
    cafe.staff.put("/cats/luna", {"status": "available"})
    browser = BrowserClient(cafe)
    assert browser.log_in("sam").status_code == 303
    return browser


@pytest.mark.parametrize("write", WRITES, ids=lambda write: f"{write[0]} {write[1]}")
def test_write_with_a_cookie_and_no_valid_csrf_token_is_403(cafe: TestApp, sam: BrowserClient, write: Any) -> None:
    method, path, headers, data = write
    sam.open("/login")
    valid_token, sam.csrf = sam.csrf, ""
    other = BrowserClient(cafe)
    other.open("/login")
    before = sam.cookie
    for token in ({}, {"X-CSRF-Token": ""}, {"X-CSRF-Token": "f" * 64}, {"X-CSRF-Token": other.csrf}):
        with writes_nothing(cafe):
            problem(sam.send(method, path, ANY_TYPE | headers | token, data=data), 403)
    assert sam.cookie == before
    response = sam.send(method, path, ANY_TYPE | headers | {"X-CSRF-Token": valid_token}, data=data)
    assert response.status_code in (200, 201, 204, 303)


def test_form_with_a_csrf_field_may_write(cafe: TestApp, sam: BrowserClient) -> None:
    sam.open("/login")
    response = sam.send("POST", "/cats", ANY_TYPE, data={"name": "kit", "csrf_token": "f" * 64})
    problem(response, 403)
    created = sam.send("POST", "/cats", ANY_TYPE, data={"name": "kit", "csrf_token": sam.csrf})
    assert (created.status_code, created.json["name"]) == (201, "kit")


def test_csrf_token_from_before_the_login_is_403(cafe: TestApp) -> None:
    register(cafe, "ada")
    browser = BrowserClient(cafe)
    browser.open("/login")
    old_token = browser.csrf
    browser.submit("/login", username="ada", password=PASSWORD)
    response = browser.send("PUT", "/users/ada", ANY_TYPE | JSON | {"X-CSRF-Token": old_token}, data="{}")
    problem(response, 403)


def test_read_with_a_cookie_needs_no_csrf_token_and_is_private(cafe: TestApp, sam: BrowserClient) -> None:
    for path in ("/cats", "/cats/luna", "/todos", "/sessions", "/users/sam"):
        response = sam.send("GET", path, ANY_TYPE)
        assert response.status_code == 200
        assert response.headers["Cache-Control"] == "private, no-store"
        assert "Cookie" in response.headers["Vary"]
        assert "Set-Cookie" not in response.headers
    assert "Cookie" in cafe.public.get("/cats").headers["Vary"]


@pytest.mark.parametrize(
    "value", ["x", "x" * 43, "visit.x", "visit.", '"quoted"', "a=b", "ë", "猫", "\xff", "a b", "%00"]
)
def test_invalid_cookie_is_anonymous(cafe: TestApp, value: str) -> None:
    register(cafe, "ada")
    browser = BrowserClient(cafe)
    for path, accept in (("/cats", ANY_TYPE), ("/", BROWSER), ("/login", BROWSER), ("/logout", BROWSER)):
        browser.cookie = value.encode().decode("latin-1")
        assert browser.send("GET", path, accept).status_code == 200
        browser.cookie = value.encode().decode("latin-1")
        problem(browser.send("GET", "/sessions", ANY_TYPE), 401)
    browser.cookie = value.encode().decode("latin-1")
    assert browser.log_in("ada").status_code == 303


def test_expired_cookie_is_anonymous_and_can_log_in_again(cafe: TestApp, sam: BrowserClient) -> None:
    sam.open("/login")
    csrf_token = sam.csrf
    cafe.clock.advance(hours=24)
    assert sam.send("GET", "/cats", ANY_TYPE).status_code == 200
    problem(sam.send("GET", "/sessions", ANY_TYPE), 401)
    problem(sam.send("POST", "/cats", ANY_TYPE | JSON | {"X-CSRF-Token": csrf_token}, data='{"name": "kit"}'), 401)
    assert 'name="username"' in sam.open("/login").get_data(as_text=True)
    assert sam.submit("/login", username="sam", password=PASSWORD).status_code == 303
    assert sam.send("GET", "/sessions", ANY_TYPE).status_code == 200


def test_cookie_and_bearer_token_in_one_request_are_400(cafe: TestApp, sam: BrowserClient) -> None:
    bearer = {"Authorization": f"Bearer {cafe.token('staff')}"}
    for path in ("/cats", "/sessions", "/login", "/"):
        with writes_nothing(cafe):
            problem(sam.send("GET", path, ANY_TYPE | bearer), 400)
    browser = BrowserClient(cafe)
    browser.open("/login")
    assert browser.send("GET", "/sessions", ANY_TYPE | bearer).status_code == 200
    cafe.clock.advance(hours=25)
    bearer = {"Authorization": f"Bearer {cafe.token('staff')}"}
    assert sam.send("GET", "/sessions", ANY_TYPE | bearer).status_code == 200, "an expired cookie is ignored"


def test_bearer_token_needs_no_csrf_token(cafe: TestApp) -> None:
    assert cafe.staff.put("/cats/tom", {}).status_code == 201


def test_value_of_the_cookie_is_a_valid_bearer_token(cafe: TestApp, sam: BrowserClient) -> None:
    """There is one kind of token. A cookie differs only because browsers send it by themselves."""
    assert cafe.public.get("/sessions", {"Authorization": f"Bearer {sam.cookie}"}).status_code == 200


def test_password_change_with_a_cookie_ends_other_sessions(cafe: TestApp, sam: BrowserClient) -> None:
    other = BrowserClient(cafe)
    other.log_in("sam")
    sam.open("/login")
    changed = {"password": "quite another password"}
    response = sam.send("PUT", "/users/sam", ANY_TYPE | {"X-CSRF-Token": sam.csrf}, json=changed)
    assert response.status_code == 200
    assert sam.send("GET", "/sessions", ANY_TYPE).status_code == 200
    problem(other.send("GET", "/sessions", ANY_TYPE), 401)


def test_cookie_is_neither_stored_nor_logged(mocked_table: Table, capsys: pytest.CaptureFixture[str]) -> None:
    cafe = TestApp(mocked_table, log_level="DEBUG")
    register(cafe, "ada")
    browser = BrowserClient(cafe)
    browser.open("/login")
    before, csrf_token = browser.cookie, browser.csrf
    assert browser.submit("/login", username="ada", password=PASSWORD).status_code == 303
    browser.open("/todos")
    logged = capsys.readouterr().err
    assert '"who":"ada"' in logged
    for secret in (before, csrf_token, browser.cookie):
        assert secret
        assert secret not in logged
        assert secret not in str(items(cafe))
