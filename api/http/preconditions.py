"""Entity tags and conditional requests (RFC 9110, sections 8.8.3 and 13).

An entity tag is ``<rev>.<digest>``. The rev is the id of the write that created the version. The digest depends on the
bytes of the representation, so that no two representations of a version share a strong tag. A read compares the whole
tag. A write compares the rev.
"""

from __future__ import annotations

import re
from hashlib import blake2b
from typing import TYPE_CHECKING

from flask import Request

from api.domain.errors import FieldError, NotFound
from api.http import problem_types
from api.http.problems import ProblemError

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

_HEADERS = (("If-Match", "HTTP_IF_MATCH"), ("If-None-Match", "HTTP_IF_NONE_MATCH"))
"""The headers with entity tags, and their names in WSGI."""
_TAG = re.compile(r'(W/)?"([\x21\x23-\x7e\x80-\xff]*)"')
_TAGS = re.compile(rf"[ \t,]*{_TAG.pattern}(?:[ \t]*,[ \t,]*{_TAG.pattern})*[ \t,]*")
"""A list of tags. Empty elements are valid (RFC 9110, section 5.6.1)."""
TAGS_EXPECTED = '* or entity tags such as "5zB5edvMYwAaobFT.28bde8dbb3bb3e42", separated by commas.'
WHOLE_BODY_EXPECTED = "Content-Range must not be sent. A PUT replaces the whole entity: send the whole body."
GZIP_SUFFIX = "-gzip"
"""The end of the digest of a compressed representation, which needs a tag of its own."""


def make_etag(rev: str | None, body: bytes, coding: str = "") -> str:
    """Return the strong tag of a representation."""
    digest = blake2b(body, digest_size=8).hexdigest() + coding
    return f"{rev}.{digest}" if rev else digest


def parse_etags(header: str) -> list[tuple[bool, str]]:
    """Return the tags of an If-Match or If-None-Match header, each with whether it is weak; none if it is malformed."""
    if not _TAGS.fullmatch(header):
        return []
    return [(bool(weak), opaque) for weak, opaque in _TAG.findall(header)]


def check_syntax(environ: WSGIEnvironment) -> None:
    """Check the syntax of the headers that decide whether a request happens.

    - If-Match and If-None-Match are ``*`` or a list of entity tags (RFC 9110, sections 13.1.1 and 13.1.2).
    - A PUT has no Content-Range: its body could be a part of an entity (section 14.5). Other methods ignore it (14.4).

    Raises:
        ProblemError: 400; it has an error for each wrong header.
    """
    errors = []
    for name, variable in _HEADERS:
        if variable in environ and environ[variable].strip() != "*" and not parse_etags(environ[variable]):
            errors.append(FieldError("invalid_format", f"{name} must be {TAGS_EXPECTED}", header=name))
    if environ["REQUEST_METHOD"] == "PUT" and "HTTP_CONTENT_RANGE" in environ:
        errors.append(FieldError("not_allowed", WHOLE_BODY_EXPECTED, header="Content-Range"))
    if errors:
        raise ProblemError(problem_types.MALFORMED, " ".join(error.detail for error in errors), errors=errors)


def not_modified(request: Request, current: str) -> bool:
    """Return whether the caller of a GET has the current representation.

    Raises:
        ProblemError: 412; If-Match does not match.
    """
    if_match = request.headers.get("If-Match")
    if if_match is not None and if_match.strip() != "*" and (False, current) not in parse_etags(if_match):
        raise _failed("If-Match")
    none_match = request.headers.get("If-None-Match")
    if none_match is None:
        return False
    return none_match.strip() == "*" or current in [opaque for _, opaque in parse_etags(none_match)]


def check_write(request: Request, rev: str | None, creatable: bool = True) -> None:
    """Check the preconditions of a write.

    Args:
        request: the request.
        rev: the current version of the entity, None if it does not exist.
        creatable: whether this caller may create the entity at its URL.

    Raises:
        NotFound: the entity does not exist, and the method cannot create it.
        ProblemError: 412, or 428 for a PATCH without If-Match.
    """
    if_match, none_match = request.headers.get("If-Match"), request.headers.get("If-None-Match")
    creates = request.method == "PUT" or (
        request.method == "PATCH" and none_match is not None and none_match.strip() == "*"
    )
    if rev is None and not (creates and creatable):
        raise NotFound
    if if_match is not None and not _is_current(if_match, rev):
        raise _failed("If-Match")
    if none_match is not None and rev is not None and _is_known(none_match, rev):
        raise _failed("If-None-Match")
    if request.method == "PATCH" and rev is not None and if_match is None:
        raise ProblemError(problem_types.PRECONDITION_REQUIRED, problem_types.PRECONDITION_REQUIRED.explanation)


def check_rev(rev: str, current: str | None) -> None:
    """Check the version that the form of a browser shows, as ``check_write`` checks If-Match.

    Args:
        rev: the version of the form; empty if the form was made for an entity that did not exist.
        current: the current version of the entity, None if it does not exist.

    Raises:
        NotFound: the entity does not exist.
        ProblemError: 412; the entity has another version.
    """
    if current is None:
        raise NotFound
    if rev != current:
        raise ProblemError(problem_types.PRECONDITION_FAILED, "Somebody has changed this since the form was opened.")


def check_post(request: Request) -> None:
    """Check the preconditions of a POST. Its target, a collection, always exists and has no version.

    Raises:
        ProblemError: 412.
    """
    if request.headers.get("If-Match", "*").strip() != "*":
        raise _failed("If-Match")
    if request.headers.get("If-None-Match", "").strip() == "*":
        raise _failed("If-None-Match")


def _is_current(header: str, rev: str | None) -> bool:
    """Return whether If-Match matches. A weak tag never matches (RFC 9110, section 13.1.1)."""
    if header.strip() == "*":
        return rev is not None
    return any(not weak and _rev(opaque) == rev for weak, opaque in parse_etags(header))


def _is_known(header: str, rev: str) -> bool:
    return header.strip() == "*" or any(_rev(opaque) == rev for _, opaque in parse_etags(header))


def _rev(opaque: str) -> str:
    return opaque.partition(".")[0]


def _failed(header: str) -> ProblemError:
    relation = "does not match" if header == "If-Match" else "matches"
    return ProblemError(problem_types.PRECONDITION_FAILED, f"{header} {relation} the current version.")
