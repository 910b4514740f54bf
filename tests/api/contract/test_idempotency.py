"""Idempotency-Key: a POST that is sent twice is executed once. tests/concurrency has the races."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qsl

from werkzeug.test import TestResponse

from tests.support.app import TestApp, pointers, problem
from tests.support.inspection import etag, writes_nothing
from tests.support.resource_spec import ResourceSpec
from tests.support.resource_specs import every_resource, with_client_keys, with_server_keys

KEY = "f2a0c1d4-0b1e-4a55-9f3c-1d2e3f405162"


def reply(response: TestResponse) -> tuple[Any, ...]:
    """Return the parts of a response that a repeated request must get again."""
    return response.status_code, response.data, response.headers["Location"], response.headers["ETag"]


@every_resource
def test_repeated_request_gets_the_saved_response(cafe: TestApp, spec: ResourceSpec) -> None:
    first = spec.writer_client(cafe).post(spec.path, spec.post_body("Zoë"), idempotency_key=KEY)
    cafe.clock.advance(hours=23, minutes=59)
    writer = spec.writer_client(cafe)
    assert (first.status_code, first.headers.get("Idempotent-Replayed")) == (201, None)
    with writes_nothing(cafe):
        for sent_key in (KEY, f'"{KEY}"', f"  {KEY} "):
            response = writer.post(spec.path, spec.post_body("Zoë"), idempotency_key=sent_key)
            assert (reply(response), response.headers["Idempotent-Replayed"]) == (reply(first), "true")


@every_resource
def test_saved_response_survives_update_and_delete_of_the_item(cafe: TestApp, spec: ResourceSpec) -> None:
    writer = spec.writer_client(cafe)
    first = writer.post(spec.path, spec.post_body("luna"), idempotency_key=KEY)
    path = first.headers["Location"]
    assert writer.put(path, spec.other).status_code == 200
    assert reply(writer.post(spec.path, spec.post_body("luna"), idempotency_key=KEY)) == reply(first)
    assert writer.delete(path).status_code == 204
    response = writer.post(spec.path, spec.post_body("luna"), idempotency_key=KEY)
    if spec.path == "/users":
        assert "has been registered and deleted" in problem(response, 409)["detail"]
    else:
        assert reply(response) == reply(first)
    problem(writer.delete(path, if_match=etag(first)), 404)


@every_resource
def test_same_content_in_another_form_gets_the_saved_response(cafe: TestApp, spec: ResourceSpec) -> None:
    writer, body = spec.writer_client(cafe), spec.post_body("luna")
    first = writer.post(spec.path, body, idempotency_key=KEY)
    backwards = dict(reversed(body.items()))
    texts = [
        json.dumps(body, indent=8),
        json.dumps(backwards, ensure_ascii=False, separators=(",", ":")),
        json.dumps(backwards).replace("e", r"\u0065"),
        f"\r\n {json.dumps(body)}\t",
    ]
    for text in texts:
        for media in ("application/json", "application/json; charset=UTF-8"):
            response = writer.send("POST", spec.path, {"Idempotency-Key": KEY, "Content-Type": media}, data=text)
            assert reply(response) == reply(first), text


@every_resource
def test_same_fields_of_a_form_in_another_order_get_the_saved_response(cafe: TestApp, spec: ResourceSpec) -> None:
    writer, form = spec.writer_client(cafe), spec.post_form("luna").strip("&")
    headers = {"Idempotency-Key": KEY, "Content-Type": "application/x-www-form-urlencoded"}
    first = writer.send("POST", spec.path, headers, data=form)
    texts = ["&".join(reversed(form.split("&"))), f"&{form.replace('+', '%20')}&"]
    assert [reply(writer.send("POST", spec.path, headers, data=text)) for text in texts] == [reply(first)] * 2
    problem(writer.send("POST", spec.path, headers, data=f"{form}&csrf=x"), 422)
    problem(writer.post(spec.path, dict(parse_qsl(form)), idempotency_key=KEY), 422)


def test_equal_numbers_are_the_same_content_and_other_types_are_not(cafe: TestApp) -> None:
    staff = cafe.staff
    pie = '{"name": "apple", "diets": ["vegan", "halal"], "rate": {"amount": %s, "currency": "GBP"}}'

    def send(amount: str, text: str = pie) -> TestResponse:
        headers = {"Idempotency-Key": KEY, "Content-Type": "application/json"}
        return staff.send("POST", "/pies", headers, data=text % amount)

    first = send("100")
    for amount in ("100.0", "1e2", "1.00E+2", "10000e-2"):
        assert reply(send(amount)) == reply(first)
    for amount in ("100.5", "101", '"100"', "true", "null", "[100]"):
        assert problem(send(amount), 422)["type"] == "/problems/idempotency-key-reused"
    problem(send("100", pie.replace('"vegan", "halal"', '"halal", "vegan"')), 422)


@every_resource
def test_same_key_with_another_body_is_422(cafe: TestApp, spec: ResourceSpec) -> None:
    writer = spec.writer_client(cafe)
    writer.post(spec.path, spec.post_body("luna"), idempotency_key=KEY)
    bodies = [spec.post_body("luna", **spec.other), *([spec.post_body("tom")] if spec.client_keys else [])]
    with writes_nothing(cafe):
        for body in bodies:
            problem_body = problem(writer.post(spec.path, body, idempotency_key=KEY), 422)
            assert problem_body["type"] == "/problems/idempotency-key-reused"


@every_resource
def test_same_key_of_another_caller_is_independent(cafe: TestApp, spec: ResourceSpec) -> None:
    ann, bea = (cafe.client(spec.writer, name) for name in ("ann", "bea"))
    first = ann.post(spec.path, spec.post_body("luna"), idempotency_key=KEY)
    second = bea.post(spec.path, spec.post_body("tom"), idempotency_key=KEY)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.headers["Location"] != second.headers["Location"]


@every_resource
def test_rejected_request_does_not_use_the_key(cafe: TestApp, spec: ResourceSpec) -> None:
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
def test_key_expires_after_24_hours(cafe: TestApp, spec: ResourceSpec) -> None:
    first = spec.writer_client(cafe).post(spec.path, spec.post_body("luna"), idempotency_key=KEY)
    cafe.clock.advance(hours=24)
    writer = spec.writer_client(cafe)
    new = writer.post(spec.path, spec.post_body("tom"), idempotency_key=KEY)
    assert (first.status_code, new.status_code) == (201, 201)
    assert new.headers["Location"] != first.headers["Location"]
    assert reply(writer.post(spec.path, spec.post_body("tom"), idempotency_key=KEY)) == reply(new)


@every_resource
def test_malformed_key_is_400(cafe: TestApp, spec: ResourceSpec) -> None:
    writer = spec.writer_client(cafe)
    with writes_nothing(cafe):
        for key in ("", " ", "a b", '"', '""', '"a', 'a"b', '"a\\b"', "ë", "x" * 256, '"a", "b"'):
            problem_body = problem(writer.post(spec.path, spec.post_body("luna"), idempotency_key=key), 400)
            assert [error["header"] for error in problem_body["errors"]] == ["Idempotency-Key"]


@every_resource
def test_key_is_any_printable_text(cafe: TestApp, spec: ResourceSpec) -> None:
    writer = spec.writer_client(cafe)
    for number, key in enumerate(["x" * 255, f'"{"y" * 255}"', '"a b"', "1", "key=a;b/c,d"]):
        responses = [writer.post(spec.path, spec.post_body(f"luna {number}"), idempotency_key=key) for _ in range(2)]
        assert [response.status_code for response in responses] == [201, 201]
        assert responses[0].data == responses[1].data


@with_client_keys
def test_without_a_key_the_second_post_of_a_name_is_409(cafe: TestApp, spec: ResourceSpec) -> None:
    writer = spec.writer_client(cafe)
    responses = [writer.post(spec.path, spec.post_body("luna")) for _ in range(2)]
    assert [response.status_code for response in responses] == [201, 409]


@with_server_keys
def test_without_a_key_the_second_post_creates_another_item(cafe: TestApp, spec: ResourceSpec) -> None:
    writer = spec.writer_client(cafe)
    responses = [writer.post(spec.path, spec.post_body("luna")) for _ in range(2)]
    assert [response.status_code for response in responses] == [201, 201]
    assert responses[0].headers["Location"] != responses[1].headers["Location"]


@every_resource
def test_repeated_request_with_prefer_minimal_has_no_body(cafe: TestApp, spec: ResourceSpec) -> None:
    writer = spec.writer_client(cafe)
    first = writer.post(spec.path, spec.post_body("luna"), idempotency_key=KEY)
    second = writer.post(spec.path, spec.post_body("luna"), idempotency_key=KEY, prefer="return=minimal")
    assert (second.status_code, second.data) == (201, b"")
    assert second.headers["Location"] == first.headers["Location"]
