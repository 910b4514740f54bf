"""The migration of stored items: dry run, writes, position, lost races and errors."""

from __future__ import annotations

import re
import sys
from typing import Any

import pytest
from msgspec.structs import replace

from api.context import Dependencies
from api.services.mappings import CAT, CHIP
from api.store.table import Table
from tests.support import golden
from tests.support.app import TestApp, pointers
from tests.support.inspection import etag, items
from tools.cli import CliError
from tools.ops import create_owner, migrate
from tools.ops.migrate import Migration, parse_position

OLD = golden.RELEASES[0]
CHIP_KEY = "chips#276098106234567"
DIFFERING = ["cats#luna", "cats#milo", "claims#first-owner", "users#ada", "users#owner"]
"""The entities of release 0.1.0 whose items differ."""


def run(cafe: TestApp, **options: Any) -> migrate.Report:
    """Migrate the table without a limit of the rate."""
    position = options.pop("position", None)
    arguments = {"apply": True, "rate": 1e9} | options
    return Migration(Dependencies(cafe.settings, cafe.table), **arguments).run(position)


@pytest.fixture
def old(cafe: TestApp) -> TestApp:
    """Return an app on the items of release 0.1.0."""
    golden.load(cafe.table, OLD)
    return cafe


def test_a_dry_run_writes_nothing_and_shows_what_differs(old: TestApp, capsys: pytest.CaptureFixture[str]) -> None:
    before = items(old)
    report = run(old, apply=False)
    assert items(old) == before
    lines = capsys.readouterr().out.splitlines()
    milo = next(line for line in lines if line.startswith("  cats#milo: "))
    assert {"filter1_key", "filter2_key", "list_key", "care_cards#milo is missing"} < set(
        milo.split(": ")[1].split(", ")
    )
    shown = sorted(line.split(":")[0].strip() for line in lines if line.startswith("  "))
    assert [key for key in shown if not key.startswith("sessions#")] == DIFFERING
    assert f"{report.entities} entities read, {report.differing} to write." in lines


def test_the_migration_changes_neither_documents_nor_versions_and_finds_nothing_again(old: TestApp) -> None:
    before = {(item["pk"]["S"], item["sk"]["S"]): item for item in items(old)}
    tag = etag(old.public.get("/cats/luna"))
    first = run(old)
    assert first.differing == len(DIFFERING) + 2  # two sessions had index attributes
    after = {(item["pk"]["S"], item["sk"]["S"]): item for item in items(old)}
    assert {key[0] for key in after.keys() - before.keys()} == {"care_cards#luna", "care_cards#milo", CHIP_KEY}
    for key, item in before.items():
        assert after[key]["rev"] == item["rev"] if "rev" in item else after[key] == item
        assert after[key].get("doc") == item.get("doc") or key[0] == "claims#first-owner"
    assert etag(old.public.get("/cats/luna")) == tag
    assert [cat["name"] for cat in old.public.get("/cats").json["items"]] == ["luna"]
    unchanged = items(old)
    assert run(old).differing == 0
    assert items(old) == unchanged


def test_the_items_of_this_release_do_not_differ(cafe: TestApp) -> None:
    golden.load(cafe.table, golden.CURRENT)
    before = items(cafe)
    assert run(cafe) == migrate.Report(
        entities=len([item for item in before if "doc" in item and item["sk"]["S"] == "record"])
    )
    assert items(cafe) == before


def test_an_interrupted_migration_continues_from_a_printed_position(
    old: TestApp, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = run(old, apply=False).differing
    capsys.readouterr()
    pauses: list[float] = []

    def interrupt(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(migrate.time, "sleep", interrupt)
    with pytest.raises(KeyboardInterrupt):
        run(old, page=6, rate=3)
    output = capsys.readouterr().out
    position = re.findall(r"--from (\S+)", output)[-1]
    assert parse_position(position).keys() == {"pk", "sk"}
    assert all(0 < pause <= 2 for pause in pauses)
    written = int(re.findall(r"(\d+) written", output)[-1])
    assert 0 < written < whole
    rest = run(old, position=position)
    assert rest.differing == whole - written
    assert run(old).differing == 0


def test_a_change_between_the_scan_and_the_write_is_not_lost(old: TestApp, monkeypatch: pytest.MonkeyPatch) -> None:
    staff = old.staff
    transact = Table.transact

    def race(table: Table, writes: Any, token: str) -> None:
        if any(getattr(write, "item", {}).get("pk") == "cats#milo" for write in writes):
            monkeypatch.setattr(Table, "transact", transact)
            assert staff.patch("/cats/milo", {"status": "available"}, if_match="*").status_code == 200
        transact(table, writes, token)

    monkeypatch.setattr(Table, "transact", race)
    run(old)
    assert Table.transact is transact
    record = CAT.get(old.table, "milo", consistent=True)
    assert record is not None
    assert (record.value.status, record.value.version) == ("available", 2)
    item = next(item for item in items(old) if (item["pk"]["S"], item["sk"]["S"]) == ("cats#milo", "record"))
    assert item["list_key"]["S"] == "cats#public"


def call(monkeypatch: pytest.MonkeyPatch, table: str, *arguments: str) -> None:
    """Run the tool as on the command line."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    zone = () if "--time-zone" in arguments else ("--time-zone", "UTC")
    monkeypatch.setattr(sys, "argv", ["migrate", "--table", table, "--region", "eu-west-1", *zone, *arguments])
    migrate.main()


def test_the_tool_writes_only_with_apply_and_reports_unreadable_entities(
    old: TestApp, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    name, before = old.table.name, items(old)
    call(monkeypatch, name)
    assert capsys.readouterr().out.splitlines()[-1] == (
        "7 of 7 entities differ. Nothing was written: run it with --apply."
    )
    assert items(old) == before
    luna = next(item for item in before if (item["pk"]["S"], item["sk"]["S"]) == ("cats#luna", "record"))
    old.table.client.put_item(TableName=name, Item=luna | {"doc": {"S": "{}"}})
    with pytest.raises(CliError, match="1 entities are unreadable"):
        call(monkeypatch, name, "--apply")
    assert "cats#luna record is unreadable: The member name of Cat is missing." in capsys.readouterr().out
    old.table.client.put_item(TableName=name, Item=luna)
    call(monkeypatch, name, "--apply", "--rate", "1000000")
    assert capsys.readouterr().out.splitlines()[-1].startswith(f"{name} is migrated: 1 of ")


def test_a_wrong_argument_is_an_error_before_any_write(
    old: TestApp, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = items(old)
    with pytest.raises(CliError, match="There is no table called other"):
        call(monkeypatch, "other", "--apply")
    for arguments in (["--from", "luna"], ["--from", "e30="], ["--rate", "0"], ["--rate", "nan"], ["--rate", "fast"]):
        with pytest.raises(SystemExit):
            call(monkeypatch, old.table.name, "--apply", *arguments)
    assert "is not a position" in capsys.readouterr().err
    monkeypatch.setattr(migrate, "has_current_indexes", lambda *_: False)
    with pytest.raises(CliError, match="The indexes of"):
        call(monkeypatch, old.table.name, "--apply")
    assert items(old) == before


def test_the_tool_uses_the_time_zone_of_the_cafe_and_not_of_the_shell(
    cafe: TestApp, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TIME_ZONE", "Asia/Tokyo")
    todo = cafe.staff.post("/todos", {"title": "Feed luna", "due": "2026-11-25"}).json["id"]
    call(monkeypatch, cafe.table.name, "--apply", "--time-zone", "America/New_York")
    (item,) = [item for item in items(cafe) if item["pk"]["S"] == f"todos#{todo}"]
    assert item["by_date"]["S"].startswith("2026-11-26T05:00:00")
    before = items(cafe)
    for zone in ("", "York", "../etc/passwd"):
        with pytest.raises(SystemExit):
            call(monkeypatch, cafe.table.name, "--apply", "--time-zone", zone)
        assert "is not the name of a time zone" in capsys.readouterr().err
    monkeypatch.setattr(sys, "argv", ["migrate", "--table", cafe.table.name, "--apply"])
    with pytest.raises(SystemExit):
        migrate.main()
    assert items(cafe) == before


def test_the_migration_adds_the_claims_of_chips_without_changing_cats(old: TestApp) -> None:
    """A claim of a cat that is gone is replaced, one of a cat with the chip stays."""
    (number,) = {chip.number for chip in CAT.get(old.table, "luna", consistent=True).value.microchips}  # type: ignore[union-attr]
    run(old)
    claim = CHIP.get(old.table, number, consistent=True)
    assert claim is not None
    assert claim.value.cat == "luna"
    assert run(old).differing == 0
    old.table.transact([CHIP.replace(claim, replace(claim.value, uid="gone"), "stale")], "stale")
    assert run(old).differing == 1
    assert pointers(old.staff.put("/cats/tom", {"microchips": [{"number": number}]})) == ["/microchips/0/number"]


def test_a_first_owner_of_0_1_0_is_a_clear_error_of_create_owner(old: TestApp, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    before = items(old)
    monkeypatch.setattr(sys, "argv", ["create_owner", "--table", old.table.name, "--username", "second"])
    with pytest.raises(CliError, match="has a first owner, whom another release has recorded"):
        create_owner.main()
    assert items(old) == before
