"""Bonds over a whole herd: any cat may change her bonds and her status, come and go, and both sides always agree."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from api.domain.bonds import MOST, affected_partners, sync_bonds, validate
from api.domain.cats import Cat, is_public
from api.domain.errors import ValidationFailed
from tests.support.factories import NOON, cat

NAMES = ("ada", "bo", "cleo", "dot", "eve")
LATER = NOON + timedelta(minutes=1)
Herd = dict[str, Cat]


def write(herd: Herd, name: str, after: Cat | None) -> None:
    """Write one cat and what her change does to others, knowing only those whom it concerns."""
    before = herd.get(name)
    partners = {other: herd[other] for other in sorted(affected_partners(before, after)) if other in herd}
    if after and (found := validate(name, before, after, partners)):
        raise ValidationFailed(*found)
    tied, changed = sync_bonds(before, after, partners, LATER)
    herd.pop(name, None)
    herd.update({one.name: one for one in [*changed, *([tied] if tied else [])]})


def check(herd: Herd) -> None:
    """Every bond stands on both sides, once, and each side knows exactly which of the others are not public."""
    for one in herd.values():
        assert len(set(one.bonded_with)) == len(one.bonded_with)
        assert all(one.name in herd[other].bonded_with for other in one.bonded_with)
        assert sorted(one.hidden_bonds) == sorted(o for o in one.bonded_with if not is_public(herd[o]))


@given(st.data())
def test_whatever_happens_bonds_are_mutual_and_hidden_where_the_other_is(data: st.DataObject) -> None:
    herd: Herd = {}
    for name in NAMES:
        write(herd, name, cat(name, status=data.draw(st.sampled_from(["available", "hold"]))))
    for _ in range(data.draw(st.integers(1, 15))):
        name = data.draw(st.sampled_from(NAMES))
        others = sorted(herd.keys() - {name})
        bonds = data.draw(st.lists(st.sampled_from(others), unique=True)) if others else []
        act = data.draw(st.sampled_from(["bond", "bond", "bond", "status", "both", "go"]))
        changes: dict[str, Any] = {} if act == "status" else {"bonded_with": tuple(bonds)}
        if act in ("status", "both"):
            changes["status"] = data.draw(st.sampled_from(["available", "trial", "hold", "adopted"]))
        write(herd, name, None if act == "go" else replace(herd.get(name) or cat(name), **changes))
        assert (name in herd) == (act != "go")
        if act not in ("go", "status"):
            assert herd[name].bonded_with == tuple(bonds)
        check(herd)


def test_a_hidden_bond_that_stays_is_hidden_still_when_another_begins() -> None:
    herd = {name: cat(name, status="hold") for name in ("bo", "cleo", "dot")}
    for bonds in (("bo",), ("bo", "cleo"), ("cleo", "bo"), ("cleo",), ("cleo", "dot")):
        write(herd, "luna", replace(herd.get("luna", cat("luna", status="available")), bonded_with=bonds))
        assert set(herd["luna"].hidden_bonds) == set(bonds)
        check(herd)


def test_a_hidden_cat_who_lets_go_of_a_bond_is_forgotten_on_the_other_side() -> None:
    herd = {"bo": cat("bo", status="available")}
    write(herd, "luna", cat("luna", status="hold", bonded_with=("bo",)))
    assert herd["bo"].hidden_bonds == ("luna",)
    write(herd, "luna", replace(herd["luna"], bonded_with=()))
    assert (herd["bo"].bonded_with, herd["bo"].hidden_bonds) == ((), ())
    assert herd["bo"].version == 3


def test_who_goes_leaves_no_name_behind() -> None:
    herd = {"bo": cat("bo"), "cleo": cat("cleo", status="available")}
    write(herd, "luna", cat("luna", bonded_with=("bo", "cleo")))
    write(herd, "luna", None)
    assert [(one.bonded_with, one.hidden_bonds) for one in herd.values()] == [((), ()), ((), ())]


def crowd(bonds: int) -> Herd:
    """Return bo with so many bonds, and ada without any."""
    herd: Herd = {}
    for number in range(bonds):
        write(herd, f"tom {number}", cat(f"tom {number}"))
    write(herd, "bo", cat("bo", bonded_with=tuple(herd)))
    write(herd, "ada", cat("ada"))
    return herd


def test_a_tenth_bond_may_begin() -> None:
    herd = crowd(MOST - 1)
    write(herd, "luna", cat("luna", bonded_with=("ada", "bo")))
    assert len(herd["bo"].bonded_with) == MOST
    check(herd)


def test_an_eleventh_bond_is_refused_where_it_would_begin_and_changes_nobody() -> None:
    herd = crowd(MOST)
    before = dict(herd)
    with pytest.raises(ValidationFailed) as caught:
        write(herd, "luna", cat("luna", bonded_with=("ada", "bo")))
    assert [fault.pointer for fault in caught.value.faults] == ["/bondedWith/1"]
    assert herd == before
