"""Users: ``/users``, ``/users/{username}`` and ``/users/{username}/export``."""

from __future__ import annotations

from typing import ClassVar, get_args

from flask import Response
from msgspec.structs import replace

from api.domain.errors import NotFound
from api.domain.users import SMOKE_TEST_PREFIX, CreateUser, GivenRole, ReplaceUser, UserView, is_me
from api.http.deprecation import SINCE_0_2
from api.http.idempotency import SavedResponse
from api.http.pagination import CURSOR, LIMIT
from api.http.query_params import QueryParameters, boolean, choice, csv
from api.http.request_body import FORM, JSON, MERGE_PATCH
from api.http.resource import Operation, RequestContext, operation
from api.http.responses import to_json
from api.http.schemas import ListOf
from api.http.validation import convert
from api.resources.crud import CollectionResource, EntityResource, ItemResource, fields_parameter
from api.services.user_export import UserExport, read_export
from api.services.users import USERS, count_registration, log_change, registered_view

FIELDS = fields_parameter(UserView)
LIST = QueryParameters(
    csv("role", get_args(GivenRole), "The role."),
    boolean("active", "Whether the user may log in."),
    FIELDS,
    LIMIT,
    CURSOR,
    choice("sort", ("username", "-username"), "The order; a minus means descending. Default: username."),
)


class UserList(CollectionResource):
    """The users. The body of a registration is not saved for a replay, because it has the e-mail address."""

    path, tag, service, saves_body = "/users", "Users", USERS, False
    tag_description = "User accounts: registration, profiles and exports."

    operations: ClassVar = {
        "get": Operation(
            "List users",
            id="listUsers",
            role="member",
            has_page=True,
            query=LIST,
            responses={200: ListOf(UserView, has_previous=True)},
            description="An owner sees all users, other users see themselves.",
        ),
        "post": Operation(
            "Create a user",
            id="createUser",
            role="public",
            body=CreateUser,
            accepts=(JSON, FORM),
            responses={201: UserView},
            error_statuses=(409, 429),
            description=(
                "The username must be new. Only an owner may set a role other than member. A member whose username"
                f" begins with `{SMOKE_TEST_PREFIX}` expires after a day."
            ),
        ),
    }

    def post(self, request: RequestContext) -> Response:
        """Create a user, and log it."""
        return _log_change(request, super().post(request))

    def count(self, request: RequestContext) -> None:
        """Count a registration. Retries do not count."""
        count_registration(request.context)

    def restore(self, request: RequestContext, saved: SavedResponse) -> SavedResponse:
        """Return a saved response with its body, built from the request, which is the same as the first one."""
        data, is_form = request.body
        view = registered_view(request.context, convert(data, CreateUser, text=is_form), saved.rev, saved.at)
        return replace(saved, body=to_json(view))


class UserItem(ItemResource):
    """A user. Only owners see other users."""

    path, tag, service = "/users/{username}", "Users", USERS
    aliases: ClassVar = {"/user/{username}": SINCE_0_2}

    operations: ClassVar = {
        "get": Operation(
            "Get a user",
            id="getUser",
            role="member",
            has_page=True,
            query=QueryParameters(FIELDS),
            responses={200: UserView},
            description="Users see themselves; an owner sees all users. The username `me` means the caller.",
        ),
        "put": Operation(
            "Replace a user",
            id="replaceUser",
            role="member",
            body=ReplaceUser,
            accepts=(JSON, FORM),
            responses={200: UserView, 201: UserView},
            error_statuses=(404, 429),
            description=(
                "Role, state and password stay if they are not sent. Only an owner may create a user with PUT."
            ),
        ),
        "patch": Operation(
            "Update a user",
            id="updateUser",
            role="member",
            body=ReplaceUser,
            accepts=(MERGE_PATCH,),
            responses={200: UserView, 201: UserView},
            error_statuses=(429,),
            description=(
                "A merge patch. A new password ends the other sessions and all API tokens. Only an owner may change a"
                " role or a state."
            ),
        ),
        "delete": Operation(
            "Delete a user",
            id="deleteUser",
            role="member",
            needs_session=True,
            responses={204: None},
            description=(
                "The sessions and API tokens of the user end at once. Content by the user stays, without the username."
            ),
        ),
    }

    def is_alias(self, request: RequestContext) -> bool:
        """Return whether the URL is an alias, or has ``me`` instead of the username."""
        return is_me((request.http.view_args or {})["username"]) or super().is_alias(request)

    def put(self, request: RequestContext, key: str) -> Response:
        """Replace a user, and log what concerns security."""
        return _log_change(request, super().put(request, key))

    def patch(self, request: RequestContext, key: str) -> Response:
        """Update a user, and log what concerns security."""
        return _log_change(request, super().patch(request, key))

    def delete(self, request: RequestContext, key: str) -> Response:
        """Delete a user, and log it."""
        return _log_change(request, super().delete(request, key))


class UserExportItem(EntityResource):
    """The export of a user. Only owners see that of other users."""

    path, tag, service = "/users/{username}/export", "Users", USERS

    @operation(
        "Export a user",
        id="exportUser",
        role="member",
        query=QueryParameters(LIMIT, CURSOR),
        responses={200: UserExport},
    )
    def get(self, request: RequestContext, username: str) -> Response:
        """The profile, sessions and API tokens of a user, and the user's posts, to-dos, weighings and changes of cats.

        Users get their own, an owner gets that of all users. A long export has several pages.
        """
        _, record = USERS.find(request.context, username, consistent=True, as_sent=True)
        if record is None:
            raise NotFound
        paginator = request.paginator()
        export, position = read_export(request.context, record.value, paginator.position, paginator.limit)
        page, link = paginator.page_body((), position)
        return request.json(replace(export, next=page.get("next")), headers=link)


def _log_change(request: RequestContext, response: Response) -> Response:
    log_change(request.context)
    return response
