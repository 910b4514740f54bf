"""Bonds stay symmetric under concurrent changes, and the public never sees the name of a hidden cat."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from typing import Any

import pytest

from tests.support.app import Client
from tests.support.engine_app import EngineApp, InstrumentedTable, MakeEngineApp, statuses
from tests.support.mutants import ChecksOnlyBefore, ChecksOnlyTheFirst

NAMES = ("fig", "luna", "milo", "nori", "olive", "pip")
ROUNDS = 6
PUBLIC, HIDDEN = "available", "adopted"


def _cats(cafe: EngineApp) -> dict[str, dict[str, Any]]:
    """Return all cats by name, as staff see them."""
    items: list[dict[str, Any]] = cafe.staff.get("/cats?limit=100").get_json()["items"]
    return {cat["name"]: cat for cat in items}


def check_bonds(cafe: EngineApp) -> None:
    """Check that bonds are symmetric, that the public sees no hidden partner, and that no version is missing."""
    cats, public = _cats(cafe), cafe.public
    bonds = {(name, other) for name, cat in cats.items() for other in cat["bondedWith"]}
    assert bonds == {(other, name) for name, other in bonds}, "bonds are symmetric"
    for name, cat in cats.items():
        public_partners = [other for other in cat["bondedWith"] if cats[other]["status"] == PUBLIC]
        response = public.get(f"/cats/{name}")
        assert response.status_code == (200 if cat["status"] == PUBLIC else 404)
        if response.status_code == 200:
            assert response.get_json()["bondedWith"] == public_partners, "the public sees public partners only"
    for name in cats:
        versions = cafe.versions(name)
        consecutive = all(newer in (older + 1, 1) for newer, older in pairwise(versions))
        assert versions[-1] == 1, "the first version is in the history"
        assert consecutive, "no version is missing in the history"


def two_bonds_to_one_cat(cafe: EngineApp) -> None:
    """Bond two cats with a third one at once."""
    for name in ("fig", "luna", "milo"):
        cafe.staff.put(f"/cats/{name}", {"status": PUBLIC})
    body = {"status": PUBLIC, "bondedWith": ["milo"]}
    responses = cafe.race(*(partial(cafe.staff.put, f"/cats/{name}", body) for name in ("fig", "luna")))
    assert statuses(responses) == {200: 2}
    check_bonds(cafe)
    assert sorted(_cats(cafe)["milo"]["bondedWith"]) == ["fig", "luna"]


def hide_both_partners(cafe: EngineApp) -> None:
    """Hide both partners of a bond at once, and then publish one of them again."""
    cafe.staff.put("/cats/luna", {"status": PUBLIC})
    cafe.staff.put("/cats/milo", {"status": PUBLIC, "bondedWith": ["luna"]})
    hide = {"status": HIDDEN}
    responses = cafe.race(*(partial(_patch, cafe.staff, name, hide) for name in ("luna", "milo")))
    assert statuses(responses) == {200: 2}
    check_bonds(cafe)
    assert _patch(cafe.staff, "luna", {"status": PUBLIC}).status_code == 200
    check_bonds(cafe)


def _patch(client: Client, name: str, change: dict[str, Any]) -> Any:
    return client.patch(f"/cats/{name}", change, if_match="*")


def delete_the_partner_meanwhile(cafe: EngineApp) -> None:
    """Delete the partner of a new bond between the reads and the write of a request."""
    client, other = cafe.staff, cafe.staff
    client.put("/cats/luna", {})
    client.put("/cats/milo", {})
    cafe.table.before_write = partial(other.delete, "/cats/milo")
    response = _patch(client, "luna", {"bondedWith": ["milo"]})
    assert response.status_code == 422, "the partner does not exist"
    assert cafe.count_items("milo")["record"] == 0
    check_bonds(cafe)


def random_changes(cafe: EngineApp) -> None:
    """Change the bonds and the status of every cat and delete one of them, all at once, in several rounds."""
    choose = random.Random(7)
    for _ in range(ROUNDS):
        cafe.clock.advance(seconds=1)
        for name in NAMES:
            cafe.staff.put(f"/cats/{name}", {"status": PUBLIC}, if_none_match="*")
        calls = []
        for name in NAMES:
            others = choose.sample([other for other in NAMES if other != name], choose.randint(0, 3))
            change = {"bondedWith": others, "status": choose.choice([PUBLIC, PUBLIC, HIDDEN])}
            calls.append(partial(_patch, cafe.staff, name, change))
        calls.append(partial(cafe.staff.delete, f"/cats/{choose.choice(NAMES)}"))
        responses = cafe.race(*calls)
        assert set(statuses(responses)) <= {200, 204, 404, 422}
        check_bonds(cafe)


@pytest.mark.parametrize(
    "scenario", [two_bonds_to_one_cat, hide_both_partners, delete_the_partner_meanwhile, random_changes]
)
def test_bonds_stay_symmetric_under_concurrent_changes(cafe: EngineApp, scenario: Callable[[EngineApp], None]) -> None:
    scenario(cafe)


@pytest.mark.parametrize(
    ("scenario", "table", "message"),
    [
        (two_bonds_to_one_cat, ChecksOnlyBefore, "bonds are symmetric"),
        (two_bonds_to_one_cat, ChecksOnlyTheFirst, "bonds are symmetric"),
        (delete_the_partner_meanwhile, ChecksOnlyBefore, "the partner does not exist"),
        (delete_the_partner_meanwhile, ChecksOnlyTheFirst, "the partner does not exist"),
        (hide_both_partners, ChecksOnlyBefore, "no version is missing"),
    ],
)
def test_missing_condition_on_the_partner_is_detected(
    make_broken_app: MakeEngineApp,
    scenario: Callable[[EngineApp], None],
    table: type[InstrumentedTable],
    message: str,
) -> None:
    with pytest.raises(AssertionError, match=message):
        scenario(make_broken_app(table))
