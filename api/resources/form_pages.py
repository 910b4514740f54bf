"""The forms of the pages: ``/forms/{form}`` and ``/forms/{form}/{key}``.

A browser opens a form (GET) and sends it (POST). What a form does is in the table ``FORMS``; it calls the same services
as the API. After success, the browser is redirected to a page (303). Otherwise it gets the form again with everything
that the user typed: with the errors beside the fields (422), merged with what somebody else has saved (412), or with
the reason of a refusal (403, 409, 429). Without a session, it gets a page that sends the same after a login (401).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from flask import Response

from api.domain.errors import (
    FieldError,
    Forbidden,
    InvalidState,
    NotFound,
    RateLimited,
    Unauthenticated,
    ValidationFailed,
)
from api.http import csrf, problem_types
from api.http.preconditions import check_post
from api.http.problems import ProblemError, problem_type_of
from api.http.request_body import FORM
from api.http.resource import HTML, RequestContext, Resource, operation

if TYPE_CHECKING:
    from api.http.forms import Submission
    from api.resources.forms.form import Form


class _FormResource(Resource, abstract=True):
    """A form. Its role is in the table, so that each operation is public here."""

    tag, ignores = "Forms", ("Idempotency-Key", "Prefer")

    def find(self, request: RequestContext, name: str) -> Form:
        """Return a form that the caller may use.

        Raises:
            NotFound, Unauthenticated, Forbidden.
        """
        from api.resources.forms.table import FORMS  # requests for JSON do not need it

        if name not in FORMS:
            raise NotFound
        form = FORMS[name]
        request.context.principal.require(form.role)
        request.context.principal.require_session()  # forms are for people
        return form

    def open(self, request: RequestContext, name: str, key: str | None) -> Response:
        """Respond with a form."""
        from api.http.forms import form_response

        return form_response(request, self.find(request, name).load(request, key))

    def send(self, request: RequestContext, name: str, key: str | None) -> Response:
        """Save a form, and redirect the browser; or respond with the form and its errors."""
        from api.http.forms import read_form, see_other, session_ended

        csrf.check_same_origin(request.http)
        try:
            form = self.find(request, name)
        except Unauthenticated:
            return session_ended(request)
        check_post(request.http)
        sent = read_form(request.http)
        try:
            result = form.save(request, key, sent)
            return see_other(request, result) if isinstance(result, str) else result
        except ValidationFailed as error:
            return self._refuse(request, form, key, sent, error.errors, 422)
        except (Forbidden, InvalidState, RateLimited) as error:
            status, refusal = problem_type_of(error).status, FieldError("not_allowed", error.detail)
            response = self._refuse(request, form, key, sent, [refusal], status)
            if isinstance(error, RateLimited):
                response.headers["Retry-After"] = str(error.retry_after)
            return response
        except (NotFound, ProblemError) as error:
            return self._outdated(request, form, key, sent, error)

    def _outdated(
        self, request: RequestContext, form: Form, key: str | None, sent: Submission, error: NotFound | ProblemError
    ) -> Response:
        """Respond with a form whose entity somebody else has changed or deleted. Raise another error again."""
        from api.http.forms import form_response
        from api.resources.forms.unsaved import with_current_version, with_texts_of_deleted

        if isinstance(error, ProblemError):
            if error.kind is not problem_types.PRECONDITION_FAILED:
                raise error
            return form_response(request, with_current_version(form.load(request, key), sent), 412)
        if key is None or form.recreate is None or not sent.rev or sent.action == "delete":
            raise error
        return form_response(request, with_texts_of_deleted(form.recreate(request, key), sent), 412)

    def _refuse(
        self,
        request: RequestContext,
        form: Form,
        key: str | None,
        sent: Submission,
        errors: Sequence[FieldError],
        status: int,
    ) -> Response:
        """Respond with the form and its errors. It has the texts that were sent: other buttons send none."""
        from api.http.forms import form_response
        from api.resources.forms.unsaved import with_errors

        return form_response(request, with_errors(form.load(request, key), sent, errors), status)


class NewForm(_FormResource):
    """A form for something new."""

    path = "/forms/{form}"

    @operation("Get a form", id="getForm", role="public", produces=(HTML,), responses={200: str}, tagged=False)
    def get(self, request: RequestContext, form: str) -> Response:
        """A form for something new, such as `/forms/pies`."""
        return self.open(request, form, None)

    @operation(
        "Send a form",
        id="sendForm",
        role="public",
        accepts=(FORM,),
        produces=(HTML,),
        responses={303: None},
        tagged=False,
    )
    def post(self, request: RequestContext, form: str) -> Response:
        """Create something, and redirect the browser to its page (303). The request must come from the same origin."""
        return self.send(request, form, None)


class EditForm(_FormResource):
    """A form for something that exists."""

    path = "/forms/{form}/{key}"

    @operation(
        "Get a form with values", id="getEditForm", role="public", produces=(HTML,), responses={200: str}, tagged=False
    )
    def get(self, request: RequestContext, form: str, key: str) -> Response:
        """A form with the current values, such as `/forms/pies/cherry`."""
        return self.open(request, form, key)

    @operation(
        "Send a form with values",
        id="sendEditForm",
        role="public",
        accepts=(FORM,),
        produces=(HTML,),
        responses={303: None},
        tagged=False,
        error_statuses=(412,),
    )
    def post(self, request: RequestContext, form: str, key: str) -> Response:
        """Change or delete something, and redirect the browser (303). The request must come from the same origin."""
        return self.send(request, form, key)
