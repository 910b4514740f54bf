"""Query parameters, declared and parsed with Flask-RESTful's reqparse.

reqparse is used because parameters have to behave as users of Flask-RESTful know its arguments: ``type`` parses the
text, ``help`` is the error message, ``default`` is the value of a missing parameter, and unknown parameters are errors,
as with ``strict``. No parameter needs ``required`` or ``dest``. ``QueryParameters.parse`` checks for unknown and
repeated parameters itself, because ``strict`` gives one error for all unknown ones, and reqparse takes the first of
repeated ones. All errors become one ``ProblemError``, which ``api/http/problems.py`` renders as a problem document.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from flask import Request
from flask_restful import reqparse
from werkzeug.exceptions import HTTPException

from api.domain.entity import parse_timestamp
from api.domain.errors import FieldError
from api.http import problem_types
from api.http.problems import MAX_ERRORS, ProblemError

MAX_DIGITS = 12
"""The most digits of an integer."""


class Parameter(reqparse.Argument):
    """A query parameter, with its JSON Schema for the OpenAPI document."""

    def __init__(
        self, name: str, type: Callable[[str], Any], help: str, schema: Mapping[str, Any], default: Any = None
    ) -> None:
        super().__init__(name, type=type, help=help, default=default, location="args")
        self.schema = dict(schema) | ({} if default is None else {"default": default})


def integer(name: str, low: int, high: int, default: int | None, help: str) -> Parameter:
    """Declare an integer within bounds."""

    def parse(value: str) -> int:
        if not value.isascii() or not value.isdigit() or len(value) > MAX_DIGITS or not low <= int(value) <= high:
            raise ValueError
        return int(value)

    schema = {"type": "integer", "minimum": low, "maximum": high}
    return Parameter(name, parse, f"{help} An integer from {low} to {high}.", schema, default)


def choice(name: str, choices: Sequence[str], help: str, default: str | None = None) -> Parameter:
    """Declare one of some values."""

    def parse(value: str) -> str:
        if value not in choices:
            raise ValueError
        return value

    schema = {"type": "string", "enum": list(choices)}
    return Parameter(name, parse, f"{help} One of {', '.join(choices)}.", schema, default)


def boolean(name: str, help: str) -> Parameter:
    """Declare a boolean."""

    def parse(value: str) -> bool:
        if value not in ("true", "false"):
            raise ValueError
        return value == "true"

    return Parameter(name, parse, f"{help} true or false.", {"type": "boolean"})


def text(name: str, max_length: int, help: str, transform: Callable[[str], str] = str) -> Parameter:
    """Declare a non-empty text of printable characters."""

    def parse(value: str) -> str:
        if not 1 <= len(value) <= max_length or not value.isprintable():
            raise ValueError
        return transform(value)

    schema = {"type": "string", "minLength": 1, "maxLength": max_length}
    return Parameter(name, parse, f"{help} 1 to {max_length} printable characters.", schema)


def csv(name: str, choices: Sequence[str], help: str) -> Parameter:
    """Declare a list of values, separated by commas."""

    def parse(value: str) -> tuple[str, ...]:
        values = tuple(dict.fromkeys(value.split(",")))
        if not set(values) <= set(choices):
            raise ValueError
        return values

    schema = {"type": "array", "items": {"type": "string", "enum": list(choices)}, "minItems": 1}
    return Parameter(name, parse, f"{help} One or more of {', '.join(choices)}, separated by commas.", schema)


def timestamp(name: str, help: str) -> Parameter:
    """Declare a timestamp with a UTC offset (RFC 3339)."""

    def parse(value: str) -> datetime:
        # A plus sign that the client did not escape arrives as a space.
        return parse_timestamp(re.sub(r" (?=[0-9]{2}:?[0-9]{2}\Z)", "+", value))

    example = "An RFC 3339 timestamp such as 2026-05-01T12:00:00Z. Leap seconds are refused."
    return Parameter(name, parse, f"{help} {example}", {"type": "string", "format": "date-time"})


class QueryParameters:
    """The query parameters of an operation. All others are errors, except on pages and feeds."""

    def __init__(self, *parameters: Parameter) -> None:
        self.parameters = parameters
        self._parser = reqparse.RequestParser(bundle_errors=True)
        for parameter in parameters:
            self._parser.add_argument(parameter)
        self._help = {parameter.name: parameter.help for parameter in parameters}
        self._defaults = {parameter.name: parameter.default for parameter in parameters}

    def parse(self, request: Request, *, ignore_unknown: bool = False) -> dict[str, Any]:
        """Return the value of each parameter: its default, or None, if it was not sent.

        Args:
            request: the request.
            ignore_unknown: whether unknown parameters are ignored, such as those that other sites add to links.

        Raises:
            ProblemError: 400; a parameter is unknown, repeated or invalid. It has an error for each of them.
        """
        if not request.query_string or (ignore_unknown and not self.parameters):
            return self._defaults.copy()
        errors, values = list[FieldError](), dict[str, Any]()
        for name, sent in request.args.lists():
            if (name not in self._help and not ignore_unknown) or (name in self._help and len(sent) > 1):
                errors.append(self._name_error(name, errors))
        if self.parameters:
            try:
                values = dict(self._parser.parse_args(request))
            except HTTPException as error:
                messages: Mapping[str, str] = error.data["message"]  # type: ignore[attr-defined]
                errors += [FieldError(f"{name}: {message}", parameter=name) for name, message in messages.items()]
        if errors:
            errors = errors[: MAX_ERRORS + 1]  # one more than a response has shows that there are more
            raise ProblemError(problem_types.BAD_QUERY, " ".join(error.detail for error in errors), errors=errors)
        return values

    def _name_error(self, name: str, earlier: Sequence[FieldError]) -> FieldError:
        """Return the error of a repeated or unknown parameter. The first unknown one lists the known parameters."""
        if name in self._help:
            return FieldError(f"{name}: Repeated parameter. {self._help[name]}", parameter=name)
        is_first = all(error.parameter in self._help for error in earlier)
        expected = f" Expected {', '.join(sorted(self._help)) or 'no parameters'}." if is_first else ""
        return FieldError(f"{name}: Unknown parameter.{expected}", parameter=name)
