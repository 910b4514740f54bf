"""A request has a deadline, and no call to the store begins that might miss it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from api.domain.errors import Unavailable
from api.store import meter
from api.store.table import Table
from tests.cafe import Cafe, problem


@pytest.fixture(autouse=True)
def no_request_afterwards() -> Iterator[None]:
    """What a test starts, it stops."""
    yield
    meter.stop()


def test_a_call_begins_only_if_it_ends_in_time_even_at_its_worst() -> None:
    meter.start(seconds=60)
    meter.check(patience=1)
    with pytest.raises(Unavailable):
        meter.check(patience=61)


def test_a_store_that_might_be_too_slow_is_not_asked_and_the_caller_may_come_back(mocked_table: Table) -> None:
    slow = Table(mocked_table.client, mocked_table.name, attempt_seconds=5)
    cafe = Cafe(slow, deadline_seconds=1)
    answer, spent = cafe.cost(lambda: cafe.public.get("/cats/luna"))
    assert problem(answer, 503)["type"] == "/problems/unavailable"
    assert answer.headers["Retry-After"] == "1"
    assert spent.calls == []


def test_a_deadline_ends_with_its_request(mocked_table: Table) -> None:
    slow = Table(mocked_table.client, mocked_table.name, attempt_seconds=5)
    Cafe(slow, deadline_seconds=1).public.get("/cats/luna")
    assert slow.get({"pk": "a", "sk": "b"}, consistent=False) is None
