"""Lists in pages, for every spec: nothing twice, nothing skipped, and a cursor that cannot be changed."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from werkzeug.http import parse_options_header
from werkzeug.test import TestResponse

from tests.support.app import Client, TestApp, problem
from tests.support.resource_spec import ResourceSpec
from tests.support.resource_specs import CATS, PIES, every_resource


def fill(cafe: TestApp, spec: ResourceSpec) -> tuple[Client, list[str]]:
    """Make things of all kinds of keys, and return who made them, and the keys."""
    writer, made = spec.writer_client(cafe), []
    for key in spec.sample_keys:
        cafe.clock.advance(seconds=1)
        made.append(spec.key_of(spec.create(writer, key)))
    return writer, made


def onward(answer: TestResponse) -> str | None:
    """Return the URL of the next page; the header and the body have to say the same."""
    links = [parse_options_header(link.strip()) for link in answer.headers["Link"].split(",")]
    found = [url.strip("<>") for url, how in links if how["rel"] == "next"]
    assert found == [url for url in [answer.json.get("next")] if url]
    return found[0] if found else None


def walk(who: Client, path: str) -> list[TestResponse]:
    """Return all pages from a URL on."""
    pages = [who.get(path)]
    while following := onward(pages[-1]):
        pages.append(who.get(following))
    return pages


def keys(spec: ResourceSpec, pages: list[TestResponse]) -> list[str]:
    """Return the keys of the things on some pages."""
    return [key for page in pages for key in spec.keys_of(page.json["items"])]


@every_resource
def test_pages_of_any_size_have_everything_once_and_the_last_has_no_next(cafe: TestApp, spec: ResourceSpec) -> None:
    writer, made = fill(cafe, spec)
    reader = spec.reader_client(cafe)
    size = len([*made, *spec.existing_keys])
    for order in spec.sort_queries:
        whole = keys(spec, [writer.get(f"{spec.path}?limit=100&{order}")])
        assert sorted(whole) == sorted(made)
        for who, limits in ((writer, (1, 3, size - 1, size)), (reader, (2, 5, size + 1, 100))):
            for limit in limits:
                pages = walk(who, f"{spec.path}?limit={limit}&{order}")
                assert keys(spec, pages) == whole
                full, rest = divmod(size, limit)
                assert [len(page.json["items"]) for page in pages] == [limit] * full + [rest] * (rest > 0)


@every_resource
def test_twenty_is_the_size_of_a_page_if_nobody_says_another(cafe: TestApp, spec: ResourceSpec) -> None:
    writer = spec.writer_client(cafe)
    for number in range(21 - len(spec.existing_keys)):
        spec.create(writer, f"tom {number}")
    assert [len(page.json["items"]) for page in walk(spec.reader_client(cafe), spec.path)] == [20, 1]


@every_resource
def test_an_empty_list_is_a_list(cafe: TestApp, spec: ResourceSpec) -> None:
    answer = spec.reader_client(cafe).get(spec.path)
    assert (answer.status_code, answer.json.keys(), onward(answer)) == (200, {"items"}, None)
    assert [thing[spec.key_field] for thing in answer.json["items"]] == [*spec.existing_keys]


@every_resource
def test_what_stays_comes_once_while_others_come_and_go(cafe: TestApp, spec: ResourceSpec) -> None:
    writer, _ = fill(cafe, spec)
    reader = spec.reader_client(cafe)
    for order in spec.sort_queries:
        stay = set(keys(spec, walk(reader, spec.path)))
        pages = [reader.get(f"{spec.path}?limit=2&{order}")]
        for new in ("Aa", "tom 1", "zz", "Aaa", "たたま"):
            following = onward(pages[-1])
            assert following
            cafe.clock.advance(seconds=1)
            spec.create(writer, f"{new} {spec.sort_queries.index(order)}")
            # What stands on the page just read goes: the position after it must hold without it.
            gone = keys(spec, pages[-1:])[-1]
            assert writer.delete(spec.url(gone)).status_code == 204
            stay -= {gone}
            pages.append(reader.get(following))
        seen = keys(spec, [*pages, *(walk(reader, nxt) if (nxt := onward(pages[-1])) else [])])
        assert len(seen) == len(set(seen))
        assert stay <= set(seen)


@every_resource
def test_limit_and_fields_may_change_from_page_to_page(cafe: TestApp, spec: ResourceSpec) -> None:
    writer, _ = fill(cafe, spec)
    first = writer.get(f"{spec.path}?limit=2")
    cursor = parse_qs(urlsplit(onward(first) or "").query)["cursor"][0]
    rest = walk(writer, f"{spec.path}?limit=4&fields={spec.key_field}&cursor={cursor}")
    assert keys(spec, [first, *rest]) == keys(spec, [writer.get(spec.path)])
    assert all(thing.keys() == {spec.key_field} for page in rest for thing in page.json["items"])


@every_resource
def test_a_cursor_of_which_any_character_is_changed_is_400(cafe: TestApp, spec: ResourceSpec) -> None:
    fill(cafe, spec)
    reader = spec.reader_client(cafe)
    path = onward(reader.get(f"{spec.path}?limit=2")) or ""
    start, _, cursor = path.rpartition("=")
    others = [cursor[:i] + ("B" if c == "A" else "A") + cursor[i + 1 :] for i, c in enumerate(cursor)]
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    others += [cursor[:-1] + c for c in alphabet if c != cursor[-1]]
    others += [cursor[:-1], cursor[1:], cursor + "A", cursor + "%3D", cursor + "%0A", "!" + cursor]
    assert reader.get(path).status_code == 200
    for other in [*others, "", "x", "%C3%AB", "%FF"]:
        told = problem(reader.get(f"{start}={other}"), 400)
        assert (told["type"], told["errors"][0]["parameter"]) == ("/problems/bad-query", "cursor")


@every_resource
def test_a_cursor_of_another_list_is_400(cafe: TestApp, spec: ResourceSpec) -> None:
    fill(cafe, spec)
    reader = spec.reader_client(cafe)
    cursor = (onward(reader.get(f"{spec.path}?limit=2")) or "").rpartition("=")[2]
    narrow = f"{spec.filter_name}={spec.filter_values[0]}"
    assert reader.get(f"{spec.path}?cursor={cursor}").status_code == 200
    for other in (narrow, *spec.sort_queries[1:], *(f"{order}&{narrow}" for order in spec.sort_queries[1:])):
        told = problem(reader.get(f"{spec.path}?{other}&cursor={cursor}"), 400)
        assert [fault["parameter"] for fault in told["errors"]] == ["cursor"]


@every_resource
def test_a_cursor_of_another_noun_or_another_house_is_400(cafe: TestApp, spec: ResourceSpec) -> None:
    fill(cafe, spec)
    path = onward(spec.reader_client(cafe).get(f"{spec.path}?limit=2")) or ""
    foreign = PIES if spec is CATS else CATS
    problem(cafe.public.get(path.replace(spec.path, foreign.path)), 400)
    problem(spec.reader_client(TestApp(cafe.table, cursor_key="another key, of 32 characters...")).get(path), 400)
