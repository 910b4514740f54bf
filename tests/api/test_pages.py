"""Pages of resources: which there are, their arguments, their caching, and what they show."""

from __future__ import annotations

import re
from functools import partial
from typing import Any

import pytest

from api.app import FORM_RESOURCES, RESOURCES
from api.http.resource import HTML
from api.web.pages import PAGES
from tests.support.app import NOON, TestApp, problem
from tests.support.forms import browser_of
from tests.support.users import BROWSER

LIST_CACHE = "public, max-age=5, stale-while-revalidate=30"
PATHS = ("/", "/cats", "/cats/luna", "/pies", "/pies/cherry", "/posts", "/posts/1")


@pytest.fixture
def cafe(cafe: TestApp) -> TestApp:
    """The application with two bonded cats, a pie and a post."""
    staff = cafe.staff
    staff.put("/cats/luna", {"status": "available", "sex": "female", "goodWith": {"children": "over5"}})
    staff.put("/cats/miso", {"status": "resident", "bondedWith": ["luna"], "birthDate": "2026-09-20"})
    staff.put("/pies/cherry", {"allergens": ["gluten"], "diets": ["vegan"], "rate": 450})
    staff.post("/posts", {"title": "Luna moves in", "body": "# Luna\n\n*sleeps*", "cats": ["luna"]})
    return cafe


def page(cafe: TestApp, path: str) -> str:
    """Return a page as an anonymous browser gets it."""
    response = cafe.public.get(path, BROWSER)
    assert (response.status_code, response.mimetype) == (200, HTML), response.get_data(as_text=True)
    return response.get_data(as_text=True)


def names(text: str) -> list[str]:
    """Return the cats of a list."""
    return re.findall(r'<h2><a href="/cats/([^"]*)"', text)


def test_every_page_belongs_to_an_operation_and_the_other_way_round() -> None:
    operations = [operation for resource in (*RESOURCES, *FORM_RESOURCES) for operation in resource.operations.values()]
    with_page = {operation.id for operation in operations if operation.has_page}
    with_html = {operation.id for operation in operations if HTML in operation.produces}
    assert with_page <= PAGES.keys() <= with_page | with_html
    assert all(HTML not in operation.produces for operation in operations if operation.has_page)


def test_the_openapi_document_has_no_pages_of_entities(cafe: TestApp) -> None:
    paths = cafe.public.get("/openapi.json").json["paths"]
    for path in ("/cats", "/cats/{name}", "/pies", "/pies/{pie}", "/posts", "/posts/{id}"):
        assert HTML not in paths[path]["get"]["responses"]["200"]["content"]


@pytest.mark.parametrize("path", PATHS)
def test_pages_are_cached_and_tagged_like_json(cafe: TestApp, path: str) -> None:
    response, json = cafe.public.get(path, BROWSER), cafe.public.get(path)
    assert response.headers["ETag"] != json.headers["ETag"]
    assert "Accept" in response.headers["Vary"].split(", ")
    expected = LIST_CACHE if path == "/" else json.headers["Cache-Control"]
    assert response.headers["Cache-Control"] == expected
    again = cafe.public.get(path, BROWSER | {"If-None-Match": response.headers["ETag"]})
    assert (again.status_code, again.headers["Content-Security-Policy"]) == (
        304,
        response.headers["Content-Security-Policy"],
    )
    head = cafe.public.send("HEAD", path, BROWSER)
    assert (head.data, head.headers["ETag"]) == (b"", response.headers["ETag"])
    assert cafe.public.get(path, BROWSER | {"If-None-Match": json.headers["ETag"]}).status_code == 200


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("role", ["member", "staff"])
def test_the_page_of_a_user_is_private(cafe: TestApp, path: str, role: Any) -> None:
    response = cafe.client(role).get(path, BROWSER)
    assert response.headers["Cache-Control"] == "private, no-store"
    assert "Log out" in response.get_data(as_text=True)
    assert "Log out" not in page(cafe, path)


@pytest.mark.parametrize("path", PATHS)
def test_pages_are_small_and_load_one_style(cafe: TestApp, path: str) -> None:
    text = page(cafe, path)
    (style,) = re.findall(r'<link rel="stylesheet" href="([^"]*)"', text)
    response = cafe.public.get(style, buffered=True)
    assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert len(response.data) <= 24 * 1024
    assert len(text.encode()) + len(response.data) < 40_000


def test_a_changed_version_is_not_immutable(cafe: TestApp) -> None:
    for query in ("", "?v=", "?v=older"):
        response = cafe.public.get(f"/static/style.css{query}", buffered=True)
        assert "immutable" not in response.headers["Cache-Control"]


def test_empty_fields_of_a_form_and_unknown_arguments_are_ignored(cafe: TestApp) -> None:
    query = "status=&goodWith.children=yes&goodWith.children=over5&breed=&sort=&utm_source=mail&fields=name"
    text = page(cafe, f"/cats?{query}&updatedSince=2026-11-20T00:00:00Z")
    assert names(text) == ["luna"]
    assert "utm_source" not in text
    errors = problem(cafe.public.get(f"/cats?{query}"), 400)["errors"]
    assert {"status", "goodWith.children", "breed", "sort", "utm_source"} == {error["parameter"] for error in errors}


@pytest.mark.parametrize("query", ["limit=0", "sex=queen", "cursor=x", "sort=age&sort=name"])
def test_invalid_arguments_get_an_error_page(cafe: TestApp, query: str) -> None:
    response = cafe.public.get(f"/cats?{query}", BROWSER)
    assert (response.status_code, response.mimetype) == (400, HTML)


def test_next_and_previous_pages_are_links(cafe: TestApp) -> None:
    text = page(cafe, "/cats?limit=1&sex=&utm_source=mail")
    (following,) = re.findall(r'rel="next" href="([^"]*)"', text)
    assert names(text) == ["luna"]
    second = page(cafe, following.replace("&amp;", "&"))
    assert names(second) == ["miso"]
    (back,) = re.findall(r'rel="prev" href="([^"]*)"', second)
    assert names(page(cafe, back.replace("&amp;", "&"))) == ["luna"]
    json = cafe.public.get(following.replace("&amp;", "&")).json
    assert [cat["name"] for cat in json["items"]] == ["miso"]


def test_each_filter_in_use_has_a_link_that_removes_it(cafe: TestApp) -> None:
    text = page(cafe, "/cats?status=available&sex=male&sort=-created")
    assert names(text) == []
    assert "No cat is like that" in text
    links = [link.replace("&amp;", "&") for link in re.findall(r'<a href="([^"]*)" aria-label="[^"]*remove', text)]
    assert links == ["/cats?sex=male&sort=-created", "/cats?status=available&sort=-created"]
    assert names(page(cafe, links[1])) == ["luna"]


def test_a_cat_is_described_in_words(cafe: TestApp) -> None:
    text = page(cafe, "/cats/miso")
    assert "9 weeks old" in text
    assert 'Bonded with <a href="/cats/luna">Luna</a>: they move together.' in text
    assert "Good with children over 5" in page(cafe, "/cats/luna")
    image = re.compile(r'src="(/cats/luna/portrait\.svg\?v=\w+)" alt="Portrait of Luna\." width="480" height="480"')
    [portrait] = image.findall(page(cafe, "/cats/luna"))
    assert "immutable" in cafe.public.get(portrait).headers["Cache-Control"]
    assert f'<meta property="og:image" content="http://localhost{portrait}">' in page(cafe, "/cats/luna")


def test_a_page_shows_the_public_only_what_json_does(cafe: TestApp) -> None:
    cafe.staff.put("/cats/kit", {"status": "hold", "staffNotes": "a secret"})
    assert cafe.public.get("/cats/kit", BROWSER).status_code == 404
    assert "kit" not in page(cafe, "/cats")
    assert names(cafe.staff.get("/cats", BROWSER).get_data(as_text=True)) == ["kit", "luna", "miso"]
    cafe.staff.put("/cats/luna", {"status": "available", "staffNotes": "a secret", "bondedWith": ["miso", "kit"]})
    assert "a secret" not in page(cafe, "/cats/luna")
    assert "/cats/kit" not in page(cafe, "/cats/luna")


def test_the_menu_has_allergens_and_diets_as_text(cafe: TestApp) -> None:
    later = NOON.replace(hour=17).isoformat()
    cafe.staff.put("/pies/apple", {"soldOutUntil": later})
    text = page(cafe, "/pies")
    assert "</abbr> gluten</span>." in text
    assert "</abbr> vegan</li>" in text
    assert "Sold out until 17:00" in text
    assert "Allergens are not declared" in text
    assert "£4.50" in text


def test_headings_of_a_post_are_below_its_title(cafe: TestApp) -> None:
    text = page(cafe, "/posts/1")
    assert re.findall("<h([1-6])", text) == ["1", "2"]
    assert "<em>sleeps</em>" in text


def test_alias_has_the_page_and_its_canonical_url(cafe: TestApp) -> None:
    assert '<link rel="canonical" href="http://localhost/posts/1">' in page(cafe, "/post/1")


NAVIGATION: list[tuple[Any, list[str]]] = [
    ("public", ["/", "/cats", "/pies", "/posts", "/login"]),
    ("member", ["/", "/cats", "/pies", "/posts", "/users/me", "/logout"]),
    ("staff", ["/", "/cats", "/pies", "/posts", "/todos/next", "/users/me", "/logout"]),
    ("owner", ["/", "/cats", "/pies", "/posts", "/todos/next", "/users", "/forms/site", "/users/me", "/logout"]),
]


@pytest.mark.parametrize(("role", "expected"), NAVIGATION)
def test_the_navigation_follows_from_the_role(cafe: TestApp, role: Any, expected: list[str]) -> None:
    client = cafe.public if role == "public" else cafe.client(role)
    for path, current in (("/pies/cherry", ["/pies"]), ("/cats/missing", []), ("/problems", [])):
        response = client.get(path, BROWSER)
        nav = response.text.partition("<nav")[2].partition("</nav>")[0]
        assert re.findall(r'href="([^"]*)"', nav) == expected
        assert re.findall(r'href="([^"]*)" aria-current', nav) == current
        assert ("public" in response.headers["Cache-Control"]) == (role == "public" and path != "/cats/missing")


def test_an_unknown_url_has_the_navigation_of_the_user_for_one_read(cafe: TestApp) -> None:
    browser = browser_of(cafe, "olga", "owner")
    browser.open("/nowhere")  # the process reads the site once
    for method, path, status in (("GET", "/nowhere", 404), ("DELETE", "/cats", 405), ("POST", "/nowhere", 404)):
        response, budget = cafe.measure(partial(browser.send, method, path))
        nav = response.text.partition("<nav")[2].partition("</nav>")[0]
        assert (response.status_code, re.findall(r'href="([^"]*)"', nav)) == (status, NAVIGATION[-1][1])
        assert len(budget.calls) == 1
    _, budget = cafe.measure(partial(browser.send, "GET", "/nowhere", {"Accept": "*/*"}))
    assert budget.calls == []
    browser.cookie = "ended"
    assert '"/login"' in browser.open("/nowhere").text


def test_a_page_says_what_a_form_has_done_in_words_of_its_own(cafe: TestApp) -> None:
    for path in ("/", "/cats?limit=1", "/pies/cherry", "/posts", "/login", "/problems"):
        joined = f"{path}{'&' if '?' in path else '?'}notice="
        text = page(cafe, f"{joined}saved")
        assert re.findall(r'role="status">([^<]*)<', text) == ["Saved."]
        assert "notice=" not in text
        for unknown in ("", "other", "Saved", "saved%20", "<b>", "saved,saved"):
            assert 'role="status"' not in page(cafe, joined + unknown)
    assert problem(cafe.public.get("/cats?notice=saved"), 400)
