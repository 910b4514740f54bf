"""A user with the permissions of CI (infra/ci/github-oidc.yml), which MiniStack enforces.

MiniStack does not enforce them for the requests that CloudFormation makes on behalf of the deployer.
"""

from __future__ import annotations

import json
from typing import Any

import yaml

from tools.deploy.serverless_config import ROOT
from tools.rehearsal.ministack import MiniStack

TEMPLATE = ROOT / "infra" / "ci" / "github-oidc.yml"
USER = "deployer"
ACCOUNT = "000000000000"
BOUNDARY = f"arn:aws:iam::{ACCOUNT}:policy/boundary"
"""The ARN of the permissions boundary in the policies."""


def create_deployer(cloud: MiniStack, stage: str) -> dict[str, str]:
    """Create a user with the permissions of the deployer of a stage, and return its keys as environment variables.

    Bucket policies are deleted first: they require HTTPS, and MiniStack serves plain HTTP.
    """
    s3, iam = cloud.client("s3"), cloud.client("iam")
    for bucket in s3.list_buckets()["Buckets"]:
        s3.delete_bucket_policy(Bucket=bucket["Name"])
    iam.create_user(UserName=USER)
    for name, document in policies(cloud.region_name, stage).items():
        iam.put_user_policy(UserName=USER, PolicyName=name, PolicyDocument=json.dumps(document))
    key = iam.create_access_key(UserName=USER)["AccessKey"]
    return {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}


def policies(region: str, stage: str, text: str = "") -> dict[str, Any]:
    """Return the policy documents of the deployer, by name.

    Args:
        region: the AWS region.
        stage: the stage.
        text: a variant of the template; empty for the template itself.
    """
    resources = _resources(region, stage, text)
    documents = {policy["PolicyName"]: policy["PolicyDocument"] for policy in resources["Deployer"]["Policies"]}
    return documents | {
        name: properties["PolicyDocument"]
        for name, properties in resources.items()
        if "PolicyDocument" in properties and name != "Boundary"
    }


def boundary(region: str, stage: str, text: str = "") -> Any:
    """Return the document of the permissions boundary of the roles of a stage. The arguments are as in policies()."""
    return _resources(region, stage, text)["Boundary"]["PolicyDocument"]


def _resources(region: str, stage: str, text: str) -> dict[str, Any]:
    """Return the resolved properties of each resource of the template."""
    template = yaml.safe_load(text or TEMPLATE.read_text(encoding="utf-8"))
    values = dict.fromkeys(template["Parameters"], "none") | {"Stage": stage, "Boundary": BOUNDARY}
    values |= {name: name for name in template["Resources"] if name not in values}
    values |= {"AWS::Partition": "aws", "AWS::Region": region, "AWS::AccountId": ACCOUNT}
    return {name: _resolve(resource["Properties"], values) for name, resource in template["Resources"].items()}


def _resolve(value: Any, values: dict[str, str]) -> Any:
    """Resolve the intrinsic functions of CloudFormation, with every condition true."""
    match value:
        case {"Fn::If": [_, then, _]}:
            return _resolve(then, values)
        case {"Ref": name}:
            return values[name]
        case {"Fn::Sub": text}:
            for name, content in values.items():
                text = text.replace(f"${{{name}}}", content)
            return text
        case dict():
            return {key: _resolve(item, values) for key, item in value.items()}
        case list():
            return [_resolve(item, values) for item in value]
    return value
