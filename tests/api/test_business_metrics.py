"""Business metrics in the log line of a request: each write that was made is counted once."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextvars import copy_context
from typing import Any, get_args

import pytest

from api.domain.entity import BusinessMetric
from api.domain.errors import Unavailable
from api.http.request_log import JsonFormatter, log
from api.store.table import Table
from tests.support.app import NOON, Client, TestApp
from tests.support.inspection import etag

WEIGHTS = "/cats/luna/weights"
Start = Callable[..., TestApp]
Counted = Callable[[], dict[str, int]]
DUE = "2026-11-22T11:00:00Z"
"""An hour before the time of the tests."""


@pytest.fixture
def start(caplog: pytest.LogCaptureFixture) -> Start:
    """Return a function that starts the application with metrics on a table."""

    def start(table: Table, **settings: Any) -> TestApp:
        app = TestApp(table, log_level="INFO", metrics=True, **settings)
        log.addHandler(caplog.handler)
        return app

    return start


@pytest.fixture
def cafe(mocked_table: Table, start: Start) -> TestApp:
    """Return the application with the cats luna (available) and milo (adopted)."""
    cafe = start(mocked_table)
    cafe.staff.put("/cats/luna", {"status": "available"})
    cafe.staff.put("/cats/milo", {"status": "adopted"})
    return cafe


@pytest.fixture
def counted(caplog: pytest.LogCaptureFixture) -> Counted:
    """Return a function that returns the business metrics in the log of the test since the last call."""

    def read() -> dict[str, int]:
        totals: dict[str, int] = {}
        lines = [json.loads(JsonFormatter().format(record)) for record in caplog.records]
        caplog.clear()
        assert lines
        for line in lines:
            declared = {each["Name"]: each["Unit"] for each in line["_aws"]["CloudWatchMetrics"][0]["Metrics"]}
            for name in get_args(BusinessMetric):
                assert (name in line) == (name in declared), "a line declares exactly the metrics that it has"
                if name in line:
                    assert declared[name] == "Count"
                    totals[name] = totals.get(name, 0) + line[name]
        return totals

    return read


def change_status(staff: Client, name: str, status: str, method: str = "patch") -> None:
    path = f"/cats/{name}"
    response = getattr(staff, method)(path, {"status": status}, if_match=etag(staff.get(path)))
    assert response.status_code == 200, response.json


@pytest.mark.parametrize("method", ["patch", "put"])
def test_an_adoption_is_counted_once(cafe: TestApp, counted: Counted, method: str) -> None:
    change_status(cafe.staff, "luna", "adopted", method)
    assert counted() == {"Adoptions": 1}
    change_status(cafe.staff, "luna", "adopted", method)
    assert counted() == {}, "nothing changed"


@pytest.mark.parametrize(("name", "status"), [("luna", "transferred"), ("milo", "available")])
def test_other_changes_of_a_status_are_no_adoptions(cafe: TestApp, counted: Counted, name: str, status: str) -> None:
    change_status(cafe.staff, name, status)
    assert counted() == {}


def test_a_changed_deleted_or_imported_adopted_cat_is_no_adoption(cafe: TestApp, counted: Counted) -> None:
    staff = cafe.staff
    staff.patch("/cats/milo", {"sex": "male"}, if_match=etag(staff.get("/cats/milo")))
    assert staff.delete("/cats/milo", if_match=etag(staff.get("/cats/milo"))).status_code == 204
    assert staff.put("/cats/milo", {"status": "adopted"}).status_code == 201
    assert counted() == {}


def test_a_weighing_is_counted_once_for_an_idempotency_key(cafe: TestApp, counted: Counted) -> None:
    staff = cafe.staff
    for _ in range(3):
        assert staff.post(WEIGHTS, {"grams": 4000}, idempotency_key='"a"').status_code == 201
    assert counted() == {"Weighings": 1}


def test_a_refused_write_is_not_counted(cafe: TestApp, counted: Counted) -> None:
    staff = cafe.staff
    assert staff.post(WEIGHTS, {"grams": 0}).status_code == 422
    assert staff.patch("/cats/luna", {"status": "adopted"}, if_match='"old"').status_code == 412
    assert counted() == {}


class FailingTable(Table):
    """A table whose transactions fail."""

    def _call(self, operation: Any, member: str, request: dict[str, Any]) -> Any:
        """Fail as a call without a connection does."""
        if "TransactItems" in request:
            raise Unavailable("The database does not respond. Please try again.")
        return super()._call(operation, member, request)


def test_a_failed_write_is_not_counted(cafe: TestApp, start: Start, counted: Counted) -> None:
    table = FailingTable(cafe.table.client, cafe.table.name)
    failing = start(table).app.test_client()
    headers = {"Authorization": f"Bearer {cafe.token('staff')}"}
    assert failing.post(WEIGHTS, headers=headers, json={"grams": 4000}).status_code == 503
    assert counted() == {}


class SlowerTable(Table):
    """A table whose first transaction comes after a write of another client."""

    first: Callable[[], Any] | None = None

    def transact(self, *arguments: Any) -> None:
        """Let the other client write, and then write."""
        first, self.first = self.first, None
        if first:
            copy_context().run(first)  # the other request has its own budget
        super().transact(*arguments)


@pytest.mark.parametrize("key", ['"a"', '"b"'], ids=["replayed", "repeated"])
def test_a_write_that_loses_a_race_is_counted_once(cafe: TestApp, start: Start, counted: Counted, key: str) -> None:
    table = SlowerTable(cafe.table.client, cafe.table.name)
    staff = start(table).staff
    table.first = lambda: cafe.staff.post(WEIGHTS, {"grams": 4000}, idempotency_key='"a"')
    response = staff.post(WEIGHTS, {"grams": 4000}, idempotency_key=key)
    assert response.status_code == 201
    weighings = cafe.staff.get(WEIGHTS).json["items"]
    assert len(weighings) == (1 if key == '"a"' else 2)
    assert counted() == {"Weighings": len(weighings)}


def create_todo(staff: Client, **fields: Any) -> str:
    return str(staff.post("/todos", {"title": "Eye drops", "cat": "luna"} | fields).json["id"])


@pytest.mark.parametrize(
    ("fields", "late"),
    [
        ({"kind": "medicine", "due": DUE}, True),
        ({"kind": "medicine", "due": NOON.isoformat()}, True),
        ({"kind": "medicine", "due": DUE, "recurrence": {"every": 12, "unit": "hours"}}, True),
        ({"kind": "medicine", "due": "2026-11-21"}, True),
        ({"kind": "medicine", "due": "2026-11-22"}, False),
        ({"kind": "medicine"}, False),
        ({"kind": "feeding", "due": DUE}, False),
    ],
)
def test_a_medicine_todo_that_is_done_after_its_due_date_is_a_late_dose(
    cafe: TestApp, counted: Counted, fields: dict[str, Any], late: bool
) -> None:
    todo_id = create_todo(cafe.staff, **fields)
    for _ in range(2):
        assert cafe.staff.send("POST", f"/todos/{todo_id}/done").status_code == 200
    assert counted() == ({"LateDoses": 1} if late else {})


def test_a_patch_completes_a_late_dose_and_other_changes_do_not(cafe: TestApp, counted: Counted) -> None:
    staff, path = cafe.staff, f"/todos/{create_todo(cafe.staff, kind='medicine', due=DUE)}"

    def patch(body: dict[str, Any]) -> None:
        assert staff.patch(path, body, if_match=etag(staff.get(path))).status_code == 200

    patch({"notes": "left eye"})
    assert counted() == {}
    # A new due date does not make the dose punctual.
    patch({"done": True, "due": "2026-11-30"})
    assert counted() == {"LateDoses": 1}
    patch({"notes": "both eyes"})
    patch({"done": False})
    assert counted() == {}


def test_a_date_ends_in_the_time_zone_of_the_cafe(mocked_table: Table, start: Start, counted: Counted) -> None:
    staff = start(mocked_table, time_zone="Pacific/Auckland").staff
    staff.put("/cats/luna", {})
    todo_id = create_todo(staff, kind="medicine", due="2026-11-22")
    staff.send("POST", f"/todos/{todo_id}/done")
    assert counted() == {"LateDoses": 1}


def test_reads_have_no_business_metrics(cafe: TestApp, counted: Counted) -> None:
    for path in ("/cats", "/cats/milo", WEIGHTS, "/todos"):
        assert cafe.staff.get(path).status_code == 200
    assert counted() == {}
