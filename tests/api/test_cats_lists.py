"""The list of cats: filters, orders and read cost of a page. Merge patches of nested fields of a cat."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from random import Random
from typing import Any

import pytest

from tests.conftest import new_table
from tests.support.app import Client, TestApp, pointers, problem
from tests.support.inspection import writes_nothing

CATS: dict[str, dict[str, Any]] = {
    "Ada": {"status": "available", "sex": "female", "birthDate": "2026-08-01", "altered": "no"},
    "bo": {
        "status": "resident",
        "sex": "male",
        "birthDate": "2024-05-01",
        "goodWith": {"children": "yes", "cats": "no"},
    },
    "Čapek": {
        "status": "trial",
        "breed": {"primary": "Maine Coon", "secondary": "Persian"},
        "goodWith": {"dogs": "selective"},
    },
    "Dora": {
        "status": "hold",
        "sex": "female",
        "birthDate": "2015-01-01",
        "goodWith": {"children": "yes"},
        "altered": "yes",
    },
    "dot": {"status": "available", "breed": {"primary": "PERSIAN"}, "birthDate": "2021-11-23", "bondedWith": ["Dora"]},
    "Eve": {"status": "reserved", "sex": "female", "birthDate": "2018-11-22", "goodWith": {"children": "over12"}},
    "Eva": {"status": "available", "sex": "unknown", "birthDate": "2018-11-23", "bondedWith": ["Eve"]},
}


def create_cats(cafe: TestApp) -> tuple[Client, Client]:
    """Create the cats, one per minute. Return a staff client and an anonymous client."""
    staff = cafe.staff
    for name, body in CATS.items():
        assert staff.put(f"/cats/{name}", body).status_code == 201
        cafe.clock.advance(minutes=1)
    return staff, cafe.public


@pytest.fixture(scope="module")
def clients() -> Iterator[tuple[Client, Client]]:
    """A staff client and an anonymous client of an application whose cats do not change."""
    with new_table() as table:
        yield create_cats(TestApp(table))


def names(client: Client, query: str) -> list[str]:
    """Return the names on all pages of a list, with three items per page unless the query has a limit."""
    limit = "" if "limit=" in query else "limit=3&"
    result, path = [], f"/cats?{limit}{query}"
    while path:
        page = client.get(path).json
        result += [cat["name"] for cat in page["items"]]
        path = page.get("next")
    return result


@pytest.mark.parametrize(
    ("query", "for_staff", "for_public"),
    [
        ("", "Ada bo Dora dot Eva Eve Čapek", "Ada bo dot Eva Eve Čapek"),
        ("sort=newest", "Eva Eve dot Dora Čapek bo Ada", "Eva Eve dot Čapek bo Ada"),
        ("sort=age", "Ada bo dot Eva Eve Dora Čapek", "Ada bo dot Eva Eve Čapek"),
        ("status=available", "Ada dot Eva", "Ada dot Eva"),
        ("status=available&sort=newest", "Eva dot Ada", "Eva dot Ada"),
        ("status=available&sort=age", "Ada dot Eva", "Ada dot Eva"),
        ("status=hold", "Dora", ""),
        ("sex=female", "Ada Dora Eve", "Ada Eve"),
        ("ageGroup=baby", "Ada", "Ada"),
        ("ageGroup=young", "bo", "bo"),
        ("ageGroup=adult", "dot Eva", "dot Eva"),
        ("ageGroup=adult&sort=name", "dot Eva", "dot Eva"),
        ("ageGroup=senior", "Eve Dora", "Eve"),
        ("ageGroup=senior&sort=newest", "Eve Dora", "Eve"),
        ("breed=persian", "dot Čapek", "dot Čapek"),
        ("breed=Maine%20Coon", "Čapek", "Čapek"),
        ("breed=maine", "", ""),
        ("goodWith.children=yes", "bo Dora", "bo"),
        ("goodWith.children=yes&sort=newest", "Dora bo", "bo"),
        ("goodWith.children=yes&sort=age", "bo Dora", "bo"),
        ("goodWith.children=over12", "Eve", "Eve"),
        ("goodWith.children=unknown", "Ada dot Eva Čapek", "Ada dot Eva Čapek"),
        ("goodWith.cats=no", "bo", "bo"),
        ("goodWith.dogs=selective", "Čapek", "Čapek"),
        ("altered=yes", "Dora", ""),
        ("altered=no", "Ada", "Ada"),
        ("bonded=true", "Dora dot Eva Eve", "Eva Eve"),
        ("bonded=false", "Ada bo Čapek", "Ada bo dot Čapek"),
        ("name=e", "Eva Eve", "Eva Eve"),
        ("name=DO", "Dora dot", "dot"),
        ("name=c", "", ""),
        ("name=%C4%8C", "Čapek", "Čapek"),
        ("name=e&sort=newest", "Eva Eve", "Eva Eve"),
        ("status=available&sex=female&ageGroup=baby&altered=no&bonded=false&name=a", "Ada", "Ada"),
        ("status=available&goodWith.children=yes", "", ""),
    ],
)
def test_list_has_the_filtered_cats_in_the_requested_order(
    clients: tuple[Client, Client], query: str, for_staff: str, for_public: str
) -> None:
    staff, public = clients
    assert names(staff, query) == for_staff.split()
    assert names(public, query) == for_public.split()


ENUMS = {
    "status": lambda cat: cat["status"],
    "sex": lambda cat: cat["sex"],
    "ageGroup": lambda cat: cat["ageGroup"],
    "goodWith.children": lambda cat: cat["goodWith"]["children"],
    "goodWith.cats": lambda cat: cat["goodWith"]["cats"],
    "goodWith.dogs": lambda cat: cat["goodWith"]["dogs"],
    "altered": lambda cat: cat["altered"],
}
VALUES = {
    "status": ["available", "reserved", "resident", "trial", "hold", "intake", "adopted"],
    "sex": ["male", "female", "unknown"],
    "ageGroup": ["baby", "young", "adult", "senior"],
    "goodWith.children": ["yes", "over12", "unknown", "no"],
    "goodWith.cats": ["yes", "no", "unknown"],
    "goodWith.dogs": ["yes", "selective", "unknown"],
    "altered": ["yes", "no", "unknown"],
}
SORTS = {"name": "", "created": "created", "birthDate": "birthDate"}


def random_query(random: Random) -> tuple[dict[str, list[str]], str, str]:
    """Return random filters and a random order, and the query with them."""
    wanted = {
        name: random.choices(VALUES[name], k=random.randint(1, 5))
        for name in random.sample([*VALUES], random.randint(1, 2))
    }
    sort = random.choice(["", "-"]) + random.choice([*SORTS])
    return wanted, sort, "&".join(f"{name}={','.join(values)}" for name, values in wanted.items()) + f"&sort={sort}"


def test_several_values_of_a_filter_are_alternatives(clients: tuple[Client, Client]) -> None:
    random = Random(14)
    for client in clients:
        cats = client.get("/cats?limit=100").json["items"]
        for _ in range(60):
            wanted, sort, query = random_query(random)
            expected = [cat for cat in cats if all(ENUMS[name](cat) in values for name, values in wanted.items())]
            member = SORTS[sort.removeprefix("-")]
            expected.sort(key=lambda cat: (cat[member] or "", cat["name"]) if member else cats.index(cat))
            found = names(client, f"{query}&limit={random.randint(1, 3)}")
            assert found == [cat["name"] for cat in expected[:: -1 if sort.startswith("-") else 1]], query


def test_pages_are_the_same_forwards_and_backwards(clients: tuple[Client, Client]) -> None:
    random = Random(15)
    for client in clients:
        for query in ("", *(random_query(random)[2] for _ in range(12))):
            forwards, path = list[list[str]](), f"/cats?limit={random.randint(1, 4)}&{query}"
            while path:
                response = client.get(path)
                forwards.append([cat["name"] for cat in response.json["items"]])
                assert (
                    ("prev" in response.json)
                    == (len(forwards) > 1)
                    == ('rel="prev"' in response.headers.get("Link", ""))
                )
                last, path = response.json, response.json.get("next")
            backwards = list[list[str]]()
            while path := last.get("prev"):
                last = client.get(path).json
                backwards.insert(0, [cat["name"] for cat in last["items"]])
                following = client.get(last["next"]).json
                assert [cat["name"] for cat in following["items"]] == [*backwards, *forwards[-1:]][1]
            assert [*chain(*backwards)] == [*chain(*forwards[:-1])]


def test_the_previous_page_follows_inserts_and_deletions(cafe: TestApp) -> None:
    for name in "bdfhj":
        cafe.staff.put(f"/cats/{name}", {"status": "available"})
    second = cafe.public.get(cafe.public.get("/cats?limit=2").json["next"]).json
    cafe.staff.delete("/cats/d")
    for name in "ace":
        cafe.staff.put(f"/cats/{name}", {"status": "available"})
    pages = list[str]()
    while second:
        pages.append("".join(cat["name"] for cat in second["items"]))
        second = cafe.public.get(second["prev"]).json if "prev" in second else None
    assert pages == ["fh", "bc", "a"]  # e comes after d, where the second page began


def test_the_page_after_an_empty_previous_page_misses_nothing(cafe: TestApp) -> None:
    for number in range(30):
        body = {"status": "available", "sex": "female" if number in (11, 29) else "male"}
        cafe.staff.put(f"/cats/tom {number:02}", body)
    for query in ("sex=female&limit=1", "sex=female&limit=1&sort=-created"):
        last, path = {}, f"/cats?{query}"
        while path:
            last = cafe.public.get(path).json
            path = last.get("next")
        pages = [last]
        while path := pages[-1].get("prev"):
            pages.append(cafe.public.get(path).json)
        assert [] in [page["items"] for page in pages[1:]]
        found = [cat["name"] for page in pages[::-1] for cat in page["items"]]
        assert sorted(found) == ["tom 11", "tom 29"]
        for page in pages[1:]:
            rest, path = list[str](), page["next"]
            while path:
                following = cafe.public.get(path).json
                rest += [cat["name"] for cat in following["items"]]
                path = following.get("next")
            before = pages[pages.index(page) :]
            assert rest == found[sum(len(each["items"]) for each in before) :]


def test_lists_follow_updates_and_deletes(cafe: TestApp) -> None:
    staff, public = create_cats(cafe)
    staff.patch("/cats/Ada", {"status": "hold", "goodWith": {"children": "no"}, "birthDate": None}, if_match="*")
    assert names(public, "") == ["bo", "dot", "Eva", "Eve", "Čapek"]
    assert names(staff, "status=hold") == ["Ada", "Dora"]
    assert names(staff, "goodWith.children=no") == ["Ada"]
    assert names(staff, "ageGroup=baby") == []
    staff.delete("/cats/bo")
    assert names(public, "goodWith.children=yes") == names(public, "ageGroup=young") == []


def test_selective_filter_reads_at_most_ten_times_the_limit_per_page(cafe: TestApp) -> None:
    staff = cafe.staff
    for number in range(60):
        staff.put(f"/cats/tom {number:02}", {"status": "resident", "sex": "female" if number == 57 else "male"})
    found, path, pages = [], "/cats?sex=female&limit=2", 0
    while path:
        page = cafe.public.get(path).json
        found += [cat["name"] for cat in page["items"]]
        path, pages = page.get("next"), pages + 1
    assert found == ["tom 57"]
    assert 3 <= pages <= 4


def test_age_group_is_that_of_today(cafe: TestApp) -> None:
    staff = cafe.staff
    staff.put("/cats/luna", {"status": "resident", "birthDate": "2025-11-23"})
    assert (names(cafe.public, "ageGroup=baby"), names(cafe.public, "ageGroup=young")) == (["luna"], [])
    cafe.clock.advance(days=1)
    assert (names(cafe.public, "ageGroup=baby"), names(cafe.public, "ageGroup=young")) == ([], ["luna"])
    assert cafe.public.get("/cats/luna").json["ageGroup"] == "young"


@pytest.mark.parametrize(
    "query",
    ["status=lost", "status=", "sex=male,", "status=available,lost",
     "ageGroup=old", "goodWith.children=maybe", "goodWith=yes", "altered=true", "bonded=1",
     "bonded=True", "sort=size", "breed=", f"breed={'x' * 65}", "name=a%0Ab", "name="],
)  # fmt: skip
def test_invalid_filter_value_is_400(cafe: TestApp, query: str) -> None:
    body = problem(cafe.public.get(f"/cats?{query}"), 400)
    assert [error["parameter"] for error in body["errors"]] == [query.split("=")[0]]


@pytest.mark.parametrize(
    ("patch", "expected"),
    [
        ({"goodWith": {"cats": None, "dogs": "no"}}, {"goodWith": {"cats": "unknown", "dogs": "no", "children": "no"}}),
        ({"goodWith": None}, {"goodWith": {"cats": "unknown", "dogs": "unknown", "children": "unknown"}}),
        ({"microchips": [{"number": "123456789"}]}, {"microchips": [{"number": "123456789", "implantedOn": None}]}),
        ({"microchips": []}, {"microchips": []}),
        ({"adoptionFee": {"amount": 1}}, {"adoptionFee": {"amount": 1, "currency": "EUR"}}),
        ({"adoptionFee": None}, {"adoptionFee": None}),
    ],
)  # fmt: skip
def test_patch_merges_objects_and_replaces_arrays(
    cafe: TestApp, patch: dict[str, Any], expected: dict[str, Any]
) -> None:
    staff = cafe.staff
    before = {
        "goodWith": {"cats": "yes", "children": "no"},
        "microchips": [{"number": "276098106234567"}, {"number": "0123456789"}],
        "adoptionFee": {"amount": 9000, "currency": "EUR"},
    }
    staff.put("/cats/luna", before)
    assert staff.patch("/cats/luna", patch, if_match="*").status_code == 200
    assert staff.get(f"/cats/luna?fields={','.join(expected)}").json == expected


@pytest.mark.parametrize("patch", [{"adoptionFee": {"currency": None}}, {"adoptionFee": {"tip": None}}, {"sex": "x"}])
def test_patch_to_an_invalid_cat_is_422(cafe: TestApp, patch: dict[str, Any]) -> None:
    staff = cafe.staff
    staff.put("/cats/luna", {"adoptionFee": {"amount": 1, "currency": "EUR"}})
    with writes_nothing(cafe):
        assert len(pointers(staff.patch("/cats/luna", patch, if_match="*"))) == 1
