"""Who deploys may do what a deployment asks AWS for: infra/ci/github-oidc.yml, enforced while the stage is deployed.

What CloudFormation does in the deployer's name is not asked for here: MiniStack lets it do everything.
"""

from __future__ import annotations

import json
from typing import Any

import boto3
import pytest
import yaml

from tools.deploy.service import ROOT
from tools.package.build import Package
from tools.rehearse.stage import Stage
from tools.rehearse.steps import Rehearsal, deployed

TEMPLATE = yaml.safe_load((ROOT / "infra" / "ci" / "github-oidc.yml").read_text(encoding="utf-8"))
POLICIES = TEMPLATE["Resources"]["Deployer"]["Properties"]["Policies"]
ACCOUNT = "000000000000"
DEPLOYER = "deployer"


def plain(value: Any, known: dict[str, str]) -> Any:
    """Return a part of a template as CloudFormation does, with all conditions met."""
    match value:
        case {"Fn::If": [_, met, _]}:
            return plain(met, known)
        case {"Ref": name}:
            return known[name]
        case {"Fn::Sub": text}:
            for name, content in known.items():
                text = text.replace(f"${{{name}}}", content)
            return text
        case dict():
            return {key: plain(each, known) for key, each in value.items()}
        case list():
            return [plain(each, known) for each in value]
    return value


@pytest.fixture(scope="module")
def there(stage: Stage, artefact: Package, tmp_path_factory: pytest.TempPathFactory) -> Stage:
    """A stage that is deployed, whose buckets take plain HTTP: what MiniStack speaks, and AWS never."""
    assert stage.tool("tools.cursor_key", "--stage", stage.name).code == 0
    deployed(Rehearsal(stage, artefact.path, tmp_path_factory.mktemp("packages")))
    s3 = stage.cloud.client("s3")
    for bucket in s3.list_buckets()["Buckets"]:
        s3.delete_bucket_policy(Bucket=bucket["Name"])
    return stage


@pytest.fixture(scope="module")
def keys(there: Stage) -> dict[str, str]:
    """The keys of somebody with the deployer's policies."""
    region = there.cloud.region_name
    known = {"AWS::Partition": "aws", "AWS::Region": region, "AWS::AccountId": ACCOUNT, "HostedZoneId": "Z1"}
    iam = there.cloud.client("iam")
    iam.create_user(UserName=DEPLOYER)
    for policy in POLICIES:
        document = json.dumps(plain(policy["PolicyDocument"], known | {"Stage": there.name}))
        iam.put_user_policy(UserName=DEPLOYER, PolicyName=policy["PolicyName"], PolicyDocument=document)
    key = iam.create_access_key(UserName=DEPLOYER)["AccessKey"]
    return {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}


def test_the_deployer_deploys_its_stage(there: Stage, artefact: Package, keys: dict[str, str]) -> None:
    where = ["--stage", there.name, "--runtime", there.target.runtime, "--architecture", there.target.architecture]
    done = there.tool("tools.deploy", *where, "--artifact", str(artefact.path), "--sha256", artefact.sha256, **keys)
    assert done.code == 0, done.said


@pytest.mark.parametrize("key", ["/clowder/production/cursor-key", "/clowder/staging/else"])
def test_the_deployer_knows_no_key_but_its_stages(key: str, there: Stage, keys: dict[str, str]) -> None:
    own = boto3.client(
        "ssm",
        region_name=there.cloud.region_name,
        endpoint_url=there.cloud.url,
        aws_access_key_id=keys["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=keys["AWS_SECRET_ACCESS_KEY"],
    )
    assert own.get_parameter(Name=f"/clowder/{there.name}/cursor-key")["Parameter"]["Value"]
    with pytest.raises(own.exceptions.ClientError, match="is not authorized to perform: ssm:GetParameter"):
        own.get_parameter(Name=key)
