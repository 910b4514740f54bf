"""Paths are decoded by segment, and URL rules compile their URL builder only when a URL is built."""

from __future__ import annotations

import pytest

from tests.support.app import TestApp, problem
from tests.support.inspection import writes_nothing


@pytest.mark.parametrize(
    "path",
    [
        "/cats/milo%2Fhistory",
        "/cats/milo%2fhistory",
        "/cats/milo%252Fhistory",
        "/cats%2Fmilo",
        "/cats/milo%2Fweights",
        "/cats/milo/%68istory%2F",
        "/cats/%2E%2E%2Fhealth",
        "/cats/..%2fhealth",
        "/cats/../health",
        "/cats/milo%5Chistory",
        "/cats/milo%00",
        "/cats/milo%3Ffields=name",
        "/cats/%FF",
        "/cats/%",
        "/static%2Fstyle.css",
        "/static/vendor%2FLICENSE",
        "http://localhost/cats/milo%2Fhistory",
    ],
)
def test_encoded_slash_is_no_slash_and_the_path_is_404(cafe: TestApp, path: str) -> None:
    staff = cafe.staff
    assert staff.put("/cats/milo", {}).status_code == 201
    with writes_nothing(cafe):
        assert problem(staff.get(path), 404)["instance"].isascii()
        for method in ("PUT", "POST", "DELETE"):
            assert staff.send(method, path, json={}).status_code in (404, 405, 422)


def test_encoded_letter_is_the_letter(cafe: TestApp) -> None:
    staff = cafe.staff
    assert staff.put("/cats/milo", {}).status_code == 201
    assert staff.get("/c%61ts/%6Dilo/histor%79").status_code == 200


def test_instance_of_a_problem_is_the_path_of_the_request(cafe: TestApp) -> None:
    for path in ("/cats/milo%2Fhistory", "/cats/milo%252Fhistory", "/cats/100%25", "/cats/Zo%C3%AB%20%3C"):
        assert problem(cafe.public.get(path), 404)["instance"] == path


def test_url_builder_is_not_compiled_before_its_first_use(cafe: TestApp) -> None:
    builders = {rule._build.__qualname__ for rule in cafe.app.url_map.iter_rules()}
    assert builders == {"LazyRule._compile_builder.<locals>.build"}


def test_url_is_built_as_by_werkzeug(cafe: TestApp) -> None:
    urls = cafe.app.url_map.bind("cafe.example")
    assert urls.build("CatItem", {"name": "zoë & co", "page": 2}) == "/cats/zo%C3%AB%20&%20co?page=2"
    assert urls.build("CatList", {"sort": "age"}, append_unknown=False) == "/cats"
