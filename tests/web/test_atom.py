"""The Atom feed: the elements that RFC 4287 requires, and well-formed XML for any post."""

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
ANY_TEXT = st.text(
    st.one_of(st.characters(), st.sampled_from("\x00\x08\x0b\x0c\x1f\x7f\ud800\udfff\ufffe\uffff]>&<\"'"))
)


def make_post(**fields: Any) -> Post:
    """Return a post with some fields."""
    defaults: dict[str, Any] = {
        "id": 7, "title": "Open day", "body": "Come.", "html": "<p>Come.</p>\n", "author": "ada", "published_at": NOON,
        "created": NOON, "updated": NOON, "version": 1,
    }  # fmt: skip
    return Post(**defaults | fields)


def parse_feed(posts: list[Post], updated: datetime | None = None, **options: Any) -> Element:
    """Render a feed and return its root element."""
    feed = fromstring(render_feed(posts, ORIGIN, updated, **options))
    assert feed.tag == f"{ATOM}feed"
    return feed


def text(parent: Element, path: str) -> str:
    """Return the text of the only element at a path."""
    (element,) = parent.findall("/".join(ATOM + tag for tag in path.split("/")))
    return element.text or ""


def attributes(parent: Element, tag: str) -> list[dict[str, str]]:
    """Return the attributes of the elements with a tag."""
    return [element.attrib for element in parent.findall(ATOM + tag)]


def as_xml_text(text: str) -> str:
    """Return the characters that XML allows, with every line break as a line feed."""
    allowed = [
        c for c in text if c in "\t\n\r" or (" " <= c <= "\ud7ff") or ("\ue000" <= c <= "\ufffd") or c >= "\U00010000"
    ]
    return "".join(allowed).replace("\r\n", "\n").replace("\r", "\n")


def test_feed_has_id_title_updated_and_links() -> None:
    feed = parse_feed([make_post()], title="News & more")
    assert text(feed, "id") == permanent_id("clowder", "posts.atom")
    assert text(feed, "title") == "News & more"
    assert text(feed, "updated") == "2026-11-22T12:00:00Z"
    assert attributes(feed, "link") == [
        {"rel": "self", "type": "application/atom+xml", "href": f"{ORIGIN}/posts.atom"},
        {"rel": "alternate", "type": "text/html", "href": f"{ORIGIN}/"},
    ]
    assert feed.get("{http://www.w3.org/XML/1998/namespace}base") == f"{ORIGIN}/"
    assert text(parse_feed([]), "title")


def test_feed_is_encoded_as_utf_8() -> None:
    feed = render_feed([make_post(title="Zoë 猫 😺")], ORIGIN, None)
    assert feed.startswith(b"<?xml version='1.0' encoding='utf-8'?>")
    assert "Zoë 猫 😺" in feed.decode("utf-8")


def test_entry_has_every_field_of_its_post() -> None:
    news = make_post(
        published_at=NOON - timedelta(hours=1), updated=NOON + timedelta(hours=1), cats=("luna", "Tom's & Bo")
    )
    (entry,) = parse_feed([news]).findall(f"{ATOM}entry")
    assert text(entry, "id") == permanent_id("clowder", "posts/7")
    assert text(entry, "title") == "Open day"
    assert text(entry, "published") == "2026-11-22T11:00:00Z"
    assert text(entry, "updated") == "2026-11-22T13:00:00Z"
    assert text(entry, "author/name") == "ada"
    assert text(entry, "content") == "<p>Come.</p>\n"
    assert attributes(entry, "content") == [{"type": "html"}]
    assert attributes(entry, "link") == [{"rel": "alternate", "href": f"{ORIGIN}/posts/7"}]
    assert attributes(entry, "category") == [{"term": "luna"}, {"term": "Tom's & Bo"}]


def test_feed_of_views_equals_the_feed_of_posts() -> None:
    news = make_post(cats=("luna",))
    assert render_feed([to_view(news)], ORIGIN, None) == render_feed([news], ORIGIN, None)


def test_entries_have_the_order_of_the_posts() -> None:
    entries = parse_feed([make_post(id=3), make_post(id=1), make_post(id=2)]).findall(f"{ATOM}entry")
    assert [text(entry, "id") for entry in entries] == [
        permanent_id("clowder", f"posts/{number}") for number in (3, 1, 2)
    ]


def test_ids_depend_on_the_cafe_and_not_on_the_host() -> None:
    feeds = [
        fromstring(render_feed([make_post()], ORIGIN, None)),
        fromstring(render_feed([make_post()], "https://elsewhere.example", None)),
        fromstring(render_feed([make_post()], ORIGIN, None, cafe="another")),
    ]
    for path in (f"{ATOM}id", f"{ATOM}entry/{ATOM}id"):
        ids = [feed.findtext(path) for feed in feeds]
        assert str(ids[0]).startswith("urn:uuid:")
        assert ids[0] == ids[1] != ids[2]


def test_updated_is_not_before_published() -> None:
    feed = parse_feed([make_post(published_at=NOON + timedelta(days=1))])
    assert text(feed, "entry/updated") == text(feed, "updated") == "2026-11-23T12:00:00Z"


@pytest.mark.parametrize(
    ("hours", "updated", "expected"),
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
def test_updated_of_the_feed_is_the_newest_entry_or_the_argument(
    hours: list[int], updated: datetime | None, expected: str
) -> None:
    posts = [make_post(updated=NOON + timedelta(hours=hour)) for hour in hours]
    assert text(parse_feed(posts, updated), "updated") == expected


def test_times_are_in_utc() -> None:
    feed = parse_feed([make_post(published_at=datetime(2026, 11, 22, 9, tzinfo=timezone(timedelta(hours=2))))])
    assert text(feed, "entry/published") == "2026-11-22T07:00:00Z"
    assert text(feed, "entry/updated") == NOON.astimezone(UTC).isoformat().replace("+00:00", "Z")


@pytest.mark.parametrize("code_point", [0x00, 0x08, 0x0B, 0x0C, 0x1F, 0xD800, 0xDFFF, 0xFFFE, 0xFFFF])
def test_characters_that_xml_forbids_are_removed(code_point: int) -> None:
    dirty = f"a{chr(code_point)}b"
    feed = parse_feed([make_post(title=dirty, html=dirty, author=dirty, cats=(dirty,))], title=dirty)
    (entry,) = feed.findall(f"{ATOM}entry")
    texts = [text(feed, "title"), *(text(entry, path) for path in ("title", "content", "author/name"))]
    assert texts == ["ab"] * 4
    assert attributes(entry, "category") == [{"term": "ab"}]


@given(title=ANY_TEXT, html=ANY_TEXT, author=ANY_TEXT, cats=st.lists(ANY_TEXT, max_size=3))
def test_feed_of_any_text_is_well_formed(title: str, html: str, author: str, cats: list[str]) -> None:
    feed = parse_feed([make_post(title=title, html=html, author=author, cats=tuple(cats))], title=title)
    (entry,) = feed.findall(f"{ATOM}entry")
    assert text(entry, "title") == as_xml_text(title)
    assert text(entry, "content") == as_xml_text(html)
    assert text(entry, "author/name") == as_xml_text(author)
    terms = [as_xml_text(category["term"]) for category in attributes(entry, "category")]
    assert terms == [as_xml_text(cat) for cat in cats]
