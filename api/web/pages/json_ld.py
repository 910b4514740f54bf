"""Structured data for search engines (JSON-LD), in a script element."""

from __future__ import annotations

from typing import Any

import msgspec
from markupsafe import Markup

_ESCAPES = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"})


def script_json(data: dict[str, Any]) -> Markup:
    """Return JSON that is safe in a script element, which ends at ``</script`` (and at ``<!--`` behaves strangely).

    A browser does not run a script of this type, so the Content-Security-Policy needs no nonce for it, and the page
    stays the same for caches.
    """
    given = {name: value for name, value in data.items() if value is not None}
    text = msgspec.json.encode({"@context": "https://schema.org", **given}).decode()
    return Markup(text.translate(_ESCAPES))  # noqa: S704 - the escapes make it safe
