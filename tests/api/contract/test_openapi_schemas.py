"""The schemas of the OpenAPI document: one for each entity, named enums, patches, nulls and examples."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from openapi_schema_validator import OAS31Validator, oas31_format_checker

from api.domain.cat_views import PublicCat, StaffCat
from api.http.openapi.examples import load_examples
from tests.api.contract.test_openapi import Document, document, operations
from tests.conftest import new_table
from tests.support.app import PATCH, TestApp
from tests.support.photos import add_photo
from tests.support.resource_specs import RESOURCE_SPECS

MERGE_PATCH = PATCH["Content-Type"]
FORM = "application/x-www-form-urlencoded"
ALIASES = ("/login", "/post/{id}", "/user/{username}")
"""Paths with the same bodies as others."""
Content = dict[str, Any]


@contextmanager
def app_with_examples() -> Iterator[TestApp]:
    """An application with the entities that the examples refer to."""
    with new_table() as table:
        cafe = TestApp(table, security_contact="mailto:security@cafe.example")
        owner, priya = cafe.client("owner"), cafe.client("staff", "priya")
        owner.patch("/users/priya", {"displayName": "Priya Nair"}, if_match="*")
        priya.put("/cats/luna", {"status": "resident"})
        yield cafe


@pytest.fixture(scope="module")
def app() -> Iterator[TestApp]:
    """The application of the tests that change nothing of each other."""
    with app_with_examples() as cafe:
        yield cafe


@pytest.fixture(scope="module")
def content(app: TestApp) -> Document:
    """The OpenAPI document."""
    return document(app)


def references(value: Any) -> Iterator[str]:
    """Yield the references to schemas in a part of the document."""
    yield from re.findall(r'"\$ref": "#/components/([^"]+)"', json.dumps(value))


def enums(value: Any) -> Iterator[tuple[str, ...]]:
    """Yield the values of each enum in a part of the document."""
    if isinstance(value, dict) and isinstance(value.get("enum"), list):
        yield tuple(sorted(map(str, value["enum"])))
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from enums(inner)


def resolve(content: Document, schema: Content) -> Content:
    """Return a schema, or the one that it refers to."""
    name = schema.get("$ref", "").rpartition("/")[2]
    return content["components"]["schemas"][name] if name else schema


def is_valid(content: Document, schema: Content, value: Any) -> bool:
    """Return whether a value is valid."""
    validator = OAS31Validator(schema | {"components": content["components"]}, format_checker=oas31_format_checker)
    return bool(validator.is_valid(value))


def bodies(content: Document) -> Iterator[tuple[str, str, str, Content]]:
    """Yield the method, the path, the media type and the content of each request body."""
    for method, path, operation in operations(content):
        for media, body in operation.get("requestBody", {}).get("content", {}).items():
            yield method, path, media, body


def responses(content: Document) -> Iterator[tuple[str, str, int, str, Content]]:
    """Yield the method, the path, the status, the media type and the content of each response body."""
    for method, path, operation in operations(content):
        for status, response in operation["responses"].items():
            name = response.get("$ref", "").rpartition("/")[2]
            resolved = content["components"]["responses"][name] if name else response
            for media, body in resolved.get("content", {}).items():
                yield method, path, int(status), media, body


# One schema for each entity


def test_every_component_is_used(content: Document) -> None:
    components = content["components"]
    used, waiting = set[str](), list(references(content["paths"]))
    while waiting:
        name = waiting.pop()
        if name not in used:
            used.add(name)
            kind, _, key = name.partition("/")
            waiting += references(components[kind][key])
    named = {f"{kind}/{key}" for kind in components if kind != "securitySchemes" for key in components[kind]}
    assert named - used == set()


def test_an_entity_has_one_schema_and_a_page_of_it_another(content: Document) -> None:
    names = content["components"]["schemas"].keys()
    for entity in ("Cat", "Pie", "Post", "Todo", "User"):
        assert {entity, f"{entity}Page", f"Create{entity}", f"Replace{entity}", f"{entity}Patch"} <= names
    assert {"Weight", "WeightPage", "CreateWeight", "HistoryEntryPage", "SessionPage", "RankedTodoList"} <= names
    assert [name for name in names if re.search("^(Public|Staff)|View$|Selection$|^Partial|_|\\.", name)] == []


def test_a_cat_requires_what_the_public_sees_and_marks_the_rest(content: Document) -> None:
    schemas = content["components"]["schemas"]
    cat, public = schemas["Cat"], set(PublicCat.__struct_encode_fields__)
    assert set(cat["required"]) == public
    assert set(cat["properties"]) == set(StaffCat.__struct_encode_fields__)
    marked = {
        f"{name}.{member}"
        for name, schema in schemas.items()
        for member, part in schema.get("properties", {}).items()
        if part.get("description", "").startswith("Only for the staff.") and not part.get("readOnly")
    }
    hidden = {"blockers", "holdUntil", "microchips", "staffNotes"}
    of_photos = {f"Photo.{member}" for member in ("expires", "position", "refusal", "state")}
    assert marked == {f"Cat.{member}" for member in hidden} | {"Location.unit", "Vaccination.batch"} | of_photos
    assert not {member for name, member in (each.split(".") for each in marked) if member in schemas[name]["required"]}


def test_a_response_requires_all_members_but_those_that_may_be_missing(content: Document) -> None:
    schemas = content["components"]["schemas"]
    optional = {
        f"{name}.{member}"
        for name in {ref for *_, body in responses(content) for ref in closure(content, body)}
        for member in schemas[name].get("properties", {})
        if member not in schemas[name].get("required", ())
    }
    of_pages = ("Page.next", "Page.prev", "Page.deleted", "Page.updatedUntil")
    assert {each for each in optional if not each.endswith(of_pages)} == {
        *(f"Cat.{member}" for member in ("blockers", "holdUntil", "microchips", "staffNotes")),
        *(f"Photo.{member}" for member in ("expires", "position", "refusal", "state")),
        "Location.unit",
        "Vaccination.batch",
        *(f"{name}.{member}" for name in ("HistoryEntry", "ExportedEntry") for member in ("member", "reason")),
        "RankedTodo.explanation",
        *(f"FieldError.{member}" for member in ("pointer", "parameter", "header")),
        *(f"Problem.{member}" for member in ("errors", "moreErrors", "available")),
    }


def closure(content: Document, value: Any) -> set[str]:
    """Return the names of the schemas that a part of the document uses."""
    found, waiting = set[str](), [value]
    while waiting:
        for name in references(waiting.pop()):
            key = name.rpartition("/")[2]
            if key not in found:
                found.add(key)
                waiting.append(content["components"]["schemas"][key])
    return found


def test_no_schema_has_a_default(content: Document) -> None:
    # openapi-typescript makes a member with a default required, also in request bodies.
    found = [name for name, schema in content["components"]["schemas"].items() if '"default":' in json.dumps(schema)]
    assert found == []


# Enums


def test_every_enum_is_in_the_document_once(content: Document) -> None:
    schemas = content["components"]["schemas"]
    assert [values for values, count in Counter(enums(content)).items() if count > 1] == []
    assert {"Sex", "Coat", "CatStatus", "GoodWith", "AgeGroup", "Allergen", "TodoKind", "Role"} <= {*schemas}
    members = {"CreateCat": "sex", "CreateCatForm": "sex", "ReplaceCat": "sex", "Cat": "sex"}
    assert {schemas[name]["properties"][member]["$ref"] for name, member in members.items()} == {
        "#/components/schemas/Sex"
    }


# Nulls

REQUIRED: dict[str, Content] = {
    "MoneyPatch": {"amount": 1, "currency": "GBP"},
    "Money": {"amount": 1, "currency": "GBP"},
    "VaccinationInput": {"type": "rabies"},
    "MicrochipInput": {"number": "276098106234567"},
    "RecurrenceInput": {"every": 1, "unit": "days"},
    "RecurrencePatch": {"every": 1, "unit": "days"},
}
"""The required members of nested objects."""


def objects(content: Document, schema: Content) -> Iterator[tuple[str, bool]]:
    """Yield the names of the objects that a member may have, and whether they are in an array."""
    for option in schema.get("anyOf", [schema]):
        if "properties" in resolve(content, option):
            yield option["$ref"].rpartition("/")[2], False
        if "properties" in resolve(content, option.get("items", {})):
            yield option["items"]["$ref"].rpartition("/")[2], True


def changes(content: Document, schema: Content) -> Iterator[tuple[str, Content, bool]]:
    """Yield each member of a body and of its objects: its path, a body in which it is null, and if that is valid."""
    for name, member in schema["properties"].items():
        if member.get("readOnly"):  # its value decides: see test_read_change_put_back.py
            continue
        yield name, {name: None}, is_valid(content, member, None)
        for nested, in_array in objects(content, member):
            for inner, part in content["components"]["schemas"][nested]["properties"].items():
                value = {**REQUIRED.get(nested, {}), inner: None}
                yield f"{name}/{inner}", {name: [value] if in_array else value}, is_valid(content, part, None)


class Sender:
    """Sends bodies to new entities, as an owner."""

    def __init__(self, app: TestApp) -> None:
        self.app, self.owner = app, app.client("owner")
        self._count = 0

    def send(self, method: str, path: str, media: str, body: Content) -> int:
        """Send a body, whose names become unique, and return the status."""
        self._count += 1
        for key in ("name", "username"):
            if method == "post" and body.get(key):
                body = body | {key: f"{body[key]} {self._count}"}
        for chip in body.get("microchips") or ():
            chip["number"] = chip["number"] and f"{276098100000000 + self._count}"
        url = path.format(**self._new_entity(path))
        headers = {"Content-Type": media} | ({} if method == "post" else {"If-Match": "*"})
        return self.owner.send(method.upper(), url, headers, data=json.dumps(body)).status_code

    def _new_entity(self, path: str) -> dict[str, str]:
        """Create the entity of a path, and return the variables of the path."""
        if "/photos/" in path:
            entity, _, variable = path.partition("/photos/")
            variables = self._new_entity(entity)
            return variables | {variable.strip("{}"): add_photo(self.app, entity.format(**variables))}
        name, collection = f"new {self._count}", f"/{path.split('/')[1]}".removesuffix("s") + "s"
        if "{id}" in path:
            new = {"/posts": {"title": "x", "body": "x"}, "/todos": {"title": "x", "due": "2027-01-01T09:00:00Z"}}
            return {"id": str(self.owner.post(collection, new[collection]).json["id"])}
        if "{" in path:
            self.owner.put(f"{collection}/{name}", {})
        return {"name": name, "pie": name, "username": name}


def test_null_and_absence_mean_the_same_in_the_document_and_in_the_server(content: Document) -> None:
    differences, count = [], 0
    for method, path, media, body in bodies(content):
        if media == FORM or path in ALIASES:
            continue
        schema = resolve(content, body["schema"])
        base = {name: body["example"][name] for name in schema.get("required", ())}
        requests = [("without the rest", base, True)]
        requests += [(f"without {name}", {key: base[key] for key in base if key != name}, False) for name in base]
        for where, change, allowed in changes(content, schema):
            extra = {"due": "2027-01-01T09:00:00Z"} if change.get("recurrence") else {}
            requests.append((f"with {where} null", base | extra | change, allowed))
        with app_with_examples() as app:  # moto copies the whole table in each transaction: a small one is fast
            sender = Sender(app)
            for where, value, allowed in requests:
                status = sender.send(method, path, media, value)
                if status not in ((200, 201, 401) if allowed else (422,)):  # 401: the password is wrong
                    differences.append(f"{method} {path} {where}: {status}, valid in the document: {allowed}")
        count += len(requests)
    assert differences == []
    assert count > 200


def test_a_patch_is_deep_and_strict(content: Document) -> None:
    schemas = content["components"]["schemas"]
    patches = {name: schema for name, schema in schemas.items() if name.endswith("Patch")}
    assert {"CatPatch", "SociabilityPatch", "LocationPatch", "RecurrencePatch", "MoneyPatch", "UserPatch"} <= {*patches}
    for name, schema in patches.items():
        assert schema["additionalProperties"] is False, name
        assert "required" not in schema, name
        nested = [
            other
            for part in schema["properties"].values()
            for other, is_array in objects(content, part)
            if not is_array and not part.get("readOnly")
        ]
        assert [other for other in nested if not other.endswith("Patch")] == [], name
    assert is_valid(content, schemas["CatPatch"], {"goodWith": {"children": None}, "colors": {"secondary": None}})
    assert not is_valid(content, schemas["CatPatch"], {"goodWith": {"wings": 2}})
    for name, member in (
        ("UserPatch", "role"),
        ("UserPatch", "password"),
        ("PostPatch", "title"),
        ("PhotoPatch", "alt"),
    ):
        assert not is_valid(content, schemas[name], {member: None}), f"{name} {member}"


# Examples


def test_every_body_has_a_valid_example(content: Document) -> None:
    all_bodies = [(f"{method} {path} {media}", body) for method, path, media, body in bodies(content)]
    all_bodies += [
        (f"{method} {path} {status} {media}", body)
        for method, path, status, media, body in responses(content)
        if not (status >= 400 and media == "text/html")
    ]
    assert len(all_bodies) > 300
    assert [where for where, body in all_bodies if "example" not in body] == []
    seen = {json.dumps(body): (where, body) for where, body in all_bodies}
    wrong = [where for where, body in seen.values() if not is_valid(content, strict(content, body), body["example"])]
    assert wrong == []


def strict(content: Document, body: Content) -> Content:
    """Return the schema of a body with all members."""
    return resolve(content, body["schema"].get("anyOf", [body["schema"]])[0])


RANDOM = {"token": str, "id": str, "version": str, "href": str, "fields": dict}
"""The members whose texts differ between responses: tokens, ids, and what has them, and the version of the API."""


def is_part(example: Any, actual: Any) -> bool:
    """Return whether a response has all of an example, but other random texts. A text may be longer."""
    if isinstance(example, dict):
        return isinstance(actual, dict) and all(
            name in actual and (isinstance(value, RANDOM.get(name, ())) or is_part(value, actual[name]))
            for name, value in example.items()
        )
    if isinstance(example, list):
        return isinstance(actual, list) and all(any(is_part(part, other) for other in actual) for part in example)
    if isinstance(example, str):
        return isinstance(actual, str) and actual.startswith(example)
    return bool(example == actual)


def answers(app: TestApp, examples: dict[str, Content]) -> Iterator[tuple[str, Any]]:
    """Send the examples of request bodies in a useful order. Yield the name of a response and its body."""
    owner, priya, public = app.client("owner"), app.client("staff", "priya"), app.public
    owner.patch("/users/priya", {"displayName": "Priya Nair"}, if_match="*")
    priya.put("/cats/luna", {"status": "resident"})
    pie = "/pies/rhubarb%20%26%20custard"
    for spec in RESOURCE_SPECS:
        entity = spec.path.removeprefix("/").removesuffix("s").capitalize()
        if entity not in ("Todo", "User"):
            yield entity, priya.post(spec.path, examples[f"Create{entity}"]).json
    yield "User", public.post("/users", examples["CreateUser"]).json
    yield "Weight", priya.post("/cats/nimbus/weights", examples["CreateWeight"]).json
    yield "WeightPage", priya.get("/cats/nimbus/weights").json
    yield "HistoryEntry", priya.get("/cats/nimbus/history").json["items"][0]
    redaction = priya.post("/cats/nimbus/history/redactions", examples["Redaction"])
    yield "RedactionSummary", redaction.json
    yield "NewPhoto", priya.post("/cats/nimbus/photos", examples["CreatePhoto"]).json
    photo = f"/cats/nimbus/photos/{add_photo(app, '/cats/nimbus', b'700')}"
    yield "Photo", priya.get(photo).json
    assert priya.patch(photo, examples["PhotoPatch"], if_match="*").status_code == 200
    ranked = priya.post("/todos", examples["CreateTodo"]).json
    yield "Todo", (todo := priya.post("/todos", examples["CreateTodo"]).json)
    session = public.post("/sessions", examples["Credentials"]).json
    yield "SessionWithToken", session
    bearer = {"Authorization": f"Bearer {session['token']}"}
    yield "Session", public.get("/sessions", bearer).json["items"][0]
    yield "TokenWithSecret", public.send("POST", "/tokens", bearer, json=examples["CreateToken"]).json
    yield "Token", public.get("/tokens", bearer).json["items"][0]
    yield "UserExport", public.get("/users/ada/export", bearer).json
    yield "Site", owner.patch("/site", examples["SitePatch"], if_match="*").json
    for path in ("/", "/health", "/problems/not-found"):
        yield {"/": "Index", "/health": "Health"}.get(path, "ProblemType"), public.get(path).json
    writes = [
        priya.put("/cats/nimbus", examples["ReplaceCat"]),
        priya.patch("/cats/nimbus", examples["CatPatch"], if_match="*"),
        priya.put(pie, examples["ReplacePie"]),
        priya.patch(pie, examples["PiePatch"], if_match="*"),
        priya.put("/posts/1", examples["ReplacePost"]),
        priya.patch("/posts/1", examples["PostPatch"], if_match="*"),
        priya.put(f"/todos/{todo['id']}", examples["CreateTodo"]),
        priya.put(f"/todos/{todo['id']}", examples["ReplaceTodo"]),
        priya.patch(f"/todos/{todo['id']}", examples["TodoPatch"], if_match="*"),
        owner.put("/users/ada", examples["ReplaceUser"]),
        owner.patch("/users/ada", examples["UserPatch"], if_match="*"),
    ]
    assert [(write.status_code, write.json) for write in writes if write.status_code != 200] == []
    for path in ("/", "/pies", pie):
        name = path.replace(pie, "/pies/{pie}")
        yield f"{name} text/plain", public.get(path, {"Accept": "text/plain"}).text
    secure = {"base_url": "https://cafe.example"}
    yield "/cats/{name}/portrait.svg image/svg+xml", public.get("/cats/luna/portrait.svg").text
    yield "/posts.atom application/atom+xml", public.get("/posts.atom").text
    yield "/.well-known/security.txt text/plain", public.get("/.well-known/security.txt", **secure).text
    yield "/.well-known/api-catalog application/json", public.get("/.well-known/api-catalog", **secure).json
    entities = {"/cats/{name}": "/cats/luna", "/pies/{pie}": pie, "/posts/{id}": "/posts/1", "/site": "/site"}
    for path, entity in entities.items():
        name = f"{path}/photos/{'{photo}' if 'posts' in path else '{id}'}/{{width}}.webp image/webp"
        yield name, public.get(f"{entity}/photos/{add_photo(app, entity)}/200.webp").text
    app.clock.now = datetime(2027, 1, 4, 10, 0, tzinfo=UTC)
    items = app.client("owner").get("/todos/next").json["items"]
    yield "RankedTodo", next(item for item in items if item["id"] == ranked["id"])


def test_examples_of_responses_are_those_of_the_server_to_the_examples_of_requests(content: Document) -> None:
    examples = load_examples()
    sent = {
        body["schema"]["$ref"].rpartition("/")[2]: body["example"]
        for *_, media, body in bodies(content)
        if media != FORM
    }
    with new_table() as table:
        received = dict(answers(TestApp(table, security_contact="mailto:security@cafe.example"), sent))
    expected = examples.responses | examples.lists | examples.others
    assert {name for name in expected if "openapi.json" not in name and "linkset" not in name} - received.keys() == {
        "RankedTodoList"
    }
    assert [name for name, body in received.items() if not is_part(expected[name], body)] == []
