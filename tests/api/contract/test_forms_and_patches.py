"""Bodies that are no plain JSON, for every spec: forms, and merge patches (RFC 7396)."""

from __future__ import annotations

from typing import Any

from tests.support.app import TestApp, pointers, problem
from tests.support.inspection import etag, writes_nothing
from tests.support.resource_spec import ResourceSpec
from tests.support.resource_specs import every_resource, with_client_keys

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@every_resource
def test_a_flat_form_says_what_json_would(cafe: TestApp, spec: ResourceSpec) -> None:
    writer = spec.writer_client(cafe)
    new = writer.send("POST", spec.path, FORM, data=spec.post_form("Zoë"))
    path = spec.create(writer, "tom")
    put = writer.send("PUT", path, FORM, data=spec.form)
    assert (new.status_code, put.status_code) == (201, 200)
    assert new.headers["Location"] == spec.url("Zoë" if spec.client_keys else new.json[spec.key_field])
    for answer in (new, put):
        assert answer.json | spec.form_values == answer.json


@every_resource
def test_an_empty_form_says_what_an_empty_object_would(cafe: TestApp, spec: ResourceSpec) -> None:
    writer = spec.writer_client(cafe)
    path = spec.create(writer, body={**spec.body, **spec.other})
    form, json = writer.send("PUT", path, FORM, data=""), writer.put(path, {})
    assert form.status_code == json.status_code == (422 if spec.required else 200)
    same = spec.defaults if not spec.required else {"errors": json.json["errors"]}
    assert form.json | same == form.json


@every_resource
def test_a_broken_form_is_400(cafe: TestApp, spec: ResourceSpec) -> None:
    writer = spec.writer_client(cafe)
    path = spec.create(writer)
    with writes_nothing(cafe):
        for raw in ("a=%ff", "a=1&a=2", "a&a", "&".join(f"a{i}=1" for i in range(101)), b"a=\xff"):
            refused = problem(writer.send("PUT", path, FORM, data=raw), 400)
            assert refused["type"] == "/problems/malformed"


@every_resource
def test_a_form_with_faults_tells_them_all(cafe: TestApp, spec: ResourceSpec) -> None:
    writer = spec.writer_client(cafe)
    path = spec.create(writer)
    raw = f"{spec.form}&{spec.key_field}=tom&wings=2&{spec.read_only[0]}=x"
    with writes_nothing(cafe):
        refused = writer.send("PUT", path, FORM, data=raw)
    assert pointers(refused) == sorted([f"/{spec.key_field}", "/wings", f"/{spec.read_only[0]}"])


@every_resource
def test_a_patch_changes_what_it_names_and_nothing_else(cafe: TestApp, spec: ResourceSpec) -> None:
    writer = spec.writer_client(cafe)
    path = spec.create(writer)
    before = writer.get(path)
    cafe.clock.advance(seconds=1)
    after = writer.patch(path, spec.other, if_match=etag(before)).json
    changed = {name for name in after if after[name] != before.json[name]}
    assert after | spec.other == after
    assert {*spec.other, "version", "updated"} <= changed <= {*spec.other, *spec.read_only} - {"created"}


@every_resource
def test_null_gives_a_member_its_default(cafe: TestApp, spec: ResourceSpec) -> None:
    writer = spec.writer_client(cafe)
    path = spec.create(writer, body={**spec.body, **spec.other})
    key = writer.get(path).json[spec.key_field]
    nulls: dict[str, Any] = dict.fromkeys([*spec.defaults, spec.key_field])
    answer = writer.patch(path, nulls, if_match="*")
    assert answer.status_code == 200
    assert answer.json | spec.defaults | {spec.key_field: key} == answer.json


@with_client_keys
def test_a_patch_can_create_with_nulls_too(cafe: TestApp, spec: ResourceSpec) -> None:
    nulls: dict[str, Any] = dict.fromkeys([*spec.defaults, spec.key_field])
    answer = spec.writer_client(cafe).patch(spec.url("luna"), nulls, if_none_match="*")
    assert answer.status_code == 201
    assert answer.json | spec.defaults | {spec.key_field: "luna"} == answer.json


@every_resource
def test_an_empty_patch_is_a_new_version_of_the_same(cafe: TestApp, spec: ResourceSpec) -> None:
    writer = spec.writer_client(cafe)
    path = spec.create(writer)
    before = writer.get(path).json
    after = writer.patch(path, {}, if_match="*").json
    assert after == before | {"version": 2, "updated": after["updated"]}


@every_resource
def test_a_null_for_what_is_required_or_is_no_member_is_a_fault(cafe: TestApp, spec: ResourceSpec) -> None:
    writer = spec.writer_client(cafe)
    path = spec.create(writer)
    wrong = ["wings", spec.read_only[0], *spec.required]
    with writes_nothing(cafe):
        refused = writer.patch(path, dict.fromkeys(wrong), if_match="*")
    assert pointers(refused) == sorted(f"/{name}" for name in wrong)
