"""Register users, log in, and act as a browser with a session cookie."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from msgspec.structs import replace
from werkzeug.test import TestResponse

from api.context import Principal
from api.domain.users import Role
from api.http.cookies import DEVICE, PREFIX, SESSION
from api.services import accounts
from api.services.mappings import USER
from api.store.transaction import TransactItem
from tests.support.app import Client, FakeClock, TestApp
from tests.support.engine_app import EngineApp

PASSWORD = "nine lives and a tail"
BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}
ORIGIN = "https://cafe.example"
REFUSED: list[dict[str, str]] = [
    {},
    {"Origin": "null"},
    {"Origin": "https://evil.example"},
    {"Origin": "http://cafe.example"},
    {"Origin": "https://cafe.example:8443"},
    {"Origin": "https://cafe.example", "Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": ""},
    {"Sec-Fetch-Site": "same-origin, cross-site"},
]
"""Headers of requests to ORIGIN that another site may have made."""
ALLOWED: list[dict[str, str]] = [
    {"Sec-Fetch-Site": "same-origin"},
    {"Sec-Fetch-Site": "none"},
    {"Origin": "https://cafe.example"},
]


def register(cafe: TestApp, username: str, password: str = PASSWORD, **fields: Any) -> TestResponse:
    """Register a user without a token."""
    return cafe.public.post("/users", {"username": username, "password": password, **fields})


def attempt_login(cafe: TestApp, username: str, password: str = PASSWORD) -> TestResponse:
    """Send POST /sessions and return the response."""
    return cafe.public.post("/sessions", {"username": username, "password": password})


def log_in(cafe: TestApp, username: str, password: str = PASSWORD) -> Client:
    """Log in with POST /sessions and return a client with the token."""
    response = attempt_login(cafe, username, password)
    assert response.status_code == 201, response.get_data(as_text=True)
    return Client(cafe.app.test_client(), response.json["token"])


def register_and_log_in(cafe: TestApp, username: str, password: str = PASSWORD, **fields: Any) -> Client:
    """Register a user, log in, and return a client with the token."""
    assert register(cafe, username, password, **fields).status_code == 201
    return log_in(cafe, username, password)


def get_password_hash(cafe: TestApp, username: str) -> str | None:
    """Return the stored password hash of a user."""
    record = USER.get(cafe.table, username, consistent=True)
    assert record is not None
    return record.value.password_hash


def set_password_hash(cafe: TestApp, username: str, hashed: str) -> None:
    """Replace the stored password hash of a user, for example with one of an older version of Clowder."""
    rev = secrets.token_urlsafe(12)
    record = USER.get(cafe.table, username, consistent=True)
    assert record is not None
    cafe.table.transact(
        [TransactItem("Put", USER.item(replace(record.value, password_hash=hashed), rev), record.rev)], rev
    )


class BrowserClient:
    """An in-process browser over HTTPS, whose requests come from pages of the application. It stores the cookies."""

    def __init__(self, cafe: TestApp, address: str = "127.0.0.1") -> None:
        self._client = cafe.app.test_client(use_cookies=False)
        self._environ = {"REMOTE_ADDR": address}
        self.cookies: dict[str, str] = {}

    @property
    def cookie(self) -> str | None:
        """The session cookie."""
        return self.cookies.get(PREFIX + SESSION)

    @cookie.setter
    def cookie(self, value: str | None) -> None:
        self.cookies[PREFIX + SESSION] = value or ""

    @property
    def device(self) -> str | None:
        """The device cookie."""
        return self.cookies.get(PREFIX + DEVICE)

    def send(self, method: str, path: str, headers: dict[str, str] | None = None, **options: Any) -> TestResponse:
        """Send a request with the cookies, and store the cookies of the response."""
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items() if value)
        all_headers = BROWSER | SAME_ORIGIN | ({"Cookie": cookies} if cookies else {}) | (headers or {})
        response = self._client.open(
            path, ORIGIN, method=method, headers=all_headers, environ_overrides=self._environ, **options
        )
        for header in response.headers.getlist("Set-Cookie"):
            name, _, value = header.partition(";")[0].partition("=")
            self.cookies[name] = value
        return response

    def open(self, path: str) -> TestResponse:
        """Get an HTML page."""
        return self.send("GET", path)

    def submit(self, path: str, **fields: str) -> TestResponse:
        """Submit a form."""
        return self.send("POST", path, data=fields)

    def log_in(self, username: str, password: str = PASSWORD) -> TestResponse:
        """Submit the login form."""
        return self.submit("/login", username=username, password=password)


class InterruptingClock(FakeClock):
    """A clock that runs an action once, in the middle of a request."""

    action: Callable[[], Any] | None = None

    def __call__(self) -> datetime:
        """Return the time; schedule the action for the permission check of this request."""
        if self.action:
            # A request reads the clock once, before authentication; the action has to run after it.
            action, self.action, require = self.action, None, Principal.require

            def interrupt(principal: Principal, needed: Any) -> None:
                Principal.require = require
                action()
                require(principal, needed)

            Principal.require = interrupt
        return self.now

    def run_during_request(self, action: Callable[[], Any]) -> None:
        """Run the action during the next request, between authentication and the permission check."""
        self.action = action


@dataclass
class UserWithPassword:
    """A user who can log in."""

    cafe: EngineApp
    name: str
    role: Role
    password: str = PASSWORD

    def __post_init__(self) -> None:
        assert accounts.ensure_user(self.cafe.table, self.name, self.role, self.password, self.cafe.clock.now)

    @property
    def path(self) -> str:
        """The path of the user's profile."""
        return f"/users/{self.name}"

    def log_in(self, password: str | None = None) -> TestResponse:
        """Send POST /sessions and return the response."""
        return self.cafe.public.post("/sessions", {"username": self.name, "password": password or self.password})

    def open_session(self) -> Client:
        """Log in and return a client with the token."""
        response = self.log_in()
        assert response.status_code == 201, response.get_data(as_text=True)
        return self.with_token(response)

    def with_token(self, response: TestResponse) -> Client:
        """Return a client with the token of a login response."""
        return Client(self.cafe.app.test_client(), response.get_json()["token"])

    def sessions(self) -> dict[str, dict[str, Any]]:
        """Return the stored sessions of the user by their ids."""
        sessions = self.cafe.stored("sessions")
        return {key: session for key, session in sessions.items() if session["username"] == self.name}


def is_authenticated(client: Client) -> bool:
    """Return whether the token of the client is valid."""
    return client.get("/users").status_code == 200


def demote(owner: Client, path: str) -> TestResponse:
    """Make a user a member."""
    return owner.patch(path, {"role": "member"}, if_match="*")


def deactivate(owner: Client, path: str) -> TestResponse:
    """Deactivate a user."""
    return owner.patch(path, {"active": False}, if_match="*")


def delete_user(owner: Client, path: str) -> TestResponse:
    """Delete a user."""
    return owner.delete(path)


def create_token(client: Client, name: str = "till", **fields: Any) -> dict[str, Any]:
    """Create an API token with a session, and return the body of the response."""
    response = client.post("/tokens", {"name": name, **fields})
    assert response.status_code == 201, response.get_data(as_text=True)
    body: dict[str, Any] = response.json
    return body


def token_client(cafe: TestApp, client: Client, **fields: Any) -> Client:
    """Return a client with a new API token of the user of a session."""
    return Client(cafe.app.test_client(), create_token(client, **fields)["token"])
