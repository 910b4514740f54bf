"""Test the properties of the compiled template that the local AWS does not apply, for each stage and all options."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from api.settings import Settings
from tests.support.template import ALL_OPTIONS, IMAGE, Template, all_strings, references

ACCESS_LOG_FIELDS = {
    "requestTime", "requestId", "routeKey", "httpMethod", "status", "responseLength", "responseLatency",
    "integrationLatency", "integration.requestId", "error.responseType", "integration.error",
}  # fmt: skip
"""The allowed fields of the access log. None has text from the client, because a quotation mark could forge a field,
and none has a header, an identity or authorizer data."""
CURSOR_KEY = re.compile(r"\{\{resolve:ssm:/clowder/(dev|staging|production)/cursor-key:(\d+)\}\}")


def forbidden_fields(log_format: str) -> set[str]:
    """Return the fields of an access log that are not allowed."""
    return set(re.findall(r"\$context\.([\w.]+)", log_format)) - ACCESS_LOG_FIELDS | set(
        re.findall(r"\$(?!context\.)\S+", log_format)
    )


def test_the_table_has_ttl_recovery_and_encryption(template: Template) -> None:
    table = template.get("DynamoDB::Table")
    assert table["TimeToLiveSpecification"] == {"AttributeName": "expires", "Enabled": True}
    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert table["SSESpecification"] == {"SSEEnabled": True}
    assert table["BillingMode"] == "PAY_PER_REQUEST"


def test_data_is_retained_after_stack_deletion_only_in_production(template: Template, stage: str) -> None:
    policies = {
        name: {resource.get("DeletionPolicy"), resource.get("UpdateReplacePolicy")}
        for name, resource in template.resources.items()
    }
    retained = {name for name, policy in policies.items() if policy != {None} and policy != {"Delete"}}
    assert retained == ({"Table", "Bucket", "BackupVault"} if stage == "production" else set())
    assert {template.resources[name]["UpdateReplacePolicy"] for name in retained} <= {"Retain"}
    # A failed first deployment leaves no data, and a retained vault would block the next deployment.
    deletion = {name: template.resources[name]["DeletionPolicy"] for name in retained}
    assert {name for name, policy in deletion.items() if policy == "RetainExceptOnCreate"} == retained - {"Table"}
    assert template.resources["Table"]["DeletionPolicy"] == ("Retain" if retained else "Delete")
    assert template.get("DynamoDB::Table")["DeletionProtectionEnabled"] is (stage == "production")


def test_buckets_are_private_encrypted_and_versioned(template: Template) -> None:
    buckets = template.list("S3::Bucket")
    assert set(buckets) == {"Bucket", "ServerlessDeploymentBucket"}
    for bucket in buckets.values():
        assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
        [rule] = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        assert rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"
        assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
        rules = {rule["Id"]: rule for rule in bucket["LifecycleConfiguration"]["Rules"]}
        assert rules["old-versions"]["NoncurrentVersionExpiration"]["NoncurrentDays"] == 30
        assert {rule["Status"] for rule in rules.values()} == {"Enabled"}


def test_buckets_require_tls(template: Template) -> None:
    policies = {
        policy["Bucket"]["Ref"]: policy["PolicyDocument"] for policy in template.list("S3::BucketPolicy").values()
    }
    assert set(policies) == {"Bucket", "ServerlessDeploymentBucket"}
    for bucket, policy in policies.items():
        [statement] = policy["Statement"]
        assert (statement["Effect"], statement["Principal"], statement["Action"]) == ("Deny", "*", "s3:*")
        assert str(statement["Condition"]["Bool"]["aws:SecureTransport"]).lower() == "false"
        assert references(statement["Resource"]) - {"AWS::Partition"} == {bucket}
        assert len(statement["Resource"]) == 2


def test_the_gateway_has_rate_and_burst_limits(template: Template, stage: str) -> None:
    limits = template.get("ApiGatewayV2::Stage")["DefaultRouteSettings"]
    rate_and_burst = (limits["ThrottlingRateLimit"], limits["ThrottlingBurstLimit"])
    assert rate_and_burst == ((50, 10) if stage == "production" else (10, 10))


def test_the_access_log_is_json_with_allowed_fields_only(template: Template) -> None:
    log = template.get("ApiGatewayV2::Stage")["AccessLogSettings"]
    assert references(log["DestinationArn"]) == {"HttpApiLogGroup"}
    assert forbidden_fields(log["Format"]) == set()
    assert set(json.loads(log["Format"]).values()) == {f"$context.{name}" for name in ACCESS_LOG_FIELDS}


@pytest.mark.parametrize(
    "field",
    ["$context.identity.sourceIp", "$context.authorizer.claims.sub", "$input.params()", "$context.path"],
)
def test_a_forbidden_access_log_field_is_detected(field: str) -> None:
    assert forbidden_fields(f'{{"status": "$context.status", "more": "{field}"}}')


def test_every_log_group_has_a_retention_period(template: Template, stage: str) -> None:
    groups = template.list("Logs::LogGroup")
    assert set(groups) == {"ApiLogGroup", "HttpApiLogGroup"}
    days = {"dev": 7, "staging": 14, "production": 90}[stage]
    assert {group["RetentionInDays"] for group in groups.values()} == {days}


def test_the_function_is_traced_and_times_out_before_the_gateway(template: Template) -> None:
    function = template.get("Lambda::Function")
    assert function["TracingConfig"] == {"Mode": "Active"}
    gateway = template.get("ApiGatewayV2::Integration")["TimeoutInMillis"] / 1000
    assert Settings(table_name="any", cursor_key="k" * 32).deadline_seconds < function["Timeout"] < gateway


def test_every_environment_variable_of_the_function_is_a_setting(template: Template, stage: str) -> None:
    variables = template.get("Lambda::Function")["Environment"]["Variables"]
    serverless_wsgi_variables = {"STRIP_STAGE_PATH"}
    assert {name.lower() for name in set(variables) - serverless_wsgi_variables} <= set(Settings.__struct_fields__)
    assert serverless_wsgi_variables <= set(variables)
    assert (variables["STAGE"], variables["STRIP_STAGE_PATH"], variables["METRICS"]) == (stage, "yes", "1")
    assert variables["TABLE_NAME"] == {"Ref": "Table"}


def test_the_cursor_key_is_one_reference_to_the_newest_version(template: Template, stage: str) -> None:
    uses = [text for text in all_strings(template.document) if "resolve:" in text or "cursor-key" in text]
    assert uses == [f"{{{{resolve:ssm:/clowder/{stage}/cursor-key}}}}"]


def test_the_stack_has_the_outputs_for_operators_and_tools(template: Template, stage: str) -> None:
    common = {"TableName", "BucketName", "DashboardName", "HttpApiId", "HttpApiUrl", "ServerlessDeploymentBucketName"}
    alarms = {"AlarmTopicArn"} if stage == "production" else set()
    assert set(template.outputs) == common | {"BackupVaultName"} | alarms


def test_all_requests_go_to_the_function_in_payload_format_2(template: Template) -> None:
    assert template.get("ApiGatewayV2::Route")["RouteKey"] == "$default"
    integration = template.get("ApiGatewayV2::Integration")
    assert (integration["PayloadFormatVersion"], integration["IntegrationType"]) == ("2.0", "AWS_PROXY")
    assert integration["IntegrationUri"] == template.get("Lambda::Permission")["FunctionName"]
    assert integration["IntegrationUri"] == {"Fn::GetAtt": ["ApiLambdaFunction", "Arn"]}


def test_a_package_has_a_runtime_and_an_image_has_a_digest(template: Template, stage: str) -> None:
    function = template.get("Lambda::Function")
    code = function.get("PackageType", "Zip"), function.get("Runtime"), function["Code"].get("ImageUri")
    assert code == (("Image", None, IMAGE) if stage == "staging" else ("Zip", "python3.13", None))
    assert function["Architectures"] == ["arm64"]
    assert "SnapStart" not in function
    assert "ReservedConcurrentExecutions" not in function


def test_with_snapstart_the_api_calls_the_published_version(full_production: Template) -> None:
    assert full_production.get("Lambda::Function")["SnapStart"] == {"ApplyOn": "PublishedVersions"}
    alias, [version] = full_production.get("Lambda::Alias"), full_production.list("Lambda::Version")
    assert alias["FunctionVersion"] == {"Fn::GetAtt": [version, "Version"]}
    alias_arn = {"Fn::Join": [":", [{"Fn::GetAtt": ["ApiLambdaFunction", "Arn"]}, alias["Name"]]]}
    assert full_production.get("ApiGatewayV2::Integration")["IntegrationUri"] == alias_arn
    assert full_production.get("Lambda::Permission")["FunctionName"] == alias_arn


def test_reserved_concurrency_is_an_option(full_production: Template) -> None:
    assert full_production.get("Lambda::Function")["ReservedConcurrentExecutions"] == ALL_OPTIONS["reservedConcurrency"]


def test_a_custom_domain_has_a_certificate_and_maps_to_the_api(full_production: Template) -> None:
    [settings] = full_production.get("ApiGatewayV2::DomainName")["DomainNameConfigurations"]
    assert settings["CertificateArn"] == ALL_OPTIONS["certificateArn"]
    # Dual stack, because there is an A and an AAAA record.
    assert (settings["SecurityPolicy"], settings["IpAddressType"]) == ("TLS_1_2", "dualstack")
    mapping = full_production.get("ApiGatewayV2::ApiMapping")
    assert (mapping["ApiId"], mapping["Stage"]) == ({"Ref": "HttpApi"}, {"Ref": "HttpApiStage"})
    records = full_production.list("Route53::RecordSet").values()
    assert {(record["Name"], record["Type"]) for record in records} == {
        (ALL_OPTIONS["domain"], kind) for kind in ("A", "AAAA")
    }
    assert "DomainTarget" in full_production.outputs


def test_without_the_option_there_is_no_custom_domain(template: Template) -> None:
    kinds = {resource["Type"] for resource in template.resources.values()}
    assert not kinds & {"AWS::ApiGatewayV2::DomainName", "AWS::ApiGatewayV2::ApiMapping", "AWS::Route53::RecordSet"}


def test_every_resource_uses_the_restored_table(full_production: Template, production: Template) -> None:
    def users(document: Template) -> set[str]:
        definitions: dict[str, Any] = {**document.resources, **document.outputs}
        return {name for name, definition in definitions.items() if "Table" in references(definition)}

    assert users(production) == {
        "ApiLambdaFunction", "ApiRole", "Dashboard", "TableErrorsAlarm", "TableName", "TableThrottlesAlarm",
    }  # fmt: skip
    assert users(full_production) == set()
    assert (
        full_production.get("Lambda::Function")["Environment"]["Variables"]["TABLE_NAME"]
        == ALL_OPTIONS["restoredTable"]
    )
    assert full_production.outputs["TableName"] == ALL_OPTIONS["restoredTable"]


def test_a_new_cursor_key_version_changes_the_reference(full_production: Template) -> None:
    reference = CURSOR_KEY.fullmatch(full_production.get("Lambda::Function")["Environment"]["Variables"]["CURSOR_KEY"])
    assert reference
    assert reference[2] == ALL_OPTIONS["cursorKeyVersion"]
