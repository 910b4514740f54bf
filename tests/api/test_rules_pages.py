"""Lists in pages, for every noun: nothing twice, nothing skipped, and a cursor that cannot be changed."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from werkzeug.http import parse_options_header
from werkzeug.test import TestResponse

from tests.api.nouns import Noun, every_noun
from tests.cafe import Cafe, Caller, problem

KEYS = ["Ada", "ada", "bo", "Čapek", "Mr. O'Neill", "tom 10", "tom 2", "Zoë", "ζωή", "Мурка", "たま"]


def fill(cafe: Cafe, noun: Noun) -> Caller:
    """Make things of all kinds of keys, and return who made them."""
    writer = noun.who_writes(cafe)
    for key in KEYS:
        cafe.clock.pass_by(seconds=1)
        assert writer.put(noun.at(key), noun.body).status_code == 201
    return writer


def onward(answer: TestResponse) -> str | None:
    """Return the URL of the next page; the header and the body have to say the same."""
    links = [parse_options_header(link.strip()) for link in answer.headers["Link"].split(",")]
    found = [url.strip("<>") for url, how in links if how["rel"] == "next"]
    assert found == [url for url in [answer.json.get("next")] if url]
    return found[0] if found else None


def walk(who: Caller, path: str) -> list[TestResponse]:
    """Return all pages from a URL on."""
    pages = [who.get(path)]
    while following := onward(pages[-1]):
        pages.append(who.get(following))
    return pages


def keys(noun: Noun, pages: list[TestResponse]) -> list[str]:
    """Return the keys of the things on some pages."""
    return [thing[noun.member] for page in pages for thing in page.json["items"]]


@every_noun
@pytest.mark.parametrize("sort", ["", "&sort=name", "&sort=newest"])
def test_pages_of_any_size_have_everything_once_and_the_last_has_no_next(cafe: Cafe, noun: Noun, sort: str) -> None:
    writer = fill(cafe, noun)
    whole = keys(noun, [writer.get(f"{noun.path}?limit=100{sort}")])
    assert sorted(whole) == sorted(KEYS)
    for who, limits in ((writer, (1, 3, 10, 11)), (cafe.public, (2, 5, 12, 100))):
        for limit in limits:
            pages = walk(who, f"{noun.path}?limit={limit}{sort}")
            assert keys(noun, pages) == whole
            full, rest = divmod(len(KEYS), limit)
            assert [len(page.json["items"]) for page in pages] == [limit] * full + [rest] * (rest > 0)


@every_noun
def test_twenty_is_the_size_of_a_page_if_nobody_says_another(cafe: Cafe, noun: Noun) -> None:
    writer = noun.who_writes(cafe)
    for number in range(21):
        writer.put(noun.at(f"tom {number}"), noun.body)
    assert [len(page.json["items"]) for page in walk(cafe.public, noun.path)] == [20, 1]


@every_noun
def test_an_empty_list_is_a_list(cafe: Cafe, noun: Noun) -> None:
    answer = cafe.public.get(noun.path)
    assert (answer.status_code, answer.json, onward(answer)) == (200, {"items": []}, None)


@every_noun
@pytest.mark.parametrize("sort", ["name", "newest"])
def test_what_stays_comes_once_while_others_come_and_go(cafe: Cafe, noun: Noun, sort: str) -> None:
    writer = fill(cafe, noun)
    stay = set(KEYS)
    pages = [cafe.public.get(f"{noun.path}?limit=2&sort={sort}")]
    for new in ("Aa", "tom 1", "zz", "Aaa", "たたま"):
        following = onward(pages[-1])
        assert following
        cafe.clock.pass_by(seconds=1)
        writer.put(noun.at(new), noun.body)
        # What stands on the page just read goes: the position after it must hold without it.
        gone = keys(noun, pages[-1:])[-1]
        writer.delete(noun.at(gone))
        stay -= {gone}
        pages.append(cafe.public.get(following))
    seen = keys(noun, [*pages, *(walk(cafe.public, nxt) if (nxt := onward(pages[-1])) else [])])
    assert len(seen) == len(set(seen))
    assert stay <= set(seen)


@every_noun
def test_limit_and_fields_may_change_from_page_to_page(cafe: Cafe, noun: Noun) -> None:
    writer = fill(cafe, noun)
    first = writer.get(f"{noun.path}?limit=2")
    cursor = parse_qs(urlsplit(onward(first) or "").query)["cursor"][0]
    rest = walk(writer, f"{noun.path}?limit=4&fields={noun.member}&cursor={cursor}")
    assert keys(noun, [first, *rest]) == keys(noun, [writer.get(noun.path)])
    assert all(thing.keys() == {noun.member} for page in rest for thing in page.json["items"])


@every_noun
def test_a_cursor_of_which_any_character_is_changed_is_400(cafe: Cafe, noun: Noun) -> None:
    fill(cafe, noun)
    public = cafe.public
    path = onward(public.get(f"{noun.path}?limit=2")) or ""
    start, _, cursor = path.rpartition("=")
    others = [cursor[:i] + ("B" if c == "A" else "A") + cursor[i + 1 :] for i, c in enumerate(cursor)]
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    others += [cursor[:-1] + c for c in alphabet if c != cursor[-1]]
    others += [
        cursor[:-1],
        cursor[1:],
        cursor + "A",
        cursor + "%3D",
        cursor + "%0A",
        "!" + cursor,
        "",
        "x",
        "%C3%AB",
        "%FF",
    ]
    assert public.get(path).status_code == 200
    for other in others:
        told = problem(public.get(f"{start}={other}"), 400)
        assert (told["type"], told["errors"][0]["parameter"]) == ("/problems/bad-query", "cursor")


@every_noun
@pytest.mark.parametrize("other", ["sort=newest", "{argument}={value}", "sort=name&{argument}={value}"])
def test_a_cursor_of_another_list_is_400(cafe: Cafe, noun: Noun, other: str) -> None:
    fill(cafe, noun)
    cursor = (onward(cafe.public.get(f"{noun.path}?limit=2")) or "").rpartition("=")[2]
    query = other.format(argument=noun.argument, value=noun.values[0])
    told = problem(cafe.public.get(f"{noun.path}?{query}&cursor={cursor}"), 400)
    assert [fault["parameter"] for fault in told["errors"]] == ["cursor"]


@every_noun
def test_a_cursor_of_another_house_is_400(cafe: Cafe, noun: Noun) -> None:
    fill(cafe, noun)
    path = onward(cafe.public.get(f"{noun.path}?limit=2")) or ""
    problem(Cafe(cafe.table, cursor_key="another key, of 32 characters...").public.get(path), 400)
