"""The answers that the API gives are those of its document: every status, header, format and body."""

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


@pytest.fixture(scope="module")
def told_and_heard() -> Iterator[tuple[Document, list[RecordedResponse]]]:
    """The document, and answers of every operation in every way."""
    with new_table() as table:
        cafe = TestApp(table)
        yield document(cafe), record_responses(cafe)


def surprises(told: Document, heard: list[RecordedResponse]) -> set[tuple[str, str, int]]:
    """Return the statuses that were heard and are not in the document."""
    known = {(verb, path, int(s)) for verb, path, operation in operations(told) for s in operation["responses"]}
    return {(h.method, h.path, h.status) for h in heard} - known


def inventions(told: Document, heard: list[RecordedResponse]) -> set[tuple[str, str, int]]:
    """Return the statuses that are in the document and were never heard; 503 is for a store that fails."""
    known = {(verb, path, int(s)) for verb, path, operation in operations(told) for s in operation["responses"]}
    return {one for one in known if one[2] != 503} - {(h.method, h.path, h.status) for h in heard}


def unheard(told: Document, heard: list[RecordedResponse]) -> set[tuple[str, str, str, str]]:
    """Return the formats of good answers that are in the document and were never heard."""
    known = {
        (verb, path, status, media)
        for verb, path, operation in operations(told)
        for status, answer in operation["responses"].items()
        for media in answer.get("content", {})
        if int(status) < 400
    }
    return known - {(h.method, h.path, str(h.status), str(h.media)) for h in heard if h.body}


def faults(told: Document, answer: RecordedResponse) -> list[str]:
    """Return what of an answer is not as the document says."""
    documented = told["paths"][answer.path][answer.method]["responses"][str(answer.status)]
    found = [f"has no {name}" for name in documented.get("headers", {}) if name not in answer.headers]
    content = documented.get("content", {})
    if answer.body and answer.media not in content:
        found.append(f"is {answer.media}, not {list(content)}")
    elif answer.body and answer.media and answer.media.endswith("json"):
        schema = content[answer.media]["schema"] | {"components": told["components"]}
        checker = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
        found += [f"{error.json_path}: {error.message}" for error in checker.iter_errors(answer.json())]
    return found


def test_every_status_is_documented_and_every_one_that_is_documented_can_be_had(told_and_heard: Any) -> None:
    told, heard = told_and_heard
    assert surprises(told, heard) == set()
    assert inventions(told, heard) == set()


def test_every_format_that_is_documented_can_be_had(told_and_heard: Any) -> None:
    assert unheard(*told_and_heard) == set()


def test_a_format_too_many_in_the_document_is_caught(told_and_heard: Any) -> None:
    told, heard = copy.deepcopy(told_and_heard[0]), told_and_heard[1]
    content = told["paths"]["/cats"]["get"]["responses"]["200"]["content"]
    content["text/csv"] = content["application/json"]
    assert unheard(told, heard) == {("get", "/cats", "200", "text/csv")}


def test_a_status_too_many_or_too_few_in_the_document_is_caught(told_and_heard: Any) -> None:
    told, heard = copy.deepcopy(told_and_heard[0]), told_and_heard[1]
    answers = told["paths"]["/cats/{name}"]["put"]["responses"]
    answers["409"] = answers.pop("412")
    assert surprises(told, heard) == {("put", "/cats/{name}", 412)}
    assert inventions(told, heard) == {("put", "/cats/{name}", 409)}


def test_every_answer_is_as_the_document_says(told_and_heard: Any) -> None:
    told, heard = told_and_heard
    wrong = {(h.method, h.path, h.status, fault) for h in heard for fault in faults(told, h)}
    assert wrong == set()
    assert sum(1 for h in heard if h.body) > 1000


@pytest.mark.parametrize(
    "broken",
    [{"sex": "queen"}, {"created": "today"}, {"wings": 2}, {"blockers": [{"code": 1}]}, {"version": None}, {"name": 1}],
)
def test_an_answer_that_is_not_as_the_document_says_is_caught(told_and_heard: Any, broken: dict[str, Any]) -> None:
    told, heard = told_and_heard
    good = next(h for h in heard if (h.method, h.path, h.status) == ("put", "/cats/{name}", 200))
    body = {**good.json(), **broken}
    bad = RecordedResponse(good.method, good.path, good.status, good.media, json.dumps(body).encode(), good.headers)
    assert faults(told, bad)
    headerless = RecordedResponse(good.method, good.path, good.status, good.media, good.body, {})
    assert "has no ETag" in faults(told, headerless)
    page = RecordedResponse(good.method, good.path, good.status, "text/html", b"<p>", good.headers)
    assert faults(told, page) == ["is text/html, not ['application/json']"]
