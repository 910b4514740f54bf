"""What a body has to be, for every spec: its type, its coding, its size, its JSON."""

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
LARGEST = 256 * 1024

MALFORMED = {
    "nothing": b"",
    "half of it": b'{"status": "hold"',
    "a comma too many": b'{"status": "hold",}',
    "more behind it": b"{}{}",
    "single quotes": b"{'status': 'hold'}",
    "a member twice": b'{"sex": "male", "sex": "male"}',
    "a member twice within": b'{"location": {"area": "A", "area": "B"}}',
    "a member twice, spelt differently": b'{"sex": "male", "\\u0073ex": "male"}',
    "NaN": b'{"adoptionFee": {"amount": NaN, "currency": "EUR"}}',
    "Infinity": b'{"adoptionFee": Infinity}',
    "minus Infinity": b'{"adoptionFee": -Infinity}',
    "overflow": b'{"adoptionFee": {"amount": 1e999, "currency": "EUR"}}',
    "overflow below": b'{"adoptionFee": -1e999}',
    "an integer of 5,000 digits": b'{"version": %s}' % (b"9" * 5000),
    "half of a surrogate pair": b'{"description": "\\ud83d"}',
    "half of a surrogate pair in a name": b'{"\\udc08": 1}',
    "half of a surrogate pair within": b'{"colors": ["x", "\\ud83d"]}',
    "33 levels of lists": b'{"a":' + b"[" * 33 + b"]" * 33 + b"}",
    "100,000 levels of lists": b"[" * 100_000,
    "100,000 levels of objects": b'{"a":' * 40_000,
    "a byte order mark": b"\xef\xbb\xbf{}",
    "no UTF-8": b'{"description": "Zo\xeb"}',
    "UTF-16": '{"sex": "male"}'.encode("utf-16"),
    "a control character": b'{"description": "a\x00b"}',
}
NO_OBJECT = [b"[]", b'"hold"', b"null", b"3", b"true"]
METHODS = ("POST", "PUT", "PATCH")
READ = "application/json, application/x-www-form-urlencoded"
WRONG_TYPES = [
    ("POST", "text/plain"),
    ("PUT", "application/json; charset=latin-1"),
    ("PUT", "application/merge-patch+json"),
    ("PUT", "multipart/form-data; boundary=x"),
    ("PUT", None),
    ("PATCH", "application/json"),
    ("PATCH", "application/x-www-form-urlencoded"),
]


def sending(spec: ResourceSpec, writer: Client, method: str) -> Callable[..., TestResponse]:
    """Make a thing, and return what sends a body to where a method writes."""
    path = spec.create(writer)
    kind = (PATCH if method == "PATCH" else JSON) | {"If-Match": "*"}
    return lambda **body: writer.send(method, spec.path if method == "POST" else path, kind, **body)


@every_resource
@pytest.mark.parametrize("method", METHODS)
def test_a_malformed_body_is_400_and_changes_nothing(cafe: TestApp, spec: ResourceSpec, method: str) -> None:
    send = sending(spec, spec.writer_client(cafe), method)
    with writes_nothing(cafe):
        told = {name: problem(send(data=raw), 400) for name, raw in MALFORMED.items()}
    for name, refused in told.items():
        assert (refused["type"], refused["errors"][0]["pointer"]) == ("/problems/malformed", ""), name


@every_resource
@pytest.mark.parametrize("method", METHODS)
def test_a_body_that_is_no_object_is_422(cafe: TestApp, spec: ResourceSpec, method: str) -> None:
    send = sending(spec, spec.writer_client(cafe), method)
    with writes_nothing(cafe):
        for raw in NO_OBJECT:
            assert pointers(send(data=raw)) == [""]


@every_resource
def test_a_wrong_type_is_415_and_says_which_are_right(cafe: TestApp, spec: ResourceSpec) -> None:
    writer = spec.writer_client(cafe)
    with writes_nothing(cafe):
        for method, kind in WRONG_TYPES:
            path = spec.path if method == "POST" else spec.url(spec.missing_key)
            refused = writer.send(method, path, data=json.dumps(spec.post_body("luna")), content_type=kind)
            assert problem(refused, 415)["type"] == "/problems/unsupported-media-type", kind
            told = refused.headers["Accept"], refused.headers.get("Accept-Patch")
            assert told == ((PATCH["Content-Type"],) * 2 if method == "PATCH" else (READ, None)), kind


@every_resource
def test_a_type_is_read_whatever_its_case_and_parameters(cafe: TestApp, spec: ResourceSpec) -> None:
    writer = spec.writer_client(cafe)
    for place, kind in enumerate(["application/json; charset=UTF-8", "Application/JSON", "application/json;x=y"]):
        sent = writer.send("POST", spec.path, data=json.dumps(spec.post_body(f"luna {place}")), content_type=kind)
        assert sent.status_code == 201, kind


@every_resource
def test_a_coded_body_is_415(cafe: TestApp, spec: ResourceSpec) -> None:
    writer, raw = spec.writer_client(cafe), gzip.compress(json.dumps(spec.body).encode())
    path = spec.create(writer)
    with writes_nothing(cafe):
        for coding in ("gzip", "br", "deflate, gzip"):
            refused = writer.send("PUT", path, JSON | {"Content-Encoding": coding}, data=raw)
            assert problem(refused, 415)["type"] == "/problems/unsupported-media-type"
            assert refused.headers["Accept-Encoding"] == "identity"


@every_resource
@pytest.mark.parametrize("method", METHODS)
def test_a_body_over_256_kib_is_413(cafe: TestApp, spec: ResourceSpec, method: str) -> None:
    send = sending(spec, spec.writer_client(cafe), method)
    chunks = {"environ_overrides": {"wsgi.input_terminated": True, "CONTENT_LENGTH": ""}}
    how: list[dict[str, Any]] = [{}, chunks]
    with writes_nothing(cafe):
        for size, status in ((LARGEST, 422), (LARGEST + 1, 413)):
            raw = b'{"description": "%s"}' % (b"x" * (size - 19))
            assert len(raw) == size
            for one in how:
                problem(send(data=raw, **one), status)
