"""Whatever is sent: what is good is kept as it was sent, what is bad gets a clear 4xx and changes nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import Phase, assume, given, settings
from hypothesis import strategies as st

from api.domain.sessions import Credentials
from api.domain.weights import NewWeighing
from tests.conftest import new_table
from tests.support.app import PATCH
from tests.support.populated_app import SERVICES, PopulatedApp
from tests.support.resource_spec import ResourceSpec
from tests.support.resource_specs import RESOURCE_SPECS, every_resource, with_client_keys, with_server_keys
from tests.support.strategies import SECRETS, bad, good

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)
ODD = st.sampled_from(["", ".", "..", "%", "%2F", "a/b", "0", "01", "a" * 64])
NAMES = st.text(max_size=70) | st.text("aZ9& .-'é\u0301", max_size=8) | ODD
# Nothing is made smaller: bodies are small, and whatever was kept by mistake makes every further look take longer.
tries = partial(settings, phases=[Phase.generate])
every_write = pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])


@pytest.fixture(scope="module")
def quiet() -> Iterator[PopulatedApp]:
    """A house to which only what is refused is sent: to look at the whole table takes little time."""
    with new_table() as table:
        yield PopulatedApp(table)


@pytest.fixture(scope="module")
def busy() -> Iterator[PopulatedApp]:
    """A house where things happen."""
    with new_table() as table:
        yield PopulatedApp(table)


def keyed(spec: ResourceSpec, key: str, body: dict[str, Any]) -> dict[str, Any]:
    """Return a body with the key, where keys are chosen; a key that it has already stays."""
    return {**({spec.key_field: key} if spec.client_keys else {}), **body}


def within(sent: Any, told: Any) -> bool:
    """Say whether all that was sent is in what is told; members that were not sent may be there besides."""
    if isinstance(sent, dict):
        return isinstance(told, dict) and all(name in told and within(sent[name], told[name]) for name in sent)
    if isinstance(sent, list):
        return len(sent) == len(told) and all(within(one, other) for one, other in zip(sent, told, strict=True))
    return bool(sent == told)


@every_resource
@pytest.mark.parametrize("method", ["POST", "PUT"])
@tries(max_examples=12)
@given(data=st.data())
def test_a_good_body_is_kept_as_it_was_sent(
    busy: PopulatedApp, spec: ResourceSpec, method: str, data: st.DataObject
) -> None:
    owner, ours = busy.owner, SERVICES[spec.path]
    owner.delete(spec.url("luna"))
    body = data.draw(good(ours.create_type if method == "POST" else ours.replace_type))
    new = method == "POST"
    answer = owner.post(spec.path, keyed(spec, "luna", body)) if new else owner.put(spec.create(owner), body)
    assert answer.status_code == (201 if new else 200), answer.json
    assert within({name: value for name, value in body.items() if name not in SECRETS}, answer.json)
    assert not SECRETS & answer.json.keys()
    path = spec.url(answer.json[spec.key_field])
    assert owner.get(path).json == answer.json
    mine = {name: value for name, value in answer.json.items() if name in ours.replace_type.__struct_encode_fields__}
    assert owner.put(path, mine).status_code == 200


@every_resource
@tries(max_examples=10)
@given(data=st.data())
def test_two_patches_of_which_one_takes_all_away_are_a_put(
    busy: PopulatedApp, spec: ResourceSpec, data: st.DataObject
) -> None:
    owner, ours = busy.owner, SERVICES[spec.path]
    first, second = data.draw(good(ours.replace_type)), data.draw(good(ours.replace_type))
    path = spec.create(owner) if not spec.client_keys else spec.url("luna")
    # What an owner gives can be given otherwise, and not taken away.
    lasting = {*spec.required, "role", "active", *SECRETS}
    away = dict.fromkeys({*ours.replace_type.__struct_encode_fields__} - lasting)
    owner.put(path, first)
    put = owner.put(path, second).json
    owner.put(path, first)
    assert owner.patch(path, away, if_match="*").status_code == 200
    patched = owner.patch(path, second, if_match="*")
    assert patched.status_code == 200, patched.json
    assert patched.json == put | {name: patched.json[name] for name in ("version", "updated", "created")}


@every_resource
@every_write
@tries(max_examples=12)
@given(data=st.data())
def test_one_thing_wrong_is_422_and_changes_nothing(
    quiet: PopulatedApp, spec: ResourceSpec, method: str, data: st.DataObject
) -> None:
    ours = SERVICES[spec.path]
    body = data.draw(bad(ours.create_type if method == "POST" else ours.replace_type))
    with quiet.writes_nothing():
        answer = quiet.send(spec, method, json=keyed(spec, "new", body) if method == "POST" else body)
    assert answer.status_code == 422, answer.json
    assert answer.json["errors"]


@tries(max_examples=30)
@given(body=bad(NewWeighing))
def test_scales_take_nothing_wrong(quiet: PopulatedApp, body: dict[str, Any]) -> None:
    with quiet.writes_nothing():
        assert quiet.owner.post("/cats/tom/weights", body).status_code == 422


@pytest.mark.parametrize("path", ["/sessions", "/login"])
@tries(max_examples=20)
@given(body=bad(Credentials))
def test_the_door_takes_nothing_wrong_and_counts_it_as_no_try(
    quiet: PopulatedApp, path: str, body: dict[str, Any]
) -> None:
    with quiet.writes_nothing():
        assert quiet.cafe.public.post(path, {"username": "tom", **body}).status_code == 422


@every_resource
@every_write
@tries(max_examples=8)
@given(sent=st.binary(max_size=60) | ANYTHING.map(lambda value: json.dumps(value).encode()))
def test_whatever_bytes_come_change_nothing(quiet: PopulatedApp, spec: ResourceSpec, method: str, sent: bytes) -> None:
    assume(sent.strip() != b"{}")
    with quiet.writes_nothing():
        assert quiet.send(spec, method, data=sent).status_code in (400, 422)


@with_client_keys
@tries(max_examples=25)
@given(name=NAMES)
def test_a_name_is_a_key_or_is_refused(quiet: PopulatedApp, busy: PopulatedApp, spec: ResourceSpec, name: str) -> None:
    owner, ours, path = busy.owner, SERVICES[spec.path], f"{spec.path}/{quote(name, safe='')}"
    key = ours.normalise_key(name)
    if ours.key_error(key) is None:
        made = owner.put(path, {})
        assert made.status_code == 201
        assert owner.get(path).json[spec.key_field] == made.json[spec.key_field] == key
        assert owner.get(made.headers["Location"]).json == made.json
        assert owner.delete(path).status_code == 204
        return
    with quiet.writes_nothing():
        assert quiet.owner.put(path, {}).status_code in (404, 422)
        assert quiet.owner.post(spec.path, spec.post_body(name)).status_code == 422
        for method in ("GET", "DELETE", "PATCH"):
            assert quiet.owner.send(method, path, PATCH, json={}).status_code == 404


@with_server_keys
@tries(max_examples=15)
@given(key=NAMES | st.integers().map(str))
def test_whatever_is_no_key_that_was_given_leads_to_nothing(quiet: PopulatedApp, spec: ResourceSpec, key: str) -> None:
    path = f"{spec.path}/{quote(key, safe='')}"
    assume(path != quiet.paths[spec.path])
    with quiet.writes_nothing():
        for method in ("GET", "PUT", "PATCH", "DELETE"):
            kind = PATCH if method == "PATCH" else {}
            assert quiet.owner.send(method, path, kind | {"If-None-Match": "*"}, json=spec.body).status_code == 404


ARGUMENTS = st.sampled_from(
    ["limit", "cursor", "fields", "name", "sort", "status", *(spec.filter_name for spec in RESOURCE_SPECS)]
)
VALUES = st.sampled_from(["1", "name", "age", "true", "hold", "luna", "member", "id"])


@every_resource
@tries(max_examples=30)
@given(query=st.dictionaries(ARGUMENTS | st.text(max_size=6), VALUES | st.text(max_size=12), max_size=4))
def test_any_query_is_a_list_or_a_clear_refusal(quiet: PopulatedApp, spec: ResourceSpec, query: dict[str, str]) -> None:
    answer = quiet.reader(spec).get(f"{spec.path}?{urlencode(query)}")
    assert answer.status_code in (200, 400)
    if answer.status_code == 400:
        assert {fault["parameter"] for fault in answer.json["errors"]} <= query.keys()


HEADERS = ("Accept", "Accept-Encoding", "If-Match", "If-None-Match", "Prefer", "Idempotency-Key", "Authorization")
LATIN_1 = st.characters(max_codepoint=255, exclude_characters="\r\n")


@every_resource
@tries(max_examples=15)
@given(headers=st.dictionaries(st.sampled_from(HEADERS), st.text(LATIN_1, max_size=12)))
def test_no_header_is_a_fault_of_ours(quiet: PopulatedApp, spec: ResourceSpec, headers: dict[str, str]) -> None:
    path = quiet.paths[spec.path]
    with quiet.writes_nothing():
        for method, there in (("GET", path), ("GET", spec.path), ("PATCH", path), ("POST", spec.path)):
            assert quiet.owner.send(method, there, headers, json={}).status_code < 500
