"""Who deploys may what CloudFormation asks for in the deployer's name: what the schemas of the resource types list.

Run by `make check-ci`, and not by `make test`: the schemas come with cfn-lint. They are an upper bound. A type is read
whenever it is made or changed, whatever it is told; what making it may ask for depends on the properties, and is
compared by hand.
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
OF_OSLS = {
    "AWS::ApiGatewayV2::Api", "AWS::ApiGatewayV2::Integration", "AWS::ApiGatewayV2::Route", "AWS::ApiGatewayV2::Stage",
    "AWS::Lambda::Alias", "AWS::Lambda::Function", "AWS::Lambda::Permission", "AWS::Lambda::Version",
    "AWS::Logs::LogGroup",
}  # fmt: skip
"""The types that the serverless CLI adds to those of infra/."""
UNUSED = {
    "s3:getObject": "no API is made from a file in S3",
    "dynamodb:DeleteTable": "people alone remove the cats",
    "iam:DetachRolePolicy": "no role has a policy that others wrote",
    "logs:DeleteDataProtectionPolicy": "no log has one",
    "ec2:DescribeNetworkInterfaces": "the function is in no VPC",
}
"""What is listed and not needed."""
TAGGED = "AWS::ApiGatewayV2::Stage"
"""What is tagged with a right of its own, when it is made: osls tags everything."""


def types() -> set[str]:
    """Return the types of what the stack has."""
    parts = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in INFRA.glob("*.yml")]
    return OF_OSLS | {resource["Type"] for part in parts for resource in part.get("Resources", {}).values()}


@pytest.fixture(scope="module")
def handlers() -> dict[str, dict[str, Any]]:
    """What the types' handlers may ask for, by type."""
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / ".tools" / "lint").glob(SCHEMAS)]
    assert texts, "cfn-lint's schemas are not here: make check-ci installs them."
    own = types()
    schemas = [json.loads(text) for text in texts if any(name in text for name in own)]
    return {told["typeName"]: told.get("handlers", {}) for told in schemas if told["typeName"] in own}


def lacking(text: str, handlers: dict[str, dict[str, Any]]) -> set[str]:
    """Return what the role of a template may not do."""
    asked = {
        right
        for name, told in handlers.items()
        for kind in ("create", "read", "delete")
        if kind != "create" or name == TAGGED
        for right in told.get(kind, {}).get("permissions", ())
    }
    return asked - set(re.findall(r"^ +- ([a-z0-9-]+:[A-Za-z]+)$", text, re.M)) - set(UNUSED)


def test_the_deployer_may_read_and_remove_whatever_the_stack_has(handlers: dict[str, dict[str, Any]]) -> None:
    assert set(handlers) == types()
    assert lacking(TEMPLATE, handlers) == set()


@pytest.mark.parametrize(
    "right",
    [
        "apigateway:TagResource", "apigateway:RemoveCertificateFromDomain", "backup:DeleteBackupVault",
        "kms:ScheduleKeyDeletion", "lambda:GetFunctionScalingConfig", "lambda:GetProvisionedConcurrencyConfig",
        "logs:DescribeIndexPolicies", "route53:ListHostedZones", "s3:DeleteBucket", "s3:GetBucketAbac",
        "s3:ListTagsForResource",
    ],
)  # fmt: skip
def test_a_right_that_is_lacking_is_found(right: str, handlers: dict[str, dict[str, Any]]) -> None:
    assert lacking(re.sub(rf" +- {right}\n", "", TEMPLATE), handlers) == {right}
