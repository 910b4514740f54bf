"""A transaction conflict is retried. If it persists, the response is 503 with Retry-After, never 409.

DynamoDB cancels a transaction while another one holds one of its items. The emulator has a single writer and never
does so; therefore the conflicts are injected.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from api.store.table import CONFLICT_PAUSE_SECONDS, CONFLICT_RETRIES
from tests.support.app import problem
from tests.support.engine_app import EngineApp, MakeEngineApp
from tests.support.fault_injection import ErrorResponse, FaultInjector, InjectFaults, LostResponse
from tests.support.mutants import TreatsConflictsAsConditionFailures
from tools.local.dynamodb import DynamoDBEmulator

CONFLICT = ErrorResponse("TransactionCanceledException", ("None", "TransactionConflict"))
ATTEMPTS = CONFLICT_RETRIES + 1
CREATED = Counter(record=1, history=1)


def temporary_conflict(cafe: EngineApp, injector: FaultInjector, pauses: list[float]) -> None:
    """Let every attempt but the last one fail with a conflict."""
    client = cafe.staff
    injector.sent = 0
    injector.faults.extend([CONFLICT] * (ATTEMPTS - 1))
    response = client.post("/cats", {"name": "luna"})
    assert response.status_code == 201
    assert len(pauses) == ATTEMPTS - 1, "there is a pause before each new attempt"
    assert cafe.count_items("luna") == CREATED


def persistent_conflict(cafe: EngineApp, injector: FaultInjector, pauses: list[float]) -> None:
    """Let every attempt fail with a conflict."""
    client = cafe.staff
    injector.sent = 0
    injector.faults.extend([CONFLICT] * 100)
    response = client.post("/cats", {"name": "luna"})
    injector.faults.clear()
    assert injector.sent == ATTEMPTS, "the number of attempts is limited"
    assert len(pauses) == ATTEMPTS - 1, "there is no pause after the last attempt"
    problem(response, 503)
    assert int(response.headers["Retry-After"]) >= 1
    assert cafe.count_items("luna") == Counter()


@pytest.mark.parametrize("scenario", [temporary_conflict, persistent_conflict])
def test_transaction_conflict_is_retried_with_backoff_and_then_503(
    engine: DynamoDBEmulator, make_app: MakeEngineApp, inject_faults: InjectFaults, scenario: Callable[..., None]
) -> None:
    pauses: list[float] = []
    cafe = make_app(engine, pause=pauses.append)
    scenario(cafe, inject_faults(cafe), pauses)
    assert sum(pauses) <= CONFLICT_PAUSE_SECONDS * 2**CONFLICT_RETRIES
    assert all(pause <= CONFLICT_PAUSE_SECONDS * 2**index for index, pause in enumerate(pauses))


@pytest.mark.parametrize("scenario", [temporary_conflict, persistent_conflict])
def test_conflict_treated_as_failed_condition_is_detected(
    engine: DynamoDBEmulator, make_app: MakeEngineApp, inject_faults: InjectFaults, scenario: Callable[..., None]
) -> None:
    pauses: list[float] = []
    cafe = make_app(engine, TreatsConflictsAsConditionFailures, pause=pauses.append)
    with pytest.raises(AssertionError, match=r"there is a pause|the number of attempts"):
        scenario(cafe, inject_faults(cafe), pauses)


def test_failed_condition_takes_precedence_over_a_conflict(cafe: EngineApp, inject_faults: InjectFaults) -> None:
    injector, client = inject_faults(cafe), cafe.staff
    injector.faults.append(
        ErrorResponse("TransactionCanceledException", ("ConditionalCheckFailed", "TransactionConflict"))
    )
    assert client.put("/cats/luna", {}, if_none_match="*").status_code == 201


def test_transaction_in_progress_is_retried_and_written_once(cafe: EngineApp, inject_faults: InjectFaults) -> None:
    injector, client = inject_faults(cafe), cafe.staff
    injector.faults.extend([LostResponse(), ErrorResponse("TransactionInProgressException")])
    assert client.post("/cats", {"name": "luna"}).status_code == 201
    assert cafe.count_items("luna") == CREATED


def test_throttled_store_is_503(cafe: EngineApp, inject_faults: InjectFaults) -> None:
    injector, client = inject_faults(cafe), cafe.staff
    injector.faults.extend([ErrorResponse("ThrottlingException")] * 3)
    response = client.put("/cats/luna", {})
    problem(response, 503)
    assert int(response.headers["Retry-After"]) >= 1
    assert cafe.count_items("luna") == Counter()
