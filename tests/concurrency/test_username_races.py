"""Many want one username at once: one has it, with their own password, and the others hear that it is taken."""

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

CROWD = 8
ONE = ["ada"] * CROWD
SPELLINGS = ["ada", "Ada", "ADA", " ada", "aDa ", "adA", "ADa", "aDA"]
DECOMPOSED = ["zoë", "zoe\u0308", "ZOË", "ZOE\u0308"] * 2


def _password(place: int) -> str:
    return f"the password of number {place}"


def _register(caller: Client, username: str, place: int) -> TestResponse:
    return caller.post("/users", {"username": username, "password": _password(place), "about": f"number {place}"})


def _logs_in(cafe: EngineApp, username: str, place: int) -> TestResponse:
    return cafe.public.post("/sessions", {"username": username, "password": _password(place)})


def one_has_the_name(cafe: EngineApp, wanted: Sequence[str]) -> None:
    """Let a crowd register at once, each with a password of their own."""
    answers = cafe.race(*(partial(_register, cafe.public, name, place) for place, name in enumerate(wanted)))
    assert statuses(answers) == {201: 1, 409: CROWD - 1}, "one has the name"
    [winner] = [place for place, answer in enumerate(answers) if answer.status_code == 201]
    [(key, kept)] = cafe.stored("users").items()
    assert kept["about"] == f"number {winner}"
    for place, name in enumerate(wanted):
        told = _logs_in(cafe, name, place)
        if place == winner:
            assert (told.status_code, told.get_json()["username"]) == (201, key)
        else:
            problem(told, 401)
            problem(answers[place], 409)


def one_who_comes_by_put_and_one_who_registers(cafe: EngineApp) -> None:
    """Let an owner make somebody while somebody else registers under that name."""
    owner = cafe.client("owner")
    body = {"password": _password(0), "about": "number 0"}
    answers = cafe.race(
        partial(owner.put, "/users/ada", body, if_none_match="*"), partial(_register, cafe.public, "Ada", 1)
    )
    assert [answer.status_code for answer in answers] in ([201, 409], [412, 201]), "one has the name"
    winner = next(place for place, answer in enumerate(answers) if answer.status_code == 201)
    assert [_logs_in(cafe, "ada", place).status_code == 201 for place in (0, 1)] == [winner == 0, winner == 1]


def registered_once(cafe: EngineApp, injector: FaultInjector) -> None:
    """Lose the reply of the store: who registered is told so."""
    injector.faults.extend([None, LostResponse()])  # the first write counts the try
    assert _register(cafe.public, "ada", 0).status_code == 201, "who registered is told so"
    assert not injector.faults
    assert _logs_in(cafe, "ada", 0).status_code == 201


@pytest.mark.parametrize("wanted", [ONE, SPELLINGS, DECOMPOSED])
def test_of_eight_who_register_one_name_one_is_201_and_seven_are_409_and_cannot_log_in(
    cafe: EngineApp, wanted: Sequence[str]
) -> None:
    one_has_the_name(cafe, wanted)


def test_a_name_that_an_owner_gives_and_somebody_else_takes_has_one_password(cafe: EngineApp) -> None:
    one_who_comes_by_put_and_one_who_registers(cafe)


@pytest.mark.parametrize("forgetful", [False, True])
def test_whoever_registers_and_loses_the_reply_is_told_so(
    cafe: EngineApp, inject_faults: InjectFaults, forgetful: bool
) -> None:
    injector = inject_faults(cafe)
    injector.forgetful = forgetful
    registered_once(cafe, injector)


@pytest.mark.parametrize(
    "proof", [partial(one_has_the_name, wanted=SPELLINGS), one_who_comes_by_put_and_one_who_registers]
)
def test_a_name_that_is_looked_up_only_before_the_write_is_caught(
    make_broken_app: MakeEngineApp, proof: Callable[[EngineApp], None]
) -> None:
    with pytest.raises(AssertionError, match="one has the name"):
        proof(make_broken_app(ChecksOnlyBefore))


def test_names_that_are_told_apart_by_their_case_are_caught(cafe: EngineApp, monkeypatch: pytest.MonkeyPatch) -> None:
    for resource in (UserList, UserItem):
        monkeypatch.setattr(resource, "service", replace(USERS, normalise_key=str.strip))
    with pytest.raises(AssertionError, match="one has the name"):
        one_has_the_name(cafe, SPELLINGS)


def test_a_store_that_does_not_know_its_own_write_is_caught(
    make_broken_app: MakeEngineApp, inject_faults: InjectFaults
) -> None:
    cafe = make_broken_app(WithoutRequestToken)
    injector = inject_faults(cafe)
    injector.forgetful = True
    with pytest.raises(AssertionError, match="who registered is told so"):
        registered_once(cafe, injector)
