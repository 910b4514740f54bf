"""Query arguments, for every noun: strict, and every fault is told with what the argument takes."""

from __future__ import annotations

from tests.api.looking import unchanged
from tests.api.noun import Noun
from tests.api.nouns import every_noun
from tests.cafe import PATCH, Cafe, Caller, problem


def refused(who: Caller, path: str) -> dict[str, str]:
    """Return what a 400 says of each query argument."""
    told = problem(who.get(path), 400)
    assert told["type"] == "/problems/bad-query"
    assert told["detail"] == " ".join(fault["detail"] for fault in told["errors"])
    return {fault["parameter"]: fault["detail"] for fault in told["errors"]}


LIMIT = "limit: How many entities a page has at the most. An integer from 1 to 100."


@every_noun
def test_a_limit_is_an_integer_from_1_to_100(cafe: Cafe, noun: Noun) -> None:
    reader = noun.who_reads(cafe)
    for value in ("0", "101", "-1", "+5", "1.0", "1e1", "٣", "", "%205", "x", "9" * 400, "null", "5,6"):
        assert refused(reader, f"{noun.path}?limit={value}") == {"limit": LIMIT}, value
    for value in ("1", "100", "007"):
        assert reader.get(f"{noun.path}?limit={value}").status_code == 200, value


@every_noun
def test_an_unknown_argument_is_refused_with_those_that_there_are(cafe: Cafe, noun: Noun) -> None:
    reader = noun.who_reads(cafe)
    for query in ("wings=2", "Limit=3", "limit[]=3", "%00=x", "=x", "fields%20=x"):
        (told,) = refused(reader, f"{noun.path}?{query}").values()
        assert "There is no such argument. This takes" in told
        assert all(name in told for name in ("cursor", "fields", "limit", noun.argument))


@every_noun
def test_an_argument_that_comes_twice_is_refused(cafe: Cafe, noun: Noun) -> None:
    told = refused(noun.who_reads(cafe), f"{noun.path}?limit=3&limit=3")
    assert list(told) == ["limit"]
    assert told["limit"].startswith("limit: This came more than once. How many")


@every_noun
def test_all_arguments_that_are_wrong_are_told_at_once(cafe: Cafe, noun: Noun) -> None:
    wrong = f"limit=0&{noun.argument}={noun.wrong}&fields=wings&wings=2&sort=a&sort=b"
    told = refused(noun.who_reads(cafe), f"{noun.path}?{wrong}")
    assert told.keys() == {"limit", noun.argument, "fields", "wings", "sort"}
    assert told[noun.argument].startswith(f"{noun.argument}: ")
    assert noun.takes in told[noun.argument]


@every_noun
def test_only_members_that_there_are_can_be_chosen(cafe: Cafe, noun: Noun) -> None:
    path = noun.make(noun.who_writes(cafe))
    reader = noun.who_reads(cafe)
    for there in (noun.path, path, noun.at(noun.absent)):
        for fields in ("", ",", "wings", f"{noun.member},wings", f"{noun.member}%2C%20version"):
            assert noun.member in refused(reader, f"{there}?fields={fields}")["fields"]


@every_noun
def test_chosen_members_come_in_the_order_chosen_and_no_others(cafe: Cafe, noun: Noun) -> None:
    path = noun.make(noun.who_writes(cafe))
    reader = noun.who_reads(cafe)
    chosen = ["version", noun.member]
    query = f"?fields={','.join([*chosen, noun.member])}"
    assert list(reader.get(path + query).json) == chosen
    things = reader.get(noun.path + query).json["items"]
    assert [list(thing) for thing in things] == [chosen] * (1 + len(noun.before))


@every_noun
def test_a_filter_tells_things_apart(cafe: Cafe, noun: Noun) -> None:
    writer = noun.who_writes(cafe)
    made = [noun.make(writer, "luna"), noun.make(writer, "tom", noun.other)]
    for value, path in zip(noun.values, made, strict=True):
        found = noun.who_reads(cafe).get(f"{noun.path}?{noun.argument}={value}").json["items"]
        assert [str(thing[noun.member]) for thing in found] == [noun.key(path)]


@every_noun
def test_a_write_takes_no_arguments(cafe: Cafe, noun: Noun) -> None:
    writer = noun.who_writes(cafe)
    path = noun.make(writer)
    with unchanged(cafe):
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            there, kind = noun.path if method == "POST" else path, PATCH if method == "PATCH" else {}
            answer = writer.send(method, f"{there}?dry=true", kind, json=noun.named("luna"))
            assert problem(answer, 400)["errors"] == [
                {"detail": "dry: There is no such argument. This takes none.", "parameter": "dry"}
            ]
