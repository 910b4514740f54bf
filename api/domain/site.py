"""The café as visitors know it, and what its home page shows."""

from __future__ import annotations

from msgspec import Struct

from api.domain.cat_views import PublicCat
from api.domain.pies import PieView
from api.domain.posts import PostView


class Site(Struct, frozen=True):
    """The name of the café, and where and when it is open. The defaults are those of a new café."""

    name: str = "Clowder"
    tagline: str = "Pie, coffee, and cats who would like to come home with you."
    address: tuple[str, ...] = ()
    """The lines of the address."""
    opening_hours: tuple[tuple[str, str], ...] = ()
    """Pairs of days and times: ``("Monday to Friday", "8:00 to 18:00")``."""


class HomeContents(Struct, frozen=True):
    """What the home page shows."""

    available: list[PublicCat]
    """Cats that look for a home, the newest first."""
    residents: list[PublicCat]
    """Cats that live in the café."""
    pies: list[PieView]
    posts: list[PostView]
    """The newest posts, without their authors."""
