"""ETags, conditional reads and Cache-Control of every resource (RFC 9110, sections 8.8.3 and 13; RFC 9111)."""

from __future__ import annotations

import pytest

from tests.support.app import Client, TestApp, problem
from tests.support.inspection import etag
from tests.support.resource_spec import ResourceSpec
from tests.support.resource_specs import every_resource

PUBLIC_LIST = "public, max-age=5, stale-while-revalidate=30"


def readers(cafe: TestApp, spec: ResourceSpec) -> list[Client]:
    """Return a client with the role staff or owner, and an anonymous client if the public may read."""
    return [cafe.public, spec.writer_client(cafe)] if spec.public else [spec.writer_client(cafe)]


@every_resource
def test_each_representation_has_its_own_strong_etag(cafe: TestApp, spec: ResourceSpec) -> None:
    path = spec.create(spec.writer_client(cafe), body=spec.long)
    responses = spec.representations(cafe, path)
    bytes_by_tag = {response.headers["ETag"]: response.data for response in responses.values()}
    assert len(set(bytes_by_tag.values())) == len(bytes_by_tag) >= 3
    assert all(bytes_by_tag[response.headers["ETag"]] == response.data for response in responses.values())
    assert not any(tag.startswith("W/") for tag in bytes_by_tag)
    assert spec.etags(cafe, path) == {name: response.headers["ETag"] for name, response in responses.items()}


@every_resource
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_read_with_matching_if_none_match_is_304(cafe: TestApp, spec: ResourceSpec, method: str) -> None:
    path = spec.create(spec.writer_client(cafe), body=spec.long)
    for reader in readers(cafe, spec):
        for url in (path, spec.path):
            full = reader.get(url)
            for condition in ("{}", "W/{}", '"x", {}', '"x",W/{} ,"y"', "*"):
                response = reader.send(method, url, {"If-None-Match": condition.format(etag(full))})
                assert (response.status_code, response.data) == (304, b""), condition
                for name in ("ETag", "Vary", "Cache-Control"):
                    assert response.headers[name] == full.headers[name]
                assert not {"Content-Type", "Content-Length", "Content-Encoding"} & {*response.headers.keys()}


@every_resource
def test_read_with_other_if_none_match_is_200(cafe: TestApp, spec: ResourceSpec) -> None:
    path = spec.create(spec.writer_client(cafe))
    for reader in readers(cafe, spec):
        tag = etag(reader.get(path)).strip('"')
        for condition in ('"old"', '"{}x"', 'W/"old"'):
            assert reader.get(path, {"If-None-Match": condition.format(tag)}).status_code == 200, condition


@every_resource
def test_cache_control_and_vary_depend_on_the_caller(cafe: TestApp, spec: ResourceSpec) -> None:
    writer, member = spec.writer_client(cafe), cafe.client("member")
    path = spec.create(writer)
    for url, shared in ((path, "public, no-cache"), (spec.path, PUBLIC_LIST), (f"{spec.path}?limit=1", PUBLIC_LIST)):
        public, private = cafe.public.get(url), writer.get(url)
        assert public.status_code == (200 if spec.public else 401)
        assert public.headers["Cache-Control"] == (shared if spec.public else "no-store")
        assert private.headers["Cache-Control"] == "private, no-store"
        for response in (public, private):
            assert {"Accept", "Accept-Encoding", "Authorization", "Cookie"} <= {*response.headers["Vary"].split(", ")}
        if spec.public:
            assert member.get(url).headers["Cache-Control"] == "public, no-cache"
            assert cafe.public.get(url, {"Authorization": "Bearer x"}).headers["Cache-Control"] == "no-store"


@every_resource
def test_errors_and_changes_of_a_list_are_not_reused(cafe: TestApp, spec: ResourceSpec) -> None:
    if spec.public:
        for query, status in (("limit=0", 400), ("cursor=x", 400), ("updatedSince=2026-11-22T11:00:00Z", 200)):
            response = cafe.public.get(f"{spec.path}?{query}")
            assert (response.status_code, "max-age" in response.headers["Cache-Control"]) == (status, False)


@every_resource
def test_read_with_if_match_of_another_representation_is_412(cafe: TestApp, spec: ResourceSpec) -> None:
    writer = spec.writer_client(cafe)
    path = spec.create(writer, body=spec.long)
    for reader in readers(cafe, spec):
        own_etag = etag(reader.get(path))
        problem(reader.get(path, {"If-Match": f"W/{own_etag}"}), 412)
        for etag_of_representation in spec.etags(cafe, path).values():
            response = reader.get(path, {"If-Match": etag_of_representation})
            assert response.status_code == (200 if etag_of_representation == own_etag else 412)
