"""What callers ask for, and how often: one mix, for the server as for the runtimes.

What differs from call to call stands as a mark of fixed length: ``@caller`` is the number of the caller, two digits,
``@number`` counts the caller's calls, eight digits. Each caller writes a cat of their own, and sends no
Idempotency-Key twice.
"""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, field, replace

CALLER, NUMBER = "@caller", "@number"
JSON = {"Content-Type": "application/json"}
STAFF = {"Authorization": "Bearer @token"}
TAGGED = "/cats/milo"
"""The cat whose entity tag the callers know."""


@dataclass(frozen=True)
class Kind:
    """A kind of request.

    Args:
        name: what it is called in the tables.
        share: how many of a hundred requests are of this kind.
        method: its method.
        target: its path and query.
        status: the only good answer.
        headers: those that not every request has.
        body: JSON, or nothing.
    """

    name: str
    share: int
    method: str
    target: str
    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""

    def call(self, caller: int, number: int) -> Kind:
        """Return one request of the kind."""
        return self.filled({CALLER: f"{caller:02d}", NUMBER: f"{number:08d}"})

    def filled(self, marks: dict[str, str]) -> Kind:
        """Return it with values in the place of marks."""

        def fill(text: str) -> str:
            for mark, value in marks.items():
                text = text.replace(mark, value)
            return text

        headers = {name: fill(value) for name, value in self.headers.items()}
        return replace(self, target=fill(self.target), headers=headers, body=fill(self.body))


MIX = (
    Kind("a cat", 34, "GET", "/cats/luna", 200),
    Kind("a cat, unchanged (304)", 15, "GET", TAGGED, 304, {"If-None-Match": "@tag"}),
    Kind("a list of 20", 15, "GET", "/cats?limit=20", 200),
    Kind("a filter", 10, "GET", "/cats?goodWith.children=yes&limit=20", 200),
    Kind("the next to-do", 12, "GET", "/todos/next", 200, STAFF),
    Kind("PUT of a cat", 9, "PUT", f"/cats/caller-{CALLER}", 200, STAFF | JSON,
         json.dumps({"status": "hold", "description": f"Change {NUMBER}."})),
    Kind("POST of a post, once (Idempotency-Key)", 5, "POST", "/posts", 201,
         STAFF | JSON | {"Idempotency-Key": f'"{CALLER}-{NUMBER}"'},
         json.dumps({"title": f"News {CALLER}-{NUMBER}", "body": "All cats are well, and *asleep*."})),
)  # fmt: skip


def deck(kinds: tuple[Kind, ...]) -> list[int]:
    """Return a hundred places of kinds, well mixed and always the same: the order in which a caller asks."""
    cards = [place for place, kind in enumerate(kinds) for _ in range(kind.share)]
    random.Random(len(cards)).shuffle(cards)
    return cards


def first(caller: int) -> int:
    """Return where a caller begins in the deck, so that not all ask for the same at the same time."""
    return caller * 13
