"""One POST that comes many times under one Idempotency-Key happens once, and every sender gets the same answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import partial

import pytest
from werkzeug.test import TestResponse

from tests.support import inspection
from tests.support.app import Client, problem
from tests.support.engine_app import EngineApp, MakeEngineApp, statuses
from tests.support.mutants import ChecksOnlyBefore, SavesResponseLater
from tools.tables import scan

SENDERS = 12
KEY = "one-of-a-kind"


def _create(caller: Client) -> TestResponse:
    return caller.post("/cats", {"name": "luna", "description": "She came once."}, idempotency_key=KEY)


def _weigh(caller: Client) -> TestResponse:
    return caller.post("/cats/luna/weights", {"grams": 4000}, idempotency_key=KEY)


def told(answer: TestResponse) -> tuple[int, bytes, str, str]:
    """Return what has to be the same in all answers."""
    return answer.status_code, answer.data, answer.headers["Location"], answer.headers["ETag"]


def one_cat_for_all(cafe: EngineApp) -> None:
    """Let twelve senders POST the same cat under one key at once."""
    answers = cafe.race(*(partial(_create, caller) for caller in cafe.clients(SENDERS)))
    assert statuses(answers) == {201: SENDERS}, "every sender hears that she is there"
    assert len({told(answer) for answer in answers}) == 1, "all answers are the same"
    assert cafe.count_items("luna") == Counter(record=1, history=1), "she is there once"
    there = cafe.staff.get(answers[0].headers["Location"])
    assert (there.data, there.headers["ETag"]) == (answers[0].data, answers[0].headers["ETag"])


def one_weight_for_all(cafe: EngineApp) -> None:
    """Let twelve senders POST the same weight under one key at once."""
    cafe.staff.put("/cats/luna", {})
    answers = cafe.race(*(partial(_weigh, caller) for caller in cafe.clients(SENDERS)))
    assert statuses(answers) == {201: SENDERS}, "every sender hears that it is there"
    assert len({told(answer) for answer in answers}) == 1, "all answers are the same"
    assert cafe.count_items("luna") == Counter(record=1, history=1, weights=1), "it is there once"
    assert cafe.staff.get(answers[0].headers["Location"]).data == answers[0].data


class _Death(BaseException):
    """The end of a process: nobody on the way answers for the dead."""


def _die() -> None:
    raise _Death


def a_death_after_the_effect_changes_nothing(cafe: EngineApp) -> None:
    """Let the server die as soon as the store has the cat, and the sender try again."""
    caller = cafe.staff
    cafe.table.after_effect = _die
    with pytest.raises(_Death):
        _create(caller)
    assert cafe.count_items("luna") == Counter(record=1, history=1)
    again = _create(caller)
    assert again.status_code == 201, "the sender hears that she is there"
    assert again.headers["ETag"] == cafe.staff.get("/cats/luna").headers["ETag"]
    assert cafe.count_items("luna") == Counter(record=1, history=1), "she is there once"


def test_twelve_posts_of_one_cat_under_one_key_are_twelve_equal_201_and_one_cat(cafe: EngineApp) -> None:
    one_cat_for_all(cafe)


def test_twelve_posts_of_one_weight_under_one_key_are_twelve_equal_201_and_one_weight(cafe: EngineApp) -> None:
    one_weight_for_all(cafe)


def test_a_server_that_dies_after_the_effect_has_kept_the_answer_with_it(cafe: EngineApp) -> None:
    a_death_after_the_effect_changes_nothing(cafe)


def test_of_two_requests_under_one_key_at_once_one_is_carried_out_and_the_other_is_refused(cafe: EngineApp) -> None:
    luna, milo = (
        partial(caller.post, "/cats", {"name": name}, idempotency_key=KEY)
        for caller, name in zip(cafe.clients(2), ("luna", "milo"), strict=True)
    )
    answers = cafe.race(luna, milo)
    assert statuses(answers) == {201: 1, 422: 1}
    problem(next(answer for answer in answers if answer.status_code == 422), 422)
    assert cafe.count_items("luna") + cafe.count_items("milo") == Counter(record=1, history=1)


def test_an_expired_key_is_used_anew_by_one_of_many(cafe: EngineApp) -> None:
    cafe.staff.put("/cats/luna", {})
    assert _weigh(cafe.staff).status_code == 201
    cafe.clock.advance(hours=24)
    answers = cafe.race(*(partial(_weigh, caller) for caller in cafe.clients(SENDERS)))
    assert (statuses(answers), len({told(answer) for answer in answers})) == ({201: SENDERS}, 1)
    assert cafe.count_items("luna")["weights"] == 2


def test_an_expired_answer_that_the_store_forgets_in_the_meantime_stands_in_nobodys_way(cafe: EngineApp) -> None:
    """DynamoDB removes what has expired by itself, at any moment: also between the read of it and the write."""
    cafe.staff.put("/cats/luna", {})
    assert _weigh(cafe.staff).status_code == 201
    cafe.clock.advance(hours=24)
    caller, forget = cafe.staff, partial(_forget_answers, cafe)
    cafe.table.before_write = forget
    assert _weigh(caller).status_code == 201
    assert cafe.count_items("luna")["weights"] == 2


def _forget_answers(cafe: EngineApp) -> None:
    for item in scan(cafe.table):
        if item["pk"]["S"].startswith("idempotency#"):
            inspection.delete(cafe.table, item)


@pytest.mark.parametrize("proof", [one_weight_for_all, a_death_after_the_effect_changes_nothing])
def test_an_answer_that_is_kept_after_the_effect_is_caught(
    make_broken_app: MakeEngineApp, proof: Callable[[EngineApp], None]
) -> None:
    with pytest.raises(AssertionError, match=r"it is there once|the sender hears"):
        proof(make_broken_app(SavesResponseLater))


@pytest.mark.parametrize("proof", [one_cat_for_all, one_weight_for_all])
def test_a_key_that_is_looked_up_only_before_the_write_is_caught(
    make_broken_app: MakeEngineApp, proof: Callable[[EngineApp], None]
) -> None:
    with pytest.raises(AssertionError, match="all answers are the same"):
        proof(make_broken_app(ChecksOnlyBefore))
