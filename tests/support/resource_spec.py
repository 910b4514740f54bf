"""The description of a resource that the contract tests need."""

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
    """A resource, its sample data and the ways in which it differs from other resources."""

    path: str
    body: dict[str, Any]
    """The body of an item that every reader may see."""
    other: dict[str, Any]
    """Fields with other values than those of ``body``. They do not change who may see the item."""
    defaults: dict[str, Any]
    """Default values of some fields."""
    long: dict[str, Any]
    """The body of an item whose representation is long enough for gzip."""
    read_only: tuple[str, ...]
    """The fields that only the server sets."""
    invalid: dict[str, Any]
    """A body with many errors, of types and of rules."""
    error_pointers: tuple[str, ...]
    """The JSON pointers of the errors of ``invalid``."""
    form: str
    """A form body, and in ``form_values`` the fields as JSON."""
    form_values: dict[str, Any]
    filter_name: str
    """A filter. The first value of ``filter_values`` selects ``body``, the second selects ``other``."""
    filter_values: tuple[str, str]
    filter_help: str
    """A part of the help text of the filter."""
    field_help: tuple[str, Any, str]
    """A field, an invalid value of it and the help text of the field."""

    key_field: str = "name"
    client_keys: bool = True
    """Whether clients choose keys. If not, POST allocates them, and PUT and PATCH create nothing."""
    normalise_key: Callable[[str], str] = str
    sample_keys: tuple[str, ...] = KEYS
    """Keys of many kinds. If the server allocates keys, only their number counts."""
    missing_key: str = "missing"
    """A key without an item."""
    required: tuple[str, ...] = ()
    """The required fields."""
    post_fields: dict[str, Any] = field(default_factory=dict)
    """Fields that only a POST needs, apart from the key."""
    integer: Callable[[Any], dict[str, Any]] | None = None
    """Return a body with the value in an integer field, if the resource has one. 1 is valid."""
    integer_at: str = ""
    invalid_filter: str = "wings"
    """A value that the filter rejects."""
    sort_queries: tuple[str, ...] = ("",)
    """The queries for each order of the list."""
    produces: tuple[str, ...] = (JSON,)
    has_page: bool = False
    """Whether a GET also has a page, which the OpenAPI document does not have."""
    aliases: str = ""
    """An alternative path of the collection."""

    writer: Role = "staff"
    public: bool = True
    """Whether the public may read. If not, the reader is the writer."""
    has_public_view: bool = False
    """Whether the public sees fewer members. The ETag of its view is not valid for a write."""
    existing_keys: tuple[str, ...] = ()
    """The keys of the items that exist before the test, such as the user of the writer."""
    hidden_body: dict[str, Any] | None = None
    """The body of an item that does not exist for ``outsider``, who may call ``outsider_methods``."""
    outsider: Role = "public"
    outsider_methods: tuple[str, ...] = ("GET", "HEAD")
    own_methods: str = ""
    """The item that a member may write, if there is one. A member gets 404 for other items, instead of 403."""

    @property
    def available(self) -> list[str]:
        """The media types of a GET."""
        return [*self.produces, *(["text/html"] if self.has_page else [])]

    def url(self, key: Any) -> str:
        """Return the URL of an item."""
        return f"{self.path}/{quote(self.normalise_key(str(key)), safe='')}"

    def key_of(self, path: str) -> str:
        """Return the key from the URL of an item."""
        return unquote(path.rpartition("/")[2])

    def keys_of(self, items: list[dict[str, Any]]) -> list[str]:
        """Return the keys of the items, without those that existed before the test."""
        return [key for item in items if (key := str(item[self.key_field])) not in self.existing_keys]

    def post_body(self, key: str, **fields: Any) -> dict[str, Any]:
        """Return the body of a POST, with the key if clients choose keys."""
        return ({self.key_field: key} if self.client_keys else {}) | self.body | self.post_fields | fields

    def post_form(self, key: str) -> str:
        """Return the form body of a POST."""
        return "&".join([self.form, urlencode(({self.key_field: key} if self.client_keys else {}) | self.post_fields)])

    def create(self, writer: Client, key: str = "luna", body: dict[str, Any] | None = None) -> str:
        """Create an item and return its URL."""
        fields = self.body if body is None else body
        response = writer.put(self.url(key), fields) if self.client_keys else writer.post(self.path, fields)
        assert response.status_code == 201, response.get_data(as_text=True)
        return response.headers["Location"]

    def minimal_body(self) -> dict[str, Any]:
        """Return a body of only the required fields."""
        return {name: self.body[name] for name in self.required}

    def writer_client(self, cafe: TestApp) -> Client:
        """Return a client that may write."""
        return cafe.client(self.writer)

    def reader_client(self, cafe: TestApp) -> Client:
        """Return the client with the lowest role that may read."""
        return cafe.public if self.public else self.writer_client(cafe)

    def representations(self, cafe: TestApp, path: str) -> dict[str, TestResponse]:
        """Return a response for each representation of an item."""
        writer, key = self.writer_client(cafe), self.key_field
        requests: dict[str, tuple[Client, str, dict[str, str]]] = {
            "public": (cafe.public, "", {}),
            "public, gzip": (cafe.public, "", GZIP),
            "public, fields": (cafe.public, f"?fields={key}", {}),
            "all": (writer, "", {}),
            "all, gzip": (writer, "", GZIP),
            "all, fields": (writer, f"?fields={key},version", {}),
        }
        return {
            name: client.get(path + query, headers)
            for name, (client, query, headers) in requests.items()
            if self.public or client is writer
        }

    def etags(self, cafe: TestApp, path: str) -> dict[str, str]:
        """Return the ETag of each representation of an item."""
        responses = self.representations(cafe, path)
        assert {response.status_code for response in responses.values()} == {200}
        return {name: response.headers["ETag"] for name, response in responses.items()}

    def write_etags(self, cafe: TestApp, path: str) -> dict[str, str]:
        """Return the ETag of each representation that is valid for a write."""
        etags = self.etags(cafe, path)
        return {name: tag for name, tag in etags.items() if not (self.has_public_view and name.startswith("public"))}
