"""Calls the functions of the plugin of the serverless CLI. One Node process serves all calls of a test run."""

from __future__ import annotations

import atexit
import json
import subprocess
from functools import cache
from typing import Any

from tools.deploy.serverless_config import ROOT

SERVER = """
require("node:readline").createInterface({ input: process.stdin }).on("line", (line) => {
  const [module, name, parameters] = JSON.parse(line);
  const exported = require(`./tools/serverless/${module}.cjs`)[name];
  console.log(JSON.stringify((typeof exported === "function" ? exported(...parameters) : exported) ?? null));
});
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


@cache
def _process() -> subprocess.Popen[str]:
    process = subprocess.Popen(
        ["node", "-e", SERVER], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    atexit.register(process.communicate)  # ends the process
    return process
