"""Missing, damaged and error responses of DynamoDB are retried or reported correctly.

Each test runs with the msgspec parser of responses and with the parser of botocore: the results must be the same.
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
    close_connection,
    reset_connection,
    respond,
    respond_and_announce_close,
    respond_and_close,
    respond_error,
    respond_raw,
    scripted_server,
    truncate,
    truncate_without_checksum,
)
from tests.support.tls import self_signed
from tools.local.child_server import free_port

pytestmark = pytest.mark.slow

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
DAMAGED = {
    "closed connection": close_connection, "reset connection": reset_connection, "truncated": truncate,
    "truncated, no checksum": truncate_without_checksum,
    "wrong checksum": respond(checksum=1), "checksum of letters": respond(checksum="x"),
    "wrong checksum of an error": respond(b'{"__type": "ValidationException"}', 400, checksum=1),
    "HTML": respond_raw(b"<html>Bad gateway</html>"), "HTML, 502": respond_raw(b"<html>Bad gateway</html>", 502),
    "no body": respond_raw(b""), "no body, 403": respond_raw(b"", 403),
    "an array": respond_raw(b"[]"), "an array, 502": respond_raw(b"[]", 502), "null": respond_raw(b"null"),
    "a string": respond_raw(b'"Item"'), "a number": respond_raw(b"1e999"), "no UTF-8": respond_raw(b'{"\xff": 1}'),
    "an empty object": respond_raw(b"{}"), "another object": respond_raw(b'{"Item": {"pk": {"S": "other"}}}'),
    "moved": respond_raw(b"", 301), "null members": respond_raw(b'{"ConsumedCapacity": null, "Item": null}'),
    "an error without a code": respond_error(""),
}  # fmt: skip
BUSY = {
    "500": respond_error("InternalServerError", 500), "503": respond_raw(b"{}", 503), "429": respond_raw(b"{}", 429),
    **{code: respond_error(code) for code in sorted(THROTTLED | TRANSIENT)},
}  # fmt: skip
FAULTS = DAMAGED | BUSY


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate of 127.0.0.1 with its key."""
    pem = tmp_path_factory.mktemp("tls") / "server.pem"
    pem.write_bytes(self_signed("127.0.0.1"))
    return pem


@pytest.fixture(autouse=True)
def reset_budget() -> Iterator[None]:
    """Remove the request budget after each test."""
    yield
    request_budget.current_budget.set(None)


@pytest.fixture
def pauses() -> list[float]:
    """The pauses between attempts; the tests do not wait for them."""
    return []


@pytest.fixture(params=["msgspec", "botocore"])
def connect(
    request, pauses: list[float], certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[str], Table]]:
    """A factory of tables on a scripted server. They are closed after the test."""
    monkeypatch.setenv("AWS_CA_BUNDLE", str(certificate))
    tables: list[Table] = []

    def connect_to(url: str) -> Table:
        boto3_client = make_client(Settings(table_name="cats", cursor_key="k" * 32, dynamodb_url=url))
        if request.param == "botocore":
            boto3_client.meta.events.unregister("before-parse.dynamodb", parse_response_body)
        tables.append(Table(boto3_client, "cats", pause=pauses.append))
        return tables[-1]

    yield connect_to
    for table in tables:
        table.client.close()


def connections(server: ScriptedServer) -> list[int]:
    return [number for number, _, _ in server.received]


@pytest.mark.parametrize("operation", CALLS)
def test_request_has_the_format_of_dynamodb(connect, operation: str) -> None:
    with scripted_server(respond()) as server:
        assert CALLS[operation](connect(server.url)) == RESULTS[operation]
    [(_, headers, body)] = server.received
    assert headers["x-amz-target"] == f"DynamoDB_20120810.{operation}"
    assert headers["content-type"] == "application/x-amz-json-1.0"
    assert headers["host"] == urlsplit(server.url).netloc
    assert headers["user-agent"].startswith("clowder/")
    assert body["ReturnConsumedCapacity"] == "TOTAL", "this member shows that a response is complete"


def test_sequential_requests_share_a_connection(connect) -> None:
    with scripted_server(respond()) as server:
        table = connect(server.url)
        for _ in range(5):
            table.get(KEY, consistent=True)
    assert connections(server) == [0] * 5


def test_each_thread_has_its_own_connection_and_gets_its_own_response(connect) -> None:
    barrier = Barrier(8)

    def echo(request: Requests) -> None:
        barrier.wait(30)
        body = next(body for number, _, body in request.server.received if number == request.number)
        respond(b'{"ConsumedCapacity": {"CapacityUnits": 1}, "Item": %s}' % json.dumps(body["Key"]).encode())(request)

    with scripted_server(echo) as server, ThreadPoolExecutor(8) as threads:
        table = connect(server.url)
        keys = [{"pk": str(number), "sk": "record"} for number in range(8)]
        assert list(threads.map(lambda key: table.get(key, consistent=True), keys)) == keys
    assert sorted(connections(server)) == list(range(8))


@pytest.mark.parametrize("tls", [False, True])
@pytest.mark.parametrize("action", [respond_and_close, respond_and_announce_close])
def test_connection_closed_between_requests_is_replaced_without_a_pause(
    connect, pauses, certificate: Path, action, tls: bool
) -> None:
    with scripted_server(action, certificate=certificate if tls else None) as server:
        table = connect(server.url)
        for number in range(4):
            assert table.get(KEY, consistent=True) == RESULTS["GetItem"]
            server.wait_for_closed(number + 1)
    assert (connections(server), pauses) == ([0, 1, 2, 3], [])


@pytest.mark.parametrize("operation", CALLS)
@pytest.mark.parametrize(
    "fault", ["truncated", "truncated, no checksum", "wrong checksum", "an empty object", "closed connection"]
)
def test_every_operation_is_retried_after_a_damaged_response(connect, fault: str, operation: str) -> None:
    with scripted_server(FAULTS[fault], respond()) as server:
        assert CALLS[operation](connect(server.url)) == RESULTS[operation]
    first, second = (body for _, _, body in server.received)
    assert first == second, "a retried transaction has the same ClientRequestToken"


@pytest.mark.parametrize("fault", FAULTS)
def test_temporary_fault_is_retried_and_persistent_fault_is_unavailable(connect, pauses, fault: str) -> None:
    with scripted_server(FAULTS[fault], FAULTS[fault], respond(), FAULTS[fault]) as server:
        table = connect(server.url)
        assert table.get(KEY, consistent=True) == RESULTS["GetItem"]
        assert len(server.received) == ATTEMPTS
        longest = THROTTLED_PAUSE_SECONDS if fault in THROTTLED | {"429"} else PAUSE_SECONDS
        first, second = pauses
        assert 0 <= first <= longest
        assert 0 <= second <= 2 * longest
        with pytest.raises(Unavailable) as caught:
            table.get(KEY, consistent=True)
    assert (len(server.received), len(pauses)) == (2 * ATTEMPTS, 2 * (ATTEMPTS - 1))
    assert caught.value.__cause__ is not None, "the log names the cause"


def test_pause_after_throttling_is_longer(connect, pauses) -> None:
    with scripted_server(respond_error("ThrottlingException")) as server:
        table = connect(server.url)
        for _ in range(20):
            with pytest.raises(Unavailable):
                table.get(KEY, consistent=True)
    assert max(pauses) > 2 * PAUSE_SECONDS, "some of twenty random pauses are longer"


def test_no_attempt_begins_that_might_miss_the_deadline(connect) -> None:
    budget = request_budget.RequestBudget()
    request_budget.current_budget.set(budget)

    def late_deadline(_: float) -> None:
        budget.ends = monotonic() + 2

    with scripted_server(close_connection) as server:
        table = Table(connect(server.url).client, "cats", attempt_seconds=3, pause=late_deadline)
        with pytest.raises(Unavailable) as caught:
            table.get(KEY, consistent=True)
    assert caught.value.__cause__ is not None, "the log names the cause"
    assert len(server.received) == 1


def test_cause_names_an_address_without_a_server(connect) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    with pytest.raises(Unavailable) as caught:
        connect(url).get(KEY, consistent=True)
    assert url in str(caught.value.__cause__)


def test_server_without_response_is_a_timeout(connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "READ_SECONDS", 0.05)
    with scripted_server(lambda request: request.rfile.read(1)) as server, pytest.raises(Unavailable) as caught:
        connect(server.url).get(KEY, consistent=True)
    assert len(server.received) == ATTEMPTS
    assert "timeout" in str(caught.value.__cause__)


@pytest.mark.parametrize("code", ["ValidationException", "AccessDeniedException", "ResourceNotFoundException"])
def test_permanent_error_is_not_retried(connect, pauses, code: str) -> None:
    with scripted_server(respond_error(code)) as server, pytest.raises(ClientError) as caught:
        connect(server.url).get(KEY, consistent=True)
    assert (len(server.received), pauses) == (1, [])
    assert caught.value.response["Error"] == {"Code": code, "Message": f"No: {code}."}


def test_null_members_are_treated_as_missing(connect) -> None:
    body = b'{"ConsumedCapacity": {}, "Item": null, "Items": [], "LastEvaluatedKey": null}'
    with scripted_server(respond(body)) as server:
        table = connect(server.url)
        assert table.get(KEY, consistent=True) is None
        assert table.query(KeyRange(None, "cats#luna"), 10) == ([], False)


def test_cancelled_transaction_without_reasons_is_retried(connect) -> None:
    with scripted_server(respond_error("TransactionCanceledException"), respond()) as server:
        CALLS["TransactWriteItems"](connect(server.url))
    assert len(server.received) == 2


def test_boto3_alone_treats_a_truncated_response_as_a_missing_item() -> None:
    """Document why the table checks for a member that DynamoDB always sends."""
    with scripted_server(truncate) as server:
        session = boto3.Session("a", "b", region_name="eu-west-1")
        plain = session.client("dynamodb", endpoint_url=server.url, config=Config(retries={"mode": "standard"}))
        response = plain.get_item(TableName="cats", Key={"pk": {"S": "cats#luna"}, "sk": {"S": "record"}})
        plain.close()
    assert "Item" not in response
