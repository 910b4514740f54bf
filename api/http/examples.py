"""Examples of bodies for the OpenAPI document. Only the document needs them.

The names in request bodies are not in the sample data of ``make run``, so that each example can be sent at once. The
responses are those of the server to these requests; a test compares them.
"""

from __future__ import annotations

from typing import Any

import api
from api.http.problem_types import NOT_FOUND, PROBLEM_TYPES
from api.http.request_body import FORM

Example = dict[str, Any]

_CAT: Example = {"sex": "female", "birthDate": "2024-05-01", "colors": {"primary": "grey"}, "status": "available"}
_PIE: Example = {
    "rate": {"amount": 450, "currency": "GBP"},
    "allergens": ["gluten", "milk"],
    "diets": ["vegetarian"],
}
_POST: Example = {"title": "Nimbus is here", "body": "A *grey* cat has moved in.", "cats": ["luna"]}
_TODO: Example = {
    "title": "Brush luna",
    "kind": "cleaning",
    "cat": "luna",
    "due": "2027-01-04T09:00:00Z",
    "recurrence": {"every": 1, "unit": "weeks"},
}
_CREDENTIALS = {"username": "ada", "password": "three cups of cocoa"}

BODIES: dict[str, Example] = {
    "CreateCat": {"name": "nimbus", **_CAT},
    "ReplaceCat": _CAT,
    "CatPatch": {"goodWith": {"children": "yes"}, "breed": {"secondary": None}, "description": None},
    "Redaction": {"member": "description", "reason": "The text names a person."},
    "CreateWeight": {"grams": 4150, "note": "Before breakfast."},
    "CreatePie": {"name": "rhubarb & custard", **_PIE},
    "ReplacePie": _PIE,
    "PiePatch": {"available": False, "diets": None},
    "CreatePost": _POST,
    "ReplacePost": _POST,
    "PostPatch": {"title": "Nimbus has moved in"},
    "CreateTodo": _TODO,
    "ReplaceTodo": _TODO | {"priority": "high"},
    "TodoPatch": {"priority": "high", "notes": None},
    "CreateUser": _CREDENTIALS | {"displayName": "Ada"},
    "ReplaceUser": {"displayName": "Ada", "about": "Visits on Sundays."},
    "UserPatch": {"displayName": "Ada L.", "about": None},
    "Credentials": _CREDENTIALS,
}
"""The examples of request bodies by the name of the schema."""


_NOW = "2026-11-22T12:00:00Z"
_VERSION: Example = {"created": _NOW, "updated": _NOW, "version": 1}
_ORIGIN = "https://cafe.example"
_UNKNOWN_CAT: Example = {
    "birthDateExact": False,
    "breed": {"primary": None, "secondary": None, "mixed": False},
    "pattern": None,
    "coat": None,
    "altered": "unknown",
    "alteredOn": None,
    "fiv": "unknown",
    "felv": "unknown",
    "testedOn": None,
    "vaccinations": [],
    "goodWith": {"cats": "unknown", "dogs": "unknown", "children": "unknown"},
    "specialNeeds": {"has": False, "note": None, "diet": None},
    "bondedWith": [],
    "location": {"area": None, "onFloor": False, "unit": None},
    "adoptionFee": None,
    "description": None,
    "microchips": [],
    "staffNotes": None,
    "holdUntil": None,
}
_BLOCKERS = [
    ("fiv-untested", "The FIV status is unknown.", "Test the cat and set fiv."),
    ("felv-untested", "The FELV status is unknown.", "Test the cat and set felv."),
    ("not-vaccinated", "No vaccination is recorded.", "Vaccinate the cat and add it to vaccinations."),
    ("not-altered", "The cat is not known to be neutered.", "Neuter the cat and set altered to yes."),
    ("no-microchip", "The cat has no microchip.", "Implant a microchip and add it to microchips."),
]
_STORED_TODO: Example = {
    **_TODO,
    "priority": "normal",
    "assignee": None,
    "waitUntil": None,
    "blockedBy": [],
    "recurrence": {"every": 1, "unit": "weeks", "from": "due"},
    "notes": None,
    "id": "Qi5NPNtgEWVIUFTi",
    "done": False,
    "doneAt": None,
    "doneBy": None,
    "next": None,
    "by": "priya",
    "overdue": False,
    **_VERSION,
}
_USER: Example = {
    "username": "ada",
    "displayName": "Ada",
    "email": None,
    "about": None,
    "role": "member",
    "active": True,
    **_VERSION,
}
_SESSION: Example = {
    "id": "L2hXO7vthwwocKageGkxH2mif3UmMbOuEq5FOS7Ki4s",
    "username": "ada",
    "role": "member",
    "created": _NOW,
    "expires": "2026-11-23T12:00:00Z",
    "current": True,
}

RESPONSES: dict[str, Example] = {
    "Cat": {
        "name": "nimbus",
        **_CAT,
        **_UNKNOWN_CAT,
        "colors": {"primary": "grey", "secondary": None, "tertiary": None},
        "ageGroup": "young",
        "blockers": [{"code": code, "detail": detail, "clearedBy": cleared} for code, detail, cleared in _BLOCKERS],
        **_VERSION,
    },
    "HistoryEntry": {"at": _NOW, "action": "created", "by": "priya", "version": 1, "changed": []},
    "RedactionSummary": {"redacted": 0, "next": None},
    "Weight": {
        **BODIES["CreateWeight"],
        "id": "20261122T120000000000Z-O2Z7YIsPKCY_iHPW",
        "weighedAt": _NOW,
        "by": "priya",
        "recorded": _NOW,
    },
    "Pie": {
        "name": "rhubarb & custard",
        "publicName": "rhubarb & custard",
        **_PIE,
        "description": None,
        "available": True,
        "soldOutUntil": None,
        "soldOut": False,
        **_VERSION,
    },
    "Post": {
        "id": 1,
        **_POST,
        "html": "<p>A <em>grey</em> cat has moved in.</p>\n",
        "author": "Priya Nair",
        "publishedAt": _NOW,
        **_VERSION,
    },
    "Todo": _STORED_TODO,
    "RankedTodo": _STORED_TODO | {"overdue": True, "tier": 3, "urgency": 17.0271},
    "User": _USER,
    "UserExport": {
        "profile": _USER,
        "sessions": [_SESSION],
        "posts": [],
        "todos": [],
        "weighings": [],
        "history": [],
        "next": None,
    },
    "Session": _SESSION,
    "SessionWithToken": _SESSION | {"current": False, "token": "FEBz1n3M3CPfCnwQgoq6fLqxMVtlxL_u5dXiT-Kc2Fk"},
    "Index": {
        "name": "Clowder",
        "version": api.__version__,
        "links": [
            {"href": "/cats", "title": "Cats", "description": "The residents, and the cats that look for a home."}
        ],
    },
    "Health": {"status": "ok", "version": api.__version__},
    "ProblemType": {
        "type": f"/problems/{NOT_FOUND.slug}",
        "status": NOT_FOUND.status,
        "title": NOT_FOUND.title,
        "explanation": NOT_FOUND.explanation,
    },
}
"""The examples of entities in responses by the name of the schema."""
LISTS: dict[str, Example] = {"WeightPage": {"trend": None, "alarm": None}, "RankedTodoList": {"runnerUp": None}}
"""The members of lists besides the items."""
_PAGE = '<!doctype html>\n<html lang="en">\n'
_CATALOG: Example = {
    "linkset": [
        {
            "anchor": f"{_ORIGIN}/",
            "service-desc": [{"href": f"{_ORIGIN}/openapi.json", "type": "application/json"}],
            "service-doc": [{"href": f"{_ORIGIN}/docs", "type": "text/html"}],
            "status": [{"href": f"{_ORIGIN}/health", "type": "application/json"}],
        }
    ]
}
OTHERS: dict[str, Any] = {
    "/ text/plain": "rhubarb & custard",
    "/pies text/plain": "rhubarb & custard",
    "/pies/{pie} text/plain": "Pie: rhubarb & custard",
    "/posts.atom application/atom+xml": "<?xml version='1.0' encoding='utf-8'?>\n"
    '<feed xmlns="http://www.w3.org/2005/Atom" xml:base=',
    "/openapi.json application/json": {"openapi": "3.1.0"},
    "/openapi.json application/vnd.oai.openapi+json": {"openapi": "3.1.0"},
    "/.well-known/api-catalog application/json": _CATALOG,
    "/.well-known/api-catalog application/linkset+json": _CATALOG,
    "/.well-known/security.txt text/plain": "Contact: mailto:security@cafe.example\nExpires: 2027-06-01T00:00:00Z\n",
}
"""The examples of the other responses by path and media type. A text is only the beginning of the response."""


def body_example(schema: str, media: str, properties: dict[str, Any]) -> Example:
    """Return the content of a request body with an example, or nothing.

    Args:
        schema: the name of the schema.
        media: the media type.
        properties: the members of the schema. A form has only those that are scalars.
    """
    body = BODIES.get(schema.removesuffix("Form") if media == FORM else schema)
    if body is None:
        return {}
    return {"example": {name: value for name, value in body.items() if name in properties}}


def response_example(path: str, media: str, schema: dict[str, Any]) -> Example:
    """Return the content of a response with an example, or nothing.

    Args:
        path: the path of the resource.
        media: the media type.
        schema: the schema of the response.
    """
    if f"{path} {media}" in OTHERS:
        return {"example": OTHERS[f"{path} {media}"]}
    if media == "text/html":
        return {"example": _PAGE}
    name = schema.get("anyOf", [schema])[0].get("$ref", "").rpartition("/")[2]
    if name in RESPONSES:
        return {"example": RESPONSES[name]}
    item = RESPONSES.get(name.removesuffix("Page").removesuffix("List"))
    return {"example": {"items": [item], **LISTS.get(name, {})}} if item else {}


def problem_example(status: int) -> Example:
    """Return the content of an error with an example, or nothing."""
    kind = next((kind for kind in PROBLEM_TYPES.values() if kind.status == status), None)
    if kind is None:
        return {}
    example = {
        "type": f"/problems/{kind.slug}",
        "title": kind.title,
        "status": status,
        "detail": kind.explanation,
        "instance": "/cats/nimbus",
        "requestId": "7f1c1ae2-6f0c-4b7e-9d57-0f2b7a9e3c11",
    }
    return {"example": example}
