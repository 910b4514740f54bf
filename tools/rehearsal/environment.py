"""A stage on an AWS of this machine, the tools that change it, and who talks to it."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tools.cli import CliError
from tools.deploy.serverless_config import ROOT
from tools.deploy.smoke import Answer, fetch
from tools.deploy.stack import Stack
from tools.package.target import Target
from tools.rehearsal.ministack import MiniStack

PATIENCE = "1"
"""Seconds for the smoke test: here nothing has to spread over a region."""


@dataclass(frozen=True)
class CommandResult:
    """How a tool ended.

    Args:
        code: its exit code.
        said: what it wrote, on both of its outputs.
    """

    code: int
    said: str


@dataclass
class Environment:
    """A stage of the café on a MiniStack.

    Args:
        cloud: the AWS.
        target: what MiniStack can run.
        name: the stage's name.
    """

    cloud: MiniStack
    target: Target
    name: str = "staging"
    params: dict[str, str] = field(default_factory=dict)
    """The parameters that this stage is deployed with from now on."""
    token: str | None = None
    """Whoever has logged in."""
    deployer: dict[str, str] = field(default_factory=dict)
    """The keys of whoever deploys; without any it is the account's root."""

    @property
    def stack(self) -> Stack:
        """The stage's stack."""
        return Stack(self.cloud, self.name, self.cloud.url)

    def tool(self, module: str, *arguments: str, **environ: str) -> CommandResult:
        """Run a tool of ours as anybody would, with this AWS for AWS; ``environ`` is more of the environment."""
        return self._run([sys.executable, "-m", module, *arguments], **environ)

    def deploy(self, package: Path, *more: str) -> CommandResult:
        """Deploy a package with the very tool of CI."""
        where = ["--stage", self.name, "--runtime", self.target.runtime, "--architecture", self.target.architecture]
        params = [f"--param={name}={value}" for name, value in self.params.items()]
        told = ["--artifact", str(package), "--patience", PATIENCE]
        return self.tool("tools.deploy", *where, *told, *params, *more, **self.deployer)

    def remove(self) -> CommandResult:
        """Remove the stack."""
        command = [str(ROOT / "node_modules" / ".bin" / "osls"), "remove", "--stage", self.name]
        return self._run([*command, "--region", self.cloud.region_name])

    def ask(
        self, method: str, path: str, body: dict[str, Any] | None = None, headers: dict[str, str] | None = None
    ) -> Answer:
        """Send a request to the API, as whoever has logged in."""
        own = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        own |= {"Content-Type": "application/json"} if body is not None else {}
        sent = None if body is None else json.dumps(body).encode()
        return fetch((self.stack.address() or "") + path, method, sent, own | (headers or {}))

    def environment(self) -> dict[str, str]:
        """Return the environment of the deployed function."""
        variables: dict[str, str] = self.function()["Environment"]["Variables"]
        return variables

    def function(self) -> dict[str, Any]:
        """Return how the deployed function is configured."""
        client = self.cloud.client("lambda")
        found: dict[str, Any] = client.get_function_configuration(FunctionName=f"{self.stack.name}-api")
        return found

    def _run(self, command: list[str], **environ: str) -> CommandResult:
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=self.cloud.environment() | environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return CommandResult(done.returncode, done.stdout)


def expect(condition: object, otherwise: str, done: CommandResult | None = None) -> None:
    """Let the rehearsal go on only if it is as it should be.

    Raises:
        CliError: it is not; shows what the tool said.
    """
    if not condition:
        raise CliError(f"{otherwise}\n{done.said}" if done else otherwise)
