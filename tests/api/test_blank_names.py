"""A name of nothing but spaces is none, wherever it stands."""

from __future__ import annotations

import pytest

from tests.api.looking import unchanged
from tests.api.noun import Noun
from tests.api.nouns import chosen_keys
from tests.cafe import Cafe, pointers, problem


@chosen_keys
def test_nothing_is_put_under_a_blank_or_broken_name(cafe: Cafe, noun: Noun) -> None:
    writer = noun.who_writes(cafe)
    with unchanged(cafe):
        for blank in ("%20", "%20%20", "%0A", "%09x", "..%20"):
            assert pointers(writer.put(f"{noun.path}/{blank}", noun.body)) == [f"/{noun.member}"]
            problem(writer.get(f"{noun.path}/{blank}"), 404)


@chosen_keys
def test_a_name_is_measured_after_it_is_normalised(cafe: Cafe, noun: Noun) -> None:
    writer, decomposed = noun.who_writes(cafe), "e\u0301" * 64
    made = writer.post(noun.path, noun.named(f"  {decomposed} "))
    assert (made.status_code, made.json[noun.member]) == (201, "é" * 64)
    assert pointers(writer.post(noun.path, noun.named("é" * 65))) == [f"/{noun.member}"]


@pytest.mark.parametrize(("header", "value"), [("If-Match", '"another"'), ("If-None-Match", "*")])
@pytest.mark.parametrize("path", ["/cats/luna/weights", "/sessions"])
def test_a_post_evaluates_its_condition_before_it_does_anything(cafe: Cafe, path: str, header: str, value: str) -> None:
    staff = cafe.staff
    staff.put("/cats/luna", {})
    body = {"grams": 4000} if "weights" in path else {"username": "a", "password": "b"}
    with unchanged(cafe):
        problem(staff.send("POST", path, {header: value}, json=body), 412)
