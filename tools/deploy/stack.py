"""What is live: the stack, the deployment that made it, and the address."""

from __future__ import annotations

import base64
import json
import re
import time
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from tools.cli import CliError
from tools.deploy import serverless_config

TEMPLATE = "compiled-cloudformation-template.json"
FUNCTION = "ApiLambdaFunction"
"""What osls calls the function in the template."""
EMPTY = "REVIEW_IN_PROGRESS"
"""Of a stack that was never made; it stays so."""
REST_SECONDS = 3600.0
POLL_SECONDS = 1.0
ZIP = "Zip"
BUCKET, API, URL = "ServerlessDeploymentBucketName", "HttpApiId", "HttpApiUrl"


@dataclass(frozen=True, order=True)
class Deployment:
    """A folder in the deployment bucket: one package and one template, which osls can bring back.

    Args:
        milliseconds: since 1970, when it was uploaded; ``osls rollback`` knows it by that.
        folder: the key that all of its objects begin with.
    """

    milliseconds: int
    folder: str

    @property
    def when(self) -> str:
        """When it was uploaded, for people."""
        return self.folder.rstrip("/").rpartition("/")[2].partition("-")[2]


@dataclass(frozen=True)
class Live:
    """What answers requests.

    Args:
        deployment: what it was deployed from; None if the bucket does not have it any more.
        digest: the SHA-256 of the package or the image that runs, in hexadecimal.
    """

    deployment: Deployment | None
    digest: str

    def __str__(self) -> str:
        """Name it, for people."""
        when = f"the deployment of {self.deployment.when}" if self.deployment else "a version from elsewhere"
        return f"{when} (SHA-256 {self.digest})"


class Stack:
    """The CloudFormation stack of a stage.

    Args:
        session: makes AWS's clients, as boto3's does.
        stage: the stage.
        emulator: where AWS is, if it is on this machine: there the API's own address is nobody's.
    """

    def __init__(self, session: Any, stage: str, emulator: str | None = None) -> None:
        self.name = f"{serverless_config.name()}-{stage}"
        self._emulator = emulator
        self._prefix = f"serverless/{serverless_config.name()}/{stage}/"
        self._function = f"{self.name}-api"
        self._formation = session.client("cloudformation")
        self._s3 = session.client("s3")
        self._lambda = session.client("lambda")

    def status(self) -> str | None:
        """Return CloudFormation's word for how the stack is; None if there is no stack."""
        return self._described().get("StackStatus")

    def wait_until_stable(self) -> str | None:
        """Return the status when CloudFormation is done: osls ends at the first failure, in the midst of taking back.

        Raises:
            CliError: it is not done for a very long time.
        """
        deadline = time.monotonic() + REST_SECONDS
        while (status := self.status()) is not None and status.endswith("_IN_PROGRESS") and status != EMPTY:
            if time.monotonic() > deadline:
                raise CliError(f"{self.name} is still in {status}, after {REST_SECONDS / 60:g} minutes.")
            time.sleep(POLL_SECONDS)
        return status

    def outputs(self) -> dict[str, str]:
        """Return the stack's outputs; none if there is no stack."""
        return {output["OutputKey"]: output["OutputValue"] for output in self._described().get("Outputs", ())}

    def address(self) -> str | None:
        """Return where the API answers; None if there is none."""
        outputs = self.outputs()
        if API in outputs and self._emulator:
            return f"{self._emulator.rstrip('/')}/_aws/execute-api/{outputs[API]}/$default"
        return outputs.get(URL)

    def live(self) -> Live | None:
        """Return what answers requests now; None if nothing does."""
        if API not in self.outputs():
            return None
        return Live(self._deployment(), self._digest())

    def package_type(self) -> str | None:
        """Return Lambda's word for how the function is packed; None if there is no function."""
        try:
            kind = self._lambda.get_function_configuration(FunctionName=self._function).get("PackageType", ZIP)
        except self._lambda.exceptions.ResourceNotFoundException:
            return None
        return str(kind)

    def deployments(self) -> list[Deployment]:
        """Return what is in the deployment bucket, the oldest first."""
        bucket = self.outputs().get(BUCKET)
        if bucket is None:
            return []
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=self._prefix)
        folders = {item["Key"].rpartition("/")[0] + "/" for page in pages for item in page.get("Contents", ())}
        stamps = {folder: re.match(r"(\d+)-", folder.removeprefix(self._prefix)) for folder in folders}
        return sorted(Deployment(int(stamp[1]), folder) for folder, stamp in stamps.items() if stamp)

    def delete_artifacts(self, deployment: Deployment) -> None:
        """Remove a deployment from the bucket."""
        bucket = self.outputs()[BUCKET]
        found = self._s3.list_objects_v2(Bucket=bucket, Prefix=deployment.folder).get("Contents", ())
        for item in found:
            self._s3.delete_object(Bucket=bucket, Key=item["Key"])

    def _described(self) -> dict[str, Any]:
        try:
            [stack] = self._formation.describe_stacks(StackName=self.name)["Stacks"]
        except ClientError as error:
            if "does not exist" in error.response["Error"]["Message"]:
                return {}
            raise
        return dict(stack)

    def _deployment(self) -> Deployment | None:
        """Return where the stack's template comes from: a package's key tells it, an image's template alone does."""
        template, there = self._template(), self.deployments()
        key = template["Resources"][FUNCTION]["Properties"]["Code"].get("S3Key")
        if key is not None:
            return next((one for one in there if key.startswith(one.folder)), None)
        return max((one for one in there if self._stored(one) == template), default=None)

    def _template(self) -> Any:
        body = self._formation.get_template(StackName=self.name, TemplateStage="Original")["TemplateBody"]
        return json.loads(body) if isinstance(body, str) else body

    def _stored(self, deployment: Deployment) -> Any:
        try:
            stored = self._s3.get_object(Bucket=self.outputs()[BUCKET], Key=deployment.folder + TEMPLATE)
        except self._s3.exceptions.NoSuchKey:
            return None
        return json.loads(stored["Body"].read())

    def _digest(self) -> str:
        told = str(self._lambda.get_function_configuration(FunctionName=self._function)["CodeSha256"])
        # Of an image in hexadecimal already, of a package in base64.
        return told if re.fullmatch("[0-9a-f]{64}", told) else base64.b64decode(told).hex()
