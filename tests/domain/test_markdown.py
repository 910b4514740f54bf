"""Markdown: rendering to HTML, and protection against script injection and deep nesting."""

from __future__ import annotations

import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.domain.markdown import MAX_BRACKETS, TooLarge, sanitise, to_html

REPETITIONS = 1_200
"""More than Python nests calls, and far more than MAX_DEPTH."""
MAX_DEPTH = 45
"""20 nested quotes or lists (a list has two tags) around a paragraph with 20 nested marks."""
VOID_TAGS = {"br", "hr"}
ALLOWED_TAGS = VOID_TAGS | {
    "p", "em", "strong", "del", "code", "pre", "blockquote", "ul", "ol", "li", "a", "h1", "h2", "h3", "h4", "h5", "h6",
    "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip
ALLOWED_ATTRIBUTES = {"a": {"href", "title", "rel"}, "ol": {"start"}}
REL = 'rel="nofollow noopener noreferrer"'
XSS_VECTORS = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    '<a href="javascript:alert(1)">x</a>',
    "<iframe srcdoc='&lt;script>alert(1)&lt;/script>'></iframe>",
    "<style>@import 'http://evil.example';</style>",
    "<!--><script>alert(1)</script>-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?php alert(1) ?>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](<javascript:alert(1)>)",
    "[x]( javascript:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](<java\tscript:alert(1)>)",
    "[x](\x01javascript:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](&#x6A&#x61vascript:alert(1))",
    "[x](javascript&colon;alert(1))",
    "[x](java&Tab;script&colon;alert(1))",
    "[x](java&NewLine;script&colon;alert(1))",
    "[x](java%0ascript:alert(1))",
    "[x](java\\script:alert(1))",
    "[x](vbscript:msgbox(1))",
    "[x](vb&#115;cript:msgbox(1))",
    "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "[x](data:image/png;base64,AAAA)",
    "[x](data:image/svg+xml,<svg/onload=alert(1)>)",
    "[x](file:///etc/passwd)",
    "[x](feed:javascript:alert(1))",
    "[x](tel:+441)",
    "<javascript:alert(1)>",
    "<JAVASCRIPT:alert(1)>",
    "<data:text/html,x>",
    "<vbscript:x>",
    "[x]\n\n[x]: javascript:alert(1)",
    '[x](http://a.example "\\" onmouseover=alert(1) x=\\"")',
    "[x](http://a.example 'a\" onclick=\"alert(1)')",
    '[x](http://a.example/"onclick="alert(1))',
    "![x](javascript:alert(1))",
    '![x" onerror="alert(1)](http://evil.example/x.png)',
    "![<img src=x onerror=alert(1)>](x)",
    "[![x](http://evil.example/x.png)](javascript:alert(1))",
    "[[x](javascript:alert(1))](javascript:alert(2))",
    "[a [b](http://b.example) c](javascript:alert(1))",
    "`<script>alert(1)</script>`",
    "    <script>alert(1)</script>",
    '```"onclick="alert(1)\nx\n```',
    "```html\n<script>alert(1)</script>\n```",
    "| <script>alert(1)</script> |\n|---|\n| [x](javascript:alert(1)) |",
    "# <img src=x onerror=alert(1)>",
    "\x00<script>alert(1)</script>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
]
REPEATED = [
    *"[]*_>~`!<&\\(#|-+\t \x00",
    "![", "[]", "[[]", "![[]()", "[a](", "[a][", "[x](/y ", "*a ", "**a ", "**a *a ", "a**b", "a*", "_*", "~~", "~~a ",
    "- ", "+ ", "1. ", "> ", "> - ", "\n>", "* \n", "`a``", "<a", "<!--", "&amp", "a | ", "|-", "|a\n", "(", "a\n",
    "[a]: /x\n", "[a]:\n",
]  # fmt: skip
NESTED = [
    ("*a ", "a* "), ("**a ", "a** "), ("*a **a ", "a** a*"), ("*", "*"), ("_a *a ", "a* a_ "), ("~~a ", "a~~ "),
    ("[", "](x)"), ("![", "](x)"), ("[![", "](x)](y)"), ("*a [b ", "](x) a* "),
]  # fmt: skip


class ParsedHtml(HTMLParser):
    """The tags of rendered HTML, their depth, and everything that is neither a tag nor text."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.depth = self.max_depth = 0
        self.others: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.depth += tag not in VOID_TAGS
        self.max_depth = max(self.max_depth, self.depth)

    def handle_endtag(self, tag: str) -> None:
        self.depth -= 1

    def handle_comment(self, data: str) -> None:
        self.others.append(data)

    def handle_decl(self, decl: str) -> None:
        self.others.append(decl)

    def handle_pi(self, data: str) -> None:
        self.others.append(data)


def check_safe(html: str) -> None:
    """Check that HTML has only allowed tags, attributes and URL schemes."""
    parsed = ParsedHtml(html)
    assert {tag for tag, _ in parsed.tags} <= ALLOWED_TAGS
    assert not parsed.others
    assert parsed.depth == 0
    for tag, attributes in parsed.tags:
        assert attributes.keys() <= ALLOWED_ATTRIBUTES.get(tag, set())
        # Browsers ignore white space and control characters before a scheme, and tabs and line breaks within it.
        url = re.sub(r"[\t\r\n]", "", attributes.get("href") or "").lstrip("".join(map(chr, range(33))))
        scheme = re.match(r"([a-z][a-z0-9+.-]*):", url, re.IGNORECASE)
        assert scheme is None or scheme[1].lower() in {"http", "https", "mailto"}
        assert tag != "a" or attributes["rel"] == "nofollow noopener noreferrer"


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("", ""),
        (" \n", ""),
        ("Luna *purrs* **loudly**.", "<p>Luna <em>purrs</em> <strong>loudly</strong>.</p>\n"),
        ("~~Gone~~", "<p><del>Gone</del></p>\n"),
        ("one\\\ntwo", "<p>one<br>\ntwo</p>\n"),
        ("# Open day", "<h1>Open day</h1>\n"),
        ("###### Small", "<h6>Small</h6>\n"),
        ("> Hello", "<blockquote>\n<p>Hello</p>\n</blockquote>\n"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n"),
        ("3. a", '<ol start="3">\n<li>a</li>\n</ol>\n'),
        ("`a < b`", "<p><code>a &lt; b</code></p>\n"),
        ("```js\nx\n```", "<pre><code>x\n</code></pre>\n"),
        ("---", "<hr>\n"),
        ("Tom & Jerry", "<p>Tom &amp; Jerry</p>\n"),
        ("\ud800", "<p>?</p>\n"),
        ("1 < 2 <b>", "<p>1 &lt; 2 &lt;b&gt;</p>\n"),
        ("[Luna](/cats/luna)", f'<p><a href="/cats/luna" {REL}>Luna</a></p>\n'),
        ('[Luna](cats/luna "A cat")', f'<p><a href="cats/luna" title="A cat" {REL}>Luna</a></p>\n'),
        ("<https://a.example/?b=1&c>", f'<p><a href="https://a.example/?b=1&amp;c" {REL}>https://a.example/?b=1&amp;c</a></p>\n'),
        ("[a][1]\n\n[1]: http://a.example", f'<p><a href="http://a.example" {REL}>a</a></p>\n'),
        ("<ada@cafe.example>", f'<p><a href="mailto:ada@cafe.example" {REL}>ada@cafe.example</a></p>\n'),
    ],
)  # fmt: skip
def test_markdown_is_rendered_as_html(text: str, html: str) -> None:
    assert to_html(text) == html


def test_tables_are_rendered_without_style() -> None:
    cells = "<thead>\n<tr>\n<th>a</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n<td>1</td>\n</tr>\n</tbody>"
    assert to_html("| a |\n|--:|\n| 1 |") == f"<table>\n{cells}\n</table>\n"


def test_image_is_replaced_by_its_alternative_text() -> None:
    html = to_html('![Luna *purrs* & `<b>`](http://spy.example/x.png "t")')
    assert html == "<p>Luna purrs &amp; &lt;b&gt;</p>\n"
    assert "spy" not in to_html("![][1]\n\n[1]: http://spy.example/x.png")


@pytest.mark.parametrize("url", ["ftp://a.example", "tel:+441", "data:image/png;base64,AAAA", "intent:x", "x:y"])
def test_link_with_another_scheme_has_no_href(url: str) -> None:
    assert to_html(f"[x]({url})") == f"<p><a {REL}>x</a></p>\n"


@pytest.mark.parametrize("text", XSS_VECTORS)
def test_xss_vectors_in_markdown_are_rendered_safely(text: str) -> None:
    check_safe(to_html(text))


@pytest.mark.parametrize("markup", [*XSS_VECTORS, "<a href='x:y'>x</a>", "<a href=' javascript:alert(1)'>x</a>"])
def test_sanitiser_alone_stops_xss_vectors(markup: str) -> None:
    check_safe(sanitise(markup))


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ('<p title="x" lang="en" id="x" class="x" style="x" onclick="x">a</p>', "<p>a</p>"),
        ('<img src="x" alt="y">', ""),
        ('<a href="/x" target="_blank" rel="opener" style="x" ping="/y" download>a</a>', f'<a href="/x" {REL}>a</a>'),
        ('<td align="left" colspan="2" style="x">a</td>', "a"),
        ('<table><tr><td align="left" colspan="2">a', "<table><tbody><tr><td>a</td></tr></tbody></table>"),
        ('<ol start="2" reversed type="A"></ol>', '<ol start="2"></ol>'),
        ("<form action=/x><input name=y><button>a</button></form>", "a"),
        ("<div><span>a</span></div><video src=x></video><base href=//evil.example>", "a"),
        ("<blockquote cite=//evil.example>a", "<blockquote>a</blockquote>"),
        ("a<!-- x -->b\ud800", "ab?"),
        ("<script>a</script><style>b</style>c", "c"),
    ],
)
def test_sanitiser_keeps_only_allowed_tags_and_attributes(markup: str, expected: str) -> None:
    assert sanitise(markup) == expected


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "a <b onclick=x>b</b>", "<!-- x -->", "&lt;i&gt;"])
def test_html_in_markdown_is_shown_as_text(text: str) -> None:
    assert to_html(text).count("&lt;") == text.count("<") + text.count("&lt;")
    assert {tag for tag, _ in ParsedHtml(to_html(text)).tags} <= {"p"}


@given(st.one_of(st.text(), st.text(st.characters(categories=("Cs", "Cc"))), st.text("[]()<>!*_~`&#x;:\"'\\| \n-/ja")))
def test_any_text_is_rendered_safely(text: str) -> None:
    check_safe(to_html(text))


@given(st.text("<>/ =\"'abipsvgxonerdm!-:") | st.lists(st.sampled_from(XSS_VECTORS), max_size=5).map("".join))
def test_sanitiser_makes_any_markup_safe(markup: str) -> None:
    check_safe(sanitise(markup))


@given(
    st.lists(st.sampled_from([*XSS_VECTORS, *REPEATED, "a", "\n", "\n\n", '"', "'", ")", "x:"]), max_size=30).map(
        "".join
    )
)
def test_any_combination_of_xss_vectors_is_rendered_safely(text: str) -> None:
    check_safe(to_html(text))


@given(st.text("javscript:vbd&#;x0123456789ABCDEFTNewLinoly%\t /\\"))
def test_no_url_runs_a_script(url: str) -> None:
    check_safe(to_html(f"[x]({url}) [y](<{url}>) <{url}>"))


@pytest.mark.parametrize("pattern", REPEATED)
def test_repeated_pattern_does_not_nest_deeply(pattern: str) -> None:
    html = to_html((pattern * REPETITIONS)[: MAX_BRACKETS if "[" in pattern else None])
    check_safe(html)
    assert ParsedHtml(html).max_depth <= MAX_DEPTH


@pytest.mark.parametrize(("opening", "closing"), NESTED)
def test_markup_nested_a_thousand_times_does_not_nest_deeply(opening: str, closing: str) -> None:
    count = min(REPETITIONS, MAX_BRACKETS // 2)
    html = to_html(opening * count + "a" + closing * count)
    check_safe(html)
    assert ParsedHtml(html).max_depth <= MAX_DEPTH
    quoted = to_html("> " * 20 + opening * 1000 + "a" + closing * 1000)
    assert ParsedHtml(quoted).max_depth <= MAX_DEPTH


@pytest.mark.parametrize("depth", [1, 2, 19, 20])
def test_marks_up_to_depth_20_are_rendered(depth: int) -> None:
    html = to_html("**a " * depth + "a** " * depth)
    assert html.count("<strong>") == html.count("</strong>") == depth


def test_text_with_too_many_brackets_is_not_rendered() -> None:
    assert to_html("[" * MAX_BRACKETS) == f"<p>{'[' * MAX_BRACKETS}</p>\n"
    with pytest.raises(TooLarge, match="2000 opening brackets"):
        to_html("[" * (MAX_BRACKETS + 1))


def test_text_remains_where_marks_are_dropped() -> None:
    html = to_html("*a " * 1000 + "a* " * 1000)
    assert html.count("a") == 2000
    assert html.count("<em>") == html.count("</em>") == 20


def test_modules_of_posts_do_not_import_the_markdown_libraries() -> None:
    script = "import sys, api.web.atom, api.domain.posts; print({'markdown_it', 'nh3'} & sys.modules.keys())"
    root = Path(__file__).resolve().parents[2]
    process = subprocess.run([sys.executable, "-c", script], cwd=root, capture_output=True, text=True, check=True)
    assert process.stdout == "set()\n"
