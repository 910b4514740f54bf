"""Import a restored table into the stack, in the place of the old table. No item is copied, and no table is deleted.

Usage: ``python -m tools.ops.import_table --stage STAGE [--region REGION]``

The stage must run on the restored table (parameter ``restoredTable``). CloudFormation imports only a resource that is
not in the stack, and an import changes no other resource and no output ("Import AWS resources into a CloudFormation
stack manually", AWS CloudFormation User Guide). So there are three changes, each from the live template:

1. The old table gets the deletion policy ``Retain``, if it has another one.
2. The old table leaves the stack. References to it become references to the restored table. The template has the
   definition of the table in its metadata until the next deployment.
3. The restored table is imported as the resource ``Table``.

The function uses the restored table all the time. The command can be repeated at any point. The next deployment without
``restoredTable`` completes the import.
"""

from __future__ import annotations

import argparse
import copy
import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError, WaiterError

from tools.cli import CliError, echo, error_message, run_main
from tools.deploy import serverless_config
from tools.deploy.stack import Stack
from tools.ops.restore import ENABLED
from tools.region import add_region_option
from tools.tables import table_exists

TABLE, PARAMETER = "Table", "RestoredTable"
"""The logical ids of the table and of the parameter with the name of a restored table."""
KEEP = "Retain"
STEPS = 3
CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"]
WAIT = {"Delay": 1, "MaxAttempts": 600}
READY = (
    "CREATE_COMPLETE",
    "UPDATE_COMPLETE",
    "UPDATE_ROLLBACK_COMPLETE",
    "IMPORT_COMPLETE",
    "IMPORT_ROLLBACK_COMPLETE",
)
NOTHING = "Nothing was changed."


@dataclass(frozen=True)
class Step:
    """A change of the stack.

    Args:
        action: what it does with the table: ``Modify``, ``Remove`` or ``Import``.
        template: the new template.
        message: the result, for the operator.
    """

    action: str
    template: dict[str, Any]
    message: str


def main() -> None:
    """Import the table that the stage runs on, and print how to complete the import."""
    arguments = _arguments()
    serverless_config.check_stage(arguments.stage)
    session = boto3.Session(region_name=arguments.region)
    stack = Stack(session, arguments.stage)
    client, dynamodb = session.client("cloudformation"), session.client("dynamodb")
    restored = restored_table(stack)
    protected = check_table(dynamodb, restored, definition(stack.template())["Properties"])
    try:
        for _ in range(STEPS):
            if step := next_step(stack, restored):
                apply(client, stack, step, restored)
                echo(step.message)
        protect(dynamodb, restored, protected)
    except (ClientError, BotoCoreError) as error:
        reason = error_message(error).rstrip(".")
        raise CliError(f"{reason}. No table was deleted. To continue, run the command again.") from None
    echo(
        f"{restored} is the table of {stack.name}. To complete the import, delete restoredTable of the stage in "
        f"serverless.yml and run make deploy STAGE={arguments.stage} PARAMS=restoredTable="
    )


def restored_table(stack: Stack) -> str:
    """Return the table that the stage runs on.

    Raises:
        CliError: there is no stack, it is not ready for a change, or it uses its own table.
    """
    status = stack.wait_until_stable()
    if status not in READY:
        problem = f"is in {status}" if status else "does not exist"
        raise CliError(f"The stack {stack.name} {problem}. {NOTHING}")
    restored = stack.parameters().get(PARAMETER)
    if not restored:
        raise CliError(f"{stack.name} runs on its own table: its parameter restoredTable is empty. {NOTHING}")
    return restored


def definition(template: Mapping[str, Any]) -> dict[str, Any]:
    """Return the definition of the table: a resource, or after the second change in the metadata.

    Raises:
        CliError: there is none, because another tool has removed the table from the stack.
    """
    if TABLE in template["Resources"]:
        return dict(template["Resources"][TABLE])
    text = template.get("Metadata", {}).get("Clowder", {}).get(TABLE)
    if text is None:
        raise CliError(f"The template of the stack does not define the table. Deploy the stage again. {NOTHING}")
    return dict(json.loads(text))


def next_step(stack: Stack, restored: str) -> Step | None:
    """Return the next change; None if the restored table is already in the stack."""
    template = stack.template()
    if TABLE not in template["Resources"]:
        return Step("Import", with_table(template), f"{restored} was imported.")
    old = stack.resource(TABLE)
    if old == restored:
        return None
    if definition(template)["DeletionPolicy"] != KEEP:
        return Step("Modify", with_policy(template), f"{old} is retained when it leaves the stack.")
    return Step("Remove", without_table(template), f"{old} has left the stack and was not deleted.")


def with_policy(template: dict[str, Any]) -> dict[str, Any]:
    """Return the template with a table that is retained when it leaves the stack."""
    changed = copy.deepcopy(template)
    changed["Resources"][TABLE]["DeletionPolicy"] = KEEP
    return changed


def without_table(template: dict[str, Any]) -> dict[str, Any]:
    """Return the template with the definition of the table in the metadata, and no reference to the resource."""
    changed = dict(_with_restored(template))
    # As text, because CloudFormation does not say what it does with intrinsic functions there.
    table = json.dumps(changed["Resources"].pop(TABLE))
    metadata = changed.get("Metadata", {})
    return changed | {"Metadata": metadata | {"Clowder": metadata.get("Clowder", {}) | {TABLE: table}}}


def with_table(template: dict[str, Any]) -> dict[str, Any]:
    """Return the template with the table as a resource again. Only this resource differs, as an import requires."""
    return template | {"Resources": template["Resources"] | {TABLE: definition(template)}}


def _with_restored(value: Any) -> Any:
    """Return a part of a template that refers to the parameter instead of the table."""
    match value:
        case {"Ref": "Table"}:
            return {"Ref": PARAMETER}
        case dict():
            return {key: _with_restored(item) for key, item in value.items()}
        case list():
            return [_with_restored(item) for item in value]
    return value


def apply(client: Any, stack: Stack, step: Step, restored: str) -> None:
    """Make a change by a change set, after a look at what it would do.

    Raises:
        CliError: CloudFormation refuses it, it would change more than the table, or it fails.
    """
    names = {"StackName": stack.name, "ChangeSetName": f"{step.action.lower()}-table-{time.time_ns()}"}
    request: dict[str, Any] = {
        "TemplateBody": json.dumps(step.template, separators=(",", ":")),
        "Capabilities": CAPABILITIES,
    }
    if step.action == "Import":
        kind, identifier = definition(step.template)["Type"], {"TableName": restored}
        resource = {"ResourceType": kind, "LogicalResourceId": TABLE, "ResourceIdentifier": identifier}
        request |= {"ChangeSetType": "IMPORT", "ResourcesToImport": [resource]}
    client.create_change_set(**names, **request)
    if problem := _problem(client, names, step.action):
        client.delete_change_set(**names)
        raise CliError(f"{problem.rstrip('.')}. {stack.name} is as before this step.")
    client.execute_change_set(**names)
    status = stack.wait_until_stable()
    if status not in ("UPDATE_COMPLETE", "IMPORT_COMPLETE"):
        raise CliError(
            f"The step failed, and {stack.name} is in {status}. No table was deleted. "
            "To continue, run the command again."
        )


def _problem(client: Any, names: dict[str, str], action: str) -> str:
    """Wait for a change set, and return why it must not be executed; empty if it may be."""
    try:
        client.get_waiter("change_set_create_complete").wait(**names, WaiterConfig=WAIT)
    except WaiterError as error:
        return f"CloudFormation refused the change: {error.last_response.get('StatusReason') or error}"
    pages = client.get_paginator("describe_change_set").paginate(**names)
    changes = [each["ResourceChange"] for page in pages for each in page["Changes"]]
    if other := sorted({each["LogicalResourceId"] for each in changes if not is_expected(each, action)}):
        return f"The change would also replace, add or delete {', '.join(other)}"
    return ""


def is_expected(change: Mapping[str, str], action: str) -> bool:
    """Return whether a change belongs to a step: the action on the table, and elsewhere only updates in place."""
    if change["LogicalResourceId"] != TABLE or action == "Modify":
        return change["Action"] == "Modify" and change.get("Replacement", "False") == "False"
    return change["Action"] == action and (action != "Remove" or change.get("PolicyAction") == KEEP)


def check_table(client: Any, name: str, properties: Mapping[str, Any]) -> bool:
    """Check that a table has the properties of a template, and return whether the template protects it from deletion.

    CloudFormation does not compare them in an import, and later updates would not correct them.

    Raises:
        CliError: there is no such table, or a property differs.
    """
    if not table_exists(client, name):
        raise CliError(f"There is no table called {name}. {NOTHING}")
    wrong = [label for label, actual, expected in _properties(client, name, properties) if actual != expected]
    if wrong:
        raise CliError(
            f"{name} differs from the template of the stack in: {', '.join(wrong)}. "
            f"tools.ops.restore with --apply-settings sets expiry, recovery and encryption. {NOTHING}"
        )
    [replica] = properties["Replicas"]
    return bool(replica["DeletionProtectionEnabled"])


def protect(client: Any, name: str, protected: bool) -> None:
    """Switch the deletion protection of a table on or off."""
    if client.describe_table(TableName=name)["Table"].get("DeletionProtectionEnabled", False) != protected:
        client.update_table(TableName=name, DeletionProtectionEnabled=protected)


def _properties(client: Any, name: str, expected: Mapping[str, Any]) -> Iterator[tuple[str, object, object]]:
    """Yield the name of each property, its value in DynamoDB and that in a template."""
    table = client.describe_table(TableName=name)["Table"]
    ttl = client.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    expiry = ttl.get("AttributeName") if ttl["TimeToLiveStatus"] in ENABLED else None
    backups = client.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
    [replica] = expected["Replicas"]
    yield "status", table["TableStatus"], "ACTIVE"
    yield "keys", table["KeySchema"], expected["KeySchema"]
    yield "attributes", _by_name(table["AttributeDefinitions"]), _by_name(expected["AttributeDefinitions"])
    yield "indexes", _indexes(table), _indexes(expected)
    yield "billing", table.get("BillingModeSummary", {}).get("BillingMode"), expected["BillingMode"]
    yield "expiry", expiry, expected["TimeToLiveSpecification"]["AttributeName"]
    recovery = backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"
    yield "recovery", recovery, replica["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"]
    yield "encryption", table.get("SSEDescription", {}).get("SSEType"), expected["SSESpecification"]["SSEType"]


def _by_name(attributes: list[dict[str, str]]) -> dict[str, str]:
    return {each["AttributeName"]: each["AttributeType"] for each in attributes}


def _indexes(table: Mapping[str, Any]) -> dict[str, tuple[object, object]]:
    return {
        each["IndexName"]: (each["KeySchema"], each["Projection"]) for each in table.get("GlobalSecondaryIndexes", ())
    }


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tools.ops.import_table", description="Import a restored table into the stack."
    )
    parser.add_argument("--stage", required=True, help="a stage in serverless.yml")
    add_region_option(parser)
    return parser.parse_args()


if __name__ == "__main__":
    run_main(main)
