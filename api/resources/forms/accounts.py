"""Forms of accounts: registration, the own profile and password, sessions, API tokens, and the users of an owner."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

from flask import Response, render_template
from msgspec import Struct
from msgspec.structs import replace

from api.context import Context
from api.domain.errors import FieldError, NotFound, ValidationFailed
from api.domain.tokens import CreateToken
from api.domain.users import ME, User
from api.http import cookies, responses
from api.http.forms import DELETE, SAVE, Submission, run_once, with_notice
from api.http.idempotency import SavedResponse
from api.http.pages import MEDIA
from api.http.resource import RequestContext
from api.resources.forms.entity import EntityForm, Service, submitted
from api.resources.forms.form import Form
from api.services.sessions import get_session, revoke_other_sessions, revoke_session
from api.services.tokens import get_token, log_token, new_token, plan_token, revoke_token
from api.services.users import USERS, count_registration, log_change
from api.store.transaction import Write, retry_on_conflict
from api.web.forms import accounts, fields
from api.web.pages.form import FormPage
from api.web.words import date_and_time


class UserForm(EntityForm, frozen=True, kw_only=True):
    """A form of a user."""

    service: Service = USERS
    name: str = "the account"
    count: Callable[[Context], None] = count_registration
    after_commit: Callable[[Context], None] = log_change
    has_access: bool = False
    """Whether the form has the role, and whether the user may log in."""

    def body_of(self, request: RequestContext, entity: User) -> dict[str, Any]:
        """Return what the form changes of a user."""
        access = {"role": entity.role, "active": entity.active} if self.has_access else {}
        return super().body_of(request, entity) | access


REGISTER, PROFILE = UserForm(sections=accounts.REGISTER), UserForm(sections=accounts.PROFILE)
PASSWORD = UserForm(sections=accounts.CHANGE_PASSWORD)
NEW_USER, USER = UserForm(sections=accounts.NEW_USER), UserForm(sections=accounts.USER, has_access=True)


def _refuse_key(key: str | None) -> None:
    if key is not None:
        raise NotFound


def load_registration(request: RequestContext, key: str | None) -> FormPage:
    """Return the form of a registration."""
    _refuse_key(key)
    lead = "An account is for people who help in the café. You need none to see the cats."
    return replace(REGISTER.load(request, None), title="Register", submit="Register", lead=lead, back=("login",))


def save_registration(request: RequestContext, key: str | None, sent: Submission) -> str:
    """Create a member, who can then log in."""
    _refuse_key(key)
    REGISTER.save(request, None, sent)
    return with_notice("/login", "registered")


class OwnForm(Struct, frozen=True, kw_only=True):
    """A form of the account of the caller."""

    entity: EntityForm
    title: str
    submit: str
    lead: str = ""
    delete: str = ""
    needed: str = ""
    """The name of a field that must not be empty, because the form would change nothing."""

    def form(self) -> Form:
        """Return the form with its functions."""
        actions = (SAVE, DELETE) if self.delete else (SAVE,)
        return Form(role="member", load=self.load, save=self.save, new_actions=actions)

    def load(self, request: RequestContext, key: str | None) -> FormPage:
        """Return the form with the values of the caller."""
        _refuse_key(key)
        page = self.entity.load(request, ME)
        return replace(
            page, title=self.title, submit=self.submit, lead=self.lead, delete=self.delete, back=("users", ME)
        )

    def save(self, request: RequestContext, key: str | None, sent: Submission) -> str | Response:
        """Change or delete the account of the caller. A deletion ends the session."""
        _refuse_key(key)
        if sent.action == DELETE:
            self.entity.save(request, ME, sent)
            response = responses.see_other(request.http, with_notice("/", "deleted"))
            cookies.set_cookie(request.http, response, cookies.SESSION, "", 0)
            return response
        if self.needed and not any(sent.texts.get(self.needed, ())):
            raise ValidationFailed(FieldError("required", "Write the new password.", pointer=f"/{self.needed}"))
        self.entity.save(request, ME, sent)
        return with_notice(f"/users/{ME}", "saved")


def load_user(request: RequestContext, key: str | None) -> FormPage:
    """Return the form of a new user, or of a user with their role."""
    if key is None:
        return replace(NEW_USER.load(request, None), title="Add a person", submit="Add the person")
    page = USER.load(request, key)
    return replace(page, title=f"Change the account of {page.back[-1]}")


def load_session(request: RequestContext, key: str | None) -> FormPage:
    """Return a button that ends a session, or all sessions except for the one of the request."""
    if key is None:
        lead = "Wherever you are logged in, except here, you have to log in again. API tokens stay valid."
        return FormPage(title="End all other sessions", lead=lead, submit="End all other sessions", back=("sessions",))
    session = get_session(request.context, key).value
    since = date_and_time(session.created, request.context.dependencies.settings.zone)
    return FormPage(title="End a session", lead=f"It began on {since}.", submit="End the session", back=("sessions",))


def save_session(request: RequestContext, key: str | None, _sent: Submission) -> str:
    """End a session, or all sessions except for the one of the request."""
    if key is None:
        retry_on_conflict(partial(revoke_other_sessions, request.context))
    else:
        with suppress(NotFound):  # it has ended already
            retry_on_conflict(lambda: _end_session(request, key))
    return with_notice("/sessions", "ended")


def _end_session(request: RequestContext, id: str) -> None:
    get_session(request.context, id)
    revoke_session(request.context, id)


def load_token(request: RequestContext, key: str | None) -> FormPage:
    """Return the form of a new API token, or a button that revokes one."""
    if key is None:
        return FormPage(
            title="Create an API token",
            lead="A token lets a program use the API in your name, without your password.",
            submit="Create the token",
            back=("tokens",),
            sections=accounts.TOKEN,
            texts={"role": ["member"]},
            is_new=True,
            key=request.context.dependencies.new_id(),
        )
    name = get_token(request.context, key).name
    lead = "The program that uses it stops working at once. This cannot be undone."
    return FormPage(title=f"Revoke the token “{name}”", lead=lead, submit="Revoke the token", back=("tokens",))


def save_token(request: RequestContext, key: str | None, sent: Submission) -> str | Response:
    """Revoke an API token; or create one, and respond with its text. No other page shows it, nor a second response."""
    if key is not None:
        with suppress(NotFound):  # it is revoked already
            revoke_token(request.context, key)
        return with_notice("/tokens", "revoked")
    shown = fields.all_fields(accounts.TOKEN, is_new=True)
    new = submitted(request, shown, sent, {}, CreateToken)
    if new.errors:
        raise ValidationFailed(*new.errors)
    token, text = new_token(request.context, new.body)

    def plan() -> tuple[SavedResponse, Sequence[Write]]:
        rev, writes = plan_token(request.context, token)
        return SavedResponse(303, "/tokens", rev, b""), writes

    if run_once(request, sent, plan).replayed:
        return with_notice("/tokens", "sent")
    log_token(request.context, token)
    html = render_template("new_token.html", name=token.name, token=text)
    return responses.no_store_response(html.encode(), media=MEDIA)


FORMS = {
    "register": Form(role="public", load=load_registration, save=save_registration),
    "profile": OwnForm(
        entity=PROFILE, title="Edit my profile", submit="Save my profile", delete="Delete my account"
    ).form(),
    "password": OwnForm(
        entity=PASSWORD,
        title="Change my password",
        submit="Change the password",
        lead="All your other sessions and all your API tokens end.",
        needed="password",
    ).form(),
    "users": Form(
        role="owner",
        load=load_user,
        save=lambda request, key, sent: (NEW_USER if key is None else USER).save(request, key, sent),
    ),
    "sessions": Form(role="member", load=load_session, save=save_session, actions=(SAVE,)),
    "tokens": Form(role="member", load=load_token, save=save_token, actions=(SAVE,)),
}
