"""A migration and a change of the same cat at once: the change is never lost."""

from __future__ import annotations

from typing import Any

import pytest

from api.context import Dependencies
from api.services.mappings import CAT
from tests.support.concurrency import Rendezvous, run_concurrently
from tests.support.engine_app import EngineApp, InstrumentedTable, MakeEngineApp
from tests.support.mutants import ChecksOnlyBefore
from tools.ops.migrate import Migration, Report


def create_outdated_cat(cafe: EngineApp) -> None:
    """Create a cat on hold without its index attributes, as if they had another name before."""
    assert cafe.staff.put("/cats/luna", {"status": "hold"}).status_code == 201
    item = next(item for item in cafe.items("luna") if item["sk"]["S"] == "record")
    outdated: Any = {name: value for name, value in item.items() if not name.endswith("_key")}
    cafe.table.client.put_item(TableName=cafe.table.name, Item=outdated)


def migrate(cafe: EngineApp) -> Report:
    """Migrate the table."""
    return Migration(Dependencies(cafe.settings, cafe.table), apply=True, rate=1e9).run()


def check(cafe: EngineApp) -> None:
    """Check that the change is stored, in the index of today."""
    record = CAT.get(cafe.table, "luna", consistent=True)
    assert record is not None
    assert (record.value.status, record.value.version) == ("available", 2)
    assert [cat["name"] for cat in cafe.public.get("/cats?status=available").json["items"]] == ["luna"]


@pytest.mark.parametrize("table", [InstrumentedTable, ChecksOnlyBefore])
def test_a_change_between_the_read_and_the_write_of_a_migration_is_not_lost(
    engine: Any, make_app: MakeEngineApp, table: type[InstrumentedTable]
) -> None:
    cafe = make_app(engine, table)
    create_outdated_cat(cafe)
    staff = cafe.staff
    cafe.table.before_write = lambda: staff.patch("/cats/luna", {"status": "available"}, if_match="*")
    migrate(cafe)
    if table is InstrumentedTable:
        check(cafe)
    else:
        with pytest.raises(AssertionError):
            check(cafe)


def test_a_migration_between_the_read_and_the_write_of_a_change_does_not_disturb_it(
    engine: Any, make_app: MakeEngineApp
) -> None:
    cafe = make_app(engine)
    create_outdated_cat(cafe)
    staff = cafe.staff
    cafe.table.before_write = lambda: migrate(cafe)
    assert staff.patch("/cats/luna", {"status": "available"}, if_match="*").status_code == 200
    check(cafe)


def test_a_migration_and_changes_at_once_lose_nothing(engine: Any, make_app: MakeEngineApp) -> None:
    cafe = make_app(engine)
    create_outdated_cat(cafe)
    staff = cafe.staff
    cafe.table.rendezvous = rendezvous = Rendezvous(2)
    calls = [
        lambda: migrate(cafe).differing,
        lambda: staff.patch("/cats/luna", {"status": "available"}, if_match="*").status_code,
    ]
    differing, status = run_concurrently(calls, rendezvous)
    cafe.table.rendezvous = None
    assert (differing <= 1, status) == (True, 200)
    check(cafe)
