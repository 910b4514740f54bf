"""The root: an index as JSON, an HTML page, and the menu of pies as plain text."""

from __future__ import annotations

import re

import pytest

from tests.support.app import TestApp, problem
from tests.support.inspection import etag, writes_nothing

JSON, HTML, TEXT = "application/json", "text/html", "text/plain"
PIES = "cherry, steak & kidney, fisherman's"


def create_pies(cafe: TestApp) -> None:
    """Create three pies."""
    for name in PIES.split(", "):
        cafe.staff.post("/pies", {"name": name})
        cafe.clock.advance(seconds=1)


def test_index_links_to_every_resource_and_all_links_resolve(cafe: TestApp) -> None:
    create_pies(cafe)
    index = cafe.public.get("/").json
    links = {link["href"]: link for link in index["links"]}
    assert {"/cats", "/pies", "/posts", "/todos/next", "/users", "/openapi.json", "/docs"} <= links.keys()
    assert index["name"] == "Clowder"
    for href, link in links.items():
        assert cafe.staff.get(href, {"Accept": "*/*"}).status_code == 200
        assert link["title"]
        assert link["description"]
    assert "/posts.atom" in links["/posts"]["description"]


def test_home_page_shows_cats_pies_and_news(cafe: TestApp) -> None:
    create_pies(cafe)
    for name, status in (("luna", "available"), ("pearl", "resident"), ("tom", "reserved"), ("kit", "intake")):
        assert cafe.staff.put(f"/cats/{name}", {"status": status}).status_code == 201
    cafe.staff.post("/posts", {"title": "Luna moves in", "body": "Luna *sleeps*."})
    cafe.staff.post("/posts", {"title": "Not yet", "body": "Soon.", "publishedAt": "2027-01-01T00:00:00Z"})
    page = cafe.public.get("/", {"Accept": HTML})
    assert page.content_type == f"{HTML}; charset=utf-8"
    text = page.get_data(as_text=True)
    hrefs = re.findall(r'href="(/[^"]*)"', text)
    assert {"/cats", "/pies", "/posts", "/login", "/docs", "/posts.atom"} <= {*hrefs}
    assert {"/cats/luna", "/cats/pearl", "/pies/cherry", "/pies/steak%20%26%20kidney", "/posts/1"} <= {*hrefs}
    assert not {"/cats/tom", "/cats/kit", "/posts/2"} & {*hrefs}
    assert "Luna sleeps" in text
    assert cafe.staff.get("/", {"Accept": HTML}).get_data(as_text=True).count("Not yet") == 0


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, JSON), ("", JSON), ("*/*", JSON), (TEXT, TEXT), ("TEXT/PLAIN", TEXT), ("text/plain;charset=utf-8", TEXT),
        ("text/plain, */*;q=0.1", TEXT), ("text/plain, */*", JSON), ("text/plain;q=0.5, application/json;q=0.4", TEXT),
        ("text/plain;q=0.4, application/json;q=0.5", JSON), ("text/plain;q=0.4, text/html;q=0.5", HTML),
        ("text/plain;q=0.5, text/html;q=0.4, application/json;q=0.3", TEXT), ("text/*", HTML),
        ("text/*, text/html;q=0.5", TEXT), ("text/html;q=0, text/*", TEXT), ("text/plain;q=0, */*;q=0.1", JSON),
        ("application/json;q=0, text/html;q=0, */*", TEXT), ("text/plain;q=0.001", TEXT),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", HTML),
    ],
)  # fmt: skip
def test_accept_selects_the_representation(cafe: TestApp, accept: str | None, expected: str) -> None:
    create_pies(cafe)
    response = cafe.public.get("/", {} if accept is None else {"Accept": accept})
    assert (response.status_code, response.mimetype) == (200, expected)
    assert "Accept" in response.headers["Vary"].split(", ")
    assert (response.get_data(as_text=True) == PIES) == (expected == TEXT)


@pytest.mark.parametrize("accept", ["text/plain;q=0", "image/png", "text/csv, application/xml", "*/*;q=0"])
def test_unsatisfiable_accept_is_406_with_the_available_types(cafe: TestApp, accept: str) -> None:
    assert problem(cafe.public.get("/", {"Accept": accept}), 406)["available"] == [JSON, HTML, TEXT]


def test_each_representation_has_its_own_etag_also_for_head(cafe: TestApp) -> None:
    create_pies(cafe)
    tags = set()
    with writes_nothing(cafe):
        for media in (JSON, HTML, TEXT):
            response = cafe.public.get("/", {"Accept": media})
            head = cafe.public.send("HEAD", "/", {"Accept": media})
            assert (head.data, etag(head), head.content_type) == (b"", etag(response), response.content_type)
            assert cafe.public.get("/", {"Accept": media, "If-None-Match": etag(response)}).status_code == 304
            tags.add(etag(response))
    assert len(tags) == 3


def test_links_begin_with_the_stage_of_the_request(cafe: TestApp) -> None:
    base = {"base_url": "https://cafe.example/dev"}
    links = [link["href"] for link in cafe.public.get("/", **base).json["links"]]
    assert all(href.startswith("/dev/") for href in links)
    page = cafe.public.get("/", {"Accept": HTML}, **base).get_data(as_text=True)
    assert all(href.startswith("/dev/") for href in re.findall(r'(?:href|src)="(/[^"]*)"', page))
    assert '<link rel="canonical" href="https://cafe.example/dev/">' in page
    created = cafe.staff.send("POST", "/pies", json={"name": "a & b"}, **base)
    assert created.headers["Location"] == "/dev/pies/a%20%26%20b"


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "TRACE", "BREW"])
def test_root_allows_only_get(cafe: TestApp, method: str) -> None:
    response = cafe.staff.send(method, "/", {"Accept": TEXT}, json={})
    assert (response.status_code, response.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")
    assert cafe.public.send("OPTIONS", "/").headers["Allow"] == "GET, HEAD, OPTIONS"
    assert cafe.public.get("/?utm_source=x", {"Accept": TEXT}).status_code == 200


def test_menu_has_a_hundred_pies_of_any_size(cafe: TestApp) -> None:
    staff = cafe.staff
    for number in range(50):
        staff.post("/pies", {"name": f"pie {number}", "description": "\x01" * 4000})
        cafe.clock.advance(seconds=1)
    assert cafe.public.get("/", {"Accept": TEXT}).get_data(as_text=True).count(",") == 49
