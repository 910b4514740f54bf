"""A write whose response from DynamoDB is lost is acknowledged and happens once.

The table sends a request again when no response came. Two safeguards make this harmless, and each is sufficient:
DynamoDB recognises the ClientRequestToken; and when it has forgotten the token (after ten minutes, or after a restart
of the emulator), the rev of the existing item shows that this request has written it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.support.app import Client
from tests.support.engine_app import EngineApp, MakeEngineApp
from tests.support.fault_injection import FaultInjector, InjectFaults, LostResponse
from tests.support.mutants import WithoutRequestToken, WritesOneByOne
from tools.local.dynamodb import DynamoDBEmulator


@dataclass(frozen=True)
class Write:
    """A write of Luna, with its status and the items that exist afterwards."""

    send: Callable[[Client], TestResponse]
    status: int
    items: dict[str, int]
    creates: bool = False


def _change(method: str, body: dict[str, Any]) -> Callable[[Client], TestResponse]:
    """Return a change of the current version. A repetition that does not recognise it would be a 412."""

    def send(client: Client) -> TestResponse:
        tag = client.get("/cats/luna").headers["ETag"]
        return getattr(client, method)("/cats/luna", body, if_match=tag)

    return send


CREATED = {"record": 1, "history": 1}
CHANGED = {"record": 1, "history": 2}
WRITES = {
    "post": Write(lambda client: client.post("/cats", {"name": "luna"}), 201, CREATED, creates=True),
    "put": Write(lambda client: client.put("/cats/luna", {}, if_none_match="*"), 201, CREATED, creates=True),
    "replace": Write(_change("put", {"sex": "female"}), 200, CHANGED),
    "patch": Write(_change("patch", {"sex": "female"}), 200, CHANGED),
    "bond": Write(_change("put", {"bondedWith": ["milo"]}), 200, CHANGED),
    "delete": Write(lambda client: client.delete("/cats/luna"), 204, {"history": 2}),
    "weigh": Write(lambda client: client.post("/cats/luna/weights", {"grams": 4000}), 201, CREATED | {"weights": 1}),
}


def _create_cats(client: Client, write: Write) -> None:
    client.put("/cats/milo", {})
    if not write.creates:
        client.put("/cats/luna", {})


def check_written_once(cafe: EngineApp, injector: FaultInjector, write: Write, fault: LostResponse) -> None:
    """Lose the response to a write, and check that it is acknowledged and happens once."""
    client = cafe.staff
    _create_cats(client, write)
    injector.sent = 0
    injector.faults.append(fault)
    response = write.send(client)
    assert not injector.faults, "a response was lost"
    assert response.status_code == write.status, "the write is acknowledged"
    assert injector.sent == 2, "the transaction is sent twice"
    assert cafe.count_items("luna") == Counter(write.items), "the write happens once"
    current = cafe.staff.get("/cats/luna")
    if "weights" not in write.items and current.status_code == 200:
        assert (current.get_json(), current.headers["ETag"]) == (response.get_json(), response.headers["ETag"])


@pytest.mark.parametrize("write", WRITES)
def test_write_with_lost_response_is_acknowledged_and_happens_once(
    cafe: EngineApp, inject_faults: InjectFaults, write: str
) -> None:
    check_written_once(cafe, inject_faults(cafe), WRITES[write], LostResponse())


@pytest.mark.parametrize("write", WRITES)
def test_write_with_forgotten_token_is_recognised_by_its_rev(
    cafe: EngineApp, inject_faults: InjectFaults, write: str
) -> None:
    injector = inject_faults(cafe)
    injector.forgetful = True
    check_written_once(cafe, injector, WRITES[write], LostResponse())


@pytest.mark.parametrize("write", WRITES)
def test_write_before_a_restart_of_the_store_happens_once(
    killable_engine: DynamoDBEmulator, make_app: MakeEngineApp, inject_faults: InjectFaults, write: str
) -> None:
    cafe = make_app(killable_engine)
    fault = LostResponse(meanwhile=_restart(killable_engine))
    check_written_once(cafe, inject_faults(cafe), WRITES[write], fault)


def _restart(engine: DynamoDBEmulator) -> Callable[[], None]:
    def restart() -> None:
        engine.kill()
        engine.start()

    return restart


@pytest.mark.parametrize("forgetful", [False, True])
@pytest.mark.parametrize("name", WRITES)
def test_write_is_recognised_after_a_write_of_another_client(
    cafe: EngineApp, inject_faults: InjectFaults, name: str, forgetful: bool
) -> None:
    injector, other, write = inject_faults(cafe), cafe.staff, WRITES[name]
    injector.forgetful = forgetful
    items = write.items | {"record": 1, "history": write.items["history"] + 1}
    fault = LostResponse(meanwhile=lambda: other.put("/cats/luna", {"description": "Written by another client."}))
    client = cafe.staff
    _create_cats(client, write)
    injector.faults.append(fault)
    response = write.send(client)
    assert (response.status_code, cafe.count_items("luna")) == (write.status, Counter(items))
    assert cafe.staff.get("/cats/luna").get_json()["description"] == "Written by another client."


def test_persistently_lost_response_is_503_and_a_retry_with_the_key_is_201(
    cafe: EngineApp, inject_faults: InjectFaults
) -> None:
    injector, client = inject_faults(cafe), cafe.staff
    injector.faults.extend([LostResponse()] * 3)
    first = client.post("/cats", {"name": "luna"}, idempotency_key="once")
    assert (first.status_code, first.headers["Retry-After"]) == (503, "1")
    second = client.post("/cats", {"name": "luna"}, idempotency_key="once")
    assert (second.status_code, second.headers["Location"]) == (201, "/cats/luna")
    assert cafe.count_items("luna") == Counter(CREATED)


@pytest.mark.parametrize("write", WRITES)
def test_unrecognised_own_write_is_detected(
    make_broken_app: MakeEngineApp, inject_faults: InjectFaults, write: str
) -> None:
    cafe = make_broken_app(WithoutRequestToken)
    injector = inject_faults(cafe)
    injector.forgetful = True
    with pytest.raises(
        AssertionError, match=r"the transaction is sent|the write is acknowledged|the write happens once"
    ):
        check_written_once(cafe, injector, WRITES[write], LostResponse())


def test_table_that_relies_on_the_token_alone_is_detected_by_a_restart(
    killable_engine: DynamoDBEmulator, make_app: MakeEngineApp, inject_faults: InjectFaults
) -> None:
    cafe = make_app(killable_engine, WithoutRequestToken)
    fault = LostResponse(meanwhile=_restart(killable_engine))
    with pytest.raises(AssertionError, match="the write is acknowledged"):
        check_written_once(cafe, inject_faults(cafe), WRITES["post"], fault)


@pytest.mark.parametrize("write", ["post", "put", "patch"])
def test_write_without_transaction_is_detected(
    make_broken_app: MakeEngineApp, inject_faults: InjectFaults, write: str
) -> None:
    cafe = make_broken_app(WritesOneByOne)
    with pytest.raises(AssertionError, match=r"the write is acknowledged|the transaction is sent"):
        check_written_once(cafe, inject_faults(cafe), WRITES[write], LostResponse())
