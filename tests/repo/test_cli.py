"""The message of a tool that ends because of an error."""

from __future__ import annotations

from botocore.exceptions import ClientError

from tools.cli import error_message


def test_an_aws_error_is_explained_in_its_own_words() -> None:
    error = ClientError({"Error": {"Code": "AccessDeniedException", "Message": "Nobody may."}}, "DescribeTable")
    assert error_message(error) == "AWS refused DescribeTable: Nobody may."
