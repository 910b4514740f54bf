"""Errors: one shape for all, and never a word of how the server is made."""

from __future__ import annotations

import json
from typing import Any

import pytest
from werkzeug.test import TestResponse

from api.http.problem_types import PROBLEM_TYPES
from api.store.table import Table
from tests.support.app import PATCH, TestApp, problem
from tests.support.failing_tables import SECRET, BrokenTable, UnavailableTable, replace_table
from tests.support.inspection import etag, log_lines
from tests.support.resource_spec import ResourceSpec
from tests.support.resource_specs import every_resource, with_hidden

HTML = {"Accept": "text/html, */*;q=0.1"}


def mishaps(cafe: TestApp, spec: ResourceSpec) -> dict[int, list[TestResponse]]:
    """Return an answer of every kind of refusal, by its status."""
    writer, reader, member = spec.writer_client(cafe), spec.reader_client(cafe), cafe.client("member")
    path, nothing = spec.create(writer), spec.url(spec.missing_key)
    tag = etag(writer.get(path))
    json_type, key = {"Content-Type": "application/json"}, {"Idempotency-Key": f"k{spec.path}"}
    writer.post(spec.path, spec.post_body("tom"), idempotency_key=key["Idempotency-Key"])
    sent: dict[int, list[tuple[Any, ...]]] = {
        400: [(writer, "PUT", path, json_type, "{"), (reader, "GET", f"{spec.path}?limit=0")],
        401: [(cafe.public, "DELETE", path)] + ([] if spec.public else [(cafe.public, "GET", path)]),
        403: [(member, "PUT", spec.own_methods or path, json_type, '{"role": "owner"}')],
        404: [(reader, "GET", nothing), (writer, "DELETE", nothing), (cafe.public, "GET", "/nothing")],
        405: [(cafe.public, "DELETE", spec.path)],
        406: [(reader, "GET", spec.path, {"Accept": "image/png"})],
        412: [(writer, "DELETE", path, {"If-Match": f"W/{tag}"})],
        413: [(writer, "PUT", path, json_type, "x" * 300_000)],
        415: [(writer, "PUT", path, {"Content-Type": "text/csv"}, "a,b")],
        422: [
            (writer, "PUT", path, json_type, '{"wings": 2}'),
            (writer, "POST", spec.path, json_type | key, json.dumps(spec.post_body("luna", **spec.other))),
        ],
        428: [(writer, "PATCH", path, PATCH, "{}")],
    }
    if spec.client_keys:
        sent[409] = [(writer, "POST", spec.path, json_type, json.dumps(spec.post_body("luna")))]
    return {status: [_sent(*one) for one in ones] for status, ones in sent.items()}


def _sent(who: Any, method: str, path: str, headers: Any = None, data: Any = None) -> TestResponse:
    answer: TestResponse = who.send(method, path, headers, data=data)
    return answer


@every_resource
def test_every_refusal_has_the_one_shape_and_its_type_explains_it(cafe: TestApp, spec: ResourceSpec) -> None:
    for status, answers in mishaps(cafe, spec).items():
        for answer in answers:
            told = problem(answer, status)
            assert answer.headers["Cache-Control"] == "no-store"
            explained = cafe.public.get(told["type"])
            assert (explained.status_code, explained.json["type"]) == (200, told["type"])
            assert (explained.json["status"], explained.json["title"]) == (status, told["title"])


def bare(answer: TestResponse, path: str) -> tuple[Any, ...]:
    """Return all of an answer but what names the request."""
    names = {answer.headers["X-Request-Id"]: "", path: ""}
    headers = {name: value for name, value in answer.headers.items() if name not in ("Date", "X-Request-Id")}
    text = answer.get_data(as_text=True)
    for name in names:
        text = text.replace(name, "")
    return answer.status_code, headers, text


@with_hidden
def test_what_is_not_for_a_caller_is_as_if_it_were_not_there(cafe: TestApp, spec: ResourceSpec) -> None:
    path, stranger = spec.create(spec.writer_client(cafe), "nobudy", spec.hidden_body), cafe.client(spec.outsider)
    for method in spec.outsider_methods:
        kind = PATCH if method == "PATCH" else {}
        for ask in ({}, {"If-Match": "*"}, {"If-Match": '"old"'}, {"If-None-Match": "*"}):
            there, nothing = (
                bare(stranger.send(method, one, kind | ask, json=spec.other), one)
                for one in (path, spec.url(spec.missing_key))
            )
            assert there == nothing, (method, ask)
            assert there[0] == 404
    assert spec.key_of(path) not in spec.keys_of(stranger.get(spec.path).json["items"])


def test_a_fault_of_the_server_is_500_and_tells_nothing_of_it(
    mocked_table: Table, capsys: pytest.CaptureFixture[str]
) -> None:
    cafe = TestApp(replace_table(mocked_table, BrokenTable))
    assert not cafe.app.testing
    for accept in ({}, HTML):
        for path in ("/cats/luna", "/cats/luna?fields=name"):
            answer = cafe.public.get(path, accept)
            assert answer.status_code == 500
            text = answer.get_data(as_text=True)
            assert not [word for word in (SECRET, "ZeroDivision", "Traceback", ".py", "line ") if word in text]
            (line,) = log_lines(capsys)
            assert SECRET in line["stack"]
            assert line["requestId"] == answer.headers["X-Request-Id"]
            assert line["requestId"] in text
    told = problem(cafe.public.get("/cats/luna"), 500)
    assert (told["type"], told["title"]) == ("/problems/internal", "Internal error")


def test_a_fault_of_the_server_has_the_shape_for_every_method(mocked_table: Table) -> None:
    cafe = TestApp(replace_table(mocked_table, BrokenTable), log_level="ERROR")
    for method in ("GET", "PUT", "PATCH", "DELETE"):
        sent = cafe.public.send(method, "/cats/luna", {"Authorization": "Bearer x"}, json={})
        assert problem(sent, 500)["detail"].startswith("A fault of this server")
    assert cafe.public.send("HEAD", "/cats/luna").data == b""


def test_a_store_that_does_not_answer_is_503_with_a_time_to_come_back(mocked_table: Table) -> None:
    answer = TestApp(replace_table(mocked_table, UnavailableTable)).public.get("/cats/luna")
    assert problem(answer, 503)["type"] == "/problems/unavailable"
    assert answer.headers["Retry-After"] == "1"


def test_every_problem_type_is_listed_and_explained_to_people_and_programs(cafe: TestApp) -> None:
    listed = cafe.public.get("/problems").json["items"]
    assert [kind["type"] for kind in listed] == [f"/problems/{slug}" for slug in PROBLEM_TYPES]
    for kind in listed:
        assert cafe.public.get(kind["type"]).json == kind
        page = cafe.public.get(kind["type"], HTML)
        assert (page.status_code, page.mimetype) == (200, "text/html")
        assert kind["title"] in page.get_data(as_text=True)
    problem(cafe.public.get("/problems/none"), 404)


def test_the_types_of_problems_are_the_ones_that_were_promised() -> None:
    promised = {
        "malformed", "bad-query", "unauthenticated", "forbidden", "not-found", "method-not-allowed", "not-acceptable",
        "conflict", "precondition-failed", "too-large", "unsupported-media-type", "invalid", "idempotency-key-reused",
        "precondition-required", "throttled", "internal", "unavailable", "http",
    }  # fmt: skip
    assert promised <= PROBLEM_TYPES.keys()
