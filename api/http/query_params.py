"""Query parameters, declared and parsed with Flask-RESTful's reqparse.

reqparse is used because parameters have to behave as users of Flask-RESTful know its arguments: ``type`` parses the
text, ``help`` describes the parameter, ``default`` is the value of a missing parameter, and unknown parameters are
errors, as with ``strict``. The error message says what is expected. No parameter needs ``required`` or ``dest``.
``QueryParameters.parse`` checks for unknown and repeated parameters itself, because ``strict`` gives one error for all
unknown ones, and reqparse takes the first of repeated ones. All errors become one ``ProblemError``, which
``api/http/problems.py`` renders as a problem document.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from flask import Request
from flask_restful import reqparse
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException

from api.domain.entity import TIMESTAMP_EXPECTED, parse_timestamp
from api.domain.errors import ErrorCode, FieldError
from api.http import problem_types
from api.http.deprecation import Deprecation
from api.http.problems import MAX_ERRORS, ProblemError

MAX_DIGITS = 12
"""The most digits of an integer."""
FOR_PROGRAMS = frozenset({"fields", "updatedSince"})
"""Parameters that select another result. A page has no use for them and ignores them."""


class InvalidParameter(ValueError):
    """The value of a parameter is invalid. Other exceptions of the function that parses it have ``invalid_value``."""

    def __init__(self, code: ErrorCode) -> None:
        super().__init__(code)
        self.code = code


class Parameter(reqparse.Argument):
    """A query parameter, with its JSON Schema for the OpenAPI document.

    Args:
        name: the name.
        type: parses the text. It raises an exception for an invalid one.
        help: the description.
        schema: the JSON Schema.
        default: the value of a missing parameter.
        expected: what the value must be, for the error message.
        deprecated: since when it is deprecated, and until when it exists.
        changes_type: whether the response has another type with it. The OpenAPI document describes one type for each
            response, so it mentions such a parameter only in the description of the operation.
    """

    def __init__(
        self,
        name: str,
        type: Callable[[str], Any],
        help: str,
        schema: Mapping[str, Any],
        default: Any = None,
        *,
        expected: str,
        deprecated: Deprecation | None = None,
        changes_type: bool = False,
    ) -> None:
        super().__init__(name, type=type, help=help, default=default, location="args")
        self.deprecated, self.changes_type = deprecated, changes_type
        self.schema = dict(schema) | ({} if default is None else {"default": default})
        self.expected = expected

    def handle_validation_error(self, error: Exception, bundle_errors: bool) -> tuple[Exception, dict[str, FieldError]]:  # noqa: ARG002
        """Return the error of the parameter. reqparse collects those of all parameters."""
        code = error.code if isinstance(error, InvalidParameter) else "invalid_value"
        return error, {self.name: FieldError(code, f"{self.name} must be {self.expected}.", parameter=self.name)}


def integer(name: str, low: int, high: int, default: int | None, help: str) -> Parameter:
    """Declare an integer within bounds."""

    def parse(value: str) -> int:
        if not value.isascii() or not value.isdigit():
            raise InvalidParameter("wrong_type")
        if len(value) > MAX_DIGITS or int(value) > high:
            raise InvalidParameter("too_large")
        if int(value) < low:
            raise InvalidParameter("too_small")
        return int(value)

    schema = {"type": "integer", "minimum": low, "maximum": high}
    return Parameter(name, parse, help, schema, default, expected=f"an integer from {low} to {high}")


def choice(name: str, choices: Sequence[str], help: str, default: str | None = None) -> Parameter:
    """Declare one of some values."""

    def parse(value: str) -> str:
        if value not in choices:
            raise InvalidParameter("invalid_value")
        return value

    schema = {"type": "string", "enum": list(choices)}
    return Parameter(name, parse, help, schema, default, expected=f"one of {', '.join(choices)}")


def boolean(name: str, help: str) -> Parameter:
    """Declare a boolean."""

    def parse(value: str) -> bool:
        if value not in ("true", "false"):
            raise InvalidParameter("wrong_type")
        return value == "true"

    return Parameter(name, parse, help, {"type": "boolean"}, expected="true or false")


def text(name: str, max_length: int, help: str, transform: Callable[[str], str] = str) -> Parameter:
    """Declare a non-empty text of printable characters."""

    def parse(value: str) -> str:
        if not 1 <= len(value) <= max_length:
            raise InvalidParameter("too_long" if value else "blank")
        if not value.isprintable():
            raise InvalidParameter("invalid_character")
        return transform(value)

    schema = {"type": "string", "minLength": 1, "maxLength": max_length}
    return Parameter(name, parse, help, schema, expected=f"1 to {max_length} printable characters")


def csv(name: str, choices: Sequence[str], help: str, **options: Any) -> Parameter:
    """Declare a list of values, separated by commas."""

    def parse(value: str) -> tuple[str, ...]:
        values = tuple(dict.fromkeys(value.split(",")))
        if not set(values) <= set(choices):
            raise InvalidParameter("invalid_value")
        return values

    schema = {"type": "array", "items": {"type": "string", "enum": list(choices)}, "minItems": 1}
    expected = f"one or more of {', '.join(choices)}, separated by commas"
    return Parameter(name, parse, help, schema, expected=expected, **options)


def timestamp(name: str, help: str, **options: Any) -> Parameter:
    """Declare a timestamp with a UTC offset (RFC 3339)."""

    def parse(value: str) -> datetime:
        # A plus sign that the client did not escape arrives as a space.
        try:
            return parse_timestamp(re.sub(r" (?=[0-9]{2}:?[0-9]{2}\Z)", "+", value))
        except ValueError:
            raise InvalidParameter("invalid_format") from None

    schema = {"type": "string", "format": "date-time"}
    return Parameter(name, parse, help, schema, expected=TIMESTAMP_EXPECTED, **options)


class QueryParameters:
    """The query parameters of an operation. All others are errors, except on pages and feeds.

    Args:
        parameters: the parameters.
        of_page: the names of others that only the page has. They have any text, and no default.
    """

    def __init__(self, *parameters: Parameter, of_page: Sequence[str] = ()) -> None:
        self.parameters, self._of_page = parameters, of_page
        self._parser = reqparse.RequestParser(bundle_errors=True)
        for parameter in parameters:
            self._parser.add_argument(parameter)
        self._help = {parameter.name: parameter.help for parameter in parameters}
        self.deprecated = {
            parameter.name: parameter.deprecated for parameter in parameters if parameter.deprecated is not None
        }
        self._lists = {parameter.name for parameter in parameters if parameter.schema.get("type") == "array"}
        self._defaults = {parameter.name: parameter.default for parameter in parameters}

    def parse(self, request: Request, *, ignore_unknown: bool = False, is_page: bool = False) -> dict[str, Any]:
        """Return the value of each parameter: its default, or None, if it was not sent.

        Args:
            request: the request.
            ignore_unknown: whether unknown parameters are ignored, such as those that other sites add to links.
            is_page: whether the arguments are those of a page. The request then has only those that it understands.

        Raises:
            ProblemError: 400; a parameter is unknown, repeated or invalid. It has an error for each of them.
        """
        if not request.query_string or (ignore_unknown and not self.parameters):
            return self._defaults.copy()
        if is_page:
            request.args, ignore_unknown = self._page_arguments(request.args), True
        errors, values = list[FieldError](), dict[str, Any]()
        for name, sent in request.args.lists():
            if (name not in self._help and not ignore_unknown) or (name in self._help and len(sent) > 1):
                errors.append(self._name_error(name, errors))
        if self.parameters:
            try:
                values = dict(self._parser.parse_args(request))
            except HTTPException as error:
                invalid: Mapping[str, FieldError] = error.data["message"]  # type: ignore[attr-defined]
                errors += invalid.values()
        if errors:
            errors = errors[: MAX_ERRORS + 1]  # one more than a response has shows that there are more
            raise ProblemError(problem_types.BAD_QUERY, " ".join(error.detail for error in errors), errors=errors)
        return values

    def _page_arguments(self, sent: MultiDict[str, str]) -> MultiDict[str, str]:
        """Return the arguments of a request for a page, as the API expects them.

        A form with the method GET sends its empty fields, and each checked box by itself. So empty arguments are left
        out, and those of a list are joined. Unknown ones are left out, so that no link of the page repeats them.
        """
        arguments = MultiDict[str, str]()
        for name, values in sent.lists():
            is_known = name in self._of_page or (name in self._help and name not in FOR_PROGRAMS)
            if is_known and (values := [value for value in values if value]):
                arguments.setlist(name, [",".join(values)] if name in self._lists else values)
        return arguments

    def _name_error(self, name: str, earlier: Sequence[FieldError]) -> FieldError:
        """Return the error of a repeated or unknown parameter. The first unknown one lists the known parameters."""
        if name in self._help:
            hint = " Separate several values by commas." if name in self._lists else ""
            return FieldError("duplicate", f"{name} must not be repeated.{hint}", parameter=name)
        is_first = all(error.parameter in self._help for error in earlier)
        expected = f" Expected {', '.join(sorted(self._help)) or 'no parameters'}." if is_first else ""
        return FieldError("unknown_parameter", f"{name}: Unknown parameter.{expected}", parameter=name)
