"""The codes of errors: each is documented, and a request that causes it gets it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, get_args

import msgspec
import pytest
from msgspec import Meta

from api.domain.cat_fields import Sex, ShortText
from api.domain.entity import Timestamp
from api.domain.errors import ErrorCode
from api.domain.weights import Grams
from api.http.error_messages import CODES, code_of
from tests.support.app import Client, TestApp, problem
from tests.support.users import register_and_log_in

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
STABLE = re.findall(
    "[a-z_]+",
    """
    blank circular contradiction duplicate in_the_future invalid_character invalid_format invalid_value not_allowed
    not_found out_of_range read_only required reserved taken too_large too_long too_many too_short too_small
    unknown_member unknown_parameter weak_password wrong_password wrong_type
    """,
)
"""The codes that clients know. A code may be added, and none may be removed or renamed."""

Request = tuple[str, str, dict[str, Any]]
CAT, POST, TODO, USER = "/cats", "/posts", "/todos", "/users"


def post(path: str, **body: Any) -> Request:
    """Return a POST request with a body."""
    return "POST", path, {"json": body}


def put(path: str, **headers: str) -> Request:
    """Return a PUT request with headers."""
    return "PUT", path, {"json": {}, "headers": headers}


def get(path: str) -> Request:
    """Return a GET request."""
    return "GET", path, {}


CASES: list[tuple[str, str, Request]] = [
    ("blank", "/publicName", post("/pies", name="x", publicName="")),
    ("blank", "/publicName", post("/pies", name="x", publicName="\u3164")),
    ("blank", "name", get("/cats?name=")),
    ("circular", "/bondedWith/0", post(CAT, name="x", bondedWith=["x"])),
    ("contradiction", "/alteredOn", post(CAT, name="x", altered="no", alteredOn="2026-01-01")),
    ("contradiction", "/diets/0", post("/pies", name="x", diets=["vegan"], allergens=["milk"])),
    ("contradiction", "/recurrence", post(TODO, title="x", recurrence={"every": 1, "unit": "days"})),
    ("duplicate", "/allergens/1", post("/pies", name="x", allergens=["milk", "milk"])),
    ("duplicate", "limit", get("/cats?limit=1&limit=1")),
    ("in_the_future", "/birthDate", post(CAT, name="x", birthDate="2027-01-01")),
    ("in_the_future", "/weighedAt", post("/cats/luna/weights", grams=1, weighedAt="2027-01-01T00:00:00Z")),
    ("invalid_character", "/name", post(CAT, name="a/b")),
    ("invalid_character", "/breed/primary", post(CAT, name="x", breed={"primary": "a\u200bb"})),
    ("invalid_character", "name", get("/cats?name=%00")),
    ("invalid_format", "/birthDate", post(CAT, name="x", birthDate="May")),
    ("invalid_format", "/microchips/0/number", post(CAT, name="x", microchips=[{"number": "12"}])),
    ("invalid_format", "", ("POST", CAT, {"data": "{", "headers": {"Content-Type": "application/json"}})),
    ("invalid_format", "If-Match", put("/cats/luna", If_Match="abc")),
    ("invalid_format", "Idempotency-Key", ("POST", CAT, {"json": {}, "headers": {"Idempotency-Key": "é"}})),
    ("invalid_format", "at", get("/cats/luna/history?at=now")),
    ("invalid_value", "/sex", post(CAT, name="x", sex="tomcat")),
    ("invalid_value", "/member", post("/cats/luna/history/redactions", member="name", reason="x")),
    ("invalid_value", "sex", get("/cats?sex=tomcat")),
    ("invalid_value", "cursor", get("/cats?cursor=" + "x" * 24)),
    ("invalid_value", "fields", get("/cats/luna?fields=wings")),
    ("not_allowed", "Content-Range", put("/cats/luna", Content_Range="bytes 0-5/10")),
    ("not_found", "/bondedWith/0", post(CAT, name="x", bondedWith=["missing"])),
    ("not_found", "/assignee", post(TODO, title="x", assignee="missing")),
    ("not_found", "/blockedBy/0", post(TODO, title="x", blockedBy=["missing"])),
    ("out_of_range", "/birthDate", post(CAT, name="x", birthDate="1900-01-01")),
    ("out_of_range", "/due", post(TODO, title="x", due="2026-02-30")),
    ("out_of_range", "/publishedAt", post(POST, title="x", body="x", publishedAt="1999-01-01T00:00:00Z")),
    ("too_large", "/grams", post("/cats/luna/weights", grams=10**30)),
    ("read_only", "/version", post(CAT, name="x", version=1)),
    ("required", "/name", post(CAT)),
    ("required", "/title", post(TODO, title=" ")),
    ("required", "/body", post(POST, title="x", body="")),
    ("required", "/adoptionFee/currency", post(CAT, name="x", adoptionFee={"amount": 1})),
    ("reserved", "/username", post(USER, username="me", password="purring loudly 7")),
    ("taken", "/microchips/0/number", post(CAT, name="x", microchips=[{"number": "123456789"}])),
    ("too_large", "/grams", post("/cats/luna/weights", grams=30_001)),
    ("too_large", "limit", get("/cats?limit=101")),
    ("too_long", "/description", post(CAT, name="x", description="x" * 4001)),
    ("too_long", "/name", post(CAT, name="x" * 65)),
    ("too_long", "name", get("/cats?name=" + "x" * 65)),
    ("too_many", "/diets", post("/pies", name="x", diets=["vegan"] * 8)),
    ("too_short", "/password", post(USER, username="x", password="short")),
    ("too_small", "/grams", post("/cats/luna/weights", grams=0)),
    ("too_small", "limit", get("/cats?limit=0")),
    ("unknown_member", "/wings", post(CAT, name="x", wings=2)),
    ("unknown_parameter", "wings", get("/cats?wings=2")),
    ("weak_password", "/password", post(USER, username="x", password="password")),
    ("wrong_type", "/name", post(CAT, name=7)),
    ("wrong_type", "", ("POST", CAT, {"json": []})),
    ("wrong_type", "limit", get("/cats?limit=x")),
    ("wrong_type", "active", get("/users?active=yes")),
]


def send(client: Client, request: Request) -> list[tuple[str, str]]:
    """Return the code and the location of each error in the response."""
    method, path, options = request
    headers = {name.replace("_", "-"): value for name, value in options.get("headers", {}).items()}
    response = client.send(method, path, headers, **{k: v for k, v in options.items() if k != "headers"})
    errors = problem(response, response.status_code)["errors"]
    for error in errors:
        assert re.match(r".*[.!]$", error["detail"]), error
        assert len(error.keys() & {"pointer", "parameter", "header"}) == 1, error
    return [(error["code"], error.get("pointer", error.get("parameter", error.get("header", "")))) for error in errors]


def test_codes_are_stable_and_documented() -> None:
    rows = re.findall(r"^\| `([a-z_]+)` \| ([^|]+) \| `([^`]+[.!])` \|$", PAGE, re.M)
    assert list(get_args(ErrorCode)) == [code for code, _, _ in rows] == STABLE


def test_every_code_is_in_the_response_to_a_request(cafe: TestApp) -> None:
    staff = cafe.staff
    staff.put("/cats/luna", {"microchips": [{"number": "123456789"}]})
    assert [send(staff, request) for _, _, request in CASES] == [[(code, location)] for code, location, _ in CASES]
    ada = register_and_log_in(cafe, "ada")
    body = {"password": "purring loudly 8", "currentPassword": "wrong"}
    assert send(ada, ("PUT", "/users/ada", {"json": body})) == [("wrong_password", "/currentPassword")]
    assert {code for code, _, _ in CASES} | {"wrong_password"} == set(STABLE)


@pytest.mark.parametrize(
    ("value", "hint", "code"),
    [
        ([1, 2], Annotated[tuple[int, ...], Meta(max_length=1)], "too_many"),
        ("abc", Annotated[str, Meta(max_length=2)], "too_long"),
        ("", ShortText, "too_short"),
        ("b", Annotated[str, Meta(pattern="^a$")], "invalid_format"),
        (3, Annotated[int, Meta(le=2)], "too_large"),
        (3.5, Annotated[float, Meta(le=2)], "too_large"),
        (1, Annotated[int, Meta(ge=2)], "too_small"),
        (1.5, Annotated[float, Meta(ge=2)], "too_small"),
        ("2026-05-01T12:00:00", Timestamp, "invalid_format"),
        ("May", Timestamp, "invalid_format"),
        (1, str, "wrong_type"),
        (1, str | None, "wrong_type"),
        ("tomcat", Sex, "invalid_value"),
        (None, Sex, "wrong_type"),
        (10**30, Grams, "too_large"),
    ],
)
def test_message_of_msgspec_has_a_code(value: Any, hint: Any, code: str) -> None:
    """The messages of msgspec are not documented. This test fails if a new version changes them."""
    with pytest.raises(msgspec.ValidationError) as caught:
        msgspec.convert(value, hint)
    assert code_of(caught.value) == code
    assert sum(re.match(pattern, str(caught.value)) is not None for pattern, _ in CODES) == 1
