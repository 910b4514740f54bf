"""Idempotency-Key: a POST that is sent twice happens once, for every noun. Races are in tests/engine."""

from __future__ import annotations

from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.api.looking import etag, unchanged
from tests.api.nouns import Noun, every_noun
from tests.cafe import Cafe, pointers, problem

KEY = "f2a0c1d4-0b1e-4a55-9f3c-1d2e3f405162"


def told(answer: TestResponse) -> tuple[Any, ...]:
    """Return all of an answer that a caller goes by."""
    return answer.status_code, answer.data, answer.headers["Location"], answer.headers["ETag"]


@every_noun
@pytest.mark.parametrize("again", [KEY, f'"{KEY}"', f"  {KEY} "])
def test_the_same_request_again_gets_the_same_answer_and_does_nothing(cafe: Cafe, noun: Noun, again: str) -> None:
    writer = noun.who_writes(cafe)
    first = writer.post(noun.path, noun.named("Zoë"), idempotency_key=KEY)
    cafe.clock.pass_by(hours=23, minutes=59)
    writer = noun.who_writes(cafe)
    with unchanged(cafe):
        second = writer.post(noun.path, noun.named("Zoë"), idempotency_key=again)
    assert first.status_code == 201
    assert told(second) == told(first)


@every_noun
def test_the_answer_stays_the_same_when_the_thing_has_changed_or_gone(cafe: Cafe, noun: Noun) -> None:
    writer = noun.who_writes(cafe)
    first = writer.post(noun.path, noun.named("luna"), idempotency_key=KEY)
    writer.put(noun.at("luna"), noun.other)
    assert told(writer.post(noun.path, noun.named("luna"), idempotency_key=KEY)) == told(first)
    writer.delete(noun.at("luna"))
    assert told(writer.post(noun.path, noun.named("luna"), idempotency_key=KEY)) == told(first)
    problem(writer.delete(noun.at("luna"), if_match=etag(first)), 404)


@every_noun
def test_another_request_with_the_key_is_422(cafe: Cafe, noun: Noun) -> None:
    writer = noun.who_writes(cafe)
    writer.post(noun.path, noun.named("luna"), idempotency_key=KEY)
    with unchanged(cafe):
        for body in (noun.named("tom"), noun.named("luna", **noun.other)):
            refused = problem(writer.post(noun.path, body, idempotency_key=KEY), 422)
            assert refused["type"] == "/problems/idempotency-key-reused"


@every_noun
def test_a_key_is_its_callers_own(cafe: Cafe, noun: Noun) -> None:
    one, other = (cafe.caller(noun.writer, name) for name in ("ann", "bea"))
    assert one.post(noun.path, noun.named("luna"), idempotency_key=KEY).status_code == 201
    assert other.post(noun.path, noun.named("tom"), idempotency_key=KEY).status_code == 201


@every_noun
def test_a_request_that_is_refused_does_not_use_the_key_up(cafe: Cafe, noun: Noun) -> None:
    writer = noun.who_writes(cafe)
    writer.put(noun.at("tom"), noun.body)
    with unchanged(cafe):
        assert pointers(writer.post(noun.path, noun.named("!"), idempotency_key=KEY)) == [f"/{noun.member}"]
        problem(writer.post(noun.path, noun.named("tom"), idempotency_key=KEY), 409)
        problem(
            writer.send("POST", noun.path, {"Idempotency-Key": KEY}, data="{", content_type="application/json"), 400
        )
        problem(writer.send("POST", noun.path, {"Idempotency-Key": KEY}, data="{}", content_type="text/csv"), 415)
    assert writer.post(noun.path, noun.named("luna"), idempotency_key=KEY).status_code == 201


@every_noun
def test_a_key_is_kept_for_24_hours_and_then_free(cafe: Cafe, noun: Noun) -> None:
    noun.who_writes(cafe).post(noun.path, noun.named("luna"), idempotency_key=KEY)
    cafe.clock.pass_by(hours=24)
    writer = noun.who_writes(cafe)
    new = writer.post(noun.path, noun.named("tom"), idempotency_key=KEY)
    assert (new.status_code, new.headers["Location"]) == (201, noun.at("tom"))
    assert told(writer.post(noun.path, noun.named("tom"), idempotency_key=KEY)) == told(new)


@every_noun
@pytest.mark.parametrize("key", ["", " ", "a b", '"', '""', '"a', 'a"b', '"a\\b"', "ë", "x" * 256, '"a", "b"'])
def test_a_malformed_key_is_400_and_named(cafe: Cafe, noun: Noun, key: str) -> None:
    writer = noun.who_writes(cafe)
    with unchanged(cafe):
        refused = problem(writer.post(noun.path, noun.named("luna"), idempotency_key=key), 400)
    assert [fault["header"] for fault in refused["errors"]] == ["Idempotency-Key"]


@every_noun
@pytest.mark.parametrize("key", ["x" * 255, f'"{"y" * 255}"', '"a b"', "1", "key=a;b/c,d"])
def test_a_key_is_any_printable_text(cafe: Cafe, noun: Noun, key: str) -> None:
    writer = noun.who_writes(cafe)
    answers = [writer.post(noun.path, noun.named("luna"), idempotency_key=key) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]


@every_noun
def test_without_a_key_the_second_one_finds_the_name_taken(cafe: Cafe, noun: Noun) -> None:
    writer = noun.who_writes(cafe)
    answers = [writer.post(noun.path, noun.named("luna")) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 409]


@every_noun
def test_who_wants_less_the_second_time_gets_less(cafe: Cafe, noun: Noun) -> None:
    writer = noun.who_writes(cafe)
    first = writer.post(noun.path, noun.named("luna"), idempotency_key=KEY)
    second = writer.post(noun.path, noun.named("luna"), idempotency_key=KEY, prefer="return=minimal")
    assert (second.status_code, second.data) == (201, b"")
    assert second.headers["Location"] == first.headers["Location"]
