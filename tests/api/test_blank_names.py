"""A name of nothing but spaces is none, wherever it stands."""

from __future__ import annotations

import pytest

from tests.support.app import TestApp, pointers, problem
from tests.support.inspection import unchanged
from tests.support.resource_spec import ResourceSpec
from tests.support.resource_specs import chosen_keys


@chosen_keys
def test_nothing_is_put_under_a_blank_or_broken_name(cafe: TestApp, spec: ResourceSpec) -> None:
    writer = spec.who_writes(cafe)
    with unchanged(cafe):
        for blank in ("%20", "%20%20", "%0A", "%09x", "..%20"):
            assert pointers(writer.put(f"{spec.path}/{blank}", spec.body)) == [f"/{spec.member}"]
            problem(writer.get(f"{spec.path}/{blank}"), 404)


@chosen_keys
def test_a_name_is_measured_after_it_is_normalised(cafe: TestApp, spec: ResourceSpec) -> None:
    writer, decomposed = spec.who_writes(cafe), "e\u0301" * 64
    made = writer.post(spec.path, spec.named(f"  {decomposed} "))
    assert (made.status_code, made.json[spec.member]) == (201, "é" * 64)
    assert pointers(writer.post(spec.path, spec.named("é" * 65))) == [f"/{spec.member}"]


@pytest.mark.parametrize(("header", "value"), [("If-Match", '"another"'), ("If-None-Match", "*")])
@pytest.mark.parametrize("path", ["/cats/luna/weights", "/sessions"])
def test_a_post_evaluates_its_condition_before_it_does_anything(
    cafe: TestApp, path: str, header: str, value: str
) -> None:
    staff = cafe.staff
    staff.put("/cats/luna", {})
    body = {"grams": 4000} if "weights" in path else {"username": "a", "password": "b"}
    with unchanged(cafe):
        problem(staff.send("POST", path, {header: value}, json=body), 412)
