"""The HTTP methods of every resource: GET, HEAD, OPTIONS, POST, PUT, DELETE, and methods that are not allowed."""

from __future__ import annotations

import re

from werkzeug.test import TestResponse

from tests.support.app import TestApp, problem
from tests.support.inspection import etag, items, writes_nothing
from tests.support.resource_spec import ResourceSpec
from tests.support.resource_specs import every_resource, with_client_keys

COLLECTION_METHODS = "GET, HEAD, OPTIONS, POST"
ITEM_METHODS = "DELETE, GET, HEAD, OPTIONS, PATCH, PUT"


def stable_headers(response: TestResponse) -> dict[str, str]:
    """Return the headers of a response without the date and the request id."""
    return {name: value for name, value in response.headers.items() if name not in ("Date", "X-Request-Id")}


@every_resource
def test_head_is_get_without_body(cafe: TestApp, spec: ResourceSpec) -> None:
    path = spec.create(spec.writer_client(cafe))
    reader = spec.reader_client(cafe)
    for url, request_headers, status in (
        (path, {}, 200),
        (f"{path}?fields={spec.key_field}", {}, 200),
        (spec.path, {}, 200),
        (spec.url(spec.missing_key), {}, 404),
        (f"{path}/nothing", {}, 404),
        (f"{path}?fields=wings", {}, 400),
        (path, {"Accept": "image/png"}, 406),
        (path, {"Accept": "image/png, text/html;q=0.5"}, 200 if spec.has_page else 406),
        (path, {"Authorization": "Bearer nonsense"}, 401),
        (path, {"If-Match": '"old"'}, 412),
        (path, {"If-None-Match": "*"}, 304),
    ):
        get, head = reader.get(url, request_headers), reader.send("HEAD", url, request_headers)
        assert (get.status_code, head.status_code, head.data) == (status, status, b""), (url, request_headers)
        assert stable_headers(get) == stable_headers(head)


@every_resource
def test_options_lists_the_methods_without_authentication(cafe: TestApp, spec: ResourceSpec) -> None:
    path = spec.create(spec.writer_client(cafe))
    for url, allowed in (
        (spec.path, COLLECTION_METHODS),
        (path, ITEM_METHODS),
        (spec.url(spec.missing_key), ITEM_METHODS),
    ):
        response = cafe.public.send("OPTIONS", url)
        assert (response.status_code, response.headers["Allow"], response.data) == (204, allowed, b"")
        assert "Content-Type" not in response.headers


def test_options_of_the_server_lists_all_methods(cafe: TestApp) -> None:
    response = cafe.public.send("OPTIONS", "*")
    assert (response.status_code, response.data) == (204, b"")
    assert response.headers["Allow"] == "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT"
    for method, path in (("GET", "*"), ("OPTIONS", "/*"), ("OPTIONS", "/%2A")):
        problem(cafe.public.send(method, path), 404)


def test_response_at_an_alias_has_the_content_location_of_the_resource(cafe: TestApp) -> None:
    staff, owner = cafe.staff, cafe.client("owner", "Ona")
    assert staff.post("/posts", {"title": "News", "body": "x"}).status_code == 201
    for client, alias, path in ((staff, "/post/1", "/posts/1"), (owner, "/user/Ona", "/users/ona")):
        for query in ("", "?fields=version"):
            read = client.get(alias + query)
            assert (read.status_code, read.headers["Content-Location"]) == (200, path + query)
            not_modified = client.get(alias + query, {"If-None-Match": etag(read)})
            assert (not_modified.status_code, not_modified.headers["Content-Location"]) == (304, path + query)
            assert "Content-Location" not in client.get(path + query).headers
        patched = client.patch(alias, {}, if_match="*")
        assert (patched.status_code, patched.headers["Content-Location"]) == (200, path)
    staged = staff.get("/post/1", base_url="https://cafe.example/dev")
    assert staged.headers["Content-Location"] == "/dev/posts/1"


@every_resource
def test_unsupported_method_is_405_with_allow(cafe: TestApp, spec: ResourceSpec) -> None:
    writer = spec.writer_client(cafe)
    path = spec.create(writer)
    requests = [(spec.path, COLLECTION_METHODS, method) for method in ("PUT", "PATCH", "DELETE", "TRACE", "PURGE")]
    with writes_nothing(cafe):
        for url, allowed, method in [*requests, (path, ITEM_METHODS, "POST"), (path, ITEM_METHODS, "PURGE")]:
            response = writer.send(method, url)
            assert problem(response, 405)["type"] == "/problems/method-not-allowed"
            assert response.headers["Allow"] == allowed


def test_allow_of_options_and_405_is_the_same_for_every_route(cafe: TestApp) -> None:
    public = cafe.public
    paths = {re.sub(r"<(\w+:)?\w+>", "1", rule.rule) for rule in cafe.app.url_map.iter_rules()}
    allowed = {
        path: (public.send("OPTIONS", path).headers.get("Allow"), public.send("PURGE", path).headers.get("Allow"))
        for path in paths
    }
    assert [path for path, (options, unsupported) in allowed.items() if options is None or options != unsupported] == []


@every_resource
def test_unknown_path_is_404_for_every_method(cafe: TestApp, spec: ResourceSpec) -> None:
    public = cafe.public
    for path in (f"{spec.path}/luna/wings", f"{spec.path}/", f"{spec.path}//luna", f"{spec.path}/a/b/c", "/nothing"):
        for method in ("OPTIONS", "GET", "PURGE"):
            assert problem(public.send(method, path), 404)["type"] == "/problems/not-found"


@with_client_keys
def test_put_creates_with_location(cafe: TestApp, spec: ResourceSpec) -> None:
    writer = spec.writer_client(cafe)
    created = writer.put(spec.url("luna"), spec.body)
    assert (created.status_code, created.headers["Location"]) == (201, spec.url("luna"))
    assert created.json | spec.body | {spec.key_field: "luna"} == created.json == writer.get(spec.url("luna")).json


@every_resource
def test_put_replaces_without_location(cafe: TestApp, spec: ResourceSpec) -> None:
    writer = spec.writer_client(cafe)
    path = spec.create(writer)
    before, replaced = writer.get(path), writer.put(path, spec.other)
    assert (replaced.status_code, replaced.headers.get("Location")) == (200, None)
    assert (before.json["version"], replaced.json["version"]) == (1, 2)
    assert replaced.json | spec.other == replaced.json == writer.get(path).json


@every_resource
def test_put_resets_missing_fields_to_defaults(cafe: TestApp, spec: ResourceSpec) -> None:
    writer = spec.writer_client(cafe)
    replaced = writer.put(spec.create(writer, body={**spec.body, **spec.other}), spec.minimal_body()).json
    assert replaced | spec.defaults == replaced


@every_resource
def test_post_creates_with_a_location_that_resolves(cafe: TestApp, spec: ResourceSpec) -> None:
    writer = spec.writer_client(cafe)
    for key in spec.sample_keys:
        created = writer.post(spec.path, spec.post_body(key))
        created_key = created.json[spec.key_field]
        assert (created.status_code, created.headers["Location"]) == (201, spec.url(created_key))
        assert created.json | spec.body | ({spec.key_field: key} if spec.client_keys else {}) == created.json
        response = writer.get(created.headers["Location"])
        assert (response.status_code, response.json, etag(response)) == (200, created.json, etag(created))


@every_resource
def test_delete_is_204_and_then_404(cafe: TestApp, spec: ResourceSpec) -> None:
    writer = spec.writer_client(cafe)
    path = spec.create(writer)
    deleted = writer.delete(path)
    assert (deleted.status_code, deleted.data, deleted.headers.get("Content-Type")) == (204, b"", None)
    with writes_nothing(cafe):
        for method in ("GET", "HEAD", "DELETE"):
            assert writer.send(method, path).status_code == 404
    assert spec.keys_of(writer.get(spec.path).json["items"]) == []


@every_resource
def test_get_head_and_options_write_nothing(cafe: TestApp, spec: ResourceSpec) -> None:
    writer = spec.writer_client(cafe)
    path = spec.create(writer)
    with writes_nothing(cafe):
        for url in (spec.path, path, spec.url(spec.missing_key), f"{spec.path}?limit=x"):
            for method in ("GET", "HEAD", "OPTIONS"):
                writer.send(method, url)
                cafe.public.send(method, url)
    assert items(cafe)


PREFERENCES = {
    "return=minimal": True,
    "respond-async, Return = Minimal; x=1": True,
    'return="minimal"': True,
    "return=representation": False,
    "return=representation, return=minimal": False,
    "minimal": False,
    "": False,
}


@every_resource
def test_prefer_return_minimal_gets_no_body(cafe: TestApp, spec: ResourceSpec) -> None:
    writer = spec.writer_client(cafe)
    for number, (prefer, minimal) in enumerate(PREFERENCES.items()):
        created = writer.post(spec.path, spec.post_body(f"luna {number}"), prefer=prefer)
        path = created.headers["Location"]
        put = writer.put(path, spec.other, prefer=prefer)
        patched = writer.patch(path, spec.body, prefer=prefer, if_match="*")
        assert [created.status_code, put.status_code, patched.status_code] == [201, *[204 if minimal else 200] * 2], (
            prefer
        )
        created_by_put = [writer.put(spec.url(f"tom {number}"), spec.body, prefer=prefer)] if spec.client_keys else []
        assert [response.status_code for response in created_by_put] == [201] * spec.client_keys
        for response in (created, put, patched, *created_by_put):
            assert response.headers.get("Preference-Applied") == ("return=minimal" if minimal else None)
            assert bool(response.data) is ("Content-Type" in response.headers) is not minimal
        assert etag(patched) == etag(writer.get(path))
