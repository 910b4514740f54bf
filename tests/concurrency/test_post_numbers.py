"""Posts are numbered 1 to n: none is left out and none comes twice, whoever else writes and whatever gets lost."""

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

CROWD = 8
KEY = "one-of-a-kind"


def _post(caller: Client, title: str, **headers: str) -> TestResponse:
    return caller.post("/posts", {"title": title, "body": f"This is *{title}*."}, **headers)


def _posts(cafe: EngineApp, what: str = "post") -> list[Callable[[], TestResponse]]:
    return [partial(_post, caller, f"{what} {place}") for place, caller in enumerate(cafe.clients(CROWD))]


def _numbers(answers: Sequence[TestResponse]) -> list[int]:
    return sorted(answer.get_json()["id"] for answer in answers if answer.status_code == 201)


def numbered(cafe: EngineApp, answers: Sequence[TestResponse], number: int) -> None:
    """Check that so many posts are there under the first numbers, each as whoever wrote it was told."""
    assert sorted(map(int, cafe.stored("posts"))) == list(range(1, number + 1)), "none is left out, none comes twice"
    for answer in answers:
        if answer.status_code == 201:
            there = cafe.staff.get(answer.headers["Location"])
            assert (there.data, there.headers["ETag"]) == (answer.data, answer.headers["ETag"])
    assert _post(cafe.staff, "one more").get_json()["id"] == number + 1, "the next one has the next number"


def written_by_many(cafe: EngineApp) -> None:
    """Let a crowd write at once."""
    answers = cafe.race(*_posts(cafe))
    assert statuses(answers) == {201: CROWD}
    assert _numbers(answers) == list(range(1, CROWD + 1)), "each is told a number of its own"
    numbered(cafe, answers, CROWD)


def some_are_no_posts(cafe: EngineApp) -> None:
    """Let a crowd write at once, and others send what is no post: those take no number."""
    blank = [partial(_post, caller, "  ") for caller in cafe.clients(CROWD // 2)]
    answers = cafe.race(*_posts(cafe), *blank)
    assert statuses(answers) == {201: CROWD, 422: CROWD // 2}
    assert _post(cafe.staff, "").status_code == 422
    numbered(cafe, answers, CROWD)


def some_are_sent_twice(cafe: EngineApp) -> None:
    """Let a crowd send one post under one key, while others write their own."""
    again = [partial(_post, caller, "the same", idempotency_key=KEY) for caller in cafe.clients(CROWD)]
    answers = cafe.race(*_posts(cafe), *again)
    assert statuses(answers) == {201: 2 * CROWD}
    assert len({answer.data for answer in answers[CROWD:]}) == 1, "what is sent again gets the same answer"
    assert _post(cafe.staff, "the same", idempotency_key=KEY).data == answers[-1].data
    numbered(cafe, answers, CROWD + 1)


def a_number_is_not_given_again(cafe: EngineApp) -> None:
    """Let a post come and go while another one is being written."""
    caller, other = cafe.staff, cafe.staff

    def come_and_go() -> None:
        assert other.delete(_post(other, "short").headers["Location"]).status_code == 204

    cafe.table.before_write = come_and_go
    assert _post(caller, "long").get_json()["id"] == 2, "no number is given twice"


PROOFS = [written_by_many, some_are_no_posts, some_are_sent_twice, a_number_is_not_given_again]


@pytest.mark.parametrize("proof", PROOFS)
def test_posts_are_numbered_without_a_gap_and_none_twice(cafe: EngineApp, proof: Callable[[EngineApp], None]) -> None:
    proof(cafe)


@pytest.mark.parametrize("proof", PROOFS[:3])
@pytest.mark.parametrize("forgetful", [False, True])
def test_they_are_even_where_every_third_reply_of_the_store_is_lost(
    cafe: EngineApp, inject_faults: InjectFaults, proof: Callable[[EngineApp], None], forgetful: bool
) -> None:
    injector = inject_faults(cafe)
    injector.lose_every, injector.forgetful = 3, forgetful
    proof(cafe)


def test_a_post_whose_reply_stays_lost_has_its_number_when_it_is_sent_again_under_its_key(
    cafe: EngineApp, inject_faults: InjectFaults
) -> None:
    injector, caller = inject_faults(cafe), cafe.staff
    injector.faults.extend([LostResponse()] * 3)
    assert _post(caller, "the same", idempotency_key=KEY).status_code == 503
    again = _post(caller, "the same", idempotency_key=KEY)
    assert (again.status_code, again.get_json()["id"]) == (201, 1)
    numbered(cafe, [again], 1)


@pytest.mark.parametrize("proof", PROOFS)
def test_a_number_that_is_looked_up_only_before_the_write_is_caught(
    make_broken_app: MakeEngineApp, proof: Callable[[EngineApp], None]
) -> None:
    with pytest.raises(AssertionError, match=r"a number of its own|none comes twice|the same answer|no number is"):
        proof(make_broken_app(ChecksOnlyBefore))


def test_a_counter_that_is_not_guarded_is_caught(make_broken_app: MakeEngineApp) -> None:
    with pytest.raises(AssertionError, match="no number is given twice"):
        a_number_is_not_given_again(make_broken_app(ChecksOnlyTheFirst))


def takes_the_number_first() -> EntityService[Any, Any, Any, Any, Any]:
    """Return a service that takes a number in its own transaction, before the post is validated."""
    taken: dict[int, str] = {}

    def authorise(context: Context, *_: object) -> None:
        def take() -> int:
            rev = context.dependencies.new_id()
            number, write = NumberSequence(context.dependencies.table, "posts").next(rev)
            context.dependencies.table.transact([write], rev)
            return number

        taken[id(context)] = str(retry_on_conflict(take))

    return replace(POSTS, authorise=authorise, allocate_key=lambda context, _write: (taken[id(context)], ()))


@pytest.mark.parametrize("proof", [some_are_no_posts, some_are_sent_twice])
def test_a_number_that_is_taken_before_the_post_is_written_is_caught(
    cafe: EngineApp, monkeypatch: pytest.MonkeyPatch, proof: Callable[[EngineApp], None]
) -> None:
    monkeypatch.setattr(PostList, "service", takes_the_number_first())
    with pytest.raises(AssertionError, match="none is left out"):
        proof(cafe)


def test_a_store_that_does_not_know_its_own_write_is_caught(
    make_broken_app: MakeEngineApp, inject_faults: InjectFaults
) -> None:
    cafe = make_broken_app(WithoutRequestToken)
    injector = inject_faults(cafe)
    injector.lose_every, injector.forgetful = 3, True
    with pytest.raises(AssertionError, match="a number of its own"):
        written_by_many(cafe)
