"""A request has a deadline, and no call to the store begins that might miss it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from time import monotonic

import pytest

from api.domain.errors import Unavailable
from api.store import request_budget
from api.store.table import Table
from tests.support.app import TestApp, problem

KEY = {"pk": "a", "sk": "b"}


@pytest.fixture(autouse=True)
def no_request_afterwards() -> Iterator[None]:
    """What a test starts, it stops."""
    yield
    request_budget.current_budget.set(None)


@pytest.mark.parametrize(("seconds", "error"), [(1, nullcontext()), (61, pytest.raises(Unavailable))])
def test_an_attempt_begins_only_if_its_time_out_is_before_the_deadline(
    mocked_table: Table, seconds: float, error: AbstractContextManager[object]
) -> None:
    request_budget.current_budget.set(request_budget.RequestBudget(ends=monotonic() + 60))
    with error:
        Table(mocked_table.client, mocked_table.name, attempt_seconds=seconds).get(KEY, consistent=True)


def test_a_store_that_might_be_too_slow_is_not_asked_and_the_caller_may_come_back(mocked_table: Table) -> None:
    slow = Table(mocked_table.client, mocked_table.name, attempt_seconds=5)
    cafe = TestApp(slow, deadline_seconds=1)
    answer, spent = cafe.measure(lambda: cafe.public.get("/cats/luna"))
    assert problem(answer, 503)["type"] == "/problems/unavailable"
    assert answer.headers["Retry-After"] == "1"
    assert spent.calls == []


def test_a_deadline_ends_with_its_request(mocked_table: Table) -> None:
    slow = Table(mocked_table.client, mocked_table.name, attempt_seconds=5)
    TestApp(slow, deadline_seconds=1).public.get("/cats/luna")
    assert slow.get(KEY, consistent=False) is None
