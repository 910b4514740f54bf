"""The news: ``/posts``, ``/posts/{id}`` and the feed ``/posts.atom``."""

from __future__ import annotations

from typing import ClassVar

from flask import Response

from api.context import ANONYMOUS, Context
from api.domain import names
from api.domain.posts import NewPost, PostBody, PostView
from api.http import query_params, responses
from api.http.pagination import CURSOR, LIMIT
from api.http.query_params import QueryParameters, csv
from api.http.request_body import FORM, JSON, MERGE_PATCH
from api.http.resource import Operation, RequestContext, operation
from api.http.schemas import ListOf
from api.resources.about import PublicResource
from api.resources.crud import CollectionResource, ItemResource
from api.services.posts import MAX_DIGITS, POSTS

ATOM = "application/atom+xml"
ID = {"type": "integer", "minimum": 1, "maximum": 10**MAX_DIGITS - 1, "description": "The number of the post."}
FIELDS = csv("fields", PostView.__struct_encode_fields__, "The members to answer with; all by default.")
ABOUT = query_params.text("cat", 64, "The name of a cat that it is about.", names.normalise)


class PostList(CollectionResource):
    """The news."""

    path, tag, service = "/posts", "Posts", POSTS

    operations: ClassVar = {
        "get": Operation(
            "Read the news",
            role="public",
            query=QueryParameters(ABOUT, FIELDS, LIMIT, CURSOR),
            answers={200: ListOf(PostView)},
            description="Newest first. The staff also sees what is to come out later.",
        ),
        "post": Operation(
            "Write a post",
            role="staff",
            body=NewPost,
            accepts=(JSON, FORM),
            answers={201: PostView},
            description="It gets the next number, and comes out at once or at ``publishedAt``.",
        ),
    }


class PostItem(ItemResource):
    """One post."""

    path, aliases, tag, service, keys = "/posts/{id}", ("/post/{id}",), "Posts", POSTS, {"id": ID}

    operations: ClassVar = {
        "get": Operation(
            "Read one post",
            role="public",
            query=QueryParameters(FIELDS),
            answers={200: PostView},
            description=(
                "``body`` is the Markdown that was written, ``html`` what it gives, without anything that could do "
                "harm."
            ),
        ),
        "put": Operation(
            "Replace a post",
            role="staff",
            body=PostBody,
            accepts=(JSON, FORM),
            answers={200: PostView},
            description=(
                "Author, number and, if it is not sent, ``publishedAt`` stay. It creates nothing: numbers are given."
            ),
        ),
        "patch": Operation(
            "Change some of it",
            role="staff",
            body=PostBody,
            accepts=(MERGE_PATCH,),
            answers={200: PostView},
            description="A merge patch. Needs If-Match.",
        ),
        "delete": Operation(
            "Delete a post",
            role="staff",
            answers={204: None},
            description="Its number is not given again.",
        ),
    }


class PostFeed(PublicResource):
    """The news as a feed."""

    path, tag = "/posts.atom", "Posts"
    ENTRIES = 20

    @operation("Follow the news", role="public", produces=(ATOM,), answers={200: str})
    def get(self, request: RequestContext) -> Response:
        """The newest posts that have come out, as Atom (RFC 4287)."""
        from api.web.atom import render_feed  # only the feed needs XML

        public = Context(self.dependencies, ANONYMOUS, request.context.now)
        entries = POSTS.present(public, POSTS.list_page(public, {}, None, self.ENTRIES).items)
        origin = request.http.host_url.rstrip("/") + request.http.script_root
        xml = render_feed(entries, origin, None, cafe=self.dependencies.settings.table_name)
        return responses.make_response(request.http, xml, private=False, media=f"{ATOM}; charset=utf-8")
