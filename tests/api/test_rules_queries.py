"""Query arguments, for every noun: strict, and every fault is told with what the argument takes."""

from __future__ import annotations

import pytest

from tests.api.looking import unchanged
from tests.api.nouns import Noun, every_noun
from tests.cafe import PATCH, Cafe, Caller, problem


def refused(who: Caller, path: str) -> dict[str, str]:
    """Return what a 400 says of each query argument."""
    told = problem(who.get(path), 400)
    assert told["type"] == "/problems/bad-query"
    assert told["detail"] == " ".join(fault["detail"] for fault in told["errors"])
    return {fault["parameter"]: fault["detail"] for fault in told["errors"]}


@every_noun
@pytest.mark.parametrize(
    "value", ["0", "101", "-1", "+5", "1.0", "1e1", "٣", "", "%205", "x", "9" * 400, "null", "5,6"]
)
def test_a_limit_is_an_integer_from_1_to_100(cafe: Cafe, noun: Noun, value: str) -> None:
    told = refused(cafe.public, f"{noun.path}?limit={value}")
    assert told == {"limit": "limit: How many things a page has at the most. An integer from 1 to 100."}


@every_noun
@pytest.mark.parametrize("value", ["1", "100", "007"])
def test_a_limit_within_bounds_is_taken(cafe: Cafe, noun: Noun, value: str) -> None:
    assert cafe.public.get(f"{noun.path}?limit={value}").status_code == 200


@every_noun
@pytest.mark.parametrize("query", ["wings=2", "Limit=3", "limit[]=3", "%00=x", "=x", "fields%20=x"])
def test_an_unknown_argument_is_refused_with_those_that_there_are(cafe: Cafe, noun: Noun, query: str) -> None:
    (told,) = refused(cafe.public, f"{noun.path}?{query}").values()
    assert "There is no such argument. This takes" in told
    assert all(name in told for name in ("cursor", "fields", "limit", noun.argument))


@every_noun
def test_an_argument_that_comes_twice_is_refused(cafe: Cafe, noun: Noun) -> None:
    told = refused(cafe.public, f"{noun.path}?limit=3&limit=3")
    assert list(told) == ["limit"]
    assert told["limit"].startswith("limit: This came more than once. How many")


@every_noun
def test_all_arguments_that_are_wrong_are_told_at_once(cafe: Cafe, noun: Noun) -> None:
    told = refused(cafe.public, f"{noun.path}?limit=0&{noun.argument}=wings&fields=wings&wings=2&sort=a&sort=b")
    assert told.keys() == {"limit", noun.argument, "fields", "wings", "sort"}
    assert noun.values[0] in told[noun.argument]


@every_noun
@pytest.mark.parametrize("fields", ["", ",", "wings", "{member},wings", "{member}%2C%20version"])
def test_only_members_that_there_are_can_be_chosen(cafe: Cafe, noun: Noun, fields: str) -> None:
    for path in (noun.path, noun.at("luna")):
        told = refused(cafe.public, f"{path}?fields={fields.format(member=noun.member)}")
        assert noun.member in told["fields"]


@every_noun
def test_chosen_members_come_in_the_order_chosen_and_no_others(cafe: Cafe, noun: Noun) -> None:
    noun.who_writes(cafe).put(noun.at("luna"), noun.body)
    chosen = ["version", noun.member]
    query = f"?fields={','.join([*chosen, noun.member])}"
    assert list(cafe.public.get(noun.at("luna") + query).json) == chosen
    assert [list(thing) for thing in cafe.public.get(noun.path + query).json["items"]] == [chosen]


@every_noun
def test_a_filter_tells_things_apart(cafe: Cafe, noun: Noun) -> None:
    writer = noun.who_writes(cafe)
    writer.put(noun.at("luna"), noun.body)
    writer.put(noun.at("tom"), noun.other)
    for value, key in zip(noun.values, ("luna", "tom"), strict=True):
        found = cafe.public.get(f"{noun.path}?{noun.argument}={value}").json["items"]
        assert [thing[noun.member] for thing in found] == [key]


@every_noun
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_a_write_takes_no_arguments(cafe: Cafe, noun: Noun, method: str) -> None:
    writer = noun.who_writes(cafe)
    writer.put(noun.at("luna"), noun.body)
    path = noun.path if method == "POST" else noun.at("luna")
    with unchanged(cafe):
        answer = writer.send(method, f"{path}?dry=true", PATCH if method == "PATCH" else {}, json=noun.named("luna"))
    assert problem(answer, 400)["errors"] == [
        {"detail": "dry: There is no such argument. This takes none.", "parameter": "dry"}
    ]
