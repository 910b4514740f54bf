"""Conditional writes (RFC 9110, section 13; RFC 6585), for every noun."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.looking import etag, unchanged
from tests.api.noun import Noun
from tests.api.nouns import chosen_keys, every_noun, given_keys
from tests.cafe import PATCH, Cafe, Caller, problem

writes = pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
changes = pytest.mark.parametrize("method", ["PUT", "PATCH"])


def write(writer: Caller, method: str, path: str, noun: Noun, **conditions: str) -> Any:
    """Send a write that is in order, with conditions."""
    headers = {name.replace("_", "-"): value for name, value in conditions.items()}
    body = {} if method == "DELETE" else {"json": noun.other}
    return writer.send(method, path, headers | (PATCH if method == "PATCH" else {}), **body)


@every_noun
def test_a_write_changes_every_tag_even_if_nothing_else_changes(cafe: Cafe, noun: Noun) -> None:
    writer = noun.who_writes(cafe)
    path = noun.make(writer, body=noun.long)
    before = noun.tags(cafe, path)
    answer = writer.put(path, noun.long)
    after = noun.tags(cafe, path)
    assert set(before.values()).isdisjoint(after.values())
    assert etag(answer) == after["all"]


@chosen_keys
@changes
def test_if_none_match_star_writes_only_where_nothing_is(cafe: Cafe, noun: Noun, method: str) -> None:
    writer = noun.who_writes(cafe)
    only_new = {"If-None-Match": "*"} | (PATCH if method == "PATCH" else {})
    new = writer.send(method, noun.at("luna"), only_new, json=noun.body)
    assert (new.status_code, new.headers["Location"]) == (201, noun.at("luna"))
    assert new.json | noun.body == new.json == writer.get(noun.at("luna")).json
    with unchanged(cafe):
        problem(writer.send(method, noun.at("luna"), only_new, json=noun.other), 412)


@given_keys
@changes
def test_where_keys_are_given_nothing_is_created_under_one(cafe: Cafe, noun: Noun, method: str) -> None:
    writer = noun.who_writes(cafe)
    path = noun.make(writer)
    with unchanged(cafe):
        for conditions in ({}, {"If_None_Match": "*"}, {"If_None_Match": '"old"'}):
            problem(write(writer, method, noun.at(noun.absent), noun, **conditions), 404)
        problem(write(writer, method, path, noun, If_None_Match="*"), 412)


@every_noun
@writes
def test_another_tag_or_a_weak_one_never_matches_for_a_write(cafe: Cafe, noun: Noun, method: str) -> None:
    writer = noun.who_writes(cafe)
    path = noun.make(writer)
    tag = etag(writer.get(path))
    with unchanged(cafe):
        for sent in ("W/{}", '"old"', '"old", W/{}', "{}-", "{} x", '"{}"', "", '""', '"."', "**"):
            told = problem(write(writer, method, path, noun, If_Match=sent.format(tag)), 412)
            assert told["type"] == "/problems/precondition-failed"


@every_noun
@writes
def test_a_write_takes_whatever_tag_its_caller_was_given(cafe: Cafe, noun: Noun, method: str) -> None:
    writer = noun.who_writes(cafe)
    names = [*noun.tags(cafe, noun.make(writer, body=noun.long)), "*", "list"]
    for place, name in enumerate(names):
        path = noun.make(writer, f"luna {place}", noun.long)
        given = noun.tags(cafe, path)
        tag = {**given, "*": "*", "list": f'W/"x", "y" , {given["all"]}'}[name]
        assert write(writer, method, path, noun, If_Match=tag).status_code in (200, 204), name


@every_noun
@writes
def test_a_tag_serves_once(cafe: Cafe, noun: Noun, method: str) -> None:
    writer = noun.who_writes(cafe)
    path = noun.make(writer)
    tag = etag(writer.get(path))
    assert write(writer, "PUT", path, noun, If_Match=tag).status_code == 200
    with unchanged(cafe):
        problem(write(writer, method, path, noun, If_Match=tag), 412)


@every_noun
@writes
def test_if_none_match_with_the_tag_that_is_there_stops_a_write(cafe: Cafe, noun: Noun, method: str) -> None:
    writer = noun.who_writes(cafe)
    path = noun.make(writer)
    tag = etag(noun.who_reads(cafe).get(path))
    with unchanged(cafe):
        problem(write(writer, method, path, noun, If_Match="*", If_None_Match=f"W/{tag}"), 412)
    assert write(writer, method, path, noun, If_Match="*", If_None_Match='"old"').status_code in (200, 204)


@every_noun
def test_a_patch_has_to_say_which_version_it_was_made_for(cafe: Cafe, noun: Noun) -> None:
    writer = noun.who_writes(cafe)
    path = noun.make(writer)
    with unchanged(cafe):
        for conditions in ({}, {"If_None_Match": '"old"'}):
            told = problem(write(writer, "PATCH", path, noun, **conditions), 428)
            assert told["type"] == "/problems/precondition-required"


@every_noun
def test_what_is_deleted_and_made_again_never_has_an_old_tag(cafe: Cafe, noun: Noun) -> None:
    writer = noun.who_writes(cafe)
    path = noun.make(writer, body=noun.long)
    old = noun.tags(cafe, path)
    writer.delete(path)
    again = noun.make(writer, body=noun.long)
    assert (again == path) is noun.chosen
    assert set(old.values()).isdisjoint(noun.tags(cafe, again).values())
    with unchanged(cafe):
        for tag in old.values():
            problem(write(writer, "DELETE", again, noun, If_Match=tag), 412)


@every_noun
@pytest.mark.parametrize("method", ["GET", "DELETE", "PATCH", "PUT"])
def test_where_nothing_is_404_comes_before_412_unless_it_could_be_made(cafe: Cafe, noun: Noun, method: str) -> None:
    writer = noun.who_writes(cafe)
    with unchanged(cafe):
        for tag in ('"old"', "*"):
            refused = write(writer, method, noun.at(noun.absent), noun, If_Match=tag)
            problem(refused, 412 if method == "PUT" and noun.chosen else 404)


@every_noun
def test_a_post_evaluates_its_condition_before_it_does_anything(cafe: Cafe, noun: Noun) -> None:
    writer = noun.who_writes(cafe)
    with unchanged(cafe):
        for name, value in (("If-Match", '"another"'), ("If-None-Match", "*")):
            problem(writer.send("POST", noun.path, {name: value}, json=noun.named("tom")), 412)
    assert writer.send("POST", noun.path, {"If-Match": "*"}, json=noun.named("tom")).status_code == 201


@every_noun
def test_who_is_calling_and_what_was_sent_come_before_the_condition(cafe: Cafe, noun: Noun) -> None:
    writer = noun.who_writes(cafe)
    path = noun.make(writer)
    member, stale = cafe.caller("member"), {"If-Match": '"old"'}
    with unchanged(cafe):
        for method in ("PUT", "PATCH", "DELETE"):
            kind = PATCH if method == "PATCH" else {}
            problem(cafe.public.send(method, path, stale | kind, json={}), 401)
            problem(member.send(method, path, stale | kind, json={}), 404 if noun.own else 403)
        for method in ("PUT", "PATCH"):
            problem(writer.send(method, path, stale | {"Content-Type": "text/csv"}, data="{}"), 415)
        problem(writer.send("PUT", path, stale, data="{", content_type="application/json"), 412)
