"""Start MiniStack with two corrections for ``AWS::DynamoDB::GlobalTable``. Its own Python runs this file.

MiniStack imports a table only as ``AWS::DynamoDB::Table``. CloudFormation imports both types ("Resource type support",
AWS CloudFormation User Guide). MiniStack also generates another name at each update of a global table without a name,
and replaces the table. In CloudFormation a generated name stays.
"""

from __future__ import annotations

from typing import Any

from ministack.app import main  # type: ignore[import-not-found]
from ministack.services.cloudformation import changesets, provisioners  # type: ignore[import-not-found]

TABLE, GLOBAL_TABLE = "AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable"
HANDLERS = provisioners._RESOURCE_HANDLERS
UPDATE = HANDLERS[GLOBAL_TABLE]["update"]


def update(physical_id: str, old: dict[str, Any], new: dict[str, Any], stack: str) -> Any:
    """Update a global table under its present name."""
    name = {"TableName": physical_id}
    return UPDATE(physical_id, name | old, name | new, stack)


HANDLERS[GLOBAL_TABLE] |= {"import": HANDLERS[TABLE]["import"], "update": update}
changesets._IMPORT_LOOKUPS[GLOBAL_TABLE] = changesets._IMPORT_LOOKUPS[TABLE]
main()
