"""Test that the names in docs/operations.md exist: commands, parameters, alarms and log fields."""

from __future__ import annotations

import json
import re
from typing import get_args

import pytest

from api.domain.entity import BusinessMetric
from api.services import accounts
from api.services.mappings import FIRST_OWNER, FIRST_OWNER_KEY
from api.store.keys import marshal
from api.store.table import Table
from tests.repo import operations_doc
from tests.repo.operations_doc import Check
from tests.support.app import NOON, TestApp
from tests.support.inspection import log_lines
from tools.deploy import serverless_config

PAGE = operations_doc.PAGE.read_text(encoding="utf-8")
OTHER_LOG_FIELDS = {
    "cause", "stack", "source", "members", "lambdaRequestId", "serverRequestId", "traceparent", "account", "by",
    "address", *get_args(BusinessMetric),
}  # fmt: skip
"""Fields of some log lines only. tests/deploy, tests/api/contract/test_request_log.py and
tests/api/test_business_metrics.py test them."""
CHECKS: tuple[Check, ...] = (
    operations_doc.syntax_errors, operations_doc.targets, operations_doc.tools, operations_doc.parameters,
    operations_doc.alarm_sections, operations_doc.widgets, operations_doc.outputs, operations_doc.query_fields,
    operations_doc.log_groups, operations_doc.anchors, operations_doc.files,
)  # fmt: skip


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__doc__)
def test_every_name_in_the_page_exists(check: Check) -> None:
    assert check(PAGE) == []


WRONG_NAMES: tuple[tuple[Check, str, str, str], ...] = (
    # check, old text, new text, expected message
    (operations_doc.syntax_errors, "```sh\nmake package", "```sh\nif make package", "syntax error"),
    (operations_doc.targets, "make cursor-key STAGE=$STAGE ", "make cursor STAGE=$STAGE ", "cursor"),
    (operations_doc.targets, "ROTATE=yes", "RENEW=yes", "RENEW"),
    (operations_doc.tools, "tools.deploy.smoke", "tools.deploy.smell", "smell"),
    (operations_doc.tools, "--to $NEW --at", "--into $NEW --at", "--into"),
    (operations_doc.parameters, "PARAMS=restoredTable=", "PARAMS=oldTable=", "oldTable"),
    (operations_doc.parameters, "corsOrigins='https", "corsOrigin='https", "corsOrigin"),
    (operations_doc.parameters, 'PARAMS="rate=100', 'PARAMS="speed=100', "speed"),
    (operations_doc.parameters, "`reservedConcurrency`", "`reservedSpace`", "reservedSpace"),
    (operations_doc.alarm_sections, "### `backup-age`", "### `backup-size`", "backup-age"),
    (operations_doc.alarm_sections, "| `error-lines`, `5xx-rate` |", "| `many-lines` |", "many-lines"),
    (operations_doc.widgets, "| `Latency (ms)` |", "| `Latency (s)` |", "Latency (s)"),
    (operations_doc.outputs, "$(output TableName)", "$(output Table)", "Table"),
    (operations_doc.query_fields, "filter status >= 500", "filter state >= 500", "state"),
    (operations_doc.query_fields, "method, error, functionError", "method, path", "path"),
    (operations_doc.log_groups, "/aws/http-api/$STACK", "/aws/api/$STACK", "/aws/api/$STACK"),
    (operations_doc.anchors, "(#roll-back)", "(#go-back)", "go-back"),
    (operations_doc.files, "`infra/backups.yml`", "`infra/copies.yml`", "infra/copies.yml"),
)


@pytest.mark.parametrize(
    ("check", "old", "new", "message"), WRONG_NAMES, ids=[f"{row[0].__name__}: {row[3]}" for row in WRONG_NAMES]
)
def test_a_missing_name_is_detected(check: Check, old: str, new: str, message: str) -> None:
    assert old in PAGE
    assert message in "\n".join(check(PAGE.replace(old, new)))


@pytest.mark.parametrize(
    ("text", "file"),
    [
        ("works.", "tools/deploy/smoke.py"),
        ("has a new key, version", "tools/ops/cursor_key.py"),
        ("The function does not use it yet", "tools/ops/cursor_key.py"),
        (" works: ", "tools/deploy/__main__.py"),
        ("Rolled back to", "tools/deploy/release.py"),
        ("Clowder does not start.", "handler.py"),
        ("shown only now", "tools/ops/create_owner.py"),
        ("To complete the import", "tools/ops/import_table.py"),
    ],
)
def test_quoted_output_is_in_the_source(text: str, file: str) -> None:
    assert text in PAGE
    assert text in (operations_doc.ROOT / file).read_text(encoding="utf-8")


def test_the_page_explains_exactly_the_log_fields(mocked_table: Table, capsys: pytest.CaptureFixture[str]) -> None:
    TestApp(mocked_table, log_level="INFO", metrics=True).public.get("/cats")
    (line,) = log_lines(capsys)
    assert sorted(operations_doc.log_fields(PAGE)) == sorted(line.keys() | OTHER_LOG_FIELDS)


def test_the_command_for_a_locked_out_owner_works(mocked_table: Table) -> None:
    (argument,) = re.findall(r"delete-item .* --key '([^']+)'", PAGE)
    key = json.loads(argument)
    assert key == marshal(FIRST_OWNER.item_key(FIRST_OWNER_KEY))
    assert accounts.claim_first_owner(mocked_table, "owner", "a long enough password", NOON)
    assert not accounts.claim_first_owner(mocked_table, "rescue", "a long enough password", NOON)
    mocked_table.client.delete_item(TableName=mocked_table.name, Key=key)
    assert accounts.claim_first_owner(mocked_table, "rescue", "a long enough password", NOON)


def test_stack_and_cursor_key_have_the_names_in_the_page() -> None:
    assert f"STACK={serverless_config.name()}-$STAGE" in operations_doc.blocks(PAGE)[0]
    assert f"/{serverless_config.name()}/$STAGE/cursor-key" in PAGE
