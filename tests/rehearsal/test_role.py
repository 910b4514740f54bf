"""The function may do what it needs, and no more: each right is taken away from the deployed role, and is missed.

MiniStack enforces the role for what the function itself asks for, at each call. The log and the traces are written by
Lambda and not by the function; MiniStack does that whatever the role says, so these rights are compared with a list.
"""

from __future__ import annotations

import copy
import itertools
import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest
import yaml

from tools.deploy.serverless_config import ROOT
from tools.package.build import Package
from tools.rehearsal.environment import Environment
from tools.rehearsal.scenario import Rehearsal, create_owner, deploy

Request = Callable[[Environment], int]
"""Sends a request, or a few, and returns the status of the last one."""
Statement = dict[str, Any]

TEMPLATE = yaml.safe_load((ROOT / "infra" / "role.yml").read_text(encoding="utf-8"))
POLICIES = TEMPLATE["Resources"]["ApiRole"]["Properties"]["Policies"]
STATEMENTS: list[Statement] = [one for policy in POLICIES for one in policy["PolicyDocument"]["Statement"]]
ACTIONS = sorted({action for statement in STATEMENTS for action in statement["Action"]})
LAMBDAS = ["logs:CreateLogStream", "logs:PutLogEvents", "xray:PutTelemetryRecords", "xray:PutTraceSegments"]
"""What Lambda itself does in the name of the function."""
INDEXES = sorted(re.findall(r"/index/([\w-]+)", str(STATEMENTS)))

ADA = {"username": "ada", "password": "nine lives, one pie"}

_numbers = itertools.count(1)


def get(path: str) -> Request:
    """Read something."""
    return lambda stage: stage.request("GET", path).status


def get_anonymously(path: str) -> Request:
    """Read an entity without a token."""
    return lambda stage: replace(stage, token="").request("GET", path).status


def take_in(stage: Environment) -> int:
    return stage.request("PUT", f"/cats/cat-{next(_numbers)}", {"status": "available"}).status


def take_in_and_delete(stage: Environment) -> int:
    name = f"cat-{next(_numbers)}"
    assert stage.request("PUT", f"/cats/{name}", {"status": "available"}).status == 201
    return stage.request("DELETE", f"/cats/{name}", headers={"If-Match": "*"}).status


def weigh(stage: Environment) -> int:
    return stage.request("POST", "/cats/luna/weights", {"grams": 4100}).status


def log_in(stage: Environment) -> int:
    return stage.request("POST", "/sessions", ADA).status


WITNESSES: dict[str, Request] = {
    # An anonymous caller reads the cat alone, a caller with a token reads the session and the cat.
    "dynamodb:GetItem": get_anonymously("/cats/luna"),
    "dynamodb:Query": get("/cats"),
    "dynamodb:BatchGetItem": get("/cats/luna"),
    "dynamodb:PutItem": take_in,
    "dynamodb:DeleteItem": take_in_and_delete,
    # Tries to log in are counted.
    "dynamodb:UpdateItem": log_in,
    # A cat is weighed only if she is still there.
    "dynamodb:ConditionCheckItem": weigh,
}
LISTS = {
    "list-by_name": "/cats",
    "list-by_time": "/cats?sort=newest",
    "list-by_date": "/cats?sort=age",
    "filter1-by_name": "/cats?status=available",
    "filter1-by_time": "/cats?status=available&sort=newest",
    "filter2-by_name": "/cats?goodWith.children=yes",
    "filter2-by_time": "/cats?goodWith.children=yes&sort=newest",
}


@dataclass(frozen=True)
class Role:
    """The role of the deployed function.

    Args:
        iam: boto3's client.
        name: the role's name.
    """

    iam: Any
    name: str

    @contextmanager
    def without(self, lessen: Callable[[Statement], Statement]) -> Iterator[None]:
        """Lessen each statement of each policy for a while; a statement that grants nothing any more goes."""
        policies = {policy: self._document(policy) for policy in self._names()}
        try:
            for policy, document in policies.items():
                statements = [lessen(copy.deepcopy(statement)) for statement in document["Statement"]]
                left = [one for one in statements if one["Action"] and one["Resource"]]
                self._put(policy, document | {"Statement": left}) if left else self._delete(policy)
            yield
        finally:
            for policy, document in policies.items():
                self._put(policy, document)

    def _names(self) -> list[str]:
        names: list[str] = self.iam.list_role_policies(RoleName=self.name)["PolicyNames"]
        return names

    def _document(self, policy: str) -> dict[str, Any]:
        found: dict[str, Any] = self.iam.get_role_policy(RoleName=self.name, PolicyName=policy)["PolicyDocument"]
        return found

    def _put(self, policy: str, document: dict[str, Any]) -> None:
        self.iam.put_role_policy(RoleName=self.name, PolicyName=policy, PolicyDocument=json.dumps(document))

    def _delete(self, policy: str) -> None:
        self.iam.delete_role_policy(RoleName=self.name, PolicyName=policy)


@pytest.fixture(scope="module")
def open_stage(stage: Environment, artefact: Package, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """A deployed café with a few cats, somebody who can log in, and something to do."""
    assert stage.tool("tools.ops.cursor_key", "--stage", stage.name).code == 0
    rehearsal = Rehearsal(stage, artefact.path, tmp_path_factory.mktemp("packages"))
    deploy(rehearsal)
    create_owner(rehearsal)
    assert stage.request("POST", "/users", ADA).status == 201
    assert stage.request("POST", "/todos", {"title": "look at her", "cat": "luna"}).status == 201
    return stage


@pytest.fixture
def role(open_stage: Environment) -> Role:
    return Role(open_stage.cloud.client("iam"), open_stage.function()["Role"].rpartition("/")[2])


@pytest.mark.parametrize("action", [action for action in ACTIONS if action not in LAMBDAS])
def test_each_action_that_is_taken_away_is_missed(action: str, role: Role, open_stage: Environment) -> None:
    request = WITNESSES.get(action)
    assert request, f"Nothing notices when {action} is taken away."

    def lessen(statement: Statement) -> Statement:
        return statement | {"Action": [one for one in statement["Action"] if one != action]}

    with role.without(lessen):
        assert request(open_stage) >= 500, f"Nothing notices that {action} is taken away."
    assert request(open_stage) in (200, 201, 204)


@pytest.mark.parametrize("index", INDEXES)
def test_each_index_that_is_taken_away_is_missed(index: str, role: Role, open_stage: Environment) -> None:
    request = get(LISTS[index])

    def lessen(statement: Statement) -> Statement:
        return statement | {"Resource": [one for one in statement["Resource"] if not one.endswith(f"/index/{index}")]}

    with role.without(lessen):
        assert request(open_stage) >= 500, f"Nothing notices that {index} is taken away."
    assert request(open_stage) == 200


def test_whoever_takes_nothing_away_misses_nothing(role: Role, open_stage: Environment) -> None:
    with role.without(lambda statement: statement):
        assert {request(open_stage) // 100 for request in WITNESSES.values()} == {2}


def test_what_is_granted_besides_is_what_lambda_does_in_the_functions_name() -> None:
    assert [action for action in ACTIONS if not action.startswith("dynamodb:")] == LAMBDAS
