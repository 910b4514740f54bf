"""Errors as people see them: a page for a browser, a problem for a program, in production as in these tests."""

from __future__ import annotations

import pytest
from werkzeug.test import TestResponse

from api.store.table import Table
from tests.support.app import TestApp, problem
from tests.support.failing_tables import SECRET, BrokenTable, replace_table
from tests.support.users import BROWSER, BrowserClient, register

PROGRAMS = [{}, {"Accept": "*/*"}, {"Accept": "application/json"}, {"Accept": "text/html;q=0.4, application/json"}]
PEOPLE = [BROWSER, {"Accept": "text/html, */*;q=0.1"}, {"Accept": "application/xhtml+xml, text/html;q=0.9, */*;q=0.1"}]
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
REFUSED = [
    (401, "GET", "/todos", "Authentication required"),
    (404, "GET", "/cats/nobody", "Nothing here"),
    (404, "GET", "/nowhere", "Nothing here"),
    (404, "POST", "/nowhere", "Nothing here"),
    (405, "DELETE", "/cats", "Method not allowed"),
]


def check_page(answer: TestResponse, status: int, title: str) -> None:
    """Check that an answer is a page about a problem, without anything that a page of ours does not need."""
    page = answer.get_data(as_text=True)
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "text/html; charset=utf-8")
    assert f"<h1>{title}</h1>" in page
    assert answer.headers["X-Request-Id"] in page
    assert answer.headers["Content-Security-Policy"] == POLICY
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert {"Accept", "Cookie"} <= set(answer.headers["Vary"].split(", "))
    assert "no-store" in answer.headers["Cache-Control"]
    assert page.count('rel="stylesheet"') == 1
    assert not [word for word in ("<script", "<style", " style=", " onclick", "http-equiv") if word in page]


def test_this_is_how_it_is_served(cafe: TestApp) -> None:
    assert (cafe.app.testing, cafe.app.debug, cafe.app.config["PROPAGATE_EXCEPTIONS"]) == (False, False, None)


@pytest.mark.parametrize(("status", "method", "path", "title"), REFUSED)
def test_people_get_a_page_and_programs_a_problem(
    cafe: TestApp, status: int, method: str, path: str, title: str
) -> None:
    for accept in PEOPLE:
        check_page(cafe.public.send(method, path, accept), status, title)
    for accept in PROGRAMS:
        assert problem(cafe.public.send(method, path, accept), status)["title"] == title


def test_who_may_not_is_told_on_a_page(cafe: TestApp) -> None:
    register(cafe, "ada")
    visitor = BrowserClient(cafe)
    visitor.log_in("ada")
    check_page(visitor.open("/todos"), 403, "Permission denied")
    problem(visitor.send("GET", "/todos", {"Accept": "*/*"}), 403)
    answer = visitor.open("/cats/nobody")
    check_page(answer, 404, "Nothing here")
    assert "Set-Cookie" not in answer.headers


def test_a_fault_of_ours_is_a_page_that_tells_nothing(mocked_table: Table, capsys: pytest.CaptureFixture[str]) -> None:
    cafe = TestApp(replace_table(mocked_table, BrokenTable))
    for path, headers in (("/cats/luna", {}), ("/sessions", {"Authorization": "Bearer x"})):
        answer = cafe.public.get(path, BROWSER | headers)
        check_page(answer, 500, "Internal error")
        assert not [
            word for word in (SECRET, "ZeroDivision", "Traceback", ".py") if word in answer.get_data(as_text=True)
        ]
    assert SECRET in capsys.readouterr().err


def test_people_who_are_not_known_are_shown_the_way_in_and_programs_are_told_of_tokens(cafe: TestApp) -> None:
    page = cafe.public.get("/todos", BROWSER).get_data(as_text=True)
    assert '<a class="button" href="/login">Sign in</a>' in page
    assert "bearer" not in page
    assert "Authorization: Bearer" in problem(cafe.public.get("/todos"), 401)["detail"]


def test_a_page_of_a_post_is_a_page_too(cafe: TestApp) -> None:
    check_page(cafe.public.send("POST", "/cats", BROWSER, data={"name": "kit"}), 401, "Authentication required")
    check_page(cafe.public.send("POST", "/nowhere", BROWSER, data={"a": "b"}), 404, "Nothing here")
    check_page(cafe.public.send("POST", "/login", BROWSER, data="a"), 415, "Unsupported media type")


def test_a_page_that_has_not_changed_keeps_the_policy_of_a_page(cafe: TestApp) -> None:
    """A browser puts the headers of a 304 in the place of those that it has kept."""
    for path, accept in (("/", BROWSER), ("/problems", BROWSER), ("/cats", {}), ("/", {})):
        first = cafe.public.get(path, accept)
        again = cafe.public.get(path, accept | {"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.data, "Content-Type" in again.headers) == (304, b"", False)
        policies = [answer.headers["Content-Security-Policy"] for answer in (first, again)]
        assert policies[0] == policies[1]
        assert (policies[0] == POLICY) == (accept == BROWSER)
