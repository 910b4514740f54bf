"""The way in and out for people: ``/login`` and ``/logout``. Programs may use them too, without a cookie."""

from __future__ import annotations

from flask import Response, render_template

from api.domain.errors import Forbidden, Unauthenticated
from api.domain.sessions import Credentials, NewSession
from api.http import csrf, request_body, responses
from api.http.negotiation import prefers_html
from api.http.problems import CHALLENGE
from api.http.request_body import FORM, JSON
from api.http.resource import RequestContext, operation
from api.http.validation import convert, convert_partial
from api.resources.about import HTML, PublicResource
from api.resources.sessions import session_response
from api.services.accounts import WRONG_CREDENTIALS, log_in
from api.services.sessions import revoke_session
from api.store.transaction import retry_on_conflict

AGAIN = "Please try again: the form had lain too long, or did not come from this page."


class _Page(PublicResource):
    """A page with a form that only this browser can send."""

    tag = "Sessions"

    def form(self, request: RequestContext, template: str, status: int = 200, **context: object) -> Response:
        """Answer with the page, bound to the browser's cookie."""
        bound, new = csrf.csrf_seed(request.http)
        token = csrf.csrf_token(self.dependencies.settings.cursor_key, bound)
        html = render_template(template, csrf_token=token, username=request.context.principal.username, **context)
        response = responses.no_store_response(html.encode(), status=status, media=f"{HTML}; charset=utf-8")
        if new and not csrf.is_cross_site(request.http):  # or else any site could take a session's place, and end it
            csrf.set_session_cookie(response, bound)
        if status == 401:  # RFC 9110, section 15.5.2, for pages too
            response.headers["WWW-Authenticate"] = CHALLENGE
        return response


class Login(_Page):
    """The login."""

    path, ignores = "/login", ("Idempotency-Key", "Prefer")

    @operation("Show the login form", role="public", produces=(HTML,), answers={200: str}, tagged=False)
    def get(self, request: RequestContext) -> Response:
        """The form; to somebody who is logged in, the way out."""
        return self.form(request, "logout.html" if request.context.principal.username else "login.html")

    @operation(
        "Log in with the form, or as a program",
        role="public",
        body=Credentials,
        accepts=(JSON, FORM),
        produces=(JSON, HTML),
        answers={201: NewSession, 303: None},
        tagged=False,
        refuses=(401, 403, 429),
    )
    def post(self, request: RequestContext) -> Response:
        """The page's form gets a cookie and goes to the start (303); a program gets a token, as from ``/sessions``.

        A form without the page's hidden field is a program's, unless it comes from a browser: what it gets is
        a token and no cookie, so that no other site can log a visitor in.
        """
        request.check_type()
        request.check_collection()
        data, form = request.body()
        ours = request_body.get_form_field(request.http, request_body.CSRF_FIELD) is not None
        if not ours and not prefers_html(request.http.headers.get("Accept")):
            return session_response(request, *log_in(request.context, convert(data, Credentials, text=form)))
        return self._with_form(request, data)

    def _with_form(self, request: RequestContext, data: dict[str, object]) -> Response:
        credentials, found = convert_partial(data, Credentials, text=True)
        try:
            csrf.check_csrf(request.http, self.dependencies.settings.cursor_key)
            if found:
                raise Unauthenticated
            _, token = log_in(request.context, credentials)
            if request.context.principal.browser:  # end the earlier session of this browser
                retry_on_conflict(lambda: revoke_session(request.context, str(request.context.principal.session)))
        except Forbidden:
            return self.form(request, "login.html", 403, wrong=AGAIN)
        except Unauthenticated:
            return self.form(request, "login.html", 401, wrong=WRONG_CREDENTIALS)
        response = _to_the_start(request)
        csrf.set_session_cookie(response, token, int(self.dependencies.session_lifetime.total_seconds()))
        return response


class Logout(_Page):
    """The logout."""

    path, ignores = "/logout", ("Idempotency-Key", "Prefer")

    @operation("Show the way out", role="public", produces=(HTML,), answers={200: str}, tagged=False)
    def get(self, request: RequestContext) -> Response:
        """A form with one button; a link alone logs nobody out."""
        return self.form(request, "logout.html" if request.context.principal.username else "login.html")

    @operation("Log out", role="member", produces=(JSON, HTML), answers={204: None, 303: None}, tagged=False)
    def post(self, request: RequestContext) -> Response:
        """End the session that this came with. A browser goes to the start (303); a program gets 204."""
        request.check_collection()
        retry_on_conflict(lambda: revoke_session(request.context, str(request.context.principal.session)))
        if not request.context.principal.browser:
            return responses.no_content()
        response = _to_the_start(request)
        csrf.clear_session_cookie(response)
        return response


def _to_the_start(request: RequestContext) -> Response:
    response = responses.no_content()
    response.status_code, response.location = 303, f"{request.http.script_root}/"
    return response
