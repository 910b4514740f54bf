"""The embedded DynamoDB: Dynoxide, one binary from npm that keeps a table in one SQLite file."""

from __future__ import annotations

import platform
import sys
from pathlib import Path

from tools.cli import CliError
from tools.local.child_server import ChildServer, free_port

ROOT = Path(__file__).resolve().parents[2]

_MACHINES = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64", "arm64": "arm64"}


class EmulatorError(CliError):
    """The engine is missing, or does not start."""


def find_binary(modules: Path = ROOT / "node_modules") -> Path:
    """Return the engine's binary for this machine, where npm put it."""
    machine = platform.machine().lower()
    place = modules / "@dynoxide" / f"{sys.platform}-{_MACHINES.get(machine, machine)}"
    binary = place / ("dynoxide.exe" if sys.platform == "win32" else "dynoxide")
    if not binary.is_file():
        raise EmulatorError(
            f"The database engine is not installed ({binary.parent} is missing). Remove node_modules and run make "
            "again; where there is no engine for this machine, set DYNAMODB_URL to another DynamoDB."
        )
    return binary


class DynamoDBEmulator(ChildServer):
    """An engine on one database file. Every write that it has acknowledged is in the file.

    Args:
        database: the file, made if it is not there.
        port: where to listen on 127.0.0.1; a free one if none is given.
        binary: the program; the installed one if none is given.
    """

    label = "The database engine"
    error_class = EmulatorError

    def __init__(self, database: Path, port: int | None = None, binary: Path | None = None) -> None:
        self.database = database.resolve()
        port = port or free_port()
        command = [str(binary or find_binary()), "serve", "--port", str(port), "--db-path", str(self.database)]
        super().__init__(command, port, self.database.with_name("engine.log"))
