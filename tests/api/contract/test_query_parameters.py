"""Query arguments, for every spec: strict, and every fault is told with what the argument takes."""

from __future__ import annotations

from tests.support.app import PATCH, Client, TestApp, problem
from tests.support.inspection import writes_nothing
from tests.support.resource_spec import ResourceSpec
from tests.support.resource_specs import every_resource


def refused(who: Client, path: str) -> dict[str, str]:
    """Return what a 400 says of each query argument."""
    told = problem(who.get(path), 400)
    assert told["type"] == "/problems/bad-query"
    assert told["detail"] == " ".join(fault["detail"] for fault in told["errors"])
    return {fault["parameter"]: fault["detail"] for fault in told["errors"]}


LIMIT = "limit: How many entities a page has at the most. An integer from 1 to 100."


@every_resource
def test_a_limit_is_an_integer_from_1_to_100(cafe: TestApp, spec: ResourceSpec) -> None:
    reader = spec.reader_client(cafe)
    for value in ("0", "101", "-1", "+5", "1.0", "1e1", "٣", "", "%205", "x", "9" * 400, "null", "5,6"):
        assert refused(reader, f"{spec.path}?limit={value}") == {"limit": LIMIT}, value
    for value in ("1", "100", "007"):
        assert reader.get(f"{spec.path}?limit={value}").status_code == 200, value


@every_resource
def test_an_unknown_argument_is_refused_with_those_that_there_are(cafe: TestApp, spec: ResourceSpec) -> None:
    reader = spec.reader_client(cafe)
    for query in ("wings=2", "Limit=3", "limit[]=3", "%00=x", "=x", "fields%20=x"):
        (told,) = refused(reader, f"{spec.path}?{query}").values()
        assert "There is no such argument. This takes" in told
        assert all(name in told for name in ("cursor", "fields", "limit", spec.filter_name))


@every_resource
def test_an_argument_that_comes_twice_is_refused(cafe: TestApp, spec: ResourceSpec) -> None:
    told = refused(spec.reader_client(cafe), f"{spec.path}?limit=3&limit=3")
    assert list(told) == ["limit"]
    assert told["limit"].startswith("limit: This came more than once. How many")


@every_resource
def test_all_arguments_that_are_wrong_are_told_at_once(cafe: TestApp, spec: ResourceSpec) -> None:
    wrong = f"limit=0&{spec.filter_name}={spec.invalid_filter}&fields=wings&wings=2&sort=a&sort=b"
    told = refused(spec.reader_client(cafe), f"{spec.path}?{wrong}")
    assert told.keys() == {"limit", spec.filter_name, "fields", "wings", "sort"}
    assert told[spec.filter_name].startswith(f"{spec.filter_name}: ")
    assert spec.filter_help in told[spec.filter_name]


@every_resource
def test_only_members_that_there_are_can_be_chosen(cafe: TestApp, spec: ResourceSpec) -> None:
    path = spec.create(spec.writer_client(cafe))
    reader = spec.reader_client(cafe)
    for there in (spec.path, path, spec.url(spec.missing_key)):
        for fields in ("", ",", "wings", f"{spec.key_field},wings", f"{spec.key_field}%2C%20version"):
            assert spec.key_field in refused(reader, f"{there}?fields={fields}")["fields"]


@every_resource
def test_chosen_members_come_in_the_order_chosen_and_no_others(cafe: TestApp, spec: ResourceSpec) -> None:
    path = spec.create(spec.writer_client(cafe))
    reader = spec.reader_client(cafe)
    chosen = ["version", spec.key_field]
    query = f"?fields={','.join([*chosen, spec.key_field])}"
    assert list(reader.get(path + query).json) == chosen
    things = reader.get(spec.path + query).json["items"]
    assert [list(thing) for thing in things] == [chosen] * (1 + len(spec.existing_keys))


@every_resource
def test_a_filter_tells_things_apart(cafe: TestApp, spec: ResourceSpec) -> None:
    writer = spec.writer_client(cafe)
    made = [spec.create(writer, "luna"), spec.create(writer, "tom", spec.other)]
    for value, path in zip(spec.filter_values, made, strict=True):
        found = spec.reader_client(cafe).get(f"{spec.path}?{spec.filter_name}={value}").json["items"]
        assert [str(thing[spec.key_field]) for thing in found] == [spec.key_of(path)]


@every_resource
def test_a_write_takes_no_arguments(cafe: TestApp, spec: ResourceSpec) -> None:
    writer = spec.writer_client(cafe)
    path = spec.create(writer)
    with writes_nothing(cafe):
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            there, kind = spec.path if method == "POST" else path, PATCH if method == "PATCH" else {}
            answer = writer.send(method, f"{there}?dry=true", kind, json=spec.post_body("luna"))
            assert problem(answer, 400)["errors"] == [
                {"detail": "dry: There is no such argument. This takes none.", "parameter": "dry"}
            ]
