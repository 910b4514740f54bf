"""Posts get the numbers 1 to n without gaps or duplicates, under concurrent writes and lost responses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import pytest
from msgspec.structs import replace
from werkzeug.test import TestResponse

from api.context import Context
from api.resources.posts import PostList
from api.services.entity_service import EntityService
from api.services.posts import POSTS
from api.store.sequence import NumberSequence
from api.store.transaction import retry_on_conflict
from tests.support.app import Client
from tests.support.engine_app import EngineApp, MakeEngineApp, statuses
from tests.support.fault_injection import InjectFaults, LostResponse
from tests.support.mutants import ChecksOnlyBefore, ChecksOnlyTheFirst, WithoutRequestToken

CLIENTS = 8
KEY = "one-of-a-kind"


def _post(client: Client, title: str, **headers: str) -> TestResponse:
    return client.post("/posts", {"title": title, "body": f"This is *{title}*."}, **headers)


def _posts(cafe: EngineApp) -> list[Callable[[], TestResponse]]:
    return [partial(_post, client, f"post {index}") for index, client in enumerate(cafe.clients(CLIENTS))]


def _numbers(responses: Sequence[TestResponse]) -> list[int]:
    return sorted(response.get_json()["id"] for response in responses if response.status_code == 201)


def check_numbers(cafe: EngineApp, responses: Sequence[TestResponse], number: int) -> None:
    """Check that exactly the posts 1 to ``number`` exist, each as its response says."""
    assert sorted(map(int, cafe.stored("posts"))) == list(range(1, number + 1)), "the numbers have no gap"
    for response in responses:
        if response.status_code == 201:
            current = cafe.staff.get(response.headers["Location"])
            assert (current.data, current.headers["ETag"]) == (response.data, response.headers["ETag"])
    assert _post(cafe.staff, "one more").get_json()["id"] == number + 1, "the next post has the next number"


def create_concurrently(cafe: EngineApp) -> None:
    """Create posts at once."""
    responses = cafe.race(*_posts(cafe))
    assert statuses(responses) == {201: CLIENTS}
    assert _numbers(responses) == list(range(1, CLIENTS + 1)), "each post has a number of its own"
    check_numbers(cafe, responses, CLIENTS)


def create_with_invalid_posts(cafe: EngineApp) -> None:
    """Create posts at once with invalid ones, which use no number."""
    invalid = [partial(_post, client, "  ") for client in cafe.clients(CLIENTS // 2)]
    responses = cafe.race(*_posts(cafe), *invalid)
    assert statuses(responses) == {201: CLIENTS, 422: CLIENTS // 2}
    assert _post(cafe.staff, "").status_code == 422
    check_numbers(cafe, responses, CLIENTS)


def create_with_repeated_posts(cafe: EngineApp) -> None:
    """Create posts at once with requests that repeat one post with the same Idempotency-Key."""
    repeated = [partial(_post, client, "the same", idempotency_key=KEY) for client in cafe.clients(CLIENTS)]
    responses = cafe.race(*_posts(cafe), *repeated)
    assert statuses(responses) == {201: 2 * CLIENTS}
    assert len({response.data for response in responses[CLIENTS:]}) == 1, "repeated requests get the same response"
    assert _post(cafe.staff, "the same", idempotency_key=KEY).data == responses[-1].data
    check_numbers(cafe, responses, CLIENTS + 1)


def delete_another_post_meanwhile(cafe: EngineApp) -> None:
    """Create and delete another post between the reads and the write of a request."""
    client, other = cafe.staff, cafe.staff

    def create_and_delete() -> None:
        assert other.delete(_post(other, "short").headers["Location"]).status_code == 204

    cafe.table.before_write = create_and_delete
    assert _post(client, "long").get_json()["id"] == 2, "no number is reused"


SCENARIOS = [
    create_concurrently,
    create_with_invalid_posts,
    create_with_repeated_posts,
    delete_another_post_meanwhile,
]


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_post_numbers_have_no_gaps_or_duplicates(cafe: EngineApp, scenario: Callable[[EngineApp], None]) -> None:
    scenario(cafe)


@pytest.mark.parametrize("scenario", SCENARIOS[:3])
@pytest.mark.parametrize("forgetful", [False, True])
def test_post_numbers_have_no_gaps_when_responses_are_lost(
    cafe: EngineApp, inject_faults: InjectFaults, scenario: Callable[[EngineApp], None], forgetful: bool
) -> None:
    injector = inject_faults(cafe)
    injector.lose_every, injector.forgetful = 3, forgetful
    scenario(cafe)


def test_post_with_persistently_lost_response_has_its_number_on_a_retry_with_the_key(
    cafe: EngineApp, inject_faults: InjectFaults
) -> None:
    injector, client = inject_faults(cafe), cafe.staff
    injector.faults.extend([LostResponse()] * 3)
    assert _post(client, "the same", idempotency_key=KEY).status_code == 503
    response = _post(client, "the same", idempotency_key=KEY)
    assert (response.status_code, response.get_json()["id"]) == (201, 1)
    check_numbers(cafe, [response], 1)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_missing_condition_on_the_number_is_detected(
    make_broken_app: MakeEngineApp, scenario: Callable[[EngineApp], None]
) -> None:
    with pytest.raises(
        AssertionError, match=r"a number of its own|the numbers have no gap|the same response|no number is reused"
    ):
        scenario(make_broken_app(ChecksOnlyBefore))


def test_missing_condition_on_the_counter_is_detected(make_broken_app: MakeEngineApp) -> None:
    with pytest.raises(AssertionError, match="no number is reused"):
        delete_another_post_meanwhile(make_broken_app(ChecksOnlyTheFirst))


def allocate_number_first() -> EntityService[Any, Any, Any, Any, Any]:
    """Return a service that allocates the number in its own transaction, before the post is validated."""
    numbers: dict[int, str] = {}

    def authorise(context: Context, *_: object) -> None:
        def allocate() -> int:
            rev = context.dependencies.new_id()
            number, write = NumberSequence(context.dependencies.table, "posts").next(rev)
            context.dependencies.table.transact([write], rev)
            return number

        numbers[id(context)] = str(retry_on_conflict(allocate))

    return replace(POSTS, authorise=authorise, allocate_key=lambda context, _write: (numbers[id(context)], ()))


@pytest.mark.parametrize("scenario", [create_with_invalid_posts, create_with_repeated_posts])
def test_number_allocated_outside_of_the_transaction_is_detected(
    cafe: EngineApp, monkeypatch: pytest.MonkeyPatch, scenario: Callable[[EngineApp], None]
) -> None:
    monkeypatch.setattr(PostList, "service", allocate_number_first())
    with pytest.raises(AssertionError, match="the numbers have no gap"):
        scenario(cafe)


def test_unrecognised_own_write_is_detected(make_broken_app: MakeEngineApp, inject_faults: InjectFaults) -> None:
    cafe = make_broken_app(WithoutRequestToken)
    injector = inject_faults(cafe)
    injector.lose_every, injector.forgetful = 3, True
    with pytest.raises(AssertionError, match="a number of its own"):
        create_concurrently(cafe)
