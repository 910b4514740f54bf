"""The news: ``/posts``, ``/posts/{id}`` and the feed ``/posts.atom``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from flask import Response

from api.domain import names, posts
from api.domain.kept import Stamp
from api.domain.posts import NewPost, Post, PostBody, PostView
from api.http import answers, queries
from api.http.auth import Caller
from api.http.bodies import FORM, JSON, MERGE_PATCH
from api.http.pages import CURSOR, LIMIT
from api.http.queries import Query, several
from api.http.resource import Call, operation
from api.http.schemas import ListOf
from api.resources.meta import Public
from api.resources.noun import Matches, Noun
from api.resources.signatures import signed
from api.resources.things import Thing, ThingList
from api.store import keys
from api.store.counters import Counter
from api.store.keys import LAST, Span
from api.store.records import Kind
from api.store.write import Write

KIND: Kind[Post] = Kind(
    "posts",
    Post,
    key=lambda post: str(post.id),
    places=lambda post: {"shelf": "posts", "by_time": f"{keys.instant(post.published_at)}#{post.id:012}"},
)
ATOM = "application/atom+xml"
DIGITS = 12
"""No café writes more posts than that."""


class Posts(Noun):
    """The news. What is to be published later is the staff's until then."""

    kind, rules, new, body, member, chosen = KIND, posts, NewPost, PostBody, "id", False

    def spelt(self, text: str) -> str:
        """An id has one spelling: digits without a zero before them."""
        return text if text.isascii() and text.isdigit() and text[0] != "0" and len(text) <= DIGITS else ""

    def key_fault(self, key: str) -> str | None:
        """What is no number is no post."""
        return None if key else "An id is a positive integer."

    def told(self, key: str) -> int:
        """In a body an id is a number."""
        return int(key)

    def allot(self, call: Call, stamp: Stamp) -> tuple[str, Sequence[Write]]:
        """Take the next number, in the transaction that writes the post: none is left out, none comes twice."""
        number, write = Counter(call.services.table, "posts").next(stamp.id)
        return str(number), [write]

    def visible(self, thing: Post, caller: Caller, now: datetime) -> bool:
        """The public reads what has come out."""
        return posts.is_public(thing, now)

    def dressed(self, call: Call, views: Sequence[Any]) -> Sequence[Any]:
        """Whoever has been deleted signs as a former member of staff."""
        return signed(call, views, author="created")

    def view(self, thing: Post, sees_all: bool, now: datetime) -> PostView:
        """Whoever may read it sees the same."""
        return posts.view(thing, now)

    def listing(self, args: Mapping[str, Any], caller: Caller, now: datetime) -> tuple[Sequence[Span], Matches]:
        """What lies in the future stands behind the present in the order of time: the public's list ends here."""
        high = LAST if self.sees_all(caller) else keys.instant(now) + LAST
        about = args.get("cat")
        return [Span("shelf-by_time", "posts", high=high, reverse=True)], (
            None if about is None else (lambda post: about in post.cats)
        )


POSTS = Posts()
ID = {"type": "integer", "minimum": 1, "maximum": 10**DIGITS - 1, "description": "The number of the post."}
FIELDS = several("fields", PostView.__struct_encode_fields__, "The members to answer with; all by default.")
ABOUT = queries.text("cat", 64, "The name of a cat that it is about.", names.normalise)


class PostList(ThingList):
    """The news."""

    path, tag, noun = "/posts", "Posts", POSTS

    @operation(
        "Read the news", role="public", query=Query(ABOUT, FIELDS, LIMIT, CURSOR), answers={200: ListOf(PostView)}
    )
    def get(self, call: Call) -> Response:
        """Newest first. The staff also sees what is to come out later."""
        return self.list(call)

    @operation("Write a post", role="staff", body=NewPost, accepts=(JSON, FORM), answers={201: PostView})
    def post(self, call: Call) -> Response:
        """It gets the next number, and comes out at once or at ``publishedAt``."""
        return self.add(call)


class PostItem(Thing):
    """One post."""

    path, aliases, tag, noun, keys = "/posts/{id}", ("/post/{id}",), "Posts", POSTS, {"id": ID}

    @operation("Read one post", role="public", query=Query(FIELDS), answers={200: PostView})
    def get(self, call: Call, id: str) -> Response:
        """``body`` is the Markdown that was written, ``html`` what it gives, without anything that could do harm."""
        return self.read(call, id)

    @operation("Replace a post", role="staff", body=PostBody, accepts=(JSON, FORM), answers={200: PostView})
    def put(self, call: Call, id: str) -> Response:
        """Author, number and, if it is not sent, ``publishedAt`` stay. It creates nothing: numbers are given."""
        return self.replace(call, id)

    @operation("Change some of it", role="staff", body=PostBody, accepts=(MERGE_PATCH,), answers={200: PostView})
    def patch(self, call: Call, id: str) -> Response:
        """A merge patch. Needs If-Match."""
        return self.patch_members(call, id)

    @operation("Delete a post", role="staff", answers={204: None})
    def delete(self, call: Call, id: str) -> Response:
        """Its number is not given again."""
        return self.remove(call, id)


class PostFeed(Public):
    """The news as a feed."""

    path, tag = "/posts.atom", "Posts"
    ENTRIES = 20

    @operation("Follow the news", role="public", produces=(ATOM,), answers={200: str})
    def get(self, call: Call) -> Response:
        """The newest posts that have come out, as Atom (RFC 4287)."""
        spans, _ = POSTS.listing({}, Caller(), call.now)
        page = self.services.records(KIND).page(spans, None, self.ENTRIES, None)
        from api.domain.feed import atom  # XML is for the feed alone

        entries = POSTS.dressed(call, [posts.view(post, call.now) for post in page.items])
        origin = call.request.host_url.rstrip("/") + call.request.script_root
        xml = atom(entries, origin, None, cafe=self.services.settings.table_name)
        return answers.answer(call.request, xml, private=False, media=f"{ATOM}; charset=utf-8")
