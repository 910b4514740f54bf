"""The spec of each resource. The contract tests run on each of them; a new resource needs one more entry here.

``with_client_keys`` selects resources with keys that clients choose: PUT creates, and POST with a taken key is 409.
``with_server_keys`` selects resources with keys that the server allocates: PUT of a missing item is 404.
The other marks select resources with the feature that they name.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.resource_spec import JSON, KEYS, ResourceSpec

CATS = ResourceSpec(
    path="/cats",
    has_page=True,
    body={"status": "available", "sex": "female"},
    other={"status": "resident", "sex": "male", "colors": {"primary": "black", "secondary": "grey", "tertiary": None}},
    defaults={"sex": "unknown", "colors": {"primary": None, "secondary": None, "tertiary": None}},
    long={"status": "available", "description": "Sleeps a lot. " * 200},
    read_only=("ageGroup", "blockers", "created", "photos", "updated", "version"),
    integer=lambda value: {"adoptionFee": {"amount": value, "currency": "EUR"}},
    integer_at="/adoptionFee/amount",
    invalid={
        "sex": "queen", "birthDate": "2031-02-03", "birthDateExact": "yes", "a/b~c": 1,
        "goodWith": {"cats": 7, "birds": "no"}, "microchips": [{"number": "12"}, {}, 3], "bondedWith": ["tom", "!"],
        "adoptionFee": {"amount": -1, "currency": "eur"},
    },
    error_pointers=(
        "/a~1b~0c", "/adoptionFee/amount", "/adoptionFee/currency", "/birthDate", "/birthDateExact", "/bondedWith/0",
        "/bondedWith/1", "/goodWith/birds", "/goodWith/cats", "/microchips/0/number", "/microchips/1/number",
        "/microchips/2", "/sex",
    ),
    form="status=available&birthDateExact=true&description=sleeps+%26+purrs",
    form_values={"status": "available", "birthDateExact": True, "description": "sleeps & purrs"},
    filter_name="sex",
    filter_values=("female", "male"),
    filter_help="one or more of female, male, unknown,",
    field_help=("bondedWith", 7, "Names of cats that must stay together with this cat"),
    sort_queries=("", "sort=name", "sort=newest"),
    has_public_view=True,
    hidden_body={"status": "hold"},
)  # fmt: skip

PIES = ResourceSpec(
    path="/pies",
    has_page=True,
    body={"rate": {"amount": 450, "currency": "GBP"}, "diets": ["vegetarian"]},
    other={"publicName": "Fisherman's", "available": False, "diets": ["halal"]},
    defaults={"rate": None, "diets": [], "available": True, "allergens": None},
    long={"description": "Warm. " * 200},
    read_only=("created", "photos", "soldOut", "updated", "version"),
    integer=lambda value: {"rate": {"amount": value, "currency": "EUR"}},
    integer_at="/rate/amount",
    invalid={
        "rate": {"amount": -1, "currency": "gbp"}, "allergens": ["milk", "dust"], "diets": ["halal", "halal"],
        "available": "yes", "soldOutUntil": "2026-11-22T12:00:00", "publicName": "", "a/b~c": 1,
    },
    error_pointers=(
        "/a~1b~0c", "/allergens/1", "/available", "/diets/1", "/publicName", "/rate/amount", "/rate/currency",
        "/soldOutUntil",
    ),
    form="publicName=Cherry+%26+co&rate=450&available=false",
    form_values={"publicName": "Cherry & co", "rate": {"amount": 450, "currency": "GBP"}, "available": False},
    filter_name="available",
    filter_values=("true", "false"),
    filter_help="true or false.",
    field_help=("rate", "450", "Rate to charge for this resource, an integer in pence"),
    sample_keys=("Steak & Kidney", *KEYS),
    sort_queries=("", "sort=menu", "sort=name"),
    produces=(JSON, "text/plain"),
)  # fmt: skip

USERS = ResourceSpec(
    path="/users",
    has_page=True,
    key_field="username",
    normalise_key=str.lower,
    writer="owner",
    public=False,
    body={"displayName": "Lu", "email": "lu@example.org"},
    post_fields={"password": "purring loudly 7"},
    other={"displayName": "Tom", "about": "I like calicos.", "role": "staff"},
    defaults={"displayName": None, "email": None, "about": None},
    long={"about": "Luna sleeps. " * 200},
    read_only=("created", "updated", "version"),
    invalid={"displayName": "", "email": "lu", "about": 7, "role": "king", "password": "short", "a/b~c": 1},
    error_pointers=("/a~1b~0c", "/about", "/displayName", "/email", "/password", "/role"),
    form="displayName=Lu+%26+co&email=lu%40example.org",
    form_values={"displayName": "Lu & co", "email": "lu@example.org"},
    filter_name="role",
    filter_values=("member", "staff"),
    filter_help="one or more of member, staff, owner,",
    field_help=("email", 7, "An e-mail address. Only the user and owners see it"),
    sample_keys=tuple(dict.fromkeys(key.lower() for key in KEYS)),
    aliases="/user",
    existing_keys=("the owner",),
    hidden_body={},
    outsider="member",
    outsider_methods=("GET", "HEAD", "PUT", "PATCH", "DELETE"),
    own_methods="/users/the%20member",
)

POSTS = ResourceSpec(
    path="/posts",
    has_page=True,
    key_field="id",
    client_keys=False,
    missing_key="9",
    body={
        "title": "Luna moves in", "body": "Luna *sleeps*.", "publishedAt": "2026-11-01T12:00:00Z", "cats": ["luna"],
    },
    other={"title": "Tom & co", "body": "Tom wakes.", "cats": ["tom"]},
    required=("title", "body"),
    defaults={"cats": []},
    long={"title": "Luna sleeps", "body": "Luna sleeps. " * 200},
    read_only=("author", "created", "html", "photos", "updated", "version"),
    integer=lambda value: {"title": "Luna moves in", "body": "Luna sleeps.", "id": value},
    integer_at="/id",
    invalid={"title": " ", "body": "", "publishedAt": "2026-11-22", "cats": ["tom", "!"], "a/b~c": 1},
    error_pointers=("/a~1b~0c", "/body", "/cats/1", "/publishedAt", "/title"),
    form="title=News+%26+views&body=Luna+sleeps.",
    form_values={"title": "News & views", "body": "Luna sleeps.", "cats": []},
    filter_name="cat",
    filter_values=("luna", "tom"),
    invalid_filter="",
    filter_help="1 to 64 printable characters.",
    field_help=("cats", 7, "Names of the cats in the post"),
    aliases="/post",
    hidden_body={"title": "Soon", "body": "A secret.", "publishedAt": "2027-01-01T00:00:00Z"},
)  # fmt: skip

TODOS = ResourceSpec(
    path="/todos",
    key_field="id",
    client_keys=False,
    public=False,
    has_page=True,
    body={"title": "Feed luna", "kind": "feeding", "due": "2026-12-01"},
    other={"title": "Brush tom", "kind": "cleaning", "priority": "high"},
    required=("title",),
    defaults={"kind": "admin", "due": None, "priority": "normal"},
    long={"title": "Feed luna", "notes": "Luna sleeps. " * 200},
    read_only=("by", "created", "doneAt", "doneBy", "next", "overdue", "updated", "version"),
    integer=lambda value: {"title": "x", "due": "2026-12-01", "recurrence": {"every": value, "unit": "days"}},
    integer_at="/recurrence/every",
    invalid={
        "title": "", "kind": "nap", "cat": "missing", "due": "2026-02-30", "priority": 7, "assignee": "missing",
        "blockedBy": ["!"], "recurrence": {"every": 0, "unit": "years"}, "a/b~c": 1,
    },
    error_pointers=(
        "/a~1b~0c", "/assignee", "/blockedBy/0", "/cat", "/due", "/kind", "/priority", "/recurrence/every",
        "/recurrence/unit", "/title",
    ),
    form="title=Feed+%26+brush&kind=feeding&due=2026-11-30",
    form_values={"title": "Feed & brush", "kind": "feeding", "due": "2026-11-30"},
    filter_name="kind",
    filter_values=("feeding", "cleaning"),
    filter_help="one or more of medicine, feeding,",
    field_help=("blockedBy", 7, "The ids of to-dos that must be done first"),
)  # fmt: skip

RESOURCE_SPECS = (CATS, PIES, USERS, POSTS, TODOS)


def specs_where(is_selected: Callable[[ResourceSpec], object]) -> pytest.MarkDecorator:
    """Return a mark that parametrizes a test with the selected resources."""
    selected = [spec for spec in RESOURCE_SPECS if is_selected(spec)]
    return pytest.mark.parametrize("spec", selected, ids=[spec.path for spec in selected])


every_resource = specs_where(lambda spec: True)
with_client_keys = specs_where(lambda spec: spec.client_keys)
with_server_keys = specs_where(lambda spec: not spec.client_keys)
with_integers = specs_where(lambda spec: spec.integer)
with_aliases = specs_where(lambda spec: spec.aliases)
with_text = specs_where(lambda spec: "text/plain" in spec.produces)
with_public_view = specs_where(lambda spec: spec.has_public_view)
with_hidden = specs_where(lambda spec: spec.hidden_body is not None)
