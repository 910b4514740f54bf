"""Posts: ``/posts``, ``/posts/{id}`` and the feed ``/posts.atom``."""

from __future__ import annotations

from typing import ClassVar

from flask import Response

from api.context import ANONYMOUS, Context
from api.domain import names
from api.domain.posts import CreatePost, DeletedPost, PostView, ReplacePost
from api.http import query_params, responses
from api.http.deprecation import SINCE_0_2
from api.http.pagination import CURSOR, LIMIT, UPDATED_SINCE
from api.http.query_params import QueryParameters
from api.http.request_body import FORM, JSON, MERGE_PATCH
from api.http.resource import Operation, RequestContext, operation
from api.http.schemas import ListOf
from api.resources.about import PublicResource
from api.resources.crud import CollectionResource, ItemResource, fields_parameter
from api.services.posts import MAX_DIGITS, POSTS
from api.services.site import current_site

ATOM = "application/atom+xml"
ID = {"type": "integer", "minimum": 1, "maximum": 10**MAX_DIGITS - 1, "description": "The number of the post."}
FIELDS = fields_parameter(PostView)
CAT = query_params.text("cat", 64, "The name of a cat that the post is about.", names.normalise)

SORT = query_params.choice(
    "sort", ("publishedAt", "-publishedAt"), "The order; a minus means descending. Default: -publishedAt."
)


class PostList(CollectionResource):
    """The posts."""

    path, tag, service = "/posts", "Posts", POSTS
    tag_description = "The news, also as an Atom feed."

    operations: ClassVar = {
        "get": Operation(
            "List posts",
            id="listPosts",
            role="public",
            has_page=True,
            query=QueryParameters(CAT, FIELDS, LIMIT, CURSOR, SORT, UPDATED_SINCE),
            responses={200: ListOf(PostView, has_previous=True, deleted=DeletedPost)},
            description="Newest first. The staff also sees posts that are not published yet.",
        ),
        "post": Operation(
            "Create a post",
            id="createPost",
            role="staff",
            body=CreatePost,
            accepts=(JSON, FORM),
            responses={201: PostView},
            description="The post gets the next number. It is published at once or at ``publishedAt``.",
        ),
    }


class PostItem(ItemResource):
    """A post."""

    path, tag, service, keys = "/posts/{id}", "Posts", POSTS, {"id": ID}
    aliases: ClassVar = {"/post/{id}": SINCE_0_2}

    operations: ClassVar = {
        "get": Operation(
            "Get a post",
            id="getPost",
            role="public",
            has_page=True,
            query=QueryParameters(FIELDS),
            responses={200: PostView},
            description=("``body`` is the Markdown of the author, ``html`` is the rendered and sanitised HTML."),
        ),
        "put": Operation(
            "Replace a post",
            id="replacePost",
            role="staff",
            body=ReplacePost,
            accepts=(JSON, FORM),
            responses={200: PostView},
            description=(
                "The author and the number stay, also ``publishedAt`` if it is not sent. PUT does not create posts."
            ),
        ),
        "patch": Operation(
            "Update a post",
            id="updatePost",
            role="staff",
            body=ReplacePost,
            accepts=(MERGE_PATCH,),
            responses={200: PostView},
            description="A merge patch. Needs If-Match.",
        ),
        "delete": Operation(
            "Delete a post",
            id="deletePost",
            role="staff",
            responses={204: None},
            description="The number is not used again.",
        ),
    }


class PostFeed(PublicResource):
    """The feed of the posts."""

    path, tag = "/posts.atom", "Posts"
    ENTRIES = 20

    @operation(
        "Get the feed of the posts",
        id="getPostFeed",
        role="public",
        produces=(ATOM,),
        ignores_accept=True,
        responses={200: str},
    )
    def get(self, request: RequestContext) -> Response:
        """The newest published posts as an Atom feed (RFC 4287)."""
        from api.web.atom import render_feed  # only the feed needs XML

        public = Context(self.dependencies, ANONYMOUS, request.context.now)
        entries = POSTS.present(public, POSTS.list_first(public, {}, self.ENTRIES))
        title, cafe = f"News of {current_site(self.dependencies).name}", self.dependencies.settings.table_name
        xml = render_feed(entries, request.origin, None, title, cafe)
        return responses.make_response(request.http, xml, private=False, media=f"{ATOM}; charset=utf-8")
