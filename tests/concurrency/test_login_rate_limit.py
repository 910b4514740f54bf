"""Concurrent wrong passwords do not exceed the limit, and right ones are never refused because of each other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import argon2.low_level
import pytest

from api.store.keys import marshal
from api.store.transaction import ConditionFailed, Increment, Write
from tests.support.app import FakeClock, TestApp, problem
from tests.support.engine_app import EngineApp, InstrumentedTable, MakeEngineApp, statuses
from tests.support.users import UserWithPassword

ATTEMPTS, LIMIT, WINDOW_SECONDS = 8, 3, 300
MANY = 30
WRONG = "incorrect horse battery"


def wrong_passwords(cafe: EngineApp) -> None:
    """Try wrong passwords at once: three are verified, and then the account is locked to the end of the window."""
    limited = _with_limit(cafe)
    ada, bob = UserWithPassword(limited, "ada", "staff"), UserWithPassword(limited, "bob", "staff")
    responses = cafe.race(*[lambda: ada.log_in(WRONG)] * ATTEMPTS)
    assert statuses(responses) == {401: LIMIT, 429: ATTEMPTS - LIMIT}, "three attempts get an answer"
    for response in [*(response for response in responses if response.status_code == 429), ada.log_in()]:
        problem(response, 429)
        assert int(response.headers["Retry-After"]) == WINDOW_SECONDS, "the whole window remains"
    assert bob.log_in().status_code == 201, "other accounts are not locked"
    limited.clock.advance(seconds=WINDOW_SECONDS - 1)
    last = ada.log_in()
    assert (last.status_code, last.headers["Retry-After"]) == (429, "1")
    limited.clock.advance(seconds=1)
    assert ada.log_in().status_code == 201, "the next window begins at zero"


def right_passwords(cafe: EngineApp) -> None:
    """Log in with the right password many times at once, and then try wrong ones up to the limit."""
    ada = UserWithPassword(_with_limit(cafe), "ada", "staff")
    assert statuses(cafe.race(*[ada.log_in] * MANY)) == {201: MANY}, "right passwords are not counted"
    assert [ada.log_in(WRONG).status_code for _ in range(LIMIT + 1)] == [401] * LIMIT + [429]


def right_password_after_the_limit(cafe: EngineApp) -> None:
    """Reach the limit while a right password is verified: a guesser would have had one guess too many."""
    ada, responses = UserWithPassword(_with_limit(cafe), "ada", "staff"), list[int]()
    cafe.table.before_write = lambda: responses.extend(ada.log_in(WRONG).status_code for _ in range(LIMIT))
    assert ada.log_in().status_code == 429, "the limit is checked when the session is written"
    assert responses == [401] * LIMIT


def _with_limit(cafe: EngineApp) -> EngineApp:
    """Limit the logins of the application, and set its clock to the start of a window in the future."""
    window = int(cafe.clock.now.timestamp()) // WINDOW_SECONDS + 1
    clock = FakeClock(datetime.fromtimestamp(window * WINDOW_SECONDS, UTC))
    limits = {"login_tries": LIMIT, "login_window_seconds": WINDOW_SECONDS}
    TestApp.__init__(cafe, cafe.table, clock, deadline_seconds=600, **limits)
    return cafe


class CountsInTwoSteps(InstrumentedTable):
    """Reads each counter and then writes it, instead of incrementing it in one step."""

    def write(self, writes: Sequence[Write], token: str) -> None:
        counts = [(write, self.get(write.item, consistent=True)) for write in writes if isinstance(write, Increment)]
        if self.rendezvous:
            self.rendezvous.arrive()
        for position, (write, item) in enumerate(counts):
            count = int(item["count"]) if item else 0
            if count >= write.limit:
                raise ConditionFailed([position])
            item = marshal({**write.item, "count": count + 1, "expires": write.expires})
            self.client.put_item(TableName=self.name, Item=item)
        if others := [write for write in writes if not isinstance(write, Increment)]:
            super().write(others, token)


@pytest.mark.parametrize("scenario", [wrong_passwords, right_passwords, right_password_after_the_limit])
def test_concurrent_logins_respect_the_rate_limit(
    cafe: EngineApp, scenario: Callable[[EngineApp], None], verifications: list[bytes]
) -> None:
    scenario(cafe)
    assert len(verifications) <= {right_passwords: MANY + LIMIT}.get(scenario, ATTEMPTS + 2), "a retry hashes again"


@pytest.fixture
def verifications(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The passwords that argon2 verifies."""
    verified: list[bytes] = []
    verify_secret = argon2.low_level.verify_secret

    def count(hash: bytes, secret: bytes, type: argon2.low_level.Type) -> bool:
        verified.append(secret)
        return verify_secret(hash, secret, type)

    monkeypatch.setattr(argon2.low_level, "verify_secret", count)
    return verified


def test_counter_without_atomic_increment_is_detected(make_broken_app: MakeEngineApp) -> None:
    with pytest.raises(AssertionError, match="three attempts get an answer"):
        wrong_passwords(make_broken_app(CountsInTwoSteps))


def test_missing_check_in_the_transaction_of_the_session_is_detected(
    cafe: EngineApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.services.rate_limit.LoginLimits.checks", lambda _: [])
    with pytest.raises(AssertionError, match="when the session is written"):
        right_password_after_the_limit(cafe)
