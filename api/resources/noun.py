"""What makes a noun one of its own. Everything that is not said here is the same for all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar, Protocol

from msgspec import Struct

from api.domain import names
from api.domain.errors import Fault
from api.domain.kept import Stamp
from api.http.auth import Caller
from api.http.resource import Call
from api.store.keys import Span
from api.store.records import Kind, Record
from api.store.write import Write

Matches = Callable[[Any], bool] | None


class Outcome(Struct, frozen=True):
    """A change with all that follows from it; what it says is written in one transaction."""

    thing: Any
    """The thing as it is to be kept; None if it goes."""
    others: Sequence[tuple[Record[Any] | None, Any]] = ()
    """Other things of the noun that change with it: each before (None if it is new) and after."""
    writes: Sequence[Write] = ()
    """What else is written."""


class Rules(Protocol):
    """What a module of the domain says of its noun."""

    def create(self, body: Any, key: str, stamp: Stamp, /) -> Any:
        """Return a new thing."""

    def revise(self, thing: Any, body: Any, stamp: Stamp, /) -> Any:
        """Return the next version of a thing."""

    def writable(self, thing: Any, /) -> Struct:
        """Return what clients may write of a thing."""

    def faults(self, body: Any, now: datetime, /) -> Sequence[Fault]:
        """Return every rule that a well-formed body breaks, besides those that its types say."""


class Noun:
    """A noun; each of them says what is its own."""

    kind: ClassVar[Kind[Any]]
    rules: Rules
    """The module of the domain that says what a thing is and what may happen to it."""
    new: ClassVar[type[Struct]]
    """The body of POST."""
    body: ClassVar[type[Struct]]
    """The body of PUT, and what a merge patch has to result in."""
    member: ClassVar[str] = "name"
    """The member that is the key."""
    chosen: ClassVar[bool] = True
    """Whether clients choose keys; if not, the noun makes them, and PUT creates nothing."""

    # the key

    def spelt(self, text: str) -> str:
        """Return the one spelling of a key."""
        return names.normalise(text)

    def key_fault(self, key: str) -> str | None:
        """Say what is wrong with the one spelling of a key, or None."""
        return names.fault(key)

    def told(self, key: str) -> Any:
        """Return a key as it stands in a body."""
        return key

    def allot(self, call: Call, stamp: Stamp) -> tuple[str, Sequence[Write]]:
        """Return the key of a new thing that nobody chose, and the writes that make it nobody else's."""
        return stamp.id, ()

    # who sees what, and who may what beyond the role that a method asks for

    def sees_all(self, caller: Caller) -> bool:
        """Say whether a caller sees every thing, and all of it."""
        return caller.may("staff")

    def visible(self, thing: Any, caller: Caller, now: datetime) -> bool:
        """Say whether somebody who does not see all may know of a thing."""
        return True

    def private(self, caller: Caller) -> bool:
        """Say whether answers are for this caller alone; they are read consistently then."""
        return self.sees_all(caller)

    def creates(self, caller: Caller) -> bool:
        """Say whether a caller may create a thing under a key by PUT."""
        return self.chosen

    def permit(self, call: Call, before: Any, body: Any) -> None:
        """Let a change pass, or not; a member may need more than its method.

        Raises:
            Unauthenticated, Forbidden: the caller may not change this.
        """

    # the thing

    def view(self, thing: Any, sees_all: bool, now: datetime) -> Struct:
        """Return a thing as it shows."""
        raise NotImplementedError

    def writable(self, thing: Any) -> Struct:
        """Return what clients may write of a thing: the target of a merge patch."""
        return self.rules.writable(thing)

    def faults(self, body: Any, before: Any, now: datetime) -> Sequence[Fault]:
        """Return every rule that a well-formed body breaks, besides those that its types say."""
        return self.rules.faults(body, now)

    def faults_beside(self, call: Call, key: str | None, before: Any, body: Any) -> Sequence[Fault]:
        """Return the rules that what is sound of a body breaks beside other things.

        Asked only where there are other faults, so that all are told at once; ``follow`` finds the same ones.
        """
        return ()

    def create(self, body: Any, key: str, stamp: Stamp) -> Any:
        """Return a new thing."""
        return self.rules.create(body, key, stamp)

    def revise(self, thing: Any, body: Any, stamp: Stamp) -> Any:
        """Return the next version of a thing: with all that the body tells, and nothing else."""
        return self.rules.revise(thing, body, stamp)

    def follow(self, call: Call, before: Any, after: Any, stamp: Stamp) -> Outcome:
        """Return a change with all that follows from it; ``after`` is None if the thing goes.

        Raises:
            Invalid: with faults that show only beside other things.
        """
        return Outcome(after)

    def dressed(self, call: Call, views: Sequence[Any]) -> Sequence[Any]:
        """Return views with what other things say of them."""
        return views

    # the list

    def listing(self, args: Mapping[str, Any], caller: Caller, now: datetime) -> tuple[Sequence[Span], Matches]:
        """Return where a list is read, and which of what stands there belongs to it."""
        raise NotImplementedError

    # plain text, for the nouns that have it

    def line(self, thing: Any) -> str:
        """Return one thing as a line of text."""
        raise NotImplementedError

    def word(self, thing: Any) -> str:
        """Return one thing as it stands in a list of text, between commas."""
        raise NotImplementedError
