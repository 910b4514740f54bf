"""Wrong passwords are counted before they are tried: of many at once, none slips through."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from api.store.keys import marshal
from api.store.transaction import ConditionFailed, Increment, Write
from tests.support.app import FakeClock, TestApp, problem
from tests.support.engine_app import EngineApp, InstrumentedTable, MakeEngineApp, statuses
from tests.support.users import UserWithPassword

CROWD, TRIES, WINDOW = 8, 3, 300
WRONG = "incorrect horse battery"


def three_tries(cafe: EngineApp) -> None:
    """Let a crowd try wrong passwords at once: three are tried, and then nobody is let in until the window ends."""
    strict = _with_three_tries(cafe)
    ada, bob = UserWithPassword(strict, "ada", "staff"), UserWithPassword(strict, "bob", "staff")
    answers = cafe.race(*[lambda: ada.log_in(WRONG)] * CROWD)
    assert statuses(answers) == {401: TRIES, 429: CROWD - TRIES}, "three are attempt_login"
    for answer in [*(one for one in answers if one.status_code == 429), ada.log_in()]:
        problem(answer, 429)
        assert int(answer.headers["Retry-After"]) == WINDOW, "all of the window is left"
    assert bob.log_in().status_code == 201, "another account is not hit"
    strict.clock.advance(seconds=WINDOW - 1)
    last = ada.log_in()
    assert (last.status_code, last.headers["Retry-After"]) == (429, "1")
    strict.clock.advance(seconds=1)
    assert ada.log_in().status_code == 201, "the next window is a new one"


def the_right_one_among_many(cafe: EngineApp) -> None:
    """Let somebody log in with the right password as often as they like: good tries are not counted."""
    ada = UserWithPassword(_with_three_tries(cafe), "ada", "staff")
    for _ in range(CROWD):
        assert ada.log_in().status_code == 201, "a good try is forgiven"


def _with_three_tries(cafe: EngineApp) -> EngineApp:
    """Return the same café with few tries, at the beginning of a window that the engine's clock does not reach."""
    window = int(cafe.clock.now.timestamp()) // WINDOW + 1
    clock = FakeClock(datetime.fromtimestamp(window * WINDOW, UTC))
    TestApp.__init__(cafe, cafe.table, clock, deadline_seconds=600, login_tries=TRIES, login_window_seconds=WINDOW)
    return cafe


class CountsInTwoSteps(InstrumentedTable):
    """Reads each counter, and then writes the sum, instead of one atomic update."""

    def write(self, writes: Sequence[Write], token: str) -> None:
        counts = [(write, self.get(write.item, consistent=True)) for write in writes if isinstance(write, Increment)]
        if self.meeting:
            self.meeting.arrive()
        for position, (write, item) in enumerate(counts):
            count = int(item["count"]) if item else 0
            if write.limit is not None and count >= write.limit:
                raise ConditionFailed([position])
            item = marshal({**write.item, "count": count + write.by, "expires": write.expires})
            self.client.put_item(TableName=self.name, Item=item)
        if others := [write for write in writes if not isinstance(write, Increment)]:
            super().write(others, token)


@pytest.mark.parametrize("proof", [three_tries, the_right_one_among_many])
def test_of_eight_wrong_passwords_at_once_three_are_tried_and_good_ones_are_not_counted(
    cafe: EngineApp, proof: object
) -> None:
    proof(cafe)


def test_a_counter_that_is_read_and_written_in_two_steps_is_caught(make_broken_app: MakeEngineApp) -> None:
    with pytest.raises(AssertionError, match="three are attempt_login"):
        three_tries(make_broken_app(CountsInTwoSteps))


def test_a_try_that_is_not_forgiven_is_caught(cafe: EngineApp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.services.accounts.uncount_attempt", lambda *_: [])
    with pytest.raises(AssertionError, match="a good try is forgiven"):
        the_right_one_among_many(cafe)
