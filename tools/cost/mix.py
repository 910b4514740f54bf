"""Which requests come how often, and what else is assumed: nothing here is measured, and nothing is a price.

What is assumed errs to the dear side.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from msgspec import Struct


class Request(Struct, frozen=True):
    """A kind of request."""

    name: str
    """Its method and its path."""
    percent: int
    """How many of a hundred requests are of this kind."""
    status: int
    """What a good answer has."""
    body: Mapping[str, Any] | None = None
    """What is sent, if anything; ``{0}`` is the number of the request, ``{1}`` the owner's password."""
    staff: bool = False
    """Whether somebody of the staff sends it, with a token; else anybody."""
    media: str = "application/json"
    """What the body is."""

    @property
    def method(self) -> str:
        """The method."""
        return self.name.split(" ")[0]

    @property
    def path(self) -> str:
        """The path."""
        return self.name.split(" ")[1]


MIX = (
    Request("GET /cats", 40, 200),
    Request("GET /cats/luna", 35, 200),
    Request("GET /pies", 15, 200),
    Request(
        "PATCH /cats/luna",
        4,
        200,
        {"description": "Greets guest {0}."},
        staff=True,
        media="application/merge-patch+json",
    ),
    Request("POST /cats/luna/weights", 3, 201, {"grams": 4100}, staff=True),
    Request("POST /todos", 2, 201, {"title": "Buy milk", "kind": "shop"}, staff=True),
    Request("POST /sessions", 1, 201, {"username": "owner", "password": "{1}"}),
)
"""Nine of ten requests read, as the public does; one writes. A login is dear: its hash is meant to be slow."""

SLOWNESS = Decimal(1769) / Decimal(1024)
"""How much longer a second of CPU takes with serverless.yml's 1024 MB: Lambda gives a whole vCPU at 1,769 MB, and
less in proportion (https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html)."""
CALL_MS = Decimal(10)
"""What a call to DynamoDB is waited for: AWS promises single-digit milliseconds."""
SELDOM = Decimal("0.01")
COLD_SHARE = {10_000: Decimal(1)}
"""Which part of the requests waits for a cold start. Of 10,000 a month, one every four minutes: at worst each.
Of more of them seldom: AWS says, less than one in a hundred (https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html)."""
STORED_GB = {0: Decimal("0.1"), 10_000: Decimal("0.1"), 10_000_000: Decimal(1)}
"""What is in the table, with its indexes."""
PLATFORM_LOG_BYTES = Decimal(1000)
"""Lambda's three lines a request (START, END, REPORT), the gateway's access line, and 26 bytes for each of the five."""
KEPT_PACKAGES_GB = Decimal("0.05")
"""What osls keeps of packages in its bucket: five of below 7 MB."""
HOURS = Decimal(730)
"""Hours of a month, as AWS counts them."""
