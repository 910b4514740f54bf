"""Test photos on the local AWS: signed forms, the event of the bucket, the photo function, and the roles.

MiniStack checks the signature and the policy of a form, calls the function on an event, and enforces the roles.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from tools.package.build import Package
from tools.rehearsal import photos
from tools.rehearsal.deployer import boundary
from tools.rehearsal.environment import Environment
from tools.rehearsal.scenario import Rehearsal, create_owner, deploy

JPEG = photos.jpeg()
LAMBDA_ACTIONS = {"logs:CreateLogStream", "logs:PutLogEvents"}
"""The actions of Lambda itself. MiniStack does not check them."""


@pytest.fixture(scope="module")
def deployed(stage: Environment, artefact: Package, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """Return a deployed stage with a cat and a token of the owner."""
    rehearsal = Rehearsal(stage, artefact.path, tmp_path_factory.mktemp("packages"))
    deploy(rehearsal)
    create_owner(rehearsal)
    # It requires HTTPS, and MiniStack serves plain HTTP.
    stage.cloud.client("s3").delete_bucket_policy(Bucket=bucket(stage))
    return stage


def bucket(stage: Environment) -> str:
    """Return the name of the bucket."""
    return str(stage.stack.outputs()["BucketName"])


def keys(stage: Environment) -> list[str]:
    """Return the keys of all objects."""
    listed = stage.cloud.client("s3").list_objects_v2(Bucket=bucket(stage))
    return sorted(entry["Key"] for entry in listed.get("Contents", ()))


def test_an_upload_becomes_a_photo_without_metadata_that_the_public_can_read(deployed: Environment) -> None:
    photo = photos.upload(deployed, JPEG)
    assert (photo["state"], photo["width"], photo["height"]) == ("ready", 2400, 1600)
    assert [file["width"] for file in photo["files"]] == [320, 960, 1920]
    for file in photo["files"]:
        response = deployed.request("GET", file["href"])
        assert (response.status, response.media) == (200, "image/webp")
        image = Image.open(BytesIO(response.body))
        assert (image.size, dict(image.getexif())) == ((file["width"], file["width"] * 2 // 3), {})
    assert keys(deployed) == sorted(f"photos/{photo['id']}/{width}.webp" for width in (320, 960, 1920))
    assert deployed.request("DELETE", f"{photos.PHOTOS}/{photo['id']}", headers={"If-Match": "*"}).status == 204
    assert keys(deployed) == []


def test_a_bad_upload_is_refused_with_its_reason_and_deleted(deployed: Environment) -> None:
    photo = photos.upload(deployed, JPEG + b"<script>alert(1)</script>")
    assert (photo["state"], photo["refusal"]["code"]) == ("refused", "extra_data")
    assert keys(deployed) == []


@pytest.mark.parametrize(
    ("changes", "more", "status"),
    [
        ({"x-amz-signature": "0" * 64}, b"", 403),
        ({"policy": ""}, b"", 403),
        ({"key": "photos/evil"}, b"", 403),
        ({"key": "uploads/evil"}, b"", 403),
        ({"Content-Type": "text/html"}, b"", 403),
        ({"x-amz-meta-entity": "cats/mochi"}, b"", 403),
        ({"acl": "public-read"}, b"", 403),
        ({}, b"one byte more than was signed", 400),
    ],
)
def test_a_form_that_is_not_as_it_was_signed_uploads_nothing(
    deployed: Environment, changes: dict[str, str], more: bytes, status: int
) -> None:
    form = photos.start(deployed, JPEG)["upload"]
    assert photos.send(form, JPEG + more, **changes) == status
    assert keys(deployed) == []


@dataclass(frozen=True)
class Function:
    """The photo function, without the event of the bucket.

    Args:
        stage: the stage.
    """

    stage: Environment

    def upload(self, data: bytes = JPEG) -> str:
        """Upload a file, and return the id of the upload."""
        photo = photos.start(self.stage, data)
        assert photos.send(photo["upload"], data) == 204
        return str(photo["id"])

    def process(self, id: str) -> str | None:
        """Call the function for an upload, and return the type of its error."""
        record = {"s3": {"bucket": {"name": bucket(self.stage)}, "object": {"key": f"uploads/{id}"}}}
        return self.invoke({"Records": [record]})

    def invoke(self, event: dict[str, Any]) -> str | None:
        """Call the function with an event, and return the type of its error."""
        client = self.stage.cloud.client("lambda")
        response = client.invoke(FunctionName=f"{self.stage.stack.name}-photos", Payload=json.dumps(event))
        return str(json.load(response["Payload"])["errorType"]) if "FunctionError" in response else None


@pytest.fixture
def function(deployed: Environment) -> Function:
    """Return the photo function. The bucket has no event."""
    s3 = deployed.cloud.client("s3")
    s3.put_bucket_notification_configuration(Bucket=bucket(deployed), NotificationConfiguration={})
    return Function(deployed)


def test_a_repeated_event_and_the_schedule_change_nothing(function: Function) -> None:
    id = function.upload()
    assert [function.process(id), function.process(id)] == [None, None]
    photo = function.stage.request("GET", f"{photos.PHOTOS}/{id}").json
    assert photo["state"] == "ready"
    before = keys(function.stage)
    assert function.invoke({"bucket": bucket(function.stage)}) is None
    assert keys(function.stage) == before
    assert len(before) == 3


def role_policies(stage: Environment, logical_id: str) -> dict[str, dict[str, Any]]:
    """Return the policies of a role of the stack."""
    iam, role = stage.cloud.client("iam"), stage.stack.resource(logical_id)
    names = iam.list_role_policies(RoleName=role)["PolicyNames"]
    return {name: iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"] for name in names}
