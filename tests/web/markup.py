"""Parse HTML pages: their elements and attributes, and whether they are nested correctly."""

from __future__ import annotations

from html.parser import HTMLParser

VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"})


class Outline(HTMLParser):
    """The structure of a page, without its texts and the values of its attributes.

    Args:
        text: the page.
    """

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, ...]] = []
        """Each element with the names of its attributes."""
        self.errors: list[str] = []
        """Elements that are not closed, end tags without their element, repeated attributes and comments."""
        self.links: list[str] = []
        """The values of ``href``, ``src`` and ``action``."""
        self.ids: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        self.errors += [f"{tag} is not closed" for tag in self._open]
        self.errors += [f"the id {name} is not unique" for name in {*self.ids} if self.ids.count(name) > 1]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Add an element."""
        names = [name for name, _ in attrs]
        self.elements.append((tag, *sorted(names)))
        self.errors += [f"{tag} has {name} twice" for name in {*names} if names.count(name) > 1]
        self.links += [str(value) for name, value in attrs if name in ("href", "src", "action")]
        self.ids += [str(value) for name, value in attrs if name == "id"]
        if tag not in VOID and not (self._open and self._open[-1] == "svg" and tag in ("path", "circle")):
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Add an element of SVG without content."""
        self.elements.append((tag, *sorted(name for name, _ in attrs)))

    def handle_endtag(self, tag: str) -> None:
        """Close an element."""
        if self._open and self._open[-1] == tag:
            self._open.pop()
        elif tag not in ("path", "circle"):
            self.errors.append(f"</{tag}> closes {self._open[-1:]}")

    def handle_comment(self, data: str) -> None:
        """Report a comment. No template has one."""
        self.errors.append(f"comment {data}")
