"""When posts come out, and the feed of those that have. What the feed says of a post is in tests/unit."""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import Element, fromstring

from tests.support.app import Client, TestApp, problem
from tests.support.inspection import etag, writes_nothing

ATOM = "{http://www.w3.org/2005/Atom}"
MEDIA = "application/atom+xml"
SOON = {"publishedAt": "2026-11-22T18:00:00+02:00", "cats": ["luna"]}


def write(cafe: TestApp, title: str, **more: Any) -> None:
    """Write a post."""
    assert cafe.staff.post("/posts", {"title": title, "body": "Text."} | more).status_code == 201


def feed(who: Client, **how: Any) -> Element:
    """Return the feed; it has to be well-formed."""
    answer = who.get("/posts.atom", **how)
    assert (answer.status_code, answer.content_type) == (200, f"{MEDIA}; charset=utf-8")
    return fromstring(answer.data)


def entries(who: Client) -> list[str]:
    """Return the titles in the feed."""
    return [str(entry.findtext(f"{ATOM}title")) for entry in feed(who).findall(f"{ATOM}entry")]


def titles(who: Client, query: str = "") -> list[str]:
    """Return the titles of the news."""
    return [post["title"] for post in who.get(f"/posts{query}").json["items"]]


def test_what_is_to_come_out_later_is_the_staffs_until_that_very_instant(cafe: TestApp) -> None:
    write(cafe, "Now", cats=["luna"])
    write(cafe, "Soon", **SOON)
    staff, public, member = cafe.staff, cafe.public, cafe.client("member")
    for path in ("/posts/2", "/post/2"):
        told = []
        for answer, key in ((public.get(path), "2"), (public.get(path.replace("2", "7")), "7")):
            body = problem(answer, 404)
            del body["requestId"], answer.headers["X-Request-Id"]
            told.append((str(body).replace(f"/{key}'", ""), dict(answer.headers)))
        assert told[0] == told[1]
        problem(member.get(path), 404)
        assert staff.get(path).json["publishedAt"] == "2026-11-22T16:00:00Z"
    for query in ("", "?cat=luna", "?limit=1"):
        assert titles(public, query) == titles(member, query) == ["Now"]
    assert (titles(staff), titles(staff, "?cat=luna")) == (["Soon", "Now"], ["Soon", "Now"])
    assert entries(public) == entries(member) == entries(staff) == ["Now"]
    assert "next" not in public.get("/posts?limit=1").json
    cafe.clock.advance(hours=3, minutes=59, seconds=59, microseconds=999_999)
    problem(public.get("/posts/2"), 404)
    assert titles(public) == titles(public, "?cat=luna") == entries(public) == ["Now"]
    cafe.clock.advance(microseconds=1)
    assert public.get("/posts/2").data == public.get("/post/2").data
    assert titles(public) == titles(public, "?cat=luna") == entries(public) == ["Soon", "Now"]


def test_a_post_comes_out_once_and_can_be_taken_back(cafe: TestApp) -> None:
    write(cafe, "One")
    cafe.clock.advance(hours=2)
    staff, public = cafe.staff, cafe.public
    assert staff.put("/posts/1", {"title": "New", "body": "x"}).json["publishedAt"] == "2026-11-22T12:00:00Z"
    silent = staff.patch("/posts/1", {"publishedAt": None}, if_match="*")
    assert silent.json["publishedAt"] == "2026-11-22T12:00:00Z"
    assert staff.patch("/posts/1", {"publishedAt": "2026-11-23T00:00:00Z"}, if_match="*").status_code == 200
    problem(public.get("/posts/1"), 404)
    assert titles(public) == entries(public) == []
    assert staff.patch("/posts/1", {"publishedAt": "2026-11-01T00:00:00Z"}, if_match="*").status_code == 200
    assert titles(public) == entries(public) == ["New"]


def test_a_member_of_the_public_who_knows_of_a_hidden_post_cannot_ask_for_it(cafe: TestApp) -> None:
    write(cafe, "Soon", **SOON)
    tag = etag(cafe.staff.get("/posts/1"))
    for condition in ({"If-None-Match": tag}, {"If-Match": tag}, {"If-Match": "*"}, {"If-None-Match": "*"}):
        problem(cafe.public.get("/posts/1", condition), 404)
    assert cafe.staff.get("/posts/1").headers["Cache-Control"] == "private, no-store"


def test_a_feed_of_nothing_is_a_feed(cafe: TestApp) -> None:
    with writes_nothing(cafe):
        told = feed(cafe.public)
    assert told.tag == f"{ATOM}feed"
    assert str(told.findtext(f"{ATOM}id")).startswith("urn:uuid:")
    assert told.findtext(f"{ATOM}updated")
    assert told.findtext(f"{ATOM}title")


def test_the_feed_has_the_newest_twenty(cafe: TestApp) -> None:
    for number in range(23):
        write(cafe, f"No. {number:02}")
        cafe.clock.advance(seconds=1)
    write(cafe, "Old news", publishedAt="2026-01-01T00:00:00Z")
    write(cafe, "Soon", **SOON)
    assert entries(cafe.public) == [f"No. {number:02}" for number in range(22, 2, -1)]
    cafe.staff.delete("/posts/23")
    assert entries(cafe.public) == [f"No. {number:02}" for number in range(21, 1, -1)]


def test_an_entry_names_its_post_its_author_and_its_cats(cafe: TestApp) -> None:
    cafe.client("staff", "ann").post(
        "/posts", {"title": "Tom & <Jerry>", "body": "a & b\n\n<i>]]></i>", "cats": ["Zoë", "Tom's"]}
    )
    (entry,) = feed(cafe.public).findall(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}title") == "Tom & <Jerry>"
    assert entry.findtext(f"{ATOM}author/{ATOM}name") == "ann"
    assert [one.get("term") for one in entry.findall(f"{ATOM}category")] == ["Zoë", "Tom's"]
    assert entry.findtext(f"{ATOM}content") == cafe.public.get("/posts/1").json["html"]
    url = str(entry.find(f"{ATOM}link").get("href"))  # type: ignore[union-attr]
    assert url == "http://localhost/posts/1"
    assert cafe.public.get(url).json["title"] == "Tom & <Jerry>"
    cafe.client("owner").delete("/users/ann")
    (entry,) = feed(cafe.public).findall(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}author/{ATOM}name") == "a former member of staff"


def test_the_links_of_the_feed_are_those_of_the_place_where_it_was_asked_for(cafe: TestApp) -> None:
    write(cafe, "One")
    told = feed(cafe.public, base_url="https://cafe.example/dev")
    at_home = feed(cafe.public)
    assert [one.text for one in told.iter(f"{ATOM}id")] == [one.text for one in at_home.iter(f"{ATOM}id")]
    assert told.get("{http://www.w3.org/XML/1998/namespace}base") == "https://cafe.example/dev/"
    links = {link.get("rel"): link.get("href") for link in told.findall(f"{ATOM}link")}
    assert links == {"self": "https://cafe.example/dev/posts.atom", "alternate": "https://cafe.example/dev/"}
    (entry,) = told.findall(f"{ATOM}entry")
    (link,) = entry.findall(f"{ATOM}link")
    assert link.get("href") == "https://cafe.example/dev/posts/1"


def test_the_feed_is_read_conditionally_and_by_everybody_alike(cafe: TestApp) -> None:
    write(cafe, "One")
    public, staff = cafe.public, cafe.staff
    there = public.get("/posts.atom")
    assert there.data == staff.get("/posts.atom").data
    assert there.headers["Cache-Control"] == "public, no-cache"
    assert public.get("/posts.atom", {"If-None-Match": etag(there)}).status_code == 304
    cafe.clock.advance(minutes=5)
    assert public.get("/posts.atom", {"If-None-Match": etag(there)}).status_code == 304
    head = public.send("HEAD", "/posts.atom")
    assert (head.data, etag(head), head.mimetype) == (b"", etag(there), MEDIA)
    write(cafe, "Two")
    assert public.get("/posts.atom", {"If-None-Match": etag(there)}).status_code == 200
    assert feed(public).findtext(f"{ATOM}updated") == "2026-11-22T12:05:00Z"


def test_readers_of_feeds_get_it_by_the_types_that_they_ask_for(cafe: TestApp) -> None:
    public = cafe.public
    for accept in (MEDIA, "application/*", "application/rss+xml, application/atom+xml;q=0.9, */*;q=0.1", "*/*", ""):
        assert public.get("/posts.atom", {"Accept": accept}).status_code == 200
    assert problem(public.get("/posts.atom", {"Accept": "application/json"}), 406)["available"] == [MEDIA]
    assert problem(public.get("/posts.atom?limit=3"), 400)["errors"][0]["parameter"] == "limit"
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        refused = cafe.staff.send(method, "/posts.atom", json={})
        assert (refused.status_code, refused.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")
