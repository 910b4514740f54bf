"""Test ``npx serverless wsgi serve``, and the commands of the plugin serverless-wsgi that do not work."""

from __future__ import annotations

import json
import subprocess
import urllib.request
from pathlib import Path

import pytest

from tests.support.dev_server import local_cafe
from tools.deploy.osls import PROGRAM, REFUSED, prepare_workdir


def test_wsgi_serve_serves_the_local_table_and_stops_with_all_processes(tmp_path: Path) -> None:
    with local_cafe(tmp_path, (str(PROGRAM), "wsgi", "serve", "--port", "0")) as cafe:
        assert cafe.password == (tmp_path / "owner.password").read_text(encoding="utf-8").strip()
        with urllib.request.urlopen(f"{cafe.url}/cats/luna") as response:
            assert json.load(response)["name"] == "luna"
        cafe.process.terminate()
        # The end of the output: no process has the pipe.
        output, _ = cafe.process.communicate(timeout=30)
    assert output.rstrip().endswith("The server has stopped.")
    assert cafe.process.returncode == 0


@pytest.mark.parametrize("command", ["wsgi", "wsgi flask local"])
def test_the_other_commands_of_serverless_wsgi_say_what_to_use_instead(command: str, tmp_path: Path) -> None:
    prepare_workdir(tmp_path)
    arguments = [str(PROGRAM), *command.split(), *(["--command", "x"] if command != "wsgi" else [])]
    result = subprocess.run(arguments, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert result.returncode == REFUSED
    assert result.stdout == (
        f"Error:\nserverless {command} needs the handler of the plugin serverless-wsgi, which Clowder does not use. "
        "serverless wsgi serve serves the API on this machine, and tools/ops has the commands for a stage. "
        "Nothing was changed.\n"
    )
