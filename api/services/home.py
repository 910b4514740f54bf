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
from api.services.site import current_site

CATS_SHOWN, PIES_SHOWN, POSTS_SHOWN = 4, 5, 2
"""A query reads one entity more. The page costs 3 RCU with cats of up to 1.6 KB, pies of 680 bytes, posts of 1.3 KB."""


def home_contents(context: Context) -> HomeContents:
    """Return what the public sees on the home page."""
    public = Context(context.dependencies, ANONYMOUS, context.now, root=context.root)
    pies = PIES.list_page(public, {}, None, PIES_SHOWN)
    posts = POSTS.list_page(public, {}, None, POSTS_SHOWN)
    # The home page does not show the authors, so they are not read.
    views = [to_view(post, context.root) for post in posts.items]
    return HomeContents(
        _newest(public, "available"),
        _newest(public, "resident"),
        list(PIES.present(public, pies.items)),
        views,
        current_site(context.dependencies),
    )


def _newest(public: Context, status: str) -> list[PublicCat]:
    """Return the newest cats of a status."""
    args = dict.fromkeys(FILTERS) | {"status": (status,), "sort": "-created"}
    page = CATS.list_page(public, args, None, CATS_SHOWN)
    return [public_view(cat, public.today, public.root) for cat in page.items]
