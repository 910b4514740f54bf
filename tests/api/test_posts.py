"""Posts: numbers, HTML, authors and lists. test_feed.py has publication and the Atom feed."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.app import PATCH, Client, TestApp, pointers, problem
from tests.support.inspection import etag, writes_nothing

INVALID_IDS = [
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


def create_post(staff: Client, title: str, **fields: Any) -> int:
    """Create a post and return its number."""
    response = staff.post("/posts", {"title": title, "body": "Text."} | fields)
    assert response.status_code == 201
    return int(response.json["id"])


def titles(client: Client, query: str = "") -> list[str]:
    """Return the titles on all pages of the list."""
    result, path = [], f"/posts?limit=2{query and '&'}{query}"
    while path:
        page = client.get(path).json
        result += [post["title"] for post in page["items"]]
        path = page.get("next")
    return result


def test_posts_are_numbered_from_1(cafe: TestApp) -> None:
    staff = cafe.client("staff", "ann")
    for number in (1, 2, 3):
        created = staff.post("/posts", {"title": f"No. {number}", "body": "# Hi"})
        assert (created.status_code, created.headers["Location"]) == (201, f"/posts/{number}")
        assert cafe.public.get(created.headers["Location"]).json == created.json == {
            "id": number, "title": f"No. {number}", "body": "# Hi", "html": "<h1>Hi</h1>\n",
            "author": "a member of the staff", "cats": [], "photos": [], "publishedAt": "2026-11-22T12:00:00Z",
            "created": "2026-11-22T12:00:00Z", "updated": "2026-11-22T12:00:00Z", "version": 1,
        }  # fmt: skip


def test_post_alias_has_the_same_representation(cafe: TestApp) -> None:
    create_post(cafe.staff, "One")
    for client in (cafe.public, cafe.staff):
        first, second = client.get("/posts/1"), client.get("/post/1")
        assert (first.data, etag(first)) == (second.data, etag(second))
    assert cafe.staff.patch("/post/1", {"title": "New"}, if_match=etag(second)).status_code == 200
    assert cafe.public.get("/posts/1").json["title"] == "New"
    assert cafe.staff.delete("/post/1").status_code == 204
    problem(cafe.public.get("/posts/1"), 404)
    allowed = {cafe.staff.send("OPTIONS", path).headers["Allow"] for path in ("/posts/1", "/post/1")}
    assert allowed == {"DELETE, GET, HEAD, OPTIONS, PATCH, PUT"}


@pytest.mark.parametrize("id", INVALID_IDS)
def test_invalid_id_is_404_for_every_method(cafe: TestApp, id: str) -> None:
    staff = cafe.staff
    create_post(staff, "One")
    body = {"title": "x", "body": "y"}
    with writes_nothing(cafe):
        for path in (f"/posts/{id}", f"/post/{id}"):
            for method, headers in (("GET", {}), ("HEAD", {}), ("PUT", {}), ("PATCH", PATCH), ("DELETE", {})):
                for condition in ({}, {"If-None-Match": "*"}, {"If-Match": "*"}):
                    response = staff.send(method, path, headers | condition, json=body)
                    assert response.status_code == 404, (method, condition, response.data)


def test_put_and_patch_never_create(cafe: TestApp) -> None:
    staff = cafe.staff
    body = {"title": "x", "body": "y"}
    with writes_nothing(cafe):
        problem(staff.put("/posts/1", body), 404)
        problem(staff.put("/posts/1", {"id": 1} | body, if_none_match="*"), 404)
        problem(staff.patch("/posts/1", body, if_none_match="*"), 404)
    assert create_post(staff, "One") == 1


def test_number_of_a_deleted_post_is_not_reused(cafe: TestApp) -> None:
    staff = cafe.staff
    assert [create_post(staff, "x"), create_post(staff, "y")] == [1, 2]
    assert staff.delete("/posts/2").status_code == 204
    assert pointers(staff.post("/posts", {"title": "x"})) == ["/body"]
    assert create_post(staff, "z") == 3
    problem(cafe.public.get("/posts/2"), 404)
    problem(staff.put("/posts/2", {"title": "x", "body": "y"}), 404)


def test_post_with_an_idempotency_key_is_created_once(cafe: TestApp) -> None:
    staff = cafe.staff
    responses = [staff.post("/posts", {"title": "x", "body": "y"}, idempotency_key="k") for _ in range(2)]
    assert [(response.status_code, response.headers["Location"], response.json) for response in responses] == [
        (201, "/posts/1", responses[0].json), (201, "/posts/1", responses[0].json)
    ]  # fmt: skip
    assert create_post(staff, "next") == 2


def test_body_is_markdown_rendered_to_safe_html(cafe: TestApp) -> None:
    text = (
        "# Open *day*\n\n<script>alert(1)</script>\n\n[bad](javascript:alert(1)) [worse](JaVaScRiPt&#58;alert(1)) "
        "[data](data:text/html,x) [good](https://example.org)\n\n<img src=x onerror=alert(1)>"
    )
    post = cafe.staff.post("/posts", {"title": "<b>T</b>", "body": text}).json
    assert (post["body"], post["title"]) == (text, "<b>T</b>")
    html = post["html"]
    assert html.startswith("<h1>Open <em>day</em></h1>")
    assert '<a href="https://example.org" rel="nofollow noopener noreferrer">good</a>' in html
    assert html.count("<a ") == 1
    for word in ("<script", "<img", 'href="javascript', 'href="data'):
        assert word not in html.lower()
    assert cafe.staff.patch("/posts/1", {"body": "*new*"}, if_match="*").json["html"] == "<p><em>new</em></p>\n"


def test_author_is_the_creator_and_never_changes(cafe: TestApp) -> None:
    ann, bo = cafe.client("staff", "ann"), cafe.client("owner", "bo")
    create_post(ann, "One")
    assert bo.put("/posts/1", {"title": "New", "body": "x"}).json["author"] == "a member of the staff"
    assert bo.patch("/posts/1", {"title": "Newer"}, if_match="*").json["author"] == "a member of the staff"
    for member in ("author", "html", "created", "updated", "version"):
        with writes_nothing(cafe):
            assert pointers(bo.patch("/posts/1", {member: "bo"}, if_match="*")) == [f"/{member}"]
            assert pointers(bo.post("/posts", {"title": "x", "body": "y", member: "bo"})) == [f"/{member}"]
    assert bo.delete("/users/ann").status_code == 204
    assert cafe.public.get("/posts/1").json["author"] == "a former member of staff"
    assert cafe.public.get("/posts").json["items"][0]["author"] == "a former member of staff"


@pytest.mark.parametrize(
    ("body", "expected"),
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
        ({"title": "x", "body": "y", "publishedAt": "2100-12-31T23:59:59-00:01"}, ["/publishedAt"]),
        ({"title": "x", "body": "y", "publishedAt": "9999-12-31T23:59:59-14:00"}, ["/publishedAt"]),
        ({"title": 1, "body": None, "cats": ["!"], "x": 1}, ["/body", "/cats/0", "/title", "/x"]),
        ({"title": "x", "body": "y", "id": 10**30}, ["/id"]),
    ],
)  # fmt: skip
def test_invalid_post_is_422_and_uses_no_number(cafe: TestApp, body: dict[str, Any], expected: list[str]) -> None:
    staff = cafe.staff
    with writes_nothing(cafe):
        assert pointers(staff.post("/posts", body)) == expected
    create_post(staff, "One", cats=["tom"])
    with writes_nothing(cafe):
        assert pointers(staff.put("/posts/1", body)) == expected


def test_posts_are_newest_first_and_can_be_filtered_by_cat(cafe: TestApp) -> None:
    staff = cafe.staff
    create_post(staff, "a", cats=["Zoe\u0308", "tom", "tom"])
    create_post(staff, "b", cats=["tom"])
    create_post(staff, "c", publishedAt="2026-11-20T00:00:00Z", cats=["Zoë"])
    for number in range(7):
        cafe.clock.advance(seconds=1)
        create_post(staff, f"d{number}")
    create_post(staff, "e", cats=["Zoë's"])
    assert titles(cafe.public) == ["e", "d6", "d5", "d4", "d3", "d2", "d1", "d0", "b", "a", "c"]
    assert titles(cafe.public, "cat=Zoe%CC%88") == titles(cafe.public, "cat=Zo%C3%AB") == ["a", "c"]
    assert titles(cafe.public, "cat=tom") == ["b", "a"]
    assert titles(cafe.public, "cat=to") == titles(cafe.public, "cat=%20") == titles(cafe.public, "cat=!") == []
    assert cafe.public.get("/posts/1").json["cats"] == ["Zoë", "tom"]
    for query in ("cat=", f"cat={'x' * 65}", "cat=a%0Ab", "cat=a&cat=b", "author=ann", "sort=title"):
        errors = problem(cafe.public.get(f"/posts?{query}"), 400)["errors"]
        assert {error["parameter"] for error in errors} == {query.split("=")[0]}


def test_second_write_with_the_same_etag_is_412(cafe: TestApp) -> None:
    staff = cafe.staff
    create_post(staff, "One")
    tag = etag(cafe.public.get("/posts/1"))
    assert staff.put("/posts/1", {"title": "Ann's", "body": "x"}, if_match=tag).status_code == 200
    problem(staff.put("/posts/1", {"title": "Bo's", "body": "x"}, if_match=tag), 412)
    problem(staff.delete("/posts/1", if_match=tag), 412)
    problem(staff.patch("/posts/1", {"title": "Bo's"}), 428)
    assert cafe.public.get("/post/1").json["title"] == "Ann's"
