"""Login and logout with HTML forms: ``/login`` and ``/logout``. Programs may use them too, without a cookie."""

from __future__ import annotations

from flask import Response, render_template

from api.domain.errors import Forbidden, Unauthenticated
from api.domain.sessions import Credentials, SessionWithToken
from api.http import csrf, request_body, responses
from api.http.negotiation import prefers_html
from api.http.preconditions import check_post
from api.http.problems import CHALLENGE
from api.http.request_body import FORM, JSON, check_content_type, parse_body
from api.http.resource import RequestContext, Resource, operation
from api.http.validation import convert, convert_partial
from api.resources.about import HTML
from api.resources.sessions import session_response
from api.services.accounts import WRONG_CREDENTIALS, log_in
from api.services.sessions import revoke_session
from api.store.transaction import retry_on_conflict

FORM_EXPIRED = "Please try again: the form has expired, or it did not come from this page."


class _FormPage(Resource):
    """An HTML page with a form and a CSRF token."""

    tag = "Sessions"

    def form(self, request: RequestContext, template: str, status: int = 200, **context: object) -> Response:
        """Respond with the page. Its CSRF token belongs to the cookie of the browser."""
        seed, is_new = csrf.csrf_seed(request.http)
        token = csrf.csrf_token(self.dependencies.settings.cursor_key, seed)
        html = render_template(template, csrf_token=token, username=request.context.principal.username, **context)
        response = responses.no_store_response(html.encode(), status=status, media=f"{HTML}; charset=utf-8")
        if is_new and not csrf.is_cross_site(request.http):  # another site must not replace the cookie of a session
            csrf.set_session_cookie(response, seed)
        if status == 401:  # RFC 9110, section 15.5.2
            response.headers["WWW-Authenticate"] = CHALLENGE
        return response


class Login(_FormPage):
    """The login form."""

    path, ignores = "/login", ("Idempotency-Key", "Prefer")

    @operation("Show the login form", role="public", produces=(HTML,), responses={200: str}, tagged=False)
    def get(self, request: RequestContext) -> Response:
        """The login form, or the logout form for a user who is logged in."""
        return self.form(request, "logout.html" if request.context.principal.username else "login.html")

    @operation(
        "Log in with the form, or as a program",
        role="public",
        body=Credentials,
        accepts=(JSON, FORM),
        produces=(JSON, HTML),
        responses={201: SessionWithToken, 303: None},
        tagged=False,
        error_statuses=(429,),
    )
    def post(self, request: RequestContext) -> Response:
        """The form sets a cookie and redirects to ``/`` (303). A program gets a token, as from ``/sessions``.

        A request without the CSRF field whose Accept does not prefer HTML comes from a program. It gets a token and no
        cookie, so that another site cannot log in a user.
        """
        check_content_type(request.http, request.operation.accepts)
        check_post(request.http)
        data, form = parse_body(request.http)
        has_csrf_token = request_body.get_form_field(request.http, request_body.CSRF_FIELD) is not None
        if not has_csrf_token and not prefers_html(request.http.headers.get("Accept")):
            return session_response(request, *log_in(request.context, convert(data, Credentials, text=form)))
        return self._with_form(request, data)

    def _with_form(self, request: RequestContext, data: dict[str, object]) -> Response:
        credentials, errors = convert_partial(data, Credentials, text=True)
        try:
            csrf.check_csrf(request.http, self.dependencies.settings.cursor_key)
            if errors:
                raise Unauthenticated
            _, token = log_in(request.context, credentials)
            if request.context.principal.browser:  # end the earlier session of this browser
                retry_on_conflict(lambda: revoke_session(request.context, str(request.context.principal.session)))
        except Forbidden:
            return self.form(request, "login.html", 403, wrong=FORM_EXPIRED)
        except Unauthenticated:
            return self.form(request, "login.html", 401, wrong=WRONG_CREDENTIALS)
        response = _redirect_to_home(request)
        csrf.set_session_cookie(response, token, int(self.dependencies.session_lifetime.total_seconds()))
        return response


class Logout(_FormPage):
    """The logout form."""

    path, ignores = "/logout", ("Idempotency-Key", "Prefer")

    @operation("Show the logout form", role="public", produces=(HTML,), responses={200: str}, tagged=False)
    def get(self, request: RequestContext) -> Response:
        """A form with one button. A link must not end a session."""
        return self.form(request, "logout.html" if request.context.principal.username else "login.html")

    @operation("Log out", role="member", produces=(JSON, HTML), responses={204: None, 303: None}, tagged=False)
    def post(self, request: RequestContext) -> Response:
        """End the session of the request. A browser is redirected to ``/`` (303); a program gets 204."""
        check_post(request.http)
        retry_on_conflict(lambda: revoke_session(request.context, str(request.context.principal.session)))
        if not request.context.principal.browser:
            return responses.no_content()
        response = _redirect_to_home(request)
        csrf.clear_session_cookie(response)
        return response


def _redirect_to_home(request: RequestContext) -> Response:
    response = responses.no_content()
    response.status_code, response.location = 303, f"{request.http.script_root}/"
    return response
