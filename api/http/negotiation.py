"""Which format and which coding the caller wants (RFC 9110, sections 12.4 and 12.5)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache


def parse_accept(header: str) -> Iterator[tuple[str, float]]:
    """Yield each range of an Accept-like header with its quality value; parameters other than q are passed over."""
    for part in header.split(","):
        value, *parameters = (piece.strip().lower() for piece in part.split(";"))
        wanted = [text.strip() for name, _, text in (one.partition("=") for one in parameters) if name.strip() == "q"]
        try:
            q = min(max(float(wanted[0]), 0.0), 1.0) if wanted else 1.0
        except ValueError:
            q = 0.0
        if value:
            yield value, q


def quality(header: str | None, offer: str) -> float:
    """Return how much a caller wants a media type, 0 to 1; the most specific range decides."""
    wanted = list(parse_accept(header or ""))
    if not wanted:
        return 1.0
    precision = {offer: 3, f"{offer.split('/')[0]}/*": 2, "*/*": 1}
    ranges = [(precision[value], q) for value, q in wanted if value in precision]
    return max(ranges, default=(0, 0.0))[1]


@lru_cache(256)
def choose(header: str | None, offers: tuple[str, ...]) -> str | None:
    """Return the offer that a caller wants most, the first of equals; None if they want none."""
    best = max(offers, key=lambda offer: quality(header, offer))
    return best if quality(header, best) > 0 else None


def prefers_html(header: str | None) -> bool:
    """Say whether a page serves the caller better than a document for programs.

    Only those who name text/html get pages: ``*/*``, as curl sends it, is a program's.
    """
    if header is None or not any(value in ("text/html", "application/xhtml+xml") for value, _ in parse_accept(header)):
        return False
    return quality(header, "text/html") > max(
        quality(header, "application/json"), quality(header, "application/problem+json")
    )


def accepts_gzip(header: str | None) -> bool:
    """Say whether a caller wants gzip at least as much as no coding; without the header nobody is sent any."""
    codings = dict(parse_accept(header or ""))
    gzip = codings.get("gzip", codings.get("*", 0.0))
    return gzip > 0 and gzip >= codings.get("identity", 0.0)
