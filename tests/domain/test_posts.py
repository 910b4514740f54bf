"""News posts: what may be written in one, what is made of it, and when the public may read it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.domain.entity import WriteContext
from api.domain.posts import (
    LONGEST_HTML,
    NewPost,
    Post,
    PostBody,
    create,
    is_public,
    to_body,
    to_view,
    update,
    validate,
)
from tests.support.factories import NOON

STAMP = WriteContext("n1", "ada", NOON)
LATER = WriteContext("n2", "bob", NOON + timedelta(days=1))
ALWAYS = {"id", "title", "body", "html", "author", "publishedAt", "created", "updated", "version"}
SENT: dict[str, Any] = {
    "title": "Open day",
    "body": "Come *all*.",
    "publishedAt": "2026-12-24T18:00:00+01:00",
    "cats": ["luna", "bo"],
}
"""Every member that a client may write, besides the id."""


def body(**members: Any) -> PostBody:
    """Return what a client sends, made from JSON as it is when it comes over the wire."""
    return msgspec.convert({"title": "Open day", "body": "Come *all*."} | members, PostBody)


def post(**members: Any) -> Post:
    """Return a post as it is kept."""
    return create(body(**members), "7", STAMP)


def pointers(**members: Any) -> list[str | None]:
    """Return where a body breaks a rule."""
    return [fault.pointer for fault in validate(body(**members), NOON)]


def test_a_new_post_is_the_first_version_of_itself() -> None:
    assert post() == Post(
        id=7, title="Open day", body="Come *all*.", html="<p>Come <em>all</em>.</p>\n", author="ada",
        published_at=NOON, created=NOON, updated=NOON, version=1,
    )  # fmt: skip


def test_every_member_that_may_be_written_is_tried_here() -> None:
    assert SENT.keys() | {"id"} == set(PostBody.__struct_encode_fields__)


def test_the_id_is_that_of_the_path_and_not_that_of_the_body() -> None:
    assert post(id=9).id == 7
    assert update(post(), body(id=9), LATER).id == 7


def test_only_what_differs_from_the_defaults_is_kept() -> None:
    for one, members in ((post(), ALWAYS), (post(cats=[]), ALWAYS), (post(cats=["bo"]), ALWAYS | {"cats"})):
        assert msgspec.json.decode(msgspec.json.encode(one)).keys() == members
        assert msgspec.json.decode(msgspec.json.encode(one), type=Post) == one


@pytest.mark.parametrize("missing", ["title", "body"])
def test_a_post_has_a_title_and_a_body_in_every_request(missing: str) -> None:
    for struct in (NewPost, PostBody):
        with pytest.raises(msgspec.ValidationError, match=missing):
            msgspec.convert({name: value for name, value in SENT.items() if name != missing}, struct)


@pytest.mark.parametrize(
    "members",
    [
        {"title": "x" * 201},
        {"body": ""},
        {"body": "x" * 20_001},
        {"cats": ["luna"] * 21},
        {"publishedAt": "2026-12-24T18:00:00"},
        {"html": "<p>"},
        {"author": "eve"},
    ],
)
def test_a_body_of_another_form_is_refused(members: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        body(**members)


@pytest.mark.parametrize("title", ["", " ", "\t\n", "\u3000\u00a0"])
def test_a_title_is_not_blank(title: str) -> None:
    (fault,) = validate(body(title=title), NOON)
    assert (fault.detail, fault.pointer) == ("Title cannot be blank!", "/title")


@pytest.mark.parametrize(
    "members", [{"title": "x"}, {"title": "x" * 200}, {"body": "x" * 20_000}, {"body": "猫" * 20_000}, SENT]
)
def test_what_keeps_the_rules_has_no_fault(members: dict[str, Any]) -> None:
    assert validate(body(**members), NOON) == []


@pytest.mark.parametrize(
    ("at", "found"),
    [
        ("1999-12-31T23:59:59Z", ["/publishedAt"]),
        ("2000-01-01T00:00:00Z", []),
        ("2100-12-31T23:59:59-14:00", []),
        ("2101-01-01T00:00:00Z", ["/publishedAt"]),
        ("0001-01-01T00:00:00+14:00", ["/publishedAt"]),
        ("9999-12-31T23:59:59-14:00", ["/publishedAt"]),
    ],
)
def test_a_post_comes_out_in_a_year_of_ours(at: str, found: list[str]) -> None:
    assert pointers(publishedAt=at) == found
    if not found:
        assert post(publishedAt=at).published_at.tzinfo == UTC


def test_a_cat_of_no_name_is_told_by_its_place() -> None:
    assert pointers(cats=["bo", "a/b", " luna ", "..", "x" * 65]) == ["/cats/1", "/cats/3", "/cats/4"]


def test_a_name_is_measured_in_its_one_spelling() -> None:
    assert pointers(cats=["x" * 64 + "  ", "e\u0301" * 64]) == []


def test_every_rule_that_is_broken_is_told_at_once() -> None:
    found = pointers(title=" ", publishedAt="1999-01-01T00:00:00Z", cats=["#"])
    assert found == ["/title", "/publishedAt", "/cats/0"]


@pytest.mark.parametrize("member", ["title", "body"])
def test_of_a_member_that_has_a_fault_already_nothing_more_is_said(member: str) -> None:
    assert validate(msgspec.structs.replace(body(), **{member: msgspec.UNSET}), NOON) == []


@pytest.mark.parametrize(
    "text", ["[a]: /" + "x" * 1000 + "\n\n" + "[a] " * 4000, "|a" * 1000 + "\n" + "|-" * 1000 + "\n" + "x\n" * 7000]
)
def test_a_text_that_becomes_far_too_long_a_page_is_refused(text: str) -> None:
    (fault,) = validate(body(body=text), NOON)
    assert (fault.detail, fault.pointer) == (f"Its HTML would have more than {LONGEST_HTML} bytes.", "/body")


def test_a_page_may_be_as_long_as_is_said_and_no_longer() -> None:
    most = (LONGEST_HTML - len("<p></p>\n")) // len("&amp;")
    assert pointers(body="&" * most) == []
    assert pointers(body="&" * (most + 1)) == ["/body"]


def test_the_length_of_a_page_is_counted_in_bytes() -> None:
    titled = '[a]: /x "' + "😺" * 8000 + '"\n\n'
    assert pointers(body=titled + "[a] " * 3) == []
    assert pointers(body=titled + "[a] " * 4) == ["/body"]


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (["bo", " bo ", "bo"], ("bo",)),
        (["Zoe\u0308", "Zo\u00eb"], ("Zo\u00eb",)),
        (["dot", "bo", "ada"], ("dot", "bo", "ada")),
    ],
)
def test_a_cat_has_one_spelling_and_stands_once_in_the_order_it_was_told(
    sent: list[str], kept: tuple[str, ...]
) -> None:
    assert post(cats=sent).cats == kept
    assert update(post(), body(cats=sent), LATER).cats == kept


def test_a_post_comes_out_when_it_is_told_and_else_at_once() -> None:
    assert post().published_at == NOON
    at = post(publishedAt="2026-12-24T18:00:00+01:00").published_at
    assert (at, at.tzinfo) == (datetime(2026, 12, 24, 17, tzinfo=UTC), UTC)
    west = WriteContext("n1", "ada", NOON.astimezone(timezone(timedelta(hours=-5))))
    assert create(body(), "7", west).published_at.tzinfo == UTC


@pytest.mark.parametrize(("seconds", "public"), [(-1, False), (0, True), (1, True)])
def test_the_public_may_read_a_post_from_the_instant_on_at_which_it_comes_out(seconds: int, public: bool) -> None:
    assert is_public(post(), NOON + timedelta(seconds=seconds)) is public


def test_a_revised_post_has_all_that_the_body_tells_and_nothing_else() -> None:
    before = post(**SENT)
    after = update(before, body(title="Shut", body="**Sorry**"), LATER)
    assert after == Post(
        id=7, title="Shut", body="**Sorry**", html="<p><strong>Sorry</strong></p>\n", author="ada",
        published_at=before.published_at, created=NOON, updated=LATER.at, version=2,
    )  # fmt: skip


def test_a_revised_post_comes_out_at_another_time_only_if_the_body_says_so() -> None:
    assert update(post(), body(), LATER).published_at == NOON
    moved = update(post(), body(publishedAt="2027-01-01T00:00:00+02:00"), LATER).published_at
    assert (moved, moved.tzinfo) == (datetime(2026, 12, 31, 22, tzinfo=UTC), UTC)


def test_what_may_be_written_of_it_written_again_changes_nothing() -> None:
    one = post(**SENT)
    again = update(one, to_body(one), LATER)
    assert msgspec.structs.replace(again, version=1, updated=NOON) == one
    assert to_body(one).id == 7
    assert msgspec.convert(msgspec.to_builtins(to_body(one)), PostBody) == to_body(one)


@given(st.lists(st.integers(-(10**9), 10**9), max_size=8))
def test_no_two_versions_have_the_same_instant_whatever_the_clock_says(clock: list[int]) -> None:
    versions = [post()]
    for seconds in clock:
        versions.append(update(versions[-1], body(), WriteContext("n2", "ada", NOON + timedelta(seconds=seconds))))
    assert [one.version for one in versions] == list(range(1, len(clock) + 2))
    instants = [one.updated for one in versions]
    assert instants == sorted(set(instants))


def test_a_post_shows_all_that_is_kept_of_it() -> None:
    one = post(**SENT)
    shown = msgspec.to_builtins(to_view(one, NOON))
    assert shown == msgspec.to_builtins(one)
    assert shown.keys() == ALWAYS | {"cats"} == msgspec.to_builtins(to_view(post(), NOON)).keys()
    assert shown["publishedAt"] == "2026-12-24T17:00:00Z"
