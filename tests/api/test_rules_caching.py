"""Entity tags and conditional reads (RFC 9110, sections 8.8.3 and 13; RFC 9111), for every noun."""

from __future__ import annotations

import pytest

from tests.api.looking import etag
from tests.api.nouns import Noun, every_noun, tags
from tests.cafe import Cafe, problem


@every_noun
def test_every_representation_has_a_strong_tag_of_its_own(cafe: Cafe, noun: Noun) -> None:
    noun.who_writes(cafe).put(noun.at("luna"), noun.long)
    found = tags(cafe, noun, noun.at("luna"))
    assert len(set(found.values())) == len(found)
    assert not any(tag.startswith("W/") for tag in found.values())
    assert found == tags(cafe, noun, noun.at("luna"))


@every_noun
@pytest.mark.parametrize("sent", ["{}", "W/{}", '"x", {}', '"x",W/{} ,"y"', "*"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("public", [True, False])
def test_who_has_it_already_gets_304(cafe: Cafe, noun: Noun, sent: str, method: str, public: bool) -> None:
    writer = noun.who_writes(cafe)
    writer.put(noun.at("luna"), noun.long)
    for path in (noun.at("luna"), noun.path):
        reader = cafe.public if public else writer
        full = reader.get(path)
        answer = reader.send(method, path, {"If-None-Match": sent.format(full.headers["ETag"])})
        assert (answer.status_code, answer.data) == (304, b"")
        for name in ("ETag", "Vary", "Cache-Control"):
            assert answer.headers[name] == full.headers[name]
        assert not {"Content-Type", "Content-Length", "Content-Encoding"} & {*answer.headers.keys()}


@every_noun
@pytest.mark.parametrize("sent", ['"old"', "old", "", '"{}', "{}x"])
def test_who_has_something_else_gets_it_all(cafe: Cafe, noun: Noun, sent: str) -> None:
    noun.who_writes(cafe).put(noun.at("luna"), noun.body)
    tag = etag(cafe.public.get(noun.at("luna"))).strip('"')
    assert cafe.public.get(noun.at("luna"), {"If-None-Match": sent.format(tag)}).status_code == 200


@every_noun
def test_caches_are_told_who_may_keep_what(cafe: Cafe, noun: Noun) -> None:
    writer = noun.who_writes(cafe)
    writer.put(noun.at("luna"), noun.body)
    for path in (noun.at("luna"), noun.path):
        public, private = cafe.public.get(path), writer.get(path)
        assert public.headers["Cache-Control"] == "public, no-cache"
        assert private.headers["Cache-Control"] == "private, no-store"
        for answer in (public, private):
            assert {"Accept", "Accept-Encoding", "Authorization"} <= {*answer.headers["Vary"].split(", ")}


@every_noun
def test_a_read_can_ask_for_one_representation_only(cafe: Cafe, noun: Noun) -> None:
    writer = noun.who_writes(cafe)
    writer.put(noun.at("luna"), noun.body)
    tag = etag(writer.get(noun.at("luna")))
    assert writer.get(noun.at("luna"), {"If-Match": tag}).status_code == 200
    problem(writer.get(noun.at("luna"), {"If-Match": f"W/{tag}"}), 412)
    problem(cafe.public.get(noun.at("luna"), {"If-Match": tag}), 412)
