"""Markdown to HTML that is safe on any page, for text of any author.

CommonMark with tables and strikethrough. Two guards stand behind each other: the renderer lets no HTML of the writer
through and no link to a script, and what it has made is sanitised all the same. Both libraries are imported where
they are used: they are needed when a text is written and never when it is read.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it.renderer import RendererHTML
    from markdown_it.token import Token
    from markdown_it.utils import EnvType, OptionsDict

TAGS = {
    "p", "br", "hr", "em", "strong", "del", "code", "pre", "blockquote", "ul", "ol", "li", "a",
    "h1", "h2", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip
ATTRIBUTES: dict[str, set[str]] = {"*": set(), "a": {"href", "title"}, "ol": {"start"}}
"""By tag; ``*`` is any tag, which without this line could have a title and a language."""
SCHEMES = {"http", "https", "mailto"}
"""Of links; those without a scheme lead to a page of ours."""
REL = "nofollow noopener noreferrer"
DEEPEST = 20
"""How deep emphasis may be nested: as deep as the renderer itself lets quotes and lists be."""


def to_html(text: str) -> str:
    """Return a text in Markdown as HTML with a few tags, links and no pictures.

    Whatever the text is, the result is no deeper than a page can bear. It may be much longer than the text,
    because a table fills its rows up and a link that is defined once can be used often.
    """
    from markdown_it import MarkdownIt

    markdown = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    markdown.add_render_rule("image", _alternative)
    markdown.add_render_rule("s_open", lambda *_: "<del>")
    markdown.add_render_rule("s_close", lambda *_: "</del>")
    tokens = markdown.parse(text)
    for token in tokens:
        token.children = _shallow(token.children) if token.children else token.children
    return sanitised(markdown.renderer.render(tokens, markdown.options, {}))


def sanitised(markup: str) -> str:
    """Return of any HTML what may stand on any page; the rest goes, and the words in it stay."""
    import nh3

    # Half of a surrogate pair is no character: the sanitiser could not take it.
    whole = markup.encode("utf-8", "replace").decode("utf-8")
    return nh3.clean(whole, tags=TAGS, attributes=ATTRIBUTES, url_schemes=SCHEMES, link_rel=REL)


def _shallow(tokens: Sequence[Token]) -> list[Token]:
    """Leave out the marks that are nested too deep: nothing else bounds emphasis within emphasis."""
    kept, depth = [], 0
    for token in tokens:
        depth += token.nesting == 1
        if token.nesting == 0 or depth <= DEEPEST:
            kept.append(token)
        depth -= token.nesting == -1
    return kept


def _alternative(
    renderer: RendererHTML, tokens: Sequence[Token], place: int, options: OptionsDict, env: EnvType
) -> str:
    """What stands for a picture: its words. The picture itself would tell its server who reads the page."""
    return html.escape(renderer.renderInlineAsText(tokens[place].children or [], options, env))
