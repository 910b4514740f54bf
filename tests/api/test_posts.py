"""What is the posts' own: numbers, HTML, authors, and how they are listed. When they come out is in test_feed."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.app import PATCH, Client, TestApp, pointers, problem
from tests.support.inspection import etag, writes_nothing

NO_IDS = [
    "01",
    "+1",
    "1.0",
    "1e3",
    "99999999999999",
    "9" * 400,
    "next",
    "0",
    "-1",
    "%201",
    "%D9%A1",
    "1%2F",
    "x",
    "%F0%9F%90%88",
]


def write(staff: Client, title: str, **more: Any) -> int:
    """Write a post and return its number."""
    answer = staff.post("/posts", {"title": title, "body": "Text."} | more)
    assert answer.status_code == 201
    return int(answer.json["id"])


def titles(who: Client, query: str = "") -> list[str]:
    """Return the titles on all pages of the news."""
    found, path = [], f"/posts?limit=2{query and '&'}{query}"
    while path:
        page = who.get(path).json
        found += [post["title"] for post in page["items"]]
        path = page.get("next")
    return found


def test_posts_are_numbered_from_one_on_and_their_locations_resolve(cafe: TestApp) -> None:
    staff = cafe.client("staff", "ann")
    for number in (1, 2, 3):
        made = staff.post("/posts", {"title": f"No. {number}", "body": "# Hi"})
        assert (made.status_code, made.headers["Location"]) == (201, f"/posts/{number}")
        assert cafe.public.get(made.headers["Location"]).json == made.json == {
            "id": number, "title": f"No. {number}", "body": "# Hi", "html": "<h1>Hi</h1>\n", "author": "ann",
            "cats": [], "publishedAt": "2026-11-22T12:00:00Z", "created": "2026-11-22T12:00:00Z",
            "updated": "2026-11-22T12:00:00Z", "version": 1,
        }  # fmt: skip


def test_a_post_has_two_addresses_and_one_representation(cafe: TestApp) -> None:
    write(cafe.staff, "One")
    for who in (cafe.public, cafe.staff):
        first, second = who.get("/posts/1"), who.get("/post/1")
        assert (first.data, etag(first)) == (second.data, etag(second))
    assert cafe.staff.patch("/post/1", {"title": "New"}, if_match=etag(second)).status_code == 200
    assert cafe.public.get("/posts/1").json["title"] == "New"
    assert cafe.staff.delete("/post/1").status_code == 204
    problem(cafe.public.get("/posts/1"), 404)
    allowed = {cafe.staff.send("OPTIONS", path).headers["Allow"] for path in ("/posts/1", "/post/1")}
    assert allowed == {"DELETE, GET, HEAD, OPTIONS, PATCH, PUT"}


@pytest.mark.parametrize("id", NO_IDS)
def test_what_is_no_number_is_no_post_and_nothing_is_made_of_it(cafe: TestApp, id: str) -> None:
    staff = cafe.staff
    write(staff, "One")
    body = {"title": "x", "body": "y"}
    with writes_nothing(cafe):
        for path in (f"/posts/{id}", f"/post/{id}"):
            for method, headers in (("GET", {}), ("HEAD", {}), ("PUT", {}), ("PATCH", PATCH), ("DELETE", {})):
                for condition in ({}, {"If-None-Match": "*"}, {"If-Match": "*"}):
                    answer = staff.send(method, path, headers | condition, json=body)
                    assert answer.status_code == 404, (method, condition, answer.data)


def test_put_and_patch_never_create(cafe: TestApp) -> None:
    staff = cafe.staff
    body = {"title": "x", "body": "y"}
    with writes_nothing(cafe):
        problem(staff.put("/posts/1", body), 404)
        problem(staff.put("/posts/1", {"id": 1} | body, if_none_match="*"), 404)
        problem(staff.patch("/posts/1", body, if_none_match="*"), 404)
    assert write(staff, "One") == 1


def test_a_number_is_not_given_again(cafe: TestApp) -> None:
    staff = cafe.staff
    assert [write(staff, "x"), write(staff, "y")] == [1, 2]
    assert staff.delete("/posts/2").status_code == 204
    assert pointers(staff.post("/posts", {"title": "x"})) == ["/body"]
    assert write(staff, "z") == 3
    problem(cafe.public.get("/posts/2"), 404)
    problem(staff.put("/posts/2", {"title": "x", "body": "y"}), 404)


def test_a_post_that_is_sent_twice_with_a_key_is_one(cafe: TestApp) -> None:
    staff = cafe.staff
    told = [staff.post("/posts", {"title": "x", "body": "y"}, idempotency_key="k") for _ in range(2)]
    assert [(one.status_code, one.headers["Location"], one.json) for one in told] == [
        (201, "/posts/1", told[0].json), (201, "/posts/1", told[0].json)
    ]  # fmt: skip
    assert write(staff, "next") == 2


def test_what_is_written_is_markdown_and_what_it_gives_is_harmless(cafe: TestApp) -> None:
    text = (
        "# Open *day*\n\n<script>alert(1)</script>\n\n[bad](javascript:alert(1)) [worse](JaVaScRiPt&#58;alert(1)) "
        "[data](data:text/html,x) [good](https://example.org)\n\n<img src=x onerror=alert(1)>"
    )
    told = cafe.staff.post("/posts", {"title": "<b>T</b>", "body": text}).json
    assert (told["body"], told["title"]) == (text, "<b>T</b>")
    html = told["html"]
    assert html.startswith("<h1>Open <em>day</em></h1>")
    assert '<a href="https://example.org" rel="nofollow noopener noreferrer">good</a>' in html
    assert html.count("<a ") == 1
    for word in ("<script", "<img", 'href="javascript', 'href="data'):
        assert word not in html.lower()
    assert cafe.staff.patch("/posts/1", {"body": "*new*"}, if_match="*").json["html"] == "<p><em>new</em></p>\n"


def test_the_author_is_who_wrote_it_and_stays(cafe: TestApp) -> None:
    ann, bo = cafe.client("staff", "ann"), cafe.client("owner", "bo")
    write(ann, "One")
    assert bo.put("/posts/1", {"title": "New", "body": "x"}).json["author"] == "ann"
    assert bo.patch("/posts/1", {"title": "Newer"}, if_match="*").json["author"] == "ann"
    for member in ("author", "html", "created", "updated", "version"):
        with writes_nothing(cafe):
            assert pointers(bo.patch("/posts/1", {member: "bo"}, if_match="*")) == [f"/{member}"]
            assert pointers(bo.post("/posts", {"title": "x", "body": "y", member: "bo"})) == [f"/{member}"]
    assert bo.delete("/users/ann").status_code == 204
    assert cafe.public.get("/posts/1").json["author"] == "a former member of staff"
    assert cafe.public.get("/posts").json["items"][0]["author"] == "a former member of staff"


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({}, ["/body", "/title"]),
        ({"title": " ", "body": ""}, ["/body", "/title"]),
        ({"title": "x" * 201, "body": "x" * 20_001}, ["/body", "/title"]),
        ({"title": "x", "body": "y", "cats": ["tom", "!", "😺", "x" * 65]}, ["/cats/1", "/cats/2", "/cats/3"]),
        ({"title": "x", "body": "y", "cats": "tom"}, ["/cats"]),
        ({"title": "x", "body": "y", "cats": ["tom"] * 21}, ["/cats"]),
        ({"title": "x", "body": "y", "publishedAt": "2026-11-22"}, ["/publishedAt"]),
        ({"title": "x", "body": "y", "publishedAt": "1999-12-31T23:59:59Z"}, ["/publishedAt"]),
        ({"title": "x", "body": "y", "publishedAt": "0001-01-01T00:00:00+14:00"}, ["/publishedAt"]),
        ({"title": "x", "body": "y", "publishedAt": "9999-12-31T23:59:59-14:00"}, ["/publishedAt"]),
        ({"title": 1, "body": None, "cats": ["!"], "x": 1}, ["/body", "/cats/0", "/title", "/x"]),
        ({"title": "x", "body": "y", "id": 10**30}, ["/id"]),
    ],
)  # fmt: skip
def test_what_is_no_post_is_422_and_takes_no_number(cafe: TestApp, body: dict[str, Any], where: list[str]) -> None:
    staff = cafe.staff
    with writes_nothing(cafe):
        assert pointers(staff.post("/posts", body)) == where
    write(staff, "One", cats=["tom"])
    with writes_nothing(cafe):
        assert pointers(staff.put("/posts/1", body)) == where


def test_the_news_are_newest_first_and_can_be_asked_for_by_cat(cafe: TestApp) -> None:
    staff = cafe.staff
    write(staff, "a", cats=["Zoe\u0308", "tom", "tom"])
    write(staff, "b", cats=["tom"])
    write(staff, "c", publishedAt="2026-11-20T00:00:00Z", cats=["Zoë"])
    for number in range(7):
        cafe.clock.advance(seconds=1)
        write(staff, f"d{number}")
    write(staff, "e", cats=["Zoë's"])
    assert titles(cafe.public) == ["e", "d6", "d5", "d4", "d3", "d2", "d1", "d0", "b", "a", "c"]
    assert titles(cafe.public, "cat=Zoe%CC%88") == titles(cafe.public, "cat=Zo%C3%AB") == ["a", "c"]
    assert titles(cafe.public, "cat=tom") == ["b", "a"]
    assert titles(cafe.public, "cat=to") == titles(cafe.public, "cat=%20") == titles(cafe.public, "cat=!") == []
    assert cafe.public.get("/posts/1").json["cats"] == ["Zoë", "tom"]
    for query in ("cat=", f"cat={'x' * 65}", "cat=a%0Ab", "cat=a&cat=b", "author=ann", "sort=title"):
        told = problem(cafe.public.get(f"/posts?{query}"), 400)["errors"]
        assert {fault["parameter"] for fault in told} == {query.split("=")[0]}


def test_of_two_writers_with_one_tag_the_second_is_told_so(cafe: TestApp) -> None:
    staff = cafe.staff
    write(staff, "One")
    tag = etag(cafe.public.get("/posts/1"))
    assert staff.put("/posts/1", {"title": "Ann's", "body": "x"}, if_match=tag).status_code == 200
    problem(staff.put("/posts/1", {"title": "Bo's", "body": "x"}, if_match=tag), 412)
    problem(staff.delete("/posts/1", if_match=tag), 412)
    problem(staff.patch("/posts/1", {"title": "Bo's"}), 428)
    assert cafe.public.get("/post/1").json["title"] == "Ann's"
