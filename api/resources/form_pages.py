"""The forms of the pages: ``/forms/{form}`` and ``/forms/{form}/{key}``.

A browser opens a form (GET) and sends it (POST). What a form does is in the table ``FORMS``; it calls the same services
as the API. After success, the browser is redirected to a page (303). Otherwise it gets the form again with everything
that the user typed: with the errors beside the fields (422), merged with what somebody else has saved (412), or with
the reason of a refusal (403, 409, 422, 429). Without a session or a table, it gets a page that sends the same again
(401, 503).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from flask import Response

from api.domain.errors import (
    ChangeTooLarge,
    ClowderError,
    FieldError,
    Forbidden,
    IdempotencyKeyReused,
    InvalidState,
    NotFound,
    RateLimited,
    Unauthenticated,
    Unavailable,
    ValidationFailed,
)
from api.http import csrf, problem_types, responses
from api.http.preconditions import check_post
from api.http.problems import ProblemError, log_failure, problem_type_of
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
        from api.http.forms import read_form, send_again

        csrf.check_same_origin(request.http)
        try:
            form = self.find(request, name)
        except Unauthenticated:
            return send_again(request)
        check_post(request.http)
        sent = read_form(request.http)
        if sent.action not in (form.new_actions if key is None else form.actions):
            raise ProblemError(problem_types.MALFORMED, "This form has no such button.")
        try:
            return self._save(request, form, key, sent)
        except Unauthenticated:
            return send_again(request)
        except Unavailable as error:
            log_failure(error, problem_types.UNAVAILABLE)
            return send_again(request, 503)

    def _save(self, request: RequestContext, form: Form, key: str | None, sent: Submission) -> Response:
        """Save a form, or respond with what was typed and the reason why it is not saved.

        Raises:
            Unauthenticated, Unavailable, NotFound, ProblemError.
        """
        try:
            result = form.save(request, key, sent)
            return responses.see_other(request.http, result) if isinstance(result, str) else result
        except ValidationFailed as error:
            return self._refuse(request, form, key, sent, error.errors, 422)
        except (Forbidden, InvalidState, RateLimited, ChangeTooLarge) as error:
            return self._explain(request, form, key, sent, error)
        except (NotFound, ProblemError, IdempotencyKeyReused) as error:
            return self._outdated(request, form, key, sent, error)

    def _explain(
        self, request: RequestContext, form: Form, key: str | None, sent: Submission, error: ClowderError
    ) -> Response:
        """Respond with a form and the reason of a refusal. Raise the error again if its entity has no form."""
        status, refusal = problem_type_of(error).status, FieldError("not_allowed", error.detail)
        try:
            response = self._refuse(request, form, key, sent, [refusal], status)
        except NotFound:
            raise error from None
        if isinstance(error, RateLimited):
            response.headers["Retry-After"] = str(error.retry_after)
        return response

    def _outdated(
        self,
        request: RequestContext,
        form: Form,
        key: str | None,
        sent: Submission,
        error: NotFound | ProblemError | IdempotencyKeyReused,
    ) -> Response:
        """Respond with a form whose entity was changed, deleted or created meanwhile. Raise another error again."""
        from api.http.forms import form_response, with_notice
        from api.resources.forms.unsaved import is_saved, with_current_version, with_new_key, with_texts_of_deleted

        if isinstance(error, IdempotencyKeyReused):
            return form_response(request, with_new_key(form.load(request, key), sent), 422)
        if isinstance(error, ProblemError):
            if error.kind is not problem_types.PRECONDITION_FAILED:
                raise error
            page = form.load(request, key)
            if is_saved(page, sent, request.context.dependencies.settings.zone):  # the button was pressed twice
                return responses.see_other(request.http, with_notice(page.path, "saved"))
            return form_response(request, with_current_version(page, sent), 412)
        if key is None or form.recreate is None or not sent.rev:
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
