"""The use cases of photos. The photo function calls ``process_upload`` and ``finish_deletions``."""

from __future__ import annotations

from collections.abc import Callable

from api.context import Dependencies
from api.domain.photos import PhotoSizes

MakeSizes = Callable[[bytes], PhotoSizes]
"""Return the files of an upload. Raises PhotoRefused."""


def process_upload(dependencies: Dependencies, photo_id: str, make_sizes: MakeSizes) -> None:
    """Make the files of the upload ``uploads/{photo_id}`` and add the photo to its entity, or refuse the upload.

    It may run twice for one upload, also at the same time. An error (Unavailable, botocore's) means: run it again.
    """
    raise NotImplementedError


def finish_deletions(dependencies: Dependencies) -> None:
    """Delete the files of photos that nothing refers to. ``process_upload`` calls it, and a daily schedule does."""
    raise NotImplementedError
