"""The application on any table, with a fake clock and test clients of every role."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from flask.testing import FlaskClient
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket as Bytecode
from werkzeug.test import TestResponse

from api.app import create_app
from api.domain.users import Role
from api.services import accounts
from api.settings import Settings
from api.store.bucket import Bucket
from api.store.request_budget import RequestBudget
from api.store.table import Table
from tests.support.photos import photo_bucket

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
CURSOR_KEY = "k" * 32
"""The secret of every application in the tests, so that a token of one is a token of the others."""
PATCH = {"Content-Type": "application/merge-patch+json"}


class _Templates(BytecodeCache):
    """The compiled templates of the process. Without it, each application compiles the templates that it renders."""

    def __init__(self) -> None:
        self._compiled: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bytecode) -> None:
        if bucket.key in self._compiled:
            bucket.bytecode_from_string(self._compiled[bucket.key])

    def dump_bytecode(self, bucket: Bytecode) -> None:
        self._compiled[bucket.key] = bucket.bytecode_to_string()


_TEMPLATES = _Templates()


class FakeClock:
    """A clock that stands still at the time that a test sets."""

    def __init__(self, now: datetime = NOON) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **span: float) -> None:
        """Advance the clock; the arguments are those of ``timedelta``."""
        self.now += timedelta(**span)


class Client:
    """A test client with or without a token."""

    def __init__(self, client: FlaskClient, token: str | None) -> None:
        self._client = client
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}

    def send(self, method: str, path: str, headers: dict[str, str] | None = None, **options: Any) -> TestResponse:
        """Send a request; the options are those of the test client of Flask, such as ``json=`` and ``data=``."""
        return self._client.open(path, method=method, headers=self.headers | (headers or {}), **options)

    def get(self, path: str, headers: dict[str, str] | None = None, **options: Any) -> TestResponse:
        """Send a GET request."""
        return self.send("GET", path, headers, **options)

    def put(self, path: str, json: Any, **headers: str) -> TestResponse:
        """Send a PUT request."""
        return self.send("PUT", path, _header_names(headers), json=json)

    def post(self, path: str, json: Any, **headers: str) -> TestResponse:
        """Send a POST request."""
        return self.send("POST", path, _header_names(headers), json=json)

    def patch(self, path: str, json: Any, **headers: str) -> TestResponse:
        """Send a PATCH request with a merge patch."""
        return self.send("PATCH", path, PATCH | _header_names(headers), json=json)

    def delete(self, path: str, **headers: str) -> TestResponse:
        """Send a DELETE request."""
        return self.send("DELETE", path, _header_names(headers))


class TestApp:
    """The application on a table."""

    __test__ = False  # pytest collects no tests from it

    def __init__(
        self,
        table: Table,
        clock: FakeClock | None = None,
        open_bucket: Callable[[], Bucket] | None = photo_bucket,
        **settings: Any,
    ) -> None:
        self.table = table
        self.clock = clock or FakeClock()
        defaults = {"table_name": table.name, "cursor_key": CURSOR_KEY, "log_level": "ERROR"}
        self.settings = Settings(**defaults | settings)
        self.app = create_app(self.settings, table, clock=self.clock, open_bucket=open_bucket)
        self.app.jinja_options = {"bytecode_cache": _TEMPLATES}

    def token(self, role: Role, username: str | None = None) -> str:
        """Return a new token of a user with the role; create the user if necessary."""
        username = username or f"the {role}"
        accounts.ensure_user(self.table, username, role, None, self.clock.now)
        return accounts.issue_token(self.table, self.settings.cursor_key, username, self.clock.now, timedelta(hours=1))

    def client(self, role: Role, username: str | None = None) -> Client:
        """Return a client with the role; "public" is a client without a token."""
        token = None if role == "public" else self.token(role, username)
        return Client(self.app.test_client(), token)

    @property
    def public(self) -> Client:
        """A client without a token."""
        return self.client("public")

    @property
    def staff(self) -> Client:
        """A client with the role staff."""
        return self.client("staff")

    def create_owner(self, password: str | None = None) -> str:
        """Create an owner who can log in, and return the password."""
        password = password or secrets.token_urlsafe(12)
        accounts.ensure_user(self.table, "owner", "owner", password, self.clock.now)
        return password

    def measure(self, send: Any) -> tuple[TestResponse, RequestBudget]:
        """Send a request; return the response and the request budget with the consumed capacity."""
        budgets: list[RequestBudget] = []

        def record(response: Any) -> Any:
            from flask import g

            budgets.append(g.budget)
            return response

        self.app.after_request_funcs.setdefault(None, []).append(record)
        try:
            response = send()
        finally:
            self.app.after_request_funcs[None].remove(record)
        return response, budgets[-1]


def _header_names(headers: dict[str, str]) -> dict[str, str]:
    """Convert keyword arguments to headers: ``if_match`` is If-Match."""
    return {name.replace("_", "-"): value for name, value in headers.items()}


def problem(response: TestResponse, status: int) -> dict[str, Any]:
    """Check that the response is a problem with the status, and return its body."""
    assert response.status_code == status, response.get_data(as_text=True)
    assert response.mimetype == "application/problem+json"
    body = response.get_json()
    assert {"type", "title", "status", "detail", "instance", "requestId"} <= body.keys()
    assert body["status"] == status
    assert body["requestId"] == response.headers["X-Request-Id"]
    assert body["type"].startswith("/problems/")
    return body


def pointers(response: TestResponse) -> list[str]:
    """Check that the response is a 422, and return the pointers of its errors."""
    return sorted(error["pointer"] for error in problem(response, 422)["errors"])
