"""A name of nothing but spaces is none, wherever it stands."""

from __future__ import annotations

import pytest

from tests.support.app import TestApp, pointers, problem
from tests.support.inspection import writes_nothing
from tests.support.resource_spec import ResourceSpec
from tests.support.resource_specs import with_client_keys


@with_client_keys
def test_nothing_is_put_under_a_blank_or_broken_name(cafe: TestApp, spec: ResourceSpec) -> None:
    writer = spec.writer_client(cafe)
    with writes_nothing(cafe):
        for blank in ("%20", "%20%20", "%0A", "%09x", "..%20"):
            assert pointers(writer.put(f"{spec.path}/{blank}", spec.body)) == [f"/{spec.key_field}"]
            problem(writer.get(f"{spec.path}/{blank}"), 404)


@with_client_keys
def test_a_name_is_measured_after_it_is_normalised(cafe: TestApp, spec: ResourceSpec) -> None:
    writer, decomposed = spec.writer_client(cafe), "e\u0301" * 64
    made = writer.post(spec.path, spec.post_body(f"  {decomposed} "))
    assert (made.status_code, made.json[spec.key_field]) == (201, "é" * 64)
    assert pointers(writer.post(spec.path, spec.post_body("é" * 65))) == [f"/{spec.key_field}"]


@pytest.mark.parametrize(("header", "value"), [("If-Match", '"another"'), ("If-None-Match", "*")])
@pytest.mark.parametrize("path", ["/cats/luna/weights", "/sessions"])
def test_a_post_evaluates_its_condition_before_it_does_anything(
    cafe: TestApp, path: str, header: str, value: str
) -> None:
    staff = cafe.staff
    staff.put("/cats/luna", {})
    body = {"grams": 4000} if "weights" in path else {"username": "a", "password": "b"}
    with writes_nothing(cafe):
        problem(staff.send("POST", path, {header: value}, json=body), 412)
