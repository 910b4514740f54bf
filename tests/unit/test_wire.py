"""The wire to DynamoDB: what is sent, when it is sent again, and what the café hears of it."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from urllib.parse import urlsplit

import pytest

from api.domain.errors import Unavailable
from api.store import line, wire
from api.store.line import Line
from api.store.sigv4 import Key, Signer
from api.store.wire import (
    AGAIN,
    ATTEMPT_SECONDS,
    ATTEMPTS,
    PAUSE_SECONDS,
    THROTTLED,
    THROTTLED_SECONDS,
    WORST_SECONDS,
    Refused,
    Wire,
)
from tests.certificate import self_signed
from tests.unit.far_end import (
    FarEnd,
    Requests,
    answers,
    answers_and_closes,
    answers_once,
    far_end,
    garbage,
    hangs_up,
    nothing,
    refuses,
    resets,
    stops_halfway,
)
from tools.daemon import free_port

GOOD = {"told": "so"}
BAD = {
    "hangs up": hangs_up, "resets": resets, "stops halfway": stops_halfway, "garbage": garbage, "nothing": nothing,
    "damaged": answers(checksum=1), "500": refuses("InternalServerError", 500), "503": answers({}, 503),
    "throttled": refuses("ThrottlingException"), "throttled in front of it": answers({}, 429),
    "in progress": refuses("TransactionInProgressException"),
}  # fmt: skip


class Pauses:
    """Waits for nothing, and remembers for how long it should have."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


@pytest.fixture
def pauses() -> Pauses:
    """The pauses of a wire."""
    return Pauses()


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of 127.0.0.1 with its key, which vouches for itself."""
    pem = tmp_path_factory.mktemp("trust") / "far-end.pem"
    pem.write_bytes(self_signed("127.0.0.1"))
    return pem


@pytest.fixture
def wires(pauses: Pauses, certificate: Path) -> Iterator[object]:
    """Make wires that are closed after the test."""
    made: list[Wire] = []

    def to(url: str) -> Wire:
        signer = Signer(urlsplit(url).netloc, "/", "eu-west-1", "dynamodb", lambda: Key("key", "secret"))
        made.append(Wire(Line(urlsplit(url), certificate), signer, pauses))
        return made[-1]

    yield to
    for one in made:
        one.line.close()


def heard(end: FarEnd) -> list[int]:
    return [number for number, _, _ in end.heard]


def test_a_request_is_sent_as_dynamodb_takes_it(wires) -> None:
    with far_end(answers()) as end:
        assert wires(end.url).call("GetItem", {"TableName": "cats", "Key": {"pk": {"S": "lü"}}}) == GOOD
    [(_, headers, body)] = end.heard
    assert body == {"TableName": "cats", "Key": {"pk": {"S": "lü"}}}
    assert headers["x-amz-target"] == "DynamoDB_20120810.GetItem"
    assert headers["content-type"] == "application/x-amz-json-1.0"
    assert headers["host"] == urlsplit(end.url).netloc
    assert headers["user-agent"].startswith("clowder/")
    assert "user-agent" not in headers["authorization"], "proxies may change it"


def test_requests_one_after_the_other_share_a_connection(wires) -> None:
    with far_end(answers()) as end:
        one = wires(end.url)
        for _ in range(5):
            one.call("GetItem", {})
    assert heard(end) == [0] * 5


def test_threads_have_a_connection_each_while_they_need_one_and_no_answer_goes_astray(wires) -> None:
    crowd = Barrier(8)

    def echo(request: Requests) -> None:
        crowd.wait(30)
        answers(request.server.heard[[n for n, _, _ in request.server.heard].index(request.number)][2])(request)

    with far_end(echo) as end, ThreadPoolExecutor(8) as threads:
        one = wires(end.url)
        told = list(threads.map(lambda number: one.call("GetItem", {"n": number}), range(8)))
    assert told == [{"n": number} for number in range(8)]
    assert sorted(heard(end)) == list(range(8))


@pytest.mark.parametrize("secret", [False, True])
@pytest.mark.parametrize("ends", [answers_and_closes, answers_once])
def test_a_connection_that_was_closed_meanwhile_costs_neither_a_pause_nor_a_failure(
    wires, pauses, certificate: Path, ends, secret: bool
) -> None:
    with far_end(ends, certificate=certificate if secret else None) as end:
        one = wires(end.url)
        for number in range(4):
            assert one.call("GetItem", {}) == GOOD
            end.ended(number + 1)
    assert (heard(end), pauses.seconds) == ([0, 1, 2, 3], [])


@pytest.mark.parametrize("fault", BAD)
def test_what_may_be_gone_the_next_time_is_tried_again_after_a_pause(wires, pauses, fault: str) -> None:
    with far_end(BAD[fault], BAD[fault], answers()) as end:
        assert wires(end.url).call("GetItem", {}) == GOOD
    assert len(end.heard) == ATTEMPTS
    most = THROTTLED_SECONDS if "throttled" in fault else PAUSE_SECONDS
    first, second = pauses.seconds
    assert 0 <= first <= most
    assert 0 <= second <= 2 * most


def test_a_throttled_caller_waits_longer(wires, pauses) -> None:
    with far_end(BAD["throttled"]) as end:
        for _ in range(20):
            with pytest.raises(Unavailable):
                wires(end.url).call("GetItem", {})
    assert max(pauses.seconds) > 2 * PAUSE_SECONDS, "twenty draws by lot are not all that small"


def test_no_attempt_begins_that_might_end_too_late(wires, monkeypatch: pytest.MonkeyPatch) -> None:
    """A far end that trickles takes longer for one attempt than all of them may."""
    now = iter([0.0, WORST_SECONDS - ATTEMPT_SECONDS + 0.1])
    monkeypatch.setattr(wire.time, "monotonic", lambda: next(now))
    with far_end(hangs_up) as end, pytest.raises(Unavailable):
        wires(end.url).call("GetItem", {})
    assert len(end.heard) == 1


@pytest.mark.parametrize("fault", BAD)
def test_what_stays_is_told_after_three_attempts(wires, pauses, fault: str) -> None:
    with far_end(BAD[fault]) as end, pytest.raises(Unavailable) as caught:
        wires(end.url).call("GetItem", {})
    assert (len(end.heard), len(pauses.seconds)) == (ATTEMPTS, ATTEMPTS - 1)
    assert caught.value.__cause__ is not None


def test_nobody_there_is_told_with_the_address(wires) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    with pytest.raises(Unavailable) as caught:
        wires(url).call("GetItem", {})
    assert url in str(caught.value.__cause__)


def test_a_server_that_says_nothing_is_given_up(wires, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line, "READ_SECONDS", 0.05)
    with far_end(lambda request: request.rfile.read(1)) as end, pytest.raises(Unavailable) as caught:
        wires(end.url).call("GetItem", {})
    assert len(end.heard) == ATTEMPTS
    assert "timed out" in str(caught.value.__cause__)


@pytest.mark.parametrize("code", ["ValidationException", "AccessDeniedException", "TransactionCanceledException"])
def test_what_would_be_refused_again_is_refused_at_once(wires, pauses, code: str) -> None:
    assert code not in AGAIN | THROTTLED
    with far_end(refuses(code, CancellationReasons=[{"Code": "None"}])) as end, pytest.raises(Refused) as caught:
        wires(end.url).call("PutItem", {})
    assert (len(end.heard), pauses.seconds) == (1, [])
    assert str(caught.value) == f"PutItem: {code}: No: {code}."
    assert (caught.value.code, caught.value.answer["CancellationReasons"]) == (code, [{"Code": "None"}])
