"""Set up a stage for CI: the deployer role in AWS and the environment in GitHub. It can be repeated.

Usage: ``make ci-setup STAGE=staging``, or ``python -m tools.ops.ci_setup --stage STAGE [--dry-run] [--reviewers LOGINS]
[--hosted-zone ID] [--region REGION]``

It needs the GitHub CLI, logged in as an administrator of the repository, and AWS credentials of an administrator.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError, WaiterError

from tools.cli import CliError, echo, error_message, run_main
from tools.deploy import serverless_config
from tools.ops.github import Repository
from tools.region import add_region_option

STAGES = ("staging", "production")
"""The stages that .github/workflows/deploy.yml deploys."""
TEMPLATE = serverless_config.ROOT / "infra" / "ci" / "github-oidc.yml"
ISSUER = "token.actions.githubusercontent.com"
UNCHANGED = "Nothing was changed."


@dataclass(frozen=True)
class Plan:
    """What the command does.

    Args:
        repository: the repository.
        session: a boto3 session in the region of the stage.
        request: the arguments of CreateStack or UpdateStack.
        kind: create or update.
        service: the description of the stack of the service; empty if there is none.
        protection: the protection rules of the environment.
    """

    repository: Repository
    session: Any
    request: dict[str, Any]
    kind: str
    service: dict[str, Any]
    protection: dict[str, Any]


def main() -> None:
    """Check everything, and then change GitHub and AWS."""
    arguments = _arguments()
    stage = arguments.stage
    serverless_config.check_stage(stage)
    if stage not in STAGES:
        raise CliError(f"CI deploys {' and '.join(STAGES)}, and not {stage}. {UNCHANGED}")
    try:
        plan = _plan(stage, arguments)
    except (BotoCoreError, ClientError) as error:
        raise CliError(f"{error_message(error)} {UNCHANGED}") from None
    if arguments.dry_run:
        echo(UNCHANGED)
        return
    approved = plan.repository.create_environment(stage, plan.protection)
    outputs = _deploy(plan)
    variables = {
        "AWS_REGION": plan.session.region_name,
        "AWS_ROLE": outputs["Role"],
        "AWS_BOUNDARY": outputs["Boundary"],
    }
    for name, value in variables.items():
        plan.repository.set_variable(stage, name, value)
        echo(f"The variable {name} of the environment {stage} is {value}.")
    echo(f"{stage} is set up for CI. What is left:")
    for line in _left(plan, stage, outputs["Boundary"], approved):
        echo(f"- {line}")


def _plan(stage: str, arguments: argparse.Namespace) -> Plan:
    """Read what exists, and print and return the plan.

    Raises:
        CliError: the plan is not possible.
    """
    repository = Repository.current()
    region = arguments.region
    session = boto3.Session(region_name=region)
    account = _account(session)
    prefix = serverless_config.name()
    stack, service = _stack(session, f"{prefix}-deployer-{stage}"), _stack(session, f"{prefix}-{stage}")
    if service.get("RoleARN"):
        raise CliError(
            f"The stack {service['StackName']} has the service role {service['RoleARN']}, and CI would act with its "
            f"permissions. Replace it by a role that has only those of the deployer. {UNCHANGED}"
        )
    request = _request(session, stage, repository.subject, stack, arguments.hosted_zone)
    logins = [login.strip() for login in arguments.reviewers.split(",") if login.strip()]
    protection = repository.protection(stage, logins, needs_reviewers=stage == "production")
    echo(f"Repository {repository.name}, AWS account {account}, region {region}:")
    echo(f"- the stack {request['StackName']}: the deployer role and the boundary, for {repository.subject}")
    echo(f"- the environment {stage}: for main and tags v*, with AWS_REGION, AWS_ROLE and AWS_BOUNDARY")
    return Plan(repository, session, request, "update" if stack else "create", service, protection)


def _account(session: boto3.Session) -> str:
    try:
        return str(session.client("sts").get_caller_identity()["Account"])
    except (BotoCoreError, ClientError) as error:
        raise CliError(f"There are no valid AWS credentials ({error}). {UNCHANGED}") from None


def _stack(session: Any, name: str) -> dict[str, Any]:
    """Return the description of a stack; empty if there is none."""
    try:
        [stack] = session.client("cloudformation").describe_stacks(StackName=name)["Stacks"]
    except ClientError as error:
        if "does not exist" in error.response["Error"]["Message"]:
            return {}
        raise
    return dict(stack)


def _request(session: Any, stage: str, subject: str, stack: dict[str, Any], zone: str | None) -> dict[str, Any]:
    """Return the arguments of CreateStack or UpdateStack. An update has the other parameters of the present stack."""
    values = {"Repository": subject, "Stage": stage}
    if not stack:
        values["Provider"] = _provider(session)
    if zone is not None:
        values["HostedZoneId"] = zone
    previous = {each["ParameterKey"] for each in stack.get("Parameters", ())} - set(values)
    return {
        "StackName": f"{serverless_config.name()}-deployer-{stage}",
        "TemplateBody": TEMPLATE.read_text(encoding="utf-8"),
        "Capabilities": ["CAPABILITY_IAM"],
        "Parameters": [
            *({"ParameterKey": key, "ParameterValue": value} for key, value in values.items()),
            *({"ParameterKey": key, "UsePreviousValue": True} for key in sorted(previous)),
        ],
    }


def _deploy(plan: Plan) -> dict[str, str]:
    """Create or update the stack, wait for it, and return its outputs.

    Raises:
        CliError: AWS refused it, or it failed.
    """
    client, name, kind = plan.session.client("cloudformation"), plan.request["StackName"], plan.kind
    # A failed new stack is deleted, so that the command can be repeated.
    more = {"OnFailure": "DELETE"} if kind == "create" else {}
    echo(f"The stack {name} is being {kind}d, which takes about a minute.")
    try:
        identifier = getattr(client, f"{kind}_stack")(**plan.request, **more)["StackId"]
        client.get_waiter(f"stack_{kind}_complete").wait(StackName=identifier)
    except WaiterError:
        raise CliError(f"The stack {name} could not be {kind}d: {_reason(client, identifier)}") from None
    except ClientError as error:
        message = error.response["Error"]["Message"]
        if "No updates are to be performed" not in message:
            raise CliError(
                f"AWS refused {error.operation_name}: {message} Only the environment in GitHub was changed. Repeat the "
                "command with the credentials of an administrator."
            ) from None
    return {output["OutputKey"]: output["OutputValue"] for output in _stack(plan.session, name)["Outputs"]}


def _provider(session: Any) -> str:
    """Return the ARN of the account's OIDC provider of GitHub; empty if there is none."""
    providers = session.client("iam").list_open_id_connect_providers()["OpenIDConnectProviderList"]
    return next((each["Arn"] for each in providers if each["Arn"].endswith(f"oidc-provider/{ISSUER}")), "")


def _reason(client: Any, stack: str) -> str:
    """Return the reason of the first failure of a stack."""
    events = client.describe_stack_events(StackName=stack)["StackEvents"]
    failed = [each for each in events if each["ResourceStatus"].endswith("_FAILED")]
    return (
        f"{failed[-1]['LogicalResourceId']}: {failed[-1].get('ResourceStatusReason')}" if failed else "see its events."
    )


def _left(plan: Plan, stage: str, boundary: str, approved: bool) -> list[str]:
    """Return what the user still has to do."""
    lines = []
    if plan.service and _unbounded_roles(plan.session, plan.service["StackName"]):
        lines.append(
            f"The roles of {plan.service['StackName']} have no permissions boundary, and CI could not remove it in a "
            f'roll-back. Deploy once by hand: make deploy STAGE={stage} PARAMS="permissionsBoundary={boundary}"'
        )
    if stage == "production" and not approved:
        lines.append("This plan of GitHub has no reviewers for the repository: production waits for the manual start.")
    if extra := plan.repository.other_refs(stage):
        lines.append(f"The environment also allows {', '.join(extra)}: remove them in its settings.")
    lines.append(
        f"Parameters of the stage: gh variable set PARAMS --env {stage} --body 'alarms=true alarmEmail=you@example.org'"
    )
    start = "gh workflow run deploy.yml --ref v1.2.3 -f stage=production"
    lines.append("A push to main deploys it." if stage == "staging" else f"Deploy a release: {start}")
    return lines


def _unbounded_roles(session: Any, stack: str) -> list[str]:
    """Return the roles of a stack without a permissions boundary."""
    pages = session.client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=stack)
    resources = [each for page in pages for each in page["StackResourceSummaries"]]
    roles = [each["PhysicalResourceId"] for each in resources if each["ResourceType"] == "AWS::IAM::Role"]
    iam = session.client("iam")
    return [role for role in roles if not iam.get_role(RoleName=role)["Role"].get("PermissionsBoundary")]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tools.ops.ci_setup", description="Set up a stage for CI.")
    parser.add_argument("--stage", required=True, help="staging or production")
    add_region_option(parser)
    parser.add_argument(
        "--reviewers", default="", help="logins that approve production; default: the present ones, or you"
    )
    parser.add_argument("--hosted-zone", help="the Route 53 zone of the custom domain")
    parser.add_argument("--dry-run", action="store_true", help="only print the plan")
    return parser.parse_args()


if __name__ == "__main__":
    run_main(main)
