"""Cursor pagination of every list: every item exactly once, and a cursor that cannot be changed."""

from __future__ import annotations

from urllib.parse import parse_qs, quote, urlsplit

import pytest
from werkzeug.http import parse_options_header
from werkzeug.test import TestResponse

from tests.support.app import Client, TestApp, problem
from tests.support.resource_spec import ResourceSpec
from tests.support.resource_specs import CATS, PIES, every_resource


def create_items(cafe: TestApp, spec: ResourceSpec) -> tuple[Client, list[str]]:
    """Create an item for each sample key. Return the writer and the keys."""
    writer, created = spec.writer_client(cafe), []
    for key in spec.sample_keys:
        cafe.clock.advance(seconds=1)
        created.append(spec.key_of(spec.create(writer, key)))
    return writer, created


def next_url(response: TestResponse) -> str | None:
    """Return the URL of the next page, which the Link header and the body must agree on."""
    links = [parse_options_header(link.strip()) for link in response.headers["Link"].split(",")]
    urls = [url.strip("<>") for url, parameters in links if parameters["rel"] == "next"]
    assert urls == [url for url in [response.json.get("next")] if url]
    return urls[0] if urls else None


def read_pages(client: Client, path: str) -> list[TestResponse]:
    """Return the page at the URL and all pages after it."""
    pages = [client.get(path)]
    while url := next_url(pages[-1]):
        pages.append(client.get(url))
    return pages


def keys(spec: ResourceSpec, pages: list[TestResponse]) -> list[str]:
    """Return the keys of the items on the pages."""
    return [key for page in pages for key in spec.keys_of(page.json["items"])]


@every_resource
def test_pages_of_any_size_contain_every_item_once(cafe: TestApp, spec: ResourceSpec) -> None:
    writer, created = create_items(cafe, spec)
    reader = spec.reader_client(cafe)
    size = len([*created, *spec.existing_keys])
    for order in spec.sort_queries:
        all_keys = keys(spec, [writer.get(f"{spec.path}?limit=100&{order}")])
        assert sorted(all_keys) == sorted(created)
        for client, limits in ((writer, (1, 3, size - 1, size)), (reader, (2, 5, size + 1, 100))):
            for limit in limits:
                pages = read_pages(client, f"{spec.path}?limit={limit}&{order}")
                assert keys(spec, pages) == all_keys
                full, remainder = divmod(size, limit)
                assert [len(page.json["items"]) for page in pages] == [limit] * full + [remainder] * (remainder > 0)


@every_resource
def test_default_page_size_is_20(cafe: TestApp, spec: ResourceSpec) -> None:
    writer = spec.writer_client(cafe)
    for number in range(21 - len(spec.existing_keys)):
        spec.create(writer, f"tom {number}")
    assert [len(page.json["items"]) for page in read_pages(spec.reader_client(cafe), spec.path)] == [20, 1]


@every_resource
def test_empty_list_has_items_and_no_next(cafe: TestApp, spec: ResourceSpec) -> None:
    response = spec.reader_client(cafe).get(spec.path)
    assert (response.status_code, response.json.keys(), next_url(response)) == (200, {"items"}, None)
    assert [item[spec.key_field] for item in response.json["items"]] == [*spec.existing_keys]


@every_resource
def test_unchanged_items_appear_once_during_inserts_and_deletes(cafe: TestApp, spec: ResourceSpec) -> None:
    writer, _ = create_items(cafe, spec)
    reader = spec.reader_client(cafe)
    for order in spec.sort_queries:
        unchanged = set(keys(spec, read_pages(reader, spec.path)))
        pages = [reader.get(f"{spec.path}?limit=2&{order}")]
        for new in ("Aa", "tom 1", "zz", "Aaa", "たたま"):
            url = next_url(pages[-1])
            assert url
            cafe.clock.advance(seconds=1)
            spec.create(writer, f"{new} {spec.sort_queries.index(order)}")
            # The cursor points after the last item of the page. It must stay valid without this item.
            deleted = keys(spec, pages[-1:])[-1]
            assert writer.delete(spec.url(deleted)).status_code == 204
            unchanged -= {deleted}
            pages.append(reader.get(url))
        seen = keys(spec, [*pages, *(read_pages(reader, last_url) if (last_url := next_url(pages[-1])) else [])])
        assert len(seen) == len(set(seen))
        assert unchanged <= set(seen)


@every_resource
def test_limit_and_fields_may_change_between_pages(cafe: TestApp, spec: ResourceSpec) -> None:
    writer, _ = create_items(cafe, spec)
    first = writer.get(f"{spec.path}?limit=2")
    cursor = parse_qs(urlsplit(next_url(first) or "").query)["cursor"][0]
    rest = read_pages(writer, f"{spec.path}?limit=4&fields={spec.key_field}&cursor={cursor}")
    assert keys(spec, [first, *rest]) == keys(spec, [writer.get(spec.path)])
    assert all(item.keys() == {spec.key_field} for page in rest for item in page.json["items"])


@every_resource
def test_cursor_with_any_changed_character_is_400(cafe: TestApp, spec: ResourceSpec) -> None:
    create_items(cafe, spec)
    reader = spec.reader_client(cafe)
    path = next_url(reader.get(f"{spec.path}?limit=2")) or ""
    start, _, cursor = path.rpartition("=")
    cursors = [
        cursor[:index] + ("B" if character == "A" else "A") + cursor[index + 1 :]
        for index, character in enumerate(cursor)
    ]
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    cursors += [cursor[:-1] + character for character in alphabet if character != cursor[-1]]
    cursors += [cursor[:-1], cursor[1:], cursor + "A", cursor + "%3D", cursor + "%0A", "!" + cursor]
    assert reader.get(path).status_code == 200
    for other in [*cursors, "", "x", "%C3%AB", "%FF"]:
        body = problem(reader.get(f"{start}={other}"), 400)
        assert (body["type"], body["errors"][0]["parameter"]) == ("/problems/bad-query", "cursor")


@every_resource
def test_cursor_of_another_filter_or_order_is_400(cafe: TestApp, spec: ResourceSpec) -> None:
    create_items(cafe, spec)
    reader = spec.reader_client(cafe)
    cursor = (next_url(reader.get(f"{spec.path}?limit=2")) or "").rpartition("=")[2]
    filtered = f"{spec.filter_name}={spec.filter_values[0]}"
    assert reader.get(f"{spec.path}?cursor={cursor}").status_code == 200
    for query in (filtered, *spec.sort_queries[1:], *(f"{order}&{filtered}" for order in spec.sort_queries[1:])):
        body = problem(reader.get(f"{spec.path}?{query}&cursor={cursor}"), 400)
        assert [error["parameter"] for error in body["errors"]] == ["cursor"]


@every_resource
def test_cursor_of_another_resource_or_key_is_400(cafe: TestApp, spec: ResourceSpec) -> None:
    create_items(cafe, spec)
    path = next_url(spec.reader_client(cafe).get(f"{spec.path}?limit=2")) or ""
    foreign = PIES if spec is CATS else CATS
    problem(cafe.public.get(path.replace(spec.path, foreign.path)), 400)
    problem(spec.reader_client(TestApp(cafe.table, cursor_key="another key, of 32 characters...")).get(path), 400)


@pytest.mark.parametrize("name", ["old tom", "小虎", "Zoë"])
def test_next_url_of_a_name_with_spaces_or_non_ascii_letters_is_encoded(cafe: TestApp, name: str) -> None:
    staff, path = cafe.staff, f"/cats/{quote(name)}"
    assert staff.put(path, {}).status_code == 201
    for grams in (4000, 4100):
        cafe.clock.advance(minutes=1)
        assert staff.post(f"{path}/weights", {"grams": grams}).status_code == 201
    response = staff.get(f"{path}/weights?limit=1")
    url = response.json["next"]
    assert url.isascii()
    assert url.startswith(f"{path}/weights?")
    assert response.headers["Link"].startswith(f"<{url}>")
    assert [weight["grams"] for weight in staff.get(url).json["items"]] == [4000]
