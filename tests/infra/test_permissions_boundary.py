"""Test that the deployer of a stage cannot get more permissions, and that each protection in its template is necessary.

An attack is a series of requests by somebody who has a token of the deployer. It fails if one request is denied. It
must succeed on a template without one protection.
"""

from __future__ import annotations

from itertools import islice, product
from typing import Any

import pytest

from tests.support.iam_evaluator import Request, decide
from tests.support.iam_findings import possible_strings
from tests.support.template import Template
from tools.rehearsal.deployer import ACCOUNT, BOUNDARY, TEMPLATE, boundary, policies

REGION, STAGE = "eu-west-1", "staging"
TEXT = TEMPLATE.read_text(encoding="utf-8")
ROLE = f"arn:aws:iam::{ACCOUNT}:role/clowder-{STAGE}-role"
DEPLOYER = f"arn:aws:iam::{ACCOUNT}:role/ci/clowder-deployer-{STAGE}"
OTHER_ROLE = f"arn:aws:iam::{ACCOUNT}:role/clowder-production-ApiRole-1"
ADMIN_ROLE = f"arn:aws:iam::{ACCOUNT}:role/admin"
FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:clowder-{STAGE}-api"
STACK = f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/clowder-{STAGE}/1"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1"
TABLE = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/clowder-{STAGE}-Table-1"
CURSOR_KEY = f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/clowder/{STAGE}/cursor-key"
ADMINISTRATOR = {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
WITH_BOUNDARY = {"iam:PermissionsBoundary": BOUNDARY}
WITH_ADMIN_BOUNDARY = {"iam:PermissionsBoundary": "arn:aws:iam::aws:policy/AdministratorAccess"}
FROM_STACK = {"aws:CalledVia": ["cloudformation.amazonaws.com"]}
TAGGED = {"aws:RequestTag/STAGE": STAGE}

Call = tuple[str, str, dict[str, Any]]
"""The action, the resource and the condition keys of a request."""

NEW_ADMIN: list[Call] = [("iam:CreateRole", ROLE, {}), ("iam:PutRolePolicy", ROLE, {})]
CONDITION = 'StringEquals: {"iam:PermissionsBoundary": {Ref: Boundary}}'
BOUNDED_ROLES = "role/clowder-${Stage}-*\n                Condition:\n                  " + CONDITION
PASSED_ROLES = "role/clowder-${Stage}-*\n                Condition:\n                  StringEquals:\n"
LAST_ROLE_ACTION = "                  - iam:UntagRole\n"
CALLED_VIA = '              ForAnyValue:StringEquals: {"aws:CalledVia": cloudformation.amazonaws.com}\n'
HAND_OVER = "              - Sid: HandOver\n"
IMPORTS = '                  "Null": {"cloudformation:ImportResourceTypes": "true"}\n'
NEW_KEY = """parameter/clowder/${Stage}/cursor-key
                Condition:
"""
ATTACKS: dict[str, tuple[str, str, list[Call]]] = {
    "create a role without a boundary": (CONDITION, 'StringLike: {"aws:PrincipalArn": "*"}', NEW_ADMIN),
    "create a role, with an optional boundary": (
        "StringEquals: " + CONDITION.partition(" ")[2], CONDITION.replace("Equals", "EqualsIfExists"), NEW_ADMIN
    ),
    "create a role with another boundary": (
        CONDITION,
        CONDITION.replace("Equals", "Like").replace("{Ref: Boundary}", '"*"'),
        [(action, ROLE, WITH_ADMIN_BOUNDARY) for action, _, _ in NEW_ADMIN],
    ),
    "change the policies of a role without a boundary": (
        LAST_ROLE_ACTION,
        LAST_ROLE_ACTION + "                  - iam:PutRolePolicy\n",
        [("iam:PutRolePolicy", ROLE, {})],
    ),
    "change the policies of its own role": (
        BOUNDED_ROLES, BOUNDED_ROLES.replace("clowder-${Stage}-*", "*").replace("Equals", "EqualsIfExists"),
        [("iam:PutRolePolicy", DEPLOYER, {})],
    ),
    "change the policies of a role of another stage": (
        BOUNDED_ROLES, BOUNDED_ROLES.replace("${Stage}-*", "*"), [("iam:PutRolePolicy", OTHER_ROLE, WITH_BOUNDARY)]
    ),
    "replace the boundary of a role": (
        LAST_ROLE_ACTION,
        LAST_ROLE_ACTION + "                  - iam:PutRolePermissionsBoundary\n",
        [("iam:PutRolePermissionsBoundary", ROLE, WITH_ADMIN_BOUNDARY)],
    ),
    "run a function with the role of an administrator": (
        PASSED_ROLES,
        PASSED_ROLES.replace("clowder-${Stage}-*", "*"),
        [
            ("lambda:CreateFunction", FUNCTION, {}),
            ("iam:PassRole", ADMIN_ROLE, {"iam:PassedToService": "lambda.amazonaws.com"}),
        ],
    ),
    "give the stack a service role": (
        "[lambda.amazonaws.com, backup.amazonaws.com]",
        "[lambda.amazonaws.com, backup.amazonaws.com, cloudformation.amazonaws.com]",
        [
            ("cloudformation:UpdateStack", STACK, {}),
            ("iam:PassRole", ROLE, {"iam:PassedToService": "cloudformation.amazonaws.com"}),
        ],
    ),
    "tag the key of somebody else, and change its policy": (
        CALLED_VIA,
        "",
        [("kms:TagResource", KEY, TAGGED), ("kms:PutKeyPolicy", KEY, {"aws:ResourceTag/STAGE": STAGE})],
    ),
    "import the key of somebody else into the stack, and change its policy": (
        IMPORTS,
        IMPORTS.replace("true", "false"),
        [
            ("cloudformation:CreateChangeSet", STACK, {"cloudformation:ImportResourceTypes": ["AWS::KMS::Key"]}),
            ("kms:TagResource", KEY, TAGGED | FROM_STACK),
            ("kms:PutKeyPolicy", KEY, {"aws:ResourceTag/STAGE": STAGE} | FROM_STACK),
        ],
    ),
    "replace the cursor key": (
        'StringEquals: {"ssm:Overwrite": "false"}',
        'StringEquals: {"ssm:Overwrite": ["false", "true"]}',
        [("ssm:PutParameter", CURSOR_KEY, {"ssm:Overwrite": "true"})],
    ),
    "create the cursor key of another stage": (
        NEW_KEY,
        NEW_KEY.replace("${Stage}", "*"),
        [("ssm:PutParameter", CURSOR_KEY.replace(STAGE, "production"), {"ssm:Overwrite": "false"})],
    ),
    **{
        f"call {action}": (
            HAND_OVER,
            f"              - {{Effect: Allow, Action: '{action}', Resource: '*'}}\n{HAND_OVER}",
            [(action, resource, {})],
        )
        for action, resource in {
            "iam:AttachRolePolicy": ROLE,
            "iam:DeleteRolePermissionsBoundary": ROLE,
            "iam:UpdateAssumeRolePolicy": ROLE,
            "sts:AssumeRole": ADMIN_ROLE,
            "iam:CreatePolicyVersion": BOUNDARY,
            "iam:SetDefaultPolicyVersion": BOUNDARY,
            "iam:DeletePolicy": BOUNDARY,
            "iam:CreateOpenIDConnectProvider": f"arn:aws:iam::{ACCOUNT}:oidc-provider/evil.example",
            "iam:AddClientIDToOpenIDConnectProvider": f"arn:aws:iam::{ACCOUNT}:oidc-provider/github",
            "iam:CreateUser": f"arn:aws:iam::{ACCOUNT}:user/evil",
            "iam:CreateAccessKey": f"arn:aws:iam::{ACCOUNT}:user/admin",
            "ssm:GetParameter": f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/clowder/production/cursor-key",
        }.items()
    },
}  # fmt: skip
"""The protection in the template, the text without it, and the requests."""

LEGITIMATE: list[Call] = [
    ("iam:CreateRole", ROLE, WITH_BOUNDARY),
    ("iam:PutRolePolicy", ROLE, WITH_BOUNDARY),
    ("iam:PutRolePermissionsBoundary", ROLE, WITH_BOUNDARY),
    ("iam:DeleteRolePolicy", ROLE, WITH_BOUNDARY),
    ("iam:DeleteRole", ROLE, {}),
    ("iam:PassRole", ROLE, {"iam:PassedToService": "lambda.amazonaws.com"}),
    ("iam:PassRole", ROLE, {"iam:PassedToService": "backup.amazonaws.com"}),
    ("cloudformation:CreateChangeSet", STACK, {}),
    ("cloudformation:UpdateStack", STACK, {}),
    ("lambda:UpdateFunctionCode", FUNCTION, {}),
    ("ssm:PutParameter", CURSOR_KEY, {"ssm:Overwrite": "false"}),
    ("kms:CreateKey", "*", TAGGED | FROM_STACK),
    ("kms:TagResource", KEY, TAGGED | FROM_STACK),
    ("kms:PutKeyPolicy", KEY, {"aws:ResourceTag/STAGE": STAGE} | FROM_STACK),
]
"""Requests of a deployment."""

BEYOND_BOUNDARY: list[tuple[str, str]] = [
    ("iam:PutRolePolicy", ROLE),
    ("iam:DeleteRolePermissionsBoundary", ROLE),
    ("iam:CreateUser", f"arn:aws:iam::{ACCOUNT}:user/evil"),
    ("sts:AssumeRole", ADMIN_ROLE),
    ("iam:PassRole", ADMIN_ROLE),
    ("lambda:UpdateFunctionCode", FUNCTION),
    ("dynamodb:DeleteTable", TABLE),
    ("dynamodb:PutResourcePolicy", TABLE),
    ("dynamodb:GetItem", TABLE.replace(STAGE, "production")),
    ("ssm:GetParameter", f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/clowder/production/cursor-key"),
    ("s3:GetObject", "arn:aws:s3:::clowder-production-bucket-1/photos/1"),
    ("s3:GetObject", f"arn:aws:s3:::clowder-{STAGE}-serverlessdeploymentbucket-1/photos/1"),
    ("s3:PutObject", f"arn:aws:s3:::clowder-{STAGE}-bucket-1/else"),
    ("s3:DeleteObjectVersion", f"arn:aws:s3:::clowder-{STAGE}-bucket-1/photos/1"),
    ("logs:PutLogEvents", f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws/lambda/clowder-production-api:*"),
    ("backup:DeleteRecoveryPoint", f"arn:aws:backup:{REGION}:{ACCOUNT}:recovery-point:1"),
    ("backup:DescribeBackupVault", f"arn:aws:backup:{REGION}:{ACCOUNT}:backup-vault:clowder-production-1"),
    ("kms:Decrypt", KEY),
]
"""Requests that no role of the stage may make, whatever its policies say."""


def deployer_requests(calls: list[Call], text: str = TEXT) -> list[Request]:
    """Return the requests of the deployer of a template."""
    documents = tuple(policies(REGION, STAGE, text).values())
    return [Request(action, resource, context, documents) for action, resource, context in calls]


@pytest.fixture(scope="module")
def results() -> dict[tuple[str, bool], bool]:
    """Return for each attack, with the protection and without it, whether all of its requests are allowed."""
    attempts = {
        (name, protected): deployer_requests(calls, TEXT if protected else TEXT.replace(text, without, 1))
        for name, (text, without, calls) in ATTACKS.items()
        for protected in (True, False)
    }
    decisions = iter(decide(request for requests in attempts.values() for request in requests))
    return {key: all(list(islice(decisions, len(requests)))) for key, requests in attempts.items()}


@pytest.mark.parametrize("attack", ATTACKS)
def test_the_deployer_cannot(attack: str, results: dict[tuple[str, bool], bool]) -> None:
    assert ATTACKS[attack][0] in TEXT
    assert not results[attack, True]
    assert results[attack, False], "The attack fails without the protection too."


def test_the_deployer_may_make_the_requests_of_a_deployment() -> None:
    assert [
        call for call, allowed in zip(LEGITIMATE, decide(deployer_requests(LEGITIMATE)), strict=True) if not allowed
    ] == []


def test_the_boundary_limits_a_role_with_all_permissions() -> None:
    def requests(boundaries: tuple[Any, ...]) -> list[Request]:
        return [Request(action, arn, {}, (ADMINISTRATOR,), boundaries) for action, arn in BEYOND_BOUNDARY]

    assert not any(decide(requests((boundary(REGION, STAGE),))))
    assert all(decide(requests(())))


def role_permissions(template: Template) -> set[tuple[str, str]]:
    """Return the actions and resources in the policies of all roles of a template, whatever its conditions are."""
    resources = template.document["Resources"].values()
    roles = [each["Properties"] for each in resources if each["Type"] == "AWS::IAM::Role"]
    separate = [each["Properties"] for each in resources if each["Type"] == "AWS::IAM::Policy"]
    statements = [
        each
        for policy in [*separate, *(policy for role in roles for policy in role["Policies"])]
        for each in policy.get("Fn::If", [None, policy])[1]["PolicyDocument"]["Statement"]
    ]
    arn = f"arn:aws:%s:{REGION}:{ACCOUNT}:%s"
    values = {
        "${ApiLogGroup.Arn}": arn % ("logs", f"log-group:/aws/lambda/clowder-{STAGE}-api:*"),
        "${PhotosLogGroup.Arn}": arn % ("logs", f"log-group:/aws/lambda/clowder-{STAGE}-photos:*"),
        "${Bucket.Arn}": f"arn:aws:s3:::clowder-{STAGE}-bucket-1",
        "${BackupVault.BackupVaultArn}": arn % ("backup", f"backup-vault:clowder-{STAGE}-1"),
        "${Table}": f"clowder-{STAGE}-Table-1",
        "${RestoredTable}": f"clowder-{STAGE}-Table-1-20261128",
        "${AWS::Partition}": "aws",
        "${AWS::Region}": REGION,
        "${AWS::AccountId}": ACCOUNT,
        "${AWS::StackName}": f"clowder-{STAGE}",
    }
    permissions = set()
    for statement in statements:
        for action, resource in product(statement["Action"], possible_strings(statement["Resource"])):
            for name, value in values.items():
                resource = resource.replace(name, value)
            permissions.add((action, resource))
    return permissions


def test_the_boundary_allows_exactly_what_the_roles_need(full_production: Template) -> None:
    limit = boundary(REGION, STAGE)
    permissions = sorted(role_permissions(full_production))
    decisions = decide([Request(action, arn, {}, (limit,)) for action, arn in permissions])
    assert [permission for permission, allowed in zip(permissions, decisions, strict=True) if not allowed] == []
    allowed = {action for statement in limit["Statement"] for action in statement["Action"]}
    assert allowed == {action for action, _ in permissions}


def test_every_role_has_the_boundary_of_the_parameter(production: Template, full_production: Template) -> None:
    boundaries = {role.get("PermissionsBoundary") for role in full_production.list("IAM::Role").values()}
    assert boundaries == {full_production.document["Parameters"]["PermissionsBoundary"]["Default"]}
    assert {role.get("PermissionsBoundary") for role in production.list("IAM::Role").values()} == {None}
