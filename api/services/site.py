"""The service of the site. Everyone may read it, and the owner may change it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import cast

from msgspec import Struct

from api.context import Dependencies
from api.domain import site
from api.domain.errors import Unavailable
from api.domain.site import ReplaceSite, Site, SiteView
from api.services import mappings
from api.services.entity_service import EntityService

MAX_AGE = timedelta(seconds=5)
"""How long a process uses the site that it has read: as long as caches use the public lists."""


SITE: EntityService[Site, ReplaceSite, ReplaceSite, SiteView, None] = EntityService(
    repository=mappings.SITE,
    create_type=ReplaceSite,
    replace_type=ReplaceSite,
    key_field="",
    full_access_role="owner",
    validate=lambda _context, _key, _before, body, _related: site.validate(body),
    create_entity=lambda body, _key, write: site.update(site.DEFAULT, body, write),
    update_entity=site.update,
    to_body=site.to_body,
    present=lambda context, sites: [
        site.to_view(each, context.dependencies.settings.time_zone, context.root) for each in sites
    ],
    list_query=lambda _context, _args: ([], None),
)


class _Cached(Struct, frozen=True):
    site: Site | None
    """None after a change, until it is read."""
    at: datetime


def current_site(dependencies: Dependencies, *, may_read: bool = True) -> Site:
    """Return the site for a page. A process reads it at most once in ``MAX_AGE``, and after each of its own changes.

    Every page needs the site, also the page of an error. So this does not fail: without the database, it returns what
    the process read last, or the defaults.

    Args:
        dependencies: the table and the clock.
        may_read: whether the database may be asked. The page of an error of the server does not.
    """
    cache, now = dependencies.process_cache, dependencies.clock()
    cached = cast(_Cached | None, cache.get(site.KEY))
    known = cached and cached.site
    if known and (not may_read or abs(now - cast(_Cached, cached).at) < MAX_AGE):
        return known
    if not may_read:
        return site.DEFAULT
    try:
        item = dependencies.table.get(mappings.SITE.item_key(site.KEY), consistent=cached is not None and not known)
    except Unavailable:
        return known or site.DEFAULT
    record = mappings.SITE.try_read(item) if item else None
    found = record.value if record else site.DEFAULT
    if cache.get(site.KEY) is cached:  # otherwise, another thread has changed the site after this read
        cache[site.KEY] = _Cached(found, now)
    return found


def forget_site(dependencies: Dependencies) -> None:
    """Let the next page of the process read the site again, consistently, after a change."""
    dependencies.process_cache[site.KEY] = _Cached(None, dependencies.clock())
