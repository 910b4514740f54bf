"""The OpenAPI document is valid and describes exactly the routes, parameters and formats of the API."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from typing import Any

from openapi_schema_validator import OAS31Validator, oas31_format_checker
from openapi_spec_validator import OpenAPIV31SpecValidator

from api.app import RESOURCES
from api.web.pages import PAGES
from tests.support.app import TestApp
from tests.support.inspection import template_of
from tests.support.resource_specs import RESOURCE_SPECS

Document = dict[str, Any]
CURSOR = {"type": "string", "minLength": 24}
LIMIT = {"type": "integer", "minimum": 1, "maximum": 100, "default": 20}
METHODS = ("get", "post", "put", "patch", "delete")


def document(cafe: TestApp) -> Document:
    """Return the OpenAPI document of the application."""
    content: Document = cafe.public.get("/openapi.json").json
    return content


def resolve(content: Document, value: Any) -> Any:
    """Return a part of the document. A reference to a component is replaced by the component."""
    for name in value["$ref"].removeprefix("#/").split("/") if "$ref" in value else ():
        content = content[name]
    return content if "$ref" in value else value


def operations(content: Document) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield the method, the path and the description of every operation, with its parameters and responses."""
    for path, item in content["paths"].items():
        for method in (method for method in METHODS if method in item):
            parameters = [resolve(content, parameter) for parameter in item[method]["parameters"]]
            responses = {status: resolve(content, each) for status, each in item[method]["responses"].items()}
            yield method, path, item[method] | {"parameters": parameters, "responses": responses}


def resolved(content: Document, schema: dict[str, Any]) -> dict[str, Any]:
    """Return a schema, or the one that it refers to."""
    name = schema.get("$ref", "").rpartition("/")[2]
    return content["components"]["schemas"][name] | schema if name else schema


def call(cafe: TestApp, method: str, path: str, query: str = "", **options: Any) -> Any:
    """Call an operation as an owner with a new token, because /logout ends the session."""
    owner = cafe.client("owner")
    return owner.send(
        method.upper(),
        re.sub(r"\{(version|width)\}", "1", path.replace("{name}", "luna")).replace("{", "").replace("}", "") + query,
        **options,
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
    assert {"CreateCat", "CreateCatForm", "CatPatch"} <= names
    schemas = content["components"]["schemas"]
    assert [name for name in sorted(names) if schemas[name].get("additionalProperties") is not False] == []


def test_validator_rejects_an_invalid_document(cafe: TestApp) -> None:
    broken = copy.deepcopy(document(cafe))
    broken["paths"]["/cats"]["get"]["responses"]["200"].pop("description")
    assert list(OpenAPIV31SpecValidator(broken).iter_errors())


def references(value: Any) -> Iterator[str]:
    """Yield the references in a part of the document."""
    if isinstance(value, dict) and "$ref" in value:
        yield value["$ref"]
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from references(inner)


def test_every_shared_parameter_header_and_response_is_used(cafe: TestApp) -> None:
    content, kinds = document(cafe), ("parameters", "responses", "headers")
    shared = {f"#/components/{kind}/{name}" for kind in kinds for name in content["components"][kind]}
    assert len(shared) > 30
    assert shared - set(references(content)) == set()


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
        (method.lower(), template_of(rule.rule))
        for rule in cafe.app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.endpoint != "static" and not rule.rule.startswith("/forms/")
    }
    assert {(method, path) for method, path, _ in operations(document(cafe))} == routes


def test_every_error_is_a_shared_problem(cafe: TestApp) -> None:
    content = document(cafe)
    for method, path, operation in operations(content):
        for status, response in content["paths"][path][method]["responses"].items():
            if int(status) >= 400:
                assert response["$ref"].startswith("#/components/responses/"), f"{method} {path}"
                assert list(operation["responses"][status]["content"]) == ["application/problem+json"]


def test_security_follows_from_the_role(cafe: TestApp) -> None:
    for method, path, operation in operations(document(cafe)):
        public = [{}] if operation["x-role"] == "public" else []
        expected = [*public, {"bearer": []}, {"cookie": []}]
        if operation["operationId"] in ("createSession", "logIn"):
            expected = []  # who logs in needs no token
        assert operation["security"] == expected, f"{method} {path}"


VERBS = {
    # by method: the verbs of the operationIds
    "get": {"get", "list", "export"},
    "post": {"create", "record", "complete", "redact", "log"},
    "put": {"replace"},
    "patch": {"update"},
    "delete": {"delete"},
}


def test_operation_ids_are_unique_and_begin_with_the_verb_of_the_summary(cafe: TestApp) -> None:
    ids = [operation["operationId"] for *_, operation in operations(document(cafe))]
    assert len(ids) == len(set(ids))
    for method, path, operation in operations(document(cafe)):
        verb = re.split("[A-Z]", operation["operationId"])[0]
        assert verb in VERBS[method], f"{method} {path}"
        assert operation["summary"].split()[0].lower() in (verb, "create"), f"{method} {path}"


def test_crud_operations_are_named_after_their_entity(cafe: TestApp) -> None:
    verbs = {"get": "get", "put": "replace", "patch": "update", "delete": "delete"}
    paths = document(cafe)["paths"]
    for spec in RESOURCE_SPECS:
        plural, collection = spec.path[1:].capitalize(), paths[spec.path]
        (item,) = (paths[path] for path in paths if re.fullmatch(rf"{spec.path}/{{\w+}}", path))
        assert collection["get"]["operationId"] == f"list{plural}"
        assert collection["post"]["operationId"] == f"create{plural[:-1]}"
        assert {m: item[m]["operationId"] for m in verbs} == {m: f"{verb}{plural[:-1]}" for m, verb in verbs.items()}


def test_aliases_are_deprecated_and_have_ids_of_their_own(cafe: TestApp) -> None:
    paths, found = document(cafe)["paths"], 0
    for cls in RESOURCES:
        for method in cls.operations:
            assert "deprecated" not in paths[cls.path][method]
            for alias in cls.aliases:
                assert paths[alias][method]["deprecated"] is True
                assert paths[alias][method]["operationId"] == f"{paths[cls.path][method]['operationId']}Alias"
                assert cls.path in paths[alias][method]["description"]
                found += 1
    assert found


def test_every_operation_has_summary_description_and_tag(cafe: TestApp) -> None:
    content = document(cafe)
    groups = {tag["name"] for tag in content["tags"]}
    assert all(tag["description"].endswith(".") for tag in content["tags"])
    for method, path, operation in operations(content):
        assert operation["summary"], f"{method} {path}"
        assert operation["description"].endswith("."), f"{method} {path}"
        assert set(operation["tags"]) <= groups
        assert all(parameter["description"] for parameter in operation["parameters"])


def test_documented_query_parameters_are_those_accepted(cafe: TestApp) -> None:
    for method, path, operation in operations(document(cafe)):
        others = re.findall(r"Query parameter `(\w+)`", operation["description"])
        declared = sorted([*others, *(p["name"] for p in operation["parameters"] if p["in"] == "query")])
        response = call(cafe, method, path, "?wings=2", headers={"Accept": "*/*"})
        if method == "get" and {"text/html", "application/atom+xml"} & operation["responses"]["200"]["content"].keys():
            assert (response.status_code, declared) in ((200, []), (404, [])), "pages and feeds ignore parameters"
            continue
        detail = response.json["errors"][0]["detail"]
        listed = f"Expected {', '.join(declared)}." if declared else "Expected no parameters."
        assert detail == f"wings: Unknown parameter. {listed}", f"{method} {path}"


def test_documented_bounds_of_query_parameters_are_enforced(cafe: TestApp) -> None:
    calls, content = 0, document(cafe)
    for method, path, operation in operations(content):
        schemas = {p["name"]: resolved(content, p["schema"]) for p in operation["parameters"] if p["in"] == "query"}
        assert schemas.get("limit", LIMIT) == LIMIT
        assert schemas.get("cursor", CURSOR) == CURSOR
        for name, schema in schemas.items() if "{" not in path else ():
            for value in resolved(content, schema.get("items", schema)).get("enum", []):
                assert call(cafe, method, path, f"?{name}={value}").status_code == 200, f"{path}?{name}={value}"
                calls += 1
            if "maximum" in schema:
                assert call(cafe, method, path, f"?{name}={schema['maximum']}").status_code == 200
                assert call(cafe, method, path, f"?{name}={schema['maximum'] + 1}").status_code == 400
    assert calls > 80


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
        # Pages are not documented, except those of forms.
        has_page = path in ("/post/{id}", "/user/{username}") or operation["operationId"] in PAGES.keys() - {"getIndex"}
        undocumented = ["text/html"] if "303" in operation["responses"] or (has_page and method == "get") else []
        for status, response in operation["responses"].items():
            if status in ("200", "201"):
                assert list(response["content"]) + undocumented == available, f"{method} {path}"
