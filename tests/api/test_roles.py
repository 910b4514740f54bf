"""Roles: owners assign them, and a change takes effect with the next request of every session."""

from __future__ import annotations

from typing import Any

import pytest

from api.store.table import Table
from tests.support.app import TestApp, problem
from tests.support.inspection import items, writes_nothing
from tests.support.users import PASSWORD, InterruptingClock, attempt_login, log_in, register, register_and_log_in

STAFF_PATH = "/todos"


@pytest.mark.parametrize("role", ["staff", "owner"])
def test_only_an_owner_creates_staff_and_owners(cafe: TestApp, role: str) -> None:
    body = {"username": "new", "password": PASSWORD, "role": role}
    for client, status in ((cafe.public, 401), (cafe.client("member", "ann"), 403), (cafe.client("staff", "sam"), 403)):
        problem(client.post("/users", body), status)
        assert not [item for item in items(cafe) if item["pk"]["S"] == "users#new"]
    assert cafe.client("owner", "olga").post("/users", body).json["role"] == role
    assert log_in(cafe, "new").get("/sessions").json["items"][0]["role"] == role


def test_registration_may_state_the_role_member(cafe: TestApp) -> None:
    assert register(cafe, "ada", role="member").status_code == 201
    ada = log_in(cafe, "ada")
    for response in (
        ada.put("/users/ada", {"role": "member", "active": True}),
        ada.patch("/users/ada", {"role": "member"}, if_match="*"),
    ):
        assert (response.status_code, response.json["role"]) == (200, "member")


@pytest.mark.parametrize("role", ["member", "staff"])
@pytest.mark.parametrize("body", [{"role": "owner"}, {"active": False}, {"role": "owner", "active": True}])
def test_user_cannot_change_their_own_role_or_state(cafe: TestApp, role: Any, body: dict[str, Any]) -> None:
    ada = cafe.client(role, "ada")
    with writes_nothing(cafe):
        problem(ada.put("/users/ada", body), 403)
        problem(ada.patch("/users/ada", body, if_match="*"), 403)


def test_role_change_takes_effect_with_the_next_request_of_every_session(cafe: TestApp) -> None:
    owner = cafe.client("owner", "olga")
    first = register_and_log_in(cafe, "ada")
    second = log_in(cafe, "ada")
    for role, status in (("staff", 200), ("member", 403), ("owner", 200), ("member", 403)):
        assert owner.patch("/users/ada", {"role": role}, if_match="*").status_code == 200
        for session in (first, second):
            assert session.get(STAFF_PATH).status_code == status
            sessions = session.get("/sessions").json["items"]
            assert {(item["role"], item["username"]) for item in sessions} == {(role, "ada")}


def test_deactivation_ends_all_sessions_and_prevents_login(cafe: TestApp) -> None:
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


def test_deletion_of_a_user_ends_and_removes_all_sessions(cafe: TestApp) -> None:
    sessions = [register_and_log_in(cafe, "ada"), log_in(cafe, "ada")]
    assert cafe.client("owner", "olga").delete("/users/ada").status_code == 204
    for session in sessions:
        problem(session.get("/sessions"), 401)
    keys = [item["pk"]["S"] for item in items(cafe) if "ada" in str(item)]
    assert keys == []


def test_owner_cannot_demote_deactivate_or_delete_themselves(cafe: TestApp) -> None:
    owner = cafe.client("owner", "olga")
    cafe.client("owner", "oscar")
    with writes_nothing(cafe):
        for body in ({"role": "staff"}, {"role": "member"}, {"active": False}):
            problem(owner.put("/users/olga", body), 403)
            problem(owner.patch("/users/olga", body, if_match="*"), 403)
        problem(owner.delete("/users/olga"), 403)
    assert owner.put("/users/olga", {"role": "owner", "active": True, "about": "I."}).json["about"] == "I."


def test_owner_can_demote_deactivate_and_delete_another_owner(cafe: TestApp) -> None:
    olga, oscar = cafe.client("owner", "olga"), cafe.client("owner", "oscar")
    assert olga.patch("/users/oscar", {"role": "staff"}, if_match="*").status_code == 200
    problem(oscar.patch("/users/olga", {"role": "staff"}, if_match="*"), 404)
    assert olga.patch("/users/oscar", {"active": False}, if_match="*").status_code == 200
    assert olga.delete("/users/oscar").status_code == 204


@pytest.mark.parametrize(
    "body", [{"role": "staff"}, {"active": False}, None], ids=["demoted", "deactivated", "deleted"]
)
def test_one_of_two_owners_who_remove_each_other_remains(mocked_table: Table, body: Any) -> None:
    cafe = TestApp(mocked_table, clock := InterruptingClock())
    olga, oscar = cafe.client("owner", "olga"), cafe.client("owner", "oscar")
    statuses = []

    def remove_olga() -> None:
        response = oscar.patch("/users/olga", body, if_match="*") if body else oscar.delete("/users/olga")
        statuses.append(response.status_code)

    clock.run_during_request(remove_olga)
    late_response = olga.patch("/users/oscar", {"active": False}, if_match="*")
    assert statuses in ([200], [204])
    assert late_response.status_code == 403
    assert oscar.get("/users/oscar").json["active"] is True


def test_owner_demoted_during_a_request_cannot_restore_the_role(
    mocked_table: Table,
) -> None:
    cafe = TestApp(mocked_table, clock := InterruptingClock())
    olga, oscar = cafe.client("owner", "olga"), cafe.client("owner", "oscar")
    clock.run_during_request(lambda: oscar.patch("/users/olga", {"role": "member", "active": False}, if_match="*"))
    problem(olga.put("/users/olga", {"role": "owner", "active": True, "about": "I am back."}), 403)
    user = oscar.get("/users/olga").json
    assert (user["role"], user["active"]) == ("member", False)
