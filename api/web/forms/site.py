"""The fields of the site."""

from __future__ import annotations

from api.domain.site import THEMES, WEEKDAYS
from api.web import styles
from api.web.forms.fields import Field, Section

THEME_NAMES = {
    "bakery": "Bakery: cream and ginger",
    "garden": "Garden: sage and fern",
    "harbour": "Harbour: chalk and navy",
}
FONT_NAMES = {
    "system": "Plain",
    "oldStyle": "Old style",
    "humanist": "Humanist",
    "rounded": "Rounded",
    "slab": "Slab serif",
}

SECTIONS = (
    Section(
        "",
        (
            Field(name="name", label="Name", attributes={"maxlength": 64}),
            Field(name="tagline", label="Tagline", help="One sentence under the title.", attributes={"maxlength": 200}),
            Field(name="address", label="Address", kind="lines", attributes={"rows": 4}),
            Field(name="telephone", label="Telephone", attributes={"maxlength": 32}),
            Field(name="email", label="E-mail address", kind="email", help="Everyone sees it."),
        ),
    ),
    Section(
        "Opening hours",
        (
            *(
                Field(
                    name=f"openingHours.{day}",
                    label=day.capitalize(),
                    kind="hours",
                    help="For example 9:00-12:00, 14:00-18:00. Nothing means closed." if day == WEEKDAYS[0] else "",
                )
                for day in WEEKDAYS
            ),
            Field(
                name="openingHoursNote",
                label="Note",
                help="For example: Closed on public holidays.",
                attributes={"maxlength": 200},
            ),
        ),
    ),
    Section(
        "Look",
        (
            Field(
                name="theme",
                label="Theme",
                kind="radio",
                options=tuple((theme, THEME_NAMES[theme]) for theme in THEMES),
                previews={theme: styles.tokens(styles.Look(theme)) for theme in THEMES},
                help="Each theme is light or dark, as the system of the reader is.",
            ),
            Field(
                name="accentColor",
                label="Accent colour",
                kind="color",
                help="Six digits such as #9a4310, or nothing for the colour of the theme. Where texts in it would be "
                "hard to read, the pages use a darker or lighter shade.",
                attributes={"maxlength": 7},
            ),
            Field(
                name="fontStack",
                label="Fonts",
                kind="select",
                options=(("", "Those of the theme"), *FONT_NAMES.items()),
            ),
        ),
    ),
)
