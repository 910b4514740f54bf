"""Bodies that are no plain JSON, for every noun: forms, and merge patches (RFC 7396)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.looking import etag, unchanged
from tests.api.nouns import Noun, every_noun
from tests.cafe import Cafe, pointers, problem

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@every_noun
def test_a_flat_form_says_what_json_would(cafe: Cafe, noun: Noun) -> None:
    writer = noun.who_writes(cafe)
    new = writer.send("POST", noun.path, FORM, data=f"{noun.member}=Zo%C3%AB&{noun.form}")
    put = writer.send("PUT", noun.at("tom"), FORM, data=noun.form)
    assert (new.status_code, new.headers["Location"], put.status_code) == (201, noun.at("Zoë"), 201)
    for answer in (new, put):
        assert answer.json | noun.formed == answer.json
    assert writer.send("PUT", noun.at("tom"), FORM, data="").status_code == 200


@every_noun
@pytest.mark.parametrize("raw", ["a=%ff", "a=1&a=2", "a&a", "&".join(f"a{i}=1" for i in range(101)), b"a=\xff"])
def test_a_broken_form_is_400(cafe: Cafe, noun: Noun, raw: str | bytes) -> None:
    writer = noun.who_writes(cafe)
    with unchanged(cafe):
        refused = problem(writer.send("PUT", noun.at("luna"), FORM, data=raw), 400)
    assert refused["type"] == "/problems/malformed"


@every_noun
def test_a_form_with_faults_tells_them_all(cafe: Cafe, noun: Noun) -> None:
    writer = noun.who_writes(cafe)
    raw = f"{noun.member}=tom&wings=2&{noun.servers[0]}=x"
    with unchanged(cafe):
        refused = writer.send("PUT", noun.at("luna"), FORM, data=raw)
    assert pointers(refused) == sorted([f"/{noun.member}", "/wings", f"/{noun.servers[0]}"])


@every_noun
def test_a_patch_changes_what_it_names_and_nothing_else(cafe: Cafe, noun: Noun) -> None:
    writer = noun.who_writes(cafe)
    before = writer.put(noun.at("luna"), noun.body)
    cafe.clock.pass_by(seconds=1)
    after = writer.patch(noun.at("luna"), noun.other, if_match=etag(before)).json
    changed = {name for name in after if after[name] != before.json[name]}
    assert after | noun.other == after
    assert changed <= {*noun.other, "version", "updated", "blockers"}


@every_noun
def test_null_gives_a_member_its_default(cafe: Cafe, noun: Noun) -> None:
    writer = noun.who_writes(cafe)
    writer.put(noun.at("luna"), noun.other)
    nulls: dict[str, Any] = dict.fromkeys(noun.defaults)
    answer = writer.patch(noun.at("luna"), {**nulls, noun.member: None}, if_match="*")
    assert answer.status_code == 200
    assert answer.json | noun.defaults | {noun.member: "luna"} == answer.json


@every_noun
def test_a_patch_can_create_with_nulls_too(cafe: Cafe, noun: Noun) -> None:
    writer = noun.who_writes(cafe)
    nulls: dict[str, Any] = dict.fromkeys(noun.defaults)
    answer = writer.patch(noun.at("luna"), {**nulls, noun.member: None}, if_none_match="*")
    assert answer.status_code == 201
    assert answer.json | noun.defaults | {noun.member: "luna"} == answer.json


@every_noun
def test_an_empty_patch_is_a_new_version_of_the_same(cafe: Cafe, noun: Noun) -> None:
    writer = noun.who_writes(cafe)
    before = writer.put(noun.at("luna"), noun.body).json
    after = writer.patch(noun.at("luna"), {}, if_match="*").json
    assert after == before | {"version": 2, "updated": after["updated"]}


@every_noun
def test_a_null_for_a_member_that_there_is_not_is_a_fault(cafe: Cafe, noun: Noun) -> None:
    writer = noun.who_writes(cafe)
    writer.put(noun.at("luna"), noun.body)
    with unchanged(cafe):
        refused = writer.patch(noun.at("luna"), {"wings": None, noun.servers[0]: None}, if_match="*")
    assert pointers(refused) == sorted(["/wings", f"/{noun.servers[0]}"])
