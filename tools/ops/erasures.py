"""Export the erasures of a table, and repeat them in a table that was restored from a backup.

Usage: ``python -m tools.ops.erasures --table TABLE (--export FILE | --repeat FILE --time-zone ZONE)``

A backup has the users that were deleted after it, and the values that were redacted after it. The table has a record
of each erasure. ``tools.ops.restore`` repeats those of the old table. If the old table is lost, ``--repeat`` takes them
from a file that ``--export`` has written.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace

from api.context import Context, Dependencies, Principal, new_id
from api.domain import cats
from api.domain.cats import Cat, ReplaceCat
from api.domain.entity import ApiStruct
from api.domain.erasures import Erasure, person_hash, version_id
from api.domain.errors import ClowderError, NotFound
from api.domain.users import User
from api.services.cats import CATS
from api.services.entity_service import Submitted
from api.services.erasures import erase_user_writes, list_erasures, plan_redaction
from api.services.mappings import CAT, ERASURE, USER
from api.services.sessions import get_user_sessions, session_list_writes
from api.settings import Settings
from api.store.client import open_table
from api.store.documents import UnreadableDocument
from api.store.keys import KeyRange
from api.store.table import Table
from api.store.transaction import UNCONDITIONAL, retry_on_conflict
from tools.cli import CliError, echo, run_main
from tools.region import add_region_option
from tools.tables import table_settings, time_zone


class Repetition(ApiStruct, frozen=True):
    """The result of a repetition."""

    users: int
    redactions: int
    failed: tuple[str, ...]
    """The redactions that were not possible, each with the reason."""


def main() -> None:
    """Write the erasures of the table to a file, or repeat those of a file."""
    arguments = _arguments()
    settings = table_settings(arguments.table, arguments.region, arguments.time_zone)
    table = open_table(settings)
    if arguments.export:
        erasures = list_erasures(table)
        arguments.export.write_bytes(msgspec.json.encode(erasures))
        echo(f"{arguments.export} has the {len(erasures)} erasures of {table.name}.")
    else:
        echo(report(table.name, repeat_erasures(settings, table, read_file(arguments.repeat))))


def report(name: str, repetition: Repetition) -> str:
    """Return the result of a repetition as text."""
    counts = f"{name}: {repetition.users} users were erased again, {repetition.redactions} redactions were repeated."
    return "\n".join([counts, *(f"Not repeated: {failure}" for failure in repetition.failed)])


def read_file(path: Path) -> list[Erasure]:
    """Return the erasures in a file.

    Raises:
        CliError: the file cannot be read, or was not written by ``--export``.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=list[Erasure])
    except (OSError, msgspec.DecodeError) as error:
        raise CliError(f"{path} has no exported erasures: {error}. Nothing was changed.") from None


def repeat_erasures(settings: Settings, table: Table, erasures: Sequence[Erasure]) -> Repetition:
    """Repeat the erasures of which a restored table has no record. It is safe to repeat this.

    The record of an erasure is written last, so that an interrupted repetition continues.
    """
    known = {erasure.id for erasure in list_erasures(table)}
    missing = [erasure for erasure in erasures if erasure.id not in known]
    people, failed, redactions = {erasure.person for erasure in missing if erasure.person}, list[str](), 0
    erased = [user for user in _all_users(table) if person_hash(user.uid) in people]
    for user in erased:
        retry_on_conflict(partial(_erase_user, table, user.username))
    for erasure in missing:
        try:
            if erasure.cat:
                _redact(settings, table, erasure)
                redactions += 1
        except (ClowderError, UnreadableDocument) as error:
            failed.append(f"{erasure.member} of {erasure.cat}: {str(error) or 'invalid'}")
        else:
            table.transact([ERASURE.put(erasure, rev := new_id(), UNCONDITIONAL)], rev)
    return Repetition(len(erased), redactions, tuple(failed))


def _all_users(table: Table) -> Iterator[User]:
    position, more = None, True
    while more:
        page = USER.page(table, [KeyRange("list-by_name", "users")], position, 100, None)
        yield from page.items
        position, more = page.position, page.position is not None


def _erase_user(table: Table, username: str) -> None:
    """Delete a user with their sessions, unless the user is deleted already."""
    if record := USER.get(table, username, consistent=True):
        rev, now = new_id(), datetime.now(UTC)
        sessions = session_list_writes(username, get_user_sessions(table, username), (), rev)
        writes = [USER.delete(username, record.rev), *sessions, *erase_user_writes(record.value, now, rev)]
        table.transact(writes, rev)


def _redact(settings: Settings, table: Table, erasure: Erasure) -> None:
    """Clear the member in the restored cat, unless it has the version that was not redacted, and in its history."""
    retry_on_conflict(partial(_clear, settings, table, erasure))
    position: str | None = None
    while True:
        try:
            position = retry_on_conflict(partial(_redact_versions, table, erasure, position))
        except NotFound:  # the cat was created after the backup
            return
        if position is None:
            return


def _redact_versions(table: Table, erasure: Erasure, position: str | None) -> str | None:
    plan = plan_redaction(table, replace(erasure, id=new_id(), at=datetime.now(UTC)), position)
    table.transact(plan.writes, plan.rev)
    return plan.position


def _clear(settings: Settings, table: Table, erasure: Erasure) -> None:
    record = CAT.get(table, erasure.cat, consistent=True)
    if record is None or version_id(record.value.uid, record.value.version) == erasure.unchanged:
        return
    field = Cat.__struct_fields__[Cat.__struct_encode_fields__.index(erasure.member)]
    default = getattr(ReplaceCat(), field)
    if getattr(record.value, field) == default:
        return
    principal = Principal(uid=erasure.by, role="owner")
    context = Context(Dependencies(settings, table), principal, datetime.now(UTC), full_access=True)

    def cleared(_: str, cat: Cat | None) -> Submitted[ReplaceCat]:
        body: Any = cats.to_body(cat) if cat else ReplaceCat()
        return Submitted(replace(body, **{field: default}))

    plan = CATS.plan_save(context, erasure.cat, lambda _rev: None, cleared, "patched")
    table.transact(plan.writes, plan.rev)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tools.ops.erasures", description="Export or repeat erasures.")
    parser.add_argument("--table", required=True, help="the table")
    add_region_option(parser)
    action = parser.add_mutually_exclusive_group(required=True)
    action.add_argument("--export", type=Path, metavar="FILE", help="write the erasures of the table to this file")
    action.add_argument("--repeat", type=Path, metavar="FILE", help="repeat the erasures of this file in the table")
    parser.add_argument("--time-zone", type=time_zone, default="", help="TIME_ZONE of the stage, for --repeat")
    arguments = parser.parse_args()
    if arguments.repeat and not arguments.time_zone:
        parser.error("--repeat needs --time-zone.")
    return arguments


if __name__ == "__main__":
    run_main(main)
