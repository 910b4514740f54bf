"""Test that the login rate limit uses the client address from the gateway, and not from a header."""

from __future__ import annotations

import json
from types import ModuleType

import pytest

from tests.support.api_gateway import Gateway, GatewayResponse
from tests.support.deploy_fixtures import ImportHandler

JSON = {"content-type": "application/json"}
TRIES_PER_ACCOUNT, TRIES_PER_ADDRESS = 1, 10
"""The number of allowed failures, with LOGIN_TRIES=1."""


@pytest.fixture
def function(import_handler: ImportHandler, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Return a function that allows one wrong password, in a window that does not end during a test."""
    monkeypatch.setenv("LOGIN_TRIES", str(TRIES_PER_ACCOUNT))
    monkeypatch.setenv("LOGIN_WINDOW_SECONDS", str(10**9))
    return import_handler()


def log_in(gateway: Gateway, number: int, forged_address: str) -> GatewayResponse:
    """Try to log in as one of many users, with a forged address in the headers."""
    body = json.dumps({"username": f"user{number}", "password": "a wrong password"})
    headers = {"x-forwarded-for": forged_address, "x-real-ip": forged_address, "forwarded": f"for={forged_address}"}
    return gateway.send("POST", "/sessions", JSON | headers, body)


def test_forged_headers_do_not_avoid_the_rate_limit(function: ModuleType) -> None:
    gateway = Gateway(function.handler, source="203.0.113.7")
    statuses = [
        log_in(gateway, number, forged_address=f"198.51.100.{number}").status for number in range(TRIES_PER_ADDRESS + 1)
    ]
    assert statuses == [401] * TRIES_PER_ADDRESS + [429]
    limited = log_in(gateway, 99, forged_address="198.51.100.99")
    assert int(limited.headers["Retry-After"]) > 0


def test_clients_with_the_same_forged_address_have_separate_limits(function: ModuleType) -> None:
    for number in range(TRIES_PER_ADDRESS + 2):
        gateway = Gateway(function.handler, source=f"203.0.113.{number}")
        assert log_in(gateway, number, forged_address="198.51.100.1").status == 401
