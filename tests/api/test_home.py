"""The root: an index for programs, a page for people, and the pies for who wants plain text."""

from __future__ import annotations

import re

import pytest

from tests.support.app import TestApp, problem
from tests.support.inspection import etag, writes_nothing

JSON, HTML, TEXT = "application/json", "text/html", "text/plain"
PIES = "cherry, steak & kidney, fisherman's"


def bake(cafe: TestApp) -> None:
    """Write the menu."""
    for name in PIES.split(", "):
        cafe.staff.post("/pies", {"name": name})
        cafe.clock.advance(seconds=1)


def test_the_index_names_every_noun_and_every_link_leads_somewhere(cafe: TestApp) -> None:
    bake(cafe)
    told = cafe.public.get("/").json
    links = {link["href"]: link for link in told["links"]}
    assert {"/cats", "/pies", "/posts", "/todos/next", "/users", "/openapi.json", "/docs"} <= links.keys()
    assert told["name"] == "Clowder"
    for href, link in links.items():
        assert cafe.staff.get(href, {"Accept": "*/*"}).status_code == 200
        assert link["title"]
        assert link["description"]
    assert "/posts.atom" in links["/posts"]["description"]


def test_the_page_names_them_too_and_shows_no_pie_as_markup(cafe: TestApp) -> None:
    bake(cafe)
    page = cafe.public.get("/", {"Accept": HTML})
    assert page.content_type == f"{HTML}; charset=utf-8"
    text = page.get_data(as_text=True)
    hrefs = re.findall(r'href="(/[^"]*)"', text)
    for link in cafe.public.get("/").json["links"]:
        assert link["href"] in hrefs
        assert link["title"] in text


@pytest.mark.parametrize(
    ("accept", "given"),
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
def test_everybody_gets_what_they_want_most(cafe: TestApp, accept: str | None, given: str) -> None:
    bake(cafe)
    answer = cafe.public.get("/", {} if accept is None else {"Accept": accept})
    assert (answer.status_code, answer.mimetype) == (200, given)
    assert "Accept" in answer.headers["Vary"].split(", ")
    assert (answer.get_data(as_text=True) == PIES) == (given == TEXT)


@pytest.mark.parametrize("accept", ["text/plain;q=0", "image/png", "text/csv, application/xml", "*/*;q=0"])
def test_who_wants_nothing_of_it_is_told_what_there_is(cafe: TestApp, accept: str) -> None:
    assert problem(cafe.public.get("/", {"Accept": accept}), 406)["available"] == [JSON, HTML, TEXT]


def test_each_representation_has_its_own_tag_and_head_tells_the_same(cafe: TestApp) -> None:
    bake(cafe)
    tags = set()
    with writes_nothing(cafe):
        for media in (JSON, HTML, TEXT):
            there = cafe.public.get("/", {"Accept": media})
            head = cafe.public.send("HEAD", "/", {"Accept": media})
            assert (head.data, etag(head), head.content_type) == (b"", etag(there), there.content_type)
            assert cafe.public.get("/", {"Accept": media, "If-None-Match": etag(there)}).status_code == 304
            tags.add(etag(there))
    assert len(tags) == 3


def test_behind_a_stage_every_link_begins_with_it(cafe: TestApp) -> None:
    where = {"base_url": "https://cafe.example/dev"}
    links = [link["href"] for link in cafe.public.get("/", **where).json["links"]]
    assert all(href.startswith("/dev/") for href in links)
    page = cafe.public.get("/", {"Accept": HTML}, **where).get_data(as_text=True)
    assert set(links) <= set(re.findall(r'href="(/[^"]*)"', page))
    assert "https://cafe.example/dev/cats" in page
    made = cafe.staff.send("POST", "/pies", json={"name": "a & b"}, **where)
    assert made.headers["Location"] == "/dev/pies/a%20%26%20b"


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "TRACE", "BREW"])
def test_nothing_can_be_done_to_the_root(cafe: TestApp, method: str) -> None:
    refused = cafe.staff.send(method, "/", {"Accept": TEXT}, json={})
    assert (refused.status_code, refused.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")
    assert cafe.public.send("OPTIONS", "/").headers["Allow"] == "GET, HEAD, OPTIONS"
    assert problem(cafe.public.get("/?pies=1", {"Accept": TEXT}), 400)["errors"][0]["parameter"] == "pies"
