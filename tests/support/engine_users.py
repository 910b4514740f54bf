"""People with passwords, who log in and out on the real engine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from werkzeug.test import TestResponse

from api.domain.users import Role
from api.services import accounts
from tests.support.app import Client
from tests.support.engine_app import EngineApp

PASSWORD = "correct horse battery"


@dataclass
class Person:
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

    def come_in(self) -> Client:
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


def is_in(caller: Client) -> bool:
    """Say whether a token is good."""
    return caller.get("/users").status_code == 200
