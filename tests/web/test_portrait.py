"""The portraits of cats: safe and small SVG for any text, and the same drawing for the same cat."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from itertools import product
from xml.etree.ElementTree import Element, fromstring

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.web.portrait import Sitter, draw
from api.web.portrait.shapes import BUILDS, SHAPES
from api.web.portrait.words import COLORS, Look, read_look
from tests.web.test_atom import ANY_TEXT, as_xml_text
from tools.checks.portraits_page import PAGE, PATTERNS, render_page

SVG = "{http://www.w3.org/2000/svg}"
ELEMENTS = {f"{SVG}{name}" for name in ("svg", "title", "desc", "defs", "clipPath", "path", "g", "circle", "ellipse")}
MAX_BYTES = 6000
HOSTILE = (
    "</title><script>alert(1)</script>", '" onload="alert(1)', "]]>", "<!--", "&lol;", "url(https://evil.example/x)",
    "javascript:alert(1)", "<image href='//evil.example'/>", "x" * 10_000, "&" * 10_000, "\U0001f63a" * 64, "\ud800",
)  # fmt: skip
WORDS = (
    *COLORS, *PATTERNS, "ginger", "gray", "seal point", "tortie point", "blue cream", "black and white", "dilute",
    "white with tabby patches", "torbie with white", "snowshoe", "smoke", "chinchilla",
)  # fmt: skip
TEXTS = st.none() | st.sampled_from((*WORDS, *HOSTILE)) | ANY_TEXT | st.lists(st.sampled_from(WORDS)).map(" ".join)
SITTERS = st.builds(
    Sitter,
    name=st.sampled_from(("Zoë O'Malley", *HOSTILE)) | ANY_TEXT,
    primary=TEXTS,
    secondary=TEXTS,
    tertiary=TEXTS,
    pattern=TEXTS,
    coat=st.sampled_from((*SHAPES, None, "feathers")),
    age=st.sampled_from((*BUILDS, None, "ancient")),
)


def parse(sitter: Sitter) -> Element:
    """Return the root element of a portrait. Check that it is small, has no active content and names what it shows."""
    svg = draw.__wrapped__(sitter)
    assert len(svg) < MAX_BYTES
    root = fromstring(svg)
    assert {element.tag for element in root.iter()} <= ELEMENTS
    ids = [element.attrib["id"] for element in root.iter() if "id" in element.attrib]
    assert len(set(ids)) == len(ids) == 4
    attributes = [(name, value) for element in root.iter() for name, value in element.items()]
    assert not [name for name, _ in attributes if name.startswith("on") or "href" in name or name in ("style", "class")]
    references = [
        value for _, value in attributes if re.search("[:(]", re.sub(r"(translate|scale|rotate)\(", "", value))
    ]
    assert {*references} <= {f"url(#{clip})" for clip in ids[2:]}
    assert root.get("role") == "img"
    title, description = root[:2]
    assert root.get("aria-labelledby") == f"{title.get('id')} {description.get('id')}" == " ".join(ids[:2])
    assert title.text == as_xml_text(f"Portrait of {sitter.name[:64]}")
    assert re.fullmatch(r"A drawing of a [a-z, -]+: [a-z, ]+\.", description.text or "")
    assert [element.text for element in root.iter() if element.text] == [title.text, description.text]
    return root


def shapes(sitter: Sitter) -> str:
    """Return a portrait without its title and description."""
    return draw(sitter).decode().split("</desc>")[1]


@given(SITTERS)
def test_portrait_of_any_text_is_a_small_safe_drawing_with_a_title(sitter: Sitter) -> None:
    parse(sitter)


def test_every_combination_of_the_vocabulary_draws() -> None:
    for pattern, coat, age in product(PATTERNS, SHAPES, (*BUILDS, None)):
        parse(Sitter("luna", *PATTERNS[pattern], pattern=pattern, coat=coat, age=age))
    for pattern, primary, secondary in product(PATTERNS, COLORS, (*COLORS, None)):
        assert (
            len(draw.__wrapped__(Sitter("x" * 64, primary, secondary, "white", pattern, "curly", "baby"))) < MAX_BYTES
        )


def test_each_colour_pattern_coat_and_age_has_its_own_drawing() -> None:
    assert len({shapes(Sitter("luna", color)) for color in COLORS}) == len(COLORS)
    assert len({shapes(Sitter("luna", *colors, pattern)) for pattern, colors in PATTERNS.items()}) == len(PATTERNS)
    assert len({shapes(Sitter("luna", coat=coat)) for coat in SHAPES}) == len(SHAPES) == 6
    assert len({shapes(Sitter("luna", age=age)) for age in BUILDS}) == len(BUILDS) == 4


@given(st.text(st.sampled_from("<>&\"'/:;()#=-_ \t0123456789éß猫\u0000\ud800"), max_size=80))
def test_text_without_known_words_changes_nothing(text: str) -> None:
    assert draw(Sitter("luna", text, text, text, text)) == draw(Sitter("luna"))


def test_unknown_coat_is_short_unknown_age_is_adult_and_unknown_colour_is_grey() -> None:
    assert draw(Sitter("luna", "plaid", coat="feathers", age="ancient")) == draw(
        Sitter("luna", "grey", coat="short", age="adult")
    )


def test_portraits_in_one_page_share_no_ids() -> None:
    names = [f"cat {number}" for number in range(1000)]
    ids = [found for name in names for found in re.findall(r' id="([^"]+)"', draw(Sitter(name)).decode())]
    assert len(set(ids)) == len(ids) == 4 * len(names)


def test_portrait_is_the_same_in_every_process() -> None:
    script = "import sys; from api.web.portrait import *; sys.stdout.buffer.write(draw(Sitter('Zoë', 'blue', 'white')))"
    drawn = [
        subprocess.run(
            [sys.executable, "-c", script], env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2")
    ]
    assert drawn == [draw(Sitter("Zoë", "blue", "white"))] * 2


SAME = [
    # each pair describes one cat: primary, secondary, tertiary, pattern
    (("gray", None, None, "tabby"), ("Grey", None, None, "Tabby")),
    (("ginger", None, None, "tiger"), ("orange", None, None, "mackerel tabby")),
    (("seal", None, None, "colorpoint"), ("SEAL-POINT",)),
    (("black", "white", None, "bicolor"), ("black", "white", None, "bi-colour")),
    (("black and white", None, None, "tuxedo"), (None, None, None, "Tuxedo")),
    (("tortie",), (None, None, None, "tortoise shell")),
    (("blue cream",), ("blue", "cream", None, "tortoiseshell")),
    (("blue", "white", "cream", "calico"), (None, None, None, "dilute calico")),
    (("white", "orange", "black", "tricolor"), (None, None, None, "calico")),
    (("crème",), ("cream",)),
    (("flame", None, None, "Siamese"), ("flame point",)),
    (("smoke",), (None, "smoke")),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_spellings_and_synonyms_mean_the_same(one: tuple[str | None, ...], other: tuple[str | None, ...]) -> None:
    assert draw(Sitter("luna", *one)) == draw(Sitter("luna", *other)) != draw(Sitter("luna"))


LOOKS: list[tuple[tuple[str | None, str | None, str | None, str | None], dict[str, object]]] = [
    (("white", None, None, None), {"base": "white", "white": "none"}),
    (("black", "white", None, None), {"base": "black", "white": "some"}),
    (("white", "black", None, None), {"base": "black", "white": "most"}),
    (("white", "black", None, "van"), {"base": "black", "white": "most"}),
    (("black", "white", None, "tuxedo"), {"base": "black", "white": "half"}),
    (("chocolate", None, None, "mitted"), {"base": "chocolate", "white": "some"}),
    (("black", None, None, "classic tabby"), {"base": "brown", "stripes": "classic"}),
    (("silver", None, None, "spotted"), {"base": "silver", "stripes": "spotted"}),
    (("fawn", None, None, "ticked tabby"), {"base": "fawn", "stripes": "ticked"}),
    (("black", "orange", "white", "tortoiseshell"), {"base": "black", "patches": "orange", "white": "half"}),
    (("brown", None, None, "torbie"), {"base": "brown", "patches": "orange", "stripes": "mackerel"}),
    (("cream", "seal", None, "colourpoint"), {"points": "seal"}),
    (("blue", None, None, "lynx point"), {"points": "blue", "stripes": "mackerel"}),
    (("seal tortie point", None, None, None), {"points": "seal", "patches": "orange"}),
    (("pink", "grey", None, None), {"base": "pink", "patches": "grey", "white": "none", "tortoiseshell": False}),
    (("black smoke", None, None, None), {"base": "black", "smoke": True}),
]


@pytest.mark.parametrize(("texts", "expected"), LOOKS)
def test_words_decide_the_fur(
    texts: tuple[str | None, str | None, str | None, str | None], expected: dict[str, object]
) -> None:
    look: Look = read_look(*texts)
    furs = {name: COLORS[str(value)] for name, value in expected.items() if name in ("base", "patches", "points")}
    assert {name: getattr(look, name) for name in expected} == {**expected, **furs}


def test_contact_sheet_is_up_to_date_and_not_large() -> None:
    assert PAGE.read_text("utf-8") == render_page(), "docs/portraits.svg is not up to date: run make docs"
    assert PAGE.stat().st_size < 150_000
    fromstring(render_page())
