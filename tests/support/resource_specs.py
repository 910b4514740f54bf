"""The nouns that every rule is tried on. A new noun is one more entry in ``RESOURCE_SPECS``, and all rules hold for it.

Where a rule means nothing for a spec, the mark of its test says so; here is why:

``chosen_keys`` and ``given_keys``: what there is to a key that clients choose (PUT creates, a taken one is 409, its
spelling) and what takes its place where the server gives keys (PUT on nothing is 404).
``with_integers``: nobody says a number of users.
``with_aliases``, ``with_text``, ``with_hidden``: only some have another path, come as plain text too, or have things
that not all readers may know of.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.resource_spec import JSON, KEYS, ResourceSpec

CATS = ResourceSpec(
    path="/cats",
    body={"status": "available", "sex": "female"},
    other={"status": "resident", "sex": "male", "colors": {"primary": "black", "secondary": "grey", "tertiary": None}},
    defaults={"sex": "unknown", "colors": {"primary": None, "secondary": None, "tertiary": None}},
    long={"status": "available", "description": "She sleeps. " * 200},
    servers=("ageGroup", "blockers", "created", "updated", "version"),
    integer=lambda value: {"adoptionFee": {"amount": value, "currency": "EUR"}},
    integer_at="/adoptionFee/amount",
    broken={
        "sex": "queen", "birthDate": "2031-02-03", "birthDateExact": "yes", "a/b~c": 1,
        "goodWith": {"cats": 7, "birds": "no"}, "microchips": [{"number": "12"}, {}, 3], "bondedWith": ["tom", "!"],
        "adoptionFee": {"amount": -1, "currency": "eur"},
    },
    pointers=(
        "/a~1b~0c", "/adoptionFee/amount", "/adoptionFee/currency", "/birthDate", "/birthDateExact", "/bondedWith/0",
        "/bondedWith/1", "/goodWith/birds", "/goodWith/cats", "/microchips/0/number", "/microchips/1/number",
        "/microchips/2", "/sex",
    ),
    form="status=available&birthDateExact=true&description=sleeps+%26+purrs",
    formed={"status": "available", "birthDateExact": True, "description": "sleeps & purrs"},
    argument="sex",
    values=("female", "male"),
    takes="One of female, male, unknown.",
    helped=("bondedWith", 7, "Names of cats who must stay together with her"),
    orders=("", "sort=name", "sort=newest"),
    hidden={"status": "hold"},
)  # fmt: skip

PIES = ResourceSpec(
    path="/pies",
    body={"rate": {"amount": 450, "currency": "GBP"}, "diets": ["vegetarian"]},
    other={"publicName": "Fisherman's", "available": False, "diets": ["halal"]},
    defaults={"rate": None, "diets": [], "available": True, "allergens": None},
    long={"description": "Warm. " * 200},
    servers=("created", "soldOut", "updated", "version"),
    integer=lambda value: {"rate": {"amount": value, "currency": "EUR"}},
    integer_at="/rate/amount",
    broken={
        "rate": {"amount": -1, "currency": "gbp"}, "allergens": ["milk", "dust"], "diets": ["halal", "halal"],
        "available": "yes", "soldOutUntil": "2026-11-22T12:00:00", "publicName": "", "a/b~c": 1,
    },
    pointers=(
        "/a~1b~0c", "/allergens/1", "/available", "/diets/1", "/publicName", "/rate/amount", "/rate/currency",
        "/soldOutUntil",
    ),
    form="publicName=Cherry+%26+co&rate=450&available=false",
    formed={"publicName": "Cherry & co", "rate": {"amount": 450, "currency": "GBP"}, "available": False},
    argument="available",
    values=("true", "false"),
    takes="true or false.",
    helped=("rate", "450", "Rate to charge for this resource, an integer in pence"),
    keys=("Steak & Kidney", *KEYS),
    orders=("", "sort=menu", "sort=name"),
    produces=(JSON, "text/plain"),
)  # fmt: skip

USERS = ResourceSpec(
    path="/users",
    member="username",
    spelt=str.lower,
    writer="owner",
    public=False,
    body={"displayName": "Lu", "email": "lu@example.org"},
    posted={"password": "purring loudly 7"},
    other={"displayName": "Tom", "about": "He sleeps.", "role": "staff"},
    defaults={"displayName": None, "email": None, "about": None},
    long={"about": "She sleeps. " * 200},
    servers=("created", "updated", "version"),
    broken={"displayName": "", "email": "lu", "about": 7, "role": "king", "password": "short", "a/b~c": 1},
    pointers=("/a~1b~0c", "/about", "/displayName", "/email", "/password", "/role"),
    form="displayName=Lu+%26+co&email=lu%40example.org",
    formed={"displayName": "Lu & co", "email": "lu@example.org"},
    argument="role",
    values=("member", "staff"),
    takes="One of member, staff, owner.",
    helped=("email", 7, "An e-mail address; nobody but its owner and the café's owner sees it"),
    keys=tuple(dict.fromkeys(key.lower() for key in KEYS)),
    aliases="/user",
    before=("the owner",),
    hidden={},
    stranger="member",
    strange=("GET", "HEAD", "PUT", "PATCH", "DELETE"),
    own="/users/the%20member",
)

POSTS = ResourceSpec(
    path="/posts",
    member="id",
    chosen=False,
    absent="9",
    body={
        "title": "Luna moves in", "body": "She *sleeps*.", "publishedAt": "2026-11-01T12:00:00Z", "cats": ["luna"],
    },
    other={"title": "Tom & co", "body": "He wakes.", "cats": ["tom"]},
    required=("title", "body"),
    defaults={"cats": []},
    long={"title": "Luna sleeps", "body": "She sleeps. " * 200},
    servers=("author", "created", "html", "updated", "version"),
    integer=lambda value: {"title": "Luna moves in", "body": "She sleeps.", "id": value},
    integer_at="/id",
    broken={"title": " ", "body": "", "publishedAt": "2026-11-22", "cats": ["tom", "!"], "a/b~c": 1},
    pointers=("/a~1b~0c", "/body", "/cats/1", "/publishedAt", "/title"),
    form="title=News+%26+views&body=She+sleeps.",
    formed={"title": "News & views", "body": "She sleeps.", "cats": []},
    argument="cat",
    values=("luna", "tom"),
    wrong="",
    takes="1 to 64 printable characters.",
    helped=("cats", 7, "Names of the cats it is about"),
    aliases="/post",
    hidden={"title": "Soon", "body": "A secret.", "publishedAt": "2027-01-01T00:00:00Z"},
)  # fmt: skip

TODOS = ResourceSpec(
    path="/todos",
    member="id",
    chosen=False,
    public=False,
    body={"title": "Feed luna", "kind": "feeding", "due": "2026-12-01"},
    other={"title": "Brush tom", "kind": "cleaning", "priority": "high"},
    required=("title",),
    defaults={"kind": "admin", "due": None, "priority": "normal"},
    long={"title": "Feed luna", "notes": "She sleeps. " * 200},
    servers=("by", "created", "doneAt", "doneBy", "next", "overdue", "updated", "version"),
    integer=lambda value: {"title": "x", "due": "2026-12-01", "recurrence": {"every": value, "unit": "days"}},
    integer_at="/recurrence/every",
    broken={
        "title": "", "kind": "nap", "cat": "nobody", "due": "2026-02-30", "priority": 7, "assignee": "nobody",
        "blockedBy": ["!"], "recurrence": {"every": 0, "unit": "years"}, "a/b~c": 1,
    },
    pointers=(
        "/a~1b~0c", "/assignee", "/blockedBy/0", "/cat", "/due", "/kind", "/priority", "/recurrence/every",
        "/recurrence/unit", "/title",
    ),
    form="title=Feed+%26+brush&kind=feeding&due=2026-11-30",
    formed={"title": "Feed & brush", "kind": "feeding", "due": "2026-11-30"},
    argument="kind",
    values=("feeding", "cleaning"),
    takes="One of medicine, feeding,",
    helped=("blockedBy", 7, "What has to be done before"),
)  # fmt: skip

RESOURCE_SPECS = (CATS, PIES, USERS, POSTS, TODOS)


def those(passes: Callable[[ResourceSpec], object]) -> pytest.MarkDecorator:
    """Return the mark of a test that some nouns pass."""
    found = [spec for spec in RESOURCE_SPECS if passes(spec)]
    return pytest.mark.parametrize("spec", found, ids=[spec.path for spec in found])


every_resource = those(lambda spec: True)
chosen_keys = those(lambda spec: spec.chosen)
given_keys = those(lambda spec: not spec.chosen)
with_integers = those(lambda spec: spec.integer)
with_aliases = those(lambda spec: spec.aliases)
with_text = those(lambda spec: "text/plain" in spec.produces)
with_hidden = those(lambda spec: spec.hidden is not None)
