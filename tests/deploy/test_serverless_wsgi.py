"""Test each workaround for serverless-wsgi, and what happens without it."""

from __future__ import annotations

from types import ModuleType

import pytest
import serverless_wsgi
from flask import Response

from tests.support.api_gateway import Gateway
from tests.support.deploy_fixtures import ImportHandler

DEFAULT_TEXT_TYPES = ["application/json", "application/javascript", "application/xml", "application/vnd.api+json"]


def test_problems_are_base64_without_the_registered_text_types(
    import_handler: ImportHandler, monkeypatch: pytest.MonkeyPatch
) -> None:
    function = import_handler()
    monkeypatch.setattr(serverless_wsgi, "TEXT_MIME_TYPES", list(DEFAULT_TEXT_TYPES))
    assert Gateway(function.handler).get("/nowhere").is_base64
    function = import_handler()
    assert not Gateway(function.handler).get("/nowhere").is_base64


def test_a_second_import_registers_no_text_type_twice(
    import_handler: ImportHandler, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serverless_wsgi, "TEXT_MIME_TYPES", list(DEFAULT_TEXT_TYPES))
    import_handler()
    registered = list(serverless_wsgi.TEXT_MIME_TYPES)
    import_handler()
    assert registered == serverless_wsgi.TEXT_MIME_TYPES
    assert len(registered) > len(DEFAULT_TEXT_TYPES)


def test_a_stage_path_is_404_without_the_prefix_middleware(function: ModuleType) -> None:
    gateway = Gateway(function.handler, stage="dev")
    assert gateway.get("/dev/cats").status == 200
    function.app.wsgi_app = function.app.wsgi_app._wsgi
    assert gateway.get("/dev/cats").status == 404


def test_a_repeated_header_is_detected(function: ModuleType) -> None:
    def add_link(response: Response) -> Response:
        response.headers.add("Link", "</again>; rel=next")
        return response

    function.app.after_request_funcs[None].insert(0, add_link)
    with pytest.raises(AssertionError, match="a header is sent twice"):
        Gateway(function.handler).get("/cats")


def test_a_response_is_closed_after_it_is_read(function: ModuleType) -> None:
    closed: list[str] = []

    def record_close(response: Response) -> Response:
        response.call_on_close(lambda: closed.append(response.status))
        return response

    function.app.after_request_funcs[None].append(record_close)
    gateway = Gateway(function.handler)
    assert gateway.get("/health").status == 200
    assert gateway.send("HEAD", "/static/style.css").status == 200
    assert closed == ["200 OK", "200 OK"]


def test_an_internal_error_does_not_show_its_cause(function: ModuleType) -> None:
    def fail() -> None:
        raise RuntimeError("a secret")

    function.app.before_request(fail)
    response = Gateway(function.handler).get("/cats")
    assert (response.status, response.is_base64, response.json["title"]) == (500, False, "Internal error")
    assert "secret" not in response.text
    assert "RuntimeError" not in response.text
