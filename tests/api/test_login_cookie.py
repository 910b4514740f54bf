"""The session cookie authenticates reads, and writes from pages of this origin: browsers send cookies by themselves."""

from __future__ import annotations

from typing import Any

import pytest

from api.store.table import Table
from tests.support.app import PATCH, TestApp, problem
from tests.support.inspection import items, writes_nothing
from tests.support.users import ALLOWED, BROWSER, ORIGIN, PASSWORD, REFUSED, BrowserClient, register

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
    ("PUT", "/users/sam", JSON, '{"about": "text"}'),
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
def test_write_with_a_cookie_from_another_site_is_403(cafe: TestApp, sam: BrowserClient, write: Any) -> None:
    method, path, headers, data = write
    client = cafe.app.test_client(use_cookies=False)
    cookie = ANY_TYPE | headers | {"Cookie": f"__Host-session={sam.cookie}"}
    for site in REFUSED:
        with writes_nothing(cafe):
            problem(client.open(path, ORIGIN, method=method, headers=cookie | site, data=data), 403)
    response = client.open(path, ORIGIN, method=method, headers=cookie | ALLOWED[-1], data=data)
    assert response.status_code in (200, 201, 204, 303)


def test_form_of_this_site_may_write(sam: BrowserClient) -> None:
    created = sam.send("POST", "/cats", ANY_TYPE, data={"name": "kit"})
    assert (created.status_code, created.json["name"]) == (201, "kit")


@pytest.mark.parametrize("host", ["http://localhost:5000", "http://127.0.0.1:5000", "http://[::1]:5000"])
def test_cookies_over_http_on_the_loopback_address_are_not_secure(cafe: TestApp, host: str) -> None:
    """Not every browser stores a Secure cookie from there."""
    register(cafe, "ada")
    client = cafe.app.test_client(use_cookies=False)
    credentials = {"username": "ada", "password": PASSWORD}
    response = client.post("/login", base_url=host, headers=BROWSER | {"Origin": host}, data=credentials)
    session, device = response.headers.getlist("Set-Cookie")
    assert (session.startswith("session="), device.startswith("device=")) == (True, True)
    assert "Secure" not in session + device
    cookie = session.partition(";")[0]
    for base_url, name, status in (
        (host, "", 200),
        (host, "__Host-", 401),
        ("https://localhost:5000", "", 401),
        ("https://localhost:5000", "__Host-", 200),
        ("http://localhost.example:5000", "", 401),
        ("http://localhost.example:5000", "__Host-", 200),
        ("http://192.0.2.1:5000", "", 401),
    ):
        got = client.get("/sessions", base_url=base_url, headers={"Cookie": name + cookie})
        assert got.status_code == status, (base_url, name)


def test_login_page_over_http_of_another_machine_says_that_https_is_needed(cafe: TestApp) -> None:
    for base_url, said in (("http://cafe.example", True), (ORIGIN, False), ("http://localhost:5000", False)):
        page = cafe.app.test_client().get("/login", base_url=base_url).get_data(as_text=True)
        assert ("only over HTTPS" in page) == said


def test_read_with_a_cookie_from_any_site_is_private(cafe: TestApp, sam: BrowserClient) -> None:
    for path in ("/cats", "/cats/luna", "/todos", "/sessions", "/users/sam"):
        response = sam.send("GET", path, ANY_TYPE)
        assert response.status_code == 200
        assert response.headers["Cache-Control"] == "private, no-store"
        assert "Cookie" in response.headers["Vary"]
        assert "Set-Cookie" not in response.headers
    assert "Cookie" in cafe.public.get("/cats").headers["Vary"]


@pytest.mark.parametrize("value", ["x", "x" * 43, '"quoted"', "a=b", "ë", "猫", "\xff", "a b", "%00"])
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
    cafe.clock.advance(hours=24)
    assert sam.send("GET", "/cats", ANY_TYPE).status_code == 200
    problem(sam.send("GET", "/sessions", ANY_TYPE), 401)
    problem(sam.send("POST", "/cats", ANY_TYPE | JSON, data='{"name": "kit"}'), 401)
    assert 'name="username"' in sam.open("/login").get_data(as_text=True)
    assert sam.submit("/login", username="sam", password=PASSWORD).status_code == 303
    assert sam.send("GET", "/sessions", ANY_TYPE).status_code == 200


def test_cookie_and_bearer_token_in_one_request_are_400(cafe: TestApp, sam: BrowserClient) -> None:
    bearer = {"Authorization": f"Bearer {cafe.token('staff')}"}
    for path in ("/cats", "/sessions", "/login", "/"):
        with writes_nothing(cafe):
            problem(sam.send("GET", path, ANY_TYPE | bearer), 400)
    cafe.clock.advance(hours=25)
    bearer = {"Authorization": f"Bearer {cafe.token('staff')}"}
    assert sam.send("GET", "/sessions", ANY_TYPE | bearer).status_code == 200, "an expired cookie is ignored"


@pytest.mark.parametrize(
    ("host", "origin", "status"),
    [
        ("CAFE.example", "https://cafe.example", 303),
        ("xn--e1afmkfd.example", "https://xn--e1afmkfd.example", 303),
        ("xn--e1afmkfd.example", "https://xn--a.example", 403),
    ],
)
def test_origin_of_a_login_is_compared_in_ascii(cafe: TestApp, host: str, origin: str, status: int) -> None:
    """As older browsers send it, without Sec-Fetch-Site."""
    register(cafe, "ada")
    client = cafe.app.test_client(use_cookies=False)
    credentials = {"username": "ada", "password": PASSWORD}
    headers = BROWSER | {"Host": host, "Origin": origin}
    assert client.post("/login", base_url="https://localhost", headers=headers, data=credentials).status_code == status


def test_bearer_token_writes_without_an_origin(cafe: TestApp) -> None:
    assert cafe.staff.put("/cats/tom", {}).status_code == 201


def test_value_of_the_cookie_is_a_valid_bearer_token(cafe: TestApp, sam: BrowserClient) -> None:
    """There is one kind of token. A cookie differs only because browsers send it by themselves."""
    assert cafe.public.get("/sessions", {"Authorization": f"Bearer {sam.cookie}"}).status_code == 200


def test_password_change_with_a_cookie_ends_other_sessions(cafe: TestApp, sam: BrowserClient) -> None:
    other = BrowserClient(cafe)
    other.log_in("sam")
    changed = {"password": "quite another password", "currentPassword": PASSWORD}
    response = sam.send("PUT", "/users/sam", ANY_TYPE, json=changed)
    assert response.status_code == 200
    assert sam.send("GET", "/sessions", ANY_TYPE).status_code == 200
    problem(other.send("GET", "/sessions", ANY_TYPE), 401)


def test_cookie_is_neither_stored_nor_logged(mocked_table: Table, capsys: pytest.CaptureFixture[str]) -> None:
    cafe = TestApp(mocked_table, log_level="DEBUG")
    register(cafe, "ada")
    browser = BrowserClient(cafe)
    assert browser.submit("/login", username="ada", password=PASSWORD).status_code == 303
    browser.open("/todos")
    logged = capsys.readouterr().err
    assert '"who":"ada"' in logged
    for secret in (browser.cookie, browser.device):
        assert secret
        assert secret not in logged
        assert secret not in str(items(cafe))
