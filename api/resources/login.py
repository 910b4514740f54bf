"""Login and logout with HTML forms: ``/login`` and ``/logout``. Programs may use them too, without a cookie."""

from __future__ import annotations

from flask import Response, render_template

from api.domain.errors import Unauthenticated
from api.domain.sessions import Credentials, SessionWithToken
from api.http import cookies, csrf, responses
from api.http.negotiation import prefers_html
from api.http.preconditions import check_post
from api.http.problems import CHALLENGE
from api.http.request_body import FORM, JSON, check_content_type
from api.http.resource import RequestContext, Resource, operation
from api.http.validation import convert, convert_partial
from api.resources.about import HTML
from api.resources.sessions import session_response
from api.services.accounts import WRONG_CREDENTIALS, log_in
from api.services.rate_limit import new_device
from api.services.sessions import revoke_session
from api.store.transaction import retry_on_conflict

MAX_TYPED = 64
"""The longest username that the page repeats after a wrong password. Its field accepts no longer one."""


class _FormPage(Resource):
    """An HTML page with a form."""

    tag = "Sessions"

    def form(self, request: RequestContext, template: str, status: int = 200, **context: object) -> Response:
        """Respond with the page."""
        context = {"next": "", "typed": ""} | context
        insecure = request.http.scheme == "http" and not cookies.is_plain_loopback(request.http)
        html = render_template(template, insecure=insecure, username=request.context.principal.username, **context)
        response = responses.no_store_response(html.encode(), status=status, media=f"{HTML}; charset=utf-8")
        if status == 401:  # RFC 9110, section 15.5.2
            response.headers["WWW-Authenticate"] = CHALLENGE
        return response


class Login(_FormPage):
    """The login form."""

    path, ignores = "/login", ("Idempotency-Key", "Prefer")

    @operation(
        "Get the login page", id="getLoginPage", role="public", produces=(HTML,), responses={200: str}, tagged=False
    )
    def get(self, request: RequestContext) -> Response:
        """The login form, or the logout form for a user who is logged in."""
        if request.context.principal.username:
            return self.form(request, "logout.html")
        from api.http.return_path import local_path  # only this form needs it

        return self.form(request, "login.html", next=local_path(request.http.args.get("next", "")))

    @operation(
        "Log in",
        id="logIn",
        role="public",
        needs_session=True,
        uses_caller=False,
        body=Credentials,
        accepts=(JSON, FORM),
        produces=(JSON, HTML),
        responses={201: SessionWithToken, 303: None},
        tagged=False,
        error_statuses=(429,),
    )
    def post(self, request: RequestContext) -> Response:
        """A browser gets a cookie and is redirected (303). A program gets a token, as from ``/sessions``.

        The browser goes to ``/``, or to the path of this site in the field ``next``.

        A browser is a client whose Accept prefers HTML. A program gets no cookie, so that another site cannot log in a
        user.
        """
        check_content_type(request.http, request.operation.accepts)
        check_post(request.http)
        data, form = request.body
        if prefers_html(request.http.headers.get("Accept")):
            csrf.check_same_origin(request.http)
            return self._log_in_browser(request, data, text=form)
        return session_response(request, *log_in(request.context, convert(data, Credentials, text=form)))

    def _log_in_browser(self, request: RequestContext, data: dict[str, object], *, text: bool) -> Response:
        from api.http.return_path import local_path  # programs do not need it

        sent = data.get("next", "")
        following = local_path(sent) if isinstance(sent, str) else ""
        fields = {name: value for name, value in data.items() if name != "next"}
        credentials, errors = convert_partial(fields, Credentials, text=text)
        try:
            if errors:
                raise Unauthenticated
            session, token = log_in(request.context, credentials)
            if request.context.principal.browser:  # end the earlier session of this browser
                retry_on_conflict(lambda: revoke_session(request.context, str(request.context.principal.session)))
        except Unauthenticated:
            typed = fields.get("username")
            typed = typed if isinstance(typed, str) and len(typed) <= MAX_TYPED and typed.isprintable() else ""
            return self.form(request, "login.html", 401, wrong=WRONG_CREDENTIALS, next=following, typed=typed)
        response = responses.see_other(request.http, following or "/")
        lifetime = int(self.dependencies.session_lifetime.total_seconds())
        cookies.set_cookie(request.http, response, cookies.SESSION, token, lifetime)
        device = new_device(self.dependencies.settings.cursor_key, session.username)
        cookies.set_cookie(request.http, response, cookies.DEVICE, device, cookies.DEVICE_SECONDS)
        return response


class Logout(_FormPage):
    """The logout form."""

    path, ignores = "/logout", ("Idempotency-Key", "Prefer")

    @operation(
        "Get the logout page", id="getLogoutPage", role="public", produces=(HTML,), responses={200: str}, tagged=False
    )
    def get(self, request: RequestContext) -> Response:
        """A form with one button. A link must not end a session."""
        return self.form(request, "logout.html" if request.context.principal.username else "login.html")

    @operation(
        "Log out",
        id="logOut",
        role="member",
        needs_session=True,
        produces=(JSON, HTML),
        responses={204: None, 303: None},
        tagged=False,
    )
    def post(self, request: RequestContext) -> Response:
        """End the session of the request. A browser is redirected to ``/`` (303); a program gets 204."""
        check_post(request.http)
        retry_on_conflict(lambda: revoke_session(request.context, str(request.context.principal.session)))
        if not request.context.principal.browser:
            return responses.no_content()
        response = responses.see_other(request.http, "/")
        cookies.set_cookie(request.http, response, cookies.SESSION, "", 0)
        return response
