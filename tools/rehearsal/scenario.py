"""The steps of the rehearsal, in order. Each step returns what it has shown, or stops the rehearsal with an error."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from api.store import keys
from api.store.keys import marshal
from tools.deploy.osls import REFUSED
from tools.deploy.stack import Stack
from tools.ops.cursor_key import get_version, parameter_name
from tools.rehearsal import deployer, photos, variants
from tools.rehearsal.environment import Environment, expect, sha256
from tools.rehearsal.probes import error_code, is_configured, logged_line
from tools.rehearsal.variants import NEWER_VERSION

CATS = ["luna", "mochi", "pixel"]
RESTORED = "clowder-staging-restored"
PURR = {"purr": "loud"}
"""A field that only the newer version has."""
CONTACT = "mailto:security@cafe.example"


@dataclass
class Rehearsal:
    """The state that the steps share.

    Args:
        stage: the stage on the local AWS.
        package: a working package for MiniStack.
        folder: the folder for variants of the package.
    """

    stage: Environment
    package: Path
    folder: Path
    cursor: str = ""
    """The path of a next page, with a cursor."""
    password: str = ""
    """The password of the first owner."""
    old_table: str = ""
    """The table that the import has removed from the stack."""

    @cached_property
    def newer(self) -> Path:
        """The package with a newer version, whose cats have the field ``purr``."""
        return variants.variant(self.package, self.folder / "newer.zip", variants.with_cat_field(self.package))

    def log_in(self) -> None:
        """Log in as the first owner. Later requests have the token."""
        self.stage.token = None
        session = self.stage.request("POST", "/sessions", {"username": "owner", "password": self.password})
        expect(session.status == 201, f"The owner cannot log in: {session.status}.")
        self.stage.token = session.json["token"]

    def cat_names(self) -> list[str]:
        """Return the names of the cats."""
        response = self.stage.request("GET", "/cats?fields=name")
        return [cat["name"] for cat in response.json["items"]] if response.status == 200 else []

    def version(self) -> str:
        """Return the live version."""
        return str(self.stage.request("GET", "/health").json["version"])


def refuse(rehearsal: Rehearsal) -> str:
    """Deploy a package with another digest, which is refused. There is no stack and no key afterwards."""
    stage, digest = rehearsal.stage, "0" * 64
    result = stage.serverless("deploy", f"--param=artifact={rehearsal.package}", f"--param=sha256={digest}")
    expect(result.code == REFUSED and digest in result.output, "Another digest did not stop the deployment.", result)
    expect(stage.stack.status() is None, "The refused deployment created a stack.")
    expect(get_version(stage.cloud, stage.name) is None, "The refused deployment created the cursor key.")
    return "a deployment of a package with another digest is refused; it leaves no stack and no key"


def deploy(rehearsal: Rehearsal) -> str:
    """Deploy with one command, which creates the cursor key. Check the address that the API would have on AWS."""
    stage = rehearsal.stage
    values = {"artifact": str(rehearsal.package), "sha256": sha256(rehearsal.package)}
    values |= {"runtime": stage.target.runtime, "architecture": stage.target.architecture}
    result = stage.serverless("deploy", *(f"--param={name}={value}" for name, value in values.items()))
    expect(result.code == 0, "The package was not deployed.", result)
    address = Stack(stage.cloud, stage.name).address() or ""
    expect(address.startswith("https://") and address.endswith(".amazonaws.com"), f"The address would be {address!r}.")
    expect(f"endpoint: ANY - {address}" in result.output, "The address is not shown.", result)
    expect(f"npx serverless owner --stage {stage.name}" in result.output, "The next command is not shown.", result)
    expect(get_version(stage.cloud, stage.name) == 1, "The cursor key was not created.")
    return f"serverless deploy creates the cursor key and the stack: {address}"


def drop_privileges(rehearsal: Rehearsal) -> str:
    """Deploy only with the permissions of CI from now on. They cover the cursor key of this stage, and no other."""
    stage = rehearsal.stage
    stage.deployer = deployer.create_deployer(stage.cloud, stage.name)
    ssm = stage.cloud.client("ssm", stage.deployer)
    expect(ssm.get_parameter(Name=parameter_name(stage.name)), "The deployer cannot read the cursor key.")
    for name in (parameter_name("production"), f"/clowder/{stage.name}/else"):
        denied = error_code(ssm.get_parameter, Name=name).startswith("AccessDenied")
        expect(denied, f"The deployer of {stage.name} can read {name}.")
    return "further deployments have only the permissions of infra/ci/github-oidc.yml"


def create_owner(rehearsal: Rehearsal) -> str:
    """Create the first owner, log in, and create cats."""
    stage = rehearsal.stage
    result = stage.serverless("owner")
    expect(result.code == 0, "The owner was not created.", result)
    rehearsal.password = result.output.strip().splitlines()[-1]
    rehearsal.log_in()
    created = [stage.request("PUT", f"/cats/{name}", {"status": "available"}).status for name in CATS]
    expect(created == [201] * len(CATS), f"The statuses of the created cats are {created}.")
    rehearsal.cursor = stage.request("GET", "/cats?limit=1").json["next"]
    expect(stage.request("GET", rehearsal.cursor).status == 200, "The cursor does not work.")
    return "the first owner is created, logs in, and creates three cats"


def check_log(rehearsal: Rehearsal) -> str:
    """Find the line of a request in the log by its id, with its capacity units."""
    # A list, because MiniStack reports no consumed capacity for BatchGetItem.
    request_id = rehearsal.stage.request("GET", "/cats").headers["X-Request-Id"]
    line = logged_line(rehearsal.stage, request_id)
    expect(line.get("status") == 200 and line.get("capacity", 0) > 0, f"The log line of a request is {line}.")
    return f"the log has one line of JSON for a request, with {line['capacity']:g} capacity units"


def add_photo(rehearsal: Rehearsal) -> str:
    """Upload a photo with a signed form, as a browser does. The event of the bucket starts the photo function."""
    stage, data = rehearsal.stage, photos.jpeg()
    forged = photos.start(stage, data)["upload"]
    expect(photos.send(forged, data, **{"x-amz-signature": "0" * 64}) == 403, "A forged signature is accepted.")
    expect(photos.send(forged, data + b"more") == 400, "A file that is larger than the form allows is accepted.")
    photo = photos.upload(stage, data)
    expect(photo["state"] == "ready", f"The photo is {photo}.")
    media = [stage.request("GET", file["href"]).media for file in photo["files"]]
    expect(media == ["image/webp"] * 3, f"The files of the photo are {media}.")
    refused = photos.upload(stage, b"<html>")
    expect(refused["state"] == "refused", f"A page that is uploaded as a photo is {refused}.")
    return "a photo is uploaded with a signed form, processed and read; a forged form and a page are refused"


def update(rehearsal: Rehearsal) -> str:
    """Deploy a newer version with a rotated key. Old sessions and cursors are then rejected, and new ones work."""
    stage = rehearsal.stage
    result = stage.tool("tools.ops.cursor_key", "--stage", stage.name, "--rotate")
    expect(result.code == 0 and "version 2" in result.output, "The key was not rotated.", result)
    expect(stage.request("GET", rehearsal.cursor).status == 200, "The new key is in use before the deployment.")
    stage.params["securityContact"] = CONTACT
    result = stage.deploy(rehearsal.newer)
    expect(stage.request("GET", "/cats").status == 401, "A session of the old key is accepted.", result)
    rehearsal.log_in()
    expect(result.code == 0 and rehearsal.version() == NEWER_VERSION, "The newer version is not live.", result)
    expect("serverless owner" not in result.output, "The command for the first owner is shown again.", result)
    expect(stage.request("GET", rehearsal.cursor).status == 400, "A cursor of the old key is accepted.")
    rehearsal.cursor = stage.request("GET", "/cats?limit=1").json["next"]
    expect(stage.request("GET", rehearsal.cursor).status == 200, "A cursor of the new key is rejected.")
    return "a newer version is deployed with a new key: an old session is 401, an old cursor 400"


def keep_parameters(rehearsal: Rehearsal) -> str:
    """Deploy without a parameter of the live stack, which is refused."""
    stage, before = rehearsal.stage, rehearsal.stage.stack.live()
    params, stage.params = stage.params, {}
    result = stage.deploy(rehearsal.newer)
    stage.params = params
    refused = f"clowder-staging was deployed with securityContact={CONTACT}" in " ".join(result.output.split())
    expect(result.code == 1 and refused, "The deployment without the parameter was not refused.", result)
    expect(stage.environment()["SECURITY_CONTACT"] == CONTACT, "The parameter was reset.", result)
    expect(stage.stack.live() == before, "The refused deployment changed the stack.", result)
    return "a deployment that would reset a parameter is refused"


def roll_back(rehearsal: Rehearsal) -> str:
    """Deploy a version whose writes fail. Code, template, key and data are then as before."""
    stage, before = rehearsal.stage, rehearsal.stage.stack.deployments()
    package = rehearsal.package
    broken = variants.variant(package, rehearsal.folder / "broken.zip", variants.with_failing_writes(package))
    result = stage.deploy(broken, "--param=cursorKeyVersion=1")
    rolled_back = "Rolled back to" in result.output and "passes the smoke test." in result.output
    expect("POST /users did not return a new user" in result.output, "Another check failed.", result)
    expect(result.code == 1 and rolled_back, "The deployment was not rolled back.", result)
    expect(rehearsal.version() == NEWER_VERSION, "The newer version is not live again.", result)
    expect(stage.request("GET", rehearsal.cursor).status == 200, "The template was not rolled back: another key signs.")
    expect(rehearsal.cat_names() == CATS, "The cats have changed.")
    expect(stage.stack.deployments() == before, "The artefacts of the failed deployment still exist.")
    return "a version whose writes fail is rolled back: code, template and data are as before"


def fail_update(rehearsal: Rehearsal) -> str:
    """Deploy an update that CloudFormation rolls back. The live version does not change."""
    stage = rehearsal.stage
    # There is no such zone, so that the update fails halfway.
    params = ("domain=cafe.example", "certificateArn=arn:aws:acm:::certificate/none", "hostedZoneId=ZNOTHING")
    result = stage.deploy(rehearsal.newer, *(f"--param={param}" for param in params))
    expect(result.code == 1 and "Still live: " in result.output, "The failed update was not reported.", result)
    expect(stage.stack.status() == "UPDATE_ROLLBACK_COMPLETE", "CloudFormation did not roll back.", result)
    expect(rehearsal.version() == NEWER_VERSION, "The live version has changed.")
    return "an update that CloudFormation rolls back changes nothing"


def downgrade(rehearsal: Rehearsal) -> str:
    """Write a cat with the newer version and deploy the older one, which reads the cat and loses nothing of it."""
    stage, path, patch = rehearsal.stage, "/cats/mochi", {"Content-Type": "application/merge-patch+json"}
    written = stage.request("PATCH", path, PURR, {"If-Match": "*"} | patch)
    expect(written.status == 200 and written.json["purr"] == PURR["purr"], f"The newer version says {written.status}.")
    result = stage.deploy(rehearsal.package)
    expect(result.code == 0 and rehearsal.version() != NEWER_VERSION, "The older version is not live.", result)
    expect(rehearsal.cat_names() == CATS, "The older version cannot list the cats.")
    changed = stage.request("PATCH", path, {"sex": "female"}, {"If-Match": "*"} | patch)
    expect(changed.status == 200 and "purr" not in changed.json, f"A change by the older version is {changed.status}.")
    expect(stage.request("PATCH", path, PURR, {"If-Match": "*"} | patch).status == 422, "purr is accepted.")
    return "the older version reads and changes a cat that the newer one has written"


def restore(rehearsal: Rehearsal) -> str:
    """Restore a backup as a new table, and switch the stage to it. The old table does not change."""
    stage, dynamodb = rehearsal.stage, rehearsal.stage.cloud.client("dynamodb")
    old, new = stage.environment()["TABLE_NAME"], RESTORED
    backup = dynamodb.create_backup(TableName=old, BackupName="before-the-mistake")["BackupDetails"]["BackupArn"]
    expect(stage.request("DELETE", "/cats/luna", headers={"If-Match": "*"}).status == 204, "No cat was deleted.")
    result = stage.tool("tools.ops.restore", "--table", old, "--to", new, "--time-zone", "UTC", "--backup", backup)
    expect(result.code == 0 and f"restoredTable={new}" in result.output, "The backup was not restored.", result)
    expect(is_configured(dynamodb, new), "The new table lacks settings of the old one.")
    stage.params["restoredTable"] = new
    result = stage.deploy(rehearsal.newer)
    expect(result.code == 0 and stage.environment()["TABLE_NAME"] == new, "The table was not switched.", result)
    expect(rehearsal.cat_names() == CATS, "The deleted cat was not restored.")
    mochi = stage.request("GET", "/cats/mochi").json
    expect(mochi | PURR | {"sex": "female"} == mochi, "The older version has lost a field of the newer one.")
    luna = dynamodb.get_item(TableName=old, Key=marshal(keys.item_key("cats", "luna")))
    expect("Item" not in luna, "The old table was changed.")
    return "a backup is restored as a new table with all settings, and the stage uses it"


def import_table(rehearsal: Rehearsal) -> str:
    """Import the restored table in the place of the old one, and deploy without the parameter. No data moves."""
    stage = rehearsal.stage
    rehearsal.old_table = stage.stack.resource("Table")
    result = stage.tool("tools.ops.import_table", "--stage", stage.name)
    expect(result.code == 0 and stage.stack.resource("Table") == RESTORED, "The table was not imported.", result)
    expect(rehearsal.cat_names() == CATS, "The API does not use the restored table.")
    stage.params["restoredTable"] = ""
    result = stage.deploy(rehearsal.newer)
    expect(result.code == 0 and stage.environment()["TABLE_NAME"] == RESTORED, "The table was switched.", result)
    expect(
        stage.stack.resource("Table") == RESTORED and rehearsal.cat_names() == CATS,
        "The deployment replaced the table.",
    )
    return "the restored table is the table of the stack, and the old table is retained outside of it"


def remove(rehearsal: Rehearsal) -> str:
    """Remove the stack and all of its resources. The cursor key and the table outside of the stack stay."""
    stage, cloud = rehearsal.stage, rehearsal.stage.cloud
    name, role = stage.stack.name, stage.function()["Role"].rpartition("/")[2]
    bucket = stage.stack.outputs()["ServerlessDeploymentBucketName"]
    result = stage.remove()
    expect(result.code == 0 and stage.stack.status() is None, "The stack still exists.", result)
    expect(error_code(cloud.client("lambda").get_function, FunctionName=f"{name}-api"), "The function still exists.")
    expect(error_code(cloud.client("s3").head_bucket, Bucket=bucket), "The deployment bucket still exists.")
    expect(error_code(cloud.client("iam").get_role, RoleName=role), "The role still exists.")
    groups = cloud.client("logs").describe_log_groups(logGroupNamePrefix=f"/aws/lambda/{name}")["logGroups"]
    expect(not groups, "The log still exists.")
    tables = cloud.client("dynamodb").list_tables()["TableNames"]
    expect(tables == [rehearsal.old_table], f"The tables are {tables}.")
    expect(get_version(cloud, stage.name) == 2, "The cursor key does not exist.")
    return "the stack is removed; the cursor key and the table outside of it stay"


STEPS: tuple[Callable[[Rehearsal], str], ...] = (
    refuse, deploy, drop_privileges, create_owner, check_log, add_photo, update, keep_parameters, roll_back,
    fail_update, downgrade, restore, import_table, remove,
)  # fmt: skip
