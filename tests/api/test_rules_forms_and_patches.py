"""Bodies that are no plain JSON, for every noun: forms, and merge patches (RFC 7396)."""

from __future__ import annotations

from typing import Any

from tests.api.looking import etag, unchanged
from tests.api.noun import Noun
from tests.api.nouns import chosen_keys, every_noun
from tests.cafe import Cafe, pointers, problem

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@every_noun
def test_a_flat_form_says_what_json_would(cafe: Cafe, noun: Noun) -> None:
    writer = noun.who_writes(cafe)
    new = writer.send("POST", noun.path, FORM, data=noun.spoken("Zoë"))
    path = noun.make(writer, "tom")
    put = writer.send("PUT", path, FORM, data=noun.form)
    assert (new.status_code, put.status_code) == (201, 200)
    assert new.headers["Location"] == noun.at("Zoë" if noun.chosen else new.json[noun.member])
    for answer in (new, put):
        assert answer.json | noun.formed == answer.json


@every_noun
def test_an_empty_form_says_what_an_empty_object_would(cafe: Cafe, noun: Noun) -> None:
    writer = noun.who_writes(cafe)
    path = noun.make(writer, body={**noun.body, **noun.other})
    form, json = writer.send("PUT", path, FORM, data=""), writer.put(path, {})
    assert form.status_code == json.status_code == (422 if noun.required else 200)
    same = noun.defaults if not noun.required else {"errors": json.json["errors"]}
    assert form.json | same == form.json


@every_noun
def test_a_broken_form_is_400(cafe: Cafe, noun: Noun) -> None:
    writer = noun.who_writes(cafe)
    path = noun.make(writer)
    with unchanged(cafe):
        for raw in ("a=%ff", "a=1&a=2", "a&a", "&".join(f"a{i}=1" for i in range(101)), b"a=\xff"):
            refused = problem(writer.send("PUT", path, FORM, data=raw), 400)
            assert refused["type"] == "/problems/malformed"


@every_noun
def test_a_form_with_faults_tells_them_all(cafe: Cafe, noun: Noun) -> None:
    writer = noun.who_writes(cafe)
    path = noun.make(writer)
    raw = f"{noun.form}&{noun.member}=tom&wings=2&{noun.servers[0]}=x"
    with unchanged(cafe):
        refused = writer.send("PUT", path, FORM, data=raw)
    assert pointers(refused) == sorted([f"/{noun.member}", "/wings", f"/{noun.servers[0]}"])


@every_noun
def test_a_patch_changes_what_it_names_and_nothing_else(cafe: Cafe, noun: Noun) -> None:
    writer = noun.who_writes(cafe)
    path = noun.make(writer)
    before = writer.get(path)
    cafe.clock.pass_by(seconds=1)
    after = writer.patch(path, noun.other, if_match=etag(before)).json
    changed = {name for name in after if after[name] != before.json[name]}
    assert after | noun.other == after
    assert {*noun.other, "version", "updated"} <= changed <= {*noun.other, *noun.servers} - {"created"}


@every_noun
def test_null_gives_a_member_its_default(cafe: Cafe, noun: Noun) -> None:
    writer = noun.who_writes(cafe)
    path = noun.make(writer, body={**noun.body, **noun.other})
    key = writer.get(path).json[noun.member]
    nulls: dict[str, Any] = dict.fromkeys([*noun.defaults, noun.member])
    answer = writer.patch(path, nulls, if_match="*")
    assert answer.status_code == 200
    assert answer.json | noun.defaults | {noun.member: key} == answer.json


@chosen_keys
def test_a_patch_can_create_with_nulls_too(cafe: Cafe, noun: Noun) -> None:
    nulls: dict[str, Any] = dict.fromkeys([*noun.defaults, noun.member])
    answer = noun.who_writes(cafe).patch(noun.at("luna"), nulls, if_none_match="*")
    assert answer.status_code == 201
    assert answer.json | noun.defaults | {noun.member: "luna"} == answer.json


@every_noun
def test_an_empty_patch_is_a_new_version_of_the_same(cafe: Cafe, noun: Noun) -> None:
    writer = noun.who_writes(cafe)
    path = noun.make(writer)
    before = writer.get(path).json
    after = writer.patch(path, {}, if_match="*").json
    assert after == before | {"version": 2, "updated": after["updated"]}


@every_noun
def test_a_null_for_what_is_required_or_is_no_member_is_a_fault(cafe: Cafe, noun: Noun) -> None:
    writer = noun.who_writes(cafe)
    path = noun.make(writer)
    wrong = ["wings", noun.servers[0], *noun.required]
    with unchanged(cafe):
        refused = writer.patch(path, dict.fromkeys(wrong), if_match="*")
    assert pointers(refused) == sorted(f"/{name}" for name in wrong)
