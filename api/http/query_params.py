"""Query arguments, declared once with type, help and default (Flask-RESTful's reqparse), read strictly."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from flask import Request
from flask_restful import reqparse
from werkzeug.exceptions import HTTPException

from api.domain.errors import FieldError
from api.http import problem_types
from api.http.problems import ProblemError

MOST_DIGITS = 12
"""No argument is larger."""


class Parameter(reqparse.Argument):
    """One query argument, with the JSON Schema that the OpenAPI document shows of it."""

    def __init__(
        self, name: str, type: Callable[[str], Any], help: str, schema: Mapping[str, Any], default: Any = None
    ) -> None:
        super().__init__(name, type=type, help=help, default=default, location="args", store_missing=True)
        self.schema = dict(schema) | ({} if default is None else {"default": default})


def integer(name: str, low: int, high: int, default: int | None, help: str) -> Parameter:
    """Declare an integer within bounds."""

    def read(text: str) -> int:
        if not text.isascii() or not text.isdigit() or len(text) > MOST_DIGITS or not low <= int(text) <= high:
            raise ValueError
        return int(text)

    schema = {"type": "integer", "minimum": low, "maximum": high}
    return Parameter(name, read, f"{help} An integer from {low} to {high}.", schema, default)


def choice(name: str, choices: Sequence[str], help: str, default: str | None = None) -> Parameter:
    """Declare a value out of a list."""

    def read(text: str) -> str:
        if text not in choices:
            raise ValueError
        return text

    schema = {"type": "string", "enum": list(choices)}
    return Parameter(name, read, f"{help} One of {', '.join(choices)}.", schema, default)


def boolean(name: str, help: str) -> Parameter:
    """Declare a yes-or-no."""

    def read(text: str) -> bool:
        return {"true": True, "false": False}[text]

    return Parameter(name, _valued(read), f"{help} true or false.", {"type": "boolean"})


def text(name: str, longest: int, help: str, transform: Callable[[str], str] = str) -> Parameter:
    """Declare a text that is not empty."""

    def read(value: str) -> str:
        if not 1 <= len(value) <= longest or not value.isprintable():
            raise ValueError
        return transform(value)

    schema = {"type": "string", "minLength": 1, "maxLength": longest}
    return Parameter(name, read, f"{help} 1 to {longest} printable characters.", schema)


def csv(name: str, choices: Sequence[str], help: str) -> Parameter:
    """Declare a list of values, separated by commas."""

    def read(value: str) -> tuple[str, ...]:
        chosen = tuple(dict.fromkeys(value.split(",")))
        if not set(chosen) <= set(choices):
            raise ValueError
        return chosen

    schema = {"type": "array", "items": {"type": "string", "enum": list(choices)}, "minItems": 1}
    return Parameter(name, read, f"{help} Some of {', '.join(choices)}, separated by commas.", schema)


def timestamp(name: str, help: str) -> Parameter:
    """Declare an instant (RFC 3339, with its offset)."""

    def read(value: str) -> datetime:
        if "T" not in value.upper():
            raise ValueError
        # In a query a plus sign means a space; an offset that came unescaped is read as it was meant.
        at = datetime.fromisoformat(value.upper().replace(" ", "+"))
        if at.tzinfo is None:
            raise ValueError
        return at.astimezone(UTC)

    return Parameter(
        name,
        _valued(read),
        f"{help} An RFC 3339 instant such as 2026-05-01T12:00:00Z.",
        {"type": "string", "format": "date-time"},
    )


def _valued(read: Callable[[str], Any]) -> Callable[[str], Any]:
    """Let every way in which reading a text can fail be a ValueError, as reqparse expects it."""

    def careful(value: str) -> Any:
        try:
            return read(value)
        except (KeyError, OverflowError) as error:
            raise ValueError from error

    return careful


class QueryParameters:
    """The arguments that a method takes; no others."""

    def __init__(self, *arguments: Parameter) -> None:
        self.arguments = arguments
        self._parser = reqparse.RequestParser(bundle_errors=True)
        for argument in arguments:
            self._parser.add_argument(argument)
        self._help = {argument.name: argument.help for argument in arguments}
        self._defaults = {argument.name: argument.default for argument in arguments}

    def read(self, request: Request) -> dict[str, Any]:
        """Return the value of each argument, None where it was not sent and has no default.

        Raises:
            ProblemError: 400, naming each argument that is unknown, repeated or wrong, with its help.
        """
        if not request.query_string:
            return self._defaults.copy()
        faults, values = list[FieldError](), dict[str, Any]()
        for name, sent in request.args.lists():
            if name not in self._help:
                takes = f"This takes {', '.join(sorted(self._help))}." if self._help else "This takes none."
                faults.append(FieldError(f"{name}: There is no such argument. {takes}", parameter=name))
            elif len(sent) > 1:
                faults.append(FieldError(f"{name}: This came more than once. {self._help[name]}", parameter=name))
        if self.arguments:
            try:
                values = dict(self._parser.parse_args(request))
            except HTTPException as error:
                found: Mapping[str, str] = error.data["message"]  # type: ignore[attr-defined]
                faults += [FieldError(f"{name}: {text}", parameter=name) for name, text in found.items()]
        if faults:
            raise ProblemError(problem_types.BAD_QUERY, " ".join(fault.detail for fault in faults), errors=faults)
        return values
