"""A name of nothing but spaces is none, wherever it stands."""

from __future__ import annotations

import pytest

from tests.cafe import Cafe, pointers, problem


@pytest.mark.parametrize("blank", ["%20", "%20%20", "%0A", "%09x", "..%20"])
def test_no_cat_is_put_under_a_blank_or_broken_name(cafe: Cafe, blank: str) -> None:
    assert pointers(cafe.staff.put(f"/cats/{blank}", {"status": "available"})) == ["/name"]
    problem(cafe.public.get(f"/cats/{blank}"), 404)
    assert cafe.staff.get("/cats").json == {"items": []}


def test_a_name_is_measured_after_it_is_normalised(cafe: Cafe) -> None:
    decomposed = "e\u0301" * 64
    made = cafe.staff.post("/cats", {"name": f"  {decomposed} "})
    assert (made.status_code, made.json["name"]) == (201, "é" * 64)
    assert pointers(cafe.staff.post("/cats", {"name": "é" * 65})) == ["/name"]


@pytest.mark.parametrize(("header", "value"), [("If-Match", '"another"'), ("If-None-Match", "*")])
@pytest.mark.parametrize("path", ["/cats", "/cats/luna/weights", "/sessions"])
def test_a_post_evaluates_its_condition_before_it_does_anything(cafe: Cafe, path: str, header: str, value: str) -> None:
    cafe.staff.put("/cats/luna", {})
    body = {"/cats": {"name": "tom"}, "/cats/luna/weights": {"grams": 4000}}.get(
        path, {"username": "a", "password": "b"}
    )
    problem(cafe.staff.send("POST", path, {header: value}, json=body), 412)
    assert cafe.staff.get("/cats/tom").status_code == 404
    assert cafe.staff.get("/cats/luna/weights").json["items"] == []
