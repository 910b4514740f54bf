"""Keys of items: validation, normalisation, aliases, and unknown keys."""

from __future__ import annotations

from urllib.parse import quote

from tests.api.contract.test_methods import stable_headers
from tests.support.app import PATCH, TestApp, pointers, problem
from tests.support.inspection import etag, writes_nothing
from tests.support.resource_spec import ResourceSpec
from tests.support.resource_specs import with_aliases, with_client_keys, with_server_keys


@with_client_keys
def test_post_needs_a_valid_key_and_put_the_key_of_the_url(cafe: TestApp, spec: ResourceSpec) -> None:
    writer, pointer = spec.writer_client(cafe), f"/{spec.key_field}"
    with writes_nothing(cafe):
        for body in (spec.body | spec.post_fields, *(spec.post_body(key) for key in ("", "x" * 65, "a/b", "-")),
                     spec.post_body("") | {spec.key_field: 3}):  # fmt: skip
            assert pointers(writer.post(spec.path, body)) == [pointer]
        for key in ("tom", "", "LUNA" if spec.normalise_key is str else "LUNAX"):
            assert pointers(writer.put(spec.url("luna"), spec.post_body(key))) == [pointer]
        for key in ("a\tb", "-.-", "x" * 65, "a,b"):
            assert pointers(writer.put(spec.url(key), spec.body)) == [pointer]
    assert writer.put(spec.url("Zoë"), spec.post_body(" Zoë ")).status_code == 201


@with_client_keys
def test_post_with_existing_key_is_409(cafe: TestApp, spec: ResourceSpec) -> None:
    writer = spec.writer_client(cafe)
    spec.create(writer, "Zoë")
    with writes_nothing(cafe):
        for key in ("  Zoë ", "Zoe\u0308"):
            response = writer.post(spec.path, spec.post_body(key, **spec.other))
            assert problem(response, 409)["type"] == "/problems/conflict"


@with_client_keys
def test_equivalent_spellings_of_a_key_are_the_same_key(cafe: TestApp, spec: ResourceSpec) -> None:
    writer = spec.writer_client(cafe)
    existing = writer.get(spec.create(writer, "Zoë"))
    spellings = ["Zoë", "Zoe\u0308", " Zoë "]
    for key in spellings if spec.normalise_key is str else [*spellings, "ZOË", "zOE\u0308"]:
        assert writer.get(f"{spec.path}/{quote(key)}").data == existing.data
    assert writer.get(f"{spec.path}/ZO%C3%8B").status_code == (404 if spec.normalise_key is str else 200)


@with_aliases
def test_alias_path_serves_the_same_item(cafe: TestApp, spec: ResourceSpec) -> None:
    writer = spec.writer_client(cafe)
    path = spec.create(writer)
    alias = spec.aliases + path.removeprefix(spec.path)
    response, aliased = (spec.reader_client(cafe).get(url) for url in (path, alias))
    only_aliased = {"Content-Location", "Deprecation", "Sunset", "Link"}
    headers = {name: value for name, value in stable_headers(aliased).items() if name not in only_aliased}
    assert aliased.data == response.data
    assert headers == {name: value for name, value in stable_headers(response).items() if name != "Link"}
    assert writer.put(alias, spec.other, if_match=etag(writer.get(path))).json == writer.get(path).json
    assert writer.delete(alias).status_code == 204
    assert writer.get(path).status_code == 404


@with_server_keys
def test_unknown_server_key_is_404_for_every_method(cafe: TestApp, spec: ResourceSpec) -> None:
    writer = spec.writer_client(cafe)
    path = spec.create(writer)
    unknown_keys = (
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
        for key in unknown_keys:
            for method in ("GET", "PUT", "PATCH", "DELETE"):
                headers = (PATCH if method == "PATCH" else {}) | {"If-Match": "*"}
                problem(writer.send(method, f"{spec.path}/{quote(key, safe='')}", headers, json=spec.body), 404)
    assert writer.get(path).status_code == 200


@with_client_keys
def test_blank_or_malformed_key_in_the_url_is_422_for_put_and_404_for_get(cafe: TestApp, spec: ResourceSpec) -> None:
    writer = spec.writer_client(cafe)
    with writes_nothing(cafe):
        for key in ("%20", "%20%20", "%0A", "%09x", "..%20"):
            assert pointers(writer.put(f"{spec.path}/{key}", spec.body)) == [f"/{spec.key_field}"]
            problem(writer.get(f"{spec.path}/{key}"), 404)


@with_client_keys
def test_length_of_a_key_is_checked_after_normalisation(cafe: TestApp, spec: ResourceSpec) -> None:
    writer, decomposed = spec.writer_client(cafe), "e\u0301" * 64
    created = writer.post(spec.path, spec.post_body(f"  {decomposed} "))
    assert (created.status_code, created.json[spec.key_field]) == (201, "é" * 64)
    assert pointers(writer.post(spec.path, spec.post_body("é" * 65))) == [f"/{spec.key_field}"]
