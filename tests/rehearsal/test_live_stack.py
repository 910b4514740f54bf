"""Test that plain osls stops before a change that would lose a parameter or the table, on a local AWS."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tools.checks.template.compile import placeholder_packages
from tools.deploy import osls
from tools.deploy.stack import Deployment, Stack
from tools.rehearsal.ministack import MiniStack

NEW_INDEX = """      GlobalSecondaryIndexes:
        - IndexName: filter2-by_date
          KeySchema: [{AttributeName: filter2_key, KeyType: HASH}, {AttributeName: by_date, KeyType: RANGE}]
          Projection: {ProjectionType: ALL}
"""
NEW_READER = '                  - Fn::Sub: ["${Table}/index/filter2-by_date", {Table: "${self:custom.tableArn}"}]\n'


@dataclass
class Checkout:
    """A copy of the files that osls reads, and the local AWS that it deploys to."""

    folder: Path
    cloud: MiniStack

    def deploy(self, *params: str) -> str:
        """Deploy the stage dev and return the output, in one line."""
        options = [option for param in ("artifact=package.zip", *params) for option in ("--param", param)]
        result = subprocess.run(
            [str(osls.PROGRAM), "deploy", "--force", *options],
            cwd=self.folder,
            env=self.cloud.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return " ".join(result.stdout.split())

    def add(self, name: str, text: str, before: str) -> str:
        """Add text to a file, before a line or instead of it, if the text contains it. Return the old text."""
        file = self.folder / "infra" / name
        old = file.read_text(encoding="utf-8")
        assert before in old
        new = text if before in text else text + before
        file.write_text(old.replace(before, new, 1), encoding="utf-8")
        return old

    def refuse(self, *params: str) -> str:
        """Deploy, and check that nothing is uploaded or changed. Return the output."""
        before = self.state()
        output = self.deploy(*params)
        assert "Nothing was changed." in output
        assert self.state() == before
        return output

    def state(self) -> tuple[Any, list[Deployment]]:
        """Return the template of the live stack and the uploaded deployments."""
        stack = Stack(self.cloud, "dev")
        return stack.template(), stack.deployments()


@pytest.fixture
def checkout(cloud: MiniStack, tmp_path: Path) -> Checkout:
    """Return a copy of the files that osls reads, with packages."""
    osls.prepare_workdir(tmp_path)
    placeholder_packages(tmp_path)
    return Checkout(tmp_path, cloud)


def test_osls_stops_before_it_loses_a_parameter_or_breaks_the_table(checkout: Checkout, cloud: MiniStack) -> None:
    limit = cloud.client("lambda").get_account_settings()["AccountLimit"]["ConcurrentExecutions"]
    burst = f"burst={limit + 1}"
    settings = ("securityContact=mailto:a@example.org", "rate=30", burst)
    output = checkout.deploy(*settings)
    assert "Service deployed" in output
    assert f"need {limit + 1} executions, and the function has {limit}." in output
    assert "clowder-dev was deployed with securityContact=mailto:a@example.org" in checkout.refuse("rate=30", burst)

    checkout.add("table.yml", NEW_INDEX, before=NEW_INDEX.partition("        - ")[0])
    reader = '                  - Fn::Sub: ["${Table}/index/filter2-by_name"'
    without_reader = checkout.add("role.yml", NEW_READER, before=reader)
    assert "adds the index filter2-by_date and code that reads it" in checkout.refuse(*settings)

    (checkout.folder / "infra" / "role.yml").write_text(without_reader, encoding="utf-8")
    assert "Service deployed" in checkout.deploy("securityContact=", "rate=10", "burst=10")
    checkout.add("role.yml", NEW_READER, before=reader)
    assert "The table clowder-dev-none does not exist." in checkout.refuse("restoredTable=clowder-dev-none")
    # The last check: the new index has passed, and its reader.
    assert "Lambda allows" in checkout.refuse(f"reservedConcurrency={limit}")

    table = Stack(cloud, "dev").outputs()["TableName"]
    delete = {"Delete": {"IndexName": "list-by_date"}}
    cloud.client("dynamodb").update_table(TableName=table, GlobalSecondaryIndexUpdates=[delete])
    assert f"The code reads the index list-by_date, which the table {table} does not have." in checkout.refuse()

    cloud.client("cloudformation").delete_stack(StackName="clowder-dev")
    assert "Service deployed" in checkout.deploy()
