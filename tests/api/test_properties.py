"""Whatever is sent: what is good is kept as it was sent, what is bad gets a clear 4xx and changes nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from api.domain import names
from api.domain.cats import CatBody
from api.domain.weights import NewWeighing
from api.store.table import Table
from tests.api.looking import unchanged
from tests.api.strategies import bad, good
from tests.cafe import PATCH, Cafe, Caller
from tests.conftest import new_table

JSON = {"Content-Type": "application/json"}
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)
NAMES = (
    st.text(max_size=70) | st.text("aZ9 .-'é\u0301", max_size=8) | st.sampled_from(["", ".", "..", "%", "%2F", "a/b"])
)


@pytest.fixture(scope="module")
def quiet() -> Iterator[tuple[Cafe, Caller]]:
    """A café with two cats, to which only what is refused is sent; and one of its staff."""
    with new_table() as table:
        yield _opened(table)


def _opened(table: Table) -> tuple[Cafe, Caller]:
    cafe = Cafe(table)
    staff = cafe.staff
    for name in ("tom", "ada"):
        staff.put(f"/cats/{name}", {"status": "available"})
    return cafe, staff


def within(sent: Any, told: Any) -> bool:
    """Say whether all that was sent is in what is told; members that were not sent may be there besides."""
    if isinstance(sent, dict):
        return isinstance(told, dict) and all(name in told and within(sent[name], told[name]) for name in sent)
    if isinstance(sent, list):
        return len(sent) == len(told) and all(within(one, other) for one, other in zip(sent, told, strict=True))
    return bool(sent == told)


CATS_OWN = set(CatBody.__struct_encode_fields__)


@pytest.fixture(scope="module")
def busy() -> Iterator[Caller]:
    """One of the staff of a café with two cats, where things happen."""
    with new_table() as table:
        yield _opened(table)[1]


@settings(max_examples=60)
@given(body=good(CatBody))
def test_a_good_body_is_kept_as_it_was_sent(busy: Caller, body: dict[str, Any]) -> None:
    answer = busy.put("/cats/luna", body)
    assert answer.status_code in (200, 201), answer.json
    assert within(body, answer.json)
    assert busy.get("/cats/luna").json == answer.json
    assert busy.put("/cats/luna", {k: v for k, v in answer.json.items() if k in CATS_OWN}).status_code == 200


@settings(max_examples=30)
@given(first=good(CatBody), second=good(CatBody))
def test_a_patch_that_takes_all_away_and_then_says_something_is_a_put(
    busy: Caller, first: dict[str, Any], second: dict[str, Any]
) -> None:
    servers = {"version", "updated", "created"}
    busy.put("/cats/luna", first)
    put = busy.put("/cats/luna", second).json
    busy.put("/cats/luna", first)
    busy.patch("/cats/luna", dict.fromkeys(CATS_OWN), if_match="*")
    patched = busy.patch("/cats/luna", second, if_match="*")
    assert patched.status_code == 200, patched.json
    assert patched.json == put | {name: patched.json[name] for name in servers}


METHODS = st.sampled_from(["PUT", "PATCH", "POST"])


def addressed(method: str) -> tuple[str, dict[str, str]]:
    """Return where a method writes, and the headers that it needs."""
    path = "/cats" if method == "POST" else "/cats/tom"
    return path, (PATCH if method == "PATCH" else JSON) | {"If-Match": "*"}


@given(body=bad(CatBody), method=METHODS)
def test_a_body_with_one_thing_wrong_is_422_and_changes_nothing(
    quiet: tuple[Cafe, Caller], body: dict[str, Any], method: str
) -> None:
    (cafe, staff), (path, headers) = quiet, addressed(method)
    with unchanged(cafe):
        answer = staff.send(method, path, headers, json={"name": "new", **body} if method == "POST" else body)
    assert answer.status_code == 422, answer.json
    assert answer.json["errors"]


@settings(max_examples=50)
@given(body=bad(NewWeighing))
def test_scales_take_nothing_wrong(quiet: tuple[Cafe, Caller], body: dict[str, Any]) -> None:
    cafe, staff = quiet
    with unchanged(cafe):
        assert staff.post("/cats/tom/weights", body).status_code == 422


@settings(max_examples=50)
@given(sent=st.binary(max_size=60) | ANYTHING.map(lambda value: json.dumps(value).encode()), method=METHODS)
def test_whatever_bytes_come_they_are_refused_and_change_nothing(
    quiet: tuple[Cafe, Caller], sent: bytes, method: str
) -> None:
    (cafe, staff), (path, headers) = quiet, addressed(method)
    assume(sent.strip() != b"{}")
    with unchanged(cafe):
        assert staff.send(method, path, headers, data=sent).status_code in (400, 422)


@settings(max_examples=40)
@given(name=NAMES.filter(lambda name: names.fault(names.normalise(name)) is None))
def test_whatever_is_a_name_is_the_name_of_a_cat(busy: Caller, name: str) -> None:
    path = f"/cats/{quote(name, safe='')}"
    made = busy.put(path, {})
    assert made.status_code in (200, 201)
    assert busy.get(path).json["name"] == names.normalise(name)
    assert busy.get(f"/cats/{quote(made.json['name'], safe='')}").json == made.json
    assert busy.delete(path).status_code == 204


@settings(max_examples=50)
@given(name=NAMES.filter(lambda name: names.fault(names.normalise(name)) is not None))
def test_whatever_is_no_name_is_refused_and_changes_nothing(quiet: tuple[Cafe, Caller], name: str) -> None:
    cafe, staff = quiet
    path = f"/cats/{quote(name, safe='')}"
    with unchanged(cafe):
        assert staff.put(path, {}).status_code in (404, 422)
        assert staff.post("/cats", {"name": name}).status_code == 422
        for method in ("GET", "DELETE", "PATCH"):
            assert staff.send(method, path, PATCH, json={}).status_code == 404


ARGUMENTS = st.sampled_from(["limit", "cursor", "fields", "name", "breed", "sort", "status"]) | st.text(max_size=6)
VALUES = st.sampled_from(["1", "name", "age", "hold"]) | st.text(max_size=12)


@given(query=st.dictionaries(ARGUMENTS, VALUES, max_size=4))
def test_any_query_is_a_list_or_a_clear_refusal(quiet: tuple[Cafe, Caller], query: dict[str, str]) -> None:
    answer = quiet[0].public.get(f"/cats?{urlencode(query)}")
    assert answer.status_code in (200, 400)
    if answer.status_code == 400:
        assert {fault["parameter"] for fault in answer.json["errors"]} <= query.keys()


HEADERS = ("Accept", "Accept-Encoding", "If-Match", "If-None-Match", "Prefer", "Idempotency-Key", "Authorization")
LATIN_1 = st.characters(max_codepoint=255, exclude_characters="\r\n")


@settings(max_examples=50)
@given(headers=st.dictionaries(st.sampled_from(HEADERS), st.text(LATIN_1, max_size=12)))
def test_no_header_is_a_fault_of_ours(quiet: tuple[Cafe, Caller], headers: dict[str, str]) -> None:
    cafe, staff = quiet
    with unchanged(cafe):
        for method, path in (("GET", "/cats/tom"), ("GET", "/cats"), ("PATCH", "/cats/tom"), ("POST", "/cats")):
            assert staff.send(method, path, headers, json={}).status_code < 500
