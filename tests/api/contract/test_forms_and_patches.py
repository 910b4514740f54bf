"""Form bodies and merge patches (RFC 7396) of every resource."""

from __future__ import annotations

from typing import Any

from tests.support.app import TestApp, pointers, problem
from tests.support.inspection import etag, writes_nothing
from tests.support.resource_spec import ResourceSpec
from tests.support.resource_specs import every_resource, with_client_keys

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@every_resource
def test_form_body_equals_json_body(cafe: TestApp, spec: ResourceSpec) -> None:
    writer = spec.writer_client(cafe)
    created = writer.send("POST", spec.path, FORM, data=spec.post_form("Zoë"))
    path = spec.create(writer, "tom")
    put = writer.send("PUT", path, FORM, data=spec.form)
    assert (created.status_code, put.status_code) == (201, 200)
    assert created.headers["Location"] == spec.url("Zoë" if spec.client_keys else created.json[spec.key_field])
    for response in (created, put):
        assert response.json | spec.form_values == response.json


def test_only_ampersands_around_a_form_are_ignored(cafe: TestApp) -> None:
    response = cafe.staff.send("PUT", "/cats/tom", FORM, data="&&description=~purrs~&")
    assert response.json["description"] == "~purrs~"


@every_resource
def test_empty_form_equals_empty_object(cafe: TestApp, spec: ResourceSpec) -> None:
    writer = spec.writer_client(cafe)
    path = spec.create(writer, body={**spec.body, **spec.other})
    form, json = writer.send("PUT", path, FORM, data=""), writer.put(path, {})
    assert form.status_code == json.status_code == (422 if spec.required else 200)
    expected = spec.defaults if not spec.required else {"errors": json.json["errors"]}
    assert form.json | expected == form.json


@every_resource
def test_empty_field_of_a_form_is_a_field_that_was_not_sent(cafe: TestApp, spec: ResourceSpec) -> None:
    """A browser also sends the fields that its user left empty."""
    writer = spec.writer_client(cafe)
    path = spec.create(writer, body={**spec.body, **spec.other})
    sent = {pair.partition("=")[0] for pair in spec.form.split("&")}
    empty = "&".join(f"{name}=" for name in [*spec.defaults, *spec.read_only, spec.key_field] if name not in sent)
    assert writer.send("PUT", path, FORM, data=spec.form).json == (
        writer.send("PUT", path, FORM, data=f"{spec.form}&{empty}").json
    )
    for name in spec.required:
        response = writer.send("PUT", path, FORM, data="&".join(f"{required}=" for required in spec.required))
        assert problem(response, 422)["errors"] == problem(writer.put(path, {}), 422)["errors"]
        assert f"/{name}" in pointers(response)
    twice = problem(writer.send("PUT", path, FORM, data=f"{spec.form}&wings=&wings=2"), 400)
    assert twice["detail"] == 'The field "wings" of the form comes twice. For a list of values, send JSON.'


def test_checkbox_of_a_form_is_on_or_is_not_sent(cafe: TestApp) -> None:
    for path, field, default in (("/cats/tom", "birthDateExact", False), ("/pies/apple", "available", True)):
        for value, expected in (("on", True), ("true", True), ("false", False), ("", default), (None, default)):
            response = cafe.staff.send("PUT", path, FORM, data="" if value is None else f"{field}={value}")
            assert response.json[field] is expected, (path, value)
        for value in ("On", "yes", "1", "off", "checked"):
            assert pointers(cafe.staff.send("PUT", path, FORM, data=f"{field}={value}")) == [f"/{field}"]
        assert pointers(cafe.staff.put(path, {field: "on"})) == [f"/{field}"]


def test_empty_credentials_are_required_errors_and_are_not_counted(cafe: TestApp) -> None:
    response = cafe.public.send("POST", "/sessions", FORM, data="username=lu&password=")
    assert pointers(response) == ["/password"]
    assert "RateLimit" not in response.headers


@every_resource
def test_malformed_form_is_400(cafe: TestApp, spec: ResourceSpec) -> None:
    writer = spec.writer_client(cafe)
    path = spec.create(writer)
    with writes_nothing(cafe):
        for raw in ("a=%ff", "a=1&a=2", "a&a", "&".join(f"a{i}=1" for i in range(101)), b"a=\xff"):
            body = problem(writer.send("PUT", path, FORM, data=raw), 400)
            assert body["type"] == "/problems/malformed"


@every_resource
def test_all_errors_of_a_form_are_reported(cafe: TestApp, spec: ResourceSpec) -> None:
    writer = spec.writer_client(cafe)
    path = spec.create(writer)
    raw = f"{spec.form}&{spec.key_field}=tom&wings=2&{spec.read_only[0]}=x"
    with writes_nothing(cafe):
        response = writer.send("PUT", path, FORM, data=raw)
    assert pointers(response) == sorted([f"/{spec.key_field}", "/wings", f"/{spec.read_only[0]}"])


@every_resource
def test_patch_changes_only_the_sent_fields(cafe: TestApp, spec: ResourceSpec) -> None:
    writer = spec.writer_client(cafe)
    path = spec.create(writer)
    before = writer.get(path)
    cafe.clock.advance(seconds=1)
    after = writer.patch(path, spec.other, if_match=etag(before)).json
    changed = {name for name in after if after[name] != before.json[name]}
    assert after | spec.other == after
    assert {*spec.other, "version", "updated"} <= changed <= {*spec.other, *spec.read_only} - {"created"}


@every_resource
def test_null_in_a_patch_resets_the_field_to_its_default(cafe: TestApp, spec: ResourceSpec) -> None:
    writer = spec.writer_client(cafe)
    path = spec.create(writer, body={**spec.body, **spec.other})
    key = writer.get(path).json[spec.key_field]
    nulls: dict[str, Any] = dict.fromkeys([*spec.defaults, spec.key_field])
    response = writer.patch(path, nulls, if_match="*")
    assert response.status_code == 200
    assert response.json | spec.defaults | {spec.key_field: key} == response.json


@with_client_keys
def test_patch_with_nulls_can_create(cafe: TestApp, spec: ResourceSpec) -> None:
    nulls: dict[str, Any] = dict.fromkeys([*spec.defaults, spec.key_field])
    response = spec.writer_client(cafe).patch(spec.url("luna"), nulls, if_none_match="*")
    assert response.status_code == 201
    assert response.json | spec.defaults | {spec.key_field: "luna"} == response.json


@every_resource
def test_null_for_a_required_read_only_or_unknown_field_is_422(cafe: TestApp, spec: ResourceSpec) -> None:
    writer = spec.writer_client(cafe)
    path = spec.create(writer)
    names = ["wings", "created", *spec.required]
    with writes_nothing(cafe):
        response = writer.patch(path, dict.fromkeys(names), if_match="*")
    assert pointers(response) == sorted(f"/{name}" for name in names)
