"""A PUT or PATCH that changes nothing makes no version, writes nothing and keeps the entity tag."""

from __future__ import annotations

from typing import Any

from tests.support.app import Client, TestApp, problem
from tests.support.inspection import etag, writes_nothing
from tests.support.resource_spec import ResourceSpec
from tests.support.resource_specs import every_resource
from tests.support.users import PASSWORD, register_and_log_in


def check_unchanged(cafe: TestApp, client: Client, path: str, *, put: Any = None, patches: Any = ({},)) -> None:
    """Send bodies that change nothing, and compare each response with the current representation."""
    current = client.get(path)
    cafe.clock.advance(seconds=1)
    for if_match in ("*", etag(current)):
        with writes_nothing(cafe):
            responses = [client.patch(path, patch, if_match=if_match) for patch in patches]
            responses += [] if put is None else [client.put(path, put, if_match=if_match)]
        for response in responses:
            assert (response.status_code, response.data) == (200, current.data)
            assert etag(response) == etag(current)


@every_resource
def test_unchanged_body_makes_no_version(cafe: TestApp, spec: ResourceSpec) -> None:
    writer = spec.writer_client(cafe)
    path = spec.create(writer)
    key = {spec.key_field: writer.get(path).json[spec.key_field]}
    check_unchanged(cafe, writer, path, put=spec.body | key, patches=({}, spec.body, key))
    tag = etag(writer.get(path))
    assert writer.put(path, spec.other).json["version"] == 2
    with writes_nothing(cafe):
        problem(writer.patch(path, {}, if_match=tag), 412)
        problem(writer.patch(path, {}), 428)
        problem(writer.put(path, spec.other, if_none_match="*"), 412)
        problem(writer.patch(path, {"wings": 2}, if_match="*"), 422)
        assert writer.put(path, spec.other, prefer="return=minimal").status_code == 204
    check_unchanged(cafe, writer, path, put=spec.other, patches=({}, spec.other))


def test_unchanged_cat_has_no_new_history_entry(cafe: TestApp) -> None:
    staff = cafe.staff
    for name in ("Zoë", "milo"):
        staff.put(f"/cats/{name}", {})
    body = {"status": "available", "bondedWith": ["Zoë", "milo"], "birthDate": "2026-01-02", "sex": "female"}
    staff.put("/cats/luna", body)
    other_spelling = {"bondedWith": ["Zoe\u0308", " milo ", "Zoë"], "sex": "female", "description": None}
    history = staff.get("/cats/luna/history").data, staff.get("/cats/milo/history").data
    check_unchanged(cafe, staff, "/cats/luna", put=body | other_spelling, patches=[other_spelling])
    assert (staff.get("/cats/luna/history").data, staff.get("/cats/milo/history").data) == history


def test_same_value_in_another_notation_is_no_change(cafe: TestApp) -> None:
    staff = cafe.staff
    pie = {"rate": {"amount": 450, "currency": "GBP"}, "soldOutUntil": "2026-12-01T12:00:00Z", "publicName": "apple"}
    staff.put("/pies/apple", pie)
    same = [{"rate": 450}, {"soldOutUntil": "2026-12-01T13:00:00+01:00"}, {"publicName": None}, {"available": None}]
    check_unchanged(cafe, staff, "/pies/apple", patches=same)
    post = staff.post("/posts", {"title": "News", "body": "Luna *purrs*.", "cats": ["luna"]}).headers["Location"]
    check_unchanged(
        cafe, staff, post, put={"title": "News", "body": "Luna *purrs*.", "cats": ["luna", " luna"]}, patches=[{}]
    )
    todo = staff.post("/todos", {"title": "x", "waitUntil": "2026-11-23T00:00:00Z"}).headers["Location"]
    check_unchanged(cafe, staff, todo, patches=[{"waitUntil": "2026-11-23T01:00:00+01:00", "done": False}])
    assigned = staff.post("/todos", {"title": "x", "assignee": "the staff"}).headers["Location"]
    check_unchanged(
        cafe, staff, assigned, put={"title": "x", "assignee": "the staff"}, patches=[{"assignee": "The Staff"}]
    )
    assert staff.post(f"{todo}/done", {}).status_code == 200
    check_unchanged(cafe, staff, todo, put={"title": "x", "waitUntil": "2026-11-23T00:00:00Z", "done": True})


def test_new_password_is_a_change_even_if_it_is_the_old_one(cafe: TestApp) -> None:
    client = register_and_log_in(cafe, "ada")
    check_unchanged(cafe, client, "/users/ada", put={}, patches=[{}, {"username": "ADA"}])
    change = {"password": PASSWORD, "currentPassword": PASSWORD}
    assert client.patch("/users/ada", change, if_match="*").json["version"] == 2
