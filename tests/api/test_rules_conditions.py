"""Conditional writes (RFC 9110, section 13; RFC 6585), for every noun."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.looking import etag, unchanged
from tests.api.nouns import Noun, every_noun, tags
from tests.cafe import PATCH, Cafe, Caller, problem


@every_noun
def test_a_write_changes_every_tag_even_if_nothing_else_changes(cafe: Cafe, noun: Noun) -> None:
    writer = noun.who_writes(cafe)
    writer.put(noun.at("luna"), noun.long)
    before = tags(cafe, noun, noun.at("luna"))
    answer = writer.put(noun.at("luna"), noun.long)
    after = tags(cafe, noun, noun.at("luna"))
    assert set(before.values()).isdisjoint(after.values())
    assert etag(answer) == after["all"]


@every_noun
@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_if_none_match_star_writes_only_where_nothing_is(cafe: Cafe, noun: Noun, method: str) -> None:
    writer = noun.who_writes(cafe)
    only_new = {"If-None-Match": "*"} | (PATCH if method == "PATCH" else {})
    new = writer.send(method, noun.at("luna"), only_new, json=noun.body)
    assert (new.status_code, new.headers["Location"]) == (201, noun.at("luna"))
    assert new.json | noun.body == new.json == writer.get(noun.at("luna")).json
    with unchanged(cafe):
        problem(writer.send(method, noun.at("luna"), only_new, json=noun.other), 412)


def write(writer: Caller, method: str, noun: Noun, **conditions: str) -> Any:
    """Send a write that is in order, with conditions."""
    headers = {name.replace("_", "-"): value for name, value in conditions.items()}
    body = {} if method == "DELETE" else {"json": noun.other}
    return writer.send(method, noun.at("luna"), headers | (PATCH if method == "PATCH" else {}), **body)


writes = pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])


@every_noun
@writes
@pytest.mark.parametrize("sent", ["W/{}", '"old"', '"old", W/{}', "{}-", "{} x", '"{}"', "", '""', '"."', "**"])
def test_another_tag_or_a_weak_one_never_matches_for_a_write(cafe: Cafe, noun: Noun, method: str, sent: str) -> None:
    writer = noun.who_writes(cafe)
    tag = etag(writer.put(noun.at("luna"), noun.body))
    with unchanged(cafe):
        told = problem(write(writer, method, noun, If_Match=sent.format(tag)), 412)
    assert told["type"] == "/problems/precondition-failed"


@every_noun
@writes
@pytest.mark.parametrize(
    "of", ["public", "all", "public, gzip", "all, gzip", "public, fields", "all, fields", "*", "list"]
)
def test_a_write_takes_whatever_tag_its_caller_was_given(cafe: Cafe, noun: Noun, method: str, of: str) -> None:
    writer = noun.who_writes(cafe)
    writer.put(noun.at("luna"), noun.long)
    given = tags(cafe, noun, noun.at("luna"))
    tag = {**given, "*": "*", "list": f'W/"x", "y" , {given["public"]}'}[of]
    assert write(writer, method, noun, If_Match=tag).status_code in (200, 204)


@every_noun
@writes
def test_a_tag_serves_once(cafe: Cafe, noun: Noun, method: str) -> None:
    writer = noun.who_writes(cafe)
    tag = etag(writer.put(noun.at("luna"), noun.body))
    assert write(writer, "PUT", noun, If_Match=tag).status_code == 200
    with unchanged(cafe):
        problem(write(writer, method, noun, If_Match=tag), 412)


@every_noun
@writes
def test_if_none_match_with_the_tag_that_is_there_stops_a_write(cafe: Cafe, noun: Noun, method: str) -> None:
    writer = noun.who_writes(cafe)
    writer.put(noun.at("luna"), noun.body)
    tag = etag(cafe.public.get(noun.at("luna")))
    with unchanged(cafe):
        problem(write(writer, method, noun, If_Match="*", If_None_Match=f"W/{tag}"), 412)
    assert write(writer, method, noun, If_Match="*", If_None_Match='"old"').status_code in (200, 204)


@every_noun
@pytest.mark.parametrize("conditions", [{}, {"If_None_Match": '"old"'}])
def test_a_patch_has_to_say_which_version_it_was_made_for(cafe: Cafe, noun: Noun, conditions: dict[str, str]) -> None:
    writer = noun.who_writes(cafe)
    writer.put(noun.at("luna"), noun.body)
    with unchanged(cafe):
        told = problem(write(writer, "PATCH", noun, **conditions), 428)
    assert told["type"] == "/problems/precondition-required"


@every_noun
def test_what_is_deleted_and_made_again_never_has_an_old_tag(cafe: Cafe, noun: Noun) -> None:
    writer = noun.who_writes(cafe)
    writer.put(noun.at("luna"), noun.long)
    old = tags(cafe, noun, noun.at("luna"))
    writer.delete(noun.at("luna"))
    writer.put(noun.at("luna"), noun.long)
    assert set(old.values()).isdisjoint(tags(cafe, noun, noun.at("luna")).values())
    with unchanged(cafe):
        for tag in old.values():
            problem(write(writer, "DELETE", noun, If_Match=tag), 412)


@every_noun
@pytest.mark.parametrize(("method", "status"), [("GET", 404), ("DELETE", 404), ("PATCH", 404), ("PUT", 412)])
@pytest.mark.parametrize("tag", ['"old"', "*"])
def test_where_nothing_is_404_comes_before_412_unless_it_could_be_made(
    cafe: Cafe, noun: Noun, method: str, status: int, tag: str
) -> None:
    writer = noun.who_writes(cafe)
    with unchanged(cafe):
        problem(write(writer, method, noun, If_Match=tag), status)


@every_noun
def test_who_is_calling_and_what_was_sent_come_before_the_condition(cafe: Cafe, noun: Noun) -> None:
    writer = noun.who_writes(cafe)
    writer.put(noun.at("luna"), noun.body)
    member, stale, path = cafe.caller("member"), {"If-Match": '"old"'}, noun.at("luna")
    with unchanged(cafe):
        for method in ("PUT", "PATCH", "DELETE"):
            problem(cafe.public.send(method, path, stale, json={}), 401)
            problem(member.send(method, path, stale, json={}), 403)
        for method in ("PUT", "PATCH"):
            problem(writer.send(method, path, stale | {"Content-Type": "text/csv"}, data="{}"), 415)
        problem(writer.send("PUT", path, stale, data="{", content_type="application/json"), 412)
