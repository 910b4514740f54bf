"""Test the import of a restored table into a small stack. ``make rehearse`` imports one into the whole stack."""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import pytest

from tools.cli import CliError
from tools.ops.import_table import (
    Step,
    apply,
    next_step,
    restored_table,
    with_policy,
    with_table,
    without_table,
)
from tools.ops.restore import apply_table_settings
from tools.package.target import host_target
from tools.rehearsal.environment import CommandResult, Environment
from tools.rehearsal.ministack import MiniStack
from tools.tables import create_table, table_properties

NEW = "clowder-staging-restored"
CAT = {"pk": {"S": "cats#luna"}, "sk": {"S": "-"}}
CHOSEN = {"Fn::If": ["IsRestored", {"Ref": "RestoredTable"}, {"Ref": "Table"}]}
INDEX = {
    "IndexName": "list-by_pk",
    "KeySchema": [{"AttributeName": "list_key", "KeyType": "HASH"}, {"AttributeName": "pk", "KeyType": "RANGE"}],
    "Projection": {"ProjectionType": "ALL"},
}


@dataclass
class Cafe:
    """A stack with the table and one resource that depends on its name."""

    stage: Environment
    keep: str = "Delete"
    protected: bool = False

    def __post_init__(self) -> None:
        """Create the clients."""
        self.cloudformation = self.stage.cloud.client("cloudformation")
        self.dynamodb = self.stage.cloud.client("dynamodb")

    def template(self, restored: str, *indexes: dict[str, Any]) -> str:
        """Return the template for a value of ``restoredTable``, with more indexes."""
        table: Any = deepcopy(table_properties())
        table["GlobalSecondaryIndexes"] += indexes
        table["Replicas"][0]["DeletionProtectionEnabled"] = self.protected
        kind = "AWS::DynamoDB::GlobalTable"
        setting = {"Name": "/table", "Type": "String", "Value": {"Fn::Sub": ["in ${Name}", {"Name": CHOSEN}]}}
        document = {
            "Parameters": {"RestoredTable": {"Type": "String", "Default": restored}},
            "Conditions": {"IsRestored": {"Fn::Not": [{"Fn::Equals": [{"Ref": "RestoredTable"}, ""]}]}},
            "Resources": {
                "Table": {"Type": kind, "DeletionPolicy": self.keep, "Properties": table},
                "Setting": {"Type": "AWS::SSM::Parameter", "Properties": setting},
            },
            "Outputs": {"TableName": {"Value": CHOSEN}},
        }
        return json.dumps(document)

    def deploy(self, restored: str, *indexes: dict[str, Any]) -> None:
        """Create or update the stack."""
        exists = self.stage.stack.status() is not None
        call = self.cloudformation.update_stack if exists else self.cloudformation.create_stack
        call(StackName=self.stage.stack.name, TemplateBody=self.template(restored, *indexes))
        assert self.stage.stack.wait_until_stable() in ("CREATE_COMPLETE", "UPDATE_COMPLETE")

    def run(self) -> CommandResult:
        """Run the tool."""
        return self.stage.tool("tools.ops.import_table", "--stage", self.stage.name)

    def step(self) -> None:
        """Make the next change of the import."""
        step = next_step(self.stage.stack, NEW)
        assert step is not None
        apply(self.cloudformation, self.stage.stack, step, NEW)

    def table(self) -> str:
        """Return the table that is a resource of the stack."""
        resources = self.cloudformation.describe_stack_resources(StackName=self.stage.stack.name)["StackResources"]
        return {each["LogicalResourceId"]: each["PhysicalResourceId"] for each in resources}.get("Table", "")

    def setting(self) -> str:
        """Return the value that depends on the table."""
        return str(self.stage.cloud.client("ssm").get_parameter(Name="/table")["Parameter"]["Value"])

    def tables(self) -> set[str]:
        """Return the names of all tables."""
        return set(self.dynamodb.list_tables()["TableNames"])

    def live(self) -> dict[str, Any]:
        """Return the live template."""
        return self.stage.stack.template()


@pytest.fixture(params=[("Delete", False)], ids=["staging"])
def cafe(request: pytest.FixtureRequest, cloud: MiniStack) -> Iterator[Cafe]:
    """Create a stack that runs on a restored table with one item, and delete it afterwards."""
    cafe = Cafe(Environment(cloud, host_target()), *request.param)
    cafe.deploy("")
    old = cafe.table()
    create_table(cafe.dynamodb, NEW)
    apply_table_settings(cafe.dynamodb, old, NEW)
    cafe.dynamodb.put_item(TableName=NEW, Item=CAT)
    cafe.deploy(NEW)
    yield cafe
    cafe.cloudformation.delete_stack(StackName=cafe.stage.stack.name)
    cafe.stage.stack.wait_until_stable()
    for name in cafe.tables():
        cafe.dynamodb.update_table(TableName=name, DeletionProtectionEnabled=False)
        cafe.dynamodb.delete_table(TableName=name)


@pytest.mark.parametrize("cafe", [("Delete", False), ("Retain", True)], ids=["staging", "production"], indirect=True)
def test_the_restored_table_takes_the_place_of_the_old_one_and_gets_later_updates(cafe: Cafe) -> None:
    old = cafe.table()
    result = cafe.run()
    assert result.code == 0, result.output
    assert "make deploy STAGE=staging PARAMS=restoredTable=\n" in result.output
    assert (cafe.table(), cafe.setting(), cafe.tables()) == (NEW, f"in {NEW}", {old, NEW})
    assert cafe.dynamodb.describe_table(TableName=NEW)["Table"]["DeletionProtectionEnabled"] is cafe.protected
    live = cafe.live()
    assert (cafe.run().output.splitlines(), cafe.live()) == (result.output.splitlines()[-1:], live)
    cafe.deploy("")
    assert (cafe.table(), cafe.setting(), cafe.tables()) == (NEW, f"in {NEW}", {old, NEW})
    with pytest.raises(CliError, match=r"runs on its own table: .* restoredTable is empty\. Nothing was changed\.$"):
        restored_table(cafe.stage.stack)
    cafe.deploy("", INDEX)
    indexes = cafe.dynamodb.describe_table(TableName=NEW)["Table"]["GlobalSecondaryIndexes"]
    assert INDEX["IndexName"] in {index["IndexName"] for index in indexes}
    assert cafe.dynamodb.scan(TableName=NEW)["Items"] == [CAT]


@pytest.mark.parametrize("steps", [1, 2])
def test_an_interrupted_import_continues(steps: int, cafe: Cafe) -> None:
    old = cafe.table()
    for _ in range(steps):
        cafe.step()
        assert cafe.setting() == f"in {NEW}"
    result = cafe.run()
    assert result.code == 0, result.output
    assert (cafe.table(), cafe.setting(), cafe.tables()) == (NEW, f"in {NEW}", {old, NEW})


def test_a_deployment_during_the_import_is_no_obstacle(cafe: Cafe) -> None:
    old = cafe.table()
    for _ in range(2):
        cafe.step()
    cafe.deploy(NEW, INDEX)
    cafe.deploy(NEW)
    assert cafe.table() not in ("", NEW)
    result = cafe.run()
    assert result.code == 0, result.output
    assert (cafe.table(), cafe.setting(), cafe.dynamodb.scan(TableName=NEW)["Items"]) == (NEW, f"in {NEW}", [CAT])
    assert {old, NEW} <= cafe.tables()


def test_a_table_takes_the_place_of_one_that_was_deleted(cafe: Cafe) -> None:
    cafe.dynamodb.delete_table(TableName=cafe.table())
    result = cafe.run()
    assert result.code == 0, result.output
    assert (cafe.table(), cafe.setting(), cafe.tables()) == (NEW, f"in {NEW}", {NEW})


def test_a_table_that_differs_from_the_template_is_not_imported(cafe: Cafe) -> None:
    live = cafe.live()
    delete = {"Delete": {"IndexName": "list-by_name"}}
    cafe.dynamodb.update_table(TableName=NEW, GlobalSecondaryIndexUpdates=[delete])
    off = {"AttributeName": "expires", "Enabled": False}
    cafe.dynamodb.update_time_to_live(TableName=NEW, TimeToLiveSpecification=off)
    recovery = {"PointInTimeRecoveryEnabled": False}
    cafe.dynamodb.update_continuous_backups(TableName=NEW, PointInTimeRecoverySpecification=recovery)
    result = cafe.run()
    assert (result.code, cafe.live()) == (1, live)
    assert "differs from the template of the stack in: indexes, expiry, recovery. " in result.output
    assert result.output.endswith("Nothing was changed.\n")


def test_a_step_that_changes_more_than_the_table_is_not_executed(cafe: Cafe) -> None:
    live = cafe.live()
    cases = {
        "Table": without_table(live),  # The policy is Delete.
        "Setting": {**without_table(live), "Resources": {"Other": live["Resources"]["Setting"]}},
    }
    for name, template in cases.items():
        with pytest.raises(CliError, match=rf"would also replace, add or delete .*{name}.* is as before this step\."):
            apply(cafe.cloudformation, cafe.stage.stack, Step("Remove", template, ""), NEW)
    assert (cafe.live(), cafe.tables() >= {cafe.table(), NEW}) == (live, True)
    assert cafe.cloudformation.list_change_sets(StackName=cafe.stage.stack.name)["Summaries"] == []


def test_a_refused_change_has_the_reason_of_cloudformation(cafe: Cafe) -> None:
    cafe.step()
    cafe.step()
    step = next_step(cafe.stage.stack, "clowder-staging-missing")
    assert step is not None
    with pytest.raises(CliError, match=r"CloudFormation refused the change: .*clowder-staging-missing"):
        apply(cafe.cloudformation, cafe.stage.stack, step, "clowder-staging-missing")
    assert cafe.table() == ""


def test_a_request_that_aws_refuses_ends_with_the_way_to_continue(cafe: Cafe) -> None:
    iam, user = cafe.stage.cloud.client("iam"), "without-execution"
    iam.create_user(UserName=user)
    allowed = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    denied = {"Effect": "Deny", "Action": "cloudformation:ExecuteChangeSet", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allowed, denied]})
    iam.put_user_policy(UserName=user, PolicyName="all", PolicyDocument=policy)
    key = iam.create_access_key(UserName=user)["AccessKey"]
    live, keys = cafe.live(), {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}
    result = cafe.stage.tool("tools.ops.import_table", "--stage", cafe.stage.name, **keys)
    assert (result.code, cafe.live()) == (1, live)
    assert result.output.startswith("AWS refused ExecuteChangeSet: ")
    assert result.output.endswith(". No table was deleted. To continue, run the command again.\n")


def test_a_step_that_fails_deletes_no_table(cafe: Cafe) -> None:
    template = without_table(with_policy(cafe.live()))
    template["Resources"]["Setting"]["Properties"]["Type"] = "SecureString"
    cafe.step()
    with pytest.raises(CliError, match=r"is in UPDATE_ROLLBACK_COMPLETE\. No table was deleted\. To continue, run"):
        apply(cafe.cloudformation, cafe.stage.stack, Step("Remove", template, ""), NEW)
    assert cafe.tables() == {cafe.table(), NEW}
    assert cafe.run().code == 0


def test_a_template_without_a_definition_of_the_table_is_an_error() -> None:
    with pytest.raises(CliError, match=r"does not define the table\. Deploy the stage again\. Nothing was changed\."):
        with_table({"Resources": {}, "Metadata": {"Clowder": {"Parameters": {}}}})


def test_a_stage_without_a_stack_is_an_error(stage: Environment) -> None:
    result = stage.tool("tools.ops.import_table", "--stage", "dev")
    assert (result.code, result.output) == (1, "The stack clowder-dev does not exist. Nothing was changed.\n")
