"""Roles: an owner gives and takes them, and what is taken is gone with the next request of every session."""

from __future__ import annotations

from typing import Any

import pytest

from api.store.table import Table
from tests.support.app import TestApp, problem
from tests.support.inspection import items, writes_nothing
from tests.support.users import PASSWORD, InterruptingClock, attempt_login, log_in, register, register_and_log_in

STAFF_ONLY = "/todos"


@pytest.mark.parametrize("role", ["staff", "owner"])
def test_a_role_beyond_member_is_given_by_an_owner(cafe: TestApp, role: str) -> None:
    body = {"username": "new", "password": PASSWORD, "role": role}
    for who, status in ((cafe.public, 401), (cafe.client("member", "ann"), 403), (cafe.client("staff", "sam"), 403)):
        problem(who.post("/users", body), status)
        assert not [item for item in items(cafe) if item["pk"]["S"] == "users#new"]
    assert cafe.client("owner", "olga").post("/users", body).json["role"] == role
    assert log_in(cafe, "new").get("/sessions").json["items"][0]["role"] == role


def test_to_be_a_member_needs_no_owner_even_if_it_is_said(cafe: TestApp) -> None:
    assert register(cafe, "ada", role="member").status_code == 201
    me = log_in(cafe, "ada")
    for answer in (
        me.put("/users/ada", {"role": "member", "active": True}),
        me.patch("/users/ada", {"role": "member"}, if_match="*"),
    ):
        assert (answer.status_code, answer.json["role"]) == (200, "member")


@pytest.mark.parametrize("role", ["member", "staff"])
@pytest.mark.parametrize("body", [{"role": "owner"}, {"active": False}, {"role": "owner", "active": True}])
def test_nobody_gives_themselves_a_role_or_a_state(cafe: TestApp, role: Any, body: dict[str, Any]) -> None:
    me = cafe.client(role, "ada")
    with writes_nothing(cafe):
        problem(me.put("/users/ada", body), 403)
        problem(me.patch("/users/ada", body, if_match="*"), 403)


def test_a_role_that_is_given_or_taken_holds_from_the_next_request_of_every_session_on(cafe: TestApp) -> None:
    owner = cafe.client("owner", "olga")
    one = register_and_log_in(cafe, "ada")
    other = log_in(cafe, "ada")
    for role, status in (("staff", 200), ("member", 403), ("owner", 200), ("member", 403)):
        assert owner.patch("/users/ada", {"role": role}, if_match="*").status_code == 200
        for session in (one, other):
            assert session.get(STAFF_ONLY).status_code == status
            mine = session.get("/sessions").json["items"]
            assert {(each["role"], each["username"]) for each in mine} == {(role, "ada")}


def test_who_is_deactivated_is_out_at_once_and_cannot_come_in(cafe: TestApp) -> None:
    owner = cafe.client("owner", "olga")
    sessions = [register_and_log_in(cafe, "ada"), log_in(cafe, "ada")]
    assert owner.patch("/users/ada", {"active": False}, if_match="*").json["active"] is False
    for session in sessions:
        problem(session.get("/sessions"), 401)
        problem(session.get("/cats"), 401)
    problem(attempt_login(cafe, "ada"), 401)
    assert owner.patch("/users/ada", {"active": True}, if_match="*").json["active"] is True
    for session in sessions:
        problem(session.get("/sessions"), 401)
    assert attempt_login(cafe, "ada").status_code == 201


def test_who_is_deleted_is_out_at_once_and_leaves_no_session(cafe: TestApp) -> None:
    sessions = [register_and_log_in(cafe, "ada"), log_in(cafe, "ada")]
    assert cafe.client("owner", "olga").delete("/users/ada").status_code == 204
    for session in sessions:
        problem(session.get("/sessions"), 401)
    left = [item["pk"]["S"] for item in items(cafe) if "ada" in str(item)]
    assert left == []


def test_an_owner_neither_demotes_nor_deactivates_nor_deletes_themselves(cafe: TestApp) -> None:
    owner = cafe.client("owner", "olga")
    cafe.client("owner", "oscar")
    with writes_nothing(cafe):
        for body in ({"role": "staff"}, {"role": "member"}, {"active": False}):
            problem(owner.put("/users/olga", body), 403)
            problem(owner.patch("/users/olga", body, if_match="*"), 403)
        problem(owner.delete("/users/olga"), 403)
    assert owner.put("/users/olga", {"role": "owner", "active": True, "about": "I."}).json["about"] == "I."


def test_another_owner_can_do_all_three(cafe: TestApp) -> None:
    olga, oscar = cafe.client("owner", "olga"), cafe.client("owner", "oscar")
    assert olga.patch("/users/oscar", {"role": "staff"}, if_match="*").status_code == 200
    problem(oscar.patch("/users/olga", {"role": "staff"}, if_match="*"), 404)
    assert olga.patch("/users/oscar", {"active": False}, if_match="*").status_code == 200
    assert olga.delete("/users/oscar").status_code == 204


@pytest.mark.parametrize(
    "body", [{"role": "staff"}, {"active": False}, None], ids=["demoted", "deactivated", "deleted"]
)
def test_of_two_owners_who_remove_each_other_at_once_one_is_left(mocked_table: Table, body: Any) -> None:
    cafe = TestApp(mocked_table, clock := InterruptingClock())
    olga, oscar = cafe.client("owner", "olga"), cafe.client("owner", "oscar")
    told = []

    def removes_olga() -> None:
        gone = oscar.patch("/users/olga", body, if_match="*") if body else oscar.delete("/users/olga")
        told.append(gone.status_code)

    clock.run_during_request(removes_olga)
    late = olga.patch("/users/oscar", {"active": False}, if_match="*")
    assert told in ([200], [204])
    assert late.status_code == 403
    assert oscar.get("/users/oscar").json["active"] is True


def test_who_is_demoted_in_the_middle_of_a_request_does_not_give_the_role_back_to_themselves(
    mocked_table: Table,
) -> None:
    cafe = TestApp(mocked_table, clock := InterruptingClock())
    olga, oscar = cafe.client("owner", "olga"), cafe.client("owner", "oscar")
    clock.run_during_request(lambda: oscar.patch("/users/olga", {"role": "member", "active": False}, if_match="*"))
    problem(olga.put("/users/olga", {"role": "owner", "active": True}), 403)
    told = oscar.get("/users/olga").json
    assert (told["role"], told["active"]) == ("member", False)
