"""Content negotiation: the media type and the content coding of a response (RFC 9110, sections 12.4 and 12.5).

Werkzeug's ``best_match`` takes a range with a parameter, such as ``application/json;charset=utf-8``, for another media
type, which would be a 406. Here, parameters other than ``q`` are ignored.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache


def parse_accept(header: str) -> Iterator[tuple[str, float]]:
    """Yield the ranges of an Accept or Accept-Encoding header with their quality values. An invalid one counts as 0."""
    for part in header.split(","):
        value, *parameters = (piece.strip().lower() for piece in part.split(";"))
        pairs = (parameter.partition("=") for parameter in parameters)
        q_values = [text.strip() for name, _, text in pairs if name.strip() == "q"]
        try:
            q = min(max(float(q_values[0]), 0.0), 1.0) if q_values else 1.0
        except ValueError:
            q = 0.0
        if value:
            yield value, q


def quality(header: str | None, offer: str) -> float:
    """Return the quality value of a media type, 0 to 1. The most specific range decides. Without a header it is 1."""
    accepted = list(parse_accept(header or ""))
    if not accepted:
        return 1.0
    precision = {offer: 3, f"{offer.split('/')[0]}/*": 2, "*/*": 1}
    matching = [(precision[value], q) for value, q in accepted if value in precision]
    return max(matching, default=(0, 0.0))[1]


@lru_cache(256)
def choose(header: str | None, offers: tuple[str, ...]) -> str | None:
    """Return the offer with the highest quality value, the first of equals. Return None if the client accepts none."""
    best = max(offers, key=lambda offer: quality(header, offer))
    return best if quality(header, best) > 0 else None


def prefers_html(header: str | None) -> bool:
    """Return whether a client prefers HTML to JSON, as ``choose`` does where JSON is the first offer.

    No header, and ``*/*``, which curl sends, mean a program. Browsers send ``text/html`` with a higher weight. XHTML is
    another type, which no resource has: a client that accepts nothing else gets a 406 (RFC 9110, section 12.5.1).
    """
    return quality(header, "text/html") > max(
        quality(header, "application/json"), quality(header, "application/problem+json")
    )


def accepts_gzip(header: str | None) -> bool:
    """Return whether a client accepts gzip, and does not prefer identity. Without a header it does not accept gzip."""
    codings = dict(parse_accept(header or ""))
    gzip = codings.get("gzip", codings.get("*", 0.0))
    return gzip > 0 and gzip >= codings.get("identity", 0.0)
