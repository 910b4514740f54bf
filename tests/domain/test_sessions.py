"""Sessions: tokens, expiry, and the limit of sessions per user."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from api.domain.sessions import MAX_SESSIONS, Session, keyed_id, new_session, unexpired, with_session
from api.domain.users import User
from api.services.sessions import generate_token

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
ADA = User(username="ada", role="staff", created=NOON, updated=NOON)


def make_session(number: int, hours: float = 24) -> Session:
    """Return a session that was created a number of seconds after noon."""
    return new_session(ADA, f"id{number}", NOON + timedelta(seconds=number), timedelta(hours=hours))


def test_tokens_are_32_random_bytes_and_are_stored_as_an_hmac() -> None:
    tokens = {generate_token() for _ in range(100)}
    assert len(tokens) == 100
    assert {len(token) for token in tokens} == {43}
    assert keyed_id("k" * 32, "sessions", "a") == "vvhtnEPpp4Ukv4xd6fE7zD_cA1L4Bvk4wyMuGDj4Af4"


def test_session_has_the_role_of_its_user_and_an_expiry_time() -> None:
    session = make_session(0, hours=2)
    assert (session.username, session.role) == ("ada", "staff")
    assert (session.created, session.expires) == (NOON, NOON + timedelta(hours=2))


def test_session_expires_at_its_expiry_time() -> None:
    session = make_session(0, hours=1)
    assert unexpired([session], session.expires - timedelta(microseconds=1)) == (session,)
    assert unexpired([session], session.expires) == ()


def test_new_session_above_the_limit_removes_the_oldest() -> None:
    existing = tuple(make_session(number) for number in range(MAX_SESSIONS))
    new = make_session(MAX_SESSIONS)
    assert with_session(existing, new, NOON) == (*existing[1:], new)
    assert with_session(existing[1:], new, NOON) == (*existing[1:], new)
    assert with_session((), new, NOON) == (new,)


def test_expired_sessions_are_removed_before_unexpired_ones() -> None:
    expired = tuple(make_session(number, hours=1) for number in range(MAX_SESSIONS - 1))
    existing = (make_session(100), *expired)
    assert with_session(existing, make_session(101), NOON + timedelta(hours=2)) == (
        make_session(100),
        make_session(101),
    )


def test_user_has_only_the_newest_sessions_after_many_logins() -> None:
    sessions: tuple[Session, ...] = ()
    for number in range(3 * MAX_SESSIONS):
        sessions = with_session(sessions, make_session(number), NOON)
    assert [session.id for session in sessions] == [
        f"id{number}" for number in range(2 * MAX_SESSIONS, 3 * MAX_SESSIONS)
    ]
