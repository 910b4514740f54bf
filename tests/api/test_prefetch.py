"""A caller's session and the entity that the path names come in one round trip; the session is judged first."""

from __future__ import annotations

from typing import Any

import pytest

from api.store import keys
from api.store.table import Table
from tests.support.app import TestApp, problem
from tests.support.failing_tables import replace_table

UNREADABLE = {"rev": {"S": "r"}, "doc": {"S": "this is no JSON"}}
KEYED = [("GET", None), ("PUT", {}), ("PATCH", {}), ("DELETE", None)]


class RecordingTable(Table):
    """A table that records its calls."""

    def _call(self, operation: Any, member: str, request: dict[str, Any]) -> Any:
        self.__dict__.setdefault("calls", []).append(operation.__name__)
        return super()._call(operation, member, request)


def put_item(cafe: TestApp, name: str) -> None:
    key = {member: {"S": value} for member, value in keys.item_key("cats", name).items()}
    cafe.table.client.put_item(TableName=cafe.table.name, Item=key | UNREADABLE)


@pytest.mark.parametrize(("method", "body"), KEYED)
def test_the_first_round_trip_of_a_caller_reads_the_session_and_the_cat(
    mocked_table: Table, method: str, body: Any
) -> None:
    cafe = TestApp(replace_table(mocked_table, RecordingTable))
    staff = cafe.staff
    staff.put("/cats/luna", {})
    cafe.table.calls.clear()
    headers = {"If-Match": "*"} | ({"Content-Type": "application/merge-patch+json"} if method == "PATCH" else {})
    answer = staff.send(method, "/cats/luna", headers, json=body)
    assert answer.status_code in (200, 204)
    assert cafe.table.calls[:1] == ["batch_get_item"]
    assert "get_item" not in cafe.table.calls[:2]


@pytest.mark.parametrize(("method", "body"), KEYED)
def test_an_entity_is_not_used_before_the_role_is_checked(cafe: TestApp, method: str, body: Any) -> None:
    """An unreadable item is an error of the server as soon as it is used."""
    put_item(cafe, "luna")
    strangers = [({"Authorization": "Bearer unknown"}, 401), ({}, 401)]
    for headers, status in strangers if method != "GET" else strangers[:1]:
        problem(cafe.public.send(method, "/cats/luna", headers, json=body), status)
    if method != "GET":
        problem(cafe.client("member").send(method, "/cats/luna", json=body), 403)
    patch = {"Content-Type": "application/merge-patch+json", "If-Match": "*"}
    problem(cafe.staff.send(method, "/cats/luna", patch if method == "PATCH" else {}, json=body), 500)


def test_a_session_reads_itself_though_a_batch_may_not_have_a_key_twice(cafe: TestApp) -> None:
    staff = cafe.staff
    [mine] = staff.get("/sessions").get_json()["items"]
    assert staff.get(f"/sessions/{mine['id']}").get_json()["current"] is True
    assert staff.delete(f"/sessions/{mine['id']}", if_match="*").status_code == 204
    problem(staff.get(f"/sessions/{mine['id']}"), 401)


class InterruptedTable(Table):
    """A table in which another caller writes between the read and the write of a request, once."""

    def transact(self, writes: Any, token: str) -> None:
        between, self.__dict__["between"] = self.__dict__.get("between"), None
        if between:
            between()
        super().transact(writes, token)


def test_a_prefetched_entity_is_read_anew_after_a_conflict(mocked_table: Table) -> None:
    cafe = TestApp(replace_table(mocked_table, InterruptedTable))
    staff, other = cafe.staff, cafe.staff
    etag = staff.put("/cats/luna", {}).headers["ETag"]
    cafe.table.__dict__["between"] = lambda: other.put("/cats/luna", {"sex": "female"})
    problem(staff.put("/cats/luna", {"sex": "male"}, if_match=etag), 412)
    assert staff.get("/cats/luna").get_json()["sex"] == "female"
