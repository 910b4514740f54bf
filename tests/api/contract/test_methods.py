"""What every method does, for every spec: GET, HEAD, OPTIONS, PUT, POST, DELETE, and all others."""

from __future__ import annotations

import re

from werkzeug.test import TestResponse

from tests.support.app import TestApp, problem
from tests.support.inspection import etag, items, writes_nothing
from tests.support.resource_spec import ResourceSpec
from tests.support.resource_specs import every_resource, with_client_keys

LIST = "GET, HEAD, OPTIONS, POST"
ITEM = "DELETE, GET, HEAD, OPTIONS, PATCH, PUT"


def headers(answer: TestResponse) -> dict[str, str]:
    """Return the headers that are not of this very answer alone."""
    return {name: value for name, value in answer.headers.items() if name not in ("Date", "X-Request-Id")}


@every_resource
def test_head_is_get_without_the_body(cafe: TestApp, spec: ResourceSpec) -> None:
    path = spec.create(spec.writer_client(cafe))
    reader = spec.reader_client(cafe)
    for there, ask, status in (
        (path, {}, 200),
        (f"{path}?fields={spec.key_field}", {}, 200),
        (spec.path, {}, 200),
        (spec.url(spec.missing_key), {}, 404),
        (f"{path}/nothing", {}, 404),
        (f"{path}?fields=wings", {}, 400),
        (path, {"Accept": "image/png"}, 406),
        (path, {"Accept": "image/png, text/html;q=0.5"}, 406),
        (path, {"Authorization": "Bearer nonsense"}, 401),
        (path, {"If-Match": '"old"'}, 412),
        (path, {"If-None-Match": "*"}, 304),
    ):
        got, head = reader.get(there, ask), reader.send("HEAD", there, ask)
        assert (got.status_code, head.status_code, head.data) == (status, status, b""), (there, ask)
        assert headers(got) == headers(head)


@every_resource
def test_options_lists_the_methods_and_asks_nobody_who_they_are(cafe: TestApp, spec: ResourceSpec) -> None:
    path = spec.create(spec.writer_client(cafe))
    for there, allowed in ((spec.path, LIST), (path, ITEM), (spec.url(spec.missing_key), ITEM)):
        answer = cafe.public.send("OPTIONS", there)
        assert (answer.status_code, answer.headers["Allow"], answer.data) == (204, allowed, b"")
        assert "Content-Type" not in answer.headers


@every_resource
def test_another_method_is_405_with_the_same_allow(cafe: TestApp, spec: ResourceSpec) -> None:
    writer = spec.writer_client(cafe)
    path = spec.create(writer)
    refused = [(spec.path, LIST, method) for method in ("PUT", "PATCH", "DELETE", "TRACE", "PURGE")]
    with writes_nothing(cafe):
        for there, allowed, method in [*refused, (path, ITEM, "POST"), (path, ITEM, "PURGE")]:
            answer = writer.send(method, there)
            assert problem(answer, 405)["type"] == "/problems/method-not-allowed"
            assert answer.headers["Allow"] == allowed


def test_every_route_says_the_same_methods_to_options_as_with_a_405(cafe: TestApp) -> None:
    public = cafe.public
    paths = {re.sub(r"<(\w+:)?\w+>", "x", rule.rule) for rule in cafe.app.url_map.iter_rules()}
    said = {
        path: (public.send("OPTIONS", path).headers.get("Allow"), public.send("PURGE", path).headers.get("Allow"))
        for path in paths
    }
    assert [path for path, (options, refused) in said.items() if options is None or options != refused] == []


@every_resource
def test_where_there_is_no_route_options_and_get_are_404(cafe: TestApp, spec: ResourceSpec) -> None:
    public = cafe.public
    for path in (f"{spec.path}/luna/wings", f"{spec.path}/", f"{spec.path}//luna", f"{spec.path}/a/b/c", "/nothing"):
        for method in ("OPTIONS", "GET", "PURGE"):
            assert problem(public.send(method, path), 404)["type"] == "/problems/not-found"


@with_client_keys
def test_put_creates_with_a_location(cafe: TestApp, spec: ResourceSpec) -> None:
    writer = spec.writer_client(cafe)
    new = writer.put(spec.url("luna"), spec.body)
    assert (new.status_code, new.headers["Location"]) == (201, spec.url("luna"))
    assert new.json | spec.body | {spec.key_field: "luna"} == new.json == writer.get(spec.url("luna")).json


@every_resource
def test_put_replaces_without_a_location(cafe: TestApp, spec: ResourceSpec) -> None:
    writer = spec.writer_client(cafe)
    path = spec.create(writer)
    new, again = writer.get(path), writer.put(path, spec.other)
    assert (again.status_code, again.headers.get("Location")) == (200, None)
    assert (new.json["version"], again.json["version"]) == (1, 2)
    assert again.json | spec.other == again.json == writer.get(path).json


@every_resource
def test_put_leaves_nothing_of_what_was_there_before(cafe: TestApp, spec: ResourceSpec) -> None:
    writer = spec.writer_client(cafe)
    replaced = writer.put(spec.create(writer, body={**spec.body, **spec.other}), spec.minimal_body()).json
    assert replaced | spec.defaults == replaced


@every_resource
def test_post_creates_and_its_location_resolves(cafe: TestApp, spec: ResourceSpec) -> None:
    writer = spec.writer_client(cafe)
    for key in spec.sample_keys:
        new = writer.post(spec.path, spec.post_body(key))
        told = new.json[spec.key_field]
        assert (new.status_code, new.headers["Location"]) == (201, spec.url(told))
        assert new.json | spec.body | ({spec.key_field: key} if spec.client_keys else {}) == new.json
        there = writer.get(new.headers["Location"])
        assert (there.status_code, there.json, etag(there)) == (200, new.json, etag(new))


@every_resource
def test_delete_is_204_and_then_404(cafe: TestApp, spec: ResourceSpec) -> None:
    writer = spec.writer_client(cafe)
    path = spec.create(writer)
    gone = writer.delete(path)
    assert (gone.status_code, gone.data, gone.headers.get("Content-Type")) == (204, b"", None)
    with writes_nothing(cafe):
        for method in ("GET", "HEAD", "DELETE"):
            assert writer.send(method, path).status_code == 404
    assert spec.keys_of(writer.get(spec.path).json["items"]) == []


@every_resource
def test_reading_writes_nothing(cafe: TestApp, spec: ResourceSpec) -> None:
    writer = spec.writer_client(cafe)
    path = spec.create(writer)
    with writes_nothing(cafe):
        for there in (spec.path, path, spec.url(spec.missing_key), f"{spec.path}?limit=x"):
            for method in ("GET", "HEAD", "OPTIONS"):
                writer.send(method, there)
                cafe.public.send(method, there)
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
def test_who_prefers_a_minimal_answer_gets_no_body(cafe: TestApp, spec: ResourceSpec) -> None:
    writer = spec.writer_client(cafe)
    for place, (prefer, minimal) in enumerate(PREFERENCES.items()):
        new = writer.post(spec.path, spec.post_body(f"luna {place}"), prefer=prefer)
        path = new.headers["Location"]
        put = writer.put(path, spec.other, prefer=prefer)
        patched = writer.patch(path, spec.body, prefer=prefer, if_match="*")
        assert [new.status_code, put.status_code, patched.status_code] == [201, *[204 if minimal else 200] * 2], prefer
        made = [writer.put(spec.url(f"tom {place}"), spec.body, prefer=prefer)] if spec.client_keys else []
        assert [answer.status_code for answer in made] == [201] * spec.client_keys
        for answer in (new, put, patched, *made):
            assert answer.headers.get("Preference-Applied") == ("return=minimal" if minimal else None)
            assert bool(answer.data) is ("Content-Type" in answer.headers) is not minimal
        assert etag(patched) == etag(writer.get(path))
