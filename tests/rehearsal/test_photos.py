"""Test photos on the local AWS: signed forms, the event of the bucket, the photo function, and the roles.

MiniStack checks the signature and the policy of a form, calls the function on an event, and enforces the roles.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import pytest
import yaml
from PIL import Image

from api.store.keys import item_key, marshal
from tests.support.roles import Role, Statement
from tools.deploy.serverless_config import ROOT
from tools.package.build import Package
from tools.rehearsal import photos
from tools.rehearsal.deployer import boundary
from tools.rehearsal.environment import Environment
from tools.rehearsal.scenario import Rehearsal, create_owner, deploy

JPEG = photos.jpeg()
_numbers = itertools.count(1)
NOT_CHECKED = ("logs:", "s3:ListBucket")
"""The actions that MiniStack does not check: Lambda writes the log, and S3 says AccessDenied of a missing object."""


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
    names = (re.fullmatch(rf"photos/{photo['id']}/[0-9a-f]+-(\d+)\.webp", key) for key in keys(deployed))
    assert sorted(int(name[1]) for name in names if name) == [320, 960, 1920]
    assert deployed.request("DELETE", f"{photos.CAT}/photos/{photo['id']}", headers={"If-Match": "*"}).status == 204
    assert keys(deployed) == []


def test_a_bad_upload_is_refused_with_its_reason_and_deleted(deployed: Environment) -> None:
    photo = photos.upload(deployed, JPEG + b"<script>alert(1)</script>")
    assert (photo["state"], photo["refusal"]["code"]) == ("refused", "extra_data")
    assert keys(deployed) == []


@pytest.mark.parametrize(
    ("changes", "more", "status"),
    [
        ({"x-amz-signature": "0" * 64}, b"", 403),
        ({"policy": "e30="}, b"", 403),
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
    form = photos.start(deployed, JPEG, create_cat(deployed))["upload"]
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
    upload = function.upload()
    assert [function.process(upload), function.process(upload)] == [None, None]
    photo = function.stage.request("GET", f"{photos.CAT}/photos/{upload}").json
    assert photo["state"] == "ready"
    before = keys(function.stage)
    assert function.invoke({"bucket": bucket(function.stage)}) is None
    assert keys(function.stage) == before
    assert len(before) == 3


TEMPLATES = [yaml.safe_load((ROOT / "infra" / name).read_text(encoding="utf-8")) for name in ("role.yml", "photos.yml")]
RESOURCES = {name: each["Properties"] for template in TEMPLATES for name, each in template["Resources"].items()}


def permissions(name: str, *policies: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Return the name of a role with each of its permissions for photos: the action, and the end of the resource."""
    return [
        (name, action, re.findall(r"uploads|photos|index|table", str(resource))[0])
        for policy in policies
        if "Fn::If" not in policy
        for statement in policy["PolicyDocument"]["Statement"]
        for action in statement["Action"]
        for resource in statement["Resource"]
        if not action.startswith(NOT_CHECKED) and (name == "PhotoRole" or action.startswith("s3:"))
    ]


PERMISSIONS = [
    *permissions("ApiRole", *RESOURCES["ApiRole"]["Policies"]),
    *permissions("PhotoRole", *RESOURCES["PhotoRole"]["Policies"], RESOURCES["PhotoPolicy"]),
]


def create_cat(stage: Environment) -> str:
    """Create a cat, and return its path. A cat can have ten uploads that are not finished."""
    path = f"/cats/cat-{next(_numbers)}"
    assert stage.request("PUT", path, {"status": "available"}).status == 201
    return path


def add_photo(function: Function, path: str = "") -> bool:
    """Add a photo to an entity or to a new cat, and return whether a file of it can be read."""
    stage = function.stage
    path = path or create_cat(stage)
    photo = photos.start(stage, JPEG, path)
    if photos.send(photo["upload"], JPEG) != 204 or function.process(photo["id"]) is not None:
        return False
    ready = stage.request("GET", f"{path}/photos/{photo['id']}").json
    return ready["state"] == "ready" and stage.request("GET", ready["files"][0]["href"]).status == 200


def delete_photo(function: Function) -> bool:
    """Add and delete a photo, and return whether its files are gone."""
    path = create_cat(function.stage)
    assert add_photo(function, path)
    [photo] = function.stage.request("GET", f"{path}/photos").json["items"]
    response = function.stage.request("DELETE", f"{path}/photos/{photo['id']}", headers={"If-Match": "*"})
    return response.status == 204 and not [key for key in keys(function.stage) if photo["id"] in key]


def replace_photo(function: Function) -> bool:
    """Add two photos to the site, which can have one, and return whether the files of the first are gone."""
    assert add_photo(function, "/site")
    before = keys(function.stage)
    return add_photo(function, "/site") and len(keys(function.stage)) == len(before)


def add_photo_to_old_cat(function: Function) -> bool:
    """Add a photo to a cat that a release has written which did not claim microchips."""
    stage, path = function.stage, create_cat(function.stage)
    dynamodb, table = stage.cloud.client("dynamodb"), stage.stack.resource("Table")
    chips = {"status": "available", "microchips": [{"number": f"27609810623{next(_numbers):04}"}]}
    assert stage.request("PUT", path, chips, {"If-Match": "*"}).status == 200
    key = marshal(item_key("cats", path.removeprefix("/cats/")))
    document = dynamodb.get_item(TableName=table, Key=key)["Item"]["doc"]["S"].replace(',"chipsClaimed":true', "")
    update = {"UpdateExpression": "SET doc = :doc", "ExpressionAttributeValues": {":doc": {"S": document}}}
    dynamodb.update_item(TableName=table, Key=key, **update)
    return add_photo(function, path)


REQUESTS: dict[tuple[str, str, str], Callable[[Function], bool]] = {
    ("ApiRole", "s3:DeleteObject", "photos"): delete_photo,
    ("PhotoRole", "s3:DeleteObject", "photos"): replace_photo,
    ("PhotoRole", "dynamodb:BatchGetItem", "table"): add_photo_to_old_cat,
}
"""What fails without a permission, if it is not to add a photo."""


@pytest.mark.parametrize("permission", PERMISSIONS, ids=" ".join)
def test_without_each_permission_photos_do_not_work(permission: tuple[str, str, str], function: Function) -> None:
    logical_id, action, part = permission
    role = Role(function.stage.cloud.client("iam"), function.stage.stack.resource(logical_id))
    works = REQUESTS.get(permission, add_photo)

    def remove_permission(statement: Statement) -> Statement:
        rest = [each for each in statement["Action"] if each != action]
        return statement | {"Action": rest} if part in str(statement["Resource"]) else statement

    with role.modified(remove_permission):
        assert not works(function)
    assert works(function)


def test_with_the_permissions_boundary_photos_work(function: Function) -> None:
    stage = function.stage
    iam, document = stage.cloud.client("iam"), json.dumps(boundary(stage.cloud.region_name, stage.name))
    arn = iam.create_policy(PolicyName="boundary", PolicyDocument=document)["Policy"]["Arn"]
    roles = [stage.stack.resource(name) for name in ("ApiRole", "PhotoRole")]
    for role in roles:
        iam.put_role_permissions_boundary(RoleName=role, PermissionsBoundary=arn)
    try:
        assert add_photo(function)
        assert delete_photo(function)
        assert replace_photo(function)
    finally:
        for role in roles:
            iam.delete_role_permissions_boundary(RoleName=role)
