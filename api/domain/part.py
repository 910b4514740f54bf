"""The mould of every struct that clients read or write."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

Instant = Annotated[datetime, Meta(tz=True)]
"""A point in time, with its offset; ours are in UTC."""


class Part(Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """Unknown members are refused, names are lowerCamelCase, nothing changes in place."""
