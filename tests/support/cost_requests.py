"""Builders of requests for measurements. Each prepares the application and returns a function that sends a request."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from werkzeug.test import TestResponse

from api.domain.users import Role
from tests.support.engine_app import EngineApp
from tests.support.users import UserWithPassword, token_client

LUNA: dict[str, Any] = {
    "sex": "female",
    "birthDate": "2023-08-30",
    "breed": {"primary": "shorthair", "mixed": True},
    "colors": {"primary": "black", "secondary": "white"},
    "altered": "yes",
    "fiv": "negative",
    "vaccinations": [{"type": "tricat", "givenOn": "2026-07-05", "expiresOn": "2027-07-05"}],
    "goodWith": {"cats": "yes", "children": "over5"},
    "status": "available",
    "location": {"area": "café", "onFloor": True},
    "description": "Calm and clever.",
    "staffNotes": "Bites strangers.",
}
"""A cat. Its history entry, with the keys, is just under 1 KB."""
First = tuple[str, dict[str, Any]]
PIE: First = ("/pies", {"name": "apple", "description": "With cinnamon."})
POST: First = ("/posts", {"title": "News", "body": "Luna *purrs*."})
PILL: First = ("/todos", {"title": "A pill", "kind": "medicine", "cat": "luna", "due": "2026-11-22"})
DAILY: First = ("/todos", PILL[1] | {"recurrence": {"every": 1, "unit": "days"}})
SHOP: First = ("/todos", {"title": "Milk", "kind": "shop"})
WEIGHT: First = ("/cats/luna/weights", {"grams": 4000})

Send = Callable[[], TestResponse]
Prepare = Callable[[EngineApp], Send]


def create_cats(cafe: EngineApp) -> None:
    """Create three cats."""
    staff = cafe.staff
    staff.put("/cats/luna", LUNA)
    for name in ("milo", "pip"):
        staff.put(f"/cats/{name}", {"status": "available"})


def request(
    method: str, path: str, body: Any = None, role: Role = "staff", first: First | None = None, **headers: str
) -> Prepare:
    """Prepare a request.

    Args:
        method: the HTTP method in lower case.
        path: the path; ``{}`` stands for the path of the entity that ``first`` creates.
        body: the JSON body.
        role: the role of the client.
        first: the path and the body of a POST request that staff send before.
        headers: further headers.
    """

    def prepare(cafe: EngineApp) -> Send:
        location = ""
        if first:
            response = cafe.staff.post(*first)
            assert response.status_code == 201, response.get_data(as_text=True)
            location = response.headers["Location"]
        client, bodies = cafe.client(role), ([body] if body is not None else [])
        if method == "post" and not bodies:
            return lambda: client.send("POST", path.format(location), headers=headers)
        return lambda: getattr(client, method)(path.format(location), *bodies, **headers)

    return prepare


def read_version(cafe: EngineApp) -> Send:
    """Prepare the read of the version of a cat before the last one."""
    assert cafe.staff.put("/cats/luna", LUNA | {"sex": "male"}).status_code == 200
    staff = cafe.staff
    return lambda: staff.get("/cats/luna/history/1")


def read_weights_after_deletion(cafe: EngineApp) -> Send:
    """Prepare the read of the weights of a cat that has none and was deleted."""
    assert cafe.staff.delete("/cats/luna").status_code == 204
    staff = cafe.staff
    return lambda: staff.get("/cats/luna/weights")


def redact(cafe: EngineApp) -> Send:
    """Prepare the redaction of one version of a cat."""
    assert cafe.staff.patch("/cats/luna", {"staffNotes": None}, if_match="*").status_code == 200
    body = {"member": "staffNotes", "reason": "They name the adopters."}
    staff = cafe.staff
    return lambda: staff.post("/cats/luna/history/redactions", body)


def request_for_user(method: str, sessions: int, *body: Any, own: bool = False, **headers: str) -> Prepare:
    """Prepare a request for the profile of a user with open sessions, by that user or by an owner."""

    def prepare(cafe: EngineApp) -> Send:
        ada = UserWithPassword(cafe, "ada", "staff")
        own_clients = [ada.open_session() for _ in range(sessions)]
        client = own_clients[0] if own else cafe.client("owner")
        return lambda: getattr(client, method)(ada.path, *body, **headers)

    return prepare


def with_token(method: str, path: str, *, used: bool = True) -> Prepare:
    """Prepare a request of the staff with an API token, which was used before or not."""

    def prepare(cafe: EngineApp) -> Send:
        client = token_client(cafe, cafe.staff, role="staff")
        if used:
            client.get("/health")
        return lambda: getattr(client, method)(path)

    return prepare


def log_in(sessions: int) -> Prepare:
    """Prepare a login of a user with open sessions."""

    def prepare(cafe: EngineApp) -> Send:
        ada = UserWithPassword(cafe, "ada", "staff")
        for _ in range(sessions):
            ada.open_session()
        return ada.log_in

    return prepare


def log_out(sessions: int) -> Prepare:
    """Prepare the logout of one of several sessions."""

    def prepare(cafe: EngineApp) -> Send:
        ada = UserWithPassword(cafe, "ada", "staff")
        clients = [ada.open_session() for _ in range(sessions)]
        return lambda: clients[0].send("POST", "/logout")

    return prepare
