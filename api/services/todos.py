"""The service of to-dos: references to cats, users and other to-dos, and the next occurrence of a recurring to-do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from api.context import Context
from api.domain import care_cards, names, todos, users
from api.domain.entity import WriteContext
from api.domain.errors import FieldError, NotFound
from api.domain.todos import CreateTodo, ReplaceTodo, Todo, TodoView
from api.services.authors import resolve_authors
from api.services.entity_service import Effects, EntityService, Plan, Precondition, Predicate, fields_equal
from api.services.mappings import CAT, TODO, USER
from api.store.keys import KeyRange
from api.store.repository import Stored

V = TypeVar("V", bound=TodoView)

MAX_CHECKED = 50
"""The most direct and indirect blockers that the check for circles reads."""


class References(Struct, frozen=True):
    """The new references of a change of a to-do, as they were read."""

    cat_exists: bool = True
    assignee_exists: bool = True
    blockers: Mapping[str, Stored[Todo]] = {}
    """The new blockers that exist, by their ids."""
    circular: frozenset[str] = frozenset()
    """The new blockers that this to-do blocks itself, or whose chain of blockers is too long to check."""
    chain: Mapping[str, Stored[Todo]] = {}
    """The to-dos that were read for this check. The transaction checks that they have not changed."""


def load_references(context: Context, before: Todo | None, body: CreateTodo | ReplaceTodo | None) -> References:
    """Return the new references of a to-do. Existing references were checked when they were made."""
    if body is None:
        return References()
    table, chain = context.dependencies.table, dict[str, Stored[Todo]]()
    cat = names.normalise(body.cat) if body.cat else None
    new_cat = cat and cat != (before and before.cat) and not names.name_error(cat)
    new_assignee = body.assignee is not None and users.normalise_username(body.assignee) != (before and before.assignee)
    new = set(body.blocked_by) - set(before.blocked_by if before else ())
    blockers = TODO.get_many(table, new, consistent=True)
    # A new to-do cannot block another one yet.
    circular = [
        blocker
        for blocker in body.blocked_by
        if before and blocker in blockers and _depends_on(context, blockers[blocker], before.id, chain)
    ]
    return References(
        cat_exists=not new_cat or CAT.get(table, str(cat), consistent=True) is not None,
        assignee_exists=not new_assignee or _is_staff(context, str(body.assignee)),
        blockers=blockers,
        circular=frozenset(circular),
        chain=chain,
    )


def _is_staff(context: Context, username: str) -> bool:
    record = USER.get(context.dependencies.table, users.normalise_username(username), consistent=True)
    return record is not None and record.value.active and users.has_role(record.value.role, "staff")


def _depends_on(context: Context, todo: Stored[Todo], id: str, chain: dict[str, Stored[Todo]]) -> bool:
    """Return whether a to-do, or one of its direct or indirect blockers, has an id.

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
    yield from todos.validate(body, context.now, context.dependencies.zone)
    if isinstance(body, ReplaceTodo):
        yield from todos.validate_transition(before, body)
    if not references.cat_exists:
        yield FieldError(f"There is no cat named {names.normalise(str(body.cat))}.", pointer="/cat")
    if not references.assignee_exists:
        username = users.normalise_username(str(body.assignee))
        yield FieldError(f"There is no member of the staff with the username {username}.", pointer="/assignee")
    known = {*references.blockers, *(before.blocked_by if before else ())}
    for index, blocker in enumerate(body.blocked_by):
        if blocker not in known:
            yield FieldError(f"There is no to-do {blocker}.", pointer=f"/blockedBy/{index}")
        elif blocker in references.circular:
            yield FieldError(
                f"The to-do would block itself, or it would have more than {MAX_CHECKED} direct and indirect blockers.",
                pointer=f"/blockedBy/{index}",
            )


def add_next_occurrence(
    context: Context, before: Todo | None, after: Todo | None, references: References, _write: WriteContext
) -> Effects[Todo]:
    """Return the next occurrence of a completed to-do. One transaction writes both, so that there is only one."""
    following = todos.next_occurrence(before, after, context.dependencies.zone) if before and after else None
    checks = [TODO.check(record) for record in references.chain.values()]
    return Effects(after, [(None, following, "created")] if following else [], checks)


def present(context: Context, entities: Sequence[Todo]) -> list[TodoView]:
    """Return the views of to-dos with their authors."""
    return name_authors(context, [todos.to_view(todo, context.now, context.dependencies.zone) for todo in entities])


def name_authors(context: Context, views: Sequence[V]) -> list[V]:
    """Return views with the labels of deleted users instead of their usernames. Derived to-dos have no author."""
    stored = [view for view in views if not care_cards.is_derived(view.id)]
    resolved = iter(resolve_authors(context, stored, by="created", done_by="done_at"))
    return [view if care_cards.is_derived(view.id) else next(resolved) for view in views]


def list_query(context: Context, args: Mapping[str, Any]) -> tuple[Sequence[KeyRange], Predicate[Todo]]:
    """Return open to-dos by due date, or completed ones, the last one first."""
    done = bool(args["done"])
    assignee = context.principal.username if args["assignee"] == "me" else args["assignee"]
    predicate = fields_equal(kind=args["kind"], cat=args["cat"], assignee=assignee)
    return [KeyRange("list-by_date", "todos#done" if done else "todos#open", reverse=done)], predicate


TODOS: EntityService[Todo, CreateTodo, ReplaceTodo, TodoView, References] = EntityService(
    repository=TODO,
    create_type=CreateTodo,
    replace_type=ReplaceTodo,
    key_field="id",
    normalise_key=str,
    key_error=lambda key: None if names.is_valid_id(key) else "An id has 1 to 64 URL-safe characters.",
    allocate_key=lambda _context, write: (write.id, ()),
    load_related=load_references,
    validate=validate,
    create_entity=todos.create,
    update_entity=todos.update,
    to_body=todos.to_body,
    side_effects=add_next_occurrence,
    present=present,
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
