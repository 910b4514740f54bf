"""As much of AWS as a deployment looks at, for what MiniStack cannot show: its faults, and its failures on demand."""

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
"""What a package holds that does not work."""


def client_error(code: str, message: str = "") -> ClientError:
    """What botocore raises when AWS refuses something."""
    return ClientError({"Error": {"Code": code, "Message": message}}, "Call")


class NoSuchKey(Exception):
    """Of S3."""


class ResourceNotFoundException(Exception):
    """Of Lambda."""


@dataclass
class Aws:
    """A stack, its bucket and its function: boto3's session, and each of its clients.

    Args:
        address: where the function is served.
        region: of the session.
    """

    address: str = "http://127.0.0.1:9"
    objects: dict[str, bytes] = field(default_factory=dict)
    """The deployment bucket."""
    template: str | None = None
    """As it was given to CloudFormation."""
    status: str = "UPDATE_COMPLETE"
    code: bytes = b""
    """The package that runs."""
    image: str = ""
    """The digest of the image that runs in place of a package, in hexadecimal."""
    lost: bool = False
    """Whether the credentials do not hold any more."""
    exceptions = type(
        "Exceptions", (), {"NoSuchKey": NoSuchKey, "ResourceNotFoundException": ResourceNotFoundException}
    )

    def client(self, service: str) -> Aws:
        return self

    def describe_stacks(self, StackName: str) -> dict[str, Any]:  # noqa: N803 - boto3's names, here and below
        if self.lost:
            raise client_error("ExpiredToken", "The security token included in the request is expired")
        if self.template is None:
            raise client_error("ValidationError", f"Stack with id {StackName} does not exist")
        told = {"ServerlessDeploymentBucketName": "bucket", "HttpApiId": "api", "HttpApiUrl": self.address}
        outputs = [{"OutputKey": key, "OutputValue": value} for key, value in told.items()]
        return {"Stacks": [{"StackStatus": self.status, "Outputs": outputs}]}

    def get_template(self, StackName: str, TemplateStage: str) -> dict[str, Any]:  # noqa: N803
        """Each character beyond ASCII comes back as a question mark, as from CloudFormation."""
        assert self.template is not None
        return {"TemplateBody": json.loads(self.template.encode("ascii", "replace"))}

    def get_paginator(self, call: str) -> Aws:
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
class Osls:
    """The serverless CLI, as far as the bucket and the stack notice it.

    Args:
        aws: where it deploys to.
        description: what its templates say besides.
    """

    aws: Aws
    description: str = "The café's"
    refuses: bool = False
    """Whether CloudFormation takes back what is deployed."""
    forgets: bool = False
    """Whether the credentials are lost when it has deployed."""
    swaps: bytes = b""
    """What runs in place of what is deployed; of an image its digest."""
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
        self.aws.lost = self.forgets
        done = not self.refuses and self._update(template)
        if self.swaps:
            self.aws.code, self.aws.image = (self.swaps, "") if package else (b"", self.swaps.decode())
        return done

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
