"""Conditional writes (RFC 9110, section 13; RFC 6585) of every resource."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.app import PATCH, Client, TestApp, problem
from tests.support.inspection import etag, writes_nothing
from tests.support.resource_spec import ResourceSpec
from tests.support.resource_specs import every_resource, with_client_keys, with_public_view, with_server_keys

writes = pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
changes = pytest.mark.parametrize("method", ["PUT", "PATCH"])


def write(writer: Client, method: str, path: str, spec: ResourceSpec, **conditions: str) -> Any:
    """Send a valid write with conditional headers."""
    headers = {name.replace("_", "-"): value for name, value in conditions.items()}
    body = {} if method == "DELETE" else {"json": spec.other}
    return writer.send(method, path, headers | (PATCH if method == "PATCH" else {}), **body)


@every_resource
def test_write_of_another_body_changes_all_etags(cafe: TestApp, spec: ResourceSpec) -> None:
    writer = spec.writer_client(cafe)
    path = spec.create(writer, body=spec.long)
    before = spec.write_etags(cafe, path)
    response = writer.put(path, spec.long | spec.other)
    after = spec.write_etags(cafe, path)
    assert set(before.values()).isdisjoint(after.values())
    assert etag(response) == after["all"]


@with_client_keys
@changes
def test_if_none_match_star_creates_and_is_412_for_an_existing_item(
    cafe: TestApp, spec: ResourceSpec, method: str
) -> None:
    writer = spec.writer_client(cafe)
    headers = {"If-None-Match": "*"} | (PATCH if method == "PATCH" else {})
    created = writer.send(method, spec.url("luna"), headers, json=spec.body)
    assert (created.status_code, created.headers["Location"]) == (201, spec.url("luna"))
    assert created.json | spec.body == created.json == writer.get(spec.url("luna")).json
    with writes_nothing(cafe):
        problem(writer.send(method, spec.url("luna"), headers, json=spec.other), 412)


@with_server_keys
@changes
def test_put_and_patch_of_a_missing_server_key_are_404(cafe: TestApp, spec: ResourceSpec, method: str) -> None:
    writer = spec.writer_client(cafe)
    path = spec.create(writer)
    with writes_nothing(cafe):
        for conditions in ({}, {"If_None_Match": "*"}, {"If_None_Match": '"old"'}):
            problem(write(writer, method, spec.url(spec.missing_key), spec, **conditions), 404)
        problem(write(writer, method, path, spec, If_None_Match="*"), 412)


@every_resource
@writes
def test_write_with_weak_or_other_if_match_is_412(cafe: TestApp, spec: ResourceSpec, method: str) -> None:
    writer = spec.writer_client(cafe)
    path = spec.create(writer)
    tag = etag(writer.get(path))
    with writes_nothing(cafe):
        for condition in ("W/{}", '"old"', '"old", W/{}', '""', '"."'):
            body = problem(write(writer, method, path, spec, If_Match=condition.format(tag)), 412)
            assert body["type"] == "/problems/precondition-failed"
            assert body["detail"] == "If-Match does not match the current version."


MALFORMED = ("", " ", ",", "**", "old", '"old', 'w/"old"', '"old" "other"', '*, "old"', '"old"-', '"old" x', '"o ld"')
"""Values of If-Match and If-None-Match that are neither ``*`` nor a list of entity tags."""


@every_resource
@pytest.mark.parametrize("header", ["If-Match", "If-None-Match"])
def test_malformed_precondition_is_400_on_reads_and_writes(cafe: TestApp, spec: ResourceSpec, header: str) -> None:
    writer = spec.writer_client(cafe)
    path = spec.create(writer)
    requests = [(method, path) for method in ("GET", "HEAD", "PUT", "PATCH", "DELETE")]
    requests += [("GET", spec.path), ("POST", spec.path), ("GET", spec.url(spec.missing_key))]
    with writes_nothing(cafe):
        for method, url in requests:
            for value in MALFORMED if method != "HEAD" else ():
                content_type = PATCH if method == "PATCH" else {}
                response = writer.send(method, url, {header: value} | content_type, json={})
                (error,) = problem(response, 400)["errors"]
                assert error["header"] == header, (method, url, value)
                assert error["detail"].startswith(f"{header} must be * or entity tags"), error
            assert writer.send(method, url, {header: "old"}).status_code == 400, (method, url)


@pytest.mark.parametrize("header", ["If-Match", "If-None-Match"])
def test_malformed_precondition_is_400_for_static_files_and_weights(cafe: TestApp, header: str) -> None:
    for path in ("/static/style.css", "/cats/luna/weights", "/cats/luna/history", "/todos/next", "/", "/openapi.json"):
        (error,) = problem(cafe.staff.get(path, {header: "old"}), 400)["errors"]
        assert error["header"] == header


@with_client_keys
def test_put_with_content_range_is_400_and_other_methods_ignore_it(cafe: TestApp, spec: ResourceSpec) -> None:
    writer, header = spec.writer_client(cafe), {"Content-Range": "bytes 0-1/2"}
    path = spec.create(writer)
    with writes_nothing(cafe):
        for url in (path, spec.url(spec.missing_key)):
            (error,) = problem(writer.send("PUT", url, header, json=spec.body), 400)["errors"]
            assert error["header"] == "Content-Range"
    assert writer.send("PATCH", path, header | PATCH | {"If-Match": "*"}, json={}).status_code == 200
    assert writer.send("POST", spec.path, header, json=spec.post_body("tom")).status_code == 201


@every_resource
@writes
def test_write_accepts_the_etag_of_every_representation(cafe: TestApp, spec: ResourceSpec, method: str) -> None:
    writer = spec.writer_client(cafe)
    names = [*spec.write_etags(cafe, spec.create(writer, body=spec.long)), "*", "list"]
    for number, name in enumerate(names):
        path = spec.create(writer, f"luna {number}", spec.long)
        etags = spec.etags(cafe, path)
        tag = {**etags, "*": "*", "list": f'W/"x", "y" , {etags["all"]}'}[name]
        assert write(writer, method, path, spec, If_Match=tag).status_code in (200, 204), name


@with_public_view
@writes
def test_write_with_the_etag_of_the_public_view_is_412(cafe: TestApp, spec: ResourceSpec, method: str) -> None:
    writer = spec.writer_client(cafe)
    path = spec.create(writer, body=spec.long)
    tags = spec.etags(cafe, path).items() - spec.write_etags(cafe, path).items()
    assert len(tags) == 3
    with writes_nothing(cafe):
        for name, tag in tags:
            assert write(writer, method, path, spec, If_Match=tag).status_code == 412, name


@every_resource
@writes
def test_etag_is_412_after_a_write(cafe: TestApp, spec: ResourceSpec, method: str) -> None:
    writer = spec.writer_client(cafe)
    path = spec.create(writer)
    tag = etag(writer.get(path))
    assert write(writer, "PUT", path, spec, If_Match=tag).status_code == 200
    with writes_nothing(cafe):
        problem(write(writer, method, path, spec, If_Match=tag), 412)


@every_resource
@writes
def test_write_with_matching_if_none_match_is_412(cafe: TestApp, spec: ResourceSpec, method: str) -> None:
    writer = spec.writer_client(cafe)
    path = spec.create(writer)
    tag = etag(writer.get(path))
    with writes_nothing(cafe):
        for tags in (f"W/{tag}", f'"old", {tag}', f'{tag}, W/"old"'):
            body = problem(write(writer, method, path, spec, If_Match="*", If_None_Match=tags), 412)
            assert body["detail"] == "If-None-Match matches the current version."
    assert write(writer, method, path, spec, If_Match="*", If_None_Match='"old"').status_code in (200, 204)


@every_resource
def test_patch_without_if_match_is_428(cafe: TestApp, spec: ResourceSpec) -> None:
    writer = spec.writer_client(cafe)
    path = spec.create(writer)
    with writes_nothing(cafe):
        for conditions in ({}, {"If_None_Match": '"old"'}):
            body = problem(write(writer, "PATCH", path, spec, **conditions), 428)
            assert body["type"] == "/problems/precondition-required"


@every_resource
def test_recreated_item_has_new_etags(cafe: TestApp, spec: ResourceSpec) -> None:
    writer = spec.writer_client(cafe)
    path = spec.create(writer, body=spec.long)
    old_etags = spec.write_etags(cafe, path)
    writer.delete(path)
    recreated = spec.create(writer, body=spec.long)
    assert (recreated == path) is spec.client_keys
    assert set(old_etags.values()).isdisjoint(spec.write_etags(cafe, recreated).values())
    with writes_nothing(cafe):
        for tag in old_etags.values():
            problem(write(writer, "DELETE", recreated, spec, If_Match=tag), 412)


@every_resource
@pytest.mark.parametrize("method", ["GET", "DELETE", "PATCH", "PUT"])
def test_if_match_of_a_missing_item_is_404_or_412_if_put_could_create(
    cafe: TestApp, spec: ResourceSpec, method: str
) -> None:
    writer = spec.writer_client(cafe)
    with writes_nothing(cafe):
        for tag in ('"old"', "*"):
            response = write(writer, method, spec.url(spec.missing_key), spec, If_Match=tag)
            problem(response, 412 if method == "PUT" and spec.client_keys else 404)


@every_resource
def test_post_evaluates_if_match_and_if_none_match_first(cafe: TestApp, spec: ResourceSpec) -> None:
    writer = spec.writer_client(cafe)
    with writes_nothing(cafe):
        for name, value in (("If-Match", '"another"'), ("If-None-Match", "*")):
            body = problem(writer.send("POST", spec.path, {name: value}, json=spec.post_body("tom")), 412)
            assert body["detail"].startswith(f"{name} ")
    assert writer.send("POST", spec.path, {"If-Match": "*"}, json=spec.post_body("tom")).status_code == 201


@pytest.mark.parametrize(("header", "value"), [("If-Match", '"another"'), ("If-None-Match", "*")])
@pytest.mark.parametrize(
    ("path", "body"), [("/cats/luna/weights", {"grams": 4000}), ("/sessions", {"username": "a", "password": "b"})]
)
def test_post_of_a_weight_or_session_evaluates_preconditions_first(
    cafe: TestApp, path: str, body: Any, header: str, value: str
) -> None:
    staff = cafe.staff
    staff.put("/cats/luna", {})
    with writes_nothing(cafe):
        problem(staff.send("POST", path, {header: value}, json=body), 412)


@every_resource
def test_authentication_and_content_type_are_checked_before_preconditions(cafe: TestApp, spec: ResourceSpec) -> None:
    writer = spec.writer_client(cafe)
    path = spec.create(writer)
    member, stale = cafe.client("member"), {"If-Match": '"old"'}
    with writes_nothing(cafe):
        for method in ("PUT", "PATCH", "DELETE"):
            content_type = PATCH if method == "PATCH" else {}
            problem(cafe.public.send(method, path, stale | content_type, json={}), 401)
            problem(member.send(method, path, stale | content_type, json={}), 404 if spec.own_methods else 403)
        for method in ("PUT", "PATCH"):
            problem(writer.send(method, path, stale | {"Content-Type": "text/csv"}, data="{}"), 415)
        problem(writer.send("PUT", path, stale, data="{", content_type="application/json"), 412)
