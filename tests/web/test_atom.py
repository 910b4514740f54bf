"""The news as an Atom feed: well-formed whatever is in the news, and with all that RFC 4287 asks for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from xml.etree.ElementTree import Element, fromstring

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.domain.posts import Post, to_view
from api.web.atom import permanent_id, render_feed
from tests.support.factories import NOON

ORIGIN = "https://cafe.example"
ATOM = "{http://www.w3.org/2005/Atom}"
ANYTHING = st.text(
    st.one_of(st.characters(), st.sampled_from("\x00\x08\x0b\x0c\x1f\x7f\ud800\udfff\ufffe\uffff]>&<\"'"))
)


def post(**members: Any) -> Post:
    """Return a post with some members."""
    plain: dict[str, Any] = {
        "id": 7, "title": "Open day", "body": "Come.", "html": "<p>Come.</p>\n", "author": "ada", "published_at": NOON,
        "created": NOON, "updated": NOON, "version": 1,
    }  # fmt: skip
    return Post(**plain | members)


def read(posts: list[Post], updated: datetime | None = None, **others: Any) -> Element:
    """Return a feed as a reader reads it."""
    feed = fromstring(render_feed(posts, ORIGIN, updated, **others))
    assert feed.tag == f"{ATOM}feed"
    return feed


def text(parent: Element, path: str) -> str:
    """Return the text of the one element at a path."""
    (found,) = parent.findall("/".join(ATOM + tag for tag in path.split("/")))
    return found.text or ""


def attributes(parent: Element, tag: str) -> list[dict[str, str]]:
    """Return what the elements of a tag say in their attributes."""
    return [found.attrib for found in parent.findall(ATOM + tag)]


def in_xml(told: str) -> str:
    """Return what XML carries of a text: its characters, with every line's end as a line feed."""
    kept = [
        c for c in told if c in "\t\n\r" or (" " <= c <= "\ud7ff") or ("\ue000" <= c <= "\ufffd") or c >= "\U00010000"
    ]
    return "".join(kept).replace("\r\n", "\n").replace("\r", "\n")


def test_a_feed_says_what_it_is_and_where() -> None:
    feed = read([post()], title="News & more")
    assert text(feed, "id") == permanent_id("clowder", "posts.atom")
    assert text(feed, "title") == "News & more"
    assert text(feed, "updated") == "2026-11-22T12:00:00Z"
    assert attributes(feed, "link") == [
        {"rel": "self", "type": "application/atom+xml", "href": f"{ORIGIN}/posts.atom"},
        {"rel": "alternate", "type": "text/html", "href": f"{ORIGIN}/"},
    ]
    assert feed.get("{http://www.w3.org/XML/1998/namespace}base") == f"{ORIGIN}/"
    assert text(read([]), "title")


def test_a_feed_is_utf_8_and_says_so() -> None:
    sent = render_feed([post(title="Zoë 猫 😺")], ORIGIN, None)
    assert sent.startswith(b"<?xml version='1.0' encoding='utf-8'?>")
    assert "Zoë 猫 😺" in sent.decode("utf-8")


def test_an_entry_says_all_of_its_post() -> None:
    one = post(published_at=NOON - timedelta(hours=1), updated=NOON + timedelta(hours=1), cats=("luna", "Tom's & Bo"))
    (entry,) = read([one]).findall(f"{ATOM}entry")
    assert text(entry, "id") == permanent_id("clowder", "posts/7")
    assert text(entry, "title") == "Open day"
    assert text(entry, "published") == "2026-11-22T11:00:00Z"
    assert text(entry, "updated") == "2026-11-22T13:00:00Z"
    assert text(entry, "author/name") == "ada"
    assert text(entry, "content") == "<p>Come.</p>\n"
    assert attributes(entry, "content") == [{"type": "html"}]
    assert attributes(entry, "link") == [{"rel": "alternate", "href": f"{ORIGIN}/posts/7"}]
    assert attributes(entry, "category") == [{"term": "luna"}, {"term": "Tom's & Bo"}]


def test_a_post_as_it_shows_makes_the_same_feed_as_it_is_kept() -> None:
    one = post(cats=("luna",))
    assert render_feed([to_view(one, NOON)], ORIGIN, None) == render_feed([one], ORIGIN, None)


def test_entries_stand_in_the_order_of_the_posts() -> None:
    entries = read([post(id=3), post(id=1), post(id=2)]).findall(f"{ATOM}entry")
    assert [text(entry, "id") for entry in entries] == [
        permanent_id("clowder", f"posts/{number}") for number in (3, 1, 2)
    ]


def test_an_id_is_the_same_under_every_host_and_another_in_every_cafe() -> None:
    here, there = (fromstring(render_feed([post()], origin, None)) for origin in (ORIGIN, "https://elsewhere.example"))
    other = fromstring(render_feed([post()], ORIGIN, None, cafe="another"))
    for path in (f"{ATOM}id", f"{ATOM}entry/{ATOM}id"):
        ids = [feed.findtext(path) for feed in (here, there, other)]
        assert str(ids[0]).startswith("urn:uuid:")
        assert ids[0] == ids[1] != ids[2]


def test_a_post_that_was_written_ahead_is_news_when_it_comes_out() -> None:
    feed = read([post(published_at=NOON + timedelta(days=1))])
    assert text(feed, "entry/updated") == text(feed, "updated") == "2026-11-23T12:00:00Z"


@pytest.mark.parametrize(
    ("hours", "told", "shown"),
    [
        ([], None, "1970-01-01T00:00:00Z"),
        ([], NOON, "2026-11-22T12:00:00Z"),
        ([0], None, "2026-11-22T12:00:00Z"),
        ([1, 2, 0], None, "2026-11-22T14:00:00Z"),
        ([1], NOON, "2026-11-22T13:00:00Z"),
        ([1], NOON + timedelta(hours=3), "2026-11-22T15:00:00Z"),
        ([], NOON.astimezone(timezone(timedelta(hours=9))), "2026-11-22T12:00:00Z"),
    ],
)
def test_a_feed_is_as_new_as_its_newest_entry_or_as_is_told(
    hours: list[int], told: datetime | None, shown: str
) -> None:
    posts = [post(updated=NOON + timedelta(hours=hour)) for hour in hours]
    assert text(read(posts, told), "updated") == shown


def test_an_instant_that_was_written_elsewhere_is_told_in_utc() -> None:
    feed = read([post(published_at=datetime(2026, 11, 22, 9, tzinfo=timezone(timedelta(hours=2))))])
    assert text(feed, "entry/published") == "2026-11-22T07:00:00Z"
    assert text(feed, "entry/updated") == NOON.astimezone(UTC).isoformat().replace("+00:00", "Z")


@pytest.mark.parametrize("bad", [0x00, 0x08, 0x0B, 0x0C, 0x1F, 0xD800, 0xDFFF, 0xFFFE, 0xFFFF])
def test_what_xml_forbids_is_left_out(bad: int) -> None:
    dirty = f"a{chr(bad)}b"
    feed = read([post(title=dirty, html=dirty, author=dirty, cats=(dirty,))], title=dirty)
    (entry,) = feed.findall(f"{ATOM}entry")
    found = [text(feed, "title"), *(text(entry, path) for path in ("title", "content", "author/name"))]
    assert found == ["ab"] * 4
    assert attributes(entry, "category") == [{"term": "ab"}]


@given(title=ANYTHING, html=ANYTHING, author=ANYTHING, cats=st.lists(ANYTHING, max_size=3))
def test_whatever_the_news_are_a_reader_can_read_them(title: str, html: str, author: str, cats: list[str]) -> None:
    (entry,) = read([post(title=title, html=html, author=author, cats=tuple(cats))], title=title).findall(
        f"{ATOM}entry"
    )
    assert text(entry, "title") == in_xml(title)
    assert text(entry, "content") == in_xml(html)
    assert text(entry, "author/name") == in_xml(author)
    assert [in_xml(told["term"]) for told in attributes(entry, "category")] == [in_xml(cat) for cat in cats]
