"""Test the permissions boundary on MiniStack: a role that may do everything is limited to its stage.

MiniStack enforces boundaries, but it does not know the condition key ``iam:PermissionsBoundary`` of a request, so that
the deployer can create no role at all here. tests/infra/test_permissions_boundary.py tests the conditions.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from tools.rehearsal.deployer import ACCOUNT, TEMPLATE, boundary, policies
from tools.rehearsal.ministack import MiniStack
from tools.rehearsal.probes import error_code

ROOT = f"arn:aws:iam::{ACCOUNT}:root"
STAGE = "staging"
ROLE = f"clowder-{STAGE}-evil"
TABLE, OTHER_TABLE = f"clowder-{STAGE}-Table-1", "clowder-production-Table-1"
KEY = {"id": {"S": "1"}}
TRUST = json.dumps({"Statement": [{"Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": "sts:AssumeRole"}]})
ADMINISTRATOR = json.dumps({"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})


def client_of_role(cloud: MiniStack, service: str) -> Any:
    """Return a client with a session of the role. The root user assumes it, in the place of Lambda."""
    arn = cloud.client("iam").get_role(RoleName=ROLE)["Role"]["Arn"]
    session = cloud.client("sts").assume_role(RoleArn=arn, RoleSessionName="evil")["Credentials"]
    keys = {
        "AWS_ACCESS_KEY_ID": session["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": session["SecretAccessKey"],
        "AWS_SESSION_TOKEN": session["SessionToken"],
    }
    return cloud.client(service, keys)


@pytest.fixture
def deployer(cloud: MiniStack) -> dict[str, str]:
    """Return the keys of a user without policies."""
    iam = cloud.client("iam")
    iam.create_user(UserName="deployer")
    key = iam.create_access_key(UserName="deployer")["AccessKey"]
    return {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}


def test_a_role_with_all_permissions_is_limited_to_its_stage(cloud: MiniStack) -> None:
    iam, dynamodb = cloud.client("iam"), cloud.client("dynamodb")
    for table in (TABLE, OTHER_TABLE):
        dynamodb.create_table(
            TableName=table,
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
    document = json.dumps(boundary(cloud.region_name, STAGE))
    arn = iam.create_policy(PolicyName="boundary", PolicyDocument=document)["Policy"]["Arn"]
    iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=TRUST, PermissionsBoundary=arn)
    iam.put_role_policy(RoleName=ROLE, PolicyName="all", PolicyDocument=ADMINISTRATOR)

    limited, items = client_of_role(cloud, "iam"), client_of_role(cloud, "dynamodb")
    assert error_code(limited.create_user, UserName="evil") == "AccessDenied"
    assert error_code(limited.delete_role_permissions_boundary, RoleName=ROLE) == "AccessDenied"
    assert error_code(limited.create_policy_version, PolicyArn=arn, PolicyDocument=ADMINISTRATOR) == "AccessDenied"
    assert error_code(items.get_item, TableName=OTHER_TABLE, Key=KEY) == "AccessDeniedException"
    assert error_code(items.get_item, TableName=TABLE, Key=KEY) == ""

    iam.delete_role_permissions_boundary(RoleName=ROLE)
    assert error_code(limited.create_user, UserName="evil") == ""
    assert error_code(items.get_item, TableName=OTHER_TABLE, Key=KEY) == ""
    iam.delete_role_policy(RoleName=ROLE, PolicyName="all")
    iam.delete_role(RoleName=ROLE)


def test_without_the_condition_the_deployer_makes_itself_administrator(
    cloud: MiniStack, deployer: dict[str, str]
) -> None:
    root, iam = cloud.client("iam"), cloud.client("iam", deployer)

    def allow(text: str) -> None:
        for name, document in policies(cloud.region_name, STAGE, text).items():
            root.put_user_policy(UserName="deployer", PolicyName=name, PolicyDocument=json.dumps(document))

    template = TEMPLATE.read_text(encoding="utf-8")
    allow(template)
    assert error_code(iam.create_role, RoleName=ROLE, AssumeRolePolicyDocument=TRUST) == "AccessDenied"
    allow(template.replace('{"iam:PermissionsBoundary": {Ref: Boundary}}', '{"aws:PrincipalAccount": "000000000000"}'))
    iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=TRUST)
    iam.put_role_policy(RoleName=ROLE, PolicyName="all", PolicyDocument=ADMINISTRATOR)
    client_of_role(cloud, "iam").create_user(UserName="administrator")
    assert root.get_user(UserName="administrator")
