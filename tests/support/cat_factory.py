"""Cats for tests of the rules."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from api.domain.cats import Cat

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def cat(name: str = "luna", **members: Any) -> Cat:
    """Return a cat as she is kept, with some members."""
    kept: dict[str, Any] = {"uid": f"uid of {name}", "created": NOON, "updated": NOON, "version": 1}
    return Cat(name=name, **kept | members)
