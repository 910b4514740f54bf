"""Lists in pages, for every noun: nothing twice, nothing skipped, and a cursor that cannot be changed."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from werkzeug.http import parse_options_header
from werkzeug.test import TestResponse

from tests.api.noun import Noun
from tests.api.nouns import CATS, PIES, every_noun
from tests.cafe import Cafe, Caller, problem


def fill(cafe: Cafe, noun: Noun) -> tuple[Caller, list[str]]:
    """Make things of all kinds of keys, and return who made them, and the keys."""
    writer, made = noun.who_writes(cafe), []
    for key in noun.keys:
        cafe.clock.pass_by(seconds=1)
        made.append(noun.key(noun.make(writer, key)))
    return writer, made


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
    return [key for page in pages for key in noun.told(page.json["items"])]


@every_noun
def test_pages_of_any_size_have_everything_once_and_the_last_has_no_next(cafe: Cafe, noun: Noun) -> None:
    writer, made = fill(cafe, noun)
    reader = noun.who_reads(cafe)
    size = len([*made, *noun.before])
    for order in noun.orders:
        whole = keys(noun, [writer.get(f"{noun.path}?limit=100&{order}")])
        assert sorted(whole) == sorted(made)
        for who, limits in ((writer, (1, 3, size - 1, size)), (reader, (2, 5, size + 1, 100))):
            for limit in limits:
                pages = walk(who, f"{noun.path}?limit={limit}&{order}")
                assert keys(noun, pages) == whole
                full, rest = divmod(size, limit)
                assert [len(page.json["items"]) for page in pages] == [limit] * full + [rest] * (rest > 0)


@every_noun
def test_twenty_is_the_size_of_a_page_if_nobody_says_another(cafe: Cafe, noun: Noun) -> None:
    writer = noun.who_writes(cafe)
    for number in range(21 - len(noun.before)):
        noun.make(writer, f"tom {number}")
    assert [len(page.json["items"]) for page in walk(noun.who_reads(cafe), noun.path)] == [20, 1]


@every_noun
def test_an_empty_list_is_a_list(cafe: Cafe, noun: Noun) -> None:
    answer = noun.who_reads(cafe).get(noun.path)
    assert (answer.status_code, answer.json.keys(), onward(answer)) == (200, {"items"}, None)
    assert [thing[noun.member] for thing in answer.json["items"]] == [*noun.before]


@every_noun
def test_what_stays_comes_once_while_others_come_and_go(cafe: Cafe, noun: Noun) -> None:
    writer, _ = fill(cafe, noun)
    reader = noun.who_reads(cafe)
    for order in noun.orders:
        stay = set(keys(noun, walk(reader, noun.path)))
        pages = [reader.get(f"{noun.path}?limit=2&{order}")]
        for new in ("Aa", "tom 1", "zz", "Aaa", "たたま"):
            following = onward(pages[-1])
            assert following
            cafe.clock.pass_by(seconds=1)
            noun.make(writer, f"{new} {noun.orders.index(order)}")
            # What stands on the page just read goes: the position after it must hold without it.
            gone = keys(noun, pages[-1:])[-1]
            assert writer.delete(noun.at(gone)).status_code == 204
            stay -= {gone}
            pages.append(reader.get(following))
        seen = keys(noun, [*pages, *(walk(reader, nxt) if (nxt := onward(pages[-1])) else [])])
        assert len(seen) == len(set(seen))
        assert stay <= set(seen)


@every_noun
def test_limit_and_fields_may_change_from_page_to_page(cafe: Cafe, noun: Noun) -> None:
    writer, _ = fill(cafe, noun)
    first = writer.get(f"{noun.path}?limit=2")
    cursor = parse_qs(urlsplit(onward(first) or "").query)["cursor"][0]
    rest = walk(writer, f"{noun.path}?limit=4&fields={noun.member}&cursor={cursor}")
    assert keys(noun, [first, *rest]) == keys(noun, [writer.get(noun.path)])
    assert all(thing.keys() == {noun.member} for page in rest for thing in page.json["items"])


@every_noun
def test_a_cursor_of_which_any_character_is_changed_is_400(cafe: Cafe, noun: Noun) -> None:
    fill(cafe, noun)
    reader = noun.who_reads(cafe)
    path = onward(reader.get(f"{noun.path}?limit=2")) or ""
    start, _, cursor = path.rpartition("=")
    others = [cursor[:i] + ("B" if c == "A" else "A") + cursor[i + 1 :] for i, c in enumerate(cursor)]
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    others += [cursor[:-1] + c for c in alphabet if c != cursor[-1]]
    others += [cursor[:-1], cursor[1:], cursor + "A", cursor + "%3D", cursor + "%0A", "!" + cursor]
    assert reader.get(path).status_code == 200
    for other in [*others, "", "x", "%C3%AB", "%FF"]:
        told = problem(reader.get(f"{start}={other}"), 400)
        assert (told["type"], told["errors"][0]["parameter"]) == ("/problems/bad-query", "cursor")


@every_noun
def test_a_cursor_of_another_list_is_400(cafe: Cafe, noun: Noun) -> None:
    fill(cafe, noun)
    reader = noun.who_reads(cafe)
    cursor = (onward(reader.get(f"{noun.path}?limit=2")) or "").rpartition("=")[2]
    narrow = f"{noun.argument}={noun.values[0]}"
    assert reader.get(f"{noun.path}?cursor={cursor}").status_code == 200
    for other in (narrow, *noun.orders[1:], *(f"{order}&{narrow}" for order in noun.orders[1:])):
        told = problem(reader.get(f"{noun.path}?{other}&cursor={cursor}"), 400)
        assert [fault["parameter"] for fault in told["errors"]] == ["cursor"]


@every_noun
def test_a_cursor_of_another_noun_or_another_house_is_400(cafe: Cafe, noun: Noun) -> None:
    fill(cafe, noun)
    path = onward(noun.who_reads(cafe).get(f"{noun.path}?limit=2")) or ""
    foreign = PIES if noun is CATS else CATS
    problem(cafe.public.get(path.replace(noun.path, foreign.path)), 400)
    problem(noun.who_reads(Cafe(cafe.table, cursor_key="another key, of 32 characters...")).get(path), 400)
