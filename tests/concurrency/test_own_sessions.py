"""Somebody's own sessions, while they change their password, log in and log out in several places at once."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from werkzeug.test import TestResponse

from api.context import Context
from api.domain.sessions import MOST
from api.services.sessions import get_user_sessions, session_list_writes
from tests.support.app import Client, problem
from tests.support.engine_app import EngineApp, InstrumentedTable, MakeEngineApp, statuses
from tests.support.mutants import ChecksOnlyBefore, ChecksOnlyTheFirst
from tests.support.users import PASSWORD, UserWithPassword, is_authenticated

NEW, OTHER = "a better one by far", "the best one of all"
SOME = 4


def _change(caller: Client, password: str = NEW) -> TestResponse:
    return caller.patch("/users/ada", {"password": password}, if_match="*")


def _log_out(caller: Client) -> TestResponse:
    return caller.send("POST", "/logout")


def the_roster_is_right(ada: UserWithPassword) -> None:
    """Check that what is kept of somebody's sessions says the same in both places."""
    seats = ada.cafe.stored("user_sessions").get("ada", {"sessions": []})["sessions"]
    assert {one["id"]: one for one in seats} == ada.sessions(), "the roster knows every session"


def others_end(cafe: EngineApp) -> None:
    """Change a password: the session that did it goes on, and the others end."""
    ada = UserWithPassword(cafe, "ada", "member")
    *others, this = [ada.open_session() for _ in range(SOME)]
    assert _change(this).status_code == 200
    assert [is_authenticated(one) for one in [this, *others]] == [True] + [False] * len(others), (
        "this session alone goes on"
    )
    assert [ada.log_in(word).status_code for word in (PASSWORD, NEW)] == [401, 201]
    the_roster_is_right(ada)


def a_login_meanwhile(cafe: EngineApp, hook: str) -> None:
    """Let somebody who knows the old password log in, before or just after the new one is written."""
    ada, answers = UserWithPassword(cafe, "ada", "member"), list[TestResponse]()
    this = ada.open_session()
    setattr(cafe.table, hook, lambda: answers.append(ada.log_in()))
    assert _change(this).status_code == 200
    [answer] = answers
    if hook == "after_effect":
        problem(answer, 401)
    else:
        assert not is_authenticated(ada.with_token(answer)), "who came in with the old password is out again"
    assert is_authenticated(this)
    the_roster_is_right(ada)


def a_change_meanwhile(cafe: EngineApp) -> None:
    """Change the password after a login has found it right, and before that writes its session."""
    ada = UserWithPassword(cafe, "ada", "member")
    this, changes = ada.open_session(), list[TestResponse]()
    cafe.table.before_write = lambda: changes.append(_change(this))
    assert ada.log_in().status_code == 401, "nobody comes in with the old password"
    assert statuses(changes) == {200: 1}
    assert is_authenticated(this)
    the_roster_is_right(ada)


def of_two_changes_one(cafe: EngineApp) -> None:
    """Change it in two sessions at once: the first one ends the other, and whatever that was about to do."""
    ada = UserWithPassword(cafe, "ada", "member")
    callers = [ada.open_session(), ada.open_session()]
    words = [NEW, OTHER]
    answers = cafe.race(*(partial(_change, caller, word) for caller, word in zip(callers, words, strict=True)))
    assert statuses(answers) == {200: 1, 401: 1}, "a session that has ended changes nothing"
    won = [answer.status_code == 200 for answer in answers]
    assert [is_authenticated(caller) for caller in callers] == won
    assert [ada.log_in(word).status_code == 201 for word in words] == won
    the_roster_is_right(ada)


def all_logins_are_known(cafe: EngineApp) -> None:
    """Log in several times at once: each session is known, or was ended as the oldest."""
    ada = UserWithPassword(cafe, "ada", "member")
    old = [ada.open_session() for _ in range(MOST - 2)]
    answers = cafe.race(*[ada.log_in] * SOME)
    assert statuses(answers) == {201: SOME}
    tokens = [*old, *(ada.with_token(answer) for answer in answers)]
    assert sum(map(is_authenticated, tokens)) == MOST, "twenty sessions are left"
    assert all(map(is_authenticated, tokens[-SOME:])), "the new ones are among them"
    the_roster_is_right(ada)


def a_session_ends_once(cafe: EngineApp) -> None:
    """Log one session out in several places at once, and end it by its path besides."""
    ada = UserWithPassword(cafe, "ada", "member")
    answer = ada.log_in()
    tokens = [ada.with_token(answer) for _ in range(SOME)]
    acts = [partial(_log_out, token) for token in tokens[:-1]]
    *outs, ended = cafe.race(*acts, partial(tokens[-1].delete, answer.headers["Location"]))
    assert statuses(outs) == {204: SOME - 1}, "whoever logs out is out"
    assert ended.status_code in (204, 404)
    assert not is_authenticated(tokens[0])
    the_roster_is_right(ada)


PROOFS: list[Callable[[EngineApp], None]] = [
    others_end,
    partial(a_login_meanwhile, hook="before_write"),
    partial(a_login_meanwhile, hook="after_effect"),
    a_change_meanwhile,
    of_two_changes_one,
    all_logins_are_known,
    a_session_ends_once,
]


@pytest.mark.parametrize("proof", PROOFS)
def test_sessions_and_passwords_that_change_at_once_agree(cafe: EngineApp, proof: Callable[[EngineApp], None]) -> None:
    proof(cafe)


@pytest.mark.parametrize(
    ("proof", "table", "told"),
    [
        (PROOFS[1], ChecksOnlyBefore, "who came in with"),
        (PROOFS[1], ChecksOnlyTheFirst, "who came in with"),
        (a_change_meanwhile, ChecksOnlyBefore, "nobody comes in"),
        (of_two_changes_one, ChecksOnlyBefore, "a session that has ended"),
        (all_logins_are_known, ChecksOnlyBefore, r"twenty sessions|the roster knows"),
        (all_logins_are_known, ChecksOnlyTheFirst, r"twenty sessions|the roster knows"),
    ],
)
def test_a_store_that_does_not_guard_the_roster_is_caught(
    make_broken_app: MakeEngineApp, proof: Callable[[EngineApp], None], table: type[InstrumentedTable], told: str
) -> None:
    with pytest.raises(AssertionError, match=told):
        proof(make_broken_app(table))


def test_a_password_that_leaves_the_sessions_alone_is_caught(cafe: EngineApp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.services.users._session_writes", lambda *_: [])
    with pytest.raises(AssertionError, match="this session alone goes on"):
        others_end(cafe)


def _revoke(context: Context, _id: str) -> None:
    """End all sessions without a check that there is any."""
    table, username, rev = context.dependencies.table, str(context.principal.username), context.dependencies.new_id()
    before = get_user_sessions(table, username)
    table.transact(session_list_writes(username, before, (), rev) if before else [], rev)


def test_a_logout_that_writes_nothing_is_caught(cafe: EngineApp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.resources.login.revoke_session", _revoke)
    with pytest.raises(AssertionError, match="whoever logs out is out"):
        a_session_ends_once(cafe)
