"""Who counts as a caller: the address that the gateway saw, never the one that a header claims."""

from __future__ import annotations

import json
from types import ModuleType

import pytest

from tests.support.api_gateway import Gateway, GatewayResponse
from tests.support.deploy_fixtures import Import

JSON = {"content-type": "application/json"}
AN_ACCOUNT, AN_ADDRESS = 1, 10
"""How many wrong passwords each may send, with LOGIN_TRIES=1."""


@pytest.fixture
def strict(import_handler: Import, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """A function that allows one wrong password, in a window that does not end while a test runs."""
    monkeypatch.setenv("LOGIN_TRIES", str(AN_ACCOUNT))
    monkeypatch.setenv("LOGIN_WINDOW_SECONDS", str(10**9))
    return import_handler()


def guess(gateway: Gateway, number: int, claims: str) -> GatewayResponse:
    """Try to log in as one of many, with a header that claims to come from somewhere else."""
    body = json.dumps({"username": f"guest{number}", "password": "a wrong password"})
    headers = {"x-forwarded-for": claims, "x-real-ip": claims, "forwarded": f"for={claims}"}
    return gateway.send("POST", "/sessions", JSON | headers, body)


def test_an_address_is_throttled_whatever_it_claims_to_be(strict: ModuleType) -> None:
    gateway = Gateway(strict.handler, source="203.0.113.7")
    tries = [guess(gateway, number, claims=f"198.51.100.{number}").status for number in range(AN_ADDRESS + 1)]
    assert tries == [401] * AN_ADDRESS + [429]
    refused = guess(gateway, 99, claims="198.51.100.99")
    assert int(refused.headers["Retry-After"]) > 0


def test_callers_who_claim_the_same_address_are_told_apart(strict: ModuleType) -> None:
    for number in range(AN_ADDRESS + 2):
        gateway = Gateway(strict.handler, source=f"203.0.113.{number}")
        assert guess(gateway, number, claims="198.51.100.1").status == 401
