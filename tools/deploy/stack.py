"""The CloudFormation stack of a stage: its status, its address and the live deployment."""

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
"""The logical id that osls gives to the function."""
EMPTY_STATUS = "REVIEW_IN_PROGRESS"
"""Status of a stack without resources. It does not end by itself."""
STABLE_SECONDS = 3600.0
POLL_SECONDS = 1.0
BUCKET, API, URL = "ServerlessDeploymentBucketName", "HttpApiId", "Url"


@dataclass(frozen=True, order=True)
class Deployment:
    """A folder in the deployment bucket, with the package and the template of one deployment.

    Args:
        milliseconds: the Unix time of the upload; ``osls rollback`` takes it as its timestamp.
        folder: the prefix of its keys.
    """

    milliseconds: int
    folder: str

    @property
    def when(self) -> str:
        """The time of the upload, as text."""
        return self.folder.rstrip("/").rpartition("/")[2].partition("-")[2]


@dataclass(frozen=True)
class Live:
    """The live version.

    Args:
        deployment: its deployment; None if the bucket no longer has it.
        digest: the SHA-256 of the package or the image, in hexadecimal.
    """

    deployment: Deployment | None
    digest: str

    def __str__(self) -> str:
        """Return the time of the upload and the digest."""
        when = f"the deployment of {self.deployment.when}" if self.deployment else "an unknown deployment"
        return f"{when} (SHA-256 {self.digest})"


class Stack:
    """The CloudFormation stack of a stage.

    Args:
        session: a boto3 session.
        stage: the stage.
        emulator: the URL of a local AWS, which serves the API under its own address; None for AWS.
    """

    def __init__(self, session: Any, stage: str, emulator: str | None = None) -> None:
        self.name = f"{serverless_config.name()}-{stage}"
        self._emulator = emulator
        self._prefix = f"serverless/{serverless_config.name()}/{stage}/"
        self._function = f"{self.name}-api"
        self._cloudformation = session.client("cloudformation")
        self._s3 = session.client("s3")
        self._lambda = session.client("lambda")

    def status(self) -> str | None:
        """Return the status of the stack; None if there is no stack."""
        return self._describe().get("StackStatus")

    def wait_until_stable(self) -> str | None:
        """Wait until CloudFormation has finished, and return the status. osls does not wait for a rollback.

        Raises:
            CliError: CloudFormation has not finished within the time limit.
        """
        deadline = time.monotonic() + STABLE_SECONDS
        while (status := self.status()) is not None and status.endswith("_IN_PROGRESS") and status != EMPTY_STATUS:
            if time.monotonic() > deadline:
                raise CliError(f"{self.name} is still in {status}, after {STABLE_SECONDS / 60:g} minutes.")
            time.sleep(POLL_SECONDS)
        return status

    def outputs(self) -> dict[str, str]:
        """Return the outputs of the stack; empty if there is no stack."""
        return {output["OutputKey"]: output["OutputValue"] for output in self._describe().get("Outputs", ())}

    def parameters(self) -> dict[str, str]:
        """Return the values of the template's parameters; empty if there is no stack."""
        return {each["ParameterKey"]: each["ParameterValue"] for each in self._describe().get("Parameters", ())}

    def template(self) -> dict[str, Any]:
        """Return the template."""
        body = self._cloudformation.get_template(StackName=self.name, TemplateStage="Original")["TemplateBody"]
        return dict(json.loads(body) if isinstance(body, str) else body)

    def resource(self, logical_id: str) -> str:
        """Return the physical id of a resource."""
        names = {"StackName": self.name, "LogicalResourceId": logical_id}
        return str(self._cloudformation.describe_stack_resource(**names)["StackResourceDetail"]["PhysicalResourceId"])

    def address(self) -> str | None:
        """Return the URL of the API; None if there is none."""
        outputs = self.outputs()
        if API in outputs and self._emulator:
            return f"{self._emulator.rstrip('/')}/_aws/execute-api/{outputs[API]}/$default"
        return outputs.get(URL)

    def live(self) -> Live | None:
        """Return the live version; None if there is none."""
        if API not in self.outputs():
            return None
        return Live(self._deployment(), self._digest())

    def deployments(self) -> list[Deployment]:
        """Return the deployments in the bucket, oldest first."""
        bucket = self.outputs().get(BUCKET)
        if bucket is None:
            return []
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=self._prefix)
        folders = {item["Key"].rpartition("/")[0] + "/" for page in pages for item in page.get("Contents", ())}
        stamps = {folder: re.match(r"(\d+)-", folder.removeprefix(self._prefix)) for folder in folders}
        return sorted(Deployment(int(stamp[1]), folder) for folder, stamp in stamps.items() if stamp)

    def delete_artifacts(self, deployment: Deployment) -> None:
        """Delete a deployment from the bucket."""
        bucket = self.outputs()[BUCKET]
        for item in self._s3.list_objects_v2(Bucket=bucket, Prefix=deployment.folder).get("Contents", ()):
            self._s3.delete_object(Bucket=bucket, Key=item["Key"])

    def _describe(self) -> dict[str, Any]:
        try:
            [stack] = self._cloudformation.describe_stacks(StackName=self.name)["Stacks"]
        except ClientError as error:
            if "does not exist" in error.response["Error"]["Message"]:
                return {}
            raise
        return dict(stack)

    def _deployment(self) -> Deployment | None:
        """Return the deployment of the live template: by the key of its package, or for an image by the template."""
        template, deployments = self.template(), self.deployments()
        key = template["Resources"][FUNCTION]["Properties"]["Code"].get("S3Key")
        if key is not None:
            return next((each for each in deployments if key.startswith(each.folder)), None)
        return max((each for each in deployments if self._stored_template(each) == template), default=None)

    def _stored_template(self, deployment: Deployment) -> Any:
        try:
            stored = self._s3.get_object(Bucket=self.outputs()[BUCKET], Key=deployment.folder + TEMPLATE)
        except self._s3.exceptions.NoSuchKey:
            return None
        return json.loads(stored["Body"].read())

    def _digest(self) -> str:
        digest = str(self._lambda.get_function_configuration(FunctionName=self._function)["CodeSha256"])
        # Lambda returns the digest of an image in hexadecimal and that of a package in base64.
        return digest if re.fullmatch("[0-9a-f]{64}", digest) else base64.b64decode(digest).hex()
