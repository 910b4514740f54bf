"""Markdown to safe HTML: CommonMark with tables and strikethrough.

Two independent steps make the HTML safe. The renderer escapes HTML in the text and rejects links to scripts. Then the
rendered HTML is sanitised. Both libraries are imported inside functions, because only the writes of posts need them.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
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
"""The allowed attributes by tag. ``*`` is every tag; without it, nh3 allows ``title`` and ``lang``."""
SCHEMES = {"http", "https", "mailto"}
"""The allowed schemes of links. Relative references are allowed too, also to another host (``//example.org``)."""
REL = "nofollow noopener noreferrer"
MAX_DEPTH = 20
"""The maximum depth of nested emphasis. The renderer has the same limit for quotes and lists."""
MAX_HTML_BYTES = 100_000
"""The maximum size of the HTML. The Markdown and the HTML are stored in one item of at most 400 KB."""
MAX_CELLS = MAX_HTML_BYTES // len("<td></td>\n")
"""The maximum number of table cells. Short rows are filled with empty cells, so that a small text can have many."""
MAX_BRACKETS = 2_000
"""The most opening brackets of a text. Each may begin a link, so that the renderer looks at it about 100 times as long
as at a letter."""
HTML_TOO_LONG = f"The rendered HTML must not be longer than {MAX_HTML_BYTES} bytes."


class TooLarge(Exception):
    """A Markdown text is not rendered. The text of the error says why."""


@lru_cache(maxsize=1)
def to_html(text: str) -> str:
    """Return Markdown as HTML with a few tags and links, and without images.

    The last result is cached, because a write validates the HTML before it stores it, and may be repeated.

    Raises:
        TooLarge: the text has more than MAX_BRACKETS opening brackets; or the cells of tables, or links that are used
            often, would make the HTML too large.
    """
    from markdown_it import MarkdownIt

    if text.count("[") > MAX_BRACKETS:
        raise TooLarge(f"The text must not have more than {MAX_BRACKETS} opening brackets “[”.")
    if _count_cells(text) > MAX_CELLS:
        raise TooLarge(HTML_TOO_LONG)
    markdown = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    markdown.add_render_rule("image", _render_image)
    markdown.add_render_rule("s_open", lambda *_: "<del>")
    markdown.add_render_rule("s_close", lambda *_: "</del>")
    tokens = markdown.parse(text)
    for token in tokens:
        token.children = _limit_depth(token.children) if token.children else token.children
    if _size_of_attributes(tokens) > MAX_HTML_BYTES:  # a link that is defined once can be used often
        raise TooLarge(HTML_TOO_LONG)
    return sanitise(markdown.renderer.render(tokens, markdown.options, {}))


def _count_cells(text: str) -> int:
    """Return an upper bound of the table cells of a text: the rows of each table times its columns.

    A table begins with its header and a delimiter row (``---|---``), and ends at the latest at a blank line.
    """
    cells = columns = 0
    header = ""
    for line in re.split(r"\r\n|[\r\n]", text):
        row = line.strip(" \t>")  # a table may be in quotes
        if not row:
            columns = 0
        elif not row.strip("|-: \t") and row.strip("|").count("|") <= header.count("|"):
            columns = max(columns, row.strip("|").count("|") + 1)
        header = row
        cells += columns
    return cells


def _size_of_attributes(tokens: Iterable[Token]) -> int:
    return sum(len(str(value)) for token in tokens for child in token.children or () for value in child.attrs.values())


def sanitise(markup: str) -> str:
    """Return HTML without tags, attributes and links that are not allowed. The text remains."""
    import nh3

    # nh3 rejects lone surrogates.
    text = markup.encode("utf-8", "replace").decode("utf-8")
    return nh3.clean(text, tags=TAGS, attributes=ATTRIBUTES, url_schemes=SCHEMES, link_rel=REL)


def _limit_depth(tokens: Sequence[Token]) -> list[Token]:
    """Return tokens without emphasis that is nested too deeply. The renderer does not limit its depth."""
    allowed, depth = [], 0
    for token in tokens:
        depth += token.nesting == 1
        if token.nesting == 0 or depth <= MAX_DEPTH:
            allowed.append(token)
        depth -= token.nesting == -1
    return allowed


def _render_image(
    renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType
) -> str:
    """Return the alternative text of an image. The image itself would reveal the readers to its server."""
    return html.escape(renderer.renderInlineAsText(tokens[index].children or [], options, env))
