"""A café to test: the application on some table, a clock that stands still, and callers of every role."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from api.app import create_app
from api.domain.users import Role
from api.services import accounts
from api.settings import Settings
from api.store.request_budget import RequestBudget
from api.store.table import Table

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
PATCH = {"Content-Type": "application/merge-patch+json"}


class FakeClock:
    """Tells the instant that a test sets."""

    def __init__(self, now: datetime = NOON) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **span: float) -> None:
        """Let time pass."""
        self.now += timedelta(**span)


class Client:
    """Somebody with or without a token, who sends requests to a café in process."""

    def __init__(self, client: FlaskClient, token: str | None) -> None:
        self._client = client
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}

    def send(self, method: str, path: str, headers: dict[str, str] | None = None, **how: Any) -> TestResponse:
        """Send a request; ``json=``, ``data=`` and so on as with Flask's test client."""
        return self._client.open(path, method=method, headers=self.headers | (headers or {}), **how)

    def get(self, path: str, headers: dict[str, str] | None = None, **how: Any) -> TestResponse:
        """Read something."""
        return self.send("GET", path, headers, **how)

    def put(self, path: str, json: Any, **headers: str) -> TestResponse:
        """Create or replace something."""
        return self.send("PUT", path, _named(headers), json=json)

    def post(self, path: str, json: Any, **headers: str) -> TestResponse:
        """Create something."""
        return self.send("POST", path, _named(headers), json=json)

    def patch(self, path: str, json: Any, **headers: str) -> TestResponse:
        """Change some members of something."""
        return self.send("PATCH", path, PATCH | _named(headers), json=json)

    def delete(self, path: str, **headers: str) -> TestResponse:
        """Delete something."""
        return self.send("DELETE", path, _named(headers))


class TestApp:
    """The application on a table."""

    __test__ = False  # pytest collects no tests from it

    def __init__(self, table: Table, clock: FakeClock | None = None, **settings: Any) -> None:
        self.table = table
        self.clock = clock or FakeClock()
        told = {"table_name": table.name, "cursor_key": "k" * 32, "log_level": "ERROR"} | settings
        self.settings = Settings(**told)
        self.app = create_app(self.settings, table, clock=self.clock)

    def token(self, role: Role, username: str | None = None) -> str:
        """Return a fresh token for somebody of a role, who is made if need be."""
        username = username or f"the {role}"
        accounts.ensure_user(self.table, username, role, None, self.clock.now)
        return accounts.issue_token(self.table, username, self.clock.now, timedelta(hours=1))

    def client(self, role: Role, username: str | None = None) -> Client:
        """Return somebody of a role; "public" is somebody without a token."""
        token = None if role == "public" else self.token(role, username)
        return Client(self.app.test_client(), token)

    @property
    def public(self) -> Client:
        """Somebody without a token."""
        return self.client("public")

    @property
    def staff(self) -> Client:
        """Somebody of the staff."""
        return self.client("staff")

    def create_owner(self, password: str | None = None) -> str:
        """Make an owner who can log in, and return their password."""
        password = password or secrets.token_urlsafe(12)
        accounts.ensure_user(self.table, "owner", "owner", password, self.clock.now)
        return password

    def measure(self, send: Any) -> tuple[TestResponse, RequestBudget]:
        """Send a request and return its answer with what the store consumed for it."""
        seen: list[RequestBudget] = []

        def keep(response: Any) -> Any:
            from flask import g

            seen.append(g.budget)
            return response

        self.app.after_request_funcs.setdefault(None, []).append(keep)
        try:
            answer = send()
        finally:
            self.app.after_request_funcs[None].remove(keep)
        return answer, seen[-1]


def _named(headers: dict[str, str]) -> dict[str, str]:
    """Let ``if_match="…"`` be the header If-Match."""
    return {name.replace("_", "-"): value for name, value in headers.items()}


def problem(answer: TestResponse, status: int) -> dict[str, Any]:
    """Check that an answer is a problem of one status, in the one shape that all of them have."""
    assert answer.status_code == status, answer.get_data(as_text=True)
    assert answer.mimetype == "application/problem+json"
    told = answer.get_json()
    assert {"type", "title", "status", "detail", "instance", "requestId"} <= told.keys()
    assert told["status"] == status
    assert told["requestId"] == answer.headers["X-Request-Id"]
    assert told["type"].startswith("/problems/")
    return told


def pointers(answer: TestResponse) -> list[str]:
    """Return where a 422 says that something is wrong."""
    return sorted(fault["pointer"] for fault in problem(answer, 422)["errors"])
