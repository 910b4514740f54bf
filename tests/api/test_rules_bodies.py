"""What a body has to be, for every noun: its type, its coding, its size, its JSON, its members."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest

from tests.api.looking import etag, unchanged
from tests.api.nouns import Noun, every_noun
from tests.cafe import PATCH, Cafe, pointers, problem

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


@every_noun
@pytest.mark.parametrize("raw", MALFORMED.values(), ids=MALFORMED.keys())
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
def test_a_malformed_body_is_400_and_changes_nothing(cafe: Cafe, noun: Noun, raw: bytes, method: str) -> None:
    writer = noun.who_writes(cafe)
    writer.put(noun.at("luna"), noun.body)
    path, kind = (noun.path, JSON) if method == "POST" else (noun.at("luna"), PATCH if method == "PATCH" else JSON)
    with unchanged(cafe):
        told = problem(writer.send(method, path, kind | {"If-Match": "*"}, data=raw), 400)
    assert (told["type"], told["errors"][0]["pointer"]) == ("/problems/malformed", "")


@every_noun
@pytest.mark.parametrize("raw", NO_OBJECT)
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
def test_a_body_that_is_no_object_is_422(cafe: Cafe, noun: Noun, raw: bytes, method: str) -> None:
    writer = noun.who_writes(cafe)
    writer.put(noun.at("luna"), noun.body)
    path, kind = (noun.path, JSON) if method == "POST" else (noun.at("luna"), PATCH if method == "PATCH" else JSON)
    with unchanged(cafe):
        assert pointers(writer.send(method, path, kind | {"If-Match": "*"}, data=raw)) == [""]


@every_noun
@pytest.mark.parametrize(
    ("method", "kind", "accept", "accept_patch"),
    [
        ("POST", "text/plain", "application/json, application/x-www-form-urlencoded", None),
        ("PUT", "application/json; charset=latin-1", "application/json, application/x-www-form-urlencoded", None),
        ("PUT", "application/merge-patch+json", "application/json, application/x-www-form-urlencoded", None),
        ("PUT", "multipart/form-data; boundary=x", "application/json, application/x-www-form-urlencoded", None),
        ("PUT", "", "application/json, application/x-www-form-urlencoded", None),
        ("PATCH", "application/json", "application/merge-patch+json", "application/merge-patch+json"),
        ("PATCH", "application/x-www-form-urlencoded", "application/merge-patch+json", "application/merge-patch+json"),
    ],
)  # fmt: skip
def test_a_wrong_type_is_415_and_says_which_are_right(
    cafe: Cafe, noun: Noun, method: str, kind: str, accept: str, accept_patch: str | None
) -> None:
    writer = noun.who_writes(cafe)
    path = noun.path if method == "POST" else noun.at("luna")
    with unchanged(cafe):
        refused = writer.send(method, path, data=json.dumps(noun.named("luna")), content_type=kind or None)
    assert problem(refused, 415)["type"] == "/problems/unsupported-media-type"
    assert (refused.headers["Accept"], refused.headers.get("Accept-Patch")) == (accept, accept_patch)


@every_noun
@pytest.mark.parametrize("kind", ["application/json; charset=UTF-8", "Application/JSON", "application/json;x=y"])
def test_a_type_is_read_whatever_its_case_and_parameters(cafe: Cafe, noun: Noun, kind: str) -> None:
    sent = noun.who_writes(cafe).send("PUT", noun.at("luna"), data=json.dumps(noun.body), content_type=kind)
    assert sent.status_code == 201


@every_noun
@pytest.mark.parametrize("coding", ["gzip", "br", "deflate, gzip"])
def test_a_coded_body_is_415(cafe: Cafe, noun: Noun, coding: str) -> None:
    writer, raw = noun.who_writes(cafe), gzip.compress(json.dumps(noun.body).encode())
    with unchanged(cafe):
        refused = writer.send("PUT", noun.at("luna"), JSON | {"Content-Encoding": coding}, data=raw)
    assert problem(refused, 415)["type"] == "/problems/unsupported-media-type"
    assert refused.headers["Accept-Encoding"] == "identity"


@every_noun
@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize(("size", "status"), [(LARGEST, 422), (LARGEST + 1, 413)])
def test_a_body_over_256_kib_is_413(cafe: Cafe, noun: Noun, size: int, status: int, chunked: bool) -> None:
    writer = noun.who_writes(cafe)
    raw = b'{"description": "%s"}' % (b"x" * (size - 19))
    how: dict[str, Any] = (
        {"environ_overrides": {"wsgi.input_terminated": True, "CONTENT_LENGTH": ""}} if chunked else {}
    )
    assert len(raw) == size
    with unchanged(cafe):
        problem(writer.send("PUT", noun.at("luna"), JSON, data=raw, **how), status)


@every_noun
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
def test_every_fault_is_told_at_once(cafe: Cafe, noun: Noun, method: str) -> None:
    writer = noun.who_writes(cafe)
    writer.put(noun.at("luna"), noun.body)
    kind = PATCH if method == "PATCH" else JSON
    path, key = (noun.path, "!") if method == "POST" else (noun.at("luna"), "tom")
    body = {noun.member: key, **noun.broken, **dict.fromkeys(noun.servers, "mine")}
    with unchanged(cafe):
        refused = writer.send(method, path, kind | {"If-Match": "*"}, json=body)
    of_the_server = [f"/{member}" for member in noun.servers]
    assert pointers(refused) == sorted([*noun.pointers, *of_the_server, f"/{noun.member}"])
    assert refused.json["type"] == "/problems/invalid"
    assert all(fault["detail"].endswith((".", "!")) for fault in refused.json["errors"])


@every_noun
@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_the_servers_own_members_cannot_be_sent_back(cafe: Cafe, noun: Noun, method: str) -> None:
    writer = noun.who_writes(cafe)
    there = writer.put(noun.at("luna"), noun.body)
    headers = {"If-Match": etag(there)} | (PATCH if method == "PATCH" else {})
    with unchanged(cafe):
        refused = writer.send(method, noun.at("luna"), headers, json=there.json)
    assert pointers(refused) == sorted(f"/{member}" for member in noun.servers)


@every_noun
@pytest.mark.parametrize("value", [True, False, "3", 3.5, "", [3], {}, None, -1, 10**10, 10**30])
def test_what_looks_like_an_integer_is_none(cafe: Cafe, noun: Noun, value: Any) -> None:
    writer = noun.who_writes(cafe)
    with unchanged(cafe):
        assert pointers(writer.put(noun.at("luna"), noun.integer(value))) == [noun.integer_at]
    assert writer.put(noun.at("luna"), noun.integer(3)).status_code == 201


@every_noun
def test_post_needs_the_key_and_put_needs_it_to_be_that_of_the_url(cafe: Cafe, noun: Noun) -> None:
    writer, at = noun.who_writes(cafe), f"/{noun.member}"
    with unchanged(cafe):
        for body in (
            noun.body,
            noun.named(""),
            noun.named("x" * 65),
            noun.named("a/b"),
            noun.named("-"),
            {noun.member: 3},
        ):
            assert pointers(writer.post(noun.path, body)) == [at]
        for key in ("tom", "", "LUNA"):
            assert pointers(writer.put(noun.at("luna"), noun.named(key))) == [at]
        for key in ("a\tb", "-.-", "x" * 65, "a,b"):
            assert pointers(writer.put(noun.at(key), noun.body)) == [at]
    assert writer.put(noun.at("Zoë"), noun.named(" Zoë ")).status_code == 201
