"""Merge patches: the examples of RFC 7396, appendix A, and the one deviation from it.

The deviation: a null for a member that the target does not have stays in the result, so that the validation which
follows rejects the unknown member. The targets of the API have every known member.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.http.request_body import merge_patch

APPENDIX_A: list[tuple[Any, Any, Any]] = [
    ({"a": "b"}, {"a": "c"}, {"a": "c"}),
    ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
    ({"a": "b"}, {"a": None}, {}),
    ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
    ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
    ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
    ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
    ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
    (["a", "b"], ["c", "d"], ["c", "d"]),
    ({"a": "b"}, ["c"], ["c"]),
    ({"a": "foo"}, None, None),
    ({"a": "foo"}, "bar", "bar"),
    ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
    ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
    ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
]
DEVIATIONS = {6: {"a": {"b": "d", "c": None}}, 13: {"a": "b", "c": None}, 14: {"a": {"bb": {"ccc": None}}}}
"""The results that differ from the RFC, by index of the example: the null names a missing member."""


@pytest.mark.parametrize("index", range(len(APPENDIX_A)))
def test_examples_of_rfc_7396(index: int) -> None:
    target, patch, result = APPENDIX_A[index]
    assert merge_patch(target, patch) == DEVIATIONS.get(index, result)


@pytest.mark.parametrize("index", DEVIATIONS)
def test_deviations_from_the_rfc_are_only_nulls(index: int) -> None:
    assert _without_nulls(DEVIATIONS[index]) == APPENDIX_A[index][2]


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
def test_nested_object_is_patched_and_not_replaced(target: Any, patch: Any, result: Any) -> None:
    assert merge_patch(target, patch) == result


def _without_nulls(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return {name: _without_nulls(member) for name, member in value.items() if member is not None}


VALUES = st.recursive(
    st.none() | st.integers() | st.text(max_size=2),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)


@given(VALUES, VALUES)
def test_merge_patch_mutates_no_argument_and_deviates_from_the_rfc_only_in_nulls(target: Any, patch: Any) -> None:
    before = repr((target, patch))
    merged = merge_patch(target, patch)
    assert repr((target, patch)) == before
    assert _without_nulls(merged) == _without_nulls(_rfc(target, patch))


def _rfc(target: Any, patch: Any) -> Any:
    """Apply the algorithm of RFC 7396, section 2."""
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = _rfc(result.get(name), value)
    return result
