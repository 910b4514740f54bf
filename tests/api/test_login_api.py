"""Programs at /login and /logout: tokens and no cookies; and the way out for people."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.app import Client, TestApp, pointers, problem
from tests.support.inspection import writes_nothing
from tests.support.users import BROWSER, PASSWORD, BrowserClient, log_in, register

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
    """A café where Ada is registered."""
    assert register(cafe, "ada").status_code == 201
    return cafe


@pytest.mark.parametrize("accept", ACCEPTS, ids=str)
@pytest.mark.parametrize("how", [{"json": BODY}, {"data": BODY}], ids=["JSON", "form"])
def test_a_program_gets_a_token_and_no_cookie(cafe: TestApp, accept: dict[str, str], how: dict[str, Any]) -> None:
    answer = cafe.public.send("POST", "/login", accept, **how)
    assert answer.status_code == 201
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Cache-Control"] == "private, no-store"
    me = Client(cafe.app.test_client(), answer.json["token"])
    assert me.get(answer.headers["Location"]).json["current"] is True


@pytest.mark.parametrize("how", [{"json": BODY | {"password": "wrong"}}, {"data": BODY | {"password": "wrong"}}])
def test_a_program_with_a_wrong_password_gets_a_problem(cafe: TestApp, how: dict[str, Any]) -> None:
    answer = cafe.public.send("POST", "/login", **how)
    assert problem(answer, 401)["detail"] == "Invalid username/password."
    assert "Set-Cookie" not in answer.headers


def test_a_program_that_sends_no_credentials_is_told_what_is_missing(cafe: TestApp) -> None:
    assert pointers(cafe.public.post("/login", {})) == ["/password", "/username"]
    problem(cafe.public.send("POST", "/login", {"Content-Type": "text/csv"}, data="a"), 415)
    problem(cafe.public.send("POST", "/login", FORM, data="username=ada&username=bea&password=x"), 400)


def test_no_browser_is_logged_in_by_a_form_of_another_site(cafe: TestApp) -> None:
    """Such a form has no field of ours, and a browser always asks for a page."""
    for headers in (BROWSER, {"Accept": "text/html"}, BROWSER | {"Origin": "null"}):
        for how in ({"data": BODY}, {"json": BODY}):
            answer = cafe.public.send("POST", "/login", headers, **how)
            assert (answer.status_code, answer.mimetype) == (403, "text/html")
            assert "token" not in answer.get_data(as_text=True).replace("csrf_token", "")
            (cookie,) = answer.headers.getlist("Set-Cookie")
            assert cookie.startswith("__Host-session=visit.")


def test_no_other_site_puts_a_cookie_in_the_place_of_a_session_that_the_browser_kept_back(cafe: TestApp) -> None:
    """With SameSite=Lax a cross-site POST comes without the cookie; that does not mean that there is none."""
    across = BROWSER | {"Sec-Fetch-Site": "cross-site"}
    for path in ("/login", "/logout", "/nowhere", "/cats"):
        assert "Set-Cookie" not in cafe.public.send("POST", path, across, data=BODY).headers
    assert "Set-Cookie" in cafe.public.send("GET", "/login", across).headers
    assert (
        "Set-Cookie"
        in cafe.public.send("POST", "/login", BROWSER | {"Sec-Fetch-Site": "same-origin"}, data=BODY).headers
    )


def test_programs_and_people_are_counted_together(cafe: TestApp) -> None:
    visitor = BrowserClient(cafe)
    tries = cafe.settings.login_tries
    for _ in range(tries // 2):
        assert visitor.log_in("ada", "wrong").status_code == 401
        problem(cafe.public.post("/login", BODY | {"password": "wrong"}), 401)
    problem(cafe.public.post("/sessions", BODY), 429)
    assert visitor.log_in("ada").status_code == 429


def test_what_only_asks_for_json_gets_no_login_page(cafe: TestApp) -> None:
    assert problem(cafe.public.get("/login", {"Accept": "application/json"}), 406)["available"] == ["text/html"]


def test_the_way_out_is_a_page_with_one_button(cafe: TestApp) -> None:
    visitor = BrowserClient(cafe)
    visitor.log_in("ada")
    for path in ("/logout", "/login"):
        with writes_nothing(cafe):
            answer = visitor.open(path)
        page = answer.get_data(as_text=True)
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "private, no-store")
        assert 'method="post" action="/logout">' in page
        assert 'name="password"' not in page
        assert "Set-Cookie" not in answer.headers
    assert 'name="password"' in BrowserClient(cafe).open("/logout").get_data(as_text=True)


def test_who_logs_out_goes_to_the_start_without_a_cookie_and_the_token_is_dead(cafe: TestApp) -> None:
    visitor, other = BrowserClient(cafe), log_in(cafe, "ada")
    visitor.log_in("ada")
    token = visitor.cookie
    visitor.open("/logout")
    answer = visitor.submit("/logout")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    (cookie,) = answer.headers.getlist("Set-Cookie")
    assert cookie.split("; ")[0] == "__Host-session="
    assert {"Max-Age=0", "Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))
    assert visitor.cookie is None
    problem(cafe.public.get("/sessions", {"Authorization": f"Bearer {token}"}), 401)
    visitor.cookie = token
    problem(visitor.send("GET", "/sessions", {"Accept": "*/*"}), 401)
    assert other.get("/sessions").status_code == 200


@pytest.mark.parametrize("token", ["", "f" * 64])
def test_no_other_site_logs_anybody_out(cafe: TestApp, token: str) -> None:
    visitor = BrowserClient(cafe)
    visitor.log_in("ada")
    visitor.csrf = token
    with writes_nothing(cafe):
        answer = visitor.submit("/logout")
    assert (answer.status_code, answer.mimetype) == (403, "text/html")
    assert "Set-Cookie" not in answer.headers
    assert visitor.send("GET", "/sessions", {"Accept": "*/*"}).status_code == 200


def test_a_program_logs_out_with_its_token_and_gets_204(cafe: TestApp) -> None:
    me, other = log_in(cafe, "ada"), log_in(cafe, "ada")
    answer = me.send("POST", "/logout")
    assert (answer.status_code, answer.data) == (204, b"")
    assert "Set-Cookie" not in answer.headers
    problem(me.get("/sessions"), 401)
    problem(me.send("POST", "/logout"), 401)
    assert other.get("/sessions").status_code == 200
    problem(cafe.public.send("POST", "/logout"), 401)
