"""Forms of entities: they create, change and delete an entity through its service."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any
from urllib.parse import quote

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from api.context import Context
from api.domain.errors import AlreadyExists, FieldError, NotFound, ValidationFailed
from api.domain.users import Role
from api.http.forms import DELETE, Submission, run_once, with_notice
from api.http.idempotency import SavedResponse
from api.http.preconditions import check_rev
from api.http.resource import RequestContext
from api.http.validation import convert_partial
from api.resources.forms.form import Form
from api.services.entity_service import EntityService, Submitted
from api.services.other_case import resolve_cats, suggest_cats
from api.services.photo_files import finish_deletion
from api.store.transaction import Write, retry_on_conflict
from api.web.forms import fields
from api.web.forms.field import TextError
from api.web.forms.fields import Field, Section
from api.web.forms.merge import fingerprint
from api.web.pages.form import FormPage
from api.web.words import join, sentence

Service = EntityService[Any, Any, Any, Any, Any]


def submitted(
    request: RequestContext,
    shown: Sequence[Field],
    sent: Submission,
    body: dict[str, Any],
    struct: type[Struct],
    complete: Callable[[dict[str, Any]], dict[str, Any]] = dict,
) -> Submitted[Any]:
    """Return a body with what a form says, and its errors.

    Args:
        request: the request.
        shown: the fields of the form.
        sent: what the browser sent.
        body: the body before.
        struct: the type of the body.
        complete: returns the body that is validated, for what the fields say.
    """
    changed = [field for field in shown if sent.choices.get(field.name) != "theirs"]  # the current value stays
    data, errors = fields.apply(changed, sent.texts, body, request.context.dependencies.settings.zone)
    errors += _spell_cats(request.context, changed, data, body)
    value, others = convert_partial(complete(data), struct)
    known = {error.pointer for error in errors}
    return Submitted(value, [*errors, *(error for error in others if error.pointer not in known)])


def _spell_cats(
    context: Context, changed: Sequence[Field], data: dict[str, Any], before: Mapping[str, Any]
) -> list[FieldError]:
    """Replace new names of cats in a body by their keys, in any case. Return an error for a name with several keys."""
    lists = [(field, _as_list(data.get(field.name))) for field in changed if field.kind in fields.CATS]
    typed = {name for field, texts in lists for name in texts if name not in _as_list(before.get(field.name))}
    spellings, errors = resolve_cats(context, sorted(typed)) if typed else {}, list[FieldError]()
    for field, texts in lists:
        found = [spellings.get(text) or (text,) for text in texts]
        if texts:
            keys = [spelling[0] for spelling in found]
            data[field.name] = keys if field.kind == "cats" else keys[0]
        several = [f"There are {join(spelling)}. Write one of them." for spelling in found if len(spelling) > 1]
        errors += [TextError("invalid_value", detail, pointer=field.pointer) for detail in several]
    return errors


def _as_list(value: Any) -> list[str]:
    """Return the names of a member: none, one, or an array."""
    return [value] if isinstance(value, str) else list(value or ())


def _nothing(_: Context) -> None: ...


class EntityForm(Struct, frozen=True, kw_only=True):
    """The form of an entity."""

    service: Service
    name: str
    """The entity with its article: "the pie"."""
    sections: tuple[Section, ...]
    title_field: str = ""
    """The field with the name of an entity for people; by default, the title of the form names the kind only."""
    role: Role = "staff"
    count: Callable[[Context], None] = _nothing
    """Count the creation of an entity, which is not a replay. Only forms with a rate limit need it."""
    after_commit: Callable[[Context], None] = _nothing
    """Log what was saved. Only forms of accounts need it."""
    only_key: str | None = None
    """The key of the only entity, which is not created or deleted; None if there may be several."""

    def form(self) -> Form:
        """Return the form with its functions."""
        recreate = None if self.only_key else self.recreate
        return Form(role=self.role, load=self.load, save=self.save, recreate=recreate)

    def load(self, request: RequestContext, key: str | None) -> FormPage:
        """Return the form with the values of an entity, or with the defaults of a new one."""
        context, collection, key = request.context, self.service.repository.collection, self._key(key)
        zone, is_new = context.dependencies.settings.zone, key is None
        rev, body, title = "", self.new_body(request), self.name
        back: tuple[str, ...] = (collection,)
        if key is not None:
            _, record = self.service.find(context, key, consistent=True, as_sent=True)
            if record is None:
                raise NotFound
            rev, body = record.rev, self.body_of(request, record.value)
            title = sentence(getattr(record.value, self.title_field)) if self.title_field else self.name
            back = ("",) if self.only_key else (collection, self.service.repository.key(record.value))
        sections = self.shown_sections(request, key, body)
        shown = fields.all_fields(sections, is_new=is_new)
        texts = fields.to_texts(shown, body, zone)
        return FormPage(
            title=f"Add {self.name.replace('the ', 'a ')}" if is_new else f"Edit {title}",
            submit=f"Save {self.name}",
            back=back,
            sections=fields.with_cats(sections, partial(suggest_cats, context)),
            texts=texts,
            is_new=is_new,
            rev=rev,
            base=fingerprint(shown, texts),
            key=context.dependencies.new_id() if is_new else "",
            delete="" if is_new or self.only_key else f"Delete {self.name}",
        )

    def recreate(self, request: RequestContext, key: str) -> FormPage:
        """Return the form for a new entity with the key of a deleted one."""
        page = self.load(request, None)
        has_key = self.service.key_field and not self.service.allocate_key
        return replace(page, texts={**page.texts, self.service.key_field: [key]}) if has_key else page

    def new_body(self, request: RequestContext) -> dict[str, Any]:
        """Return the body that the form for a new entity shows."""
        empty, _required = convert_partial({}, self.service.replace_type)
        return dict(msgspec.to_builtins(empty))

    def body_of(self, request: RequestContext, entity: Any) -> dict[str, Any]:
        """Return the body of an entity that a form shows and changes."""
        return dict(msgspec.to_builtins(self.service.to_body(entity)))

    def shown_sections(
        self,
        request: RequestContext,
        key: str | None,
        body: dict[str, Any],
    ) -> tuple[Section, ...]:
        """Return the sections with the choices that depend on what is stored."""
        return self.sections

    def complete(self, body: dict[str, Any]) -> dict[str, Any]:
        """Return the body that is validated, for what the fields say. They say each member by itself."""
        return body

    def save(self, request: RequestContext, key: str | None, sent: Submission) -> str:
        """Create, change or delete an entity, and return the path of its page."""
        if (key := self._key(key)) is None:
            return self._create(request, sent)
        try:
            return retry_on_conflict(lambda: self._change(request, key, sent))
        except NotFound:
            if sent.action != DELETE:
                raise
            return self._deleted()  # the button was pressed twice, or somebody else was faster

    def _key(self, key: str | None) -> str | None:
        """Return the key of the entity; None for a new one.

        Raises:
            NotFound: the URL has a key, and there is only one entity.
        """
        if self.only_key and key is not None:
            raise NotFound
        return self.only_key or key

    def _create(self, request: RequestContext, sent: Submission) -> str:
        def plan() -> tuple[SavedResponse, Sequence[Write]]:
            self.count(request.context)
            submitted = self._submitted(request, sent, {}, self.service.create_type, is_new=True)
            planned = self.service.plan_create(request.context, submitted)
            return SavedResponse(303, self._path(planned.key), planned.rev, b""), planned.writes

        try:
            saved = run_once(request, sent, plan)
        except AlreadyExists as error:
            raise ValidationFailed(FieldError("taken", error.detail, pointer=f"/{self.service.key_field}")) from error
        if not saved.replayed:
            self.after_commit(request.context)
        return with_notice(saved.location, "saved")

    def _change(self, request: RequestContext, key: str, sent: Submission) -> str:
        context, precondition = request.context, partial(check_rev, sent.rev)
        if sent.action == DELETE:
            plan = self.service.plan_delete(context, key, precondition)
            following = self._deleted()
        else:
            plan = self.service.plan_save(context, key, precondition, self._body_of(request, sent), "patched")
            following = with_notice(self._path(plan.key), "saved")
        context.dependencies.table.transact(plan.writes, plan.rev)
        if plan.deletion:
            finish_deletion(context.dependencies, plan.deletion)
        self.after_commit(context)
        return following

    def _body_of(self, request: RequestContext, sent: Submission) -> Callable[[str, Any], Submitted[Any]]:
        def make_body(_key: str, before: Any) -> Submitted[Any]:
            body = self.body_of(request, before)
            return self._submitted(request, sent, body, self.service.replace_type, is_new=False)

        return make_body

    def _submitted(
        self, request: RequestContext, sent: Submission, body: dict[str, Any], struct: type[Struct], *, is_new: bool
    ) -> Submitted[Any]:
        shown = fields.all_fields(self.sections, is_new=is_new)
        return submitted(request, shown, sent, body, struct, self.complete)

    def _deleted(self) -> str:
        """Return the path of the list, which says that the entity is deleted."""
        return with_notice(f"/{self.service.repository.collection}", "deleted")

    def _path(self, key: str) -> str:
        return "/" if self.only_key else f"/{self.service.repository.collection}/{quote(key, safe='')}"
