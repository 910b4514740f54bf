"""Calls the functions of the plugin of the serverless CLI, without the CLI."""

from __future__ import annotations

import atexit
import json
import os
import subprocess
from functools import cache
from typing import Any

from tools.deploy.serverless_config import ROOT
from tools.rehearsal.ministack import MiniStack

SERVER = """
require("node:readline").createInterface({ input: process.stdin }).on("line", (line) => {
  const [module, name, parameters] = JSON.parse(line);
  const exported = require(`./tools/serverless/${module}.cjs`)[name];
  console.log(JSON.stringify((typeof exported === "function" ? exported(...parameters) : exported) ?? null));
});
"""
"""Serves all calls of a test run that do not call AWS."""
CALL = """
const [module, name, options, endpoint] = JSON.parse(process.argv[1]);
const request = (service, method, parameters) => {
  const sdk = require(`@aws-sdk/client-${service.toLowerCase()}`);
  return new sdk[service]({ endpoint })[method](parameters);
};
let warning = "";
require(`./tools/serverless/${module}.cjs`)[name]({ ...options, request, warn: (text) => (warning = text) })
  .then((result) => console.log(JSON.stringify([result ?? null, warning])));
"""


def call(module: str, name: str, *arguments: Any) -> Any:
    """Call an exported function of a module in tools/serverless/, and return its result; None for undefined.

    The value of a constant is returned too.
    """
    process = _process()
    assert process.stdin
    assert process.stdout
    process.stdin.write(json.dumps([module, name, arguments]) + "\n")
    process.stdin.flush()
    return json.loads(process.stdout.readline())


def call_with_aws(cloud: MiniStack, module: str, name: str, options: dict[str, Any]) -> list[Any]:
    """Call a function that calls AWS, and return its result and its warning; None for undefined."""
    arguments = json.dumps([module, name, options, cloud.url])
    result = subprocess.run(
        ["node", "-e", CALL, arguments],
        cwd=ROOT,
        env=os.environ | cloud.environment(),
        check=True,
        capture_output=True,
        text=True,
    )
    return list(json.loads(result.stdout))


@cache
def _process() -> subprocess.Popen[str]:
    process = subprocess.Popen(
        ["node", "-e", SERVER], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    atexit.register(process.communicate)  # ends the process
    return process
