"""Read, change, put back: the body of a GET is a valid body of a PUT and of a PATCH.

Members that only the server sets are ignored if they have the current value, and are errors otherwise.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.support.app import Client, TestApp, pointers, problem
from tests.support.inspection import etag, writes_nothing
from tests.support.resource_spec import ResourceSpec
from tests.support.resource_specs import every_resource, with_client_keys
from tests.support.users import register_and_log_in

Send = Callable[[Any], TestResponse]


def senders(client: Client, path: str) -> list[Send]:
    """Return a function that sends a body with PUT, and one that sends it with PATCH."""
    return [lambda body: client.put(path, body, if_match="*"), lambda body: client.patch(path, body, if_match="*")]


def codes(response: TestResponse, status: int = 422) -> dict[str, str]:
    """Return the codes of the errors of a response by pointer."""
    return {error["pointer"]: error["code"] for error in problem(response, status)["errors"]}


def check_put_back(cafe: TestApp, client: Client, path: str) -> None:
    """Send the current representation back, and check that nothing is written."""
    current = client.get(path)
    cafe.clock.advance(seconds=1)
    for send in senders(client, path):
        with writes_nothing(cafe):
            response = send(current.json)
        assert (response.status_code, response.data, etag(response)) == (200, current.data, etag(current))


def other_value(value: Any) -> Any:
    """Return a value of the same type that differs."""
    if isinstance(value, bool) or value is None:
        return not value
    if isinstance(value, int):
        return value + 1
    if isinstance(value, list):
        return [*value, {"code": "weather"}]
    return "2001-01-01T00:00:00Z" if value[:2] == "20" else f"{value}!"


@every_resource
def test_representation_can_be_put_back_and_changed(cafe: TestApp, spec: ResourceSpec) -> None:
    writer = spec.writer_client(cafe)
    for path in (spec.create(writer), spec.create(writer, "tom", spec.other | spec.minimal_body())):
        check_put_back(cafe, writer, path)
        before = writer.get(path)
        changed = before.json | spec.body
        after = writer.put(path, changed, if_match=etag(before))
        assert after.status_code == 200
        assert after.json | spec.body == after.json
        problem(writer.put(path, before.json | {"version": 99}, if_match='"old"'), 412)  # the precondition comes first


@every_resource
def test_other_value_of_a_read_only_member_is_422(cafe: TestApp, spec: ResourceSpec) -> None:
    writer = spec.writer_client(cafe)
    path = spec.create(writer)
    current = writer.get(path).json
    read_only = {name: other_value(current[name]) for name in spec.read_only}
    assert {spec.key_field, *spec.read_only} <= current.keys()
    for send in senders(writer, path):
        with writes_nothing(cafe):
            assert codes(send(current | read_only)) == {f"/{name}": "read_only" for name in spec.read_only}
            for name, value in read_only.items():
                for wrong in (value, {}, "x" * 300):
                    (error,) = problem(send(current | {name: wrong}), 422)["errors"]
                    assert (error["code"], error["pointer"]) == ("read_only", f"/{name}")
                    assert error["detail"].startswith(f"{name} is read-only.")
                    assert len(error["detail"]) < 120
            assert codes(send(current | {"wings": 2, "version": 0})) == {
                "/wings": "unknown_member",
                "/version": "read_only",
            }


@every_resource
def test_new_entity_has_no_read_only_members(cafe: TestApp, spec: ResourceSpec) -> None:
    writer = spec.writer_client(cafe)
    current = writer.get(spec.create(writer)).json
    read_only = {name: current[name] for name in spec.read_only}
    expected = {f"/{name}": "read_only" for name in spec.read_only}
    with writes_nothing(cafe):
        assert codes(writer.post(spec.path, spec.post_body("tom") | read_only)) == expected
        assert codes(writer.post(spec.path, spec.post_body("tom") | read_only | {"wings": 2})) == (
            expected | {"/wings": "unknown_member"}
        )


@with_client_keys
def test_put_or_patch_that_creates_has_no_read_only_members(cafe: TestApp, spec: ResourceSpec) -> None:
    writer = spec.writer_client(cafe)
    current = writer.get(spec.create(writer)).json
    body = {name: value for name, value in current.items() if name != spec.key_field} | spec.post_fields
    url, expected = spec.url("tom"), {f"/{name}": "read_only" for name in spec.read_only}
    with writes_nothing(cafe):
        assert codes(writer.put(url, body)) == expected
        assert codes(writer.patch(url, body, if_none_match="*")) == expected


def test_other_key_is_read_only(cafe: TestApp) -> None:
    staff = cafe.staff
    staff.put("/cats/luna", {})
    post = staff.post("/posts", {"title": "x", "body": "y"}).headers["Location"]
    for path, body in (("/cats/luna", {"name": "tom"}), (post, {"title": "x", "body": "y", "id": 99})):
        for send in senders(staff, path):
            with writes_nothing(cafe):
                assert list(codes(send(body)).values()) == ["read_only"]


def test_users_put_themselves_back(cafe: TestApp) -> None:
    ada = register_and_log_in(cafe, "ada")
    assert ada.patch("/users/ada", {"displayName": "Ada", "about": "x"}, if_match="*").status_code == 200
    check_put_back(cafe, ada, "/users/ada")
    changed = ada.get("/users/ada").json | {"displayName": "Ada L."}
    assert ada.put("/users/ada", changed).json["displayName"] == "Ada L."
    problem(ada.put("/users/ada", ada.get("/users/ada").json | {"role": "owner"}), 403)


def test_body_that_the_public_read_has_other_values(cafe: TestApp) -> None:
    staff = cafe.staff
    staff.put("/cats/luna", {"status": "available"})
    cafe.clock.advance(seconds=1)
    staff.patch("/cats/luna", {"staffNotes": "shy"}, if_match="*")
    public = cafe.public.get("/cats/luna").json
    with writes_nothing(cafe):
        response = staff.put("/cats/luna", public)
    assert codes(response) == {"/updated": "read_only", "/version": "read_only"}
    assert "GET the entity again" in problem(response, 422)["detail"]


def test_times_may_be_in_another_notation(cafe: TestApp) -> None:
    staff = cafe.staff
    staff.put("/pies/apple", {})
    body = staff.get("/pies/apple").json
    body |= {name: body[name].replace("Z", "+00:00") for name in ("created", "updated")}
    for send in senders(staff, "/pies/apple"):
        with writes_nothing(cafe):
            assert send(body).status_code == 200


def test_form_can_be_put_back(cafe: TestApp) -> None:
    staff = cafe.staff
    staff.put("/pies/apple", {"publicName": "Apple"})
    body = {name: value for name, value in staff.get("/pies/apple").json.items() if isinstance(value, str | int)}
    form = {name: str(value).lower() if isinstance(value, bool) else value for name, value in body.items()}
    with writes_nothing(cafe):
        assert staff.send("PUT", "/pies/apple", data=form).status_code == 200
        assert codes(staff.send("PUT", "/pies/apple", data=form | {"version": "2", "soldOut": "true"})) == {
            "/soldOut": "read_only",
            "/version": "read_only",
        }


@pytest.mark.parametrize(
    ("path", "body", "member", "values"),
    [
        ("/todos", {"title": "x", "due": "2026-11-22T13:00:00Z"}, "overdue", (False, True)),
        ("/pies", {"name": "apple", "soldOutUntil": "2026-11-22T13:00:00Z"}, "soldOut", (True, False)),
        ("/cats", {"name": "luna", "birthDate": "2025-11-23"}, "ageGroup", ("baby", "young")),
    ],
)
def test_member_that_time_changes_after_the_read_can_be_put_back(
    cafe: TestApp, path: str, body: dict[str, Any], member: str, values: tuple[Any, Any]
) -> None:
    """The client has read the entity just before the value changed, and any time after its version was made."""
    staff = cafe.staff
    url = staff.post(path, body).headers["Location"]
    before = staff.get(url).json
    cafe.clock.advance(hours=14)
    staff = cafe.client("staff")
    after = staff.get(url).json
    assert (before[member], after[member]) == values
    for send in senders(staff, url):
        with writes_nothing(cafe):
            assert send(before).json == after
    cafe.clock.advance(days=90)
    staff = cafe.client("staff")
    current = staff.get(url).json
    for send in senders(staff, url):
        with writes_nothing(cafe):
            assert send(before).json == current
            assert pointers(send(before | {member: "mine"})) == [f"/{member}"]


def test_names_of_users_are_compared_as_shown(cafe: TestApp) -> None:
    staff, owner = cafe.staff, cafe.client("owner")
    todo = staff.post("/todos", {"title": "x", "assignee": "the staff"}).headers["Location"]
    assert staff.post(f"{todo}/done", {}).status_code == 200
    check_put_back(cafe, staff, todo)
    assert (staff.get(todo).json["by"], staff.get(todo).json["doneBy"]) == ("the staff", "the staff")
    with writes_nothing(cafe):
        assert codes(staff.put(todo, staff.get(todo).json | {"by": "the owner"})) == {"/by": "read_only"}
    assert owner.delete("/users/the%20staff").status_code == 204
    shown = owner.get(todo).json
    assert (shown["by"], shown["assignee"]) == ("a former member of staff", None)
    check_put_back(cafe, owner, todo)


def test_read_only_members_of_a_weighing(cafe: TestApp) -> None:
    staff = cafe.staff
    staff.put("/cats/luna", {})
    with writes_nothing(cafe):
        assert codes(staff.post("/cats/luna/weights", {"grams": 4000, "by": "ada", "wings": 2})) == {
            "/by": "read_only",
            "/wings": "unknown_member",
        }


def test_null_means_the_default_only_in_a_merge_patch(cafe: TestApp) -> None:
    staff = cafe.staff
    staff.put("/cats/luna", {"goodWith": {"children": "yes"}, "sex": "female"})
    todo = staff.post("/todos", {"title": "x", "due": "2026-12-01", "recurrence": {"every": 1, "unit": "days"}})
    assert staff.patch("/cats/luna", {"goodWith": {"children": None}, "sex": None}, if_match="*").status_code == 200
    assert staff.get("/cats/luna").json["goodWith"]["children"] == "unknown"
    ada = register_and_log_in(cafe, "ada")
    refused: list[tuple[TestResponse, dict[str, str]]] = [
        (staff.put("/cats/luna", {"sex": None}), {"/sex": "wrong_type"}),
        (staff.put("/cats/luna", {"goodWith": {"children": None}}), {"/goodWith/children": "wrong_type"}),
        (staff.patch(todo.headers["Location"], {"title": None}, if_match="*"), {"/title": "required"}),
        (
            staff.patch(todo.headers["Location"], {"recurrence": {"every": None}}, if_match="*"),
            {"/recurrence/every": "required"},
        ),
    ]
    members = ("role", "active", "password", "currentPassword")
    patch = dict.fromkeys(members)
    refused.append((ada.patch("/users/ada", patch, if_match="*"), {f"/{name}": "wrong_type" for name in members}))
    for response, expected in refused:
        assert codes(response) == expected
    created = ada.get("/users/ada").json["created"]
    with writes_nothing(cafe):
        assert codes(ada.patch("/users/ada", {"created": None}, if_match="*")) == {"/created": "read_only"}
        assert ada.patch("/users/ada", {"created": created, "username": None}, if_match="*").status_code == 200


def test_member_that_has_changed_often_since_the_version_can_be_put_back(cafe: TestApp) -> None:
    cafe.staff.put("/cats/luna", {"birthDate": "2025-11-23"})
    groups = []
    for days in (0, 731):
        cafe.clock.advance(days=days)
        before = cafe.client("staff").get("/cats/luna").json
        groups.append(before["ageGroup"])
    cafe.clock.advance(hours=14)
    staff = cafe.client("staff")
    groups.append(staff.get("/cats/luna").json["ageGroup"])
    assert groups == ["baby", "young", "adult"]
    with writes_nothing(cafe):
        assert staff.put("/cats/luna", before).json["ageGroup"] == "adult"
