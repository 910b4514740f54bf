"""Who deploys: somebody with the rights that infra/ci/github-oidc.yml gives to CI, which MiniStack enforces.

What CloudFormation does in the deployer's name is not asked for here: MiniStack lets it do everything.
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


def create_deployer(cloud: MiniStack, stage: str) -> dict[str, str]:
    """Make a user with the rights of a stage's deployer, and return the user's keys, as the environment has them.

    The bucket's policy, which stands in the way of everybody but root, has to go: it wants HTTPS, and MiniStack speaks
    plain HTTP.
    """
    s3, iam = cloud.client("s3"), cloud.client("iam")
    for bucket in s3.list_buckets()["Buckets"]:
        s3.delete_bucket_policy(Bucket=bucket["Name"])
    iam.create_user(UserName=USER)
    for name, document in policies(cloud.region_name, stage).items():
        iam.put_user_policy(UserName=USER, PolicyName=name, PolicyDocument=json.dumps(document))
    key = iam.create_access_key(UserName=USER)["AccessKey"]
    return {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}


def policies(region: str, stage: str) -> dict[str, Any]:
    """Return the policies of the deployer, by their names."""
    template = yaml.safe_load(TEMPLATE.read_text(encoding="utf-8"))
    known = dict.fromkeys(template["Parameters"], "none") | {"Stage": stage}
    known |= {"AWS::Partition": "aws", "AWS::Region": region, "AWS::AccountId": ACCOUNT}
    made = template["Resources"]["Deployer"]["Properties"]["Policies"]
    return {policy["PolicyName"]: _plain(policy["PolicyDocument"], known) for policy in made}


def _plain(value: Any, known: dict[str, str]) -> Any:
    """Return a part of a template as CloudFormation does, with all conditions met."""
    match value:
        case {"Fn::If": [_, met, _]}:
            return _plain(met, known)
        case {"Ref": name}:
            return known[name]
        case {"Fn::Sub": text}:
            for name, content in known.items():
                text = text.replace(f"${{{name}}}", content)
            return text
        case dict():
            return {key: _plain(each, known) for key, each in value.items()}
        case list():
            return [_plain(each, known) for each in value]
    return value
