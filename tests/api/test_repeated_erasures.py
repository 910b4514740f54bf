"""After a restore from a backup, what was erased after the backup is erased again."""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from pathlib import Path
from typing import Any

import boto3
import msgspec
import pytest
from moto import mock_aws

from api.domain.erasures import Erasure
from api.services.erasures import list_erasures
from api.store.table import Table
from tests.api.test_privacy import PROFILE, SECRET, USERNAME, ada, history, redact, write_secret
from tests.support.app import Client, TestApp
from tests.support.inspection import items, writes_nothing
from tools.cli import CliError
from tools.ops import erasures as erasures_tool
from tools.ops import restore as restore_tool
from tools.ops.erasures import Repetition, read_file, repeat_erasures, report
from tools.ops.restore import erase_again
from tools.tables import create_table, table_settings

__all__ = ["ada"]


def restore(cafe: TestApp, backup: list[dict[str, dict[str, str]]]) -> TestApp:
    """Return an application on a new table with the items of a backup."""
    create_table(cafe.table.client, "restored")
    for item in backup:
        cafe.table.client.put_item(TableName="restored", Item=item)
    return TestApp(Table(cafe.table.client, "restored"), cafe.clock)


def test_repetition_erases_what_was_erased_after_the_backup_and_nothing_else(cafe: TestApp, ada: Client) -> None:
    write_secret(cafe)
    assert redact(cafe.staff, {"member": "pattern", "reason": "Before the backup"}) == [3]
    for day, text in enumerate((SECRET, f"{SECRET}?")):
        cafe.staff.patch("/cats/milo", {"staffNotes": text, "pattern": f"tabby {day}"}, if_match="*")
    cafe.staff.put("/cats/kit", {"description": SECRET})
    backup = items(cafe)
    assert cafe.client("owner").delete(f"/users/{USERNAME}").status_code == 204
    cafe.staff.patch("/cats/milo", {"staffNotes": "Loves tuna."}, if_match="*")
    assert redact(cafe.staff) == [5]
    cafe.staff.delete("/cats/kit")
    assert cafe.staff.post("/cats/kit/history/redactions", {"member": "description", "reason": "x"}).json is not None
    cafe.staff.put("/cats/later", {"description": SECRET})
    cafe.staff.delete("/cats/later")
    assert cafe.staff.post("/cats/later/history/redactions", {"member": "description", "reason": "x"}).json is not None
    erasures = list_erasures(cafe.table)
    restored = restore(cafe, backup)
    assert repeat_erasures(restored.settings, restored.table, erasures) == Repetition(1, 3, ())
    stored = [item for item in items(restored) if not item["pk"]["S"].startswith("idempotency#")]
    texts = [SECRET, USERNAME, *PROFILE.values()]
    assert [item for item in stored if any(text in json.dumps(item, ensure_ascii=False) for text in texts)] == []
    assert restored.staff.get("/cats/milo").json["pattern"] == "tabby 1"  # type: ignore[index]
    assert restored.staff.get("/cats/kit").status_code == 200
    assert [entry["action"] for entry in history(restored)[:2]] == ["redacted", "patched"]
    assert restored.staff.get("/posts/1").json["author"] == "a former member of staff"  # type: ignore[index]
    assert {erasure.id for erasure in erasures} <= {erasure.id for erasure in list_erasures(restored.table)}
    with writes_nothing(restored):
        assert repeat_erasures(restored.settings, restored.table, erasures) == Repetition(0, 0, ())


def test_restore_command_repeats_the_erasures_of_the_old_table(
    cafe: TestApp, ada: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "none")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "none")
    settings = table_settings("restored", "eu-west-1", "UTC")
    with mock_aws():
        client: Any = boto3.client("dynamodb", "eu-west-1")
        for name in ("cats", "restored"):
            create_table(client, name)
            for item in items(cafe):
                client.put_item(TableName=name, Item=item)
        old, restored = (TestApp(Table(client, name), cafe.clock) for name in ("cats", "restored"))
        assert old.client("owner").delete(f"/users/{USERNAME}").status_code == 204
        assert erase_again(client, "cats", settings, []).startswith("restored: 1 users were erased again, 0 ")
        assert old.client("owner").get(f"/users/{USERNAME}").status_code == 404
        assert restored.client("owner").get(f"/users/{USERNAME}").status_code == 404
        assert "has no record" in erase_again(client, "missing", settings, [])


def test_version_that_was_not_redacted_stays(cafe: TestApp) -> None:
    write_secret(cafe)
    cafe.staff.patch("/cats/milo", {"staffNotes": "Loves tuna."}, if_match="*")
    restored = restore(cafe, items(cafe))
    assert redact(cafe.staff) == [3]
    assert repeat_erasures(restored.settings, restored.table, list_erasures(cafe.table)) == Repetition(0, 1, ())
    assert restored.staff.get("/cats/milo").json["staffNotes"] == "Loves tuna."  # type: ignore[index]
    assert SECRET not in json.dumps(items(restored))


def test_erasures_survive_in_a_file(cafe: TestApp, ada: Client, tmp_path: Path) -> None:
    ada.delete(f"/users/{USERNAME}")
    path = tmp_path / "erasures.json"
    path.write_bytes(msgspec.json.encode(list_erasures(cafe.table)))
    assert read_file(path) == list_erasures(cafe.table)
    assert USERNAME not in path.read_text()
    path.write_text("[{}]")
    for broken in (path, tmp_path / "missing"):
        with pytest.raises(CliError, match=r"has no exported erasures: .* Nothing was changed\.$"):
            read_file(broken)


def test_redaction_that_breaks_a_rule_is_reported_and_has_no_record(cafe: TestApp) -> None:
    """For example a restored cat with a date in the future: an operator has to decide."""
    cafe.clock.advance(days=3000)
    cafe.staff.put("/cats/milo", {"birthDate": cafe.clock.now.date().isoformat(), "staffNotes": SECRET})
    erasures = [
        Erasure(id=member, at=cafe.clock.now, cat="milo", member=member, reason="x", by="u_1")
        for member in ("staffNotes", "birthDate")
    ]
    repetition = repeat_erasures(cafe.settings, cafe.table, erasures)
    assert repetition == Repetition(0, 1, ("staffNotes of milo: birthDate must not be in the future.",))
    assert report("cats", repetition).splitlines()[1:] == [f"Not repeated: {repetition.failed[0]}"]
    assert [erasure.id for erasure in list_erasures(cafe.table)][-1] == "birthDate"
    assert repeat_erasures(cafe.settings, cafe.table, erasures) == Repetition(0, 1, ())


def test_unreadable_cat_does_not_stop_the_repetition(cafe: TestApp, ada: Client) -> None:
    write_secret(cafe)
    cafe.staff.put("/cats/kit", {"staffNotes": SECRET})
    item = next(item for item in items(cafe) if (item["pk"]["S"], item["sk"]["S"]) == ("cats#kit", "record"))
    document = json.loads(item["doc"]["S"])
    document.pop("created")
    cafe.table.client.put_item(TableName=cafe.table.name, Item=item | {"doc": {"S": json.dumps(document)}})
    erasures = [
        Erasure(id=cat, at=cafe.clock.now, cat=cat, member="staffNotes", reason="x", by="u_1")
        for cat in ("kit", "milo")
    ]
    repetition = repeat_erasures(cafe.settings, cafe.table, erasures)
    assert (repetition.redactions, len(repetition.failed)) == (1, 1)
    assert repetition.failed[0].startswith("staffNotes of kit: The item cats#kit record is unreadable")
    assert [entry["action"] for entry in history(cafe)[:1]] == ["redacted"]


def test_unreadable_version_is_redacted_too(cafe: TestApp) -> None:
    write_secret(cafe)
    for item in items(cafe):
        if item["pk"]["S"] == "cats#milo" and SECRET in str(item.get("doc")):
            document = json.loads(item["doc"]["S"])
            document.pop("created")
            cafe.table.client.put_item(TableName=cafe.table.name, Item=item | {"doc": {"S": json.dumps(document)}})
    assert redact(cafe.staff) == [3]
    assert SECRET not in json.dumps(items(cafe))


def test_repetition_uses_the_time_zone_of_the_cafe(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("TIME_ZONE", "Asia/Tokyo")
    assert table_settings("cats", "eu-west-1", "Europe/Berlin").time_zone == "Europe/Berlin"
    for arguments in ([], ["--time-zone", ""], ["--time-zone", "Berlin"]):
        monkeypatch.setattr(sys, "argv", ["erasures", "--table", "cats", "--repeat", str(tmp_path / "x"), *arguments])
        with pytest.raises(SystemExit):
            erasures_tool.main()
        assert "time" in capsys.readouterr().err.splitlines()[-1]


def test_unreadable_file_is_an_error_before_the_restore(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = str(tmp_path / "missing")
    names = ["--table", "cats", "--to", "again", "--region", "eu-west-1", "--time-zone", "UTC", "--erasures", path]
    monkeypatch.setattr(sys, "argv", ["restore", *names, "--at", "2026-11-25T14:00:00+01:00"])
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "none")
    with mock_aws():
        client: Any = boto3.client("dynamodb", "eu-west-1")
        create_table(client, "cats")
        with pytest.raises(CliError, match=r"has no exported erasures: .* Nothing was changed\.$"):
            restore_tool.main()
        assert client.list_tables()["TableNames"] == ["cats"]


def test_failed_repetition_prints_the_command_that_continues(cafe: TestApp, monkeypatch: pytest.MonkeyPatch) -> None:
    names = {"table": "cats", "to": "again", "region": "eu-west-1", "time_zone": "Europe/Berlin", "erasures": None}
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "none")
    with mock_aws():
        client: Any = boto3.client("dynamodb", "eu-west-1")
        for name in ("cats", "again"):
            create_table(client, name)
        settings = table_settings("missing", "eu-west-1", "Europe/Berlin")
        exported = [Erasure(id="x", at=cafe.clock.now, person="x")]
        with pytest.raises(CliError, match=r"--time-zone Europe/Berlin --apply-settings$"):
            restore_tool.finish(client, Namespace(**names), settings, exported)
