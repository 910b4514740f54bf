"""The examples of bodies in the OpenAPI document, which are in examples.json. Only the document needs them.

The names in request bodies are not in the sample data of ``make run``, so that each example can be sent at once. The
responses are those of the server to these requests; a test compares them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from api.http.problem_types import PROBLEM_TYPES
from api.http.request_body import FORM

Example = dict[str, Any]
_FIRST_TYPES = {kind.status: kind for kind in reversed(PROBLEM_TYPES.values())}
"""The first problem type of each status."""


class Examples(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The examples."""

    bodies: dict[str, Example]
    """Request bodies by the name of the schema. A form has the example of the JSON body."""
    responses: dict[str, Example]
    """Entities in responses by the name of the schema."""
    lists: dict[str, Example]
    """The members of lists besides the items."""
    others: dict[str, Any]
    """Other responses by path and media type. A text may be only the beginning of the response."""
    page: str
    """The beginning of an HTML page."""
    instance: str
    """The ``instance`` of problems."""

    def body(self, schema: str, media: str, members: dict[str, Any]) -> Example:
        """Return the content of a request body with an example, or nothing.

        Args:
            schema: the name of the schema.
            media: the media type.
            members: the members of the schema. A form has only those that are scalars.
        """
        is_form = media == FORM
        body = self.bodies.get(schema.removesuffix("Form") if is_form else schema)
        if body is None:
            return {}
        left_out = [name for name in body if name not in members or (is_form and isinstance(body[name], dict | list))]
        return {"example": {name: body[name] for name in body if name not in left_out}}

    def response(self, path: str, media: str, schema: dict[str, Any]) -> Example:
        """Return the content of a response with an example, or nothing.

        Args:
            path: the path of the resource.
            media: the media type.
            schema: the schema of the response.
        """
        if f"{path} {media}" in self.others:
            return {"example": self.others[f"{path} {media}"]}
        if media == "text/html":
            return {"example": self.page}
        name = schema.get("anyOf", [schema])[0].get("$ref", "").rpartition("/")[2]
        if name in self.responses:
            return {"example": self.responses[name]}
        item = self.responses.get(name.removesuffix("Page").removesuffix("List"))
        return {"example": {"items": [item], **self.lists.get(name, {})}} if item else {}

    def problem(self, status: int) -> Example:
        """Return the content of an error with an example, or nothing."""
        kind = _FIRST_TYPES.get(status)
        if kind is None:
            return {}
        example = {
            "type": f"/problems/{kind.slug}",
            "title": kind.title,
            "status": status,
            "detail": kind.explanation,
            "instance": self.instance,
            "requestId": "7f1c1ae2-6f0c-4b7e-9d57-0f2b7a9e3c11",
        }
        return {"example": example}


def load_examples() -> Examples:
    """Read the examples."""
    return msgspec.json.decode(Path(__file__).with_suffix(".json").read_bytes(), type=Examples)
