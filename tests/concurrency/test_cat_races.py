"""Concurrent writes of one cat: conditional ones succeed once, and unconditional ones lose no version.

All requests of a race have read before any of them writes (``EngineApp.race``). So each race happens in each run, and
a store that checks a version only before the write fails.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from werkzeug.test import TestResponse

from tests.support.app import Client
from tests.support.engine_app import EngineApp, MakeEngineApp, statuses
from tests.support.mutants import ChecksOnlyBefore

CLIENTS = 20
PATCHES = 12


def create_with_post(cafe: EngineApp) -> None:
    """POST one name many times: one request creates the cat, and the others are 409."""
    _create_once(cafe, lambda client: client.post("/cats", {"name": "luna", "description": _text(client)}), 409)


def create_with_put(cafe: EngineApp) -> None:
    """PUT one name with If-None-Match many times."""
    _create_once(cafe, lambda client: client.put("/cats/luna", {"description": _text(client)}, if_none_match="*"), 412)


def create_with_patch(cafe: EngineApp) -> None:
    """PATCH one name with If-None-Match many times."""
    _create_once(
        cafe, lambda client: client.patch("/cats/luna", {"description": _text(client)}, if_none_match="*"), 412
    )


def _text(client: Client) -> str:
    """Return a text that no other client writes."""
    return f"written by {id(client)}"


def _create_once(cafe: EngineApp, send: Callable[[Client], TestResponse], rejected: int) -> None:
    responses = cafe.race(*(partial(send, client) for client in cafe.clients(CLIENTS)))
    assert statuses(responses) == {201: 1, rejected: CLIENTS - 1}, "one request creates the cat"
    created = next(response for response in responses if response.status_code == 201)
    current = cafe.staff.get("/cats/luna")
    assert (current.get_json(), current.headers["ETag"]) == (created.get_json(), created.headers["ETag"])
    assert cafe.versions("luna") == [1]


def patch_one_version(cafe: EngineApp) -> None:
    """PATCH one version many times: one request succeeds, and the others are 412."""
    etag = cafe.staff.put("/cats/luna", {}).headers["ETag"]
    responses = cafe.race(
        *(
            partial(client.patch, "/cats/luna", {"description": _text(client)}, if_match=etag)
            for client in cafe.clients(PATCHES)
        )
    )
    assert statuses(responses) == {200: 1, 412: PATCHES - 1}, "one request changes a version"
    changed = next(response for response in responses if response.status_code == 200)
    assert cafe.staff.get("/cats/luna").get_json() == changed.get_json()
    assert cafe.versions("luna") == [2, 1]


def put_without_condition(cafe: EngineApp) -> None:
    """PUT without a condition many times: all requests succeed, and each version is in the history."""
    responses = cafe.race(
        *(partial(client.put, "/cats/luna", {"description": _text(client)}) for client in cafe.clients(CLIENTS))
    )
    assert statuses(responses) == {201: 1, 200: CLIENTS - 1}, "one request creates the cat, the others replace it"
    versions = sorted(response.get_json()["version"] for response in responses)
    assert versions == list(range(1, CLIENTS + 1)), "each response has a version of its own"
    assert cafe.versions("luna") == versions[::-1], "every version is in the history"
    last = next(response for response in responses if response.get_json()["version"] == CLIENTS)
    assert cafe.staff.get("/cats/luna").get_json() == last.get_json()


def delete_once(cafe: EngineApp) -> None:
    """DELETE one cat several times: one request deletes it, and the others are 404."""
    cafe.staff.put("/cats/luna", {})
    responses = cafe.race(*(partial(client.delete, "/cats/luna") for client in cafe.clients(4)))
    assert statuses(responses) == {204: 1, 404: 3}, "the cat is deleted once"
    assert cafe.versions("luna") == [2, 1]


def create_with_one_chip(cafe: EngineApp) -> None:
    """Create cats with one microchip at once: one request succeeds, and the others are 422."""
    chip = {"microchips": [{"number": "276098106234567"}]}
    names = [f"cat {number}" for number in range(CLIENTS)]
    clients = zip(names, cafe.clients(CLIENTS), strict=True)
    responses = cafe.race(*(partial(client.put, f"/cats/{name}", chip) for name, client in clients))
    assert statuses(responses) == {201: 1, 422: CLIENTS - 1}, "one cat has the chip"
    assert len(cafe.stored("cats")) == len(cafe.stored("chips")) == 1


def test_concurrent_cats_with_one_microchip_are_one_201_and_else_422(cafe: EngineApp) -> None:
    create_with_one_chip(cafe)


def test_concurrent_posts_of_one_name_are_one_201_and_else_409(cafe: EngineApp) -> None:
    create_with_post(cafe)


def test_concurrent_puts_with_if_none_match_are_one_201_and_else_412(cafe: EngineApp) -> None:
    create_with_put(cafe)


def test_concurrent_patches_with_if_none_match_are_one_201_and_else_412(cafe: EngineApp) -> None:
    create_with_patch(cafe)


def test_concurrent_patches_with_one_if_match_are_one_200_and_else_412(cafe: EngineApp) -> None:
    patch_one_version(cafe)


def test_concurrent_puts_without_condition_all_succeed_and_lose_no_version(cafe: EngineApp) -> None:
    put_without_condition(cafe)


def test_concurrent_deletes_of_one_cat_are_one_204_and_else_404(cafe: EngineApp) -> None:
    delete_once(cafe)


@pytest.mark.parametrize(
    ("scenario", "message"),
    [
        (create_with_post, "one request creates the cat"),
        (create_with_put, "one request creates the cat"),
        (create_with_patch, "one request creates the cat"),
        (patch_one_version, "one request changes a version"),
        (put_without_condition, "one request creates the cat, the others replace it"),
        (delete_once, "the cat is deleted once"),
        (create_with_one_chip, "one cat has the chip"),
    ],
)
def test_missing_condition_on_the_version_is_detected(
    make_broken_app: MakeEngineApp, scenario: Callable[[EngineApp], None], message: str
) -> None:
    with pytest.raises(AssertionError, match=message):
        scenario(make_broken_app(ChecksOnlyBefore))
