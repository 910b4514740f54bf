"""Test the role that deploys (infra/ci/github-oidc.yml): who may assume it, and that no permission is too broad."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import yaml

INFRA = Path(__file__).resolve().parents[2] / "infra"
TEMPLATE = (INFRA / "ci" / "github-oidc.yml").read_text(encoding="utf-8")
INLINE_CHARACTERS, MANAGED_CHARACTERS = 10_240, 6_144
"""The IAM quotas for all inline policies of a role and for one managed policy, without white space."""
MAX_VALUES = {
    "AWS::Partition": "aws-us-gov",
    "AWS::Region": "ap-southeast-2",
    "AWS::AccountId": "0" * 12,
    "Stage": "production",
    "HostedZoneId": "Z" * 32,
}
GITHUB = "token.actions.githubusercontent.com"
TRUST_CONDITION = {
    "StringEquals": {
        f"{GITHUB}:aud": "sts.amazonaws.com",
        f"{GITHUB}:sub": {"Fn::Sub": "repo:${Repository}:environment:${Stage}"},
    }
}
BROAD_STATEMENTS = {
    "Template", "Scaling", "LinkedRoles", "Api", "ApiTags", "Zones", "NameChanges", "AccessLog", "Subscription",
    "NewKey", "Key", "FreshKey", "VaultKey", "VaultStorage", "VaultMount", "Plan", "Traces",
    "NewCertificate", "Certificate", "BudgetCosts",
}  # fmt: skip
"""The statements whose resources have no name before they are created. Each has a comment with the reason."""
STAGE_RESOURCE = re.compile(
    r"(clowder-\$\{Stage\}(-|:\*|/\*|$)|parameter/clowder/\$\{Stage\}/cursor-key|hostedzone/\$\{HostedZoneId\}$)"
)
FORBIDDEN_ACTIONS = re.compile(
    r"cloudformation:DeleteStack|dynamodb:(Delete|Get|Batch|Query|Scan|Put|Restore|Export)(?!ResourcePolicy)\w*"
    r"|s3:DeleteObjectVersion|backup:(DeleteRecoveryPoint|StartRestore)\w*"
    r"|iam:(Attach|Detach|Add|Set)\w+|iam:(Create|Delete|Update|Put)(?!Role$|RolePolicy$|RolePermissions|ServiceL)\w+"
    r"|iam:DeleteRolePermissionsBoundary|sts:\w+|lambda:Invoke\w+|secretsmanager:\w+"
)
"""Actions for people only: to delete the stack, to read or delete its data, and to get more permissions."""
REQUIRED_CONDITIONS = {
    r"iam:(CreateRole|PutRole\w+)": "iam:PermissionsBoundary",
    r"cloudformation:CreateChangeSet": "cloudformation:ImportResourceTypes",
    r"iam:PassRole": "iam:PassedToService",
    r"iam:CreateServiceLinkedRole": "iam:AWSServiceName",
    r"kms:(CreateKey|TagResource)": "aws:RequestTag/STAGE",
    r"kms:(TagResource|CreateKey)": "aws:CalledVia",
    r"acm:RequestCertificate": "aws:RequestTag/STAGE",
    r"(acm|billing):\w+": "aws:CalledVia",
    r"kms:(CreateGrant|Decrypt|GenerateDataKey|RetireGrant)": "kms:ViaService",
    r"kms:(Put|Schedule|Disable|Update)\w+": "aws:ResourceTag/STAGE",
    r"kms:(Enable|Get|List)\w+": "aws:CalledVia",
}
"""Actions that are limited to the stage by a condition, and the key of this condition."""
SERVICE_PREFIXES = {"apigatewayv2": "apigateway", "certificatemanager": "acm"}
OSLS_SERVICES = {"s3", "logs", "lambda", "apigateway"}
"""The services of the resources that the serverless CLI adds to infra/."""


def find_errors(text: str) -> list[str]:
    """Return the errors in the role of a template."""
    resources = yaml.safe_load(text)["Resources"]
    role = resources["Deployer"]["Properties"]
    [trust] = role["AssumeRolePolicyDocument"]["Statement"]
    errors = [] if trust["Condition"] == TRUST_CONDITION else ["other principals can assume the role"]
    inline = [policy["PolicyDocument"] for policy in [*role["Policies"], resources["Unlisted"]["Properties"]]]
    watch, zone, boundary = (resources[name]["Properties"]["PolicyDocument"] for name in ("Watch", "Zone", "Boundary"))
    if (size := sum(map(policy_size, inline))) > INLINE_CHARACTERS:
        errors.append(f"the policies have {size} characters, too many for IAM")
    managed = (watch, zone, boundary)
    errors += ["a managed policy is too long" for each in managed if policy_size(each) > MANAGED_CHARACTERS]
    if role["Path"] != "/ci/":
        errors.append("the deployer has a name of a stage")
    errors += [f"boundary, {statement['Sid']}: {e}" for statement in boundary["Statement"] for e in _breadth(statement)]
    for document in (*inline, watch, zone):
        for statement in document["Statement"]:
            errors += [f"{statement['Sid']}: {error}" for error in _statement_errors(statement)]
    return errors


def policy_size(document: dict[str, Any]) -> int:
    """Return the maximum size of a policy, as IAM counts it."""
    text = json.dumps(document, separators=(",", ":"))
    text = re.sub(r'\{"(?:Fn::Sub|Ref)":("[^"]+")\}', r"\1", text)
    for name, value in MAX_VALUES.items():
        text = text.replace(f"${{{name}}}", value)
    return len(text)


def _statement_errors(statement: dict[str, Any]) -> Iterator[str]:
    yield from _breadth(statement)
    for action in statement["Action"]:
        if FORBIDDEN_ACTIONS.match(action):
            yield f"{action} is only for people"
    arns = _arns(statement)
    objects = any(re.search(r":[A-Z][a-z]+Object$", action) for action in statement["Action"])
    if objects and not all("deploymentbucket-" in arn for arn in arns):
        yield "access to photos is only for people"
    for action, (pattern, condition) in product(statement["Action"], REQUIRED_CONDITIONS.items()):
        if re.fullmatch(pattern, action) and condition not in str(statement.get("Condition")):
            yield f"{action} needs a condition"


def _breadth(statement: dict[str, Any]) -> Iterator[str]:
    yield from (f"{action} has a wildcard" for action in statement["Action"] if "*" in action)
    if statement["Sid"] not in BROAD_STATEMENTS and not all(map(STAGE_RESOURCE.search, _arns(statement))):
        yield "the statement reaches beyond the stage"


def _arns(statement: dict[str, Any]) -> list[str]:
    resources = statement["Resource"] if isinstance(statement["Resource"], list) else [statement["Resource"]]
    return [each["Fn::Sub"] if isinstance(each, dict) else each for each in resources]


def allowed_services(text: str) -> set[str]:
    """Return the services that the role may call."""
    deployer = re.sub(r"\n  Boundary:\n.+?\n\n", "\n", text, count=1, flags=re.S)
    return set(re.findall(r"^ +- ([a-z0-9-]+):[A-Z]", deployer, re.M))


def test_the_role_has_no_errors() -> None:
    assert find_errors(TEMPLATE) == []


@pytest.mark.parametrize("sid", sorted(BROAD_STATEMENTS))
def test_every_broad_statement_has_a_comment(sid: str) -> None:
    assert re.search(rf"^ +# .+\n +- Sid: {sid}$", TEMPLATE, re.M)


def test_the_role_may_call_every_service_of_the_stack() -> None:
    parts = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in INFRA.glob("*.yml")]
    types = [resource["Type"] for part in parts for resource in part.get("Resources", {}).values()]
    services = {kind.split("::")[1].lower() for kind in types}
    assert {SERVICE_PREFIXES.get(service, service) for service in services} | OSLS_SERVICES <= allowed_services(
        TEMPLATE
    )


SUBJECT = "repo:${Repository}:environment:${Stage}"
TABLE = "table/clowder-${Stage}-*"
FRESH_KEY = 'key/*\n            Condition:\n              ForAnyValue:StringEquals: {"aws:CalledVia"'
TOPIC = "              - Fn::Sub: arn:${AWS::Partition}:sns:${AWS::Region}:${AWS::AccountId}:clowder-${Stage}-*"
OBJECTS = "                  - Fn::Sub: arn:${AWS::Partition}:s3:::clowder-${Stage}-serverlessdeploymentbucket-*/*"
IN_STACK = 'ForAnyValue:StringEquals: {"aws:CalledVia"'
CERTIFICATES = f"certificate/*\n            Condition:\n              {IN_STACK}"
COSTS = f"billingview/primary\n            Condition:\n              {IN_STACK}"
WRONG_TEMPLATES = {
    "any branch": (SUBJECT, "repo:${Repository}:*", "other principals"),
    "any repository": (SUBJECT, "repo:*:environment:${Stage}", "other principals"),
    "a pattern": ("StringEquals:\n                token", "StringLike:\n                token", "other principals"),
    "every action": ("dynamodb:CreateTable", "dynamodb:*", "Table: .* has a wildcard"),
    "reading items": ("dynamodb:CreateTable", "dynamodb:GetItem", "Table: .* is only for people"),
    "deleting tables": ("dynamodb:CreateTable", "dynamodb:DeleteTable", "Table: .* is only for people"),
    "deleting photos": ("s3:DeleteBucket", "s3:DeleteObjectVersion", "Buckets: .* is only for people"),
    "deleting backups": ("DeleteBackupVault", "DeleteRecoveryPoint", "Vault: .* is only for people"),
    "reading photos": ("-serverlessdeploymentbucket-*/*", "-*/*", "Deployments: .*photos"),
    "deleting the stack": ("cloudformation:CreateStack", "cloudformation:DeleteStack", "Stack: .* is only for people"),
    "stages with the same beginning": ("clowder-${Stage}:*", "clowder-${Stage}*", "Logs: .* reaches beyond"),
    "every table": (TABLE, "table/*", "Table: .* reaches beyond"),
    "the tables of every stage": (TABLE, "table/clowder-*", "Table: .* reaches beyond"),
    "every role": ("role/clowder-${Stage}-*", "role/*", "Roles: .* reaches beyond"),
    "roles for any service": ("iam:PassedToService", "aws:RequestedRegion", "HandOver: iam:PassRole needs a condition"),
    "linked roles of any service": ("iam:AWSServiceName", "aws:RequestedRegion", "LinkedRoles: .* needs a condition"),
    "keys of other stages": ("RequestTag/STAGE", "RequestTag/TEAM", "NewKey: kms:CreateKey needs"),
    "deletion of every key": ("ResourceTag/STAGE", "PrincipalTag/STAGE", "Key: kms:ScheduleKeyDeletion needs"),
    "use of every key": ("kms:ViaService", "aws:RequestedRegion", "VaultKey: kms:Decrypt needs"),
    "every key": (FRESH_KEY, FRESH_KEY.replace("CalledVia", "TagKeys"), "FreshKey: kms:EnableKeyRotation needs"),
    "any budget": ("budget/clowder-${Stage}", "budget/*", "Budget: .* reaches beyond"),
    "certificates outside of the stack": (
        CERTIFICATES,
        CERTIFICATES.replace("CalledVia", "TagKeys"),
        "Certificate: acm:DeleteCertificate needs",
    ),
    "costs outside of the stack": (COSTS, COSTS.replace("CalledVia", "TagKeys"), "BudgetCosts: .* needs"),
    "more characters than IAM allows": (OBJECTS, "\n".join([OBJECTS] * 80), "too many for IAM"),
    "a managed policy that is too long": (TOPIC, "\n".join([TOPIC] * 50), "a managed policy is too long"),
    "roles without the boundary": (
        "iam:PermissionsBoundary",
        "aws:RequestedRegion",
        "BoundedRoles: iam:CreateRole needs",
    ),
    "imports": ("cloudformation:ImportResourceTypes", "cloudformation:RoleArn", "Stack: .*CreateChangeSet needs"),
    "foreign keys": ("aws:CalledVia", "aws:TagKeys", "NewKey: kms:TagResource needs"),
    "a role of the deployer's name": ("Path: /ci/", "Path: /", "the deployer has a name of a stage"),
    **{
        action: ("iam:GetRole", action, "Roles: .* is only for people")
        for action in (
            "iam:AttachRolePolicy",
            "iam:DeleteRolePermissionsBoundary",
            "iam:UpdateAssumeRolePolicy",
            "iam:CreatePolicyVersion",
            "iam:SetDefaultPolicyVersion",
            "iam:DeletePolicy",
            "iam:CreateUser",
            "iam:PutUserPolicy",
            "iam:CreateAccessKey",
            "iam:AddUserToGroup",
            "iam:UpdateLoginProfile",
            "iam:CreateOpenIDConnectProvider",
            "iam:AddClientIDToOpenIDConnectProvider",
            "sts:AssumeRole",
            "lambda:InvokeFunction",
        )
    },
}


@pytest.mark.parametrize("variant", WRONG_TEMPLATES)
def test_a_wrong_role_is_detected(variant: str) -> None:
    correct, wrong, message = WRONG_TEMPLATES[variant]
    assert correct in TEMPLATE
    errors = find_errors(TEMPLATE.replace(correct, wrong, 1))
    assert any(re.search(message, error) for error in errors), errors
