"""The life of a cat, with a client that openapi-python-client generates: see docs/quickstart.md#typed-clients."""

from __future__ import annotations

import sys
from urllib.parse import parse_qs, urlsplit

from clowder_client import AuthenticatedClient, Client
from clowder_client.api.cats import create_cat, delete_cat, get_cat, list_cats, replace_cat, update_cat
from clowder_client.api.sessions import create_session
from clowder_client.api.todos import complete_todo, create_todo
from clowder_client.models import (
    Cat,
    CatPage,
    CatPatch,
    CatStatus,
    ColorsPatch,
    CreateCat,
    CreateTodo,
    Credentials,
    GoodWithChildren,
    Problem,
    ReplaceCat,
    SessionWithToken,
    SociabilityPatch,
    Todo,
    TodoKind,
)
from clowder_client.types import UNSET, Unset


def live(url: str, password: str) -> None:
    """Log in, create a cat, change it, list it, complete a to-do about it and delete it."""
    # Log in.
    session = create_session.sync(client=Client(url), body=Credentials("owner", password))
    assert isinstance(session, SessionWithToken)
    client = AuthenticatedClient(url, session.token)

    # Create a cat. The response has the members that only the staff sees.
    new = CreateCat("nova", status=CatStatus.AVAILABLE, staff_notes="Likes boxes.")
    created = create_cat.sync_detailed(client=client, body=new)
    cat = created.parsed
    assert isinstance(cat, Cat)
    assert cat.staff_notes == "Likes boxes."
    assert cat.blockers
    assert "no-microchip" in [blocker.code for blocker in cat.blockers]
    assert created.headers["X-Request-Id"]

    # Change nested members of the version that was read. Read the cat again after a 412.
    def update(change: CatPatch, etag: str) -> Cat:
        result = update_cat.sync(new.name, client=client, body=change, if_match=etag)
        if isinstance(result, Problem) and result.type_ == "/problems/precondition-failed":
            return update(change, get_cat.sync_detailed(new.name, client=client).headers["ETag"])
        assert isinstance(result, Cat)
        return result

    etag = created.headers["ETag"]
    update(CatPatch(good_with=SociabilityPatch(children=GoodWithChildren.YES)), etag)
    updated = update(CatPatch(colors=ColorsPatch(primary="black", secondary=None)), etag)
    assert updated.good_with.children is GoodWithChildren.YES
    assert updated.colors.secondary is None

    # Read, change and put back.
    read = get_cat.sync(new.name, client=client)
    assert isinstance(read, Cat)
    body = ReplaceCat.from_dict({**read.to_dict(), "description": "A small cat."})
    replaced = replace_cat.sync(new.name, client=client, body=body)
    assert isinstance(replaced, Cat)
    assert (replaced.good_with, replaced.description) == (updated.good_with, "A small cat.")

    # Read a list to its end.
    cats: list[Cat] = []
    cursor: str | Unset | None = UNSET
    while cursor is not None:
        page = list_cats.sync(client=client, limit=5, cursor=cursor)
        assert isinstance(page, CatPage)
        cats += page.items
        cursor = parse_qs(urlsplit(page.next_).query)["cursor"][0] if page.next_ else None
    assert len(cats) == len({cat.name for cat in cats}) > 5
    assert [cat.staff_notes for cat in cats if cat.name == new.name] == ["Likes boxes."]

    # Handle an error by its code.
    refused = create_cat.sync(client=client, body=CreateCat("x" * 1000))
    assert isinstance(refused, Problem)
    assert refused.errors
    assert [(error.pointer, error.code) for error in refused.errors] == [("/name", "too_long")]

    # Complete a to-do, and delete the cat.
    todo = create_todo.sync(client=client, body=CreateTodo("Brush nova", kind=TodoKind.SOCIALISE, cat=new.name))
    assert isinstance(todo, Todo)
    done = complete_todo.sync(todo.id, client=client)
    assert isinstance(done, Todo)
    assert (done.done, done.done_by) == (True, "owner")
    assert delete_cat.sync_detailed(new.name, client=client).status_code == 204


if __name__ == "__main__":
    live(*sys.argv[1:])
