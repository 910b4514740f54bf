"""Many at once on one cat: one wins where one may win, and nobody's work is lost where all may write.

All requests of a race have read before one of them writes (``EngineApp.race``). So each race happens each time,
and a store that checks a version before the write but not inside it is seen to fail.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from werkzeug.test import TestResponse

from tests.support.app import Client
from tests.support.engine_app import EngineApp, MakeEngineApp, statuses
from tests.support.mutants import ChecksOnlyBefore

CROWD = 20
PATCHERS = 12


def one_creates_with_post(cafe: EngineApp) -> None:
    """Let a crowd POST one name: one makes her, and the others hear that the name is taken."""
    _one_creates(cafe, lambda caller: caller.post("/cats", {"name": "luna", "description": _mark(caller)}), 409)


def one_creates_with_put(cafe: EngineApp) -> None:
    """Let a crowd PUT one name, each only if it is free."""
    _one_creates(cafe, lambda caller: caller.put("/cats/luna", {"description": _mark(caller)}, if_none_match="*"), 412)


def one_creates_with_patch(cafe: EngineApp) -> None:
    """Let a crowd PATCH one name, each only if it is free."""
    _one_creates(
        cafe, lambda caller: caller.patch("/cats/luna", {"description": _mark(caller)}, if_none_match="*"), 412
    )


def _mark(caller: Client) -> str:
    """Return a text that nobody else writes."""
    return f"written by {id(caller)}"


def _one_creates(cafe: EngineApp, send: Callable[[Client], TestResponse], refusal: int) -> None:
    answers = cafe.race(*(partial(send, caller) for caller in cafe.clients(CROWD)))
    assert statuses(answers) == {201: 1, refusal: CROWD - 1}, "one creates her, and all others are refused"
    winner = next(answer for answer in answers if answer.status_code == 201)
    there = cafe.staff.get("/cats/luna")
    assert (there.get_json(), there.headers["ETag"]) == (winner.get_json(), winner.headers["ETag"])
    assert cafe.versions("luna") == [1]


def one_patches_a_version(cafe: EngineApp) -> None:
    """Let many PATCH one version: one is in time, and the others have to read again."""
    tag = cafe.staff.put("/cats/luna", {}).headers["ETag"]
    callers = cafe.clients(PATCHERS)
    answers = cafe.race(
        *(partial(one.patch, "/cats/luna", {"description": _mark(one)}, if_match=tag) for one in callers)
    )
    assert statuses(answers) == {200: 1, 412: PATCHERS - 1}, "one is in time for a version"
    winner = next(answer for answer in answers if answer.status_code == 200)
    assert cafe.staff.get("/cats/luna").get_json() == winner.get_json()
    assert cafe.versions("luna") == [2, 1]


def all_may_replace(cafe: EngineApp) -> None:
    """Let a crowd PUT without a condition: all succeed one after the other, and each version is in the history."""
    answers = cafe.race(*(partial(one.put, "/cats/luna", {"description": _mark(one)}) for one in cafe.clients(CROWD)))
    assert statuses(answers) == {201: 1, 200: CROWD - 1}, "the first creates her, the others replace her"
    told = sorted(answer.get_json()["version"] for answer in answers)
    assert told == list(range(1, CROWD + 1)), "nobody is told a version that somebody else was told"
    assert cafe.versions("luna") == told[::-1], "every version is in the history"
    last = next(answer for answer in answers if answer.get_json()["version"] == CROWD)
    assert cafe.staff.get("/cats/luna").get_json() == last.get_json()


def one_deletes(cafe: EngineApp) -> None:
    """Let some DELETE one cat: one did it, and the others find nobody."""
    cafe.staff.put("/cats/luna", {})
    answers = cafe.race(*(partial(one.delete, "/cats/luna") for one in cafe.clients(4)))
    assert statuses(answers) == {204: 1, 404: 3}, "she is deleted once"
    assert cafe.versions("luna") == [2, 1]


def test_of_twenty_posts_of_one_name_one_is_201_and_nineteen_are_409(cafe: EngineApp) -> None:
    one_creates_with_post(cafe)


def test_of_twenty_conditional_puts_of_one_name_one_is_201_and_nineteen_are_412(cafe: EngineApp) -> None:
    one_creates_with_put(cafe)


def test_of_twenty_creating_patches_of_one_name_one_is_201_and_nineteen_are_412(cafe: EngineApp) -> None:
    one_creates_with_patch(cafe)


def test_of_twelve_patches_with_one_if_match_one_is_200_and_eleven_are_412(cafe: EngineApp) -> None:
    one_patches_a_version(cafe)


def test_twenty_unconditional_puts_all_succeed_and_leave_twenty_versions_without_a_gap(
    cafe: EngineApp,
) -> None:
    all_may_replace(cafe)


def test_of_four_deletes_of_one_cat_one_is_204_and_three_are_404(cafe: EngineApp) -> None:
    one_deletes(cafe)


@pytest.mark.parametrize(
    ("proof", "told"),
    [
        (one_creates_with_post, "one creates her"),
        (one_creates_with_put, "one creates her"),
        (one_creates_with_patch, "one creates her"),
        (one_patches_a_version, "one is in time"),
        (all_may_replace, "the first creates her"),
        (one_deletes, "she is deleted once"),
    ],
)
def test_a_version_that_is_checked_only_before_the_write_is_caught(
    make_broken_app: MakeEngineApp, proof: Callable[[EngineApp], None], told: str
) -> None:
    with pytest.raises(AssertionError, match=told):
        proof(make_broken_app(ChecksOnlyBefore))
