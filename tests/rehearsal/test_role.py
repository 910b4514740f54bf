"""Test that the role of the function has no unused permission: without each permission, a request fails.

MiniStack enforces the role for the calls of the function. Lambda itself writes the log and the traces. MiniStack
does not check these permissions, so they are compared with a list.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable
from dataclasses import replace

import pytest
import yaml

from tests.support.roles import Role, Statement
from tools.deploy.serverless_config import ROOT
from tools.package.build import Package
from tools.rehearsal.deployer import boundary
from tools.rehearsal.environment import Environment
from tools.rehearsal.scenario import Rehearsal, create_owner, deploy

Request = Callable[[Environment], int]
"""Sends one or more requests and returns the status of the last response."""

TEMPLATE = yaml.safe_load((ROOT / "infra" / "role.yml").read_text(encoding="utf-8"))
POLICIES = [
    policy
    for policy in TEMPLATE["Resources"]["ApiRole"]["Properties"]["Policies"]
    if "Fn::If" not in policy  # the permissions for X-Ray, which is off
]
STATEMENTS: list[Statement] = [statement for policy in POLICIES for statement in policy["PolicyDocument"]["Statement"]]
ACTIONS = sorted({action for statement in STATEMENTS for action in statement["Action"]})
OTHER_ACTIONS = [
    "logs:CreateLogStream", "logs:PutLogEvents",  # Lambda itself
    "s3:DeleteObject", "s3:GetObject", "s3:ListBucket", "s3:PutObject",  # tests/rehearsal/test_photos.py
]  # fmt: skip
"""The actions that are not of the table."""
INDEXES = sorted(re.findall(r"/index/([\w-]+)", str(STATEMENTS)))

ADA = {"username": "ada", "password": "a long enough password"}

_numbers = itertools.count(1)


def get(path: str) -> Request:
    """Return a GET request."""
    return lambda stage: stage.request("GET", path).status


def get_anonymously(path: str) -> Request:
    """Return a GET request without a token."""
    return lambda stage: replace(stage, token="").request("GET", path).status


def create_cat(stage: Environment) -> int:
    return stage.request("PUT", f"/cats/cat-{next(_numbers)}", {"status": "available"}).status


def create_and_delete_cat(stage: Environment) -> int:
    name = f"cat-{next(_numbers)}"
    assert stage.request("PUT", f"/cats/{name}", {"status": "available"}).status == 201
    return stage.request("DELETE", f"/cats/{name}", headers={"If-Match": "*"}).status


def add_weight(stage: Environment) -> int:
    return stage.request("POST", "/cats/luna/weights", {"grams": 4100}).status


def create_post(stage: Environment) -> int:
    return stage.request("POST", "/posts", {"title": "News", "body": "They sleep."}).status


REQUEST_OF_ACTION: dict[str, Request] = {
    # A request without a token reads one item, a request with a token reads a batch of session and cat.
    "dynamodb:GetItem": get_anonymously("/cats/luna"),
    "dynamodb:Query": get("/cats"),
    "dynamodb:BatchGetItem": get("/cats/luna"),
    "dynamodb:PutItem": create_cat,
    "dynamodb:DeleteItem": create_and_delete_cat,
    # A post takes its number from a counter.
    "dynamodb:UpdateItem": create_post,
    # A weight is added on condition that the cat exists.
    "dynamodb:ConditionCheckItem": add_weight,
}
LIST_OF_INDEX = {
    "list-by_name": "/cats",
    "list-by_time": "/cats?sort=newest",
    "list-by_date": "/cats?sort=age",
    "filter1-by_name": "/cats?status=available",
    "filter1-by_time": "/cats?status=available&sort=newest",
    "filter2-by_name": "/cats?goodWith.children=yes",
    "filter2-by_time": "/cats?goodWith.children=yes&sort=newest",
}


@pytest.fixture(scope="module")
def deployed_stage(stage: Environment, artefact: Package, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """Return a deployed stage with cats, a user and a to-do."""
    rehearsal = Rehearsal(stage, artefact.path, tmp_path_factory.mktemp("packages"))
    deploy(rehearsal)
    create_owner(rehearsal)
    assert stage.request("POST", "/users", ADA).status == 201
    assert stage.request("POST", "/todos", {"title": "Check the weight", "cat": "luna"}).status == 201
    return stage


@pytest.fixture
def role(deployed_stage: Environment) -> Role:
    return Role(deployed_stage.cloud.client("iam"), deployed_stage.function()["Role"].rpartition("/")[2])


@pytest.mark.parametrize("action", [action for action in ACTIONS if action not in OTHER_ACTIONS])
def test_without_each_action_a_request_fails(action: str, role: Role, deployed_stage: Environment) -> None:
    request = REQUEST_OF_ACTION.get(action)
    assert request, f"No request is defined for {action}."

    def remove_permission(statement: Statement) -> Statement:
        return statement | {"Action": [each for each in statement["Action"] if each != action]}

    with role.modified(remove_permission):
        assert request(deployed_stage) >= 500, f"The request works without {action}."
    assert request(deployed_stage) in (200, 201, 204)


@pytest.mark.parametrize("index", INDEXES)
def test_without_each_index_a_list_fails(index: str, role: Role, deployed_stage: Environment) -> None:
    request = get(LIST_OF_INDEX[index])

    def remove_permission(statement: Statement) -> Statement:
        return statement | {
            "Resource": [each for each in statement["Resource"] if not each.endswith(f"/index/{index}")]
        }

    with role.modified(remove_permission):
        assert request(deployed_stage) >= 500, f"The request works without {index}."
    assert request(deployed_stage) == 200


def test_with_the_unchanged_role_all_requests_work(role: Role, deployed_stage: Environment) -> None:
    with role.modified(lambda statement: statement):
        assert {request(deployed_stage) // 100 for request in REQUEST_OF_ACTION.values()} == {2}


def test_with_the_permissions_boundary_all_requests_work(role: Role, deployed_stage: Environment) -> None:
    document = json.dumps(boundary(deployed_stage.cloud.region_name, deployed_stage.name))
    arn = role.iam.create_policy(PolicyName="boundary", PolicyDocument=document)["Policy"]["Arn"]
    role.iam.put_role_permissions_boundary(RoleName=role.name, PermissionsBoundary=arn)
    try:
        assert {request(deployed_stage) // 100 for request in REQUEST_OF_ACTION.values()} == {2}
        assert {get(path)(deployed_stage) for path in LIST_OF_INDEX.values()} == {200}
    finally:
        role.iam.delete_role_permissions_boundary(RoleName=role.name)


def test_all_other_permissions_are_those_of_lambda_itself_and_of_photos() -> None:
    assert [action for action in ACTIONS if not action.startswith("dynamodb:")] == OTHER_ACTIONS
