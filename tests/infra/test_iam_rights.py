"""Nothing in the stack may do more than it must, and whatever would is found."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from tests.support.iam_findings import NEEDED, texts, too_wide, wildcards
from tests.support.template import Template, chosen, made, production, stage, template
from tools.tables import table_properties

__all__ = ["chosen", "made", "production", "stage", "template"]

TABLE = {"Fn::GetAtt": ["Table", "Arn"]}
READ: dict[str, Any] = {"Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": TABLE}


def test_no_right_is_wider_than_it_must_be(made: Template) -> None:
    assert too_wide(made.document) == []


def test_no_right_is_wider_with_all_that_can_be_chosen(chosen: Template) -> None:
    assert too_wide(chosen.document) == []


def test_every_exception_is_one_that_is_needed(production: Template) -> None:
    assert wildcards(production.document) == set(NEEDED)


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ({"Action": "dynamodb:*"}, "grants dynamodb:*"),
        ({"Action": ["dynamodb:GetItem", "*"]}, "grants *"),
        ({"Action": "s3:Get*"}, "grants s3:Get*"),
        ({"Action": "s3:Get?bject"}, "grants s3:Get?bject"),
        ({"Action": ["dynamodb:*"], "Resource": ["*"]}, "grants dynamodb:* on *"),
        ({"Resource": "*"}, "grants dynamodb:GetItem on *"),
        ({"Resource": [TABLE, "*"]}, "grants dynamodb:GetItem on *"),
        ({"Resource": {"Fn::Sub": "${Table.Arn}/index/*"}}, "on ${Table.Arn}/index/*"),
        ({"Resource": {"Fn::Sub": ["${One}*", {"One": TABLE}]}}, "on ${Table.Arn}*"),
        ({"Resource": {"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":dynamodb:*"]]}}, ":dynamodb:*"),
        ({"Resource": {"Fn::If": ["IsRestored", TABLE, "*"]}}, "on *"),
        ({"Action": "xray:GetTraceSummaries", "Resource": "*"}, "grants xray:GetTraceSummaries on *"),
        ({"Action": "xray:PutTraceSegments", "Resource": "arn:aws:xray:*:*:*"}, "on arn:aws:xray:*:*:*"),
        ({"Action": None, "NotAction": "iam:CreateUser"}, "all but some: NotAction"),
        ({"Resource": None, "NotResource": TABLE}, "all but some: NotResource"),
        ({"Resource": None}, "on nothing that is named"),
        ({"Principal": "*"}, "grants to everybody"),
        ({"Principal": {"AWS": "*"}}, "grants to everybody"),
    ],
)
@pytest.mark.parametrize("listed", [True, False], ids=["in a list", "alone"])
def test_a_right_that_is_too_wide_is_found(
    production: Template, statement: dict[str, Any], fault: str, listed: bool
) -> None:
    told = {key: value for key, value in {**READ, **statement}.items() if value is not None}
    document = copy.deepcopy(production.document)
    policy = document["Resources"]["ApiRole"]["Properties"]["Policies"][0]["PolicyDocument"]
    policy["Statement"] = [READ, told] if listed else told
    assert [line for line in too_wide(document) if line.startswith("ApiRole ") and fault in line]


@pytest.mark.parametrize("kind", ["AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::SQS::QueuePolicy"])
def test_a_policy_of_any_kind_of_resource_is_looked_at(production: Template, kind: str) -> None:
    document = copy.deepcopy(production.document)
    policy = {"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}
    document["Resources"]["Another"] = {"Type": kind, "Properties": {"PolicyDocument": policy}}
    assert too_wide(document) == ["Another grants *", "Another grants * on *"]


def test_a_policy_that_others_write_is_found(production: Template) -> None:
    document = copy.deepcopy(production.document)
    managed = ["arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"]
    document["Resources"]["ApiRole"]["Properties"]["ManagedPolicyArns"] = managed
    assert [line.partition(":")[0] for line in too_wide(document)] == ["ApiRole has policies that others write"]


def test_a_function_that_anybody_may_call_is_found(production: Template) -> None:
    document = copy.deepcopy(production.document)
    permission = document["Resources"]["ApiLambdaPermissionHttpApi"]["Properties"]
    permission["Principal"] = "*"
    del permission["SourceArn"]
    told = too_wide(document)
    assert "ApiLambdaPermissionHttpApi grants to everybody" in told
    assert "ApiLambdaPermissionHttpApi grants lambda:InvokeFunction on nothing that is named" in told


def test_the_function_reads_the_indexes_that_the_table_has_and_no_others(made: Template) -> None:
    policies = {
        policy["PolicyName"]: policy["PolicyDocument"] for policy in made.of("IAM::Role")["ApiRole"]["Policies"]
    }
    [queried] = [one for one in policies["table"]["Statement"] if one["Action"] == ["dynamodb:Query"]]
    names = {text.partition("/index/")[2] for text in texts(queried["Resource"])}
    assert names == {"", *(index["IndexName"] for index in table_properties()["GlobalSecondaryIndexes"])}


def test_the_function_has_one_role_of_our_own_and_osls_makes_none(made: Template, stage: str) -> None:
    roles = set(made.of("IAM::Role"))
    assert roles == ({"ApiRole", "BackupRole"} if stage == "production" else {"ApiRole"})
    assert made.one("Lambda::Function")["Role"] == {"Fn::GetAtt": ["ApiRole", "Arn"]}
    assert made.of("IAM::Role")["ApiRole"]["AssumeRolePolicyDocument"]["Statement"] == [
        {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ]
