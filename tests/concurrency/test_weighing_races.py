"""A weight that is added while the cat is deleted or replaced is neither lost nor stored for the wrong cat."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from werkzeug.test import TestResponse

from tests.support.app import Client, problem
from tests.support.engine_app import EngineApp, MakeEngineApp, statuses
from tests.support.mutants import ChecksOnlyBefore

CLIENTS = 4
ROUNDS = 5


def _weigh(client: Client) -> TestResponse:
    return client.post("/cats/luna/weights", {"grams": 4000})


def delete_the_cat_meanwhile(cafe: EngineApp) -> None:
    """Delete the cat between the reads and the write of a weighing."""
    client, other = cafe.staff, cafe.staff
    client.put("/cats/luna", {})
    cafe.table.before_write = partial(other.delete, "/cats/luna")
    response = _weigh(client)
    assert cafe.count_items("luna")["weights"] == 0, "a deleted cat gets no weight"
    problem(response, 404)


def replace_the_cat_meanwhile(cafe: EngineApp) -> None:
    """Delete the cat and create another one of the same name between the reads and the write of a weighing."""
    client, other = cafe.staff, cafe.staff
    client.put("/cats/luna", {})

    def recreate() -> None:
        other.delete("/cats/luna")
        other.put("/cats/luna", {})

    cafe.table.before_write = recreate
    response = _weigh(client)
    assert response.status_code == 201
    weight = client.get(response.headers["Location"])
    assert weight.status_code == 200, "the weight belongs to the new cat"
    assert weight.data == response.data


def weigh_and_delete_concurrently(cafe: EngineApp) -> None:
    """Add weights and delete the cat at once, in several rounds."""
    for _ in range(ROUNDS):
        cafe.staff.put("/cats/luna", {})
        before = cafe.count_items("luna")["weights"]
        weighings = [partial(_weigh, client) for client in cafe.clients(CLIENTS)]
        *responses, deleted = cafe.race(*weighings, partial(cafe.staff.delete, "/cats/luna"))
        assert deleted.status_code == 204
        assert set(statuses(responses)) <= {201, 404}
        added = cafe.count_items("luna")["weights"] - before
        assert added == statuses(responses)[201], "exactly the acknowledged weights are stored"
        assert _weigh(cafe.staff).status_code == 404


def weigh_and_update_concurrently(cafe: EngineApp) -> None:
    """Add weights and update the cat at once: all requests succeed."""
    cafe.staff.put("/cats/luna", {})
    updates = [
        partial(client.put, "/cats/luna", {"description": f"Update {number}."})
        for number, client in enumerate(cafe.clients(CLIENTS))
    ]
    responses = cafe.race(*updates, *(partial(_weigh, client) for client in cafe.clients(CLIENTS)))
    assert statuses(responses) == {200: CLIENTS, 201: CLIENTS}
    assert cafe.count_items("luna") == {"record": 1, "history": CLIENTS + 1, "weights": CLIENTS}


@pytest.mark.parametrize(
    "scenario",
    [
        delete_the_cat_meanwhile,
        replace_the_cat_meanwhile,
        weigh_and_delete_concurrently,
        weigh_and_update_concurrently,
    ],
)
def test_concurrent_weights_belong_to_an_existing_cat(cafe: EngineApp, scenario: Callable[[EngineApp], None]) -> None:
    scenario(cafe)


@pytest.mark.parametrize("scenario", [delete_the_cat_meanwhile, replace_the_cat_meanwhile])
def test_missing_condition_on_the_cat_is_detected(
    make_broken_app: MakeEngineApp, scenario: Callable[[EngineApp], None]
) -> None:
    with pytest.raises(AssertionError, match=r"a deleted cat gets no weight|the weight belongs"):
        scenario(make_broken_app(ChecksOnlyBefore))
