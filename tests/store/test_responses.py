"""Responses of DynamoDB that are missing, damaged or errors: what is sent again, and what the caller is told.

Each test runs on the client as it is, and on one without its own parser of responses: botocore is then slower, and
nothing else may change.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from time import monotonic
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from api.domain.errors import Unavailable
from api.settings import Settings
from api.store import client, request_budget
from api.store.client import make_client, parse_response_body
from api.store.keys import KeyRange
from api.store.table import ATTEMPTS, PAUSE_SECONDS, THROTTLED, THROTTLED_PAUSE_SECONDS, TRANSIENT, Table
from api.store.transaction import TransactItem
from tests.support.scripted_server import (
    Requests,
    ScriptedServer,
    answers,
    answers_and_closes,
    answers_once,
    hangs_up,
    refuses,
    resets,
    scripted_server,
    sends,
    stops_halfway,
    stops_halfway_without_a_checksum,
)
from tests.support.tls import self_signed
from tools.local.child_server import free_port

KEY = {"pk": "cats#luna", "sk": "record"}
CALLS: dict[str, Callable[[Table], object]] = {
    "GetItem": lambda table: table.get(KEY, consistent=True),
    "BatchGetItem": lambda table: table.get_many([KEY], consistent=True),
    "Query": lambda table: table.query(KeyRange(None, "cats#luna"), 10),
    "TransactWriteItems": lambda table: table.transact([TransactItem("Put", {**KEY, "rev": "token"}, None)], "token"),
}
RESULTS = {
    "GetItem": {"pk": "cats#luna"}, "BatchGetItem": [{"pk": "cats#luna"}], "Query": ([{"pk": "cats#luna"}], False),
    "TransactWriteItems": None,
}  # fmt: skip
NO_RESPONSE = {
    "hangs up": hangs_up, "resets": resets, "stops halfway": stops_halfway,
    "stops halfway, no checksum": stops_halfway_without_a_checksum,
    "wrong checksum": answers(checksum=1), "checksum of letters": answers(checksum="x"),
    "wrong checksum of an error": answers(b'{"__type": "ValidationException"}', 400, checksum=1),
    "HTML": sends(b"<html>Bad gateway</html>"), "HTML, 502": sends(b"<html>Bad gateway</html>", 502),
    "no body": sends(b""), "no body, 403": sends(b"", 403),
    "an array": sends(b"[]"), "an array, 502": sends(b"[]", 502), "null": sends(b"null"),
    "a string": sends(b'"Item"'), "a number": sends(b"1e999"), "no UTF-8": sends(b'{"\xff": 1}'),
    "an empty object": sends(b"{}"), "another object": sends(b'{"Item": {"pk": {"S": "nobody"}}}'),
    "moved": sends(b"", 301), "null members": sends(b'{"ConsumedCapacity": null, "Item": null}'),
    "an error without a name": refuses(""),
}  # fmt: skip
BUSY = {
    "500": refuses("InternalServerError", 500), "503": sends(b"{}", 503), "429": sends(b"{}", 429),
    **{code: refuses(code) for code in sorted(THROTTLED | TRANSIENT)},
}  # fmt: skip
FAULTS = NO_RESPONSE | BUSY


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate of 127.0.0.1 with its key."""
    pem = tmp_path_factory.mktemp("tls") / "server.pem"
    pem.write_bytes(self_signed("127.0.0.1"))
    return pem


@pytest.fixture(autouse=True)
def no_budget_afterwards() -> Iterator[None]:
    """Forget the budget that a test sets."""
    yield
    request_budget.current_budget.set(None)


@pytest.fixture
def pauses() -> list[float]:
    """The pauses between attempts, which nobody waits for."""
    return []


@pytest.fixture(params=["msgspec", "botocore"])
def connect(
    request, pauses: list[float], certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[str], Table]]:
    """Make tables on a scripted server, which are closed after the test."""
    monkeypatch.setenv("AWS_CA_BUNDLE", str(certificate))
    made: list[Table] = []

    def connect_to(url: str) -> Table:
        boto3_client = make_client(Settings(table_name="cats", cursor_key="k" * 32, dynamodb_url=url))
        if request.param == "botocore":
            boto3_client.meta.events.unregister("before-parse.dynamodb", parse_response_body)
        made.append(Table(boto3_client, "cats", pause=pauses.append))
        return made[-1]

    yield connect_to
    for table in made:
        table.client.close()


def connections(server: ScriptedServer) -> list[int]:
    return [number for number, _, _ in server.received]


@pytest.mark.parametrize("operation", CALLS)
def test_a_request_is_sent_as_dynamodb_expects_it(connect, operation: str) -> None:
    with scripted_server(answers()) as server:
        assert CALLS[operation](connect(server.url)) == RESULTS[operation]
    [(_, headers, body)] = server.received
    assert headers["x-amz-target"] == f"DynamoDB_20120810.{operation}"
    assert headers["content-type"] == "application/x-amz-json-1.0"
    assert headers["host"] == urlsplit(server.url).netloc
    assert headers["user-agent"].startswith("clowder/")
    assert body["ReturnConsumedCapacity"] == "TOTAL", "a response is known to be whole by this member"


def test_requests_one_after_the_other_share_a_connection(connect) -> None:
    with scripted_server(answers()) as server:
        table = connect(server.url)
        for _ in range(5):
            table.get(KEY, consistent=True)
    assert connections(server) == [0] * 5


def test_each_thread_has_its_own_connection_and_gets_its_own_response(connect) -> None:
    barrier = Barrier(8)

    def echo(request: Requests) -> None:
        barrier.wait(30)
        body = next(body for number, _, body in request.server.received if number == request.number)
        answers(b'{"ConsumedCapacity": {"CapacityUnits": 1}, "Item": %s}' % json.dumps(body["Key"]).encode())(request)

    with scripted_server(echo) as server, ThreadPoolExecutor(8) as threads:
        table = connect(server.url)
        keys = [{"pk": str(number), "sk": "record"} for number in range(8)]
        assert list(threads.map(lambda key: table.get(key, consistent=True), keys)) == keys
    assert sorted(connections(server)) == list(range(8))


@pytest.mark.parametrize("tls", [False, True])
@pytest.mark.parametrize("ends", [answers_and_closes, answers_once])
def test_a_connection_closed_in_between_costs_neither_a_pause_nor_a_failure(
    connect, pauses, certificate: Path, ends, tls: bool
) -> None:
    with scripted_server(ends, certificate=certificate if tls else None) as server:
        table = connect(server.url)
        for number in range(4):
            assert table.get(KEY, consistent=True) == RESULTS["GetItem"]
            server.ended(number + 1)
    assert (connections(server), pauses) == ([0, 1, 2, 3], [])


@pytest.mark.parametrize("operation", CALLS)
@pytest.mark.parametrize(
    "fault", ["stops halfway", "stops halfway, no checksum", "wrong checksum", "an empty object", "hangs up"]
)
def test_every_operation_is_sent_again_after_a_damaged_response(connect, fault: str, operation: str) -> None:
    with scripted_server(FAULTS[fault], answers()) as server:
        assert CALLS[operation](connect(server.url)) == RESULTS[operation]
    first, second = (body for _, _, body in server.received)
    assert first == second, "a transaction too has the same ClientRequestToken"


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_that_passes_is_retried_after_a_pause(connect, pauses, fault: str) -> None:
    with scripted_server(FAULTS[fault], FAULTS[fault], answers()) as server:
        assert connect(server.url).get(KEY, consistent=True) == RESULTS["GetItem"]
    assert len(server.received) == ATTEMPTS
    longest = THROTTLED_PAUSE_SECONDS if fault in THROTTLED | {"429"} else PAUSE_SECONDS
    first, second = pauses
    assert 0 <= first <= longest
    assert 0 <= second <= 2 * longest


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_that_stays_is_unavailable_after_three_attempts(connect, pauses, fault: str) -> None:
    with scripted_server(FAULTS[fault]) as server, pytest.raises(Unavailable) as caught:
        connect(server.url).get(KEY, consistent=True)
    assert (len(server.received), len(pauses)) == (ATTEMPTS, ATTEMPTS - 1)
    assert caught.value.__cause__ is not None, "the log names the cause"


def test_a_throttled_caller_waits_longer(connect, pauses) -> None:
    with scripted_server(refuses("ThrottlingException")) as server:
        table = connect(server.url)
        for _ in range(20):
            with pytest.raises(Unavailable):
                table.get(KEY, consistent=True)
    assert max(pauses) > 2 * PAUSE_SECONDS, "twenty random pauses are not all that short"


def test_no_attempt_begins_that_may_end_after_the_deadline(connect) -> None:
    budget = request_budget.RequestBudget()
    request_budget.current_budget.set(budget)

    def late_deadline(_: float) -> None:
        budget.ends = monotonic() + 2

    with scripted_server(hangs_up) as server:
        table = Table(connect(server.url).client, "cats", attempt_seconds=3, pause=late_deadline)
        with pytest.raises(Unavailable) as caught:
            table.get(KEY, consistent=True)
    assert caught.value.__cause__ is not None, "the log names the cause"
    assert len(server.received) == 1


def test_an_address_without_a_server_is_named_in_the_cause(connect) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    with pytest.raises(Unavailable) as caught:
        connect(url).get(KEY, consistent=True)
    assert url in str(caught.value.__cause__)


def test_a_silent_server_is_given_up(connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "READ_SECONDS", 0.05)
    with scripted_server(lambda request: request.rfile.read(1)) as server, pytest.raises(Unavailable) as caught:
        connect(server.url).get(KEY, consistent=True)
    assert len(server.received) == ATTEMPTS
    assert "timeout" in str(caught.value.__cause__)


@pytest.mark.parametrize("code", ["ValidationException", "AccessDeniedException", "ResourceNotFoundException"])
def test_a_refusal_that_would_come_again_is_not_retried(connect, pauses, code: str) -> None:
    with scripted_server(refuses(code)) as server, pytest.raises(ClientError) as caught:
        connect(server.url).get(KEY, consistent=True)
    assert (len(server.received), pauses) == (1, [])
    assert caught.value.response["Error"] == {"Code": code, "Message": f"No: {code}."}


def test_members_that_are_null_are_missing(connect) -> None:
    body = b'{"ConsumedCapacity": {}, "Item": null, "Items": [], "LastEvaluatedKey": null}'
    with scripted_server(answers(body)) as server:
        table = connect(server.url)
        assert table.get(KEY, consistent=True) is None
        assert table.query(KeyRange(None, "cats#luna"), 10) == ([], False)


def test_a_cancelled_transaction_without_reasons_is_sent_again(connect) -> None:
    with scripted_server(refuses("TransactionCanceledException"), answers()) as server:
        CALLS["TransactWriteItems"](connect(server.url))
    assert len(server.received) == 2


def test_boto3_in_standard_mode_takes_half_a_response_for_a_missing_item() -> None:
    """This is why the table looks for a member that DynamoDB always sends."""
    with scripted_server(stops_halfway) as server:
        session = boto3.Session("a", "b", region_name="eu-west-1")
        plain = session.client("dynamodb", endpoint_url=server.url, config=Config(retries={"mode": "standard"}))
        response = plain.get_item(TableName="cats", Key={"pk": {"S": "cats#luna"}, "sk": {"S": "record"}})
        plain.close()
    assert "Item" not in response
