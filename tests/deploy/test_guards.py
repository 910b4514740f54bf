"""What stands between serverless-wsgi's habits and a caller: each guard taken away shows what it keeps off."""

from __future__ import annotations

from types import ModuleType

import pytest
import serverless_wsgi
from flask import Response

from tests.support.api_gateway import Gateway
from tests.support.deploy_fixtures import Import

ORIGINAL = ["application/json", "application/javascript", "application/xml", "application/vnd.api+json"]


def test_without_our_text_types_a_problem_would_be_coded(
    import_handler: Import, monkeypatch: pytest.MonkeyPatch
) -> None:
    function = import_handler()
    monkeypatch.setattr(serverless_wsgi, "TEXT_MIME_TYPES", list(ORIGINAL))
    assert Gateway(function.handler).get("/nowhere").coded
    again = import_handler()
    assert not Gateway(again.handler).get("/nowhere").coded


def test_a_second_import_lists_no_type_twice(import_handler: Import, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serverless_wsgi, "TEXT_MIME_TYPES", list(ORIGINAL))
    import_handler()
    once = list(serverless_wsgi.TEXT_MIME_TYPES)
    import_handler()
    assert once == serverless_wsgi.TEXT_MIME_TYPES
    assert len(once) > len(ORIGINAL)


def test_without_the_stage_prefix_a_named_stage_is_no_place(function: ModuleType) -> None:
    gateway = Gateway(function.handler, stage="dev")
    assert gateway.get("/dev/cats").status == 200
    function.app.wsgi_app = function.app.wsgi_app._wsgi
    assert gateway.get("/dev/cats").status == 404


def test_a_header_that_is_sent_twice_would_be_seen(function: ModuleType) -> None:
    def another(response: Response) -> Response:
        response.headers.add("Link", "</again>; rel=next")
        return response

    function.app.after_request_funcs[None].insert(0, another)
    with pytest.raises(AssertionError, match="a header is sent twice"):
        Gateway(function.handler).get("/cats")


def test_an_answer_is_closed_when_it_has_been_read(function: ModuleType) -> None:
    closed: list[str] = []

    def note(response: Response) -> Response:
        response.call_on_close(lambda: closed.append(response.status))
        return response

    function.app.after_request_funcs[None].append(note)
    gateway = Gateway(function.handler)
    assert gateway.get("/health").status == 200
    assert gateway.send("HEAD", "/static/style.css").status == 200
    assert closed == ["200 OK", "200 OK"]


def test_a_fault_of_ours_is_a_problem_without_a_word_of_how_we_are_made(function: ModuleType) -> None:
    def fail() -> None:
        raise RuntimeError("secret of the house")

    function.app.before_request(fail)
    answer = Gateway(function.handler).get("/cats")
    assert (answer.status, answer.coded, answer.json["title"]) == (500, False, "Internal error")
    assert "secret" not in answer.text
    assert "RuntimeError" not in answer.text
