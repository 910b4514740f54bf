"""Parse request bodies strictly: JSON (RFC 8259), merge patches (RFC 7396) and forms.

Flask accepts NaN, duplicate members and numbers out of range, which this module rejects.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from typing import Any, NoReturn
from urllib.parse import parse_qsl

from flask import Request

from api.domain.errors import FieldError
from api.http import problem_types
from api.http.problems import ProblemError

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
MERGE_PATCH = "application/merge-patch+json"

MAX_BYTES = 256 * 1024
MAX_DEPTH = 32
MAX_FIELDS = 100
"""The most fields of a form of the API, which has no arrays."""
NUMBER = r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?"
"""RFC 8259, section 6."""
LONGEST_NUMBER = 400
"""In digits. The largest double has 309."""


def parse_body(request: Request) -> tuple[dict[str, Any], bool]:
    """Return the body as an object, and whether it is a form (all values of a form are text, and none is empty).

    Raises:
        ProblemError: 400, 413 or 422.
    """
    if request.mimetype != FORM:
        return _json(_text(request)), False
    return _form(form_pairs(request)), True


def parse_number(text: str) -> int | float:
    """Return a number of a form, which is written as in JSON.

    Raises:
        ValueError: the text is no JSON number, or is out of range.
    """
    if not re.fullmatch(NUMBER, text):
        raise ValueError("not a JSON number")
    return _int(text) if text.removeprefix("-").isdigit() else _float(text)


def check_content_type(request: Request, types: Sequence[str]) -> None:
    """Check the media type, the content coding and the length of the body.

    Raises:
        ProblemError: 415 or 413.
    """
    accept = {"Accept-Patch" if request.method == "PATCH" else "Accept": ", ".join(types)}
    if request.method == "PATCH":
        accept["Accept"] = accept["Accept-Patch"]
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    if request.mimetype not in types or charset not in ("utf-8", "utf8"):
        sent = request.headers.get("Content-Type") or "no type"
        raise ProblemError(
            problem_types.UNSUPPORTED_MEDIA_TYPE,
            f"Send {' or '.join(types)}, in UTF-8; got {sent}.",
            headers=accept,
        )
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise ProblemError(
            problem_types.UNSUPPORTED_MEDIA_TYPE,
            "Send the body without a coding.",
            headers={"Accept-Encoding": "identity"},
        )
    if (request.content_length or 0) > MAX_BYTES:
        raise ProblemError(problem_types.TOO_LARGE, problem_types.TOO_LARGE.explanation)


def merge_patch(target: Any, patch: Any) -> Any:
    """Return a target after a merge patch (RFC 7396, section 2).

    The target has every known member. A null removes a known member. A null for an unknown member stays, so that the
    validation reports the member.
    """
    if not isinstance(patch, dict):
        return patch
    merged = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None and name in merged:
            del merged[name]
        else:
            merged[name] = merge_patch(merged.get(name), value)
    return merged


def _text(request: Request) -> str:
    raw = request.get_data(cache=True)
    if len(raw) > MAX_BYTES:
        raise ProblemError(problem_types.TOO_LARGE, problem_types.TOO_LARGE.explanation)
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        _malformed("The body is not UTF-8.")


def _json(text: str) -> dict[str, Any]:
    if text.startswith("\ufeff"):
        _malformed("The body is not JSON: it begins with a byte order mark.")
    try:
        data = json.loads(
            text, object_pairs_hook=_object, parse_constant=_no_constant, parse_float=_float, parse_int=_int
        )
        _check(data, MAX_DEPTH)
    except RecursionError:
        _malformed(f"The body is nested deeper than {MAX_DEPTH} levels.")
    except json.JSONDecodeError as error:
        _malformed(f"The body is not JSON: {error.msg}, line {error.lineno}, column {error.colno}.")
    except ValueError as error:
        _malformed(f"The body is not JSON: {error}.")
    if not isinstance(data, dict):
        raise ProblemError(
            problem_types.VALIDATION_FAILED,
            "The body must be an object.",
            errors=[FieldError("wrong_type", "The body must be an object.", pointer="")],
        )
    return data


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError(f"the member {_repeated(pairs)} comes twice")
    return members


def _repeated(pairs: Sequence[tuple[str, Any]]) -> str:
    """Return the first name that comes twice, in quotation marks."""
    return json.dumps(next(name for name, seen in Counter(name for name, _ in pairs).items() if seen > 1))


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


def _int(text: str) -> int:
    if len(text.lstrip("-")) > LONGEST_NUMBER:
        raise ValueError("a number is out of range")
    return int(text)


def _float(text: str) -> float | int:
    """Parse a number with a fraction or an exponent. 4100.0 and 4.1e3 are integers, as in JSON Schema."""
    if len(text) > LONGEST_NUMBER:
        raise ValueError("a number is out of range")
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise ValueError("a number is out of range")
    if not number.is_integer():
        return number
    if number == 0:  # a number below the smallest float is not zero
        return number if text.lower().partition("e")[0].strip("-0.") else 0
    from decimal import Decimal  # a float has only 53 bits

    exact = Decimal(text)
    return int(exact) if exact == exact.to_integral_value() else number


def _check(data: Any, levels: int) -> None:
    """Reject lone surrogates and deep nesting, which are valid JSON and cannot be stored."""
    if levels == 0 and isinstance(data, dict | list):
        raise RecursionError
    if isinstance(data, str) and not data.isascii():
        try:
            data.encode()
        except UnicodeEncodeError:
            raise ValueError("a string has half of a surrogate pair") from None
    elif isinstance(data, dict):
        for name, value in data.items():
            _check(name, levels)
            _check(value, levels - 1)
    elif isinstance(data, list):
        for value in data:
            _check(value, levels - 1)


def form_pairs(request: Request, most: int = MAX_FIELDS) -> list[tuple[str, str]]:
    """Return the names and texts of a form, in their order. A name may come several times.

    Args:
        request: the request.
        most: the most fields.

    Raises:
        ProblemError: 400 or 413.
    """
    text = _text(request).strip("&")
    try:
        return parse_qsl(text, keep_blank_values=True, strict_parsing=bool(text), errors="strict", max_num_fields=most)
    except (ValueError, UnicodeDecodeError):
        _malformed(f"The body is not a URL-encoded form of at most {most} fields.")


def _form(pairs: Sequence[tuple[str, str]]) -> dict[str, str]:
    members = dict(pairs)
    if len(members) < len(pairs):
        _malformed(f"The field {_repeated(pairs)} of the form comes twice. For a list of values, send JSON.")
    # A browser also sends the fields that its user left empty.
    return {name: value for name, value in members.items() if value}


def _malformed(detail: str) -> NoReturn:
    raise ProblemError(problem_types.MALFORMED, detail, errors=[FieldError("invalid_format", detail, pointer="")])
