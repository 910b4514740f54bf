"""Validation of the fields of a body: every error has a JSON pointer and a message."""

from __future__ import annotations

import msgspec
import pytest

from tests.api.contract.test_request_bodies import METHODS, body_sender
from tests.support.app import TestApp, pointers
from tests.support.inspection import writes_nothing
from tests.support.populated_app import SERVICES
from tests.support.resource_spec import ResourceSpec
from tests.support.resource_specs import every_resource, with_integers
from tests.support.strategies import WRONG


@every_resource
@pytest.mark.parametrize("method", METHODS)
def test_all_errors_are_reported_at_once(cafe: TestApp, spec: ResourceSpec, method: str) -> None:
    send = body_sender(spec, spec.writer_client(cafe), method)
    body = {spec.key_field: "!" if method == "POST" else "tom", **spec.invalid, **dict.fromkeys(spec.read_only, "mine")}
    with writes_nothing(cafe):
        response = send(json=body)
    read_only = [f"/{member}" for member in spec.read_only]
    assert pointers(response) == sorted([*spec.error_pointers, *read_only, f"/{spec.key_field}"])
    assert response.json["type"] == "/problems/invalid"
    assert all(error["detail"].endswith((".", "!")) for error in response.json["errors"])


@with_integers
def test_non_integer_is_422(cafe: TestApp, spec: ResourceSpec) -> None:
    writer = spec.writer_client(cafe)
    path, integer = spec.create(writer), spec.integer
    assert integer
    with writes_nothing(cafe):
        for value in (True, False, "1", 1.5, "", [1], {}, None, -1, 10**10, 10**30):
            assert pointers(writer.put(path, integer(value))) == [spec.integer_at], value
    assert writer.put(path, integer(1)).status_code == 200


@every_resource
@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_missing_or_blank_required_field_is_422(cafe: TestApp, spec: ResourceSpec, method: str) -> None:
    writer = spec.writer_client(cafe)
    send = body_sender(spec, writer, method)
    required = [*spec.required]
    if method == "POST":
        required += [*spec.post_fields, *([spec.key_field] if spec.client_keys else [])]
    messages = {f"/{name}": f"{name.capitalize()} cannot be blank!" for name in required}
    if not required:
        assert send(json={}).status_code == 200
        return
    blank = spec.key_field if spec.client_keys else required[0]
    with writes_nothing(cafe):
        empty, spaces = send(json={}), send(json={**spec.post_body("luna"), blank: " "})
    assert {error["pointer"]: error["detail"] for error in empty.json["errors"]} == messages
    assert {error["code"] for error in empty.json["errors"]} == {"required"}
    assert spaces.json["errors"] == [{"code": "required", "pointer": f"/{blank}", "detail": messages[f"/{blank}"]}]


@every_resource
@pytest.mark.parametrize("method", METHODS)
def test_error_of_a_field_contains_its_help(cafe: TestApp, spec: ResourceSpec, method: str) -> None:
    send = body_sender(spec, spec.writer_client(cafe), method)
    field, value, help_text = spec.field_help
    with writes_nothing(cafe):
        response = send(json={**(spec.post_body("tom") if method == "POST" else spec.body), field: value})
    assert pointers(response) == [f"/{field}"]
    assert response.json["errors"][0]["detail"].startswith(f"{field}: {help_text}. {field} must be ")


@every_resource
@pytest.mark.parametrize("method", METHODS)
def test_every_field_rejects_values_of_wrong_types(cafe: TestApp, spec: ResourceSpec, method: str) -> None:
    send, service = body_sender(spec, spec.writer_client(cafe), method), SERVICES[spec.path]
    valid = spec.post_body("tom") if method == "POST" else spec.body
    fields = msgspec.structs.fields(service.create_type if method == "POST" else service.replace_type)
    with writes_nothing(cafe):
        for name in (field.encode_name for field in fields):
            for value in WRONG:
                errors = pointers(send(json={**valid, name: value}))
                assert {pointer.split("/")[1] for pointer in errors} == {name}, value
