"""Bodies that are no plain JSON, for every spec: forms, and merge patches (RFC 7396)."""

from __future__ import annotations

from typing import Any

from tests.support.app import TestApp, pointers, problem
from tests.support.inspection import etag, unchanged
from tests.support.resource_spec import ResourceSpec
from tests.support.resource_specs import chosen_keys, every_resource

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@every_resource
def test_a_flat_form_says_what_json_would(cafe: TestApp, spec: ResourceSpec) -> None:
    writer = spec.who_writes(cafe)
    new = writer.send("POST", spec.path, FORM, data=spec.spoken("Zoë"))
    path = spec.make(writer, "tom")
    put = writer.send("PUT", path, FORM, data=spec.form)
    assert (new.status_code, put.status_code) == (201, 200)
    assert new.headers["Location"] == spec.at("Zoë" if spec.chosen else new.json[spec.member])
    for answer in (new, put):
        assert answer.json | spec.formed == answer.json


@every_resource
def test_an_empty_form_says_what_an_empty_object_would(cafe: TestApp, spec: ResourceSpec) -> None:
    writer = spec.who_writes(cafe)
    path = spec.make(writer, body={**spec.body, **spec.other})
    form, json = writer.send("PUT", path, FORM, data=""), writer.put(path, {})
    assert form.status_code == json.status_code == (422 if spec.required else 200)
    same = spec.defaults if not spec.required else {"errors": json.json["errors"]}
    assert form.json | same == form.json


@every_resource
def test_a_broken_form_is_400(cafe: TestApp, spec: ResourceSpec) -> None:
    writer = spec.who_writes(cafe)
    path = spec.make(writer)
    with unchanged(cafe):
        for raw in ("a=%ff", "a=1&a=2", "a&a", "&".join(f"a{i}=1" for i in range(101)), b"a=\xff"):
            refused = problem(writer.send("PUT", path, FORM, data=raw), 400)
            assert refused["type"] == "/problems/malformed"


@every_resource
def test_a_form_with_faults_tells_them_all(cafe: TestApp, spec: ResourceSpec) -> None:
    writer = spec.who_writes(cafe)
    path = spec.make(writer)
    raw = f"{spec.form}&{spec.member}=tom&wings=2&{spec.servers[0]}=x"
    with unchanged(cafe):
        refused = writer.send("PUT", path, FORM, data=raw)
    assert pointers(refused) == sorted([f"/{spec.member}", "/wings", f"/{spec.servers[0]}"])


@every_resource
def test_a_patch_changes_what_it_names_and_nothing_else(cafe: TestApp, spec: ResourceSpec) -> None:
    writer = spec.who_writes(cafe)
    path = spec.make(writer)
    before = writer.get(path)
    cafe.clock.pass_by(seconds=1)
    after = writer.patch(path, spec.other, if_match=etag(before)).json
    changed = {name for name in after if after[name] != before.json[name]}
    assert after | spec.other == after
    assert {*spec.other, "version", "updated"} <= changed <= {*spec.other, *spec.servers} - {"created"}


@every_resource
def test_null_gives_a_member_its_default(cafe: TestApp, spec: ResourceSpec) -> None:
    writer = spec.who_writes(cafe)
    path = spec.make(writer, body={**spec.body, **spec.other})
    key = writer.get(path).json[spec.member]
    nulls: dict[str, Any] = dict.fromkeys([*spec.defaults, spec.member])
    answer = writer.patch(path, nulls, if_match="*")
    assert answer.status_code == 200
    assert answer.json | spec.defaults | {spec.member: key} == answer.json


@chosen_keys
def test_a_patch_can_create_with_nulls_too(cafe: TestApp, spec: ResourceSpec) -> None:
    nulls: dict[str, Any] = dict.fromkeys([*spec.defaults, spec.member])
    answer = spec.who_writes(cafe).patch(spec.at("luna"), nulls, if_none_match="*")
    assert answer.status_code == 201
    assert answer.json | spec.defaults | {spec.member: "luna"} == answer.json


@every_resource
def test_an_empty_patch_is_a_new_version_of_the_same(cafe: TestApp, spec: ResourceSpec) -> None:
    writer = spec.who_writes(cafe)
    path = spec.make(writer)
    before = writer.get(path).json
    after = writer.patch(path, {}, if_match="*").json
    assert after == before | {"version": 2, "updated": after["updated"]}


@every_resource
def test_a_null_for_what_is_required_or_is_no_member_is_a_fault(cafe: TestApp, spec: ResourceSpec) -> None:
    writer = spec.who_writes(cafe)
    path = spec.make(writer)
    wrong = ["wings", spec.servers[0], *spec.required]
    with unchanged(cafe):
        refused = writer.patch(path, dict.fromkeys(wrong), if_match="*")
    assert pointers(refused) == sorted(f"/{name}" for name in wrong)
