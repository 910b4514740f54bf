"""What the home page shows."""

from __future__ import annotations

from msgspec import Struct

from api.domain.cat_views import PublicCat
from api.domain.pies import PieView
from api.domain.posts import PostView
from api.domain.site import SiteView


class HomeContents(Struct, frozen=True):
    """What the home page shows."""

    available: list[PublicCat]
    """Cats that look for a home, the newest first."""
    residents: list[PublicCat]
    """Cats that live in the café."""
    pies: list[PieView]
    posts: list[PostView]
    """The newest posts, without their authors."""
    site: SiteView
