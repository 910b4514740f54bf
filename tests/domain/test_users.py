"""Users: usernames, roles, updates, views and the check of new passwords."""

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
from api.domain.errors import FieldError
from api.domain.texts import text_errors
from api.domain.users import ROLE_RANKS, CreateUser, ReplaceUser, User, normalise_username, username_error

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
LATER = datetime(2026, 11, 22, 13, 0, tzinfo=UTC)
ADA = User(username="ada", role="staff", password_hash="secret-hash", email="a@b", created=NOON, updated=NOON)


@given(st.text(max_size=20))
def test_normalise_username_is_idempotent(text: str) -> None:
    username = users.normalise_username(text)
    assert users.normalise_username(username) == username
    assert unicodedata.is_normalized("NFC", username)


@given(st.text(alphabet=st.characters(categories=["L", "Mn"]), max_size=20))
def test_unicode_forms_and_surrounding_spaces_of_a_username_are_equal(text: str) -> None:
    username = users.normalise_username(text)
    for other in (unicodedata.normalize("NFD", text), f"  {text} ", unicodedata.normalize("NFC", text)):
        assert users.normalise_username(other) == username


@pytest.mark.parametrize("text", ["İ" * 64, "ẞ" * 64, "\u212b\u212a", "ΑΣ", "ǅ", "Ǆ", "H\u0331", "J\u030c"])
def test_letters_with_special_case_mappings_are_normalised(text: str) -> None:
    username = users.normalise_username(text)
    assert users.normalise_username(username) == username
    assert unicodedata.is_normalized("NFC", username)  # some letters are precomposed only in lower case
    assert (names.name_error(username) is None) == (len(username) <= names.MAX_LENGTH)


def test_role_includes_the_roles_below_it() -> None:
    roles: Any = ("public", "member", "staff", "owner")
    assert tuple(ROLE_RANKS) == roles
    for (i, role), (j, needed) in product(enumerate(roles), repeat=2):
        assert users.has_role(role, needed) == (i >= j)


def test_new_user_is_an_active_member_by_default() -> None:
    body = CreateUser(username="ada", password="x" * 9)
    ada = users.create(body, "ada", WriteContext("1", "", NOON))
    assert (ada.role, ada.active, ada.version, ada.password_hash) == ("member", True, 1, None)
    bea = users.create(ReplaceUser(role="owner", active=False), "bea", WriteContext("1", "", NOON))
    assert (bea.username, bea.role, bea.active) == ("bea", "owner", False)


def test_update_replaces_the_profile_and_preserves_role_active_and_password() -> None:
    after = users.update(ADA, ReplaceUser(about="x"), WriteContext("1", "ada", LATER))
    assert (after.role, after.active, after.password_hash) == ("staff", True, "secret-hash")
    assert (after.email, after.about) == (None, "x")
    assert (after.version, after.created, after.updated) == (2, NOON, LATER)
    deactivated = users.update(ADA, ReplaceUser(role="member", active=False), WriteContext("1", "olga", LATER))
    assert (deactivated.role, deactivated.active, deactivated.password_hash) == ("member", False, "secret-hash")


def test_view_has_no_password_hash_no_uid_and_no_expiry() -> None:
    fields = set(users.UserView.__struct_fields__)
    assert fields == set(User.__struct_fields__) - {"password_hash", "uid", "expires"}
    assert "secret-hash" not in repr(users.to_view(ADA))


def test_to_body_omits_role_active_and_password() -> None:
    body = users.to_body(ADA)
    assert body.email == "a@b"
    assert not any(isinstance(getattr(body, name), str | bool) for name in ("role", "active", "password"))


@pytest.mark.parametrize(("username", "weak"), [("Password-Ada", True), ("other", False), (None, False)])
def test_new_password_is_compared_with_the_username_in_the_body(username: str | None, weak: bool) -> None:
    body = ReplaceUser(password="password-ADA")
    body = ReplaceUser(password="password-ADA", username=username) if username else body
    errors = users.validate(body)
    assert [error.pointer for error in errors] == (["/password"] if weak else [])


@pytest.mark.parametrize("text", ["Ada", " ada ", "\uff21\uff44\uff41", "ADA"])
def test_case_and_width_of_a_username_are_ignored(text: str) -> None:
    assert normalise_username(text) == "ada"


@pytest.mark.parametrize("name", ["me", "clowder", "a former member of staff", "former member of staff"])
def test_reserved_names_are_rejected(name: str) -> None:
    for text in (
        name,
        name.upper(),
        name.replace(" ", ""),
        name.replace(" ", ".-"),
        f"{name}\u0332",
        f" {name[0]}-{name[1:]}'",
    ):
        assert username_error(normalise_username(text)) == FieldError("reserved", "This username is reserved.")
        errors = users.validate(ReplaceUser(display_name=text))
        assert [(error.pointer, error.detail) for error in errors] == [
            ("/displayName", "This display name is reserved.")
        ]
    assert username_error(f"{name}2") is None


@pytest.mark.parametrize("name", [" ", "\u3164", "Ada\u200b", "\u2800"])
def test_display_name_without_visible_characters_is_rejected(name: str) -> None:
    assert [error.pointer for error in text_errors(ReplaceUser(display_name=name))] == ["/displayName"]
    assert users.validate(ReplaceUser(display_name="Ada ❤\ufe0f")) == []
