"""What is rehearsed, in order. Each step says what it has seen, or stops the rehearsal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from api.store import keys
from api.store.keys import marshal
from tools.deploy.stack import Stack
from tools.ops.cursor_key import find_version, parameter_name
from tools.rehearsal import deployer, variants
from tools.rehearsal.environment import Environment, expect
from tools.rehearsal.probes import gone, is_configured, logged_line, refused_to

SHOWN = {"status": "available"}
NEWER = "0.99.0"
"""A version that is not the package's own."""
RESTORED = "clowder-staging-restored"


@dataclass
class Rehearsal:
    """What the steps share.

    Args:
        stage: where it all happens.
        package: the package that works, for what MiniStack can run.
        folder: for the packages that are made of it.
    """

    stage: Environment
    package: Path
    folder: Path
    cursor: str = ""
    """A cursor that was given out earlier."""

    def variant(self, name: str, members: dict[str, str], **values: str) -> Path:
        """Make another package of the one that works."""
        return variants.variant(self.package, self.folder / f"{name}.zip", members, **values)

    @cached_property
    def newer(self) -> Path:
        """A package that does the same, and calls itself newer."""
        return self.variant("newer", variants.NEWER, version=NEWER)

    def names(self) -> list[str]:
        """Return the names of the cats."""
        answer = self.stage.ask("GET", "/cats?fields=name")
        return [cat["name"] for cat in answer.json["items"]] if answer.status == 200 else []

    def version(self) -> str:
        """Return the version that answers."""
        return str(self.stage.ask("GET", "/health").json["version"])


def create_key(rehearsal: Rehearsal) -> str:
    """Nothing is deployed before the stage has a key to sign with."""
    stage = rehearsal.stage
    done = stage.deploy(rehearsal.package)
    expect(done.code == 1 and "make cursor-key STAGE=staging" in done.said, "A missing key stops nothing.", done)
    expect(stage.stack.status() is None, "Something was made all the same.")
    made = stage.tool("tools.ops.cursor_key", "--stage", stage.name)
    expect(made.code == 0 and "version 1" in made.said, "The key was not made.", made)
    return "without the key of the stage nothing is deployed; it is made"


def deploy(rehearsal: Rehearsal) -> str:
    """The package is deployed, and works. On AWS the API has an address of its own."""
    stage = rehearsal.stage
    done = stage.deploy(rehearsal.package)
    expect(done.code == 0 and "clowder-staging works" in done.said, "The package was not deployed.", done)
    own = Stack(stage.cloud, stage.name).address() or ""
    expect(own.startswith("https://") and own.endswith(".amazonaws.com"), f"Its address would be {own!r}.")
    return done.said.strip().splitlines()[-1]


def drop_privileges(rehearsal: Rehearsal) -> str:
    """From now on nobody deploys who has more rights than CI."""
    stage = rehearsal.stage
    stage.deployer = deployer.create_deployer(stage.cloud, stage.name)
    ssm = stage.cloud.client("ssm", stage.deployer)
    expect(ssm.get_parameter(Name=parameter_name(stage.name)), "The key of the stage is not known.")
    for name in (parameter_name("production"), f"/clowder/{stage.name}/else"):
        expect(refused_to(ssm.get_parameter, Name=name), f"Who deploys {stage.name} may ask for {name}.")
    return "who deploys from now on has the rights of infra/ci/github-oidc.yml, and no others"


def create_owner(rehearsal: Rehearsal) -> str:
    """The first owner is made, logs in, and takes cats in."""
    stage = rehearsal.stage
    made = stage.tool("tools.ops.create_owner", "--table", stage.environment()["TABLE_NAME"])
    expect(made.code == 0, "There is no owner.", made)
    password = made.said.strip().splitlines()[-1]
    session = stage.ask("POST", "/sessions", {"username": "owner", "password": password})
    expect(session.status == 201, f"The owner cannot log in: {session.status}.")
    stage.token = session.json["token"]
    for name in ("luna", "mochi", "pixel"):
        expect(stage.ask("PUT", f"/cats/{name}", SHOWN).status == 201, f"{name} could not be taken in.")
    rehearsal.cursor = stage.ask("GET", "/cats?limit=1").json["next"]
    expect(stage.ask("GET", rehearsal.cursor).status == 200, "A list cannot be continued.")
    return "the first owner is made, logs in, and takes three cats in"


def check_log(rehearsal: Rehearsal) -> str:
    """A request's line stands in the log, under its id, with what it consumed."""
    # A list: MiniStack reports no capacity for BatchGetItem alone.
    asked = rehearsal.stage.ask("GET", "/cats").headers["X-Request-Id"]
    line = logged_line(rehearsal.stage, asked)
    expect(line.get("status") == 200 and line.get("capacity", 0) > 0, f"The log does not tell of a request: {line}")
    return f"the log has one line of JSON for a request, with {line['capacity']:g} capacity units"


def update(rehearsal: Rehearsal) -> str:
    """A newer version takes over, with a new key: old cursors are no longer taken, new ones are."""
    stage = rehearsal.stage
    rotated = stage.tool("tools.ops.cursor_key", "--stage", stage.name, "--rotate")
    expect(rotated.code == 0 and "version 2" in rotated.said, "The key was not rotated.", rotated)
    expect(stage.ask("GET", rehearsal.cursor).status == 200, "The new key is used before it is deployed.")
    stage.params["cursorKeyVersion"] = "2"
    done = stage.deploy(rehearsal.newer)
    expect(done.code == 0 and rehearsal.version() == NEWER, "The newer version does not answer.", done)
    expect(stage.ask("GET", rehearsal.cursor).status == 400, "A cursor outlives its key.")
    rehearsal.cursor = stage.ask("GET", "/cats?limit=1").json["next"]
    expect(stage.ask("GET", rehearsal.cursor).status == 200, "The new key signs nothing.")
    return "a newer version takes over, with a new key: an old cursor is 400, a new one works"


def roll_back(rehearsal: Rehearsal) -> str:
    """A version that does not start is taken back: code, template and key are as before, and so are the cats."""
    stage, before = rehearsal.stage, rehearsal.stage.stack.deployments()
    template, stage.params = dict(stage.params), {}
    done = stage.deploy(rehearsal.variant("fails-at-start", variants.FAILS_AT_START))
    stage.params = template
    expect(done.code == 1 and "Live again is" in done.said and "it works" in done.said, "Nothing was taken back.", done)
    expect(rehearsal.version() == NEWER, "The newer version is not back.", done)
    expect(stage.ask("GET", rehearsal.cursor).status == 200, "The template is not back: another key signs.")
    expect(rehearsal.names() == ["luna", "mochi", "pixel"], "The cats are not as they were.")
    expect(stage.stack.deployments() == before, "What failed is still kept.")
    return "a version that does not start is taken back by itself: code, template and data are as before"


def refuse_wrong_package(rehearsal: Rehearsal) -> str:
    """What CloudFormation cannot carry out, it takes back, and it is said what is live."""
    stage = rehearsal.stage
    # Lambda has no snapshots for this runtime: the failure comes in the midst of the update. With the code that runs
    # already, because MiniStack takes everything back but the code of a function whose settings it has refused.
    done = stage.deploy(rehearsal.newer, "--param=snapStart=true", "--param=runtime=python3.11")
    expect(done.code == 1 and "Live is still" in done.said, "A refused deployment is not told.", done)
    expect(stage.stack.status() == "UPDATE_ROLLBACK_COMPLETE", "CloudFormation did not take it back.", done)
    expect(rehearsal.version() == NEWER, "It changed something.")
    return "an update that CloudFormation cannot carry out changes nothing"


def restore(rehearsal: Rehearsal) -> str:
    """A backup is restored as a new table, to which the café is switched; the old one is as it was."""
    stage, dynamodb = rehearsal.stage, rehearsal.stage.cloud.client("dynamodb")
    old, new = stage.environment()["TABLE_NAME"], RESTORED
    backup = dynamodb.create_backup(TableName=old, BackupName="before-the-mistake")["BackupDetails"]["BackupArn"]
    expect(stage.ask("DELETE", "/cats/luna", headers={"If-Match": "*"}).status == 204, "Nobody can be deleted.")
    done = stage.tool("tools.ops.restore", "--table", old, "--to", new, "--backup", backup)
    expect(done.code == 0 and f"restoredTable={new}" in done.said, "Nothing was restored.", done)
    expect(is_configured(dynamodb, new), "The new table lacks settings of the old one.")
    stage.params["restoredTable"] = new
    switched = stage.deploy(rehearsal.newer)
    expect(switched.code == 0 and stage.environment()["TABLE_NAME"] == new, "The café was not switched.", switched)
    expect(rehearsal.names() == ["luna", "mochi", "pixel"], "The cat who was deleted is not back.")
    luna = dynamodb.get_item(TableName=old, Key=marshal(keys.item_key("cats", "luna")))
    expect("Item" not in luna, "The old table was changed.")
    return "a backup comes back as a new table, with all its settings; the café is switched to it"


def remove(rehearsal: Rehearsal) -> str:
    """The stack is removed, and nothing of it stays; what is nobody's but the café's does."""
    stage = rehearsal.stage
    name, role = stage.stack.name, stage.function()["Role"].rpartition("/")[2]
    bucket = stage.stack.outputs()["ServerlessDeploymentBucketName"]
    done = stage.remove()
    expect(done.code == 0 and stage.stack.status() is None, "The stack is still there.", done)
    cloud = stage.cloud
    expect(gone(cloud.client("lambda").get_function, FunctionName=f"{name}-api"), "The function is still there.")
    expect(gone(cloud.client("s3").head_bucket, Bucket=bucket), "The deployment bucket is still there.")
    expect(gone(cloud.client("iam").get_role, RoleName=role), "The role is still there.")
    groups = cloud.client("logs").describe_log_groups(logGroupNamePrefix=f"/aws/lambda/{name}")["logGroups"]
    expect(not groups, "The log is still there.")
    tables = cloud.client("dynamodb").list_tables()["TableNames"]
    expect(tables == [RESTORED], f"Of the tables there are {tables}.")
    expect(find_version(cloud, stage.name) == 2, "The key is gone.")
    return "the stack is removed; the key and the restored table stay, which are not the stack's"


STEPS: tuple[Callable[[Rehearsal], str], ...] = (
    create_key, deploy, drop_privileges, create_owner, check_log, update, roll_back, refuse_wrong_package, restore,
    remove,
)  # fmt: skip
