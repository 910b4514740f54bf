"""Test the error messages of the tools."""

from __future__ import annotations

from botocore.exceptions import ClientError

from tools.cli import error_message


def test_an_aws_error_has_the_operation_and_the_message_of_aws() -> None:
    error = ClientError({"Error": {"Code": "AccessDeniedException", "Message": "Access denied."}}, "DescribeTable")
    assert error_message(error) == "AWS refused DescribeTable: Access denied."
