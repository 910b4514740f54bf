"""The fields of a post."""

from __future__ import annotations

from api.web.forms.fields import Field, Section

SECTIONS = (
    Section(
        "",
        (
            Field(name="title", label="Title", required=True, attributes={"maxlength": 200}),
            Field(
                name="body",
                label="Text",
                kind="textarea",
                required=True,
                help=(
                    "Markdown: an empty line begins a paragraph, # a heading, - an item of a list; *slanted*, **bold**,"
                    " [a link](https://example.org)."
                ),
                attributes={"rows": 14},
            ),
            Field(name="cats", label="Cats in the post", kind="cats", help="Their names, separated by commas."),
            Field(
                name="publishedAt",
                label="Publish at",
                kind="datetime",
                help="Until then, only the staff sees the post. Empty means now, for a new post.",
            ),
        ),
    ),
)
