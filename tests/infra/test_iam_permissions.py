"""Test that no IAM permission of the stack is too broad."""

from __future__ import annotations

import copy
from itertools import product
from typing import Any

import pytest

from api.store.keys import INDEXES
from tests.support.iam_findings import WILDCARD_EXCEPTIONS, find_broad_permissions, possible_strings, used_exceptions
from tests.support.template import Template
from tools.tables import table_properties

TABLE = {"Fn::GetAtt": ["Table", "Arn"]}
READ: dict[str, Any] = {"Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": TABLE}


def test_no_permission_is_too_broad(template: Template) -> None:
    assert find_broad_permissions(template.document) == []


def test_no_permission_is_too_broad_with_all_options(full_production: Template) -> None:
    assert find_broad_permissions(full_production.document) == []


def test_every_wildcard_exception_is_used(production: Template) -> None:
    assert used_exceptions(production.document) == set(WILDCARD_EXCEPTIONS)


@pytest.mark.parametrize(
    ("statement", "finding"),
    [
        ({"Action": "dynamodb:*"}, "allows dynamodb:*"),
        ({"Action": ["dynamodb:GetItem", "*"]}, "allows *"),
        ({"Action": "s3:Get*"}, "allows s3:Get*"),
        ({"Action": "s3:Get?bject"}, "allows s3:Get?bject"),
        ({"Action": ["dynamodb:*"], "Resource": ["*"]}, "allows dynamodb:* on *"),
        ({"Resource": "*"}, "allows dynamodb:GetItem on *"),
        ({"Resource": [TABLE, "*"]}, "allows dynamodb:GetItem on *"),
        ({"Resource": {"Fn::Sub": "${Table.Arn}/index/*"}}, "on ${Table.Arn}/index/*"),
        ({"Resource": {"Fn::Sub": ["${One}*", {"One": TABLE}]}}, "on ${Table.Arn}*"),
        ({"Resource": {"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":dynamodb:*"]]}}, ":dynamodb:*"),
        ({"Resource": {"Fn::If": ["IsRestored", TABLE, "*"]}}, "on *"),
        ({"Action": "xray:GetTraceSummaries", "Resource": "*"}, "allows xray:GetTraceSummaries on *"),
        ({"Action": "xray:PutTraceSegments", "Resource": "arn:aws:xray:*:*:*"}, "on arn:aws:xray:*:*:*"),
        ({"Action": None, "NotAction": "iam:CreateUser"}, "a statement with NotAction"),
        ({"Resource": None, "NotResource": TABLE}, "a statement with NotResource"),
        ({"Resource": None}, "without a resource"),
        ({"Principal": "*"}, "allows any principal"),
        ({"Principal": {"AWS": "*"}}, "allows any principal"),
    ],
)
@pytest.mark.parametrize("in_list", [True, False], ids=["in a list", "alone"])
def test_a_broad_permission_is_found(
    production: Template, statement: dict[str, Any], finding: str, in_list: bool
) -> None:
    broad = {key: value for key, value in {**READ, **statement}.items() if value is not None}
    document = copy.deepcopy(production.document)
    policy = document["Resources"]["ApiRole"]["Properties"]["Policies"][0]["PolicyDocument"]
    policy["Statement"] = [READ, broad] if in_list else broad
    assert [line for line in find_broad_permissions(document) if line.startswith("ApiRole ") and finding in line]


@pytest.mark.parametrize("kind", ["AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::SQS::QueuePolicy"])
def test_policies_of_every_resource_type_are_checked(production: Template, kind: str) -> None:
    document = copy.deepcopy(production.document)
    policy = {"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}
    document["Resources"]["Another"] = {"Type": kind, "Properties": {"PolicyDocument": policy}}
    assert find_broad_permissions(document) == ["Another allows *", "Another allows * on *"]


def test_a_managed_policy_is_found(production: Template) -> None:
    document = copy.deepcopy(production.document)
    managed = ["arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"]
    document["Resources"]["ApiRole"]["Properties"]["ManagedPolicyArns"] = managed
    assert [line.partition(":")[0] for line in find_broad_permissions(document)] == ["ApiRole has managed policies"]


def test_a_function_that_any_principal_may_invoke_is_found(production: Template) -> None:
    document = copy.deepcopy(production.document)
    permission = document["Resources"]["ApiLambdaPermissionHttpApi"]["Properties"]
    permission["Principal"] = "*"
    del permission["SourceArn"]
    findings = find_broad_permissions(document)
    assert "ApiLambdaPermissionHttpApi allows any principal" in findings
    assert "ApiLambdaPermissionHttpApi allows lambda:InvokeFunction without a resource" in findings


def test_the_function_may_query_exactly_the_indexes_that_the_code_reads(template: Template) -> None:
    policies = {
        policy["PolicyName"]: policy["PolicyDocument"] for policy in template.list("IAM::Role")["ApiRole"]["Policies"]
    }
    [query] = [each for each in policies["table"]["Statement"] if each["Action"] == ["dynamodb:Query"]]
    names = {text.partition("/index/")[2] for text in possible_strings(query["Resource"])}
    assert names == {name or "" for name in INDEXES}


def test_the_table_has_every_index_that_the_code_reads() -> None:
    keys = {
        index["IndexName"]: tuple(key["AttributeName"] for key in index["KeySchema"])
        for index in table_properties()["GlobalSecondaryIndexes"]
    }
    # An index is deployed before the code that reads it, so that the table can have more.
    assert {name: key for name, key in INDEXES.items() if name} == {name: keys.get(name) for name in INDEXES if name}


def test_the_function_uses_its_own_role_and_osls_creates_none(template: Template, stage: str) -> None:
    roles = set(template.list("IAM::Role"))
    assert roles == {"ApiRole", "PhotoRole"} | ({"BackupRole"} if stage == "production" else set())
    for function, role in (("Api", "ApiRole"), ("Photos", "PhotoRole")):
        assert template.function(function)["Role"] == {"Fn::GetAtt": [role, "Arn"]}
        assert template.list("IAM::Role")[role]["AssumeRolePolicyDocument"]["Statement"] == [
            {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ]


def test_a_role_may_only_read_write_and_delete_its_part_of_the_photos(template: Template) -> None:
    roles = {role: role_policies["Policies"] for role, role_policies in template.list("IAM::Role").items()}
    separate = template.get("IAM::Policy")
    assert separate["Roles"] == [{"Ref": "PhotoRole"}]
    roles["PhotoRole"] = [*roles["PhotoRole"], separate]
    allowed = {
        role: {
            (action.removeprefix("s3:"), resource.removeprefix("${Bucket.Arn}"))
            for policy in policies
            for statement in policy["PolicyDocument"]["Statement"]
            for action, resource in product(statement["Action"], possible_strings(statement["Resource"]))
            if action.startswith("s3:")
        }
        for role, policies in roles.items()
    }
    assert allowed["ApiRole"] == {
        ("PutObject", "/uploads/*"), ("GetObject", "/photos/*"), ("DeleteObject", "/photos/*"), ("ListBucket", ""),
    }  # fmt: skip
    assert allowed["PhotoRole"] == {
        ("GetObject", "/uploads/*"), ("DeleteObject", "/uploads/*"),
        ("PutObject", "/photos/*"), ("DeleteObject", "/photos/*"), ("ListBucket", ""),
    }  # fmt: skip
