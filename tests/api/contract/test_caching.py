"""Entity tags and conditional reads (RFC 9110, sections 8.8.3 and 13; RFC 9111), for every spec."""

from __future__ import annotations

import pytest

from tests.support.app import Client, TestApp, problem
from tests.support.inspection import etag
from tests.support.resource_spec import ResourceSpec
from tests.support.resource_specs import every_resource


def readers(cafe: TestApp, spec: ResourceSpec) -> list[Client]:
    """Return who reads: somebody of the public, where it may, and somebody who may write."""
    return [cafe.public, spec.writer_client(cafe)] if spec.public else [spec.writer_client(cafe)]


@every_resource
def test_every_representation_has_a_strong_tag_of_its_own(cafe: TestApp, spec: ResourceSpec) -> None:
    path = spec.create(spec.writer_client(cafe), body=spec.long)
    found = spec.representations(cafe, path)
    bytes_by_tag = {answer.headers["ETag"]: answer.data for answer in found.values()}
    assert len(set(bytes_by_tag.values())) == len(bytes_by_tag) >= 3
    assert all(bytes_by_tag[answer.headers["ETag"]] == answer.data for answer in found.values())
    assert not any(tag.startswith("W/") for tag in bytes_by_tag)
    assert spec.etags(cafe, path) == {name: answer.headers["ETag"] for name, answer in found.items()}


@every_resource
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_who_has_it_already_gets_304(cafe: TestApp, spec: ResourceSpec, method: str) -> None:
    path = spec.create(spec.writer_client(cafe), body=spec.long)
    for reader in readers(cafe, spec):
        for there in (path, spec.path):
            full = reader.get(there)
            for sent in ("{}", "W/{}", '"x", {}', '"x",W/{} ,"y"', "*"):
                answer = reader.send(method, there, {"If-None-Match": sent.format(etag(full))})
                assert (answer.status_code, answer.data) == (304, b""), sent
                for name in ("ETag", "Vary", "Cache-Control"):
                    assert answer.headers[name] == full.headers[name]
                assert not {"Content-Type", "Content-Length", "Content-Encoding"} & {*answer.headers.keys()}


@every_resource
def test_who_has_something_else_gets_it_all(cafe: TestApp, spec: ResourceSpec) -> None:
    path = spec.create(spec.writer_client(cafe))
    for reader in readers(cafe, spec):
        tag = etag(reader.get(path)).strip('"')
        for sent in ('"old"', "old", "", '"{}', "{}x"):
            assert reader.get(path, {"If-None-Match": sent.format(tag)}).status_code == 200, sent


@every_resource
def test_caches_are_told_who_may_keep_what(cafe: TestApp, spec: ResourceSpec) -> None:
    writer = spec.writer_client(cafe)
    path = spec.create(writer)
    for there in (path, spec.path):
        public, private = cafe.public.get(there), writer.get(there)
        assert public.status_code == (200 if spec.public else 401)
        assert public.headers["Cache-Control"] == ("public, no-cache" if spec.public else "no-store")
        assert private.headers["Cache-Control"] == "private, no-store"
        for answer in (public, private):
            assert {"Accept", "Accept-Encoding", "Authorization"} <= {*answer.headers["Vary"].split(", ")}


@every_resource
def test_a_read_can_ask_for_one_representation_only(cafe: TestApp, spec: ResourceSpec) -> None:
    writer = spec.writer_client(cafe)
    path = spec.create(writer, body=spec.long)
    for reader in readers(cafe, spec):
        mine = etag(reader.get(path))
        problem(reader.get(path, {"If-Match": f"W/{mine}"}), 412)
        for tag in spec.etags(cafe, path).values():
            answer = reader.get(path, {"If-Match": tag})
            assert answer.status_code == (200 if tag == mine else 412)
