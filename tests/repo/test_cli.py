"""Test the error messages of the tools."""

from __future__ import annotations

import subprocess
import sys

import pytest
from botocore.exceptions import ClientError

from tests.support.deploy_fixtures import ROOT
from tools.cli import error_message


def test_an_aws_error_has_the_operation_and_the_message_of_aws() -> None:
    error = ClientError({"Error": {"Code": "AccessDeniedException", "Message": "Access denied."}}, "DescribeTable")
    assert error_message(error) == "AWS refused DescribeTable: Access denied."


@pytest.mark.parametrize("module", ["tools.local", "tools.package", "tools.deploy"])
def test_a_python_without_the_packages_is_an_error(module: str) -> None:
    command = [sys.executable, "-S", "-m", module]  # -S: without the packages of .venv
    result = subprocess.run(command, cwd=ROOT, env={}, capture_output=True, text=True)
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.startswith("Required packages are not installed. Run `make install`")
