"""A restore makes a new table with the settings that DynamoDB's own restore leaves out, and changes no other one."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from tools.cli import CliError
from tools.ops.restore import BUSY_ERRORS, apply_table_settings, await_active, check_name, finish
from tools.rehearsal.environment import CommandResult, Environment
from tools.rehearsal.ministack import MiniStack
from tools.tables import create_table

CAT = {"pk": {"S": "cats#luna"}, "sk": {"S": "-"}}
TAGS = [{"Key": "STAGE", "Value": "staging"}]
SETTLED = {"expires": "expires", "recovery": "ENABLED", "protected": True, "key": "KMS", "tags": TAGS}


@pytest.fixture(scope="module")
def dynamodb(cloud: MiniStack) -> Any:
    """A DynamoDB with a café's table in it, called cats, that bears a tag and has one item."""
    client = cloud.client("dynamodb")
    create_table(client, "cats")
    client.tag_resource(ResourceArn=arn(client, "cats"), Tags=[*TAGS, {"Key": "aws:cloudformation:x", "Value": "y"}])
    client.put_item(TableName="cats", Item=CAT)
    return client


def arn(dynamodb: Any, name: str) -> str:
    return str(dynamodb.describe_table(TableName=name)["Table"]["TableArn"])


def settings(dynamodb: Any, name: str) -> dict[str, Any]:
    """What a restore does not carry over."""
    backups = dynamodb.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
    return {
        "expires": dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"].get("AttributeName"),
        "recovery": backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"],
        "protected": dynamodb.describe_table(TableName=name)["Table"].get("DeletionProtectionEnabled"),
        "key": dynamodb.describe_table(TableName=name)["Table"].get("SSEDescription", {}).get("SSEType"),
        "tags": dynamodb.list_tags_of_resource(ResourceArn=arn(dynamodb, name))["Tags"],
    }


def stubbed() -> tuple[Any, Stubber]:
    """A client whose answers are told beforehand, for what MiniStack never answers."""
    client = boto3.client("dynamodb", "eu-west-1", aws_access_key_id="none", aws_secret_access_key="none")
    return client, Stubber(client)


def table_of(status: str) -> dict[str, Any]:
    return {"TableStatus": status, "TableArn": "arn:aws:dynamodb:eu-west-1:000000000000:table/cats"}


def restore(stage: Environment, to: str, *what: str) -> CommandResult:
    return stage.tool("tools.ops.restore", "--table", "cats", "--to", to, *what)


def test_an_instant_is_restored_with_all_settings_and_the_old_table_stays(dynamodb: Any, stage: Environment) -> None:
    before = settings(dynamodb, "cats")
    done = restore(stage, "cats-at-noon", "--at", datetime.now(UTC).isoformat())
    assert done.code == 0, done.output
    assert settings(dynamodb, "cats-at-noon") == SETTLED
    assert dynamodb.scan(TableName="cats-at-noon")["Items"] == [CAT]
    assert (settings(dynamodb, "cats"), dynamodb.scan(TableName="cats")["Items"]) == (before, [CAT])
    assert "make deploy" in done.output
    assert "restoredTable=cats-at-noon" in done.output


def test_a_table_that_somebody_else_restored_lacks_its_settings_until_it_is_settled(
    dynamodb: Any, stage: Environment
) -> None:
    dynamodb.restore_table_to_point_in_time(
        SourceTableName="cats", TargetTableName="cats-bare", UseLatestRestorableTime=True
    )
    bare = settings(dynamodb, "cats-bare")
    assert (bare["expires"], bare["recovery"], bare["key"], bare["tags"]) == (None, "DISABLED", None, [])
    assert not bare["protected"]
    done = restore(stage, "cats-bare", "--apply-settings")
    assert done.code == 0, done.output
    assert settings(dynamodb, "cats-bare") == SETTLED


def test_what_is_settled_is_not_settled_twice() -> None:
    # DynamoDB refuses to switch on what is on: expiry and encryption are not even asked for.
    client, dynamodb = stubbed()
    on = {"TableName": "cats"}
    table = table_of("ACTIVE") | {"SSEDescription": {"Status": "ENABLED", "SSEType": "KMS"}}
    dynamodb.add_response("describe_table", {"Table": table}, on)
    dynamodb.add_response("describe_time_to_live", {"TimeToLiveDescription": {"TimeToLiveStatus": "ENABLED"}}, on)
    dynamodb.add_response("update_continuous_backups", {})
    dynamodb.add_response("update_table", {}, on | {"DeletionProtectionEnabled": True})
    dynamodb.add_client_error("describe_table", "ResourceNotFoundException", expected_params={"TableName": "gone"})
    with dynamodb:
        apply_table_settings(client, "gone", "cats")
        dynamodb.assert_no_pending_responses()


def test_a_table_that_is_busy_with_itself_is_asked_again() -> None:
    client, dynamodb = stubbed()
    dynamodb.add_response("describe_table", {"Table": table_of("ACTIVE") | {"SSEDescription": {"Status": "ENABLED"}}})
    dynamodb.add_response("describe_time_to_live", {"TimeToLiveDescription": {"TimeToLiveStatus": "DISABLED"}})
    for code in BUSY_ERRORS:
        dynamodb.add_client_error("update_time_to_live", code)
    dynamodb.add_response("update_time_to_live", {})
    dynamodb.add_response("update_continuous_backups", {})
    dynamodb.add_response("update_table", {})
    dynamodb.add_client_error("describe_table", "ResourceNotFoundException")
    with dynamodb:
        apply_table_settings(client, "gone", "cats", poll=0)
        dynamodb.assert_no_pending_responses()


def test_a_table_that_was_just_asked_for_may_be_unknown_for_a_moment() -> None:
    client, dynamodb = stubbed()
    dynamodb.add_client_error("describe_table", "ResourceNotFoundException")
    for status in ("CREATING", "ACTIVE"):
        dynamodb.add_response("describe_table", {"Table": table_of(status)})
    with dynamodb:
        await_active(client, "cats", poll=0)
        dynamodb.assert_no_pending_responses()


def test_a_table_that_never_comes_is_told() -> None:
    client, dynamodb = stubbed()
    for _ in range(2):
        dynamodb.add_client_error("describe_table", "ResourceNotFoundException")
    with dynamodb, pytest.raises(CliError, match=r"cats is missing after 0 minutes\. The old table was not changed"):
        await_active(client, "cats", poll=0, appear=0)


def test_a_restore_that_is_interrupted_says_how_to_go_on() -> None:
    client, dynamodb = stubbed()
    dynamodb.add_client_error("describe_table", "ExpiredTokenException", "The security token is expired.")
    with dynamodb, pytest.raises(CliError) as stopped:
        finish(client, "cats", "cats-again")
    assert str(stopped.value) == (
        "AWS refused DescribeTable: The security token is expired. AWS continues to restore cats-again. To finish, run "
        "python -m tools.ops.restore --table cats --to cats-again --apply-settings"
    )


def test_what_is_not_there_is_not_settled(dynamodb: Any, stage: Environment) -> None:
    done = restore(stage, "cats-nowhere", "--apply-settings")
    assert (done.code, done.output) == (1, "There is no table called cats-nowhere yet. Nothing was changed.\n")


def test_a_stages_table_is_restored_under_a_name_of_that_stage() -> None:
    check_name("clowder-staging-Table-1ABC", "clowder-staging-again")
    check_name("cats", "cats-again")
    for stranger in ("cats", "clowder-production-again", "clowder-staging"):
        with pytest.raises(CliError, match=r"must begin with clowder-staging-, .* Nothing was changed\.$"):
            check_name("clowder-staging-Table-1ABC", stranger)


def test_a_table_that_is_there_is_never_restored_over(dynamodb: Any, stage: Environment) -> None:
    done = restore(stage, "cats", "--at", datetime.now(UTC).isoformat())
    assert done.code == 1
    assert done.output.strip() == "There is already a table called cats. Choose a new name. Nothing was changed."


@pytest.mark.parametrize("at", ["yesterday", "2026-11-25T14:00:00"], ids=["no instant", "no offset"])
def test_an_instant_has_an_offset(at: str, dynamodb: Any, stage: Environment) -> None:
    done = restore(stage, "cats-again", "--at", at)
    assert done.code == 2
    assert "Traceback" not in done.output
