"""Each post has a number of its own, and numbers increase, under concurrent writes and lost responses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import pytest
from msgspec.structs import replace
from werkzeug.test import TestResponse

from api.context import Context
from api.domain.entity import WriteContext
from api.domain.posts import Post
from api.resources.posts import PostList
from api.services.entity_service import Effects
from api.services.posts import COUNTER, POSTS, allocate_number
from api.store.keys import Key
from api.store.transaction import TransactItem
from tests.support.app import Client
from tests.support.engine_app import EngineApp, MakeEngineApp, statuses
from tests.support.fault_injection import InjectFaults, LostResponse
from tests.support.mutants import ChecksOnlyBefore, WithoutRequestToken

CLIENTS = 8
MANY = 200
KEY = "one-of-a-kind"


def _post(client: Client, title: str, **headers: str) -> TestResponse:
    return client.post("/posts", {"title": title, "body": f"This is *{title}*."}, **headers)


def _posts(cafe: EngineApp, number: int = CLIENTS) -> list[Callable[[], TestResponse]]:
    token = cafe.token("staff")  # one for all clients, because a user has at most 20 sessions
    return [partial(_post, Client(cafe.app.test_client(), token), f"post {index}") for index in range(number)]


def check_numbers(cafe: EngineApp, responses: Sequence[TestResponse], last: int | None = None) -> None:
    """Check that each response has a post of its own, and that there is no other post.

    Args:
        cafe: the application.
        responses: the responses to all requests.
        last: the last number, if no number may be left out.
    """
    created = {response.get_json()["id"] for response in responses if response.status_code == 201}
    texts = {response.data for response in responses if response.status_code == 201}
    assert len(created) == len(texts), "each post has a number of its own"
    assert {int(number) for number in cafe.stored("posts")} == created, "each request creates one post"
    if last is not None:
        assert max(created) == last, "no number is left out"
    for response in responses[:CLIENTS]:
        current = cafe.staff.get(response.headers["Location"])
        assert (current.data, current.headers["ETag"]) == (response.data, response.headers["ETag"])
    assert _post(cafe.staff, "one more").get_json()["id"] > max(created), "the next post has a greater number"


def create_concurrently(cafe: EngineApp, number: int = CLIENTS) -> None:
    """Create posts at once."""
    responses = cafe.race(*_posts(cafe, number))
    assert statuses(responses) == {201: number}, "every request is a 201"
    check_numbers(cafe, responses)


def create_with_invalid_posts(cafe: EngineApp) -> None:
    """Create posts at once with invalid ones, which take no number."""
    invalid = [partial(_post, client, "  ") for client in cafe.clients(CLIENTS // 2)]
    responses = cafe.race(*_posts(cafe), *invalid)
    assert statuses(responses) == {201: CLIENTS, 422: CLIENTS // 2}
    check_numbers(cafe, responses, CLIENTS)


def create_with_repeated_posts(cafe: EngineApp) -> None:
    """Create posts at once with requests that repeat one post with the same Idempotency-Key."""
    repeated = [partial(_post, client, "the same", idempotency_key=KEY) for client in cafe.clients(CLIENTS)]
    responses = cafe.race(*_posts(cafe), *repeated)
    assert statuses(responses) == {201: 2 * CLIENTS}, "every request is a 201"
    assert len({response.data for response in responses[CLIENTS:]}) == 1, "repeated requests get the same response"
    check_numbers(cafe, responses)


def repeat_a_post(cafe: EngineApp) -> None:
    """Repeat a post with its Idempotency-Key. The repeated request takes no number."""
    first = _post(cafe.staff, "the same", idempotency_key=KEY)
    assert _post(cafe.staff, "the same", idempotency_key=KEY).data == first.data
    check_numbers(cafe, [first, _post(cafe.staff, "another")], 2)


def delete_the_last_post(cafe: EngineApp) -> None:
    """Delete the last post before the next one is created."""
    first = _post(cafe.staff, "short")
    assert cafe.staff.delete(first.headers["Location"]).status_code == 204
    assert _post(cafe.staff, "long").get_json()["id"] > first.get_json()["id"], "no number is used again"


CONCURRENT = [create_concurrently, create_with_repeated_posts]


@pytest.mark.parametrize("scenario", [*CONCURRENT, create_with_invalid_posts, repeat_a_post, delete_the_last_post])
def test_each_post_has_a_greater_number_of_its_own(cafe: EngineApp, scenario: Callable[[EngineApp], None]) -> None:
    scenario(cafe)


def test_200_posts_at_once_are_created(cafe: EngineApp) -> None:
    create_concurrently(cafe, MANY)


@pytest.mark.parametrize("scenario", CONCURRENT)
@pytest.mark.parametrize("forgetful", [False, True])
def test_each_post_has_a_number_of_its_own_when_responses_are_lost(
    cafe: EngineApp, inject_faults: InjectFaults, scenario: Callable[[EngineApp], None], forgetful: bool
) -> None:
    injector = inject_faults(cafe)
    injector.lose_every, injector.forgetful = 3, forgetful
    scenario(cafe)


def test_number_with_a_lost_response_is_left_out(cafe: EngineApp, inject_faults: InjectFaults) -> None:
    injector, client = inject_faults(cafe), cafe.staff
    injector.faults.append(LostResponse())
    response = _post(client, "after the gap")
    assert (response.status_code, response.get_json()["id"]) == (201, 2)


def test_post_with_persistently_lost_response_has_its_number_on_a_retry_with_the_key(
    cafe: EngineApp, inject_faults: InjectFaults
) -> None:
    injector, client = inject_faults(cafe), cafe.staff
    injector.faults.extend([None, *[LostResponse()] * 3])
    assert _post(client, "the same", idempotency_key=KEY).status_code == 503
    response = _post(client, "the same", idempotency_key=KEY)
    assert (response.status_code, response.get_json()["id"]) == (201, 1)
    check_numbers(cafe, [response], 1)


def test_counter_of_the_last_release_is_continued(cafe: EngineApp) -> None:
    """The last release writes the counter in the transaction of the post, on the condition of its rev."""
    cafe.table.transact([TransactItem("Put", {**COUNTER, "last": 41, "rev": "r"}, None)], "r")
    assert _post(cafe.staff, "new").get_json()["id"] == 42
    counter = cafe.table.get(COUNTER, consistent=True)
    assert counter is not None
    assert counter["rev"] not in ("r", None)
    cafe.table.transact([TransactItem("Put", {**COUNTER, "last": 43, "rev": "s"}, str(counter["rev"]))], "s")
    assert _post(cafe.staff, "newer").get_json()["id"] == 44


class ReadsTheCounter(ChecksOnlyBefore):
    """Reads the counter and writes it in another call. Writes have no conditions."""

    def increment(self, key: Key, name: str, rev: str) -> int:
        """Read, wait for the other writers, and write."""
        item = self.get(key, consistent=True) or {name: 0}
        if self.rendezvous:
            self.rendezvous.arrive()
        number = int(item[name]) + 1
        self.write([TransactItem("Put", {**key, name: number, "rev": rev}, None)], f"{rev}-counter")
        return number


def test_counter_that_is_not_atomic_is_detected(make_broken_app: MakeEngineApp) -> None:
    with pytest.raises(AssertionError, match="a number of its own"):
        create_concurrently(make_broken_app(ReadsTheCounter))


def test_unrecognised_own_write_is_detected(make_broken_app: MakeEngineApp, inject_faults: InjectFaults) -> None:
    cafe = make_broken_app(WithoutRequestToken)
    injector, client = inject_faults(cafe), cafe.staff
    injector.faults.extend([None, LostResponse()])
    injector.forgetful = True
    with pytest.raises(AssertionError, match="each request creates one post"):
        check_numbers(cafe, [_post(client, "once")])


def count_in_the_transaction() -> Any:
    """Return a service that writes the counter in the transaction of the post, as the last release did."""

    def allocate(context: Context, _write: WriteContext) -> str:
        item = context.dependencies.table.get(COUNTER, consistent=True)
        return str(int(item["last"]) + 1 if item else 1)

    def count(
        context: Context, _before: Post | None, after: Post | None, _related: None, write: WriteContext
    ) -> Effects[Post]:
        item = context.dependencies.table.get(COUNTER, consistent=True)
        number = after.id if after else 0
        put = TransactItem("Put", {**COUNTER, "last": number, "rev": write.id}, str(item["rev"]) if item else None)
        return Effects(after, writes=[put])

    return replace(POSTS, allocate_key=allocate, side_effects=count)


def take_number_first() -> Any:
    """Return a service that takes the number before the post is validated."""
    numbers: dict[int, str] = {}

    def authorise(context: Context, *_: object) -> None:
        numbers[id(context)] = allocate_number(context, context.write_context())

    return replace(POSTS, authorise=authorise, allocate_key=lambda context, _write: numbers[id(context)])


def take_highest_number() -> Any:
    """Return a service that takes the highest number of a post plus one."""

    def allocate(context: Context, _write: WriteContext) -> str:
        spans, _ = POSTS.list_query(context, {})
        page = POSTS.repository.page(context.dependencies.table, spans, None, 1, None)
        return str(page.items[0].id + 1 if page.items else 1)

    return replace(POSTS, allocate_key=allocate)


@pytest.mark.parametrize(
    ("service", "scenario", "message"),
    [
        (count_in_the_transaction, partial(create_concurrently, number=30), "every request is a 201"),
        (take_number_first, create_with_invalid_posts, "no number is left out"),
        (take_highest_number, delete_the_last_post, "no number is used again"),
    ],
)
def test_number_from_elsewhere_is_detected(
    cafe: EngineApp,
    monkeypatch: pytest.MonkeyPatch,
    service: Callable[[], Any],
    scenario: Callable[[EngineApp], None],
    message: str,
) -> None:
    monkeypatch.setattr(PostList, "service", service())
    monkeypatch.setattr("api.store.transaction.TRIES", 10)  # fewer than the concurrent clients
    with pytest.raises(AssertionError, match=message):
        scenario(cafe)
