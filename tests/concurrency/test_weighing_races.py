"""A cat is deleted while she is weighed: no weight of nobody, none lost, none on another cat of her name."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from werkzeug.test import TestResponse

from tests.support.app import Client, problem
from tests.support.engine_app import EngineApp, MakeEngineApp, statuses
from tests.support.mutants import ChecksOnlyBefore

SCALES = 4
ROUNDS = 5


def _weigh(caller: Client) -> TestResponse:
    return caller.post("/cats/luna/weights", {"grams": 4000})


def no_weight_of_nobody(cafe: EngineApp) -> None:
    """Delete a cat after somebody with her weight has seen her, and before they write it down."""
    caller, other = cafe.staff, cafe.staff
    caller.put("/cats/luna", {})
    cafe.table.before_write = partial(other.delete, "/cats/luna")
    answer = _weigh(caller)
    assert cafe.count_items("luna")["weights"] == 0, "nobody has a weight"
    problem(answer, 404)


def no_weight_of_her_predecessor(cafe: EngineApp) -> None:
    """Let another cat of her name come in the meantime: the weight was not hers, so she is weighed anew."""
    caller, other = cafe.staff, cafe.staff
    caller.put("/cats/luna", {})

    def exchange() -> None:
        other.delete("/cats/luna")
        other.put("/cats/luna", {})

    cafe.table.before_write = exchange
    answer = _weigh(caller)
    assert answer.status_code == 201
    read = caller.get(answer.headers["Location"])
    assert read.status_code == 200, "the weight is the one of the cat who is there"
    assert read.data == answer.data


def every_weight_is_accounted_for(cafe: EngineApp) -> None:
    """Let some weigh her while one deletes her, all of them having seen her."""
    for _ in range(ROUNDS):
        cafe.staff.put("/cats/luna", {})
        there = cafe.count_items("luna")["weights"]
        callers = cafe.clients(SCALES)
        acts = [partial(_weigh, caller) for caller in callers]
        *weighed, deleted = cafe.race(*acts, partial(cafe.staff.delete, "/cats/luna"))
        assert deleted.status_code == 204
        assert set(statuses(weighed)) <= {201, 404}, "she was weighed, or she was gone"
        assert cafe.count_items("luna")["weights"] - there == statuses(weighed)[201], "each weight was acknowledged"
        assert cafe.staff.get("/cats/luna/weights").status_code == 404


def weighing_and_writing_do_not_hinder_each_other(cafe: EngineApp) -> None:
    """Let some weigh her while others change her: all succeed."""
    cafe.staff.put("/cats/luna", {})
    writers = [partial(caller.put, "/cats/luna", {"sex": "female"}) for caller in cafe.clients(SCALES)]
    answers = cafe.race(*writers, *(partial(_weigh, caller) for caller in cafe.clients(SCALES)))
    assert statuses(answers) == {200: SCALES, 201: SCALES}
    assert cafe.count_items("luna") == {"record": 1, "history": SCALES + 1, "weights": SCALES}


@pytest.mark.parametrize(
    "proof",
    [
        no_weight_of_nobody,
        no_weight_of_her_predecessor,
        every_weight_is_accounted_for,
        weighing_and_writing_do_not_hinder_each_other,
    ],
)
def test_a_weight_belongs_to_the_cat_who_is_there(cafe: EngineApp, proof: Callable[[EngineApp], None]) -> None:
    proof(cafe)


@pytest.mark.parametrize("proof", [no_weight_of_nobody, no_weight_of_her_predecessor])
def test_a_weighing_that_looks_for_the_cat_only_before_the_write_is_caught(
    make_broken_app: MakeEngineApp, proof: Callable[[EngineApp], None]
) -> None:
    with pytest.raises(AssertionError, match=r"nobody has a weight|the weight is the one"):
        proof(make_broken_app(ChecksOnlyBefore))
