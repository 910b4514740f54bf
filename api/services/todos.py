"""The to-dos: what they name has to exist, and what recurs is followed by the next one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from api.context import Context
from api.domain import care_cards, names, todos, users
from api.domain.entity import WriteContext
from api.domain.errors import FieldError, NotFound
from api.domain.todos import CreateTodo, ReplaceTodo, Todo, TodoView
from api.services.authors import resolve_authors
from api.services.entity_service import Effects, EntityService, Plan, Precondition, Predicate
from api.services.mappings import CAT, TODO, USER
from api.store.keys import KeyRange
from api.store.repository import Stored

MAX_CHAIN = 50
"""How many to-dos a chain of blocking ones may have."""


class References(Struct, frozen=True):
    """What a change of a to-do refers to anew, as it was read."""

    cat_exists: bool = True
    assignee_exists: bool = True
    blockers: Mapping[str, Stored[Todo]] = {}
    """The new blockers that exist, by their id."""
    circular: frozenset[str] = frozenset()
    """The new blockers that wait on this to-do, or on too many to tell."""
    chain: Mapping[str, Stored[Todo]] = {}
    """The to-dos that were read to find that out; they must still be so at the commit."""


def load_references(context: Context, before: Todo | None, body: CreateTodo | ReplaceTodo | None) -> References:
    """Read what a to-do names; what it named before existed then."""
    if body is None:
        return References()
    table, chain = context.dependencies.table, dict[str, Stored[Todo]]()
    cat = names.normalise(body.cat) if body.cat else None
    new_cat = cat and cat != (before and before.cat) and not names.name_error(cat)
    new_assignee = body.assignee is not None and users.normalise_username(body.assignee) != (before and before.assignee)
    new = set(body.blocked_by) - set(before.blocked_by if before else ())
    found = TODO.get_many(table, new, consistent=True)
    # Nothing waits on a to-do that is new.
    circular = [
        one for one in body.blocked_by if before and one in found and _leads_to(context, before.id, found[one], chain)
    ]
    return References(
        cat_exists=not new_cat or CAT.get(table, str(cat), consistent=True) is not None,
        assignee_exists=not new_assignee or _is_staff(context, str(body.assignee)),
        blockers=found,
        circular=frozenset(circular),
        chain=chain,
    )


def _is_staff(context: Context, username: str) -> bool:
    record = USER.get(context.dependencies.table, users.normalise_username(username), consistent=True)
    return record is not None and record.value.active and users.has_role(record.value.role, "staff")


def _leads_to(context: Context, id: str, first: Stored[Todo], chain: dict[str, Stored[Todo]]) -> bool:
    """Return whether a to-do is the one with this id or waits on it, directly or not; and add what was read."""
    ahead = {first.value.id: first}
    while ahead:
        chain |= ahead
        if id in ahead or len(chain) > MAX_CHAIN:
            return True
        named = {other for record in ahead.values() for other in record.value.blocked_by}
        ahead = TODO.get_many(context.dependencies.table, named - chain.keys(), consistent=True)
    return False


def validate(
    context: Context, _key: str | None, before: Todo | None, body: CreateTodo | ReplaceTodo, found: References
) -> Iterator[FieldError]:
    """Yield what is wrong with a to-do, alone and beside what it names."""
    yield from todos.validate(body, context.now)
    if isinstance(body, ReplaceTodo):
        yield from todos.validate_transition(before, body)
    if not found.cat_exists:
        yield FieldError(f"There is no cat named {names.normalise(str(body.cat))}.", pointer="/cat")
    if not found.assignee_exists:
        yield FieldError(
            f"Nobody of the staff is called {users.normalise_username(str(body.assignee))}.", pointer="/assignee"
        )
    known = {*found.blockers, *(before.blocked_by if before else ())}
    for index, blocker in enumerate(body.blocked_by):
        if blocker not in known:
            yield FieldError(f"There is no to-do {blocker}.", pointer=f"/blockedBy/{index}")
        elif blocker in found.circular:
            yield FieldError(
                f"It would wait on itself, or on more than {MAX_CHAIN} others.", pointer=f"/blockedBy/{index}"
            )


def add_next_occurrence(
    _: Context, before: Todo | None, after: Todo | None, found: References, _write: WriteContext
) -> Effects[Todo]:
    """Create the next occurrence of what is done, in the same transaction and therefore once."""
    following = todos.next_occurrence(before, after) if before and after else None
    return Effects(after, [(None, following)] if following else [], [TODO.check(one) for one in found.chain.values()])


def present(context: Context, found: Sequence[Todo]) -> list[TodoView]:
    """Return to-dos with the names of those who wrote and did them."""
    return name_authors(context, [todos.to_view(todo, context.now) for todo in found])


def name_authors(context: Context, views: Sequence[Any]) -> list[Any]:
    """Return views in which no deleted user is named; derived to-dos have no author."""
    shown = iter(
        resolve_authors(context, [v for v in views if not care_cards.is_derived(v.id)], by="created", done_by="done_at")
    )
    return [view if care_cards.is_derived(view.id) else next(shown) for view in views]


def list_query(context: Context, args: Mapping[str, Any]) -> tuple[Sequence[KeyRange], Predicate[Todo]]:
    """List open to-dos by their due date, done ones the latest first."""
    done = bool(args["done"])
    wanted = {name: args[name] for name in ("kind", "cat") if args[name] is not None}
    if args["assignee"] is not None:
        wanted["assignee"] = context.principal.username if args["assignee"] == "me" else args["assignee"]
    matches = (lambda todo: all(getattr(todo, name) == value for name, value in wanted.items())) if wanted else None
    return [KeyRange("list-by_date", "todos#done" if done else "todos#open", reverse=done)], matches


TODOS: EntityService[Todo, CreateTodo, ReplaceTodo, TodoView, References] = EntityService(
    repository=TODO,
    create_type=CreateTodo,
    replace_type=ReplaceTodo,
    key_field="id",
    put_creates_role=None,
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
    """Plan that a to-do is done; return it as it is if it was done before."""
    _, record = TODOS.find(context, id, consistent=True)
    precondition(record.rev if record else None)
    if record is None:
        raise NotFound
    if record.value.done:
        return record
    write = context.write_context()
    after = todos.update(record.value, replace(todos.to_body(record.value), done=True), write)
    return TODOS.plan(context, record, after, "patched", References(), write)
