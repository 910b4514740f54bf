"""What the members of a body have to be, for every noun: every fault is told, with where it is and what is meant."""

from __future__ import annotations

import msgspec
import pytest

from tests.api.house import OURS
from tests.api.looking import unchanged
from tests.api.noun import Noun
from tests.api.nouns import every_noun, with_integers
from tests.api.strategies import WRONG
from tests.api.test_rules_bodies import METHODS, sending
from tests.cafe import Cafe, pointers


@every_noun
@pytest.mark.parametrize("method", METHODS)
def test_every_fault_is_told_at_once(cafe: Cafe, noun: Noun, method: str) -> None:
    send = sending(noun, noun.who_writes(cafe), method)
    body = {noun.member: "!" if method == "POST" else "tom", **noun.broken, **dict.fromkeys(noun.servers, "mine")}
    with unchanged(cafe):
        refused = send(json=body)
    of_the_server = [f"/{member}" for member in noun.servers]
    assert pointers(refused) == sorted([*noun.pointers, *of_the_server, f"/{noun.member}"])
    assert refused.json["type"] == "/problems/invalid"
    assert all(fault["detail"].endswith((".", "!")) for fault in refused.json["errors"])


@every_noun
@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_the_servers_own_members_cannot_be_sent_back(cafe: Cafe, noun: Noun, method: str) -> None:
    writer = noun.who_writes(cafe)
    send = sending(noun, writer, method)
    (there,) = (thing for thing in writer.get(noun.path).json["items"] if noun.told([thing]))
    with unchanged(cafe):
        assert pointers(send(json=there)) == sorted(f"/{member}" for member in noun.servers)
    mine = {name: value for name, value in there.items() if name not in noun.servers}
    after = send(json=mine).json
    assert after | mine == after


@with_integers
def test_what_looks_like_an_integer_is_none(cafe: Cafe, noun: Noun) -> None:
    writer = noun.who_writes(cafe)
    path, integer = noun.make(writer), noun.integer
    assert integer
    with unchanged(cafe):
        for value in (True, False, "1", 1.5, "", [1], {}, None, -1, 10**10, 10**30):
            assert pointers(writer.put(path, integer(value))) == [noun.integer_at], value
    assert writer.put(path, integer(1)).status_code == 200


@every_noun
@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_what_is_missing_or_blank_is_named_in_words(cafe: Cafe, noun: Noun, method: str) -> None:
    writer = noun.who_writes(cafe)
    send = sending(noun, writer, method)
    wanted = [*noun.required]
    if method == "POST":
        wanted += [*noun.posted, *([noun.member] if noun.chosen else [])]
    words = {f"/{name}": f"{name.capitalize()} cannot be blank!" for name in wanted}
    if not wanted:
        assert send(json={}).status_code == 200
        return
    blank = noun.member if noun.chosen else wanted[0]
    with unchanged(cafe):
        nothing, spaces = send(json={}), send(json={**noun.named("luna"), blank: " "})
    assert {fault["pointer"]: fault["detail"] for fault in nothing.json["errors"]} == words
    assert spaces.json["errors"] == [{"pointer": f"/{blank}", "detail": words[f"/{blank}"]}]


@every_noun
@pytest.mark.parametrize("method", METHODS)
def test_a_wrong_value_is_told_with_what_the_member_is_for(cafe: Cafe, noun: Noun, method: str) -> None:
    send = sending(noun, noun.who_writes(cafe), method)
    member, wrong, words = noun.helped
    with unchanged(cafe):
        refused = send(json={**(noun.named("tom") if method == "POST" else noun.body), member: wrong})
    assert pointers(refused) == [f"/{member}"]
    assert refused.json["errors"][0]["detail"].startswith(f"{member}: {words}. Expected ")


@every_noun
@pytest.mark.parametrize("method", METHODS)
def test_no_member_takes_what_no_member_can_be(cafe: Cafe, noun: Noun, method: str) -> None:
    send, ours = sending(noun, noun.who_writes(cafe), method), OURS[noun.path]
    good = noun.named("tom") if method == "POST" else noun.body
    fields = msgspec.structs.fields(ours.create_type if method == "POST" else ours.replace_type)
    with unchanged(cafe):
        for member in (field.encode_name for field in fields):
            for wrong in WRONG:
                found = pointers(send(json={**good, member: wrong}))
                assert {pointer.split("/")[1] for pointer in found} == {member}, wrong
