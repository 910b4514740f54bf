"""The people of a test: who registers, who logs in, and who has a browser with its one cookie."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from msgspec.structs import replace
from werkzeug.test import TestResponse

from api.context import Principal
from api.domain.users import Role
from api.http.authentication import COOKIE
from api.services import accounts
from api.services.mappings import USER
from api.store.transaction import TransactItem
from tests.support.app import Client, FakeClock, TestApp
from tests.support.engine_app import EngineApp

PASSWORD = "nine lives and a tail"
BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


def register(cafe: TestApp, username: str, password: str = PASSWORD, **more: Any) -> TestResponse:
    """Register as anyone may."""
    return cafe.public.post("/users", {"username": username, "password": password, **more})


def attempt_login(cafe: TestApp, username: str, password: str = PASSWORD) -> TestResponse:
    """Try to log in as a program."""
    return cafe.public.post("/sessions", {"username": username, "password": password})


def log_in(cafe: TestApp, username: str, password: str = PASSWORD) -> Client:
    """Log in as a program and return who did."""
    answer = attempt_login(cafe, username, password)
    assert answer.status_code == 201, answer.get_data(as_text=True)
    return Client(cafe.app.test_client(), answer.json["token"])


def register_and_log_in(cafe: TestApp, username: str, password: str = PASSWORD, **more: Any) -> Client:
    """Register, log in, and return who did."""
    assert register(cafe, username, password, **more).status_code == 201
    return log_in(cafe, username, password)


def get_password_hash(cafe: TestApp, username: str) -> str | None:
    """Return what is kept of somebody's password."""
    record = USER.get(cafe.table, username, consistent=True)
    assert record is not None
    return record.value.password_hash


def set_password_hash(cafe: TestApp, username: str, hashed: str) -> None:
    """Put another hash in the place of what is kept of somebody's password, as an older Clowder might have."""
    rev = secrets.token_urlsafe(12)
    record = USER.get(cafe.table, username, consistent=True)
    assert record is not None
    cafe.table.transact(
        [TransactItem("Put", USER.item(replace(record.value, password_hash=hashed), rev), record.rev)], rev
    )


class BrowserClient:
    """Somebody with a browser, in process: it keeps one cookie, and the hidden field of the form on the page."""

    def __init__(self, cafe: TestApp) -> None:
        self._client = cafe.app.test_client(use_cookies=False)
        self.cookie: str | None = None
        self.csrf = ""

    def send(self, method: str, path: str, headers: dict[str, str] | None = None, **how: Any) -> TestResponse:
        """Send a request with the cookie, and keep the one that comes back."""
        cookie = {"Cookie": f"{COOKIE}={self.cookie}"} if self.cookie else {}
        answer = self._client.open(path, method=method, headers=BROWSER | cookie | (headers or {}), **how)
        given = answer.headers.getlist("Set-Cookie")
        assert len(given) <= 1
        for header in given:
            self.cookie = header.partition(";")[0].partition("=")[2] or None
        found = re.findall(r'name="csrf_token" value="([^"]+)"', answer.get_data(as_text=True))
        self.csrf = found[0] if found else self.csrf
        return answer

    def open(self, path: str) -> TestResponse:
        """Look at a page."""
        return self.send("GET", path)

    def submit(self, path: str, **fields: str) -> TestResponse:
        """Send the form of the page that was opened last."""
        return self.send("POST", path, data={"csrf_token": self.csrf} | fields)

    def log_in(self, username: str, password: str = PASSWORD) -> TestResponse:
        """Open the login page, fill in its form and send it."""
        self.open("/login")
        return self.submit("/login", username=username, password=password)


class InterruptingClock(FakeClock):
    """A clock that does something when it is asked for the second time: a request is under way then."""

    action: Callable[[], Any] | None = None
    asked = 0

    def __call__(self) -> datetime:
        """Tell the time; once, do the action before."""
        self.asked += 1
        if self.asked == 1 and self.action:
            # The clock is asked once in a request, before its caller is known: the action waits until they are.
            action, self.action, require = self.action, None, Principal.require

            def once(principal: Principal, needed: Any) -> None:
                Principal.require = require
                action()
                require(principal, needed)

            Principal.require = once
        return self.now

    def run_during_request(self, action: Callable[[], Any]) -> None:
        """Let something happen in the middle of the next request."""
        self.asked, self.action = 0, action


@dataclass
class UserWithPassword:
    """Somebody who has a password."""

    cafe: EngineApp
    name: str
    role: Role
    password: str = PASSWORD

    def __post_init__(self) -> None:
        assert accounts.ensure_user(self.cafe.table, self.name, self.role, self.password, self.cafe.clock.now)

    @property
    def path(self) -> str:
        """Where their profile is."""
        return f"/users/{self.name}"

    def log_in(self, password: str | None = None) -> TestResponse:
        """Ask for a token."""
        return self.cafe.public.post("/sessions", {"username": self.name, "password": password or self.password})

    def open_session(self) -> Client:
        """Return them with a token."""
        answer = self.log_in()
        assert answer.status_code == 201, answer.get_data(as_text=True)
        return self.with_token(answer)

    def with_token(self, answer: TestResponse) -> Client:
        """Return whoever got a token in an answer."""
        return Client(self.cafe.app.test_client(), answer.get_json()["token"])

    def sessions(self) -> dict[str, dict[str, Any]]:
        """Return their sessions as the engine has them, by their ids."""
        return {key: one for key, one in self.cafe.stored("sessions").items() if one["username"] == self.name}


def is_authenticated(caller: Client) -> bool:
    """Say whether a token is good."""
    return caller.get("/users").status_code == 200
