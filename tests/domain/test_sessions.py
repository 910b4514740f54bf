"""How many sessions somebody has at once, and for how long."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from api.domain.sessions import MOST, Session, new_session, unexpired, with_session
from api.domain.users import User

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
ADA = User(username="ada", role="staff", created=NOON, updated=NOON)


def session(number: int, hours: float = 24) -> Session:
    """Return a session that began so many seconds after noon."""
    return new_session(ADA, f"id{number}", NOON + timedelta(seconds=number), timedelta(hours=hours))


def test_a_session_has_the_role_that_its_user_has_now_and_an_end() -> None:
    told = session(0, hours=2)
    assert (told.username, told.role, told.created, told.expires) == ("ada", "staff", NOON, NOON + timedelta(hours=2))


def test_a_session_lives_until_it_expires_and_not_a_moment_longer() -> None:
    one = session(0, hours=1)
    assert unexpired([one], one.expires - timedelta(microseconds=1)) == (one,)
    assert unexpired([one], one.expires) == ()


def test_one_more_than_the_most_ends_the_oldest() -> None:
    there = tuple(session(number) for number in range(MOST))
    new = session(MOST)
    assert with_session(there, new, NOON) == (*there[1:], new)
    assert with_session(there[1:], new, NOON) == (*there[1:], new)
    assert with_session((), new, NOON) == (new,)


def test_an_expired_session_goes_before_one_that_is_alive() -> None:
    dead = tuple(session(number, hours=1) for number in range(MOST - 1))
    there = (session(100), *dead)
    assert with_session(there, session(101), NOON + timedelta(hours=2)) == (session(100), session(101))


def test_whoever_logs_in_without_end_has_the_newest_sessions_only() -> None:
    there: tuple[Session, ...] = ()
    for number in range(3 * MOST):
        there = with_session(there, session(number), NOON)
    assert [one.id for one in there] == [f"id{number}" for number in range(2 * MOST, 3 * MOST)]
