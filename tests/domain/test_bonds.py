"""Bonds between cats: both sides always agree, also on which partners are hidden from the public."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from api.domain.bonds import MAX_BONDS, affected_partners, sync_bonds, validate
from api.domain.cats import Cat, is_public
from api.domain.errors import ValidationFailed
from tests.support.factories import NOON, make_cat

NAMES = ("ada", "bo", "cleo", "dot", "eve")
LATER = NOON + timedelta(minutes=1)
Cats = dict[str, Cat]
Step = tuple[str, tuple[str, ...] | None, str]
"""A write: the name of the cat, its bonds (None deletes the cat), its status."""


def write(cats: Cats, name: str, after: Cat | None) -> None:
    """Write or delete a cat and update its partners. Only the affected partners are known to the domain functions."""
    before = cats.get(name)
    partners = {other: cats[other] for other in sorted(affected_partners(before, after)) if other in cats}
    if after and (errors := validate(name, before, after, partners)):
        raise ValidationFailed(*errors)
    cat, changed = sync_bonds(before, after, partners, LATER)
    cats.pop(name, None)
    cats.update({each.name: each for each in [*changed, *([cat] if cat else [])]})


def apply(cats: Cats, step: Step) -> None:
    """Apply a step. A step that breaks a rule changes nothing."""
    name, bonds, status = step
    with suppress(ValidationFailed):
        if bonds is not None:
            write(cats, name, replace(cats.get(name) or make_cat(name), bonded_with=bonds, status=status))
        elif name in cats:
            write(cats, name, None)


def check(cats: Cats) -> None:
    """Check that every bond is on both sides, once, and that each side knows which partners are hidden."""
    for cat in cats.values():
        assert cat.name not in cat.bonded_with
        assert len(set(cat.bonded_with)) == len(cat.bonded_with)
        assert all(cat.name in cats[other].bonded_with for other in cat.bonded_with)
        assert sorted(cat.hidden_bonds) == sorted(o for o in cat.bonded_with if not is_public(cats[o]))


def steps_of(name: str) -> st.SearchStrategy[Step]:
    """Draw a step of one cat: one step in four deletes the cat."""
    bonds = st.lists(st.sampled_from([n for n in NAMES if n != name]), unique=True, max_size=3).map(tuple)
    return st.tuples(
        st.just(name), st.one_of(bonds, bonds, bonds, st.none()), st.sampled_from(["available", "hold", "resident"])
    )


STEPS = st.lists(st.sampled_from(NAMES).flatmap(steps_of), min_size=4, max_size=25)


@given(st.data())
def test_bonds_are_written_in_the_order_of_the_body_and_both_sides_agree(data: st.DataObject) -> None:
    cats: Cats = {}
    for name in NAMES:
        write(cats, name, make_cat(name, status=data.draw(st.sampled_from(["available", "hold"]))))
    for _ in range(data.draw(st.integers(1, 15))):
        name = data.draw(st.sampled_from(NAMES))
        others = sorted(cats.keys() - {name})
        bonds = data.draw(st.lists(st.sampled_from(others), unique=True)) if others else []
        action = data.draw(st.sampled_from(["bond", "bond", "bond", "status", "both", "delete"]))
        changes: dict[str, Any] = {} if action == "status" else {"bonded_with": tuple(bonds)}
        if action in ("status", "both"):
            changes["status"] = data.draw(st.sampled_from(["available", "trial", "hold", "adopted"]))
        write(cats, name, None if action == "delete" else replace(cats.get(name) or make_cat(name), **changes))
        assert (name in cats) == (action != "delete")
        if action not in ("delete", "status"):
            assert cats[name].bonded_with == tuple(bonds)
        check(cats)


@given(STEPS, st.sampled_from(NAMES))
def test_both_sides_of_every_bond_agree_after_any_steps_and_an_unchanged_cat_changes_no_cat(
    steps: list[Step], name: str
) -> None:
    cats = {name: make_cat(name) for name in NAMES}
    for step in steps:
        apply(cats, step)
        check(cats)
    before = dict(cats)
    if name in cats:
        apply(cats, (name, cats[name].bonded_with, cats[name].status))
    assert cats == before


def test_removed_bond_is_removed_on_both_sides() -> None:
    before = make_cat(bonded_with=("bo", "cleo"), status="available")
    partners = {"bo": make_cat("bo", bonded_with=("luna", "dot"), hidden_bonds=("dot",), status="available")}
    luna, (bo,) = sync_bonds(before, replace(before, bonded_with=("cleo",)), partners, LATER)
    assert luna is not None
    assert (luna.bonded_with, bo.bonded_with, bo.hidden_bonds) == (("cleo",), ("dot",), ("dot",))


def test_bond_with_a_hidden_cat_is_hidden_on_the_side_of_the_public_cat() -> None:
    after = make_cat(bonded_with=("bo",), status="available")
    luna, (bo,) = sync_bonds(None, after, {"bo": make_cat("bo", status="hold")}, LATER)
    assert luna is not None
    assert (luna.hidden_bonds, bo.hidden_bonds) == (("bo",), ())


def test_hidden_bond_stays_hidden_when_another_bond_is_added() -> None:
    cats = {name: make_cat(name, status="hold") for name in ("bo", "cleo", "dot")}
    for bonds in (("bo",), ("bo", "cleo"), ("cleo", "bo"), ("cleo",), ("cleo", "dot")):
        write(cats, "luna", replace(cats.get("luna", make_cat("luna", status="available")), bonded_with=bonds))
        assert set(cats["luna"].hidden_bonds) == set(bonds)
        check(cats)


def test_bond_removed_by_a_hidden_cat_is_removed_from_the_hidden_bonds_of_the_partner() -> None:
    cats = {"bo": make_cat("bo", status="available")}
    write(cats, "luna", make_cat("luna", status="hold", bonded_with=("bo",)))
    assert cats["bo"].hidden_bonds == ("luna",)
    write(cats, "luna", replace(cats["luna"], bonded_with=()))
    assert (cats["bo"].bonded_with, cats["bo"].hidden_bonds) == ((), ())
    assert cats["bo"].version == 3


def test_deleted_cat_is_removed_from_all_bonds() -> None:
    cats = {"bo": make_cat("bo"), "cleo": make_cat("cleo", status="available")}
    write(cats, "luna", make_cat("luna", bonded_with=("bo", "cleo")))
    write(cats, "luna", None)
    assert [(cat.bonded_with, cat.hidden_bonds) for cat in cats.values()] == [((), ()), ((), ())]


@pytest.mark.parametrize(
    ("before", "after", "names"),
    [
        (None, make_cat(), set()),
        (None, make_cat(bonded_with=("bo",)), {"bo"}),
        (make_cat(bonded_with=("bo",)), None, {"bo"}),
        (make_cat(bonded_with=("bo", "cleo")), make_cat(bonded_with=("cleo", "dot")), {"bo", "dot"}),
        (make_cat(bonded_with=("bo",)), make_cat(bonded_with=("bo",), sex="male"), set()),
        (make_cat(bonded_with=("bo",)), make_cat(bonded_with=("bo",), status="quarantine"), set()),
        (make_cat(bonded_with=("bo",)), make_cat(bonded_with=("bo",), status="available"), {"bo"}),
        (make_cat(bonded_with=("bo",), status="available"), make_cat(bonded_with=("cleo",)), {"bo", "cleo"}),
    ],
)
def test_affected_partners_have_a_bond_or_a_visibility_that_changes(before: Any, after: Any, names: set[str]) -> None:
    assert affected_partners(before, after) == names


def test_changed_partner_gets_a_new_version() -> None:
    bo = make_cat("bo", sex="male", version=7)
    _, (changed,) = sync_bonds(None, make_cat(bonded_with=("bo",)), {"bo": bo}, LATER)
    after = replace(bo, bonded_with=("luna",), hidden_bonds=("luna",), version=8, updated=LATER)
    assert changed == replace(after, public_version=7, public_updated=NOON)


@pytest.mark.parametrize(
    ("bonds", "partners", "errors"),
    [
        (("luna",), {}, {"/bondedWith/0": "A cat cannot have a bond with itself."}),
        (("bo",), {}, {"/bondedWith/0": "There is no cat named bo."}),
        (
            ("bo", "cleo", "luna"),
            {"bo": make_cat("bo")},
            {"/bondedWith/1": "There is no cat named cleo.", "/bondedWith/2": "A cat cannot have a bond with itself."},
        ),
        (
            ("bo",),
            {"bo": make_cat("bo", bonded_with=tuple(f"tom {n}" for n in range(MAX_BONDS)))},
            {"/bondedWith/0": "bo already has 10 bonds."},
        ),
    ],
)
def test_every_invalid_bond_is_an_error(bonds: Any, partners: Cats, errors: dict[str, str]) -> None:
    found = validate("luna", None, make_cat(bonded_with=bonds), partners)
    assert {error.pointer: error.detail for error in found} == errors


def cats_with_bonds_of_bo(count: int) -> Cats:
    """Return Ada without bonds, Bo with so many bonds, and their partners."""
    cats: Cats = {}
    for number in range(count):
        write(cats, f"tom {number}", make_cat(f"tom {number}"))
    write(cats, "bo", make_cat("bo", bonded_with=tuple(cats)))
    write(cats, "ada", make_cat("ada"))
    return cats


def test_tenth_bond_is_accepted() -> None:
    cats = cats_with_bonds_of_bo(MAX_BONDS - 1)
    write(cats, "luna", make_cat("luna", bonded_with=("ada", "bo")))
    assert len(cats["bo"].bonded_with) == MAX_BONDS
    check(cats)


def test_eleventh_bond_is_rejected_and_changes_no_cat() -> None:
    cats = cats_with_bonds_of_bo(MAX_BONDS)
    before = dict(cats)
    with pytest.raises(ValidationFailed) as caught:
        write(cats, "luna", make_cat("luna", bonded_with=("ada", "bo")))
    assert [error.pointer for error in caught.value.errors] == ["/bondedWith/1"]
    assert cats == before


def test_existing_bond_counts_towards_the_ten_only_once() -> None:
    bo = make_cat("bo", bonded_with=("luna", *(f"tom {n}" for n in range(MAX_BONDS - 1))))
    luna = make_cat(bonded_with=("bo",), status="available")
    after, changed = sync_bonds(luna, replace(luna, status="hold"), {"bo": bo}, LATER)
    assert after is not None
    assert after.bonded_with == ("bo",)
    assert [partner.hidden_bonds for partner in changed] == [("luna",)]
