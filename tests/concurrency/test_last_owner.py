"""At least one active owner remains when owners remove each other concurrently."""

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
from tests.support.users import UserWithPassword, deactivate, delete_user, demote

Removal = Callable[[Client, str], TestResponse]
"""Removes the ownership of the user with a path."""


def _replace(client: Client, path: str) -> TestResponse:
    return client.put(path, {"role": "staff", "active": False})


REMOVALS: list[Removal] = [demote, deactivate, delete_user, _replace]


def remove_in_a_ring(cafe: EngineApp, removals: Sequence[Removal]) -> None:
    """Let each owner remove the next one, all at once."""
    owners = [UserWithPassword(cafe, f"owner {index}", "owner") for index in range(len(removals))]
    clients, member = [owner.open_session() for owner in owners], UserWithPassword(cafe, "ada", "member")
    targets = [*owners[1:], owners[0]]
    calls = [
        partial(remove, client, target.path) for remove, client, target in zip(removals, clients, targets, strict=True)
    ]
    responses = cafe.race(*calls)
    remaining = [
        name for name, user in cafe.stored("users").items() if user["role"] == "owner" and user.get("active", True)
    ]
    assert remaining, "an owner remains"
    for owner, client in zip(owners, clients, strict=True):
        has_access = client.get(member.path).status_code == 200
        assert has_access == (owner.name in remaining), "only remaining owners see other users"
    successes = [response for response in responses if response.status_code in (200, 204)]
    assert len(successes) == len(owners) - len(remaining), "each success removes one owner"
    assert {response.status_code for response in responses} <= {200, 204, 403}


PAIRS = [[first, second] for index, first in enumerate(REMOVALS) for second in REMOVALS[index:]]
RINGS = [[demote] * 3, [deactivate] * 5, [delete_user] * 4, REMOVALS]


def _id(removals: Sequence[Removal]) -> str:
    return "".join(remove.__name__ for remove in removals)


@pytest.mark.parametrize("removals", [*PAIRS, *RINGS], ids=_id)
def test_an_owner_remains_when_owners_remove_each_other(cafe: EngineApp, removals: Sequence[Removal]) -> None:
    remove_in_a_ring(cafe, removals)


@pytest.mark.parametrize("table", [ChecksOnlyBefore, ChecksOnlyTheFirst])
@pytest.mark.parametrize("remove", REMOVALS)
def test_missing_condition_on_the_acting_owner_is_detected(
    make_broken_app: MakeEngineApp, remove: Removal, table: type[InstrumentedTable]
) -> None:
    with pytest.raises(AssertionError, match="an owner remains"):
        remove_in_a_ring(make_broken_app(table), [remove, remove])


def trust_the_session(context: Context, before: User | None, after: User | None, *rest: Any) -> Effects[User]:
    """Omit the check that the acting user is still an owner."""
    effects = update_sessions(context, before, after, *rest)
    return replace(effects, writes=[write for write in effects.writes if write.kind != "ConditionCheck"])


@pytest.mark.parametrize("remove", REMOVALS)
def test_rule_that_relies_on_the_session_is_detected(
    cafe: EngineApp, monkeypatch: pytest.MonkeyPatch, remove: Removal
) -> None:
    monkeypatch.setattr(UserItem, "service", replace(USERS, side_effects=trust_the_session))
    with pytest.raises(AssertionError, match="an owner remains"):
        remove_in_a_ring(cafe, [remove, remove])
