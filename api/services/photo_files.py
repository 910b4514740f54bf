"""Delete the files of photos that no entity has.

A file exists in the bucket, which has no transactions. So the transaction that takes a photo from its entity also
stores the deletion of its files, and the deletion is finished after the commit. If that fails, ``finish_deletions``
repeats it: after the next upload, and every day.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping
from typing import Any

from api.context import Dependencies
from api.domain.entity import WriteContext
from api.domain.errors import Unavailable
from api.domain.photos import PhotoDeletion, deletion_of, entity_key, file_keys, parse_entity_key
from api.services.mappings import CAT, PHOTO_DELETION, PIE, POST, SITE, UPLOADS
from api.store.keys import LAST, KeyRange, timestamp_key
from api.store.repository import Repository
from api.store.transaction import UNCONDITIONAL, TransactItem

ENTITIES: Mapping[str, Repository[Any]] = {repository.collection: repository for repository in (CAT, PIE, POST, SITE)}
"""The entities that have photos, by collection."""
PAGE = 25

log = logging.getLogger("clowder")


def deletion_writes(
    collection: str, key: str, before: Any, after: Any, write: WriteContext
) -> tuple[PhotoDeletion | None, list[TransactItem]]:
    """Return the deletion of the files of photos that a change takes from an entity, and the writes of the change.

    Args:
        collection: the collection of the entity.
        key: its key.
        before: the entity before the change.
        after: None if it is deleted. Its uploads are then deleted too.
        write: the change.
    """
    entity = entity_key(collection, key)
    deletion = deletion_of(entity, before, after, write)
    writes = [PHOTO_DELETION.put(deletion, write.id, None)] if deletion else []
    return deletion, [*writes, *([] if after else [UPLOADS.delete(entity, UNCONDITIONAL)])]


def finish_deletion(dependencies: Dependencies, deletion: PhotoDeletion) -> None:
    """Delete the files of a deletion whose photos are gone, and then the deletion. An error is logged."""
    try:
        if deletion.files:
            dependencies.open_bucket().delete(deletion.files)
        dependencies.table.transact([PHOTO_DELETION.delete(deletion.id, UNCONDITIONAL)], dependencies.new_id())
    except Unavailable as error:
        fields = {"deletion": deletion.id, "cause": str(error.__cause__ or error)}
        log.warning("photo files not deleted yet", extra={"fields": fields})


def finish_deletions(dependencies: Dependencies, limit: float = math.inf) -> None:
    """Delete the files of photos that no entity has, and that something was interrupted before it deleted.

    ``process_upload`` calls it for a few deletions, and a schedule calls it every day for all.

    Args:
        dependencies: the dependencies.
        limit: the most deletions that are finished, the oldest first.
    """
    span = KeyRange("list-by_time", PHOTO_DELETION.collection, high=timestamp_key(dependencies.clock()) + LAST)
    position, left = None, limit
    while left > 0:
        page = PHOTO_DELETION.page(dependencies.table, [span], position, int(min(left, PAGE)), None)
        for deletion in page.items:
            if current := _without_photos(dependencies, deletion):
                finish_deletion(dependencies, current)
        position, left = page.position, left - len(page.items)
        if position is None:
            return


def _without_photos(dependencies: Dependencies, deletion: PhotoDeletion) -> PhotoDeletion | None:
    """Return a deletion without the files of the photos that its entity has; None if only another release knows it."""
    collection, key = parse_entity_key(deletion.entity)
    if collection not in ENTITIES:
        fields = {"deletion": deletion.id, "entity": deletion.entity}
        log.warning("photo files of an unknown collection not deleted", extra={"fields": fields})
        return None
    record = ENTITIES[collection].get(dependencies.table, key, consistent=True)
    current = {name for photo in record.value.photos for name in file_keys(photo)} if record else set()
    files = tuple(name for name in deletion.files if name not in current)
    return PhotoDeletion(deletion.id, deletion.entity, files, deletion.at)
