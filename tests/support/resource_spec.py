"""What has to be known of a noun to try the rules on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, unquote, urlencode

from werkzeug.test import TestResponse

from api.domain.users import Role
from tests.support.app import Client, TestApp

JSON = "application/json"
GZIP = {"Accept-Encoding": "gzip"}
KEYS = ("Ada", "ada", "bo", "Čapek", "Mr. O'Neill", "tom 10", "tom 2", "Zoë", "ζωή", "Мурка", "たま")


@dataclass(frozen=True)
class ResourceSpec:
    """One spec: what is its own. Where it says nothing, it is as most of them are."""

    path: str
    body: dict[str, Any]
    """A thing that all readers may see."""
    other: dict[str, Any]
    """Members with other values than those of ``body``; whoever saw the thing sees it still."""
    defaults: dict[str, Any]
    """What these members are when nobody says anything of them."""
    long: dict[str, Any]
    """A thing whose representation is worth compressing."""
    read_only: tuple[str, ...]
    """Members that are the server's."""
    invalid: dict[str, Any]
    """A body with many faults, of types and of rules, and where they are."""
    error_pointers: tuple[str, ...]
    form: str
    """A form, and what it says."""
    form_values: dict[str, Any]
    filter_name: str
    """A filter with two of its values: what ``body`` has, and what ``other`` has."""
    filter_values: tuple[str, str]
    filter_help: str
    """A part of its help; and, in ``helped``, a member with a value that it cannot have, and its help."""
    field_help: tuple[str, Any, str]

    key_field: str = "name"
    """The member that is the key."""
    client_keys: bool = True
    """Whether clients choose keys. If not, POST gives them, and PUT and PATCH create nothing."""
    normalise_key: Callable[[str], str] = str
    """Returns a key as the server spells it."""
    sample_keys: tuple[str, ...] = KEYS
    """Keys of all kinds; where keys are given, there are so many things."""
    missing_key: str = "nobody"
    """A key under which there is nothing."""
    required: tuple[str, ...] = ()
    """Members that every body has to have, and those that a POST has to have besides the key."""
    post_fields: dict[str, Any] = field(default_factory=dict)
    integer: Callable[[Any], dict[str, Any]] | None = None
    """Makes a body with some value where an integer belongs, if there is such a place; 1 is good."""
    integer_at: str = ""
    invalid_filter: str = "wings"
    """A value that the filter does not take."""
    sort_queries: tuple[str, ...] = ("",)
    """The queries that put the list in different orders."""
    produces: tuple[str, ...] = (JSON,)
    aliases: str = ""
    """Another path that leads to the same things."""

    writer: Role = "staff"
    public: bool = True
    """Whether the public reads. If not, whoever reads is the writer."""
    existing_keys: tuple[str, ...] = ()
    """Keys of what is in the list from the beginning: whoever writes."""
    hidden_body: dict[str, Any] | None = None
    """A thing that is not there for ``stranger``, who may call some methods."""
    outsider: Role = "public"
    outsider_methods: tuple[str, ...] = ("GET", "HEAD")
    own_methods: str = ""
    """What a member may write, if there is such a thing; other writes are 403, and here they are 404."""

    def url(self, key: Any) -> str:
        """Return the URL of a thing."""
        return f"{self.path}/{quote(self.normalise_key(str(key)), safe='')}"

    def key_of(self, path: str) -> str:
        """Return the key in the URL of a thing."""
        return unquote(path.rpartition("/")[2])

    def keys_of(self, things: list[dict[str, Any]]) -> list[str]:
        """Return the keys of things, but for those that were there from the beginning."""
        return [key for thing in things if (key := str(thing[self.key_field])) not in self.existing_keys]

    def post_body(self, key: str, **more: Any) -> dict[str, Any]:
        """Return the body of a POST; where keys are given, it has none."""
        return ({self.key_field: key} if self.client_keys else {}) | self.body | self.post_fields | more

    def post_form(self, key: str) -> str:
        """Return the form of a POST."""
        return "&".join([self.form, urlencode(({self.key_field: key} if self.client_keys else {}) | self.post_fields)])

    def create(self, writer: Client, key: str = "luna", body: dict[str, Any] | None = None) -> str:
        """Make a thing, and return its URL."""
        said = self.body if body is None else body
        made = writer.put(self.url(key), said) if self.client_keys else writer.post(self.path, said)
        assert made.status_code == 201, made.get_data(as_text=True)
        return made.headers["Location"]

    def minimal_body(self) -> dict[str, Any]:
        """Return the smallest body that there is."""
        return {name: self.body[name] for name in self.required}

    def writer_client(self, cafe: TestApp) -> Client:
        """Return somebody who may write."""
        return cafe.client(self.writer)

    def reader_client(self, cafe: TestApp) -> Client:
        """Return the least of those who may read."""
        return cafe.public if self.public else self.writer_client(cafe)

    def representations(self, cafe: TestApp, path: str) -> dict[str, TestResponse]:
        """Return every representation that a thing has."""
        writer, key = self.writer_client(cafe), self.key_field
        asks: dict[str, tuple[Client, str, dict[str, str]]] = {
            "public": (cafe.public, "", {}),
            "public, gzip": (cafe.public, "", GZIP),
            "public, fields": (cafe.public, f"?fields={key}", {}),
            "all": (writer, "", {}),
            "all, gzip": (writer, "", GZIP),
            "all, fields": (writer, f"?fields={key},version", {}),
        }
        return {
            name: who.get(path + query, ask) for name, (who, query, ask) in asks.items() if self.public or who is writer
        }

    def etags(self, cafe: TestApp, path: str) -> dict[str, str]:
        """Return the tag of every representation that a thing has."""
        found = self.representations(cafe, path)
        assert {answer.status_code for answer in found.values()} == {200}
        return {name: answer.headers["ETag"] for name, answer in found.items()}
