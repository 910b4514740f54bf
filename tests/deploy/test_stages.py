"""A stage in the path is not a part of the API's paths, and it is a part of every link."""

from __future__ import annotations

import re
from pathlib import Path
from types import ModuleType

import pytest

from tests.support.api_gateway import Gateway

Headers = dict[str, str]

JSON = {"content-type": "application/json"}
BROWSER = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
SHOWN = '{"status": "available"}'
AMAZON = "a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com"
OWN = "api.cafe.example"


@pytest.fixture(
    params=[("dev", AMAZON, "/dev"), ("$default", AMAZON, ""), ("dev", OWN, ""), ("$default", OWN, "")],
    ids=["named stage", "$default", "named stage behind a custom domain", "$default behind one"],
)
def place(request: pytest.FixtureRequest, function: ModuleType) -> tuple[Gateway, str]:
    """A gateway, and what its paths begin with."""
    stage, host, prefix = request.param
    return Gateway(function.handler, stage=stage, host=host), prefix


def test_every_link_begins_with_what_the_paths_begin_with(place: tuple[Gateway, str], staff: Headers) -> None:
    gateway, base = place
    for name in ("ada", "bea", "cleo"):
        made = gateway.send("PUT", f"{base}/cats/{name}", staff | JSON, SHOWN)
        assert (made.status, made.headers["Location"]) == (201, f"{base}/cats/{name}")
    page = gateway.get(f"{base}/cats?limit=2")
    assert page.json["next"].startswith(f"{base}/cats?limit=2&cursor=")
    assert page.headers["Link"].split(", ") == [
        f'<{page.json["next"]}>; rel="next"',
        f'<{base}/openapi.json>; rel="service-desc"',
        f'<{base}/docs>; rel="service-doc"',
    ]
    assert [cat["name"] for cat in gateway.get(page.json["next"]).json["items"]] == ["cleo"]


def test_a_problem_names_itself_with_the_prefix_and_resolves(place: tuple[Gateway, str]) -> None:
    gateway, base = place
    told = gateway.get(f"{base}/cats/nobody").json
    assert told["type"] == f"{base}/problems/not-found"
    assert told["instance"] == f"{base}/cats/nobody"
    assert gateway.get(told["type"]).json["type"] == told["type"]


def test_all_that_a_page_names_is_there(place: tuple[Gateway, str], staff: Headers) -> None:
    gateway, base = place
    for path in ("/", "/docs", "/problems", "/problems/invalid", "/nowhere"):
        page = gateway.send("GET", base + path, BROWSER)
        named = re.findall(r'(?:href|src|data-openapi)="(/[^"#]*)', page.text)
        assert named
        for target in sorted(set(named)):
            assert target.startswith(f"{base}/")
            assert gateway.send("GET", target, staff | BROWSER).status == 200, target


def test_the_index_and_the_document_name_the_prefix(place: tuple[Gateway, str], staff: Headers) -> None:
    gateway, base = place
    hrefs = [link["href"] for link in gateway.get(base or "/").json["links"]]
    assert {href: gateway.send("GET", href, staff | BROWSER).status for href in hrefs} == dict.fromkeys(hrefs, 200)
    assert gateway.get(f"{base}/openapi.json").json["servers"] == [{"url": base or "/"}]


def test_absolute_links_are_those_that_the_caller_can_reach(place: tuple[Gateway, str]) -> None:
    gateway, base = place
    api = gateway.get(f"{base}/.well-known/api-catalog").json["linkset"][0]
    assert api["anchor"] == f"https://{gateway.host}{base}/"
    assert api["service-desc"][0]["href"] == f"https://{gateway.host}{base}/openapi.json"


def test_the_stage_alone_is_the_root(function: ModuleType) -> None:
    gateway = Gateway(function.handler, stage="dev")
    assert gateway.get("/dev").json == gateway.get("/dev/").json
    assert gateway.get("/developers").status == 404
    assert gateway.get("/dev/dev/cats").status == 404


def test_a_cursor_holds_only_where_it_was_given(function: ModuleType, staff: Headers) -> None:
    gateway = Gateway(function.handler, stage="dev")
    for name in ("ada", "bea"):
        gateway.send("PUT", f"/dev/cats/{name}", staff | JSON, SHOWN)
    onward = gateway.get("/dev/cats?limit=1").json["next"]
    assert gateway.get(onward + "x").status == 400
    assert gateway.get(onward).json["items"][0]["name"] == "bea"


def test_the_deployed_function_tells_serverless_wsgi_to_leave_stages_to_us(
    function: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert 'STRIP_STAGE_PATH: "yes"' in (Path(function.__file__ or "").parent / "serverless.yml").read_text()
    gateway = Gateway(function.handler, host=AMAZON)
    assert gateway.get("/cats/nobody").json["type"] == "/problems/not-found"
    monkeypatch.delenv("STRIP_STAGE_PATH")
    assert gateway.get("/cats/nobody").json["type"] == "/$default/problems/not-found"
