"""A stage on the local AWS, with the tools that change it and a client of its API."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tools.cli import CliError
from tools.deploy.osls import PROGRAM, prepare_workdir
from tools.deploy.serverless_config import ROOT
from tools.deploy.smoke import Response, fetch
from tools.deploy.stack import Stack
from tools.package.target import Target
from tools.rehearsal.ministack import MiniStack

PATIENCE = "1"
"""Time limit of the smoke test, in seconds. Changes on a local AWS are available at once."""


@dataclass(frozen=True)
class CommandResult:
    """The result of a command.

    Args:
        code: its exit code.
        output: its standard output and standard error.
    """

    code: int
    output: str


@dataclass
class Environment:
    """A stage on a MiniStack.

    Args:
        cloud: the local AWS.
        target: the runtime and architecture that MiniStack can run.
        name: the name of the stage.
    """

    cloud: MiniStack
    target: Target
    name: str = "staging"
    params: dict[str, str] = field(default_factory=dict)
    """The parameters of the next deployments."""
    token: str | None = None
    """The bearer token of the requests."""
    deployer: dict[str, str] = field(default_factory=dict)
    """The keys of the deployer, as environment variables; without them the root user deploys."""

    @cached_property
    def stack(self) -> Stack:
        """The CloudFormation stack."""
        return Stack(self.cloud, self.name, self.cloud.url)

    def tool(self, module: str, *arguments: str, **environment: str) -> CommandResult:
        """Run a tool of this repository against the local AWS, with additional environment variables."""
        return self._run([sys.executable, "-m", module, *arguments], ROOT, environment)

    def deploy(self, package: Path, *more: str) -> CommandResult:
        """Deploy a package, as CI does."""
        arguments = ["--stage", self.name, "--artifact", str(package), "--sha256", sha256(package)]
        params = {"runtime": self.target.runtime, "architecture": self.target.architecture} | self.params
        arguments += ["--patience", PATIENCE, *(f"--param={name}={value}" for name, value in params.items())]
        return self.tool("tools.deploy", *arguments, *more, **self.deployer)

    def serverless(self, *command: str, root: Path | None = None, **environment: str) -> CommandResult:
        """Run the serverless CLI for this stage, in a copy of the repository or in a folder of its own."""
        program = [str(PROGRAM), *command, "--stage", self.name, "--region", self.cloud.region_name]
        with TemporaryDirectory(prefix="clowder-osls-") as folder:
            if root is None:
                prepare_workdir(Path(folder))
            return self._run(program, root or Path(folder), environment)

    def remove(self) -> CommandResult:
        """Remove the stack."""
        return self.serverless("remove")

    def request(
        self, method: str, path: str, body: dict[str, Any] | None = None, headers: dict[str, str] | None = None
    ) -> Response:
        """Send a request to the API, with the token if there is one."""
        common = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        common |= {"Content-Type": "application/json"} if body is not None else {}
        content = None if body is None else json.dumps(body).encode()
        return fetch((self.stack.address() or "") + path, method, content, common | (headers or {}))

    def environment(self) -> dict[str, str]:
        """Return the environment variables of the deployed function."""
        return dict(self.function()["Environment"]["Variables"])

    def function(self) -> dict[str, Any]:
        """Return the configuration of the deployed function."""
        client = self.cloud.client("lambda")
        return dict(client.get_function_configuration(FunctionName=f"{self.stack.name}-api"))

    def _run(self, command: list[str], root: Path, environment: dict[str, str]) -> CommandResult:
        result = subprocess.run(
            command,
            cwd=root,
            env=self.cloud.environment() | environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return CommandResult(result.returncode, result.stdout)


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def expect(condition: object, message: str, result: CommandResult | None = None) -> None:
    """Raise a CliError unless the condition holds; the error includes the output of the command."""
    if not condition:
        raise CliError(f"{message}\n{result.output}" if result else message)
