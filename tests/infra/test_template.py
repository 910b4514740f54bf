"""What no AWS on this machine applies is there in the template: of each stage, and of all that can be chosen."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from api.settings import Settings
from tests.support.template import CHOSEN, IMAGE, Template, chosen, made, named, production, stage, strings, template

__all__ = ["chosen", "made", "production", "stage", "template"]

LOGGED = {
    "requestTime", "requestId", "routeKey", "httpMethod", "status", "responseLength", "responseLatency",
    "integrationLatency", "integration.requestId", "error.responseType", "integration.error",
}  # fmt: skip
"""What an access log may hold: nothing that callers write, as a quotation mark in it could forge a field; no header, no
identity, nothing of an authorizer."""
CURSOR_KEY = re.compile(r"\{\{resolve:ssm:/clowder/(dev|staging|production)/cursor-key:(\d+)\}\}")


def leaks(log_format: str) -> set[str]:
    """Return what an access log would hold besides."""
    return set(re.findall(r"\$context\.([\w.]+)", log_format)) - LOGGED | set(
        re.findall(r"\$(?!context\.)\S+", log_format)
    )


def test_the_table_forgets_what_expires_and_can_be_recovered_and_is_encrypted(made: Template) -> None:
    table = made.one("DynamoDB::Table")
    assert table["TimeToLiveSpecification"] == {"AttributeName": "expires", "Enabled": True}
    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert table["SSESpecification"] == {"SSEEnabled": True}
    assert table["BillingMode"] == "PAY_PER_REQUEST"


def test_the_cats_outlive_the_stack_in_production_and_nowhere_else(made: Template, stage: str) -> None:
    policies = {
        name: {resource.get("DeletionPolicy"), resource.get("UpdateReplacePolicy")}
        for name, resource in made.resources.items()
    }
    kept = {name for name, policy in policies.items() if policy != {None} and policy != {"Delete"}}
    assert kept == ({"Table", "Bucket", "BackupVault"} if stage == "production" else set())
    assert {made.resources[name]["UpdateReplacePolicy"] for name in kept} <= {"Retain"}
    # What a failed deployment has made itself holds nothing, and a vault that was kept would stop the next one.
    told = {name: made.resources[name]["DeletionPolicy"] for name in kept}
    assert {name for name, policy in told.items() if policy == "RetainExceptOnCreate"} == kept - {"Table"}
    assert made.resources["Table"]["DeletionPolicy"] == ("Retain" if kept else "Delete")
    assert made.one("DynamoDB::Table")["DeletionProtectionEnabled"] is (stage == "production")


def test_buckets_are_private_encrypted_and_versioned(made: Template) -> None:
    buckets = made.of("S3::Bucket")
    assert set(buckets) == {"Bucket", "ServerlessDeploymentBucket"}
    for bucket in buckets.values():
        assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
        [rule] = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        assert rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"
        assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
        rules = {rule["Id"]: rule for rule in bucket["LifecycleConfiguration"]["Rules"]}
        assert rules["old-versions"]["NoncurrentVersionExpiration"]["NoncurrentDays"] == 30
        assert {rule["Status"] for rule in rules.values()} == {"Enabled"}


def test_buckets_are_reached_with_tls_only(made: Template) -> None:
    policies = {policy["Bucket"]["Ref"]: policy["PolicyDocument"] for policy in made.of("S3::BucketPolicy").values()}
    assert set(policies) == {"Bucket", "ServerlessDeploymentBucket"}
    for bucket, policy in policies.items():
        [denied] = policy["Statement"]
        assert (denied["Effect"], denied["Principal"], denied["Action"]) == ("Deny", "*", "s3:*")
        assert str(denied["Condition"]["Bool"]["aws:SecureTransport"]).lower() == "false"
        assert named(denied["Resource"]) - {"AWS::Partition"} == {bucket}
        assert len(denied["Resource"]) == 2


def test_the_gateway_lets_in_no_more_than_is_said(made: Template, stage: str) -> None:
    limits = made.one("ApiGatewayV2::Stage")["DefaultRouteSettings"]
    most = (limits["ThrottlingRateLimit"], limits["ThrottlingBurstLimit"])
    assert most == ((50, 100) if stage == "production" else (10, 20))


def test_the_access_log_is_json_without_secrets(made: Template) -> None:
    log = made.one("ApiGatewayV2::Stage")["AccessLogSettings"]
    assert named(log["DestinationArn"]) == {"HttpApiLogGroup"}
    assert leaks(log["Format"]) == set()
    assert set(json.loads(log["Format"]).values()) == {f"$context.{name}" for name in LOGGED}


@pytest.mark.parametrize(
    "secret",
    ["$context.identity.sourceIp", "$context.authorizer.claims.sub", "$input.params()", "$context.path"],
)
def test_an_access_log_that_tells_more_is_found(secret: str) -> None:
    assert leaks(f'{{"status": "$context.status", "more": "{secret}"}}')


def test_every_log_ends_some_day(made: Template, stage: str) -> None:
    groups = made.of("Logs::LogGroup")
    assert set(groups) == {"ApiLogGroup", "HttpApiLogGroup"}
    days = {"dev": 7, "staging": 14, "production": 90}[stage]
    assert {group["RetentionInDays"] for group in groups.values()} == {days}


def test_the_function_is_traced_and_ends_before_the_gateway_gives_up(made: Template) -> None:
    function = made.one("Lambda::Function")
    assert function["TracingConfig"] == {"Mode": "Active"}
    gateway = made.one("ApiGatewayV2::Integration")["TimeoutInMillis"] / 1000
    assert Settings(table_name="any", cursor_key="k" * 32).deadline_seconds < function["Timeout"] < gateway


def test_every_variable_of_the_function_is_one_that_somebody_reads(made: Template, stage: str) -> None:
    variables = made.one("Lambda::Function")["Environment"]["Variables"]
    of_the_gateway_library = {"STRIP_STAGE_PATH"}
    assert {name.lower() for name in set(variables) - of_the_gateway_library} <= set(Settings.__struct_fields__)
    assert of_the_gateway_library <= set(variables)
    assert (variables["STAGE"], variables["STRIP_STAGE_PATH"], variables["METRICS"]) == (stage, "yes", "1")
    assert variables["TABLE_NAME"] == {"Ref": "Table"}


def test_the_key_of_cursors_is_a_reference_with_a_version_and_nowhere_else(made: Template, stage: str) -> None:
    found = [text for text in strings(made.document) if "resolve:" in text or "cursor-key" in text]
    assert found == [f"{{{{resolve:ssm:/clowder/{stage}/cursor-key:1}}}}"]
    assert CURSOR_KEY.fullmatch(made.one("Lambda::Function")["Environment"]["Variables"]["CURSOR_KEY"])


def test_what_operators_and_tools_ask_for_is_told(made: Template, stage: str) -> None:
    own = {"TableName", "BucketName", "DashboardName", "HttpApiId", "HttpApiUrl", "ServerlessDeploymentBucketName"}
    watched = {"AlarmTopicArn"} if stage == "production" else set()
    assert set(made.outputs) == own | {"BackupVaultName"} | watched


def test_all_requests_go_to_the_function_in_payload_version_2(made: Template) -> None:
    assert made.one("ApiGatewayV2::Route")["RouteKey"] == "$default"
    integration = made.one("ApiGatewayV2::Integration")
    assert (integration["PayloadFormatVersion"], integration["IntegrationType"]) == ("2.0", "AWS_PROXY")
    assert integration["IntegrationUri"] == made.one("Lambda::Permission")["FunctionName"]
    assert integration["IntegrationUri"] == {"Fn::GetAtt": ["ApiLambdaFunction", "Arn"]}


def test_a_package_runs_on_lambdas_python_and_an_image_is_known_by_its_digest(made: Template, stage: str) -> None:
    function = made.one("Lambda::Function")
    told = function.get("PackageType", "Zip"), function.get("Runtime"), function["Code"].get("ImageUri")
    assert told == (("Image", None, IMAGE) if stage == "staging" else ("Zip", "python3.13", None))
    assert function["Architectures"] == ["arm64"]
    assert "SnapStart" not in function
    assert "ReservedConcurrentExecutions" not in function


def test_with_a_snapshot_the_api_calls_the_version_that_has_it(chosen: Template) -> None:
    assert chosen.one("Lambda::Function")["SnapStart"] == {"ApplyOn": "PublishedVersions"}
    alias, [version] = chosen.one("Lambda::Alias"), chosen.of("Lambda::Version")
    assert alias["FunctionVersion"] == {"Fn::GetAtt": [version, "Version"]}
    called = {"Fn::Join": [":", [{"Fn::GetAtt": ["ApiLambdaFunction", "Arn"]}, alias["Name"]]]}
    assert chosen.one("ApiGatewayV2::Integration")["IntegrationUri"] == called
    assert chosen.one("Lambda::Permission")["FunctionName"] == called


def test_executions_are_kept_for_the_function_where_that_is_chosen(chosen: Template) -> None:
    assert chosen.one("Lambda::Function")["ReservedConcurrentExecutions"] == CHOSEN["reservedConcurrency"]


def test_a_domain_has_its_certificate_and_leads_to_the_api(chosen: Template) -> None:
    [settings] = chosen.one("ApiGatewayV2::DomainName")["DomainNameConfigurations"]
    assert settings["CertificateArn"] == CHOSEN["certificateArn"]
    # With an address of each kind, as the name has a record of each.
    assert (settings["SecurityPolicy"], settings["IpAddressType"]) == ("TLS_1_2", "dualstack")
    mapping = chosen.one("ApiGatewayV2::ApiMapping")
    assert (mapping["ApiId"], mapping["Stage"]) == ({"Ref": "HttpApi"}, {"Ref": "HttpApiStage"})
    records = chosen.of("Route53::RecordSet").values()
    assert {(record["Name"], record["Type"]) for record in records} == {
        (CHOSEN["domain"], kind) for kind in ("A", "AAAA")
    }
    assert "DomainTarget" in chosen.outputs


def test_without_a_domain_there_is_none(made: Template) -> None:
    kinds = {resource["Type"] for resource in made.resources.values()}
    assert not kinds & {"AWS::ApiGatewayV2::DomainName", "AWS::ApiGatewayV2::ApiMapping", "AWS::Route53::RecordSet"}


def test_a_restored_table_takes_the_place_of_the_own_one_everywhere(chosen: Template, production: Template) -> None:
    def users(document: Template) -> set[str]:
        told: dict[str, Any] = {**document.resources, **document.outputs}
        return {name for name, what in told.items() if "Table" in named(what)}

    assert users(production) == {
        "ApiLambdaFunction", "ApiRole", "Dashboard", "TableErrorsAlarm", "TableName", "TableThrottlesAlarm",
    }  # fmt: skip
    assert users(chosen) == set()
    assert chosen.one("Lambda::Function")["Environment"]["Variables"]["TABLE_NAME"] == CHOSEN["restoredTable"]
    assert chosen.outputs["TableName"] == CHOSEN["restoredTable"]


def test_a_new_version_of_the_key_is_a_new_text_so_that_it_is_looked_up_again(chosen: Template) -> None:
    told = CURSOR_KEY.fullmatch(chosen.one("Lambda::Function")["Environment"]["Variables"]["CURSOR_KEY"])
    assert told
    assert told[2] == CHOSEN["cursorKeyVersion"]
