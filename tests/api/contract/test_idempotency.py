"""Idempotency-Key: a POST that is sent twice happens once, for every spec. Races are in tests/engine."""

from __future__ import annotations

from typing import Any

from werkzeug.test import TestResponse

from tests.support.app import TestApp, pointers, problem
from tests.support.inspection import etag, writes_nothing
from tests.support.resource_spec import ResourceSpec
from tests.support.resource_specs import every_resource, with_client_keys, with_server_keys

KEY = "f2a0c1d4-0b1e-4a55-9f3c-1d2e3f405162"


def told(answer: TestResponse) -> tuple[Any, ...]:
    """Return all of an answer that a caller goes by."""
    return answer.status_code, answer.data, answer.headers["Location"], answer.headers["ETag"]


@every_resource
def test_the_same_request_again_gets_the_same_answer_and_does_nothing(cafe: TestApp, spec: ResourceSpec) -> None:
    first = spec.writer_client(cafe).post(spec.path, spec.post_body("Zoë"), idempotency_key=KEY)
    cafe.clock.advance(hours=23, minutes=59)
    writer = spec.writer_client(cafe)
    assert first.status_code == 201
    with writes_nothing(cafe):
        for again in (KEY, f'"{KEY}"', f"  {KEY} "):
            assert told(writer.post(spec.path, spec.post_body("Zoë"), idempotency_key=again)) == told(first)


@every_resource
def test_the_answer_stays_the_same_when_the_thing_has_changed_or_gone(cafe: TestApp, spec: ResourceSpec) -> None:
    writer = spec.writer_client(cafe)
    first = writer.post(spec.path, spec.post_body("luna"), idempotency_key=KEY)
    path = first.headers["Location"]
    assert writer.put(path, spec.other).status_code == 200
    assert told(writer.post(spec.path, spec.post_body("luna"), idempotency_key=KEY)) == told(first)
    assert writer.delete(path).status_code == 204
    assert told(writer.post(spec.path, spec.post_body("luna"), idempotency_key=KEY)) == told(first)
    problem(writer.delete(path, if_match=etag(first)), 404)


@every_resource
def test_another_request_with_the_key_is_422(cafe: TestApp, spec: ResourceSpec) -> None:
    writer = spec.writer_client(cafe)
    writer.post(spec.path, spec.post_body("luna"), idempotency_key=KEY)
    others = [spec.post_body("luna", **spec.other), *([spec.post_body("tom")] if spec.client_keys else [])]
    with writes_nothing(cafe):
        for body in others:
            refused = problem(writer.post(spec.path, body, idempotency_key=KEY), 422)
            assert refused["type"] == "/problems/idempotency-key-reused"


@every_resource
def test_a_key_is_its_callers_own(cafe: TestApp, spec: ResourceSpec) -> None:
    one, other = (cafe.client(spec.writer, name) for name in ("ann", "bea"))
    first = one.post(spec.path, spec.post_body("luna"), idempotency_key=KEY)
    second = other.post(spec.path, spec.post_body("tom"), idempotency_key=KEY)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.headers["Location"] != second.headers["Location"]


@every_resource
def test_a_request_that_is_refused_does_not_use_the_key_up(cafe: TestApp, spec: ResourceSpec) -> None:
    writer, key = spec.writer_client(cafe), {"Idempotency-Key": KEY}
    spec.create(writer, "tom")
    with writes_nothing(cafe):
        wrong = writer.post(spec.path, spec.post_body("luna", wings=2), idempotency_key=KEY)
        assert pointers(wrong) == ["/wings"]
        if spec.client_keys:
            problem(writer.post(spec.path, spec.post_body("tom"), idempotency_key=KEY), 409)
        problem(writer.send("POST", spec.path, key, data="{", content_type="application/json"), 400)
        problem(writer.send("POST", spec.path, key, data="{}", content_type="text/csv"), 415)
    assert writer.post(spec.path, spec.post_body("luna"), idempotency_key=KEY).status_code == 201


@every_resource
def test_a_key_is_kept_for_24_hours_and_then_free(cafe: TestApp, spec: ResourceSpec) -> None:
    first = spec.writer_client(cafe).post(spec.path, spec.post_body("luna"), idempotency_key=KEY)
    cafe.clock.advance(hours=24)
    writer = spec.writer_client(cafe)
    new = writer.post(spec.path, spec.post_body("tom"), idempotency_key=KEY)
    assert (first.status_code, new.status_code) == (201, 201)
    assert new.headers["Location"] != first.headers["Location"]
    assert told(writer.post(spec.path, spec.post_body("tom"), idempotency_key=KEY)) == told(new)


@every_resource
def test_a_malformed_key_is_400_and_named(cafe: TestApp, spec: ResourceSpec) -> None:
    writer = spec.writer_client(cafe)
    with writes_nothing(cafe):
        for key in ("", " ", "a b", '"', '""', '"a', 'a"b', '"a\\b"', "ë", "x" * 256, '"a", "b"'):
            refused = problem(writer.post(spec.path, spec.post_body("luna"), idempotency_key=key), 400)
            assert [fault["header"] for fault in refused["errors"]] == ["Idempotency-Key"]


@every_resource
def test_a_key_is_any_printable_text(cafe: TestApp, spec: ResourceSpec) -> None:
    writer = spec.writer_client(cafe)
    for place, key in enumerate(["x" * 255, f'"{"y" * 255}"', '"a b"', "1", "key=a;b/c,d"]):
        answers = [writer.post(spec.path, spec.post_body(f"luna {place}"), idempotency_key=key) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [201, 201]
        assert answers[0].data == answers[1].data


@with_client_keys
def test_without_a_key_the_second_one_finds_the_name_taken(cafe: TestApp, spec: ResourceSpec) -> None:
    writer = spec.writer_client(cafe)
    answers = [writer.post(spec.path, spec.post_body("luna")) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 409]


@with_server_keys
def test_without_a_key_the_second_one_makes_another_thing(cafe: TestApp, spec: ResourceSpec) -> None:
    writer = spec.writer_client(cafe)
    answers = [writer.post(spec.path, spec.post_body("luna")) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].headers["Location"] != answers[1].headers["Location"]


@every_resource
def test_who_wants_less_the_second_time_gets_less(cafe: TestApp, spec: ResourceSpec) -> None:
    writer = spec.writer_client(cafe)
    first = writer.post(spec.path, spec.post_body("luna"), idempotency_key=KEY)
    second = writer.post(spec.path, spec.post_body("luna"), idempotency_key=KEY, prefer="return=minimal")
    assert (second.status_code, second.data) == (201, b"")
    assert second.headers["Location"] == first.headers["Location"]
