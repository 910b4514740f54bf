"""The keys of things: those that clients choose have one spelling and are taken once; others lead nowhere else."""

from __future__ import annotations

from urllib.parse import quote

from tests.api.looking import etag, unchanged
from tests.api.noun import Noun
from tests.api.nouns import chosen_keys, given_keys, with_aliases
from tests.api.test_rules_methods import headers
from tests.cafe import PATCH, Cafe, pointers, problem


@chosen_keys
def test_post_needs_the_key_and_put_needs_it_to_be_that_of_the_url(cafe: Cafe, noun: Noun) -> None:
    writer, at = noun.who_writes(cafe), f"/{noun.member}"
    with unchanged(cafe):
        for body in (noun.body | noun.posted, *(noun.named(key) for key in ("", "x" * 65, "a/b", "-")),
                     noun.named("") | {noun.member: 3}):  # fmt: skip
            assert pointers(writer.post(noun.path, body)) == [at]
        for key in ("tom", "", "LUNA" if noun.spelt is str else "LUNAX"):
            assert pointers(writer.put(noun.at("luna"), noun.named(key))) == [at]
        for key in ("a\tb", "-.-", "x" * 65, "a,b"):
            assert pointers(writer.put(noun.at(key), noun.body)) == [at]
    assert writer.put(noun.at("Zoë"), noun.named(" Zoë ")).status_code == 201


@chosen_keys
def test_post_under_a_taken_key_is_409_and_changes_nothing(cafe: Cafe, noun: Noun) -> None:
    writer = noun.who_writes(cafe)
    noun.make(writer, "Zoë")
    with unchanged(cafe):
        for key in ("  Zoë ", "Zoe\u0308"):
            taken = writer.post(noun.path, noun.named(key, **noun.other))
            assert problem(taken, 409)["type"] == "/problems/conflict"


@chosen_keys
def test_however_a_key_is_written_it_is_the_same_key(cafe: Cafe, noun: Noun) -> None:
    writer = noun.who_writes(cafe)
    there = writer.get(noun.make(writer, "Zoë"))
    spellings = ["Zoë", "Zoe\u0308", " Zoë "]
    for key in spellings if noun.spelt is str else [*spellings, "ZOË", "zOE\u0308"]:
        assert writer.get(f"{noun.path}/{quote(key)}").data == there.data
    assert writer.get(f"{noun.path}/ZO%C3%8B").status_code == (404 if noun.spelt is str else 200)


@with_aliases
def test_another_path_leads_to_the_same_thing(cafe: Cafe, noun: Noun) -> None:
    writer = noun.who_writes(cafe)
    path = noun.make(writer)
    alias = noun.aliases + path.removeprefix(noun.path)
    there, same = (noun.who_reads(cafe).get(one) for one in (path, alias))
    assert (same.data, headers(same)) == (there.data, headers(there))
    assert writer.put(alias, noun.other, if_match=etag(writer.get(path))).json == writer.get(path).json
    assert writer.delete(alias).status_code == 204
    assert writer.get(path).status_code == 404


@given_keys
def test_a_key_that_nobody_was_given_leads_to_nothing(cafe: Cafe, noun: Noun) -> None:
    writer = noun.who_writes(cafe)
    path = noun.make(writer)
    strange = (
        noun.absent,
        "0",
        "01",
        "-1",
        "1.0",
        "٣",
        "9" * 13,
        "x" * 65,
        "Zoë",
        "a b",
        "%",
        "luna",
        " ",
        "\n",
        "..a",
    )
    with unchanged(cafe):
        for key in strange:
            for method in ("GET", "PUT", "PATCH", "DELETE"):
                headers = (PATCH if method == "PATCH" else {}) | {"If-Match": "*"}
                problem(writer.send(method, f"{noun.path}/{quote(key, safe='')}", headers, json=noun.body), 404)
    assert writer.get(path).status_code == 200
