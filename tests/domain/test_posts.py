"""News posts: validation, rendering to HTML, versions, and the time of publication."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.domain.entity import WriteContext
from api.domain.posts import (
    MAX_HTML_BYTES,
    CreatePost,
    Post,
    ReplacePost,
    create,
    is_public,
    to_body,
    to_view,
    update,
    validate,
)
from tests.support.factories import NOON

CONTEXT = WriteContext("n1", "ada", NOON)
LATER = WriteContext("n2", "bob", NOON + timedelta(days=1))
REQUIRED_FIELDS = {"id", "title", "body", "html", "author", "publishedAt", "created", "updated", "version"}
COMPLETE_BODY: dict[str, Any] = {
    "title": "Open day",
    "body": "Come *all*.",
    "publishedAt": "2026-12-24T18:00:00+01:00",
    "cats": ["luna", "bo"],
}
"""Every field that a client may write, without the id."""


def make_body(**fields: Any) -> ReplacePost:
    """Return a request body, from fields named as in JSON."""
    return msgspec.convert({"title": "Open day", "body": "Come *all*."} | fields, ReplacePost)


def make_post(**fields: Any) -> Post:
    """Return a post that was created at noon, from fields named as in JSON."""
    return create(make_body(**fields), "7", CONTEXT)


def error_pointers(**fields: Any) -> list[str | None]:
    """Return the pointers of the errors of a body."""
    return [error.pointer for error in validate(make_body(**fields))]


def test_create_returns_version_1_by_the_caller() -> None:
    assert make_post() == Post(
        id=7, title="Open day", body="Come *all*.", html="<p>Come <em>all</em>.</p>\n", author="ada",
        published_at=NOON, created=NOON, updated=NOON, version=1,
    )  # fmt: skip


def test_this_module_covers_every_writable_field() -> None:
    assert COMPLETE_BODY.keys() | {"id"} == set(ReplacePost.__struct_encode_fields__)


def test_id_in_the_body_is_ignored() -> None:
    assert make_post(id=9).id == 7
    assert update(make_post(), make_body(id=9), LATER).id == 7


@pytest.mark.parametrize(
    ("sent", "fields"),
    [({}, REQUIRED_FIELDS), ({"cats": []}, REQUIRED_FIELDS), ({"cats": ["bo"]}, REQUIRED_FIELDS | {"cats"})],
)
def test_only_non_default_fields_are_stored(sent: dict[str, Any], fields: set[str]) -> None:
    stored = msgspec.json.encode(make_post(**sent))
    assert msgspec.json.decode(stored).keys() == fields
    assert msgspec.json.decode(stored, type=Post) == make_post(**sent)


@pytest.mark.parametrize("missing", ["title", "body"])
def test_title_and_body_are_required(missing: str) -> None:
    for struct in (CreatePost, ReplacePost):
        with pytest.raises(msgspec.ValidationError, match=missing):
            msgspec.convert({name: value for name, value in COMPLETE_BODY.items() if name != missing}, struct)


@pytest.mark.parametrize(
    "fields",
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
def test_malformed_body_is_rejected(fields: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        make_body(**fields)


@pytest.mark.parametrize("title", ["", " ", "\t\n", "\u3000\u00a0"])
def test_blank_title_is_rejected(title: str) -> None:
    (error,) = validate(make_body(title=title))
    assert (error.detail, error.pointer) == ("Title cannot be blank!", "/title")


@pytest.mark.parametrize(
    "fields", [{"title": "x"}, {"title": "x" * 200}, {"body": "x" * 20_000}, {"body": "猫" * 20_000}, COMPLETE_BODY]
)
def test_valid_body_has_no_errors(fields: dict[str, Any]) -> None:
    assert validate(make_body(**fields)) == []


@pytest.mark.parametrize(
    ("published_at", "pointers"),
    [
        ("1999-12-31T23:59:59Z", ["/publishedAt"]),
        ("2000-01-01T00:00:00Z", []),
        ("2000-01-01T00:00:00+00:01", ["/publishedAt"]),
        ("2100-12-31T23:59:59Z", []),
        ("2100-12-31T23:59:59-00:01", ["/publishedAt"]),
        ("2101-01-01T00:00:00Z", ["/publishedAt"]),
        ("0001-01-01T00:00:00+14:00", ["/publishedAt"]),
        ("9999-12-31T23:59:59-14:00", ["/publishedAt"]),
    ],
)
def test_published_at_is_in_the_years_2000_to_2100(published_at: str, pointers: list[str]) -> None:
    assert error_pointers(publishedAt=published_at) == pointers
    if not pointers:
        assert make_post(publishedAt=published_at).published_at.tzinfo == UTC


def test_error_of_an_invalid_cat_name_has_its_index() -> None:
    assert error_pointers(cats=["bo", "a/b", " luna ", "..", "x" * 65]) == ["/cats/1", "/cats/3", "/cats/4"]


def test_length_of_a_cat_name_is_checked_after_normalisation() -> None:
    assert error_pointers(cats=["x" * 64 + "  ", "e\u0301" * 64]) == []


def test_all_errors_are_returned_at_once() -> None:
    pointers = error_pointers(title=" ", publishedAt="1999-01-01T00:00:00Z", cats=["#"])
    assert pointers == ["/title", "/publishedAt", "/cats/0"]


@pytest.mark.parametrize("field", ["title", "body"])
def test_malformed_field_is_not_validated_again(field: str) -> None:
    assert validate(msgspec.structs.replace(make_body(), **{field: msgspec.UNSET})) == []


@pytest.mark.parametrize(
    "text", ["[a]: /" + "x" * 1000 + "\n\n" + "[a] " * 1900, "|a" * 1000 + "\n" + "|-" * 1000 + "\n" + "x\n" * 7000]
)
def test_body_whose_html_is_too_long_is_rejected(text: str) -> None:
    (error,) = validate(make_body(body=text))
    assert (error.detail, error.pointer) == (
        f"The rendered HTML must not be longer than {MAX_HTML_BYTES} bytes.",
        "/body",
    )


def test_html_of_exactly_the_maximum_length_is_accepted() -> None:
    count = (MAX_HTML_BYTES - len("<p></p>\n")) // len("&amp;")
    assert error_pointers(body="&" * count) == []
    assert error_pointers(body="&" * (count + 1)) == ["/body"]


def test_length_of_the_html_is_counted_in_bytes() -> None:
    definition = '[a]: /x "' + "😺" * 8000 + '"\n\n'
    assert error_pointers(body=definition + "[a] " * 3) == []
    assert error_pointers(body=definition + "[a] " * 4) == ["/body"]


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        (["bo", " bo ", "bo"], ("bo",)),
        (["Zoe\u0308", "Zo\u00eb"], ("Zo\u00eb",)),
        (["dot", "bo", "ada"], ("dot", "bo", "ada")),
    ],
)
def test_cats_are_normalised_and_deduplicated_in_the_order_sent(sent: list[str], stored: tuple[str, ...]) -> None:
    assert make_post(cats=sent).cats == stored
    assert update(make_post(), make_body(cats=sent), LATER).cats == stored


def test_published_at_is_in_utc_and_defaults_to_now() -> None:
    assert make_post().published_at == NOON
    published_at = make_post(publishedAt="2026-12-24T18:00:00+01:00").published_at
    assert (published_at, published_at.tzinfo) == (datetime(2026, 12, 24, 17, tzinfo=UTC), UTC)
    context = WriteContext("n1", "ada", NOON.astimezone(timezone(timedelta(hours=-5))))
    assert create(make_body(), "7", context).published_at.tzinfo == UTC


@pytest.mark.parametrize(("seconds", "public"), [(-1, False), (0, True), (1, True)])
def test_post_is_public_from_published_at_on(seconds: int, public: bool) -> None:
    assert is_public(make_post(), NOON + timedelta(seconds=seconds)) is public


def test_update_replaces_every_writable_field_but_published_at() -> None:
    before = make_post(**COMPLETE_BODY)
    after = update(before, make_body(title="Shut", body="**Sorry**"), LATER)
    assert after == Post(
        id=7, title="Shut", body="**Sorry**", html="<p><strong>Sorry</strong></p>\n", author="ada",
        published_at=before.published_at, created=NOON, updated=LATER.at, version=2,
    )  # fmt: skip


def test_published_at_changes_only_if_the_body_has_it() -> None:
    assert update(make_post(), make_body(), LATER).published_at == NOON
    published_at = update(make_post(), make_body(publishedAt="2027-01-01T00:00:00+02:00"), LATER).published_at
    assert (published_at, published_at.tzinfo) == (datetime(2026, 12, 31, 22, tzinfo=UTC), UTC)


def test_update_with_to_body_changes_no_field() -> None:
    before = make_post(**COMPLETE_BODY)
    after = update(before, to_body(before), LATER)
    assert msgspec.structs.replace(after, version=1, updated=NOON) == before
    assert to_body(before).id == 7
    assert msgspec.convert(msgspec.to_builtins(to_body(before)), ReplacePost) == to_body(before)


@given(st.lists(st.integers(-(10**9), 10**9), max_size=8))
def test_updated_strictly_increases_for_any_clock(clock: list[int]) -> None:
    versions = [make_post()]
    for seconds in clock:
        versions.append(update(versions[-1], make_body(), WriteContext("n2", "ada", NOON + timedelta(seconds=seconds))))
    assert [post.version for post in versions] == list(range(1, len(clock) + 2))
    times = [post.updated for post in versions]
    assert times == sorted(set(times))


def test_view_has_every_stored_field() -> None:
    view = msgspec.to_builtins(to_view(make_post(**COMPLETE_BODY)))
    assert view == msgspec.to_builtins(make_post(**COMPLETE_BODY)) | {"photos": ()}
    assert view.keys() == REQUIRED_FIELDS | {"cats", "photos"} == msgspec.to_builtins(to_view(make_post())).keys()
    assert view["publishedAt"] == "2026-12-24T17:00:00Z"
