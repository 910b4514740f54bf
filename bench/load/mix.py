"""The request mix of both load tests.

Placeholders of a fixed length stand for values that differ between requests: ``@client`` is the number of the client
(two digits), ``@number`` counts the requests of the client (eight digits). Each client writes its own cat and sends
each Idempotency-Key once.
"""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, field, replace

CLIENT, NUMBER = "@client", "@number"
JSON = {"Content-Type": "application/json"}
STAFF = {"Authorization": "Bearer @token"}
CONDITIONAL_PATH = "/cats/milo"
"""The path of the conditional GET. The clients have the entity tag of this cat."""


@dataclass(frozen=True)
class RequestType:
    """A type of request.

    Args:
        name: the name in the tables.
        percent: the share of this type in all requests.
        method: the HTTP method.
        target: the path and query.
        status: the expected status.
        headers: additional headers.
        body: a JSON body, or an empty string.
    """

    name: str
    percent: int
    method: str
    target: str
    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""

    def request(self, client: int, number: int) -> RequestType:
        """Return the request of a client with a number."""
        return self.substitute({CLIENT: f"{client:02d}", NUMBER: f"{number:08d}"})

    def substitute(self, values: dict[str, str]) -> RequestType:
        """Return a copy with values for placeholders."""

        def fill(text: str) -> str:
            for placeholder, value in values.items():
                text = text.replace(placeholder, value)
            return text

        headers = {name: fill(value) for name, value in self.headers.items()}
        return replace(self, target=fill(self.target), headers=headers, body=fill(self.body))


MIX = (
    RequestType("a cat", 34, "GET", "/cats/luna", 200),
    RequestType("a cat, unchanged (304)", 15, "GET", CONDITIONAL_PATH, 304, {"If-None-Match": "@tag"}),
    RequestType("a list of 20", 15, "GET", "/cats?limit=20", 200),
    RequestType("a filter", 10, "GET", "/cats?goodWith.children=yes&limit=20", 200),
    RequestType("the next to-do", 12, "GET", "/todos/next", 200, STAFF),
    RequestType("PUT of a cat", 9, "PUT", f"/cats/client-{CLIENT}", 200, STAFF | JSON,
                json.dumps({"status": "hold", "description": f"Change {NUMBER}."})),
    RequestType("POST of a post, with Idempotency-Key", 5, "POST", "/posts", 201,
                STAFF | JSON | {"Idempotency-Key": f'"{CLIENT}-{NUMBER}"'},
                json.dumps({"title": f"News {CLIENT}-{NUMBER}", "body": "All cats are well, and *asleep*."})),
)  # fmt: skip


def request_order(types: tuple[RequestType, ...]) -> list[int]:
    """Return the order of a hundred requests as indexes of their types. The order is shuffled and always the same."""
    order = [index for index, request_type in enumerate(types) for _ in range(request_type.percent)]
    random.Random(len(order)).shuffle(order)
    return order


def start_position(client: int) -> int:
    """Return the position at which a client starts, so that clients do not send the same requests in parallel."""
    return client * 13
