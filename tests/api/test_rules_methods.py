"""What every method does, for every noun: GET, HEAD, OPTIONS, PUT, POST, DELETE, and all others."""

from __future__ import annotations

import re

import pytest

from tests.api.looking import etag, items, unchanged
from tests.api.nouns import Noun, every_noun
from tests.cafe import Cafe, problem

LIST = "GET, HEAD, OPTIONS, POST"
ITEM = "DELETE, GET, HEAD, OPTIONS, PATCH, PUT"
OF_ITS_OWN = ("Date", "X-Request-Id")


@every_noun
@pytest.mark.parametrize(
    ("key", "ask", "status"),
    [
        ("luna", {}, 200),
        ("luna?fields={member}", {}, 200),
        ("", {}, 200),
        ("nobody", {}, 404),
        ("luna/nothing", {}, 404),
        ("luna?fields=wings", {}, 400),
        ("luna", {"Accept": "image/png"}, 406),
        ("luna", {"Accept": "image/png, text/html;q=0.5"}, 406),
        ("luna", {"Authorization": "Bearer nonsense"}, 401),
        ("luna", {"If-Match": '"old"'}, 412),
        ("luna", {"If-None-Match": "*"}, 304),
    ],
)
def test_head_is_get_without_the_body(cafe: Cafe, noun: Noun, key: str, ask: dict[str, str], status: int) -> None:
    noun.who_writes(cafe).put(noun.at("luna"), noun.body)
    path = f"{noun.path}/{key.format(member=noun.member)}".rstrip("/")
    got, head = cafe.public.get(path, ask), cafe.public.send("HEAD", path, ask)
    assert (got.status_code, head.status_code, head.data) == (status, status, b"")
    told, short = (dict(answer.headers) for answer in (got, head))
    assert {name: told.get(name) for name in told | short if name not in OF_ITS_OWN} == {
        name: short.get(name) for name in told | short if name not in OF_ITS_OWN
    }


@every_noun
@pytest.mark.parametrize(("key", "allowed"), [("", LIST), ("luna", ITEM), ("nobody", ITEM)])
def test_options_lists_the_methods_and_asks_nobody_who_they_are(cafe: Cafe, noun: Noun, key: str, allowed: str) -> None:
    answer = cafe.public.send("OPTIONS", noun.at(key) if key else noun.path)
    assert (answer.status_code, answer.headers["Allow"], answer.data) == (204, allowed, b"")
    assert "Content-Type" not in answer.headers


@every_noun
@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "PURGE"])
def test_another_method_is_405_with_the_same_allow(cafe: Cafe, noun: Noun, method: str) -> None:
    refused = noun.who_writes(cafe).send(method, noun.path)
    assert problem(refused, 405)["type"] == "/problems/method-not-allowed"
    assert refused.headers["Allow"] == LIST


def test_every_route_says_the_same_methods_to_options_as_with_a_405(cafe: Cafe) -> None:
    public = cafe.public
    paths = {re.sub(r"<(\w+:)?\w+>", "x", rule.rule) for rule in cafe.app.url_map.iter_rules()}
    said = {
        path: (public.send("OPTIONS", path).headers.get("Allow"), public.send("PURGE", path).headers.get("Allow"))
        for path in paths
    }
    assert [path for path, (options, refused) in said.items() if options is None or options != refused] == []


@every_noun
@pytest.mark.parametrize("path", ["{noun}/luna/wings", "{noun}/", "{noun}//luna", "{noun}/a/b/c", "/nothing"])
def test_where_there_is_no_route_options_and_get_are_404(cafe: Cafe, noun: Noun, path: str) -> None:
    for method in ("OPTIONS", "GET", "PURGE"):
        assert problem(cafe.public.send(method, path.format(noun=noun.path)), 404)["type"] == "/problems/not-found"


@every_noun
def test_put_creates_with_a_location_and_then_replaces_without(cafe: Cafe, noun: Noun) -> None:
    writer = noun.who_writes(cafe)
    new, again = writer.put(noun.at("luna"), noun.body), writer.put(noun.at("luna"), noun.other)
    assert (new.status_code, new.headers["Location"]) == (201, noun.at("luna"))
    assert (again.status_code, again.headers.get("Location")) == (200, None)
    assert new.json["version"] == 1
    assert again.json["version"] == 2
    assert again.json | noun.other == again.json == writer.get(noun.at("luna")).json


@every_noun
def test_put_leaves_nothing_of_what_was_there_before(cafe: Cafe, noun: Noun) -> None:
    writer = noun.who_writes(cafe)
    writer.put(noun.at("luna"), noun.other)
    replaced = writer.put(noun.at("luna"), {}).json
    assert replaced | noun.defaults == replaced


@every_noun
@pytest.mark.parametrize("key", ["luna", "Zoë", "Mr. O'Neill-2", "Мурка", "たま", "a.b"])
def test_post_creates_and_its_location_resolves(cafe: Cafe, noun: Noun, key: str) -> None:
    writer = noun.who_writes(cafe)
    new = writer.post(noun.path, noun.named(key))
    assert (new.status_code, new.headers["Location"]) == (201, noun.at(key))
    there = writer.get(new.headers["Location"])
    assert (there.status_code, there.json) == (200, new.json)
    assert (new.json[noun.member], etag(there)) == (key, etag(new))


@every_noun
def test_post_under_a_taken_key_is_409_and_changes_nothing(cafe: Cafe, noun: Noun) -> None:
    writer = noun.who_writes(cafe)
    writer.put(noun.at("Zoë"), noun.body)
    with unchanged(cafe):
        assert problem(writer.post(noun.path, noun.named("  Zoë ", **noun.other)), 409)["type"] == "/problems/conflict"


@every_noun
def test_delete_is_204_and_then_404(cafe: Cafe, noun: Noun) -> None:
    writer = noun.who_writes(cafe)
    writer.put(noun.at("luna"), noun.body)
    gone = writer.delete(noun.at("luna"))
    assert (gone.status_code, gone.data, gone.headers.get("Content-Type")) == (204, b"", None)
    with unchanged(cafe):
        for method in ("GET", "HEAD", "DELETE"):
            assert writer.send(method, noun.at("luna")).status_code == 404


@every_noun
def test_reading_writes_nothing(cafe: Cafe, noun: Noun) -> None:
    writer = noun.who_writes(cafe)
    writer.put(noun.at("luna"), noun.body)
    with unchanged(cafe):
        for path in (noun.path, noun.at("luna"), noun.at("nobody"), f"{noun.path}?limit=x"):
            for method in ("GET", "HEAD", "OPTIONS"):
                writer.send(method, path)
                cafe.caller("public").send(method, path)
    assert items(cafe)


@every_noun
@pytest.mark.parametrize(
    ("prefer", "minimal"),
    [
        ("return=minimal", True),
        ("respond-async, Return = Minimal; x=1", True),
        ('return="minimal"', True),
        ("return=representation", False),
        ("return=representation, return=minimal", False),
        ("minimal", False),
        ("", False),
    ],
)
def test_who_prefers_a_minimal_answer_gets_no_body(cafe: Cafe, noun: Noun, prefer: str, minimal: bool) -> None:
    writer = noun.who_writes(cafe)
    sent = [
        writer.post(noun.path, noun.named("luna"), prefer=prefer),
        writer.put(noun.at("luna"), noun.other, prefer=prefer),
        writer.patch(noun.at("luna"), noun.body, prefer=prefer, if_match="*"),
        writer.put(noun.at("tom"), noun.body, prefer=prefer),
    ]
    assert [answer.status_code for answer in sent] == ([201, 204, 204, 201] if minimal else [201, 200, 200, 201])
    for answer in sent:
        assert answer.headers.get("Preference-Applied") == ("return=minimal" if minimal else None)
        assert bool(answer.data) is ("Content-Type" in answer.headers) is not minimal
    assert etag(sent[2]) == etag(writer.get(noun.at("luna")))
    assert sent[0].headers["Location"] == noun.at("luna")
