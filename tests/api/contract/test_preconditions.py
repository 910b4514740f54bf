"""Conditional writes (RFC 9110, section 13; RFC 6585), for every spec."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.app import PATCH, Client, TestApp, problem
from tests.support.inspection import etag, writes_nothing
from tests.support.resource_spec import ResourceSpec
from tests.support.resource_specs import every_resource, with_client_keys, with_server_keys

writes = pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
changes = pytest.mark.parametrize("method", ["PUT", "PATCH"])


def write(writer: Client, method: str, path: str, spec: ResourceSpec, **conditions: str) -> Any:
    """Send a write that is in order, with conditions."""
    headers = {name.replace("_", "-"): value for name, value in conditions.items()}
    body = {} if method == "DELETE" else {"json": spec.other}
    return writer.send(method, path, headers | (PATCH if method == "PATCH" else {}), **body)


@every_resource
def test_a_write_changes_every_tag_even_if_nothing_else_changes(cafe: TestApp, spec: ResourceSpec) -> None:
    writer = spec.writer_client(cafe)
    path = spec.create(writer, body=spec.long)
    before = spec.etags(cafe, path)
    answer = writer.put(path, spec.long)
    after = spec.etags(cafe, path)
    assert set(before.values()).isdisjoint(after.values())
    assert etag(answer) == after["all"]


@with_client_keys
@changes
def test_if_none_match_star_writes_only_where_nothing_is(cafe: TestApp, spec: ResourceSpec, method: str) -> None:
    writer = spec.writer_client(cafe)
    only_new = {"If-None-Match": "*"} | (PATCH if method == "PATCH" else {})
    new = writer.send(method, spec.url("luna"), only_new, json=spec.body)
    assert (new.status_code, new.headers["Location"]) == (201, spec.url("luna"))
    assert new.json | spec.body == new.json == writer.get(spec.url("luna")).json
    with writes_nothing(cafe):
        problem(writer.send(method, spec.url("luna"), only_new, json=spec.other), 412)


@with_server_keys
@changes
def test_where_keys_are_given_nothing_is_created_under_one(cafe: TestApp, spec: ResourceSpec, method: str) -> None:
    writer = spec.writer_client(cafe)
    path = spec.create(writer)
    with writes_nothing(cafe):
        for conditions in ({}, {"If_None_Match": "*"}, {"If_None_Match": '"old"'}):
            problem(write(writer, method, spec.url(spec.missing_key), spec, **conditions), 404)
        problem(write(writer, method, path, spec, If_None_Match="*"), 412)


@every_resource
@writes
def test_another_tag_or_a_weak_one_never_matches_for_a_write(cafe: TestApp, spec: ResourceSpec, method: str) -> None:
    writer = spec.writer_client(cafe)
    path = spec.create(writer)
    tag = etag(writer.get(path))
    with writes_nothing(cafe):
        for sent in ("W/{}", '"old"', '"old", W/{}', "{}-", "{} x", '"{}"', "", '""', '"."', "**"):
            told = problem(write(writer, method, path, spec, If_Match=sent.format(tag)), 412)
            assert told["type"] == "/problems/precondition-failed"


@every_resource
@writes
def test_a_write_takes_whatever_tag_its_caller_was_given(cafe: TestApp, spec: ResourceSpec, method: str) -> None:
    writer = spec.writer_client(cafe)
    names = [*spec.etags(cafe, spec.create(writer, body=spec.long)), "*", "list"]
    for place, name in enumerate(names):
        path = spec.create(writer, f"luna {place}", spec.long)
        given = spec.etags(cafe, path)
        tag = {**given, "*": "*", "list": f'W/"x", "y" , {given["all"]}'}[name]
        assert write(writer, method, path, spec, If_Match=tag).status_code in (200, 204), name


@every_resource
@writes
def test_a_tag_serves_once(cafe: TestApp, spec: ResourceSpec, method: str) -> None:
    writer = spec.writer_client(cafe)
    path = spec.create(writer)
    tag = etag(writer.get(path))
    assert write(writer, "PUT", path, spec, If_Match=tag).status_code == 200
    with writes_nothing(cafe):
        problem(write(writer, method, path, spec, If_Match=tag), 412)


@every_resource
@writes
def test_if_none_match_with_the_tag_that_is_there_stops_a_write(cafe: TestApp, spec: ResourceSpec, method: str) -> None:
    writer = spec.writer_client(cafe)
    path = spec.create(writer)
    tag = etag(spec.reader_client(cafe).get(path))
    with writes_nothing(cafe):
        problem(write(writer, method, path, spec, If_Match="*", If_None_Match=f"W/{tag}"), 412)
    assert write(writer, method, path, spec, If_Match="*", If_None_Match='"old"').status_code in (200, 204)


@every_resource
def test_a_patch_has_to_say_which_version_it_was_made_for(cafe: TestApp, spec: ResourceSpec) -> None:
    writer = spec.writer_client(cafe)
    path = spec.create(writer)
    with writes_nothing(cafe):
        for conditions in ({}, {"If_None_Match": '"old"'}):
            told = problem(write(writer, "PATCH", path, spec, **conditions), 428)
            assert told["type"] == "/problems/precondition-required"


@every_resource
def test_what_is_deleted_and_made_again_never_has_an_old_tag(cafe: TestApp, spec: ResourceSpec) -> None:
    writer = spec.writer_client(cafe)
    path = spec.create(writer, body=spec.long)
    old = spec.etags(cafe, path)
    writer.delete(path)
    again = spec.create(writer, body=spec.long)
    assert (again == path) is spec.client_keys
    assert set(old.values()).isdisjoint(spec.etags(cafe, again).values())
    with writes_nothing(cafe):
        for tag in old.values():
            problem(write(writer, "DELETE", again, spec, If_Match=tag), 412)


@every_resource
@pytest.mark.parametrize("method", ["GET", "DELETE", "PATCH", "PUT"])
def test_where_nothing_is_404_comes_before_412_unless_it_could_be_made(
    cafe: TestApp, spec: ResourceSpec, method: str
) -> None:
    writer = spec.writer_client(cafe)
    with writes_nothing(cafe):
        for tag in ('"old"', "*"):
            refused = write(writer, method, spec.url(spec.missing_key), spec, If_Match=tag)
            problem(refused, 412 if method == "PUT" and spec.client_keys else 404)


@every_resource
def test_a_post_evaluates_its_condition_before_it_does_anything(cafe: TestApp, spec: ResourceSpec) -> None:
    writer = spec.writer_client(cafe)
    with writes_nothing(cafe):
        for name, value in (("If-Match", '"another"'), ("If-None-Match", "*")):
            problem(writer.send("POST", spec.path, {name: value}, json=spec.post_body("tom")), 412)
    assert writer.send("POST", spec.path, {"If-Match": "*"}, json=spec.post_body("tom")).status_code == 201


@every_resource
def test_who_is_calling_and_what_was_sent_come_before_the_condition(cafe: TestApp, spec: ResourceSpec) -> None:
    writer = spec.writer_client(cafe)
    path = spec.create(writer)
    member, stale = cafe.client("member"), {"If-Match": '"old"'}
    with writes_nothing(cafe):
        for method in ("PUT", "PATCH", "DELETE"):
            kind = PATCH if method == "PATCH" else {}
            problem(cafe.public.send(method, path, stale | kind, json={}), 401)
            problem(member.send(method, path, stale | kind, json={}), 404 if spec.own_methods else 403)
        for method in ("PUT", "PATCH"):
            problem(writer.send(method, path, stale | {"Content-Type": "text/csv"}, data="{}"), 415)
        problem(writer.send("PUT", path, stale, data="{", content_type="application/json"), 412)
