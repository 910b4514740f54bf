"""Checks an upload and makes the sizes of a photo: WebP files without metadata. The function is pure.

The dimensions are read from the header, before a pixel is decoded. Only pixels reach the new files: what else is in an
upload (EXIF, GPS, XMP, comments, thumbnails, data after the image) is not copied.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Callable
from io import BytesIO

from PIL import Image, ImageCms
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.WebPImagePlugin import WebPImageFile

from api.domain.photos import MAX_UPLOAD_BYTES, TOO_LARGE, PhotoRefused, PhotoSizes, Shade, file_widths

MAX_PIXELS = 40_000_000
"""The memory of the function is for this number of pixels (docs/decisions/0054-photo-function.md)."""
MAX_RATIO = 5
"""The longest side, as a multiple of the other. A panorama of a phone has 4."""
MAX_SCANS = 500
"""The scans of a progressive JPEG. A camera writes about ten; each one costs the time of decoding the whole image."""
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
"""The samples of a pixel, by the colour type of a PNG."""
PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
"""The first column and row of each pass of an interlaced PNG, and the distances of the next ones (Adam7)."""
BLOCK_BYTES = 1 << 20
QUALITY = 80
OPAQUE = 128
"""The least alpha of a pixel that counts for the shade of a picture, of 255."""
DARK, LIGHT = 80, 200
"""The brightness below which a pixel is dark, and from which it is light, of 255."""
MIN_SHARE = 0.1
"""The least share of dark pixels in a dark picture, and of light pixels in a light one."""
ORIENTATION = 0x0112
"""The EXIF tag of the orientation."""
EXCHANGED = (5, 6, 7, 8)
"""The orientations that exchange width and height."""
TRANSPOSITIONS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

ACCEPTED: dict[str, tuple[re.Pattern[bytes], Callable[[BytesIO], ImageFile]]] = {
    # The classes, because Image.open would try other formats, and read a JPEG with several pictures as another format.
    "JPEG": (re.compile(rb"\xff\xd8\xff"), JpegImageFile),
    "PNG": (re.compile(rb"\x89PNG\r\n\x1a\n"), PngImageFile),
    "WebP": (re.compile(rb"RIFF....WEBP", re.DOTALL), WebPImageFile),
}
"""The first bytes of each accepted format, and its reader."""
OTHER_FORMATS = {
    "a GIF picture": re.compile(rb"GIF8"),
    "an HEIC picture": re.compile(rb"....ftyp(hei|hev|mif1|msf1)", re.DOTALL),
    "an AVIF picture": re.compile(rb"....ftypavi", re.DOTALL),
    "a TIFF picture": re.compile(rb"II\*\x00|MM\x00\*"),
    "a BMP picture": re.compile(rb"BM"),
    "a PDF document": re.compile(rb"%PDF"),
    "a ZIP archive": re.compile(rb"PK[\x03\x05]"),
    "an HTML or SVG document": re.compile(rb"(\xef\xbb\xbf)?\s*<"),
}
"""The first bytes of formats that people may try."""
HIDDEN_DOCUMENTS = {
    "an HTML or SVG document": re.compile(rb"<(!doctype\s|html[\s>]|script[\s>]|iframe\s|svg\s+\w)", re.IGNORECASE),
    "a PDF document": re.compile(rb"%PDF-\d"),
    "a PHP program": re.compile(rb"<\?php\s", re.IGNORECASE),
    "an archive": re.compile(rb"Rar!\x1a\x07|7z\xbc\xaf\x27\x1c"),
}
"""Texts of at least six bytes, which the pixels of a photo do not contain by chance."""
ZIP_END = b"PK\x05\x06"
ZIP_END_BYTES = 65_557
"""A ZIP archive ends with this record and a comment, which have at most this size (APPNOTE.TXT, section 4.3.16)."""


def make_sizes(data: bytes) -> PhotoSizes:
    """Return the files of a photo from an upload.

    Raises:
        PhotoRefused: the upload is not a photo that we accept.
    """
    kind = _check_bytes(data)
    if kind == "WebP":  # whose reader reserves memory for all pixels
        _check_dimensions(*_webp_dimensions(data))
    try:
        image = ACCEPTED[kind][1](BytesIO(data))
    except Exception as error:
        raise _damaged() from error
    _check_dimensions(*image.size)
    if getattr(image, "is_animated", False):
        raise PhotoRefused("animated", "The picture is animated. Choose a still picture.")
    return _resize(kind, data, image)


def _check_bytes(data: bytes) -> str:
    """Return the format of an upload by its first bytes."""
    if not data:
        raise PhotoRefused("empty", "The file is empty. Choose the picture again.")
    if len(data) > MAX_UPLOAD_BYTES:
        raise PhotoRefused("too_large", TOO_LARGE)
    kind = next((kind for kind, (start, _) in ACCEPTED.items() if start.match(data)), None)
    if kind is None:
        other = next((name for name, start in OTHER_FORMATS.items() if start.match(data)), "not a picture that we know")
        raise PhotoRefused("wrong_type", f"The file is {other}. Choose a JPEG, PNG or WebP picture.")
    if hidden := _hidden_document(data):
        raise PhotoRefused("extra_data", f"The file is also {hidden}. Save the picture again without it.")
    if kind == "JPEG" and data.count(b"\xff\xda") > MAX_SCANS:
        raise _damaged()
    return kind


def _hidden_document(data: bytes) -> str | None:
    """Return what else a picture is, such as a page or an archive. Other data after a picture is harmless."""
    if data.rfind(ZIP_END, -ZIP_END_BYTES) >= 0:
        return "a ZIP archive"
    return next((name for name, pattern in HIDDEN_DOCUMENTS.items() if pattern.search(data)), None)


def _webp_dimensions(data: bytes) -> tuple[int, int]:
    """Return the width and the height of a WebP (RFC 9649, sections 2.5 to 2.7)."""
    chunk, bits = data[12:16], int.from_bytes(data[20:30].ljust(10, b"\0"), "little")
    if chunk == b"VP8X":
        return (bits >> 32 & 0xFFFFFF) + 1, (bits >> 56 & 0xFFFFFF) + 1
    if chunk == b"VP8L":
        return (bits >> 8 & 0x3FFF) + 1, (bits >> 22 & 0x3FFF) + 1
    return bits >> 48 & 0x3FFF, bits >> 64 & 0x3FFF


def _check_dimensions(width: int, height: int) -> None:
    if not (width and height):
        raise _damaged()
    if width * height > MAX_PIXELS:
        raise PhotoRefused(
            "too_many_pixels",
            f"The picture has {width} × {height} pixels, more than {MAX_PIXELS // 10**6} million. Make it smaller.",
        )
    if max(width, height) > MAX_RATIO * min(width, height):
        raise PhotoRefused(
            "bad_dimensions",
            f"The picture has {width} × {height} pixels: one side is more than {MAX_RATIO} times the other. Cut it.",
        )


def _resize(kind: str, data: bytes, image: ImageFile) -> PhotoSizes:
    try:
        if kind == "PNG":
            PngImageFile(BytesIO(data)).verify()  # the checksums, which load() does not check
            _check_rows(data, *image.size)
            image.load()  # before its metadata, which may be after its pixels
        orientation = _orientation(image)
        exchanged = orientation in EXCHANGED
        width, height = image.size[::-1] if exchanged else image.size
        widths = file_widths(width)
        largest = _scaled(width, height, widths[-1])
        pixels = _decode(image, largest[::-1] if exchanged else largest)
    except Exception as error:
        raise _damaged() from error
    pixels = _to_srgb(pixels, image.info.get("icc_profile"))
    if orientation in TRANSPOSITIONS:
        pixels = pixels.transpose(TRANSPOSITIONS[orientation])
    files = {size: _webp(pixels, _scaled(width, height, size)) for size in widths}
    return PhotoSizes(width, height, files, _shade(pixels))


def _check_rows(data: bytes, width: int, height: int) -> None:
    """Check that a PNG has all its pixels. Pillow leaves the missing ones black (PNG, third edition, section 7).

    Raises:
        OSError: it has not.
    """
    depth, colour, _, _, is_interlaced = data[24:29]
    needed = 0
    for x, y, columns, rows in PASSES if is_interlaced else ((0, 0, 1, 1),):
        row = -(-(width - x) // columns) * depth * CHANNELS[colour]
        needed += (1 + -(-row // 8)) * -(-(height - y) // rows) if row > 0 else 0
    decoder, left = zlib.decompressobj(), _png_data(data)
    while left and not decoder.eof:
        needed -= len(decoder.decompress(left, BLOCK_BYTES))
        left = decoder.unconsumed_tail
    if needed > 0:
        raise OSError("A PNG ends before its last row.")


def _png_data(data: bytes) -> bytes:
    """Return the compressed pixels of a PNG whose chunks are valid."""
    parts, position = [], 8
    while position + 8 <= len(data):
        size, kind = struct.unpack_from(">I4s", data, position)
        if kind == b"IDAT":
            parts.append(data[position + 8 : position + 8 + size])
        position += 12 + size
    return b"".join(parts)


def _orientation(image: ImageFile) -> int:
    """Return the EXIF orientation, or 1 (upright) if it is missing or unreadable."""
    try:
        return int(image.getexif().get(ORIENTATION, 1))
    except Exception:  # noqa: BLE001 - damaged metadata is no reason to refuse a picture
        return 1


def _scaled(width: int, height: int, new_width: int) -> tuple[int, int]:
    return new_width, max(1, round(height * new_width / width))


def _decode(image: ImageFile, size: tuple[int, int]) -> Image.Image:
    """Decode a picture, and scale it to a size in pixels."""
    # A JPEG can be decoded at a fraction of its size, which needs less time and memory.
    image.draft(None, (2 * size[0], 2 * size[1]))
    image.load()
    pixels: Image.Image = image
    if image.mode.startswith("I"):  # 16 bits of grey
        pixels = image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    elif image.mode in ("P", "PA", "LA", "La", "RGBa", "1"):
        transparent = image.has_transparency_data
        pixels = image.convert("RGBA" if transparent else "RGB")
    elif image.mode in ("L", "RGB") and image.has_transparency_data:  # one transparent colour
        pixels = image.convert("RGBA")
    return pixels.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)


def _to_srgb(pixels: Image.Image, profile: bytes | None) -> Image.Image:
    """Convert colours to sRGB. Without a profile, or with a damaged one, they count as sRGB."""
    mode = "RGBA" if pixels.mode == "RGBA" else "RGB"
    if profile:
        try:
            source = ImageCms.ImageCmsProfile(BytesIO(profile))
            converted = ImageCms.profileToProfile(pixels, source, ImageCms.createProfile("sRGB"), outputMode=mode)
            return converted or pixels.convert(mode)
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
            pass
    return pixels.convert(mode)


def _shade(pixels: Image.Image) -> Shade | None:
    """Return the shade of the ground on which a picture with transparent parts cannot be seen, if there is one.

    A light picture with dark lines has none: its lines are seen on a light ground, and the rest on a dark one.
    """
    if pixels.mode != "RGBA":
        return None
    opaque = pixels.getchannel("A").point(lambda alpha: 255 * (alpha >= OPAQUE))
    if opaque.histogram()[255] == pixels.width * pixels.height:
        return None
    counts = pixels.convert("RGB").convert("L").histogram(opaque)
    dark, light, least = sum(counts[:DARK]), sum(counts[LIGHT:]), max(1, MIN_SHARE * sum(counts))
    if dark >= max(light, least):
        return "dark"
    return "light" if light >= least > dark else None


def _webp(pixels: Image.Image, size: tuple[int, int]) -> bytes:
    """Return the WebP file of a size, with pixels only."""
    scaled = pixels if pixels.size == size else pixels.resize(size, Image.Resampling.LANCZOS)
    scaled.info = {}
    file = BytesIO()
    scaled.save(file, "WEBP", quality=QUALITY)
    return file.getvalue()


def _damaged() -> PhotoRefused:
    return PhotoRefused("damaged", "The picture is damaged or incomplete. Save it again, and upload that file.")
