"""A role change, deactivation, deletion or new password applies to all sessions at once, also to concurrent logins."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.support.app import Client
from tests.support.engine_app import EngineApp, InstrumentedTable, MakeEngineApp
from tests.support.mutants import ChecksOnlyBefore, ChecksOnlyTheFirst, ChecksOnlyWhatItWrites
from tests.support.users import UserWithPassword, deactivate, delete_user, demote

SOME = 4
Change = Callable[[Client, str], TestResponse]


def set_password(owner: Client, path: str) -> TestResponse:
    return owner.patch(path, {"password": "a better one by far"}, if_match="*")


STATUSES: dict[Change, int] = {demote: 403, deactivate: 401, delete_user: 401, set_password: 401}
"""The status of GET /todos with an older token after each change."""
CHANGES = list(STATUSES)


def check_revoked(cafe: EngineApp, ada: UserWithPassword, change: Change, clients: Sequence[Client]) -> None:
    """Check that no client has the old rights, and that the session list agrees with the stored sessions."""
    statuses = {client.get("/todos").status_code for client in clients}
    assert statuses <= {STATUSES[change]}, "no token has the old rights"
    sessions = ada.sessions()
    assert {session["role"] for session in sessions.values()} <= ({"member"} if change is demote else set())
    listed = cafe.stored("user_sessions").get("ada", {"sessions": []})["sessions"]
    assert {session["id"]: session for session in listed} == sessions, "the session list is complete"


def change_with_sessions(cafe: EngineApp, change: Change, sessions: int = SOME) -> None:
    """Change a user who has sessions."""
    ada, owner = UserWithPassword(cafe, "ada", "staff"), cafe.client("owner")
    clients = [ada.open_session() for _ in range(sessions)]
    assert {client.get("/todos").status_code for client in clients} <= {200}
    assert change(owner, ada.path).status_code in (200, 204)
    check_revoked(cafe, ada, change, clients)


def change_during_login(cafe: EngineApp, change: Change, sessions: int, hook: str = "before_write") -> None:
    """Change a user right before or right after a login writes the session."""
    ada, owner = UserWithPassword(cafe, "ada", "staff"), cafe.client("owner")
    clients, changed = [ada.open_session() for _ in range(sessions)], list[int]()
    setattr(cafe.table, hook, lambda: changed.append(change(owner, ada.path).status_code))
    login = ada.log_in()
    assert changed in ([200], [204])
    expected = 201 if hook == "after_write" or change is demote else 401
    assert login.status_code == expected, "the login reflects the change"
    new = [ada.with_token(login)] if expected == 201 else []
    check_revoked(cafe, ada, change, [*clients, *new])


def log_in_during_change(cafe: EngineApp, change: Change, sessions: int, hook: str = "before_write") -> None:
    """Log in right before or right after a change of the user is written."""
    ada, owner = UserWithPassword(cafe, "ada", "staff"), cafe.client("owner")
    clients, logins = [ada.open_session() for _ in range(sessions)], list[TestResponse]()
    setattr(cafe.table, hook, lambda: logins.append(ada.log_in()))
    assert change(owner, ada.path).status_code in (200, 204)
    assert len(logins) == 1
    new = [ada.with_token(login) for login in logins if login.status_code == 201]
    assert len(new) == (hook == "before_write" or change is demote)
    check_revoked(cafe, ada, change, [*clients, *new])


def log_in_and_change_concurrently(cafe: EngineApp, change: Change, sessions: int) -> None:
    """Log in several times and change the user at once."""
    ada, owner = UserWithPassword(cafe, "ada", "staff"), cafe.client("owner")
    clients = [ada.open_session() for _ in range(sessions)]
    *logins, changed = cafe.race(*[ada.log_in] * SOME, partial(change, owner, ada.path))
    assert changed.status_code in (200, 204)
    new = [ada.with_token(login) for login in logins if login.status_code == 201]
    assert {login.status_code for login in logins} <= {201, 401}
    check_revoked(cafe, ada, change, [*clients, *new])


@pytest.mark.parametrize("change", CHANGES)
def test_change_of_a_user_applies_to_all_sessions(cafe: EngineApp, change: Change) -> None:
    change_with_sessions(cafe, change)


@pytest.mark.parametrize("hook", ["before_write", "after_write"])
@pytest.mark.parametrize("sessions", [0, SOME])
@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("scenario", [change_during_login, log_in_during_change])
def test_change_of_a_user_applies_to_a_login_in_between(
    cafe: EngineApp, scenario: Callable[..., None], change: Change, sessions: int, hook: str
) -> None:
    scenario(cafe, change, sessions, hook)


@pytest.mark.parametrize("sessions", [0, SOME])
@pytest.mark.parametrize("change", CHANGES)
def test_change_of_a_user_applies_to_concurrent_logins(cafe: EngineApp, change: Change, sessions: int) -> None:
    log_in_and_change_concurrently(cafe, change, sessions)


DETECTED: list[tuple[Any, type[InstrumentedTable], int]] = [
    (change_during_login, ChecksOnlyBefore, 0),
    (change_during_login, ChecksOnlyBefore, SOME),
    (change_during_login, ChecksOnlyWhatItWrites, 0),
    (log_in_during_change, ChecksOnlyBefore, SOME),
    (log_in_during_change, ChecksOnlyTheFirst, 0),
    (log_in_during_change, ChecksOnlyTheFirst, SOME),
    (log_in_during_change, ChecksOnlyWhatItWrites, 0),
]


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize(("scenario", "table", "sessions"), DETECTED)
def test_missing_condition_on_the_user_or_the_session_list_is_detected(
    make_broken_app: MakeEngineApp,
    scenario: Callable[..., None],
    table: type[InstrumentedTable],
    sessions: int,
    change: Change,
) -> None:
    with pytest.raises(AssertionError, match=r"no token has the old rights|the login reflects"):
        scenario(make_broken_app(table), change, sessions)


@pytest.mark.parametrize("change", CHANGES)
def test_change_without_session_writes_is_detected(
    cafe: EngineApp, monkeypatch: pytest.MonkeyPatch, change: Change
) -> None:
    monkeypatch.setattr("api.services.users._session_writes", lambda *_: [])
    with pytest.raises(AssertionError, match="no token has the old rights"):
        change_with_sessions(cafe, change)
