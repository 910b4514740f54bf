"""A fake AWS and a fake serverless CLI that fail on demand, for failures that MiniStack cannot produce."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from tools.deploy.stack import FUNCTION, TEMPLATE

BROKEN = b"broken"
"""The content of a package whose function fails."""
WITHOUT_WRITES, WITHOUT_LOGINS, WITHOUT_REGISTRATION = b"without writes", b"without logins", b"without registration"
"""The content of packages whose function lacks something."""


def client_error(code: str, message: str = "") -> ClientError:
    """Return the error that botocore raises for an error response of AWS."""
    return ClientError({"Error": {"Code": code, "Message": message}}, "Call")


class NoSuchKey(Exception):
    """The exception of the S3 client."""


class ResourceNotFoundException(Exception):
    """The exception of the Lambda client."""


@dataclass
class FakeAws:
    """A stack with a bucket and a function. It stands for a boto3 session and for each of its clients.

    Args:
        address: the URL of the function.
    """

    address: str = "http://127.0.0.1:9"
    objects: dict[str, bytes] = field(default_factory=dict)
    """The objects in the deployment bucket, by key."""
    template: str | None = None
    """The template of the stack, as it was passed to CloudFormation."""
    status: str = "UPDATE_COMPLETE"
    code: bytes = b""
    """The deployed package."""
    image: str = ""
    """The digest of the deployed image in hexadecimal, if an image is deployed."""
    credentials_expired: bool = False
    exceptions = type(
        "Exceptions", (), {"NoSuchKey": NoSuchKey, "ResourceNotFoundException": ResourceNotFoundException}
    )

    def client(self, service: str) -> FakeAws:
        return self

    def describe_stacks(self, StackName: str) -> dict[str, Any]:  # noqa: N803 - names of boto3, here and below
        if self.credentials_expired:
            raise client_error("ExpiredToken", "The security token included in the request is expired")
        if self.template is None:
            raise client_error("ValidationError", f"Stack with id {StackName} does not exist")
        values = {"ServerlessDeploymentBucketName": "bucket", "HttpApiId": "api", "Url": self.address}
        outputs = [{"OutputKey": key, "OutputValue": value} for key, value in values.items()]
        return {"Stacks": [{"StackStatus": self.status, "Outputs": outputs}]}

    def get_template(self, StackName: str, TemplateStage: str) -> dict[str, Any]:  # noqa: N803
        """Return the template. As CloudFormation does, replace each non-ASCII character by a question mark."""
        assert self.template is not None
        return {"TemplateBody": json.loads(self.template.encode("ascii", "replace"))}

    def get_paginator(self, call: str) -> FakeAws:
        return self

    def paginate(self, Bucket: str, Prefix: str) -> list[dict[str, Any]]:  # noqa: N803
        return [self.list_objects_v2(Bucket, Prefix)]

    def list_objects_v2(self, Bucket: str, Prefix: str) -> dict[str, Any]:  # noqa: N803
        return {"Contents": [{"Key": key} for key in self.objects if key.startswith(Prefix)]}

    def get_object(self, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803
        if Key not in self.objects:
            raise NoSuchKey(Key)
        return {"Body": BytesIO(self.objects[Key])}

    def delete_object(self, Bucket: str, Key: str) -> None:  # noqa: N803
        del self.objects[Key]

    def get_function_configuration(self, FunctionName: str) -> dict[str, Any]:  # noqa: N803
        if self.template is None:
            raise ResourceNotFoundException(FunctionName)
        digest = base64.b64encode(hashlib.sha256(self.code).digest()).decode()
        return {"PackageType": "Image" if self.image else "Zip", "CodeSha256": self.image or digest}


@dataclass
class FakeOsls:
    """The serverless CLI: it changes the bucket and the stack of a fake AWS.

    Args:
        aws: the AWS to deploy to.
        description: the description in its templates.
    """

    aws: FakeAws
    description: str = "A café"
    update_fails: bool = False
    """Whether CloudFormation rolls back each update."""
    loses_credentials: bool = False
    """Whether the credentials expire during a deployment."""
    replacement: bytes = b""
    """The package, or the digest of the image, that is live after a deployment in place of the deployed one."""
    _clock: int = 1_795_000_000_000

    def __call__(self, command: list[str], stage: str, region: str, params: Mapping[str, str]) -> bool:
        if command[0] == "rollback":
            return self._roll_back(command[-1])
        self._clock += 1000
        folder = f"serverless/clowder/{stage}/{self._clock}-when-{self._clock}/"
        package = Path(params["artifact"]).read_bytes() if "artifact" in params else b""
        code = {"S3Key": folder + "package.zip"} if package else {"ImageUri": params["image"]}
        resources = {FUNCTION: {"Properties": {"Code": code}}}
        template = json.dumps({"Description": self.description, "Resources": resources}, ensure_ascii=False)
        self.aws.objects |= {folder + TEMPLATE: template.encode()} | (
            {folder + "package.zip": package} if package else {}
        )
        self.aws.credentials_expired = self.loses_credentials
        updated = not self.update_fails and self._update(template)
        if self.replacement:
            self.aws.code, self.aws.image = (self.replacement, "") if package else (b"", self.replacement.decode())
        return updated

    def _roll_back(self, timestamp: str) -> bool:
        [template] = [
            body for key, body in self.aws.objects.items() if f"/{timestamp}-" in key and key.endswith(TEMPLATE)
        ]
        return self._update(template.decode())

    def _update(self, template: str) -> bool:
        code = json.loads(template)["Resources"][FUNCTION]["Properties"]["Code"]
        key, image = code.get("S3Key"), code.get("ImageUri", "")
        if key is not None and key not in self.aws.objects:
            return False
        self.aws.template, self.aws.image = template, image.rpartition(":")[2]
        self.aws.code = self.aws.objects.get(key, b"")
        return True
