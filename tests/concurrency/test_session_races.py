"""Concurrent logins, logouts and password changes of a user leave the right sessions."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from werkzeug.test import TestResponse

from api.domain.sessions import MAX_SESSIONS
from tests.support.app import Client, problem
from tests.support.engine_app import EngineApp, InstrumentedTable, MakeEngineApp, statuses
from tests.support.mutants import ChecksOnlyBefore, ChecksOnlyTheFirst
from tests.support.users import PASSWORD, UserWithPassword, is_authenticated

NEW, OTHER = "a better one by far", "the best one of all"
SOME = 4


def _change_password(client: Client, password: str = NEW) -> TestResponse:
    return client.patch("/users/ada", {"password": password, "currentPassword": PASSWORD}, if_match="*")


def _log_out(client: Client) -> TestResponse:
    return client.send("POST", "/logout")


def check_session_list(ada: UserWithPassword) -> None:
    """Check that the session list of the user agrees with the stored sessions."""
    sessions = ada.cafe.stored("user_sessions").get("ada", {"sessions": []})["sessions"]
    assert {session["id"]: session for session in sessions} == ada.sessions(), "the session list is complete"


def change_password_with_several_sessions(cafe: EngineApp) -> None:
    """Change the password in one of several sessions: the others end."""
    ada = UserWithPassword(cafe, "ada", "member")
    *others, client = [ada.open_session() for _ in range(SOME)]
    assert _change_password(client).status_code == 200
    assert is_authenticated(client), "only the session that changed the password remains"
    assert not any(map(is_authenticated, others)), "only the session that changed the password remains"
    assert [ada.log_in(password).status_code for password in (PASSWORD, NEW)] == [401, 201]
    check_session_list(ada)


def log_in_during_password_change(cafe: EngineApp, hook: str) -> None:
    """Log in with the old password right before or right after the new password is written."""
    ada, responses = UserWithPassword(cafe, "ada", "member"), list[TestResponse]()
    client = ada.open_session()
    setattr(cafe.table, hook, lambda: responses.append(ada.log_in()))
    assert _change_password(client).status_code == 200
    [response] = responses
    if hook == "after_write":
        problem(response, 401)
    else:
        assert not is_authenticated(ada.with_token(response)), "a session with the old password has ended"
    assert is_authenticated(client)
    check_session_list(ada)


def change_password_during_login(cafe: EngineApp) -> None:
    """Change the password after a login has verified the old one and before it writes its session."""
    ada = UserWithPassword(cafe, "ada", "member")
    client, responses = ada.open_session(), list[TestResponse]()
    cafe.table.before_write = lambda: responses.append(_change_password(client))
    assert ada.log_in().status_code == 401, "a login with the old password fails"
    assert statuses(responses) == {200: 1}
    assert is_authenticated(client)
    check_session_list(ada)


def change_password_twice(cafe: EngineApp) -> None:
    """Change the password in two sessions at once: the first change ends the other session."""
    ada = UserWithPassword(cafe, "ada", "member")
    clients = [ada.open_session(), ada.open_session()]
    passwords = [NEW, OTHER]
    calls = [partial(_change_password, client, new) for client, new in zip(clients, passwords, strict=True)]
    responses = cafe.race(*calls)
    assert statuses(responses) == {200: 1, 422: 1}, "a session that has ended changes nothing"
    changed = [response.status_code == 200 for response in responses]
    assert [is_authenticated(client) for client in clients] == changed
    assert [ada.log_in(password).status_code == 201 for password in passwords] == changed
    check_session_list(ada)


def log_in_concurrently(cafe: EngineApp) -> None:
    """Log in several times at once, so that the oldest sessions exceed the limit and end."""
    ada = UserWithPassword(cafe, "ada", "member")
    older = [ada.open_session() for _ in range(MAX_SESSIONS - 2)]
    responses = cafe.race(*[ada.log_in] * SOME)
    assert statuses(responses) == {201: SOME}
    clients = [*older, *(ada.with_token(response) for response in responses)]
    assert sum(map(is_authenticated, clients)) == MAX_SESSIONS, "twenty sessions remain"
    assert all(map(is_authenticated, clients[-SOME:])), "the new sessions remain"
    check_session_list(ada)


def log_out_concurrently(cafe: EngineApp) -> None:
    """End one session with several logouts and one DELETE at once."""
    ada = UserWithPassword(cafe, "ada", "member")
    response = ada.log_in()
    clients = [ada.with_token(response) for _ in range(SOME)]
    logouts = [partial(_log_out, client) for client in clients[:-1]]
    *responses, deleted = cafe.race(*logouts, partial(clients[-1].delete, response.headers["Location"]))
    assert statuses(responses) == {204: SOME - 1}, "every logout succeeds"
    assert deleted.status_code in (204, 404)
    assert not is_authenticated(clients[0])
    check_session_list(ada)


log_in_before_password_change = partial(log_in_during_password_change, hook="before_write")


@pytest.mark.parametrize(
    "scenario",
    [
        change_password_with_several_sessions,
        log_in_before_password_change,
        partial(log_in_during_password_change, hook="after_write"),
        change_password_during_login,
        change_password_twice,
        log_in_concurrently,
        log_out_concurrently,
    ],
)
def test_concurrent_session_changes_are_consistent(cafe: EngineApp, scenario: Callable[[EngineApp], None]) -> None:
    scenario(cafe)


@pytest.mark.parametrize(
    ("scenario", "table", "message"),
    [
        (log_in_before_password_change, ChecksOnlyBefore, "a session with the old password"),
        (log_in_before_password_change, ChecksOnlyTheFirst, "a session with the old password"),
        (change_password_during_login, ChecksOnlyBefore, "a login with the old password"),
        (change_password_twice, ChecksOnlyBefore, "a session that has ended"),
        (log_in_concurrently, ChecksOnlyBefore, r"twenty sessions|the session list"),
        (log_in_concurrently, ChecksOnlyTheFirst, r"twenty sessions|the session list"),
    ],
)
def test_missing_condition_on_the_session_list_is_detected(
    make_broken_app: MakeEngineApp,
    scenario: Callable[[EngineApp], None],
    table: type[InstrumentedTable],
    message: str,
) -> None:
    with pytest.raises(AssertionError, match=message):
        scenario(make_broken_app(table))


def test_password_change_without_ending_sessions_is_detected(cafe: EngineApp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.services.users._session_writes", lambda *_: [])
    with pytest.raises(AssertionError, match="only the session that changed the password"):
        change_password_with_several_sessions(cafe)
