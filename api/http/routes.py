"""Addresses that are fixed are nobody's key: ``/todos/next`` is not the one named "next"."""

from __future__ import annotations

from functools import cache

from flask import Flask, request
from werkzeug.exceptions import MethodNotAllowed


def init_app(app: Flask) -> None:
    """Let a fixed address answer all methods itself, where a template beside it would take those that it has not."""

    @cache
    def fixed() -> dict[str, list[str]]:
        return {rule.rule: sorted(rule.methods or ()) for rule in app.url_map.iter_rules() if not rule.arguments}

    @app.before_request
    def keep() -> None:
        rule = request.url_rule
        if (rule is None or rule.arguments) and request.path in fixed():
            raise MethodNotAllowed(fixed()[request.path])
