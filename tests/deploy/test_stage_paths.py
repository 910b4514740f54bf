"""Test that a stage in the path is not part of the routes, but part of every link."""

from __future__ import annotations

import re
from pathlib import Path
from types import ModuleType

import pytest

from tests.support.api_gateway import Gateway

Headers = dict[str, str]

JSON = {"content-type": "application/json"}
BROWSER = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
AVAILABLE_CAT = '{"status": "available"}'
AWS_HOST = "a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com"
CUSTOM_HOST = "api.cafe.example"


@pytest.fixture(
    params=[
        ("dev", AWS_HOST, "/dev"),
        ("$default", AWS_HOST, ""),
        ("dev", CUSTOM_HOST, ""),
        ("$default", CUSTOM_HOST, ""),
    ],
    ids=["named stage", "$default", "named stage behind a custom domain", "$default behind one"],
)
def deployment(request: pytest.FixtureRequest, function: ModuleType) -> tuple[Gateway, str]:
    """Return a gateway and the prefix of its paths."""
    stage, host, prefix = request.param
    return Gateway(function.handler, stage=stage, host=host), prefix


def test_every_link_starts_with_the_stage_prefix(deployment: tuple[Gateway, str], staff: Headers) -> None:
    gateway, base = deployment
    for name in ("ada", "bea", "cleo"):
        created = gateway.send("PUT", f"{base}/cats/{name}", staff | JSON, AVAILABLE_CAT)
        assert (created.status, created.headers["Location"]) == (201, f"{base}/cats/{name}")
    page = gateway.get(f"{base}/cats?limit=2")
    assert page.json["next"].startswith(f"{base}/cats?limit=2&cursor=")
    assert page.headers["Link"].split(", ") == [
        f'<{page.json["next"]}>; rel="next"',
        f'<{base}/openapi.json>; rel="service-desc"',
        f'<{base}/docs>; rel="service-doc"',
    ]
    assert [cat["name"] for cat in gateway.get(page.json["next"]).json["items"]] == ["cleo"]


def test_problem_type_and_instance_have_the_prefix(deployment: tuple[Gateway, str]) -> None:
    gateway, base = deployment
    problem = gateway.get(f"{base}/cats/missing").json
    assert problem["type"] == f"{base}/problems/not-found"
    assert problem["instance"] == f"{base}/cats/missing"
    assert gateway.get(problem["type"]).json["type"] == problem["type"]


def test_every_link_of_an_html_page_works(deployment: tuple[Gateway, str], staff: Headers) -> None:
    gateway, base = deployment
    for path in ("/", "/cats", "/pies", "/posts", "/docs", "/problems", "/problems/invalid", "/nowhere"):
        page = gateway.send("GET", base + path, BROWSER)
        links = re.findall(r'(?:href|src|data-openapi)="(/[^"#]*)', page.text)
        assert links
        for target in sorted(set(links)):
            assert target.startswith(f"{base}/")
            assert gateway.send("GET", target, staff | BROWSER).status == 200, target


def test_the_index_and_the_openapi_document_have_the_prefix(deployment: tuple[Gateway, str], staff: Headers) -> None:
    gateway, base = deployment
    hrefs = [link["href"] for link in gateway.get(base or "/").json["links"]]
    assert {href: gateway.send("GET", href, staff | BROWSER).status for href in hrefs} == dict.fromkeys(hrefs, 200)
    servers = gateway.get(f"{base}/openapi.json").json["servers"]
    assert [server["url"] for server in servers] == [f"https://{gateway.host}{base}"]


def test_absolute_links_have_the_host_of_the_request(deployment: tuple[Gateway, str]) -> None:
    gateway, base = deployment
    api = gateway.get(f"{base}/.well-known/api-catalog").json["linkset"][0]
    assert api["anchor"] == f"https://{gateway.host}{base}/"
    assert api["service-desc"][0]["href"] == f"https://{gateway.host}{base}/openapi.json"


def test_the_stage_path_is_the_root(function: ModuleType) -> None:
    gateway = Gateway(function.handler, stage="dev")
    assert gateway.get("/dev").json == gateway.get("/dev/").json
    assert gateway.get("/developers").status == 404
    assert gateway.get("/dev/dev/cats").status == 404


def test_a_cursor_works_and_a_changed_cursor_is_400(function: ModuleType, staff: Headers) -> None:
    gateway = Gateway(function.handler, stage="dev")
    for name in ("ada", "bea"):
        gateway.send("PUT", f"/dev/cats/{name}", staff | JSON, AVAILABLE_CAT)
    next_page = gateway.get("/dev/cats?limit=1").json["next"]
    assert gateway.get(next_page + "x").status == 400
    assert gateway.get(next_page).json["items"][0]["name"] == "bea"


def test_strip_stage_path_stops_serverless_wsgi_from_adding_the_stage(
    function: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert 'STRIP_STAGE_PATH: "yes"' in (Path(function.__file__ or "").parent / "serverless.yml").read_text()
    gateway = Gateway(function.handler, host=AWS_HOST)
    assert gateway.get("/cats/missing").json["type"] == "/problems/not-found"
    monkeypatch.delenv("STRIP_STAGE_PATH")
    assert gateway.get("/cats/missing").json["type"] == "/$default/problems/not-found"
