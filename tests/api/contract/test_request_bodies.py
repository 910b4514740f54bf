"""Content type, content encoding, size and JSON syntax of request bodies."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.support.app import PATCH, Client, TestApp, pointers, problem
from tests.support.inspection import writes_nothing
from tests.support.resource_spec import ResourceSpec
from tests.support.resource_specs import every_resource

JSON = {"Content-Type": "application/json"}
MAX_BYTES = 256 * 1024

MALFORMED = {
    "empty": b"",
    "truncated": b'{"status": "hold"',
    "trailing comma": b'{"status": "hold",}',
    "two documents": b"{}{}",
    "single quotes": b"{'status': 'hold'}",
    "duplicate key": b'{"sex": "male", "sex": "male"}',
    "nested duplicate key": b'{"location": {"area": "A", "area": "B"}}',
    "duplicate key with an escape": b'{"sex": "male", "\\u0073ex": "male"}',
    "NaN": b'{"adoptionFee": {"amount": NaN, "currency": "EUR"}}',
    "Infinity": b'{"adoptionFee": Infinity}',
    "-Infinity": b'{"adoptionFee": -Infinity}',
    "overflow": b'{"adoptionFee": {"amount": 1e999, "currency": "EUR"}}',
    "negative overflow": b'{"adoptionFee": -1e999}',
    "an integer of 401 digits": b'{"version": %s}' % (b"9" * 401),
    "lone surrogate": b'{"description": "\\ud83d"}',
    "lone surrogate in a key": b'{"\\udc08": 1}',
    "nested lone surrogate": b'{"colors": ["x", "\\ud83d"]}',
    "33 levels": b'{"a":' + b"[" * 32 + b"]" * 32 + b"}",
    "100,000 levels of lists": b"[" * 100_000,
    "100,000 levels of objects": b'{"a":' * 40_000,
    "a byte order mark": b"\xef\xbb\xbf{}",
    "not UTF-8": b'{"description": "Zo\xeb"}',
    "UTF-16": '{"sex": "male"}'.encode("utf-16"),
    "a control character": b'{"description": "a\x00b"}',
}
READ = {
    "32 levels with a value inside": b'{"wings":' + b"[" * 31 + b"1" + b"]" * 31 + b"}",
    "a number of 400 digits": b'{"wings": %s}' % (b"9" * 400),
    "a negative number of 400 digits": b'{"wings": -%s}' % (b"9" * 400),
}
"""Bodies that are read to their end, and have an unknown member."""
NOT_OBJECTS = [b"[]", b'"hold"', b"null", b"3", b"true"]
METHODS = ("POST", "PUT", "PATCH")
ACCEPTED = "application/json, application/x-www-form-urlencoded"
WRONG_TYPES = [
    ("POST", "text/plain"),
    ("PUT", "application/json; charset=latin-1"),
    ("PUT", "application/merge-patch+json"),
    ("PUT", "multipart/form-data; boundary=x"),
    ("PUT", None),
    ("PATCH", "application/json"),
    ("PATCH", "application/x-www-form-urlencoded"),
]


def body_sender(spec: ResourceSpec, writer: Client, method: str) -> Callable[..., TestResponse]:
    """Create an item and return a function that sends a body to the collection (POST) or the item."""
    path = spec.create(writer)
    headers = (PATCH if method == "PATCH" else JSON) | {"If-Match": "*"}
    return lambda **body: writer.send(method, spec.path if method == "POST" else path, headers, **body)


@every_resource
@pytest.mark.parametrize("method", METHODS)
def test_malformed_body_is_400_and_changes_nothing(cafe: TestApp, spec: ResourceSpec, method: str) -> None:
    send = body_sender(spec, spec.writer_client(cafe), method)
    with writes_nothing(cafe):
        bodies = {name: problem(send(data=raw), 400) for name, raw in MALFORMED.items()}
    for name, body in bodies.items():
        assert (body["type"], body["errors"][0]["pointer"]) == ("/problems/malformed", ""), name
    assert bodies["a byte order mark"]["detail"] == "The body is not JSON: it begins with a byte order mark."


@every_resource
def test_body_at_the_limits_of_depth_and_digits_is_read(cafe: TestApp, spec: ResourceSpec) -> None:
    send = body_sender(spec, spec.writer_client(cafe), "PUT")
    for name, raw in READ.items():
        assert "/wings" in pointers(send(data=raw)), name


@every_resource
@pytest.mark.parametrize("method", METHODS)
def test_body_that_is_not_an_object_is_422(cafe: TestApp, spec: ResourceSpec, method: str) -> None:
    send = body_sender(spec, spec.writer_client(cafe), method)
    with writes_nothing(cafe):
        for raw in NOT_OBJECTS:
            assert pointers(send(data=raw)) == [""]


@every_resource
def test_unsupported_content_type_is_415_with_the_accepted_types(cafe: TestApp, spec: ResourceSpec) -> None:
    writer = spec.writer_client(cafe)
    with writes_nothing(cafe):
        for method, content_type in WRONG_TYPES:
            path = spec.path if method == "POST" else spec.url(spec.missing_key)
            response = writer.send(method, path, data=json.dumps(spec.post_body("luna")), content_type=content_type)
            assert problem(response, 415)["type"] == "/problems/unsupported-media-type", content_type
            accepted = response.headers["Accept"], response.headers.get("Accept-Patch")
            assert accepted == ((PATCH["Content-Type"],) * 2 if method == "PATCH" else (ACCEPTED, None)), content_type


@every_resource
def test_content_type_ignores_case_and_parameters(cafe: TestApp, spec: ResourceSpec) -> None:
    writer = spec.writer_client(cafe)
    for number, content_type in enumerate(
        ["application/json; charset=UTF-8", "Application/JSON", "application/json;x=y"]
    ):
        response = writer.send(
            "POST", spec.path, data=json.dumps(spec.post_body(f"luna {number}")), content_type=content_type
        )
        assert response.status_code == 201, content_type


@every_resource
def test_content_encoding_is_415(cafe: TestApp, spec: ResourceSpec) -> None:
    writer, raw = spec.writer_client(cafe), gzip.compress(json.dumps(spec.body).encode())
    path = spec.create(writer)
    with writes_nothing(cafe):
        for coding in ("gzip", "br", "deflate, gzip"):
            response = writer.send("PUT", path, JSON | {"Content-Encoding": coding}, data=raw)
            assert problem(response, 415)["type"] == "/problems/unsupported-media-type"
            assert response.headers["Accept-Encoding"] == "identity"


@every_resource
@pytest.mark.parametrize("method", METHODS)
def test_body_over_256_kib_is_413(cafe: TestApp, spec: ResourceSpec, method: str) -> None:
    send = body_sender(spec, spec.writer_client(cafe), method)
    chunked = {"environ_overrides": {"wsgi.input_terminated": True, "CONTENT_LENGTH": ""}}
    variants: list[dict[str, Any]] = [{}, chunked]
    with writes_nothing(cafe):
        for size, status in ((MAX_BYTES, 422), (MAX_BYTES + 1, 413)):
            raw = b'{"description": "%s"}' % (b"x" * (size - 19))
            assert len(raw) == size
            for options in variants:
                problem(send(data=raw, **options), status)
