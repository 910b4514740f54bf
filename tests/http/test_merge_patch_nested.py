"""A merge patch inside a member: what it does not name stays."""

from __future__ import annotations

from typing import Any

import pytest

from api.http.request_body import merge_patch


@pytest.mark.parametrize(
    ("target", "patch", "result"),
    [
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": 3}}, {"a": {"b": 3, "c": 2}}),
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": None}}, {"a": {"c": 2}}),
        ({"a": {"b": {"c": 1, "d": 2}}}, {"a": {"b": {"c": None}}}, {"a": {"b": {"d": 2}}}),
        ({"a": {"b": 1}}, {"a": {}}, {"a": {"b": 1}}),
        ({"a": None}, {"a": {"b": 1}}, {"a": {"b": 1}}),
        ({"a": None}, {"a": None}, {}),
    ],
)
def test_a_part_is_patched_and_not_replaced(target: Any, patch: Any, result: Any) -> None:
    assert merge_patch(target, patch) == result
