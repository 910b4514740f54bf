"""What the cookie of a login is good for, and what it is not: a browser sends it by itself."""

from __future__ import annotations

from typing import Any

import pytest

from api.store.table import Table
from tests.support.app import PATCH, TestApp, problem
from tests.support.inspection import items, writes_nothing
from tests.support.users import BROWSER, PASSWORD, BrowserClient, register

PROGRAM = {"Accept": "*/*"}
JSON = {"Content-Type": "application/json"}
WRITES: list[tuple[str, str, dict[str, str], str]] = [
    ("POST", "/cats", JSON, '{"name": "kit"}'),
    ("PUT", "/cats/luna", JSON, "{}"),
    ("PATCH", "/cats/luna", PATCH | {"If-Match": "*"}, '{"status": "hold"}'),
    ("DELETE", "/cats/luna", {}, ""),
    ("POST", "/cats/luna/weights", JSON, '{"grams": 4000}'),
    ("POST", "/todos", JSON, '{"title": "Feed her"}'),
    ("POST", "/posts", JSON, '{"title": "News", "body": "Text"}'),
    ("POST", "/users", JSON, '{"username": "new", "password": "nine lives and a tail"}'),
    ("PUT", "/users/sam", JSON, '{"password": "quite another password"}'),
    ("DELETE", "/users/sam", {}, ""),
    ("POST", "/sessions", JSON, '{"username": "sam", "password": "nine lives and a tail"}'),
    ("POST", "/logout", {}, ""),
]


@pytest.fixture
def sam(cafe: TestApp) -> BrowserClient:
    """Somebody of the staff in a browser, and Luna is there."""
    cafe.client("owner", "olga").post("/users", {"username": "sam", "password": PASSWORD, "role": "staff"})
    cafe.staff.put("/cats/luna", {"status": "available"})
    visitor = BrowserClient(cafe)
    assert visitor.log_in("sam").status_code == 303
    return visitor


@pytest.mark.parametrize("write", WRITES, ids=lambda write: f"{write[0]} {write[1]}")
def test_a_write_with_the_cookie_alone_is_refused_and_changes_nothing(
    cafe: TestApp, sam: BrowserClient, write: Any
) -> None:
    method, path, headers, data = write
    sam.open("/login")
    own, sam.csrf = sam.csrf, ""
    other = BrowserClient(cafe)
    other.open("/login")
    before = sam.cookie
    for token in ({}, {"X-CSRF-Token": ""}, {"X-CSRF-Token": "f" * 64}, {"X-CSRF-Token": other.csrf}):
        with writes_nothing(cafe):
            problem(sam.send(method, path, PROGRAM | headers | token, data=data), 403)
    assert sam.cookie == before
    answer = sam.send(method, path, PROGRAM | headers | {"X-CSRF-Token": own}, data=data)
    assert answer.status_code in (200, 201, 204, 303)


def test_a_form_of_ours_may_write_and_its_field_is_no_member(cafe: TestApp, sam: BrowserClient) -> None:
    sam.open("/login")
    refused = sam.send("POST", "/cats", PROGRAM, data={"name": "kit", "csrf_token": "f" * 64})
    problem(refused, 403)
    made = sam.send("POST", "/cats", PROGRAM, data={"name": "kit", "csrf_token": sam.csrf})
    assert (made.status_code, made.json["name"]) == (201, "kit")


def test_the_token_of_the_form_before_the_login_is_not_that_of_the_session(cafe: TestApp) -> None:
    register(cafe, "ada")
    visitor = BrowserClient(cafe)
    visitor.open("/login")
    before = visitor.csrf
    visitor.submit("/login", username="ada", password=PASSWORD)
    refused = visitor.send("PUT", "/users/ada", PROGRAM | JSON | {"X-CSRF-Token": before}, data="{}")
    problem(refused, 403)


def test_reading_needs_no_token_and_is_for_this_visitor_alone(cafe: TestApp, sam: BrowserClient) -> None:
    for path in ("/cats", "/cats/luna", "/todos", "/sessions", "/users/sam"):
        answer = sam.send("GET", path, PROGRAM)
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert "Cookie" in answer.headers["Vary"]
        assert "Set-Cookie" not in answer.headers
    assert "Cookie" in cafe.public.get("/cats").headers["Vary"]


@pytest.mark.parametrize(
    "dead", ["x", "x" * 43, "visit.x", "visit.", '"quoted"', "a=b", "ë", "猫", "\xff", "a b", "%00"]
)
def test_a_cookie_that_is_no_session_is_nobodys_and_all_pages_are_there(cafe: TestApp, dead: str) -> None:
    register(cafe, "ada")
    visitor = BrowserClient(cafe)
    for path, accept in (("/cats", PROGRAM), ("/", BROWSER), ("/login", BROWSER), ("/logout", BROWSER)):
        visitor.cookie = dead.encode().decode("latin-1")
        assert visitor.send("GET", path, accept).status_code == 200
        visitor.cookie = dead.encode().decode("latin-1")
        problem(visitor.send("GET", "/sessions", PROGRAM), 401)
    visitor.cookie = dead.encode().decode("latin-1")
    assert visitor.log_in("ada").status_code == 303


def test_a_session_that_has_expired_is_nobodys_and_the_way_in_is_open(cafe: TestApp, sam: BrowserClient) -> None:
    sam.open("/login")
    form = sam.csrf
    cafe.clock.advance(hours=24)
    assert sam.send("GET", "/cats", PROGRAM).status_code == 200
    problem(sam.send("GET", "/sessions", PROGRAM), 401)
    problem(sam.send("POST", "/cats", PROGRAM | JSON | {"X-CSRF-Token": form}, data='{"name": "kit"}'), 401)
    assert 'name="username"' in sam.open("/login").get_data(as_text=True)
    assert sam.submit("/login", username="sam", password=PASSWORD).status_code == 303
    assert sam.send("GET", "/sessions", PROGRAM).status_code == 200


def test_a_cookie_and_a_bearer_token_on_one_request_are_400(cafe: TestApp, sam: BrowserClient) -> None:
    bearer = {"Authorization": f"Bearer {cafe.token('staff')}"}
    for path in ("/cats", "/sessions", "/login", "/"):
        with writes_nothing(cafe):
            problem(sam.send("GET", path, PROGRAM | bearer), 400)
    visitor = BrowserClient(cafe)
    visitor.open("/login")
    assert visitor.send("GET", "/sessions", PROGRAM | bearer).status_code == 200
    cafe.clock.advance(hours=25)
    bearer = {"Authorization": f"Bearer {cafe.token('staff')}"}
    assert sam.send("GET", "/sessions", PROGRAM | bearer).status_code == 200, "his cookie is nobody's by now"


def test_a_bearer_token_needs_no_proof_of_a_form(cafe: TestApp) -> None:
    assert cafe.staff.put("/cats/tom", {}).status_code == 201


def test_a_bearer_token_is_no_cookies_value_and_the_other_way_round_it_is(cafe: TestApp, sam: BrowserClient) -> None:
    """One sort of token: what differs is who sends it by themselves."""
    assert cafe.public.get("/sessions", {"Authorization": f"Bearer {sam.cookie}"}).status_code == 200


def test_a_password_changed_in_a_browser_ends_the_other_browsers(cafe: TestApp, sam: BrowserClient) -> None:
    other = BrowserClient(cafe)
    other.log_in("sam")
    sam.open("/login")
    changed = {"password": "quite another password"}
    answer = sam.send("PUT", "/users/sam", PROGRAM | {"X-CSRF-Token": sam.csrf}, json=changed)
    assert answer.status_code == 200
    assert sam.send("GET", "/sessions", PROGRAM).status_code == 200
    problem(other.send("GET", "/sessions", PROGRAM), 401)


def test_neither_the_table_nor_the_log_has_the_cookie(mocked_table: Table, capsys: pytest.CaptureFixture[str]) -> None:
    cafe = TestApp(mocked_table, log_level="DEBUG")
    register(cafe, "ada")
    visitor = BrowserClient(cafe)
    visitor.open("/login")
    before, form = visitor.cookie, visitor.csrf
    assert visitor.submit("/login", username="ada", password=PASSWORD).status_code == 303
    visitor.open("/todos")
    logged = capsys.readouterr().err
    assert '"who":"ada"' in logged
    for secret in (before, form, visitor.cookie):
        assert secret
        assert secret not in logged
        assert secret not in str(items(cafe))
