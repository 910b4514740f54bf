"""The OpenAPI document: valid, and equal to what the API does, in both directions."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.support.app import TestApp

Document = dict[str, Any]
LIMIT = {"type": "integer", "minimum": 1, "maximum": 100, "default": 20}
VERBS = ("get", "post", "put", "patch", "delete")


def document(cafe: TestApp) -> Document:
    """Return the document as it is served."""
    told: Document = cafe.public.get("/openapi.json").json
    return told


def operations(told: Document) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield every operation with its verb and path."""
    for path, item in told["paths"].items():
        for verb in VERBS:
            if verb in item:
                yield verb, path, item[verb]


def call(cafe: TestApp, verb: str, path: str, query: str = "", **how: Any) -> Any:
    """Call an operation of some thing, as an owner with a new token: /logout ends the one that it comes with."""
    owner = cafe.client("owner")
    return owner.send(verb.upper(), path.replace("{name}", "luna").replace("{", "").replace("}", "") + query, **how)


def test_the_document_is_openapi_3_1(cafe: TestApp) -> None:
    told = document(cafe)
    assert told["openapi"] == "3.1.0"
    assert [str(error) for error in OpenAPIV31SpecValidator(told).iter_errors()] == []
    assert cafe.public.get("/openapi.json", {"Accept": "application/vnd.oai.openapi+json"}).json == told


def test_a_document_that_is_none_is_caught(cafe: TestApp) -> None:
    broken = copy.deepcopy(document(cafe))
    broken["paths"]["/cats"]["get"]["responses"]["200"].pop("description")
    assert list(OpenAPIV31SpecValidator(broken).iter_errors())


def test_every_route_is_documented_and_everything_documented_is_a_route(cafe: TestApp) -> None:
    routes = {
        (verb.lower(), rule.rule.replace("<", "{").replace(">", "}"))
        for rule in cafe.app.url_map.iter_rules()
        for verb in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.endpoint != "static"
    }
    assert {(verb, path) for verb, path, _ in operations(document(cafe))} == routes


def test_every_operation_says_what_it_is_for(cafe: TestApp) -> None:
    told = document(cafe)
    ids = [operation["operationId"] for _, _, operation in operations(told)]
    assert len(ids) == len(set(ids))
    groups = {tag["name"] for tag in told["tags"]}
    for verb, path, operation in operations(told):
        assert operation["summary"], f"{verb} {path}"
        assert operation["description"].endswith("."), f"{verb} {path}"
        assert set(operation["tags"]) <= groups
        assert all(parameter["description"] for parameter in operation["parameters"])


def test_the_arguments_of_every_operation_are_those_that_it_takes(cafe: TestApp) -> None:
    for verb, path, operation in operations(document(cafe)):
        declared = sorted(p["name"] for p in operation["parameters"] if p["in"] == "query")
        takes = call(cafe, verb, path, "?wings=2", headers={"Accept": "*/*"}).json["errors"][0]["detail"]
        listed = f"This takes {', '.join(declared)}." if declared else "This takes none."
        assert takes == f"wings: There is no such argument. {listed}", f"{verb} {path}"


def test_the_default_and_the_bounds_of_an_argument_are_those_in_force(cafe: TestApp) -> None:
    attempt_login = 0
    for verb, path, operation in operations(document(cafe)):
        listed = {p["name"]: p["schema"] for p in operation["parameters"] if p["in"] == "query"}
        assert listed.get("limit", LIMIT) == LIMIT
        for name, schema in listed.items() if "{" not in path else ():
            for value in schema.get("enum", schema.get("items", {}).get("enum", [])):
                assert call(cafe, verb, path, f"?{name}={value}").status_code == 200, f"{path}?{name}={value}"
                attempt_login += 1
            if "maximum" in schema:
                assert call(cafe, verb, path, f"?{name}={schema['maximum']}").status_code == 200
                assert call(cafe, verb, path, f"?{name}={schema['maximum'] + 1}").status_code == 400
    assert attempt_login > 100


def test_the_bodies_of_every_operation_are_those_that_it_reads(cafe: TestApp) -> None:
    cafe.staff.put("/cats/luna", {})
    for verb, path, operation in operations(document(cafe)):
        answer = call(cafe, verb, path, data="x", content_type="text/csv")
        if "requestBody" not in operation:
            assert answer.status_code != 415, f"{verb} {path}"
            continue
        assert operation["requestBody"]["required"] is True
        assert answer.status_code == 415
        assert answer.headers["Accept"].split(", ") == list(operation["requestBody"]["content"])


def test_the_formats_of_every_operation_are_those_that_it_has(cafe: TestApp) -> None:
    for verb, path, operation in operations(document(cafe)):
        refused = call(cafe, verb, path, headers={"Accept": "image/png"})
        assert refused.status_code == 406
        available = refused.json["available"]
        led_on = ["text/html"] if "303" in operation["responses"] else []
        for status, answer in operation["responses"].items():
            if status in ("200", "201"):
                assert list(answer["content"]) + led_on == available, f"{verb} {path}"
