"""Who deploys (infra/ci/github-oidc.yml): one repository, in one environment, and no more than a deployment needs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

INFRA = Path(__file__).resolve().parent.parent / "infra"
TEMPLATE = (INFRA / "ci" / "github-oidc.yml").read_text(encoding="utf-8")
INLINE_CHARACTERS = 10_240
"""The most that the inline policies of a role may have together (IAM's quota)."""
GITHUB = "token.actions.githubusercontent.com"
TRUST = {
    "StringEquals": {
        f"{GITHUB}:aud": "sts.amazonaws.com",
        f"{GITHUB}:sub": {"Fn::Sub": "repo:${Repository}:environment:${Stage}"},
    }
}
BROAD = {"Template", "Api", "NameChanges", "AccessLog", "Subscription", "NewKey", "Key", "VaultStorage", "Plan"}
"""The statements whose resources have no names that could be told; each has its reason in a comment."""
OURS = re.compile(
    r"(clowder-\$\{Stage\}(-|\*|/\*|$)|parameter/clowder/\$\{Stage\}/cursor-key|hostedzone/\$\{HostedZoneId\}$)"
)
KEPT = re.compile(
    r"cloudformation:DeleteStack|dynamodb:(Delete|Get|Batch|Query|Scan|Put|Restore|Export)(?!ResourcePolicy)\w*"
    r"|s3:DeleteBucket$|backup:(DeleteBackupVault|DeleteRecoveryPoint)\w*|kms:(ScheduleKeyDeletion|Decrypt)"
)
"""What people alone may do: remove the café, and read or remove what it keeps."""
PREFIXES = {"apigatewayv2": "apigateway"}
BY_OSLS = {"s3", "logs", "lambda", "apigateway"}
"""The services of what the serverless CLI adds to infra/."""


def faults(text: str) -> list[str]:
    """Return what is wrong with the role of a template, in words."""
    role = yaml.safe_load(text)["Resources"]["Deployer"]["Properties"]
    [trust] = role["AssumeRolePolicyDocument"]["Statement"]
    found = [] if trust["Condition"] == TRUST else ["somebody else can take the role"]
    documents = [policy["PolicyDocument"] for policy in role["Policies"]]
    if len(json.dumps(documents, separators=(",", ":"))) > INLINE_CHARACTERS:
        found.append("the policies are too long for IAM")
    for document in documents:
        for each in document["Statement"]:
            statement = each["Fn::If"][1] if "Fn::If" in each else each
            found += [f"{statement['Sid']}: {fault}" for fault in _of_a_statement(statement)]
    return found


def _of_a_statement(statement: dict[str, Any]) -> Iterator[str]:
    for action in statement["Action"]:
        if "*" in action:
            yield f"{action} are actions that nobody has listed"
        if KEPT.match(action):
            yield f"{action} is for people"
    named = statement["Resource"] if isinstance(statement["Resource"], list) else [statement["Resource"]]
    arns = [each["Fn::Sub"] if isinstance(each, dict) else each for each in named]
    if any("Object" in action for action in statement["Action"]) and not all(
        "deploymentbucket-" in arn for arn in arns
    ):
        yield "photos are for people"
    if statement["Sid"] not in BROAD and not all(OURS.search(arn) for arn in arns):
        yield "it reaches beyond its stage, without a reason"
    if "iam:PassRole" in statement["Action"] and "iam:PassedToService" not in str(statement.get("Condition")):
        yield "it may hand the roles to any service"


def called(text: str) -> set[str]:
    """Return the services that the role may call."""
    return set(re.findall(r"^ +- ([a-z0-9-]+):[A-Z]", text, re.M))


def test_only_the_repository_takes_the_role_and_reaches_no_further_than_its_stage() -> None:
    assert faults(TEMPLATE) == []


@pytest.mark.parametrize("sid", sorted(BROAD))
def test_what_is_broad_has_its_reason_above_it(sid: str) -> None:
    assert re.search(rf"^ +# .+\n(?: +- Fn::If:\n +- HasZone\n)? +- Sid: {sid}$", TEMPLATE, re.M)


def test_it_may_call_every_service_that_the_stack_has_something_of() -> None:
    parts = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in INFRA.glob("*.yml")]
    types = [resource["Type"] for part in parts for resource in part.get("Resources", {}).values()]
    services = {kind.split("::")[1].lower() for kind in types}
    assert {PREFIXES.get(service, service) for service in services} | BY_OSLS <= called(TEMPLATE)


SUBJECT = "repo:${Repository}:environment:${Stage}"
TABLE = "table/clowder-${Stage}-*"
BROKEN = {
    "any branch": (SUBJECT, "repo:${Repository}:*", "somebody else"),
    "any repository": (SUBJECT, "repo:*:environment:${Stage}", "somebody else"),
    "a pattern": ("StringEquals:\n                token", "StringLike:\n                token", "somebody else"),
    "every action": ("dynamodb:CreateTable", "dynamodb:*", "Table: .* nobody has listed"),
    "reading the cats": ("dynamodb:CreateTable", "dynamodb:GetItem", "Table: .* is for people"),
    "removing the cats": ("dynamodb:CreateTable", "dynamodb:DeleteTable", "Table: .* is for people"),
    "removing the photos": ("s3:CreateBucket", "s3:DeleteBucket", "Buckets: .* is for people"),
    "reading the photos": ("-serverlessdeploymentbucket-*/*", "-*/*", "Deployments: photos"),
    "removing the café": ("cloudformation:CreateStack", "cloudformation:DeleteStack", "Stack: .* is for people"),
    "every table": (TABLE, "table/*", "Table: it reaches beyond"),
    "every stage's table": (TABLE, "table/clowder-*", "Table: it reaches beyond"),
    "every role": ("role/clowder-${Stage}-*", "role/*", "Roles: it reaches beyond"),
    "roles for everybody": ("iam:PassedToService", "aws:RequestedRegion", "any service"),
}


@pytest.mark.parametrize("variant", BROKEN)
def test_a_fault_is_found(variant: str) -> None:
    sound, broken, said = BROKEN[variant]
    assert sound in TEMPLATE
    found = faults(TEMPLATE.replace(sound, broken, 1))
    assert any(re.search(said, fault) for fault in found), found
