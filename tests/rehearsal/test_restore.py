"""A restore makes a new table with the settings that DynamoDB's own restore leaves out, and changes no other one."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tools.rehearse.ministack import MiniStack
from tools.rehearse.stage import Done, Stage
from tools.tables import create_table

CAT = {"pk": {"S": "cats#luna"}, "sk": {"S": "-"}}
TAGS = [{"Key": "STAGE", "Value": "staging"}]


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
        "tags": dynamodb.list_tags_of_resource(ResourceArn=arn(dynamodb, name))["Tags"],
    }


def restore(stage: Stage, to: str, *what: str) -> Done:
    return stage.tool("tools.restore", "--table", "cats", "--to", to, *what)


def test_an_instant_is_restored_with_all_settings_and_the_old_table_stays(dynamodb: Any, stage: Stage) -> None:
    before = settings(dynamodb, "cats")
    done = restore(stage, "cats-at-noon", "--at", datetime.now(UTC).isoformat())
    assert done.code == 0, done.said
    wanted = {"expires": "expires", "recovery": "ENABLED", "protected": True, "tags": TAGS}
    assert settings(dynamodb, "cats-at-noon") == wanted
    assert dynamodb.scan(TableName="cats-at-noon")["Items"] == [CAT]
    assert (settings(dynamodb, "cats"), dynamodb.scan(TableName="cats")["Items"]) == (before, [CAT])
    assert "make deploy" in done.said
    assert "restoredTable=cats-at-noon" in done.said


def test_without_the_tool_a_restored_table_lacks_its_settings(dynamodb: Any) -> None:
    dynamodb.restore_table_to_point_in_time(
        SourceTableName="cats", TargetTableName="cats-bare", UseLatestRestorableTime=True
    )
    bare = settings(dynamodb, "cats-bare")
    assert (bare["expires"], bare["recovery"], bare["tags"]) == (None, "DISABLED", [])
    assert not bare["protected"]


def test_a_table_that_is_there_is_never_restored_over(dynamodb: Any, stage: Stage) -> None:
    done = restore(stage, "cats", "--at", datetime.now(UTC).isoformat())
    assert done.code == 1
    assert done.said.strip() == (
        "There is a table called cats already: a restore makes a new one. Nothing was changed."
    )


@pytest.mark.parametrize("at", ["yesterday", "2026-11-25T14:00:00"], ids=["no instant", "no offset"])
def test_an_instant_has_an_offset(at: str, dynamodb: Any, stage: Stage) -> None:
    done = restore(stage, "cats-again", "--at", at)
    assert done.code == 2
    assert "Traceback" not in done.said
