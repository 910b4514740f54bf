"""Pictures for the tests, made in memory: valid ones, and one of each kind that is refused."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO

from PIL import Image, ImageCms

SECRET = "51.5007 -0.1246"
"""A text in the metadata, which must not reach a file."""
COLOURS = {
    ("top", "left"): (220, 40, 40),
    ("top", "right"): (40, 200, 40),
    ("bottom", "left"): (40, 40, 220),
    ("bottom", "right"): (230, 220, 40),
}
ROW_AND_COLUMN = {
    1: ("top", "left"), 2: ("top", "right"), 3: ("bottom", "right"), 4: ("bottom", "left"),
    5: ("left", "top"), 6: ("right", "top"), 7: ("right", "bottom"), 8: ("left", "bottom"),
}  # fmt: skip
"""Where the first row and the first column of a file belong, by its orientation (EXIF 2.3, tag 274)."""
OPPOSITE = {"top": "bottom", "bottom": "top", "left": "right", "right": "left"}


def picture(width: int = 400, height: int = 300, mode: str = "RGB") -> Image.Image:
    """Return a picture with a colour in each quarter."""
    image = Image.new("RGB", (2, 2))
    image.putdata(list(COLOURS.values()))
    return image.resize((width, height), Image.Resampling.NEAREST).convert(mode)


def oriented(orientation: int, width: int = 400, height: int = 300) -> Image.Image:
    """Return the picture as a camera stores it that was held in another way."""
    row, column = ROW_AND_COLUMN[orientation]
    image = Image.new("RGB", (2, 2))
    for y, vertical in enumerate((row, OPPOSITE[row])):
        for x, horizontal in enumerate((column, OPPOSITE[column])):
            sides = (vertical, horizontal) if vertical in ("top", "bottom") else (horizontal, vertical)
            image.putpixel((x, y), COLOURS[sides])
    size = (width, height) if row in ("top", "bottom") else (height, width)
    return image.resize(size, Image.Resampling.NEAREST)


def encode(image: Image.Image, kind: str = "JPEG", **options: object) -> bytes:
    """Return the file of a picture."""
    file = BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def exif(orientation: int = 1) -> Image.Exif:
    """Return EXIF data with a place."""
    data = Image.Exif()
    data[0x0112] = orientation
    data[0x010E] = SECRET
    data.get_ifd(0x8825).update({1: "N", 2: (51.0, 30.0, 2.5), 3: "W", 4: (0.0, 7.0, 28.6)})
    return data


def xmp(text: str = SECRET) -> bytes:
    """Return XMP metadata."""
    return f'<?xpacket begin=""?><x:xmpmeta xmlns:x="adobe:ns:meta/"><note>{text}</note></x:xmpmeta>'.encode()


def swapped_profile() -> bytes:
    """Return an ICC profile that calls red blue, and blue red."""
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return srgb.replace(b"rXYZ", b"????", 1).replace(b"bXYZ", b"rXYZ", 1).replace(b"????", b"bXYZ", 1)


def png_chunk(kind: bytes, content: bytes) -> bytes:
    """Return a chunk of a PNG."""
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(width: int, height: int, depth: int, colour: int, pixel: bytes, *chunks: bytes) -> bytes:
    """Return a PNG of one colour, with more chunks before its pixels."""
    return png_of((b"\0" + pixel * width) * height, (width, height, depth, colour), *chunks)


def png_of(rows: bytes, header: tuple[int, int, int, int], *chunks: bytes, interlaced: bool = False) -> bytes:
    """Return a PNG with the rows of pixels as they are, for a width, a height, a depth and a colour type."""
    first = png_chunk(b"IHDR", struct.pack(">IIBBBBB", *header, 0, 0, interlaced))
    pixels = png_chunk(b"IDAT", zlib.compress(rows))
    return b"\x89PNG\r\n\x1a\n" + first + b"".join(chunks) + pixels + png_chunk(b"IEND", b"")


def png_header(width: int, height: int, depth: int = 8, colour: int = 2) -> bytes:
    """Return a PNG with a header, no valid pixels and an end."""
    header = png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + png_chunk(b"IDAT", b"no pixels") + png_chunk(b"IEND", b"")


def jpeg_header(width: int, height: int) -> bytes:
    """Return a JPEG whose header has other dimensions than its pixels."""
    data = encode(picture(8, 8))
    start = data.index(b"\xff\xc0") + 5
    return data[:start] + struct.pack(">HH", height, width) + data[start + 4 :]


def webp_header(chunk: bytes, width: int, height: int) -> bytes:
    """Return a WebP with a header of a kind, and no valid pixels."""
    content = {
        b"VP8X": lambda: bytes(4) + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little"),
        b"VP8L": lambda: b"\x2f" + (width - 1 | height - 1 << 14).to_bytes(4, "little") + b"no pixels",
        b"VP8 ": lambda: b"\x10\0\0\x9d\x01\x2a" + struct.pack("<HH", width, height) + b"no pixels",
    }[chunk]()
    content += bytes(len(content) % 2)
    body = b"WEBP" + chunk + struct.pack("<I", len(content)) + content
    return b"RIFF" + struct.pack("<I", len(body)) + body


def progressive_jpeg(scans: int) -> bytes:
    """Return a JPEG that repeats its last scan."""
    data = encode(picture(64, 64), progressive=True)
    start = data.rindex(b"\xff\xda")
    scan = data[start:-2]
    return data[:start] + scan * (scans - data.count(b"\xff\xda") + 1) + b"\xff\xd9"
