"""The forms of pages: what a browser sends, and the responses to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from flask import Request, Response, render_template
from msgspec import Struct

from api.http import request_body, responses
from api.http.idempotency import SavedResponse
from api.http.problems import CHALLENGE
from api.http.request_body import FORM
from api.http.resource import RequestContext
from api.store.transaction import Write

ACTION, REV, KEY, BASE = "_action", "_rev", "_key", "_base"
"""The fields of every form: the button, the version that the form shows, the key of a creation, and the fingerprints of
the texts that the form showed. No member of a body begins with an underscore."""
CHOICE = "_choice."
"""The prefix of the choices between two changes of a field: ``mine`` or ``theirs``."""

SAVE, DELETE = "save", "delete"
"""The actions of the button that sends the fields of a form, and of the one that deletes."""
MAX_FIELDS = 500
"""The most fields that a page sends. A cat may have 50 vaccinations of 5 columns and 5 microchips of 2 columns, which
are 260 cells. The empty rows have 14 more, and other fields, boxes and choices are fewer than 200."""


class Submission(Struct, frozen=True):
    """What a browser sends with a form."""

    texts: Mapping[str, Sequence[str]]
    """The texts of the fields by their names. A field that the form had and that was not sent has none: a browser sends
    nothing for a box that is not checked."""
    action: str
    """The button: ``save``, ``delete``, or another one of the form, such as ``done`` of a to-do."""
    rev: str
    """The version of the entity that the form shows; empty for a new entity."""
    key: str
    """The key with which a creation takes effect once; empty if the form has none."""
    base: str = ""
    """The fields of the form, and the fingerprints of the texts that it showed (see ``api/web/forms/merge.py``)."""
    choices: Mapping[str, Any] = {}
    """For each field that two users changed: ``theirs`` if the current value stays, otherwise ``mine``."""


def read_form(request: Request) -> Submission:
    """Return what a browser sent.

    Raises:
        ProblemError: 400, 413 or 415.
    """
    request_body.check_content_type(request, (FORM,))
    texts = dict[str, list[str]]()
    for name, text in request_body.form_pairs(request, MAX_FIELDS):
        texts.setdefault(name, []).append(text)
    action, rev, key, base = ((texts.pop(name, None) or [""])[0] for name in (ACTION, REV, KEY, BASE))
    chosen = {name: texts.pop(name)[0] for name in list(texts) if name.startswith(CHOICE)}
    for part in base.split(" ", MAX_FIELDS)[:MAX_FIELDS]:
        if "=" in part:
            texts.setdefault(part.partition("=")[0], [])
    choices = {name.removeprefix(CHOICE): "theirs" if text == "theirs" else "mine" for name, text in chosen.items()}
    return Submission(texts, action or SAVE, rev, key, base, choices)


def run_once(
    request: RequestContext, sent: Submission, plan: Callable[[], tuple[SavedResponse, Sequence[Write]]]
) -> SavedResponse:
    """Make the writes of a plan once for each key of a form. A second tap gets the saved response.

    Raises:
        IdempotencyKeyReused: the form was sent with other texts.
    """
    texts = {name: list(values) for name, values in sent.texts.items()}
    return request.run_once(sent.key or None, lambda: (texts, True), plan, saves_body=True)


def form_response(request: RequestContext, value: Any, status: int = 200) -> Response:
    """Respond with the page of a form, which is not cached: it has the key of a creation, or errors."""
    from api.http.pages import MEDIA, render_page

    html = render_page(request.context, request.http, request.operation.id, value, origin=request.origin)
    return responses.no_store_response(html, status=status, media=MEDIA)


def send_again(request: RequestContext, status: int = 401) -> Response:
    """Respond with a page that sends a form again: the session has ended (401), or the table is not available (503).

    The page repeats what was sent, except for passwords. It reads nothing. The request must come from the same origin:
    another site must not fill in the form.
    """
    from api.http.pages import MEDIA

    request_body.check_content_type(request.http, (FORM,))
    fields = [pair for pair in request_body.form_pairs(request.http, MAX_FIELDS) if "password" not in pair[0].lower()]
    action = quote(request.http.path, safe="/%")
    html = render_template("send_again.html", fields=fields, action=action, status=status)
    headers = {"WWW-Authenticate": CHALLENGE} if status == 401 else {"Retry-After": "1"}
    return responses.no_store_response(html.encode(), status=status, media=MEDIA, **headers)


def with_notice(path: str, notice: str) -> str:
    """Return the path of a page that says what has happened: "Saved." (see ``NOTICES`` in ``api/web/words.py``)."""
    return f"{path}{'&' if '?' in path else '?'}notice={notice}"
