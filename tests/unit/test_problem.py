"""What a tool says when it ends because of an error: a sentence."""

from __future__ import annotations

from api.store.wire import Refused
from tools.problem import explain


def test_what_dynamodb_refuses_is_told_in_its_own_words() -> None:
    refused = Refused("DescribeTable", "AccessDeniedException", {"message": "Nobody may describe cats."})
    assert explain(refused) == "DynamoDB refused DescribeTable: AccessDeniedException: Nobody may describe cats."
