"""Test the properties of the compiled template that the local AWS does not apply, for each stage and all options."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from api.settings import Settings
from tests.support.template import ALL_OPTIONS, IMAGE, Template, all_strings, references
from tools.ops.import_table import with_table, without_table

ACCESS_LOG_FIELDS = {
    "requestTime", "requestId", "httpMethod", "status", "responseLength", "responseLatency",
    "integrationLatency", "integration.requestId", "error.responseType", "integration.error",
}  # fmt: skip
"""The allowed fields of the access log. None has text from the client, because a quotation mark could forge a field,
and none has a header, an identity or authorizer data."""
TEMPLATE_BODY_BYTES = 51_200
"""The quota of CloudFormation for a template in a request."""
OWNER_ENFORCED = {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
CURSOR_KEY = re.compile(r"\{\{resolve:ssm:/clowder/(dev|staging|production)/cursor-key:(\d+)\}\}")


def forbidden_fields(log_format: str) -> set[str]:
    """Return the fields of an access log that are not allowed."""
    return set(re.findall(r"\$context\.([\w.]+)", log_format)) - ACCESS_LOG_FIELDS | set(
        re.findall(r"\$(?!context\.)\S+", log_format)
    )


def test_the_table_has_ttl_recovery_and_encryption(template: Template) -> None:
    table = template.get("DynamoDB::GlobalTable")
    [replica] = table["Replicas"]
    assert replica["Region"] == {"Ref": "AWS::Region"}
    assert table["TimeToLiveSpecification"] == {"AttributeName": "expires", "Enabled": True}
    assert replica["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert table["SSESpecification"] == {"SSEEnabled": True, "SSEType": "KMS"}
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
    [replica] = template.get("DynamoDB::GlobalTable")["Replicas"]
    assert replica["DeletionProtectionEnabled"] is (stage == "production")


def test_buckets_are_private_encrypted_and_versioned(template: Template) -> None:
    buckets = template.list("S3::Bucket")
    assert set(buckets) == {"Bucket", "ServerlessDeploymentBucket"}
    for name, bucket in buckets.items():
        assert bucket.get("OwnershipControls", OWNER_ENFORCED) == OWNER_ENFORCED
        assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
        [rule] = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        assert rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"
        assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
        rules = lifecycle(bucket)
        # A table can be restored as it was 35 days ago.
        days = 35 if name == "Bucket" else 30
        assert rules["old-versions"]["NoncurrentVersionExpiration"]["NoncurrentDays"] == days
        assert rules["unfinished"]["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 1}
        assert {rule["Status"] for rule in rules.values()} == {"Enabled"}


def lifecycle(bucket: dict[str, Any]) -> dict[str, Any]:
    """Return the lifecycle rules of a bucket by their ids."""
    return {rule["Id"]: rule for rule in bucket["LifecycleConfiguration"]["Rules"]}


def test_an_upload_that_is_not_finished_is_deleted_after_a_day(template: Template) -> None:
    rules = lifecycle(template.list("S3::Bucket")["Bucket"])
    assert rules["uploads"] == {
        "Id": "uploads",
        "Status": "Enabled",
        "Prefix": "uploads/",
        "ExpirationInDays": 1,
        "NoncurrentVersionExpiration": {"NoncurrentDays": 1},
    }
    # Photos are deleted by the API alone.
    expiring = [rule["Id"] for rule in rules.values() if "ExpirationInDays" in rule]
    assert (expiring, rules["old-versions"]["Prefix"]) == (["uploads"], "photos/")


def test_an_upload_starts_the_photo_function_and_photos_do_not(template: Template) -> None:
    bucket = template.list("S3::Bucket")["Bucket"]
    function = {"Fn::GetAtt": ["PhotosLambdaFunction", "Arn"]}
    prefix = {"S3Key": {"Rules": [{"Name": "prefix", "Value": "uploads/"}]}}
    assert bucket["NotificationConfiguration"] == {
        "LambdaConfigurations": [{"Event": "s3:ObjectCreated:*", "Filter": prefix, "Function": function}]
    }
    # S3 refuses the event if it may not call the function.
    assert template.resources["Bucket"]["DependsOn"] == ["PhotoPermission"]
    permission = template.list("Lambda::Permission")["PhotoPermission"]
    assert (permission["FunctionName"], permission["Principal"]) == (function, "s3.amazonaws.com")
    assert permission["SourceAccount"] == {"Ref": "AWS::AccountId"}


def test_the_schedule_calls_the_photo_function_with_the_bucket_each_day(template: Template) -> None:
    rule = template.get("Events::Rule")
    assert rule["ScheduleExpression"] == "rate(1 day)"
    [target] = rule["Targets"]
    assert target["Arn"] == {"Fn::GetAtt": ["PhotosLambdaFunction", "Arn"]}
    assert json.loads(target["Input"]["Fn::Sub"]) == {"bucket": "${Bucket}"}
    assert template.list("Lambda::Permission")["PhotoSchedulePermission"]["SourceArn"] == {
        "Fn::GetAtt": ["PhotoSchedule", "Arn"]
    }


def dependencies(template: Template) -> dict[str, set[str]]:
    """Return the resources that each resource depends on."""
    resources = template.document["Resources"]
    return {
        name: (references(resource["Properties"]) | {*_names(resource.get("DependsOn", []))}) & set(resources)
        for name, resource in resources.items()
    }


def _names(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def cycle(graph: dict[str, set[str]]) -> set[str]:
    """Return the resources that are in a cycle, or that depend on one."""
    left = dict(graph)
    while free := [name for name, needed in left.items() if not needed & left.keys()]:
        for name in free:
            del left[name]
    return set(left)


def test_no_resources_depend_on_each_other(template: Template) -> None:
    graph = dependencies(template)
    assert cycle(graph) == set()
    assert {"PhotosLambdaFunction", "PhotoPermission"} <= graph["Bucket"]
    for name in ("PhotosLambdaFunction", "PhotoRole", "PhotoPermission"):
        assert "Bucket" in cycle(graph | {name: {*graph[name], "Bucket"}})


def test_the_photo_function_has_more_memory_no_secret_and_two_more_attempts(template: Template, stage: str) -> None:
    function = template.function("Photos")
    assert (function["MemorySize"], function["Timeout"]) == (1769, 60)
    variables, api = function["Environment"]["Variables"], template.function()["Environment"]["Variables"]
    assert "resolve:" not in variables["CURSOR_KEY"]
    assert variables == {name: api[name] for name in variables} | {"CURSOR_KEY": variables["CURSOR_KEY"]}
    assert api.keys() - variables.keys() == {"PHOTO_BUCKET"}
    assert api["PHOTO_BUCKET"] == {"Ref": "Bucket"}
    # An account with ten executions cannot reserve any.
    assert "ReservedConcurrentExecutions" not in function
    retries = template.get("Lambda::EventInvokeConfig")
    assert (retries["MaximumRetryAttempts"], retries["MaximumEventAgeInSeconds"]) == (2, 21_600)
    handler = "api.imaging.handler.handler"
    assert (function.get("Handler") or function["ImageConfig"]["Command"]) in (handler, [handler])
    assert function["Code"].get("ImageUri") == (IMAGE if stage == "staging" else None)


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
    assert set(groups) == {"ApiLogGroup", "PhotosLogGroup", "HttpApiLogGroup"}
    days = {"dev": 7, "staging": 14, "production": 90}[stage]
    assert {group["RetentionInDays"] for group in groups.values()} == {days}


def test_the_function_times_out_before_the_gateway(template: Template) -> None:
    function = template.function()
    gateway = template.get("ApiGatewayV2::Integration")["TimeoutInMillis"] / 1000
    assert Settings(table_name="any", cursor_key="k" * 32).deadline_seconds < function["Timeout"] < gateway


def test_x_ray_is_off_and_an_option(template: Template, full_production: Template) -> None:
    def traced(document: Template) -> tuple[Any, bool]:
        policies = {policy["PolicyName"] for policy in document.list("IAM::Role")["ApiRole"]["Policies"]}
        assert policies - {"traces"} == {"table", "photos", "log"}
        return document.function().get("TracingConfig"), "traces" in policies

    assert traced(template) == (None, False)
    assert traced(full_production) == ({"Mode": "Active"}, True)


def test_every_environment_variable_of_the_function_is_a_setting(template: Template, stage: str) -> None:
    variables = template.function()["Environment"]["Variables"]
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
    assert set(template.outputs) == common | {"BackupVaultName", "Url"} | alarms


def test_all_requests_go_to_the_function_in_payload_format_2(template: Template) -> None:
    assert template.get("ApiGatewayV2::Route")["RouteKey"] == "$default"
    integration = template.get("ApiGatewayV2::Integration")
    assert (integration["PayloadFormatVersion"], integration["IntegrationType"]) == ("2.0", "AWS_PROXY")
    assert (
        integration["IntegrationUri"]
        == template.list("Lambda::Permission")["ApiLambdaPermissionHttpApi"]["FunctionName"]
    )
    assert integration["IntegrationUri"] == {"Fn::GetAtt": ["ApiLambdaFunction", "Arn"]}


def test_a_package_has_a_runtime_and_an_image_has_a_digest(template: Template, stage: str) -> None:
    function = template.function()
    code = function.get("PackageType", "Zip"), function.get("Runtime"), function["Code"].get("ImageUri")
    assert code == (("Image", None, IMAGE) if stage == "staging" else ("Zip", "python3.13", None))
    assert function["Architectures"] == ["arm64"]
    assert "SnapStart" not in function
    assert "ReservedConcurrentExecutions" not in function


def test_with_snapstart_the_api_calls_the_published_version(full_production: Template) -> None:
    assert full_production.function()["SnapStart"] == {"ApplyOn": "PublishedVersions"}
    alias, [version] = full_production.get("Lambda::Alias"), full_production.list("Lambda::Version")
    assert alias["FunctionVersion"] == {"Fn::GetAtt": [version, "Version"]}
    alias_arn = {"Fn::Join": [":", [{"Fn::GetAtt": ["ApiLambdaFunction", "Arn"]}, alias["Name"]]]}
    assert full_production.get("ApiGatewayV2::Integration")["IntegrationUri"] == alias_arn
    assert full_production.list("Lambda::Permission")["ApiLambdaPermissionHttpApi"]["FunctionName"] == alias_arn


def test_reserved_concurrency_is_an_option(full_production: Template) -> None:
    assert full_production.function()["ReservedConcurrentExecutions"] == ALL_OPTIONS["reservedConcurrency"]


def test_a_custom_domain_has_a_certificate_and_maps_to_the_api(full_production: Template) -> None:
    [settings] = full_production.get("ApiGatewayV2::DomainName")["DomainNameConfigurations"]
    assert settings["CertificateArn"] == ALL_OPTIONS["certificateArn"]
    assert not full_production.list("CertificateManager::Certificate")
    # Dual stack, because there is an A and an AAAA record.
    assert (settings["SecurityPolicy"], settings["IpAddressType"]) == ("TLS_1_2", "dualstack")
    mapping = full_production.get("ApiGatewayV2::ApiMapping")
    assert (mapping["ApiId"], mapping["Stage"]) == ({"Ref": "HttpApi"}, {"Ref": "HttpApiStage"})
    records = full_production.list("Route53::RecordSet").values()
    assert {(record["Name"], record["Type"]) for record in records} == {
        (ALL_OPTIONS["domain"], kind) for kind in ("A", "AAAA")
    }
    assert "DomainTarget" in full_production.outputs


def test_without_a_certificate_one_is_validated_in_the_hosted_zone(full_production: Template) -> None:
    template = Template(full_production.document, CertificateArn="")
    domain, zone = ALL_OPTIONS["domain"], ALL_OPTIONS["hostedZoneId"]
    assert template.get("CertificateManager::Certificate") == {
        "DomainName": domain,
        "ValidationMethod": "DNS",
        "DomainValidationOptions": [{"DomainName": domain, "HostedZoneId": zone}],
    }
    [settings] = template.get("ApiGatewayV2::DomainName")["DomainNameConfigurations"]
    assert settings["CertificateArn"] == {"Ref": "Certificate"}


def test_without_a_hosted_zone_the_certificate_is_the_given_one(full_production: Template) -> None:
    template = Template(full_production.document, HostedZoneId="")
    assert not template.list("CertificateManager::Certificate")
    assert not template.list("Route53::RecordSet")
    [settings] = template.get("ApiGatewayV2::DomainName")["DomainNameConfigurations"]
    assert settings["CertificateArn"] == ALL_OPTIONS["certificateArn"]


def test_without_the_option_there_is_no_custom_domain(template: Template) -> None:
    kinds = {resource["Type"] for resource in template.resources.values()}
    assert not kinds & {
        "AWS::ApiGatewayV2::DomainName", "AWS::ApiGatewayV2::ApiMapping", "AWS::CertificateManager::Certificate",
        "AWS::Route53::RecordSet",
    }  # fmt: skip


@pytest.mark.parametrize("zone", ["", "Z1"])
def test_with_a_domain_it_is_the_only_address(template: Template, full_production: Template, zone: str) -> None:
    full = Template(full_production.document, HostedZoneId=zone)
    assert template.get("ApiGatewayV2::Api")["DisableExecuteApiEndpoint"] is False
    assert template.outputs["Url"] == {"Fn::Sub": "https://${HttpApi}.execute-api.${AWS::Region}.${AWS::URLSuffix}"}
    assert full.get("ApiGatewayV2::Api")["DisableExecuteApiEndpoint"] is True
    assert full.outputs["Url"] == {"Fn::Sub": "https://${Domain}"}


def test_a_budget_is_mailed_at_80_percent_and_at_a_forecast_of_100(full_production: Template) -> None:
    properties = full_production.get("Budgets::Budget")
    budget = properties["Budget"]
    assert budget["BudgetLimit"] == {"Amount": ALL_OPTIONS["budget"], "Unit": "USD"}
    assert (budget["BudgetType"], budget["TimeUnit"]) == ("COST", "MONTHLY")
    assert not {"CostFilters", "FilterExpression"} & budget.keys()
    notifications = {
        (each["Notification"]["NotificationType"], each["Notification"]["Threshold"]): each["Subscribers"]
        for each in properties["NotificationsWithSubscribers"]
    }
    by_email = [{"SubscriptionType": "EMAIL", "Address": ALL_OPTIONS["alarmEmail"]}]
    assert notifications == {("ACTUAL", 80): by_email, ("FORECASTED", 100): by_email}
    for each in properties["NotificationsWithSubscribers"]:
        assert each["Notification"]["ThresholdType"] == "PERCENTAGE"
        assert each["Notification"]["ComparisonOperator"] == "GREATER_THAN"


def test_without_the_option_there_is_no_budget(template: Template) -> None:
    assert not template.list("Budgets::Budget")


def test_every_resource_uses_the_restored_table(full_production: Template, production: Template) -> None:
    def users(document: Template) -> set[str]:
        definitions: dict[str, Any] = {**document.resources, **document.outputs}
        return {name for name, definition in definitions.items() if "Table" in references(definition)}

    assert users(production) == {
        "ApiLambdaFunction", "ApiRole", "PhotosLambdaFunction", "PhotoRole", "Dashboard", "TableErrorsAlarm",
        "TableName", "TableThrottlesAlarm",
    }  # fmt: skip
    assert users(full_production) == set()
    assert full_production.function()["Environment"]["Variables"]["TABLE_NAME"] == ALL_OPTIONS["restoredTable"]
    assert full_production.outputs["TableName"] == ALL_OPTIONS["restoredTable"]


def test_the_old_table_can_leave_the_stack_and_the_restored_one_takes_its_place(full_production: Template) -> None:
    live = full_production.document
    removed = without_table(live)
    assert "Table" not in references([removed["Resources"], removed["Outputs"]])
    others = {name: each for name, each in full_production.resources.items() if name != "Table"}
    assert (Template(removed).resources, Template(removed).outputs) == (others, full_production.outputs)
    imported = with_table(removed)
    assert imported["Resources"] == removed["Resources"] | {"Table": live["Resources"]["Table"]}
    assert {**imported, "Resources": removed["Resources"]} == removed
    assert len(json.dumps(imported, separators=(",", ":"))) < TEMPLATE_BODY_BYTES


def test_a_new_cursor_key_version_changes_the_reference(full_production: Template) -> None:
    reference = CURSOR_KEY.fullmatch(full_production.function()["Environment"]["Variables"]["CURSOR_KEY"])
    assert reference
    assert reference[2] == ALL_OPTIONS["cursorKeyVersion"]
