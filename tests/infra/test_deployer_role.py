"""Who deploys (infra/ci/github-oidc.yml): one repository, in one environment, and no more than a deployment needs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

INFRA = Path(__file__).resolve().parents[2] / "infra"
TEMPLATE = (INFRA / "ci" / "github-oidc.yml").read_text(encoding="utf-8")
INLINE_CHARACTERS = 10_240
"""The most that the inline policies of a role may have together, without white space (IAM's quota)."""
LONGEST = {
    "AWS::Partition": "aws-us-gov",
    "AWS::Region": "ap-southeast-2",
    "AWS::AccountId": "0" * 12,
    "Stage": "production",
    "HostedZoneId": "Z" * 32,
}
GITHUB = "token.actions.githubusercontent.com"
TRUST = {
    "StringEquals": {
        f"{GITHUB}:aud": "sts.amazonaws.com",
        f"{GITHUB}:sub": {"Fn::Sub": "repo:${Repository}:environment:${Stage}"},
    }
}
BROAD = {
    "Template", "LinkedRoles", "Api", "ApiTags", "Zones", "NameChanges", "AccessLog", "Subscription",
    "NewKey", "Key", "FreshKey", "VaultKey", "VaultStorage", "VaultMount", "Plan",
}  # fmt: skip
"""The statements whose resources have no names that could be told; each has its reason in a comment."""
OURS = re.compile(
    r"(clowder-\$\{Stage\}(-|\*|/\*|$)|parameter/clowder/\$\{Stage\}/cursor-key|hostedzone/\$\{HostedZoneId\}$)"
)
KEPT = re.compile(
    r"cloudformation:DeleteStack|dynamodb:(Delete|Get|Batch|Query|Scan|Put|Restore|Export)(?!ResourcePolicy)\w*"
    r"|s3:DeleteObjectVersion|backup:(DeleteRecoveryPoint|StartRestore)\w*"
)
"""What people alone may do: remove the café, and read or remove what it keeps; an empty bucket keeps nothing."""
HELD = {
    r"iam:PassRole": "iam:PassedToService",
    r"iam:CreateServiceLinkedRole": "iam:AWSServiceName",
    r"kms:(CreateKey|TagResource)": "aws:RequestTag/STAGE",
    r"kms:(CreateGrant|Decrypt|GenerateDataKey|RetireGrant)": "kms:ViaService",
    r"kms:(Put|Schedule|Disable|Update)\w+": "aws:ResourceTag/STAGE",
    r"kms:(Enable|Get|List)\w+": "aws:CalledVia",
}
"""What would reach beyond the stage, but for the condition that holds it."""
PREFIXES = {"apigatewayv2": "apigateway"}
BY_OSLS = {"s3", "logs", "lambda", "apigateway"}
"""The services of what the serverless CLI adds to infra/."""


def faults(text: str) -> list[str]:
    """Return what is wrong with the role of a template, in words."""
    resources = yaml.safe_load(text)["Resources"]
    role = resources["Deployer"]["Properties"]
    [trust] = role["AssumeRolePolicyDocument"]["Statement"]
    found = [] if trust["Condition"] == TRUST else ["somebody else can take the role"]
    documents = [policy["PolicyDocument"] for policy in [*role["Policies"], resources["Unlisted"]["Properties"]]]
    if (size := sum(map(characters, documents))) > INLINE_CHARACTERS:
        found.append(f"the policies have {size} characters, too many for IAM")
    for document in documents:
        for each in document["Statement"]:
            statement = each["Fn::If"][1] if "Fn::If" in each else each
            found += [f"{statement['Sid']}: {fault}" for fault in _of_a_statement(statement)]
    return found


def characters(document: dict[str, Any]) -> int:
    """Return how long a policy is at most, as IAM counts."""
    text = json.dumps(document, separators=(",", ":"))
    text = re.sub(r'\{"Fn::If":\["HasZone",(.+?),\{"Ref":"AWS::NoValue"\}\]\}', r"\1", text)
    text = re.sub(r'\{"(?:Fn::Sub|Ref)":("[^"]+")\}', r"\1", text)
    for name, value in LONGEST.items():
        text = text.replace(f"${{{name}}}", value)
    return len(text)


def _of_a_statement(statement: dict[str, Any]) -> Iterator[str]:
    for action in statement["Action"]:
        if "*" in action:
            yield f"{action} are actions that nobody has listed"
        if KEPT.match(action):
            yield f"{action} is for people"
    named = statement["Resource"] if isinstance(statement["Resource"], list) else [statement["Resource"]]
    arns = [each["Fn::Sub"] if isinstance(each, dict) else each for each in named]
    objects = any(re.search(r":[A-Z][a-z]+Object$", action) for action in statement["Action"])
    if objects and not all("deploymentbucket-" in arn for arn in arns):
        yield "photos are for people"
    if statement["Sid"] not in BROAD and not all(OURS.search(arn) for arn in arns):
        yield "it reaches beyond its stage, without a reason"
    for action, condition in ((a, HELD[held]) for a in statement["Action"] for held in HELD if re.fullmatch(held, a)):
        if condition not in str(statement.get("Condition")):
            yield f"nothing holds {action}"


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
OBJECTS = "                  - Fn::Sub: arn:${AWS::Partition}:s3:::clowder-${Stage}-serverlessdeploymentbucket-*/*"
BROKEN = {
    "any branch": (SUBJECT, "repo:${Repository}:*", "somebody else"),
    "any repository": (SUBJECT, "repo:*:environment:${Stage}", "somebody else"),
    "a pattern": ("StringEquals:\n                token", "StringLike:\n                token", "somebody else"),
    "every action": ("dynamodb:CreateTable", "dynamodb:*", "Table: .* nobody has listed"),
    "reading the cats": ("dynamodb:CreateTable", "dynamodb:GetItem", "Table: .* is for people"),
    "removing the cats": ("dynamodb:CreateTable", "dynamodb:DeleteTable", "Table: .* is for people"),
    "removing the photos": ("s3:DeleteBucket", "s3:DeleteObjectVersion", "Buckets: .* is for people"),
    "removing the backups": ("DeleteBackupVault", "DeleteRecoveryPoint", "Vault: .* is for people"),
    "reading the photos": ("-serverlessdeploymentbucket-*/*", "-*/*", "Deployments: photos"),
    "removing the café": ("cloudformation:CreateStack", "cloudformation:DeleteStack", "Stack: .* is for people"),
    "every table": (TABLE, "table/*", "Table: it reaches beyond"),
    "every stage's table": (TABLE, "table/clowder-*", "Table: it reaches beyond"),
    "every role": ("role/clowder-${Stage}-*", "role/*", "Roles: it reaches beyond"),
    "roles for everybody": ("iam:PassedToService", "aws:RequestedRegion", "HandOver: nothing holds iam:PassRole"),
    "roles of any service": ("iam:AWSServiceName", "aws:RequestedRegion", "LinkedRoles: nothing holds"),
    "keys that are not the stage's": ("RequestTag/STAGE", "RequestTag/TEAM", "NewKey: nothing holds kms:CreateKey"),
    "every key's removal": ("ResourceTag/STAGE", "PrincipalTag/STAGE", "Key: nothing holds kms:ScheduleKeyDeletion"),
    "every key's content": ("kms:ViaService", "aws:RequestedRegion", "VaultKey: nothing holds kms:Decrypt"),
    "every key": ("aws:CalledVia", "aws:TagKeys", "FreshKey: nothing holds kms:EnableKeyRotation"),
    "more than IAM takes": (OBJECTS, "\n".join([OBJECTS] * 12), "too many for IAM"),
}


@pytest.mark.parametrize("variant", BROKEN)
def test_a_fault_is_found(variant: str) -> None:
    sound, broken, said = BROKEN[variant]
    assert sound in TEMPLATE
    found = faults(TEMPLATE.replace(sound, broken, 1))
    assert any(re.search(said, fault) for fault in found), found
