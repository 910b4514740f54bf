"""Markdown: what people write looks as they mean it, and nothing that anybody writes can do harm on a page."""

from __future__ import annotations

import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.domain.markdown import sanitised, to_html

LENGTH = 20_000
DEEPEST = 45
"""20 quotes or lists around 20 marks, a list having two tags, with a paragraph between them."""
VOID = {"br", "hr"}
HARMLESS = VOID | {
    "p", "em", "strong", "del", "code", "pre", "blockquote", "ul", "ol", "li", "a", "h1", "h2", "h3", "h4", "h5", "h6",
    "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip
ATTRIBUTES = {"a": {"href", "title", "rel"}, "ol": {"start"}}
REL = 'rel="nofollow noopener noreferrer"'
VECTORS = [
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
PATTERNS = [
    *"[]*_>~`!<&\\(#|-+\t \x00",
    "![", "[]", "[[]", "![[]()", "[a](", "[a][", "[x](/y ", "*a ", "**a ", "**a *a ", "a**b", "a*", "_*", "~~", "~~a ",
    "- ", "+ ", "1. ", "> ", "> - ", "\n>", "* \n", "`a``", "<a", "<!--", "&amp", "a | ", "|-", "|a\n", "(", "a\n",
    "[a]: /x\n", "[a]:\n",
]  # fmt: skip
NESTED = [
    ("*a ", "a* "), ("**a ", "a** "), ("*a **a ", "a** a*"), ("*", "*"), ("_a *a ", "a* a_ "), ("~~a ", "a~~ "),
    ("[", "](x)"), ("![", "](x)"), ("[![", "](x)](y)"), ("*a [b ", "](x) a* "),
]  # fmt: skip


class Page(HTMLParser):
    """What a browser finds on a page that a text was made into."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.depth = self.deepest = 0
        self.others: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.depth += tag not in VOID
        self.deepest = max(self.deepest, self.depth)

    def handle_endtag(self, tag: str) -> None:
        self.depth -= 1

    def handle_comment(self, data: str) -> None:
        self.others.append(data)

    def handle_decl(self, decl: str) -> None:
        self.others.append(decl)

    def handle_pi(self, data: str) -> None:
        self.others.append(data)


def harmless(html: str) -> bool:
    """Say whether there is nothing on a page but what may be there; assert it one by one."""
    page = Page(html)
    assert {tag for tag, _ in page.tags} <= HARMLESS
    assert not page.others
    assert page.depth == 0
    for tag, attributes in page.tags:
        assert attributes.keys() <= ATTRIBUTES.get(tag, set())
        # As browsers read an address: white space within a scheme, and before it, says nothing.
        address = re.sub(r"[\t\r\n]", "", attributes.get("href") or "").lstrip("".join(map(chr, range(33))))
        scheme = re.match(r"([a-z][a-z0-9+.-]*):", address, re.IGNORECASE)
        assert scheme is None or scheme[1].lower() in {"http", "https", "mailto"}
        assert tag != "a" or attributes["rel"] == "nofollow noopener noreferrer"
    return True


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
        ("> said", "<blockquote>\n<p>said</p>\n</blockquote>\n"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n"),
        ("3. a", '<ol start="3">\n<li>a</li>\n</ol>\n'),
        ("`a < b`", "<p><code>a &lt; b</code></p>\n"),
        ("```js\nx\n```", "<pre><code>x\n</code></pre>\n"),
        ("---", "<hr>\n"),
        ("Tom & Jerry", "<p>Tom &amp; Jerry</p>\n"),
        ("\ud800", "<p>?</p>\n"),
        ("1 < 2 <b>", "<p>1 &lt; 2 &lt;b&gt;</p>\n"),
        ("[Luna](/cats/luna)", f'<p><a href="/cats/luna" {REL}>Luna</a></p>\n'),
        ('[Luna](cats/luna "Her")', f'<p><a href="cats/luna" title="Her" {REL}>Luna</a></p>\n'),
        ("<https://a.example/?b=1&c>", f'<p><a href="https://a.example/?b=1&amp;c" {REL}>https://a.example/?b=1&amp;c</a></p>\n'),
        ("[a][1]\n\n[1]: http://a.example", f'<p><a href="http://a.example" {REL}>a</a></p>\n'),
        ("<ada@cafe.example>", f'<p><a href="mailto:ada@cafe.example" {REL}>ada@cafe.example</a></p>\n'),
    ],
)  # fmt: skip
def test_a_text_looks_as_it_is_meant(text: str, html: str) -> None:
    assert to_html(text) == html


def test_a_table_has_no_style_of_its_own() -> None:
    cells = "<thead>\n<tr>\n<th>a</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n<td>1</td>\n</tr>\n</tbody>"
    assert to_html("| a |\n|--:|\n| 1 |") == f"<table>\n{cells}\n</table>\n"


def test_of_a_picture_its_words_stay_and_its_address_goes() -> None:
    assert (
        to_html('![Luna *future_cards* & `<b>`](http://spy.example/x.png "t")')
        == "<p>Luna future_cards &amp; &lt;b&gt;</p>\n"
    )
    assert "spy" not in to_html("![][1]\n\n[1]: http://spy.example/x.png")


@pytest.mark.parametrize("address", ["ftp://a.example", "tel:+441", "data:image/png;base64,AAAA", "intent:x", "x:y"])
def test_a_link_elsewhere_than_to_the_web_and_to_mail_leads_nowhere(address: str) -> None:
    assert to_html(f"[x]({address})") == f"<p><a {REL}>x</a></p>\n"


@pytest.mark.parametrize("text", VECTORS)
def test_nobody_can_put_anything_on_a_page_but_text(text: str) -> None:
    assert harmless(to_html(text))


@pytest.mark.parametrize("markup", [*VECTORS, "<a href='x:y'>x</a>", "<a href=' javascript:alert(1)'>x</a>"])
def test_nobody_could_even_if_html_came_through(markup: str) -> None:
    assert harmless(sanitised(markup))


@pytest.mark.parametrize(
    ("markup", "left"),
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
def test_of_any_html_only_a_few_tags_and_attributes_stay(markup: str, left: str) -> None:
    assert sanitised(markup) == left


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "a <b onclick=x>b</b>", "<!-- x -->", "&lt;i&gt;"])
def test_html_that_is_written_is_shown_as_it_was_written(text: str) -> None:
    assert to_html(text).count("&lt;") == text.count("<") + text.count("&lt;")
    assert {tag for tag, _ in Page(to_html(text)).tags} <= {"p"}


@given(st.one_of(st.text(), st.text(st.characters(categories=("Cs", "Cc"))), st.text("[]()<>!*_~`&#x;:\"'\\| \n-/ja")))
def test_whatever_is_written_the_page_is_harmless(text: str) -> None:
    assert harmless(to_html(text))


@given(st.text("<>/ =\"'abipsvgxonerdm!-:") | st.lists(st.sampled_from(VECTORS), max_size=5).map("".join))
def test_whatever_html_came_through_the_page_would_be_harmless(markup: str) -> None:
    assert harmless(sanitised(markup))


@given(
    st.lists(st.sampled_from([*VECTORS, *PATTERNS, "a", "\n", "\n\n", '"', "'", ")", "x:"]), max_size=30).map("".join)
)
def test_whatever_is_put_together_the_page_is_harmless(text: str) -> None:
    assert harmless(to_html(text))


@given(st.text("javscript:vbd&#;x0123456789ABCDEFTNewLinoly%\t /\\"))
def test_no_address_is_that_of_a_script(address: str) -> None:
    assert harmless(to_html(f"[x]({address}) [y](<{address}>) <{address}>"))


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_text_of_one_pattern_is_made_into_a_page_that_is_not_deep(pattern: str) -> None:
    html = to_html((pattern * LENGTH)[:LENGTH])
    assert harmless(html)
    assert Page(html).deepest <= DEEPEST


@pytest.mark.parametrize(("opening", "closing"), NESTED)
def test_what_is_nested_a_thousand_times_is_made_into_a_page_that_is_not_deep(opening: str, closing: str) -> None:
    times = LENGTH // len(opening + closing)
    html = to_html(opening * times + "a" + closing * times)
    assert harmless(html)
    assert Page(html).deepest <= DEEPEST
    inside = to_html("> " * 20 + opening * 1000 + "a" + closing * 1000)
    assert Page(inside).deepest <= DEEPEST


@pytest.mark.parametrize("depth", [1, 2, 19, 20])
def test_nobody_who_means_it_nests_so_deep_that_it_is_left_out(depth: int) -> None:
    html = to_html("**a " * depth + "a** " * depth)
    assert html.count("<strong>") == html.count("</strong>") == depth


def test_words_stay_where_marks_are_left_out() -> None:
    html = to_html("*a " * 1000 + "a* " * 1000)
    assert html.count("a") == 2000
    assert html.count("<em>") == html.count("</em>") == 20


def test_who_does_not_write_does_not_wait_for_what_writing_needs() -> None:
    script = "import sys, api.web.atom, api.domain.posts; print({'markdown_it', 'nh3'} & sys.modules.keys())"
    root = Path(__file__).resolve().parents[2]
    told = subprocess.run([sys.executable, "-c", script], cwd=root, capture_output=True, text=True, check=True)
    assert told.stdout == "set()\n"
