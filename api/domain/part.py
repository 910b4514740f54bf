"""The mould of every struct that clients read or write."""

from __future__ import annotations

from msgspec import Struct


class Part(Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """Unknown members are refused, names are lowerCamelCase, nothing changes in place."""
