"""Names of cats and pies in another case: forms and pages accept them, the API does not."""

from __future__ import annotations

import re

import pytest

from tests.support.app import TestApp
from tests.support.forms import browser_of, send, values
from tests.support.inspection import writes_nothing
from tests.support.users import BROWSER, BrowserClient


@pytest.fixture
def cafe(cafe: TestApp) -> TestApp:
    """The application with cats and a pie. One cat is hidden, and two differ in the case of their names."""
    for name, status in {"milo": "available", "Inky": "intake", "zoë mae": "available"}.items():
        assert cafe.staff.put(f"/cats/{name}", {"status": status}).status_code == 201
    for name in ("Ada", "ada"):
        assert cafe.staff.put(f"/cats/{name}", {"status": "available"}).status_code == 201
    assert cafe.staff.put("/pies/Steak & Kidney", {}).status_code == 201
    return cafe


@pytest.fixture
def staff(cafe: TestApp) -> BrowserClient:
    """A browser in which a member of the staff is logged in."""
    return browser_of(cafe, "sam", "staff")


@pytest.mark.parametrize("typed", ["milo", "Milo", " MILO "])
def test_a_form_accepts_the_name_of_a_cat_in_any_case(cafe: TestApp, staff: BrowserClient, typed: str) -> None:
    sent = values(staff.open("/forms/todos")) | {"title": ["Brush"], "cat": [typed]}
    path = send(staff, "/forms/todos", sent).headers["Location"].partition("?")[0]
    assert cafe.staff.get(path).json["cat"] == "milo"
    sent = values(staff.open("/forms/cats/milo")) | {"bondedWith": ["INKY; Zoë Mae"]}
    for _ in range(2):  # a second press of the button is no conflict
        assert send(staff, "/forms/cats/milo", sent).status_code == 303
    assert cafe.staff.get("/cats/milo").json["bondedWith"] == ["Inky", "zoë mae"]
    sent = values(staff.open("/forms/posts")) | {
        "title": ["News"],
        "body": ["x"],
        "cats": [f"{typed}\nghost; ada, Milo"],
    }
    path = send(staff, "/forms/posts", sent).headers["Location"].partition("?")[0]
    assert cafe.staff.get(path).json["cats"] == ["milo", "ghost", "ada"]


def test_a_name_with_two_spellings_or_none_is_refused(cafe: TestApp, staff: BrowserClient) -> None:
    sent = values(staff.open("/forms/todos")) | {"title": ["Brush"]}
    with writes_nothing(cafe):
        for typed, message in {"ADA": "There are Ada and ada. Write one of them.", "Nemo": "no cat named Nemo"}.items():
            response = send(staff, "/forms/todos", sent | {"cat": [typed]})
            assert response.status_code == 422
            assert re.search(f'id="cat-error">[^<]*{message}', response.text)
            assert values(response)["cat"] == [typed]
            assert ("There is no cat" in response.text) == (typed == "Nemo")
    assert send(staff, "/forms/todos", sent | {"cat": ["Ada"]}).status_code == 303


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("/cats/Milo", "/cats/milo"),
        ("/cats/MILO/photos?limit=5", "/cats/milo/photos?limit=5"),
        ("/cats/Zo%C3%AB%20Mae", "/cats/zo%C3%AB%20mae"),
        ("/pies/steak%20%26%20kidney", "/pies/Steak%20%26%20Kidney"),
    ],
)
def test_a_page_of_a_name_in_another_case_redirects(cafe: TestApp, path: str, target: str) -> None:
    for method in ("GET", "HEAD"):
        response = cafe.public.send(method, path, BROWSER)
        assert (response.status_code, response.headers["Location"]) == (303, target)
    assert cafe.public.get(target, BROWSER).status_code == 200
    for accepted in ("application/json", "*/*"):
        assert cafe.public.get(path.partition("?")[0], {"Accept": accepted}).status_code == 404
    assert cafe.public.delete(path.partition("?")[0]).status_code != 303


def test_a_redirect_shows_nothing_that_is_hidden(cafe: TestApp, staff: BrowserClient) -> None:
    for path in (
        "/cats/INKY",
        "/cats/ADA",
        "/cats/Nemo",
        "/cats/milo/photos/x",
        "/forms/cats/Inky",
        "/cats/" + "x" * 99,
    ):
        assert cafe.public.get(path, BROWSER).status_code in (401, 404), path
    for path, target in {
        "/cats/INKY": "/cats/Inky", "/cats/inky/history": "/cats/Inky/history", "/forms/cats/Milo": "/forms/cats/milo",
        "/forms/weights/MILO": "/forms/weights/milo", "/forms/pies/STEAK & kidney": "/forms/pies/Steak%20%26%20Kidney",
    }.items():  # fmt: skip
        assert staff.open(path).headers["Location"] == target
    assert staff.open("/cats/ADA").status_code == 404


def test_the_list_of_todos_finds_a_cat_in_any_case(cafe: TestApp, staff: BrowserClient) -> None:
    assert cafe.staff.post("/todos", {"title": "Brush her", "cat": "Inky"}).status_code == 201
    assert "Brush her" in staff.open("/todos?cat=INKY").text
    assert "Brush her" not in staff.open("/todos?cat=milo").text
    assert cafe.staff.get("/todos?cat=INKY").json["items"] == []
