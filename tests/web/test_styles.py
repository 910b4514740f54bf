"""Themes, accent colours and fonts: contrast, closed lists, and the tokens that style sheets use."""

from __future__ import annotations

import re
from itertools import product
from typing import get_args

import pytest

from api.domain.site import THEMES, FontStack
from api.web import styles
from api.web.colors import contrast
from api.web.styles import DARK, FONT_STACKS, WEB, Look, parse_arguments, render, to_arguments

ACCENTS = (
    None, "000000", "ffffff", "ffff00", "00ff00", "0000ff", "ff0000", "ff00ff", "00ffff", "777777", "7b2d8e", "9a4310",
    "fbf5ea",
)  # fmt: skip
GROUNDS = ("background", "surface", "code")
METHODS = ("get", "post", "put", "patch", "delete", "other")
TEXTS = {
    *product(("text", "text-muted", "accent", "accent-strong", "error"), GROUNDS),
    ("on-accent", "accent"), ("on-accent", "accent-strong"),
    ("header-text", "header"), ("header-accent", "header"),
}  # fmt: skip
"""The tokens of texts, each with its background."""
DOCS = {*product(METHODS, ("surface", "code")), *(("on-method", method) for method in METHODS)}
DOCS |= {("on-code-block", "code-block")}
CONTROLS = {("border-strong", "background"), ("border-strong", "surface")}
"""The borders of fields, which need less contrast (WCAG 2.2, criterion 1.4.11)."""


def resolve(css: str, dark: bool) -> dict[str, str]:
    """Return the tokens of a style sheet as a browser has them: a later value replaces an earlier one."""
    values: dict[str, str] = {}
    for media, block in re.findall(r"(@media \(prefers-color-scheme: dark\) \{\s*)?:root \{(.*?)\}", css, re.DOTALL):
        if dark or not media:
            values |= dict(re.findall(r"--([\w-]+):\s*([^;]+);", block))
    while any(value.startswith("var(") for value in values.values()):
        values = {name: values.get(value.removeprefix("var(--").rstrip(")"), value) for name, value in values.items()}
    return values


def screen_css(look: Look) -> str:
    """Return the style sheets of the pages and of the API docs, without their rules for paper."""
    texts = (render(look).decode(), (WEB / "static/docs.css").read_text("utf-8"))
    return "".join(text.partition("@media print")[0] for text in texts)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("theme", THEMES)
def test_every_pair_of_colours_has_the_contrast_of_wcag_aa(theme: str, dark: bool) -> None:
    for accent in ACCENTS:
        colors = resolve(screen_css(Look(theme, accent)), dark)
        low = [
            (accent, text, ground, round(contrast(colors[text], colors[ground]), 2))
            for pairs, least in ((TEXTS | DOCS, 4.5), (CONTROLS, 3))
            for text, ground in pairs
            if contrast(colors[text], colors[ground]) < least
        ]
        assert low == []


def test_the_pairs_are_those_of_the_style_sheets() -> None:
    css = screen_css(Look())
    used = set(re.findall(r"[^-\w]color: var\(--([\w-]+)\)", css))
    grounds = set(re.findall(r"background(?:-color)?: var\(--([\w-]+)\)", css))
    pairs = TEXTS | DOCS
    assert used <= {text for text, _ in pairs}
    assert grounds <= {ground for _, ground in pairs} | {
        "border", "border-strong",  # lines
        "method",  # any of METHODS
        "under-dark", "under-light",  # the grounds of a logo
    }  # fmt: skip


def test_contrast_is_that_of_wcag() -> None:
    assert contrast("#000000", "#ffffff") == 21
    assert contrast("#ffffff", "#ffffff") == 1
    assert round(contrast("#767676", "#ffffff"), 2) == 4.54  # a known pair


def test_a_readable_accent_colour_is_used_as_it_is_and_another_keeps_its_hue() -> None:
    assert resolve(screen_css(Look(accent="9a4310")), dark=False)["accent"] == "#9a4310"
    light, dark = (resolve(screen_css(Look(accent="ffff00")), dark) for dark in (False, True))
    assert dark["accent"] == "#ffff00"
    red, green, blue = (light["accent"][at : at + 2] for at in (1, 3, 5))
    assert (red == green, blue) == (True, "00")


@pytest.mark.parametrize("theme", THEMES)
def test_every_theme_has_both_schemes_and_looks_different(theme: str) -> None:
    light, dark = styles.tokens(Look(theme))
    assert light["background"] != dark["background"]
    assert all(contrast(light[name], "#000000") > 10 > 3 > contrast(dark[name], "#000000") for name in GROUNDS)
    others = [styles.tokens(Look(other))[0] for other in THEMES if other != theme]
    assert all(light[name] != other[name] for other in others for name in ("background", "accent", "text"))


def test_a_theme_defines_in_the_dark_scheme_each_colour_of_texts_that_it_has_in_the_light_one() -> None:
    shared = {"cup", "cup-dark", "under-dark", "under-light"}
    for path in (WEB / "themes").glob("*.css"):
        light, _, dark = path.read_text("utf-8").partition(DARK)
        names = [set(re.findall(r"--([\w-]+): (?:#|var)", css)) for css in (light, dark)]
        assert names[0] - shared == names[1], path.name


def test_themes_and_font_stacks_are_those_of_the_site() -> None:
    assert {path.stem for path in (WEB / "themes").glob("*.css")} == {*THEMES} - {Look().theme}
    assert list(FONT_STACKS) == list(get_args(FontStack))


def test_the_look_of_the_defaults_is_the_file() -> None:
    assert render(Look()).decode() == (WEB / "static/style.css").read_text("utf-8").replace(styles.INSERT, "")
    assert to_arguments(Look()) == {}


def test_arguments_are_read_again() -> None:
    for theme, accent, fonts in product(THEMES, (None, "9a4310"), (None, *FONT_STACKS)):
        look = Look(theme, accent, fonts)
        assert parse_arguments(to_arguments(look) | {"v": "x"}) == look


@pytest.mark.parametrize(
    "text",
    ["red", "#fff", "FFF", "fff", "12345", "1234567", "9A4310", "9a4310;", "9a4310\n", "}body{", "url(//evil)", ""],
)
def test_other_arguments_are_ignored(text: str) -> None:
    assert parse_arguments({"theme": text, "accent": text, "fonts": text}) == Look()


def test_every_token_that_is_used_is_defined() -> None:
    files = [WEB / "static/style.css", WEB / "static/docs.css", *(WEB / "themes").glob("*.css")]
    css = "".join(path.read_text("utf-8") for path in files)
    assert {*re.findall(r"var\(--([\w-]+)\)", css)} == {*re.findall(r"[\s{]--([\w-]+):", css)}


def test_print_is_black_on_white() -> None:
    screen, _, paper = render(Look("harbour", "ffff00")).decode().partition("@media print")
    assert ":root" not in re.sub(r"@media.*?\n}|:root \{.*?\}", "", screen, flags=re.DOTALL)
    values = dict(re.findall(r"--([\w-]+): (#\w+);", paper))
    assert {values[name] for name in ("background", "surface", "code", "header", "on-accent")} == {"#fff"}
    assert {values[name] for name in ("text", "header-text", "accent", "accent-strong")} == {"#000"}
