"""What a form of a page does: what it shows, what it saves, and where the browser goes then."""

from __future__ import annotations

from collections.abc import Callable

from flask import Response
from msgspec import Struct

from api.domain.users import Role
from api.http.forms import DELETE, SAVE, Submission
from api.http.resource import RequestContext
from api.web.pages.form import FormPage


class Form(Struct, frozen=True, kw_only=True):
    """A form: ``/forms/{form}`` for something new, ``/forms/{form}/{key}`` for something that exists."""

    role: Role
    """The least role that may use the form."""
    load: Callable[[RequestContext, str | None], FormPage]
    """Return the form as it is opened, for a key; None for something new.

    Raises:
        NotFound: there is no such form.
    """
    save: Callable[[RequestContext, str | None, Submission], str | Response]
    """Save what the browser sent, and return the path of the page that shows it, without the stage; or a response.

    Raises:
        ClowderError, ProblemError: nothing was saved.
    """
    actions: tuple[str, ...] = (SAVE, DELETE)
    """The buttons of the form with a key. Another one is refused."""
    new_actions: tuple[str, ...] = (SAVE,)
    """The buttons of the form without a key."""
    recreate: Callable[[RequestContext, str], FormPage] | None = None
    """Return the form that creates again what somebody has deleted, for its key; None if there is no such form."""
