"""Test that the deployer role has the permissions in the CloudFormation schemas of the resource types.

``make check-ci`` runs this module. ``make test`` does not, because the schemas come with cfn-lint. The tests compare
the permissions to read and delete a type. Those to create a type depend on its properties and are compared by hand.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
INFRA = ROOT / "infra"
TEMPLATE = (INFRA / "ci" / "github-oidc.yml").read_text(encoding="utf-8")
SCHEMAS = "lib/python3*/site-packages/cfnlint/data/schemas/resources/*.json"
OSLS_TYPES = {
    "AWS::ApiGatewayV2::Api", "AWS::ApiGatewayV2::Integration", "AWS::ApiGatewayV2::Route", "AWS::ApiGatewayV2::Stage",
    "AWS::Lambda::Alias", "AWS::Lambda::EventInvokeConfig", "AWS::Lambda::Function", "AWS::Lambda::Permission",
    "AWS::Lambda::Version", "AWS::Logs::LogGroup",
}  # fmt: skip
"""The types that the serverless CLI adds to those of infra/."""
UNUSED = {
    "s3:getObject": "no API is created from a file in S3",
    "dynamodb:DeleteTable": "only people delete tables",
    "iam:DetachRolePolicy": "no role has a managed policy",
    "iam:DeleteGroupPolicy": "the policy is one of a role",
    "iam:DeleteUserPolicy": "the policy is one of a role",
    "logs:DeleteDataProtectionPolicy": "no log group has a data protection policy",
    "ec2:DescribeNetworkInterfaces": "the function is in no VPC",
    "cloudwatch:PutMetricData": "not in the list of AWS::DynamoDB::GlobalTable in the Template Reference",
    **dict.fromkeys(
        (f"application-autoscaling:{name}" for name in (
            "DeleteScalingPolicy", "DeleteScheduledAction", "DeregisterScalableTarget", "PutScalingPolicy",
            "PutScheduledAction", "RegisterScalableTarget",
        )),
        "the table is on demand",
    ),
}  # fmt: skip
"""Permissions in the schemas that the deployer does not need."""
WILDCARDS = {
    "dynamodb:Describe*": {
        "dynamodb:DescribeTable", "dynamodb:DescribeTableReplicaAutoScaling", "dynamodb:DescribeContinuousBackups",
        "dynamodb:DescribeContributorInsights", "dynamodb:DescribeKinesisStreamingDestination",
        "dynamodb:DescribeTimeToLive",
    },
    "application-autoscaling:Describe*": {
        "application-autoscaling:DescribeScalableTargets", "application-autoscaling:DescribeScalingPolicies",
    },
}  # fmt: skip
"""Wildcards in the schema of the table, and the actions that its page in the Template Reference lists."""
TAGGED_TYPE = "AWS::ApiGatewayV2::Stage"
"""A type that needs a permission of its own to be created with tags. osls adds tags to each resource."""


def stack_types() -> set[str]:
    """Return the types of the resources of the stack."""
    parts = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in INFRA.glob("*.yml")]
    return OSLS_TYPES | {resource["Type"] for part in parts for resource in part.get("Resources", {}).values()}


@pytest.fixture(scope="module")
def handlers() -> dict[str, dict[str, Any]]:
    """Return the handlers in the schema of each type."""
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / ".tools" / "lint").glob(SCHEMAS)]
    assert texts, "The schemas of cfn-lint are not installed. Run make check-ci."
    expected = stack_types()
    schemas = [json.loads(text) for text in texts if any(name in text for name in expected)]
    return {schema["typeName"]: schema.get("handlers", {}) for schema in schemas if schema["typeName"] in expected}


def missing_permissions(text: str, handlers: dict[str, dict[str, Any]]) -> set[str]:
    """Return the permissions that the role of a template does not have."""
    required = {
        permission
        for name, operations in handlers.items()
        for kind in ("create", "read", "delete")
        if kind != "create" or name == TAGGED_TYPE
        for listed in operations.get(kind, {}).get("permissions", ())
        for permission in WILDCARDS.get(listed, {listed})
    }
    deployer = re.sub(r"\n  Boundary:\n.+?\n\n", "\n", text, count=1, flags=re.S)
    return required - set(re.findall(r"^ +- ([a-z0-9-]+:[A-Za-z]+)$", deployer, re.M)) - set(UNUSED)


def test_the_deployer_may_read_and_delete_every_resource_of_the_stack(handlers: dict[str, dict[str, Any]]) -> None:
    assert set(handlers) == stack_types()
    assert missing_permissions(TEMPLATE, handlers) == set()


@pytest.mark.parametrize(
    "permission",
    [
        "apigateway:TagResource", "apigateway:RemoveCertificateFromDomain", "backup:DeleteBackupVault",
        "dynamodb:DescribeTableReplicaAutoScaling", "application-autoscaling:DescribeScalableTargets",
        "kms:ScheduleKeyDeletion", "lambda:GetFunctionScalingConfig", "lambda:GetProvisionedConcurrencyConfig",
        "logs:DescribeIndexPolicies", "route53:ListHostedZones", "s3:DeleteBucket", "s3:GetBucketAbac",
        "s3:ListTagsForResource",
    ],
)  # fmt: skip
def test_a_missing_permission_is_detected(permission: str, handlers: dict[str, dict[str, Any]]) -> None:
    assert missing_permissions(re.sub(rf" +- {permission}\n", "", TEMPLATE), handlers) == {permission}
