"""Which version is meant: entity tags and conditional requests (RFC 9110, sections 8.8.3 and 13).

A tag is ``<rev>.<digest>``. The rev names the write that made the version; the digest names the bytes of one
representation, so that the public's and the staff's, the whole and a selection of fields, the plain and
the compressed never share a strong tag, nor do two days on which derived members differ. A read compares the whole tag.
A write asks whether the version is still the one that its caller was given, and compares the rev.
"""

from __future__ import annotations

import re
from hashlib import blake2b

from flask import Request

from api.domain.errors import NotFound
from api.http import problem_types
from api.http.problems import ProblemError

_TAG = re.compile(r'(W/)?"([\x21\x23-\x7e\x80-\xff]*)"')
GZIP = "-gzip"


def make_etag(rev: str | None, body: bytes, coding: str = "") -> str:
    """Return the strong tag of a representation."""
    digest = blake2b(body, digest_size=8).hexdigest() + coding
    return f"{rev}.{digest}" if rev else digest


def parse_etags(header: str) -> list[tuple[bool, str]]:
    """Return the tags of an If-Match or If-None-Match header, each with whether it is weak; none of a malformed one."""
    if _TAG.sub("", header).strip(" \t,"):
        return []
    return [(bool(weak), opaque) for weak, opaque in _TAG.findall(header)]


def not_modified(request: Request, current: str) -> bool:
    """Say whether the caller of a GET has this representation already.

    Raises:
        ProblemError: 412, when If-Match asks for another one.
    """
    if_match = request.headers.get("If-Match")
    if if_match is not None and if_match.strip() != "*" and (False, current) not in parse_etags(if_match):
        raise _failed("If-Match")
    none_match = request.headers.get("If-None-Match")
    if none_match is None:
        return False
    return none_match.strip() == "*" or current in [opaque for _, opaque in parse_etags(none_match)]


def check_write(request: Request, rev: str | None, creatable: bool = True) -> None:
    """Let a write pass if the entity is in the state that the caller means.

    Args:
        request: its method and its conditions.
        rev: names the version that is there; None if there is nothing.
        creatable: whether this caller could create the entity by writing to its URL.

    Raises:
        NotFound: there is nothing, and the method cannot create it.
        ProblemError: 412, or 428 where a PATCH does not say which version it was made for.
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


def check_post(request: Request) -> None:
    """Let a POST pass if its target, which always exists, is in the state that the caller means.

    A list has no version of its own to compare: a tag in If-Match is never known to be current.

    Raises:
        ProblemError: 412.
    """
    if request.headers.get("If-Match", "*").strip() != "*":
        raise _failed("If-Match")
    if request.headers.get("If-None-Match", "").strip() == "*":
        raise _failed("If-None-Match")


def _is_current(header: str, rev: str | None) -> bool:
    """Compare strongly (RFC 9110, section 13.1.1): a weak tag never matches."""
    if header.strip() == "*":
        return rev is not None
    return any(not weak and _rev(opaque) == rev for weak, opaque in parse_etags(header))


def _is_known(header: str, rev: str) -> bool:
    return header.strip() == "*" or any(_rev(opaque) == rev for _, opaque in parse_etags(header))


def _rev(opaque: str) -> str:
    return opaque.partition(".")[0]


def _failed(header: str) -> ProblemError:
    return ProblemError(problem_types.PRECONDITION_FAILED, f"{header} does not hold for what is there now.")
