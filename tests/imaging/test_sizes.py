"""Test what becomes of each kind of upload: the files of a photo, or a reason."""

from __future__ import annotations

import struct
import subprocess
import sys
import zipfile
import zlib
from functools import cache
from io import BytesIO
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from api.domain.photos import MAX_UPLOAD_BYTES, PhotoRefused, PhotoSizes
from api.imaging.sizes import MAX_PIXELS, MAX_RATIO, MAX_SCANS, make_sizes
from tests.imaging.pictures import (
    COLOURS,
    SECRET,
    encode,
    exif,
    jpeg_header,
    oriented,
    picture,
    png,
    png_chunk,
    png_header,
    png_of,
    progressive_jpeg,
    swapped_profile,
    webp_header,
    xmp,
)

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow warns of damaged metadata
ROOT = Path(__file__).resolve().parents[2]
FORMATS = ("JPEG", "PNG", "WEBP")
MEGABYTE = 2**20
QUARTERS = {
    ("top", "left"): (100, 75), ("top", "right"): (300, 75), ("bottom", "left"): (100, 225),
    ("bottom", "right"): (300, 225),
}  # fmt: skip
"""A pixel in each quarter of a picture of 400 × 300 pixels."""


@cache
def original(kind: str) -> bytes:
    """Return a picture in a format."""
    return encode(picture(), kind)


def opened(data: bytes) -> Image.Image:
    """Return the pixels of a WebP file."""
    image = Image.open(BytesIO(data), formats=["WEBP"])
    image.load()
    return image


def corners(data: bytes) -> dict[tuple[str, str], tuple[int, ...]]:
    """Return the colours of the four quarters of a picture."""
    image = opened(data).convert("RGB").resize((400, 300))
    return {sides: image.getpixel(place) for sides, place in QUARTERS.items()}


def is_like(colour: tuple[int, ...], expected: tuple[int, ...]) -> bool:
    return max(abs(a - b) for a, b in zip(colour, expected, strict=True)) < 40


def refusal(data: bytes) -> tuple[str, str]:
    """Return the code and the sentence of a refusal."""
    try:
        make_sizes(data)
    except PhotoRefused as error:
        return error.refusal.code, error.refusal.detail
    return "accepted", ""


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize(
    ("width", "height", "widths"),
    [
        (2000, 1300, [320, 960, 1920]),
        (1920, 400, [320, 960, 1920]),
        (1919, 400, [320, 960, 1919]),
        (700, 1400, [320, 700]),
        (320, 200, [320]),
        (1, 1, [1]),
    ],
)
def test_a_photo_has_files_of_320_960_and_1920_pixels_and_is_never_enlarged(
    kind: str, width: int, height: int, widths: list[int]
) -> None:
    sizes = make_sizes(encode(picture(width, height), kind))
    assert (sizes.width, sizes.height) == (width, height)
    assert list(sizes.files) == widths
    for size, data in sizes.files.items():
        assert opened(data).size == (size, round(height * size / width))


@pytest.mark.parametrize("kind", FORMATS)
def test_the_same_upload_gives_the_same_bytes(kind: str) -> None:
    assert make_sizes(original(kind)) == make_sizes(original(kind))


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_orientation_of_the_camera_is_applied(kind: str, orientation: int) -> None:
    sizes = make_sizes(encode(oriented(orientation, 1200, 600), kind, exif=exif(orientation)))
    assert (sizes.width, sizes.height) == (1200, 600)
    for width, data in sizes.files.items():
        assert opened(data).size == (width, width // 2)
        assert all(is_like(colour, COLOURS[sides]) for sides, colour in corners(data).items())


@pytest.mark.parametrize("orientation", [0, 9, 65535])
def test_an_unknown_orientation_is_ignored(orientation: int) -> None:
    sizes = make_sizes(encode(picture(400, 300), exif=exif(orientation)))
    assert (sizes.width, sizes.height) == (400, 300)


def test_damaged_metadata_is_no_reason_to_refuse_a_picture() -> None:
    for profile in (b"no profile", bytes(MEGABYTE)):
        data = encode(picture(), exif=b"Exif\0\0II*\0\xff\xff\xff\xff", icc_profile=profile)
        assert make_sizes(data).width == 400


def chunks(webp: bytes) -> set[bytes]:
    """Return the kinds of the chunks of a WebP."""
    kinds, position = set(), 12
    while position < len(webp):
        kinds.add(webp[position : position + 4])
        length = struct.unpack_from("<I", webp, position + 4)[0]
        position += 8 + length + length % 2
    return kinds


def test_no_metadata_reaches_a_file() -> None:
    png = original("PNG")
    texts = [
        png_chunk(b"tEXt", b"Comment\0" + SECRET.encode()),
        png_chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + xmp()),
        png_chunk(b"eXIf", exif().tobytes()[6:]),
    ]
    data = exif().tobytes()
    for upload in (
        encode(picture(), exif=exif(), xmp=xmp(), icc_profile=swapped_profile(), comment=SECRET),
        encode(picture(), "WEBP", exif=data, xmp=xmp(), icc_profile=swapped_profile()),
        encode(picture(mode="RGBA"), "WEBP", exif=data, xmp=xmp()),
        png[:33] + b"".join(texts) + png[33:],
    ):
        assert SECRET.encode() in upload
        for file in make_sizes(upload).files.values():
            assert SECRET.encode() not in file, upload[:12]
            assert chunks(file) <= {b"VP8 ", b"VP8L", b"VP8X", b"ALPH"}, upload[:12]
            assert not opened(file).getexif(), upload[:12]


def test_colours_are_converted_from_the_profile_of_the_picture_to_srgb() -> None:
    data = encode(Image.new("RGB", (64, 64), (255, 0, 0)), "PNG", icc_profile=swapped_profile())
    assert is_like(opened(make_sizes(data).files[64]).getpixel((32, 32)), (0, 0, 255))


@pytest.mark.parametrize(
    ("kind", "mode"),
    [("JPEG", "L"), ("JPEG", "CMYK"), ("PNG", "1"), ("PNG", "L"), ("PNG", "LA"), ("PNG", "P"),
     ("PNG", "RGBA"), ("WEBP", "RGBA")],
)  # fmt: skip
def test_every_colour_mode_is_shown_as_it_looks(kind: str, mode: str) -> None:
    image = picture(mode="L").convert("1", dither=Image.Dither.NONE) if mode == "1" else picture(mode=mode)
    expected = {sides: image.convert("RGB").getpixel(place) for sides, place in QUARTERS.items()}
    shown = corners(make_sizes(encode(image, kind)).files[400])
    assert all(is_like(colour, expected[sides]) for sides, colour in shown.items()), (shown, expected)


@pytest.mark.parametrize("colour_type", [0, 2], ids=["grey", "colours"])
def test_16_bits_are_reduced_to_8(colour_type: int) -> None:
    samples = struct.pack(">H", 0x8040) * (3 if colour_type else 1)
    file = make_sizes(png(64, 64, 16, colour_type, samples)).files[64]
    assert is_like(opened(file).convert("RGB").getpixel((32, 32)), (128, 128, 128))


@pytest.mark.parametrize(
    "data",
    [
        png(64, 64, 8, 6, b"\xff\0\0\0"),
        png(64, 64, 16, 6, b"\xff\xff\0\0\0\0\0\0"),
        png(64, 64, 8, 4, b"\xff\0"),
        png(64, 64, 8, 2, b"\xff\0\0", png_chunk(b"tRNS", b"\0\xff\0\0\0\0")),
        png(64, 64, 8, 0, b"\x80", png_chunk(b"tRNS", b"\0\x80")),
        png(64, 64, 8, 3, b"\0", png_chunk(b"PLTE", b"\xff\0\0"), png_chunk(b"tRNS", b"\0")),
        encode(Image.new("RGBA", (64, 64), (255, 0, 0, 0)), "WEBP"),
    ],
    ids=["RGBA", "RGBA with 16 bits", "grey and alpha", "a colour", "a grey", "palette", "WebP"],
)
def test_transparent_pixels_stay_transparent(data: bytes) -> None:
    file = opened(make_sizes(data).files[64])
    assert file.mode == "RGBA"
    assert file.getpixel((32, 32))[3] == 0


def logo(line: int, ground: int | None, mode: str = "RGBA") -> bytes:
    """Return a PNG with a transparent background: a square of one grey, with a fourth of its area in another one."""
    image = Image.new(mode, (400, 400), (0, 0, 0, 0))
    image.paste((ground if ground is not None else line,) * 3 + (255,), (100, 100, 300, 300))
    image.paste((line,) * 3 + (255,), (100, 100, 200, 200))
    return encode(image, "PNG")


def test_a_picture_with_transparent_parts_has_a_shade() -> None:
    expected = {
        "dark": (logo(20, None), "dark"),
        "light": (logo(240, None), "light"),
        "medium": (logo(130, None), None),
        "dark lines": (logo(20, 130), "dark"),
        "light lines": (logo(240, 130), "light"),
        "outlined": (logo(20, 240), None),  # its lines are readable on a light ground, and the rest on a dark one
        "inverse": (logo(240, 20), "dark"),
        "opaque": (encode(Image.new("RGBA", (64, 64), (0, 0, 0, 255)), "PNG"), None),
        "empty": (encode(Image.new("RGBA", (64, 64), (0, 0, 0, 0)), "PNG"), None),
        "veil": (encode(Image.new("RGBA", (64, 64), (20, 20, 20, 200)), "PNG"), None),
        "JPEG": (original("JPEG"), None),
    }
    shades = {name: make_sizes(data).shade for name, (data, _) in expected.items()}
    assert shades == {name: shade for name, (_, shade) in expected.items()}


def test_the_first_picture_of_a_jpeg_with_several_is_used() -> None:
    # Phones add a second picture with the brightness (CIPA DC-007, "MPO").
    more = Image.new("RGB", (200, 150), (0, 0, 0))
    data = encode(picture(), "MPO", save_all=True, append_images=[more])
    sizes = make_sizes(data)
    assert sizes.width == 400
    assert is_like(corners(sizes.files[320])["top", "left"], COLOURS["top", "left"])


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("extra", [b"\0\0\0\x18ftypmp42 a video", b"SEFT a trailer", bytes(1000)])
def test_other_data_after_a_picture_is_dropped(kind: str, extra: bytes) -> None:
    assert make_sizes(original(kind) + extra) == make_sizes(original(kind))


def zipped() -> bytes:
    """Return a ZIP archive with a program."""
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("META-INF/MANIFEST.MF", "Main-Class: Evil")
    return file.getvalue()


PAGE = b"<html><script>alert(1)</script></html>"
PDF = b"%PDF-1.7 1 0 obj"


@cache
def refused_uploads() -> dict[str, tuple[str, bytes]]:
    """Return the code of the refusal and the upload, by the name of the upload."""
    animation = {"save_all": True, "append_images": [Image.new("RGB", (400, 300))], "duration": 100}
    bomb = zlib.compress(bytes(100 * MEGABYTE), 9)
    return {
        "0 bytes": ("empty", b""),
        "one byte more than 8 MB": ("too_large", original("JPEG").ljust(8 * MEGABYTE + 1, b"\0")),
        "a GIF": ("wrong_type", encode(picture(), "GIF")),
        "a BMP": ("wrong_type", encode(picture(), "BMP")),
        "a TIFF": ("wrong_type", encode(picture(), "TIFF")),
        "an AVIF": ("wrong_type", b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf"),
        "an HEIC": ("wrong_type", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"),
        "an SVG": ("wrong_type", b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'),
        "a page": ("wrong_type", b"\xef\xbb\xbf<!doctype html>" + PAGE),
        "a PDF": ("wrong_type", PDF),
        "a ZIP": ("wrong_type", zipped()),
        "a program": ("wrong_type", b"MZ\x90\0"),
        "a text": ("wrong_type", b"not a picture"),
        "spaces before a JPEG": ("wrong_type", b"\n" + original("JPEG")),
        "a GIF with a JPEG": ("wrong_type", b"GIF89a" + original("JPEG")),
        "a PDF with a PNG": ("wrong_type", PDF + original("PNG")),
        "a RIFF that is no WebP": ("wrong_type", b"RIFF\x24\0\0\0WAVEfmt "),
        "the first bytes of a JPEG": ("damaged", b"\xff\xd8\xff"),
        "the first bytes of a PNG": ("damaged", b"\x89PNG\r\n\x1a\n"),
        "the first bytes of a WebP": ("damaged", b"RIFF\0\0\0\0WEBP"),
        **{f"a {kind} and a ZIP": ("extra_data", original(kind) + zipped()) for kind in FORMATS},
        **{f"a {kind} and a page": ("extra_data", original(kind) + PAGE) for kind in FORMATS},
        **{f"a {kind} and a PDF": ("extra_data", original(kind) + PDF) for kind in FORMATS},
        "a page in a comment of a JPEG": ("extra_data", encode(picture(), comment=PAGE)),
        "a page in EXIF": ("extra_data", encode(picture(), exif=b"Exif\0\0" + PAGE)),
        "a page in a PNG": (
            "extra_data",
            original("PNG")[:33] + png_chunk(b"tEXt", b"a\0" + PAGE) + original("PNG")[33:],
        ),
        "a page in XMP": ("extra_data", encode(picture(), "WEBP", xmp=xmp("<ScRiPt>alert(1)</ScRiPt>"))),
        "a drawing in XMP": ("extra_data", encode(picture(), xmp=xmp("<svg onload=alert(1)>"))),
        "a PDF in a JPEG": ("extra_data", encode(picture(), comment=PDF)),
        "a PHP program in a JPEG": ("extra_data", encode(picture(), comment=b"<?php system($_GET[0]);")),
        "a ZIP with a comment": ("extra_data", original("PNG") + zipped()[:-2] + b"\xff\xff" + bytes(0xFFFF)),
        "a RAR archive": ("extra_data", original("JPEG") + b"Rar!\x1a\x07\0"),
        "50 megapixels": ("too_many_pixels", encode(Image.new("1", (10_000, 5_000)), "PNG")),
        "one row too much": ("too_many_pixels", png_header(8_000, 5_001)),
        "a PNG of 2 gigapixels": ("too_many_pixels", png_header(50_000, 40_000)),
        "the largest PNG": ("too_many_pixels", png_header(2**31 - 1, 2**31 - 1, 16, 6)),
        "a JPEG of 4 gigapixels": ("too_many_pixels", jpeg_header(65_500, 65_500)),
        "a WebP of 268 megapixels": ("too_many_pixels", webp_header(b"VP8 ", 16_383, 16_383)),
        "a lossless WebP of 268 megapixels": ("too_many_pixels", webp_header(b"VP8L", 16_384, 16_384)),
        "an extended WebP of 268 megapixels": ("too_many_pixels", webp_header(b"VP8X", 16_384, 16_384)),
        "a line": ("bad_dimensions", png_header(30_000, 1)),
        "a column": ("bad_dimensions", encode(picture(1, 6), "PNG")),
        "a strip": ("bad_dimensions", encode(picture(5 * 100 + 1, 100))),
        "a strip that is rotated": ("bad_dimensions", encode(picture(601, 100), exif=exif(6))),
        "no width": ("damaged", png_header(0, 100)),
        "no height": ("damaged", jpeg_header(100, 0)),
        "no pixels in a PNG": ("damaged", png_header(400, 300)),
        "no pixels in a WebP": ("damaged", webp_header(b"VP8L", 400, 300)),
        "a wrong checksum": (
            "damaged",
            original("PNG").replace(b"IDAT", b"IDAT", 1)[:-16] + b"\0\0\0\0" + original("PNG")[-12:],
        ),
        "a PNG with few rows": ("damaged", png_of(bytes(101 * 5), (100, 100, 8, 0))),
        "a JPEG whose end is zeros": ("damaged", original("JPEG")[:-800].ljust(len(original("JPEG")), b"\0")),
        "a JPEG with other data in its middle": (
            "damaged",
            original("JPEG")[:2000] + b"\xff\x02\xff\x0a" * 100 + original("JPEG")[2400:],
        ),
        "a text that fills the memory": (
            "damaged",
            original("PNG")[:33] + png_chunk(b"zTXt", b"a\0\0" + bomb) + original("PNG")[33:],
        ),
        "a colour profile that fills the memory": (
            "damaged",
            original("PNG")[:33] + png_chunk(b"iCCP", b"a\0\0" + bomb) + original("PNG")[33:],
        ),
        "hundreds of scans": ("damaged", progressive_jpeg(MAX_SCANS + 1)),
        "an animated WebP": ("animated", encode(picture(), "WEBP", **animation)),
        "an animated PNG": ("animated", encode(picture(), "PNG", **animation)),
    }


def test_every_bad_upload_is_refused_with_a_reason() -> None:
    refusals = {name: refusal(data) for name, (_, data) in refused_uploads().items()}
    assert {name: code for name, (code, _) in refusals.items()} == {
        name: code for name, (code, _) in refused_uploads().items()
    }
    assert [detail for _, detail in refusals.values() if not detail.endswith(".") or len(detail) >= 120] == []


@pytest.mark.parametrize(
    ("name", "detail"),
    [
        ("a GIF", "The file is a GIF picture. Choose a JPEG, PNG or WebP picture."),
        ("an HEIC", "The file is an HEIC picture. Choose a JPEG, PNG or WebP picture."),
        ("a text", "The file is not a picture that we know. Choose a JPEG, PNG or WebP picture."),
        ("a JPEG and a ZIP", "The file is also a ZIP archive. Save the picture again without it."),
        ("50 megapixels", "The picture has 10000 × 5000 pixels, more than 40 million. Make it smaller."),
    ],
)
def test_the_reason_says_what_is_wrong_and_what_to_do(name: str, detail: str) -> None:
    assert refusal(refused_uploads()[name][1])[1] == detail


@pytest.mark.parametrize(
    ("rows", "depth", "colour", "interlaced"),
    [(3 * 6, 8, 0, False), (3 * 4, 4, 0, False), (3 * 2, 1, 3, False), (3 * 31, 16, 2, False), (22, 8, 0, True)],
    ids=["grey", "4 bits", "palette", "16 bits", "interlaced"],
)
def test_a_png_with_exactly_its_pixels_is_accepted(rows: int, depth: int, colour: int, interlaced: bool) -> None:
    palette = [png_chunk(b"PLTE", bytes(6))] if colour == 3 else []
    data = png_of(bytes(rows), (5, 3, depth, colour), *palette, interlaced=interlaced)
    assert make_sizes(data).width == 5
    data = png_of(bytes(rows - 1), (5, 3, depth, colour), *palette, interlaced=interlaced)
    assert refusal(data)[0] == "damaged"


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("part", [0.02, 0.2, 0.5, 0.8, 0.95])
def test_a_truncated_upload_is_refused(kind: str, part: float) -> None:
    data = encode(Image.effect_noise((200, 150), 80).convert("RGB"), kind)
    assert refusal(data[: int(len(data) * part)])[0] == "damaged"


def test_the_limits_are_inclusive() -> None:
    assert make_sizes(original("JPEG").ljust(8 * MEGABYTE, b"\0")).width == 400
    assert MAX_UPLOAD_BYTES == 8 * MEGABYTE
    assert make_sizes(encode(picture(100 * MAX_RATIO, 100))).width == 500
    assert make_sizes(progressive_jpeg(MAX_SCANS)).width == 64


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(FORMATS), st.lists(st.tuples(st.floats(0, 0.999), st.binary(min_size=1, max_size=4)), max_size=6)
)
def test_a_changed_file_gives_sizes_or_a_reason_and_no_other_error(
    kind: str, changes: list[tuple[float, bytes]]
) -> None:
    data = bytearray(original(kind))
    for place, content in changes:
        start = int(place * len(data))
        data[start : start + len(content)] = content
    try:
        sizes = make_sizes(bytes(data))
    except PhotoRefused:
        return
    assert isinstance(sizes, PhotoSizes)


PEAK = """
import re, sys
from api.imaging.sizes import make_sizes
make_sizes(sys.stdin.buffer.read())
print(int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]) // 1024)
"""
"""The peak memory in MiB. ``ru_maxrss`` would be that of the test process, if it is higher."""


def test_the_largest_picture_fits_into_half_of_the_memory_of_the_function() -> None:
    # Of all formats, a WebP with transparency needs the most memory.
    data = encode(Image.new("RGBA", (8_000, MAX_PIXELS // 8_000), (200, 100, 0, 100)), "WEBP", method=0)
    result = subprocess.run([sys.executable, "-c", PEAK], cwd=ROOT, input=data, capture_output=True, check=True)
    function = yaml.safe_load((ROOT / "infra" / "function-zip.yml").read_text(encoding="utf-8"))["photos"]
    assert int(result.stdout) < function["memorySize"] / 2
