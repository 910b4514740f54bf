"""URL rules compile their URL builder only when a URL is built."""

from __future__ import annotations

from tests.support.app import TestApp


def test_url_builder_is_not_compiled_before_its_first_use(cafe: TestApp) -> None:
    builders = {rule._build.__qualname__ for rule in cafe.app.url_map.iter_rules()}
    assert builders == {"LazyRule._compile_builder.<locals>.build"}


def test_url_is_built_as_by_werkzeug(cafe: TestApp) -> None:
    urls = cafe.app.url_map.bind("cafe.example")
    assert urls.build("CatItem", {"name": "zoë & co", "page": 2}) == "/cats/zo%C3%AB%20&%20co?page=2"
    assert urls.build("CatList", {"sort": "age"}, append_unknown=False) == "/cats"
