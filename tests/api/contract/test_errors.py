"""Errors of every resource are problem documents (RFC 9457) that reveal nothing about the server."""

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


def error_responses(cafe: TestApp, spec: ResourceSpec) -> dict[int, list[TestResponse]]:
    """Return responses of every error status, by status."""
    writer, reader, member = spec.writer_client(cafe), spec.reader_client(cafe), cafe.client("member")
    path, missing = spec.create(writer), spec.url(spec.missing_key)
    tag = etag(writer.get(path))
    json_type, key = {"Content-Type": "application/json"}, {"Idempotency-Key": f"k{spec.path}"}
    writer.post(spec.path, spec.post_body("tom"), idempotency_key=key["Idempotency-Key"])
    requests: dict[int, list[tuple[Any, ...]]] = {
        400: [(writer, "PUT", path, json_type, "{"), (reader, "GET", f"{spec.path}?limit=0")],
        401: [(cafe.public, "DELETE", path)] + ([] if spec.public else [(cafe.public, "GET", path)]),
        403: [(member, "PUT", spec.own_methods or path, json_type, '{"role": "owner"}')],
        404: [(reader, "GET", missing), (writer, "DELETE", missing), (cafe.public, "GET", "/nothing")],
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
        requests[409] = [(writer, "POST", spec.path, json_type, json.dumps(spec.post_body("luna")))]
    return {status: [_send(*request) for request in tuples] for status, tuples in requests.items()}


def _send(client: Any, method: str, path: str, headers: Any = None, data: Any = None) -> TestResponse:
    response: TestResponse = client.send(method, path, headers, data=data)
    return response


@every_resource
def test_every_error_is_a_problem_whose_type_url_describes_it(cafe: TestApp, spec: ResourceSpec) -> None:
    for status, responses in error_responses(cafe, spec).items():
        for response in responses:
            body = problem(response, status)
            assert response.headers["Cache-Control"] == "no-store"
            description = cafe.public.get(body["type"])
            assert (description.status_code, description.json["type"]) == (200, body["type"])
            assert (description.json["status"], description.json["title"]) == (status, body["title"])


def without_request_id(response: TestResponse, path: str) -> tuple[Any, ...]:
    """Return status, headers and text of a response, without the request id, the date and the path."""
    headers = {name: value for name, value in response.headers.items() if name not in ("Date", "X-Request-Id")}
    text = response.get_data(as_text=True).replace(response.headers["X-Request-Id"], "").replace(path, "")
    return response.status_code, headers, text


@with_hidden
def test_hidden_item_is_404_like_a_missing_item(cafe: TestApp, spec: ResourceSpec) -> None:
    path, outsider = spec.create(spec.writer_client(cafe), "private", spec.hidden_body), cafe.client(spec.outsider)
    for method in spec.outsider_methods:
        content_type = PATCH if method == "PATCH" else {}
        for conditions in ({}, {"If-Match": "*"}, {"If-Match": '"old"'}, {"If-None-Match": "*"}):
            hidden, missing = (
                without_request_id(outsider.send(method, url, content_type | conditions, json=spec.other), url)
                for url in (path, spec.url(spec.missing_key))
            )
            assert hidden == missing, (method, conditions)
            assert hidden[0] == 404
    assert spec.key_of(path) not in spec.keys_of(outsider.get(spec.path).json["items"])


def test_unexpected_error_is_500_and_is_only_logged(mocked_table: Table, capsys: pytest.CaptureFixture[str]) -> None:
    cafe = TestApp(replace_table(mocked_table, BrokenTable))
    assert not cafe.app.testing
    for accept in ({}, HTML):
        for path in ("/cats/luna", "/cats/luna?fields=name"):
            response = cafe.public.get(path, accept)
            assert response.status_code == 500
            text = response.get_data(as_text=True)
            assert not [word for word in (SECRET, "ZeroDivision", "Traceback", ".py", "line ") if word in text]
            (line,) = log_lines(capsys)
            assert SECRET in line["stack"]
            assert line["requestId"] == response.headers["X-Request-Id"]
            assert line["requestId"] in text
    body = problem(cafe.public.get("/cats/luna"), 500)
    assert (body["type"], body["title"]) == ("/problems/internal", "Internal error")


def test_unexpected_error_is_a_problem_for_every_method(mocked_table: Table) -> None:
    cafe = TestApp(replace_table(mocked_table, BrokenTable), log_level="ERROR")
    for method in ("GET", "PUT", "PATCH", "DELETE"):
        response = cafe.public.send(method, "/cats/luna", {"Authorization": "Bearer x"}, json={})
        assert problem(response, 500)["detail"].startswith("An error of the server")
    assert cafe.public.send("HEAD", "/cats/luna").data == b""


def test_unavailable_store_is_503_with_retry_after(mocked_table: Table) -> None:
    response = TestApp(replace_table(mocked_table, UnavailableTable)).public.get("/cats/luna")
    assert problem(response, 503)["type"] == "/problems/unavailable"
    assert response.headers["Retry-After"] == "1"


def test_every_problem_type_is_listed_and_has_json_and_html(cafe: TestApp) -> None:
    listed = cafe.public.get("/problems").json["items"]
    assert [problem_type["type"] for problem_type in listed] == [f"/problems/{slug}" for slug in PROBLEM_TYPES]
    for problem_type in listed:
        assert cafe.public.get(problem_type["type"]).json == problem_type
        page = cafe.public.get(problem_type["type"], HTML)
        assert (page.status_code, page.mimetype) == (200, "text/html")
        assert problem_type["title"] in page.get_data(as_text=True)
    problem(cafe.public.get("/problems/unknown"), 404)


def test_published_problem_types_exist() -> None:
    published = {
        "malformed", "bad-query", "unauthenticated", "forbidden", "not-found", "method-not-allowed", "not-acceptable",
        "conflict", "precondition-failed", "too-large", "unsupported-media-type", "invalid", "idempotency-key-reused",
        "precondition-required", "throttled", "internal", "unavailable", "http",
    }  # fmt: skip
    assert published <= PROBLEM_TYPES.keys()
