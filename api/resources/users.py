"""People: ``/users`` and ``/users/{username}``."""

from __future__ import annotations

from typing import get_args

from flask import Response

from api.domain.users import GivenRole, Registration, UserBody, UserView
from api.http.bodies import FORM, JSON, MERGE_PATCH
from api.http.pages import CURSOR, LIMIT
from api.http.queries import Query, choice, flag, several
from api.http.resource import Call, operation
from api.http.schemas import ListOf
from api.resources.door import ADDRESS_FACTOR, throttle
from api.resources.profiles import USERS_NOUN
from api.resources.things import Thing, ThingList

FIELDS = several("fields", UserView.__struct_encode_fields__, "The members to answer with; all by default.")
LIST = Query(
    choice("role", get_args(GivenRole), "Their role."),
    flag("active", "Whether they may log in."),
    FIELDS,
    LIMIT,
    CURSOR,
)


class UserList(ThingList):
    """The people."""

    path, tag, noun = "/users", "Users", USERS_NOUN

    @operation("List the people", role="member", query=LIST, answers={200: ListOf(UserView)})
    def get(self, call: Call) -> Response:
        """An owner sees all of them; everybody else themselves."""
        return self.list(call)

    @operation(
        "Register",
        role="public",
        body=Registration,
        accepts=(JSON, FORM),
        answers={201: UserView},
        refuses=(403, 409, 429),
    )
    def post(self, call: Call) -> Response:
        """Anyone may; the username has to be free. A role other than member is given by an owner only."""
        call.check_type()
        if not call.caller.may("owner"):
            # A password costs a fiftieth of a second to hash: nobody has us do that without end.
            throttle(self.services, "registration", ADDRESS_FACTOR).count(str(call.request.remote_addr), call.now)
        return self.add(call)


class UserItem(Thing):
    """One person. Somebody else's profile is not there, but for an owner."""

    path, tag, noun = "/users/{username}", "Users", USERS_NOUN
    aliases = ("/user/{username}",)

    @operation("Read a profile", role="member", query=Query(FIELDS), answers={200: UserView})
    def get(self, call: Call, username: str) -> Response:
        """One's own; an owner reads everybody's."""
        return self.read(call, username)

    @operation(
        "Replace a profile",
        role="member",
        body=UserBody,
        accepts=(JSON, FORM),
        answers={200: UserView, 201: UserView},
        refuses=(403, 404, 429),
    )
    def put(self, call: Call, username: str) -> Response:
        """Role, state and password stay as they are if they are not sent. Only an owner makes somebody in this way."""
        return self.replace(call, username)

    @operation(
        "Change a profile",
        role="member",
        body=UserBody,
        accepts=(MERGE_PATCH,),
        answers={200: UserView, 201: UserView},
        refuses=(403, 429),
    )
    def patch(self, call: Call, username: str) -> Response:
        """A merge patch. A new password ends the other sessions; role and state are an owner's to give and take."""
        return self.patch_members(call, username)

    @operation("Delete somebody", role="member", answers={204: None}, refuses=(403,))
    def delete(self, call: Call, username: str) -> Response:
        """Their sessions end at once. What they did stays readable, as that of a former member of staff."""
        return self.remove(call, username)
