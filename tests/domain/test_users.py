"""Usernames, roles, and what of somebody a body can change."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.domain import names, users
from api.domain.entity import WriteContext
from api.domain.users import RANKS, Registration, User, UserBody, normalise_username, username_error

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
LATER = datetime(2026, 11, 22, 13, 0, tzinfo=UTC)
ADA = User(username="ada", role="staff", password_hash="kept", email="a@b", created=NOON, updated=NOON)


@given(st.text(max_size=20))
def test_a_username_that_has_been_spelt_stays_as_it_is(text: str) -> None:
    once = users.normalise_username(text)
    assert users.normalise_username(once) == once
    assert unicodedata.is_normalized("NFC", once)


@given(st.text(alphabet=st.characters(categories=["L", "Mn"]), max_size=20))
def test_all_ways_to_write_a_username_are_one(text: str) -> None:
    spelt = users.normalise_username(text)
    for other in (unicodedata.normalize("NFD", text), f"  {text} ", unicodedata.normalize("NFC", text)):
        assert users.normalise_username(other) == spelt


@pytest.mark.parametrize("text", ["İ" * 64, "ẞ" * 64, "\u212b\u212a", "ΑΣ", "ǅ", "Ǆ", "H\u0331", "J\u030c"])
def test_letters_with_strange_lower_cases_are_spelt_once_and_for_all(text: str) -> None:
    once = users.normalise_username(text)
    assert users.normalise_username(once) == once
    assert unicodedata.is_normalized("NFC", once)  # some letters have a code point of their own only in lower case
    assert (names.name_error(once) is None) == (len(once) <= names.LONGEST)


def test_every_role_may_what_the_roles_below_it_may() -> None:
    roles: Any = ("public", "member", "staff", "owner")
    assert tuple(RANKS) == roles
    for (i, role), (j, needed) in product(enumerate(roles), repeat=2):
        assert users.has_role(role, needed) == (i >= j)


def test_somebody_new_is_a_member_unless_it_is_said() -> None:
    body = Registration(username="ada", password="x" * 9)
    made = users.create(body, "ada", WriteContext("1", "", NOON))
    assert (made.role, made.active, made.version, made.password_hash) == ("member", True, 1, None)
    other = users.create(UserBody(role="owner", active=False), "bea", WriteContext("1", "", NOON))
    assert (other.username, other.role, other.active) == ("bea", "owner", False)


def test_what_is_not_said_of_role_state_and_password_stays_and_the_profile_is_replaced() -> None:
    after = users.update(ADA, UserBody(about="x"), WriteContext("1", "ada", LATER))
    assert (after.role, after.active, after.password_hash) == ("staff", True, "kept")
    assert (after.email, after.about) == (None, "x")
    assert (after.version, after.created, after.updated) == (2, NOON, LATER)
    gone = users.update(ADA, UserBody(role="member", active=False), WriteContext("1", "olga", LATER))
    assert (gone.role, gone.active, gone.password_hash) == ("member", False, "kept")


def test_no_view_has_a_password_or_what_is_kept_of_it() -> None:
    fields = set(users.UserView.__struct_fields__)
    assert fields == set(User.__struct_fields__) - {"password_hash"}
    assert "kept" not in repr(users.to_view(ADA))


def test_what_may_be_patched_leaves_out_what_is_only_given() -> None:
    body = users.to_body(ADA)
    assert body.email == "a@b"
    assert not any(isinstance(getattr(body, name), str | bool) for name in ("role", "active", "password"))


@pytest.mark.parametrize(("username", "weak"), [("Password-Ada", True), ("other", False), (None, False)])
def test_a_password_is_judged_with_the_username_of_the_body(username: str | None, weak: bool) -> None:
    body = UserBody(password="password-ADA")
    body = UserBody(password="password-ADA", username=username) if username else body
    found = users.validate(body, NOON)
    assert [fault.pointer for fault in found] == (["/password"] if weak else [])


@pytest.mark.parametrize("written", ["Ada", " ada ", "\uff21\uff44\uff41", "ADA"])
def test_a_username_of_another_case_or_width_is_the_same(written: str) -> None:
    assert normalise_username(written) == "ada"


@pytest.mark.parametrize("name", ["me", "clowder"])
def test_a_name_that_means_something_else_is_nobodys(name: str) -> None:
    assert username_error(normalise_username(name.upper())) == "This name is reserved."
    assert username_error(f"{name}2") is None
