"""The style sheet of a look: ``style.css`` with the theme, the accent colour and the fonts of the café.

The URL of the style sheet has the whole look and a digest of the result. So the response depends on the URL alone: it
reads no database, and it is immutable. No text of the site gets into the style sheet: a theme and a font stack are
names of lists here, and a colour is six digits.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path

from msgspec import Struct

from api.domain.site import DEFAULT, THEMES, Site
from api.web.colors import accent_shades

WEB = Path(__file__).parent
INSERT = "/* theme */"
"""Where the tokens of a look stand in ``style.css``: after the tokens of the default theme, which they replace."""
DARK = "@media (prefers-color-scheme: dark) "
GROUNDS = ("background", "surface", "code")
"""The backgrounds of texts in the accent colour."""
_SANS = 'system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif'
FONT_STACKS: Mapping[str, tuple[str, str]] = {
    "system": (_SANS, _SANS),
    "oldStyle": ('"Iowan Old Style", "Palatino Linotype", Palatino, P052, Georgia, serif', _SANS),
    "humanist": (
        'Optima, Candara, "Noto Sans", "Source Sans 3", sans-serif',
        'Seravek, "Gill Sans Nova", Ubuntu, Calibri, "DejaVu Sans", sans-serif',
    ),
    "rounded": ('ui-rounded, "Hiragino Maru Gothic ProN", Quicksand, Comfortaa, "Arial Rounded MT Bold", Nunito, '
                + _SANS, _SANS),
    "slab": ('Rockwell, "Rockwell Nova", "Roboto Slab", "DejaVu Serif", "Sitka Small", serif', _SANS),
}  # fmt: skip
"""The fonts of headings and of texts, from https://github.com/system-fonts/modern-font-stacks."""
Tokens = Mapping[str, str]


class Look(Struct, frozen=True):
    """How pages look, apart from their content."""

    theme: str = DEFAULT.theme
    accent: str | None = None
    """Six hexadecimal digits. None means the colour of the theme."""
    fonts: str | None = None


def look_of(site: Site) -> Look:
    """Return the look of a site."""
    accent = (site.accent_color or "").removeprefix("#")
    # A newer release may have stored a value that this one does not know.
    return parse_arguments({"theme": site.theme, "accent": accent, "fonts": site.font_stack or ""})


def to_arguments(look: Look) -> dict[str, str]:
    """Return the query arguments of the style sheet. A default is omitted."""
    default = Look()
    members = {name: getattr(look, name) for name in Look.__struct_fields__}
    return {name: value for name, value in members.items() if value != getattr(default, name)}


def parse_arguments(arguments: Mapping[str, str]) -> Look:
    """Return the look of query arguments. A value that this release does not know is ignored, as the version then is.

    During a deployment, a page of the next release may ask the previous one for its style sheet.
    """
    theme, accent, fonts = (arguments.get(name) for name in Look.__struct_fields__)
    return Look(
        theme if theme in THEMES else DEFAULT.theme,
        accent if accent and re.fullmatch("[0-9a-f]{6}", accent) else None,
        fonts if fonts in FONT_STACKS else None,
    )


@lru_cache(maxsize=16)
def render(look: Look) -> bytes:
    """Return the style sheet of a look."""
    before, after = _read("static/style.css").split(INSERT)
    return "".join([before, *_overrides(look), after]).encode()


@lru_cache(maxsize=16)
def tokens(look: Look) -> tuple[Tokens, Tokens]:
    """Return the colours of a look by name, of the light and of the dark scheme."""
    light, dark = dict[str, str](), dict[str, str]()
    for css in (_read("static/style.css").split(INSERT)[0], *_overrides(look)):
        for_light, _, for_dark = css.partition(DARK)
        light |= _colors(for_light)
        dark |= _colors(for_light) | _colors(for_dark)
    return light, dark


def _overrides(look: Look) -> list[str]:
    """Return the tokens of a look that replace those of the default."""
    parts = [] if look.theme == DEFAULT.theme else [_read(f"themes/{look.theme}.css")]
    if look.accent:
        light, dark = tokens(Look(look.theme))
        parts.append(_accent(look.accent, light, dark=False) + DARK + f"{{ {_accent(look.accent, dark, dark=True)}}}\n")
    if look.fonts:
        headings, texts = FONT_STACKS[look.fonts]
        parts.append(f":root {{ --font-heading: {headings}; --font-text: {texts}; }}\n")
    return parts


def _accent(color: str, theme: Tokens, *, dark: bool) -> str:
    """Return the tokens of an accent colour. A text on it has the colour of the surface, on which it is readable."""
    accent, strong = accent_shades(f"#{color}", (theme[name] for name in GROUNDS), dark=dark)
    return f":root {{ --accent: {accent}; --accent-strong: {strong}; --on-accent: {theme['surface']}; }}\n"


def _colors(css: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", css))


@cache
def _read(name: str) -> str:
    return (WEB / name).read_text(encoding="utf-8")
