"""People: ``/users`` and ``/users/{username}``."""

from __future__ import annotations

from typing import ClassVar, get_args

from flask import Response

from api.domain.users import GivenRole, Registration, UserBody, UserView
from api.http.pagination import CURSOR, LIMIT
from api.http.query_params import QueryParameters, boolean, choice, csv
from api.http.request_body import FORM, JSON, MERGE_PATCH
from api.http.resource import Operation, RequestContext
from api.http.schemas import ListOf
from api.resources.crud import CollectionResource, ItemResource
from api.services.rate_limit import address_limit, count_attempt
from api.services.users import USERS

FIELDS = csv("fields", UserView.__struct_encode_fields__, "The members to answer with; all by default.")
LIST = QueryParameters(
    choice("role", get_args(GivenRole), "Their role."),
    boolean("active", "Whether they may log in."),
    FIELDS,
    LIMIT,
    CURSOR,
)


class UserList(CollectionResource):
    """The people."""

    path, tag, service = "/users", "Users", USERS

    operations: ClassVar = {
        "get": Operation(
            "List the people",
            role="member",
            query=LIST,
            answers={200: ListOf(UserView)},
            description="An owner sees all of them; everybody else themselves.",
        ),
        "post": Operation(
            "Register",
            role="public",
            body=Registration,
            accepts=(JSON, FORM),
            answers={201: UserView},
            refuses=(403, 409, 429),
            description="Anyone may; the username has to be free. A role other than member is given by an owner only.",
        ),
    }

    def post(self, request: RequestContext) -> Response:
        """Limit how many users a client address may register, because hashing a password is expensive."""
        request.check_type()
        if not request.context.principal.may("owner"):
            count_attempt(request.context, [address_limit(request.context, "registration")])
        return super().post(request)


class UserItem(ItemResource):
    """One person. Somebody else's profile is not there, but for an owner."""

    path, tag, service = "/users/{username}", "Users", USERS
    aliases = ("/user/{username}",)

    operations: ClassVar = {
        "get": Operation(
            "Read a profile",
            role="member",
            query=QueryParameters(FIELDS),
            answers={200: UserView},
            description="One's own; an owner reads everybody's.",
        ),
        "put": Operation(
            "Replace a profile",
            role="member",
            body=UserBody,
            accepts=(JSON, FORM),
            answers={200: UserView, 201: UserView},
            refuses=(403, 404, 429),
            description=(
                "Role, state and password stay as they are if they are not sent. Only an owner makes somebody in this "
                "way."
            ),
        ),
        "patch": Operation(
            "Change a profile",
            role="member",
            body=UserBody,
            accepts=(MERGE_PATCH,),
            answers={200: UserView, 201: UserView},
            refuses=(403, 429),
            description=(
                "A merge patch. A new password ends the other sessions; role and state are an owner's to give and take."
            ),
        ),
        "delete": Operation(
            "Delete somebody",
            role="member",
            answers={204: None},
            refuses=(403,),
            description=(
                "Their sessions end at once. What they did stays readable, as that of a former member of staff."
            ),
        ),
    }
