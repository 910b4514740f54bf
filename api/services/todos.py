"""The service of to-dos: references to cats, users and other to-dos, and the next occurrence of a recurring to-do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from api.context import Context
from api.domain import care_cards, names, todos, users
from api.domain.entity import TICK, WriteContext, fields_equal
from api.domain.errors import FieldError, InvalidState, NotFound
from api.domain.todos import CreateTodo, ReplaceTodo, Todo, TodoView
from api.services.authors import find_assignee, get_authors, resolve_authors, show_assignee, show_username
from api.services.entity_service import Effects, EntityService, Plan, Precondition, Predicate
from api.services.mappings import CAT, STAFF_CHANGES, TODO
from api.store.keys import KeyRange
from api.store.repository import Change, Stored

V = TypeVar("V", bound=TodoView)

INVALID_ID = FieldError("invalid_format", "id must have 1 to 64 URL-safe characters.")
MAX_CHECKED = 50
"""The most direct and indirect blockers of a to-do. Each link of a chain takes a round trip to read."""


class References(Struct, frozen=True):
    """The new references of a change of a to-do, as they were read."""

    cat_exists: bool = True
    assignee: str | None = None
    """The uid of the assignee in the body, or of one who is not shown; None without one, or if there is no such member
    of the staff."""
    blockers: Mapping[str, Stored[Todo]] = {}
    """The new blockers that exist, by their ids."""
    circular: frozenset[str] = frozenset()
    """The new blockers that this to-do blocks itself, or whose chain of blockers is too long to check."""
    chain: Mapping[str, Stored[Todo]] = {}
    """The to-dos that were read for this check. The transaction of a change checks that they have not changed."""
    following: Stored[Todo] | None = None
    """The next occurrence of a to-do that is reopened. The transaction deletes it."""


def load_references(context: Context, before: Todo | None, body: CreateTodo | ReplaceTodo | None) -> References:
    """Return the new references of a to-do. Existing references were checked when they were made."""
    if body is None:
        return References()
    table, chain = context.dependencies.table, dict[str, Stored[Todo]]()
    cat = names.normalise(body.cat) if body.cat else None
    new_cat = cat and cat != (before and before.cat) and not names.name_error(cat)
    new = set(body.blocked_by) - set(before.blocked_by if before else ())
    blockers = TODO.get_many(table, new, consistent=True)
    own_id = before.id if before else None
    circular = [
        blocker
        for blocker in body.blocked_by
        if blocker in blockers and _depends_on(context, blockers[blocker], own_id, chain)
    ]
    following = _load_following(context, before, body)
    if following:
        chain.pop(following.value.id, None)  # its deletion has the same condition
    return References(
        cat_exists=not new_cat or CAT.get(table, str(cat), consistent=True) is not None,
        assignee=_hidden_assignee(context, before, body) or find_assignee(context, _assignee(before, body)),
        blockers=blockers,
        circular=frozenset(circular),
        chain=chain if before else {},  # a new to-do cannot be part of a circle
        following=following,
    )


def _load_following(context: Context, before: Todo | None, body: CreateTodo | ReplaceTodo) -> Stored[Todo] | None:
    """Return the next occurrence of a to-do that is reopened; None if the to-do is not, or if there is none."""
    if before is None or before.next is None or not isinstance(body, ReplaceTodo) or body.done:
        return None
    return TODO.get(context.dependencies.table, before.next, consistent=True)


def _assignee(before: Todo | None, body: CreateTodo) -> str | None:
    """Return the username of the assignee in a body; None if there is none, or if the assignee does not change."""
    if body.assignee is None or (before and body.assignee == todos.SAME_ASSIGNEE):
        return None
    return users.normalise_username(body.assignee)


def _hidden_assignee(context: Context, before: Todo | None, body: CreateTodo) -> str | None:
    """Return the uid of an assignee who stays: one who is not shown, because they have left, in a body without one."""
    if before is None or before.assignee is None or body.assignee is not None:
        return None
    author = get_authors(context.dependencies.table, [before.assignee]).get(before.assignee)
    return before.assignee if show_assignee(author) is None else None


def _depends_on(context: Context, todo: Stored[Todo], id: str | None, chain: dict[str, Stored[Todo]]) -> bool:
    """Return whether a to-do, or one of its direct or indirect blockers, has an id. A new to-do has none yet.

    Add the to-dos that are read to ``chain``. Return True if there are too many of them to tell.
    """
    level = {todo.value.id: todo}
    while level:
        chain |= level
        if id in level or len(chain) > MAX_CHECKED:
            return True
        blockers = {blocker for record in level.values() for blocker in record.value.blocked_by}
        level = TODO.get_many(context.dependencies.table, blockers - chain.keys(), consistent=True)
    return False


def validate(
    context: Context, _key: str | None, before: Todo | None, body: CreateTodo | ReplaceTodo, references: References
) -> Iterator[FieldError]:
    """Yield the errors of a to-do and of its references."""
    following = references.following
    zone = context.dependencies.settings.zone
    yield from todos.validate(body, context.now, zone)
    if isinstance(body, ReplaceTodo):
        yield from todos.validate_transition(before, body, following.value if following else None, zone)
    if not references.cat_exists:
        yield FieldError("not_found", f"There is no cat named {names.normalise(str(body.cat))}.", pointer="/cat")
    if (username := _assignee(before, body)) is not None and not references.assignee:
        detail = f"There is no member of the staff with the username {username}."
        yield FieldError("not_found", detail, pointer="/assignee")
    known = {*references.blockers, *(before.blocked_by if before else ())}
    for index, blocker in enumerate(body.blocked_by):
        if blocker not in known:
            yield FieldError("not_found", "There is no such to-do.", pointer=f"/blockedBy/{index}")
        elif following and blocker == following.value.id:
            detail = "This to-do is deleted, because the one before it is reopened."
            yield FieldError("contradiction", detail, pointer=f"/blockedBy/{index}")
        elif blocker in references.circular:
            yield FieldError(
                "circular",
                f"The to-do would block itself, or it would have more than {MAX_CHECKED} direct and indirect blockers.",
                pointer=f"/blockedBy/{index}",
            )


def assign_and_repeat(
    _: Context, before: Todo | None, after: Todo | None, references: References, write: WriteContext
) -> Effects[Todo]:
    """Return the to-do with the uid of its assignee, and the next occurrence or the deletion of it.

    A completed to-do gets a next occurrence, a reopened one loses it. One transaction writes both to-dos, so that there
    is only one open occurrence.
    """
    if after and references.assignee:
        after = replace(after, assignee=references.assignee)
    following = todos.next_occurrence(before, after, write.zone) if before and after else None
    obsolete = references.following
    writes = [TODO.check(record) for record in references.chain.values()]
    if obsolete:
        at = max(write.at, obsolete.value.updated + TICK)
        writes += TODO.writes(Change(obsolete, None, "deleted", write.by, at), write.id, write.zone)
    late = before and after and todos.is_late_dose(before, after, write.zone)
    return Effects(after, [(None, following, "created")] if following else [], writes, "LateDoses" if late else None)


def present(context: Context, entities: Sequence[Todo]) -> list[TodoView]:
    """Return the views of to-dos with usernames."""
    return name_authors(
        context, [todos.to_view(todo, context.now, context.dependencies.settings.zone) for todo in entities]
    )


def name_authors(context: Context, views: Sequence[V]) -> list[V]:
    """Return views with usernames in place of uids. Derived to-dos have no author."""
    stored = [view for view in views if not care_cards.is_derived(view.id)]
    shown = resolve_authors(context, stored, by=show_username, done_by=show_username, assignee=show_assignee)
    resolved = iter(shown)
    return [view if care_cards.is_derived(view.id) else next(resolved) for view in views]


def list_query(context: Context, args: Mapping[str, Any]) -> tuple[Sequence[KeyRange], Predicate[Todo]]:
    """Return open to-dos by due date, or completed ones, the last one first."""
    done = bool(args["done"])
    assignee = wanted_assignee(context, args)
    if args["assignee"] is not None and not assignee:
        return [], None
    predicate = fields_equal(kind=args["kind"], cat=args["cat"], assignee=assignee)
    span = KeyRange("list-by_date", "todos#done" if done else "todos#open", reverse=done or args["sort"] == "-due")
    return [span], predicate


def wanted_assignee(context: Context, args: Mapping[str, Any]) -> str | None:
    """Return the uid of the assignee whose to-dos a list has; None without this filter, or if there is no such user."""
    username = args["assignee"]
    return context.principal.uid if username == "me" else find_assignee(context, username)


TODOS: EntityService[Todo, CreateTodo, ReplaceTodo, TodoView, References] = EntityService(
    repository=TODO,
    create_type=CreateTodo,
    replace_type=ReplaceTodo,
    key_field="id",
    normalise_key=str,
    key_error=lambda key: None if names.is_valid_id(key) else INVALID_ID,
    allocate_key=lambda _context, write: write.id,
    load_related=load_references,
    validate=validate,
    create_entity=todos.create,
    update_entity=todos.update,
    to_body=todos.to_body,
    side_effects=assign_and_repeat,
    present=present,
    change_lists=lambda _context: (STAFF_CHANGES,),
    list_query=list_query,
)


def plan_done(context: Context, id: str, precondition: Precondition) -> Plan[TodoView] | Stored[Todo]:
    """Plan the completion of a to-do. Return the to-do if it is completed already.

    Raises:
        NotFound, and the errors of the precondition.
    """
    _, record = TODOS.find(context, id, consistent=True)
    precondition(record.rev if record else None)
    if record is None:
        raise NotFound
    if record.value.done:
        return record
    write = context.write_context()
    after = todos.update(record.value, replace(todos.to_body(record.value), done=True), write)
    return TODOS.plan(context, record, after, "patched", References(), write)


def plan_undo(context: Context, id: str) -> Plan[TodoView] | Stored[Todo]:
    """Plan to reopen a to-do that the caller has just done. Return the to-do if it is open.

    Raises:
        NotFound.
        InvalidState: it was done too long ago or by somebody else, or the next occurrence has changed since.
    """
    _, record = TODOS.find(context, id, consistent=True)
    if record is None:
        raise NotFound
    if not record.value.done:
        return record
    before, zone = record.value, context.dependencies.settings.zone
    body = replace(todos.to_body(before), done=False)
    references = load_references(context, before, body)
    following = references.following.value if references.following else None
    errors = [*todos.validate_transition(before, body, following, zone)]
    if errors or not todos.may_undo(before, context.principal.uid, context.now):
        raise InvalidState("This to-do cannot be undone any more.")
    write = context.write_context()
    return TODOS.plan(context, record, todos.update(before, body, write), "patched", references, write)
