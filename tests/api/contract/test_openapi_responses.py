"""All responses of the API conform to the OpenAPI document: status, headers, media type and body."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest

from tests.api.contract.test_openapi import Document, document, operations
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


def strict_components(content: Document, query: frozenset[str]) -> Document:
    """Return the components without the schemas that accept incomplete objects, for a request with a query.

    Only a response to ``fields`` may lack members, and only one to ``at`` may have another type.
    """
    schemas = content["components"]["schemas"]
    if "fields" in query:
        schemas = {name: {**schema, "required": []} for name, schema in schemas.items()}
    if "at" not in query:
        schemas = {name: not name.startswith("Partial") and schema for name, schema in schemas.items()}
    return {**content["components"], "schemas": schemas}


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
    """Return the documented statuses that were not recorded, except 503: the store did not fail."""
    documented = {response for response in documented_statuses(content) if response[2] != 503}
    return documented - {(r.method, r.path, r.status) for r in recorded}


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
    documented = content["paths"][response.path][response.method]["responses"][str(response.status)]
    always = documented.get("headers", {}).keys() - {"Idempotent-Replayed"}
    found = [f"has no {name}" for name in always if name not in response.headers]
    media_types = documented.get("content", {})
    if response.body and response.media not in media_types:
        found.append(f"is {response.media}, not {list(media_types)}")
    elif response.body and response.media and response.media.endswith("json"):
        schema = media_types[response.media]["schema"] | {"components": strict_components(content, response.query)}
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
    html = RecordedResponse(valid.method, valid.path, valid.status, "text/html", b"<p>", valid.headers)
    assert deviations(content, html) == ["is text/html, not ['application/json']"]
