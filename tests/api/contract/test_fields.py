"""What the members of a body have to be, for every spec: every fault is told, with where it is and what is meant."""

from __future__ import annotations

import msgspec
import pytest

from tests.api.contract.test_request_bodies import METHODS, sending
from tests.support.app import TestApp, pointers
from tests.support.inspection import writes_nothing
from tests.support.populated_app import SERVICES
from tests.support.resource_spec import ResourceSpec
from tests.support.resource_specs import every_resource, with_integers
from tests.support.strategies import WRONG


@every_resource
@pytest.mark.parametrize("method", METHODS)
def test_every_fault_is_told_at_once(cafe: TestApp, spec: ResourceSpec, method: str) -> None:
    send = sending(spec, spec.writer_client(cafe), method)
    body = {spec.key_field: "!" if method == "POST" else "tom", **spec.invalid, **dict.fromkeys(spec.read_only, "mine")}
    with writes_nothing(cafe):
        refused = send(json=body)
    of_the_server = [f"/{member}" for member in spec.read_only]
    assert pointers(refused) == sorted([*spec.error_pointers, *of_the_server, f"/{spec.key_field}"])
    assert refused.json["type"] == "/problems/invalid"
    assert all(fault["detail"].endswith((".", "!")) for fault in refused.json["errors"])


@every_resource
@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_the_servers_own_members_cannot_be_sent_back(cafe: TestApp, spec: ResourceSpec, method: str) -> None:
    writer = spec.writer_client(cafe)
    send = sending(spec, writer, method)
    (there,) = (thing for thing in writer.get(spec.path).json["items"] if spec.keys_of([thing]))
    with writes_nothing(cafe):
        assert pointers(send(json=there)) == sorted(f"/{member}" for member in spec.read_only)
    mine = {name: value for name, value in there.items() if name not in spec.read_only}
    after = send(json=mine).json
    assert after | mine == after


@with_integers
def test_what_looks_like_an_integer_is_none(cafe: TestApp, spec: ResourceSpec) -> None:
    writer = spec.writer_client(cafe)
    path, integer = spec.create(writer), spec.integer
    assert integer
    with writes_nothing(cafe):
        for value in (True, False, "1", 1.5, "", [1], {}, None, -1, 10**10, 10**30):
            assert pointers(writer.put(path, integer(value))) == [spec.integer_at], value
    assert writer.put(path, integer(1)).status_code == 200


@every_resource
@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_what_is_missing_or_blank_is_named_in_words(cafe: TestApp, spec: ResourceSpec, method: str) -> None:
    writer = spec.writer_client(cafe)
    send = sending(spec, writer, method)
    wanted = [*spec.required]
    if method == "POST":
        wanted += [*spec.post_fields, *([spec.key_field] if spec.client_keys else [])]
    words = {f"/{name}": f"{name.capitalize()} cannot be blank!" for name in wanted}
    if not wanted:
        assert send(json={}).status_code == 200
        return
    blank = spec.key_field if spec.client_keys else wanted[0]
    with writes_nothing(cafe):
        nothing, spaces = send(json={}), send(json={**spec.post_body("luna"), blank: " "})
    assert {fault["pointer"]: fault["detail"] for fault in nothing.json["errors"]} == words
    assert spaces.json["errors"] == [{"pointer": f"/{blank}", "detail": words[f"/{blank}"]}]


@every_resource
@pytest.mark.parametrize("method", METHODS)
def test_a_wrong_value_is_told_with_what_the_member_is_for(cafe: TestApp, spec: ResourceSpec, method: str) -> None:
    send = sending(spec, spec.writer_client(cafe), method)
    member, wrong, words = spec.field_help
    with writes_nothing(cafe):
        refused = send(json={**(spec.post_body("tom") if method == "POST" else spec.body), member: wrong})
    assert pointers(refused) == [f"/{member}"]
    assert refused.json["errors"][0]["detail"].startswith(f"{member}: {words}. Expected ")


@every_resource
@pytest.mark.parametrize("method", METHODS)
def test_no_member_takes_what_no_member_can_be(cafe: TestApp, spec: ResourceSpec, method: str) -> None:
    send, ours = sending(spec, spec.writer_client(cafe), method), SERVICES[spec.path]
    good = spec.post_body("tom") if method == "POST" else spec.body
    fields = msgspec.structs.fields(ours.create_type if method == "POST" else ours.replace_type)
    with writes_nothing(cafe):
        for member in (field.encode_name for field in fields):
            for wrong in WRONG:
                found = pointers(send(json={**good, member: wrong}))
                assert {pointer.split("/")[1] for pointer in found} == {member}, wrong
