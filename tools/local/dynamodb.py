"""The DynamoDB emulator Dynoxide, a program from npm that stores its tables in a SQLite file."""

from __future__ import annotations

import platform
import secrets
import socket
import sys
from ipaddress import ip_address
from pathlib import Path

from tools.cli import CliError
from tools.local.child_server import ChildServer, free_port

ROOT = Path(__file__).resolve().parents[2]

_MACHINES = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64", "arm64": "arm64"}


class EmulatorError(CliError):
    """The emulator is not installed or could not start."""


def find_binary(modules: Path = ROOT / "node_modules") -> Path:
    """Return the emulator binary that npm installed for this machine."""
    machine = platform.machine().lower()
    package = modules / "@dynoxide" / f"{sys.platform}-{_MACHINES.get(machine, machine)}"
    binary = package / ("dynoxide.exe" if sys.platform == "win32" else "dynoxide")
    if not binary.is_file():
        raise EmulatorError(
            f"The DynamoDB emulator is not installed ({package} is missing). Remove node_modules and run make again. "
            "If there is no emulator for this machine, set DYNAMODB_URL to another DynamoDB."
        )
    return binary


def random_loopback_address() -> str:
    """Return a random address of 127.0.0.0/8, which a web page cannot find by trying.

    Linux accepts all of these addresses. Other systems have only 127.0.0.1, which is then the result.
    """
    address = str(ip_address("127.0.0.0") + secrets.randbelow(2**24 - 2) + 1)
    try:
        with socket.create_server((address, 0)):
            return address
    except OSError:
        return "127.0.0.1"


class DynamoDBEmulator(ChildServer):
    """An emulator with one database file. Every acknowledged write is in the file.

    Args:
        database: the file, created if it does not exist.
        port: the port; by default a free one.
        binary: the program; by default the installed one.
        host: the loopback address that it listens on.
    """

    label = "The DynamoDB emulator"
    error_class = EmulatorError

    def __init__(
        self, database: Path, port: int | None = None, binary: Path | None = None, host: str = "127.0.0.1"
    ) -> None:
        self.database = database.resolve()
        port = port or free_port()
        command = [str(binary or find_binary()), "serve", "--host", host, "--port", str(port)]
        command += ["--db-path", str(self.database)]
        super().__init__(command, port, self.database.with_name("engine.log"), host=host)
