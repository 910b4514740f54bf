"""Ways to send what is to be measured: each prepares a café, and returns what then sends one request."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from werkzeug.test import TestResponse

from api.domain.users import Role
from tests.support.engine_app import EngineApp
from tests.support.users import UserWithPassword

LUNA: dict[str, Any] = {
    "sex": "female",
    "birthDate": "2023-08-30",
    "breed": {"primary": "domestic shorthair", "mixed": True},
    "colors": {"primary": "black", "secondary": "white"},
    "pattern": "tuxedo",
    "coat": "short",
    "altered": "yes",
    "microchips": [{"number": "276098106234567"}],
    "fiv": "negative",
    "felv": "negative",
    "vaccinations": [{"type": "tricat", "givenOn": "2026-07-05", "expiresOn": "2027-07-05"}],
    "goodWith": {"cats": "yes", "children": "over5"},
    "status": "available",
    "location": {"area": "café", "onFloor": True},
    "adoptionFee": {"amount": 18000, "currency": "EUR"},
    "description": "Greets everybody at the door.",
    "staffNotes": "Steals cream.",
}
"""A cat as a shelter describes one, who with her keys is just under 1 KB."""
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
    """Let three cats be there."""
    cafe.staff.put("/cats/luna", LUNA)
    for name in ("milo", "pip"):
        cafe.staff.put(f"/cats/{name}", {"status": "available"})


def request(
    method: str, path: str, body: Any = None, role: Role = "staff", first: First | None = None, **headers: str
) -> Prepare:
    """Send something.

    Args:
        method: of HTTP, in small letters.
        path: where; ``{}`` is what was made first.
        body: what to send.
        role: who sends it.
        first: what one of the staff makes before.
        headers: what else is said.
    """

    def prepare(cafe: EngineApp) -> Send:
        made = ""
        if first:
            answer = cafe.staff.post(*first)
            assert answer.status_code == 201, answer.get_data(as_text=True)
            made = answer.headers["Location"]
        caller, extra = cafe.client(role), ([body] if body is not None else [])
        if method == "post" and not extra:
            return lambda: caller.send("POST", path.format(made), headers=headers)
        return lambda: getattr(caller, method)(path.format(made), *extra, **headers)

    return prepare


def ask_for_ada(method: str, sessions: int, *body: Any, own: bool = False, **headers: str) -> Prepare:
    """Do something to somebody who has some sessions, as an owner or as that somebody."""

    def prepare(cafe: EngineApp) -> Send:
        ada = UserWithPassword(cafe, "ada", "staff")
        seats = [ada.open_session() for _ in range(sessions)]
        caller = seats[0] if own else cafe.client("owner")
        return lambda: getattr(caller, method)(ada.path, *body, **headers)

    return prepare


def log_in(sessions: int) -> Prepare:
    """Log in as somebody who has some sessions."""

    def prepare(cafe: EngineApp) -> Send:
        ada = UserWithPassword(cafe, "ada", "staff")
        for _ in range(sessions):
            ada.open_session()
        return ada.log_in

    return prepare


def log_out(sessions: int) -> Prepare:
    """Log out in one of some places."""

    def prepare(cafe: EngineApp) -> Send:
        ada = UserWithPassword(cafe, "ada", "staff")
        seats = [ada.open_session() for _ in range(sessions)]
        return lambda: seats[0].send("POST", "/logout")

    return prepare
