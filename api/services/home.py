"""The contents of the home page: the same for every caller."""

from __future__ import annotations

from api.context import ANONYMOUS, Context
from api.domain.cat_filters import FILTERS
from api.domain.cat_views import PublicCat, public_view
from api.domain.home import HomeContents
from api.domain.posts import to_view
from api.services.cats import CATS
from api.services.pies import PIES
from api.services.posts import POSTS
from api.services.site import SITE, current_site

AVAILABLE_SHOWN, RESIDENTS_SHOWN, PIES_SHOWN, POSTS_SHOWN = 4, 3, 5, 2
"""The page costs 3 RCU with cats of up to 1.3 KB, pies of 800 bytes, posts of 2 KB and a site of 4 KB.

A query of up to 4 KB costs half a unit, so that four cats of 1 KB or three of 1.3 KB are as cheap as one.
"""


def home_contents(context: Context) -> HomeContents:
    """Return what the public sees on the home page."""
    public = Context(context.dependencies, ANONYMOUS, context.now, root=context.root)
    pies = PIES.list_first(public, {}, PIES_SHOWN)
    # The home page does not show the authors, so they are not read.
    posts = [to_view(post, context.root) for post in POSTS.list_first(public, {}, POSTS_SHOWN)]
    (site,) = SITE.present(public, [current_site(context.dependencies)])
    return HomeContents(
        _newest(public, "available", AVAILABLE_SHOWN),
        _newest(public, "resident", RESIDENTS_SHOWN),
        list(PIES.present(public, pies)),
        posts,
        site,
    )


def _newest(public: Context, status: str, number: int) -> list[PublicCat]:
    """Return the newest cats of a status."""
    args = dict.fromkeys(FILTERS) | {"status": (status,), "sort": "-created"}
    return [public_view(cat, public.today, public.root) for cat in CATS.list_first(public, args, number)]
