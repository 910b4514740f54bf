"""Property-based tests: valid bodies are stored unchanged; invalid requests get a 4xx status and change nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import Phase, assume, given, settings
from hypothesis import strategies as st

from api.domain.sessions import Credentials
from api.domain.weights import CreateWeight
from tests.conftest import new_table
from tests.support.app import PATCH
from tests.support.populated_app import SERVICES, PopulatedApp
from tests.support.resource_spec import ResourceSpec
from tests.support.resource_specs import RESOURCE_SPECS, every_resource, with_client_keys, with_server_keys
from tests.support.strategies import SECRETS, invalid_bodies, valid_bodies

pytestmark = pytest.mark.slow

ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)
SPECIAL_KEYS = st.sampled_from(
    ["", ".", "..", "%", "%2F", "a/b", "0", "01", "a" * 64, "a" * 300, "Мурка", "猫", "ж/猫"]
)
KEYS = st.text(max_size=70) | st.text("aZ9& .-'é\u0301ж猫", max_size=8) | SPECIAL_KEYS
# Shrinking is off: the examples are small, and a failed example may leave items that slow down each later check.
examples = partial(settings, phases=[Phase.generate])
write_methods = pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])


@pytest.fixture(scope="module")
def static_app() -> Iterator[PopulatedApp]:
    """An application that only gets rejected requests, so that a scan of the table stays fast."""
    with new_table() as table:
        yield PopulatedApp(table)


@pytest.fixture(scope="module")
def mutable_app() -> Iterator[PopulatedApp]:
    """An application that gets successful writes."""
    with new_table() as table:
        yield PopulatedApp(table)


def with_key(spec: ResourceSpec, key: str, body: dict[str, Any]) -> dict[str, Any]:
    """Return the body with the key, if clients choose keys and the body has none."""
    return {**({spec.key_field: key} if spec.client_keys else {}), **body}


def contains(sent: Any, received: Any) -> bool:
    """Return whether the response contains all sent fields. It may contain more."""
    if isinstance(sent, dict):
        return isinstance(received, dict) and all(
            name in received and contains(sent[name], received[name]) for name in sent
        )
    if isinstance(sent, list):
        return len(sent) == len(received) and all(
            contains(item, other) for item, other in zip(sent, received, strict=True)
        )
    return bool(sent == received)


@every_resource
@pytest.mark.parametrize("method", ["POST", "PUT"])
@examples(max_examples=12)
@given(data=st.data())
def test_valid_body_is_stored_and_returned_unchanged(
    mutable_app: PopulatedApp, spec: ResourceSpec, method: str, data: st.DataObject
) -> None:
    owner, service = mutable_app.owner, SERVICES[spec.path]
    owner.delete(spec.url("luna"))
    body = data.draw(valid_bodies(service.create_type if method == "POST" else service.replace_type))
    is_post = method == "POST"
    response = owner.post(spec.path, with_key(spec, "luna", body)) if is_post else owner.put(spec.create(owner), body)
    assert response.status_code == (201 if is_post else 200), response.json
    assert contains({name: value for name, value in body.items() if name not in SECRETS}, response.json)
    assert not SECRETS & response.json.keys()
    path = spec.url(response.json[spec.key_field])
    assert owner.get(path).json == response.json
    writable = {
        name: value for name, value in response.json.items() if name in service.replace_type.__struct_encode_fields__
    }
    assert owner.put(path, writable).status_code == 200


@every_resource
@examples(max_examples=10)
@given(data=st.data())
def test_patch_with_nulls_and_patch_with_a_body_equal_a_put(
    mutable_app: PopulatedApp, spec: ResourceSpec, data: st.DataObject
) -> None:
    owner, service = mutable_app.owner, SERVICES[spec.path]
    first, second = data.draw(valid_bodies(service.replace_type)), data.draw(valid_bodies(service.replace_type))
    path = spec.create(owner) if not spec.client_keys else spec.url("luna")
    # An owner can change these fields, but not reset them.
    not_nullable = {*spec.required, "role", "active", *SECRETS}
    nulls = dict.fromkeys({*service.replace_type.__struct_encode_fields__} - not_nullable)
    owner.put(path, first)
    put = owner.put(path, second).json
    owner.put(path, first)
    assert owner.patch(path, nulls, if_match="*").status_code == 200
    patched = owner.patch(path, second, if_match="*")
    assert patched.status_code == 200, patched.json
    assert patched.json == put | {name: patched.json[name] for name in ("version", "updated", "created")}


@every_resource
@write_methods
@examples(max_examples=12)
@given(data=st.data())
def test_body_with_one_error_is_422_and_changes_nothing(
    static_app: PopulatedApp, spec: ResourceSpec, method: str, data: st.DataObject
) -> None:
    service = SERVICES[spec.path]
    body = data.draw(invalid_bodies(service.create_type if method == "POST" else service.replace_type))
    with static_app.writes_nothing():
        response = static_app.send(spec, method, json=with_key(spec, "new", body) if method == "POST" else body)
    assert response.status_code == 422, response.json
    assert response.json["errors"]


@examples(max_examples=30)
@given(body=invalid_bodies(CreateWeight))
def test_invalid_weighing_is_422(static_app: PopulatedApp, body: dict[str, Any]) -> None:
    with static_app.writes_nothing():
        assert static_app.owner.post("/cats/tom/weights", body).status_code == 422


@pytest.mark.parametrize("path", ["/sessions", "/login"])
@examples(max_examples=20)
@given(body=invalid_bodies(Credentials))
def test_invalid_credentials_body_is_422_and_not_counted(
    static_app: PopulatedApp, path: str, body: dict[str, Any]
) -> None:
    with static_app.writes_nothing():
        assert static_app.cafe.public.post(path, {"username": "tom", **body}).status_code == 422


@every_resource
@write_methods
@examples(max_examples=8)
@given(content=st.binary(max_size=60) | ANY_JSON.map(lambda value: json.dumps(value).encode()))
def test_arbitrary_bytes_are_4xx_and_change_nothing(
    static_app: PopulatedApp, spec: ResourceSpec, method: str, content: bytes
) -> None:
    assume(content.strip() != b"{}")
    with static_app.writes_nothing():
        assert static_app.send(spec, method, data=content).status_code in (400, 422)


@with_client_keys
@examples(max_examples=25)
@given(name=KEYS)
def test_arbitrary_name_is_a_key_or_422(
    static_app: PopulatedApp, mutable_app: PopulatedApp, spec: ResourceSpec, name: str
) -> None:
    owner, service, path = mutable_app.owner, SERVICES[spec.path], f"{spec.path}/{quote(name, safe='')}"
    key = service.normalise_key(name)
    if service.key_error(key) is None:
        created = owner.put(path, {})
        assert created.status_code == 201
        assert owner.get(path).json[spec.key_field] == created.json[spec.key_field] == key
        assert owner.get(created.headers["Location"]).json == created.json
        assert owner.delete(path).status_code == 204
        return
    with static_app.writes_nothing():
        assert static_app.owner.put(path, {}).status_code in (404, 422)
        assert static_app.owner.post(spec.path, spec.post_body(name)).status_code == 422
        for method in ("GET", "DELETE", "PATCH"):
            assert static_app.owner.send(method, path, PATCH, json={}).status_code == 404


@with_server_keys
@examples(max_examples=15)
@given(key=KEYS | st.integers().map(str))
def test_arbitrary_server_key_is_404(static_app: PopulatedApp, spec: ResourceSpec, key: str) -> None:
    path = f"{spec.path}/{quote(key, safe='')}"
    assume(path != static_app.paths[spec.path])
    with static_app.writes_nothing():
        for method in ("GET", "PUT", "PATCH", "DELETE"):
            content_type = PATCH if method == "PATCH" else {}
            assert (
                static_app.owner.send(method, path, content_type | {"If-None-Match": "*"}, json=spec.body).status_code
                == 404
            )


ROUTES = [
    "static",
    "cats",
    "pies",
    "posts",
    "todos",
    "users",
    "sessions",
    "problems",
    "history",
    "weights",
    "..",
    "%2F",
]
SEGMENTS = st.sampled_from(ROUTES) | (KEYS | st.text(max_size=300)).map(lambda text: quote(text, safe=""))
FAR_TIMES = st.datetimes(timezones=st.timezones() | st.just(UTC)).map(datetime.isoformat)
"""Times of the years 1 to 9999 with any offset."""
PATHS = st.lists(SEGMENTS | SEGMENTS.map(lambda segment: segment * 40), max_size=6).map("/".join)


@examples(max_examples=60)
@given(path=PATHS, headers=st.sampled_from([{}, {"Accept-Encoding": "gzip"}, {"Accept": "text/html"}]))
def test_arbitrary_path_is_never_a_5xx_and_its_headers_are_printable_ascii(
    static_app: PopulatedApp, path: str, headers: dict[str, str]
) -> None:
    for method in ("GET", "OPTIONS"):
        response = static_app.owner.send(method, "/" + path.lstrip("/"), headers, buffered=True)
        assert response.status_code < 500
        assert all(text.isascii() and text.isprintable() for header in response.headers for text in header)


@examples(max_examples=40)
@given(at=FAR_TIMES)
def test_any_time_is_200_or_404_in_a_history_or_400(static_app: PopulatedApp, at: str) -> None:
    response = static_app.owner.get(f"/cats/ada/history?{urlencode({'at': at})}")
    assert response.status_code in (200, 400, 404)
    as_of = static_app.owner.get(f"/cats/ada/as-of/{quote(at)}")
    assert as_of.status_code == (404 if response.status_code == 400 else response.status_code)


TIME_FIELDS = (
    ("/cats/tom/weights", {"grams": 4000}, "weighedAt"),
    ("/posts", {"title": "News", "body": "They sleep."}, "publishedAt"),
    ("/todos", {"title": "Feed them", "due": "2027-01-01"}, "waitUntil"),
    ("/todos", {"title": "Feed them", "recurrence": {"every": 1000, "unit": "weeks"}}, "due"),
    ("/pies", {"name": "later"}, "soldOutUntil"),
    ("/cats", {"name": "later"}, "birthDate"),
    ("/cats", {"name": "later"}, "holdUntil"),
)


@examples(max_examples=25)
@given(at=FAR_TIMES | st.dates().map(str), field=st.sampled_from(TIME_FIELDS))
def test_any_time_in_a_body_is_never_a_5xx(
    mutable_app: PopulatedApp, at: str, field: tuple[str, dict[str, Any], str]
) -> None:
    path, body, name = field
    assert mutable_app.owner.post(path, body | {name: at}).status_code in (201, 409, 422)
    assert mutable_app.owner.get("/todos/next").status_code == 200


PARAMETERS = st.sampled_from(
    ["limit", "cursor", "fields", "name", "sort", "status", *(spec.filter_name for spec in RESOURCE_SPECS)]
)
VALUES = st.sampled_from(["1", "name", "age", "true", "hold", "luna", "member", "id"])


@every_resource
@examples(max_examples=30)
@given(query=st.dictionaries(PARAMETERS | st.text(max_size=6), VALUES | st.text(max_size=12), max_size=4))
def test_arbitrary_query_is_200_or_400_with_the_parameter(
    static_app: PopulatedApp, spec: ResourceSpec, query: dict[str, str]
) -> None:
    response = static_app.reader(spec).get(f"{spec.path}?{urlencode(query)}")
    assert response.status_code in (200, 400)
    if response.status_code == 400:
        assert {error["parameter"] for error in response.json["errors"]} <= query.keys()


HEADERS = ("Accept", "Accept-Encoding", "If-Match", "If-None-Match", "Prefer", "Idempotency-Key", "Authorization")
LATIN_1 = st.characters(max_codepoint=255, exclude_characters="\r\n")


@every_resource
@examples(max_examples=15)
@given(headers=st.dictionaries(st.sampled_from(HEADERS), st.text(LATIN_1, max_size=12)))
def test_arbitrary_headers_are_never_a_5xx(
    static_app: PopulatedApp, spec: ResourceSpec, headers: dict[str, str]
) -> None:
    path = static_app.paths[spec.path]
    with static_app.writes_nothing():
        for method, url in (("GET", path), ("GET", spec.path), ("PATCH", path), ("POST", spec.path)):
            assert static_app.owner.send(method, url, headers, json={}).status_code < 500
