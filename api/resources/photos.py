"""Photos of cats, pies and posts: ``/cats/{name}/photos``, ``…/photos/{id}`` and ``…/photos/{id}/{width}.webp``.

The resources are the same for each entity. ``RESOURCES`` declares their paths; ``api/resources/site.py`` has the logo.
The services are imported when photos are asked for, because no other request needs them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import parse_qs

import msgspec
from flask import Response

from api.domain import photos
from api.domain.photos import CreatePhoto, NewPhoto, PhotoView, ReplacePhoto, StaffPhoto, Upload
from api.domain.users import Role
from api.http import response_headers, responses
from api.http.idempotency import SavedResponse
from api.http.preconditions import check_post, check_write
from api.http.request_body import FORM, JSON, MERGE_PATCH, check_content_type, merge_patch
from api.http.resource import Operation, RequestContext, Resource
from api.http.responses import WEBP
from api.http.schemas import ListOf, name_schema
from api.http.validation import convert_body
from api.resources.posts import ID as POST_ID
from api.services.entity_service import Submitted
from api.services.mappings import UPLOADS
from api.store.keys import Key
from api.store.transaction import Write, retry_on_conflict

if TYPE_CHECKING:
    from api.services.albums import Album, Found

PHOTO_ID = {"type": "string", "minLength": 1, "maxLength": 64, "pattern": "^[A-Za-z0-9_-]+$"}


class PhotoResource(Resource, abstract=True):
    """A resource of the photos of an entity."""

    collection: ClassVar[str]
    """The collection of the entity."""
    reads_uploads: ClassVar[bool] = True

    @property
    def album(self) -> Album:
        """The album of the collection."""
        from api.services.albums import ALBUMS

        return ALBUMS[self.collection]

    def prefetch(self, **path: str) -> Sequence[Key]:
        """Return the key of the entity in the path, and of its uploads."""
        service = self.album.service
        key = service.normalise_key(next(iter(path.values())))
        if service.key_error(key):
            return ()
        uploads = [UPLOADS.item_key(photos.entity_key(self.collection, key))] if self.reads_uploads else []
        return [service.repository.item_key(key), *uploads]

    def find(self, request: RequestContext, key: str) -> Found:
        """Return the photos of an entity.

        Raises:
            NotFound: the entity does not exist for the caller.
        """
        from api.services.albums import find_photos

        return find_photos(request.context, self.album, key)


class PhotoList(PhotoResource, abstract=True):
    """The photos of an entity: ``/cats/{name}/photos``."""

    def get(self, request: RequestContext, key: str) -> Response:
        """Respond with all photos."""
        from api.services.albums import list_photos

        views = list_photos(request.context, self.find(request, key))
        return request.json({"items": views}, private=request.context.private)

    def post(self, request: RequestContext, key: str) -> Response:
        """Create an upload, once for each Idempotency-Key."""
        from api.services.albums import new_photo, plan_upload

        check_content_type(request.http, request.operation.accepts)

        def plan() -> tuple[SavedResponse, Sequence[Write]]:
            found = self.find(request, key)
            check_post(request.http)  # a missing cat is 404, whatever the preconditions are (RFC 9110, section 13.2.1)
            data, is_form = request.body
            submitted = Submitted(*convert_body(data, CreatePhoto, NewPhoto, text=is_form))
            upload, rev, writes = plan_upload(request.context, found, submitted)
            body = responses.to_json(new_photo(request.context, upload, found.key, request.origin))
            location = f"{request.context.root}/{found.key}/photos/{upload.id}"
            return SavedResponse(201, location, rev, body), writes

        return request.create(plan, partial(self._restore, request))

    def _restore(self, request: RequestContext, saved: SavedResponse) -> SavedResponse:
        """Return a saved response with its body. A form that can upload a file is not stored; it is signed again."""
        from api.services.albums import new_photo

        context, (data, is_form) = request.context, request.body
        entity, _, upload_id = saved.location.removeprefix(f"{context.root}/").partition("/photos/")
        body, _errors = convert_body(data, CreatePhoto, NewPhoto, text=is_form)
        expires = (saved.at or context.now) + photos.UPLOAD_LIFETIME
        upload = Upload(upload_id, body.alt, context.principal.uid, body.type, expires, body.size)
        view = new_photo(context, upload, entity, request.origin)
        return msgspec.structs.replace(saved, body=responses.to_json(view))


class PhotoItem(PhotoResource, abstract=True):
    """A photo or an upload: ``/cats/{name}/photos/{id}``."""

    def get(self, request: RequestContext, key: str, id: str) -> Response:
        """Respond with a photo, or for the staff with an upload."""
        from api.services.albums import get_photo

        found = self.find(request, key)
        view, version = get_photo(request.context, found, id)
        # S3 adds the key of the file to the URL of the page when it redirects the browser after the upload.
        # ``args`` of a page has only declared arguments.
        is_sent = "key" in parse_qs(request.http.query_string.decode("latin-1"))
        if request.wants_page and isinstance(view, StaffPhoto) and view.state == "pending" and not is_sent:
            view = self._with_form(request, found, id)
        return request.json(view, rev=version, private=request.context.private)

    def _with_form(self, request: RequestContext, found: Found, id: str) -> NewPhoto:
        """Return an upload with the form for its file, which brings the browser back to this page."""
        from api.services.albums import new_photo

        upload = next(upload for upload in found.uploads if upload.id == id)
        url = f"{request.origin}/{found.key}/photos/{id}"
        view = new_photo(request.context, upload, found.key, request.origin, redirect=url)
        response_headers.allow_form_action(view.upload.url)
        response_headers.nonce()  # for the script that checks the file before it is sent
        return view

    def patch(self, request: RequestContext, key: str, id: str) -> Response:
        """Change the alternative text or the position of a photo."""
        from api.services.albums import change_photo

        check_content_type(request.http, request.operation.accepts)
        precondition = partial(check_write, request.http, creatable=False)

        def make_body(target: ReplacePhoto, view: StaffPhoto) -> Submitted[ReplacePhoto]:
            merged = merge_patch(msgspec.to_builtins(target), request.body[0])
            return Submitted(*convert_body(merged, ReplacePhoto, StaffPhoto, current=iter([view])))

        def attempt() -> Response:
            found = self.find(request, key)
            view, version, plan = change_photo(request.context, found, id, precondition, make_body)
            response = request.json(view, rev=version)
            self.dependencies.table.transact(plan.writes, plan.rev)
            return response

        return retry_on_conflict(attempt)

    def delete(self, request: RequestContext, key: str, id: str) -> Response:
        """Delete a photo or an upload."""
        from api.services.albums import delete_photo

        delete_photo(request.context, self.album, key, id, partial(check_write, request.http))
        return responses.no_content()


class PhotoFile(PhotoResource, abstract=True):
    """A file of a photo: ``/cats/{name}/photos/{id}/{width}.webp``."""

    reads_uploads = False
    converters: ClassVar = {"width": "number"}

    def get(self, request: RequestContext, key: str, id: str, width: int) -> Response:
        """Respond with a file. Its bytes never change, so that caches may use them for a year."""
        from api.services.albums import read_file

        data, is_public = read_file(request.context, self.album, key, id, width)
        cache = responses.PUBLIC_FOREVER if is_public else responses.PRIVATE_FOREVER
        return responses.make_response(
            request.http, data, rev=f"{id}-{width}", media=WEBP, headers={"Cache-Control": cache}
        )


def list_operations(entity: str, title: str, role: Role) -> dict[str, Operation]:
    """Return the operations of the photos of an entity (see ``photo_resources``)."""
    return {
        "get": Operation(
            f"List the photos of {entity}",
            id=f"list{title}Photos",
            role="public",
            has_page=True,
            responses={200: ListOf(PhotoView | StaffPhoto, paged=False)},
            description=(
                f"The photos in their order. The {role} also sees the uploads of the last day "
                "that are not finished or were refused, each with its reason."
            ),
        ),
        "post": Operation(
            f"Create a photo of {entity}",
            id=f"create{title}Photo",
            role=role,
            body=CreatePhoto,
            accepts=(JSON, FORM),
            responses={201: NewPhoto},
            error_statuses=(409,),
            description=(
                "The response has a form: send its fields and the file to its URL as ``multipart/form-data``, within "
                "15 minutes. The file is JPEG, PNG or WebP and has at most 8 MiB. The photo is ``pending`` until its "
                "sizes are made, without its metadata, or until it is refused."
            ),
        ),
    }


def item_operations(entity: str, title: str, role: Role) -> dict[str, Operation]:
    """Return the operations of a photo."""
    return {
        "get": Operation(
            f"Get a photo of {entity}",
            id=f"get{title}Photo",
            role="public",
            has_page=True,
            responses={200: PhotoView | StaffPhoto},
            description=f"Only the {role} sees an upload that is not finished or was refused.",
        ),
        "patch": Operation(
            f"Update a photo of {entity}",
            id=f"update{title}Photo",
            role=role,
            body=ReplacePhoto,
            accepts=(MERGE_PATCH,),
            responses={200: StaffPhoto},
            error_statuses=(409,),
            description="The alternative text says what the photo shows. Needs If-Match.",
        ),
        "delete": Operation(
            f"Delete a photo of {entity}",
            id=f"delete{title}Photo",
            role=role,
            responses={204: None},
            description="Its files are deleted too. An upload that is not finished is withdrawn.",
        ),
    }


def file_operations(entity: str, title: str, _role: Role) -> dict[str, Operation]:
    """Return the operation of a file of a photo."""
    return {
        "get": Operation(
            f"Get a file of a photo of {entity}",
            id=f"get{title}PhotoFile",
            role="public",
            produces=(WEBP,),
            responses={200: bytes},
            description="The URLs are in ``files`` of a photo. Caches may use a file for a year.",
        )
    }


def photo_resources(
    entity: str,
    path: str,
    id: str = "id",
    *,
    keys: Mapping[str, Mapping[str, Any]] | None = None,
    role: Role = "staff",
    mixins: tuple[type[PhotoResource], ...] = (),
) -> tuple[type[Resource], ...]:
    """Return the resources of the photos of an entity.

    Args:
        entity: the entity, with its article: "a cat".
        path: the URL template of its photos.
        id: the path variable of a photo.
        keys: the JSON Schemas of path variables, as in ``Resource.keys``.
        role: the least role that changes photos and sees uploads.
        mixins: base classes before those of the resources.
    """
    title, collection = entity.split()[-1].title(), path.split("/")[1]
    common = {"tag": collection.title(), "collection": collection, "keys": keys or {}, "full_access_role": role}
    paths = (path, f"{path}/{{{id}}}", f"{path}/{{{id}}}/{{width}}.webp")
    names, bases = (f"{title}Photos", f"{title}Photo", f"{title}PhotoFile"), (PhotoList, PhotoItem, PhotoFile)
    operations = (list_operations, item_operations, file_operations)
    return tuple(
        type(name, (*mixins, base), common | {"path": path, "operations": declare(entity, title, role)})
        for name, base, path, declare in zip(names, bases, paths, operations, strict=True)
    )


RESOURCES = (
    *photo_resources("a cat", "/cats/{name}/photos"),
    *photo_resources("a pie", "/pies/{pie}/photos", keys={"pie": name_schema(ampersand=True)}),
    *photo_resources("a post", "/posts/{id}/photos", id="photo", keys={"id": POST_ID, "photo": PHOTO_ID}),
)
