"""Of concurrent registrations of one username, one succeeds with its password and the others are 409."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import pytest
from msgspec.structs import replace
from werkzeug.test import TestResponse

from api.resources.users import UserItem, UserList
from api.services.users import USERS
from tests.support.app import Client, problem
from tests.support.engine_app import EngineApp, MakeEngineApp, statuses
from tests.support.fault_injection import FaultInjector, InjectFaults, LostResponse
from tests.support.mutants import ChecksOnlyBefore, WithoutRequestToken

CLIENTS = 8
SAME = ["ada"] * CLIENTS
CASES = ["ada", "Ada", "ADA", " ada", "aDa ", "adA", "ADa", "aDA"]
NORMAL_FORMS = ["zoë", "zoe\u0308", "ZOË", "ZOE\u0308"] * 2


def _password(index: int) -> str:
    return f"the password of number {index}"


def _register(client: Client, username: str, index: int) -> TestResponse:
    return client.post("/users", {"username": username, "password": _password(index), "about": f"number {index}"})


def _log_in(cafe: EngineApp, username: str, index: int) -> TestResponse:
    return cafe.public.post("/sessions", {"username": username, "password": _password(index)})


def register_concurrently(cafe: EngineApp, usernames: Sequence[str]) -> None:
    """Register equivalent usernames at once, each with another password."""
    responses = cafe.race(*(partial(_register, cafe.public, name, index) for index, name in enumerate(usernames)))
    assert statuses(responses) == {201: 1, 409: CLIENTS - 1}, "one registration succeeds"
    [winner] = [index for index, response in enumerate(responses) if response.status_code == 201]
    [(username, user)] = cafe.stored("users").items()
    assert user["about"] == f"number {winner}"
    for index, name in enumerate(usernames):
        login = _log_in(cafe, name, index)
        if index == winner:
            assert (login.status_code, login.get_json()["username"]) == (201, username)
        else:
            problem(login, 401)
            problem(responses[index], 409)


def put_and_register_concurrently(cafe: EngineApp) -> None:
    """PUT a user as an owner and register the same username at once."""
    owner = cafe.client("owner")
    body = {"password": _password(0), "about": "number 0"}
    responses = cafe.race(
        partial(owner.put, "/users/ada", body, if_none_match="*"), partial(_register, cafe.public, "Ada", 1)
    )
    assert [response.status_code for response in responses] in ([201, 409], [412, 201]), "one registration succeeds"
    winner = next(index for index, response in enumerate(responses) if response.status_code == 201)
    assert [_log_in(cafe, "ada", index).status_code == 201 for index in (0, 1)] == [winner == 0, winner == 1]


def register_with_lost_response(cafe: EngineApp, injector: FaultInjector) -> None:
    """Lose the response of DynamoDB to a registration."""
    injector.faults.extend([None, LostResponse()])  # the first write is the counter of the rate limit
    assert _register(cafe.public, "ada", 0).status_code == 201, "the registration is a 201"
    assert not injector.faults
    assert _log_in(cafe, "ada", 0).status_code == 201


@pytest.mark.parametrize("usernames", [SAME, CASES, NORMAL_FORMS])
def test_concurrent_registrations_of_a_username_are_one_201_and_else_409(
    cafe: EngineApp, usernames: Sequence[str]
) -> None:
    register_concurrently(cafe, usernames)


def test_concurrent_put_and_registration_of_a_username_create_one_user(cafe: EngineApp) -> None:
    put_and_register_concurrently(cafe)


@pytest.mark.parametrize("forgetful", [False, True])
def test_registration_with_lost_response_is_201(cafe: EngineApp, inject_faults: InjectFaults, forgetful: bool) -> None:
    injector = inject_faults(cafe)
    injector.forgetful = forgetful
    register_with_lost_response(cafe, injector)


@pytest.mark.parametrize("scenario", [partial(register_concurrently, usernames=CASES), put_and_register_concurrently])
def test_missing_condition_on_the_username_is_detected(
    make_broken_app: MakeEngineApp, scenario: Callable[[EngineApp], None]
) -> None:
    with pytest.raises(AssertionError, match="one registration succeeds"):
        scenario(make_broken_app(ChecksOnlyBefore))


def test_case_sensitive_usernames_are_detected(cafe: EngineApp, monkeypatch: pytest.MonkeyPatch) -> None:
    for resource in (UserList, UserItem):
        monkeypatch.setattr(resource, "service", replace(USERS, normalise_key=str.strip))
    with pytest.raises(AssertionError, match="one registration succeeds"):
        register_concurrently(cafe, CASES)


def test_unrecognised_own_write_is_detected(make_broken_app: MakeEngineApp, inject_faults: InjectFaults) -> None:
    cafe = make_broken_app(WithoutRequestToken)
    injector = inject_faults(cafe)
    injector.forgetful = True
    with pytest.raises(AssertionError, match="the registration is a 201"):
        register_with_lost_response(cafe, injector)
