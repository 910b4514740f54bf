"""Test the comparison of a deployment with the live stack: parameters, table and concurrency."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import yaml

from tests.support.plugin import call
from tools.deploy import serverless_config

PARAMS = yaml.safe_load(serverless_config.FILE.read_text(encoding="utf-8"))["params"]
ARTIFACT = {"artifact", "sha256", "image"}
KEY = "{{resolve:ssm:/clowder/dev/cursor-key:2}}"
"""The reference to the cursor key in a deployment. The newest version is 2."""


def deployment(
    given: dict[str, str] | None = None, stage: dict[str, Any] | None = None, default: dict[str, Any] | None = None
) -> dict[str, Any]:
    """Return the template of a deployment with parameters of the command line, of the stage and of the defaults."""
    given, stage, defaults = given or {}, stage or {}, PARAMS["default"] | {"cursorKeyVersion": ""} | (default or {})
    settings = {"given": given, "stageParameters": stage, "parameters": defaults | stage | given}
    return {"Metadata": {"Clowder": call("settings", "recordedParameters", settings)}, "Resources": {"Key": KEY}}


def reset_errors(*pairs: tuple[dict[str, Any], dict[str, Any]]) -> list[str | None]:
    """Return the error messages of deployments, each after another one."""
    return [call("settings", "resetError", "clowder-dev", *pair) for pair in pairs]


def test_every_parameter_that_was_given_stops_the_next_deployment_without_it() -> None:
    names = sorted(PARAMS["default"].keys() - ARTIFACT)
    messages = reset_errors(*((deployment({name: "7x"}), deployment()) for name in names))
    assert messages == [
        f"clowder-dev was deployed with {name}=7x, and this deployment would reset it: give it a value with "
        "--param=NAME=VALUE (with make and in CI: PARAMS) or for the stage in serverless.yml. "
        f"To reset it, give {name}={PARAMS['default'][name]}."
        for name in names
    ]


def test_all_parameters_that_would_be_reset_are_in_one_message() -> None:
    live = deployment({"domain": "a.example", "corsOrigins": "https://a.example https://b.example", "rate": "30"})
    [message] = reset_errors((live, deployment({"rate": "40"})))
    values = "corsOrigins='https://a.example https://b.example' domain=a.example"
    expected = f"clowder-dev was deployed with {values}, and this deployment would reset them: give each a value "
    assert (message or "").startswith(expected)
    assert (message or "").endswith(" To reset them, give corsOrigins= domain=.")


def test_the_artifact_is_not_a_parameter_of_the_stage() -> None:
    live = deployment(dict.fromkeys(ARTIFACT, "/home/ada/clowder"))
    assert reset_errors((live, deployment())) == [None]


@pytest.mark.parametrize(
    ("live", "following", "lost"),
    [
        ({"given": {"domain": "a.example"}}, {"given": {"domain": "a.example"}}, None),
        ({"given": {"domain": "a.example"}}, {"given": {"domain": "b.example"}}, None),
        ({"given": {"domain": "a.example"}}, {"given": {"domain": ""}}, None),
        ({"given": {"domain": "a.example"}}, {"stage": {"domain": "a.example"}}, None),
        ({"given": {"domain": "a.example"}}, {"stage": {"domain": "b.example"}}, None),
        ({"given": {"domain": "a.example"}}, {"default": {"domain": "a.example"}}, None),
        ({"given": {"domain": "a.example"}}, {"default": {"domain": "b.example"}}, "domain=a.example"),
        ({"given": {"timeZone": "UTC"}}, {}, None),
        ({"given": {"timeZone": "UTC"}}, {"default": {"timeZone": "Asia/Tokyo"}}, "timeZone=UTC"),
        ({"stage": {"domain": "a.example"}}, {}, "domain=a.example"),
        ({"stage": {"domain": "a.example"}}, {"stage": {"domain": ""}}, None),
        ({"stage": {"rate": 50}}, {"stage": {"rate": 60}}, None),
        ({"stage": {"rate": 50}, "given": {"rate": "90"}}, {"stage": {"rate": 50}}, "rate=90"),
        ({"stage": {"rate": 50}, "given": {"rate": "90"}}, {"stage": {"rate": 80}}, None),
        ({"stage": {"rate": 50}, "given": {"rate": "90"}}, {}, "rate=90"),
        ({"stage": {"domain": "a.example"}, "given": {"domain": ""}}, {"stage": {"domain": "a.example"}}, "domain="),
        ({}, {"default": {"rate": 70, "domain": "a.example"}}, None),
        ({"default": {"rate": 70}}, {}, None),
        ({"default": {"domain": "a.example"}}, {}, "domain=a.example"),
        ({"default": {"domain": "a.example"}}, {"given": {"domain": ""}}, None),
        ({"default": {"domain": "a.example"}}, {"stage": {"domain": ""}}, None),
        ({"default": {"protect": "true"}}, {}, "protect=true"),
        ({"given": {"cursorKeyVersion": "2"}}, {}, None),
        ({"given": {"cursorKeyVersion": "1"}}, {}, "cursorKeyVersion=1"),
        ({"given": {"cursorKeyVersion": "1"}}, {"given": {"cursorKeyVersion": ""}}, None),
        ({"given": {"cursorKeyVersion": ""}}, {}, None),
    ],
)  # fmt: skip
def test_a_parameter_is_reset_only_on_purpose(
    live: dict[str, Any], following: dict[str, Any], lost: str | None
) -> None:
    [message] = reset_errors((deployment(**live), deployment(**following)))
    assert message is None if lost is None else f" with {lost}, and" in (message or "")


def test_a_first_deployment_and_a_removed_parameter_reset_nothing() -> None:
    removed = deployment({"photos": "true"})
    assert reset_errors(({}, deployment()), (removed, deployment()), (IMPORTING, deployment())) == [None, None, None]


def test_the_parameters_of_an_older_release_are_those_of_its_template() -> None:
    defaults = {"AlarmEmail": "a@example.org", "Alarms": "true", "Backups": "false", "Domain": ""}
    live = {"Parameters": {name: {"Type": "String", "Default": value} for name, value in defaults.items()}}
    chosen = deployment({"alarmEmail": "b@example.org"}, stage={"alarms": "true", "backups": "true"})
    changed = deployment(default={"alarmEmail": "a@example.org", "alarms": "true", "backups": "true"})
    lost, *others = reset_errors((live, deployment()), (live, chosen), (live, changed))
    assert " with alarmEmail=a@example.org alarms=true, and" in (lost or "")
    assert others == [None, None]


def key(*names: str) -> list[dict[str, str]]:
    return [{"AttributeName": name, "KeyType": kind} for name, kind in zip(names, ("HASH", "RANGE"), strict=False)]


def index(name: str, *keys: str, projection: str = "ALL") -> dict[str, Any]:
    return {"IndexName": name, "KeySchema": key(*keys), "Projection": {"ProjectionType": projection}}


BASE: dict[str, Any] = {
    "Type": "AWS::DynamoDB::GlobalTable",
    "Properties": {
        "AttributeDefinitions": [{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk", "by", "at")],
        "KeySchema": key("pk", "sk"),
        "GlobalSecondaryIndexes": [index("one", "by", "at"), index("two", "by", "sk")],
        "Replicas": [{"Region": {"Ref": "AWS::Region"}}],
    },
}


def stack(*readers: str, table: str = "Table", kind: str = BASE["Type"], **properties: Any) -> dict[str, Any]:
    """Return a template with a table, and a role that may query indexes."""
    resource = copy.deepcopy(BASE) | {"Type": kind}
    resource["Properties"] |= properties
    statement = {
        "Action": ["dynamodb:Query"],
        "Resource": [{"Fn::Sub": [f"${{Table}}/index/{name}", {"Table": "arn"}]} for name in readers],
    }
    role = {"Type": "AWS::IAM::Role", "Properties": {"Policies": [{"PolicyDocument": {"Statement": [statement]}}]}}
    return {"Resources": {table: resource, "ApiRole": role}}


ONE, TWO, NEW, NEWER = (
    index("one", "by", "at"),
    index("two", "by", "sk"),
    index("new", "sk", "by"),
    index("newer", "at", "by"),
)
LIVE = stack("one", "two")
KEYS_ONLY = index("two", "by", "sk", projection="KEYS_ONLY")
BUCKET = {"Resources": {"ServerlessDeploymentBucket": {"Type": "AWS::S3::Bucket"}}}
IMPORTING = {
    "Resources": {"ApiLambdaFunction": {"Type": "AWS::Lambda::Function"}},
    "Metadata": {"Clowder": {"Table": "{}"}},
}
IMPORT = "The stack has no table, and this deployment would create an empty one: first complete the import."
NUMBERS = [{"AttributeName": name, "AttributeType": "N"} for name in ("pk", "sk", "by", "at")]
REPLACED = "This deployment would replace the table Table: its logical id, type, name and key cannot change."
EARLY = "This deployment adds the index new and code that reads it: deploy the index first, then the code."
LATE = "The code still reads the index two, which this deployment deletes: first deploy code that does not."
CREATING = "The index two of the table cats is CREATING: wait until it is ACTIVE."
NOT_READY = "The table cats is CREATING: wait until it is ACTIVE."
CHANGED = "The keys and projection of the index two cannot change: add an index with another name."


@pytest.mark.parametrize(
    ("live", "following", "message"),
    [
        ({}, LIVE, None),
        (BUCKET, LIVE, None),
        (IMPORTING, LIVE, IMPORT),
        (LIVE, LIVE, None),
        (LIVE, stack("one", "two", GlobalSecondaryIndexes=[TWO, ONE], BillingMode="PROVISIONED"), None),
        (LIVE, stack("one", "two", GlobalSecondaryIndexes=[ONE, TWO, NEW]), None),
        (LIVE, stack("one", "two", "new", GlobalSecondaryIndexes=[ONE, TWO, NEW]), EARLY),
        (LIVE, stack("*", GlobalSecondaryIndexes=[ONE, TWO, NEW]), EARLY),
        (LIVE, stack("one", "n*", GlobalSecondaryIndexes=[ONE, TWO, NEW]), EARLY),
        (
            LIVE, stack("one", "two", GlobalSecondaryIndexes=[ONE, TWO, NEW, NEWER]),
            "Only one index can change in a deployment, and this one adds or deletes new, newer.",
        ),
        (
            stack("one"), stack("one", GlobalSecondaryIndexes=[ONE, NEW]),
            "Only one index can change in a deployment, and this one adds or deletes new, two.",
        ),
        (
            stack(), stack(GlobalSecondaryIndexes=[]),
            "Only one index can change in a deployment, and this one adds or deletes one, two.",
        ),
        (stack("one"), stack("one", GlobalSecondaryIndexes=[ONE]), None),
        (LIVE, stack("one", GlobalSecondaryIndexes=[ONE]), LATE),
        (stack("one"), stack("one", "two", GlobalSecondaryIndexes=[ONE]), LATE),
        (LIVE, stack("one", "two", GlobalSecondaryIndexes=[ONE, index("two", "by", "at")]), CHANGED),
        (LIVE, stack("one", "two", GlobalSecondaryIndexes=[ONE, index("two", "by")]), CHANGED),
        (LIVE, stack("one", "two", GlobalSecondaryIndexes=[ONE, KEYS_ONLY]), CHANGED),
        (LIVE, stack("one", "two", KeySchema=key("pk")), REPLACED),
        (LIVE, stack("one", "two", AttributeDefinitions=NUMBERS), REPLACED),
        (LIVE, stack("one", "two", TableName="cats"), REPLACED),
        (LIVE, stack("one", "two", kind="AWS::DynamoDB::Table"), REPLACED),
        (stack("one", "two", kind="AWS::DynamoDB::Table"), LIVE, REPLACED),
        (LIVE, stack("one", "two", table="CatTable"), REPLACED),
        (LIVE, {"Resources": {}}, REPLACED),
        (LIVE, stack("one", "two", Replicas=[{"Region": "eu-west-1"}]), "Only one replica can change in a deployment."),
    ],
)  # fmt: skip
def test_a_change_of_the_table_that_cloudformation_cannot_do_is_an_error(
    live: dict[str, Any], following: dict[str, Any], message: str | None
) -> None:
    assert call("table", "tableError", live, following) == message


def test_no_index_changes_while_the_function_uses_a_restored_table() -> None:
    following = stack("one", "two", GlobalSecondaryIndexes=[ONE, TWO, NEW])
    message = "An index would change, but not in cats, which the function uses: first import this table."
    assert call("table", "tableError", LIVE, following, "cats") == message
    assert call("table", "tableError", LIVE, LIVE, "cats") is None


def described(status: str = "ACTIVE", **indexes: str) -> dict[str, Any]:
    """Return a table as DynamoDB describes it."""
    states = [{"IndexName": name, "IndexStatus": state} for name, state in indexes.items()]
    return {"TableStatus": status, "GlobalSecondaryIndexes": states}


@pytest.mark.parametrize(
    ("table", "following", "message"),
    [
        (described(one="ACTIVE", two="ACTIVE"), LIVE, None),
        (None, LIVE, "The table cats does not exist."),
        (described(one="ACTIVE"), LIVE, "The code reads the index two, which the table cats does not have."),
        (described(one="ACTIVE"), stack("one", GlobalSecondaryIndexes=[ONE, TWO]), None),
        (described(one="ACTIVE", two="CREATING"), LIVE, CREATING),
        (described(one="ACTIVE", two="CREATING"), stack("*"), CREATING),
        (described("UPDATING", one="ACTIVE", two="ACTIVE", new="CREATING"), LIVE, None),
        (
            described("UPDATING", one="ACTIVE", two="ACTIVE", new="CREATING"),
            stack("one", "two", GlobalSecondaryIndexes=[ONE, TWO, NEW]),
            "The index new of the table cats is CREATING: wait until it is ACTIVE.",
        ),
        (
            described("UPDATING", one="ACTIVE", two="ACTIVE"),
            stack("one", "two", GlobalSecondaryIndexes=[ONE, TWO, NEW]),
            "The table cats is UPDATING: wait until it is ACTIVE.",
        ),
        (described("CREATING", one="ACTIVE", two="ACTIVE"), LIVE, NOT_READY),
    ],
)  # fmt: skip
def test_the_code_is_deployed_only_if_its_indexes_can_be_read(
    table: dict[str, Any] | None, following: dict[str, Any], message: str | None
) -> None:
    assert call("table", "stateError", "cats", table, LIVE, following) == message


def limit(total: int, unreserved: int | None = None) -> dict[str, int]:
    """Return the limits of an account, as Lambda returns them."""
    return {
        "ConcurrentExecutions": total,
        "UnreservedConcurrentExecutions": total if unreserved is None else unreserved,
    }


@pytest.mark.parametrize(
    ("reserved", "account", "held", "available"),
    [
        ("", limit(10), 0, None),
        ("1", limit(10), 0, 0),
        ("5", limit(10), 0, 0),
        ("900", limit(1000), 0, None),
        ("901", limit(1000), 0, 900),
        ("401", limit(1000, 500), 0, 400),
        ("401", limit(1000, 500), 100, None),
        ("20", limit(1000, 90), 0, 0),
    ],
)
def test_a_reservation_that_lambda_refuses_is_an_error(
    reserved: str, account: dict[str, int], held: int, available: int | None
) -> None:
    message = call("concurrency", "reservationError", {"reservedConcurrency": reserved}, account, held)
    if available is None:
        assert message is None
    else:
        total = account["ConcurrentExecutions"]
        numbers = f"{available}: the account has {total} executions, of which {min(total, 100)} must stay unreserved."
        assert message.startswith(f"reservedConcurrency is {reserved}, and Lambda allows {numbers}")


@pytest.mark.parametrize(
    ("parameters", "account", "needed"),
    [
        ({"rate": 50, "burst": 10}, limit(10), None),
        ({"rate": 50, "burst": 11}, limit(10), 11),
        ({"rate": 50, "burst": 100}, limit(1000), None),
        ({"rate": 50, "burst": 100}, limit(1000, 99), 100),
        ({"rate": 588, "burst": 10}, limit(10), None),
        ({"rate": 589, "burst": 10}, limit(10), 11),
        ({"rate": 50, "burst": 100, "reservedConcurrency": "100"}, limit(1000, 10), None),
        ({"rate": 50, "burst": 100, "reservedConcurrency": "99"}, limit(1000), 100),
    ],
)
def test_more_requests_than_executions_are_a_warning(
    parameters: dict[str, Any], account: dict[str, int], needed: int | None
) -> None:
    message = call("concurrency", "concurrencyWarning", parameters, account)
    if needed is None:
        assert message is None
    else:
        executions = parameters.get("reservedConcurrency") or account["UnreservedConcurrentExecutions"]
        assert f"need {needed} executions, and the function has {executions}." in message


@pytest.mark.parametrize("stage", serverless_config.stages())
def test_the_limits_of_every_stage_fit_a_new_account(stage: str) -> None:
    assert call("concurrency", "concurrencyWarning", PARAMS["default"] | PARAMS[stage], limit(10)) is None
