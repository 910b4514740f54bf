"""Scheduled posts and the Atom feed of published posts. tests/web has the rendering of the feed."""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import Element, fromstring

from tests.support.app import Client, TestApp, problem
from tests.support.inspection import etag, writes_nothing

ATOM = "{http://www.w3.org/2005/Atom}"
MEDIA = "application/atom+xml"
SOON = {"publishedAt": "2026-11-22T18:00:00+02:00", "cats": ["luna"]}


def create_post(cafe: TestApp, title: str, **fields: Any) -> None:
    """Create a post."""
    assert cafe.staff.post("/posts", {"title": title, "body": "Text."} | fields).status_code == 201


def feed(client: Client, **options: Any) -> Element:
    """Return the parsed feed."""
    response = client.get("/posts.atom", **options)
    assert (response.status_code, response.content_type) == (200, f"{MEDIA}; charset=utf-8")
    return fromstring(response.data)


def entries(client: Client) -> list[str]:
    """Return the titles of the entries of the feed."""
    return [str(entry.findtext(f"{ATOM}title")) for entry in feed(client).findall(f"{ATOM}entry")]


def titles(client: Client, query: str = "") -> list[str]:
    """Return the titles of the posts."""
    return [post["title"] for post in client.get(f"/posts{query}").json["items"]]


def test_scheduled_post_is_hidden_from_the_public_until_its_time(cafe: TestApp) -> None:
    create_post(cafe, "Now", cats=["luna"])
    create_post(cafe, "Soon", **SOON)
    staff, public, member = cafe.staff, cafe.public, cafe.client("member")
    for path in ("/posts/2", "/post/2"):
        hidden_and_missing = []
        for response, key in ((public.get(path), "2"), (public.get(path.replace("2", "7")), "7")):
            body = problem(response, 404)
            del body["requestId"], response.headers["X-Request-Id"]
            hidden_and_missing.append(
                (str(body).replace(f"/{key}'", ""), str(response.headers).replace(f"/{key}>", ""))
            )
        assert hidden_and_missing[0] == hidden_and_missing[1]
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


def test_updates_preserve_published_at_and_can_postpone_it(cafe: TestApp) -> None:
    create_post(cafe, "One")
    cafe.clock.advance(hours=2)
    staff, public = cafe.staff, cafe.public
    assert staff.put("/posts/1", {"title": "New", "body": "x"}).json["publishedAt"] == "2026-11-22T12:00:00Z"
    patched = staff.patch("/posts/1", {"publishedAt": None}, if_match="*")
    assert patched.json["publishedAt"] == "2026-11-22T12:00:00Z"
    assert staff.patch("/posts/1", {"publishedAt": "2026-11-23T00:00:00Z"}, if_match="*").status_code == 200
    problem(public.get("/posts/1"), 404)
    assert titles(public) == entries(public) == []
    assert staff.patch("/posts/1", {"publishedAt": "2026-11-01T00:00:00Z"}, if_match="*").status_code == 200
    assert titles(public) == entries(public) == ["New"]


def test_conditional_read_of_a_scheduled_post_is_404_for_the_public(cafe: TestApp) -> None:
    create_post(cafe, "Soon", **SOON)
    tag = etag(cafe.staff.get("/posts/1"))
    for condition in ({"If-None-Match": tag}, {"If-Match": tag}, {"If-Match": "*"}, {"If-None-Match": "*"}):
        problem(cafe.public.get("/posts/1", condition), 404)
    assert cafe.staff.get("/posts/1").headers["Cache-Control"] == "private, no-store"


def test_empty_feed_is_valid(cafe: TestApp) -> None:
    with writes_nothing(cafe):
        root = feed(cafe.public)
    assert root.tag == f"{ATOM}feed"
    assert str(root.findtext(f"{ATOM}id")).startswith("urn:uuid:")
    assert root.findtext(f"{ATOM}updated")
    assert root.findtext(f"{ATOM}title")


def test_feed_has_the_newest_20_posts(cafe: TestApp) -> None:
    for number in range(23):
        create_post(cafe, f"No. {number:02}")
        cafe.clock.advance(seconds=1)
    create_post(cafe, "Old news", publishedAt="2026-01-01T00:00:00Z")
    create_post(cafe, "Soon", **SOON)
    assert entries(cafe.public) == [f"No. {number:02}" for number in range(22, 2, -1)]
    cafe.staff.delete("/posts/23")
    assert entries(cafe.public) == [f"No. {number:02}" for number in range(21, 1, -1)]


def test_entry_has_title_author_categories_content_and_link(cafe: TestApp) -> None:
    cafe.client("staff", "ann").post(
        "/posts", {"title": "Tom & <Jerry>", "body": "a & b\n\n<i>]]></i>", "cats": ["Zoë", "Tom's"]}
    )
    (entry,) = feed(cafe.public).findall(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}title") == "Tom & <Jerry>"
    assert entry.findtext(f"{ATOM}author/{ATOM}name") == "a member of the staff"
    assert [category.get("term") for category in entry.findall(f"{ATOM}category")] == ["Zoë", "Tom's"]
    assert entry.findtext(f"{ATOM}content") == cafe.public.get("/posts/1").json["html"]
    url = str(entry.find(f"{ATOM}link").get("href"))  # type: ignore[union-attr]
    assert url == "http://localhost/posts/1"
    assert cafe.public.get(url).json["title"] == "Tom & <Jerry>"
    cafe.client("owner").delete("/users/ann")
    (entry,) = feed(cafe.public).findall(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}author/{ATOM}name") == "a former member of staff"


def test_links_of_the_feed_use_the_url_of_the_request_but_ids_do_not(cafe: TestApp) -> None:
    create_post(cafe, "One")
    staged = feed(cafe.public, base_url="https://cafe.example/dev")
    local = feed(cafe.public)
    assert [element.text for element in staged.iter(f"{ATOM}id")] == [
        element.text for element in local.iter(f"{ATOM}id")
    ]
    assert staged.get("{http://www.w3.org/XML/1998/namespace}base") == "https://cafe.example/dev/"
    links = {link.get("rel"): link.get("href") for link in staged.findall(f"{ATOM}link")}
    assert links == {"self": "https://cafe.example/dev/posts.atom", "alternate": "https://cafe.example/dev/"}
    (entry,) = staged.findall(f"{ATOM}entry")
    (link,) = entry.findall(f"{ATOM}link")
    assert link.get("href") == "https://cafe.example/dev/posts/1"


def test_feed_is_cacheable_and_the_same_for_all_roles(cafe: TestApp) -> None:
    create_post(cafe, "One")
    public, staff = cafe.public, cafe.staff
    response = public.get("/posts.atom")
    assert response.data == staff.get("/posts.atom").data
    assert response.headers["Cache-Control"] == "public, no-cache"
    assert public.get("/posts.atom", {"If-None-Match": etag(response)}).status_code == 304
    cafe.clock.advance(minutes=5)
    assert public.get("/posts.atom", {"If-None-Match": etag(response)}).status_code == 304
    head = public.send("HEAD", "/posts.atom")
    assert (head.data, etag(head), head.mimetype) == (b"", etag(response), MEDIA)
    create_post(cafe, "Two")
    assert public.get("/posts.atom", {"If-None-Match": etag(response)}).status_code == 200
    assert feed(public).findtext(f"{ATOM}updated") == "2026-11-22T12:05:00Z"


FEED_READERS = {
    "Feedly": "application/atom+xml, application/rss+xml, application/rdf+xml, application/xml;q=0.9, text/xml;q=0.8",
    "NetNewsWire": "application/rss+xml, application/rdf+xml, application/atom+xml, application/xml, text/xml",
    "FreshRSS and SimplePie": (
        "application/atom+xml, application/rss+xml, application/rdf+xml;q=0.9, application/xml;q=0.8, text/xml;q=0.8, "
        "text/html;q=0.7, unknown/unknown;q=0.1, application/unknown;q=0.1, */*;q=0.1"
    ),
    "Miniflux": (
        "application/xml, application/atom+xml, application/rss+xml, application/rdf+xml, application/feed+json, "
        "text/html, */*;q=0.9"
    ),
    "Thunderbird and Firefox": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "curl and the W3C validator": "*/*",
    "RSS only": "application/rss+xml",
    "XML only": "application/xml",
    "old XML type": "text/xml",
    "HTML only": "text/html",
    "JSON Feed only": "application/feed+json, application/json",
    "nothing": "application/atom+xml;q=0",
    "empty": "",
}
"""Values of Accept that feed readers send, and values that are stranger."""


def test_feed_is_served_to_whatever_a_reader_accepts(cafe: TestApp) -> None:
    create_post(cafe, "One")
    tags = set()
    for accept in (MEDIA, "application/*", *FEED_READERS.values()):
        response = cafe.public.get("/posts.atom", {"Accept": accept})
        assert (response.status_code, response.content_type) == (200, f"{MEDIA}; charset=utf-8"), accept
        tags.add(etag(response))
    assert len(tags) == 1
    responses = cafe.public.get("/openapi.json").json["paths"]["/posts.atom"]["get"]["responses"]
    assert "406" not in responses


def test_feed_has_only_get(cafe: TestApp) -> None:
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        response = cafe.staff.send(method, "/posts.atom", json={})
        assert (response.status_code, response.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")


def test_feed_has_twenty_posts_of_any_size(cafe: TestApp) -> None:
    markup = "<&" * 9_900  # 100 KB of HTML for each post, and more in the feed
    for number in range(21):
        create_post(cafe, f"post {number}", body=markup)
        cafe.clock.advance(seconds=1)
    response = cafe.public.get("/posts.atom")
    titles = [entry.findtext(f"{ATOM}title") for entry in fromstring(response.data).findall(f"{ATOM}entry")]
    assert titles == [f"post {number}" for number in range(20, 0, -1)]
    assert 2_000_000 < len(response.data) < 6_000_000
