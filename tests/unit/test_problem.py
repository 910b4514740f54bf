"""The message of a tool that ends because of an error."""

from __future__ import annotations

from botocore.exceptions import ClientError

from tools.problem import explain


def test_an_aws_error_is_explained_in_its_own_words() -> None:
    error = ClientError({"Error": {"Code": "AccessDeniedException", "Message": "Nobody may."}}, "DescribeTable")
    assert explain(error) == "AWS refused DescribeTable: Nobody may."
