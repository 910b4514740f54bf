"""What is taken from somebody is gone with the answer that says so: also in a session that is just beginning."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.support.app import Client
from tests.support.engine_app import EngineApp, InstrumentedTable, MakeEngineApp
from tests.support.mutants import ChecksOnlyBefore, ChecksOnlyTheFirst, ChecksOnlyWhatItWrites
from tests.support.users import UserWithPassword

SOME = 4
Change = Callable[[Client, str], TestResponse]


def demote(owner: Client, path: str) -> TestResponse:
    return owner.patch(path, {"role": "member"}, if_match="*")


def deactivate(owner: Client, path: str) -> TestResponse:
    return owner.patch(path, {"active": False}, if_match="*")


def delete(owner: Client, path: str) -> TestResponse:
    return owner.delete(path)


def set_password(owner: Client, path: str) -> TestResponse:
    return owner.patch(path, {"password": "a better one by far"}, if_match="*")


LEFT: dict[Change, int] = {demote: 403, deactivate: 401, delete: 401, set_password: 401}
"""What the staff's to-dos answer to a token of somebody to whom that was done."""
CHANGES = list(LEFT)


def nothing_is_left(cafe: EngineApp, ada: UserWithPassword, change: Change, tokens: Sequence[Client]) -> None:
    """Check that no token gives what was taken away, and that what is kept of sessions says the same in both places."""
    answers = {token.get("/todos").status_code for token in tokens}
    assert answers <= {LEFT[change]}, "no token gives what was taken away"
    sessions = ada.sessions()
    assert {one["role"] for one in sessions.values()} <= ({"member"} if change is demote else set())
    seats = cafe.stored("user_sessions").get("ada", {"sessions": []})["sessions"]
    assert {one["id"]: one for one in seats} == sessions, "the roster knows every session as it is"


def in_all_sessions(cafe: EngineApp, change: Change, there: int = SOME) -> None:
    """Take something from somebody who has some sessions."""
    ada, owner = UserWithPassword(cafe, "ada", "staff"), cafe.client("owner")
    tokens = [ada.open_session() for _ in range(there)]
    assert {token.get("/todos").status_code for token in tokens} <= {200}
    assert change(owner, ada.path).status_code in (200, 204)
    nothing_is_left(cafe, ada, change, tokens)


def while_they_log_in(cafe: EngineApp, change: Change, there: int, hook: str = "before_write") -> None:
    """Take it after a login has read who they are, before or just after it writes the session."""
    ada, owner = UserWithPassword(cafe, "ada", "staff"), cafe.client("owner")
    tokens, changed = [ada.open_session() for _ in range(there)], list[int]()
    setattr(cafe.table, hook, lambda: changed.append(change(owner, ada.path).status_code))
    answer = ada.log_in()
    assert changed in ([200], [204])
    expected = 201 if hook == "after_effect" or change is demote else 401
    assert answer.status_code == expected, "nobody comes in who has nothing left"
    new = [ada.with_token(answer)] if expected == 201 else []
    nothing_is_left(cafe, ada, change, [*tokens, *new])


def a_login_in_between(cafe: EngineApp, change: Change, there: int, hook: str = "before_write") -> None:
    """Let them log in after the change has read their sessions, before or just after it is written."""
    ada, owner = UserWithPassword(cafe, "ada", "staff"), cafe.client("owner")
    tokens, answers = [ada.open_session() for _ in range(there)], list[TestResponse]()
    setattr(cafe.table, hook, lambda: answers.append(ada.log_in()))
    assert change(owner, ada.path).status_code in (200, 204)
    assert len(answers) == 1
    new = [ada.with_token(answer) for answer in answers if answer.status_code == 201]
    assert len(new) == (hook == "before_write" or change is demote)
    nothing_is_left(cafe, ada, change, [*tokens, *new])


def logins_at_once(cafe: EngineApp, change: Change, there: int) -> None:
    """Let them log in several times while it is taken."""
    ada, owner = UserWithPassword(cafe, "ada", "staff"), cafe.client("owner")
    tokens = [ada.open_session() for _ in range(there)]
    *answers, changed = cafe.race(*[ada.log_in] * SOME, partial(change, owner, ada.path))
    assert changed.status_code in (200, 204)
    new = [ada.with_token(answer) for answer in answers if answer.status_code == 201]
    assert {answer.status_code for answer in answers} <= {201, 401}
    nothing_is_left(cafe, ada, change, [*tokens, *new])


@pytest.mark.parametrize("change", CHANGES)
def test_what_is_taken_from_somebody_is_taken_from_all_their_sessions_at_once(cafe: EngineApp, change: Change) -> None:
    in_all_sessions(cafe, change)


@pytest.mark.parametrize("hook", ["before_write", "after_effect"])
@pytest.mark.parametrize("there", [0, SOME])
@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("proof", [while_they_log_in, a_login_in_between])
def test_no_session_that_begins_at_that_moment_survives(
    cafe: EngineApp, proof: Callable[..., None], change: Change, there: int, hook: str
) -> None:
    proof(cafe, change, there, hook)


@pytest.mark.parametrize("there", [0, SOME])
@pytest.mark.parametrize("change", CHANGES)
def test_none_of_many_logins_at_once_survives(cafe: EngineApp, change: Change, there: int) -> None:
    logins_at_once(cafe, change, there)


CAUGHT: list[tuple[Any, type[InstrumentedTable], int]] = [
    (while_they_log_in, ChecksOnlyBefore, 0),
    (while_they_log_in, ChecksOnlyBefore, SOME),
    (while_they_log_in, ChecksOnlyWhatItWrites, 0),
    (a_login_in_between, ChecksOnlyBefore, SOME),
    (a_login_in_between, ChecksOnlyTheFirst, 0),
    (a_login_in_between, ChecksOnlyTheFirst, SOME),
    (a_login_in_between, ChecksOnlyWhatItWrites, 0),
]


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize(("proof", "table", "there"), CAUGHT)
def test_a_store_that_does_not_check_users_and_rosters_in_the_write_is_caught(
    make_broken_app: MakeEngineApp,
    proof: Callable[..., None],
    table: type[InstrumentedTable],
    there: int,
    change: Change,
) -> None:
    with pytest.raises(AssertionError, match=r"no token gives|nobody comes in"):
        proof(make_broken_app(table), change, there)


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_that_leaves_the_sessions_alone_is_caught(
    cafe: EngineApp, monkeypatch: pytest.MonkeyPatch, change: Change
) -> None:
    monkeypatch.setattr("api.services.users._session_writes", lambda *_: [])
    with pytest.raises(AssertionError, match="no token gives"):
        in_all_sessions(cafe, change)
