"""The login rate limit counts each attempt before the password is verified, so concurrent attempts do not exceed it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import pytest

from api.store.keys import marshal
from api.store.transaction import ConditionFailed, Increment, Write
from tests.support.app import FakeClock, TestApp, problem
from tests.support.engine_app import EngineApp, InstrumentedTable, MakeEngineApp, statuses
from tests.support.users import UserWithPassword

ATTEMPTS, LIMIT, WINDOW_SECONDS = 8, 3, 300
WRONG = "incorrect horse battery"


def wrong_passwords(cafe: EngineApp) -> None:
    """Try wrong passwords at once: three are verified, and then the account is locked to the end of the window."""
    limited = _with_limit(cafe)
    ada, bob = UserWithPassword(limited, "ada", "staff"), UserWithPassword(limited, "bob", "staff")
    responses = cafe.race(*[lambda: ada.log_in(WRONG)] * ATTEMPTS)
    assert statuses(responses) == {401: LIMIT, 429: ATTEMPTS - LIMIT}, "three attempts are verified"
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
    """Log in with the right password more often than the limit."""
    ada = UserWithPassword(_with_limit(cafe), "ada", "staff")
    for _ in range(ATTEMPTS):
        assert ada.log_in().status_code == 201, "successful logins are not counted"


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
            if write.limit is not None and count >= write.limit:
                raise ConditionFailed([position])
            item = marshal({**write.item, "count": count + write.by, "expires": write.expires})
            self.client.put_item(TableName=self.name, Item=item)
        if others := [write for write in writes if not isinstance(write, Increment)]:
            super().write(others, token)


@pytest.mark.parametrize("scenario", [wrong_passwords, right_passwords])
def test_concurrent_logins_respect_the_rate_limit(cafe: EngineApp, scenario: Callable[[EngineApp], None]) -> None:
    scenario(cafe)


def test_counter_without_atomic_increment_is_detected(make_broken_app: MakeEngineApp) -> None:
    with pytest.raises(AssertionError, match="three attempts are verified"):
        wrong_passwords(make_broken_app(CountsInTwoSteps))


def test_counted_successful_login_is_detected(cafe: EngineApp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.services.accounts.uncount_writes", lambda *_: [])
    with pytest.raises(AssertionError, match="successful logins are not counted"):
        right_passwords(cafe)
