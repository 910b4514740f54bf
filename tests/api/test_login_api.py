"""POST /login and /logout: tokens for API clients, cookies for browsers, and protection from other sites."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.app import Client, TestApp, pointers, problem
from tests.support.inspection import writes_nothing
from tests.support.users import ALLOWED, BROWSER, ORIGIN, PASSWORD, REFUSED, BrowserClient, log_in, register

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
BODY = {"username": "ada", "password": PASSWORD}
ACCEPTS: list[dict[str, str]] = [
    {},
    {"Accept": "*/*"},
    {"Accept": "application/json"},
    {"Accept": "text/html;q=0.5, */*"},
]


@pytest.fixture
def cafe(cafe: TestApp) -> TestApp:
    """An application with the user Ada."""
    assert register(cafe, "ada").status_code == 201
    return cafe


@pytest.mark.parametrize("accept", ACCEPTS, ids=str)
@pytest.mark.parametrize("options", [{"json": BODY}, {"data": BODY}], ids=["JSON", "form"])
def test_api_login_returns_a_token_and_no_cookie(
    cafe: TestApp, accept: dict[str, str], options: dict[str, Any]
) -> None:
    response = cafe.public.send("POST", "/login", accept, **options)
    assert response.status_code == 201
    assert "Set-Cookie" not in response.headers
    assert response.headers["Cache-Control"] == "private, no-store"
    client = Client(cafe.app.test_client(), response.json["token"])
    assert client.get(response.headers["Location"]).json["current"] is True


@pytest.mark.parametrize("options", [{"json": BODY | {"password": "wrong"}}, {"data": BODY | {"password": "wrong"}}])
def test_api_login_with_a_wrong_password_is_a_401_problem(cafe: TestApp, options: dict[str, Any]) -> None:
    response = cafe.public.send("POST", "/login", **options)
    assert problem(response, 401)["detail"] == "Invalid username/password."
    assert "Set-Cookie" not in response.headers


def test_login_without_credentials_is_422(cafe: TestApp) -> None:
    assert pointers(cafe.public.post("/login", {})) == ["/password", "/username"]
    problem(cafe.public.send("POST", "/login", {"Content-Type": "text/csv"}, data="a"), 415)
    problem(cafe.public.send("POST", "/login", FORM, data="username=ada&username=bea&password=x"), 400)


def test_form_login_from_another_site_is_403(cafe: TestApp) -> None:
    """A browser always accepts HTML. Otherwise another site could log a user in under its own name."""
    for headers in REFUSED:
        for options in ({"data": BODY}, {"json": BODY}):
            with writes_nothing(cafe):
                response = cafe.public.send("POST", "/login", BROWSER | headers, base_url=ORIGIN, **options)
            assert (response.status_code, response.mimetype) == (403, "text/html"), headers
            assert "Set-Cookie" not in response.headers
    for headers in ALLOWED:
        response = cafe.public.send("POST", "/login", BROWSER | headers, base_url=ORIGIN, data=BODY)
        assert response.status_code == 303, headers


def test_rate_limit_counts_api_and_form_logins_together(cafe: TestApp) -> None:
    browser = BrowserClient(cafe)
    tries = cafe.settings.login_tries
    for _ in range(tries // 2):
        assert browser.log_in("ada", "wrong").status_code == 401
        problem(cafe.public.post("/login", BODY | {"password": "wrong"}), 401)
    problem(cafe.public.post("/sessions", BODY), 429)
    assert browser.log_in("ada").status_code == 429


def test_login_page_is_406_for_json(cafe: TestApp) -> None:
    assert problem(cafe.public.get("/login", {"Accept": "application/json"}), 406)["available"] == ["text/html"]


def test_logout_page_has_one_button(cafe: TestApp) -> None:
    browser = BrowserClient(cafe)
    browser.log_in("ada")
    for path in ("/logout", "/login"):
        with writes_nothing(cafe):
            response = browser.open(path)
        page = response.get_data(as_text=True)
        assert (response.status_code, response.headers["Cache-Control"]) == (200, "private, no-store")
        assert 'method="post" action="/logout">' in page
        assert 'name="password"' not in page
        assert "Set-Cookie" not in response.headers
    assert 'name="password"' in BrowserClient(cafe).open("/logout").get_data(as_text=True)


def test_logout_form_redirects_to_the_root_and_ends_the_session(cafe: TestApp) -> None:
    browser, other = BrowserClient(cafe), log_in(cafe, "ada")
    browser.log_in("ada")
    token = browser.cookie
    browser.open("/logout")
    response = browser.submit("/logout")
    assert (response.status_code, response.headers["Location"]) == (303, "/")
    (cookie,) = response.headers.getlist("Set-Cookie")
    assert cookie.split("; ")[0] == "__Host-session="
    assert {"Max-Age=0", "Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))
    assert not browser.cookie
    problem(cafe.public.get("/sessions", {"Authorization": f"Bearer {token}"}), 401)
    browser.cookie = token
    problem(browser.send("GET", "/sessions", {"Accept": "*/*"}), 401)
    again = browser.submit("/logout")  # two taps
    assert (again.status_code, "<h1>You are logged out</h1>" in again.text) == (401, True)
    assert other.get("/sessions").status_code == 200


def test_logout_from_another_site_is_403(cafe: TestApp) -> None:
    browser = BrowserClient(cafe)
    browser.log_in("ada")
    with writes_nothing(cafe):
        response = browser.send("POST", "/logout", {"Sec-Fetch-Site": "cross-site"})
    assert (response.status_code, response.mimetype) == (403, "text/html")
    assert "Set-Cookie" not in response.headers
    assert browser.send("GET", "/sessions", {"Accept": "*/*"}).status_code == 200


def test_api_logout_is_204_and_ends_only_that_session(cafe: TestApp) -> None:
    client, other = log_in(cafe, "ada"), log_in(cafe, "ada")
    response = client.send("POST", "/logout")
    assert (response.status_code, response.data) == (204, b"")
    assert "Set-Cookie" not in response.headers
    problem(client.get("/sessions"), 401)
    problem(client.send("POST", "/logout"), 401)
    assert other.get("/sessions").status_code == 200
    problem(cafe.public.send("POST", "/logout"), 401)
