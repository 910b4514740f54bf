"""A handler with two regressions: it has an unused import, and it handles each event twice."""

from __future__ import annotations

from typing import Any

import markdown_it  # noqa: F401 - the unused import is the regression

import handler as regular_handler


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Handle the event twice and return the second response."""
    regular_handler.handler(event, context)
    return regular_handler.handler(event, context)
