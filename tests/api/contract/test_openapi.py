"""The OpenAPI document is valid and describes exactly the routes, parameters and formats of the API."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from openapi_schema_validator import OAS31Validator, oas31_format_checker
from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.support.app import TestApp

Document = dict[str, Any]
CURSOR = {"type": "string", "minLength": 24}
LIMIT = {"type": "integer", "minimum": 1, "maximum": 100, "default": 20}
METHODS = ("get", "post", "put", "patch", "delete")


def document(cafe: TestApp) -> Document:
    """Return the OpenAPI document of the application."""
    content: Document = cafe.public.get("/openapi.json").json
    return content


def operations(content: Document) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield the method, the path and the description of every operation."""
    for path, item in content["paths"].items():
        for method in METHODS:
            if method in item:
                yield method, path, item[method]


def call(cafe: TestApp, method: str, path: str, query: str = "", **options: Any) -> Any:
    """Call an operation as an owner with a new token, because /logout ends the session."""
    owner = cafe.client("owner")
    return owner.send(
        method.upper(), path.replace("{name}", "luna").replace("{", "").replace("}", "") + query, **options
    )


def test_document_is_valid_openapi_3_1(cafe: TestApp) -> None:
    content = document(cafe)
    assert content["openapi"] == "3.1.0"
    assert [str(error) for error in OpenAPIV31SpecValidator(content).iter_errors()] == []
    assert cafe.public.get("/openapi.json", {"Accept": "application/vnd.oai.openapi+json"}).json == content


def test_every_schema_of_a_request_body_rejects_unknown_members(cafe: TestApp) -> None:
    content = document(cafe)
    bodies = [
        operation["requestBody"]["content"] for *_, operation in operations(content) if "requestBody" in operation
    ]
    names = {media["schema"]["$ref"].rpartition("/")[2] for body in bodies for media in body.values()}
    assert {"CreateCat", "CreateCatForm", "ReplaceCatPatch"} <= names
    schemas = content["components"]["schemas"]
    assert [name for name in sorted(names) if schemas[name].get("additionalProperties") is not False] == []


def test_validator_rejects_an_invalid_document(cafe: TestApp) -> None:
    broken = copy.deepcopy(document(cafe))
    broken["paths"]["/cats"]["get"]["responses"]["200"].pop("description")
    assert list(OpenAPIV31SpecValidator(broken).iter_errors())


def schemas_with_examples(value: Any) -> Iterator[dict[str, Any]]:
    """Yield every schema of a part of the document that has examples."""
    if isinstance(value, dict) and isinstance(value.get("examples"), list):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from schemas_with_examples(inner)


def test_examples_are_valid(cafe: TestApp) -> None:
    content = document(cafe)
    found = [(schema, example) for schema in schemas_with_examples(content) for example in schema["examples"]]
    assert len(found) > 10
    for schema, example in found:
        resolved = {**schema, "components": content["components"]}
        errors = OAS31Validator(resolved, format_checker=oas31_format_checker).iter_errors(example)
        assert [error.message for error in errors] == [], schema


def test_document_lists_exactly_the_routes(cafe: TestApp) -> None:
    routes = {
        (method.lower(), rule.rule.replace("<", "{").replace(">", "}"))
        for rule in cafe.app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.endpoint != "static"
    }
    assert {(method, path) for method, path, _ in operations(document(cafe))} == routes


def test_every_operation_has_id_summary_description_and_tag(cafe: TestApp) -> None:
    content = document(cafe)
    ids = [operation["operationId"] for _, _, operation in operations(content)]
    assert len(ids) == len(set(ids))
    groups = {tag["name"] for tag in content["tags"]}
    for method, path, operation in operations(content):
        assert operation["summary"], f"{method} {path}"
        assert operation["description"].endswith("."), f"{method} {path}"
        assert set(operation["tags"]) <= groups
        assert all(parameter["description"] for parameter in operation["parameters"])


def test_documented_query_parameters_are_those_accepted(cafe: TestApp) -> None:
    for method, path, operation in operations(document(cafe)):
        declared = sorted(p["name"] for p in operation["parameters"] if p["in"] == "query")
        response = call(cafe, method, path, "?wings=2", headers={"Accept": "*/*"})
        if method == "get" and {"text/html", "application/atom+xml"} & operation["responses"]["200"]["content"].keys():
            assert (response.status_code, declared) in ((200, []), (404, [])), "pages and feeds ignore parameters"
            continue
        detail = response.json["errors"][0]["detail"]
        listed = f"Expected {', '.join(declared)}." if declared else "Expected no parameters."
        assert detail == f"wings: Unknown parameter. {listed}", f"{method} {path}"


def test_documented_bounds_of_query_parameters_are_enforced(cafe: TestApp) -> None:
    calls = 0
    for method, path, operation in operations(document(cafe)):
        schemas = {p["name"]: p["schema"] for p in operation["parameters"] if p["in"] == "query"}
        assert schemas.get("limit", LIMIT) == LIMIT
        assert schemas.get("cursor", CURSOR) == CURSOR
        for name, schema in schemas.items() if "{" not in path else ():
            for value in schema.get("enum", schema.get("items", {}).get("enum", [])):
                assert call(cafe, method, path, f"?{name}={value}").status_code == 200, f"{path}?{name}={value}"
                calls += 1
            if "maximum" in schema:
                assert call(cafe, method, path, f"?{name}={schema['maximum']}").status_code == 200
                assert call(cafe, method, path, f"?{name}={schema['maximum'] + 1}").status_code == 400
    assert calls > 100


def test_documented_request_types_are_those_accepted(cafe: TestApp) -> None:
    cafe.staff.put("/cats/luna", {})
    for method, path, operation in operations(document(cafe)):
        response = call(cafe, method, path, data="x", content_type="text/csv")
        if "requestBody" not in operation:
            assert response.status_code != 415, f"{method} {path}"
            continue
        assert operation["requestBody"]["required"] is True
        assert response.status_code == 415
        assert response.headers["Accept"].split(", ") == list(operation["requestBody"]["content"])


def test_documented_response_types_are_those_available(cafe: TestApp) -> None:
    for method, path, operation in operations(document(cafe)):
        not_acceptable = call(cafe, method, path, headers={"Accept": "image/png"})
        if "406" not in operation["responses"]:
            assert (path, not_acceptable.status_code) == ("/posts.atom", 200)
            continue
        assert not_acceptable.status_code == 406
        available = not_acceptable.json["available"]
        redirect = ["text/html"] if "303" in operation["responses"] else []
        for status, response in operation["responses"].items():
            if status in ("200", "201"):
                assert list(response["content"]) + redirect == available, f"{method} {path}"
