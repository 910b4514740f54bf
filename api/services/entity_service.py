"""The use cases of every entity: list, get, create, replace, patch and delete.

An ``EntityService`` is a struct of functions, the hooks, with the rules of one entity. There is nothing to inherit.
A PUT, PATCH or POST calls the hooks in this order:

    1  resolve_key, normalise_key, key_error  check the key in the URL (PUT and PATCH)
    2  is_visible                      an entity that the caller may not see does not exist (PUT and PATCH)
    3  to_body                         return the target of the merge patch (PATCH)
    4  authorise                       check the role that some fields need
    5  load_related                    read the other entities that the change depends on
    6  validate                        return all errors, after the key in the body was checked as in step 1
    7  allocate_key                    return the next key (POST, if the server chooses the keys)
    8  create_entity or update_entity  build the next version
    9  side_effects                    return other writes of the same transaction
    10 present                         build the view before the commit, so that nothing can fail after it

The precondition (If-Match) is checked after step 2. If the entity is unchanged after step 9, nothing is written: the
writes of step 9 are dropped, and step 10 builds the view of the stored entity.
A GET has steps 1, 2 and 10, a DELETE 1, 2, 5 and 9, and a list calls list_query and present. The steps make a ``Plan``.
The resource commits it in one transaction, which fails if the entity has changed, and then repeats both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Generic, TypeVar, cast

from msgspec import UNSET, Struct
from msgspec.structs import replace

from api.context import Context
from api.domain import names
from api.domain.entity import TICK, Action, BusinessMetric, Versioned, WriteContext, changed_fields
from api.domain.errors import AlreadyExists, FieldError, ValidationFailed, required
from api.domain.photos import PhotoDeletion
from api.domain.texts import text_errors
from api.domain.users import Role
from api.store.keys import KeyRange
from api.store.paginator import Page, Position
from api.store.repository import Change, Repository, Stored
from api.store.transaction import Write

Entity = TypeVar("Entity", bound=Versioned)
Create = TypeVar("Create", bound=Struct)
Replace = TypeVar("Replace", bound=Struct)
View = TypeVar("View", bound=Struct)
Related = TypeVar("Related")
Body = TypeVar("Body", bound=Struct)

Predicate = Callable[[Entity], bool] | None
Precondition = Callable[[str | None], None]
"""Raises an error unless the current version of an entity (None if it does not exist) is the expected one."""


class Submitted(Struct, Generic[Body], frozen=True):
    """The valid fields of a body, and the errors of the others."""

    body: Body
    errors: Sequence[FieldError] = ()


class Effects(Struct, Generic[Entity], frozen=True):
    """What a change writes: the entity, and other writes of the same transaction."""

    entity: Entity | None
    """The entity to store; None if it is deleted."""
    others: Sequence[tuple[Stored[Entity] | None, Entity, Action]] = ()
    """Other entities that change: each before (None if it is new), after, and the action of its history entry."""
    writes: Sequence[Write] = ()
    metric: BusinessMetric | None = None
    """The business metric that counts the change."""


class Plan(Struct, Generic[View], frozen=True):
    """A change that is not written yet."""

    key: str
    rev: str
    """The id of the write, which is the new version in the entity tag; the current one if nothing changes."""
    view: View | None
    """The entity as the caller sees it; None if it is deleted."""
    created: bool
    writes: Sequence[Write]
    deletion: PhotoDeletion | None = None
    """The files to delete after the commit (``photo_files.finish_deletion``)."""


def _no_effects(_: Context, _before: object, after: Entity | None, *_others: object) -> Effects[Entity]:
    return Effects(after)


class EntityService(Struct, Generic[Entity, Create, Replace, View, Related], frozen=True, kw_only=True):
    """The use cases of one entity. Its fields are the settings and the hooks of the entity."""

    repository: Repository[Entity]
    create_type: type[Create]
    """The body of POST."""
    replace_type: type[Replace]
    """The body of PUT, and the result of a merge patch."""
    key_field: str = "name"
    """The field of the bodies that contains the key; empty if they have none, because there is only one entity."""
    full_access_role: Role = "staff"
    """The least role that may see all entities with all fields."""
    always_private: bool = False
    """Whether responses are private for callers without full access too."""
    put_create_needs_full_access: bool = False
    """Whether only a caller with full access may create an entity by PUT. Without effect if keys are allocated."""
    has_public_view: bool = False
    """Whether callers without full access see a view with fewer members. Its entity tag does not contain the rev."""

    normalise_key: Callable[[str], str] = names.normalise
    """Return the canonical form of a key."""
    key_error: Callable[[str], FieldError | None] = names.name_error
    """Return the error of a normalised key, or None."""
    resolve_key: Callable[[Context, str], str] | None = None
    """Return the key that a text in a URL stands for: ``me`` is the username of the caller."""
    is_visible: Callable[[Context, Entity], bool] = lambda _context, _entity: True
    """Return whether a caller without full access may see an entity."""
    to_body: Callable[[Entity], Replace]
    """Return the fields of an entity that clients may write: the target of a merge patch."""
    authorise: Callable[[Context, Entity | None, Create | Replace], None] | None = None
    """Raise Forbidden if a body changes a field that the caller may not change."""
    load_related: Callable[[Context, Entity | None, Create | Replace | None], Related] = lambda *_: cast(
        "Related", None
    )
    """Return the other entities that a change depends on. The body is None if the entity is deleted."""
    validate: Callable[[Context, str | None, Entity | None, Create | Replace, Related], Iterable[FieldError]]
    """Return all errors of a body except those of its types. A required field may be UNSET. It reads nothing."""
    allocate_key: Callable[[Context, WriteContext], str] | None = None
    """Return the key of a new entity, which no other entity has; None if clients choose the keys."""
    create_entity: Callable[[Create | Replace, str, WriteContext], Entity]
    """Return the first version of an entity. It reads nothing."""
    update_entity: Callable[[Entity, Replace, WriteContext], Entity]
    """Return the next version of an entity, with all writable fields from the body. It reads nothing."""
    side_effects: Callable[[Context, Entity | None, Entity | None, Related, WriteContext], Effects[Entity]] = (
        _no_effects
    )
    """Return the other writes of a change. ``after`` is None if the entity is deleted."""
    present: Callable[[Context, Sequence[Entity]], Sequence[View]]
    """Return the views of entities for the caller."""
    change_lists: Callable[[Context], Sequence[str]] | None = None
    """Return the lists of changes that the caller may read; None if the entity has no such lists."""
    change_key: Callable[[str], str | int] = str
    """Return a key as responses have it."""
    list_query: Callable[[Context, Mapping[str, Any]], tuple[Sequence[KeyRange], Predicate[Entity]]]
    """Return the key ranges of a list, and a predicate for their entities; None if all of them are in the list."""

    def find(
        self, context: Context, text: str, *, consistent: bool, as_sent: bool = False
    ) -> tuple[str, Stored[Entity] | None]:
        """Return the normalised key and the entity, or None if the entity does not exist for the caller.

        ``as_sent`` also tries the key as it was sent. Another release may have had other rules for keys.
        """
        text = self.resolve_key(context, text) if self.resolve_key else text
        key, sent = self.normalise_key(text), names.normalise(text)
        record = None if self.key_error(key) else context.get(self.repository, key, consistent=consistent)
        if record is None and as_sent and not self.allocate_key and (sent != key or self.key_error(sent)):
            record = context.get(self.repository, sent, consistent=consistent)
        if record and not (context.full_access or self.is_visible(context, record.value)):
            return key, None
        return key, record

    def list_page(self, context: Context, args: Mapping[str, Any], position: Position, limit: int) -> Page[Entity]:
        """Return a page of the entities that the caller may see."""
        ranges, matches = self.list_query(context, args)
        return self.repository.page(context.dependencies.table, ranges, position, limit, matches)

    def list_first(self, context: Context, args: Mapping[str, Any], number: int) -> list[Entity]:
        """Return the first entities of a list. A page may be short, because its size in bytes is limited."""
        (ranges, predicate), table = self.list_query(context, args), context.dependencies.table
        entities, position = list[Entity](), None
        while len(entities) < number:
            page = self.repository.page(table, ranges, position, number - len(entities), predicate, looks_ahead=False)
            entities, position = entities + page.items, page.position
            if position is None:
                break
        return entities

    def plan_create(self, context: Context, submitted: Submitted[Create]) -> Plan[View]:
        """Plan the creation of an entity with a new key. It raises ValidationFailed or AlreadyExists."""
        body, related = submitted.body, self._validate(context, None, None, submitted)
        write = context.write_context()
        if self.allocate_key:
            key = self.allocate_key(context, write)
        else:
            key = self.normalise_key(getattr(body, self.key_field))
            if self.repository.get(context.dependencies.table, key, consistent=True):
                raise AlreadyExists(f"The {self.key_field} {key} is taken.")
        after = self.create_entity(body, key, write)
        return self.plan(context, None, after, "created", related, write)

    def plan_save(
        self,
        context: Context,
        text: str,
        precondition: Precondition,
        make_body: Callable[[str, Entity | None], Submitted[Replace]],
        action: Action,
    ) -> Plan[View]:
        """Plan the next version of an entity, or the first one.

        Args:
            context: the principal and the time.
            text: the key in the URL.
            precondition: checks the current version.
            make_body: returns the new body for the key and the current entity.
            action: the action of the history entry.

        Raises:
            ValidationFailed, Forbidden, and the errors of the precondition.
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
        """Plan the deletion of an entity, if its precondition holds. Its history stays."""
        _, record = self.find(context, text, consistent=True, as_sent=True)
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
    ) -> Plan[View]:
        """Plan a valid change with its side effects (steps 9 and 10). Nothing is written if no field changes."""
        effects = self.side_effects(context, before.value if before else None, after, related, write)
        stored = effects.entity
        if before and stored and not changed_fields(before.value, stored):
            (unchanged,) = self.present(context, [before.value])
            return Plan(self.repository.key(stored), before.rev, unchanged, created=False, writes=())
        if stored:
            key, at, view = self.repository.key(stored), stored.updated, self.present(context, [stored])[0]
        elif before:
            # The history entry of the deletion comes after the one of the last version.
            key, at, view = self.repository.key(before.value), max(write.at, before.value.updated + TICK), None
        else:
            raise ValueError("A change needs a version before or after it.")
        changes = [Change(before, stored, action, write.by, at)]
        changes += [Change(old, new, action, write.by, new.updated) for old, new, action in effects.others]
        first, *others = (item for change in changes for item in self.repository.writes(change, write.id, write.zone))
        writes: list[Write] = [replace(first, metric=effects.metric), *others, *effects.writes]
        deletion = None
        if before and getattr(before.value, "photos", None) != getattr(stored, "photos", None):
            from api.services.photo_files import deletion_writes  # few changes need it

            deletion, more = deletion_writes(self.repository.collection, key, before.value, stored, write)
            writes += more
        return Plan(key, write.id, view, before is None, writes, deletion)

    def _validate(
        self,
        context: Context,
        key: str | None,
        before: Entity | None,
        submitted: Submitted[Create] | Submitted[Replace],
    ) -> Related:
        """Check a body and return the entities that it depends on (steps 4 to 6)."""
        body = submitted.body
        if self.authorise:
            self.authorise(context, before, body)
        related = self.load_related(context, before, body)
        errors = [
            *submitted.errors,
            *self._key_errors(body, key),
            *text_errors(body),
            *self.validate(context, key, before, body, related),
        ]
        if errors:
            raise ValidationFailed(*errors)
        return related

    def _key_errors(self, body: Struct, key: str | None) -> list[FieldError]:
        """Return the errors of the key in a body. It must equal the key in the URL, if there is one."""
        if not self.key_field or (key is None and self.allocate_key):
            return []
        sent, pointer = getattr(body, self.key_field), f"/{self.key_field}"
        name = key if sent is UNSET or sent is None else self.normalise_key(str(sent))
        if key is not None and name != key:
            return [FieldError("read_only", f"{pointer[1:]} is read-only. It is {key} in the URL.", pointer=pointer)]
        if name is None:
            return []
        error = self.key_error(name) if name else required(self.key_field)
        return [error.at(pointer)] if error else []
