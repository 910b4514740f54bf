"""docs/operations.md names nothing that is not there: commands, parameters, alarms, fields of the log."""

from __future__ import annotations

import json
import re

import pytest

from api.services import accounts
from api.store.keys import marshal
from api.store.table import Table
from tests.repo import operations_doc
from tests.repo.operations_doc import Check
from tests.support.app import NOON, TestApp
from tests.support.inspection import log_lines
from tools.deploy import serverless_config

PAGE = operations_doc.PAGE.read_text(encoding="utf-8")
OTHER_LINES = {"cause", "stack", "source", "members", "lambdaRequestId"}
"""Fields of lines that are no plain request's; tests/deploy sees them."""
CHECKS: tuple[Check, ...] = (
    operations_doc.unreadable, operations_doc.targets, operations_doc.tools, operations_doc.parameters,
    operations_doc.paragraphs, operations_doc.widgets, operations_doc.outputs, operations_doc.asked,
    operations_doc.logs, operations_doc.anchors, operations_doc.files,
)  # fmt: skip


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__doc__)
def test_what_the_page_names_is_there(check: Check) -> None:
    assert check(PAGE) == []


BROKEN: tuple[tuple[Check, str, str, str], ...] = (
    # the check, what is changed in the page, to what, and what is then found
    (operations_doc.unreadable, "```sh\nmake package", "```sh\nif make package", "syntax error"),
    (operations_doc.targets, "make cursor-key STAGE=$STAGE ", "make cursor STAGE=$STAGE ", "cursor"),
    (operations_doc.targets, "ROTATE=yes", "RENEW=yes", "RENEW"),
    (operations_doc.tools, "tools.deploy.smoke", "tools.deploy.smell", "smell"),
    (operations_doc.tools, "--to $NEW --at", "--into $NEW --at", "--into"),
    (operations_doc.parameters, "PARAMS=restoredTable=", "PARAMS=oldTable=", "oldTable"),
    (operations_doc.parameters, "corsOrigins='https", "corsOrigin='https", "corsOrigin"),
    (operations_doc.parameters, 'PARAMS="rate=100', 'PARAMS="speed=100', "speed"),
    (operations_doc.parameters, "`reservedConcurrency`", "`reservedRoom`", "reservedRoom"),
    (operations_doc.paragraphs, "### `backup-age`", "### `backup-size`", "backup-age"),
    (operations_doc.paragraphs, "| `error-lines`, `5xx-rate` |", "| `many-lines` |", "many-lines"),
    (operations_doc.widgets, "| `Latency (ms)` |", "| `Latency (s)` |", "Latency (s)"),
    (operations_doc.outputs, "$(output TableName)", "$(output Table)", "Table"),
    (operations_doc.asked, "filter status >= 500", "filter state >= 500", "state"),
    (operations_doc.asked, "method, error, functionError", "method, path", "path"),
    (operations_doc.logs, "/aws/http-api/$STACK", "/aws/api/$STACK", "/aws/api/$STACK"),
    (operations_doc.anchors, "(#roll-back)", "(#go-back)", "go-back"),
    (operations_doc.files, "`infra/backups.yml`", "`infra/copies.yml`", "infra/copies.yml"),
)


@pytest.mark.parametrize(
    ("check", "old", "new", "found"), BROKEN, ids=[f"{row[0].__name__}: {row[3]}" for row in BROKEN]
)
def test_a_name_that_is_not_there_is_found(check: Check, old: str, new: str, found: str) -> None:
    assert old in PAGE
    assert found in "\n".join(check(PAGE.replace(old, new)))


@pytest.mark.parametrize(
    ("said", "file"),
    [
        ("works.", "tools/deploy/smoke.py"),
        ("has a new key, version", "tools/ops/cursor_key.py"),
        ("The function does not use it yet", "tools/ops/cursor_key.py"),
        (" works: ", "tools/deploy/__main__.py"),
        ("Rolled back to", "tools/deploy/release.py"),
        ("Clowder does not start.", "handler.py"),
        ("shown only now", "tools/ops/create_owner.py"),
    ],
)
def test_what_the_page_lets_one_see_is_what_is_said(said: str, file: str) -> None:
    assert said in PAGE
    assert said in (operations_doc.ROOT / file).read_text(encoding="utf-8")


def test_every_field_of_the_log_is_explained_and_is_there(
    mocked_table: Table, capsys: pytest.CaptureFixture[str]
) -> None:
    TestApp(mocked_table, log_level="INFO", metrics=True).public.get("/cats")
    (line,) = log_lines(capsys)
    assert sorted(operations_doc.log_fields(PAGE)) == sorted(line.keys() | OTHER_LINES)


def test_a_locked_out_owner_is_let_in_as_the_page_says(mocked_table: Table) -> None:
    (told,) = re.findall(r"delete-item .* --key '([^']+)'", PAGE)
    key = json.loads(told)
    assert key == marshal(accounts.FIRST_OWNER)
    assert accounts.claim_first_owner(mocked_table, "owner", "nine lives, one pie", NOON)
    assert not accounts.claim_first_owner(mocked_table, "rescue", "nine lives, one pie", NOON)
    mocked_table.client.delete_item(TableName=mocked_table.name, Key=key)
    assert accounts.claim_first_owner(mocked_table, "rescue", "nine lives, one pie", NOON)


def test_the_stack_is_called_as_the_page_calls_it() -> None:
    assert f"STACK={serverless_config.name()}-$STAGE" in operations_doc.blocks(PAGE)[0]
    assert f"/{serverless_config.name()}/$STAGE/cursor-key" in PAGE
