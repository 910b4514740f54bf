"""Concurrent POST requests with one Idempotency-Key have one effect and get the same response."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from werkzeug.test import TestResponse

from api.http.idempotency import IdempotentRequest, SavedResponse
from api.store.keys import Item, Key
from tests.support import inspection
from tests.support.app import Client, problem
from tests.support.engine_app import EngineApp, InstrumentedTable, MakeEngineApp, statuses
from tests.support.mutants import ChecksOnlyBefore, SavesResponseLater
from tests.support.users import PASSWORD
from tools.tables import scan

CLIENTS = 12
KEY = "one-of-a-kind"


def _create(client: Client) -> TestResponse:
    return client.post("/cats", {"name": "luna", "description": "Created once."}, idempotency_key=KEY)


def _weigh(client: Client) -> TestResponse:
    return client.post("/cats/luna/weights", {"grams": 4000}, idempotency_key=KEY)


def content(response: TestResponse) -> tuple[int, bytes, str, str]:
    """Return the parts of a response that have to be the same for all clients."""
    return response.status_code, response.data, response.headers["Location"], response.headers["ETag"]


def create_one_cat(cafe: EngineApp) -> None:
    """POST the same cat with one key many times at once."""
    responses = cafe.race(*(partial(_create, client) for client in cafe.clients(CLIENTS)))
    assert statuses(responses) == {201: CLIENTS}, "every response is a 201"
    assert len({content(response) for response in responses}) == 1, "all responses are the same"
    assert cafe.count_items("luna") == Counter(record=1, history=1), "the cat is created once"
    current = cafe.staff.get(responses[0].headers["Location"])
    assert (current.data, current.headers["ETag"]) == (responses[0].data, responses[0].headers["ETag"])


def create_one_weight(cafe: EngineApp) -> None:
    """POST the same weight with one key many times at once."""
    cafe.staff.put("/cats/luna", {})
    responses = cafe.race(*(partial(_weigh, client) for client in cafe.clients(CLIENTS)))
    assert statuses(responses) == {201: CLIENTS}, "every response is a 201"
    assert len({content(response) for response in responses}) == 1, "all responses are the same"
    assert cafe.count_items("luna") == Counter(record=1, history=1, weights=1), "the weight is created once"
    assert cafe.staff.get(responses[0].headers["Location"]).data == responses[0].data


class PausesAfterTheKey(InstrumentedTable):
    """A table with a hook after the next read of a saved response."""

    after_key_read: Callable[[], object] | None = None

    def get(self, key: Key, *, consistent: bool) -> Item | None:
        """Read an item, and call the hook."""
        item = super().get(key, consistent=consistent)
        if key["pk"].startswith("idempotency#") and self.after_key_read:
            hook, self.after_key_read = self.after_key_read, None
            hook()
        return item


CREATIONS: dict[str, dict[str, Any]] = {
    "/cats": {"name": "luna"},
    "/pies": {"name": "apple"},
    "/users": {"username": "ada", "password": PASSWORD},
    "/posts": {"title": "News", "body": "Luna *purrs*."},
    "/todos": {"title": "Sweep"},
    "/cats/milo/weights": {"grams": 4000},
}


def create_while_the_same_request_is_made(cafe: EngineApp, path: str) -> None:
    """Send a request that is committed by another client after its key has been read, and before anything else is."""
    cafe.staff.put("/cats/milo", {})
    role = "public" if path == "/users" else "staff"
    first, second = (cafe.client(role) for _ in range(2))  # type: ignore[arg-type]
    send = partial(Client.post, path=path, json=CREATIONS[path], idempotency_key=KEY)
    responses: list[TestResponse] = []
    assert isinstance(cafe.table, PausesAfterTheKey)
    cafe.table.after_key_read = lambda: responses.append(send(first))
    responses.append(send(second))
    assert statuses(responses) == {201: 2}, "every response is a 201"
    assert len({content(response) for response in responses}) == 1, "all responses are the same"
    assert [response.headers.get("Idempotent-Replayed") for response in responses] == [None, "true"]
    if not path.endswith("/weights"):
        assert len(cafe.stored(path[1:]).keys() - {"milo", "the staff"}) == 1, "the effect happens once"


class _Crash(BaseException):
    """The end of the server process. It is no Exception, so that no error handler makes a response."""


def _crash() -> None:
    raise _Crash


def crash_after_the_write(cafe: EngineApp) -> None:
    """Crash the server right after the write, and send the request again."""
    client = cafe.staff
    cafe.table.after_write = _crash
    with pytest.raises(_Crash):
        _create(client)
    assert cafe.count_items("luna") == Counter(record=1, history=1)
    response = _create(client)
    assert response.status_code == 201, "the repeated request is a 201"
    assert response.headers["ETag"] == cafe.staff.get("/cats/luna").headers["ETag"]
    assert cafe.count_items("luna") == Counter(record=1, history=1), "the cat is created once"


def test_concurrent_posts_of_a_cat_with_one_key_create_one_cat(cafe: EngineApp) -> None:
    create_one_cat(cafe)


def test_concurrent_posts_of_a_weight_with_one_key_create_one_weight(cafe: EngineApp) -> None:
    create_one_weight(cafe)


def test_saved_response_survives_a_crash_after_the_write(cafe: EngineApp) -> None:
    crash_after_the_write(cafe)


def test_concurrent_different_posts_with_one_key_are_one_201_and_one_422(cafe: EngineApp) -> None:
    luna, milo = (
        partial(client.post, "/cats", {"name": name}, idempotency_key=KEY)
        for client, name in zip(cafe.clients(2), ("luna", "milo"), strict=True)
    )
    responses = cafe.race(luna, milo)
    assert statuses(responses) == {201: 1, 422: 1}
    problem(next(response for response in responses if response.status_code == 422), 422)
    assert cafe.count_items("luna") + cafe.count_items("milo") == Counter(record=1, history=1)


def test_expired_key_is_reused_once_by_concurrent_posts(cafe: EngineApp) -> None:
    cafe.staff.put("/cats/luna", {})
    assert _weigh(cafe.staff).status_code == 201
    cafe.clock.advance(hours=24)
    responses = cafe.race(*(partial(_weigh, client) for client in cafe.clients(CLIENTS)))
    assert (statuses(responses), len({content(response) for response in responses})) == ({201: CLIENTS}, 1)
    assert cafe.count_items("luna")["weights"] == 2


def test_expired_response_may_be_deleted_during_a_request(cafe: EngineApp) -> None:
    """DynamoDB deletes expired items at any time, also between the read and the write of a request."""
    cafe.staff.put("/cats/luna", {})
    assert _weigh(cafe.staff).status_code == 201
    cafe.clock.advance(hours=24)
    client = cafe.staff
    cafe.table.before_write = partial(_delete_saved_responses, cafe)
    assert _weigh(client).status_code == 201
    assert cafe.count_items("luna")["weights"] == 2


def _delete_saved_responses(cafe: EngineApp) -> None:
    for item in scan(cafe.table):
        if item["pk"]["S"].startswith("idempotency#"):
            inspection.delete(cafe.table, item)


@pytest.mark.parametrize("path", CREATIONS)
def test_request_that_overtakes_the_same_request_gets_its_response(make_broken_app: MakeEngineApp, path: str) -> None:
    create_while_the_same_request_is_made(make_broken_app(PausesAfterTheKey), path)


class LooksOnce(IdempotentRequest):
    """A request that looks for the saved response before it plans the effect only."""

    _looked = False

    def replay(self) -> SavedResponse | None:
        """Return the saved response at the first call."""
        looked, self._looked = self._looked, True
        return None if looked else super().replay()


@pytest.mark.parametrize("path", ["/cats", "/pies", "/users"])
def test_missing_second_look_is_detected(
    make_broken_app: MakeEngineApp, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setattr("api.http.resource.IdempotentRequest", LooksOnce)
    with pytest.raises(AssertionError, match="every response is a 201"):
        create_while_the_same_request_is_made(make_broken_app(PausesAfterTheKey), path)


@pytest.mark.parametrize("scenario", [create_one_weight, crash_after_the_write])
def test_response_saved_after_the_effect_is_detected(
    make_broken_app: MakeEngineApp, scenario: Callable[[EngineApp], None]
) -> None:
    with pytest.raises(AssertionError, match=r"the weight is created once|response is a 201|request is a 201"):
        scenario(make_broken_app(SavesResponseLater))


@pytest.mark.parametrize("scenario", [create_one_cat, create_one_weight])
def test_missing_condition_on_the_key_is_detected(
    make_broken_app: MakeEngineApp, scenario: Callable[[EngineApp], None]
) -> None:
    with pytest.raises(AssertionError, match="all responses are the same"):
        scenario(make_broken_app(ChecksOnlyBefore))
