"""Query parameters of every resource: strict validation, with all errors in one response."""

from __future__ import annotations

from tests.support.app import PATCH, Client, TestApp, problem
from tests.support.inspection import writes_nothing
from tests.support.resource_spec import ResourceSpec
from tests.support.resource_specs import every_resource


def parameter_errors(client: Client, path: str) -> dict[str, str]:
    """Return the errors of a 400 response, by parameter."""
    body = problem(client.get(path), 400)
    assert body["type"] == "/problems/bad-query"
    assert body["detail"] == " ".join(error["detail"] for error in body["errors"])
    return {error["parameter"]: error["detail"] for error in body["errors"]}


LIMIT = "limit must be an integer from 1 to 100."


@every_resource
def test_limit_is_an_integer_from_1_to_100(cafe: TestApp, spec: ResourceSpec) -> None:
    reader = spec.reader_client(cafe)
    for value in ("0", "101", "-1", "+5", "1.0", "1e1", "٣", "", "%205", "x", "9" * 400, "null", "5,6"):
        assert parameter_errors(reader, f"{spec.path}?limit={value}") == {"limit": LIMIT}, value
    for value in ("1", "100", "007"):
        assert reader.get(f"{spec.path}?limit={value}").status_code == 200, value


@every_resource
def test_unknown_parameter_is_400_with_the_known_parameters(cafe: TestApp, spec: ResourceSpec) -> None:
    reader = spec.reader_client(cafe)
    for query in ("wings=2", "Limit=3", "limit[]=3", "%00=x", "=x", "fields%20=x"):
        (detail,) = parameter_errors(reader, f"{spec.path}?{query}").values()
        assert "Unknown parameter. Expected" in detail
        assert all(name in detail for name in ("cursor", "fields", "limit", spec.filter_name))


@every_resource
def test_repeated_parameter_is_400(cafe: TestApp, spec: ResourceSpec) -> None:
    errors = parameter_errors(spec.reader_client(cafe), f"{spec.path}?limit=3&limit=3")
    assert list(errors) == ["limit"]
    assert errors["limit"] == "limit must not be repeated."


@every_resource
def test_all_invalid_parameters_are_reported_at_once(cafe: TestApp, spec: ResourceSpec) -> None:
    query = f"limit=0&{spec.filter_name}={spec.invalid_filter}&fields=wings&wings=2&sort=a&sort=b"
    errors = parameter_errors(spec.reader_client(cafe), f"{spec.path}?{query}")
    assert errors.keys() == {"limit", spec.filter_name, "fields", "wings", "sort"}
    assert errors[spec.filter_name].startswith(f"{spec.filter_name} must be ")
    assert spec.filter_help in errors[spec.filter_name]


@every_resource
def test_unknown_fields_are_400(cafe: TestApp, spec: ResourceSpec) -> None:
    path = spec.create(spec.writer_client(cafe))
    reader = spec.reader_client(cafe)
    for url in (spec.path, path, spec.url(spec.missing_key)):
        for fields in ("", ",", "wings", f"{spec.key_field},wings", f"{spec.key_field}%2C%20version"):
            assert spec.key_field in parameter_errors(reader, f"{url}?fields={fields}")["fields"]


@every_resource
def test_fields_are_returned_in_the_requested_order(cafe: TestApp, spec: ResourceSpec) -> None:
    path = spec.create(spec.writer_client(cafe))
    reader = spec.reader_client(cafe)
    fields = ["version", spec.key_field]
    query = f"?fields={','.join([*fields, spec.key_field])}"
    assert list(reader.get(path + query).json) == fields
    items = reader.get(spec.path + query).json["items"]
    assert [list(item) for item in items] == [fields] * (1 + len(spec.existing_keys))


@every_resource
def test_filter_selects_the_matching_item(cafe: TestApp, spec: ResourceSpec) -> None:
    writer = spec.writer_client(cafe)
    paths = [spec.create(writer, "luna"), spec.create(writer, "tom", spec.other)]
    for value, path in zip(spec.filter_values, paths, strict=True):
        items = spec.reader_client(cafe).get(f"{spec.path}?{spec.filter_name}={value}").json["items"]
        assert [str(item[spec.key_field]) for item in items] == [spec.key_of(path)]


@every_resource
def test_write_with_a_query_parameter_is_400(cafe: TestApp, spec: ResourceSpec) -> None:
    writer = spec.writer_client(cafe)
    path = spec.create(writer)
    with writes_nothing(cafe):
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            url, content_type = spec.path if method == "POST" else path, PATCH if method == "PATCH" else {}
            response = writer.send(method, f"{url}?dry=true", content_type, json=spec.post_body("luna"))
            assert problem(response, 400)["errors"] == [
                {
                    "code": "unknown_parameter",
                    "detail": "dry: Unknown parameter. Expected no parameters.",
                    "parameter": "dry",
                }
            ]


STRAY = (
    "fbclid=x",
    "utm_source=a&utm_source=b&utm_medium=mail",
    "gclid=%ff",
    "_=1",
    "limit=3",
    "=",
    "&".join("a" * 500),
)


def test_pages_and_feeds_ignore_unknown_parameters(cafe: TestApp) -> None:
    """A page is what can be HTML. Its JSON ignores them too."""
    public = cafe.public
    for path in ("/", "/docs", "/login", "/logout", "/problems", "/problems/invalid", "/posts.atom"):
        plain = public.get(path, {"Accept": "text/html, */*;q=0.1"})
        assert plain.status_code == 200
        for query in STRAY:
            for method in ("GET", "HEAD"):
                response = public.send(method, f"{path}?{query}", {"Accept": "text/html, */*;q=0.1"})
                assert (response.status_code, response.headers.get("ETag")) == (200, plain.headers.get("ETag")), query
    for path in ("/", "/problems", "/problems/invalid"):
        assert public.get(f"{path}?fbclid=x", {"Accept": "application/json"}).json == public.get(path).json
    assert (
        public.get("/posts.atom?fbclid=x", {"If-None-Match": public.get("/posts.atom").headers["ETag"]}).status_code
        == 304
    )


def test_json_and_forms_stay_strict(cafe: TestApp) -> None:
    public = cafe.public
    for path in ("/cats", "/cats/luna", "/posts", "/pies", "/health", "/openapi.json", "/.well-known/api-catalog"):
        assert parameter_errors(public, f"{path}?fbclid=x").keys() == {"fbclid"}
    for path in ("/login", "/sessions"):
        problem(public.post(f"{path}?fbclid=x", {"username": "lu", "password": "x"}), 400)
