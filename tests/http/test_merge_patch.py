"""Merge patches: every example of RFC 7396, appendix A, and the one difference.

The difference: a null for a member that the target has not stays in the result, and there the validation that follows
refuses it by name, for a target here has every member that there is.
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
OTHERWISE = {6: {"a": {"b": "d", "c": None}}, 13: {"a": "b", "c": None}, 14: {"a": {"bb": {"ccc": None}}}}
"""The examples where a null names nothing, with what they give here."""


@pytest.mark.parametrize("place", range(len(APPENDIX_A)))
def test_the_examples_of_the_rfc(place: int) -> None:
    target, patch, result = APPENDIX_A[place]
    assert merge_patch(target, patch) == OTHERWISE.get(place, result)


@pytest.mark.parametrize("place", OTHERWISE)
def test_where_it_differs_a_null_is_left_that_the_rfc_would_drop(place: int) -> None:
    assert _without_nulls(OTHERWISE[place]) == APPENDIX_A[place][2]


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
def test_a_merge_changes_neither_what_it_is_given_nor_differs_from_the_rfc_in_more_than_nulls(
    target: Any, patch: Any
) -> None:
    before = repr((target, patch))
    merged = merge_patch(target, patch)
    assert repr((target, patch)) == before
    assert _without_nulls(merged) == _without_nulls(_rfc(target, patch))


def _rfc(target: Any, patch: Any) -> Any:
    """The algorithm of RFC 7396, section 2, word for word."""
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = _rfc(result.get(name), value)
    return result
