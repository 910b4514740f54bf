"""What every method does, for every noun: GET, HEAD, OPTIONS, PUT, POST, DELETE, and all others."""

from __future__ import annotations

import re

from werkzeug.test import TestResponse

from tests.api.looking import etag, items, unchanged
from tests.api.noun import Noun
from tests.api.nouns import chosen_keys, every_noun
from tests.cafe import Cafe, problem

LIST = "GET, HEAD, OPTIONS, POST"
ITEM = "DELETE, GET, HEAD, OPTIONS, PATCH, PUT"


def headers(answer: TestResponse) -> dict[str, str]:
    """Return the headers that are not of this very answer alone."""
    return {name: value for name, value in answer.headers.items() if name not in ("Date", "X-Request-Id")}


@every_noun
def test_head_is_get_without_the_body(cafe: Cafe, noun: Noun) -> None:
    path = noun.make(noun.who_writes(cafe))
    reader = noun.who_reads(cafe)
    for there, ask, status in (
        (path, {}, 200),
        (f"{path}?fields={noun.member}", {}, 200),
        (noun.path, {}, 200),
        (noun.at(noun.absent), {}, 404),
        (f"{path}/nothing", {}, 404),
        (f"{path}?fields=wings", {}, 400),
        (path, {"Accept": "image/png"}, 406),
        (path, {"Accept": "image/png, text/html;q=0.5"}, 406),
        (path, {"Authorization": "Bearer nonsense"}, 401),
        (path, {"If-Match": '"old"'}, 412),
        (path, {"If-None-Match": "*"}, 304),
    ):
        got, head = reader.get(there, ask), reader.send("HEAD", there, ask)
        assert (got.status_code, head.status_code, head.data) == (status, status, b""), (there, ask)
        assert headers(got) == headers(head)


@every_noun
def test_options_lists_the_methods_and_asks_nobody_who_they_are(cafe: Cafe, noun: Noun) -> None:
    path = noun.make(noun.who_writes(cafe))
    for there, allowed in ((noun.path, LIST), (path, ITEM), (noun.at(noun.absent), ITEM)):
        answer = cafe.public.send("OPTIONS", there)
        assert (answer.status_code, answer.headers["Allow"], answer.data) == (204, allowed, b"")
        assert "Content-Type" not in answer.headers


@every_noun
def test_another_method_is_405_with_the_same_allow(cafe: Cafe, noun: Noun) -> None:
    writer = noun.who_writes(cafe)
    path = noun.make(writer)
    refused = [(noun.path, LIST, method) for method in ("PUT", "PATCH", "DELETE", "TRACE", "PURGE")]
    with unchanged(cafe):
        for there, allowed, method in [*refused, (path, ITEM, "POST"), (path, ITEM, "PURGE")]:
            answer = writer.send(method, there)
            assert problem(answer, 405)["type"] == "/problems/method-not-allowed"
            assert answer.headers["Allow"] == allowed


def test_every_route_says_the_same_methods_to_options_as_with_a_405(cafe: Cafe) -> None:
    public = cafe.public
    paths = {re.sub(r"<(\w+:)?\w+>", "x", rule.rule) for rule in cafe.app.url_map.iter_rules()}
    said = {
        path: (public.send("OPTIONS", path).headers.get("Allow"), public.send("PURGE", path).headers.get("Allow"))
        for path in paths
    }
    assert [path for path, (options, refused) in said.items() if options is None or options != refused] == []


@every_noun
def test_where_there_is_no_route_options_and_get_are_404(cafe: Cafe, noun: Noun) -> None:
    public = cafe.public
    for path in (f"{noun.path}/luna/wings", f"{noun.path}/", f"{noun.path}//luna", f"{noun.path}/a/b/c", "/nothing"):
        for method in ("OPTIONS", "GET", "PURGE"):
            assert problem(public.send(method, path), 404)["type"] == "/problems/not-found"


@chosen_keys
def test_put_creates_with_a_location(cafe: Cafe, noun: Noun) -> None:
    writer = noun.who_writes(cafe)
    new = writer.put(noun.at("luna"), noun.body)
    assert (new.status_code, new.headers["Location"]) == (201, noun.at("luna"))
    assert new.json | noun.body | {noun.member: "luna"} == new.json == writer.get(noun.at("luna")).json


@every_noun
def test_put_replaces_without_a_location(cafe: Cafe, noun: Noun) -> None:
    writer = noun.who_writes(cafe)
    path = noun.make(writer)
    new, again = writer.get(path), writer.put(path, noun.other)
    assert (again.status_code, again.headers.get("Location")) == (200, None)
    assert (new.json["version"], again.json["version"]) == (1, 2)
    assert again.json | noun.other == again.json == writer.get(path).json


@every_noun
def test_put_leaves_nothing_of_what_was_there_before(cafe: Cafe, noun: Noun) -> None:
    writer = noun.who_writes(cafe)
    replaced = writer.put(noun.make(writer, body={**noun.body, **noun.other}), noun.least()).json
    assert replaced | noun.defaults == replaced


@every_noun
def test_post_creates_and_its_location_resolves(cafe: Cafe, noun: Noun) -> None:
    writer = noun.who_writes(cafe)
    for key in noun.keys:
        new = writer.post(noun.path, noun.named(key))
        told = new.json[noun.member]
        assert (new.status_code, new.headers["Location"]) == (201, noun.at(told))
        assert new.json | noun.body | ({noun.member: key} if noun.chosen else {}) == new.json
        there = writer.get(new.headers["Location"])
        assert (there.status_code, there.json, etag(there)) == (200, new.json, etag(new))


@every_noun
def test_delete_is_204_and_then_404(cafe: Cafe, noun: Noun) -> None:
    writer = noun.who_writes(cafe)
    path = noun.make(writer)
    gone = writer.delete(path)
    assert (gone.status_code, gone.data, gone.headers.get("Content-Type")) == (204, b"", None)
    with unchanged(cafe):
        for method in ("GET", "HEAD", "DELETE"):
            assert writer.send(method, path).status_code == 404
    assert noun.told(writer.get(noun.path).json["items"]) == []


@every_noun
def test_reading_writes_nothing(cafe: Cafe, noun: Noun) -> None:
    writer = noun.who_writes(cafe)
    path = noun.make(writer)
    with unchanged(cafe):
        for there in (noun.path, path, noun.at(noun.absent), f"{noun.path}?limit=x"):
            for method in ("GET", "HEAD", "OPTIONS"):
                writer.send(method, there)
                cafe.public.send(method, there)
    assert items(cafe)


PREFERENCES = {
    "return=minimal": True,
    "respond-async, Return = Minimal; x=1": True,
    'return="minimal"': True,
    "return=representation": False,
    "return=representation, return=minimal": False,
    "minimal": False,
    "": False,
}


@every_noun
def test_who_prefers_a_minimal_answer_gets_no_body(cafe: Cafe, noun: Noun) -> None:
    writer = noun.who_writes(cafe)
    for place, (prefer, minimal) in enumerate(PREFERENCES.items()):
        new = writer.post(noun.path, noun.named(f"luna {place}"), prefer=prefer)
        path = new.headers["Location"]
        put = writer.put(path, noun.other, prefer=prefer)
        patched = writer.patch(path, noun.body, prefer=prefer, if_match="*")
        assert [new.status_code, put.status_code, patched.status_code] == [201, *[204 if minimal else 200] * 2], prefer
        made = [writer.put(noun.at(f"tom {place}"), noun.body, prefer=prefer)] if noun.chosen else []
        assert [answer.status_code for answer in made] == [201] * noun.chosen
        for answer in (new, put, patched, *made):
            assert answer.headers.get("Preference-Applied") == ("return=minimal" if minimal else None)
            assert bool(answer.data) is ("Content-Type" in answer.headers) is not minimal
        assert etag(patched) == etag(writer.get(path))
