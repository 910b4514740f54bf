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
    servers: tuple[str, ...]
    """Members that are the server's."""
    broken: dict[str, Any]
    """A body with many faults, of types and of rules, and where they are."""
    pointers: tuple[str, ...]
    form: str
    """A form, and what it says."""
    formed: dict[str, Any]
    argument: str
    """A filter with two of its values: what ``body`` has, and what ``other`` has."""
    values: tuple[str, str]
    takes: str
    """A part of its help; and, in ``helped``, a member with a value that it cannot have, and its help."""
    helped: tuple[str, Any, str]

    member: str = "name"
    """The member that is the key."""
    chosen: bool = True
    """Whether clients choose keys. If not, POST gives them, and PUT and PATCH create nothing."""
    spelt: Callable[[str], str] = str
    """Returns a key as the server spells it."""
    keys: tuple[str, ...] = KEYS
    """Keys of all kinds; where keys are given, there are so many things."""
    absent: str = "nobody"
    """A key under which there is nothing."""
    required: tuple[str, ...] = ()
    """Members that every body has to have, and those that a POST has to have besides the key."""
    posted: dict[str, Any] = field(default_factory=dict)
    integer: Callable[[Any], dict[str, Any]] | None = None
    """Makes a body with some value where an integer belongs, if there is such a place; 1 is good."""
    integer_at: str = ""
    wrong: str = "wings"
    """A value that the filter does not take."""
    orders: tuple[str, ...] = ("",)
    """The queries that put the list in different orders."""
    produces: tuple[str, ...] = (JSON,)
    aliases: str = ""
    """Another path that leads to the same things."""

    writer: Role = "staff"
    public: bool = True
    """Whether the public reads. If not, whoever reads is the writer."""
    before: tuple[str, ...] = ()
    """Keys of what is in the list from the beginning: whoever writes."""
    hidden: dict[str, Any] | None = None
    """A thing that is not there for ``stranger``, who may call some methods."""
    stranger: Role = "public"
    strange: tuple[str, ...] = ("GET", "HEAD")
    own: str = ""
    """What a member may write, if there is such a thing; other writes are 403, and here they are 404."""

    def at(self, key: Any) -> str:
        """Return the URL of a thing."""
        return f"{self.path}/{quote(self.spelt(str(key)), safe='')}"

    def key(self, path: str) -> str:
        """Return the key in the URL of a thing."""
        return unquote(path.rpartition("/")[2])

    def told(self, things: list[dict[str, Any]]) -> list[str]:
        """Return the keys of things, but for those that were there from the beginning."""
        return [key for thing in things if (key := str(thing[self.member])) not in self.before]

    def named(self, key: str, **more: Any) -> dict[str, Any]:
        """Return the body of a POST; where keys are given, it has none."""
        return ({self.member: key} if self.chosen else {}) | self.body | self.posted | more

    def spoken(self, key: str) -> str:
        """Return the form of a POST."""
        return "&".join([self.form, urlencode(({self.member: key} if self.chosen else {}) | self.posted)])

    def make(self, writer: Client, key: str = "luna", body: dict[str, Any] | None = None) -> str:
        """Make a thing, and return its URL."""
        said = self.body if body is None else body
        made = writer.put(self.at(key), said) if self.chosen else writer.post(self.path, said)
        assert made.status_code == 201, made.get_data(as_text=True)
        return made.headers["Location"]

    def least(self) -> dict[str, Any]:
        """Return the smallest body that there is."""
        return {name: self.body[name] for name in self.required}

    def who_writes(self, cafe: TestApp) -> Client:
        """Return somebody who may write."""
        return cafe.caller(self.writer)

    def who_reads(self, cafe: TestApp) -> Client:
        """Return the least of those who may read."""
        return cafe.public if self.public else self.who_writes(cafe)

    def representations(self, cafe: TestApp, path: str) -> dict[str, TestResponse]:
        """Return every representation that a thing has."""
        writer, key = self.who_writes(cafe), self.member
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

    def tags(self, cafe: TestApp, path: str) -> dict[str, str]:
        """Return the tag of every representation that a thing has."""
        found = self.representations(cafe, path)
        assert {answer.status_code for answer in found.values()} == {200}
        return {name: answer.headers["ETag"] for name, answer in found.items()}
