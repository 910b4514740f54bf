"""Error responses: HTML pages for browsers, problem documents for other clients."""

from __future__ import annotations

import pytest
from werkzeug.test import TestResponse

from api.store.table import Table
from tests.support.app import TestApp, problem
from tests.support.failing_tables import SECRET, BrokenTable, replace_table
from tests.support.users import BROWSER, BrowserClient, register

JSON_CLIENTS = [{}, {"Accept": "*/*"}, {"Accept": "application/json"}, {"Accept": "text/html;q=0.4, application/json"}]
BROWSERS = [
    BROWSER,
    {"Accept": "text/html, */*;q=0.1"},
    {"Accept": "application/xhtml+xml, text/html;q=0.9, */*;q=0.1"},
]
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
REFUSED = [
    (401, "GET", "/todos", "Authentication required"),
    (404, "GET", "/cats/missing", "Not found"),
    (404, "GET", "/nowhere", "Not found"),
    (404, "POST", "/nowhere", "Not found"),
    (405, "DELETE", "/cats", "Method not allowed"),
]


def check_page(response: TestResponse, status: int, title: str) -> None:
    """Assert that a response is an error page with the status, the title and the security headers."""
    page = response.get_data(as_text=True)
    assert (response.status_code, response.headers["Content-Type"]) == (status, "text/html; charset=utf-8")
    assert f"<h1>{title}</h1>" in page
    assert response.headers["X-Request-Id"] in page
    assert response.headers["Content-Security-Policy"] == POLICY
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert {"Accept", "Cookie"} <= set(response.headers["Vary"].split(", "))
    assert "no-store" in response.headers["Cache-Control"]
    assert page.count('rel="stylesheet"') == 1
    assert not [word for word in ("<script", "<style", " style=", " onclick", "http-equiv") if word in page]


def test_app_does_not_run_in_testing_or_debug_mode(cafe: TestApp) -> None:
    assert (cafe.app.testing, cafe.app.debug, cafe.app.config["PROPAGATE_EXCEPTIONS"]) == (False, False, None)


@pytest.mark.parametrize(("status", "method", "path", "title"), REFUSED)
def test_browsers_get_a_page_and_other_clients_a_problem(
    cafe: TestApp, status: int, method: str, path: str, title: str
) -> None:
    for accept in BROWSERS:
        check_page(cafe.public.send(method, path, accept), status, title)
    for accept in JSON_CLIENTS:
        assert problem(cafe.public.send(method, path, accept), status)["title"] == title


def test_403_and_404_of_a_logged_in_browser_are_pages(cafe: TestApp) -> None:
    register(cafe, "ada")
    browser = BrowserClient(cafe)
    browser.log_in("ada")
    check_page(browser.open("/todos"), 403, "Permission denied")
    problem(browser.send("GET", "/todos", {"Accept": "*/*"}), 403)
    response = browser.open("/cats/missing")
    check_page(response, 404, "Not found")
    assert "Set-Cookie" not in response.headers


def test_unexpected_error_is_a_page_without_details(mocked_table: Table, capsys: pytest.CaptureFixture[str]) -> None:
    cafe = TestApp(replace_table(mocked_table, BrokenTable))
    for path, headers in (("/cats/luna", {}), ("/sessions", {"Authorization": "Bearer x"})):
        response = cafe.public.get(path, BROWSER | headers)
        check_page(response, 500, "Internal error")
        assert not [
            word for word in (SECRET, "ZeroDivision", "Traceback", ".py") if word in response.get_data(as_text=True)
        ]
    assert SECRET in capsys.readouterr().err


def test_401_page_links_to_the_login_and_401_problem_names_the_token(cafe: TestApp) -> None:
    page = cafe.public.get("/todos", BROWSER).get_data(as_text=True)
    assert '<a class="button" href="/login?next=/todos">Log in</a>' in page
    assert "bearer" not in page
    assert "Authorization: Bearer" in problem(cafe.public.get("/todos"), 401)["detail"]


def test_errors_of_a_form_post_are_pages(cafe: TestApp) -> None:
    check_page(cafe.public.send("POST", "/cats", BROWSER, data={"name": "kit"}), 401, "Authentication required")
    check_page(cafe.public.send("POST", "/nowhere", BROWSER, data={"a": "b"}), 404, "Not found")
    check_page(cafe.public.send("POST", "/login", BROWSER, data="a"), 415, "Unsupported media type")


def test_304_has_the_content_security_policy_of_the_200(cafe: TestApp) -> None:
    """A browser replaces the headers of the cached response with those of the 304."""
    for path, accept in (("/", BROWSER), ("/problems", BROWSER), ("/cats", {}), ("/", {})):
        first = cafe.public.get(path, accept)
        not_modified = cafe.public.get(path, accept | {"If-None-Match": first.headers["ETag"]})
        assert (not_modified.status_code, not_modified.data, "Content-Type" in not_modified.headers) == (
            304,
            b"",
            False,
        )
        policies = [response.headers["Content-Security-Policy"] for response in (first, not_modified)]
        assert policies[0] == policies[1]
        assert (policies[0] == POLICY) == (accept == BROWSER)
