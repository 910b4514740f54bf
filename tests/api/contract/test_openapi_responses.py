"""All responses of the API conform to the OpenAPI document: status, headers, media type and body."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest

from tests.api.contract.test_openapi import Document, document, operations, resolve
from tests.conftest import new_table
from tests.support.app import TestApp
from tests.support.recorded_responses import RecordedResponse, record_responses

pytestmark = pytest.mark.slow

Recording = tuple[Document, list[RecordedResponse]]


@pytest.fixture(scope="module")
def recording() -> Iterator[Recording]:
    """The OpenAPI document and responses of every operation."""
    with new_table() as table:
        cafe = TestApp(table)
        yield document(cafe), record_responses(cafe)


TYPE_CHANGING = {"fields", "at"}
"""The parameters with which a response has another type."""
GENERAL_HEADERS = {
    # Representation and caching: OpenAPI ignores Content-Type, and the description has the others.
    "Content-Type", "Content-Length", "Content-Encoding", "Cache-Control", "Vary",
    # What browsers enforce or use. No client reads them.
    "Content-Disposition",
    "Content-Security-Policy", "Cross-Origin-Resource-Policy", "Referrer-Policy", "Strict-Transport-Security",
    "X-Content-Type-Options",
}  # fmt: skip
"""The response headers that no response of the document lists."""


def documented_statuses(content: Document) -> set[tuple[str, str, int]]:
    """Return method, path and status of all documented responses."""
    return {
        (method, path, int(status))
        for method, path, operation in operations(content)
        for status in operation["responses"]
    }


def undocumented_statuses(content: Document, recorded: list[RecordedResponse]) -> set[tuple[str, str, int]]:
    """Return the recorded statuses that are not documented."""
    return {(r.method, r.path, r.status) for r in recorded} - documented_statuses(content)


def unrecorded_statuses(content: Document, recorded: list[RecordedResponse]) -> set[tuple[str, str, int]]:
    """Return the documented statuses that were not recorded."""
    return documented_statuses(content) - {(r.method, r.path, r.status) for r in recorded}


def unrecorded_media_types(content: Document, recorded: list[RecordedResponse]) -> set[tuple[str, str, str, str]]:
    """Return the documented media types of successful responses that were not recorded."""
    documented = {
        (method, path, status, media)
        for method, path, operation in operations(content)
        for status, response in operation["responses"].items()
        for media in response.get("content", {})
        if int(status) < 400
    }
    return documented - {(r.method, r.path, str(r.status), str(r.media)) for r in recorded if r.body}


def deviations(content: Document, response: RecordedResponse) -> list[str]:
    """Return the differences between a response and its documentation."""
    documented = resolve(content, content["paths"][response.path][response.method]["responses"][str(response.status)])
    headers = {name: resolve(content, header) for name, header in documented["headers"].items()}
    found = [f"has no {name}" for name in headers if headers[name].get("required") and name not in response.headers]
    sent = {name for name in response.headers if name not in GENERAL_HEADERS}
    found += [f"has an undocumented {name}" for name in sorted(sent - headers.keys())]
    media_types = documented.get("content", {})
    if response.status >= 400 and response.media == "text/html":
        pass  # the description says that a browser gets an HTML page
    elif response.status == 200 and response.media == "text/html" and response.method == "get":
        pass  # the description says so of pages too; tests/api/test_pages.py lists the operations that have one
    elif response.body and response.media not in media_types:
        found.append(f"is {response.media}, not {list(media_types)}")
    elif response.status == 200 and response.query & TYPE_CHANGING:
        pass  # the document describes the response without these parameters
    elif response.body and response.media and response.media.endswith("json"):
        schema = media_types[response.media]["schema"] | {"components": content["components"]}
        validator = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
        found += [f"{error.json_path}: {error.message}" for error in validator.iter_errors(response.json())]
    return found


def test_documented_statuses_are_exactly_those_returned(recording: Recording) -> None:
    content, recorded = recording
    assert undocumented_statuses(content, recorded) == set()
    assert unrecorded_statuses(content, recorded) == set()


def test_every_documented_media_type_is_returned(recording: Recording) -> None:
    assert unrecorded_media_types(*recording) == set()


def test_check_finds_a_media_type_that_is_never_returned(recording: Recording) -> None:
    content, recorded = copy.deepcopy(recording[0]), recording[1]
    media_types = content["paths"]["/cats"]["get"]["responses"]["200"]["content"]
    media_types["text/csv"] = media_types["application/json"]
    assert unrecorded_media_types(content, recorded) == {("get", "/cats", "200", "text/csv")}


def test_check_finds_missing_and_extra_statuses(recording: Recording) -> None:
    content, recorded = copy.deepcopy(recording[0]), recording[1]
    responses = content["paths"]["/cats/{name}"]["put"]["responses"]
    responses["409"] = responses.pop("412")
    assert undocumented_statuses(content, recorded) == {("put", "/cats/{name}", 412)}
    assert unrecorded_statuses(content, recorded) == {("put", "/cats/{name}", 409)}


def test_every_response_conforms_to_its_schema(recording: Recording) -> None:
    content, recorded = recording
    wrong = {(r.method, r.path, r.status, deviation) for r in recorded for deviation in deviations(content, r)}
    assert wrong == set()
    assert sum(1 for r in recorded if r.body) > 1000


def unsent_headers(content: Document, recorded: list[RecordedResponse]) -> set[tuple[str, str]]:
    """Return the documented response headers that no recorded response with the status has."""
    documented = {
        (status, name)
        for *_, operation in operations(content)
        for status, response in operation["responses"].items()
        for name in response["headers"]
    }
    return documented - {(str(r.status), name) for r in recorded for name in r.headers}


def operations_with(content: Document, *parameters: str) -> set[tuple[str, str]]:
    """Return the operations with all of these parameters."""
    return {
        (method, path)
        for method, path, operation in operations(content)
        if {*parameters} <= {parameter["name"] for parameter in operation["parameters"]}
    }


def test_every_documented_response_header_is_sent(recording: Recording) -> None:
    # A limited operation fails with many statuses before or after it counts, and an alias with few. Only a request with
    # a traceparent gets one.
    conditional = {"RateLimit", "RateLimit-Policy", "Deprecation", "Sunset", "Content-Location", "traceparent"}
    assert {name for _, name in unsent_headers(*recording)} <= conditional


def test_documented_request_headers_are_those_that_have_an_effect(recording: Recording) -> None:
    content, recorded = recording

    def effective(status: int = 0, header: str = "ETag") -> set[tuple[str, str]]:
        return {(r.method, r.path) for r in recorded if r.status == status or (not status and header in r.headers)}

    assert operations_with(content, "If-Match", "If-None-Match") == effective(412)
    without_body = {(r.method, r.path) for r in recorded if r.status == 201 and not r.body}  # see _request_headers
    assert operations_with(content, "Prefer") == effective(header="Preference-Applied") - without_body
    assert operations_with(content, "Idempotency-Key") == effective(header="Idempotent-Replayed")
    assert operations_with(content, "X-Request-Id", "traceparent") == {(r.method, r.path) for r in recorded}


def test_check_finds_undocumented_and_unsent_headers(recording: Recording) -> None:
    content, recorded = copy.deepcopy(recording[0]), recording[1]
    headers = content["paths"]["/cats"]["post"]["responses"]["201"]["headers"]
    headers["Retry-After"] = headers.pop("Location")
    created = next(r for r in recorded if (r.method, r.path, r.status) == ("post", "/cats", 201))
    assert deviations(content, created) == ["has no Retry-After", "has an undocumented Location"]
    assert ("201", "Retry-After") in unsent_headers(content, recorded)


@pytest.mark.parametrize(
    "fields",
    [{"sex": "queen"}, {"created": "today"}, {"wings": 2}, {"blockers": [{"code": 1}]}, {"version": None}, {"name": 1}],
)
def test_check_finds_invalid_body_missing_header_and_wrong_media_type(
    recording: Recording, fields: dict[str, Any]
) -> None:
    content, recorded = recording
    valid = next(r for r in recorded if (r.method, r.path, r.status) == ("put", "/cats/{name}", 200))
    body = json.dumps({**valid.json(), **fields}).encode()
    invalid = RecordedResponse(valid.method, valid.path, valid.status, valid.media, body, valid.headers)
    assert deviations(content, invalid)
    headerless = RecordedResponse(valid.method, valid.path, valid.status, valid.media, valid.body, {})
    assert "has no ETag" in deviations(content, headerless)
    html = RecordedResponse(valid.method, valid.path, valid.status, "text/csv", b"<p>", valid.headers)
    assert deviations(content, html) == ["is text/csv, not ['application/json']"]
