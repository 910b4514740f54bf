"""The keys of things: those that clients choose have one spelling and are taken once; others lead nowhere else."""

from __future__ import annotations

from urllib.parse import quote

from tests.api.contract.test_methods import headers
from tests.support.app import PATCH, TestApp, pointers, problem
from tests.support.inspection import etag, writes_nothing
from tests.support.resource_spec import ResourceSpec
from tests.support.resource_specs import with_aliases, with_client_keys, with_server_keys


@with_client_keys
def test_post_needs_the_key_and_put_needs_it_to_be_that_of_the_url(cafe: TestApp, spec: ResourceSpec) -> None:
    writer, at = spec.writer_client(cafe), f"/{spec.key_field}"
    with writes_nothing(cafe):
        for body in (spec.body | spec.post_fields, *(spec.post_body(key) for key in ("", "x" * 65, "a/b", "-")),
                     spec.post_body("") | {spec.key_field: 3}):  # fmt: skip
            assert pointers(writer.post(spec.path, body)) == [at]
        for key in ("tom", "", "LUNA" if spec.normalise_key is str else "LUNAX"):
            assert pointers(writer.put(spec.url("luna"), spec.post_body(key))) == [at]
        for key in ("a\tb", "-.-", "x" * 65, "a,b"):
            assert pointers(writer.put(spec.url(key), spec.body)) == [at]
    assert writer.put(spec.url("Zoë"), spec.post_body(" Zoë ")).status_code == 201


@with_client_keys
def test_post_under_a_taken_key_is_409_and_changes_nothing(cafe: TestApp, spec: ResourceSpec) -> None:
    writer = spec.writer_client(cafe)
    spec.create(writer, "Zoë")
    with writes_nothing(cafe):
        for key in ("  Zoë ", "Zoe\u0308"):
            taken = writer.post(spec.path, spec.post_body(key, **spec.other))
            assert problem(taken, 409)["type"] == "/problems/conflict"


@with_client_keys
def test_however_a_key_is_written_it_is_the_same_key(cafe: TestApp, spec: ResourceSpec) -> None:
    writer = spec.writer_client(cafe)
    there = writer.get(spec.create(writer, "Zoë"))
    spellings = ["Zoë", "Zoe\u0308", " Zoë "]
    for key in spellings if spec.normalise_key is str else [*spellings, "ZOË", "zOE\u0308"]:
        assert writer.get(f"{spec.path}/{quote(key)}").data == there.data
    assert writer.get(f"{spec.path}/ZO%C3%8B").status_code == (404 if spec.normalise_key is str else 200)


@with_aliases
def test_another_path_leads_to_the_same_thing(cafe: TestApp, spec: ResourceSpec) -> None:
    writer = spec.writer_client(cafe)
    path = spec.create(writer)
    alias = spec.aliases + path.removeprefix(spec.path)
    there, same = (spec.reader_client(cafe).get(one) for one in (path, alias))
    assert (same.data, headers(same)) == (there.data, headers(there))
    assert writer.put(alias, spec.other, if_match=etag(writer.get(path))).json == writer.get(path).json
    assert writer.delete(alias).status_code == 204
    assert writer.get(path).status_code == 404


@with_server_keys
def test_a_key_that_nobody_was_given_leads_to_nothing(cafe: TestApp, spec: ResourceSpec) -> None:
    writer = spec.writer_client(cafe)
    path = spec.create(writer)
    strange = (
        spec.missing_key,
        "0",
        "01",
        "-1",
        "1.0",
        "٣",
        "9" * 13,
        "x" * 65,
        "Zoë",
        "a b",
        "%",
        "luna",
        " ",
        "\n",
        "..a",
    )
    with writes_nothing(cafe):
        for key in strange:
            for method in ("GET", "PUT", "PATCH", "DELETE"):
                headers = (PATCH if method == "PATCH" else {}) | {"If-Match": "*"}
                problem(writer.send(method, f"{spec.path}/{quote(key, safe='')}", headers, json=spec.body), 404)
    assert writer.get(path).status_code == 200
