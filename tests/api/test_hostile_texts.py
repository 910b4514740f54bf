"""Hostile texts in every field, on every page of every role: they add no element, no attribute and no link.

``tests/browser/test_every_page.py`` opens the same pages in a browser, where nothing may run.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import unescape
from typing import NamedTuple
from urllib.parse import quote
from xml.etree import ElementTree

import pytest

from api.domain.users import Role
from tests.conftest import new_table
from tests.support.app import TestApp
from tests.support.hostile import ALL, HOSTILE, TEXTS, fill
from tests.support.pages import Visit, browsers, crawl, distinct, populated, refused_forms
from tests.support.users import BrowserClient
from tests.web.markup import Outline

PLAIN, NOWHERE = "plain", "elsewhere"
ECHOED = (
    "/cats?breed={}",
    "/cats?name={}",
    "/cats?sort={}",
    "/cats/{}",
    "/posts?cat={}",
    "/problems/{}",
    "/login?next={}",
    "/?notice={}",
)
"""Pages whose URL has a text."""
SAFE_LINKS = ("/", "http", "#", "data:image/svg+xml,", "mailto:", "tel:")


class Site(NamedTuple):
    """An application with a plain text in every field, and its pages."""

    cafe: TestApp
    browsers: dict[Role, BrowserClient]
    visits: list[Visit]


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    """Find the pages of all roles."""
    with new_table() as table:
        cafe = populated(table)
        clients = browsers(cafe)
        assert fill(cafe, PLAIN) >= {"Cat.description", "Breed.secondary", "Weight.note", "ApiToken.name", "Photo.alt"}
        yield Site(cafe, clients, distinct(visit for role in clients for visit in crawl(cafe, clients[role], role)))


def assert_same_markup(found: Outline, expected: Outline, name: str) -> None:
    """Assert that a page has the elements and attributes of another one, and only safe links."""
    added = [element for element in found.elements if element not in expected.elements]
    assert (found.errors, added, len(found.elements)) == ([], [], len(expected.elements)), name
    assert [link for link in found.links if not link.startswith(SAFE_LINKS)] == [], name


def test_hostile_texts_change_no_markup(site: Site) -> None:
    for text in TEXTS:
        fill(site.cafe, text)
        for visit in site.visits:
            if "/derived-" in visit.path:  # its path depends on the texts
                continue
            found = site.browsers[visit.role].open(visit.path).text
            assert_same_markup(Outline(found), Outline(visit.html), f"{visit.name}: {text[:20]}")


def test_hostile_texts_that_are_sent_change_no_markup(site: Site) -> None:
    fill(site.cafe, PLAIN)
    for path in ECHOED:
        expected = Outline(site.browsers["public"].open(path.format(NOWHERE)).text)
        for text in HOSTILE:
            page = site.browsers["public"].open(path.format(quote(text, safe="")))
            assert_same_markup(Outline(page.text), expected, f"{path}: {text}")
    for role, browser in site.browsers.items():
        visits = [visit for visit in site.visits if visit.role == role]
        for plain, hostile in zip(refused_forms(browser, visits), refused_forms(browser, visits, ALL), strict=True):
            assert_same_markup(Outline(hostile.html), Outline(plain.html), hostile.name)


def test_hostile_texts_are_shown_as_they_are(site: Site) -> None:
    fill(site.cafe, ALL)
    for path in ("/cats/luna", "/pies/Apple", "/posts/1", "/forms/pies/Apple"):
        assert ALL in unescape(site.browsers["staff"].open(path).text), path


def test_structured_data_and_the_feed_have_the_texts(site: Site) -> None:
    fill(site.cafe, ALL)
    public = site.browsers["public"]
    for path, member in (("/cats/luna", "description"), ("/posts/1", "headline")):
        (script,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', public.open(path).text)
        assert ALL.startswith(json.loads(script)[member].removesuffix("…"))
        assert not set("<>&") & set(script)
    feed = ElementTree.fromstring(public.open("/posts.atom").data)
    assert ALL in [element.text for element in feed.iter() if element.tag.endswith("title")]
    picture = ElementTree.fromstring(public.open("/cats/luna/portrait.svg").data)
    assert not [element for element in picture.iter() if element.tag.endswith("script")]


@pytest.mark.parametrize("part", ['<b id="x">', "<b>", "</p>", "<!-- -->", "<p class=a class=b></p>"])
def test_the_check_finds_markup(part: str) -> None:
    plain = Outline("<p><br></p>")
    broken = Outline(f"<p>{part}<br></p>")
    assert plain.errors == []
    assert broken.errors or broken.elements != plain.elements
