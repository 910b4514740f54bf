"""Addresses that are fixed are nobody's key: ``/todos/next`` is not the one named "next"."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from flask import Flask, Response, request
from werkzeug.exceptions import MethodNotAllowed
from werkzeug.routing import Rule

from api.http.request_body import MERGE_PATCH
from api.http.response_headers import allow_header


class LazyRule(Rule):
    """A rule that is ready to match at once; what builds a URL is compiled when one is built.

    Werkzeug writes and compiles two functions for each rule, which is most of what putting the app together takes;
    our links are written by hand, with the stage in front of them.
    """

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        compile_builder = super()._compile_builder

        def build(rule: Rule, **values: Any) -> tuple[str, str]:
            return compile_builder(append_unknown)(rule, **values)

        return build


def init_app(app: Flask) -> None:
    """Let a fixed address answer all methods itself, where a template beside it would take those that it has not."""

    @cache
    def fixed() -> dict[str, list[str]]:
        return {rule.rule: sorted(rule.methods or ()) for rule in app.url_map.iter_rules() if not rule.arguments}

    @app.before_request
    def check_method() -> Response | None:
        rule = request.url_rule
        if (rule is None or rule.arguments) and request.path in fixed():
            raise MethodNotAllowed(fixed()[request.path])
        if request.method != "OPTIONS" or rule is None:
            return None
        # Answered here, so that its Allow is to the letter that of a 405.
        methods = rule.methods or set()
        response = Response(status=204, headers={"Allow": allow_header(methods)})
        if "PATCH" in methods:
            response.headers["Accept-Patch"] = MERGE_PATCH
        return response
