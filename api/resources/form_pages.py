"""The forms of the pages: ``/forms/{form}`` and ``/forms/{form}/{key}``.

A browser opens a form (GET) and sends it (POST). What a form does is in the table ``FORMS``; it calls the same services
as the API. After success, the browser is redirected to a page (303). Otherwise it gets the form again with everything
that the user typed: with the errors beside the fields (422), or with the current version beside it (412).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Response
from msgspec.structs import replace

from api.domain.errors import NotFound, ValidationFailed
from api.http import csrf, problem_types
from api.http.preconditions import check_post
from api.http.problems import ProblemError
from api.http.request_body import FORM
from api.http.resource import HTML, RequestContext, Resource, operation

if TYPE_CHECKING:
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
        return form

    def open(self, request: RequestContext, name: str, key: str | None) -> Response:
        """Respond with a form."""
        from api.http.forms import form_response

        return form_response(request, self.find(request, name).load(request, key))

    def send(self, request: RequestContext, name: str, key: str | None) -> Response:
        """Save a form, and redirect the browser; or respond with the form and its errors."""
        from api.http.forms import form_response, read_form, see_other

        form = self.find(request, name)
        csrf.check_same_origin(request.http)
        check_post(request.http)
        sent = read_form(request.http)
        try:
            return see_other(request, form.save(request, key, sent))
        except ValidationFailed as error:
            page = form.load(request, key)
            typed = replace(page, texts=sent.texts, rev=sent.rev, key=sent.key, errors=error.errors)
            return form_response(request, typed, 422)
        except ProblemError as error:
            if error.kind is not problem_types.PRECONDITION_FAILED:
                raise
            page = form.load(request, key)
            return form_response(request, replace(page, texts=sent.texts, theirs=page.texts), 412)


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
