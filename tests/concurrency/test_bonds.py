"""Bonds that change on many sides at once stay symmetric, and the public never reads a name that it may not see."""

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

HERD = ("fig", "luna", "milo", "nori", "olive", "pip")
ROUNDS = 6
PUBLIC, HIDDEN = "available", "adopted"


def _herd(cafe: EngineApp) -> dict[str, dict[str, Any]]:
    """Return all cats who are there, as the staff sees them."""
    items: list[dict[str, Any]] = cafe.staff.get("/cats?limit=100").get_json()["items"]
    return {cat["name"]: cat for cat in items}


def they_agree(cafe: EngineApp) -> None:
    """Check that both sides of each bond say the same, to the staff and to the public."""
    herd, public = _herd(cafe), cafe.public
    bonds = {(name, other) for name, cat in herd.items() for other in cat["bondedWith"]}
    assert bonds == {(other, name) for name, other in bonds}, "each bond is told by both"
    for name, cat in herd.items():
        seen = [other for other in cat["bondedWith"] if herd[other]["status"] == PUBLIC]
        answer = public.get(f"/cats/{name}")
        assert answer.status_code == (200 if cat["status"] == PUBLIC else 404)
        if answer.status_code == 200:
            assert answer.get_json()["bondedWith"] == seen, "the public reads the names that it may see"
    for name in herd:
        versions = cafe.versions(name)
        steps = all(newer in (older + 1, 1) for newer, older in pairwise(versions))
        assert versions[-1] == 1, "her first version is there"
        assert steps, "no version of anybody is lost"


def two_bonds_to_one(cafe: EngineApp) -> None:
    """Let two cats begin a bond with a third one at once."""
    for name in ("fig", "luna", "milo"):
        cafe.staff.put(f"/cats/{name}", {"status": PUBLIC})
    ask = {"status": PUBLIC, "bondedWith": ["milo"]}
    answers = cafe.race(*(partial(cafe.staff.put, f"/cats/{name}", ask) for name in ("fig", "luna")))
    assert statuses(answers) == {200: 2}
    they_agree(cafe)
    assert sorted(_herd(cafe)["milo"]["bondedWith"]) == ["fig", "luna"]


def both_hide_at_once(cafe: EngineApp) -> None:
    """Let the public cease to see both sides of a bond at once, and then see one of them again."""
    cafe.staff.put("/cats/luna", {"status": PUBLIC})
    cafe.staff.put("/cats/milo", {"status": PUBLIC, "bondedWith": ["luna"]})
    hide = {"status": HIDDEN}
    answers = cafe.race(*(partial(_patch, cafe.staff, name, hide) for name in ("luna", "milo")))
    assert statuses(answers) == {200: 2}
    they_agree(cafe)
    assert _patch(cafe.staff, "luna", {"status": PUBLIC}).status_code == 200
    they_agree(cafe)


def _patch(caller: Client, name: str, change: dict[str, Any]) -> Any:
    return caller.patch(f"/cats/{name}", change, if_match="*")


def a_bond_with_one_who_goes(cafe: EngineApp) -> None:
    """Let a bond begin with a cat who is deleted between what was read and what is written."""
    caller, other = cafe.staff, cafe.staff
    caller.put("/cats/luna", {})
    caller.put("/cats/milo", {})
    cafe.table.before_write = partial(other.delete, "/cats/milo")
    answer = _patch(caller, "luna", {"bondedWith": ["milo"]})
    assert answer.status_code == 422, "there is no such cat"
    assert cafe.count_items("milo")["record"] == 0
    they_agree(cafe)


def any_changes_at_once(cafe: EngineApp) -> None:
    """Let every cat get other bonds and another status, or go, all at once and again and again."""
    choose = random.Random(7)
    for _ in range(ROUNDS):
        cafe.clock.advance(seconds=1)
        for name in HERD:
            cafe.staff.put(f"/cats/{name}", {"status": PUBLIC}, if_none_match="*")
        acts = []
        for name in HERD:
            others = choose.sample([other for other in HERD if other != name], choose.randint(0, 3))
            change = {"bondedWith": others, "status": choose.choice([PUBLIC, PUBLIC, HIDDEN])}
            acts.append(partial(_patch, cafe.staff, name, change))
        acts.append(partial(cafe.staff.delete, f"/cats/{choose.choice(HERD)}"))
        answers = cafe.race(*acts)
        assert set(statuses(answers)) <= {200, 204, 404, 422}
        they_agree(cafe)


PROOFS = [two_bonds_to_one, both_hide_at_once, a_bond_with_one_who_goes, any_changes_at_once]


@pytest.mark.parametrize("proof", PROOFS)
def test_bonds_that_change_at_once_stay_the_same_on_both_sides(
    cafe: EngineApp, proof: Callable[[EngineApp], None]
) -> None:
    proof(cafe)


@pytest.mark.parametrize(
    ("proof", "table", "told"),
    [
        (two_bonds_to_one, ChecksOnlyBefore, "each bond is told by both"),
        (two_bonds_to_one, ChecksOnlyTheFirst, "each bond is told by both"),
        (a_bond_with_one_who_goes, ChecksOnlyBefore, "there is no such cat"),
        (a_bond_with_one_who_goes, ChecksOnlyTheFirst, "there is no such cat"),
        (both_hide_at_once, ChecksOnlyBefore, "no version of anybody is lost"),
    ],
)
def test_a_change_that_does_not_check_the_other_side_is_caught(
    make_broken_app: MakeEngineApp, proof: Callable[[EngineApp], None], table: type[InstrumentedTable], told: str
) -> None:
    with pytest.raises(AssertionError, match=told):
        proof(make_broken_app(table))
