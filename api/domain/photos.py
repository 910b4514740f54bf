"""Photos: the stored photo, uploads that are not finished, and what the function that makes the sizes returns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct

from api.domain.entity import ApiStruct

WIDTHS = (320, 960, 1920)
"""The widths of the files of a photo, in pixels."""
MAX_UPLOAD_BYTES = 8 * 1024 * 1024

RefusalCode = Literal[
    "animated", "bad_dimensions", "damaged", "empty", "extra_data", "too_large", "too_many_pixels", "wrong_type",
]  # fmt: skip
"""Why an upload is refused. ``extra_data`` is a file that has something after the image, such as a polyglot."""


class Refusal(ApiStruct, frozen=True):
    """The reason why an upload is refused."""

    code: RefusalCode
    detail: str
    """One sentence for people."""


class PhotoRefused(Exception):
    """An upload is not a photo that we accept."""

    def __init__(self, code: RefusalCode, detail: str) -> None:
        super().__init__(detail)
        self.refusal = Refusal(code, detail)


class PhotoSizes(Struct, frozen=True):
    """The files of a photo, without metadata."""

    width: int
    """The width of the upload in pixels, after the rotation that its metadata asks for."""
    height: int
    files: Mapping[int, bytes]
    """The WebP file of each width of ``file_widths``."""


def file_widths(width: int) -> tuple[int, ...]:
    """Return the widths of the files of a photo, ascending. A photo is never enlarged.

    A photo of 3000 pixels has files of 320, 960 and 1920; one of 700 has 320 and 700; one of 200 has 200.

    Args:
        width: the width of the upload in pixels, rotated.
    """
    return (*(size for size in WIDTHS if size < width), width) if width < WIDTHS[-1] else WIDTHS
