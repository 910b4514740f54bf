"""Bonds: one rule that keeps both sides the same, whatever is done to whom and in which order."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from api.domain.bonds import MOST, affected_partners, sync_bonds, validate
from api.domain.cats import Cat, is_public
from tests.support.factories import NOON, cat

NAMES = ("ada", "bo", "cleo", "dot")
LATER = NOON + timedelta(minutes=1)

Step = tuple[str, tuple[str, ...] | None, str]


def steps_of(name: str) -> st.SearchStrategy[Step]:
    """Make up what is done to a cat: her bonds are written and her status, or, once in a while, she goes."""
    others = [other for other in NAMES if other != name]
    bonds = st.lists(st.sampled_from(others), unique=True, max_size=3).map(tuple)
    return st.tuples(
        st.just(name), st.one_of(bonds, bonds, bonds, st.none()), st.sampled_from(["available", "hold", "resident"])
    )


STEPS = st.lists(st.sampled_from(NAMES).flatmap(steps_of), min_size=4, max_size=25)


def opened() -> dict[str, Cat]:
    """Return a herd without any bonds."""
    return {name: cat(name) for name in NAMES}


def take(herd: dict[str, Cat], step: Step) -> None:
    """Write a cat with some bonds, or let her go, as the resource does it: with her partners only."""
    name, bonded, status = step
    before = herd.get(name)
    if bonded is None and before is None:
        return
    after = None
    if bonded is not None:
        after = replace(before or cat(name), bonded_with=bonded, status=status)
    needed = affected_partners(before, after)
    partners = {other: herd[other] for other in sorted(needed) if other in herd}
    if after and validate(name, before, after, partners):
        return
    tied, changed = sync_bonds(before, after, partners, LATER)
    herd.pop(name, None)
    herd |= {one.name: one for one in [*changed, *([tied] if tied else [])]}


@given(STEPS)
def test_every_bond_stands_on_both_sides_after_any_steps(steps: list[Step]) -> None:
    herd = opened()
    for step in steps:
        take(herd, step)
        for one in herd.values():
            assert one.name not in one.bonded_with
            assert len(set(one.bonded_with)) == len(one.bonded_with)
            assert all(one.name in herd[other].bonded_with for other in one.bonded_with)


@given(STEPS)
def test_every_side_knows_which_of_the_others_the_public_may_not_see(steps: list[Step]) -> None:
    herd = opened()
    for step in steps:
        take(herd, step)
        for one in herd.values():
            hidden = {other for other in one.bonded_with if not is_public(herd[other])}
            assert set(one.hidden_bonds) == hidden
            assert len(one.hidden_bonds) == len(hidden)


@given(STEPS, st.sampled_from(NAMES))
def test_nobody_is_changed_who_need_not_be(steps: list[Step], name: str) -> None:
    herd = opened()
    for step in steps:
        take(herd, step)
    before = dict(herd)
    if name in herd:
        take(herd, (name, herd[name].bonded_with, herd[name].status))
    assert herd == before


def test_a_bond_that_ends_ends_on_both_sides() -> None:
    before = cat(bonded_with=("bo", "cleo"), status="available")
    partners = {"bo": cat("bo", bonded_with=("luna", "dot"), hidden_bonds=("dot",), status="available")}
    tied, (changed,) = sync_bonds(before, replace(before, bonded_with=("cleo",)), partners, LATER)
    assert tied is not None
    assert (tied.bonded_with, changed.bonded_with, changed.hidden_bonds) == (("cleo",), ("dot",), ("dot",))


def test_a_bond_with_a_hidden_cat_is_known_as_hidden_on_the_side_that_is_seen() -> None:
    tied, (changed,) = sync_bonds(
        None, cat(bonded_with=("bo",), status="available"), {"bo": cat("bo", status="hold")}, LATER
    )
    assert tied is not None
    assert (tied.hidden_bonds, changed.hidden_bonds) == (("bo",), ())


@pytest.mark.parametrize(
    ("before", "after", "names"),
    [
        (None, cat(), set()),
        (None, cat(bonded_with=("bo",)), {"bo"}),
        (cat(bonded_with=("bo",)), None, {"bo"}),
        (cat(bonded_with=("bo", "cleo")), cat(bonded_with=("cleo", "dot")), {"bo", "dot"}),
        (cat(bonded_with=("bo",)), cat(bonded_with=("bo",), sex="male"), set()),
        (cat(bonded_with=("bo",)), cat(bonded_with=("bo",), status="quarantine"), set()),
        (cat(bonded_with=("bo",)), cat(bonded_with=("bo",), status="available"), {"bo"}),
        (cat(bonded_with=("bo",), status="available"), cat(bonded_with=("cleo",)), {"bo", "cleo"}),
    ],
)
def test_a_change_concerns_those_whose_side_it_may_touch(before: Any, after: Any, names: set[str]) -> None:
    assert affected_partners(before, after) == names


def test_a_changed_partner_is_a_new_version_of_herself() -> None:
    bo = cat("bo", sex="male", version=7)
    _, (changed,) = sync_bonds(None, cat(bonded_with=("bo",)), {"bo": bo}, LATER)
    expected = replace(bo, bonded_with=("luna",), hidden_bonds=("luna",), version=8, updated=LATER)
    assert changed == expected


@pytest.mark.parametrize(
    ("bonded", "partners", "told"),
    [
        (("luna",), {}, {"/bondedWith/0": "A cat has no bond with herself."}),
        (("bo",), {}, {"/bondedWith/0": "There is no cat named bo."}),
        (
            ("bo", "cleo", "luna"),
            {"bo": cat("bo")},
            {"/bondedWith/1": "There is no cat named cleo.", "/bondedWith/2": "A cat has no bond with herself."},
        ),
        (
            ("bo",),
            {"bo": cat("bo", bonded_with=tuple(f"tom {n}" for n in range(MOST)))},
            {"/bondedWith/0": "bo has 10 bonds already."},
        ),
    ],
)
def test_every_bond_that_cannot_be_is_told(bonded: Any, partners: dict[str, Cat], told: dict[str, str]) -> None:
    found = validate("luna", None, cat(bonded_with=bonded), partners)
    assert {fault.pointer: fault.detail for fault in found} == told


def test_who_is_bonded_already_may_have_her_ten() -> None:
    bo = cat("bo", bonded_with=("luna", *(f"tom {n}" for n in range(MOST - 1))))
    luna = cat(bonded_with=("bo",), status="available")
    tied, changed = sync_bonds(luna, replace(luna, status="hold"), {"bo": bo}, LATER)
    assert tied is not None
    assert tied.bonded_with == ("bo",)
    assert [other.hidden_bonds for other in changed] == [("luna",)]
