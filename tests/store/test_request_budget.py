"""No call to DynamoDB begins that might end after the deadline of the request."""

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
def reset_budget() -> Iterator[None]:
    """Remove the request budget after each test."""
    yield
    request_budget.current_budget.set(None)


@pytest.mark.parametrize(("seconds", "error"), [(1, nullcontext()), (61, pytest.raises(Unavailable))])
def test_attempt_begins_only_if_its_timeout_is_before_the_deadline(
    mocked_table: Table, seconds: float, error: AbstractContextManager[object]
) -> None:
    request_budget.current_budget.set(request_budget.RequestBudget(ends=monotonic() + 60))
    with error:
        Table(mocked_table.client, mocked_table.name, attempt_seconds=seconds).get(KEY, consistent=True)


def test_missed_deadline_is_503_with_retry_after_and_no_call(mocked_table: Table) -> None:
    slow = Table(mocked_table.client, mocked_table.name, attempt_seconds=5)
    cafe = TestApp(slow, deadline_seconds=1)
    response, budget = cafe.measure(lambda: cafe.public.get("/cats/luna"))
    assert problem(response, 503)["type"] == "/problems/unavailable"
    assert response.headers["Retry-After"] == "1"
    assert budget.calls == []


def test_deadline_ends_with_the_request(mocked_table: Table) -> None:
    slow = Table(mocked_table.client, mocked_table.name, attempt_seconds=5)
    TestApp(slow, deadline_seconds=1).public.get("/cats/luna")
    assert slow.get(KEY, consistent=False) is None
