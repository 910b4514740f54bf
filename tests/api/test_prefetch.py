"""Prefetch: the session and the item of the path are read in one round trip, and the session is checked first."""

from __future__ import annotations

from typing import Any

import pytest

from api.store import keys
from api.store.table import Table
from tests.support.app import TestApp, problem
from tests.support.failing_tables import replace_table

UNREADABLE = {"rev": {"S": "r"}, "doc": {"S": "this is no JSON"}}
ITEM_METHODS = [("GET", None), ("PUT", {}), ("PATCH", {}), ("DELETE", None)]


class RecordingTable(Table):
    """A table that records its calls."""

    def _call(self, operation: Any, member: str, request: dict[str, Any]) -> Any:
        self.__dict__.setdefault("calls", []).append(operation.__name__)
        return super()._call(operation, member, request)


def put_unreadable_item(cafe: TestApp, name: str) -> None:
    """Store a cat that cannot be decoded."""
    key = {member: {"S": value} for member, value in keys.item_key("cats", name).items()}
    cafe.table.client.put_item(TableName=cafe.table.name, Item=key | UNREADABLE)


@pytest.mark.parametrize(("method", "body"), ITEM_METHODS)
def test_first_round_trip_reads_the_session_and_the_cat(mocked_table: Table, method: str, body: Any) -> None:
    cafe = TestApp(replace_table(mocked_table, RecordingTable))
    staff = cafe.staff
    staff.put("/cats/luna", {})
    cafe.table.calls.clear()
    headers = {"If-Match": "*"} | ({"Content-Type": "application/merge-patch+json"} if method == "PATCH" else {})
    response = staff.send(method, "/cats/luna", headers, json=body)
    assert response.status_code in (200, 204)
    assert cafe.table.calls[:1] == ["batch_get_item"]
    assert "get_item" not in cafe.table.calls[:2]


@pytest.mark.parametrize(("method", "body"), ITEM_METHODS)
def test_prefetched_item_is_not_decoded_before_the_role_is_checked(cafe: TestApp, method: str, body: Any) -> None:
    """Decoding the unreadable item would be a 500."""
    put_unreadable_item(cafe, "luna")
    unauthenticated = [({"Authorization": "Bearer unknown"}, 401), ({}, 401)]
    for headers, status in unauthenticated if method != "GET" else unauthenticated[:1]:
        problem(cafe.public.send(method, "/cats/luna", headers, json=body), status)
    if method != "GET":
        problem(cafe.client("member").send(method, "/cats/luna", json=body), 403)
    patch = {"Content-Type": "application/merge-patch+json", "If-Match": "*"}
    problem(cafe.staff.send(method, "/cats/luna", patch if method == "PATCH" else {}, json=body), 500)


def test_session_can_be_the_item_of_its_own_request(cafe: TestApp) -> None:
    """BatchGetItem rejects duplicate keys."""
    staff = cafe.staff
    [session] = staff.get("/sessions").get_json()["items"]
    assert staff.get(f"/sessions/{session['id']}").get_json()["current"] is True
    assert staff.delete(f"/sessions/{session['id']}", if_match="*").status_code == 204
    problem(staff.get(f"/sessions/{session['id']}"), 401)


class InterruptedTable(Table):
    """A table that runs a callback once, between the read and the write of a request."""

    def transact(self, writes: Any, token: str) -> None:
        callback, self.__dict__["callback"] = self.__dict__.get("callback"), None
        if callback:
            callback()
        super().transact(writes, token)


def test_prefetched_item_is_read_again_after_a_conflict(mocked_table: Table) -> None:
    cafe = TestApp(replace_table(mocked_table, InterruptedTable))
    staff, other = cafe.staff, cafe.staff
    etag = staff.put("/cats/luna", {}).headers["ETag"]
    cafe.table.__dict__["callback"] = lambda: other.put("/cats/luna", {"sex": "female"})
    problem(staff.put("/cats/luna", {"sex": "male"}, if_match=etag), 412)
    assert staff.get("/cats/luna").get_json()["sex"] == "female"
