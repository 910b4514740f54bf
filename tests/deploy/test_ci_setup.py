"""Test make ci-setup, with moto for AWS and a stand-in of the GitHub CLI that keeps its state in a file."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml
from botocore.client import BaseClient
from botocore.exceptions import ClientError
from botocore.loaders import create_loader
from moto import mock_aws

from tools.cli import CliError
from tools.deploy.serverless_config import ROOT
from tools.ops import ci_setup

REPOSITORY = {
    "full_name": "cafe/clowder", "name": "clowder", "id": 22, "owner": {"login": "cafe", "id": 11},
    "permissions": {"admin": True},
}  # fmt: skip
TEMPLATE = {"use_default": True, "use_immutable_subject": False, "sub_claim_prefix": "repo:cafe/clowder"}
GH = '''#!%s -IS
"""A stand-in of the GitHub CLI. The state has the response or the error of each path."""
import json, pathlib, sys
file = pathlib.Path(__file__).with_name("state.json")
state, arguments = json.loads(file.read_text()), sys.argv[1:]

def fail(message, status=1):
    print(message, file=sys.stderr)
    sys.exit(status)

if arguments == ["auth", "status"]:
    sys.exit(0 if state["logged in"] else 1)
if arguments[:2] == ["variable", "set"]:
    name, values = arguments[2], dict(zip(arguments[3::2], arguments[4::2]))
    state["variables"].setdefault(values["--env"], {})[name] = values["--body"]
elif arguments[0] == "api":
    method, path = arguments[2], arguments[3]
    body = json.load(sys.stdin) if "--input" in arguments else None
    for refused, error in state["refused"].items():
        start, _, part = refused.partition("|")
        if f"{method} {path} ".startswith(start) and part in str(body):
            fail(error)
    if method == "PUT":
        state["api"][path] = {"protection_rules": [
            {"type": "required_reviewers", "prevent_self_review": body.get("prevent_self_review", False),
             "reviewers": [{"type": each["type"], "reviewer": {"id": each["id"]}} for each in body["reviewers"]]}
        ] if body.get("reviewers") else []}
        state["api"].setdefault(path + "/deployment-branch-policies", {"branch_policies": []})
    elif method == "POST":
        state["api"][path]["branch_policies"].append(body)
    if method != "GET":
        state["changes"].append([method, path, body])
    elif path not in state["api"]:
        fail("gh: Not Found (HTTP 404)")
    print(json.dumps(state["api"][path]))
else:
    fail(f"unknown command {arguments}")
file.write_text(json.dumps(state))
'''


shared_loader = cache(create_loader)
"""Returns one reader of the data of botocore, because each session would read the data again."""


class GitHub:
    """The state of the stand-in.

    Args:
        file: its file.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        api = {
            "repos/{owner}/{repo}": REPOSITORY,
            "repos/{owner}/{repo}/actions/oidc/customization/sub": TEMPLATE,
            "user": {"id": 7},
            "users/ben": {"id": 8},
        }
        self.change({"logged in": True, "variables": {}, "changes": [], "refused": {}, "api": api})

    @property
    def state(self) -> dict[str, Any]:
        """Return the state."""
        return dict(json.loads(self._file.read_text(encoding="utf-8")))

    def change(self, state: dict[str, Any]) -> None:
        """Replace the state."""
        self._file.write_text(json.dumps(state), encoding="utf-8")

    def answer(self, path: str, response: Any) -> None:
        """Set the response for a path."""
        self.change(self.state | {"api": self.state["api"] | {path: response}})

    def refuse(self, request: str, error: str) -> None:
        """Refuse requests that begin with a text and, after a bar, contain another in their body."""
        self.change(self.state | {"refused": {request: error}})


@pytest.fixture
def github(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> GitHub:
    """Put the stand-in on the PATH."""
    program = tmp_path / "gh"
    program.write_text(GH % sys.executable, encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    return GitHub(tmp_path / "state.json")


@pytest.fixture(autouse=True)
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Replace AWS by moto, which has no CloudFormation support for OIDC providers and role policies."""
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    monkeypatch.setattr("botocore.session.create_loader", shared_loader)
    with mock_aws():
        yield


def setup(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> None:
    """Run the command."""
    monkeypatch.setattr(sys, "argv", ["ci_setup", *arguments])
    ci_setup.main()


def stacks() -> dict[str, dict[str, Any]]:
    """Return the stacks, by name."""
    client = boto3.client("cloudformation", region_name="eu-west-1")
    return {str(stack["StackName"]): dict(stack) for stack in client.describe_stacks()["Stacks"]}


def subject(role: str) -> Any:
    """Return the subject in the trust policy of a role."""
    document: Any = boto3.client("iam").get_role(RoleName=role.rpartition("/")[2])["Role"]["AssumeRolePolicyDocument"]
    return document["Statement"][0]["Condition"]["StringEquals"]["token.actions.githubusercontent.com:sub"]


def refusal(monkeypatch: pytest.MonkeyPatch, github: GitHub | None, *arguments: str) -> str:
    """Run the command, check that it fails without a change, and return the message."""
    with pytest.raises(CliError) as error:
        setup(monkeypatch, *arguments)
    assert stacks() == {}
    assert github is None or (github.state["changes"], github.state["variables"]) == ([], {})
    assert str(error.value).endswith(" Nothing was changed.")
    return str(error.value)


pytestmark = pytest.mark.filterwarnings("ignore:Tried to parse AWS")


def test_a_stage_is_set_up(github: GitHub, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    setup(monkeypatch, "--stage", "staging")
    state, stack = github.state, stacks()["clowder-deployer-staging"]
    outputs = {each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]}
    variables = {"AWS_REGION": "eu-west-1", "AWS_ROLE": outputs["Role"], "AWS_BOUNDARY": outputs["Boundary"]}
    assert state["variables"] == {"staging": variables}
    assert subject(outputs["Role"]) == "repo:cafe/clowder:environment:staging"
    path = "repos/cafe/clowder/environments/staging"
    assert state["changes"] == [
        ["PUT", path, {"deployment_branch_policy": {"protected_branches": False, "custom_branch_policies": True}}],
        ["POST", f"{path}/deployment-branch-policies", {"name": "main", "type": "branch"}],
        ["POST", f"{path}/deployment-branch-policies", {"name": "v*", "type": "tag"}],
    ]
    assert "- A push to main deploys it." in capsys.readouterr().out.splitlines()


def test_a_repeated_setup_changes_only_what_differs(github: GitHub, monkeypatch: pytest.MonkeyPatch) -> None:
    setup(monkeypatch, "--stage", "production", "--hosted-zone", "Z1", "--reviewers", "ben")
    before, changes = stacks(), len(github.state["changes"])
    github.answer(
        "repos/{owner}/{repo}/actions/oidc/customization/sub",
        TEMPLATE | {"sub_claim_prefix": "repo:cafe@11/clowder@22"},
    )
    setup(monkeypatch, "--stage", "production")
    [stack] = stacks().values()
    parameters = {each["ParameterKey"]: each["ParameterValue"] for each in stack["Parameters"]}
    assert stack["StackId"] == before["clowder-deployer-production"]["StackId"]
    assert parameters == {
        "Repository": "cafe@11/clowder@22",
        "Stage": "production",
        "Provider": "",
        "HostedZoneId": "Z1",
    }
    [put] = github.state["changes"][changes:]
    assert (put[0], put[2]["reviewers"]) == ("PUT", [{"type": "User", "id": 8}])


def test_production_is_reviewed_by_the_user_unless_others_are_given(
    github: GitHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    setup(monkeypatch, "--stage", "production")
    assert github.state["changes"][0][2]["reviewers"] == [{"type": "User", "id": 7}]


def test_without_reviewers_in_the_plan_production_waits_for_the_start(
    github: GitHub, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    message = "Please ensure the billing plan supports the required reviewers protection rule."
    github.refuse("PUT|reviewers", f"gh: Failed to create the environment protection rule. {message} (HTTP 422)")
    setup(monkeypatch, "--stage", "production")
    assert "reviewers" not in github.state["changes"][0][2]
    output = capsys.readouterr().out
    assert "This plan of GitHub has no reviewers for the repository: production waits for the manual start." in output


def test_another_branch_in_the_environment_is_reported(
    github: GitHub, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    policies = {"branch_policies": [{"name": "feature/*"}, {"name": "main", "type": "branch"}]}
    github.answer("repos/cafe/clowder/environments/staging/deployment-branch-policies", policies)
    setup(monkeypatch, "--stage", "staging")
    assert "The environment also allows feature/*: remove them in its settings." in capsys.readouterr().out


def test_an_existing_provider_is_used(github: GitHub, monkeypatch: pytest.MonkeyPatch) -> None:
    iam = boto3.client("iam")
    iam.create_open_id_connect_provider(Url="https://other.example", ThumbprintList=["0" * 40])
    issuer = "https://token.actions.githubusercontent.com"
    arn = iam.create_open_id_connect_provider(Url=issuer, ThumbprintList=["0" * 40])["OpenIDConnectProviderArn"]
    setup(monkeypatch, "--stage", "staging")
    parameters = stacks()["clowder-deployer-staging"]["Parameters"]
    assert {"ParameterKey": "Provider", "ParameterValue": arn} in parameters


def test_roles_without_the_boundary_are_reported(
    github: GitHub, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {"Statement": []}}}
    client = boto3.client("cloudformation", region_name="eu-west-1")
    client.create_stack(StackName="clowder-staging", TemplateBody=json.dumps({"Resources": {"ApiRole": role}}))
    setup(monkeypatch, "--stage", "staging")
    assert 'Deploy once by hand: make deploy STAGE=staging PARAMS="permissionsBoundary=arn:' in capsys.readouterr().out


def test_a_dry_run_prints_the_plan_and_changes_nothing(
    github: GitHub, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    setup(monkeypatch, "--stage", "staging", "--dry-run", "--region", "eu-central-1")
    assert (stacks(), github.state["changes"], github.state["variables"]) == ({}, [], {})
    assert capsys.readouterr().out.splitlines() == [
        "Repository cafe/clowder, AWS account 123456789012, region eu-central-1:",
        "- the stack clowder-deployer-staging: the deployer role and the boundary, for cafe/clowder",
        "- the environment staging: for main and tags v*, with AWS_REGION, AWS_ROLE and AWS_BOUNDARY",
        "Nothing was changed.",
    ]


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ({}, "cafe/clowder"),
        ({"use_default": True, "use_immutable_subject": True}, "cafe@11/clowder@22"),
        ({"use_default": True, "sub_claim_prefix": "repo:cafe@11/clowder@22"}, "cafe@11/clowder@22"),
    ],
)
def test_the_role_trusts_the_subject_of_the_repository(
    template: dict[str, Any],
    expected: str,
    github: GitHub,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    github.answer("repos/{owner}/{repo}/actions/oidc/customization/sub", template)
    setup(monkeypatch, "--stage", "staging", "--dry-run")
    assert f", for {expected}\n" in capsys.readouterr().out


def test_a_missing_gh_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert "is not installed" in refusal(monkeypatch, None, "--stage", "staging")


def test_a_missing_login_is_an_error(github: GitHub, monkeypatch: pytest.MonkeyPatch) -> None:
    github.change(github.state | {"logged in": False})
    assert "Run gh auth login." in refusal(monkeypatch, github, "--stage", "staging")


def test_a_repository_without_permission_is_an_error(github: GitHub, monkeypatch: pytest.MonkeyPatch) -> None:
    github.answer("repos/{owner}/{repo}", REPOSITORY | {"permissions": {"admin": False}})
    assert "not an administrator of cafe/clowder" in refusal(monkeypatch, github, "--stage", "staging")


def test_an_own_subject_template_is_an_error(github: GitHub, monkeypatch: pytest.MonkeyPatch) -> None:
    template = {"use_default": False, "include_claim_keys": ["actor"]}
    github.answer("repos/{owner}/{repo}/actions/oidc/customization/sub", template)
    assert "-F use_default=true" in refusal(monkeypatch, github, "--stage", "staging")


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ("GET repos/{owner}/{repo} ", "gh: Not Found (HTTP 404)"),
        ("GET repos/cafe/clowder/environments", "gh: Server Error (HTTP 500)"),
        ("GET user", "gh: Forbidden (HTTP 403)"),
        ("PUT", "gh: Not Found (HTTP 404)"),
        ("PUT", "gh: Failed to create the environment. (HTTP 422)"),
        ("PUT|reviewers", "gh: The reviewer cannot read the repository. (HTTP 422)"),
    ],
)
def test_a_refusal_of_github_is_an_error(
    request_: str, message: str, github: GitHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    github.refuse(request_, message)
    text = refusal(monkeypatch, github, "--stage", "production")
    assert message.removeprefix("gh: ").rstrip(".") in text


@pytest.mark.parametrize(
    ("stage", "message"),
    [("prod", "There is no stage 'prod'"), ("dev", "CI deploys staging and production, and not dev")],
)
def test_a_wrong_stage_is_an_error(stage: str, message: str, github: GitHub, monkeypatch: pytest.MonkeyPatch) -> None:
    assert message in refusal(monkeypatch, github, "--stage", stage)


@pytest.fixture
def refused(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list of operations that AWS refuses."""
    operations: list[str] = []
    original: Any = BaseClient._make_api_call  # type: ignore[attr-defined]

    def call(self: Any, name: str, arguments: Any) -> Any:
        if name in operations:
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "Access denied."}}, name)
        return original(self, name, arguments)

    monkeypatch.setattr(BaseClient, "_make_api_call", call)
    return operations


@pytest.mark.parametrize("operation", ["GetCallerIdentity", "DescribeStacks", "ListOpenIDConnectProviders"])
def test_a_refusal_of_aws_is_an_error(
    operation: str, github: GitHub, refused: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    refused.append(operation)
    with pytest.raises(CliError, match=r"Access denied.*Nothing was changed\.$"):
        setup(monkeypatch, "--stage", "staging")
    refused.clear()
    assert (stacks(), github.state["changes"]) == ({}, [])


def test_a_refused_stack_is_an_error_that_says_what_was_changed(
    github: GitHub, refused: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    refused.append("CreateStack")
    with pytest.raises(CliError, match=r"^AWS refused CreateStack: .* Only the environment in GitHub was changed\."):
        setup(monkeypatch, "--stage", "staging")
    refused.clear()
    setup(monkeypatch, "--stage", "staging")
    assert set(stacks()) == {"clowder-deployer-staging"}


def test_a_failed_stack_is_an_error_with_its_reason(github: GitHub, monkeypatch: pytest.MonkeyPatch) -> None:
    original: Any = BaseClient._make_api_call  # type: ignore[attr-defined]

    def fail(self: Any, name: str, arguments: Any) -> Any:
        response = original(self, name, arguments)
        if name == "DescribeStacks":
            response["Stacks"][0]["StackStatus"] = "DELETE_COMPLETE"
        if name == "DescribeStackEvents":
            names = {"Watch": "Resource creation cancelled", "Deployer": "The quota is exceeded."}
            response["StackEvents"] = [
                {"LogicalResourceId": each, "ResourceStatus": "CREATE_FAILED", "ResourceStatusReason": reason}
                for each, reason in names.items()
            ]
        return response

    monkeypatch.setattr(BaseClient, "_make_api_call", fail)
    message = "The stack clowder-deployer-staging could not be created: Deployer: The quota is exceeded."
    with pytest.raises(CliError, match=message):
        setup(monkeypatch, "--stage", "staging")
    assert github.state["variables"] == {}


def test_a_stack_with_a_service_role_is_an_error(github: GitHub, monkeypatch: pytest.MonkeyPatch) -> None:
    client, role = boto3.client("cloudformation", region_name="eu-west-1"), "arn:aws:iam::123456789012:role/admin"
    topic = json.dumps({"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}})
    client.create_stack(StackName="clowder-staging", TemplateBody=topic, RoleARN=role)
    with pytest.raises(CliError, match=rf"has the service role {role}, .* Nothing was changed\.$"):
        setup(monkeypatch, "--stage", "staging")
    assert (set(stacks()), github.state["changes"]) == ({"clowder-staging"}, [])


def test_the_stages_are_those_of_the_workflow() -> None:
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "deploy.yml").read_text(encoding="utf-8"))
    assert tuple(workflow[True]["workflow_dispatch"]["inputs"]["stage"]["options"]) == ci_setup.STAGES
