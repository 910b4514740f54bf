"""A café with a thing of every noun, to which anything may be sent."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from api.services.cats import CATS
from api.services.pies import PIES
from api.services.posts import POSTS
from api.services.todos import TODOS
from api.services.users import USERS
from api.store.table import Table
from tests.api.looking import items
from tests.api.noun import Noun
from tests.api.nouns import NOUNS
from tests.cafe import PATCH, Cafe, Caller

JSON = {"Content-Type": "application/json"}
OURS = {f"/{ours.repository.collection}": ours for ours in (CATS, PIES, USERS, POSTS, TODOS)}
"""What serves the requests of each noun, by its path."""


class House:
    """A café, its owner, who may do everything, and the URL of one thing of each noun; of cats there is one more."""

    def __init__(self, table: Table) -> None:
        self.cafe = Cafe(table)
        self.owner = self.cafe.caller("owner")
        assert self.cafe.staff.put("/cats/ada", {}).status_code == 201
        self.paths = {noun.path: noun.make(self.owner, "tom") for noun in NOUNS}
        self._seen = items(self.cafe)

    @contextmanager
    def unchanged(self) -> Iterator[None]:
        """Check that nothing has been written since the last look: that takes half the time of two looks."""
        yield
        before, self._seen = self._seen, items(self.cafe)
        assert self._seen == before

    def reader(self, noun: Noun) -> Caller:
        """Return somebody who may read."""
        return self.cafe.public if noun.public else self.owner

    def send(self, noun: Noun, method: str, **body: Any) -> Any:
        """Send a body to where a method writes."""
        path = noun.path if method == "POST" else self.paths[noun.path]
        return self.owner.send(method, path, (PATCH if method == "PATCH" else JSON) | {"If-Match": "*"}, **body)
