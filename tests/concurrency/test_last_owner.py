"""There is always an owner: of two who take that from each other at once, one is too late."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import pytest
from msgspec.structs import replace
from werkzeug.test import TestResponse

from api.context import Context
from api.domain.users import User
from api.resources.users import UserItem
from api.services.entity_service import Effects
from api.services.users import USERS, update_sessions
from tests.support.app import Client
from tests.support.engine_app import EngineApp, InstrumentedTable, MakeEngineApp
from tests.support.mutants import ChecksOnlyBefore, ChecksOnlyTheFirst
from tests.support.users import UserWithPassword

Takes = Callable[[Client, str], TestResponse]


def _demote(caller: Client, path: str) -> TestResponse:
    return caller.patch(path, {"role": "member"}, if_match="*")


def _deactivate(caller: Client, path: str) -> TestResponse:
    return caller.patch(path, {"active": False}, if_match="*")


def _delete(caller: Client, path: str) -> TestResponse:
    return caller.delete(path)


def _replace(caller: Client, path: str) -> TestResponse:
    return caller.put(path, {"role": "staff", "active": False})


WAYS: list[Takes] = [_demote, _deactivate, _delete, _replace]


def one_stays(cafe: EngineApp, ways: Sequence[Takes]) -> None:
    """Let owners stand in a circle, and each take from the next what makes an owner, all at once."""
    owners = [UserWithPassword(cafe, f"owner {place}", "owner") for place in range(len(ways))]
    callers, witness = [owner.open_session() for owner in owners], UserWithPassword(cafe, "somebody", "member")
    following = [*owners[1:], owners[0]]
    acts = [partial(way, caller, owner.path) for way, caller, owner in zip(ways, callers, following, strict=True)]
    answers = cafe.race(*acts)
    left = [name for name, user in cafe.stored("users").items() if user["role"] == "owner" and user.get("active", True)]
    assert left, "there is an owner"
    for owner, caller in zip(owners, callers, strict=True):
        sees = caller.get(witness.path).status_code == 200
        assert sees == (owner.name in left), "whoever is no owner any more sees nobody else"
    done = [answer for answer in answers if answer.status_code in (200, 204)]
    assert len(done) == len(owners) - len(left), "who was too late is told so"
    assert {answer.status_code for answer in answers} <= {200, 204, 403}


PAIRS = [[one, other] for place, one in enumerate(WAYS) for other in WAYS[place:]]
CIRCLES = [[_demote] * 3, [_deactivate] * 5, [_delete] * 4, WAYS]


def _named(ways: Sequence[Takes]) -> str:
    return "".join(way.__name__ for way in ways)


@pytest.mark.parametrize("ways", [*PAIRS, *CIRCLES], ids=_named)
def test_of_owners_who_unmake_each_other_at_once_one_stays(cafe: EngineApp, ways: Sequence[Takes]) -> None:
    one_stays(cafe, ways)


@pytest.mark.parametrize("table", [ChecksOnlyBefore, ChecksOnlyTheFirst])
@pytest.mark.parametrize("way", WAYS)
def test_a_store_that_does_not_check_who_acts_is_caught(
    make_broken_app: MakeEngineApp, way: Takes, table: type[InstrumentedTable]
) -> None:
    with pytest.raises(AssertionError, match="there is an owner"):
        one_stays(make_broken_app(table), [way, way])


def trust_the_session(context: Context, before: User | None, after: User | None, *rest: Any) -> Effects[User]:
    """Believe that a user who was an owner at the login still is one."""
    effects = update_sessions(context, before, after, *rest)
    return replace(effects, writes=[one for one in effects.writes if one.kind != "ConditionCheck"])


@pytest.mark.parametrize("way", WAYS)
def test_a_rule_that_asks_the_session_alone_is_caught(
    cafe: EngineApp, monkeypatch: pytest.MonkeyPatch, way: Takes
) -> None:
    monkeypatch.setattr(UserItem, "service", replace(USERS, side_effects=trust_the_session))
    with pytest.raises(AssertionError, match="there is an owner"):
        one_stays(cafe, [way, way])
