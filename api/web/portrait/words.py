"""What the words for colours and pattern mean for a portrait. The words are free text in English."""

from __future__ import annotations

import re
import unicodedata
from typing import Literal, NamedTuple

Stripes = Literal["mackerel", "classic", "spotted", "ticked"]
White = Literal["none", "some", "half", "most"]
"""How much of the cat is white: nothing; chin, bib and paws; face and chest too; all but some patches."""


class Fur(NamedTuple):
    """The shades of one colour, as ``#rrggbb``."""

    base: str
    dark: str
    light: str

    @property
    def lightness(self) -> int:
        """The lightness of the base, 0 to 255 (the luma of ITU-R BT.601)."""
        red, green, blue = bytes.fromhex(self.base[1:])
        return (299 * red + 587 * green + 114 * blue) // 1000

    @property
    def is_dark(self) -> bool:
        """Whether lines on this fur must be light."""
        return self.lightness < 112

    @property
    def detail(self) -> str:
        """The colour of lines on this fur."""
        return self.light if self.is_dark else self.dark


COLORS: dict[str, Fur] = {
    "black": Fur("#3d3d45", "#232329", "#787884"),
    "white": Fur("#fbf8f2", "#a3978a", "#ffffff"),
    "grey": Fur("#8e959f", "#626973", "#c3c9d0"),
    "blue": Fur("#7f8da0", "#556375", "#b4bfcc"),
    "silver": Fur("#c3c8cd", "#7f868f", "#eaedf0"),
    "smoke": Fur("#6d6e78", "#474852", "#b4b5bd"),
    "orange": Fur("#e59d50", "#b8671f", "#f9dcb4"),
    "cream": Fur("#f1dcb9", "#bd9660", "#fcf3e1"),
    "fawn": Fur("#dcc2a3", "#a9825c", "#f2e5d6"),
    "apricot": Fur("#efc391", "#c1834d", "#fbe6cf"),
    "brown": Fur("#94704f", "#563d2c", "#cfb193"),
    "chocolate": Fur("#735140", "#452f24", "#a98772"),
    "cinnamon": Fur("#b67b51", "#804d2b", "#e0b899"),
    "lilac": Fur("#bdaeb4", "#87767d", "#e2d9dc"),
    "pink": Fur("#edc0b3", "#bd7f72", "#fae0d8"),
    "seal": Fur("#5c483e", "#3a2b24", "#9a8375"),
    "flame": Fur("#df9150", "#ad6226", "#f6cfa8"),
}
_SYNONYMS = {
    "gray": "grey", "slate": "grey", "ash": "grey", "pewter": "silver", "platinum": "silver",
    "ginger": "orange", "red": "orange", "marmalade": "orange", "copper": "orange", "amber": "orange",
    "gold": "apricot", "golden": "apricot", "yellow": "apricot", "blond": "apricot", "blonde": "apricot",
    "creme": "cream", "buff": "cream", "beige": "cream", "sand": "cream", "champagne": "fawn", "tan": "fawn",
    "ivory": "white", "snow": "white", "charcoal": "smoke", "smoky": "smoke", "lavender": "lilac", "frost": "lilac",
    "mink": "brown", "sable": "chocolate", "havana": "chocolate", "ebony": "black", "sorrel": "cinnamon",
}  # fmt: skip
_REDS = ("orange", "cream", "apricot", "flame", "cinnamon", "fawn")
"""The colours of the patches of a tortoiseshell. The other fur has another colour."""
_DILUTED = {"black": "blue", "orange": "cream", "chocolate": "lilac", "brown": "fawn"}
_STRIPES: tuple[tuple[Stripes, str], ...] = (
    ("classic", "classic|blotched|marbled?|bullseye"),
    ("spotted", "spots|spotted|rosettes?|rosetted"),
    ("ticked", "tick(?:ed|ing)|agouti|abyssinian"),
    ("mackerel", "tabby|torbie|mackerel|tigers?|tigered|stripe[sd]?|lynx|brindled?"),
)
_TORTOISESHELL = "tort(?:ies?|oise|oiseshell)|torbie|calico|tri colou?r|tricolou?r|(?:blue|lilac) cream|patched"
_POINTED = "points?|pointed|colou?rpoints?|siamese|himalayan|birman|ragdoll|snowshoe"
_SMOKE = "smoke|smoky|chinchilla|shaded|tipped"
_WHITE: tuple[tuple[White, str], ...] = (
    ("most", "van|harlequin|calico|tri colou?r|tricolou?r|magpie|turkish"),
    ("half", "bi colou?r|bicolou?r|tuxedo|piebald|pied|cow|masked|jellicle"),
    ("some", "mitted|mittens|gloves|socks|locket|bib|snowshoe|birman"),
)


class Look(NamedTuple):
    """The fur of a cat, as it is drawn."""

    base: Fur
    second: Fur
    """The fur of the white parts; it is not white if the words name another colour."""
    white: White = "none"
    stripes: Stripes | None = None
    stripe: str = ""
    """The colour of the stripes."""
    patches: Fur | None = None
    """The colour of the patches of a tortoiseshell, or of a cat whose second colour is darker than the first."""
    points: Fur | None = None
    """The colour of the face, ears, paws and tail of a pointed cat."""
    smoke: bool = False
    colors: tuple[str, ...] = ()
    """The names of the colours, for the description."""
    tortoiseshell: bool = False

    @property
    def muzzle(self) -> Fur:
        """The fur below the nose."""
        return self.second if self.white != "none" else self.points or self.base


def read_look(primary: str | None, secondary: str | None, tertiary: str | None, pattern: str | None) -> Look:
    """Return the fur that the words describe. Unknown words mean nothing; without any known word, the cat is grey."""
    texts = [_simplify(text) for text in (primary, secondary, tertiary, pattern)]
    text = " ".join(texts)
    colors = _colors(text)
    if _has(text, "dilute"):
        colors = [_DILUTED.get(color, color) for color in colors]
    stripes = next((name for name, words in _STRIPES if _has(text, words)), None)
    white: White = next((amount for amount, words in _WHITE if _has(text, words)), "none")
    if _has(text, _POINTED):
        return _pointed(text, colors, stripes, white)
    if _has(text, _TORTOISESHELL):
        return _tortoiseshell(text, colors, stripes, white)
    return _plain(text, colors, stripes, white)


def _simplify(text: str | None) -> str:
    """Return the words of a text in lower case without accents, with one space between them."""
    folded = unicodedata.normalize("NFKD", (text or "")[:64].casefold())
    return re.sub("[^a-z]+", " ", re.sub("[\u0300-\u036f]", "", folded)).strip()


def _has(text: str, words: str) -> bool:
    return re.search(rf"\b(?:{words})\b", text) is not None


def _colors(text: str) -> list[str]:
    """Return the names of the colours in a text, each once."""
    names = dict.fromkeys(_SYNONYMS.get(word, word) for word in text.split())
    found = [name for name in names if name in COLORS]
    # "Black smoke" is black, and "smoke" alone is a colour.
    return found if found == ["smoke"] else [name for name in found if name != "smoke"]


def _pointed(text: str, colors: list[str], stripes: Stripes | None, white: White) -> Look:
    """Return a pale cat with a dark face, ears, paws and tail."""
    by_lightness = sorted((color for color in colors if color != "white"), key=lambda color: COLORS[color].lightness)
    points = by_lightness[0] if by_lightness else "seal"
    body = COLORS["white" if points in ("cream", "apricot", "flame", "blue", "lilac", "silver") else "cream"]
    patches = COLORS["cream" if points in ("blue", "lilac") else "orange"] if _has(text, _TORTOISESHELL) else None
    stripe = COLORS[points].dark if stripes else ""
    shades = Fur(body.light, "#ab9373", body.light)
    names = (points,)
    return Look(shades, COLORS["white"], white, stripes, stripe, patches, COLORS[points], False, names, bool(patches))


def _tortoiseshell(text: str, colors: list[str], stripes: Stripes | None, white: White) -> Look:
    """Return a cat with patches of a red colour, and perhaps white."""
    dilute = _has(text, "dilute") or ("blue" in colors) or ("lilac" in colors)
    default = "blue" if dilute else "brown" if stripes else "black"
    base = next((color for color in colors if color not in (*_REDS, "white")), default)
    patch = next((color for color in colors if color in _REDS), "cream" if dilute else "orange")
    if white == "none" and "white" in colors:
        white = "half"
    names = (base, patch, *(["white"] if white != "none" else []))
    fur, patches = COLORS[base], COLORS[patch]
    return Look(fur, COLORS["white"], white, stripes, fur.dark, patches, None, _has(text, _SMOKE), names, True)


def _plain(text: str, colors: list[str], stripes: Stripes | None, white: White) -> Look:
    """Return a cat with one colour, and perhaps a second one or stripes."""
    colored = [color for color in colors if color != "white"]
    default = "black" if _has(text, "tuxedo|cow|jellicle") else "brown" if stripes else "grey"
    base, *others = colored or (["white"] if "white" in colors and white == "none" else [default])
    stripe = COLORS[base].dark
    if stripes and base == "black":  # the fur between the stripes is brown
        base, stripe = "brown", COLORS["black"].base
    elif stripes and others and COLORS[others[0]].lightness < COLORS[base].lightness - 30:
        stripe = COLORS[others[0]].base
        others = others[1:]
    second = "white" if "white" in colors or not others else others[0]
    if colored and colors[0] == "white":
        white = "most"
    elif white == "none" and base != "white" and (others or "white" in colors):
        white = "some"
    names = (base, *([second] if white != "none" else []))
    patches = None
    if second != "white" and COLORS[second].lightness < COLORS[base].lightness:  # a dark chin would look like a beard
        patches, second, white = COLORS[second], "white", "none"
    ordered = names[::-1] if white == "most" else names
    return Look(COLORS[base], COLORS[second], white, stripes, stripe, patches, None, _has(text, _SMOKE), ordered)
