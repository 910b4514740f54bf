"""The use cases that every entity has: list, read, create, replace, patch, delete.

An entity is one ``EntityService``: a struct of plain functions that say what is its own. There is nothing to inherit.

A write takes these steps, in this order; the names in capitals are hooks:

    1  find the entity          NORMALISE_KEY, KEY_ERROR, IS_VISIBLE    an invisible entity does not exist
    2  check the precondition   (given by the caller: If-Match)
    3  parse the body           (given by the caller: PUT reads it, PATCH merges it into TO_BODY of the entity)
    4  authorise the change     AUTHORISE                               some fields need more than the method's role
    5  read what it refers to   LOAD_RELATED                            all reads of a write are here
    6  validate                 VALIDATE                                pure; every error at once
    7  build the next version   CREATE_ENTITY or UPDATE_ENTITY          pure; after ALLOCATE_KEY where keys are given
    8  follow up                SIDE_EFFECTS                            other entities and items that change with it
    9  present the result       PRESENT                                 before the commit: nothing may fail behind it
    10 commit                   one transaction, conditional on the version that was read

A read takes step 1 and 9, a list LIST_QUERY and 9, a deletion 1, 2, 5, 8 and 10. Steps 1 to 9 make a ``Plan`` and
write nothing. The caller that runs a plan wraps both in ``retry_on_conflict``: another writer may be faster.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Generic, TypeVar

from msgspec import UNSET, Struct

from api.context import Context
from api.domain import names
from api.domain.entity import TICK, Action, Versioned, WriteContext
from api.domain.errors import AlreadyExists, FieldError, ValidationFailed, required_message
from api.domain.users import Role
from api.store.keys import KeyRange
from api.store.paginator import Page
from api.store.repository import Change, Repository, Stored
from api.store.transaction import TransactItem

Entity = TypeVar("Entity", bound=Versioned)
Create = TypeVar("Create", bound=Struct)
Replace = TypeVar("Replace", bound=Struct)
View = TypeVar("View", bound=Struct)
Related = TypeVar("Related")
Body = TypeVar("Body", bound=Struct)

Predicate = Callable[[Entity], bool] | None
Precondition = Callable[[str | None], None]
"""Raises if the version that is there (None: there is nothing) is not the one that the caller means."""


class Submitted(Struct, Generic[Body], frozen=True):
    """A body as far as it is well-formed, and the errors of the rest."""

    body: Body
    errors: Sequence[FieldError] = ()


class Effects(Struct, Generic[Entity], frozen=True):
    """What is written with a change, in the same transaction."""

    entity: Entity | None
    """The entity as it is to be stored; None if it is deleted."""
    others: Sequence[tuple[Stored[Entity] | None, Entity]] = ()
    """Other entities that change with it: each before (None if it is new) and after."""
    writes: Sequence[TransactItem] = ()


class Plan(Struct, Generic[View], frozen=True):
    """A change that has been decided and not been written."""

    key: str
    version: str
    """The id of the write; it becomes the version that the entity tag names."""
    view: View | None
    """The entity as the caller will see it; None if it is deleted."""
    created: bool
    writes: Sequence[TransactItem]


def _all_visible(_: Context, _entity: Any) -> bool:
    return True


def _nothing_related(_: Context, _before: Any, _body: Any) -> Any:
    return None


def _no_effects(_: Context, _before: Any, after: Any, _related: Any, _write: WriteContext) -> Effects[Any]:
    return Effects(after)


class EntityService(Struct, Generic[Entity, Create, Replace, View, Related], frozen=True, kw_only=True):
    """The use cases of one entity; its fields say what is different from the others."""

    repository: Repository[Entity]
    create_type: type[Create]
    """The body of POST."""
    replace_type: type[Replace]
    """The body of PUT, and what a merge patch has to result in."""
    key_field: str = "name"
    full_access_role: Role = "staff"
    """The least role that may see every entity, and all of it."""
    always_private: bool = False
    """Whether no answer is for everybody, whoever asks."""
    put_creates_role: Role | None = "public"
    """The least role that may create an entity by PUT; None if keys are allocated."""

    normalise_key: Callable[[str], str] = names.normalise
    """Return the one spelling of a key."""
    key_error: Callable[[str], str | None] = names.name_error
    """Return what is wrong with a normalised key, or None."""
    is_visible: Callable[[Context, Entity], bool] = _all_visible
    """Return whether a caller without full access may know of an entity."""
    authorise: Callable[[Context, Entity | None, Create | Replace], None] | None = None
    """Raise Forbidden if a body changes what this caller may not change."""
    load_related: Callable[[Context, Entity | None, Create | Replace | None], Related] = _nothing_related
    """Read the other entities that a change refers to; the body is None if the entity is deleted."""
    validate: Callable[[Context, str | None, Entity | None, Create | Replace, Related], Iterable[FieldError]]
    """Return every rule that a body breaks besides those of its types. A required field may be UNSET."""
    allocate_key: Callable[[Context, WriteContext], tuple[str, Sequence[TransactItem]]] | None = None
    """Return the key of a new entity and the writes that reserve it; without it, clients choose keys."""
    create_entity: Callable[[Create | Replace, str, WriteContext], Entity]
    """Return the first version."""
    update_entity: Callable[[Entity, Replace, WriteContext], Entity]
    """Return the next version: all that the body says, and nothing else."""
    to_body: Callable[[Entity], Replace]
    """Return what a client may write of an entity: the target of a merge patch."""
    side_effects: Callable[[Context, Entity | None, Entity | None, Related, WriteContext], Effects[Entity]] = (
        _no_effects
    )
    """Return what else changes with an entity; ``after`` is None if it is deleted."""
    present: Callable[[Context, Sequence[Entity]], Sequence[View]]
    """Return entities as this caller sees them."""
    list_query: Callable[[Context, Mapping[str, Any]], tuple[Sequence[KeyRange], Predicate[Entity]]]
    """Return the key ranges that a list reads, and which of their entities belong to it."""

    def find(self, context: Context, text: str, *, consistent: bool) -> tuple[str, Stored[Entity] | None]:
        """Return the key that a text names, and the entity; None if it does not exist for this caller."""
        key = self.normalise_key(text)
        if self.key_error(key):
            return key, None
        record = context.get(self.repository, key, consistent=consistent)
        if record and not (context.full_access or self.is_visible(context, record.value)):
            return key, None
        return key, record

    def list_page(self, context: Context, args: Mapping[str, Any], position: str | None, limit: int) -> Page[Entity]:
        """Return a page of the entities that the caller may see."""
        ranges, predicate = self.list_query(context, args)
        return self.repository.page(context.dependencies.table, ranges, position, limit, predicate)

    def plan_create(self, context: Context, submitted: Submitted[Create]) -> Plan[View]:
        """Plan a new entity.

        Raises:
            ValidationFailed, AlreadyExists.
        """
        body, related = submitted.body, self._validate(context, None, None, submitted)
        write = context.write_context()
        if self.allocate_key:
            key, claims = self.allocate_key(context, write)
        else:
            key, claims = self.normalise_key(getattr(body, self.key_field)), ()
            if self.repository.get(context.dependencies.table, key, consistent=True):
                raise AlreadyExists(f"The {self.key_field} {key} is taken.")
        after = self.create_entity(body, key, write)
        return self.plan(context, None, after, "created", related, write, claims)

    def plan_save(
        self,
        context: Context,
        text: str,
        precondition: Precondition,
        make_body: Callable[[str, Entity | None], Submitted[Replace]],
        action: Action,
    ) -> Plan[View]:
        """Plan the next version of an entity, or its first one.

        Args:
            context: who acts, and when.
            text: names the entity.
            precondition: raises if the version is not the one that the caller means.
            make_body: returns the new body, given the key and the entity as it is.
            action: what the history says of it.

        Raises:
            ValidationFailed, Forbidden, and what the precondition raises.
        """
        key, record = self.find(context, text, consistent=True)
        precondition(record.rev if record else None)
        before = record.value if record else None
        submitted = make_body(key, before)
        body, related = submitted.body, self._validate(context, key, before, submitted)
        write = context.write_context()
        after = self.update_entity(before, body, write) if before else self.create_entity(body, key, write)
        return self.plan(context, record, after, action if record else "created", related, write)

    def plan_delete(self, context: Context, text: str, precondition: Precondition) -> Plan[View]:
        """Plan the end of an entity; its history stays, where it has one."""
        _, record = self.find(context, text, consistent=True)
        precondition(record.rev if record else None)
        related = self.load_related(context, record.value if record else None, None)
        return self.plan(context, record, None, "deleted", related, context.write_context())

    def plan(
        self,
        context: Context,
        before: Stored[Entity] | None,
        after: Entity | None,
        action: Action,
        related: Related,
        write: WriteContext,
        more: Sequence[TransactItem] = (),
    ) -> Plan[View]:
        """Plan a change that is valid, with all that follows from it (steps 8 and 9)."""
        effects = self.side_effects(context, before.value if before else None, after, related, write)
        stored = effects.entity
        if stored:
            key, at, view = self.repository.key(stored), stored.updated, self.present(context, [stored])[0]
        elif before:
            # A deleted entity has a last version: its history entry stands behind that.
            key, at, view = self.repository.key(before.value), max(write.at, before.value.updated + TICK), None
        else:
            raise ValueError("A change has a version before it or after it.")
        changes = [Change(before, stored, action, write.by, at)]
        changes += [Change(old, new, "bonded", write.by, new.updated) for old, new in effects.others]
        writes = [one for change in changes for one in self.repository.writes(change, write.id)]
        return Plan(key, write.id, view, before is None, [*writes, *effects.writes, *more])

    def _validate(
        self,
        context: Context,
        key: str | None,
        before: Entity | None,
        submitted: Submitted[Create] | Submitted[Replace],
    ) -> Related:
        """Return what a body refers to, if it breaks no rule (steps 4 to 6)."""
        body = submitted.body
        if self.authorise:
            self.authorise(context, before, body)
        related = self.load_related(context, before, body)
        errors = [
            *submitted.errors,
            *self._key_errors(body, key),
            *self.validate(context, key, before, body, related),
        ]
        if errors:
            raise ValidationFailed(*errors)
        return related

    def _key_errors(self, body: Struct, key: str | None) -> list[FieldError]:
        """Return what is wrong with the key in a body; it has to equal the key in the URL, if there is one."""
        if key is None and self.allocate_key:
            return []
        sent, pointer = getattr(body, self.key_field), f"/{self.key_field}"
        name = key if sent is UNSET or sent is None else self.normalise_key(str(sent))
        if key is not None and name != key:
            return [
                FieldError(f"The URL says {key}; a {self.key_field} in the body has to be the same.", pointer=pointer)
            ]
        wrong = required_message(self.key_field) if name == "" else self.key_error(name) if name is not None else None
        return [FieldError(wrong, pointer=pointer)] if wrong else []
