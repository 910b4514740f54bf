"""Test that a restore creates a new table with all settings, including those that DynamoDB does not restore."""

from __future__ import annotations

from argparse import Namespace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from tools import tables
from tools.cli import CliError
from tools.ops.restore import BUSY_ERRORS, apply_table_settings, await_active, check_name, finish
from tools.rehearsal.environment import CommandResult, Environment
from tools.rehearsal.ministack import MiniStack
from tools.tables import create_table

CAT = {"pk": {"S": "cats#luna"}, "sk": {"S": "-"}}
TAGS = [{"Key": "STAGE", "Value": "staging"}]
RESTORED_SETTINGS = {"expires": "expires", "recovery": "ENABLED", "protected": True, "key": "KMS", "tags": TAGS}


@pytest.fixture(scope="module")
def dynamodb(cloud: MiniStack) -> Any:
    """Return a DynamoDB client, and create the table cats with a tag and one item."""
    client = cloud.client("dynamodb")
    create_table(client, "cats")
    client.tag_resource(
        ResourceArn=table_arn(client, "cats"), Tags=[*TAGS, {"Key": "aws:cloudformation:x", "Value": "y"}]
    )
    client.put_item(TableName="cats", Item=CAT)
    return client


def table_arn(dynamodb: Any, name: str) -> str:
    return str(dynamodb.describe_table(TableName=name)["Table"]["TableArn"])


def table_settings(dynamodb: Any, name: str) -> dict[str, Any]:
    """Return the settings that DynamoDB does not restore."""
    backups = dynamodb.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
    return {
        "expires": dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"].get("AttributeName"),
        "recovery": backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"],
        "protected": dynamodb.describe_table(TableName=name)["Table"].get("DeletionProtectionEnabled"),
        "key": dynamodb.describe_table(TableName=name)["Table"].get("SSEDescription", {}).get("SSEType"),
        "tags": dynamodb.list_tags_of_resource(ResourceArn=table_arn(dynamodb, name))["Tags"],
    }


def stub_client() -> tuple[Any, Stubber]:
    """Return a client with predefined responses, for errors that MiniStack does not produce."""
    client = boto3.client("dynamodb", "eu-west-1", aws_access_key_id="none", aws_secret_access_key="none")
    return client, Stubber(client)


def table_description(status: str) -> dict[str, Any]:
    return {"TableStatus": status, "TableArn": "arn:aws:dynamodb:eu-west-1:000000000000:table/cats"}


def restore(stage: Environment, target: str, *arguments: str) -> CommandResult:
    return stage.tool("tools.ops.restore", "--table", "cats", "--to", target, "--time-zone", "UTC", *arguments)


def test_a_point_in_time_is_restored_with_all_settings(dynamodb: Any, stage: Environment) -> None:
    before = table_settings(dynamodb, "cats")
    result = restore(stage, "cats-at-noon", "--at", datetime.now(UTC).isoformat())
    assert result.code == 0, result.output
    assert table_settings(dynamodb, "cats-at-noon") == RESTORED_SETTINGS
    assert dynamodb.scan(TableName="cats-at-noon")["Items"] == [CAT]
    assert (table_settings(dynamodb, "cats"), dynamodb.scan(TableName="cats")["Items"]) == (before, [CAT])
    assert "make deploy" in result.output
    assert "restoredTable=cats-at-noon" in result.output


def test_apply_settings_completes_a_table_that_was_restored_without_the_tool(dynamodb: Any, stage: Environment) -> None:
    dynamodb.restore_table_to_point_in_time(
        SourceTableName="cats", TargetTableName="cats-initial", UseLatestRestorableTime=True
    )
    initial = table_settings(dynamodb, "cats-initial")
    assert (initial["expires"], initial["recovery"], initial["key"], initial["tags"]) == (None, "DISABLED", None, [])
    assert not initial["protected"]
    result = restore(stage, "cats-initial", "--apply-settings")
    assert result.code == 0, result.output
    assert table_settings(dynamodb, "cats-initial") == RESTORED_SETTINGS


def test_settings_that_are_already_set_are_not_sent() -> None:
    # DynamoDB rejects an update that enables TTL or encryption a second time.
    client, dynamodb = stub_client()
    table_name = {"TableName": "cats"}
    table = table_description("ACTIVE") | {"SSEDescription": {"Status": "ENABLED", "SSEType": "KMS"}}
    dynamodb.add_response("describe_table", {"Table": table}, table_name)
    dynamodb.add_response(
        "describe_time_to_live", {"TimeToLiveDescription": {"TimeToLiveStatus": "ENABLED"}}, table_name
    )
    dynamodb.add_response("update_continuous_backups", {})
    dynamodb.add_response("update_table", {}, table_name | {"DeletionProtectionEnabled": True})
    dynamodb.add_client_error("describe_table", "ResourceNotFoundException", expected_params={"TableName": "missing"})
    with dynamodb:
        apply_table_settings(client, "missing", "cats")
        dynamodb.assert_no_pending_responses()


def test_an_update_of_a_busy_table_is_repeated() -> None:
    client, dynamodb = stub_client()
    dynamodb.add_response(
        "describe_table", {"Table": table_description("ACTIVE") | {"SSEDescription": {"Status": "ENABLED"}}}
    )
    dynamodb.add_response("describe_time_to_live", {"TimeToLiveDescription": {"TimeToLiveStatus": "DISABLED"}})
    for code in BUSY_ERRORS:
        dynamodb.add_client_error("update_time_to_live", code)
    dynamodb.add_response("update_time_to_live", {})
    dynamodb.add_response("update_continuous_backups", {})
    dynamodb.add_response("update_table", {})
    dynamodb.add_client_error("describe_table", "ResourceNotFoundException")
    with dynamodb:
        apply_table_settings(client, "missing", "cats", poll=0)
        dynamodb.assert_no_pending_responses()


def test_waiting_accepts_a_table_that_is_not_visible_at_first() -> None:
    client, dynamodb = stub_client()
    dynamodb.add_client_error("describe_table", "ResourceNotFoundException")
    for status in ("CREATING", "ACTIVE"):
        dynamodb.add_response("describe_table", {"Table": table_description(status)})
    with dynamodb:
        await_active(client, "cats", poll=0)
        dynamodb.assert_no_pending_responses()


def test_a_table_that_never_appears_is_an_error() -> None:
    client, dynamodb = stub_client()
    for _ in range(2):
        dynamodb.add_client_error("describe_table", "ResourceNotFoundException")
    with dynamodb, pytest.raises(CliError, match=r"cats is missing after 0 minutes\. The old table was not changed"):
        await_active(client, "cats", poll=0, appear=0)


def test_an_interrupted_restore_prints_the_command_to_continue() -> None:
    client, dynamodb = stub_client()
    names = {"table": "cats", "to": "cats-again", "region": "eu-west-1", "time_zone": "Europe/Berlin"}
    arguments = Namespace(**names, erasures=Path("my erasures.json"))
    dynamodb.add_client_error("describe_table", "ExpiredTokenException", "The security token is expired.")
    with dynamodb, pytest.raises(CliError) as error:
        finish(client, arguments, tables.table_settings("cats-again", "eu-west-1"), [])
    assert str(error.value) == (
        "AWS refused DescribeTable: The security token is expired. cats-again is not complete yet. To finish, run "
        "python -m tools.ops.restore --table cats --to cats-again --region eu-west-1 --time-zone Europe/Berlin "
        "--erasures 'my erasures.json' --apply-settings"
    )


def test_apply_settings_to_a_missing_table_is_an_error(dynamodb: Any, stage: Environment) -> None:
    result = restore(stage, "cats-nowhere", "--apply-settings")
    assert (result.code, result.output) == (1, "There is no table called cats-nowhere yet. Nothing was changed.\n")


def test_the_restored_table_needs_a_name_of_the_same_stage() -> None:
    check_name("clowder-staging-Table-1ABC", "clowder-staging-again")
    check_name("cats", "cats-again")
    for name in ("cats", "clowder-production-again", "clowder-staging"):
        with pytest.raises(CliError, match=r"must begin with clowder-staging-, .* Nothing was changed\.$"):
            check_name("clowder-staging-Table-1ABC", name)


def test_restoring_to_an_existing_table_is_an_error(dynamodb: Any, stage: Environment) -> None:
    result = restore(stage, "cats", "--at", datetime.now(UTC).isoformat())
    assert result.code == 1
    assert result.output.strip() == "There is already a table called cats. Choose a new name. Nothing was changed."


@pytest.mark.parametrize("at", ["yesterday", "2026-11-25T14:00:00"], ids=["no time", "no offset"])
def test_a_time_needs_a_utc_offset(at: str, dynamodb: Any, stage: Environment) -> None:
    result = restore(stage, "cats-again", "--at", at)
    assert result.code == 2
    assert "Traceback" not in result.output
